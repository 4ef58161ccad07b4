//! Forking the session at the current position.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect};

use super::dialog::Reply;
use crate::{
    commands::CommandError,
    model::Model,
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{scroll::draw_lines, wrap::wrap},
};

/// The question whether to fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForkDialog {
    /// The last event that both sessions will have in common.
    seq: u64,
    /// Whether a live run ends with it.
    ends_run: bool,
}

impl ForkDialog {
    /// Returns the question for the current position.
    ///
    /// # Errors
    /// When nothing can continue from there, as a sentence.
    pub fn new(model: &Model) -> Result<Self, CommandError> {
        let state = model.state();
        let not_now = |why: &str| Err(CommandError::NotNow(why.to_owned()));
        if state.outcome.is_some() {
            return not_now("The run is over at this point; step back with S or N and fork there.");
        }
        let Some(seq) = (model.replay.position() as u64).checked_sub(1) else {
            return not_now("Nothing has happened yet at this point; step forward with s and fork there.");
        };
        Ok(Self { seq, ends_run: !model.source_over() })
    }

    /// Takes in a key.
    pub fn on_key(self, key: KeyEvent) -> Reply {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Char('y' | 'Y') | KeyCode::Enter => Reply::Fork(self.seq),
            KeyCode::Esc | KeyCode::Char('n' | 'N' | 'q') => Reply::Close,
            _ => Reply::Stay,
        }
    }

    /// Draws the question over the panes.
    pub fn draw(self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let run = if self.ends_run { "The present run ends and stays recorded. " } else { "" };
        let text = format!(
            "Fork the session after event {}? {run}The model is loaded again, and the fork is paused at \
             first, so that the plan can be changed.  ",
            self.seq
        );
        let spans = [
            ctx.span(Role::Text, text),
            ctx.span(Role::Key, "y"),
            ctx.span(Role::Dim, " fork   "),
            ctx.span(Role::Key, "n"),
            ctx.span(Role::Dim, " stay here"),
        ];
        let columns = (area.width - 4).min(64);
        let lines = wrap(&spans, usize::from(columns) - 4, 0);
        let inner = overlay(ctx, "Fork here", (columns, lines.len() as u16 + 2), area, buf);
        draw_lines(lines, None, false, inner, buf);
    }

    /// Returns the keys that matter.
    pub fn hints() -> Vec<(String, &'static str)> {
        vec![("y".to_owned(), "fork"), ("n".to_owned(), "stay here")]
    }
}
