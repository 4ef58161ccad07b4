//! The Berkeley function-calling leaderboard (Patil et al. 2025): rows with `question` and `function`, or, in several turns,
//! with `involved_classes` whose descriptions lie next to the file. The expected calls are in a file of the same name, in
//! the folder `possible_answer` or with that word and a dot before the name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{error::LoadError, formats::Format, records::Record};
use crate::{
    Gold, Problem,
    families::calls::{Calls, CallsSettings, Expected, FunctionSpec, literal::Literal},
};

pub(super) const FORMAT: Format = Format {
    name: "bfcl",
    doc: "BFCL: question with function, or involved_classes; possible_answer next to the file",
    members: &[&["id"], &["question"], &["function", "involved_classes"]],
    read,
};

#[derive(Deserialize)]
struct BfclRow {
    id: String,
    question: Vec<Vec<BfclMessage>>,
    function: Option<Vec<FunctionSpec>>,
    involved_classes: Option<Vec<String>>,
    #[serde(default)]
    excluded_function: Vec<String>,
    initial_config: Option<Value>,
}

#[derive(Deserialize)]
struct BfclMessage {
    role: String,
    content: String,
}

#[derive(Deserialize)]
struct BfclAnswer {
    id: String,
    /// As it is written: a number of any size is to be compared exactly.
    ground_truth: Vec<Box<RawValue>>,
}

/// Where each class of the multi-turn problems is described.
const CLASSES: [(&str, &str); 8] = [
    ("GorillaFileSystem", "gorilla_file_system"),
    ("MathAPI", "math_api"),
    ("MessageAPI", "message_api"),
    ("TwitterAPI", "posting_api"),
    ("TicketAPI", "ticket_api"),
    ("TradingBot", "trading_bot"),
    ("TravelAPI", "travel_booking"),
    ("VehicleControlAPI", "vehicle_control"),
];

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: BfclRow = record.read()?;
    let turns: Vec<String> =
        row.question.iter().map(|turn| said(turn)).filter(|turn| !turn.is_empty()).collect();
    let mut task = match turns.as_slice() {
        [one] => one.clone(),
        several => {
            several.iter().zip(1..).map(|(turn, n)| format!("{n}. {turn}")).collect::<Vec<_>>().join("\n")
        }
    };
    if let Some(state) = row.initial_config.as_ref().filter(|state| !state.is_null()) {
        task += &format!("\nAt first: {state}");
    }
    let settings = match (row.function, &row.involved_classes) {
        (Some(functions), _) => CallsSettings { functions, ordered: false },
        (None, Some(classes)) => {
            let mut functions = described(record, classes)?;
            functions.retain(|function| !row.excluded_function.contains(&function.name));
            CallsSettings { functions, ordered: true }
        }
        (None, None) => return Err(record.invalid("it has neither function nor involved_classes")),
    };
    let problem = settings.problem("", &task);
    match expected(record, &row.id, &settings)? {
        Some(gold) => Ok(problem.with_gold(Gold::new(None, gold))),
        None => Ok(problem),
    }
}

fn said(turn: &[BfclMessage]) -> String {
    let users = turn.iter().filter(|message| message.role != "assistant");
    users.map(|message| message.content.trim()).collect::<Vec<_>>().join("\n")
}

/// Returns the functions of classes, from the files next to the data.
fn described(record: &Record<'_>, classes: &[String]) -> Result<Vec<FunctionSpec>, LoadError> {
    let mut functions = Vec::new();
    for class in classes {
        let file = CLASSES.iter().find(|(name, _)| name == class).map(|(_, file)| file);
        let file = file.ok_or_else(|| record.invalid(format!("there is no description of {class}")))?;
        let names = [format!("func_doc.{file}.json"), format!("multi_turn_func_doc/{file}.json")];
        let mut found = None;
        for name in &names {
            if found.is_none() {
                found = record.alongside::<FunctionSpec>(name)?;
            }
        }
        functions.extend(found.ok_or_else(|| {
            record.invalid(format!(
                "the functions of {class} are not next to the file, as {} or {}",
                names[0], names[1]
            ))
        })?);
    }
    Ok(functions)
}

/// Returns the expected calls of the row called `id` in the form that gold has; `None` where there is no such file.
fn expected(
    record: &Record<'_>,
    id: &str,
    settings: &CallsSettings,
) -> Result<Option<Vec<String>>, LoadError> {
    let name =
        std::path::Path::new(record.path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut found = None;
    for file in [format!("possible_answer.{name}"), format!("possible_answer/{name}")] {
        if found.is_none() {
            found = record.alongside::<BfclAnswer>(&file)?;
        }
    }
    let Some(answer) = found.and_then(|answers| answers.into_iter().find(|answer| answer.id == id)) else {
        return Ok(None);
    };
    let mut gold = Vec::new();
    for one in answer.ground_truth {
        let calls = match Literal::read(one.get()) {
            // One call: a function's name, and of each parameter the values that it may have.
            Some(Literal::Object(call)) => call.into_iter().map(allowed).collect(),
            // A turn: calls as they are written.
            Some(Literal::List(turn)) => {
                turn.iter().map(|call| written(call, settings)).collect::<Option<Vec<_>>>()
            }
            Some(_) | None => None,
        };
        let calls = calls.ok_or_else(|| record.invalid("its expected calls cannot be read"))?;
        gold.extend(calls.iter().map(Expected::to_string));
    }
    Ok(Some(gold))
}

fn allowed((name, args): (String, Literal)) -> Option<Expected> {
    let Literal::Object(args) = args else { return None };
    Some(Expected { name, args })
}

fn written(call: &Literal, settings: &CallsSettings) -> Option<Expected> {
    let Literal::Text(text) = call else { return None };
    let call = Calls::read(text)?;
    let function = settings.functions.iter().find(|function| function.name == call.name);
    let mut names = function.into_iter().flat_map(FunctionSpec::names);
    let mut args = BTreeMap::new();
    for value in call.unnamed {
        args.insert(names.next()?.clone(), Literal::List(vec![value]));
    }
    args.extend(call.named.into_iter().map(|(name, value)| (name, Literal::List(vec![value]))));
    Some(Expected { name: call.name, args })
}
