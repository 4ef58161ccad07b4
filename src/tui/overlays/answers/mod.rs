//! Answers from several moments, compared with each other.

mod draw;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Opened, Outcome, Overlay, motion, sideways};
use crate::{
    commands::{Action, CommandError, OverlayKind},
    core::{
        answers::{Answers, Entry},
        model::Model,
        msg::Effect,
        notices::Level,
    },
    panes::ctx::Ctx,
    widgets::{
        list::Cursor,
        scroll::{Extent, Motion, Scroll},
    },
};
use engine::Command;

/// The list of answers.
#[derive(Debug, Default)]
pub struct AnswersView {
    cursor: Cursor,
    scroll: Scroll,
    /// The event from whose plan the answer under the cursor was asked for, while it has not come.
    awaited: Option<u64>,
}

impl AnswersView {
    fn at(answers: &Answers, row: usize) -> Self {
        let mut view = Self { cursor: Cursor::at(row), ..Self::default() };
        view.note_awaited(answers);
        view
    }

    fn note_awaited(&mut self, answers: &Answers) {
        let row = self.cursor.row(answers.count());
        self.awaited = row.checked_sub(answers.entries.len()).and_then(|at| answers.asked.get(at).copied());
    }
}

fn not_now<T>(why: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError::NotNow(why.into()))
}

/// Returns the answers, at the one from the current position.
///
/// # Errors
/// While the record is still being read.
pub fn open(model: &mut Model) -> Result<Opened, CommandError> {
    if model.session.replay.is_read_to().is_some() {
        return not_now("The record is still being read; its answers can be listed once all of it is.");
    }
    model.background.answers.collect(&model.session.replay, &model.session.overview);
    let here = model.session.replay.position() as u64;
    let row = model.background.answers.entries.iter().position(|entry| entry.moment + 1 == here).unwrap_or(0);
    Ok((Box::new(AnswersView::at(&model.background.answers, row)), Vec::new()))
}

/// Asks for an answer from the plan of the current position, and shows how it comes.
///
/// # Errors
/// When there is no run that could decode it, or no plan.
pub fn ask(model: &mut Model) -> Result<Opened, CommandError> {
    if model.session.source_over() {
        let fork = model.setup.keymap.labels("fork").first().cloned().unwrap_or_else(|| ":fork".to_owned());
        return not_now(format!(
            "There is no run that could decode an answer; {fork} continues from here as one."
        ));
    }
    let plan = model.session.state().incumbent.as_ref().map(|view| view.plan.clone());
    let seq = (model.session.replay.position() as u64).checked_sub(1);
    let (Some(plan), Some(seq)) = (plan, seq) else {
        return not_now("There is no plan at this moment to answer from.");
    };
    model.background.answers.collect(&model.session.replay, &model.session.overview);
    if let Some(row) = model.background.answers.with_plan(plan.hash()) {
        let why = "There is already an answer from this plan; it would be the same.";
        model.notices.say(Level::Warning, why, model.now);
        return Ok((Box::new(AnswersView::at(&model.background.answers, row)), Vec::new()));
    }
    let answers = &mut model.background.answers;
    if answers.asked.contains(&seq) {
        return not_now("An answer from this moment is on its way.");
    }
    answers.asked.push(seq);
    let view = AnswersView::at(answers, answers.count() - 1);
    Ok((Box::new(view), vec![Effect::Send(Command::AnswerFrom { seq, plan: Box::new(plan) })]))
}

impl Overlay for AnswersView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Answers
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let count = model.background.answers.count();
        if let Some(step) = sideways(action) {
            self.cursor.go(Motion::By(step), count);
            self.scroll = Scroll::default();
            self.note_awaited(&model.background.answers);
        } else if let Some(motion) = motion(action, model.extents.overlay) {
            self.scroll.go(motion, model.extents.overlay);
        } else if *action == Action::Open {
            let entry = model.background.answers.entries.get(self.cursor.row(count));
            let Some(moment) = entry.map(|entry| entry.moment) else { return Outcome::stay() };
            model.go_to(moment);
            return Outcome::Panes;
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        if model.background.arrived.record {
            model.background.answers.collect(&model.session.replay, &model.session.overview);
        }
        let came = |awaited: u64| {
            let came = |entry: &Entry| !entry.is_final && entry.moment == awaited;
            model.background.answers.entries.iter().position(came)
        };
        if let Some(row) = self.awaited.and_then(came) {
            // Whoever waited for it keeps seeing it.
            self.cursor = Cursor::at(row);
        }
        self.note_awaited(&model.background.answers);
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self, area, buf)
    }
}
