//! Running the tool calls of a plan in a fresh world.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{
    api::{Record, TOOLS, Tool, Type, Value},
    call::{Arg, Call},
};
use plan::ItemId;

/// One call that was run, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The item that makes the call.
    pub item: ItemId,
    /// Its result, or why it did not go through.
    pub outcome: Result<Record, String>,
}

/// Returns what is wrong with the types of each argument of `call`, as clauses; `earlier` holds the calls
/// above it.
pub fn type_errors(call: &Call, earlier: &HashMap<ItemId, &Call>) -> Vec<String> {
    let mut errors = Vec::new();
    for (param, arg) in call.tool.params.iter().zip(&call.args) {
        let needs = format!("{} of {} wants {}", param.name, call.tool.name, param.ty.one());
        let source = || source(param.ty, earlier);
        match arg {
            Arg::Literal(Value::Text(_)) if param.ty != Type::Text => {
                errors.push(format!("{needs}, not a text{}", source()))
            }
            Arg::Literal(Value::Whole(_)) if param.ty == Type::Text => {
                errors.push(format!("{needs}, not a number"))
            }
            Arg::Literal(_) => {}
            Arg::Field(id, field) => {
                let Some(from) = earlier.get(id) else {
                    errors.push(format!(
                        "it uses the result of {id}, which is no valid call above it; {needs}{}",
                        source()
                    ));
                    continue;
                };
                let found = from.tool.returns.iter().find(|(name, _)| name == field);
                match found {
                    Some((_, ty)) if *ty == param.ty => {}
                    Some((_, ty)) => {
                        errors.push(format!("{needs}, but {id}.{field} is {}{}", ty.one(), source()));
                    }
                    None => {
                        let names: Vec<&str> = from.tool.returns.iter().map(|(name, _)| *name).collect();
                        errors
                            .push(format!("{id} has no field {field}; its fields are {}", names.join(", ")));
                    }
                }
            }
        }
    }
    errors
}

/// Says where a value of a type comes from: a result above, or else the lookups that return one. Empty for values that the
/// problem itself may give.
fn source(ty: Type, earlier: &HashMap<ItemId, &Call>) -> String {
    let gives =
        |tool: &Tool| tool.returns.iter().find(|(_, returned)| *returned == ty).map(|(name, _)| *name);
    if !ty.is_id() {
        return String::new();
    }
    let above = earlier.iter().filter_map(|(id, call)| Some((*id, gives(call.tool)?)));
    if let Some((id, field)) = above.min_by_key(|(id, _)| id.number) {
        return format!("; {id}.{field} is one");
    }
    let looks_up = |tool: &Tool| !tool.changes && tool.params.iter().all(|param| param.ty != ty);
    // The first in the list takes the least; those below it take what it returns.
    let tool = TOOLS.iter().find(|tool| looks_up(tool) && gives(tool).is_some());
    tool.map_or_else(String::new, |tool| format!("; {} returns one", tool.name))
}

/// Runs calls in order until one does not go through; that one is the last of the list returned.
///
/// Calls are well typed or, where they are not, hold the reason; such a call ends the run.
pub fn run(db: &Connection, calls: &[(ItemId, Result<Call, String>)]) -> Vec<Ran> {
    let mut results: HashMap<ItemId, Record> = HashMap::new();
    let mut ran = Vec::new();
    for (item, call) in calls {
        let outcome = match call {
            Ok(call) => run_one(db, call, &results),
            Err(why) => Err(why.clone()),
        };
        let failed = outcome.is_err();
        if let Ok(record) = &outcome {
            results.insert(*item, record.clone());
        }
        ran.push(Ran { item: *item, outcome });
        if failed {
            break;
        }
    }
    ran
}

fn run_one(db: &Connection, call: &Call, results: &HashMap<ItemId, Record>) -> Result<Record, String> {
    let mut args = Vec::with_capacity(call.args.len());
    for arg in &call.args {
        args.push(match arg {
            Arg::Literal(value) => value.clone(),
            Arg::Field(id, field) => results
                .get(id)
                .and_then(|record| record.iter().find(|(name, _)| name == field))
                .map(|(_, value)| value.clone())
                .ok_or_else(|| format!("{id}.{field} has no value"))?,
        });
    }
    call.tool.run(db, &args).map_err(|error| error.to_string())
}

/// Returns a record as one line for the screen and for findings.
pub fn show(record: &Record) -> String {
    let fields: Vec<String> = record.iter().map(|(name, value)| format!("{name}={value}")).collect();
    fields.join(", ")
}
