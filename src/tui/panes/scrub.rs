//! The bar below the timeline: the whole session, event by event, with what happened and the current position.
//!
//! Where several events fall into one cell, it shows the one that comes first here: an answer, a finding, a fork, a change by
//! hand, noise, an accepted candidate, one on which the numbers did not tell, a rejected one, the draft.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    ctx::Ctx,
    timeline::{FLAG, mark_sign, ruling_mark},
};
use crate::{
    core::{overview::MarkKind, regions::Target},
    theme::Role,
    widgets::scrub::{ScrubBar, ScrubEvent},
};
use session::Ruling;

/// The sign of the answer.
const ANSWER: &str = "■";

/// Draws the bar into one row; clicking a cell goes to its event.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let replay = &ctx.model.session.replay;
    let bar = ScrubBar { len: replay.len(), position: replay.position() };
    for (cell, at) in bar.draw(events(ctx), area, buf, ctx.theme).into_iter().enumerate() {
        let place = Rect { x: area.x + cell as u16, width: 1, height: 1, ..area };
        ctx.clickable(place, Target::Moment(at as u64));
    }
}

fn events(ctx: &Ctx<'_>) -> impl Iterator<Item = ScrubEvent> {
    let theme = ctx.theme;
    let overview = &ctx.model.session.overview;
    let event = move |at: u64, weight: u8, (sign, role): (&'static str, Role)| ScrubEvent {
        at: usize::try_from(at).unwrap_or(usize::MAX),
        weight,
        sign,
        style: theme[role],
    };
    let iterations = overview.iterations.iter().map(move |iteration| {
        let weight = match iteration.ruling {
            Some(Ruling::Accept) => 3,
            Some(Ruling::Indecisive) => 2,
            Some(Ruling::Reject | Ruling::Invalid) => 1,
            None => 0,
        };
        event(iteration.seq, weight, ruling_mark(iteration))
    });
    let marks = overview
        .marks()
        .filter_map(move |mark| Some(event(mark.seq, weight(mark.kind)?, mark_sign(mark.kind))));
    let findings = ctx.model.background.findings.places().map(move |at| event(at, 7, (FLAG, Role::Care)));
    let answer = overview.answered.map(|at| event(at, 8, (ANSWER, Role::Accent)));
    iterations.chain(marks).chain(findings).chain(answer)
}

/// How much a mark matters; a comparison with plain decoding is part of its iteration.
const fn weight(kind: MarkKind) -> Option<u8> {
    match kind {
        MarkKind::Forked => Some(6),
        MarkKind::Hand | MarkKind::Undone | MarkKind::Redone => Some(5),
        MarkKind::Noise | MarkKind::Chaos => Some(4),
        MarkKind::SideAnswer => Some(8),
        MarkKind::Shadow(_) => None,
    }
}
