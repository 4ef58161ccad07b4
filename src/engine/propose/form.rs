//! The forms in which a model writes an edit, as grammar and as parser.
//!
//! ```text
//! replace S2 <- S1: left = total - 45
//! tighten C1: pens_per_box = 6
//! insert after S2: S5 <- S1 S2: rest = total - left
//! remove S3
//! move S3 after S1
//! depend S3 <- S1 S2
//! ```

use std::fmt::Write as _;

use crate::{
    plan::{Edit, IdSource, Item, ItemId, Plan, parse_deps, parse_item},
    problem::Framing,
    session::EditWeights,
};

/// A kind of edit that a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditKind {
    /// Say something else.
    Replace,
    /// Say the same more exactly.
    Tighten,
    /// Add an item.
    Insert,
    /// Take an item out.
    Remove,
    /// Put an item elsewhere.
    Reorder,
    /// Build on other items.
    Depend,
}

impl EditKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Replace, Self::Tighten, Self::Insert, Self::Remove, Self::Reorder, Self::Depend];

    /// Returns the kind's name in settings and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Tighten => "tighten",
            Self::Insert => "insert",
            Self::Remove => "remove",
            Self::Reorder => "reorder",
            Self::Depend => "depend",
        }
    }

    /// Returns how a reply of this kind begins; the model goes on from there. It ends without a space,
    /// since models join the space to the next word.
    pub const fn begin(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Tighten => "tighten",
            Self::Insert => "insert after",
            Self::Remove => "remove",
            Self::Reorder => "move",
            Self::Depend => "depend",
        }
    }

    /// Returns the kind's weight in the settings.
    pub const fn weight(self, weights: &EditWeights) -> f64 {
        match self {
            Self::Replace => weights.replace,
            Self::Tighten => weights.tighten,
            Self::Insert => weights.insert,
            Self::Remove => weights.remove,
            Self::Reorder => weights.reorder,
            Self::Depend => weights.depend,
        }
    }
}

/// The items that a model may touch: it does not see the muted ones, and may not change the pinned.
fn free(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.items().iter().filter(|item| !item.muted && !item.pinned)
}

fn seen(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.items().iter().filter(|item| !item.muted)
}

/// The line that the family wants at the end, such as the step that defines the answer. It may be
/// rewritten in its own form; it stays, and stays last.
fn closing(framing: &Framing, plan: &Plan) -> Option<ItemId> {
    let kind = framing.last.as_ref()?.kind;
    seen(plan).filter(|item| item.id.kind == kind).last().map(|item| item.id)
}

fn quote<'a>(items: impl Iterator<Item = &'a Item>) -> Option<String> {
    let ids: Vec<String> = items.map(|item| format!("\"{}\"", item.id)).collect();
    (!ids.is_empty()).then(|| ids.join(" | "))
}

/// Returns the grammar of what follows [`EditKind::begin`]; `None` where an edit of this kind could do
/// nothing.
pub fn grammar(kind: EditKind, framing: &Framing, plan: &Plan, ids: &IdSource) -> Option<String> {
    let closing = closing(framing, plan);
    let inner = |item: &&Item| Some(item.id) != closing;
    let mut lark = String::new();
    match kind {
        EditKind::Replace | EditKind::Tighten => {
            let lines = text_lines(&mut lark, framing, plan, kind == EditKind::Replace);
            if lines.is_empty() {
                return None;
            }
            let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
            let _ = writeln!(lark, "start: \" \" ({})", lines.join(" | "));
        }
        EditKind::Insert => {
            if plan.len() >= 2 * framing.max_items {
                return None;
            }
            let anchors = quote(seen(plan).filter(inner))?;
            let lines: Vec<String> = framing
                .patterns
                .iter()
                .map(|pattern| {
                    text_rule(&mut lark, pattern.kind.letter(), &pattern.regex);
                    format!("(\"{}\" deps? \": \" TEXT_{})", ids.peek(pattern.kind), pattern.kind.letter())
                })
                .collect();
            let _ = writeln!(lark, "start: \" \" ({anchors}) \": \" ({})", lines.join(" | "));
            let _ = writeln!(lark, "ID: {}", quote(seen(plan))?);
            lark += "deps: \" <- \" ID (\" \" ID){0,5}\n";
        }
        EditKind::Remove => {
            let _ = writeln!(lark, "start: \" \" ({})", quote(free(plan).filter(inner))?);
        }
        EditKind::Reorder => {
            let (moved, anchors) = (quote(free(plan).filter(inner))?, quote(seen(plan).filter(inner))?);
            let _ = writeln!(lark, "start: \" \" ({moved}) \" after \" ({anchors})");
        }
        EditKind::Depend => {
            let _ = writeln!(lark, "start: \" \" ({}) \" <- \" ID (\" \" ID){{0,5}}", quote(free(plan))?);
            let _ = writeln!(lark, "ID: {}", quote(seen(plan))?);
        }
    }
    Some(lark)
}

/// Returns the grammar of what follows [`EditKind::begin`] for an edit of one item's text; `None` where it may not
/// be changed.
pub fn grammar_of(kind: EditKind, framing: &Framing, plan: &Plan, item: ItemId) -> Option<String> {
    let mut lark = String::new();
    let lines = text_lines(&mut lark, framing, plan, kind == EditKind::Replace);
    let (_, line) = lines.into_iter().find(|(id, _)| *id == item)?;
    let _ = writeln!(lark, "start: \" \" {line}");
    Some(lark)
}

/// Returns the grammar of whole lines for `items`, one after the other; `None` where one of them may not be
/// changed, or there is none.
pub fn grammar_of_lines(framing: &Framing, plan: &Plan, items: &[ItemId]) -> Option<String> {
    let mut lark = String::new();
    let all = text_lines(&mut lark, framing, plan, true);
    let of = |item: &ItemId| all.iter().find(|(id, _)| id == item).map(|(_, line)| line.clone());
    let lines: Vec<String> = items.iter().map(of).collect::<Option<_>>()?;
    if lines.is_empty() {
        return None;
    }
    let _ = writeln!(lark, "start: {}", lines.join(" \"\\n\" "));
    Some(lark)
}

/// One alternative an item: its id, with `deps` the earlier items that it may build on, then a text in the
/// family's form. The closing line has a form of its own.
fn text_lines(lark: &mut String, framing: &Framing, plan: &Plan, deps: bool) -> Vec<(ItemId, String)> {
    let closing = closing(framing, plan);
    for pattern in &framing.patterns {
        text_rule(lark, pattern.kind.letter(), &pattern.regex);
    }
    if let Some(last) = &framing.last {
        let _ = writeln!(lark, "TEXT_LAST: /{}/", last.regex.replace('/', "\\/"));
    }
    let mut lines = Vec::new();
    let mut earlier: Vec<String> = Vec::new();
    for item in seen(plan) {
        let letter = item.id.kind.letter();
        let text = if Some(item.id) == closing {
            Some("TEXT_LAST".to_owned())
        } else {
            framing
                .patterns
                .iter()
                .any(|pattern| pattern.kind == item.id.kind)
                .then(|| format!("TEXT_{letter}"))
        };
        if let (Some(text), false) = (text, item.pinned) {
            let known = earlier.join(" | ");
            let links = if deps && !earlier.is_empty() {
                format!(" (\" <- \" ({known}) (\" \" ({known})){{0,5}})?")
            } else {
                String::new()
            };
            lines.push((item.id, format!("(\"{}\"{links} \": \" {text})", item.id)));
        }
        earlier.push(format!("\"{}\"", item.id));
    }
    lines
}

fn text_rule(lark: &mut String, letter: char, regex: &str) {
    let _ = writeln!(lark, "TEXT_{letter}: /{}/", regex.replace('/', "\\/"));
}

/// Reads an edit in one of the forms.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse(line: &str, plan: &Plan, ids: &IdSource) -> Result<Edit, String> {
    let line = line.trim();
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let kind =
        EditKind::ALL.into_iter().find(|kind| kind.begin().split(' ').next() == Some(verb)).ok_or_else(
            || format!("\"{verb}\" is no edit; write replace, tighten, insert, remove, move or depend."),
        )?;
    let rest = rest.trim();
    match kind {
        EditKind::Replace => replace(rest, plan),
        EditKind::Tighten => text_edit(rest, plan).map(|(id, text)| Edit::Tighten { id, text }),
        EditKind::Insert => insert(rest, plan, ids),
        EditKind::Remove => Ok(Edit::Remove { id: existing(rest, plan)? }),
        EditKind::Reorder => reorder(rest, plan),
        EditKind::Depend => {
            let (id, deps) = rest.split_once("<-").ok_or("Write depend ID <- IDS.")?;
            let deps = parse_deps(deps).map_err(|error| error.to_string())?;
            Ok(Edit::SetDeps { id: existing(id, plan)?, deps })
        }
    }
}

fn existing(id: &str, plan: &Plan) -> Result<ItemId, String> {
    let id: ItemId =
        id.trim().parse().map_err(|error: crate::plan::item::InvalidItemId| format!("{error}."))?;
    plan.get(id).map(|item| item.id).ok_or_else(|| format!("There is no {id} in the plan."))
}

fn text_edit(rest: &str, plan: &Plan) -> Result<(ItemId, String), String> {
    let (id, text) = rest.split_once(':').ok_or("A colon is missing between the item and its new text.")?;
    Ok((existing(id, plan)?, text.trim().to_owned()))
}

/// A whole line: what it builds on is said anew with its text.
fn replace(rest: &str, plan: &Plan) -> Result<Edit, String> {
    let line = parse_item(rest).map_err(|error| error.to_string())?;
    let old = plan.get(line.id).ok_or_else(|| format!("There is no {} in the plan.", line.id))?;
    let replace = Edit::Replace { id: line.id, text: line.text };
    if line.deps == old.deps {
        return Ok(replace);
    }
    Ok(Edit::Batch { edits: vec![replace, Edit::SetDeps { id: line.id, deps: line.deps }] })
}

fn insert(rest: &str, plan: &Plan, ids: &IdSource) -> Result<Edit, String> {
    let (anchor, line) = rest
        .strip_prefix("after ")
        .and_then(|rest| rest.split_once(':'))
        .ok_or("Write insert after ID: NEW: text.")?;
    let anchor = existing(anchor, plan)?;
    let mut item = parse_item(line.trim()).map_err(|error| error.to_string())?;
    if item.id.number <= ids.highest(item.id.kind) {
        return Err(format!("{} was used before; a new item here is {}.", item.id, ids.peek(item.id.kind)));
    }
    let at = plan.position(anchor).ok_or_else(|| format!("There is no {anchor} in the plan."))?;
    item.depth = plan.items()[at].depth;
    Ok(Edit::Insert { item, position: plan.subtree(at).end })
}

fn reorder(rest: &str, plan: &Plan) -> Result<Edit, String> {
    let (id, anchor) = rest.split_once(" after ").ok_or("Write move ID after ID.")?;
    let (id, anchor) = (existing(id, plan)?, existing(anchor, plan)?);
    let place = |id| plan.position(id).ok_or_else(|| format!("There is no {id} in the plan."));
    let (from, to) = (plan.subtree(place(id)?), place(anchor)?);
    if from.contains(&to) {
        return Err(format!("{id} cannot come after itself or what is nested below it."));
    }
    let end = plan.subtree(to).end;
    // Positions are counted after the moved lines were taken out.
    let position = if end > from.start { end - from.len() } else { end };
    Ok(Edit::Move { id, position, depth: plan.items()[to].depth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Origin, Style, print};

    const PLAN: &str = "C1: boxes = 20\nS1 <- C1: total = boxes * 6\nS2 <- S1: answer = total - 45";

    fn after(line: &str) -> Result<String, String> {
        let plan = crate::plan::parse(PLAN).unwrap();
        let edit = parse(line, &plan, &IdSource::of(&plan))?;
        let (plan, _) = edit.apply(&plan, Origin::Refined).map_err(|error| error.to_string())?;
        Ok(print(&plan, Style::Bare))
    }

    #[test]
    fn every_form_is_read() {
        assert!(after("replace C1: boxes = 21").unwrap().starts_with("C1: boxes = 21\n"));
        assert!(
            after("replace S2 <- S1 C1: answer = total - boxes")
                .unwrap()
                .ends_with("S2 <- S1 C1: answer = total - boxes")
        );
        assert!(after("tighten S2: answer = total - 44").unwrap().ends_with("total - 44"));
        assert_eq!(
            after("insert after S1: S3 <- S1: half = total / 2").unwrap(),
            "C1: boxes = 20\nS1 <- C1: total = boxes * 6\nS3 <- S1: half = total / 2\nS2 <- S1: answer = total - 45"
        );
        assert_eq!(after("remove S1").unwrap(), "C1: boxes = 20\nS2: answer = total - 45");
        assert!(after("move C1 after S2").unwrap().ends_with("\nC1: boxes = 20"));
        assert!(after("move S2 after C1").unwrap().starts_with("C1: boxes = 20\nS2"));
        assert!(after("depend S2 <- S1 C1").unwrap().ends_with("S2 <- S1 C1: answer = total - 45"));
    }

    #[test]
    fn what_is_no_edit_says_why() {
        assert_eq!(after("remove S9").unwrap_err(), "There is no S9 in the plan.");
        assert!(after("explain S1").unwrap_err().contains("is no edit"));
        assert!(after("insert after S1: S1: x = 1").unwrap_err().contains("was used before"));
        assert!(after("move S1 after S1").unwrap_err().contains("after itself"));
        assert!(after("depend S1 <- S2").unwrap_err().contains("circle"));
        assert!(after("").is_err());
    }
}
