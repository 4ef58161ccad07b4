//! A guided tour through a recorded session. A box says what is seen; the debugger below is driven by the same
//! commands as by a person's keys, and the keys in the sentences come from the keymap.

mod draw;
mod steps;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay};
use crate::{
    commands::{Action, Asked, OverlayKey, OverlayKind},
    core::{model::Model, notices::Level},
    panes::ctx::Ctx,
    widgets::scroll::Extent,
};
pub use steps::{Piece, Step, Tour, script};

/// The tour that is being taken. It lies above lists, and passes on what it does not need; the next step brings the screen
/// to where it has to be.
#[derive(Debug)]
pub struct TourView {
    tour: Tour,
}

impl TourView {
    /// Returns the tour at its first step, and the commands that lead there.
    pub fn begin(tour: Tour) -> (Self, Vec<Asked>) {
        let mut view = Self { tour };
        let commands = view.go_to(0);
        (view, commands)
    }

    /// Goes to a step: from the beginning through the commands of all steps up to it, so that it looks the same
    /// whichever way one comes, and whatever the person did between.
    fn go_to(&mut self, at: usize) -> Vec<Asked> {
        self.tour.go_to(at);
        let steps = self.tour.steps().iter().take(self.tour.at() + 1);
        steps.flat_map(|step| step.commands.clone()).collect()
    }

    /// Ends the tour; the record stays open.
    fn leave(model: &mut Model) -> Outcome {
        let quit = model.setup.keymap.labels("quit").first().cloned().unwrap_or_else(|| ":quit".to_owned());
        let text = format!("The tour is over. Look around in this record as you like; {quit} leaves.");
        model.notices.say(Level::Info, text, model.now);
        Outcome::Panes
    }
}

impl Overlay for TourView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Tour
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let at = self.tour.at();
        if *action == Action::Back {
            return Self::leave(model);
        }
        if *action == Action::Left {
            return Outcome::Restage(self.go_to(at.saturating_sub(1)));
        }
        let next = self.tour.steps().get(at + 1);
        let does_it =
            next.and_then(|step| step.commands.first()).is_some_and(|first| first.action == *action);
        if !does_it && *action != Action::Right {
            return Outcome::Pass;
        }
        if next.is_none() {
            return Self::leave(model);
        }
        Outcome::Restage(self.go_to(at + 1))
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let last = self.tour.at() + 1 == self.tour.steps().len();
        Some(if last && key.action == Some(Action::Right) { "end" } else { key.hint })
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self, area, buf);
        Extent::default()
    }
}
