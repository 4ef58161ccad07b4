//! What could come next on a line that is being written.

use crate::{
    commands::{
        CommandSpec, Takes,
        parse::{abbreviates, find},
        table::all,
    },
    overlays::complete_probe,
};
use crate::{
    commands::{pane::Pane, settings::SETTINGS},
    core::model::Model,
};
use diagnose::experiment::EXPERIMENTS;
use engine::gate::{self, Parameter};
use plan::NoiseKind;

/// Something that could be written, with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What would be written.
    pub text: String,
    /// A few words on it.
    pub doc: String,
}

/// What could come next on a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The byte from which on a candidate replaces the line.
    pub start: usize,
    /// The candidates, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// How the command on the line is written and what it does, once its name is complete.
    pub usage: Option<String>,
}

/// Returns what could come next on `line`.
pub fn complete(line: &str, model: &Model) -> Completion {
    let start = name_start(line);
    let Some((name, rest)) = line[start..].split_once(char::is_whitespace) else {
        return Completion { start, candidates: names(&line[start..]), usage: None };
    };
    let Ok(spec) = find(name) else { return Completion::default() };
    let rest = rest.trim_start();
    let usage = Some(format!("{}  {}", spec.usage(), spec.doc));
    let (written, all) = words(spec, rest, model);
    let fits = |candidate: &Candidate| candidate.text.to_lowercase().starts_with(&written.to_lowercase());
    let candidates = all.into_iter().filter(fits).collect();
    Completion { start: line.len() - written.len(), candidates, usage }
}

/// Returns what is written of a session's name, where the command on `line` takes one.
pub fn session_on(line: &str) -> Option<&str> {
    let (name, rest) = line[name_start(line)..].split_once(char::is_whitespace)?;
    matches!(find(name).ok()?.takes, Takes::Session(_)).then(|| rest.trim())
}

/// The byte at which the name of the command begins, after a count.
fn name_start(line: &str) -> usize {
    line.len() - line.trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit()).len()
}

/// Commands whose name `short` abbreviates; those that begin with it first.
fn names(short: &str) -> Vec<Candidate> {
    let mut fitting: Vec<&CommandSpec> = all()
        .filter(|spec| abbreviates(short, spec.name) || (!short.is_empty() && spec.aliases.contains(&short)))
        .collect();
    fitting.sort_by_key(|spec| (!spec.aliases.contains(&short), !spec.name.starts_with(short)));
    fitting.into_iter().map(|spec| candidate(spec.name, spec.doc)).collect()
}

pub(super) fn candidate(text: impl Into<String>, doc: impl Into<String>) -> Candidate {
    Candidate { text: text.into(), doc: doc.into() }
}

/// The rules; after a rule its parameters, each with a value to begin with.
fn gate_words(rest: &str) -> (&str, Vec<Candidate>) {
    let (written, word) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
    let docs = gate::REGISTRY.iter().map(|gate| gate.doc());
    match docs.clone().find(|doc| written.split_whitespace().next() == Some(doc.name)) {
        None => (rest, docs.map(|doc| candidate(doc.name, doc.doc)).collect()),
        Some(doc) => {
            let parameters = doc.parameters.iter();
            let parameter =
                |parameter: &Parameter| candidate(format!("{}={}", parameter.name, parameter.begin), "");
            (word, parameters.map(parameter).collect())
        }
    }
}

/// Returns the word that is being written and all words that could stand there.
fn words<'a>(spec: &CommandSpec, rest: &'a str, model: &Model) -> (&'a str, Vec<Candidate>) {
    let all = match &spec.takes {
        Takes::Nothing(_) | Takes::Number(_) | Takes::Letter(_) | Takes::Text(_) | Takes::File(_) => {
            Vec::new()
        }
        Takes::Mark(_) => {
            let place = |(letter, at): (char, usize)| candidate(letter, format!("after event {at}"));
            model.moments.marks().map(place).collect()
        }
        Takes::Item(_) => {
            let plan = model.session.state().incumbent.as_ref().map_or(&[][..], |view| view.plan.items());
            plan.iter().map(|item| candidate(item.id.to_string(), item.text.clone())).collect()
        }
        Takes::Pane(_) => Pane::ALL.iter().map(|pane| candidate(pane.title().to_lowercase(), "")).collect(),
        Takes::Noise(_) | Takes::Chaos(_) if rest.contains(char::is_whitespace) => Vec::new(),
        Takes::Noise(_) | Takes::Chaos(_) => {
            let off = matches!(spec.takes, Takes::Chaos(_)).then(|| candidate("off", "no more noise"));
            NoiseKind::ALL.iter().map(|kind| candidate(kind.name(), "")).chain(off).collect()
        }
        Takes::Gate(_) => return gate_words(rest),
        Takes::Probe(_) | Takes::Find(_) => return complete_probe::words(spec.name, rest, model),
        Takes::Session(_) => {
            model.background.sessions.others().iter().map(|(name, about)| candidate(name, about)).collect()
        }
        Takes::Check(_) => {
            EXPERIMENTS.iter().map(|check| candidate(check.doc().name, check.doc().doc)).collect()
        }
        Takes::Theme(_) => model.setup.themes.iter().map(|name| candidate(name, "")).collect(),
        Takes::Setting(_) => match rest.split_once(char::is_whitespace) {
            None => SETTINGS.iter().map(|setting| candidate(setting.name, setting.doc)).collect(),
            Some((key, value)) => {
                let values = SETTINGS.iter().find(|setting| setting.name == key);
                let values = values.map_or(&[][..], |setting| setting.values);
                return (value.trim_start(), values.iter().map(|value| candidate(*value, "")).collect());
            }
        },
    };
    (rest, all)
}
