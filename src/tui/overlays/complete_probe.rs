//! What could come next on a line about probes.

use crate::{
    core::model::Model,
    overlays::complete::{Candidate, candidate},
};
use probe::{
    Incident, Place, Probes, VERBS,
    variables::{PARTS, VARIABLES, parts},
};
use session::State;

/// Returns the word that is being written after the name `verb` of a command, and all that could stand there.
pub(super) fn words<'a>(verb: &str, rest: &'a str, model: &Model) -> (&'a str, Vec<Candidate>) {
    let start = rest
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'))
        .map_or(0, |at| at + rest[at..].chars().next().map_or(0, char::len_utf8));
    let before: Vec<&str> = rest[..start].split_whitespace().collect();
    (&rest[start..], next(verb, &before, model))
}

/// Returns what could stand after the words `before`.
fn next(verb: &str, before: &[&str], model: &Model) -> Vec<Candidate> {
    let (state, probes) = (model.session.state(), &model.probing.probes);
    let first = before.is_empty();
    let conditional = before.contains(&"if");
    match verb {
        "break" | "tbreak" if first => places().chain(if_word()).collect(),
        "catch" if first => incidents().collect(),
        "watch" if first => items(state).chain(variables(state)).collect(),
        "seek" | "reverse-seek" if first => {
            let verbs = VERBS[..4].iter().map(|verb| candidate(*verb, "a probe"));
            items(state).chain(variables(state)).chain(verbs).collect()
        }
        "seek" | "reverse-seek" => match before {
            [verb @ ("break" | "tbreak" | "catch" | "watch"), rest @ ..] => next(verb, rest, model),
            _ => variables(state).collect(),
        },
        "ignore" | "condition" if first => numbers(probes).collect(),
        "enable" | "disable" | "delete" if first => {
            numbers(probes).chain([candidate("all", "all of them")]).collect()
        }
        "ignore" | "enable" | "disable" | "delete" => Vec::new(),
        "log" if before.last() == Some(&"at") => places().collect(),
        "condition" => variables(state).collect(),
        _ if conditional => variables(state).collect(),
        "log" => [candidate("at", "a place")].into_iter().chain(if_word()).collect(),
        _ => if_word().collect(),
    }
}

fn if_word() -> impl Iterator<Item = Candidate> {
    [candidate("if", "a condition")].into_iter()
}

fn places() -> impl Iterator<Item = Candidate> {
    Place::ALL.iter().map(|place| candidate(place.name(), place.doc()))
}

fn incidents() -> impl Iterator<Item = Candidate> {
    Incident::ALL.iter().map(|incident| candidate(incident.name(), incident.doc()))
}

fn variables(state: &State) -> impl Iterator<Item = Candidate> {
    let parts = parts(state).map(|name| candidate(name, PARTS.1));
    VARIABLES.iter().map(|variable| candidate(variable.name, variable.doc)).chain(parts)
}

fn items(state: &State) -> impl Iterator<Item = Candidate> {
    let plan = state.incumbent.as_ref().map_or(&[][..], |view| view.plan.items());
    plan.iter().map(|item| candidate(item.id.to_string(), item.text.clone()))
}

fn numbers(probes: &Probes) -> impl Iterator<Item = Candidate> {
    let probes = probes.iter();
    probes.map(|probe| candidate(probe.number.to_string(), probe.definition.to_string()))
}
