//! The line at the bottom on which a command or a search is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Clear, Widget},
};

use super::{
    commands::{Completion, complete},
    model::Model,
    panes::Ctx,
    theme::Role,
    widgets::{
        input::{Input, input_line, paste},
        text::{fit_line, pad, sanitise, width},
    },
};

/// The most candidates shown at once.
const MOST: usize = 8;
/// The most lines remembered.
const REMEMBERED: usize = 200;

/// What is typed on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A command.
    Command,
    /// A text to search for.
    Search,
}

/// Lines that were typed before, oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    commands: Vec<String>,
    searches: Vec<String>,
}

impl History {
    /// Returns the lines of a kind.
    fn lines(&self, asks: Asks) -> &[String] {
        match asks {
            Asks::Command => &self.commands,
            Asks::Search => &self.searches,
        }
    }

    /// Adds a line; one that is there already moves to the end.
    pub fn add(&mut self, asks: Asks, line: &str) {
        let lines = match asks {
            Asks::Command => &mut self.commands,
            Asks::Search => &mut self.searches,
        };
        lines.retain(|known| known != line);
        lines.push(line.to_owned());
        if lines.len() > REMEMBERED {
            lines.remove(0);
        }
    }
}

/// What a key meant to the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Typing continues.
    Stay,
    /// The person leaves it.
    Leave,
    /// The person is done with it.
    Enter(String),
}

/// The line as it is being typed.
#[derive(Debug, Clone)]
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
    /// Returns a line that begins with `text`.
    pub fn new(asks: Asks, text: &str, model: &Model) -> Self {
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

    /// Returns what is typed on it.
    pub fn asks(&self) -> Asks {
        self.asks
    }

    /// Returns the line.
    pub fn line(&self) -> &str {
        self.input.value()
    }

    /// Shows what is wrong with the line until it changes.
    pub fn refuse(&mut self, error: String) {
        self.error = Some(error);
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
    pub fn complete_again(&mut self, model: &Model) {
        if self.chosen.is_none() {
            self.completion = self.complete(model);
        }
    }

    /// Takes a key in.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal edit the line")]
    pub fn on_key(&mut self, key: KeyEvent, model: &Model) -> Answer {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Answer::Leave,
            KeyCode::Char('c') if ctrl => return Answer::Leave,
            KeyCode::Backspace if self.line().is_empty() => return Answer::Leave,
            KeyCode::Enter if self.line().trim().is_empty() => return Answer::Leave,
            KeyCode::Enter => return Answer::Enter(self.line().trim().to_owned()),
            KeyCode::Tab => self.choose(1),
            KeyCode::BackTab => self.choose(-1),
            KeyCode::Up => self.recall(1, model),
            KeyCode::Char('p') if ctrl => self.recall(1, model),
            KeyCode::Down => self.recall(-1, model),
            KeyCode::Char('n') if ctrl => self.recall(-1, model),
            _ => {
                if self.input.on_key(key) == Some(true) {
                    self.was_typed(model);
                }
            }
        }
        Answer::Stay
    }

    /// Puts pasted text in at the cursor, or says why it does not fit.
    pub fn paste(&mut self, text: &str, model: &Model) {
        match paste(&mut self.input, text) {
            Ok(()) => self.was_typed(model),
            Err(why) => self.error = Some(why),
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
    fn recall(&mut self, step: isize, model: &Model) {
        let lines = model.history.lines(self.asks);
        let fitting: Vec<&String> = lines.iter().rev().filter(|line| line.starts_with(&self.typed)).collect();
        let now = self.recalled.map_or(-1, |recalled| recalled as isize);
        let target = (now + step).min(fitting.len() as isize - 1);
        self.recalled = usize::try_from(target).ok();
        self.chosen = None;
        self.error = None;
        let line = self.recalled.and_then(|at| fitting.get(at)).map_or(&self.typed, |line| line);
        self.input = line.as_str().into();
    }

    /// Draws the line into `row`, and above it what could come next or what is wrong.
    pub fn draw(&self, ctx: &Ctx<'_>, row: Rect, buf: &mut Buffer) {
        let sign = match self.asks {
            Asks::Command => ":",
            Asks::Search => "/",
        };
        Clear.render(row, buf);
        buf.set_style(row, ctx.style(Role::Text));
        input_line(sign, &self.input, usize::from(row.width), ctx.theme).render(row, buf);
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
