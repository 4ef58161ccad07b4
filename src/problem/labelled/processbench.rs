//! ProcessBench (Zheng et al. 2024, arXiv 2412.06559): solutions of word problems, split into steps, with the
//! first wrong step named by people.

use serde::Deserialize;
use serde_json::Value;

use super::{Format, Label, LabelFault, Sample, sample, word};

pub(super) const FORMAT: Format = Format {
    name: "processbench",
    doc: "rows of {id, problem, steps, label}; label is the first wrong step, counted from 0, or -1",
    fits,
    read,
};

#[derive(Deserialize)]
struct ProcessBenchRow {
    id: Option<Value>,
    problem: String,
    steps: Vec<String>,
    label: Value,
}

fn fits(row: &Value) -> bool {
    ["problem", "steps", "label"].iter().all(|key| row.get(key).is_some())
}

fn read(number: usize, row: Value) -> Result<Option<Sample>, LabelFault> {
    let ProcessBenchRow { id, problem, steps, label } = serde_json::from_value(row)
        .map_err(|error| LabelFault::new(format!("#{number}"), error.to_string()))?;
    let id = id.map_or_else(|| format!("#{number}"), |id| word(&id));
    let label = first_wrong(&label)
        .ok_or_else(|| LabelFault::new(&id, format!("{} is no label of a step", word(&label))))?;
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    sample(id, &problem, &steps, label).map(Some)
}

/// Reads the number of the first wrong step, as a number or a text; -1 where there is none.
fn first_wrong(label: &Value) -> Option<Label> {
    let number: f64 = word(label).trim().parse().ok()?;
    let step = (number.fract() == 0.0 && number >= 0.0).then_some(number as usize);
    if number == -1.0 { Some(Label::Right) } else { step.map(Label::WrongStep) }
}
