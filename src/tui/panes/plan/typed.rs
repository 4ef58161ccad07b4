//! A line of the plan that is being typed, in its place.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::Style,
    text::Line,
};

use crate::{
    panes::ctx::Ctx,
    theme::Role,
    widgets::{line_input::LineInput, scroll::draw_lines, wrap::wrap_text},
};
use plan::{ItemId, Plan};

/// Columns before the text.
const MARGIN: u16 = 3;

/// What the line will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The item's new text and dependencies.
    Item(ItemId),
    /// A new item before or behind this one and what is nested below it; at the start without one.
    New {
        /// The item next to it.
        alongside: Option<ItemId>,
        /// Whether it comes behind.
        below: bool,
    },
    /// What a candidate makes an item say.
    Candidate {
        /// The candidate's place.
        index: usize,
        id: ItemId,
    },
}

/// A line that is being typed, with what is wrong with it so far.
#[derive(Debug, Clone)]
pub struct TypedLine {
    /// What it will be.
    pub target: Target,
    pub input: LineInput,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl TypedLine {
    /// Returns where in `plan` the line stands, and whether an item gives way to it.
    pub fn position(&self, plan: &Plan) -> Option<(usize, bool)> {
        match self.target {
            Target::Candidate { .. } => None,
            Target::Item(id) => plan.position(id).map(|at| (at, true)),
            Target::New { alongside: None, .. } => Some((0, false)),
            Target::New { alongside: Some(id), below } => {
                let at = plan.position(id)?;
                Some((if below { plan.subtree(at).end } else { at }, false))
            }
        }
    }

    /// Returns how many rows it takes in a pane of `columns`.
    pub fn height(&self, columns: u16) -> u16 {
        self.input.rows(columns.saturating_sub(MARGIN)) + self.error_lines_count(columns)
    }

    fn error_lines_count(&self, columns: u16) -> u16 {
        let count = |error: &String| {
            wrap_text(error, Style::new(), usize::from(columns.saturating_sub(MARGIN)), 2).len() as u16
        };
        self.error.as_ref().map_or(0, count)
    }

    /// Draws the line and what is wrong with it at the top of `area`; returns the rows used.
    pub fn draw_inside(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
        let columns = area.width.saturating_sub(MARGIN);
        let rows = self.input.rows(columns).min(area.height);
        let place = Rect { x: area.x + MARGIN.min(area.width), width: columns, height: rows, ..area };
        buf.set_style(place, ctx.style(Role::Strong));
        self.input.draw(place, buf);
        if let Some(position) = self.input.cursor(place) {
            ctx.put_cursor(Rect::from((position, Size::new(1, 1))));
        }
        let bar = vec![Line::from(ctx.span(Role::BorderFocus, "┃")); usize::from(rows)];
        draw_lines(bar, Some(0), false, Rect { width: 1.min(area.width), height: rows, ..area }, buf);
        let Some(error) = &self.error else { return rows };
        let lines = wrap_text(error, ctx.style(Role::Care), usize::from(columns), 2);
        let used = (lines.len() as u16).min(area.height - rows);
        draw_lines(lines, Some(0), false, Rect { y: place.bottom(), height: used, ..place }, buf);
        rows + used
    }
}
