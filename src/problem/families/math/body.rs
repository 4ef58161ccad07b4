//! Reading the text of one item: a definition, a relation, or words.

use crate::expr::{self, Dialect, Expr};
use plan::{Item, ItemKind};

/// What an item's text says.
pub(super) enum Body {
    /// `name = expression`.
    Definition(String, Expr),
    /// Two expressions and whether the left may be less than, equal to or greater than the right.
    Relation(Expr, [bool; 3], Expr),
    Words,
    /// It should be a definition but is none, because of this.
    Broken(String),
}

/// Reads the text of an item as its kind demands.
pub(super) fn body(item: &Item) -> Body {
    match item.id.kind {
        ItemKind::Step => definition(&item.text).unwrap_or_else(Body::Broken),
        ItemKind::Constraint => given(&item.text).or_else(|| relation(&item.text)).unwrap_or(Body::Words),
        ItemKind::Invariant | ItemKind::Claim => relation(&item.text).unwrap_or(Body::Words),
        ItemKind::Subgoal | ItemKind::ToolCall => Body::Words,
    }
}

fn definition(text: &str) -> Result<Body, String> {
    let (name, right) = text.split_once('=').ok_or("it has no equals sign")?;
    let name = name.trim();
    if name.is_empty() || expr::name_length(name) != name.len() {
        return Err("the left of the equals sign is not one name".to_owned());
    }
    let expr = expr::parse_in(Dialect::Plan, right).map_err(|error| error.to_string())?;
    Ok(Body::Definition(name.to_owned(), expr))
}

/// Reads `name = number`, which words may follow.
fn given(text: &str) -> Option<Body> {
    let (name, right) = text.split_once('=')?;
    let name = name.trim();
    let (expr, rest) = expr::parse_prefix_in(Dialect::Plan, right).ok()?;
    let words = rest.chars().all(|c| c.is_alphabetic() || " ,.'-_()".contains(c));
    let named = !name.is_empty() && expr::name_length(name) == name.len();
    let sentence = !rest.trim().is_empty() && matches!(expr, Expr::Name(_));
    (named && words && !sentence).then(|| Body::Definition(name.to_owned(), expr))
}

fn relation(text: &str) -> Option<Body> {
    let signs = [
        ("<=", [true, true, false]),
        (">=", [false, true, true]),
        ("!=", [true, false, true]),
        ("==", [false, true, false]),
        ("<", [true, false, false]),
        (">", [false, false, true]),
        ("=", [false, true, false]),
    ];
    let (sign, allowed) = signs.into_iter().find(|(sign, _)| text.contains(sign))?;
    let (left, right) = text.split_once(sign)?;
    let side = |text| expr::parse_in(Dialect::Plan, text).ok();
    Some(Body::Relation(side(left)?, allowed, side(right)?))
}
