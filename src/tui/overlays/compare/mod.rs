//! Two sessions side by side: where they part, their timelines, and their plans at the iteration under the cursor.

mod draw;

use std::path::PathBuf;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Opened, Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKind},
    core::{jobs::Job, model::Model, msg::Effect},
    panes::ctx::Ctx,
    widgets::{
        list::Cursor,
        scroll::{Extent, Scroll},
    },
};
use plan::{Plan, PlanDiff, diff};
use session::{Comparison, name_of};

/// The comparison that is shown. The left session is the one that the screen shows.
#[derive(Debug)]
pub struct CompareView {
    left: PathBuf,
    right: PathBuf,
    /// The names of both.
    names: [String; 2],
    /// Absent until both are read; a sentence where that did not work.
    found: Option<Result<Box<Comparison>, String>>,
    /// Over the iterations, and after all of them the end.
    cursor: Cursor,
    /// What differs in the plans there; absent where one of them is missing.
    diff: Option<PlanDiff>,
    /// Of the plans.
    scroll: Scroll,
}

impl CompareView {
    /// Returns the comparison of two sessions, the left one being shown; it fills once both are read.
    pub fn open(left: PathBuf, right: PathBuf) -> Opened {
        let job = Job::Compare(left.clone(), right.clone());
        let names = [&left, &right].map(|path| name_of(path));
        let (cursor, scroll) = (Cursor::default(), Scroll::default());
        let view = Self { left, right, names, found: None, cursor, diff: None, scroll };
        (Box::new(view), vec![Effect::Begin(job)])
    }

    fn found(&self) -> Option<&Comparison> {
        self.found.as_ref()?.as_deref().ok()
    }

    /// Returns the plans at the row under the cursor; at the end the final ones.
    fn plans(&self) -> [Option<&Plan>; 2] {
        let Some(found) = self.found() else { return [None; 2] };
        match found.iterations.get(self.selected()) {
            Some(pair) => [&pair.left, &pair.right].map(|stage| stage.as_ref()?.plan.as_ref()),
            None => [&found.left, &found.right].map(|side| side.plan.as_ref()),
        }
    }

    /// The iterations, and the end.
    fn rows(&self) -> usize {
        self.found().map_or(0, |found| found.iterations.len()) + 1
    }

    /// Returns the row under the cursor.
    fn selected(&self) -> usize {
        self.cursor.row(self.rows())
    }

    /// Puts the cursor on another row.
    fn select(&mut self, cursor: Cursor) {
        (self.cursor, self.scroll) = (cursor, Scroll::default());
        self.diff = match self.plans() {
            [Some(old), Some(new)] => Some(diff(old, new)),
            [_, _] => None,
        };
    }
}

/// The row of the iteration in which the sessions part; the end where they do not.
fn parting_row(found: &Comparison) -> usize {
    let parted = found.outcomes.as_ref().and_then(|parted| parted.left.as_ref().or(parted.right.as_ref()));
    let row =
        parted.and_then(|note| found.iterations.iter().position(|pair| pair.iteration == note.iteration));
    row.unwrap_or(found.iterations.len())
}

impl Overlay for CompareView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Compare
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::Open {
            // To the end of the iteration under the cursor, where the session that is shown has it.
            let pair = self.found().and_then(|found| found.iterations.get(self.selected()));
            let stage = pair.and_then(|pair| pair.left.as_ref());
            let Some(seq) = stage.map(|stage| stage.seq) else { return Outcome::stay() };
            model.look.cursors.point = None;
            model.go_to(seq);
            return Outcome::Panes;
        }
        let Some(motion) = motion(action, model.extents.overlay) else { return Outcome::Pass };
        if matches!(action, Action::PageDown | Action::PageUp) {
            self.scroll.go(motion, model.extents.overlay);
        } else {
            let mut cursor = self.cursor;
            cursor.go(motion, self.rows());
            self.select(cursor);
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        // Not of other sessions that were compared before.
        let compared = &mut model.background.arrived.compared;
        let mine = compared.take_if(|(left, right, _)| (&*left, &*right) == (&self.left, &self.right));
        if let Some((.., found)) = mine {
            self.found = Some(found);
            // Where the outcomes part.
            self.select(Cursor::at(self.found().map_or(0, parting_row)));
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self, area, buf)
    }
}
