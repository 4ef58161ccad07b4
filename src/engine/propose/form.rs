//! The forms in which a model writes an edit, and how they are read; [`super::grammar`] has what it may write.
//!
//! ```text
//! replace S2 <- S1: left = total - 45
//! tighten C1: pens_per_box = 6
//! insert after S2: S5 <- S1 S2: rest = total - left
//! remove S3
//! move S3 after S1
//! depend S3 <- S1 S2
//! ```

use plan::{Edit, IdSource, ItemId, Plan, parse_deps, parse_item};
use session::EditWeights;
use strum::VariantArray;

/// A kind of edit that a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
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
    pub const ALL: &'static [Self] = Self::VARIANTS;

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

    /// Returns how a reply of this kind begins; the model continues from there. It ends without a space,
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

/// Reads an edit in one of the forms.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse(line: &str, plan: &Plan, ids: &IdSource) -> Result<Edit, String> {
    let line = line.trim();
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let kind =
        EditKind::ALL.iter().copied().find(|kind| kind.begin().split(' ').next() == Some(verb)).ok_or_else(
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
    let id: ItemId = id.trim().parse().map_err(|error: plan::item::InvalidItemId| format!("{error}."))?;
    plan.get(id).map(|item| item.id).ok_or_else(|| format!("There is no {id} in the plan."))
}

fn text_edit(rest: &str, plan: &Plan) -> Result<(ItemId, String), String> {
    let (id, text) = rest.split_once(':').ok_or("A colon is missing between the item and its new text.")?;
    Ok((existing(id, plan)?, text.trim().to_owned()))
}

/// A whole line: what it builds on is repeated with its text.
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
    use plan::{Origin, Style, print};

    const PLAN: &str = "C1: boxes = 20\nS1 <- C1: total = boxes * 6\nS2 <- S1: answer = total - 45";

    fn after(line: &str) -> Result<String, String> {
        let plan = plan::parse(PLAN).unwrap();
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
        assert!(after("depend S1 <- S2").unwrap_err().contains("cycle"));
        assert!(after("").is_err());
    }
}
