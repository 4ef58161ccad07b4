//! The tools of the shop: one table of names, types and functions.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, params, types::ValueRef};

/// The type of a parameter or of a field of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Any text.
    Text,
    /// A whole number of things.
    Count,
    /// Dollars.
    Money,
    /// The id of a customer.
    Customer,
    /// The id of a product.
    Product,
    /// The id of an order.
    Order,
    /// The id of a ticket.
    Ticket,
}

impl Type {
    /// Returns the word for the type in messages and tool lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
            Self::Money => "money",
            Self::Customer => "customer id",
            Self::Product => "product id",
            Self::Order => "order id",
            Self::Ticket => "ticket id",
        }
    }

    /// Returns the type with its article, as in *an order id*.
    pub fn one(self) -> String {
        let article = if self == Self::Order { "an" } else { "a" };
        match self {
            Self::Money => self.name().to_owned(),
            Self::Text | Self::Count | Self::Customer | Self::Product | Self::Order | Self::Ticket => {
                format!("{article} {}", self.name())
            }
        }
    }

    /// Returns whether values of the type name something in the shop, which no problem says.
    pub const fn is_id(self) -> bool {
        match self {
            Self::Customer | Self::Product | Self::Order | Self::Ticket => true,
            Self::Text | Self::Count | Self::Money => false,
        }
    }
}

/// A value that a call takes or returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// For [`Type::Text`].
    Text(String),
    /// For all other types.
    Whole(i64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => number.fmt(f),
        }
    }
}

/// The result of a call: the fields that its tool declares, in that order.
pub type Record = Vec<(&'static str, Value)>;

/// A parameter of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    pub name: &'static str,
    pub ty: Type,
    /// The model may write any text of its own here; elsewhere texts come from the problem.
    pub own_words: bool,
}

/// Why a call did not go through.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The tool refuses, as the shop's rules say.
    #[error("{0}")]
    Refused(String),
    /// The database fails.
    #[error("the database says: {0}")]
    Database(#[from] rusqlite::Error),
}

/// A tool.
pub struct Tool {
    pub name: &'static str,
    /// What it does and when it refuses, in one line for prompts.
    pub doc: &'static str,
    /// Its parameters, all required.
    pub params: &'static [Param],
    /// The fields of its result.
    pub returns: &'static [(&'static str, Type)],
    /// It changes the world.
    pub changes: bool,
    run: fn(&Connection, &[Value]) -> Result<Vec<Value>, CallError>,
}

impl Tool {
    /// Runs the tool with arguments in the order of its parameters, checked before.
    ///
    /// # Errors
    /// Why the tool refuses.
    pub fn run(&self, db: &Connection, args: &[Value]) -> Result<Record, CallError> {
        let values = (self.run)(db, args)?;
        if self.changes {
            db.execute("INSERT INTO changes (tool) VALUES (?)", [self.name])?;
        }
        Ok(self.returns.iter().map(|(name, _)| *name).zip(values).collect())
    }

    /// Returns the signature and the doc, as in `find_product(name: text) -> id, … : what it does`.
    pub fn signature(&self) -> String {
        let params: Vec<String> =
            self.params.iter().map(|p| format!("{}: {}", p.name, p.ty.name())).collect();
        let fields: Vec<&str> = self.returns.iter().map(|(name, _)| *name).collect();
        format!("{}({}) -> {}: {}", self.name, params.join(", "), fields.join(", "), self.doc)
    }
}

const fn param(name: &'static str, ty: Type) -> Param {
    Param { name, ty, own_words: false }
}

const CUSTOMER: &[(&str, Type)] =
    &[("id", Type::Customer), ("name", Type::Text), ("email", Type::Text), ("address", Type::Text)];
const PRODUCT: &[(&str, Type)] =
    &[("id", Type::Product), ("name", Type::Text), ("price", Type::Money), ("stock", Type::Count)];
const ORDER: &[(&str, Type)] = &[
    ("id", Type::Order),
    ("customer", Type::Customer),
    ("product", Type::Product),
    ("quantity", Type::Count),
    ("total", Type::Money),
    ("status", Type::Text),
    ("address", Type::Text),
];
const TICKET: &[(&str, Type)] = &[("id", Type::Ticket), ("customer", Type::Customer), ("text", Type::Text)];

const SELECT_ORDER: &str =
    "SELECT o.id, o.customer, o.product, o.quantity, o.quantity * p.price, o.status, o.address
                            FROM orders o JOIN products p ON p.id = o.product WHERE ";

/// All tools, in the order in which prompts list them.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "find_customer",
        doc: "the customer of exactly this full name",
        params: &[param("name", Type::Text)],
        returns: CUSTOMER,
        changes: false,
        run: |db, args| {
            let sql = "SELECT id, name, email, address FROM customers WHERE name = ? COLLATE NOCASE";
            one(db, sql, &[&args[0]], || format!("there is no customer called {}", args[0]))
        },
    },
    Tool {
        name: "find_product",
        doc: "the product of this name, with its price and how many are in stock",
        params: &[param("name", Type::Text)],
        returns: PRODUCT,
        changes: false,
        run: |db, args| {
            let sql = "SELECT id, name, price, stock FROM products WHERE name = ? COLLATE NOCASE";
            one(db, sql, &[&args[0]], || format!("there is no product called {}", args[0]))
        },
    },
    Tool {
        name: "find_order",
        doc: "the customer's newest order of that product",
        params: &[param("customer", Type::Customer), param("product", Type::Product)],
        returns: ORDER,
        changes: false,
        run: |db, args| {
            let sql = format!("{SELECT_ORDER} o.customer = ? AND o.product = ? ORDER BY o.id DESC LIMIT 1");
            one(db, &sql, &[&args[0], &args[1]], || "the customer has no order of that product".to_owned())
        },
    },
    Tool {
        name: "list_orders",
        doc: "how many orders the customer has, with the oldest and the newest",
        params: &[param("customer", Type::Customer)],
        returns: &[("count", Type::Count), ("oldest", Type::Order), ("newest", Type::Order)],
        changes: false,
        run: |db, args| {
            let sql = "SELECT count(*), min(id), max(id) FROM orders WHERE customer = ? HAVING count(*) > 0";
            one(db, sql, &[&args[0]], || "the customer has no orders".to_owned())
        },
    },
    Tool {
        name: "get_order",
        doc: "the order of this id",
        params: &[param("order", Type::Order)],
        returns: ORDER,
        changes: false,
        run: |db, args| order(db, &args[0]),
    },
    Tool {
        name: "place_order",
        doc: "places a new order to the customer's address and takes the goods from stock; refused if stock is short",
        params: &[
            param("customer", Type::Customer),
            param("product", Type::Product),
            param("quantity", Type::Count),
        ],
        returns: ORDER,
        changes: true,
        run: place_order,
    },
    Tool {
        name: "ship_order",
        doc: "ships a placed order to this address",
        params: &[param("order", Type::Order), param("address", Type::Text)],
        returns: ORDER,
        changes: true,
        run: |db, args| {
            move_on(db, &args[0], &["placed"], "shipped")?;
            db.execute("UPDATE orders SET address = ? WHERE id = ?", params![sql(&args[1]), sql(&args[0])])?;
            order(db, &args[0])
        },
    },
    Tool {
        name: "cancel_order",
        doc: "cancels a placed order and puts its goods back into stock",
        params: &[param("order", Type::Order)],
        returns: ORDER,
        changes: true,
        run: |db, args| {
            move_on(db, &args[0], &["placed"], "cancelled")?;
            restock(db, &args[0])?;
            order(db, &args[0])
        },
    },
    Tool {
        name: "accept_return",
        doc: "takes the goods of a delivered order back into stock; the order is then returned",
        params: &[param("order", Type::Order)],
        returns: ORDER,
        changes: true,
        run: |db, args| {
            move_on(db, &args[0], &["delivered"], "returned")?;
            restock(db, &args[0])?;
            order(db, &args[0])
        },
    },
    Tool {
        name: "refund_order",
        doc: "pays back all of a returned or cancelled order",
        params: &[param("order", Type::Order)],
        returns: ORDER,
        changes: true,
        run: |db, args| {
            move_on(db, &args[0], &["returned", "cancelled"], "refunded")?;
            let add = "INSERT INTO refunds (for_order, amount) SELECT o.id, o.quantity * p.price
                       FROM orders o JOIN products p ON p.id = o.product WHERE o.id = ?";
            db.execute(add, [sql(&args[0])])?;
            order(db, &args[0])
        },
    },
    Tool {
        name: "update_address",
        doc: "changes the customer's address; orders placed before keep theirs",
        params: &[param("customer", Type::Customer), param("address", Type::Text)],
        returns: CUSTOMER,
        changes: true,
        run: |db, args| {
            db.execute(
                "UPDATE customers SET address = ? WHERE id = ?",
                params![sql(&args[1]), sql(&args[0])],
            )?;
            customer(db, &args[0])
        },
    },
    Tool {
        name: "find_ticket",
        doc: "the customer's newest open ticket",
        params: &[param("customer", Type::Customer)],
        returns: TICKET,
        changes: false,
        run: |db, args| {
            let sql = "SELECT id, customer, text FROM tickets WHERE customer = ? AND status = 'open'
                       ORDER BY id DESC LIMIT 1";
            one(db, sql, &[&args[0]], || "the customer has no open ticket".to_owned())
        },
    },
    Tool {
        name: "close_ticket",
        doc: "closes an open ticket; refused while its customer has had no message",
        params: &[param("ticket", Type::Ticket)],
        returns: TICKET,
        changes: true,
        run: close_ticket,
    },
    Tool {
        name: "send_message",
        doc: "sends the customer a message",
        params: &[param("customer", Type::Customer), Param { name: "text", ty: Type::Text, own_words: true }],
        returns: CUSTOMER,
        changes: true,
        run: |db, args| {
            let found = customer(db, &args[0])?;
            let add = "INSERT INTO messages (customer, text) VALUES (?, ?)";
            db.execute(add, params![sql(&args[0]), sql(&args[1])])?;
            Ok(found)
        },
    },
];

/// Returns the tool called `name`.
pub fn tool(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

fn sql(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
        Value::Whole(number) => rusqlite::types::Value::Integer(*number),
    }
}

/// Returns the columns of the one row that a query finds; otherwise refuses with `none`.
fn one(
    db: &Connection,
    query: &str,
    args: &[&Value],
    none: impl Fn() -> String,
) -> Result<Vec<Value>, CallError> {
    let mut query = db.prepare_cached(query)?;
    let columns = query.column_count();
    let row = query.query_row(rusqlite::params_from_iter(args.iter().map(|value| sql(value))), |row| {
        let value = |at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Integer(number) => Value::Whole(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Text(String::new()),
            })
        };
        (0..columns).map(value).collect()
    });
    row.optional()?.ok_or_else(|| CallError::Refused(none()))
}

fn order(db: &Connection, id: &Value) -> Result<Vec<Value>, CallError> {
    one(db, &format!("{SELECT_ORDER} o.id = ?"), &[id], || format!("there is no order {id}"))
}

fn customer(db: &Connection, id: &Value) -> Result<Vec<Value>, CallError> {
    let query = "SELECT id, name, email, address FROM customers WHERE id = ?";
    one(db, query, &[id], || format!("there is no customer {id}"))
}

/// Moves an order from one of the states `from` to `to`, and refuses in any other state.
fn move_on(db: &Connection, id: &Value, from: &[&str], to: &str) -> Result<(), CallError> {
    let fields = order(db, id)?;
    let status = fields[5].to_string();
    if !from.contains(&status.as_str()) {
        return Err(CallError::Refused(format!("order {id} is {status}, not {}", from.join(" or "))));
    }
    db.execute("UPDATE orders SET status = ? WHERE id = ?", params![to, sql(id)])?;
    Ok(())
}

fn restock(db: &Connection, order: &Value) -> Result<(), CallError> {
    let update = "UPDATE products SET stock = stock + (SELECT quantity FROM orders WHERE id = ?1)
                  WHERE id = (SELECT product FROM orders WHERE id = ?1)";
    db.execute(update, [sql(order)])?;
    Ok(())
}

fn place_order(db: &Connection, args: &[Value]) -> Result<Vec<Value>, CallError> {
    let (buyer, product, quantity) = (&args[0], &args[1], &args[2]);
    let address = customer(db, buyer)?.swap_remove(3);
    let query = "SELECT name, stock FROM products WHERE id = ?";
    let found = one(db, query, &[product], || format!("there is no product {product}"))?;
    let (Value::Whole(stock), Value::Whole(wanted)) = (&found[1], quantity) else {
        return Err(CallError::Refused("a quantity is a number".to_owned()));
    };
    if *wanted < 1 || wanted > stock {
        let message = format!("{wanted} of {} were asked for and {stock} are in stock", found[0]);
        return Err(CallError::Refused(message));
    }
    db.execute("UPDATE products SET stock = stock - ? WHERE id = ?", params![wanted, sql(product)])?;
    let add =
        "INSERT INTO orders (customer, product, quantity, status, address) VALUES (?, ?, ?, 'placed', ?)";
    db.execute(add, params![sql(buyer), sql(product), wanted, sql(&address)])?;
    order(db, &Value::Whole(db.last_insert_rowid()))
}

fn close_ticket(db: &Connection, args: &[Value]) -> Result<Vec<Value>, CallError> {
    let query = "SELECT id, customer, text FROM tickets WHERE id = ? AND status = 'open'";
    let found = one(db, query, &[&args[0]], || format!("there is no open ticket {}", args[0]))?;
    let reported = "SELECT count(*) FROM messages WHERE customer = ? HAVING count(*) > 0";
    one(db, reported, &[&found[1]], || "its customer has had no message yet".to_owned())?;
    db.execute("UPDATE tickets SET status = 'closed' WHERE id = ?", [sql(&args[0])])?;
    Ok(found)
}
