//! Typed, invertible changes of a plan.
//!
//! [`Edit::apply`] returns the changed plan together with the edit that undoes it, always an
//! [`Edit::Restore`]: the lines that went, and the items elsewhere that changed on the way. Where an edit
//! asks for a depth that its place does not allow, the nearest allowed depth is taken.

mod between;
mod change;

use serde::{Deserialize, Serialize};

use super::{
    item::{Item, ItemId, Origin},
    tree::{Plan, PlanError},
};
pub use between::{edits_between, exchange};

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// The item says something else.
    Replace {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// What it says from now on.
        text: String,
    },
    /// The item says the same more precisely.
    Tighten {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// What it says from now on.
        text: String,
    },
    /// A new item comes in.
    Insert {
        /// The new item, with an id that was never used.
        item: Item,
        /// Where it will stand in printing order.
        position: usize,
    },
    /// An item goes; what is nested below it moves up a level, and nothing depends on it any more.
    Remove {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
    },
    /// An item and everything nested below it go elsewhere.
    Move {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// Where it will stand in printing order.
        position: usize,
        /// How deep it will be nested.
        depth: u8,
    },
    /// The item builds on other items.
    SetDeps {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// What it builds on from now on.
        deps: Vec<ItemId>,
    },
    /// An item becomes two. The second stands after it and all that is nested below it, and builds on it;
    /// what depended on the item depends on both.
    Split {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// What it says from now on.
        text: String,
        /// The second item's id, never used before.
        second: ItemId,
        /// What the second item says.
        second_text: String,
    },
    /// Two items become one, with the dependencies and the dependants of both. What is nested below the
    /// other moves up a level.
    Merge {
        /// The item that stays.
        id: ItemId,
        /// The item that goes.
        other: ItemId,
        /// What the item that stays says from now on.
        text: String,
    },
    /// The item is kept from refinement, or released.
    Pin {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// Whether it is pinned from now on.
        on: bool,
    },
    /// The item is left out of prompts, or shown again.
    Mute {
        /// The item that changes; it has to be in the plan.
        id: ItemId,
        /// Whether it is muted from now on.
        on: bool,
    },
    /// Several changes, one after the other, all or none.
    Batch {
        /// The changes.
        edits: Vec<Edit>,
    },
    /// What undoes a change: some lines are exchanged for others, then single items put back.
    Restore {
        /// Where the lines to be exchanged start.
        start: usize,
        /// How many there are.
        remove: usize,
        /// What comes in their place.
        items: Vec<Item>,
        /// Items that stay at their place but are put back as they were.
        patches: Vec<Item>,
    },
}

/// Why an edit cannot be applied. The plan is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The edit names an item that is not there.
    #[error("there is no {0} in the plan")]
    UnknownItem(ItemId),
    /// Only a person may change a pinned item.
    #[error("{0} is pinned; release it first, or edit it by hand")]
    Pinned(ItemId),
    /// The edit names a place beyond the plan's end.
    #[error("there is no place {position} in a plan of {len} items")]
    BadPosition {
        /// The place, counted from 0.
        position: usize,
        /// The plan's length.
        len: usize,
    },
    /// An item cannot be merged with itself.
    #[error("{0} cannot be merged with itself")]
    SameItem(ItemId),
    /// What is nested below a moved item would be nested too deep.
    #[error("moving {0} there would nest its items more than 255 levels deep")]
    TooDeep(ItemId),
    /// The result would be no plan.
    #[error("the edit would break the plan: {0}")]
    Broken(#[from] PlanError),
}

impl Edit {
    /// Returns the changed plan and the edit that restores the present one exactly.
    ///
    /// Texts that the edit brings in get `origin`; other changes leave it. Only [`Origin::Human`] may
    /// change a pinned item, in whatever way: its text, dependencies, flags or depth. A restoring edit
    /// may do anything, and brings back the origins too.
    ///
    /// ```
    /// use planscope_plan::{Edit, Origin, parse};
    ///
    /// let plan = parse("C1: rolls = 5\nS1 <- C1: left = rolls - 3")?;
    /// let edit = Edit::Replace { id: "S1".parse()?, text: "left = rolls - 2".into() };
    /// let (changed, undo) = edit.apply(&plan, Origin::Human)?;
    /// assert_eq!(changed.items()[1].text, "left = rolls - 2");
    /// assert_eq!(undo.apply(&changed, Origin::Human)?.0, plan);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn apply(&self, plan: &Plan, origin: Origin) -> Result<(Plan, Self), EditError> {
        let mut items = plan.items().to_vec();
        self.change(&mut items, origin)?;
        let restoring = matches!(self, Self::Restore { .. });
        if origin != Origin::Human && !restoring {
            change::check_pinned(plan.items(), &items)?;
        }
        let changed = Plan::new(items)?;
        let inverse = change::restore(plan.items(), changed.items());
        Ok((changed, inverse))
    }

    /// Returns whether the edit can be applied but would change nothing that a reader sees.
    pub fn is_noop(&self, plan: &Plan) -> bool {
        self.apply(plan, Origin::Human).is_ok_and(|(changed, _)| changed.hash() == plan.hash())
    }

    /// Returns the kind's name, as in its serialised form.
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Tighten { .. } => "tighten",
            Self::Insert { .. } => "insert",
            Self::Remove { .. } => "remove",
            Self::Move { .. } => "move",
            Self::SetDeps { .. } => "set_deps",
            Self::Split { .. } => "split",
            Self::Merge { .. } => "merge",
            Self::Pin { .. } => "pin",
            Self::Mute { .. } => "mute",
            Self::Batch { .. } => "batch",
            Self::Restore { .. } => "restore",
        }
    }

    /// Returns the items that the edit is about, each once, in the order named. Items that only lose a
    /// dependency or change depth on the way are not among them.
    pub fn touches(&self) -> Vec<ItemId> {
        let named = match self {
            Self::Replace { id, .. }
            | Self::Tighten { id, .. }
            | Self::Remove { id }
            | Self::Move { id, .. }
            | Self::SetDeps { id, .. }
            | Self::Pin { id, .. }
            | Self::Mute { id, .. } => vec![*id],
            Self::Insert { item, .. } => vec![item.id],
            Self::Split { id, second, .. } => vec![*id, *second],
            Self::Merge { id, other, .. } => vec![*id, *other],
            Self::Batch { edits } => edits.iter().flat_map(Self::touches).collect(),
            Self::Restore { items, patches, .. } => items.iter().chain(patches).map(|i| i.id).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        named.into_iter().filter(|id| seen.insert(*id)).collect()
    }

    /// Returns one line for the screen.
    pub fn summary(&self) -> String {
        match self {
            Self::Replace { id, text } => format!("replace {id}: {text}"),
            Self::Tighten { id, text } => format!("tighten {id}: {text}"),
            Self::Insert { item, position } => {
                format!("insert {} as line {}: {}", item.id, position.saturating_add(1), item.text)
            }
            Self::Remove { id } => format!("remove {id}"),
            Self::Move { id, position, depth } => {
                format!("move {id} to line {}, depth {depth}", position.saturating_add(1))
            }
            Self::SetDeps { id, deps } if deps.is_empty() => format!("make {id} depend on nothing"),
            Self::SetDeps { id, deps } => {
                let names: Vec<String> = deps.iter().map(ToString::to_string).collect();
                format!("make {id} depend on {}", names.join(" "))
            }
            Self::Split { id, text, second, second_text } => {
                format!("split {id}: {text} | {second}: {second_text}")
            }
            Self::Merge { id, other, text } => format!("merge {other} into {id}: {text}"),
            Self::Pin { id, on } => format!("{} {id}", if *on { "pin" } else { "release" }),
            Self::Mute { id, on } => format!("{} {id}", if *on { "mute" } else { "unmute" }),
            Self::Batch { edits } => match edits.as_slice() {
                [] => AS_THEY_ARE.to_owned(),
                [edit] => edit.summary(),
                [first, rest @ ..] => format!("{}, and {} more", first.summary(), rest.len()),
            },
            Self::Restore { remove, items, patches, .. } => restored(*remove, items.iter().chain(patches)),
        }
    }
}

/// What an edit does that changes no line.
const AS_THEY_ARE: &str = "write all lines as they are";

/// Returns what an exchange of lines does: the new lines, the first two of them in words, and how many go.
fn restored<'a>(removed: usize, written: impl Iterator<Item = &'a Item>) -> String {
    let mut written = written.map(|item| format!("{}: {}", item.id, item.text));
    let first: Vec<String> = written.by_ref().take(2).collect();
    let more = match written.count() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    match (first.is_empty(), removed) {
        (true, 0) => AS_THEY_ARE.to_owned(),
        (true, _) => format!("remove {removed} of the lines"),
        (false, 0) => format!("write {}{more}", first.join(", ")),
        (false, _) => format!("write {}{more} in place of {removed}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        parse,
        text::{Style, print},
    };

    const PLAN: &str = "G1: goal
  C1: fact
  S1 <- C1: one
    S2 <- S1: two
S3 <- S1 S2: three";

    fn id(name: &str) -> ItemId {
        name.parse().expect("an id")
    }

    fn plan(text: &str) -> Plan {
        parse(text).expect("a plan")
    }

    /// Applies the edit, checks that its inverse restores the plan, and returns the new plan printed.
    fn applied(text: &str, edit: &Edit) -> String {
        let before = plan(text);
        let (after, inverse) = edit.apply(&before, Origin::Human).expect("it applies");
        let (again, redo) = inverse.apply(&after, Origin::Draft).expect("it can be undone");
        assert_eq!(again, before);
        assert_eq!(redo.apply(&again, Origin::Draft).expect("and redone").0, after);
        print(&after, Style::Full)
    }

    #[test]
    fn removing_lifts_what_is_below_and_drops_dependencies() {
        let after = applied(PLAN, &Edit::Remove { id: id("S1") });
        assert_eq!(after, "G1: goal\n  C1: fact\n  S2: two\nS3 <- S2: three");
    }

    #[test]
    fn moving_takes_the_subtree_along_at_an_allowed_depth() {
        let after = applied(PLAN, &Edit::Move { id: id("S1"), position: 0, depth: 9 });
        assert_eq!(after, "S1 <- C1: one\n  S2 <- S1: two\nG1: goal\n  C1: fact\nS3 <- S1 S2: three");
        let after = applied(PLAN, &Edit::Move { id: id("G1"), position: 1, depth: 1 });
        assert!(after.starts_with("S3 <- S1 S2: three\n  G1: goal\n    C1: fact"));
    }

    #[test]
    fn splitting_and_merging_keep_the_dependants() {
        let split = Edit::Split { id: id("S1"), text: "a".into(), second: id("S4"), second_text: "b".into() };
        let after = applied(PLAN, &split);
        assert!(
            after.contains(
                "  S1 {human} <- C1: a\n    S2 <- S1 S4: two\n  S4 {human} <- S1: b\nS3 <- S1 S4 S2"
            )
        );
        let merge = Edit::Merge { id: id("S1"), other: id("S2"), text: " both ".into() };
        assert!(applied(PLAN, &merge).contains("  S1 {human} <- C1: both\nS3 <- S1: three"));
        let round = plan("C1: a\nC2 <- C1: b\nC3 <- C2: c");
        let merge = Edit::Merge { id: id("C1"), other: id("C3"), text: "d".into() };
        let cycle = PlanError::Cycle(vec![id("C1"), id("C2")]);
        assert_eq!(merge.apply(&round, Origin::Human), Err(EditError::Broken(cycle)));
    }

    #[test]
    fn inserting_fits_the_depth_to_the_place() {
        let insert =
            |position, depth| Edit::Insert { item: Item { depth, ..Item::new(id("S9"), "new") }, position };
        assert!(applied(PLAN, &insert(3, 7)).contains("one\n    S9 {human}: new\n    S2"));
        assert!(applied(PLAN, &insert(3, 0)).contains("one\n  S9 {human}: new\n    S2"));
        let error = insert(6, 0).apply(&plan(PLAN), Origin::Human);
        assert_eq!(error, Err(EditError::BadPosition { position: 6, len: 5 }));
    }

    #[test]
    fn a_batch_is_one_edit_and_may_pass_through_what_is_no_plan() {
        let swap = Edit::Batch {
            edits: vec![
                Edit::SetDeps { id: id("S1"), deps: vec![id("S2"), id("S2")] },
                Edit::SetDeps { id: id("S2"), deps: vec![id("C1")] },
                Edit::Mute { id: id("C1"), on: true },
            ],
        };
        assert!(applied(PLAN, &swap).contains("C1 {muted}: fact\n  S1 <- S2: one\n    S2 <- C1: two"));
        assert_eq!(swap.touches(), [id("S1"), id("S2"), id("C1")]);
    }

    #[test]
    fn only_a_person_changes_a_pinned_item() {
        let pinned = plan("C1: a\nS1 {pinned} <- C1: b\n  S2: c");
        let edits = [
            Edit::Replace { id: id("S1"), text: "x".into() },
            Edit::Remove { id: id("S1") },
            Edit::Remove { id: id("C1") },
            Edit::Pin { id: id("S1"), on: false },
            Edit::Move { id: id("S1"), position: 1, depth: 1 },
        ];
        for edit in edits {
            let model = edit.apply(&pinned, Origin::Refined);
            assert_eq!(model, Err(EditError::Pinned(id("S1"))), "{}", edit.summary());
            assert!(edit.apply(&pinned, Origin::Human).is_ok(), "{}", edit.summary());
        }
        assert!(Edit::Remove { id: id("S2") }.apply(&pinned, Origin::Noise).is_ok());
    }

    #[test]
    fn an_edit_that_changes_nothing_is_seen() {
        let edit = |text: &str| Edit::Replace { id: id("C1"), text: text.into() };
        assert!(edit(" fact ").is_noop(&plan(PLAN)));
        assert!(!edit("facts").is_noop(&plan(PLAN)));
        assert!(!edit("").is_noop(&plan(PLAN)));
    }

    #[test]
    fn an_exchange_of_lines_says_what_is_written() {
        let items = parse(PLAN).expect("a plan").items().to_vec();
        let summary = |remove, items: &[Item], patches: &[Item]| {
            let (items, patches) = (items.to_vec(), patches.to_vec());
            Edit::Restore { start: 0, remove, items, patches }.summary()
        };
        assert_eq!(summary(0, &[], &[]), "write all lines as they are");
        assert_eq!(summary(2, &[], &[]), "remove 2 of the lines");
        assert_eq!(summary(0, &items[1..2], &[]), "write C1: fact");
        assert_eq!(
            summary(1, &items[1..3], &items[3..]),
            "write C1: fact, S1: one, and 2 more in place of 1"
        );
    }

    #[test]
    fn edits_are_tagged_data() {
        let edit = Edit::Pin { id: id("S1"), on: true };
        let json = serde_json::to_string(&edit).expect("json");
        assert_eq!(json, r#"{"kind":"pin","id":"S1","on":true}"#);
        assert_eq!(serde_json::from_str::<Edit>(&json).expect("an edit"), edit);
    }
}
