//! Moving about on the screen: the focus, borders, candidates, scrolling.

use crate::{
    commands::{action::Edge, pane::Pane},
    core::{look::Look, model::Model, msg::Effect, notices::Level, plan_cursor},
    layout::Sizes,
};

/// How many columns a pane grows at once; rows go one by one.
const RESIZE_COLUMNS: i16 = 2;

/// Moves the divider on this side of the focused pane: outwards where there is one, and otherwise the one
/// on the other side, the same way.
pub(super) fn resize(model: &mut Model, edge: Edge) -> Vec<Effect> {
    let places = model.places();
    let focus = model.look.focus;
    let Some((_, pane)) = places.panes.iter().find(|(pane, _)| *pane == focus) else { return Vec::new() };
    let (opposite, step) = match edge {
        Edge::Left => (Edge::Right, -RESIZE_COLUMNS),
        Edge::Right => (Edge::Left, RESIZE_COLUMNS),
        Edge::Top => (Edge::Bottom, -1),
        Edge::Bottom => (Edge::Top, 1),
    };
    let at = |edge: Edge| places.dividers.iter().find(|divider| divider.is_at(edge, *pane));
    // As in tmux: the right or lower border moves, unless the pane stands at the screen's edge.
    let (first, second) =
        if matches!(edge, Edge::Right | Edge::Bottom) { (edge, opposite) } else { (opposite, edge) };
    let Some(divider) = at(first).or_else(|| at(second)) else {
        model.notices.say(Level::Info, "This pane has no border that could be moved this way.", model.now);
        return Vec::new();
    };
    model.look.sizes.drag(divider, divider.start().saturating_add_signed(step));
    vec![Effect::Remember]
}

/// Gives the pane with this number the focus.
pub(super) fn focus(look: &mut Look, index: u8) {
    look.focus = Pane::ALL.get(usize::from(index)).copied().unwrap_or(look.focus);
}

/// Gives all panes their usual sizes.
pub(super) fn reset_sizes(look: &mut Look) -> Vec<Effect> {
    look.sizes = Sizes::default();
    vec![Effect::Remember]
}

pub(super) fn choose(model: &mut Model, step: isize) {
    let count = model.session.state().candidates.len();
    if count > 0 {
        let now = model.candidate_index() as isize;
        show_candidate(model, (now + step).rem_euclid(count as isize) as usize);
    }
}

/// Shows the candidate with this number.
pub(super) fn show_candidate(model: &mut Model, index: usize) {
    if index < model.session.state().candidates.len() {
        model.look.cursors.chosen = Some((model.session.state().iteration, index));
        model.look.scroll[Pane::Proposal as usize] = None;
        model.look.scroll[Pane::Score as usize] = None;
    }
}

pub(super) fn half_page(model: &Model) -> isize {
    (model.extents.panes[model.look.focus as usize].page / 2).max(1) as isize
}

pub(super) fn scroll(model: &mut Model, step: isize) {
    if model.look.focus == Pane::Plan && model.session.plan().is_some() {
        plan_cursor::step(model, step);
    } else {
        scroll_pane(model, model.look.focus, step);
    }
}

/// Scrolls a pane, which need not have the focus.
pub(super) fn scroll_pane(model: &mut Model, pane: Pane, step: isize) {
    let extent = model.extents.panes[pane as usize];
    // Between two frames the wish is newer than what was drawn.
    let now = model.look.scroll[pane as usize].map_or(extent.offset, |wish| wish.min(extent.max));
    model.look.scroll[pane as usize] = Some(now.saturating_add_signed(step).min(extent.max));
}
