//! How the list of an experiment's cells is drawn.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    text::Span,
};

use super::{
    cells::{CellEnd, CellEntry, CellPicker},
    draw::{clean, framed},
};
use crate::{
    theme::{Role, Theme},
    widgets::{
        input::{input_cursor, input_line},
        scroll::draw_lines,
        table::{Column, Table},
        text::sanitise,
        wrap::{wrap, wrap_text},
    },
};

const HEADS: [Column; 8] = [
    Column::words("  problem"),
    Column::words("model").gives_way(0),
    Column::numbers("seed").gives_way(3),
    Column::words("budget").gives_way(4),
    Column::words("arm"),
    Column::words("answer"),
    Column::numbers("spent").gives_way(2),
    Column::numbers("score").gives_way(1),
];

/// The column of the model, which is left out where there is only one.
const MODEL: usize = 1;
/// Columns from which on what is known of a cell is next to the list.
const WIDE: u16 = 110;
/// Rows for it where it stands below.
const BELOW: u16 = 9;

impl CellPicker {
    /// Draws all but the footer; returns where the filter's cursor is.
    pub(super) fn draw_screen(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
        let [top, body] = Layout::vertical([Constraint::Length(2), Constraint::Min(0)]).areas(area);
        let sign = format!(" {}  ", sanitise(&self.name));
        let mut head = input_line(&sign, self.list.filter(), usize::from(top.width), theme);
        let cursor = input_cursor(&head, top);
        if self.list.filter().value().is_empty() {
            let words = "words such as: refine wrong, or the name of a problem";
            head.spans.push(Span::styled(words, theme[Role::Dim]));
        }
        draw_lines(vec![head], None, false, Rect { height: top.height.min(1), ..top }, buf);
        let [list, about] = if body.width >= WIDE {
            Layout::horizontal([Constraint::Percentage(60), Constraint::Fill(1)]).areas(body)
        } else {
            Layout::vertical([Constraint::Min(0), Constraint::Length(BELOW)]).areas(body)
        };
        self.draw_cells(theme, list, buf);
        self.draw_about(theme, about, buf);
        cursor
    }

    fn draw_cells(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.drawn.clear();
        let shown = self.list.shown();
        let which = if self.split { "cells whose arms differ" } else { "cells" };
        let title = format!(" {} of {} {which} ", shown.len(), self.cells.len());
        let inner = framed(&title, Role::BorderFocus, theme, area, buf);
        if shown.is_empty() {
            let text = match (self.split, self.list.filter().value().is_empty()) {
                (true, true) => "On each problem all arms came out alike. Tab shows all cells.",
                (true, false) => "Nothing fits. Esc clears the words, Tab shows all cells.",
                (false, _) => "Nothing fits these words. Esc clears them.",
            };
            draw_lines(
                wrap_text(text, theme[Role::Dim], usize::from(inner.width), 0),
                None,
                false,
                inner,
                buf,
            );
            return;
        }
        let page = usize::from(inner.height.saturating_sub(1)).max(1);
        let (first, chosen) = (self.list.cursor().offset(shown.len(), page), self.list.chosen());
        let one_model = self.cells.iter().all(|cell| cell.model == self.cells[0].model);
        let kept = |at: &usize| !(one_model && *at == MODEL);
        let columns: Vec<Column> = (0..HEADS.len()).filter(kept).map(|at| HEADS[at]).collect();
        let mut table = Table::new(columns);
        for cell in shown.iter().skip(first).take(page) {
            let all = row(&self.cells[*cell], Some(*cell) == chosen, theme);
            table.row(all.into_iter().enumerate().filter(|(at, _)| kept(at)).map(|(_, cell)| cell).collect());
        }
        let lines = table.lines(usize::from(inner.width), theme);
        draw_lines(lines, None, false, inner, buf);
        for (place, cell) in inner.rows().skip(1).zip(&shown[first..]) {
            self.drawn.add(place, *cell);
        }
    }

    /// What is known of the cell under the cursor, and how the other arms did on the same.
    fn draw_about(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let inner = framed(" Cell ", Role::Border, theme, area, buf);
        let columns = usize::from(inner.width);
        let mut lines = Vec::new();
        if let Some(refusal) = &self.refusal {
            lines.extend(wrap_text(refusal, theme[Role::Care], columns, 0));
        }
        if let Some(cell) = self.cell() {
            lines.extend(wrap(&self.alongside(cell, theme), columns, 0));
            for paragraph in cell.about.lines() {
                lines.extend(wrap_text(&sanitise(paragraph), theme[Role::Text], columns, 2));
            }
            lines.extend(wrap_text(&cell.path.display().to_string(), theme[Role::Dim], columns, 0));
        }
        draw_lines(lines, None, false, inner, buf);
    }

    /// The arms on the same problem, model, seed and budget, each in the colour of its end.
    fn alongside(&self, cell: &CellEntry, theme: &Theme) -> Vec<Span<'static>> {
        let others = self.cells.iter().filter(|other| other.is_alongside(cell));
        let mut spans = Vec::new();
        for other in others {
            let (sign, role) = sign(other.end);
            let name = if other.arm == cell.arm { Role::Strong } else { Role::Dim };
            spans.push(Span::styled(format!("{sign} "), theme[role]));
            spans.push(Span::styled(format!("{}  ", sanitise(&other.arm)), theme[name]));
        }
        spans
    }
}

/// The sign of an end, and its role.
const fn sign(end: CellEnd) -> (&'static str, Role) {
    match end {
        CellEnd::Right => ("✓", Role::Good),
        CellEnd::Wrong => ("✗", Role::Bad),
        CellEnd::NotJudged => ("?", Role::Dim),
        CellEnd::Failed => ("!", Role::Care),
    }
}

fn row(cell: &CellEntry, chosen: bool, theme: &Theme) -> Vec<Span<'static>> {
    let text = theme[if chosen { Role::Strong } else { Role::Text }];
    let (dim, (sign, role)) = (theme[Role::Dim], sign(cell.end));
    let mark = if chosen { "▎" } else { " " };
    vec![
        Span::styled(format!("{mark} {}", clean(&cell.problem)), text),
        Span::styled(clean(&cell.model), dim),
        Span::styled(cell.seed.clone(), dim),
        Span::styled(cell.budget.clone(), dim),
        Span::styled(clean(&cell.arm), text),
        Span::styled(format!("{sign} {}", cell.end.word()), theme[role]),
        Span::styled(cell.spent.clone(), dim),
        Span::styled(cell.score.clone(), dim),
    ]
}
