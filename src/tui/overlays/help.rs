//! The help screen: what can be done here and now, then everything else, searched by typing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{self, Action, CommandSpec, OverlayKind, Section, pane::Pane},
    core::{model::Model, notices::Level},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        input::{Input, input_line, paste},
        scroll::{Extent, Scroll, draw_lines},
        text::width,
        wrap::{wrap, wrap_text},
    },
};

/// The sign before what is typed.
const SEARCH: &str = "type to search: ";

/// Columns of the keys and of the names.
const COLUMNS: (usize, usize) = (13, 21);

/// What the signs on the screen mean.
const SIGNS: [(&str, Role, &str); 14] = [
    ("✓ ✗ ·", Role::Text, "an item holds, does not hold, or cannot be checked"),
    ("▎", Role::Accent, "the last decision changed this item"),
    ("↻2 ✎2 ≈2", Role::Text, "refined, changed by hand or by noise, 2 iterations ago"),
    ("[2] [0]", Role::Text, "the answer cites the item twice, or not at all"),
    ("▸ 3", Role::Accent, "3 items are folded away below"),
    ("✔ ✘", Role::Text, "a candidate, or the best one of an iteration, was accepted, rejected"),
    ("? ∅", Role::Text, "the numbers do not tell; no usable candidate"),
    ("= ≡", Role::Text, "the edit changes nothing; the plan was seen before"),
    ("✎ ↶ ↷", Role::Human, "you changed the plan in this iteration, took that back, brought it back"),
    ("≈ ≋", Role::Noise, "noise came into this iteration: yours, or by schedule"),
    ("⎇ ◎", Role::Accent, "a fork began here; an answer was decoded from here on request"),
    ("⚑", Role::Care, "a finding is about this item or this iteration"),
    (
        "7.5 nats",
        Role::Text,
        "grammar pressure: how much of what the model wanted to write the grammar forbade; 0 is none, 7 leaves a thousandth",
    ),
    ("–", Role::Text, "not evaluated, which is not the same as 0"),
];

/// The help, with what it is searched for.
#[derive(Debug, Default)]
pub struct HelpView {
    search: Input,
    scroll: Scroll,
    /// What it lies over, apart from the panes.
    over: Option<OverlayKind>,
}

impl HelpView {
    /// Returns the help for who looks at `over`, or at the panes.
    pub fn new(over: Option<OverlayKind>) -> Self {
        Self { over, ..Self::default() }
    }

    /// Returns the lines of the help screen.
    fn lines(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let typed = self.search.value();
        let mut lines = vec![input_line(SEARCH, &self.search, columns, ctx.theme)];
        let wanted: Vec<&CommandSpec> =
            commands::all().filter(|spec| fits(ctx, spec, typed) && !is_numbered_focus(spec)).collect();
        let (now, rest): (Vec<&CommandSpec>, Vec<&CommandSpec>) =
            wanted.into_iter().partition(|spec| self.applies_here(ctx, spec));
        add(ctx, &mut lines, "Here and now", &now, columns);
        for &section in Section::ALL {
            let rows: Vec<_> = rest.iter().filter(|spec| spec.section == section).copied().collect();
            add(ctx, &mut lines, section.title(), &rows, columns);
        }
        let signs = SIGNS.iter().filter(|(sign, _, meaning)| has_words(&format!("{sign} {meaning}"), typed));
        for (at, (sign, role, meaning)) in signs.enumerate() {
            if at == 0 {
                add_title(ctx, &mut lines, "Signs");
            }
            let spans = [ctx.span(*role, column(sign, COLUMNS.0)), ctx.span(Role::Text, *meaning)];
            lines.extend(wrap(&spans, columns, COLUMNS.0));
        }
        if lines.len() == 1 {
            lines.extend(wrap_text("Nothing has all of these words.", ctx.style(Role::Dim), columns, 0));
        }
        lines
    }

    fn applies_here(&self, ctx: &Ctx<'_>, spec: &CommandSpec) -> bool {
        if let Some(over) = self.over {
            return over
                .keys()
                .iter()
                .any(|key| key.action.as_ref() == spec.action() && key.action.is_some());
        }
        let own = spec.on.iter().flatten().any(|(pane, _)| *pane == ctx.model.look.focus);
        own || ctx.model.is_in(spec.place)
    }
}

impl Overlay for HelpView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Help
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.scroll.go(motion, model.extents.overlay);
        } else if *action == Action::Back && !self.search.value().is_empty() {
            self.search.reset();
            self.scroll = Scroll::default();
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn type_key(&mut self, _: &mut Model, key: KeyEvent) -> Option<Outcome> {
        let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let empty = self.search.value().is_empty();
        let writes =
            matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Left | KeyCode::Right);
        // The key that opens the help closes it too.
        if held || !writes || (empty && key.code == KeyCode::Char('?')) {
            return None;
        }
        self.search.on_key(key);
        self.scroll = Scroll::default();
        Some(Outcome::stay())
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Outcome {
        self.scroll = Scroll::default();
        if let Err(why) = paste(&mut self.search, text) {
            // Shown where the help leaves room for it, and once it is closed.
            model.notices.say(Level::Error, why, model.now);
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let columns = (area.width - 4).min(92);
        let lines = self.lines(ctx, usize::from(columns) - 4);
        let rows = (lines.len() as u16 + 2).min(area.height - 2);
        let inner = ctx.window("Help", (columns, rows), area, buf);
        let extent = draw_lines(lines, Some(self.scroll.offset), false, inner, buf);
        if extent.offset == 0 {
            ctx.input(SEARCH, &self.search, inner, buf);
        }
        extent
    }
}

/// Returns `text` filled to a column; what is too long pushes the rest on instead of being cut.
fn column(text: &str, columns: usize) -> String {
    format!("{text}{} ", " ".repeat(columns.saturating_sub(width(text) + 1)))
}

/// One line covers all the numbers of panes.
fn is_numbered_focus(spec: &CommandSpec) -> bool {
    matches!(spec.action(), Some(Action::Focus(number)) if *number > 0)
}

fn fits(ctx: &Ctx<'_>, spec: &CommandSpec, typed: &str) -> bool {
    has_words(&format!("{} {} {}", keys(ctx, spec), spec.usage(), spec.doc), typed)
}

fn has_words(text: &str, typed: &str) -> bool {
    let text = text.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn keys(ctx: &Ctx<'_>, spec: &CommandSpec) -> String {
    let labels = ctx.model.setup.keymap.labels(spec.name);
    match (spec.action(), labels.first()) {
        (Some(Action::Focus(0)), Some(first)) if first.ends_with('1') => format!("{first}–{}", Pane::COUNT),
        _ => labels.join(" "),
    }
}

fn add_title(ctx: &Ctx<'_>, lines: &mut Vec<Line<'static>>, title: &'static str) {
    lines.push(Line::default());
    lines.push(Line::from(ctx.span(Role::Accent, title)));
}

fn add(
    ctx: &Ctx<'_>,
    lines: &mut Vec<Line<'static>>,
    title: &'static str,
    rows: &[&CommandSpec],
    columns: usize,
) {
    if rows.is_empty() {
        return;
    }
    add_title(ctx, lines, title);
    for spec in rows {
        let (name, doc) = if matches!(spec.action(), Some(Action::Focus(_))) {
            ("focus-…".to_owned(), "focus the pane with this number")
        } else {
            (format!("{} {}", spec.name, spec.syntax), spec.doc)
        };
        let spans = [
            ctx.span(Role::Key, column(&keys(ctx, spec), COLUMNS.0)),
            ctx.span(Role::Strong, column(&name, COLUMNS.1)),
            ctx.span(Role::Text, doc),
        ];
        lines.extend(wrap(&spans, columns, COLUMNS.0 + COLUMNS.1));
    }
}
