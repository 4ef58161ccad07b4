//! The public formats that rows are read in: shown by the names of their members, or named before the file, as in
//! `gsm8k:FILE#12`.

use super::{checked, error::LoadError, fields::Fields, own, records::Record};
use crate::Problem;

/// A public format: a file in this folder, and a line in [`FORMATS`].
pub(super) struct Format {
    /// The name before the file.
    pub name: &'static str,
    /// What it is, for lists.
    pub doc: &'static str,
    /// The members that tell it from the others, in lower case, one of each list; none where the rows are no objects.
    pub members: &'static [&'static [&'static str]],
    /// Makes a problem of a row.
    pub read: fn(&Record<'_>) -> Result<Problem, LoadError>,
}

/// All formats.
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

impl Format {
    /// Returns which of its members a row has, where it has enough of them.
    fn found(&self, row: &Fields<'_>) -> Option<Vec<&'static str>> {
        let one = |names: &&'static [&'static str]| names.iter().copied().find(|name| row.has(name));
        self.members.iter().map(one).collect::<Option<Vec<_>>>().filter(|found| !found.is_empty())
    }
}

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

/// Makes a problem of a row, in the format that is forced or that its members tell.
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

/// Returns the format whose members a row has; `None` for rows with our own fields. Of two formats the one counts that asks
/// for more.
fn detect(record: &Record<'_>) -> Result<Option<&'static Format>, LoadError> {
    if record.text.trim_start().starts_with('[') {
        return Ok(FORMATS.iter().find(|format| format.members.is_empty()));
    }
    let row = Fields::of(record)?;
    let fitting: Vec<(&Format, Vec<&str>)> =
        FORMATS.iter().filter_map(|format| Some((format, format.found(&row)?))).collect();
    let beaten = |found: &[&str]| {
        let more =
            |other: &[&str]| other.len() > found.len() && found.iter().all(|name| other.contains(name));
        fitting.iter().any(|(_, other)| more(other))
    };
    let best: Vec<&'static Format> =
        fitting.iter().filter(|(_, found)| !beaten(found)).map(|(format, _)| *format).collect();
    match best[..] {
        [one] => Ok(Some(one)),
        [] if row.has("family") || row.has("text") => Ok(None),
        [] => Err(record.invalid(format!(
            "its members ({}) are those of no known format; docs/problems.md lists the formats, and rows of our own have \
             family, text and gold",
            row.names().collect::<Vec<_>>().join(", ")
        ))),
        [first, ..] => Err(record.invalid(format!(
            "its members fit the formats {}; name the right one before the file, as in {}:FILE",
            best.iter().map(|format| format.name).collect::<Vec<_>>().join(" and "),
            first.name
        ))),
    }
}

#[cfg(test)]
mod tests;
