//! Labelled plans: plans of which it is known whether they are right, to measure verifiers on.
//!
//! One file a format, and one line of [`FORMATS`]. A file's format is recognised by its shape.

mod planbench;
mod processbench;

use serde_json::Value;

use super::{LoadError, Problem, families::free::Free, load::each_row};
use plan::{Item, ItemId, ItemKind, Plan};

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
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Sample {
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
    pub name: &'static str,
    /// One line: what it holds.
    pub doc: &'static str,
    /// Whether a row has its shape.
    fits: fn(&Value) -> bool,
    /// Reads the row of this number, or says why it makes no sense; none where there is nothing to judge.
    read: fn(usize, Value) -> Result<Option<Sample>, LabelFault>,
}

/// All formats.
pub const FORMATS: &[Format] = &[processbench::FORMAT, planbench::FORMAT];

/// What is wrong with one sample.
#[derive(Debug)]
struct LabelFault {
    id: String,
    message: String,
}

impl LabelFault {
    fn new(id: impl ToString, message: impl Into<String>) -> Self {
        Self { id: id.to_string(), message: message.into() }
    }
}

/// Reads the labelled plans of a file: the rows of JSON, of a table, or of Parquet. All have the format of the first.
///
/// # Errors
/// What is wrong, where, and which formats there are.
pub fn load_labelled(path: &str) -> Result<Labelled, LoadError> {
    let unknown = || LoadError::NoLabels { path: path.to_owned() };
    let mut format: Option<&'static Format> = None;
    let mut samples = Vec::new();
    each_row(path, MAX_FILE, &mut |number, row| {
        let fitting = || FORMATS.iter().find(|format| (format.fits)(&row)).ok_or_else(unknown);
        let known = *match &mut format {
            Some(known) => known,
            none => none.insert(fitting()?),
        };
        let sample = (known.read)(number, row).map_err(|LabelFault { id, message }| LoadError::Invalid {
            path: path.to_owned(),
            id,
            message,
        })?;
        samples.extend(sample.map(|mut sample| {
            path.clone_into(&mut sample.problem.source);
            sample
        }));
        Ok(())
    })?;
    format.map(|format| Labelled { format: format.name, samples }).ok_or_else(unknown)
}

/// Returns a name that some write as a number.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Makes a sample of free text: each step is an item, with runs of space made one.
fn sample(id: String, problem: &str, steps: &[&str], label: Label) -> Result<Sample, LabelFault> {
    let item = |(number, step): (u32, &&str)| {
        let words: Vec<&str> = step
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        Item::new(ItemId::new(ItemKind::Step, number), words.join(" "))
    };
    if steps.is_empty() {
        return Err(LabelFault::new(id, "there are no steps"));
    }
    if let Label::WrongStep(at) = label
        && at >= steps.len()
    {
        let message = format!("the first wrong step is number {}, but there are {}", at + 1, steps.len());
        return Err(LabelFault::new(id, message));
    }
    match Plan::new((1..).zip(steps).map(item).collect()) {
        Ok(plan) => {
            let problem = Problem::new(id, super::family::Family::name(&Free), problem.trim());
            Ok(Sample { problem, plan, label })
        }
        Err(error) => Err(LabelFault::new(id, error.to_string())),
    }
}

#[cfg(test)]
mod tests;
