//! Everything about one item, and why it is what it is: its history from the record.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, CommandError, OverlayKind},
    core::{change, model::Model, plan_cursor},
    format,
    panes::{
        ctx::Ctx,
        plan::{inspect, rows::severity_sign},
    },
    theme::Role,
    widgets::{
        list::Cursor,
        scroll::{Extent, draw_lines},
        wrap::{wrap, wrap_text},
    },
};
use plan::{Item, ItemId, Segment, SegmentKind, Style, print_item, word_diff};
use session::{Author, ItemChange, why_in};

/// An item's facts and the list of its changes, newest first.
#[derive(Debug)]
pub struct WhyView {
    of: ItemId,
    changes: Vec<ItemChange>,
    cursor: Cursor,
}

impl WhyView {
    /// Returns the history of `id`, or of the item under the cursor, with the change selected that made it what it is at this moment.
    ///
    /// # Errors
    /// When the record cannot be read, or no item was ever called so.
    pub fn new(model: &Model, id: Option<ItemId>) -> Result<Self, CommandError> {
        let id = id.or_else(|| plan_cursor::item(model).map(|item| item.id));
        let id = id.ok_or_else(|| CommandError::NotNow("There is no plan yet.".to_owned()))?;
        let read = why_in(&model.session.replay, id);
        let mut changes =
            read.map_err(|error| CommandError::NotNow(format!("The record cannot be read: {error}.")))?;
        if changes.is_empty() && !model.session.is_pending(id) {
            return Err(CommandError::NotNow(format!("No item of this session was ever called {id}.")));
        }
        changes.reverse();
        let position = model.session.replay.position() as u64;
        let selected = changes.iter().position(|change| change.seq < position).unwrap_or(0);
        Ok(Self { of: id, changes, cursor: Cursor::at(selected) })
    }

    /// What the item says now, what is known of it, and what the checker says.
    fn facts(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let Some((plan, item)) = ctx.model.session.plan().and_then(|plan| Some((plan, plan.get(self.of)?)))
        else {
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
        let check = ctx.model.session.state().incumbent.as_ref().and_then(|view| view.check.as_ref());
        let findings = check.map_or(&[][..], |check| &check.findings);
        for finding in findings.iter().filter(|finding| finding.item == Some(self.of)) {
            let (sign, role) = severity_sign(finding.severity);
            let spans = [ctx.span(role, format!("{sign} ")), ctx.span(Role::Text, finding.message.clone())];
            lines.extend(wrap(&spans, columns, 2));
        }
        lines
    }

    fn change(&self, ctx: &Ctx<'_>, here: bool, change: &ItemChange, columns: usize) -> Vec<Line<'static>> {
        let when = match change.iteration {
            0 => "draft".to_owned(),
            iteration => format!("iteration {iteration}"),
        };
        let later = change.seq >= ctx.model.session.replay.position() as u64;
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
}

impl Overlay for WhyView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Why
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let rows = self.changes.len();
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, rows);
            return Outcome::stay();
        }
        if *action != Action::Open {
            return Outcome::Pass;
        }
        // The moment just after the event, which all panes then show.
        let Some(seq) = self.changes.get(self.cursor.row(rows)).map(|change| change.seq) else {
            return Outcome::stay();
        };
        model.session.replay.seek(seq as usize + 1);
        Outcome::Panes
    }

    /// Draws the item and its history over the panes; the selected change is kept in sight.
    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let columns = (area.width - 4).min(100);
        let inside = usize::from(columns) - 4;
        let mut lines = self.facts(ctx, inside);
        lines.push(Line::default());
        let selected = self.cursor.row(self.changes.len());
        let (mut start, mut end) = (0, 0);
        for (at, change) in self.changes.iter().enumerate() {
            if at == selected {
                start = lines.len();
            }
            lines.extend(self.change(ctx, at == selected, change, inside));
            if at == selected {
                end = lines.len();
            }
        }
        let rows = (lines.len() as u16).saturating_add(2).min(area.height - 2);
        let inner = ctx.window(&format!("Why {}", self.of), (columns, rows), area, buf);
        let page = usize::from(inner.height);
        let offset = if end <= page { 0 } else { (end - page).min(start) };
        let extent = draw_lines(lines, Some(offset), false, inner, buf);
        ctx.put_cursor_on_line(extent, inner, start);
        extent
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
