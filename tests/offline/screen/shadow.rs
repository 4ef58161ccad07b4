//! Refinement next to plain decoding at the same cost, on the screen.

use engine::Command;
use plan::PlanHash;
use problem::{Gold, Problem};
use session::{
    Ballot, Event, Judgement, Phase, PlainAnswer, Record, Settings, ShadowPoint, ShadowSide, State,
};
use tui::commands::OverlayKind;

use super::{
    driver::{Driver, canned_engine, one_proposal},
    fixture,
};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const WIDE: (u16, u16) = (200, 60);

fn plain(value: &str, judgement: Judgement) -> PlainAnswer {
    let ballot =
        Ballot { value: Some(value.into()), votes: 0, score: None, tokens: 96, truncated: false, seed: 1 };
    PlainAnswer { ballot, judgement }
}

fn side(tokens: u64, value: &str, judgement: Judgement) -> ShadowSide {
    ShadowSide { tokens, value: Some(value.into()), judgement }
}

/// The run of the pens, compared after the draft and each of its three iterations: refinement is ahead, level, and then
/// behind.
fn compared() -> Vec<Record> {
    use Judgement::{Correct, Wrong};
    let mut records = fixture::pens();
    let plan = State::replay(&records).incumbent.map(|view| view.plan.hash()).expect("a plan");
    let point = |iteration, refined: ShadowSide, plain: Option<ShadowSide>, fresh| {
        let plan: PlanHash = plan;
        let point = Box::new(ShadowPoint { iteration, plan, length: 60, refined, plain, fresh });
        Event::Shadowed { point }
    };
    let points = [
        (Phase::Propose, 1, point(0, side(150, "225", Correct), None, vec![])),
        (
            Phase::Propose,
            2,
            point(
                1,
                side(290, "225", Correct),
                Some(side(192, "75", Wrong)),
                vec![plain("75", Wrong), plain("225", Correct)],
            ),
        ),
        (Phase::Propose, 3, point(2, side(412, "75", Wrong), Some(side(192, "75", Wrong)), vec![])),
        (
            Phase::Answer,
            3,
            point(3, side(540, "75", Wrong), Some(side(480, "225", Correct)), vec![plain("225", Correct); 3]),
        ),
    ];
    for (phase, iteration, event) in points {
        let wanted = Event::PhaseBegan { phase, iteration };
        let at = records.iter().position(|record| record.event == wanted).expect("that phase");
        let at_ms = records[at].at_ms;
        records.insert(at, Record { seq: 0, at_ms, event });
    }
    for (seq, record) in records.iter_mut().enumerate() {
        record.seq = seq as u64;
        if let Event::Started { settings, .. } = &mut record.event {
            **settings = Settings { shadow: true, ..(**settings).clone() };
        }
    }
    records
}

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

#[test]
fn the_timeline_marks_where_refinement_is_losing() {
    for size in [SMALL, LARGE, WIDE] {
        let mut driver = Driver::replay(compared(), size);
        driver.shows("⇓ losing");
        driver.keys("4=");
        driver.shows("⇓ behind plain decoding");
        snapshot("timeline", &mut driver);
        driver.keys("<end>");
        driver.shows("plain decoding answers 225, right (480 tokens)");
    }
}

#[test]
fn the_table_tells_who_was_ahead_when() {
    for size in [SMALL, LARGE, WIDE] {
        let mut driver = Driver::replay(compared(), size);
        driver.keys("U");
        driver.shows("Plain decoding has been ahead since iteration 3.");
        driver.shows("no answer yet");
        driver.shows("(5 answers)");
        snapshot("table", &mut driver);
        driver.keys("<up><up><enter>");
        assert_eq!(driver.open(), None);
        let last = driver.tui.model.session.replay.last_applied().map(|record| &record.event);
        assert!(matches!(last, Some(Event::Shadowed { point }) if point.iteration == 1), "{last:?}");
        // At that moment nothing is known of what comes.
        driver.keys("U");
        driver.shows("Refinement is ahead.");
        driver.keys("U");
        assert_eq!(driver.open(), None);
    }
}

#[test]
fn a_run_without_it_says_how_to_have_it() {
    let mut driver = Driver::replay(fixture::pens(), SMALL);
    driver.keys("U");
    driver.shows("In a run, I starts it");
    driver.keys("<esc>I");
    assert!(driver.sent.is_empty());
    let mut live = Driver::live(SMALL);
    live.events(&fixture::pens()[..30]);
    live.keys("I");
    assert_eq!(live.sent, [Command::Shadow(true)]);
}

#[tokio::test]
async fn it_runs_beside_a_real_engine() {
    let dir = tempfile::tempdir().unwrap();
    let replies = [
        ("Improve the plan", " C1: boxes = 20"),
        ("step by step and solve", "20 times 6 is 120.\nAnswer: 120"),
        ("total = boxes * pens", "There are 120 [S1].\nAnswer: 120"),
        ("", "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens"),
    ];
    let problem = Problem::new("pens", "free", "How many pens are in 20 boxes of 6?")
        .with_gold(Gold::new(Some("120".into()), vec![]));
    let mut driver = Driver::of_engine(canned_engine(dir.path(), problem, one_proposal(1), &replies), LARGE);
    driver.keys("I");
    driver.keys("n");
    driver.settle().await;
    driver.keys("U");
    assert_eq!(driver.open(), Some(OverlayKind::Shadow));
    driver.shows("Both are right.");
}
