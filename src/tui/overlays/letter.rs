//! Waiting for the letter that a command needs.

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay};
use crate::{
    commands::{Action, Asked, CommandSpec, OverlayKey, OverlayKind, Takes, keymap::Key},
    core::model::Model,
    panes::ctx::Ctx,
    widgets::scroll::Extent,
};

/// A command that needs a letter, which the next key gives it.
#[derive(Debug)]
pub struct LetterView {
    /// The command that waits for a letter.
    pub of: &'static CommandSpec,
}

impl Overlay for LetterView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Letter
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, _: &mut Model, _: &Action) -> Outcome {
        Outcome::Pass
    }

    fn type_key(&mut self, _: &mut Model, key: KeyEvent) -> Option<Outcome> {
        let (Takes::Letter(make) | Takes::Mark(make)) = self.of.takes else { return Some(Outcome::close()) };
        let letter = Key::from(key).char().filter(|letter| letter.is_alphanumeric());
        Some(letter.map_or_else(Outcome::close, |letter| Outcome::Ask(Asked::once(make(letter)))))
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        Some(if key.action.is_none() { self.of.doc } else { key.hint })
    }

    /// The footer says it all.
    fn draw(&self, _: &Ctx<'_>, _: Rect, _: &mut Buffer) -> Extent {
        Extent::default()
    }
}
