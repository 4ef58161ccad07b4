//! The families of problems, one folder each. What several of them use is next to this folder.

pub(crate) mod blocksworld;
pub(crate) mod boolean;
pub(crate) mod calls;
pub(crate) mod chain;
pub mod code;
pub(crate) mod countdown;
pub mod free;
pub(crate) mod ifeval;
pub(crate) mod lists;
pub(crate) mod math;
pub(crate) mod schedule;
pub(crate) mod sudoku;
pub(crate) mod tools;

use crate::family::Family;

/// All problem families, in the order in which they are listed to users.
pub const FAMILIES: &[&dyn Family] = &[
    &math::Math,
    &chain::Chain,
    &countdown::Countdown,
    &blocksworld::Blocksworld,
    &sudoku::Sudoku,
    &boolean::Boolean,
    &schedule::Schedule,
    &lists::Lists,
    &tools::Tools,
    &calls::Calls,
    &ifeval::IfEval,
    &code::Code,
    &free::Free,
];

/// Returns the family called `name`.
pub fn family(name: &str) -> Option<&'static dyn Family> {
    FAMILIES.iter().copied().find(|family| family.name() == name)
}
