//! PlanBench blocksworld (Valmeekam et al. 2023): the last `[STATEMENT]` of a query states start and goal in sentences.

use serde::Deserialize;

use super::{error::LoadError, formats::Format, records::Record};
use crate::{
    Problem,
    families::blocksworld::{BlocksworldSettings, TABLE},
};

pub(super) const FORMAT: Format = Format {
    name: "planbench",
    doc: "PlanBench blocksworld, plan generation: query with [STATEMENT] in sentences",
    members: &[&["query"], &["ground_truth_plan"]],
    read,
};

#[derive(Deserialize)]
struct PlanBenchRow {
    query: String,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: PlanBenchRow = record.read()?;
    // What comes before is a worked example, and the plan that the file has is one of many.
    let statement = row.query.rsplit("[STATEMENT]").next().unwrap_or_default();
    let (start, goal) = statement
        .split_once("goal")
        .ok_or_else(|| record.invalid("the query has no statement of what the goal is"))?;
    let goal = goal.split("[PLAN]").next().and_then(|goal| goal.split('.').next()).unwrap_or_default();
    let places = pairs(start);
    let stacks = stacks(&places)
        .ok_or_else(|| record.invalid("the blocks of the statement do not stand in stacks on the table"))?;
    Ok(BlocksworldSettings { stacks, goal: pairs(goal) }.problem(""))
}

/// Returns who is on whom: from *the red block is on top of the blue block* and *the red block is on the table*.
fn pairs(text: &str) -> Vec<(String, String)> {
    let clauses = text.split([',', '.', '\n']).flat_map(|clause| clause.split(" and "));
    let pair = |clause: &str| {
        let (block, below) = clause.split_once(" is on ")?;
        let below = if below.trim() == "the table" { TABLE.to_owned() } else { block_in(below)? };
        Some((block_in(block)?, below))
    };
    clauses.filter_map(pair).collect()
}

/// Returns the word before the last *block*, which names it, such as `red` or, for *block a*, the word after.
fn block_in(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().rposition(|word| *word == "block")?;
    let name = match words.get(at + 1) {
        Some(after) => after,
        None => words.get(at.checked_sub(1)?)?,
    };
    Some(name.to_lowercase())
}

/// Puts pairs of a block and what it is on together to stacks; `None` where they make none.
pub(super) fn stacks(places: &[(String, String)]) -> Option<Vec<Vec<String>>> {
    let mut stacks: Vec<Vec<String>> =
        places.iter().filter(|(_, below)| below == TABLE).map(|(block, _)| vec![block.clone()]).collect();
    for stack in &mut stacks {
        while let Some((above, _)) = places.iter().find(|(_, below)| stack.last() == Some(below)) {
            // Blocks that are said to stand on each other in a cycle make no stack.
            if stack.len() > places.len() {
                return None;
            }
            stack.push(above.clone());
        }
    }
    (!stacks.is_empty() && stacks.iter().map(Vec::len).sum::<usize>() == places.len()).then_some(stacks)
}
