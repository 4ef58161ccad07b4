//! Problems made from a reference alone, such as `countdown:3#17`: family, difficulty, row.
//!
//! The same reference names the same problem for ever; a test holds this by hashes. A generator constructs a solution
//! together with its problem, so that every generated problem can be solved; the solution never leaves the tests.

use std::ops::Range;

use super::{FAMILIES, Problem, family, load::LoadError, rng::ProblemRng};
use plan::Plan;

/// How many problems are listed when no row is named.
const LISTED: u64 = 10;
/// How many rows a range may ask for.
const MAX_ROWS: u64 = 10_000;
/// What [`Problem::source`] says of a generated problem.
pub const SOURCE: &str = "generated";

/// A problem with what proves that it can be solved.
#[derive(Debug, Clone)]
pub struct Generated {
    /// As a file of problems would have it, gold included.
    pub problem: Problem,
    /// A plan that solves it. It is as good as gold: for tests and oracles alone.
    pub solution: Plan,
    /// An answer that follows from the plan.
    pub answer: String,
}

/// Makes problems of a family.
pub trait Generator: Sync {
    /// Returns what each step of the dial means, from 1, easy, to 5, hard: one line each.
    fn dial(&self) -> [&'static str; 5];

    /// Makes a problem of `difficulty`, from 1 to 5, by `rng` alone.
    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated;
}

/// Makes the problem that `family:difficulty#row` names; `None` where the family has no generator or the difficulty
/// is not from 1 to 5.
pub fn generate(name: &str, difficulty: u8, row: u64) -> Option<Generated> {
    let generator = family(name)?.generator().filter(|_| (1..=5).contains(&difficulty))?;
    let mut made = generator.make(difficulty, &mut ProblemRng::of(name, difficulty, row));
    made.problem.id = format!("{name}:{difficulty}#{row}");
    made.problem.difficulty = Some(difficulty);
    made.problem.source = SOURCE.to_owned();
    Some(made)
}

/// Makes the problems that `reference` names: `countdown:3#17`, a range `countdown:3#0..50`, or the first ten of
/// `countdown:3`. Returns `None` where it does not begin with the name of a family and a colon.
///
/// # Errors
/// A reference of a family that has no generator, or of no difficulty or row.
pub(super) fn by_reference(reference: &str) -> Option<Result<Vec<Problem>, LoadError>> {
    let (name, rest) = reference.split_once(':')?;
    let family = family(name)?;
    let wrong = |fragment: &str, hint: String| {
        let (path, fragment) = (name.to_owned(), fragment.to_owned());
        Some(Err(LoadError::NoSuchProblem { path, fragment, hint }))
    };
    if family.generator().is_none() {
        let hint = format!("problems are made of the families {}", generators().join(", "));
        return wrong(rest, hint);
    }
    let (dial, rows) = rest.split_once('#').map_or((rest, None), |(dial, rows)| (dial, Some(rows)));
    let Some(difficulty) = dial.parse().ok().filter(|dial| (1..=5).contains(dial)) else {
        return wrong(rest, format!("a difficulty from 1 to 5 comes after the colon, as in {name}:2#7"));
    };
    let Some(rows) = rows.map_or(Some(0..LISTED), parse_rows) else {
        let hint =
            format!("a row is a number from 0, as in {name}:{difficulty}#7, or a range such as #0..50");
        return wrong(rest, hint);
    };
    Some(Ok(rows.filter_map(|row| Some(generate(name, difficulty, row)?.problem)).collect()))
}

/// Returns the names of the families whose problems can be made.
pub fn generators() -> Vec<&'static str> {
    FAMILIES.iter().filter(|family| family.generator().is_some()).map(|family| family.name()).collect()
}

fn parse_rows(rows: &str) -> Option<Range<u64>> {
    match rows.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            (from < to && to - from <= MAX_ROWS).then_some(from..to)
        }
        None => rows.parse().ok().and_then(|row: u64| Some(row..row.checked_add(1)?)),
    }
}

#[cfg(test)]
mod tests;
