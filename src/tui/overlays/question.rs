//! Questions that are answered with yes or no.

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay};
use crate::{
    commands::{Action, CommandError, InOverlay, OverlayKey, OverlayKind},
    core::{model::Model, msg::Effect},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap,
    },
};

/// The widest that the box gets.
const WIDEST: u16 = 64;

/// What is done after a yes.
///
/// # Errors
/// When it cannot be done, in a sentence; the question stays then.
pub type Yes = Box<dyn Fn(&mut Model) -> Result<Vec<Effect>, CommandError> + Send>;

/// A question. While it is open, nothing else can be done.
pub struct Question {
    /// What it is about.
    pub title: String,
    pub text: String,
    /// What yes and no do, in a few words.
    pub answers: [&'static str; 2],
    /// What is done after a yes.
    pub yes: Yes,
}

impl Overlay for Question {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Question
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::InOverlay(InOverlay::Yes) {
            return match (self.yes)(model) {
                Ok(effects) => Outcome::Close(effects),
                Err(error) => {
                    model.warn(error.to_string());
                    Outcome::stay()
                }
            };
        }
        if *action == Action::InOverlay(InOverlay::No) { Outcome::close() } else { Outcome::Pass }
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let yes = key.action == Some(Action::InOverlay(InOverlay::Yes));
        Some(self.answers[usize::from(!yes)])
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let mut spans = vec![ctx.span(Role::Text, format!("{}  ", self.text))];
        for (at, (key, label)) in ctx.model.setup.keymap.labels_of(OverlayKind::Question).enumerate() {
            let gap = if at > 0 { "   " } else { "" };
            spans.push(ctx.span(Role::Key, format!("{gap}{label}")));
            spans.push(ctx.span(Role::Dim, format!(" {}", self.hint(ctx.model, key).unwrap_or_default())));
        }
        let columns = (area.width - 4).min(WIDEST);
        let lines = wrap(&spans, usize::from(columns) - 4, 0);
        let inner = ctx.window(&self.title, (columns, lines.len() as u16 + 2), area, buf);
        draw_lines(lines, None, false, inner, buf)
    }
}
