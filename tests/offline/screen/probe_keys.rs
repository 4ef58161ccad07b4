//! Probes on the screen, by key: over a record, and in a run with a real engine.

use std::path::Path;

use engine::Command;
use problem::Problem;
use session::{Event, PauseCause, Phase, Replay, Session};
use tui::model::Model;

use super::driver::{Driver, canned_engine, one_proposal};

const LARGE: (u16, u16) = (120, 40);

fn choir(size: (u16, u16)) -> Driver {
    let session = Session::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir")).unwrap();
    Driver::replay(session.records, size)
}

fn position(driver: &Driver) -> usize {
    driver.tui.model.session.replay.position()
}

#[test]
fn a_probe_is_defined_listed_and_changed_by_key() {
    for size in [(80, 24), LARGE] {
        let mut driver = choir(size);
        driver.keys("b");
        driver.shows("There are none yet.");
        driver.keys("a");
        driver.keys("if iteration > 1<enter>");
        driver.shows("1 ● break if iteration > 1");
        driver.keys("acc<esc>");
        driver.keys("<space>");
        driver.shows("1 ○ break if iteration > 1  no hit yet, off");
        driver.keys("<space><enter>");
        driver.shows(":condition 1 iteration > 1");
        driver.keys(" && score > 0.5<enter>");
        driver.shows("1 ● break if iteration > 1 && score > 0.5");
        driver.keys("i3<enter>");
        driver.shows("lets 3 pass");
        driver.keys("d");
        driver.shows("There are none yet.");
        driver.keys("<esc>");
        assert!(driver.open().is_none());
    }
}

#[test]
fn what_is_no_probe_is_refused_and_stays_to_be_mended() {
    let mut driver = choir(LARGE);
    driver.keys(":break acept<enter>");
    driver.shows("There is no place `acept`; did you mean `accept`?");
    driver.keys("<esc>:break if bset > 1<enter>");
    driver.shows("did you mean `best`");
    driver.keys("<esc>:delete 4<enter>");
    driver.shows("There is no probe 4; none is defined yet.");
}

#[test]
fn the_prompt_offers_what_a_probe_can_speak_of() {
    let mut driver = choir(LARGE);
    driver.keys(":break ac");
    driver.shows("after a decision that accepts a candidate");
    driver.keys("<esc>:catch reject if be");
    driver.shows("the highest total so far");
    driver.keys("<esc>:watch S");
    driver.shows("S1");
}

#[test]
fn continuing_goes_from_hit_to_hit_in_both_directions() {
    let mut driver = choir(LARGE);
    driver.keys(":catch reject<enter><home>");
    let (mut hits, end) = (Vec::new(), driver.tui.model.session.replay.len());
    loop {
        driver.keys("c");
        if position(&driver) == end {
            break;
        }
        hits.push(position(&driver));
        driver.shows("Catch 1: ");
    }
    driver.shows("Nothing is hit up to the newest event.");
    assert!(!hits.is_empty(), "the session has a rejection");
    for hit in hits.iter().rev() {
        driver.keys("C");
        assert_eq!(position(&driver), *hit);
    }
    driver.keys("C");
    assert_eq!(position(&driver), 0);
    driver.keys("[");
    assert_eq!(position(&driver), hits[0], "a search is a jump that can be returned from");
    driver.keys(":disable all<enter><home>c");
    driver.shows("PLAYING");
}

#[test]
fn seek_looks_for_a_moment_without_a_probe() {
    let mut driver = choir(LARGE);
    driver.keys("<home>:seek phase == \"answer\"<enter>");
    assert_eq!(driver.tui.model.session.state().phase, Phase::Answer);
    driver.keys(":reverse-seek iteration == 1<enter>");
    assert_eq!(driver.tui.model.session.state().iteration, 1);
    assert!(driver.tui.model.probing.probes.is_empty());
}

/// An engine whose model says the same each time.
fn engine(dir: &Path) -> engine::Handle {
    let replies = [
        ("Improve the plan", " C1: boxes = 20"),
        ("", "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens"),
    ];
    let problem = Problem::new("pens", "free", "How many pens are in 20 boxes of 6?");
    canned_engine(dir, problem, one_proposal(3), &replies)
}

#[tokio::test]
async fn a_run_stands_still_at_a_breakpoint_and_says_which() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = Driver::of_engine(engine(dir.path()), LARGE);
    driver.settle().await;
    driver.keys(":break propose if iteration == 2<enter>");
    driver.settle().await;
    driver.shows("Probe 1 break propose if iteration == 2.");
    assert!(matches!(driver.sent.last(), Some(Command::Probe(_))));
    driver.keys("c");
    driver.settle().await;
    driver.shows("PROBE 1");
    assert_eq!(
        (driver.tui.model.session.state().phase, driver.tui.model.session.state().iteration),
        (Phase::Propose, 2)
    );
    assert!(matches!(
        driver.tui.model.session.state().pause_cause,
        Some(PauseCause::Probe { number: 1, .. })
    ));
    driver.keys("b");
    driver.shows("● break propose if iteration == 2  1 hit");
    driver.keys("d<esc>c");
    driver.settle().await;
    assert!(driver.tui.model.session.engine().unwrap().over());
    // What is over is searched without the engine.
    driver.keys(":break if iteration == 3<enter><home>c");
    assert_eq!(driver.tui.model.session.state().iteration, 3);
}

#[test]
fn a_key_that_holds_elsewhere_says_where() {
    let mut driver = choir(LARGE);
    driver.keys("v");
    driver.shows("v means something only in Proposals (2).");
}

#[test]
fn a_fork_shows_what_its_parent_came_to() {
    let session = Session::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir")).unwrap();
    let all = Model::of_record(Replay::new(session.records.clone())).session.overview.iterations.len();
    let decided =
        session.records.iter().position(|record| matches!(record.event, Event::Decided { .. })).unwrap();
    let past = session.records[..=decided].to_vec();
    let iterations = Model::live_after(past).session.overview.iterations.len();
    assert!((2..all).contains(&iterations), "{iterations} of {all}: the draft and the first iteration");
}
