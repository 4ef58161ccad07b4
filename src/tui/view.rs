//! The whole screen, drawn from what is known.

use std::cell::RefCell;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Widget},
};

use super::{
    commands::{Action, COMMANDS, Drive, Place},
    layout::{SMALLEST, places},
    model::{Extents, Model},
    notices::Level,
    panes::{Ctx, Pane, status},
    popup,
    prompt::Asks,
    search,
    theme::{Role, Theme},
    typing::Typing,
    widgets::{
        hints::hint_line,
        scroll::{Extent, draw_lines},
        text::{fit_line, sanitise, width},
        wrap::wrap_text,
    },
};

/// Draws everything and returns how far things can be scrolled.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) -> Extents {
    draw_buffer(model, theme, frame.area(), frame.buffer_mut())
}

/// Draws everything into `buf` and returns how far things can be scrolled.
pub fn draw_buffer(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) -> Extents {
    let ctx = Ctx { model, theme, lines: None };
    let mut extents = model.extents;
    buf.set_style(area, theme[Role::Text]);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text = format!(
            "This terminal has {} columns and {} rows; planscope needs {} and {}.",
            area.width, area.height, SMALLEST.0, SMALLEST.1
        );
        draw_lines(wrap_text(&text, theme[Role::Text], usize::from(area.width), 0), None, false, area, buf);
        return extents;
    }
    let places = places(model, area);
    status::draw(&ctx, places.status, buf);
    for (pane, place) in &places.panes {
        let tabs = if places.tabs.contains(pane) { &places.tabs[..] } else { &[] };
        extents.panes[*pane as usize] = draw_pane(&ctx, *pane, tabs, *place, buf);
    }
    if let Some(place) = places.notice {
        notice_line(&ctx, usize::from(place.width)).unwrap_or_default().render(place, buf);
    }
    footer(&ctx, usize::from(places.footer.width), places.notice.is_none()).render(places.footer, buf);
    if let Some(open) = model.look.popup {
        extents.popup = popup::draw(&ctx, open, area, buf);
    }
    match &model.look.typing {
        Some(Typing::Prompt(prompt)) => prompt.draw(&ctx, places.footer, buf),
        Some(Typing::Palette(palette)) => palette.draw(&ctx, area, buf),
        Some(Typing::Letter(_)) | None => {}
    }
    extents
}

/// Returns the text of every line of the pane that is searched, one a step of scrolling.
pub fn pane_lines(model: &Model, theme: &Theme, area: Rect) -> Vec<String> {
    let lines = RefCell::new(Vec::new());
    let ctx = Ctx { model, theme, lines: Some(&lines) };
    let pane = model.search.as_ref().map_or(model.look.focus, |search| search.pane);
    let place = places(model, area).panes.into_iter().find(|(shown, _)| *shown == pane);
    if let Some((_, place)) = place {
        draw_pane(&ctx, pane, &[], place, &mut Buffer::empty(area));
    }
    lines.into_inner()
}

/// Returns the text that is marked in `pane`: what is being typed, else what was searched for.
fn marked_text(model: &Model, pane: Pane) -> Option<&str> {
    match &model.look.typing {
        Some(Typing::Prompt(prompt)) if prompt.asks() == Asks::Search => {
            (model.look.focus == pane).then(|| prompt.line())
        }
        Some(Typing::Prompt(_) | Typing::Palette(_) | Typing::Letter(_)) | None => {
            model.search.as_ref().filter(|search| search.pane == pane).map(|search| search.text.as_str())
        }
    }
}

/// Draws a pane with its frame; a pane that shares its place names the others in its title.
fn draw_pane(ctx: &Ctx<'_>, pane: Pane, tabs: &[Pane], area: Rect, buf: &mut Buffer) -> Extent {
    let focused = ctx.model.look.focus == pane;
    let spec = pane.spec();
    let columns = usize::from(area.width).saturating_sub(4);
    let title = title_line(ctx, pane, tabs, focused, columns);
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
    let extent = (spec.draw)(ctx, inner, buf);
    if let Some(text) = marked_text(ctx.model, pane) {
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

fn title_line(ctx: &Ctx<'_>, pane: Pane, tabs: &[Pane], focused: bool, columns: usize) -> Line<'static> {
    let all: usize = tabs.iter().map(|tab| tab.spec().title.len() + 5).sum();
    let own = if focused { Role::TitleFocus } else { Role::Title };
    let named =
        |pane: Pane, role: Role| ctx.span(role, format!("{} {}", pane as usize + 1, pane.spec().title));
    if tabs.is_empty() {
        return Line::from(vec![Span::raw(" "), named(pane, own), Span::raw(" ")]);
    }
    let mut spans = vec![Span::raw(" ")];
    for (at, tab) in tabs.iter().enumerate() {
        if at > 0 {
            spans.push(ctx.span(Role::Border, " · "));
        }
        if *tab == pane {
            spans.push(named(*tab, if focused { own } else { Role::Strong }));
        } else if all < columns {
            spans.push(named(*tab, Role::Dim));
        } else {
            spans.push(ctx.span(Role::Dim, (*tab as usize + 1).to_string()));
        }
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

/// The hints that matter where the person is. With `shares`, a message stands before them while it is
/// shown, and only what is worth most stays beside it.
fn footer(ctx: &Ctx<'_>, columns: usize, shares: bool) -> Line<'static> {
    let model = ctx.model;
    if let Some(Typing::Letter(spec)) = model.look.typing {
        let hints = [("a letter or digit".to_owned(), spec.doc), ("esc".to_owned(), "leave")];
        return hint_line(&hints, &[], columns, ctx.theme);
    }
    if let Some(open) = model.look.popup {
        return hint_line(&popup::hints(open), &[], columns, ctx.theme);
    }
    let (hints, always) = hints(model);
    let told = if shares { notice_line(ctx, columns) } else { None };
    let told = told.or_else(|| {
        let count = model.count()?;
        Some(Line::from(vec![
            ctx.span(Role::Accent, format!(" {}", count.number)),
            ctx.span(Role::Dim, " ×"),
        ]))
    });
    let Some(told) = told else { return hint_line(&hints, &always, columns, ctx.theme) };
    let kept: usize = always.iter().map(|(key, word)| width(key) + width(word) + 4).sum();
    let mut line = fit_line(told, columns.saturating_sub(kept + 1));
    line.push_span("  ");
    line.spans.extend(hint_line(&hints, &always, columns - line.width(), ctx.theme).spans);
    line
}

/// Keys and words: those that hold here, and those that hold always.
type Hints = Vec<(String, &'static str)>;

fn hints(model: &Model) -> (Hints, Hints) {
    let (mut hints, mut always) = (Hints::new(), Hints::new());
    // What only the focused pane knows comes first.
    let (own, common): (Vec<_>, Vec<_>) = COMMANDS
        .iter()
        .filter(|spec| spec.place.holds(model))
        .partition(|spec| matches!(spec.place, Place::Proposals | Place::Charts));
    for spec in own.into_iter().chain(common) {
        let paused = model.engine().is_some_and(|live| live.paused || live.pausing);
        let pauses = spec.action() == Some(&Action::Drive(Drive::PauseOrResume));
        let word = if pauses && paused { "resume" } else { spec.hint };
        let Some(key) = model.keymap.labels(spec.name).first() else { continue };
        let hints = if spec.place == Place::Always { &mut always } else { &mut hints };
        match hints.iter_mut().find(|(_, known)| *known == word) {
            Some((keys, _)) => {
                keys.push(' ');
                keys.push_str(key);
            }
            None => hints.push((key.clone(), word)),
        }
    }
    (hints, always)
}

/// Draws a frame over what is there and returns its inside.
pub fn overlay(ctx: &Ctx<'_>, title: &str, size: (u16, u16), area: Rect, buf: &mut Buffer) -> Rect {
    let (columns, rows) = (size.0.min(area.width), size.1.min(area.height));
    let place = Rect {
        x: area.x + (area.width - columns) / 2,
        y: area.y + (area.height - rows) / 2,
        width: columns,
        height: rows,
    };
    Clear.render(place, buf);
    buf.set_style(place, ctx.style(Role::Text));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(ctx.style(Role::BorderFocus))
        .title_top(Line::from(ctx.span(Role::TitleFocus, format!(" {title} "))));
    let inner = block.inner(place);
    block.render(place, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}
