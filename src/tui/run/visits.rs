//! What is kept from one session to the next while a person flips between them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use crate::{
    commands::pane::Pane,
    core::{live::Source, model::Model, sessions::whole},
};

/// The view state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    position: usize,
    focus: Pane,
    zoom: bool,
}

impl Place {
    /// Returns the view state of the session in `model`.
    pub fn of(model: &Model) -> Self {
        let look = &model.look;
        let position = model.session.replay.heads_for().unwrap_or_else(|| model.session.replay.position());
        Self { position, focus: look.focus, zoom: look.zoom }
    }
}

/// The sessions that were shown, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Visits {
    before: Option<PathBuf>,
    /// The view state of the one before.
    last: Option<Place>,
    places: HashMap<PathBuf, Place>,
}

impl Visits {
    /// Records that the session in `dir` was left, with its view state where it may be reopened.
    pub fn leave(&mut self, dir: &Path, place: Option<Place>) {
        let dir = whole(dir);
        if let Some(place) = place {
            self.places.insert(dir.clone(), place);
        }
        (self.before, self.last) = (Some(dir), place.or(self.last));
    }

    /// Shows the session in `dir` as it was left, or, for the first time, with the same pane as the one before.
    pub fn enter(&self, model: &mut Model, dir: &Path) {
        let dir = whole(dir);
        let known = self.places.get(&dir);
        if let Some(place) = known.or(self.last.as_ref()) {
            (model.look.focus, model.look.zoom) = (place.focus, place.zoom);
        }
        if let (Some(place), Source::Replay) = (known, &model.session.source) {
            model.session.replay.seek(place.position);
            model.refresh();
        }
        model.background.sessions.before.clone_from(&self.before);
        model.background.sessions.here = Some(dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::{Event, Record, Replay};

    fn model() -> Model {
        let event = |seq| Record { seq, at_ms: seq, event: Event::InterceptSet { on: true } };
        Model::of_record(Replay::new((0..9).map(event).collect()))
    }

    #[test]
    fn a_session_is_found_again_as_it_was_left() {
        let (mut visits, a, b) = (Visits::default(), Path::new("/nowhere/a"), Path::new("/nowhere/b"));
        let mut first = model();
        visits.enter(&mut first, a);
        assert_eq!(
            (first.background.sessions.here.as_deref(), &first.background.sessions.before),
            (Some(a), &None)
        );
        first.session.replay.seek(4);
        (first.look.focus, first.look.zoom) = (Pane::Score, true);
        visits.leave(a, Some(Place::of(&first)));

        let mut second = model();
        visits.enter(&mut second, b);
        assert_eq!(
            (second.session.replay.position(), second.look.focus),
            (9, Pane::Score),
            "the same pane, its own end"
        );
        assert_eq!(second.background.sessions.before.as_deref(), Some(a));
        second.look.focus = Pane::Plan;
        visits.leave(b, Some(Place::of(&second)));

        let mut again = model();
        visits.enter(&mut again, a);
        assert_eq!(
            (again.session.replay.position(), again.look.focus, again.look.zoom),
            (4, Pane::Score, true)
        );
        assert_eq!(again.background.sessions.before.as_deref(), Some(b));
    }
}
