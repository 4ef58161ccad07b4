//! When a command has nothing to do, and why: the one place that knows it, for every command.

use crate::{
    commands::{Action, Pane},
    core::{hand, model::Model, open_session::OpenSession, plan_cursor, ruling},
    layout::Sizes,
    panes::answer,
    run::cursors,
};

/// Why a command has no effect in the present situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// It cannot be done now, in a sentence. A script in which it stands ends.
    Refused(String),
    /// Nothing is left to do, in a sentence. A script continues.
    Already(String),
}

fn refused(why: impl Into<String>) -> Option<WhyNot> {
    Some(WhyNot::Refused(why.into()))
}

fn already(why: impl Into<String>) -> Option<WhyNot> {
    Some(WhyNot::Already(why.into()))
}

/// Returns why `action` would have no effect on the panes; `None` where it has one, or finds out itself that it has none:
/// an engine that refuses, a dialog that cannot open, a search without a hit.
pub fn why_not(model: &Model, action: &Action) -> Option<WhyNot> {
    let session = &model.session;
    match action {
        Action::Hand(_) | Action::Undo | Action::Redo => refused(hand::refusal(session)?),
        Action::Rule(_) => refused(ruling::refusal(session)?),
        Action::Noise(_)
        | Action::Chaos(_)
        | Action::Adopt(_)
        | Action::Gate(_)
        | Action::ShadowLane
        | Action::Rescore(_) => refused(unchangeable(session)?),
        Action::Down | Action::PageDown | Action::Bottom => at_end(model, action, true),
        Action::Up | Action::PageUp | Action::Top => at_end(model, action, false),
        Action::Left => at_side(model, false),
        Action::Right => at_side(model, true),
        Action::Focus(index) => no_focus(model, *index),
        Action::Fold => no_fold(model),
        Action::NextCandidate | Action::PreviousCandidate => match session.state().candidates.len() {
            0 => refused("There is no candidate at this moment."),
            1 => already("This is the only candidate."),
            _ => None,
        },
        Action::Open => nothing_to_open(model),
        Action::ChartCloser => chart_limit(model, true),
        Action::ChartWider => chart_limit(model, false),
        Action::ResetSizes if model.look.sizes == Sizes::default() => {
            already("The panes have their usual sizes.")
        }
        Action::Back => nothing_to_leave(model),
        Action::Drive(_)
        | Action::Travel(_)
        | Action::Show(_)
        | Action::Probe(_)
        | Action::Find(..)
        | Action::FocusNext
        | Action::FocusPrevious
        | Action::Zoom
        | Action::Resize(_)
        | Action::ResetSizes
        | Action::DiffLayout
        | Action::Item(_)
        | Action::SearchFor(_)
        | Action::NextHit
        | Action::PreviousHit
        | Action::Copy
        | Action::Mark(_)
        | Action::Theme(_)
        | Action::Set(..)
        | Action::Source(_)
        | Action::Screenshot(_)
        | Action::Interrupt
        | Action::Suspend
        | Action::Quit
        | Action::InOverlay(_) => None,
    }
}

/// Why nothing of the run can be changed now.
fn unchangeable(session: &OpenSession) -> Option<&'static str> {
    if session.source_over() {
        return Some("There is no run that could be changed; fork the session to start one.");
    }
    (!session.at_present())
        .then_some("An earlier moment is shown; G returns to the present, which can be changed.")
}

/// Whether a pane already has the focus. A digit that may count what comes next does something anyway.
fn no_focus(model: &Model, index: u8) -> Option<WhyNot> {
    let focus = model.look.focus;
    let has_it = Pane::ALL.get(usize::from(index)) == Some(&focus) && model.count().is_none();
    if has_it { already(format!("{} already has the focus.", focus.title())) } else { None }
}

/// Whether the focused pane is at its last line, or its first.
fn at_end(model: &Model, action: &Action, bottom: bool) -> Option<WhyNot> {
    let (session, pane) = (&model.session, model.look.focus);
    let extent = model.extents.panes[pane as usize];
    let offset = model.look.scroll[pane as usize].map_or(extent.offset, |wish| wish.min(extent.max));
    let scrolled = if bottom { offset == extent.max } else { offset == 0 };
    let side = if bottom { "end" } else { "start" };
    if pane == Pane::Plan
        && let Some(row) = plan_cursor::row(model)
    {
        let last = if bottom { model.derived.outline.rows().len() - 1 } else { 0 };
        return if row == last && scrolled {
            already(format!("This is the {side} of the plan."))
        } else {
            None
        };
    }
    let travels = session.engine().is_none() || !session.replay.at_end();
    if !scrolled || (travels && matches!(action, Action::Top | Action::Bottom)) {
        return None;
    }
    let title = pane.title();
    already(if extent.max == 0 {
        format!("All of {title} is in view.")
    } else {
        format!("This is the {side} of {title}.")
    })
}

/// Whether the focused pane's cursor is at its first iteration or citation, or its last.
fn at_side(model: &Model, on: bool) -> Option<WhyNot> {
    let cursors = &model.look.cursors;
    let (count, at, name) = match model.look.focus {
        Pane::Score | Pane::Timeline => (model.session.overview.iterations.len(), cursors.point, "iteration"),
        Pane::Answer => {
            let answer = model.session.state().answer.as_ref()?;
            (answer::cited(&answer.text).len(), cursors.citation, "citation")
        }
        Pane::Plan | Pane::Proposal | Pane::Budget => return None,
    };
    let (end, side) = if on { (count.checked_sub(1)?, "last") } else { (0, "first") };
    if count > 0 && at == Some(end) { already(format!("This is the {side} {name}.")) } else { None }
}

fn no_fold(model: &Model) -> Option<WhyNot> {
    let Some((item, plan)) = plan_cursor::item(model).zip(model.session.plan()) else {
        return refused("There is no plan yet.");
    };
    let alone = plan.position(item.id).is_some_and(|at| plan.subtree(at).len() == 1);
    if alone { already(format!("Nothing is nested below {}.", item.id)) } else { None }
}

fn nothing_to_open(model: &Model) -> Option<WhyNot> {
    match model.look.focus {
        Pane::Score | Pane::Timeline if model.session.overview.iterations.is_empty() => {
            refused("There is no iteration yet.")
        }
        Pane::Score | Pane::Timeline if model.look.cursors.point.is_none() => {
            already("No iteration is chosen; left and right choose one.")
        }
        Pane::Score | Pane::Timeline => None,
        pane @ (Pane::Answer | Pane::Plan | Pane::Proposal | Pane::Budget) => {
            already(format!("Nothing in {} can be opened.", pane.title()))
        }
    }
}

fn chart_limit(model: &Model, closer: bool) -> Option<WhyNot> {
    match (closer, cursors::zoomed(model, closer) == cursors::span(model)) {
        (_, false) => None,
        (true, true) => already("The charts show as few iterations as they can."),
        (false, true) => already("The charts show all iterations."),
    }
}

fn nothing_to_leave(model: &Model) -> Option<WhyNot> {
    let has_cursor = match model.look.focus {
        Pane::Score | Pane::Timeline => model.look.cursors.point.is_some(),
        Pane::Answer => model.look.cursors.citation.is_some(),
        Pane::Plan | Pane::Proposal | Pane::Budget => false,
    };
    let past = model.session.engine().is_some() && !model.session.replay.at_end();
    let message = model.notices.current(model.now).is_some();
    if has_cursor || model.look.search.is_some() || message || model.look.zoom || past {
        return None;
    }
    already("Nothing is open that could be closed.")
}

/// Returns what `action` did, in a sentence, where that cannot be seen: it changed a pane that is not shown, or what no
/// pane shows.
pub fn unseen(model: &Model, action: &Action) -> Option<String> {
    if let Action::Set(key, value) = action {
        return Some(format!("{key} is {value} now."));
    }
    if *action == Action::Fold && !model.shows(Pane::Plan) {
        let (item, row) = plan_cursor::item(model).zip(plan_cursor::row(model))?;
        let hidden = model.derived.outline.hidden(row, model.session.plan()?.len());
        return Some(match hidden {
            0 => format!("What is nested below {} is shown again.", item.id),
            _ => format!("What is nested below {} is folded away.", item.id),
        });
    }
    if matches!(action, Action::NextCandidate | Action::PreviousCandidate) && !model.shows(Pane::Proposal) {
        let (at, count) = (model.candidate_index() + 1, model.session.state().candidates.len());
        return Some(format!("Candidate {at} of {count} is chosen."));
    }
    let charts = model.shows(Pane::Score) || model.shows(Pane::Timeline);
    if matches!(action, Action::ChartCloser | Action::ChartWider) && !charts {
        return Some(format!("The charts show {} iterations.", cursors::span(model)));
    }
    None
}
