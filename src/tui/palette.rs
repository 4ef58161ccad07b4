//! All commands, found by some of their letters.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    commands::{self, CommandSpec},
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{
        input::{Input, input_line, paste},
        text::{fit_line, pad},
    },
};

/// How much more a letter of the name counts than one of the description.
const NAME_WEIGHT: u32 = 3;

/// What a key meant to the palette.
#[derive(Debug)]
pub enum Answer {
    /// Nothing is chosen yet.
    Stay,
    /// The person leaves.
    Leave,
    /// The person takes a command.
    Take(&'static CommandSpec),
}

/// The palette with what was typed and what fits it.
#[derive(Debug, Clone)]
pub struct Palette {
    input: Input,
    fitting: Vec<&'static CommandSpec>,
    selected: usize,
    /// Why pasted text was not taken.
    refused: Option<String>,
}

impl Default for Palette {
    fn default() -> Self {
        Self { input: Input::default(), fitting: commands::all().collect(), selected: 0, refused: None }
    }
}

impl Palette {
    /// Takes a key in.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal edit the line")]
    pub fn on_key(&mut self, key: KeyEvent) -> Answer {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let last = self.fitting.len().saturating_sub(1);
        self.selected = match key.code {
            KeyCode::Esc => return Answer::Leave,
            KeyCode::Char('c') if ctrl => return Answer::Leave,
            KeyCode::Enter => {
                return self.fitting.get(self.selected).map_or(Answer::Stay, |spec| Answer::Take(spec));
            }
            KeyCode::Down | KeyCode::Tab => (self.selected + 1).min(last),
            KeyCode::Char('n') if ctrl => (self.selected + 1).min(last),
            KeyCode::Up | KeyCode::BackTab => self.selected.saturating_sub(1),
            KeyCode::Char('p') if ctrl => self.selected.saturating_sub(1),
            KeyCode::PageDown => (self.selected + 10).min(last),
            KeyCode::PageUp => self.selected.saturating_sub(10),
            _ => {
                if self.input.on_key(key) == Some(true) {
                    self.was_typed();
                }
                return Answer::Stay;
            }
        };
        Answer::Stay
    }

    /// Puts pasted text in at the cursor, or says why it does not fit.
    pub fn paste(&mut self, text: &str) {
        match paste(&mut self.input, text) {
            Ok(()) => self.was_typed(),
            Err(why) => self.refused = Some(why),
        }
    }

    fn was_typed(&mut self) {
        self.fitting = fitting(self.input.value());
        (self.selected, self.refused) = (0, None);
    }

    /// Draws the palette over `area`.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let size = ((area.width - 4).min(92), (area.height - 2).min(20));
        let inner = overlay(ctx, "Commands", size, area, buf);
        let columns = usize::from(inner.width);
        let line = Rect { height: 1, ..inner };
        input_line("› ", &self.input, columns, ctx.theme).render(line, buf);
        let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        let none = self.fitting.is_empty().then_some("No command has these letters in this order.");
        if let Some(said) = self.refused.as_deref().or(none) {
            let text = ctx.span(Role::Dim, said.to_owned());
            fit_line(Line::from(text), columns).render(Rect { height: 1, ..list }, buf);
            return;
        }
        let page = usize::from(list.height).max(1);
        let first = (self.selected + 1).saturating_sub(page);
        for ((at, spec), row) in self.fitting.iter().enumerate().skip(first).zip(list.rows()) {
            let chosen = at == self.selected;
            let keys = ctx.model.keymap.labels(spec.name).join(" ");
            let line = Line::from(vec![
                ctx.span(Role::Accent, if chosen { "▎" } else { " " }),
                ctx.span(if chosen { Role::Strong } else { Role::Text }, pad(&spec.usage(), 26)),
                Span::raw(" "),
                ctx.span(Role::Key, pad(&keys, 9)),
                ctx.span(Role::Dim, format!(" {}", spec.doc)),
            ]);
            fit_line(line, columns).render(row, buf);
        }
    }
}

/// Returns the commands whose name or description has the letters of each word in order, the best first.
fn fitting(typed: &str) -> Vec<&'static CommandSpec> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut letters = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut letters), &mut matcher);
    let mut found: Vec<(u32, &CommandSpec)> = Vec::new();
    for spec in commands::all() {
        let name = score(spec.name).map(|score| score * NAME_WEIGHT);
        let both = score(&format!("{} {}", spec.name, spec.doc));
        found.extend(name.max(both).map(|score| (score, spec)));
    }
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, spec)| spec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> Option<&'static str> {
        fitting(typed).first().map(|spec| spec.name)
    }

    #[test]
    fn names_win_over_descriptions() {
        assert_eq!(first("next"), Some("next"));
        assert_eq!(first("rvn"), Some("reverse-next"));
        assert_eq!(first("clipboard"), Some("copy"));
        assert_eq!(first("bookmark set"), Some("mark"));
        assert_eq!(first("zzzz"), None);
        assert_eq!(fitting("").len(), commands::all().count());
    }
}
