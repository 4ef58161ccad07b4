//! The top line: which problem, which model, what is running.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::panes::{budget::model_name, ctx::Ctx, timeline::mark_sign};
use crate::{
    core::{
        live::{Live, Source},
        model::Model,
        overview::MarkKind,
        record_scan,
        stream::Stream,
    },
    format,
    theme::Role,
    widgets::text::{fit, fit_line, sanitise, width},
};
use session::{CandidateView, Outcome, PauseCause, Phase, PlanView, ShadowPoint, ShadowStanding, State};

/// Draws the line. What is running has the right of way; then the problem's title, then the model.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    let right = right_side(ctx);
    let right_width: usize = right.iter().map(|span| width(&span.content)).sum();
    let room = columns.saturating_sub(right_width + 2);
    let left = fit_line(left_side(ctx, room), room);
    left.render(area, buf);
    let start = columns.saturating_sub(right_width) as u16;
    fit_line(Line::from(right), columns)
        .render(Rect { x: area.x + start, width: area.width - start, ..area }, buf);
}

fn left_side(ctx: &Ctx<'_>, room: usize) -> Line<'static> {
    let state = ctx.model.session.state();
    let mut spans = vec![ctx.span(Role::Accent, " planscope ")];
    let mut left = room.saturating_sub(11);
    if let Some(problem) = &state.problem {
        let title = sanitise(&problem.title).replace('\n', " ");
        let title = fit(&title, left.saturating_sub(2)).into_owned();
        left = left.saturating_sub(width(&title) + 2);
        spans.push(ctx.span(Role::Strong, format!(" {title} ")));
    }
    if let Some(model) = &state.model {
        let name = sanitise(&model_name(model)).replace('\n', " ");
        if width(&name) + 3 <= left {
            spans.push(ctx.span(Role::Dim, format!(" {name} ")));
        }
    }
    Line::from(spans)
}

fn right_side(ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let state = ctx.model.session.state();
    let mut spans = Vec::new();
    if state.phase != Phase::Done && ctx.model.session.replay.position() > 0 {
        let turning = ctx.model.session.busy() && ctx.model.session.at_present();
        if turning {
            spans.push(ctx.span(Role::Accent, format!("{} ", ctx.spinner())));
        }
        spans.push(ctx.span(Role::Text, doing(state)));
        if let Some(progress) = progress(ctx.model) {
            spans.push(ctx.span(Role::Dim, format!(" · {progress}")));
        }
    }
    if let Some(read) = record_scan::progress(&ctx.model.session.replay) {
        spans.push(ctx.span(Role::Accent, format!("{}{read}", if spans.is_empty() { "" } else { "   " })));
    }
    if state.iteration > 0 {
        let gap = if spans.is_empty() { "" } else { "   " };
        spans.push(
            ctx.span(Role::Text, format!("{gap}iteration {}/{}", state.iteration, state.settings.iterations)),
        );
    }
    let faults = ctx.model.background.findings.faults().count();
    if faults > 0 {
        spans.push(ctx.span(Role::Care, format!("  ⚑ {}", format::plural(faults, "finding", "findings"))));
    }
    if let Some(parent) = &state.parent {
        spans.push(ctx.span(Role::Care, format!("  fork@{}", parent.at)));
    }
    if let Some(chaos) = &state.noise.schedule {
        spans.push(ctx.span(Role::Noise, format!("  chaos {}/{}", state.noise.scheduled, chaos.times)));
    }
    spans.extend(shadow_badge(ctx, state));
    if state.intercept {
        spans.push(ctx.span(Role::Human, "  intercept"));
    }
    let (text, role) = badge(ctx.model);
    spans.push(Span::raw("  "));
    spans.push(ctx.span(role, format!(" {text} ")));
    spans.push(Span::raw(" "));
    spans
}

/// What is running: a side request by its own name, and otherwise the phase.
fn doing(state: &State) -> &'static str {
    match state.calls.open {
        Some((_, purpose)) if !purpose.counts() => purpose.name(),
        Some(_) | None => state.phase.name(),
    }
}

/// From this time on a call that reports nothing else shows its running time.
const LONG: Duration = Duration::from_secs(1);

/// Returns the progress of the running work; how long it takes where nothing else is known.
fn progress(model: &Model) -> Option<String> {
    let live = model.session.engine().filter(|_| model.session.busy() && model.session.at_present())?;
    let state = model.session.state();
    let elapsed = model.now.saturating_sub(live.since);
    let so_far = (elapsed >= LONG).then(|| format::time(elapsed));
    if model.session.stream.call == state.calls.open
        && let Some(why) = &model.session.stream.waiting
    {
        return Some(why.clone());
    }
    if state.phase == Phase::Load {
        return model.session.stream.loading.map(|share| format!("{:.0} %", share * 100.0)).or(so_far);
    }
    let reported = match model.session.writing() {
        Some(stream) if stream.tokens() > 0 => Some(written(stream)),
        Some(stream) if let Some(tokens) = stream.thinking() => Some(format!("thinks, {tokens} tokens")),
        Some(Stream { prefill: Some((done, total)), .. }) => Some(format!("reads {done}/{total} tokens")),
        Some(_) | None => None,
    };
    let scored = (state.phase == Phase::Score).then(|| scored(&state.candidates)).flatten();
    let parts: Vec<String> = [scored, reported.or(so_far)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn written(stream: &Stream) -> String {
    let tokens = format::plural(stream.tokens() as usize, "token", "tokens");
    stream.rate().map_or(tokens.clone(), |rate| format!("{tokens}, {rate:.1}/s"))
}

/// How many of the candidates that can be scored have their score.
fn scored(candidates: &[CandidateView]) -> Option<String> {
    let views: Vec<&PlanView> = candidates.iter().filter_map(|candidate| candidate.view.as_ref()).collect();
    let done = views.iter().filter(|view| view.total().is_some()).count();
    (!views.is_empty()).then(|| format!("{done} of {}", views.len()))
}

/// Returns the word for the state of things, and how it stands out.
fn badge(model: &Model) -> (String, Role) {
    let (position, count) = (model.session.replay.position(), model.session.replay.len());
    match &model.session.source {
        _ if model.probing.is_seeking() => ("SEARCHING".to_owned(), Role::BadgePast),
        Source::Replay if model.play.is_some() => {
            (format!("PLAYING event {position} of {count}"), Role::BadgePast)
        }
        Source::Replay => (format!("REPLAY event {position} of {count}"), Role::BadgePast),
        Source::Live(_) if !model.session.replay.at_end() => {
            (format!("VIEWING {position} of {count}"), Role::BadgePast)
        }
        Source::Live(live) => live_badge(live, model.session.state().pause_cause.as_ref()),
    }
}

fn live_badge(live: &Live, cause: Option<&PauseCause>) -> (String, Role) {
    if let (Some(PauseCause::Probe { number, .. }), true, false) = (cause, live.paused, live.over()) {
        return (format!("PROBE {number}"), Role::BadgeHold);
    }
    let (text, role) = match &live.outcome {
        Some(Outcome::Answered) => ("DONE", Role::Badge),
        Some(Outcome::Interrupted) => ("STOPPED", Role::BadgeHold),
        Some(Outcome::Failed { .. }) => ("FAILED", Role::BadgeHold),
        None if live.unrecorded.is_some() => ("NOT RECORDED", Role::BadgeHold),
        None if live.done => ("ENDED", Role::BadgeHold),
        None if live.stopping.is_some() => ("STOPPING", Role::BadgeHold),
        None if live.pausing && !live.paused => ("PAUSING", Role::BadgeHold),
        None if live.paused => ("PAUSED", Role::BadgeHold),
        None => ("LIVE", Role::Badge),
    };
    (text.to_owned(), role)
}

/// Returns how refinement stands, for the top line; none when the baseline is off.
fn shadow_badge(ctx: &Ctx<'_>, state: &State) -> Option<Span<'static>> {
    if !state.settings.shadow {
        return None;
    }
    let standing = state.shadow.last().map_or(ShadowStanding::Unknown, ShadowPoint::standing);
    let (sign, role) = mark_sign(MarkKind::Shadow(standing));
    let word = if standing == ShadowStanding::Unknown { "shadow" } else { short(standing) };
    Some(ctx.span(role, format!("  {sign} {word}")))
}

/// Returns who is ahead, in a word or two.
pub const fn short(standing: ShadowStanding) -> &'static str {
    match standing {
        ShadowStanding::Losing => "losing",
        ShadowStanding::Winning => "winning",
        ShadowStanding::Level => "level",
        ShadowStanding::Unknown => "not known",
    }
}
