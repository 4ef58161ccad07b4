//! What panes and overlays draw with.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Clear, Widget},
};

use super::plan::typed::TypedLine;
use crate::{
    commands::{OverlayKind, Pane},
    core::{
        model::{Model, SPIN},
        regions::{Regions, Target},
    },
    highlight,
    theme::{Role, Theme},
    widgets::{
        frame::{centred, frame},
        input::{Input, input_cursor, input_line},
        list::Cursor,
        scroll::{Extent, draw_lines},
        text::fit_line,
        wrap::wrap_text,
    },
};
use plan::{ItemId, ItemKind};

/// What a pane needs to draw itself.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// What is known.
    pub model: &'a Model,
    /// How it looks.
    pub theme: &'a Theme,
    /// Takes the text of all lines that a pane could scroll to, when it is searched.
    pub lines: Option<&'a RefCell<Vec<String>>>,
    /// What was drawn where, to be clicked.
    pub regions: &'a RefCell<Regions>,
    /// Where the terminal's cursor belongs: what is drawn later lies above, and so wins.
    pub cursor: &'a Cell<Option<Position>>,
    /// The line that is typed in its place in the plan.
    pub typed: Option<&'a TypedLine>,
    /// What lies over the panes, apart from the tour.
    pub over: Option<OverlayKind>,
}

impl Ctx<'_> {
    /// Registers that clicking `area` means `target`. What is registered later lies above.
    pub(crate) fn clickable(&self, area: Rect, target: Target) {
        self.regions.borrow_mut().add(area, target);
    }

    /// Registers that clicking line number `line` of what was drawn with `extent` into `area` means
    /// `target`, if that line is in sight; `columns` are counted from the left of `area`.
    pub(crate) fn clickable_line(
        &self,
        extent: Extent,
        area: Rect,
        line: usize,
        columns: Range<u16>,
        target: Target,
    ) {
        let Some(row) = line.checked_sub(extent.offset).filter(|row| *row < usize::from(area.height)) else {
            return;
        };
        let start = area.x.saturating_add(columns.start);
        let end = area.x.saturating_add(columns.end).min(area.right());
        let place = Rect { x: start, y: area.y + row as u16, width: end.saturating_sub(start), height: 1 };
        self.clickable(place, target);
    }

    /// Registers that the rows of a list over the panes can be clicked, of which `rows` were drawn with `extent` into `area`.
    pub(crate) fn clickable_rows(&self, list: OverlayKind, extent: Extent, rows: usize, area: Rect) {
        for row in extent.offset..rows.min(extent.offset + usize::from(area.height)) {
            self.clickable_line(extent, area, row, 0..area.width, Target::Row(list, row));
        }
    }

    /// Puts the terminal's cursor at the start of `area`, for screen readers and input methods.
    pub(crate) fn put_cursor(&self, area: Rect) {
        if !area.is_empty() {
            self.cursor.set(Some(area.as_position()));
        }
    }

    /// Puts the terminal's cursor at line number `line` of what was drawn with `extent` into `area`, if that line is in
    /// sight.
    pub(crate) fn put_cursor_on_line(&self, extent: Extent, area: Rect, line: usize) {
        let row = line.checked_sub(extent.offset).filter(|row| *row < usize::from(area.height));
        if let Some(row) = row {
            self.put_cursor(Rect { y: area.y + row as u16, height: 1, ..area });
        }
    }

    /// Draws a line that is typed into the first row of `area`, with the terminal's cursor in it.
    pub(crate) fn input(&self, sign: &str, input: &Input, area: Rect, buf: &mut Buffer) {
        let row = Rect { height: area.height.min(1), ..area };
        let line = input_line(sign, input, usize::from(row.width), self.theme);
        if !row.is_empty() {
            self.cursor.set(Some(input_cursor(&line, row)));
        }
        fit_line(line, usize::from(row.width)).render(row, buf);
    }

    /// Draws the rows of a list that are in sight, with the terminal's cursor on the row under the list's.
    pub(crate) fn list(
        &self,
        cursor: Cursor,
        rows: usize,
        area: Rect,
        buf: &mut Buffer,
        line: impl FnMut(usize, bool) -> Line<'static>,
    ) -> Extent {
        let extent = cursor.draw(rows, area, buf, line);
        self.put_cursor_on_line(extent, area, cursor.row(rows));
        extent
    }

    /// Returns the style of `role`.
    pub fn style(&self, role: Role) -> Style {
        self.theme[role]
    }

    /// Returns a piece of text in the style of `role`.
    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.theme[role])
    }

    /// Returns the style of items of `kind`.
    pub(crate) fn kind_style(&self, kind: ItemKind) -> Style {
        self.theme[match kind {
            ItemKind::Constraint => Role::Constraint,
            ItemKind::Subgoal => Role::Subgoal,
            ItemKind::Invariant => Role::Invariant,
            ItemKind::Claim => Role::Claim,
            ItemKind::ToolCall => Role::ToolCall,
            ItemKind::Step => Role::Step,
        }]
    }

    /// Returns an item's name in the colour of its kind; the item under the cursor lights up.
    pub(crate) fn id_span(&self, id: ItemId) -> Span<'static> {
        let style = self.kind_style(id.kind);
        let lit = self.model.look.cursors.item == Some(id);
        Span::styled(id.to_string(), if lit { style.add_modifier(Modifier::REVERSED) } else { style })
    }

    /// Returns the style in which `id` is cited; the same for an item all the time.
    pub(crate) fn cite_style(&self, id: ItemId) -> Style {
        const ROLES: [Role; 6] =
            [Role::Cite0, Role::Cite1, Role::Cite2, Role::Cite3, Role::Cite4, Role::Cite5];
        let kinds = ItemKind::ALL.len();
        let kind = ItemKind::ALL.iter().copied().position(|kind| kind == id.kind).unwrap_or(kinds);
        // Neighbours of one kind differ, and so do the first items of the kinds.
        self.theme[ROLES[(id.number as usize + kind) % ROLES.len()]]
    }

    /// Returns `text` with its expressions and tool calls in colours, the rest in `plain`.
    pub fn code(&self, text: &str, plain: Style) -> Vec<Span<'static>> {
        let Some(highlighter) = &self.model.setup.highlighter else {
            return vec![Span::styled(text.to_owned(), plain)];
        };
        let pieces = highlighter.pieces(text);
        let span = |(range, class): &highlight::Piece| {
            Span::styled(
                text[range.clone()].to_owned(),
                self.class_style(&text[range.clone()], *class, plain),
            )
        };
        pieces.iter().map(span).collect()
    }

    fn class_style(&self, text: &str, class: highlight::Class, plain: Style) -> Style {
        match class {
            highlight::Class::Plain => plain,
            highlight::Class::Keyword => self.theme[Role::Accent],
            highlight::Class::Item => text.parse().map_or(plain, |id: ItemId| self.kind_style(id.kind)),
            highlight::Class::Function => self.theme[Role::Function],
            highlight::Class::Number => self.theme[Role::Number],
            highlight::Class::Operator => self.theme[Role::Operator],
            highlight::Class::Quoted => self.theme[Role::Quoted],
        }
    }

    /// Returns a picture of a turning wheel.
    pub(crate) fn spinner(&self) -> &'static str {
        const PICTURES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        let turn = self.model.now.as_millis() / SPIN.as_millis();
        PICTURES[(turn % 10) as usize]
    }

    /// Draws lines scrolled as the person wished for `pane`.
    pub(crate) fn scrolled(
        &self,
        pane: Pane,
        lines: Vec<Line<'static>>,
        follow: bool,
        area: Rect,
        buf: &mut Buffer,
    ) -> Extent {
        self.tell_lines(|| lines.iter().map(text_of).collect());
        draw_lines(lines, self.model.look.scroll[pane as usize], follow, area, buf)
    }

    /// Gives a search the text of all lines that the pane could scroll to, one a step of scrolling.
    /// [`scrolled`](Self::scrolled) does it for panes that use it.
    pub(crate) fn tell_lines(&self, lines: impl FnOnce() -> Vec<String>) {
        if let Some(all) = self.lines {
            all.borrow_mut().extend(lines());
        }
    }

    /// Draws a window over what is there, in the middle of `area`, and returns its inside.
    pub fn window(&self, title: &str, size: (u16, u16), area: Rect, buf: &mut Buffer) -> Rect {
        let place = centred(size, area);
        Clear.render(place, buf);
        buf.set_style(place, self.style(Role::Text));
        self.clickable(place, Target::Overlay);
        let title = Line::from(self.span(Role::TitleFocus, format!(" {title} ")));
        let inner = frame(title, self.style(Role::BorderFocus), place, buf);
        self.put_cursor(inner);
        inner
    }

    /// Draws the sentence that an empty pane shows.
    pub fn empty(&self, text: &str, area: Rect, buf: &mut Buffer) -> Extent {
        let lines = wrap_text(text, self.style(Role::Dim), usize::from(area.width), 0);
        draw_lines(lines, None, false, area, buf)
    }
}

/// Returns the text of a line.
pub(crate) fn text_of(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}
