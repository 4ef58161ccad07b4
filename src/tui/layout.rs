//! Where each pane stands.

use ratatui::layout::{Constraint, Layout, Rect};

use super::{model::Model, panes::Pane};
use crate::session::Phase;

/// Below this the screen shows a sentence instead of panes.
pub const SMALLEST: (u16, u16) = (60, 16);

/// The parts of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The top line.
    pub status: Rect,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
    /// Panes that share their place with the one shown; in the order of their tabs.
    pub tabs: Vec<Pane>,
    /// The line of messages, where there is room for one of its own.
    pub notice: Option<Rect>,
    /// The line of key hints.
    pub footer: Rect,
}

/// Returns where things stand on a screen of `area`.
pub fn places(model: &Model, area: Rect) -> Places {
    let notice_rows = u16::from(area.height >= 30);
    let [status, body, notice, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(notice_rows),
        Constraint::Length(1),
    ])
    .areas(area);
    let mut places = Places {
        status,
        panes: Vec::new(),
        tabs: Vec::new(),
        notice: (notice_rows > 0).then_some(notice),
        footer,
    };
    if model.look.zoom {
        places.panes.push((model.look.focus, body));
    } else if area.width >= 150 && area.height >= 40 {
        places.panes = wide(model, body);
    } else if area.width >= 100 && area.height >= 32 {
        places.panes = medium(model, body);
    } else {
        compact(model, body, &mut places);
    }
    places
}

/// Three columns.
fn wide(model: &Model, body: Rect) -> Vec<(Pane, Rect)> {
    let [left, middle, right] =
        Layout::horizontal([Constraint::Fill(34), Constraint::Fill(36), Constraint::Fill(30)]).areas(body);
    let answer = if model.answering() { 65 } else { 28 };
    let [proposal, answer] =
        Layout::vertical([Constraint::Fill(100 - answer), Constraint::Fill(answer)]).areas(middle);
    let [score, timeline, budget] =
        Layout::vertical([Constraint::Fill(5), Constraint::Fill(3), Constraint::Fill(4)]).areas(right);
    vec![
        (Pane::Plan, left),
        (Pane::Proposal, proposal),
        (Pane::Score, score),
        (Pane::Timeline, timeline),
        (Pane::Answer, answer),
        (Pane::Budget, budget),
    ]
}

/// Two columns.
fn medium(model: &Model, body: Rect) -> Vec<(Pane, Rect)> {
    let [left, right] = Layout::horizontal([Constraint::Percentage(48), Constraint::Fill(1)]).areas(body);
    let [plan, timeline, budget] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(8), Constraint::Length(9)]).areas(left);
    let shares = if model.answering() { [3, 4, 8] } else { [8, 5, 2] };
    let [proposal, score, answer] = Layout::vertical(shares.map(Constraint::Fill)).areas(right);
    vec![
        (Pane::Plan, plan),
        (Pane::Proposal, proposal),
        (Pane::Score, score),
        (Pane::Timeline, timeline),
        (Pane::Answer, answer),
        (Pane::Budget, budget),
    ]
}

/// The plan and the timeline; the other panes share one place.
fn compact(model: &Model, body: Rect, places: &mut Places) {
    let [left, right] = Layout::horizontal([Constraint::Percentage(50), Constraint::Fill(1)]).areas(body);
    let [plan, timeline] = Layout::vertical([Constraint::Fill(1), Constraint::Length(5)]).areas(left);
    places.tabs = vec![Pane::Proposal, Pane::Score, Pane::Answer, Pane::Budget];
    let shown = if places.tabs.contains(&model.look.focus) { model.look.focus } else { telling(model) };
    places.panes = vec![(Pane::Plan, plan), (Pane::Timeline, timeline), (shown, right)];
}

/// Returns the pane that tells most about what is going on.
fn telling(model: &Model) -> Pane {
    match model.state().phase {
        Phase::Load | Phase::Draft | Phase::Propose => Pane::Proposal,
        Phase::ScoreDraft | Phase::Score | Phase::Decide => Pane::Score,
        Phase::Answer | Phase::Done => Pane::Answer,
    }
}
