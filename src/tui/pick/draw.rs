//! How the list of problems and sessions is drawn.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::list::{Picker, Row, TOUR};
use crate::{
    theme::{Role, Theme},
    widgets::{
        frame::frame,
        scroll::draw_lines,
        text::{fit_line, pad, sanitise, width},
        wrap::wrap_text,
    },
};

/// What the tour is.
const TOUR_TEXT: &str =
    "A recorded run, step by step: what each pane shows and which keys lead on. It needs no model.";

/// What may be typed, for an empty filter.
const PROMPT: &str = "type to filter, or the path of a problem file";

impl Picker {
    /// Draws all but the footer; returns where the filter's cursor is.
    pub(super) fn draw_screen(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
        let [top, body] = Layout::vertical([Constraint::Length(2), Constraint::Min(0)]).areas(area);
        let cursor = self.draw_filter(theme, top, buf);
        let share = if area.width >= 100 { 50 } else { 45 };
        let [list, preview] =
            Layout::horizontal([Constraint::Percentage(100 - share), Constraint::Fill(1)]).areas(body);
        self.draw_list(theme, list, buf);
        self.draw_preview(theme, preview, buf);
        cursor
    }

    fn draw_filter(&self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Position {
        let (before, after) = self.filter.halves();
        let mut rest = after.chars();
        let under = rest.next().unwrap_or(' ');
        let mut spans = vec![
            Span::styled(" planscope ", theme[Role::Accent]),
            Span::styled(" Which problem?  ", theme[Role::Strong]),
            Span::styled(before.to_owned(), theme[Role::Text]),
            Span::styled(under.to_string(), theme[Role::Select]),
            Span::styled(rest.as_str().to_owned(), theme[Role::Text]),
        ];
        let typed: usize = spans[..3].iter().map(|span| width(&span.content)).sum();
        if self.filter.value().is_empty() {
            spans.push(Span::styled(PROMPT, theme[Role::Dim]));
        }
        let used: usize = spans.iter().map(|span| width(&span.content)).sum();
        let columns = usize::from(area.width);
        let model = format!("{} ", self.model);
        if used + width(&model) + 2 <= columns {
            spans.push(Span::raw(" ".repeat(columns - used - width(&model))));
            spans.push(Span::styled(model, theme[Role::Dim]));
        }
        fit_line(Line::from(spans), columns).render(Rect { height: 1, ..area }, buf);
        Position::new(area.x + (typed as u16).min(area.width.saturating_sub(1)), area.y)
    }

    fn draw_list(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.drawn.clear();
        let problems = self.shown.iter().filter(|row| self.problem(**row).is_some()).count();
        let title = format!(" {problems} of {} ", self.choices.problems.len().max(problems));
        let inner = framed(&title, Role::BorderFocus, theme, area, buf);
        if self.shown.is_empty() {
            let text = match &self.file {
                Some(Err(reason)) => reason.as_str(),
                Some(Ok(_)) | None => "Nothing fits these words. Esc clears the filter.",
            };
            let lines = wrap_text(text, theme[Role::Dim], usize::from(inner.width), 0);
            draw_lines(lines, None, false, inner, buf);
            return;
        }
        let lines = self.list_lines(theme, usize::from(inner.width));
        let page = usize::from(inner.height).max(1);
        let selected = lines.iter().position(|(row, _)| *row == Some(self.row())).unwrap_or(0);
        let first = (selected + 1).saturating_sub(page);
        for ((row, line), place) in lines.into_iter().skip(first).zip(inner.rows()) {
            if let Some(row) = row {
                self.drawn.add(place, row);
            }
            fit_line(line, usize::from(inner.width)).render(place, buf);
        }
    }

    /// The list's lines, with the number of the row that each shows; a heading shows none.
    fn list_lines(&self, theme: &Theme, columns: usize) -> Vec<(Option<usize>, Line<'static>)> {
        let mut lines = Vec::new();
        let widest = |text: fn(&super::PickEntry) -> &str| {
            let problems = self.shown.iter().filter_map(|row| self.problem(*row));
            problems.map(|entry| width(text(entry))).max().unwrap_or(0).min(16)
        };
        let (family, difficulty) = (widest(|entry| &entry.family), widest(|entry| &entry.difficulty));
        let (mut headed, tour) = (false, TOUR[0].to_owned());
        for (at, row) in self.shown.iter().enumerate() {
            let (title, notes) = if let Some(session) = self.session(*row) {
                if !headed {
                    if at > 0 {
                        lines.push((None, Line::default()));
                    }
                    lines.push((None, Line::from(Span::styled(" Recent sessions", theme[Role::Accent]))));
                    headed = true;
                }
                (&session.title, vec![clean(&session.outcome), clean(&session.when)])
            } else if let Some(entry) = self.problem(*row) {
                (
                    &entry.title,
                    vec![pad(&clean(&entry.family), family), pad(&clean(&entry.difficulty), difficulty)],
                )
            } else {
                if at > 0 {
                    lines.push((None, Line::default()));
                }
                (&tour, vec![TOUR[1].to_owned()])
            };
            let taken: usize = notes.iter().map(|note| width(note) + 2).sum();
            let chosen = at == self.row();
            let role = if chosen { Role::Strong } else { Role::Text };
            let room = columns.saturating_sub(taken + 1).max(8);
            let mut spans = vec![
                Span::styled(if chosen { "▎" } else { " " }, theme[Role::Accent]),
                Span::styled(pad(&clean(title), room), theme[role]),
            ];
            spans.extend(notes.into_iter().map(|note| Span::styled(format!("  {note}"), theme[Role::Dim])));
            lines.push((Some(at), Line::from(spans)));
        }
        lines
    }

    fn draw_preview(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let inner = framed(" Preview ", Role::Border, theme, area, buf);
        let Some((title, name, text)) = self.preview() else { return };
        let columns = usize::from(inner.width);
        let mut lines = wrap_text(title, theme[Role::Strong], columns, 0);
        lines.extend(wrap_text(&name, theme[Role::Dim], columns, 2));
        lines.push(Line::default());
        lines.extend(wrap_text(text, theme[Role::Text], columns, 0));
        let page = usize::from(inner.height);
        if lines.len() > page && page > 0 {
            lines.truncate(page - 1);
            lines.push(Line::from(Span::styled("…", theme[Role::Dim])));
        }
        draw_lines(lines, None, false, inner, buf);
    }

    fn preview(&self) -> Option<(&str, String, &str)> {
        let row: Row = *self.shown.get(self.row())?;
        match (self.session(row), self.problem(row)) {
            (Some(session), _) => {
                Some((&session.title, session.path.display().to_string(), &session.preview))
            }
            (None, Some(entry)) => Some((&entry.title, entry.reference.clone(), &entry.preview)),
            (None, None) => Some((TOUR[0], TOUR[1].to_owned(), TOUR_TEXT)),
        }
    }
}

/// Returns text that can stand in a line.
pub(super) fn clean(text: &str) -> String {
    sanitise(text).replace('\n', " ")
}

/// Draws a frame and returns its inside.
pub(super) fn framed(title: &str, border: Role, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    frame(Line::from(Span::styled(title.to_owned(), theme[Role::Title])), theme[border], area, buf)
}
