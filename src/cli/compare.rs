//! `planscope compare`: two recorded sessions side by side.

use std::{io::Write, path::Path};

use serde_json::Value;

use super::{
    Common,
    lines::{judgement_words, outcome_words},
    text::{Align, MISSING, clean, count, duration, or_missing, score, table, tera_flops, wrap},
};
use crate::failure::Failure;
use model::Cost;
use output::json_pretty;
use session::{
    Compared, Comparison,
    compare::{Divergence, EventNote, ItemRow, RowKind, Side, Stage, compare},
};

/// Arguments of `planscope compare`.
#[derive(Debug, Clone, clap::Args)]
pub struct CompareArgs {
    /// The left session: its directory, or its name among the recorded ones
    pub left: String,
    /// The right session
    pub right: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Compares two sessions and prints the comparison to `out`, in lines of at most `width` columns where it can.
///
/// # Errors
/// When a session cannot be read, or `out` cannot be written to.
pub fn run(args: &CompareArgs, common: &Common, width: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let open = |named: &str| -> Result<Compared, Failure> {
        Ok(Compared::open(&common.session_dir(Path::new(named))?)?)
    };
    let found = compare(&open(&args.left)?, &open(&args.right)?)?;
    let printed = if args.json { json_pretty(&found)? } else { text(&found, width) };
    writeln!(out, "{printed}")?;
    Ok(out.flush()?)
}

/// Returns the comparison as text.
pub fn text(found: &Comparison, width: usize) -> String {
    let sections = [
        ("SESSIONS", sides(found, width)),
        ("SETTINGS THAT DIFFER", settings(found, width)),
        ("FIRST DIFFERENCE", differences(found, width)),
        ("TIMELINES", timelines(found, width)),
        ("FINAL PLANS (< left, > right)", plans(found.plans.as_deref(), width)),
        ("ANSWERS", answers(found, width)),
        ("COST", costs(found, width)),
    ];
    let named = sections.iter().map(|(title, lines)| format!("{title}\n{}", lines.join("\n")));
    named.collect::<Vec<_>>().join("\n\n")
}

fn sides(found: &Comparison, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, side) in [("left", &found.left), ("right", &found.right)] {
        let fork = side.parent.as_ref();
        let fork = fork.map(|parent| format!(", forked from {} after event {}", parent.session, parent.at));
        let end = side.outcome.as_ref().map_or_else(|| "unfinished".to_owned(), outcome_words);
        let about = format!(
            "{} – {} with {}{}; {} events, {end}",
            side.name,
            side.title,
            side.model,
            fork.unwrap_or_default(),
            count(side.events),
        );
        lines.push(wrap(&about, width, &format!("{place:<7}"), "       "));
        lines.extend(side.damage.iter().map(|damage| wrap(damage, width, "       DAMAGE ", "       ")));
    }
    lines
}

fn settings(found: &Comparison, width: usize) -> Vec<String> {
    if found.settings.is_empty() {
        return vec!["none".to_owned()];
    }
    let value = |value: &Option<Value>| match value {
        Some(Value::String(text)) => clean(text).into_owned(),
        Some(other) => other.to_string(),
        None => MISSING.to_owned(),
    };
    let mut rows = vec![["setting", "left", "right"].map(str::to_owned).to_vec()];
    let each = found.settings.iter();
    rows.extend(each.map(|differs| vec![differs.key.clone(), value(&differs.left), value(&differs.right)]));
    table(&[Align::Left, Align::Left, Align::Left], &rows, width)
}

fn differences(found: &Comparison, width: usize) -> Vec<String> {
    let mut lines = parted("in the records", found.records.as_ref(), width);
    if found.outcomes != found.records {
        lines.extend(parted("in their outcomes", found.outcomes.as_ref(), width));
    }
    lines
}

fn parted(place: &str, divergence: Option<&Divergence>, width: usize) -> Vec<String> {
    let Some(Divergence { left, right }) = divergence else {
        return vec![format!("{place}: none, apart from times")];
    };
    let note = |name: &str, note: &Option<EventNote>| {
        let words = note.as_ref().map_or_else(
            || "the record ends".to_owned(),
            |note| format!("event {}, iteration {}: {}", note.seq, note.iteration, note.text),
        );
        wrap(&words, width, &format!("  {name:<7}"), "         ")
    };
    vec![format!("{place}:"), note("left", left), note("right", right)]
}

fn timelines(found: &Comparison, width: usize) -> Vec<String> {
    let head = ["iteration", "", "event", "score", "best", "drawn", "decision", "change"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for pair in &found.iterations {
        let name = if pair.iteration == 0 { "draft".to_owned() } else { pair.iteration.to_string() };
        rows.push(stage_row(name, "left", pair.left.as_ref()));
        rows.push(stage_row(String::new(), "right", pair.right.as_ref()));
    }
    if rows.len() == 1 {
        return vec!["no iteration is over in either".to_owned()];
    }
    use Align::{Left, Right};
    table(&[Right, Left, Right, Right, Right, Right, Left, Left], &rows, width)
}

fn stage_row(name: String, place: &str, stage: Option<&Stage>) -> Vec<String> {
    let change = stage.map_or_else(String::new, |stage| {
        let hand = if stage.human { "(by hand) " } else { "" };
        format!("{hand}{}", stage.accepted.as_deref().unwrap_or_default())
    });
    vec![
        name,
        place.to_owned(),
        or_missing(stage.map(|stage| stage.seq)),
        score(stage.and_then(|stage| stage.total)),
        score(stage.and_then(|stage| stage.best)),
        or_missing(stage.and_then(|stage| stage.generated).map(count)),
        or_missing(stage.and_then(|stage| stage.ruling).map(|ruling| ruling.name())),
        clean(&change).into_owned(),
    ]
}

fn plans(rows: Option<&[ItemRow]>, width: usize) -> Vec<String> {
    let Some(rows) = rows else { return vec!["one of the sessions has no plan".to_owned()] };
    let mut lines = Vec::new();
    for ItemRow { kind, left, right } in rows {
        let shown = match kind {
            RowKind::Same => vec![("    ", right)],
            RowKind::Moved => vec![("  ~ ", right)],
            RowKind::Left => vec![("  < ", left)],
            RowKind::Right => vec![("  > ", right)],
            RowKind::Changed => vec![("  < ", left), ("  > ", right)],
        };
        let items = shown.into_iter().filter_map(|(mark, item)| Some((mark, item.as_ref()?)));
        lines.extend(items.map(|(mark, item)| {
            let note = if *kind == RowKind::Moved { "  (at another place)" } else { "" };
            wrap(&format!("{item}{note}"), width, mark, "      ")
        }));
    }
    lines
}

fn answers(found: &Comparison, width: usize) -> Vec<String> {
    let mut rows = vec![["", "value", "judgement (oracle)", "score of the plan"].map(str::to_owned).to_vec()];
    for (place, side) in [("left", &found.left), ("right", &found.right)] {
        let value = side.answer.as_ref().and_then(|answer| answer.value.as_deref());
        rows.push(vec![
            place.to_owned(),
            clean(&or_missing(value)).into_owned(),
            or_missing(side.judgement.as_ref().map(judgement_words)),
            score(side.total),
        ]);
    }
    use Align::{Left, Right};
    table(&[Left, Left, Left, Right], &rows, width)
}

fn costs(found: &Comparison, width: usize) -> Vec<String> {
    let head = ["purpose", "", "calls", "failed", "generated", "fresh", "cached", "TFLOP", "time"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let purposes = found.left.spent.cost_by_purpose.keys().chain(found.right.spent.cost_by_purpose.keys());
    let mut purposes: Vec<_> = purposes.copied().collect();
    purposes.sort_unstable();
    purposes.dedup();
    for purpose in purposes.into_iter().map(Some).chain([None]) {
        let name = purpose.map_or("all", |purpose| purpose.name());
        for (place, side) in [("left", &found.left), ("right", &found.right)] {
            let cost = match purpose {
                Some(purpose) => side.spent.cost_by_purpose.get(&purpose),
                None => side.spent.cost.as_ref(),
            };
            let failed = purpose.is_none().then_some(side.spent.failed_calls);
            let name = if place == "left" { name } else { "" };
            rows.push(cost_row([name, place], cost, failed, side));
        }
    }
    let mut align = [Align::Right; 9];
    (align[0], align[1]) = (Align::Left, Align::Left);
    table(&align, &rows, width)
}

/// What failed calls cost is not known, which is not the same as nothing.
fn cost_row(names: [&str; 2], cost: Option<&Cost>, failed: Option<usize>, side: &Side) -> Vec<String> {
    let known = cost.filter(|cost| cost.calls > 0);
    let mut row = names.map(str::to_owned).to_vec();
    row.extend([
        or_missing(cost.map(|cost| count(cost.calls))),
        failed.map_or_else(String::new, |failed| count(failed as u64)),
        or_missing(known.map(|cost| count(cost.generated))),
        or_missing(known.map(|cost| count(cost.fresh))),
        or_missing(known.filter(|_| side.spent.cache_known).map(|cost| count(cost.cached))),
        or_missing(known.map(tera_flops)),
        or_missing(known.map(|cost| duration(cost.wall_ms))),
    ]);
    row
}
