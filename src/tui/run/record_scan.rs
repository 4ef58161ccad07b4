//! Reading a long record to its end in the background, a stretch at a time.
//!
//! The screen is there at once. It learns what was read after each stretch, so that more and more of the record
//! can be gone to, and charts and lists fill.

use std::time::Duration;

use crate::core::{
    examine, jobs::Job, live::Source, model::Model, msg::Effect, notices::Level, overview::Overview,
    record_scan::RecordScan,
};
use session::replay::Replay;

/// Events from which on a record is read in the background; fewer are read at once.
const LONG: usize = 20_000;

/// Returns the screen of a record, heading for its end; and, where that takes long, the work of reading it.
pub fn open(mut replay: Replay) -> (Model, Option<RecordScan>) {
    if replay.len() < LONG {
        return (Model::of_record(replay), None);
    }
    let reader = replay.read_beside();
    replay.seek(usize::MAX);
    let mut model = Model::new(Source::Replay, replay);
    model.refresh();
    (model, Some(RecordScan { reader, overview: Overview::default(), reported: 0 }))
}

/// Takes in what was read, and has the next stretch read.
pub fn receive(model: &mut Model, mut scan: Box<RecordScan>) -> Vec<Effect> {
    model.session.replay.learn(&scan.reader);
    if scan.reader.at_end() {
        model.session.overview = scan.overview;
        say_fault(model);
        return examine::look(model);
    }
    // A copy takes the longer the more was read; so it is given when there is twice as much.
    if scan.reader.position() >= 2 * scan.reported {
        scan.reported = scan.reader.position();
        model.session.overview = scan.overview.clone();
    }
    vec![Effect::Begin(Job::RecordScan(scan))]
}

/// Handles that reading crashed: from now on the cursor reads on its way, and what is shown of the
/// session as a whole lacks the rest.
pub fn lost(model: &mut Model) {
    model.session.replay.read_alone();
    model.fail("Reading the record crashed; charts and lists lack the rest of it.");
}

/// Says where the record can be read no further.
pub fn say_fault(model: &mut Model) {
    if let Some(fault) = model.session.replay.fault() {
        let text = format!("The record can be shown only up to here: {fault}.");
        model.notices.say(Level::Error, text, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::record_scan::{STRETCH, progress};
    use crate::{
        commands::Travel,
        core::{jobs::Done, msg::Msg},
        overlays::screen::Screen,
        run::{drive::go, update::update},
    };
    use session::{Event, Phase, Record};

    const EVENTS: usize = 5 * STRETCH + 7;

    fn record(at: usize) -> Record {
        let event = Event::PhaseBegan { phase: Phase::Propose, iteration: at as u32 };
        Record { seq: at as u64, at_ms: at as u64, event }
    }

    fn opened() -> (Screen, RecordScan) {
        let (model, scan) = open(Replay::new((0..EVENTS).map(record).collect()));
        (model.into(), scan.expect("a long record"))
    }

    /// Reads one stretch and shows it; returns the work that is left.
    fn stretch(screen: &mut Screen, mut scan: RecordScan) -> Option<RecordScan> {
        scan.go_on();
        let done = Done::Scanned(Box::new(scan));
        let left = update(screen, Msg::Done(done), Duration::ZERO);
        left.into_iter().find_map(|effect| {
            if let Effect::Begin(Job::RecordScan(scan)) = effect { Some(*scan) } else { None }
        })
    }

    #[test]
    fn the_screen_is_there_before_the_record_is_read_and_then_at_its_end() {
        let (mut screen, scan) = opened();
        assert_eq!(
            (screen.model.session.replay.position(), screen.model.session.replay.heads_for()),
            (0, Some(EVENTS))
        );
        assert_eq!(
            progress(&screen.model.session.replay).as_deref(),
            Some("reads the record, 0 %, then event 40967")
        );
        let (mut left, mut stretches) = (Some(scan), 0);
        while let Some(scan) = left {
            left = stretch(&mut screen, scan);
            stretches += 1;
        }
        assert_eq!(stretches, 6);
        assert!(screen.model.session.replay.at_end() && progress(&screen.model.session.replay).is_none());
        assert_eq!(screen.model.session.state().iteration as usize, EVENTS - 1);
    }

    #[test]
    fn what_was_read_can_be_looked_at_while_the_rest_is_being_read() {
        let (mut screen, scan) = opened();
        let scan = stretch(&mut screen, scan).unwrap();
        go(&mut screen.model, Travel::Event(100)).unwrap();
        assert_eq!(
            (screen.model.session.replay.position(), screen.model.session.replay.heads_for()),
            (100, None)
        );
        let scan = stretch(&mut screen, scan).unwrap();
        assert_eq!(screen.model.session.replay.position(), 100, "nobody is moved who chose a place");
        assert_eq!(progress(&screen.model.session.replay).as_deref(), Some("reads the record, 39 %"));
        // A place that is not read yet is gone to as soon as it is.
        go(&mut screen.model, Travel::Event(3 * STRETCH as u32)).unwrap();
        assert_eq!(screen.model.session.replay.position(), 100);
        assert!(stretch(&mut screen, scan).is_some());
        assert_eq!(screen.model.session.replay.position(), 3 * STRETCH);
    }

    #[test]
    fn without_the_rest_of_the_work_the_cursor_still_goes_anywhere() {
        let (mut screen, _) = opened();
        update(&mut screen, Msg::Done(Done::Lost(crate::core::jobs::JobKind::RecordScan)), Duration::ZERO);
        assert!(screen.model.session.replay.is_read_to().is_none());
        go(&mut screen.model, Travel::End).unwrap();
        assert!(screen.model.session.replay.at_end());
    }
}
