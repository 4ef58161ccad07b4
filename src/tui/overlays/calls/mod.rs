//! The raw view: the exact prompt and reply of a call to the model, as they stand in the session's blobs.

mod numbers;
mod transcript;

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Opened, Outcome, Overlay, motion, sideways};
use crate::{
    commands::{Action, CommandError, OverlayKey, OverlayKind},
    core::{call_text::CallText, jobs::Job, model::Model, msg::Effect},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, Scroll, draw_lines},
        wrap::wrap_text,
    },
};
use session::CallId;

/// How long texts may be read before that is said. Most are there at once, and the words would only flash.
const PATIENCE: Duration = Duration::from_millis(150);

/// The call that is shown.
#[derive(Debug)]
pub struct CallView {
    /// Its place among the calls of the session.
    at: usize,
    /// Which of its sequences is shown.
    sequence: usize,
    /// Whether all of what the model thought is shown.
    unfolded: bool,
    /// What was asked and answered; absent until it is read.
    text: Option<CallText>,
    /// When it was asked for, and whether there was a reply by then.
    asked: (Duration, bool),
    scroll: Scroll,
}

/// Returns the call with this number; without one, the last that began before the current position.
///
/// # Errors
/// When there is no such call.
pub fn open(model: &mut Model, number: Option<CallId>) -> Result<Opened, CommandError> {
    let at = match number {
        Some(number) => model.session.overview.calls.iter().rposition(|call| call.id == number),
        None => model.session.overview.call_at(model.session.replay.position()),
    };
    let none = || {
        CommandError::NotNow(number.map_or_else(
            || "No call to the model was made before this moment.".to_owned(),
            |CallId(number)| format!("There is no call {number} so far."),
        ))
    };
    let at = at.ok_or_else(none)?;
    let asked = (model.now, false);
    let mut view =
        CallView { at, sequence: 0, unfolded: false, text: None, asked, scroll: Scroll::default() };
    let effects = view.read(model);
    Ok((Box::new(view), effects))
}

impl CallView {
    /// Has the texts of the call read.
    fn read(&mut self, model: &Model) -> Vec<Effect> {
        let Some(call) = model.session.overview.calls.get(self.at) else { return Vec::new() };
        let (request, reply) = (call.request.clone(), call.reply().cloned());
        self.asked = (model.now, reply.is_some());
        vec![Effect::Begin(Job::ReadCall { call: call.id, request, reply })]
    }

    /// Shows the call that lies `step` calls on.
    fn show(&mut self, model: &Model, step: isize) -> Outcome {
        let last = model.session.overview.calls.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(step).min(last);
        (self.sequence, self.text, self.scroll) = (0, None, Scroll::default());
        Outcome::Stay(self.read(model))
    }

    /// Returns whether the model thought before the text that is shown.
    fn thinks(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.thinks(self.sequence))
    }
}

impl Overlay for CallView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Call
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(step) = sideways(action) {
            let last = self.text.as_ref().map_or(0, |text| text.sequences().saturating_sub(1));
            self.sequence = self.sequence.saturating_add_signed(step).min(last);
        } else if let Some(motion) = motion(action, model.extents.overlay) {
            self.scroll.go(motion, model.extents.overlay);
        } else if *action == Action::PreviousCandidate {
            return self.show(model, -1);
        } else if *action == Action::NextCandidate {
            return self.show(model, 1);
        } else if *action == Action::Open {
            self.unfolded ^= self.thinks();
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        let Some(call) = model.session.overview.calls.get(self.at) else { return Outcome::stay() };
        if let Some(text) = model.background.arrived.call.take_if(|text| text.call == call.id) {
            self.text = Some(*text);
        }
        // The reply of a call that has just come back is read too.
        let came = call.reply().is_some() && !self.asked.1;
        Outcome::Stay(if came { self.read(model) } else { Vec::new() })
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let thoughts = key.action == Some(Action::Open);
        Some(key.hint).filter(|hint| !hint.is_empty() && (!thoughts || self.thinks()))
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw(ctx, self, area, buf)
    }

    /// When it is to be said that texts are still being read.
    fn wake(&self, now: Duration) -> Option<Duration> {
        Some(self.asked.0 + PATIENCE).filter(|wake| self.text.is_none() && *wake > now)
    }
}

fn draw(ctx: &Ctx<'_>, view: &CallView, area: Rect, buf: &mut Buffer) -> Extent {
    let calls = &ctx.model.session.overview.calls;
    let Some(call) = calls.get(view.at) else { return Extent::default() };
    let iteration = match call.iteration {
        0 => String::new(),
        number => format!(" · iteration {number}"),
    };
    let title = format!("Call {} of {} · {}{iteration}", call.id.0, calls.len(), call.purpose.name());
    let size = (area.width, area.height.saturating_sub(2));
    let inner = ctx.window(&title, size, area, buf);
    let columns = usize::from(inner.width);
    let mut lines = numbers::lines(ctx, call, view, columns);
    match &view.text {
        Some(text) => lines.extend(transcript::lines(ctx, call, text, view, columns)),
        None if ctx.model.now < view.asked.0 + PATIENCE => {}
        None => lines.extend(wrap_text("Reading the call's texts…", ctx.style(Role::Dim), columns, 0)),
    }
    draw_lines(lines, Some(view.scroll.offset), false, inner, buf)
}
