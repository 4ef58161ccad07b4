//! What is known of each item besides its text, and the signs for it.

use std::collections::HashMap;

use ratatui::text::Span;

use crate::panes::Ctx;
use crate::theme::Role;
use plan::{Item, ItemId, Origin};
use session::{Severity, State};

/// From this width on items that are cited say so.
const ROOM_FOR_CITED: usize = 50;

/// What checker and answer say of one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemMarks {
    /// The checker's findings on it, as places in its list.
    pub findings: Vec<usize>,
    /// The worst of them.
    pub worst: Option<Severity>,
    /// How many sentences of the answer cite it; absent while there is no answer with citations.
    pub cited: Option<u32>,
}

/// Returns the marks of all items that have some.
pub fn collect(state: &State) -> HashMap<ItemId, ItemMarks> {
    let mut marks: HashMap<ItemId, ItemMarks> = HashMap::new();
    let check = state.incumbent.as_ref().and_then(|view| view.check.as_ref());
    for (at, finding) in check.map_or(&[][..], |check| &check.findings).iter().enumerate() {
        if let Some(item) = finding.item {
            let own = marks.entry(item).or_default();
            own.findings.push(at);
            own.worst = own.worst.max(Some(finding.severity));
        }
    }
    for row in state.answer.as_ref().filter(|answer| answer.cite).map_or(&[][..], |a| &a.coverage) {
        marks.entry(row.item).or_default().cited = Some(row.cited);
    }
    marks
}

/// Returns the sign for who wrote an item's present text; none for the draft.
pub const fn origin_sign(origin: Origin) -> Option<(&'static str, Role)> {
    match origin {
        Origin::Draft => None,
        Origin::Refined => Some(("↻", Role::Dim)),
        Origin::Human => Some(("✎", Role::Human)),
        Origin::Noise => Some(("≈", Role::Noise)),
    }
}

/// Returns who wrote an item's present text, in words.
pub const fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Draft => "drafted",
        Origin::Refined => "refined",
        Origin::Human => "changed by hand",
        Origin::Noise => "changed by noise",
    }
}

/// Returns how many iterations ago `id` got its present form; none for an item still as drafted.
pub fn age(state: &State, id: ItemId) -> Option<u32> {
    let since = state.ages.since(id).filter(|since| *since > 0)?;
    Some(state.iteration.saturating_sub(since))
}

/// Returns the signs that follow an item: who wrote it and how many iterations ago, how often the answer
/// cites it, and its flags. In fewer than `ROOM_FOR_CITED` columns only what is not cited says so.
pub fn signs(ctx: &Ctx<'_>, item: &Item, columns: usize) -> Vec<Span<'static>> {
    let state = ctx.model.state();
    let mut signs = Vec::new();
    let age = age(state, item.id);
    if let Some((sign, role)) = origin_sign(item.origin).or(age.map(|_| ("·", Role::Dim))) {
        let ago = age.filter(|age| *age > 0).map_or_else(String::new, |age| age.to_string());
        signs.push(ctx.span(role, format!("  {sign}{ago}")));
    }
    let cited = ctx.model.marks.get(&item.id).and_then(|marks| marks.cited);
    if let Some(cited) = cited.filter(|cited| *cited == 0 || columns >= ROOM_FOR_CITED) {
        let role = if cited == 0 { Role::Care } else { Role::Dim };
        signs.push(ctx.span(role, format!("  [{cited}]")));
    }
    if !ctx.model.findings.flags(item.id).is_empty() {
        signs.push(ctx.span(Role::Care, "  ⚑"));
    }
    if item.pinned {
        signs.push(ctx.span(Role::Care, "  pinned"));
    }
    if item.muted {
        signs.push(ctx.span(Role::Dim, "  muted"));
    }
    if ctx.model.is_pending(item.id) {
        signs.push(ctx.span(Role::Human, "  pending"));
    }
    signs
}
