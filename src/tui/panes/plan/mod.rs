//! The incumbent, as a tree with a cursor.

pub mod inspect;
pub mod marks;
pub mod rows;
pub mod tokens;
pub mod typed;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{commands::pane::Pane, panes::ctx::Ctx};
use crate::{
    format,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap_text,
    },
};
use rows::{Row, Rows};
use session::{Mode, Phase, PlanView};

/// From this height on the problem's text stands above the plan.
const ROOM_FOR_PROBLEM: u16 = 14;
/// The most lines of it there, in a pane of less than this height.
const PROBLEM_LINES: usize = 4;
const TALL: u16 = 30;

/// Returns how long the plan is and how good.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let Some(view) = &ctx.model.session.state().incumbent else { return String::new() };
    let items = format::plural(view.plan.len(), "item", "items");
    if let Some(now) = ctx.model.session.state().denoising.as_ref().filter(|now| !now.canvas.is_whole()) {
        let (masked, places) = (now.canvas.masked_places().len(), now.canvas.places.len());
        return format!("{masked} of {places} masked");
    }
    let settled = ctx.model.session.pending.is_empty() || !ctx.model.session.at_present();
    match (settled, view.total()) {
        (false, _) => format!("{items} · edits pending"),
        (true, Some(total)) => format!("{items} · score {}", format::score(Some(total))),
        (true, None) => items,
    }
}

/// Draws the plan, or the draft as it is being written.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    match &ctx.model.session.state().incumbent {
        Some(view) => draw_plan(ctx, view, area, buf),
        None => draw_draft(ctx, area, buf),
    }
}

fn draw_draft(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.session.state();
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    if let Some(problem) = &state.problem {
        lines.extend(wrap_text(&problem.text, ctx.style(Role::Text), width, 0));
        lines.push(Line::default());
    }
    let written =
        ctx.model.session.writing().and_then(|stream| stream.text(0)).filter(|text| !text.is_empty());
    match written {
        Some(text) => lines.extend(wrap_text(&format!("{text}▏"), ctx.style(Role::Dim), width, 4)),
        None => {
            let why = reason_for_nothing(state.settings.mode, state.phase);
            lines.extend(wrap_text(why, ctx.style(Role::Dim), width, 0));
        }
    }
    ctx.scrolled(Pane::Plan, lines, written.is_some(), area, buf)
}

fn reason_for_nothing(mode: Mode, phase: Phase) -> &'static str {
    if mode == Mode::Direct {
        return "This run answers without a plan.";
    }
    match phase {
        Phase::Load => "The plan appears here once the model is loaded and has written a draft.",
        Phase::Draft
        | Phase::ScoreDraft
        | Phase::Propose
        | Phase::Score
        | Phase::Decide
        | Phase::TieBreak
        | Phase::Rescore
        | Phase::Answer
        | Phase::Done => "The plan appears here as the model writes it.",
    }
}

/// Draws only the rows that are in sight, so that a plan of any length takes the same time.
fn draw_plan(ctx: &Ctx<'_>, view: &PlanView, area: Rect, buf: &mut Buffer) -> Extent {
    let mut area = area;
    if area.height >= ROOM_FOR_PROBLEM {
        let used = draw_problem(ctx, area, buf);
        area.y += used;
        area.height -= used;
    }
    let below = inspect::height(area.height);
    area.height -= below;
    if below > 0 {
        inspect::draw(ctx, Rect { y: area.bottom(), height: below, ..area }, buf);
    }
    let rows = Rows::new(ctx, view, usize::from(area.width));
    let page = usize::from(area.height);
    let last_page = rows.page_that_ends_at(rows.count(), page);
    let offset = offset(ctx, &rows, page).min(last_page);
    ctx.tell_lines(|| (0..rows.count()).map(|at| rows.text(at)).collect());
    draw_rows(ctx, &rows, offset, area, buf);
    Extent { offset, max: last_page, page }
}

/// Where the person scrolled to; else as little away from the last frame as keeps the cursor in sight.
fn offset(ctx: &Ctx<'_>, rows: &Rows<'_>, page: usize) -> usize {
    let model = ctx.model;
    let before = model.extents.panes[Pane::Plan as usize].offset;
    match (model.look.scroll[Pane::Plan as usize], rows.target()) {
        (Some(wish), _) => wish,
        (None, Some(target)) if target < before => target,
        (None, Some(target)) => rows.page_that_ends_at(target + 1, page).max(before),
        (None, None) => before,
    }
}

fn draw_rows(ctx: &Ctx<'_>, rows: &Rows<'_>, offset: usize, area: Rect, buf: &mut Buffer) {
    let mut place = area;
    let target = rows.target().filter(|_| ctx.model.look.focus == Pane::Plan);
    for at in offset..rows.count() {
        if place.height == 0 {
            return;
        }
        if target == Some(at) {
            ctx.put_cursor(place);
        }
        let used = match rows.row(at) {
            Row::Lines(lines) => draw_lines_at(lines, place, buf),
            Row::Input => ctx.typed.map_or(0, |line| line.draw_inside(ctx, place, buf)),
        };
        place.y += used;
        place.height -= used;
    }
}

fn draw_lines_at(lines: Vec<Line<'static>>, place: Rect, buf: &mut Buffer) -> u16 {
    let used = (lines.len() as u16).min(place.height);
    draw_lines(lines, Some(0), false, Rect { height: used, ..place }, buf);
    used
}

fn draw_problem(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let Some(problem) = &ctx.model.session.state().problem else { return 0 };
    let mut lines = wrap_text(&problem.text, ctx.style(Role::Dim), usize::from(area.width), 0);
    let height = usize::from(area.height);
    let most = if area.height < TALL { PROBLEM_LINES.min(height / 5) } else { height / 3 };
    if lines.len() > most {
        lines.truncate(most);
        if let Some(span) = lines.last_mut().and_then(|line| line.spans.last_mut()) {
            span.content.to_mut().push_str(" …");
        }
    }
    let used = lines.len() as u16 + 1;
    draw_lines(lines, Some(0), false, Rect { height: used, ..area }, buf);
    used
}
