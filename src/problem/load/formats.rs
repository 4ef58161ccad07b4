//! The public formats that rows are read in: told by their shape, or named before the file, as in `gsm8k:FILE#12`.

use std::collections::BTreeSet;

use super::{LoadError, checked, own, records::Record};
use crate::problem::Problem;

/// A public format: a file beside this one, and a line in [`FORMATS`].
pub(super) struct Format {
    /// The name before the file.
    pub name: &'static str,
    /// What it is, for lists.
    pub doc: &'static str,
    /// The members that tell it from the others; none where the rows are no objects.
    pub members: &'static [&'static str],
    /// Makes a problem of a row.
    pub read: fn(&Record<'_>) -> Result<Problem, LoadError>,
}

/// All formats; where several fit, the first one counts.
pub(super) const FORMATS: &[Format] = &[
    super::countdown::FORMAT,
    super::game24::FORMAT,
    super::planbench::FORMAT,
    super::pddl::FORMAT,
    super::math::FORMAT,
    super::humaneval::FORMAT,
    super::ifeval::FORMAT,
    super::bbh::FORMAT,
    super::bfcl::FORMAT,
    super::gsm8k::FORMAT,
];

/// Returns the name and the description of every format, for lists.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMATS.iter().map(|format| (format.name, format.doc))
}

/// Splits the name of a format off the front of a reference.
pub(super) fn forced(reference: &str) -> (Option<&'static Format>, &str) {
    let named = reference.split_once(':').and_then(|(name, rest)| {
        let format = FORMATS.iter().find(|format| format.name == name)?;
        Some((Some(format), rest))
    });
    named.unwrap_or((None, reference))
}

/// Makes a problem of a row, in the format that is forced or that its shape tells.
pub(super) fn read(record: &Record<'_>, forced: Option<&'static Format>) -> Result<Problem, LoadError> {
    let Some(format) = forced.map_or_else(|| detect(record), |format| Ok(Some(format)))? else {
        return own::read_row(record);
    };
    let mut problem = (format.read)(record)?;
    problem.id = record.id();
    problem.source = record.path.to_owned();
    problem.format = forced.map(|format| format.name);
    checked(record.path, problem)
}

/// Returns the format whose members a row has; `None` for rows with our own fields.
fn detect(record: &Record<'_>) -> Result<Option<&'static Format>, LoadError> {
    if record.text.trim_start().starts_with('[') {
        return Ok(FORMATS.iter().find(|format| format.members.is_empty()));
    }
    let members: Members = record.read()?;
    let has = |format: &&Format| {
        !format.members.is_empty() && format.members.iter().all(|member| members.0.contains(*member))
    };
    Ok(FORMATS.iter().find(has))
}

/// The names of an object's members.
struct Members(BTreeSet<String>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        Ok(Self(map.into_keys().collect()))
    }
}

#[cfg(test)]
mod tests;
