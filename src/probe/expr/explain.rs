//! An expression together with the numbers that made it true.

use super::{Comparison, ExprNode, What};
use crate::{
    value::{DIGITS, show},
    variables::Moment,
};

/// Returns `text` with the values of each comparison behind it, in brackets.
pub(super) fn explain(text: &str, root: &ExprNode, moment: &Moment<'_>) -> String {
    let mut notes = Vec::new();
    comparisons(root, &mut |node| {
        if let Some(values) = values(text, node, moment) {
            notes.push((node.at.end, values));
        }
    });
    let mut explained = String::with_capacity(text.len() + 16 * notes.len());
    let mut done = 0;
    for (end, values) in notes {
        explained += &text[done..end];
        explained += &format!(" ({values})");
        done = end;
    }
    explained + &text[done..]
}

/// Visits the comparisons in reading order.
fn comparisons(node: &ExprNode, f: &mut dyn FnMut(&ExprNode)) {
    match &node.what {
        What::Comparison(..) => f(node),
        What::Not(inner) => comparisons(inner, f),
        What::And(pair) | What::Or(pair) => pair.iter().for_each(|side| comparisons(side, f)),
        What::Number(_)
        | What::Text(_)
        | What::Truth(_)
        | What::Variable(_)
        | What::Negative(_)
        | What::Arithmetic(..) => {}
    }
}

/// Returns the values in a comparison: of the side that has variables, or of all of it where both do.
fn values(text: &str, node: &ExprNode, moment: &Moment<'_>) -> Option<String> {
    let What::Comparison(op, pair) = &node.what else { return None };
    let [left, right] = &**pair;
    match (has_variables(left), has_variables(right)) {
        (false, false) => None,
        // That it equals its other side says all.
        (true, false) if is_told(*op, left, node, moment) => None,
        (false, true) if is_told(*op, right, node, moment) => None,
        (true, false) => Some(with_values(text, left, moment)),
        (false, true) => Some(with_values(text, right, moment)),
        (true, true) => Some(with_values(text, node, moment)),
    }
}

fn is_told(op: Comparison, side: &ExprNode, node: &ExprNode, moment: &Moment<'_>) -> bool {
    op == Comparison::Equal && matches!(side.what, What::Variable(_)) && node.holds(moment)
}

fn has_variables(node: &ExprNode) -> bool {
    !node.variables().is_empty()
}

/// Returns the text of `node` with values in the place of variables.
fn with_values(text: &str, node: &ExprNode, moment: &Moment<'_>) -> String {
    let mut shown = String::new();
    let mut done = node.at.start;
    for (at, variable) in node.variables() {
        shown += &text[done..at.start];
        shown += &show(variable.read(moment), DIGITS);
        done = at.end;
    }
    shown + &text[done..node.at.end]
}
