//! The order of definitions.
//!
//! Where a problem names quantities before it says what they are, models write their programs in the same order, and use names
//! above the lines that define them. What they mean is plain, so the plan has the definitions first.

use std::collections::HashMap;

use plan::{ItemKind, usable_order};
use problem::expr::{self, Dialect};

use crate::assemble::Statement;

/// Returns `statements` with each after those that define what it uses, all else in the order of the text, and the
/// place of each of them in the text. What a comment explains, up to an
/// empty line, stays below it; where definitions form a cycle, lines stay as they are.
pub(super) fn by_definition(statements: Vec<Statement>) -> (Vec<Statement>, Vec<usize>) {
    let is_comment = |statement: &Statement| statement.kind == ItemKind::Subgoal;
    let mut order: Vec<usize> = Vec::with_capacity(statements.len());
    let continues =
        |one: &Statement, next: &Statement| !is_comment(next) && (is_comment(one) || one.depth == next.depth);
    for section in statements.chunk_by(continues) {
        let first = order.len();
        let sorted = sorted(section).unwrap_or_else(|| (0..section.len()).collect());
        order.extend(sorted.into_iter().map(|at| first + at));
    }
    let ordered = order.iter().filter_map(|at| statements.get(*at).cloned()).collect();
    (ordered, order)
}

/// Returns the order of one section; `None` where its definitions form a cycle. A comment at its head uses nothing, so it stays
/// there.
fn sorted(section: &[Statement]) -> Option<Vec<usize>> {
    let defined: HashMap<&str, usize> =
        (0..).zip(section).filter_map(|(at, statement)| Some((name(statement)?, at))).collect();
    let uses: Vec<Vec<usize>> = section.iter().map(|statement| used(statement, &defined)).collect();
    usable_order(&uses)
}

/// Returns the name that a statement defines.
fn name(statement: &Statement) -> Option<&str> {
    let defines = matches!(statement.kind, ItemKind::Step | ItemKind::Constraint);
    statement.text.split_once(" = ").filter(|_| defines).map(|(name, _)| name)
}

/// Returns the places of the statements that define what `statement` uses.
fn used(statement: &Statement, defined: &HashMap<&str, usize>) -> Vec<usize> {
    let right =
        statement.text.split_once(" = ").filter(|_| name(statement).is_some()).map(|(_, right)| right);
    let sides =
        right.map_or_else(|| statement.text.split(['<', '>', '=', '!']).collect(), |right| vec![right]);
    let parsed = sides.iter().filter_map(|side| expr::parse_in(Dialect::Plan, side).ok());
    parsed
        .flat_map(|expr| {
            expr.names().iter().filter_map(|name| defined.get(name).copied()).collect::<Vec<_>>()
        })
        .collect()
}
