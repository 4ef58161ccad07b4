//! Everything about one item, and why it is what it is: its history from the record.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{change, dialog::Reply};
use crate::{
    commands::CommandError,
    format,
    model::Model,
    panes::{
        Ctx,
        plan::{inspect, rows::severity_sign},
    },
    theme::Role,
    view::overlay,
    widgets::{
        scroll::draw_lines,
        wrap::{wrap, wrap_text},
    },
};
use plan::{Item, ItemId, Segment, SegmentKind, Style, print_item, word_diff};
use session::{Author, ItemChange, why_in};

/// An item's facts and the list of its changes, newest first.
#[derive(Debug, Clone)]
pub struct WhyDialog {
    of: ItemId,
    changes: Vec<ItemChange>,
    selected: usize,
}

impl WhyDialog {
    /// Returns the history of `id`, with the change selected that made it what it is at this moment.
    ///
    /// # Errors
    /// When the record cannot be read, or no item was ever called so.
    pub fn new(model: &Model, id: ItemId) -> Result<Self, CommandError> {
        let read = why_in(&model.replay, id);
        let mut changes =
            read.map_err(|error| CommandError::NotNow(format!("The record cannot be read: {error}.")))?;
        if changes.is_empty() && !model.is_pending(id) {
            return Err(CommandError::NotNow(format!("No item of this session was ever called {id}.")));
        }
        changes.reverse();
        let position = model.replay.position() as u64;
        let selected = changes.iter().position(|change| change.seq < position).unwrap_or(0);
        Ok(Self { of: id, changes, selected })
    }

    /// Takes in a key.
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        let last = self.changes.len().saturating_sub(1);
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'w') => return Reply::Close,
            KeyCode::Enter => {
                // The moment just after the event, which all panes then show.
                let moment = self.changes.get(self.selected).map(|change| change.seq as usize + 1);
                return moment.map_or(Reply::Stay, Reply::Go);
            }
            KeyCode::Char('j') | KeyCode::Down => self.selected = (self.selected + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.selected = self.selected.saturating_sub(1),
            KeyCode::Char('g') | KeyCode::Home => self.selected = 0,
            KeyCode::Char('G') | KeyCode::End => self.selected = last,
            _ => {}
        }
        Reply::Stay
    }

    /// Draws the item and its history over the panes; the selected change is kept in sight.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let columns = (area.width - 4).min(100);
        let inside = usize::from(columns) - 4;
        let mut lines = self.facts(ctx, inside);
        lines.push(Line::default());
        let (mut start, mut end) = (0, 0);
        for (at, change) in self.changes.iter().enumerate() {
            if at == self.selected {
                start = lines.len();
            }
            lines.extend(self.change(ctx, at, change, inside));
            if at == self.selected {
                end = lines.len();
            }
        }
        let rows = (lines.len() as u16).saturating_add(2).min(area.height - 2);
        let inner = overlay(ctx, &format!("Why {}", self.of), (columns, rows), area, buf);
        let page = usize::from(inner.height);
        let offset = if end <= page { 0 } else { (end - page).min(start) };
        draw_lines(lines, Some(offset), false, inner, buf);
    }

    /// What the item says now, what is known of it, and what the checker says.
    fn facts(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let Some((plan, item)) = ctx.model.plan().and_then(|plan| Some((plan, plan.get(self.of)?))) else {
            let text = format!("{} is not in the plan at this moment.", self.of);
            return wrap_text(&text, ctx.style(Role::Dim), columns, 0);
        };
        let mut lines = wrap(&line_of(ctx, item), columns, 4);
        lines.extend(wrap_text(&format!("{}.", inspect::words(ctx, item)), ctx.style(Role::Dim), columns, 0));
        let dependants: Vec<String> =
            change::dependants(plan, self.of).iter().map(ToString::to_string).collect();
        let needed = match dependants.as_slice() {
            [] => "Nothing builds on it.".to_owned(),
            [one] => format!("{one} builds on it."),
            more => format!("{} build on it.", more.join(" ")),
        };
        lines.extend(wrap_text(&needed, ctx.style(Role::Dim), columns, 0));
        let check = ctx.model.state().incumbent.as_ref().and_then(|view| view.check.as_ref());
        let findings = check.map_or(&[][..], |check| &check.findings);
        for finding in findings.iter().filter(|finding| finding.item == Some(self.of)) {
            let (sign, role) = severity_sign(finding.severity);
            let spans = [ctx.span(role, format!("{sign} ")), ctx.span(Role::Text, finding.message.clone())];
            lines.extend(wrap(&spans, columns, 2));
        }
        lines
    }

    fn change(&self, ctx: &Ctx<'_>, at: usize, change: &ItemChange, columns: usize) -> Vec<Line<'static>> {
        let here = at == self.selected;
        let when = match change.iteration {
            0 => "draft".to_owned(),
            iteration => format!("iteration {iteration}"),
        };
        let later = change.seq >= ctx.model.replay.position() as u64;
        let mut head = vec![
            ctx.span(Role::Accent, if here { "› " } else { "  " }),
            ctx.span(if later { Role::Dim } else { Role::Strong }, when),
            ctx.span(author_role(change.author), format!("  {}", author_words(change))),
            ctx.span(
                Role::Text,
                format!("  {} → {}", format::score(change.total_before), format::score(change.total_after)),
            ),
        ];
        let mut source = format!("  event {}", change.seq);
        if let Some(call) = change.call {
            source.push_str(&format!(", call {}", call.0));
        }
        if let Some(seed) = change.seed {
            source.push_str(&format!(", seed {seed}"));
        }
        if later {
            source.push_str(", later than this moment");
        }
        head.push(ctx.span(Role::Dim, source));
        let mut lines = wrap(&head, columns, 4);
        lines.extend(texts(ctx, change, columns));
        if let Some(reason) = &change.reason {
            lines.extend(wrap_text(&format!("    {reason}"), ctx.style(Role::Dim), columns, 4));
        }
        lines
    }

    /// Returns the keys that matter.
    pub fn hints() -> Vec<(String, &'static str)> {
        [("enter", "go to that moment"), ("j k", "move"), ("esc", "close")]
            .map(|(key, word)| (key.to_owned(), word))
            .to_vec()
    }
}

fn line_of(ctx: &Ctx<'_>, item: &Item) -> Vec<Span<'static>> {
    let line = print_item(&Item { depth: 0, ..item.clone() }, Style::Bare);
    let rest = line.strip_prefix(&item.id.to_string()).unwrap_or(&line).to_owned();
    vec![ctx.id_span(item.id), ctx.span(Role::Strong, rest)]
}

const fn author_role(author: Author) -> Role {
    match author {
        Author::Draft | Author::Model => Role::Text,
        Author::Human => Role::Human,
        Author::Noise => Role::Noise,
    }
}

fn author_words(change: &ItemChange) -> &'static str {
    match (change.author, &change.before, &change.after) {
        (Author::Draft, _, _) => "drafted by the model",
        (Author::Model, None, _) => "brought in by the model",
        (Author::Model, _, None) => "taken out by the model",
        (Author::Model, _, _) => "changed by the model",
        (Author::Human, None, _) => "brought in by hand",
        (Author::Human, _, None) => "taken out by hand",
        (Author::Human, _, _) => "changed by hand",
        (Author::Noise, None, _) => "brought in by noise",
        (Author::Noise, _, None) => "taken out by noise",
        (Author::Noise, _, _) => "changed by noise",
    }
}

/// What the item said before and after, word by word.
fn texts(ctx: &Ctx<'_>, change: &ItemChange, columns: usize) -> Vec<Line<'static>> {
    let written = |item: &Item| print_item(&Item { depth: 0, ..item.clone() }, Style::Full);
    let before = change.before.as_ref().map(written);
    let after = change.after.as_ref().map(written);
    let words = match (&before, &after) {
        (Some(before), Some(after)) => word_diff(before, after),
        (Some(text), None) => vec![Segment { kind: SegmentKind::Old, text: text.clone() }],
        (None, Some(text)) => vec![Segment { kind: SegmentKind::New, text: text.clone() }],
        (None, None) => Vec::new(),
    };
    let side = |sign: &str, plain: Role, strong: Role, own: SegmentKind| {
        let mut spans = vec![ctx.span(plain, format!("    {sign} "))];
        for segment in words.iter().filter(|segment| segment.kind == SegmentKind::Both || segment.kind == own)
        {
            let role =
                if segment.kind == own && before.is_some() && after.is_some() { strong } else { plain };
            spans.push(ctx.span(role, segment.text.clone()));
        }
        wrap(&spans, columns, 6)
    };
    let mut lines = Vec::new();
    if before.is_some() {
        lines.extend(side("−", Role::Removed, Role::RemovedWord, SegmentKind::Old));
    }
    if after.is_some() {
        lines.extend(side("+", Role::Added, Role::AddedWord, SegmentKind::New));
    }
    lines
}
