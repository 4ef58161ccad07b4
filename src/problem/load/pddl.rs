//! Blocksworld instances in PDDL, and lists of them: `["…/instance-3.pddl", "(pick-up a)\n…", 2]`, as LLM-Reasoners
//! keeps the instances of PlanBench by the length of their plans. The instance is searched for next to the list and above.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{
    MAX_FILE, checked, error::LoadError, formats::Format, planbench::stacks, read_text, records::Record,
};
use crate::{
    Problem,
    families::blocksworld::{BlocksworldSettings, TABLE},
};

pub(super) const FORMAT: Format = Format {
    name: "blocksworld-steps",
    doc: "lists of blocksworld instances in PDDL, each with a plan and its length",
    members: &[],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let (named, _plan, _length): (String, String, u32) = record.read()?;
    let folders = Path::new(record.path).ancestors().skip(1);
    let found: Option<PathBuf> = folders.map(|folder| folder.join(&named)).find(|path| path.is_file());
    let Some(path) = found else {
        return Err(record
            .invalid(format!("its instance {named} is neither next to the file nor in a folder above it")));
    };
    settings(&path.to_string_lossy()).map(|settings| settings.problem(""))
}

/// Reads the one problem of a file in PDDL.
pub(super) fn read_file(path: &str) -> Result<Problem, LoadError> {
    let name = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path);
    let mut problem = settings(path)?.problem(name);
    problem.source = path.to_owned();
    checked(path, problem)
}

fn settings(path: &str) -> Result<BlocksworldSettings, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let text = read_text(path, File::open(path).map_err(unreadable)?, MAX_FILE)?;
    let invalid = |message: &str| LoadError::Invalid {
        path: path.to_owned(),
        id: "at all".to_owned(),
        message: message.to_owned(),
    };
    let lines: Vec<String> = text
        .to_lowercase()
        .lines()
        .map(|line| line.split(';').next().unwrap_or_default().to_owned())
        .collect();
    let text = lines.join("\n");
    let (_, rest) =
        text.split_once("(:init").ok_or_else(|| invalid("it has no (:init …), so it is no PDDL problem"))?;
    let (start, goal) = rest.split_once("(:goal").ok_or_else(|| invalid("it has no (:goal …)"))?;
    let stacks =
        stacks(&facts(start)).ok_or_else(|| invalid("its blocks do not stand in stacks on the table"))?;
    Ok(BlocksworldSettings { stacks, goal: facts(goal) })
}

/// Returns who is on whom: from `(on a b)` and `(ontable a)`.
fn facts(text: &str) -> Vec<(String, String)> {
    let fact = |piece: &str| match piece.split(')').next()?.split_whitespace().collect::<Vec<_>>()[..] {
        ["on", a, b] => Some((a.to_owned(), b.to_owned())),
        ["ontable" | "on-table", a] => Some((a.to_owned(), TABLE.to_owned())),
        _ => None,
    };
    text.split('(').filter_map(fact).collect()
}
