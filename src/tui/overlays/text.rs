//! Texts that are only read: all messages, and the problem.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKind},
    core::{model::Model, notices::Level},
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, Scroll, draw_lines},
        text::pad,
        wrap::{wrap, wrap_text},
    },
};

/// Returns the lines of a text for so many columns.
type Lines = fn(&Ctx<'_>, usize) -> Vec<Line<'static>>;

/// A text that scrolls.
#[derive(Debug)]
pub struct TextView {
    kind: OverlayKind,
    title: &'static str,
    lines: Lines,
    scroll: Scroll,
}

impl TextView {
    /// Returns all messages, the newest first.
    pub fn messages() -> Self {
        Self { kind: OverlayKind::Messages, title: "Messages", lines: messages, scroll: Scroll::default() }
    }

    /// Returns the problem's full text.
    pub fn problem() -> Self {
        Self { kind: OverlayKind::Problem, title: "Problem", lines: problem, scroll: Scroll::default() }
    }
}

impl Overlay for TextView {
    fn kind(&self) -> OverlayKind {
        self.kind
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let Some(motion) = motion(action, model.extents.overlay) else { return Outcome::Pass };
        self.scroll.go(motion, model.extents.overlay);
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let columns = (area.width - 4).min(92);
        let lines = (self.lines)(ctx, usize::from(columns) - 4);
        let rows = (lines.len() as u16 + 2).min(area.height - 2);
        let inner = ctx.window(self.title, (columns, rows), area, buf);
        draw_lines(lines, Some(self.scroll.offset), false, inner, buf)
    }
}

fn messages(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let all = ctx.model.notices.all();
    if all.is_empty() {
        return wrap_text("There are no messages yet.", ctx.style(Role::Dim), columns, 0);
    }
    let mut lines = Vec::new();
    for notice in all.iter().rev() {
        let role = match notice.level {
            Level::Info => Role::Text,
            Level::Warning => Role::Care,
            Level::Error => Role::Bad,
        };
        let spans =
            [ctx.span(Role::Dim, pad(&format::time(notice.at), 13)), ctx.span(role, notice.text.clone())];
        lines.extend(wrap(&spans, columns, 13));
    }
    lines
}

fn problem(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(problem) = &ctx.model.session.state().problem else {
        return wrap_text("No problem is known at this moment.", ctx.style(Role::Dim), columns, 0);
    };
    let gold = if problem.has_gold {
        "its answer is judged after the run"
    } else {
        "no gold answer: it cannot be graded"
    };
    let mut lines = wrap_text(&problem.title, ctx.style(Role::Strong), columns, 0);
    let about = format!("{} · {} · {gold}", problem.family, problem.reference);
    lines.extend(wrap_text(&about, ctx.style(Role::Dim), columns, 0));
    lines.push(Line::default());
    lines.extend(wrap_text(&problem.text, ctx.style(Role::Text), columns, 0));
    lines
}
