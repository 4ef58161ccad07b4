//! Labelled plans: plans of which it is known whether they are right, to measure verifiers on.
//!
//! One file a format, and one line of [`FORMATS`]. A file's format is told by its shape.

mod planbench;
mod processbench;

use std::fs::File;

use serde_json::Value;

use super::{LoadError, Problem, free::Free, load::read_text};
use crate::plan::{Item, ItemId, ItemKind, Plan};

/// Bytes that a file of labelled plans may have.
const MAX_FILE: u64 = 64 << 20;

/// What is known of a plan. Only measurements may see it: it is gold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// It is right.
    Right,
    /// This step is the first wrong one, counted from 0. What comes after it is not labelled.
    WrongStep(usize),
    /// Each step holds, but the plan does not reach the goal.
    Incomplete,
}

impl Label {
    /// Returns whether the plan is right.
    pub const fn is_right(self) -> bool {
        match self {
            Self::Right => true,
            Self::WrongStep(_) | Self::Incomplete => false,
        }
    }
}

/// A plan with its problem and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The problem.
    pub problem: Problem,
    /// The plan: steps `S1`, `S2`, … without dependencies.
    pub plan: Plan,
    /// What is known of it.
    pub label: Label,
}

/// All samples of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The name of the format.
    pub format: &'static str,
    /// The samples, in the order of the file.
    pub samples: Vec<Sample>,
}

/// A format of labelled plans.
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// One line: what it holds.
    pub doc: &'static str,
    /// Whether a document has its shape.
    fits: fn(&Value) -> bool,
    /// Reads a document of its shape, or says which sample makes no sense and why.
    read: fn(Value) -> Result<Vec<Sample>, Fault>,
}

/// All formats.
pub const FORMATS: &[Format] = &[processbench::FORMAT, planbench::FORMAT];

/// What is wrong with one sample.
#[derive(Debug)]
struct Fault {
    id: String,
    message: String,
}

impl Fault {
    fn new(id: impl ToString, message: impl Into<String>) -> Self {
        Self { id: id.to_string(), message: message.into() }
    }
}

/// Reads the labelled plans of a JSON file.
///
/// # Errors
/// What is wrong, where, and which formats there are.
pub fn load_labelled(path: &str) -> Result<Labelled, LoadError> {
    let file = File::open(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
    let text = read_text(path, file, MAX_FILE)?;
    let document: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| LoadError::Syntax {
            path: path.to_owned(),
            line: error.line(),
            column: error.column().max(1),
            message: format!("this is no JSON document: {error}"),
        })?;
    let format = FORMATS
        .iter()
        .find(|format| (format.fits)(&document))
        .ok_or_else(|| LoadError::NoLabels { path: path.to_owned() })?;
    let mut samples = (format.read)(document).map_err(|Fault { id, message }| LoadError::Invalid {
        path: path.to_owned(),
        id,
        message,
    })?;
    samples.iter_mut().for_each(|sample| path.clone_into(&mut sample.problem.source));
    Ok(Labelled { format: format.name, samples })
}

/// Makes a sample of free text: each step is an item, with runs of space made one.
fn sample(id: String, problem: &str, steps: &[&str], label: Label) -> Result<Sample, Fault> {
    let item = |(number, step): (u32, &&str)| {
        let words: Vec<&str> = step
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        Item::new(ItemId::new(ItemKind::Step, number), words.join(" "))
    };
    if steps.is_empty() {
        return Err(Fault::new(id, "there are no steps"));
    }
    if let Label::WrongStep(at) = label
        && at >= steps.len()
    {
        let message = format!("the first wrong step is number {}, but there are {}", at + 1, steps.len());
        return Err(Fault::new(id, message));
    }
    match Plan::new((1..).zip(steps).map(item).collect()) {
        Ok(plan) => {
            let problem = Problem::new(id, super::family::Family::name(&Free), problem.trim());
            Ok(Sample { problem, plan, label })
        }
        Err(error) => Err(Fault::new(id, error.to_string())),
    }
}

#[cfg(test)]
mod tests;
