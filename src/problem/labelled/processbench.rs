//! ProcessBench (Zheng et al. 2024, arXiv 2412.06559): solutions of word problems, split into steps, with the
//! first wrong step named by people.

use serde::Deserialize;
use serde_json::Value;

use super::{Fault, Format, Label, Sample, sample};

pub(super) const FORMAT: Format = Format {
    name: "processbench",
    doc: "a list of {id, problem, steps, label}; label is the first wrong step, counted from 0, or -1",
    fits,
    read,
};

#[derive(Deserialize)]
struct Row {
    id: String,
    problem: String,
    steps: Vec<String>,
    label: i64,
}

fn fits(document: &Value) -> bool {
    let first = document.as_array().and_then(|rows| rows.first());
    first.is_some_and(|row| ["problem", "steps", "label"].iter().all(|key| row.get(key).is_some()))
}

fn read(document: Value) -> Result<Vec<Sample>, Fault> {
    let rows: Vec<Value> =
        serde_json::from_value(document).map_err(|error| Fault::new("0", error.to_string()))?;
    (0..).zip(rows).map(|(at, row)| from_row(at, row)).collect()
}

fn from_row(at: usize, row: Value) -> Result<Sample, Fault> {
    let Row { id, problem, steps, label } =
        serde_json::from_value(row).map_err(|error| Fault::new(format!("#{at}"), error.to_string()))?;
    let label = match label {
        -1 => Label::Right,
        label => {
            let at = usize::try_from(label);
            Label::WrongStep(at.map_err(|_| Fault::new(&id, format!("{label} is no label of a step")))?)
        }
    };
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    sample(id, &problem, &steps, label)
}
