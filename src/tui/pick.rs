//! The screen on which a problem is picked.

use crossterm::event::{Event as TerminalEvent, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures::StreamExt;
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};
use tui_input::{Input, backend::crossterm::EventHandler};

use super::{
    appearance::Appearance,
    msg::Msg,
    run::TuiError,
    signals::Signals,
    terminal::Screen,
    theme::{Role, Theme},
    widgets::{
        hints::hint_line,
        scroll::draw_lines,
        text::{fit_line, pad, sanitise, width},
        wrap::wrap_text,
    },
};

/// A problem that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickEntry {
    /// What names it: a bundled name, or a file and row.
    pub reference: String,
    /// A few words.
    pub title: String,
    /// Its family's name.
    pub family: String,
    /// How hard it is, in a word; may be empty.
    pub difficulty: String,
    /// Its text.
    pub preview: String,
}

/// Lets the person pick one of `entries` and returns its reference; none when they leave.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick(entries: Vec<PickEntry>, appearance: &Appearance) -> Result<Option<String>, TuiError> {
    let mut picker = Picker::new(entries);
    let theme = &appearance.load_theme()?;
    let mut screen = Screen::enter(appearance.glyphs, appearance.mouse)?;
    let mut keys = EventStream::new();
    let mut signals = Signals::listen()?;
    loop {
        screen.draw(|frame| picker.draw(theme, frame.area(), frame.buffer_mut()))?;
        let event = tokio::select! {
            key = keys.next() => match key {
                Some(event) => event?,
                None => return Ok(None),
            },
            signal = signals.next() => {
                if !matches!(signal, Msg::Redraw) {
                    return Ok(None);
                }
                screen.resume()?;
                continue;
            }
        };
        if let TerminalEvent::Key(key) = &event
            && key.modifiers.contains(KeyModifiers::CONTROL)
            && key.code == KeyCode::Char('z')
        {
            screen.suspend()?;
            continue;
        }
        match picker.on_event(&event) {
            Choice::None => {}
            Choice::Leave => return Ok(None),
            Choice::Take(reference) => return Ok(Some(reference)),
        }
    }
}

/// What a key meant to the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Nothing is decided yet.
    None,
    /// The person leaves without a problem.
    Leave,
    /// The person takes the problem with this reference.
    Take(String),
}

/// The list of problems with a filter and a preview.
#[derive(Debug, Clone)]
pub struct Picker {
    entries: Vec<PickEntry>,
    filter: Input,
    /// Entries that pass the filter.
    shown: Vec<usize>,
    selected: usize,
}

impl Picker {
    /// Returns a picker of `entries`.
    pub fn new(entries: Vec<PickEntry>) -> Self {
        let shown = (0..entries.len()).collect();
        Self { entries, filter: Input::default(), shown, selected: 0 }
    }

    /// Returns the entry that is selected.
    pub fn selected(&self) -> Option<&PickEntry> {
        self.entries.get(*self.shown.get(self.selected)?)
    }

    /// Takes in what the terminal tells.
    pub fn on_event(&mut self, event: &TerminalEvent) -> Choice {
        if let TerminalEvent::Key(key) = event
            && key.kind != KeyEventKind::Release
            && let Some(choice) = self.on_key(*key)
        {
            return choice;
        }
        if self.filter.handle_event(event).is_some_and(|change| change.value) {
            self.sieve();
        }
        Choice::None
    }

    /// Returns what the key meant, unless it belongs to the filter.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal are the filter's")]
    fn on_key(&mut self, key: KeyEvent) -> Option<Choice> {
        let last = self.shown.len().saturating_sub(1);
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        self.selected = match key.code {
            KeyCode::Enter => {
                return self
                    .selected()
                    .map(|entry| Choice::Take(entry.reference.clone()))
                    .or(Some(Choice::None));
            }
            KeyCode::Esc if !self.filter.value().is_empty() => {
                self.filter.reset();
                self.sieve();
                0
            }
            KeyCode::Esc => return Some(Choice::Leave),
            KeyCode::Char('c') if ctrl => return Some(Choice::Leave),
            KeyCode::Down | KeyCode::Tab => (self.selected + 1).min(last),
            KeyCode::Up | KeyCode::BackTab => self.selected.saturating_sub(1),
            KeyCode::Char('n') if ctrl => (self.selected + 1).min(last),
            KeyCode::Char('p') if ctrl => self.selected.saturating_sub(1),
            KeyCode::PageDown => (self.selected + 10).min(last),
            KeyCode::PageUp => self.selected.saturating_sub(10),
            _ => return None,
        };
        Some(Choice::None)
    }

    /// Keeps entries in which every word of the filter occurs.
    fn sieve(&mut self) {
        let wanted = self.filter.value().to_lowercase();
        let passes = |entry: &PickEntry| {
            let all = [&entry.reference, &entry.title, &entry.family, &entry.difficulty, &entry.preview];
            let text = all.map(|part| part.to_lowercase()).join(" ");
            wanted.split_whitespace().all(|word| text.contains(word))
        };
        self.shown = (0..self.entries.len()).filter(|at| passes(&self.entries[*at])).collect();
        self.selected = 0;
    }

    /// Draws the screen.
    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        buf.set_style(area, theme[Role::Text]);
        let [top, body, footer] =
            Layout::vertical([Constraint::Length(2), Constraint::Min(0), Constraint::Length(1)]).areas(area);
        self.draw_filter(theme, top, buf);
        let share = if area.width >= 100 { 50 } else { 45 };
        let [list, preview] =
            Layout::horizontal([Constraint::Percentage(100 - share), Constraint::Fill(1)]).areas(body);
        self.draw_list(theme, list, buf);
        self.draw_preview(theme, preview, buf);
        let hints = [("enter", "take"), ("↑ ↓", "move"), ("type", "filter"), ("esc", "clear or leave")]
            .map(|(key, word)| (key.to_owned(), word));
        hint_line(&hints, &[], usize::from(footer.width), theme).0.render(footer, buf);
    }

    fn draw_filter(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let value = self.filter.value();
        let (before, after) = value.split_at(byte_of(value, self.filter.cursor()));
        let mut rest = after.chars();
        let under = rest.next().unwrap_or(' ');
        let mut spans = vec![
            Span::styled(" planscope ", theme[Role::Accent]),
            Span::styled(" Which problem?  ", theme[Role::Strong]),
            Span::styled(before.to_owned(), theme[Role::Text]),
            Span::styled(under.to_string(), theme[Role::Select]),
            Span::styled(rest.as_str().to_owned(), theme[Role::Text]),
        ];
        if value.is_empty() {
            spans.push(Span::styled("type to filter", theme[Role::Dim]));
        }
        fit_line(Line::from(spans), usize::from(area.width)).render(Rect { height: 1, ..area }, buf);
    }

    fn draw_list(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let title = format!(" {} of {} ", self.shown.len(), self.entries.len());
        let inner = framed(&title, Role::BorderFocus, theme, area, buf);
        if self.shown.is_empty() {
            let text = "No problem has all of these words. Esc clears the filter.";
            let lines = wrap_text(text, theme[Role::Dim], usize::from(inner.width), 0);
            draw_lines(lines, None, false, inner, buf);
            return;
        }
        let page = usize::from(inner.height).max(1);
        let first = (self.selected + 1).saturating_sub(page);
        let columns = usize::from(inner.width);
        let visible = || self.shown.iter().skip(first).take(page).map(|at| &self.entries[*at]);
        let widest =
            |text: fn(&PickEntry) -> &str| visible().map(|e| width(text(e))).max().unwrap_or(0).min(16);
        let (family, difficulty) = (widest(|e| &e.family), widest(|e| &e.difficulty));
        let title = columns.saturating_sub(family + difficulty + 5);
        for ((place, entry), row) in visible().enumerate().zip(inner.rows()) {
            let chosen = first + place == self.selected;
            let role = if chosen { Role::Strong } else { Role::Text };
            let line = Line::from(vec![
                Span::styled(if chosen { "▎" } else { " " }, theme[Role::Accent]),
                Span::styled(pad(&sanitise(&entry.title).replace('\n', " "), title), theme[role]),
                Span::styled(format!("  {}", pad(&sanitise(&entry.family), family)), theme[Role::Dim]),
                Span::styled(
                    format!("  {}", pad(&sanitise(&entry.difficulty), difficulty)),
                    theme[Role::Dim],
                ),
            ]);
            fit_line(line, columns).render(row, buf);
        }
    }

    fn draw_preview(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let inner = framed(" Preview ", Role::Border, theme, area, buf);
        let Some(entry) = self.selected() else { return };
        let columns = usize::from(inner.width);
        let mut lines = wrap_text(&entry.title, theme[Role::Strong], columns, 0);
        lines.extend(wrap_text(&entry.reference, theme[Role::Dim], columns, 2));
        lines.push(Line::default());
        lines.extend(wrap_text(&entry.preview, theme[Role::Text], columns, 0));
        let page = usize::from(inner.height);
        if lines.len() > page && page > 0 {
            lines.truncate(page - 1);
            lines.push(Line::from(Span::styled("…", theme[Role::Dim])));
        }
        draw_lines(lines, None, false, inner, buf);
    }
}

fn byte_of(text: &str, place: usize) -> usize {
    text.char_indices().nth(place).map_or(text.len(), |(at, _)| at)
}

fn framed(title: &str, border: Role, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme[border])
        .title_top(Line::from(Span::styled(title.to_owned(), theme[Role::Title])));
    let inner = block.inner(area);
    block.render(area, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::text;

    fn picker() -> Picker {
        let entry = |reference: &str, title: &str, family: &str| PickEntry {
            reference: reference.to_owned(),
            title: title.to_owned(),
            family: family.to_owned(),
            difficulty: "easy".to_owned(),
            preview: format!("The text of {reference}, which is long enough to be wrapped."),
        };
        Picker::new(vec![
            entry("pens", "Money from the remaining pens", "math"),
            entry("blocks-3", "Three blocks", "blocks"),
            entry("blocks-5", "Five blocks", "blocks"),
        ])
    }

    fn press(picker: &mut Picker, code: KeyCode) -> Choice {
        picker.on_event(&TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    #[test]
    fn typing_narrows_and_enter_takes() {
        let mut picker = picker();
        for letter in "blocks five".chars() {
            assert_eq!(press(&mut picker, KeyCode::Char(letter)), Choice::None);
        }
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take("blocks-5".to_owned()));
        press(&mut picker, KeyCode::Char('x'));
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::None);
        press(&mut picker, KeyCode::Down);
        press(&mut picker, KeyCode::Up);
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take("pens".to_owned()));
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::Leave);
    }

    #[test]
    fn the_screen_shows_list_and_preview_at_any_size() {
        let theme = Theme::bundled("dark").unwrap();
        let mut picker = picker();
        press(&mut picker, KeyCode::Down);
        for size in [(80, 24), (20, 5), (3, 2), (1, 1)] {
            let area = Rect::new(0, 0, size.0, size.1);
            let mut buf = Buffer::empty(area);
            picker.draw(&theme, area, &mut buf);
            let row = |y: u16| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>();
            if size == (80, 24) {
                assert!(row(4).contains("▎Three blocks") && row(4).contains("blocks-3"), "{}", row(4));
                assert!((0..24).all(|y| text::width(&row(y)) == 80));
            }
        }
    }
}
