//! The whole screen, drawn from what is known.

use std::cell::{Cell, RefCell};

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use crate::{
    commands::{self, Action, CommandSpec, Drive, Place, pane::Pane},
    core::{
        look::Extents,
        model::Model,
        notices::Level,
        regions::{Regions, Target, add_dividers},
        search,
    },
    layout::{Places, places, shape::SMALLEST},
    overlays::{
        overlay::{Hint, Overlay, Overlays, hints_of},
        screen::Screen,
    },
    panes::{self, ctx::Ctx, status},
    theme::{Role, Theme},
    widgets::{
        hints::hint_line,
        scroll::{Extent, draw_lines},
        text::{fit_line, sanitise, width},
        wrap::wrap_text,
    },
};

/// Draws everything and returns how far things can be scrolled.
pub fn draw(screen: &Screen, theme: &Theme, frame: &mut Frame<'_>) -> Extents {
    let extents = draw_buffer(screen, theme, frame.area(), frame.buffer_mut());
    if let Some(position) = extents.cursor.filter(|position| frame.area().contains(*position)) {
        frame.set_cursor_position(position);
    }
    extents
}

/// Draws everything into `buf` and returns how far things can be scrolled.
pub fn draw_buffer(screen: &Screen, theme: &Theme, area: Rect, buf: &mut Buffer) -> Extents {
    let Screen { model, overlays } = screen;
    let regions = RefCell::default();
    let typed = overlays.top().and_then(|overlay| overlay.typed_line());
    let cursor = Cell::default();
    let over = overlays.top_kind();
    let ctx = Ctx { model, theme, lines: None, regions: &regions, cursor: &cursor, typed, over };
    let mut extents = Extents { area, regions: Regions::default(), cursor: None, ..model.extents };
    buf.set_style(area, theme[Role::Text]);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text = format!(
            "This terminal has {} columns and {} rows; planscope needs {} and {}.",
            area.width, area.height, SMALLEST.0, SMALLEST.1
        );
        draw_lines(wrap_text(&text, theme[Role::Text], usize::from(area.width), 0), None, false, area, buf);
        return extents;
    }
    let places = places(model.shape(), &model.look.sizes, area);
    status::draw(&ctx, places.status, buf);
    for (pane, place) in &places.panes {
        ctx.clickable(*place, Target::Pane(*pane));
    }
    add_dividers(&mut regions.borrow_mut(), &places.dividers);
    for (pane, place) in &places.panes {
        let tabs = if places.tabs.contains(pane) { &places.tabs[..] } else { &[] };
        extents.panes[*pane as usize] = draw_pane(&ctx, overlays, *pane, tabs, *place, buf);
    }
    bottom(&ctx, overlays.top(), &places, buf);
    for overlay in overlays.shown() {
        let extent = overlay.draw(&ctx, area, buf);
        if Some(overlay.kind()) == ctx.over {
            extents.overlay = extent;
        }
    }
    extents.cursor = cursor.get();
    extents.regions = regions.into_inner();
    extents
}

/// Returns the text of every line of the pane that is searched, one a step of scrolling.
pub(crate) fn pane_lines(screen: &Screen, theme: &Theme, area: Rect) -> Vec<String> {
    let Screen { model, overlays } = screen;
    let lines = RefCell::new(Vec::new());
    let (regions, cursor, over) = (RefCell::default(), Cell::default(), overlays.top_kind());
    let ctx =
        Ctx { model, theme, lines: Some(&lines), regions: &regions, cursor: &cursor, typed: None, over };
    let pane = model.look.search.as_ref().map_or(model.look.focus, |search| search.pane);
    let places = places(model.shape(), &model.look.sizes, area);
    let place = places.panes.into_iter().find(|(shown, _)| *shown == pane);
    if let Some((_, place)) = place {
        draw_pane(&ctx, overlays, pane, &[], place, &mut Buffer::empty(area));
    }
    lines.into_inner()
}

/// Returns the text that is marked in `pane`: what is being typed, else what was searched for.
fn marked_text<'a>(model: &'a Model, overlays: &'a Overlays, pane: Pane) -> Option<&'a str> {
    match overlays.top().and_then(Overlay::searches) {
        Some(typed) => (model.look.focus == pane).then_some(typed),
        None => {
            model.look.search.as_ref().filter(|search| search.pane == pane).map(|search| search.text.as_str())
        }
    }
}

/// Draws a pane with its frame; a pane that shares its place names the others in its title.
fn draw_pane(
    ctx: &Ctx<'_>,
    overlays: &Overlays,
    pane: Pane,
    tabs: &[Pane],
    area: Rect,
    buf: &mut Buffer,
) -> Extent {
    let focused = ctx.model.look.focus == pane;
    let spec = panes::spec(pane);
    let columns = usize::from(area.width).saturating_sub(4);
    let title = title_line(ctx, pane, tabs, focused, columns, area);
    let title_width = title.width();
    let border = if focused { Role::BorderFocus } else { Role::Border };
    let mut block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(ctx.style(border))
        .title_top(fit_line(title, columns));
    let summary = (spec.summary)(ctx);
    if !summary.is_empty() && title_width + width(&summary) + 3 <= columns {
        let line = Line::from(ctx.span(Role::Dim, format!(" {summary} ")));
        block = block.title_top(line.right_aligned());
    }
    let outer = block.inner(area);
    let inner = Rect { x: outer.x + 1, width: outer.width.saturating_sub(2), ..outer };
    if focused {
        ctx.put_cursor(inner);
    }
    let extent = (spec.draw)(ctx, inner, buf);
    if let Some(text) = marked_text(ctx.model, overlays, pane) {
        search::highlight(text, ctx.style(Role::Select), inner, buf);
    }
    if extent.max > 0 {
        let more = match (extent.offset, extent.max - extent.offset) {
            (0, below) => format!(" ↓ {below} "),
            (above, 0) => format!(" ↑ {above} "),
            (above, below) => format!(" ↑ {above} ↓ {below} "),
        };
        block = block.title_bottom(Line::from(ctx.span(Role::Dim, more)).right_aligned());
    }
    block.render(area, buf);
    extent
}

fn title_line(
    ctx: &Ctx<'_>,
    pane: Pane,
    tabs: &[Pane],
    focused: bool,
    columns: usize,
    area: Rect,
) -> Line<'static> {
    let all: usize = tabs.iter().map(|tab| tab.title().len() + 5).sum();
    let own = if focused { Role::TitleFocus } else { Role::Title };
    let named = |pane: Pane, role: Role| ctx.span(role, format!("{} {}", pane as usize + 1, pane.title()));
    if tabs.is_empty() {
        return Line::from(vec![Span::raw(" "), named(pane, own), Span::raw(" ")]);
    }
    let mut spans = vec![Span::raw(" ")];
    // The title starts after the frame's corner.
    let mut x = area.x + 2;
    for (at, tab) in tabs.iter().enumerate() {
        if at > 0 {
            spans.push(ctx.span(Role::Border, " · "));
            x += 3;
        }
        if *tab == pane {
            spans.push(named(*tab, if focused { own } else { Role::Strong }));
        } else if all < columns {
            spans.push(named(*tab, Role::Dim));
        } else {
            spans.push(ctx.span(Role::Dim, (*tab as usize + 1).to_string()));
        }
        let own = spans.last().map_or(0, |span| width(&span.content)) as u16;
        let place = Rect { x, width: own.min(area.right().saturating_sub(x)), height: 1, ..area };
        ctx.clickable(place, Target::Pane(*tab));
        x += own;
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn notice_line(ctx: &Ctx<'_>, columns: usize) -> Option<Line<'static>> {
    let notice = ctx.model.notices.current(ctx.model.now)?;
    let (glyph, role) = match notice.level {
        Level::Info => ("›", Role::Accent),
        Level::Warning => ("!", Role::Care),
        Level::Error => ("✗", Role::Bad),
    };
    let text = sanitise(&notice.text).replace('\n', " ");
    let line = Line::from(vec![ctx.span(role, format!(" {glyph} ")), ctx.span(Role::Text, text)]);
    Some(fit_line(line, columns))
}

/// The messages and the key hints. Where both have to do with one line, a message stands before the hints
/// while it is shown, and only what is worth most stays next to it.
fn bottom(ctx: &Ctx<'_>, open: Option<&dyn Overlay>, places: &Places, buf: &mut Buffer) {
    let footer = places.footer;
    if let Some(place) = places.notice {
        notice_line(ctx, usize::from(place.width)).unwrap_or_default().render(place, buf);
    }
    if let Some(open) = open {
        return draw_hints(ctx, &hints_of(open, ctx.model), &[], footer, buf);
    }
    let (own, always) = hints(ctx.model);
    let kept: usize = always.iter().map(|hint| hint.width() + 3).sum();
    let whole = usize::from(footer.width);
    let reported = if places.notice.is_none() { notice_line(ctx, whole) } else { None };
    // A sentence is worth more than hints that have been there all along.
    if let Some(reported) = reported.as_ref().filter(|reported| reported.width() + kept + 1 > whole) {
        return reported.render(footer, buf);
    }
    let Some(reported) = reported.or_else(|| count_line(ctx)) else {
        return draw_hints(ctx, &own, &always, footer, buf);
    };
    let used = reported.width() as u16 + 2;
    reported.render(footer, buf);
    let rest = Rect { x: footer.x + used, width: footer.width.saturating_sub(used), ..footer };
    draw_hints(ctx, &own, &always, rest, buf);
}

/// The count that was typed so far.
fn count_line(ctx: &Ctx<'_>) -> Option<Line<'static>> {
    let count = ctx.model.count()?;
    let number = ctx.span(Role::Accent, format!(" {}", count.number));
    Some(Line::from(vec![number, ctx.span(Role::Dim, " ×")]))
}

/// Draws the hints. Clicking one does what its key does.
fn draw_hints(ctx: &Ctx<'_>, own: &[Hint], always: &[Hint], area: Rect, buf: &mut Buffer) {
    let words = |hints: &[Hint]| hints.iter().map(Hint::words).collect::<Vec<_>>();
    let (line, shown) = hint_line(&words(own), &words(always), usize::from(area.width), ctx.theme);
    line.render(area, buf);
    let all: Vec<&Hint> = own.iter().chain(always).collect();
    for (at, place) in shown {
        let mut x = area.x + place.start;
        for (key, action) in &all[at].keys {
            let rest = Rect { x, width: (area.x + place.end).saturating_sub(x), ..area };
            if let Some(action) = action {
                ctx.clickable(rest, Target::Action(action.clone()));
            }
            x += width(key) as u16 + 1;
        }
    }
}

/// Returns the hints that matter where the person is: those that hold here, and those that hold always. What
/// only the focused pane knows comes first.
fn hints(model: &Model) -> (Vec<Hint>, Vec<Hint>) {
    let (mut hints, mut always) = (Vec::<Hint>::new(), Vec::<Hint>::new());
    let (own, common): (Vec<&CommandSpec>, Vec<_>) = commands::all()
        .filter(|spec| model.is_in(spec.place))
        .partition(|spec| matches!(spec.place, Place::Proposals | Place::Charts | Place::Beside));
    for spec in own.into_iter().chain(common) {
        let paused = model.session.engine().is_some_and(|live| live.paused || live.pausing);
        let pauses = spec.action() == Some(&Action::Drive(Drive::PauseOrResume));
        let word = if pauses && paused { "resume" } else { spec.hint };
        let Some(key) = model.setup.keymap.labels(spec.name).first() else { continue };
        let key = (key.clone(), spec.action().cloned());
        let hints = if spec.place == Place::Always { &mut always } else { &mut hints };
        match hints.iter_mut().find(|hint| hint.word == word) {
            Some(hint) => hint.keys.push(key),
            None => hints.push(Hint { word, keys: vec![key] }),
        }
    }
    (hints, always)
}
