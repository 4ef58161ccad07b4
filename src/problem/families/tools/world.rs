//! The world that tools act on: a small shop in a SQLite database in memory, the same for the same seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, params};

const SCHEMA: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE, email TEXT, address TEXT);
CREATE TABLE products  (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price INTEGER, stock INTEGER CHECK (stock >= 0));
CREATE TABLE orders    (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, product INTEGER
                        REFERENCES products, quantity INTEGER CHECK (quantity > 0), status TEXT, address TEXT);
CREATE TABLE tickets   (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, text TEXT, status TEXT);
CREATE TABLE messages  (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, text TEXT);
CREATE TABLE refunds   (id INTEGER PRIMARY KEY, for_order INTEGER REFERENCES orders, amount INTEGER);
CREATE TABLE changes   (id INTEGER PRIMARY KEY, tool TEXT);
";

/// Who is always there, with the address; two names are easily mixed up on purpose.
const CUSTOMERS: [(&str, &str); 8] = [
    ("Ada Byron", "3 Mill Lane"),
    ("Adam Byrne", "8 Mill Road"),
    ("Omar Haddad", "40 Harbour Street"),
    ("Lena Fischer", "17 Linden Square"),
    ("Iris Okafor", "5 Chapel Hill"),
    ("Tomas Novak", "22 Bridge Street"),
    ("Mei Lin", "9 Garden Terrace"),
    ("Priya Nair", "61 Station Road"),
];

/// What is sold: name, price in dollars, and the stock, or `None` for a stock that the seed decides.
const PRODUCTS: [(&str, i64, Option<i64>); 8] = [
    ("teapot", 30, None),
    ("kettle", 45, None),
    ("desk lamp", 60, Some(0)),
    ("blanket", 25, None),
    ("clock", 40, None),
    ("vase", 20, Some(2)),
    ("mirror", 80, None),
    ("stool", 55, None),
];

/// Orders that are always there, by positions in the lists above, oldest first.
const ORDERS: [(usize, usize, i64, &str); 10] = [
    (0, 6, 1, "placed"),
    (1, 6, 1, "shipped"),
    (2, 3, 2, "delivered"),
    (2, 0, 1, "placed"),
    (3, 1, 1, "delivered"),
    (4, 2, 1, "placed"),
    (4, 4, 1, "delivered"),
    (5, 4, 1, "delivered"),
    (6, 3, 1, "placed"),
    (7, 5, 3, "delivered"),
];

const TICKETS: [(usize, &str); 3] =
    [(3, "The kettle leaks."), (7, "One of the vases came broken."), (0, "When will the mirror come?")];

const FIRST_NAMES: [&str; 6] = ["Noor", "Jonas", "Carla", "Felix", "Wanda", "Hugo"];
const LAST_NAMES: [&str; 6] = ["Silva", "Berg", "Costa", "Weber", "Ito", "Moreau"];
const STATUSES: [&str; 4] = ["placed", "shipped", "delivered", "cancelled"];

/// Steps of the database engine that one world may take in all, in thousands.
const STEP_LIMIT: u32 = 20_000;

/// Makes the world of `seed`: the cast above, a crowd around it, and ids that nobody can guess.
///
/// # Errors
/// What the database says; none is expected.
pub fn seeded(seed: u64) -> rusqlite::Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    let mut left = STEP_LIMIT;
    // An assertion that never ends is interrupted after the same work everywhere, not after some time.
    db.progress_handler(
        1000,
        Some(move || {
            left = left.saturating_sub(1);
            left == 0
        }),
    )?;
    db.execute_batch(SCHEMA)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let customers = add_customers(&db, &mut rng)?;
    let products = add_products(&db, &mut rng)?;
    add_orders(&db, &mut rng, &customers, &products)?;
    let first = 1 + below(&mut rng, 300);
    for (number, (customer, text)) in TICKETS.iter().enumerate() {
        db.execute(
            "INSERT INTO tickets VALUES (?, ?, ?, 'open')",
            params![first + number as i64, customers[*customer].0, text],
        )?;
    }
    Ok(db)
}

/// Returns a number below `limit`; the slight bias of the remainder does not matter here, its
/// independence of library versions does.
fn below(rng: &mut ChaCha8Rng, limit: u32) -> i64 {
    i64::from(rng.next_u32() % limit)
}

/// Returns `count` distinct ids in random order.
fn ids(rng: &mut ChaCha8Rng, first: i64, count: usize) -> Vec<i64> {
    let mut ids: Vec<i64> = (0..count as i64).map(|at| first + 3 * at + below(rng, 3)).collect();
    for at in (1..ids.len()).rev() {
        ids.swap(at, below(rng, at as u32 + 1) as usize);
    }
    ids
}

/// Adds the cast and a crowd; returns ids and addresses, the cast first.
fn add_customers(db: &Connection, rng: &mut ChaCha8Rng) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut people: Vec<(String, String)> =
        CUSTOMERS.iter().map(|(name, address)| ((*name).to_owned(), (*address).to_owned())).collect();
    for (at, first) in FIRST_NAMES.iter().enumerate() {
        let last = LAST_NAMES[(at + below(rng, 6) as usize) % LAST_NAMES.len()];
        people.push((format!("{first} {last}"), format!("{} High Street", 1 + below(rng, 99))));
    }
    let first = 100 + below(rng, 500);
    let ids = ids(rng, first, people.len());
    for (id, (name, address)) in ids.iter().zip(&people) {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        db.execute("INSERT INTO customers VALUES (?, ?, ?, ?)", params![id, name, email, address])?;
    }
    Ok(ids.into_iter().zip(people).map(|(id, (_, address))| (id, address)).collect())
}

fn add_products(db: &Connection, rng: &mut ChaCha8Rng) -> rusqlite::Result<Vec<i64>> {
    let first = 10 + below(rng, 50);
    let ids = ids(rng, first, PRODUCTS.len());
    for (id, (name, price, stock)) in ids.iter().zip(PRODUCTS) {
        let seeded = 3 + below(rng, 7);
        let stock = stock.unwrap_or(seeded);
        db.execute("INSERT INTO products VALUES (?, ?, ?, ?)", params![id, name, price, stock])?;
    }
    Ok(ids)
}

/// Adds the orders of the cast, in order, with those of the crowd between them.
fn add_orders(
    db: &Connection,
    rng: &mut ChaCha8Rng,
    customers: &[(i64, String)],
    products: &[i64],
) -> rusqlite::Result<()> {
    let mut next = 1000 + below(rng, 5000);
    let mut add = |rng: &mut ChaCha8Rng, customer: usize, product: usize, quantity: i64, status: &str| {
        next += 1 + below(rng, 9);
        let (customer, address) = &customers[customer];
        let row = params![next, customer, products[product], quantity, status, address];
        db.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
    };
    for (customer, product, quantity, status) in ORDERS {
        if below(rng, 2) == 0 {
            let one = CUSTOMERS.len() + below(rng, FIRST_NAMES.len() as u32) as usize;
            let status = STATUSES[below(rng, STATUSES.len() as u32) as usize];
            let (product, quantity) = (below(rng, PRODUCTS.len() as u32) as usize, 1 + below(rng, 3));
            add(rng, one, product, quantity, status)?;
        }
        add(rng, customer, product, quantity, status)?;
    }
    Ok(())
}

/// Returns whether an assertion, a query for one true or false value, holds.
///
/// # Errors
/// A sentence on why it is no such query.
pub fn holds(db: &Connection, assertion: &str) -> Result<bool, String> {
    let start = assertion.trim_start().to_ascii_uppercase();
    // Other statements may count as read-only to SQLite and still open files.
    if !["SELECT", "WITH"].iter().any(|word| start.starts_with(word)) {
        return Err("a goal is a query that starts with SELECT".to_owned());
    }
    let explain = |error: rusqlite::Error| format!("the goal cannot be evaluated: {error}");
    let mut query = db.prepare(assertion).map_err(explain)?;
    if !query.readonly() {
        return Err("a goal must not change the database".to_owned());
    }
    let value: Option<bool> = query.query_row([], |row| row.get(0)).map_err(explain)?;
    Ok(value == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(seed: u64) -> String {
        let db = seeded(seed).unwrap();
        let all = "SELECT group_concat(id || customer || product || quantity || status) FROM orders";
        let orders: String = db.query_row(all, [], |row| row.get(0)).unwrap();
        let all = "SELECT group_concat(id || name || address) FROM customers";
        orders + &db.query_row(all, [], |row| row.get::<_, String>(0)).unwrap()
    }

    #[test]
    fn worlds_follow_their_seed() {
        assert_eq!(dump(7), dump(7));
        assert_ne!(dump(7), dump(8));
        for seed in 0..50 {
            dump(seed);
        }
    }

    #[test]
    fn assertions_only_ask() {
        let db = seeded(1).unwrap();
        assert_eq!(holds(&db, "SELECT count(*) >= 8 FROM customers"), Ok(true));
        assert_eq!(holds(&db, "select NULL"), Ok(false));
        for wrong in [
            "DELETE FROM orders",
            "ATTACH 'x.db' AS x",
            "WITH t AS (SELECT 1) INSERT INTO changes SELECT 1, 'x' FROM t",
            "SELECT nothing FROM nowhere",
            "SELECT 'text'",
            "SELECT 1 WHERE 0",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
            "",
        ] {
            assert!(holds(&db, wrong).is_err(), "{wrong}");
        }
        let orders: i64 =
            seeded(1).unwrap().query_row("SELECT count(*) FROM orders", [], |r| r.get(0)).unwrap();
        assert!(orders >= 10);
    }
}
