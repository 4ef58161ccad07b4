//! The path that the latents of a plan have taken, drawn in a plane, and its points in a table.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Color,
    symbols::Marker,
    text::Span,
    widgets::{
        Widget,
        canvas::{Canvas, Line, Points},
    },
};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKind},
    core::model::Model,
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        list::Cursor,
        scroll::{Extent, draw_lines},
        table::{Column, Table},
        wrap::wrap,
    },
};
use denoise::projected;
use session::{LatentStep, State};

/// The picture is next to the table where there are so many columns, and above it otherwise.
const WIDE: u16 = 84;
/// Columns of the table.
const TABLE: u16 = 44;
/// Room around the points, as a share of their extent.
const MARGIN: f64 = 0.08;

/// The path, a point per row.
#[derive(Debug)]
pub struct PathView {
    cursor: Cursor,
}

impl PathView {
    /// Returns the path, at its end.
    pub fn new(state: &State) -> Self {
        Self { cursor: Cursor::at(steps(state).len().saturating_sub(1)) }
    }
}

fn steps(state: &State) -> Vec<LatentStep> {
    state.denoising.as_ref().map_or_else(Vec::new, |now| now.path.iter().cloned().collect())
}

impl Overlay for PathView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Path
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let steps = steps(model.session.state());
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, steps.len());
            return Outcome::stay();
        }
        if *action != Action::Open {
            return Outcome::Pass;
        }
        let Some(step) = steps.get(self.cursor.row(steps.len())) else { return Outcome::stay() };
        model.go_to(step.seq);
        Outcome::Panes
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let size = (area.width, area.height.saturating_sub(2));
        let inner = ctx.window("The path of the latents", size, area, buf);
        let steps = steps(ctx.model.session.state());
        if steps.is_empty() {
            let none = "No latents yet. Runs with think=latent have them: they begin as noise, and each iteration moves them \
                        towards a plan. This shows where they went.";
            return ctx.empty(none, inner, buf);
        }
        let chosen = self.cursor.row(steps.len());
        let points: Vec<&[f32]> = steps.iter().map(|step| &step.point.z[..]).collect();
        let (points, share) = projected(&points);
        let head = format!(
            "The two directions in which {} differ most; they show {:.0} % of the variance.",
            format::plural(steps.len(), "point", "points"),
            100.0 * share
        );
        let head = wrap(&[ctx.span(Role::Dim, head)], usize::from(inner.width), 0);
        let above = (head.len() as u16 + 1).min(inner.height);
        draw_lines(head, None, false, Rect { height: above, ..inner }, buf);
        let rest = Rect { y: inner.y + above, height: inner.height - above, ..inner };
        let (picture, list) = split(rest);
        draw_picture(ctx, &points, chosen, picture, buf);
        draw_table(ctx, &steps, self.cursor, list, buf)
    }
}

/// Returns the areas of the picture and the table.
fn split(area: Rect) -> (Rect, Rect) {
    if area.width >= WIDE {
        let picture = Rect { width: area.width - TABLE - 2, ..area };
        return (picture, Rect { x: picture.right() + 2, width: TABLE, ..area });
    }
    let picture = Rect { height: area.height / 2, ..area };
    (
        picture,
        Rect { y: picture.bottom() + 1, height: area.height.saturating_sub(picture.height + 1), ..area },
    )
}

/// Draws the way from point to point; the part up to the chosen one stands out.
fn draw_picture(ctx: &Ctx<'_>, points: &[(f64, f64)], chosen: usize, area: Rect, buf: &mut Buffer) {
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        let least = points.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let room = ((most - least) * MARGIN).max(1e-3);
        [least - room, most + room]
    };
    let color = |role: Role| ctx.style(role).fg.unwrap_or(Color::Reset);
    let (past, ahead) = (color(Role::Accent), color(Role::Dim));
    let picture = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds(bounds(|point| point.0))
        .y_bounds(bounds(|point| point.1))
        .paint(|canvas| {
            // What comes later is drawn first, so that it covers nothing.
            for (at, pair) in points.windows(2).enumerate().rev() {
                let color = if at < chosen { past } else { ahead };
                canvas.draw(&Line { x1: pair[0].0, y1: pair[0].1, x2: pair[1].0, y2: pair[1].1, color });
            }
            canvas.draw(&Points { coords: points, color: ahead });
            canvas.layer();
            let label = |role: Role, text: &'static str| ratatui::text::Line::from(ctx.span(role, text));
            // The dot would cover its first letter.
            if let Some((x, y)) = points.first().filter(|_| chosen > 0) {
                canvas.print(*x, *y, label(Role::Text, "noise"));
            }
            if let Some((x, y)) = points.get(chosen) {
                canvas.print(*x, *y, label(Role::Strong, "●"));
            }
        });
    picture.render(area, buf);
}

fn draw_table(ctx: &Ctx<'_>, steps: &[LatentStep], cursor: Cursor, area: Rect, buf: &mut Buffer) -> Extent {
    let chosen = cursor.row(steps.len());
    let mut table = Table::new([
        Column::words(""),
        Column::numbers("iteration"),
        Column::numbers("noise"),
        Column::numbers("moved"),
        Column::numbers("tokens changed"),
    ]);
    for (at, step) in steps.iter().enumerate() {
        let here = at == chosen;
        let before = at.checked_sub(1).map(|before| &steps[before]);
        let moved = before.map_or_else(
            || format::NONE.to_owned(),
            |before| format!("{:.2}", before.point.distance(&step.point)),
        );
        let changed: Span<'static> = match (before, step.changed) {
            (None, _) => ctx.span(Role::Dim, format::NONE),
            (Some(_), 0) => ctx.span(Role::Dim, "0"),
            (Some(_), changed) => ctx.span(Role::Care, changed.to_string()),
        };
        table.row(vec![
            ctx.span(Role::Accent, if here { "▸" } else { " " }),
            ctx.span(if here { Role::Strong } else { Role::Text }, step.iteration.to_string()),
            ctx.span(Role::Text, format!("{:.0} %", 100.0 * step.point.time)),
            ctx.span(Role::Dim, moved),
            changed,
        ]);
    }
    let mut rows = table.lines(usize::from(area.width), ctx.theme);
    let titles = vec![rows.remove(0)];
    draw_lines(titles, None, false, Rect { height: area.height.min(1), ..area }, buf);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let offset = cursor.offset(rows.len(), usize::from(list.height));
    let extent = draw_lines(rows, Some(offset), false, list, buf);
    ctx.put_cursor_on_line(extent, list, chosen);
    extent
}
