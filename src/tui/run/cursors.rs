//! The cursors inside panes: over the iterations of the charts, and over the citations of the answer.

use crate::{
    commands::{CommandError, Travel, pane::Pane},
    core::{look::Look, model::Model},
    panes::answer,
    run::drive::go,
};

/// The fewest iterations that the charts show.
const CLOSEST: usize = 2;

/// Moves the focused pane's cursor one on, or back; where it has none, goes to the next or last event.
///
/// # Errors
/// When there is no such moment.
pub fn step(model: &mut Model, on: bool) -> Result<(), CommandError> {
    let moved = match model.look.focus {
        Pane::Score | Pane::Timeline => step_on_chart(model, on),
        Pane::Answer => step_on_answer(model, on),
        Pane::Plan | Pane::Proposal | Pane::Budget => false,
    };
    if moved {
        return Ok(());
    }
    go(model, if on { Travel::NextEvent } else { Travel::PreviousEvent })
}

const fn sign(on: bool) -> isize {
    if on { 1 } else { -1 }
}

fn step_on_chart(model: &mut Model, on: bool) -> bool {
    let Some(last) = model.session.overview.iterations.len().checked_sub(1) else { return false };
    let next = model.iteration().map_or(0, |at| at.saturating_add_signed(sign(on)).min(last));
    model.look.cursors.point = Some(next);
    true
}

/// Leaves the focused pane's cursor; returns whether it had one.
pub fn leave(look: &mut Look) -> bool {
    match look.focus {
        Pane::Score | Pane::Timeline => look.cursors.point.take().is_some(),
        Pane::Answer => look.cursors.citation.take().is_some(),
        Pane::Plan | Pane::Proposal | Pane::Budget => false,
    }
}

/// Opens what is under the focused pane's cursor.
pub fn open(model: &mut Model) {
    match model.look.focus {
        Pane::Score | Pane::Timeline => open_point(model),
        Pane::Answer | Pane::Plan | Pane::Proposal | Pane::Budget => {}
    }
}

/// Goes to where the iteration under the cursor is over.
fn open_point(model: &mut Model) {
    let Some(at) = model.look.cursors.point.take() else { return };
    if let Some(iteration) = model.session.overview.iterations.get(at) {
        model.play = None;
        model.session.replay.seek(iteration.seq as usize + 1);
    }
}

/// Shows fewer iterations in the charts, or more.
pub fn zoom(model: &mut Model, closer: bool) {
    model.look.span = Some(zoomed(model, closer));
}

/// Returns how many iterations the charts show at most.
pub fn span(model: &Model) -> usize {
    let all = most(model);
    model.look.span.unwrap_or(all).clamp(CLOSEST, all)
}

/// Returns how many they show once there are fewer, or more.
pub fn zoomed(model: &Model, closer: bool) -> usize {
    let span = span(model);
    let span = if closer { span / 2 } else { span.saturating_mul(2) };
    span.clamp(CLOSEST, most(model))
}

fn most(model: &Model) -> usize {
    model.session.overview.iterations.len().max(CLOSEST)
}

fn step_on_answer(model: &mut Model, on: bool) -> bool {
    let Some(answer) = &model.session.state().answer else { return false };
    let cited = answer::cited(&answer.text);
    let Some(last) = cited.len().checked_sub(1) else { return false };
    let next = match model.look.cursors.citation {
        Some(at) => at.saturating_add_signed(sign(on)).min(last),
        None if on => 0,
        None => last,
    };
    model.look.cursors.citation = Some(next);
    model.look.cursors.item = Some(cited[next]);
    model.look.scroll[Pane::Answer as usize] = None;
    true
}
