//! The proposed edits of the iteration, and what the shown one changes.

pub mod diff;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    commands::pane::Pane,
    panes::{ctx::Ctx, plan::tokens},
};
use crate::{
    core::{overview::NotTaken, regions::Target},
    format,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        tabs::{Tab, tab_line},
        text::sanitise,
        wrap::{wrap, wrap_text},
    },
};
use session::{Candidate, CandidateStatus, CandidateView, Phase, PlanView, Ruling};

/// Returns which candidate is shown.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let state = ctx.model.session.state();
    match (state.candidates.len(), ctx.model.session.writing().filter(|_| state.phase == Phase::Propose)) {
        (0, Some(stream)) => format!("{} tokens written", stream.tokens()),
        (0, None) => String::new(),
        (count, _) => format!("{} of {count}", ctx.model.candidate_index() + 1),
    }
}

/// Draws the candidates, or what the model is writing.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.session.state();
    if state.candidates.is_empty() {
        return draw_writing(ctx, area, buf);
    }
    let tabs: Vec<Tab> = state.candidates.iter().map(|view| tab(ctx, view)).collect();
    let (line, places) = tab_line(&tabs, ctx.model.candidate_index(), usize::from(area.width), ctx.theme);
    let extent = draw_lines(vec![line], None, false, Rect { height: 1.min(area.height), ..area }, buf);
    for (at, columns) in places {
        ctx.clickable_line(extent, area, 0, columns, Target::Candidate(at));
    }
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let lines = ctx.model.candidate().map_or_else(Vec::new, |view| body(ctx, view, usize::from(area.width)));
    ctx.scrolled(Pane::Proposal, lines, false, below, buf)
}

fn tab(ctx: &Ctx<'_>, view: &CandidateView) -> Tab {
    let (glyph, role) = glyph(view);
    let total = view.view.as_ref().and_then(PlanView::total);
    Tab {
        glyph,
        style: ctx.style(role),
        name: sanitise(&view.candidate.kind).into_owned(),
        note: total.map_or_else(String::new, |total| format::score(Some(total))),
    }
}

/// Returns the sign for what became of a candidate.
pub fn glyph(view: &CandidateView) -> (&'static str, Role) {
    if let Some(verdict) = &view.verdict {
        return ruling_glyph(verdict.ruling);
    }
    match &view.candidate.status {
        CandidateStatus::Ready => ("·", Role::Dim),
        CandidateStatus::NoOp | CandidateStatus::Control => ("=", Role::Dim),
        CandidateStatus::Duplicate { .. } => ("≡", Role::Dim),
        CandidateStatus::Invalid { .. } => ("∅", Role::Care),
    }
}

/// Returns the sign for a ruling.
pub const fn ruling_glyph(ruling: Ruling) -> (&'static str, Role) {
    match ruling {
        Ruling::Accept => ("✔", Role::Good),
        Ruling::Reject => ("✘", Role::Bad),
        Ruling::Indecisive => ("?", Role::Care),
        Ruling::Invalid => ("∅", Role::Dim),
    }
}

/// Returns the sign for why a candidate was not taken. What was not even scored is no failure: only what the gate rejected
/// has the colour for that.
pub const fn not_taken_glyph(why: NotTaken) -> (&'static str, Role) {
    match why {
        NotTaken::Rejected => ruling_glyph(Ruling::Reject),
        NotTaken::Indecisive => ruling_glyph(Ruling::Indecisive),
        NotTaken::NoOp => ("=", Role::Dim),
        NotTaken::Duplicate => ("≡", Role::Dim),
        NotTaken::Invalid => ("∅", Role::Care),
    }
}

/// What the model is writing, one part a candidate, and how far each has come.
fn draw_writing(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.session.state();
    let Some(stream) = ctx.model.session.writing().filter(|_| state.phase == Phase::Propose) else {
        return ctx.empty(reason_for_nothing(ctx), area, buf);
    };
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    for (sequence, text) in stream.texts() {
        let mut spans = vec![
            ctx.span(Role::Accent, format!("{} ", ctx.spinner())),
            ctx.span(Role::Strong, format!("{:<3}", sequence + 1)),
        ];
        spans.extend(ctx.code(text.trim_start(), ctx.style(Role::Text)));
        spans.push(ctx.span(Role::Accent, "▏"));
        lines.extend(wrap(&spans, width, 5));
    }
    if lines.is_empty() {
        return ctx.empty(
            "The model is reading the plan; its proposals appear here as it writes them.",
            area,
            buf,
        );
    }
    ctx.scrolled(Pane::Proposal, lines, true, area, buf)
}

fn reason_for_nothing(ctx: &Ctx<'_>) -> &'static str {
    let state = ctx.model.session.state();
    match state.phase {
        Phase::Load | Phase::Draft | Phase::ScoreDraft => {
            "Proposed edits appear here after the draft is scored."
        }
        Phase::Propose if ctx.model.session.source_over() => {
            "The model writes its proposals in this phase; they come with the next event."
        }
        Phase::Propose => "The model is about to propose edits; they appear here as it writes them.",
        Phase::Score | Phase::Decide | Phase::TieBreak | Phase::Rescore | Phase::Answer | Phase::Done => {
            "No edits were proposed in this run."
        }
    }
}

fn body(ctx: &Ctx<'_>, view: &CandidateView, width: usize) -> Vec<Line<'static>> {
    let mut lines = status_lines(ctx, view, width);
    lines.push(Line::default());
    if let (Some(after), Some(now)) = (&view.candidate.canvas, &ctx.model.session.state().denoising) {
        lines.extend(wrap_text(&view.candidate.reply, ctx.style(Role::Text), width, 2));
        lines.extend(tokens::step_lines(ctx, now, after, width));
        return lines;
    }
    match (ctx.model.session.base(), &view.view) {
        (Some(base), Some(new)) => {
            let (plans, layout) = ((&base.plan, &new.plan), ctx.model.look.diff);
            lines.extend(diff::lines(ctx, plans, &ctx.model.derived.diff, layout, width));
        }
        (None | Some(_), None) | (None, Some(_)) => {
            lines.extend(wrap_text("The model wrote:", ctx.style(Role::Dim), width, 0));
            let reply = view.candidate.reply.trim();
            let reply = if reply.is_empty() { "(nothing)" } else { reply };
            lines.extend(wrap(&ctx.code(reply, ctx.style(Role::Text)), width, 2));
        }
    }
    lines
}

/// What was proposed, and what became of it.
fn status_lines(ctx: &Ctx<'_>, view: &CandidateView, width: usize) -> Vec<Line<'static>> {
    let candidate = &view.candidate;
    let (glyph, role) = glyph(view);
    let sign = ctx.span(role, format!("{glyph} "));
    let say = |text: String| ctx.span(Role::Text, text);
    let total = view.view.as_ref().and_then(PlanView::total);
    let before = ctx.model.session.base().and_then(PlanView::total);
    let mut spans = match (&view.verdict, &candidate.status) {
        (_, CandidateStatus::Control) => {
            vec![sign, say(format!("control: the incumbent, scored again  {}", change_words(before, total)))]
        }
        (Some(verdict), CandidateStatus::Ready) if has_masks(candidate) => {
            vec![
                sign,
                ctx.span(role, verdict.ruling.name()),
                say("  not evaluated: tokens are masked".to_owned()),
            ]
        }
        (Some(verdict), CandidateStatus::Ready) => {
            vec![
                sign,
                ctx.span(role, verdict.ruling.name()),
                say(format!("  {}", change_words(before, total))),
            ]
        }
        (None, CandidateStatus::Ready) if total.is_some() => {
            vec![sign, say(format!("scored  {}", change_words(before, total)))]
        }
        (None, CandidateStatus::Ready) if has_masks(candidate) => {
            vec![sign, say("waits for the gate; with masked tokens it has no score".to_owned())]
        }
        (None, CandidateStatus::Ready) => vec![sign, say("waits for its score".to_owned())],
        (_, CandidateStatus::NoOp) => vec![sign, say("changes nothing, so it is not scored".to_owned())],
        (_, CandidateStatus::Duplicate { first_seen: 0 }) => {
            vec![sign, say("leads back to the draft, so it is not scored again".to_owned())]
        }
        (_, CandidateStatus::Duplicate { first_seen }) => {
            vec![
                sign,
                say(format!(
                    "this plan already came up in iteration {first_seen}, so it is not scored again"
                )),
            ]
        }
        (_, CandidateStatus::Invalid { reason }) => vec![sign, say(format!("cannot be used: {reason}"))],
    };
    if let Some(pressure) = &candidate.pressure {
        let nats = format::nats(Some(pressure.choice));
        spans.push(ctx.span(Role::Dim, format!("  grammar pressure {nats}")));
    }
    wrap(&spans, width, 2)
}

/// Whether its plan has masked tokens, so that nothing can be said of it.
fn has_masks(candidate: &Candidate) -> bool {
    candidate.canvas.as_ref().is_some_and(|canvas| !canvas.is_whole())
}

fn change_words(before: Option<f64>, after: Option<f64>) -> String {
    format!("{} → {}  ({})", format::score(before), format::score(after), format::change(before, after))
}
