//! The raw view: the exact prompt and reply of a call to the model, as they stand in the session's blobs.

mod numbers;
mod transcript;

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    commands::{Action, Travel},
    jobs::Job,
    look::Popup,
    model::Model,
    msg::Effect,
    notices::Level,
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap_text,
    },
};
use model::{Output, Reply, Request};
use session::{BlobId, Blobs, CallId, Event, folds::Call};

/// How long texts may be read before that is said. Most are there at once, and the words would only flash.
const PATIENCE: Duration = Duration::from_millis(150);

/// The call that is shown.
#[derive(Debug, Clone)]
pub struct CallView {
    /// Its place among the calls of the session.
    at: usize,
    /// Which of its sequences is shown.
    sequence: usize,
    /// Whether all of what the model thought is shown.
    unfolded: bool,
    /// What was asked and answered; absent until it is read.
    text: Option<CallText>,
    /// When it was asked for.
    asked: Duration,
}

impl CallView {
    /// Returns whether the model thought before the text that is shown.
    fn thinks(&self) -> bool {
        let reply = self.text.as_ref().and_then(|text| text.reply.as_ref()?.as_ref().ok());
        match reply.map(|reply| &reply.output) {
            Some(Output::Generated { completions }) => {
                completions.get(self.sequence).is_some_and(|completion| completion.thinking.is_some())
            }
            Some(
                Output::Scored { .. }
                | Output::Chosen { .. }
                | Output::Contrasted { .. }
                | Output::Ranked { .. }
                | Output::Appraised { .. },
            )
            | None => false,
        }
    }
}

/// What a call's blobs hold, or the sentence that says why it cannot be shown.
#[derive(Debug, Clone)]
pub struct CallText {
    /// Which call.
    pub call: CallId,
    /// What was asked.
    pub request: Result<Request, String>,
    /// What came back; absent while there is no reply.
    pub reply: Option<Result<Reply, String>>,
}

impl CallText {
    /// Reads the texts of a call.
    pub fn read(blobs: &Blobs, call: CallId, request: &BlobId, reply: Option<&BlobId>) -> Self {
        Self { call, request: read(blobs, request), reply: reply.map(|id| read(blobs, id)) }
    }

    /// Returns how many sequences the request has.
    fn sequences(&self) -> usize {
        match &self.request {
            Ok(request) => request.sequences(),
            Err(_) => 0,
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(blobs: &Blobs, id: &BlobId) -> Result<T, String> {
    let bytes = blobs.read(id).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| format!("the blob {} cannot be understood: {error}", id.0))
}

/// Opens the call with this number; without one, the last that began before the current position.
pub fn open(model: &mut Model, number: Option<CallId>) -> Vec<Effect> {
    let at = match number {
        Some(number) => model.overview.calls.iter().rposition(|call| call.id == number),
        None => model.overview.call_at(model.replay.position()),
    };
    let Some(at) = at else {
        let text = number.map_or_else(
            || "No call to the model was made before this moment.".to_owned(),
            |CallId(number)| format!("There is no call {number} so far."),
        );
        model.notices.say(Level::Info, text, model.now);
        return Vec::new();
    };
    model.look.popup = Some(Popup::Call);
    show(model, at)
}

fn show(model: &mut Model, at: usize) -> Vec<Effect> {
    model.look.popup_scroll = 0;
    let unfolded = model.call.as_ref().is_some_and(|view| view.unfolded);
    model.call = Some(CallView { at, sequence: 0, unfolded, text: None, asked: model.now });
    wanted(&model.overview.calls[at])
}

fn wanted(call: &Call) -> Vec<Effect> {
    let (request, reply) = (call.request.clone(), call.reply().cloned());
    vec![Effect::Begin(Job::ReadCall { call: call.id, request, reply })]
}

/// Does what `action` means while a call is shown; none when it means nothing special there.
pub fn act(model: &mut Model, action: &Action) -> Option<Vec<Effect>> {
    let last = model.overview.calls.len().saturating_sub(1);
    let view = model.call.as_mut()?;
    let at = view.at;
    let turn = |view: &mut CallView, step: isize| {
        let last = view.text.as_ref().map_or(0, |text| text.sequences().saturating_sub(1));
        view.sequence = view.sequence.saturating_add_signed(step).min(last);
    };
    if *action == Action::Call(None) {
        model.look.popup = None;
    } else if *action == Action::PreviousCandidate {
        return Some(show(model, at.saturating_sub(1)));
    } else if *action == Action::NextCandidate {
        return Some(show(model, (at + 1).min(last)));
    } else if *action == Action::Travel(Travel::PreviousEvent) {
        turn(view, -1);
    } else if *action == Action::Travel(Travel::NextEvent) {
        turn(view, 1);
    } else {
        return None;
    }
    Some(Vec::new())
}

/// Shows or folds what the model thought; returns whether the key means that here.
pub(crate) fn on_key(model: &mut Model, key: KeyEvent) -> bool {
    let shown = model.look.popup == Some(Popup::Call) && key.code == KeyCode::Enter;
    match model.call.as_mut().filter(|view| shown && view.thinks()) {
        Some(view) => {
            view.unfolded = !view.unfolded;
            true
        }
        None => false,
    }
}

/// Stores what was read, unless another call is shown by now.
pub fn take_in(model: &mut Model, text: CallText) {
    if let Some(view) = &mut model.call
        && model.overview.calls.get(view.at).is_some_and(|call| call.id == text.call)
    {
        view.text = Some(text);
    }
}

/// Returns when it is said that texts are still being read.
pub fn wake(model: &Model) -> Option<Duration> {
    let view = model.call.as_ref().filter(|view| view.text.is_none())?;
    Some(view.asked + PATIENCE).filter(|wake| *wake > model.now && model.look.popup == Some(Popup::Call))
}

/// Asks for the reply when the call that is shown has just come back.
pub fn follow(model: &Model, event: &Event) -> Vec<Effect> {
    let shown = model.call.as_ref().filter(|_| model.look.popup == Some(Popup::Call));
    let call = shown.and_then(|view| model.overview.calls.get(view.at));
    match (call, event) {
        (Some(call), Event::CallFinished { call: id, .. }) if call.id == *id => wanted(call),
        (_, _) => Vec::new(),
    }
}

/// Returns the keys that matter while a call is shown.
pub fn hints() -> Vec<(String, &'static str)> {
    vec![
        ("[ ]".to_owned(), "call"),
        ("← →".to_owned(), "sequence"),
        ("j k".to_owned(), "scroll"),
        ("esc".to_owned(), "close"),
    ]
}

/// Draws the call that is shown.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let calls = &ctx.model.overview.calls;
    let Some((view, call)) =
        ctx.model.call.as_ref().and_then(|view| calls.get(view.at).map(|call| (view, call)))
    else {
        return Extent::default();
    };
    let iteration = match call.iteration {
        0 => String::new(),
        number => format!(" · iteration {number}"),
    };
    let title = format!("Call {} of {} · {}{iteration}", call.id.0, calls.len(), call.purpose.name());
    let size = (area.width, area.height.saturating_sub(2));
    let inner = overlay(ctx, &title, size, area, buf);
    let columns = usize::from(inner.width);
    let mut lines = numbers::lines(ctx, call, view, columns);
    match &view.text {
        Some(text) => lines.extend(transcript::lines(ctx, call, text, view, columns)),
        None if ctx.model.now < view.asked + PATIENCE => {}
        None => lines.extend(wrap_text("Reading the call's texts…", ctx.style(Role::Dim), columns, 0)),
    }
    draw_lines(lines, Some(ctx.model.look.popup_scroll), false, inner, buf)
}
