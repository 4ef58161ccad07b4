//! Tool calls as plan items write them: `find_order(customer=T1.id, product=T2.id)`.

use super::api::{TOOLS, Tool, Type, Value, tool};
use crate::numbers;
use plan::ItemId;

/// Bytes that one text argument may have.
const MAX_TEXT: usize = 300;

/// The regular expression of the name of an earlier result.
pub const REFERENCE: &str = "T[1-9][0-9]?";

/// An argument as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// A text or a number.
    Literal(Value),
    /// A field of an earlier result.
    Field(ItemId, String),
}

/// A parsed call: the arguments stand in the order of the tool's parameters.
#[derive(Clone)]
pub struct Call {
    pub tool: &'static Tool,
    pub args: Vec<Arg>,
}

/// Parses a call. Arguments are named; unnamed ones are taken in order.
///
/// # Errors
/// A clause on what is wrong, without a full stop.
pub fn parse(text: &str) -> Result<Call, String> {
    let (name, rest) = text.split_once('(').ok_or("a call is written tool(parameter=value, ...)")?;
    let name = name.trim();
    let tool = tool(name).ok_or_else(|| {
        let names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
        format!("there is no tool {name}; the tools are {}", names.join(", "))
    })?;
    let inner = rest.trim_end().strip_suffix(')').ok_or("the call does not end with a parenthesis")?;
    let mut args: Vec<Option<Arg>> = vec![None; tool.params.len()];
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let (param, value) = parameter(rest);
        let at = match param {
            Some(param) => tool
                .params
                .iter()
                .position(|p| p.name == param)
                .ok_or_else(|| format!("{name} has no parameter {param}"))?,
            None => args
                .iter()
                .position(Option::is_none)
                .ok_or_else(|| format!("{name} takes fewer arguments"))?,
        };
        let (arg, after) = argument(value)?;
        if args[at].replace(arg).is_some() {
            return Err(format!("{} is given twice", tool.params[at].name));
        }
        rest = match after.trim_start().strip_prefix(',') {
            Some(more) if !more.trim().is_empty() => more.trim_start(),
            Some(_) => return Err("an argument is missing after the last comma".to_owned()),
            None if after.trim().is_empty() => "",
            None => return Err(format!("a comma is missing before {}", shorten(after.trim()))),
        };
    }
    let missing = args.iter().position(Option::is_none);
    match missing {
        Some(at) => Err(format!("{name} needs {}", tool.params[at].name)),
        None => Ok(Call { tool, args: args.into_iter().flatten().collect() }),
    }
}

/// Splits `name=` off where it is there.
fn parameter(text: &str) -> (Option<&str>, &str) {
    match text.split_once('=') {
        Some((name, value)) if name.trim().bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
            (Some(name.trim()), value.trim_start())
        }
        Some(_) | None => (None, text),
    }
}

fn argument(text: &str) -> Result<(Arg, &str), String> {
    if let Some(rest) = text.strip_prefix('"') {
        let (inner, after) = rest.split_once('"').ok_or("a text is not closed by a quotation mark")?;
        if inner.len() > MAX_TEXT {
            return Err(format!("a text is longer than {MAX_TEXT} bytes"));
        }
        return Ok((Arg::Literal(Value::Text(inner.to_owned())), after));
    }
    let length = text.find([',', ' ']).unwrap_or(text.len());
    let (word, after) = text.split_at(length);
    if let Ok(number) = word.parse() {
        return Ok((Arg::Literal(Value::Whole(number)), after));
    }
    let field = word.split_once('.').and_then(|(id, field)| Some((id.parse::<ItemId>().ok()?, field)));
    match field {
        Some((id, field)) => Ok((Arg::Field(id, field.to_owned()), after)),
        None => Err(format!(
            "{} is neither a \"text\", a number nor a field of an earlier result such as T1.id",
            shorten(word)
        )),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(30).collect()
}

/// Returns the regular expression of all well-formed calls. A field can only be one of the right type, and an id one that
/// `task` states or an earlier result has, since no other can be known.
pub fn pattern(task: &str) -> String {
    let ids = stated_ids(task);
    let calls: Vec<String> = TOOLS
        .iter()
        .map(|tool| {
            let params: Vec<String> = tool
                .params
                .iter()
                .map(|param| format!("{}={}", param.name, value_pattern(param.ty, &ids)))
                .collect();
            format!(r"{}\({}\)", tool.name, params.join(", "))
        })
        .collect();
    format!("({})", calls.join("|"))
}

/// Returns the whole numbers that `task` states, each once.
fn stated_ids(task: &str) -> Vec<String> {
    let whole =
        |mention: &numbers::Mention| mention.value.is_integer() && !mention.spelled && !mention.percent;
    let mut ids: Vec<String> = numbers::mentions(task)
        .iter()
        .filter(|one| whole(one))
        .map(|one| numbers::show(&one.value))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn value_pattern(ty: Type, ids: &[String]) -> String {
    let mut fields: Vec<&str> = Vec::new();
    for (name, _) in TOOLS.iter().flat_map(|tool| tool.returns).filter(|(_, field)| *field == ty) {
        if !fields.contains(name) {
            fields.push(name);
        }
    }
    let field = format!(r"{REFERENCE}\.({})", fields.join("|"));
    match ty {
        Type::Text => format!(r#"("[^"\\\x00-\x1f\x7f-\x9f]{{1,80}}"|{field})"#),
        Type::Count | Type::Money => format!("([1-9][0-9]{{0,5}}|{field})"),
        Type::Customer | Type::Product | Type::Order | Type::Ticket if ids.is_empty() => field,
        Type::Customer | Type::Product | Type::Order | Type::Ticket => format!("({}|{field})", ids.join("|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text).err().unwrap_or_default()
    }

    #[test]
    fn calls_are_read_by_name_or_in_order() {
        let call = parse("ship_order(address=\"1, Old Road (rear)\", order=T3.id)").unwrap();
        assert_eq!(call.tool.name, "ship_order");
        assert_eq!(call.args[0], Arg::Field("T3".parse().unwrap(), "id".to_owned()));
        assert_eq!(call.args[1], Arg::Literal(Value::Text("1, Old Road (rear)".to_owned())));
        let call = parse("place_order(12, T2.id, 3)").unwrap();
        assert_eq!(call.args[2], Arg::Literal(Value::Whole(3)));
        assert!(parse("find_customer(\"a=b\")").is_ok());
    }

    #[test]
    fn mistakes_are_named() {
        assert!(error("fly(to=1)").starts_with("there is no tool fly; the tools are find_customer,"));
        assert_eq!(error("find_customer(nam=\"x\")"), "find_customer has no parameter nam");
        assert_eq!(error("find_order(customer=T1.id)"), "find_order needs product");
        assert_eq!(error("find_order(1, 2, 3)"), "find_order takes fewer arguments");
        assert_eq!(error("get_order(order=1, order=2)"), "order is given twice");
        assert_eq!(error("get_order(order=1,)"), "an argument is missing after the last comma");
        assert!(error("get_order(order=ship)").contains("neither"));
        assert!(error("find_customer(name=\"Ada)").contains("not closed"));
        assert!(error("get_order(order=99999999999999999999)").contains("neither"));
        assert!(error("get_order").contains("is written") && error("get_order(1").contains("parenthesis"));
        assert!(error(&format!("find_customer(\"{}\")", "x".repeat(400))).contains("longer"));
    }
}
