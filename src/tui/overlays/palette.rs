//! All commands, found by some of their letters.

use crossterm::event::KeyEvent;
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    letter::LetterView,
    overlay::{Outcome, Overlay, motion},
    prompt::Prompt,
};
use crate::{
    commands::{self, Action, Asked, CommandSpec, OverlayKind},
    core::{model::Model, msg::Effect},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        input::{Input, paste},
        list::Cursor,
        scroll::Extent,
        text::pad,
    },
};

/// How much more a letter of the name counts than one of the description.
const NAME_WEIGHT: u32 = 3;

/// The palette with what was typed and what fits it.
#[derive(Debug)]
pub struct Palette {
    input: Input,
    fitting: Vec<&'static CommandSpec>,
    cursor: Cursor,
    /// Why pasted text was not taken.
    refused: Option<String>,
}

impl Default for Palette {
    fn default() -> Self {
        let fitting = commands::all().collect();
        Self { input: Input::default(), fitting, cursor: Cursor::default(), refused: None }
    }
}

impl Palette {
    fn was_typed(&mut self) {
        self.fitting = fitting(self.input.value());
        (self.cursor, self.refused) = (Cursor::default(), None);
    }

    fn line(&self, ctx: &Ctx<'_>, at: usize, chosen: bool) -> Line<'static> {
        let spec = self.fitting[at];
        let keys = ctx.model.setup.keymap.labels(spec.name).join(" ");
        Line::from(vec![
            ctx.span(Role::Accent, if chosen { "▎" } else { " " }),
            ctx.span(if chosen { Role::Strong } else { Role::Text }, pad(&spec.usage(), 26)),
            Span::raw(" "),
            ctx.span(Role::Key, pad(&keys, 9)),
            ctx.span(Role::Dim, format!(" {}", spec.doc)),
        ])
    }
}

/// Opens the prompt with the name of a command that needs something, or waits for its letter.
pub fn ask_for(model: &mut Model, spec: &'static CommandSpec) -> (Box<dyn Overlay>, Vec<Effect>) {
    if spec.takes_letter() {
        return (Box::new(LetterView { of: spec }), Vec::new());
    }
    let prompt = Prompt::command(&format!("{} ", spec.name), model);
    let effects = prompt.names_wanted(&mut model.background.sessions);
    (Box::new(prompt), effects)
}

impl Overlay for Palette {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Palette
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, self.fitting.len());
            return Outcome::stay();
        }
        if *action != Action::Open {
            return Outcome::Pass;
        }
        let Some(spec) = self.fitting.get(self.cursor.row(self.fitting.len())) else {
            return Outcome::stay();
        };
        match spec.action() {
            Some(action) => Outcome::Ask(Asked::once(action.clone())),
            None => {
                let (overlay, effects) = ask_for(model, spec);
                Outcome::Replace(overlay, effects)
            }
        }
    }

    fn type_key(&mut self, _: &mut Model, key: KeyEvent) -> Option<Outcome> {
        if self.input.on_key(key)? {
            self.was_typed();
        }
        Some(Outcome::stay())
    }

    fn paste(&mut self, _: &mut Model, text: &str) -> Outcome {
        match paste(&mut self.input, text) {
            Ok(()) => self.was_typed(),
            Err(why) => self.refused = Some(why),
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let size = ((area.width - 4).min(92), (area.height - 2).min(20));
        let inner = ctx.window("Commands", size, area, buf);
        ctx.input("› ", &self.input, inner, buf);
        let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        let none = self.fitting.is_empty().then_some("No command has these letters in this order.");
        if let Some(said) = self.refused.as_deref().or(none) {
            return ctx.empty(said, list, buf);
        }
        self.cursor.draw(self.fitting.len(), list, buf, |at, chosen| self.line(ctx, at, chosen))
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
        assert_eq!(first("bookmark current"), Some("mark"));
        assert_eq!(first("zzzz"), None);
        assert_eq!(fitting("").len(), commands::all().count());
    }
}
