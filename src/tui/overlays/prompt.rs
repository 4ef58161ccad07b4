//! The line at the bottom on which a command or a search is typed.

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Clear, Widget},
};

use super::overlay::{Outcome, Overlay};
use crate::{
    commands::{self, Action, Asked, CommandError, InOverlay, OverlayKey, OverlayKind},
    core::{
        history::{Asks, History},
        jobs::Job,
        model::Model,
        msg::Effect,
        sessions::Sessions,
    },
    overlays::complete::{Completion, complete, session_on},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        input::{Input, paste},
        scroll::Extent,
        text::{fit_line, pad, sanitise, width},
    },
};

/// The most candidates shown at once.
const MOST: usize = 8;

/// The line as it is being typed.
#[derive(Debug)]
pub struct Prompt {
    asks: Asks,
    input: Input,
    /// What could come next after what was typed by hand.
    completion: Completion,
    /// What was typed by hand, while something else stands in its place.
    typed: String,
    /// The candidate that stands in its place.
    chosen: Option<usize>,
    /// The earlier line that stands in its place, counted from the newest.
    recalled: Option<usize>,
    /// What was wrong with it when it was entered.
    error: Option<String>,
}

impl Prompt {
    /// Returns a command that begins with `text`.
    pub fn command(text: &str, model: &Model) -> Self {
        Self::new(Asks::Command, text, model)
    }

    /// Returns a text to search for.
    pub fn search(model: &Model) -> Self {
        Self::new(Asks::Search, "", model)
    }

    /// Returns a line that begins with `text`.
    fn new(asks: Asks, text: &str, model: &Model) -> Self {
        let mut prompt = Self {
            asks,
            input: text.into(),
            completion: Completion::default(),
            typed: String::new(),
            chosen: None,
            recalled: None,
            error: None,
        };
        prompt.was_typed(model);
        prompt
    }

    fn line(&self) -> &str {
        self.input.value()
    }

    fn was_typed(&mut self, model: &Model) {
        self.typed = self.input.value().to_owned();
        self.chosen = None;
        self.recalled = None;
        self.error = None;
        self.completion = self.complete(model);
    }

    fn complete(&self, model: &Model) -> Completion {
        match self.asks {
            Asks::Command => complete(&self.typed, model),
            Asks::Search => Completion::default(),
        }
    }

    /// Looks once more for what could come next, after more is known; what was chosen by now stays.
    fn complete_again(&mut self, model: &Model) {
        if self.chosen.is_none() {
            self.completion = self.complete(model);
        }
    }

    /// Puts the next candidate in the place of what was typed; the only one is taken for good.
    fn choose(&mut self, step: isize) {
        let count = self.completion.candidates.len();
        if count == 0 {
            return;
        }
        let now = self.chosen.map_or(if step > 0 { -1 } else { 0 }, |chosen| chosen as isize);
        let index = (now + step).rem_euclid(count as isize) as usize;
        self.chosen = Some(index);
        let kept = &self.typed[..self.completion.start];
        self.input = format!("{kept}{}", self.completion.candidates[index].text).as_str().into();
    }

    /// Puts an earlier line that begins with what was typed in its place, or what was typed again.
    fn recall(&mut self, step: isize, history: &History) {
        let lines = history.lines(self.asks);
        let fitting: Vec<&String> = lines.iter().rev().filter(|line| line.starts_with(&self.typed)).collect();
        let now = self.recalled.map_or(-1, |recalled| recalled as isize);
        let target = (now + step).min(fitting.len() as isize - 1);
        self.recalled = usize::try_from(target).ok();
        self.chosen = None;
        self.error = None;
        let line = self.recalled.and_then(|at| fitting.get(at)).map_or(&self.typed, |line| line);
        self.input = line.as_str().into();
    }

    /// Has the names of sessions read where one is written. They are read afresh where the name begins.
    pub fn names_wanted(&self, sessions: &mut Sessions) -> Vec<Effect> {
        let written = session_on(self.line()).filter(|_| self.asks == Asks::Command);
        let (Some(written), Some(base)) = (written, sessions.base().map(Path::to_path_buf)) else {
            return Vec::new();
        };
        let first = sessions.ask_for_others();
        if first || written.is_empty() { vec![Effect::Begin(Job::List(base))] } else { Vec::new() }
    }

    fn enter(&mut self, history: &mut History) -> Outcome {
        let line = self.line().trim().to_owned();
        if line.is_empty() {
            return Outcome::close();
        }
        history.add(self.asks, &line);
        let asked = match self.asks {
            Asks::Search => Ok(Asked::once(Action::SearchFor(line))),
            Asks::Command => commands::parse(&line),
        };
        match asked {
            Ok(asked) => Outcome::Ask(asked),
            Err(error) => {
                self.error = Some(error.to_string());
                Outcome::stay()
            }
        }
    }

    /// Draws the line into `row`, and above it what could come next or what is wrong.
    fn draw_line(&self, ctx: &Ctx<'_>, row: Rect, buf: &mut Buffer) {
        let sign = match self.asks {
            Asks::Command => ":",
            Asks::Search => "/",
        };
        Clear.render(row, buf);
        buf.set_style(row, ctx.style(Role::Text));
        ctx.input(sign, &self.input, row, buf);
        let lines = self.above(ctx, usize::from(row.width));
        let height = (lines.len() as u16).min(row.y);
        let place = Rect { y: row.y - height, height, ..row };
        Clear.render(place, buf);
        buf.set_style(place, ctx.style(Role::Text));
        for (line, row) in lines.into_iter().zip(place.rows()) {
            fit_line(line, usize::from(row.width)).render(row, buf);
        }
    }

    fn above(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let candidates = &self.completion.candidates;
        let first = self.chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(MOST));
        let shown = candidates.iter().enumerate().skip(first).take(MOST);
        let widest = shown.clone().map(|(_, candidate)| width(&candidate.text)).max().unwrap_or(0);
        let mut lines = vec![Line::from(ctx.span(Role::Border, "─".repeat(columns)))];
        for (at, candidate) in shown {
            let chosen = self.chosen == Some(at);
            let (sign, role) = if chosen { ("▎", Role::Strong) } else { (" ", Role::Key) };
            let doc = sanitise(&candidate.doc).replace('\n', " ");
            lines.push(Line::from(vec![
                ctx.span(Role::Accent, sign),
                ctx.span(role, pad(&sanitise(&candidate.text), widest)),
                ctx.span(if chosen { Role::Text } else { Role::Dim }, format!("  {doc}")),
            ]));
        }
        let rest = candidates.len().saturating_sub(first + MOST);
        if rest > 0 {
            lines.push(Line::from(ctx.span(Role::Dim, format!(" … {rest} more"))));
        }
        if let Some(usage) = &self.completion.usage {
            lines.push(Line::from(ctx.span(Role::Dim, format!(" {usage}"))));
        }
        if let Some(error) = &self.error {
            lines.push(Line::from(vec![ctx.span(Role::Bad, " ✗ "), ctx.span(Role::Text, error.clone())]));
        }
        if lines.len() == 1 { Vec::new() } else { lines }
    }
}

impl Overlay for Prompt {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Prompt
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::Open {
            return self.enter(&mut model.setup.history);
        }
        if *action == Action::InOverlay(InOverlay::NextChoice) {
            self.choose(1);
        } else if *action == Action::InOverlay(InOverlay::PreviousChoice) {
            self.choose(-1);
        } else if *action == Action::Up {
            self.recall(1, &model.setup.history);
        } else if *action == Action::Down {
            self.recall(-1, &model.setup.history);
        } else {
            return Outcome::Pass;
        }
        Outcome::Stay(self.names_wanted(&mut model.background.sessions))
    }

    fn type_key(&mut self, model: &mut Model, key: KeyEvent) -> Option<Outcome> {
        if key.code == KeyCode::Backspace && self.line().is_empty() {
            return Some(Outcome::close());
        }
        if self.input.on_key(key)? {
            self.was_typed(model);
        }
        Some(Outcome::Stay(self.names_wanted(&mut model.background.sessions)))
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Outcome {
        match paste(&mut self.input, text) {
            Ok(()) => self.was_typed(model),
            Err(why) => self.error = Some(why),
        }
        Outcome::Stay(self.names_wanted(&mut model.background.sessions))
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        if model.background.arrived.sessions.is_some() {
            self.complete_again(model);
        }
        Outcome::stay()
    }

    /// What is wrong with the line is shown until it changes.
    fn refuse(&mut self, why: &CommandError) -> bool {
        self.error = Some(why.to_string());
        true
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let searches = self.asks == Asks::Search && key.action == Some(Action::Open);
        Some(if searches { "search" } else { key.hint }).filter(|hint| !hint.is_empty())
    }

    fn searches(&self) -> Option<&str> {
        (self.asks == Asks::Search).then(|| self.line())
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let footer = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        self.draw_line(ctx, footer, buf);
        Extent::default()
    }
}
