//! How the findings look: the meters, the list, and what the one under the cursor rests on.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::readings;
use crate::{
    core::findings::{Asked, Row, Standing},
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        list::Cursor,
        scroll::{Extent, Scroll, draw_lines},
        text::{fit_line, pad, sanitise, width},
        wrap::{wrap, wrap_text},
    },
};
use diagnose::{CheckDoc, experiment::Forecast};
use model::Cost;
use session::{Evidence, Finding, FindingVerdict, Purpose};

/// Columns of a check's name.
const NAME: usize = 17;
/// The share of the rows that the list gets, in hundredths; the detail gets the rest.
const LIST: u16 = 55;
/// Columns of a meter's bar.
const METER: usize = 20;

/// Draws the meters, the rows around the cursor, and the detail of the one under it.
pub(super) fn draw(ctx: &Ctx<'_>, scroll: Scroll, area: Rect, buf: &mut Buffer) -> Extent {
    let findings = &ctx.model.background.findings;
    let rows = findings.rows();
    let place = findings.place(&rows);
    // Messages below stay in sight: they say how a question was answered.
    let size = (area.width, area.height.saturating_sub(2));
    let inner = ctx.window(&title(ctx, &rows), size, area, buf);
    let columns = usize::from(inner.width);
    let mut top = meters(ctx, columns);
    if let Some(stages) = findings.stages(ctx.model.session.state()) {
        top.extend(wrap_text(&stages.to_string(), ctx.style(Role::Text), columns, 2));
        top.push(Line::default());
    }
    if let Some(Err(why)) = &findings.looked {
        top.extend(wrap_text(why, ctx.style(Role::Care), columns, 0));
    }
    let above = top.len() as u16;
    draw_lines(top, None, false, Rect { height: above.min(inner.height), ..inner }, buf);
    let rest = inner.height.saturating_sub(above + 1);
    let list = Rect { y: inner.y + above, height: (rows.len() as u16).min(rest * LIST / 100), ..inner };
    draw_rows(ctx, &rows, place, list, buf);
    let detail = Rect { y: list.bottom() + 1, height: rest - list.height, ..inner };
    rule(ctx, Rect { y: list.bottom(), height: 1, ..inner }, buf);
    let lines = rows.get(place).map_or_else(Vec::new, |row| detail_lines(ctx, row, columns));
    draw_lines(lines, Some(scroll.offset), false, detail.intersection(inner), buf)
}

fn rule(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    buf.set_string(area.x, area.y, "─".repeat(usize::from(area.width)), ctx.style(Role::Border));
}

fn title(ctx: &Ctx<'_>, rows: &[Row<'_>]) -> String {
    if !matches!(ctx.model.background.findings.looked, Some(Ok(_))) {
        return "Findings; the record is not looked through".to_owned();
    }
    let count = |wanted: FindingVerdict| {
        let is = |row: &&Row<'_>| matches!(row, Row::Found(finding, _) if finding.verdict == wanted);
        rows.iter().filter(is).count()
    };
    format!(
        "Findings: {}, {} without enough data, {} clear",
        format::plural(count(FindingVerdict::Fault), "fault", "faults"),
        count(FindingVerdict::Undecided),
        count(FindingVerdict::Clear)
    )
}

fn draw_rows(ctx: &Ctx<'_>, rows: &[Row<'_>], place: usize, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    ctx.list(Cursor::at(place), rows.len(), area, buf, |at, chosen| {
        row_line(ctx, &rows[at], chosen, columns)
    });
}

fn verdict_role(finding: &Finding) -> Role {
    match finding.rank() {
        0 => Role::Bad,
        1 => Role::Care,
        2 => Role::Dim,
        _ => Role::Good,
    }
}

fn row_line(ctx: &Ctx<'_>, row: &Row<'_>, chosen: bool, columns: usize) -> Line<'static> {
    let text = if chosen { Role::Strong } else { Role::Text };
    let (sign, sign_role, words, words_role) = match row {
        Row::Found(finding, _) => {
            let undecided = finding.verdict == FindingVerdict::Undecided;
            let words = if undecided {
                format!("not enough data: {}", finding.sentence)
            } else {
                finding.sentence.clone()
            };
            let dim = finding.verdict != FindingVerdict::Fault && !chosen;
            (finding.sign(), verdict_role(finding), words, if dim { Role::Dim } else { text })
        }
        Row::Asked(asked) => match &asked.standing {
            Standing::Failed(why) => ("–", Role::Bad, why.clone(), text),
            Standing::Waits | Standing::Asks { .. } | Standing::Found(_) => {
                (ctx.spinner(), Role::Accent, standing(ctx, asked), text)
            }
        },
        Row::Unasked(doc) => ("–", Role::Dim, format!("not asked: {}", doc.doc), Role::Dim),
    };
    let spans = vec![
        ctx.span(Role::Accent, if chosen { "▸ " } else { "  " }),
        ctx.span(sign_role, format!("{sign} ")),
        ctx.span(text, pad(row.check(), NAME)),
        ctx.span(words_role, sanitise(&words).replace('\n', " ")),
    ];
    fit_line(Line::from(spans), columns)
}

/// How far a question is, in words.
fn standing(ctx: &Ctx<'_>, asked: &Asked) -> String {
    match &asked.standing {
        Standing::Waits => "waits for the model …".to_owned(),
        Standing::Asks { progress, .. } => match progress.clone().or_else(|| on_the_run(ctx)) {
            Some(progress) => format!("the model {progress} …"),
            None => "the model is being asked …".to_owned(),
        },
        Standing::Found(finding) => finding.sentence.clone(),
        Standing::Failed(why) => why.clone(),
    }
}

/// How far the run's own model is with a side request.
fn on_the_run(ctx: &Ctx<'_>) -> Option<String> {
    let stream = &ctx.model.session.stream;
    let (call, purpose) = stream.call?;
    if purpose != Purpose::Diagnose || ctx.model.session.state().calls.open != Some((call, purpose)) {
        return None;
    }
    stream.prefill.map(|(done, total)| format!("reads {done} of {total} tokens"))
}

fn detail_lines(ctx: &Ctx<'_>, row: &Row<'_>, columns: usize) -> Vec<Line<'static>> {
    match row {
        Row::Found(finding, moment) => found_lines(ctx, finding, *moment, columns),
        Row::Asked(asked) => asked_lines(ctx, asked, columns),
        Row::Unasked(doc) => unasked_lines(ctx, *doc, columns),
    }
}

fn found_lines(
    ctx: &Ctx<'_>,
    finding: &Finding,
    moment: Option<usize>,
    columns: usize,
) -> Vec<Line<'static>> {
    let head = [
        ctx.span(verdict_role(finding), format!("{} {}: ", finding.sign(), finding.verdict.name())),
        ctx.span(Role::Text, finding.sentence.clone()),
    ];
    let mut lines = wrap(&head, columns, 2);
    if let Some(advice) = &finding.advice {
        let spans = [ctx.span(Role::Accent, "→ "), ctx.span(Role::Text, advice.clone())];
        lines.extend(wrap(&spans, columns, 2));
    }
    if let Some(readings) = &finding.readings {
        lines.extend(readings::lines(ctx, readings, columns));
    }
    for row in &finding.evidence {
        lines.extend(wrap_text(&format!("  {}", row.words()), ctx.style(Role::Text), columns, 4));
    }
    let about = match (moment, finding.at) {
        (Some(moment), _) => format!("asked at event {moment} · {}", cost_words(&finding.cost)),
        (None, Some(at)) => format!("enter shows event {at} · read off the record, costs nothing"),
        (None, None) => "read off the record, costs nothing".to_owned(),
    };
    lines.extend(wrap_text(&about, ctx.style(Role::Dim), columns, 2));
    lines
}

fn cost_words(cost: &Cost) -> String {
    let time = format::time(Duration::from_secs_f64(cost.wall_ms / 1e3));
    let calls = format::plural(cost.calls as usize, "call", "calls");
    format!(
        "cost {calls}, {} tokens evaluated, {} from the cache, {} written, {time}; counted apart from the run",
        format::count(cost.fresh),
        format::count(cost.cached),
        format::count(cost.generated)
    )
}

fn asked_lines(ctx: &Ctx<'_>, asked: &Asked, columns: usize) -> Vec<Line<'static>> {
    let mut lines = wrap_text(&standing(ctx, asked), ctx.style(Role::Text), columns, 0);
    if let Standing::Asks { forecast: Some(forecast), .. } = &asked.standing {
        lines.extend(wrap_text(&forecast_words(*forecast), ctx.style(Role::Dim), columns, 0));
    }
    let about = format!("about event {}", asked.moment);
    lines.extend(wrap_text(&about, ctx.style(Role::Dim), columns, 0));
    lines
}

fn forecast_words(forecast: Forecast) -> String {
    let Forecast { sequences, tokens, naive, drawn } = forecast;
    let drawn = if drawn == 0 { String::new() } else { format!(", at most {drawn} tokens written") };
    format!(
        "{} in one batch, about {} tokens to evaluate ({} one by one){drawn}",
        format::plural(sequences, "sequence", "sequences"),
        format::count(tokens as u64),
        format::count(naive as u64)
    )
}

fn unasked_lines(ctx: &Ctx<'_>, doc: CheckDoc, columns: usize) -> Vec<Line<'static>> {
    let mut lines = wrap_text(doc.doc, ctx.style(Role::Text), columns, 0);
    lines.extend(wrap_text(&format!("costs {}", doc.cost), ctx.style(Role::Dim), columns, 0));
    let spans = [
        ctx.span(Role::Key, "enter"),
        ctx.span(Role::Dim, " asks the model about the plan at the current position"),
    ];
    lines.extend(wrap(&spans, columns, 0));
    lines
}

/// One line a meter: how much of the answer the plan alone holds, and how much the decoder reads the plan.
fn meters(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    [
        ("leak", "of what is known of the answer is in the plan alone"),
        ("exposure", "more tokens change with another plan than with a paraphrase"),
    ]
    .map(|(check, what)| fit_line(meter(ctx, check, what), columns))
    .into_iter()
    .chain([Line::default()])
    .collect()
}

fn meter(ctx: &Ctx<'_>, check: &str, what: &str) -> Line<'static> {
    let rest = ctx.style(Role::BarRest);
    let empty = |why: &str| (bar(None, rest, rest), ctx.span(Role::Dim, format!("  –  {why}")));
    let (bar, words) = match ctx.model.background.findings.of(check) {
        Some(finding) => match finding.evidence.first() {
            Some(evidence) => {
                let text = format!("  {} {what}", share_words(evidence));
                (
                    bar(Some(evidence.value), ctx.style(verdict_role(finding)), rest),
                    ctx.span(Role::Text, text),
                )
            }
            None => empty("not enough data"),
        },
        None if ctx.model.background.findings.is_asked(check) => empty("the model is being asked"),
        None => empty("not asked"),
    };
    Line::from([vec![ctx.span(Role::Dim, pad(check, 10))], bar.to_vec(), vec![words]].concat())
}

fn share_words(evidence: &Evidence) -> String {
    let interval = evidence
        .interval
        .map_or_else(String::new, |(low, high)| format!(" ({:.0} to {:.0})", 100.0 * low, 100.0 * high));
    format!("{:.0} %{interval}", 100.0 * evidence.value)
}

/// A bar for a share from 0 to 1; nothing but its frame where there is none.
fn bar(share: Option<f64>, full: Style, rest: Style) -> [Span<'static>; 2] {
    let filled = (share.unwrap_or(0.0).clamp(0.0, 1.0) * METER as f64).round() as usize;
    debug_assert_eq!(width("█"), 1);
    [Span::styled("█".repeat(filled), full), Span::styled("░".repeat(METER - filled), rest)]
}
