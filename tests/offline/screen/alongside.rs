//! What a session shows besides its iterations: marks in the charts, the recovery from noise, and answers from
//! several moments.

use std::path::Path;

use engine::{Command, Handle, Update};
use model::Cost;
use plan::{Edit, IdSource, NoiseKind, NoiseScope, NoiseSpec, Plan, noise};
use planscope::cli::recovery::{NoiseSummary, recovery_lines};
use problem::Problem;
use ratatui::layout::Rect;
use session::{
    Answer, BlobId, CallId, Event, Judgement, Outcome, Phase, Purpose, Record, Score, ScorePart, Settings,
    State, Subject,
};
use tui::{Glyphs, commands::OverlayKind, msg::Msg, overview::MarkKind};

use super::{
    driver::{Driver, canned_engine, one_proposal},
    fixture,
};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

fn begins(records: &[Record], phase: Phase, iteration: u32) -> usize {
    let wanted = Event::PhaseBegan { phase, iteration };
    records.iter().position(|record| record.event == wanted).expect("that phase")
}

/// Puts events where they happened, before the event at `place`.
fn insert(records: &mut Vec<Record>, place: usize, events: Vec<Event>) {
    let at_ms = records[place].at_ms;
    records.splice(place..place, events.into_iter().map(|event| Record { seq: 0, at_ms, event }));
    for (seq, record) in records.iter_mut().enumerate() {
        record.seq = seq as u64;
    }
}

fn plan_at(records: &[Record], position: usize) -> Plan {
    State::replay(&records[..position]).incumbent.expect("a plan").plan
}

fn scored(value: f64) -> Event {
    let part = ScorePart {
        name: "checker".into(),
        value: Some(value),
        weight: 1.0,
        stderr: None,
        cost: Cost::default(),
        skipped: false,
        detail: String::new(),
    };
    Event::Scored { subject: Subject::Incumbent, score: Score::from_parts(vec![part]) }
}

/// Noise on one item, and the score that the plan gets with it.
fn noised(plan: &Plan, item: &str, scheduled: bool, total: f64) -> Vec<Event> {
    let scope = NoiseScope::Items(vec![item.parse().unwrap()]);
    let spec = NoiseSpec { scope, ..NoiseSpec::new(NoiseKind::Mask, 1.0, 7) };
    let edit = noise(plan, &IdSource::of(plan), &spec);
    vec![Event::Noised { spec, edit, scheduled }, scored(total)]
}

/// The run of the pens with all that can be marked: noise before iteration 2 from which it recovers, chaos that
/// hits nothing, an edit that is taken back, a fork before iteration 3, and noise at the end.
fn eventful() -> Vec<Record> {
    let mut records = fixture::pens();
    let at = begins(&records, Phase::Propose, 2);
    let plan = plan_at(&records, at);
    insert(&mut records, at, noised(&plan, "S1", false, 0.5));
    let at = begins(&records, Phase::Propose, 3);
    let nothing = Event::Noised {
        spec: NoiseSpec::new(NoiseKind::Negate, 0.1, 3),
        edit: Edit::Batch { edits: Vec::new() },
        scheduled: true,
    };
    let pin = |on| Edit::Pin { id: "G1".parse().unwrap(), on };
    let hand = Event::HumanEdited { edit: pin(true) };
    let fork = Event::Forked {
        parent: "2026-pens".into(),
        at: at as u64 - 1,
        settings: Box::new(Settings::default()),
    };
    let undo = Event::Undone { change: at as u64 + 2, edit: pin(false) };
    insert(&mut records, at, vec![fork, nothing, hand, scored(0.9), undo, scored(0.893)]);
    let at = begins(&records, Phase::Answer, 3);
    let plan = plan_at(&records, at);
    insert(&mut records, at, noised(&plan, "T1", false, 0.4));
    records
}

fn answer(plan: &Plan, text: &str) -> Answer {
    let row = |item: &plan::Item| session::CoverageRow {
        item: item.id,
        cited: u32::from(text.contains(&format!("[{}]", item.id))),
        satisfied: None,
    };
    Answer {
        text: text.into(),
        value: Some("240".into()),
        cite: true,
        plan: Some(plan.hash()),
        coverage: plan.items().iter().map(row).collect(),
        truncated: false,
        poll: None,
        extended: 0,
        style: None,
        evaluated: None,
        unsupported: false,
    }
}

fn call(number: u32) -> [Event; 2] {
    let (request, reply) = (BlobId::of(b"request"), BlobId::of(b"reply"));
    let cost = Cost { calls: 1, generated: 31, wall_ms: 2100.0, flops: 3e11, ..Cost::default() };
    let (call, purpose, prompts) = (CallId(number), Purpose::SideAnswer, Vec::new());
    [
        Event::CallStarted { call, purpose, sequences: 1, request },
        Event::CallFinished { call, cost, prompts, batch: 1, reply, notes: Vec::new(), pressure: Vec::new() },
    ]
}

/// The run of the pens, answered from its draft as well.
fn answered_twice() -> Vec<Record> {
    let mut records = fixture::pens();
    let draft = begins(&records, Phase::Propose, 1);
    let plan = plan_at(&records, draft);
    let [started, finished] = call(90);
    let answer = answer(&plan, "80 pens remain [S2]. They bring 240 [T1].\nAnswer: 240");
    let side = Event::SideAnswered { from: draft as u64 - 1, answer, judgement: Judgement::Wrong };
    let at = begins(&records, Phase::Answer, 3);
    insert(&mut records, at, vec![started, finished, side]);
    records
}

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

#[test]
fn charts_mark_what_else_happened_and_the_cursor_tells_of_it() {
    for size in [SMALL, LARGE] {
        let mut driver = Driver::replay(eventful(), size);
        driver.keys("4=");
        for word in ["fork", "chaos", "noise", "by hand", "undo"] {
            driver.shows(word);
        }
        snapshot("marks", &mut driver);
        driver.keys("<left>");
        driver.shows("iteration 2  0.893  ≈ noise: mask 1");
        driver.keys("<right><right>");
        driver.shows("⎇ fork of 2026-pens after event");
        if size == LARGE {
            driver.shows("↶ taken back: pin G1");
        }
        driver.keys("3");
        snapshot("marks_score", &mut driver);
    }
}

#[test]
fn every_mark_has_a_sign_of_its_own_in_ascii() {
    let mut driver = Driver::replay(eventful(), LARGE);
    driver.keys("4=");
    let mut buf = driver.draw();
    Glyphs::Ascii.apply(&mut buf);
    let text: Vec<String> = (0..LARGE.1)
        .map(|y| (0..LARGE.0).map(|x| buf[Rect::new(x, y, 1, 1).as_position()].symbol()).collect())
        .collect();
    let legend = text.iter().find(|row| row.contains("chaos")).expect("a legend");
    assert!(legend.contains("F fork   w chaos   ~ noise   h by hand   u undo"), "{legend}");
}

#[test]
fn the_recovery_tells_what_became_of_each_noise() {
    for size in [SMALL, LARGE] {
        let mut driver = Driver::replay(eventful(), size);
        driver.keys("H");
        driver.shows("1 of 1 recovered; hit nothing: 1; no iteration since: 1");
        driver.shows("not enough data");
        snapshot("recovery_mean", &mut driver);
        driver.keys("<down>");
        driver.shows("▸  ≈ noise mask 1");
        driver.shows("recovered in 1");
        snapshot("recovery_one", &mut driver);
        driver.keys("<enter>");
        assert!(driver.open().is_none());
        let last = driver.tui.model.session.replay.last_applied().map(|record| &record.event);
        assert!(matches!(last, Some(Event::Noised { .. })), "{last:?}");
        // At that moment nothing is known of what comes.
        driver.keys("H");
        driver.shows("score missing: 1");
        driver.keys("<home>H");
    }
}

#[test]
fn the_recovery_is_printed_too() {
    let state = State::replay(&eventful());
    let lines = recovery_lines(&NoiseSummary::of(&state).expect("noise"), 80);
    let text = lines.join("\n");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!("recovery_printed", text);
    assert_eq!(NoiseSummary::of(&State::replay(&fixture::pens())), None);
}

#[test]
fn without_noise_the_recovery_says_so() {
    let mut driver = Driver::replay(fixture::pens(), SMALL);
    driver.keys("H");
    driver.shows("No noise was injected up to this moment. In a run, x injects some");
    driver.keys("H");
    assert!(driver.open().is_none());
}

#[test]
fn answers_stand_side_by_side_or_below_each_other() {
    for size in [SMALL, LARGE] {
        let mut driver = Driver::replay(answered_twice(), size);
        driver.keys("V");
        driver.shows("▸ the answer of the run");
        driver.shows("cites 5 of 7 items; not G1 I1");
        if size == LARGE {
            driver.shows("240   ✗ wrong");
        }
        snapshot("answers", &mut driver);
        driver.keys("<right>");
        driver.shows("▸ on request");
        driver.shows("cites 2 of 7 items; not G1 C1 C2 S1 I1");
        driver.shows("31 tokens written");
        snapshot("answers_second", &mut driver);
        driver.keys("<enter>");
        let state = driver.tui.model.session.state();
        assert_eq!((state.iteration, driver.open()), (0, None));
        assert_eq!(state.incumbent.as_ref().unwrap().total(), Some(0.645));
        driver.keys("V");
        driver.shows("▸ on request");
    }
}

#[test]
fn a_record_cannot_be_answered_from() {
    let mut driver = Driver::replay(fixture::pens(), LARGE);
    driver.keys("A");
    driver.shows("There is no run that could decode an answer; B continues from");
    assert!(driver.sent.is_empty());
    driver.keys("V<esc>");
    let mut live = Driver::live(LARGE);
    live.keys("A");
    live.shows("There is no plan at this moment to answer from.");
    live.keys("V");
    live.shows("There is no answer yet. During a run, step back to a moment and press A");
}

/// A run that is paused after its first iteration, with the draft on the screen.
fn at_the_draft() -> (Driver, u64) {
    let records = fixture::pens();
    let mut driver = Driver::live(LARGE);
    driver.events(&records[..begins(&records, Phase::Propose, 2)]);
    let draft = begins(&records, Phase::Propose, 1) as u64;
    driver.keys(&format!(":goto {draft}<enter>"));
    assert!(driver.footer().contains("A answer from here"), "{}", driver.footer());
    (driver, draft - 1)
}

#[test]
fn an_answer_from_an_earlier_moment_is_seen_as_it_comes() {
    let (mut driver, seq) = at_the_draft();
    driver.keys("A");
    let [Command::AnswerFrom { seq: asked, plan }] = &driver.sent[..] else { panic!("{:?}", driver.sent) };
    let plan = plan.clone();
    assert_eq!((*asked, driver.open()), (seq, Some(OverlayKind::Answers)));
    driver.shows(&format!("▸ on its way from event {seq}"));
    driver.shows("It waits for the running call.");
    driver.keys("A");
    driver.shows("An answer from this moment is on its way.");
    assert_eq!(driver.sent.len(), 1);
    let begin = driver.tui.model.session.replay.len() as u64;
    let [started, finished] = call(91);
    let record = |at, event| Record { seq: begin + at, at_ms: 60_000, event };
    driver.events(&[record(0, started)]);
    let of = Some((CallId(91), Purpose::SideAnswer));
    driver.tell(Msg::Update(Update::Progress { call: of, progress: fixture::text(0, "80 remain [S2") }));
    driver.shows("80 remain [S2▏");
    driver.events(&[record(1, finished)]);
    let answer = answer(&plan, "80 remain [S2].\nAnswer: 240");
    driver.events(&[record(2, Event::SideAnswered { from: seq, answer, judgement: Judgement::Wrong })]);
    driver.hides("on its way");
    driver.shows("▸ on request");
    driver.shows("plan 0.645");
    driver.shows("cites 1 of 7 items");
    assert_eq!(driver.tui.model.session.replay.position() as u64, seq + 1, "the moment stays");
    // The same plan would give the same answer.
    driver.keys("A");
    driver.shows("There is already an answer from this plan");
    assert_eq!(driver.sent.len(), 1);
}

#[test]
fn what_was_asked_for_is_forgotten_when_it_cannot_come() {
    let (mut driver, seq) = at_the_draft();
    driver.keys("A");
    let command = driver.sent[0].clone();
    driver.tell(Msg::Undelivered(command));
    driver.hides("on its way");
    driver.keys("A");
    driver.shows(&format!("on its way from event {seq}"));
    driver.tell(Msg::Update(Update::Refused { reason: "The model is not ready yet.".into() }));
    driver.hides("on its way");
    driver.keys("A");
    let end = Record {
        seq: driver.tui.model.session.replay.len() as u64,
        at_ms: 70_000,
        event: Event::Ended { outcome: Outcome::Interrupted },
    };
    driver.events(&[end]);
    driver.shows("The run ended before it was decoded.");
}

/// An engine whose model says the same each time.
fn engine(dir: &Path) -> Handle {
    let replies = [
        ("Improve the plan", " C1: boxes = 20"),
        ("Answer", "There are 120 [S1].\nAnswer: 120"),
        ("", "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens"),
    ];
    let problem = Problem::new("pens", "free", "How many pens are in 20 boxes of 6?");
    canned_engine(dir, problem, one_proposal(4), &replies)
}

#[tokio::test]
async fn a_real_engine_answers_from_the_moment_looked_at_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = Driver::of_engine(engine(dir.path()), LARGE);
    driver.settle().await;
    driver.keys("2n");
    driver.settle().await;
    let iterations = driver.tui.model.session.overview.iterations.len();
    driver.keys(":iteration 0<enter>A");
    driver.settle().await;
    driver.shows("▸ on request");
    let moment = driver.tui.model.session.replay.position() as u64 - 1;
    driver.shows(&format!("event {moment} · iteration"));
    assert_eq!(
        driver.tui.model.session.overview.iterations.len(),
        iterations,
        "the run stands where it stood"
    );
    driver.keys("<esc><end>c");
    driver.settle().await;
    assert!(driver.tui.model.session.engine().unwrap().over());
    assert_eq!(driver.tui.model.session.state().side_answers.len(), 1);
    driver.keys("V");
    driver.shows("▸ the answer of the run");
    driver.shows("  on request");
    let marked: Vec<_> = driver.tui.model.session.overview.marks_at(0).map(|mark| mark.kind).collect();
    assert_eq!(marked, [MarkKind::SideAnswer]);
}
