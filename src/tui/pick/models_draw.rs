//! How the list of models is drawn.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    download::Download,
    draw::framed,
    models::{ModelEntry, ModelPicker},
};
use crate::{
    format,
    theme::{Role, Theme},
    widgets::{
        scroll::draw_lines,
        table::{Column, Table},
        text::fit_line,
        wrap::wrap_text,
    },
};

const HEADS: [Column; 7] = [
    Column::words("  name"),
    Column::words("").gives_way(3),
    Column::words("weights").gives_way(0),
    Column::numbers("file").gives_way(1),
    Column::numbers("memory").gives_way(2),
    Column::words("fits"),
    Column::words("licence"),
];

impl ModelPicker<'_> {
    /// Draws all but the footer; returns where the row under the cursor begins.
    pub(super) fn draw_screen(&self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
        let [top, list, below] =
            Layout::vertical([Constraint::Length(2), Constraint::Min(0), Constraint::Length(8)]).areas(area);
        let head = vec![
            Span::styled(" planscope ", theme[Role::Accent]),
            Span::styled(" Which model?", theme[Role::Strong]),
        ];
        fit_line(Line::from(head), usize::from(area.width))
            .render(Rect { height: top.height.min(1), ..top }, buf);
        self.draw_below(theme, below, buf);
        self.draw_models(theme, list, buf)
    }

    fn draw_models(&self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
        let inner = framed(" Models ", Role::BorderFocus, theme, area, buf);
        let mut table = Table::new(HEADS);
        for (at, model) in self.models.iter().enumerate() {
            table.row(row(model, at == self.row(), theme));
        }
        let lines = table.lines(usize::from(inner.width), theme);
        let page = usize::from(inner.height);
        // The head is a line too.
        let first = (self.row() + 2).saturating_sub(page);
        let extent = draw_lines(lines, Some(first), false, inner, buf);
        Position::new(inner.x, inner.y + (self.row() + 1).saturating_sub(extent.offset) as u16)
    }

    /// The download where there is one; otherwise what led here and what the selected model is good for.
    fn draw_below(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let inner = framed("", Role::Border, theme, area, buf);
        let columns = usize::from(inner.width);
        let mut lines = Vec::new();
        if let Some(said) = &self.said {
            lines.extend(wrap_text(said, theme[Role::Care], columns, 0));
        }
        if let Some((name, download)) = &self.fetching {
            lines.extend(download_lines(name, download, columns, theme));
        } else if let Some(model) = self.models.get(self.row()) {
            lines.extend(wrap_text(&model.title, theme[Role::Strong], columns, 0));
            lines.extend(wrap_text(&model.notes, theme[Role::Text], columns, 0));
            let about = format!("{} · {} · needs {}", model.size, model.licence, model.memory);
            lines.extend(wrap_text(&about, theme[Role::Dim], columns, 0));
        }
        draw_lines(lines, None, false, inner, buf);
    }
}

fn row(model: &ModelEntry, chosen: bool, theme: &Theme) -> Vec<Span<'static>> {
    let role = if chosen { Role::Strong } else { Role::Text };
    let text = theme[role];
    let mark = if chosen { "▎" } else { " " };
    let state = match (model.installed, model.default) {
        (true, true) => "here, default",
        (true, false) => "here",
        (false, true) => "default",
        (false, false) => "",
    };
    let (fits, fits_role) = match model.fits {
        Some(true) => ("✓", Role::Good),
        Some(false) => ("✗ too large", Role::Bad),
        None => (format::NONE, Role::Dim),
    };
    vec![
        Span::styled(format!("{mark} {}", model.name), text),
        Span::styled(state.to_owned(), theme[if model.installed { Role::Good } else { Role::Dim }]),
        Span::styled(model.size.clone(), theme[Role::Dim]),
        Span::styled(model.file.clone(), text),
        Span::styled(model.memory.clone(), text),
        Span::styled(fits.to_owned(), theme[fits_role]),
        Span::styled(model.licence.clone(), theme[Role::Dim]),
    ]
}

fn download_lines(name: &str, download: &Download, columns: usize, theme: &Theme) -> Vec<Line<'static>> {
    let what = if download.what.is_empty() { "looking for a source" } else { &download.what };
    let mut lines = wrap_text(&format!("{name}: {what}"), theme[Role::Text], columns, 0);
    if let Some(share) = download.share() {
        let full = (share * columns as f64).round() as usize;
        lines.push(Line::from(vec![
            Span::styled("█".repeat(full), theme[Role::Bar]),
            Span::styled("─".repeat(columns.saturating_sub(full)), theme[Role::BarRest]),
        ]));
        let megabytes = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
        let mut parts = vec![
            format!("{:.0} %", (share * 100.0).floor()),
            format!(
                "{} of {}",
                megabytes(download.done as f64),
                megabytes(download.total.unwrap_or(0) as f64)
            ),
        ];
        parts.extend(download.rate().map(|rate| format!("{}/s", megabytes(rate))));
        parts.extend(download.remaining().map(|rest| format!("{} left", format::time(rest))));
        lines.push(Line::from(Span::styled(parts.join(" · "), theme[Role::Dim])));
    }
    if let Some(note) = &download.note {
        lines.extend(wrap_text(note, theme[Role::Care], columns, 0));
    }
    lines
}
