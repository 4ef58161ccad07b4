//! Which kind an item becomes.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::overlays::{
    overlay::{Outcome, Overlay},
    submit::submit,
};
use crate::{
    commands::{Action, OverlayKind, keymap::Key},
    core::{change, hand::ids, model::Model},
    panes::ctx::Ctx,
    theme::Role,
    widgets::scroll::{Extent, draw_lines},
};
use plan::{ItemId, ItemKind};

/// The kinds, to choose one by its letter.
#[derive(Debug)]
pub struct KindView {
    /// The item that gets another kind.
    pub of: ItemId,
}

impl Overlay for KindView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Kind
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, _: &mut Model, _: &Action) -> Outcome {
        Outcome::Pass
    }

    fn type_key(&mut self, model: &mut Model, key: KeyEvent) -> Option<Outcome> {
        let letter = Key::from(key).char()?;
        let kind = letter.to_uppercase().next().and_then(ItemKind::from_letter);
        let place = model.session.plan().and_then(|plan| Some((plan, plan.position(self.of)?)));
        Some(match (kind, place) {
            (Some(kind), Some((plan, position))) if kind != self.of.kind => {
                let edit = change::rename(plan, position, ids(&model.session).peek(kind));
                submit(model, edit)
            }
            (Some(_), _) => Outcome::close(),
            (None, _) => Outcome::stay(),
        })
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let ids = ids(&ctx.model.session);
        let mut lines: Vec<Line<'static>> = Vec::new();
        for &kind in ItemKind::ALL {
            let becomes = if kind == self.of.kind {
                "as it is".to_owned()
            } else {
                format!("becomes {}", ids.peek(kind))
            };
            lines.push(Line::from(vec![
                ctx.span(Role::Key, format!(" {}  ", kind.letter())),
                Span::styled(format!("{:<11}", kind.name()), ctx.kind_style(kind)),
                ctx.span(Role::Dim, becomes),
            ]));
        }
        let title = format!("Which kind is {}?", self.of);
        let inner = ctx.window(&title, (38, lines.len() as u16 + 2), area, buf);
        draw_lines(lines, None, false, inner, buf)
    }
}
