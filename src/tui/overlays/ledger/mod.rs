//! The ledger: every candidate of the session that was not taken, with the reason.

mod list;

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKind},
    core::{
        model::Model,
        open_session::OpenSession,
        overview::{Overview, Reject},
    },
    panes::ctx::Ctx,
    widgets::{
        list::{Filtered, Words},
        scroll::Extent,
    },
};

/// The list with its filter and cursor.
#[derive(Debug, Default)]
pub struct LedgerView {
    /// Over [`Overview::rejects`].
    list: Filtered,
    /// How many candidates were read so far.
    counted: usize,
}

impl LedgerView {
    /// Returns the ledger, at the last candidate before the current position.
    pub fn new(session: &OpenSession) -> Self {
        let mut view = Self::default();
        view.count(&session.overview);
        let position = session.replay.position() as u64;
        let before = session.overview.rejects.partition_point(|reject| reject.seq < position);
        view.list.choose(Some(before.saturating_sub(1)));
        view
    }

    /// Looks at candidates that came since the last time.
    fn count(&mut self, overview: &Overview) {
        let rejects = &overview.rejects;
        if rejects.len() > self.counted {
            self.list.extend(self.counted, rejects.len(), |at, words| passes(&rejects[at], words));
            self.counted = rejects.len();
        }
    }

    /// Applies the filter once more.
    fn refilter(&mut self, overview: &Overview) {
        let rejects = &overview.rejects;
        self.list.refilter(rejects.len(), |at, words| passes(&rejects[at], words));
        self.counted = rejects.len();
    }

    /// Goes to the decision on the candidate under the cursor, with that candidate shown.
    fn go(&self, model: &mut Model) -> Outcome {
        let chosen = self.reject(&model.session.overview).map(|r| (r.seq, r.iteration, r.candidate));
        let Some((seq, iteration, candidate)) = chosen else { return Outcome::stay() };
        model.look.cursors.point = None;
        model.go_to(seq);
        model.look.cursors.chosen = Some((iteration, candidate as usize));
        Outcome::Panes
    }

    fn reject<'a>(&self, overview: &'a Overview) -> Option<&'a Reject> {
        overview.rejects.get(self.list.chosen()?)
    }
}

/// Returns whether the words occur in what is shown of `reject`.
fn passes(reject: &Reject, words: &Words) -> bool {
    let Reject { iteration, kind, summary, why, reason, .. } = reject;
    words.are_in(&format!("{iteration} {} {kind} {summary} {reason}", why.name()))
}

impl Overlay for LedgerView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Ledger
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.list.go(motion);
            return Outcome::stay();
        }
        if *action == Action::Open { self.go(model) } else { Outcome::Pass }
    }

    fn click(&mut self, model: &mut Model, row: usize) -> Outcome {
        if self.list.click(row, model.extents.overlay.offset) { self.go(model) } else { Outcome::stay() }
    }

    fn type_key(&mut self, model: &mut Model, key: KeyEvent) -> Option<Outcome> {
        if self.list.on_key(key)? {
            self.refilter(&model.session.overview);
        }
        Some(Outcome::stay())
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Outcome {
        match self.list.paste(text) {
            Ok(()) => self.refilter(&model.session.overview),
            Err(why) => model.warn(why),
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        self.count(&model.session.overview);
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        list::draw(ctx, self, area, buf)
    }
}
