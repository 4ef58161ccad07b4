//! The cursors inside panes: over the iterations of the charts, and over the citations of the answer.
//!
//! Keys that mean something else elsewhere move them while their pane has the focus.

use super::{
    commands::{Action, Travel},
    model::Model,
    panes::{Pane, answer},
};

/// The fewest iterations that the charts show.
const CLOSEST: usize = 2;

/// Does what `action` means for the focused pane's cursor; returns whether it means anything there.
pub fn act(model: &mut Model, action: &Action) -> bool {
    if model.look.popup.is_some() {
        return false;
    }
    match model.look.focus {
        Pane::Score => on_chart(model, action, arrows(action)),
        Pane::Timeline => on_chart(model, action, arrows(action).or_else(|| letters(action))),
        Pane::Answer => on_answer(model, action, arrows(action).or_else(|| letters(action))),
        Pane::Plan | Pane::Proposal | Pane::Budget => false,
    }
}

/// Returns whether the focused pane has a cursor that `action` moves.
pub fn moves(model: &Model, action: &Action) -> bool {
    let has_cursor = match model.look.focus {
        Pane::Score | Pane::Timeline | Pane::Answer => true,
        Pane::Plan | Pane::Proposal | Pane::Budget => false,
    };
    has_cursor && arrows(action).is_some()
}

/// Which way the arrow keys go.
fn arrows(action: &Action) -> Option<isize> {
    let steps = [(Action::Travel(Travel::PreviousEvent), -1), (Action::Travel(Travel::NextEvent), 1)];
    steps.into_iter().find(|(known, _)| known == action).map(|(_, step)| step)
}

/// Which way h and l go.
fn letters(action: &Action) -> Option<isize> {
    let steps = [(Action::PreviousCandidate, -1), (Action::NextCandidate, 1)];
    steps.into_iter().find(|(known, _)| known == action).map(|(_, step)| step)
}

fn on_chart(model: &mut Model, action: &Action, step: Option<isize>) -> bool {
    let Some(last) = model.overview.iterations.len().checked_sub(1) else { return false };
    if let Some(step) = step {
        let next = model.iteration().map_or(0, |at| at.saturating_add_signed(step).min(last));
        model.look.point = Some(next);
        return true;
    }
    if model.look.point.is_none() {
        return false;
    }
    if *action == Action::Open {
        go(model);
        return true;
    }
    if *action == Action::Back {
        model.look.point = None;
        return true;
    }
    false
}

/// Goes to where the iteration under the cursor is over.
fn go(model: &mut Model) {
    let Some(at) = model.look.point.take() else { return };
    if let Some(iteration) = model.overview.iterations.get(at) {
        model.play = None;
        model.replay.seek(iteration.seq as usize + 1);
    }
}

/// Shows fewer iterations in the charts, or more.
pub fn zoom(model: &mut Model, closer: bool) {
    let all = model.overview.iterations.len().max(CLOSEST);
    let span = model.look.span.unwrap_or(all);
    let span = if closer { span / 2 } else { span.saturating_mul(2) };
    model.look.span = Some(span.clamp(CLOSEST, all));
}

fn on_answer(model: &mut Model, action: &Action, step: Option<isize>) -> bool {
    let Some(step) = step else {
        let leaves = *action == Action::Back && model.look.citation.is_some();
        if leaves {
            model.look.citation = None;
        }
        return leaves;
    };
    let Some(answer) = &model.state().answer else { return false };
    let cited = answer::cited(&answer.text);
    let Some(last) = cited.len().checked_sub(1) else { return false };
    let next = match model.look.citation {
        Some(at) => at.saturating_add_signed(step).min(last),
        None if step < 0 => last,
        None => 0,
    };
    model.look.citation = Some(next);
    model.look.item = Some(cited[next]);
    model.look.scroll[Pane::Answer as usize] = None;
    true
}
