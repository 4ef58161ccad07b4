//! The table of a score's parts.

use std::time::Duration;

use ratatui::text::{Line, Span};

use crate::{
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        table::{Column, Table},
        text::sanitise,
    },
};
use engine::score::{self, Scatter, Scorer};
use session::{Score, ScorePart};

/// One column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Part,
    Weight,
    Before,
    After,
    Change,
    Error,
    Tokens,
    Time,
}

impl Field {
    const COMPARING: [Self; 8] = [
        Self::Part,
        Self::Weight,
        Self::Before,
        Self::After,
        Self::Change,
        Self::Error,
        Self::Tokens,
        Self::Time,
    ];
    /// For a plan that is compared with none.
    const ALONE: [Self; 6] = [Self::Part, Self::Weight, Self::Before, Self::Error, Self::Tokens, Self::Time];

    const fn column(self, compares: bool) -> Column {
        match self {
            Self::Part => Column::words("part"),
            Self::Weight => Column::numbers("weight").gives_way(3),
            Self::Before if compares => Column::numbers("before"),
            Self::Before => Column::numbers("score"),
            Self::After => Column::numbers("after"),
            Self::Change => Column::numbers("change"),
            Self::Error => Column::numbers("std. error").gives_way(2),
            Self::Tokens => Column::numbers("tokens").gives_way(1),
            Self::Time => Column::numbers("time").gives_way(0),
        }
    }
}

fn weight_words(part: &ScorePart) -> String {
    if part.breaks_ties() { "ties".to_owned() } else { format!("{:.2}", part.weight) }
}

/// A part of one score or of two.
struct Row<'a> {
    name: &'a str,
    old: Option<&'a ScorePart>,
    new: Option<&'a ScorePart>,
}

impl<'a> Row<'a> {
    /// The part that was scored last.
    fn latest(&self) -> Option<&'a ScorePart> {
        self.new.or(self.old)
    }

    fn cell(&self, ctx: &Ctx<'_>, field: Field) -> Span<'static> {
        let value = |part: Option<&ScorePart>| {
            let value = part.and_then(|part| part.value);
            let skipped = part.is_some_and(|part| part.skipped);
            let words = if skipped { "skipped".to_owned() } else { format::score(value) };
            ctx.span(if value.is_some() { Role::Text } else { Role::Dim }, words)
        };
        let dim = |text: Option<String>| ctx.span(Role::Dim, text.unwrap_or_default());
        match field {
            Field::Part => ctx.span(Role::Text, sanitise(self.name)),
            Field::Weight => dim(self.latest().map(weight_words)),
            Field::Before => value(self.old),
            Field::After => value(self.new),
            Field::Change => {
                let of = |part: Option<&ScorePart>| part.and_then(|part| part.value);
                change(ctx, of(self.old), of(self.new))
            }
            Field::Error => dim(self.latest().map(error_words)),
            Field::Tokens => dim(self.latest().map(tokens)),
            Field::Time => dim(self.latest().map(time)),
        }
    }
}

/// Returns how far a part's value may be off: a scorer that computes it gives the same number every time.
fn error_words(part: &ScorePart) -> String {
    let repeats = |scorer: &dyn Scorer| scorer.doc().deterministic && scorer.scatter() == Scatter::Stated;
    let computed = || score::find(&part.name).is_some_and(repeats);
    match part.stderr {
        Some(error) => format!("±{error:.3}"),
        None if computed() => "exact".to_owned(),
        None => "not known".to_owned(),
    }
}

/// Returns the table: each part, then the total below a rule.
pub fn lines<'a>(
    ctx: &Ctx<'_>,
    before: Option<&'a Score>,
    after: Option<&'a Score>,
    compares: bool,
    width: usize,
) -> Vec<Line<'static>> {
    let fields = if compares { &Field::COMPARING[..] } else { &Field::ALONE[..] };
    let mut table = Table::new(fields.iter().map(|field| field.column(compares)).collect::<Vec<_>>());
    let mut names: Vec<&str> = Vec::new();
    for part in [before, after].into_iter().flatten().flat_map(|score| &score.parts) {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    for name in names {
        let part = |score: &'a Score| score.part(name);
        let row = Row { name, old: before.and_then(part), new: after.and_then(part) };
        table.row(fields.iter().map(|field| row.cell(ctx, *field)).collect());
    }
    let (old, new) = (before.and_then(|score| score.total), after.and_then(|score| score.total));
    let sum = |field: &Field| match field {
        Field::Part => ctx.span(Role::Strong, "total"),
        Field::Before => ctx.span(Role::Strong, format::score(old)),
        Field::After => ctx.span(Role::Strong, format::score(new)),
        Field::Change => change(ctx, old, new),
        Field::Weight | Field::Error | Field::Tokens | Field::Time => Span::default(),
    };
    table.sum(fields.iter().map(sum).collect());
    table.lines(width, ctx.theme)
}

fn change(ctx: &Ctx<'_>, before: Option<f64>, after: Option<f64>) -> Span<'static> {
    let text = format::change(before, after);
    let role = match text.chars().next() {
        Some('+') => Role::Good,
        Some('−') => Role::Bad,
        Some(_) | None => Role::Dim,
    };
    ctx.span(role, text)
}

/// Tokens evaluated and generated; a part that asks no model costs none.
fn tokens(part: &ScorePart) -> String {
    let cost = &part.cost;
    if cost.calls == 0 && cost.fresh == 0 {
        "none".to_owned()
    } else {
        format::count(cost.fresh + cost.generated)
    }
}

fn time(part: &ScorePart) -> String {
    let ms = part.cost.wall_ms;
    if ms > 0.0 { format::time(Duration::from_secs_f64(ms / 1000.0)) } else { "none".to_owned() }
}
