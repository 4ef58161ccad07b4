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
    commands::{self, Action, COMMANDS, CommandSpec, Drive, Place},
    layout::{Places, SMALLEST, Shape, places},
    model::{Extents, Model},
    mouse::{Regions, Target, add_dividers},
    notices::Level,
    panes::{Ctx, Pane, status},
    popup,
    theme::{Role, Theme},
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
    let regions = RefCell::default();
    let ctx = Ctx { model, theme, regions: &regions };
    let mut extents = Extents { area, regions: Regions::default(), ..model.extents };
    buf.set_style(area, theme[Role::Text]);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text = format!(
            "This terminal has {} columns and {} rows; planscope needs {} and {}.",
            area.width, area.height, SMALLEST.0, SMALLEST.1
        );
        draw_lines(wrap_text(&text, theme[Role::Text], usize::from(area.width), 0), None, false, area, buf);
        return extents;
    }
    let places = places(Shape::of(model), &model.look.sizes, area);
    status::draw(&ctx, places.status, buf);
    for (pane, place) in &places.panes {
        ctx.clickable(*place, Target::Pane(*pane));
    }
    add_dividers(&mut regions.borrow_mut(), &places.dividers);
    for (pane, place) in &places.panes {
        let tabs = if places.tabs.contains(pane) { &places.tabs[..] } else { &[] };
        extents.panes[*pane as usize] = draw_pane(&ctx, *pane, tabs, *place, buf);
    }
    bottom(&ctx, &places, buf);
    if let Some(open) = model.look.popup {
        extents.popup = popup::draw(&ctx, open, area, buf);
    }
    extents.regions = regions.into_inner();
    extents
}

/// Draws a pane with its frame; a pane that shares its place names the others in its title.
fn draw_pane(ctx: &Ctx<'_>, pane: Pane, tabs: &[Pane], area: Rect, buf: &mut Buffer) -> Extent {
    let focused = ctx.model.look.focus == pane;
    let spec = pane.spec();
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
    let extent = (spec.draw)(ctx, inner, buf);
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
    let all: usize = tabs.iter().map(|tab| tab.spec().title.len() + 5).sum();
    let own = if focused { Role::TitleFocus } else { Role::Title };
    let named =
        |pane: Pane, role: Role| ctx.span(role, format!("{} {}", pane as usize + 1, pane.spec().title));
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

/// The messages and the key hints. Where both have to do with one line, a message has it for a moment, and
/// then its beginning beside the hints.
fn bottom(ctx: &Ctx<'_>, places: &Places, buf: &mut Buffer) {
    let (footer, now) = (places.footer, ctx.model.now);
    if let Some(place) = places.notice {
        notice_line(ctx, usize::from(place.width)).unwrap_or_default().render(place, buf);
        return hints(ctx, footer, buf);
    }
    let share = if ctx.model.notices.is_fresh(now) { footer.width } else { footer.width / 2 };
    let Some(notice) = notice_line(ctx, usize::from(share)) else { return hints(ctx, footer, buf) };
    let used = notice.width() as u16;
    notice.render(footer, buf);
    if share < footer.width {
        hints(ctx, Rect { x: footer.x + used, width: footer.width - used, ..footer }, buf);
    }
}

/// The hints that matter where the person is. Clicking one does what its key does.
fn hints(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    if let Some(open) = ctx.model.look.popup {
        hint_line(&popup::hints(open), &[], columns, ctx.theme).0.render(area, buf);
        return;
    }
    let (mut hints, mut always) = (Vec::<Hint>::new(), Vec::<Hint>::new());
    for spec in fitting_commands(ctx) {
        let paused = ctx.model.engine().is_some_and(|live| live.paused || live.pausing);
        let word =
            if spec.action == Action::Drive(Drive::PauseOrResume) && paused { "resume" } else { spec.hint };
        let key = commands::key_label(spec.keys[0]);
        let hints = if spec.place == Place::Always { &mut always } else { &mut hints };
        match hints.iter_mut().find(|hint| hint.word == word) {
            Some(hint) => hint.keys.push((key, spec.action)),
            None => hints.push(Hint { word, keys: vec![(key, spec.action)] }),
        }
    }
    let words = |hints: &[Hint]| hints.iter().map(Hint::words).collect::<Vec<_>>();
    let (line, shown) = hint_line(&words(&hints), &words(&always), columns, ctx.theme);
    line.render(area, buf);
    let all: Vec<&Hint> = hints.iter().chain(&always).collect();
    for (at, place) in shown {
        let mut x = area.x + place.start;
        for (key, action) in &all[at].keys {
            let rest = Rect { x, width: (area.x + place.end).saturating_sub(x), ..area };
            ctx.clickable(rest, Target::Action(*action));
            x += width(key) as u16 + 1;
        }
    }
}

/// A word in the line of hints, with the keys that it stands for.
struct Hint {
    word: &'static str,
    keys: Vec<(String, Action)>,
}

impl Hint {
    fn words(&self) -> (String, &'static str) {
        let keys: Vec<&str> = self.keys.iter().map(|(key, _)| key.as_str()).collect();
        (keys.join(" "), self.word)
    }
}

/// Returns the commands whose hints matter now; what only the focused pane knows comes first.
fn fitting_commands(ctx: &Ctx<'_>) -> impl Iterator<Item = &'static CommandSpec> {
    let drives = ctx.model.at_present() && !ctx.model.source_over();
    let proposals = ctx.model.look.focus == Pane::Proposal;
    let applies = move |place: Place| match place {
        Place::Live => drives,
        Place::Past => !drives,
        Place::Steps | Place::Always | Place::Anywhere => true,
        Place::Proposals => proposals,
        Place::Help => false,
    };
    let (own, common): (Vec<_>, Vec<_>) =
        COMMANDS.iter().filter(|spec| applies(spec.place)).partition(|spec| spec.place == Place::Proposals);
    own.into_iter().chain(common)
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
    ctx.clickable(place, Target::Popup);
    let inner = block.inner(place);
    block.render(place, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}
