//! Looks names up and makes sure that the kinds of values fit, so that evaluation cannot fail.

use super::{
    ExprNode, What,
    syntax::{ExprShape, Operator, Prefix, Tree},
};
use crate::{
    error::{ProbeError, nearest, offered},
    value::Kind,
    variables::{Named, PARTS, VARIABLES},
};

/// Returns the checked form of `tree` and the kind of its value.
pub(super) fn check(tree: &Tree) -> Result<(ExprNode, Kind), ProbeError> {
    let (what, kind) = match &tree.shape {
        ExprShape::Number(number) if number.is_finite() => (What::Number(*number), Kind::Number),
        ExprShape::Number(_) => return Err(ProbeError::at(tree.at.clone(), "the number is too large")),
        ExprShape::Text(text) => (What::Text(text.clone()), Kind::Text),
        ExprShape::Name(name) if name == "true" || name == "false" => {
            (What::Truth(name == "true"), Kind::Truth)
        }
        ExprShape::Name(name) => {
            let variable = lookup(name, tree)?;
            let kind = variable.kind();
            (What::Variable(variable), kind)
        }
        ExprShape::Prefix(prefix, inner) => {
            let (wanted, make): (_, fn(Box<ExprNode>) -> What) = match prefix {
                Prefix::Minus => (Kind::Number, What::Negative),
                Prefix::Not => (Kind::Truth, What::Not),
            };
            (make(Box::new(of_kind(inner, wanted)?)), wanted)
        }
        ExprShape::Infix(operator, pair) => infix(*operator, pair)?,
    };
    Ok((ExprNode { at: tree.at.clone(), what }, kind))
}

fn lookup(name: &str, tree: &Tree) -> Result<Named, ProbeError> {
    Named::find(name).ok_or_else(|| {
        let names = VARIABLES.iter().map(|variable| variable.name).chain([PARTS.0]);
        let error = ProbeError::at(tree.at.clone(), format!("there is no variable `{name}`"));
        offered(error, name, names)
    })
}

fn infix(operator: Operator, [left, right]: &[Tree; 2]) -> Result<(What, Kind), ProbeError> {
    let both = |kind| Ok(Box::new([of_kind(left, kind)?, of_kind(right, kind)?]));
    Ok(match operator {
        Operator::Arithmetic(op) => (What::Arithmetic(op, both(Kind::Number)?), Kind::Number),
        Operator::And => (What::And(both(Kind::Truth)?), Kind::Truth),
        Operator::Or => (What::Or(both(Kind::Truth)?), Kind::Truth),
        Operator::Comparison(op) if op.is_equality() => {
            (What::Comparison(op, same(left, right)?), Kind::Truth)
        }
        Operator::Comparison(op) => (What::Comparison(op, both(Kind::Number)?), Kind::Truth),
    })
}

fn of_kind(tree: &Tree, wanted: Kind) -> Result<ExprNode, ProbeError> {
    let (node, kind) = check(tree)?;
    if kind == wanted {
        return Ok(node);
    }
    let message = format!("this is {}, and {} is needed here", kind.name(), wanted.name());
    Err(ProbeError::at(tree.at.clone(), message))
}

/// Checks two sides that are asked to be the same or not.
fn same(left: &Tree, right: &Tree) -> Result<Box<[ExprNode; 2]>, ProbeError> {
    let (left_node, kind) = check(left)?;
    let right_node = of_kind(right, kind)?;
    known_word(&left_node, &right_node)?;
    known_word(&right_node, &left_node)?;
    Ok(Box::new([left_node, right_node]))
}

/// Refuses a word that the variable can never be: it is a slip, and would be false without a sound.
fn known_word(variable: &ExprNode, word: &ExprNode) -> Result<(), ProbeError> {
    let (What::Variable(Named::Variable(variable)), What::Text(text)) = (&variable.what, &word.what) else {
        return Ok(());
    };
    if variable.words.is_empty() || variable.words.contains(&text.as_str()) {
        return Ok(());
    }
    let error = ProbeError::at(word.at.clone(), format!("`{}` is never \"{text}\"", variable.name));
    Err(match nearest(text, variable.words.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint(format!("it is one of {}", variable.words.join(", "))),
    })
}
