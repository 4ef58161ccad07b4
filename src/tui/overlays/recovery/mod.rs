//! How refinement recovers from injected noise: a curve for each injection, and their mean.

mod draw;
mod numbers;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKind},
    core::model::Model,
    panes::ctx::Ctx,
    widgets::{list::Cursor, scroll::Extent},
};

/// The list of injections; the first row is their mean.
#[derive(Debug, Default)]
pub struct RecoveryView {
    cursor: Cursor,
}

impl Overlay for RecoveryView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Recovery
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let rows = model.session.state().noise.injections.len() + 1;
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, rows);
            return Outcome::stay();
        }
        if *action != Action::Open {
            return Outcome::Pass;
        }
        let chosen = self
            .cursor
            .row(rows)
            .checked_sub(1)
            .and_then(|at| model.session.state().noise.injections.get(at));
        let Some(seq) = chosen.map(|injection| injection.seq) else { return Outcome::stay() };
        model.go_to(seq);
        Outcome::Panes
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self.cursor, area, buf)
    }
}
