//! Holding calls to the descriptions of functions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    CallsSettings,
    compare::arguments,
    literal::Literal,
    parse::{self, Call},
};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[
    ("calls", 4.0),
    ("syntax", 3.0),
    ("function", 3.0),
    ("parameters", 2.0),
    ("types", 2.0),
    ("repeat", 0.5),
];

/// Checks `plan` against the descriptions.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<CallsSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut calls = 0;
    for item in plan.items().iter().filter(|item| !item.muted) {
        let mut status = Satisfied::NotCheckable;
        if item.id.kind == ItemKind::ToolCall {
            calls += 1;
            if let Some(call) = one(&mut report, &settings, item) {
                status = Satisfied::Satisfied;
                let first = seen.insert(call.to_string(), item.id.to_string());
                report.count("repeat", first.is_none());
                if let Some(first) = first {
                    let message = format!("{} makes the same call as {first}.", item.id);
                    report.find(item.id, "repeat", Severity::Warning, message);
                }
            }
        }
        report.settle(item.id, status, None);
    }
    report.count("calls", calls > 0);
    if calls == 0 {
        report.find(None, "calls", Severity::Error, "The plan has no call.".to_owned());
    }
    report
}

fn one(report: &mut PlanReport, settings: &CallsSettings, item: &Item) -> Option<Call> {
    let id = item.id;
    let Some(call) = parse::call(&item.text) else {
        let message = format!("{id} is no call of the form function(parameter=value, parameter=value).");
        report.fail(id, "syntax", Severity::Error, message);
        return None;
    };
    report.count("syntax", true);
    let function = settings.function(&call.name);
    report.count("function", function.is_some());
    let Some(function) = function else {
        let names: Vec<&str> =
            settings.functions.iter().map(|function| function.name.as_str()).take(30).collect();
        let message =
            format!("{id} calls {}, which is not there; the functions are {}.", call.name, names.join(", "));
        report.find(id, "function", Severity::Error, message);
        return None;
    };
    let Some(args) = arguments(function, &call) else {
        let message = format!("{id} gives {} more values than it takes, or one of them twice.", call.name);
        report.fail(id, "parameters", Severity::Error, message);
        return None;
    };
    let missing = function.parameters.required.iter().find(|name| !args.contains_key(*name));
    let unknown = args.keys().find(|name| !function.parameters.properties.contains_key(*name));
    report.count("parameters", missing.is_none() && unknown.is_none());
    if let Some(name) = missing {
        report.find(
            id,
            "parameters",
            Severity::Error,
            format!("{id} does not give {name}, which {} needs.", call.name),
        );
    }
    if let Some(name) = unknown {
        report.find(
            id,
            "parameters",
            Severity::Error,
            format!("{id} gives {name}, which {} does not take.", call.name),
        );
    }
    for (name, value) in &args {
        let Some(property) = function.parameters.properties.get(name) else { continue };
        let ty = property.get("type").and_then(Value::as_str).unwrap_or("any");
        let fine = is_of(value, ty);
        report.count("types", fine);
        if !fine {
            report.find(
                id,
                "types",
                Severity::Error,
                format!("{id} gives {name} as {value}, which is no {ty}."),
            );
        }
    }
    Some(call)
}

fn is_of(value: &Literal, ty: &str) -> bool {
    match ty {
        "string" => matches!(value, Literal::Text(_)),
        "integer" => matches!(value, Literal::Whole(_)),
        "float" | "number" => matches!(value, Literal::Whole(_) | Literal::Decimal(_)),
        "boolean" => matches!(value, Literal::Bool(_)),
        "array" | "tuple" => matches!(value, Literal::List(_) | Literal::Tuple(_)),
        "dict" | "object" => matches!(value, Literal::Object(_)),
        // What is not described is not held to anything.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{families::calls::example_settings, testing::plan};

    fn messages(lines: &str) -> Vec<String> {
        let report = check(&example_settings().problem("p", "Book."), &plan(lines));
        report.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        assert_eq!(messages("T1: table.book(guests=4, hour=19)"), [""; 0]);
        assert!(messages("T1: table.book(guests=4")[0].contains("is no call of the form"));
        assert_eq!(
            messages("T1: book(guests=4)")[0],
            "T1 calls book, which is not there; the functions are table.book, taxi.order."
        );
        assert_eq!(messages("T1: table.book(guests=4)")[0], "T1 does not give hour, which table.book needs.");
        assert_eq!(
            messages("T1: table.book(guests=4, hour=19, name=\"x\")")[0],
            "T1 gives name, which table.book does not take."
        );
        assert_eq!(
            messages("T1: table.book(guests=\"4\", hour=19)")[0],
            "T1 gives guests as \"4\", which is no integer."
        );
        assert_eq!(
            messages("T1: taxi.order(\"a\", \"b\")")[0],
            "T1 gives taxi.order more values than it takes, or one of them twice."
        );
        assert_eq!(
            messages("T1: taxi.order(\"a\")\nT2: taxi.order(\"a\")")[0],
            "T2 makes the same call as T1."
        );
        assert_eq!(messages("C1: be quick"), ["The plan has no call."]);
    }
}
