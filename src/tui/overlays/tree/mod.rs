//! The tree of plans: which came from which. Accepted plans are the trunk; other candidates and forks branch off it.

mod draw;
mod rows;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    overlay::{Opened, Outcome, Overlay, motion},
    sessions::{Wanted, want},
};
use crate::{
    commands::{Action, OverlayKind},
    core::{jobs::Job, model::Model, msg::Effect, session_rows::Row},
    panes::ctx::Ctx,
    widgets::{list::Cursor, scroll::Extent},
};
use rows::{TreeRow, current, rows};

/// The tree, a row per plan.
#[derive(Debug, Default)]
pub struct TreeView {
    cursor: Cursor,
    /// The sessions of the folder, of which some may be forks of this one.
    sessions: Vec<Row>,
    /// Whether the cursor is still where it was put at first.
    untouched: bool,
}

/// Returns the tree with the cursor on the plan of the current position. Forks follow once the folder is read.
pub fn open(model: &Model) -> Opened {
    let mut view = TreeView { untouched: true, ..TreeView::default() };
    view.find_current(model);
    let list = model.background.sessions.base().map(|base| Effect::Begin(Job::List(base.to_path_buf())));
    (Box::new(view), list.into_iter().collect())
}

impl TreeView {
    fn find_current(&mut self, model: &Model) {
        let rows = rows(model, &self.sessions);
        self.cursor = Cursor::at(current(model, &rows).unwrap_or(0));
    }

    /// Goes to the moment of the row under the cursor, or to the session that was forked there.
    fn go(&self, model: &mut Model) -> Outcome {
        let rows = rows(model, &self.sessions);
        let Some(row) = rows.get(self.cursor.row(rows.len())) else { return Outcome::stay() };
        let (seq, candidate) = match row {
            TreeRow::Fork(session, _) => {
                let path = session.path.clone();
                return match want(model, path) {
                    Wanted::Now(effects) => Outcome::Close(effects),
                    Wanted::After(question) => Outcome::Replace(question, Vec::new()),
                };
            }
            TreeRow::Taken(taken) => (taken.seq, Some((taken.iteration, taken.candidate as usize))),
            TreeRow::Reject(reject) => (reject.seq, Some((reject.iteration, reject.candidate as usize))),
            TreeRow::Draft(_) | TreeRow::Mark(_) => (row.seq(), None),
        };
        model.look.cursors.point = None;
        model.go_to(seq);
        model.look.cursors.chosen = candidate.or(model.look.cursors.chosen);
        Outcome::Panes
    }
}

impl Overlay for TreeView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Tree
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.untouched = false;
            let count = rows(model, &self.sessions).len();
            self.cursor.go(motion, count);
            return Outcome::stay();
        }
        if *action == Action::Open { self.go(model) } else { Outcome::Pass }
    }

    fn click(&mut self, model: &mut Model, row: usize) -> Outcome {
        self.untouched = false;
        let (top, count) = (model.extents.overlay.offset, rows(model, &self.sessions).len());
        if self.cursor.click(row, top, count) { self.go(model) } else { Outcome::stay() }
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        if let Some(Ok(sessions)) = model.background.arrived.sessions.take() {
            self.sessions = sessions;
            if self.untouched {
                self.find_current(model);
            }
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self, area, buf)
    }
}
