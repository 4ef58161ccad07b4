//! What is known of each item besides its text, and the signs for it.

use ratatui::text::Span;

use crate::panes::ctx::Ctx;
use crate::theme::Role;
use plan::{Item, ItemId, Origin};
use session::State;

/// From this width on items that are cited say so.
const ROOM_FOR_CITED: usize = 50;

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
    let state = ctx.model.session.state();
    let mut signs = Vec::new();
    let age = age(state, item.id);
    if let Some((sign, role)) = origin_sign(item.origin).or(age.map(|_| ("·", Role::Dim))) {
        let ago = age.filter(|age| *age > 0).map_or_else(String::new, |age| age.to_string());
        signs.push(ctx.span(role, format!("  {sign}{ago}")));
    }
    let cited = ctx.model.derived.marks.get(&item.id).and_then(|marks| marks.cited);
    if let Some(cited) = cited.filter(|cited| *cited == 0 || columns >= ROOM_FOR_CITED) {
        let role = if cited == 0 { Role::Care } else { Role::Dim };
        signs.push(ctx.span(role, format!("  [{cited}]")));
    }
    if !ctx.model.background.findings.flags(item.id).is_empty() {
        signs.push(ctx.span(Role::Care, "  ⚑"));
    }
    if item.pinned {
        signs.push(ctx.span(Role::Care, "  pinned"));
    }
    if item.muted {
        signs.push(ctx.span(Role::Dim, "  muted"));
    }
    if ctx.model.session.is_pending(item.id) {
        signs.push(ctx.span(Role::Human, "  pending"));
    }
    signs
}
