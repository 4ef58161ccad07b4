//! Forced text: planted in a record and in a scripted run, and absent from clean ones.

use diagnose::passive;
use engine::{Run, Start, Update};
use model::scripted::{ReplyScript, ScriptedBackend};
use model::{Cost, PressedLine, Pressure};
use session::{
    BlobId, CallId, Candidate, CandidateStatus, Event, Finding, FindingVerdict, Manifest, Purpose,
    SessionWriter, Settings, State,
};
use support::walks::{Signal, World, settings};

const FORCED: &str = "answerikiwikiwiki = remaining_pens * 3";

fn world() -> World {
    World::new(settings(1, "greedy"), Signal::Constant)
}

fn pressed(nats: f64) -> Pressure {
    let line = PressedLine { text: FORCED.into(), choice: nats, fixed: 0.5 };
    Pressure { choice: nats + 1.0, fixed: 0.5, lines: vec![line] }
}

/// A call whose texts were written under this pressure.
fn call(world: &mut World, number: u32, purpose: Purpose, pressure: Vec<Option<Pressure>>) -> u64 {
    let (call, blob) = (CallId(number), BlobId::of(b"{}"));
    let sequences = pressure.len() as u32;
    world.push(Event::CallStarted { call, purpose, sequences, request: blob.clone() });
    let cost = Cost { calls: 1, ..Cost::default() };
    let (prompts, notes) = (Vec::new(), Vec::new());
    world.push(Event::CallFinished { call, cost, prompts, batch: 1, reply: blob, notes, pressure });
    world.records.len() as u64 - 1
}

fn candidate(reply: &str, nats: f64, status: CandidateStatus) -> Candidate {
    Candidate {
        canvas: None,
        index: 0,
        kind: "replace".into(),
        proposer: None,
        reply: reply.into(),
        seed: 0,
        edit: None,
        hash: None,
        confidence: Default::default(),
        pressure: Some(pressed(nats)),
        tokens: None,
        status,
        drawn: None,
    }
}

fn number(found: &Finding, label: &str) -> f64 {
    found.evidence.iter().find(|row| row.label == label).map(|row| row.value).expect("that number")
}

#[test]
fn forced_text_is_quoted_with_its_calls_and_repetitions() {
    let mut world = world();
    call(&mut world, 1, Purpose::Draft, vec![Some(Pressure::default())]);
    call(&mut world, 3, Purpose::Propose, vec![Some(pressed(8.0)), None, Some(pressed(6.9))]);
    let invalid = || CandidateStatus::Invalid { reason: "It is no edit.".into() };
    let twice = vec![candidate("S4: a", 8.0, invalid()), candidate("S5: b", 6.9, invalid())];
    world.push(Event::Proposed { candidates: twice });
    let worst = call(&mut world, 5, Purpose::Propose, vec![Some(pressed(14.25)), Some(pressed(9.0))]);
    let again = vec![
        candidate("S4: a", 14.25, invalid()),
        candidate("S6: c", 9.0, CandidateStatus::Duplicate { first_seen: 1 }),
    ];
    world.push(Event::Proposed { candidates: again });
    let found = world.found("forced");
    assert_eq!((found.verdict, found.at), (FindingVerdict::Fault, Some(worst)));
    assert_eq!(
        found.sentence,
        format!(
            "The grammar forced the model into “{FORCED}”: 14.2 nats, call 5, propose; 3 such lines in calls 3, 5. \
             2 of 3 forced proposals repeat an earlier one."
        )
    );
    assert_eq!(number(&found, "texts written under a grammar"), 5.0);
    assert_eq!(number(&found, "lines above the limit"), 3.0);
    assert!(found.advice.is_some());
}

#[test]
fn little_pressure_is_clear_and_none_measured_is_not_enough_data() {
    let mut world = world();
    assert_eq!(world.found("forced").verdict, FindingVerdict::Undecided);
    call(&mut world, 1, Purpose::Draft, Vec::new());
    // A person's side requests are not its doing.
    call(&mut world, 2, Purpose::Diagnose, vec![Some(pressed(20.0))]);
    let found = world.found("forced");
    assert_eq!(found.verdict, FindingVerdict::Undecided);
    assert!(found.sentence.starts_with("No grammar pressure was recorded"), "{}", found.sentence);
    call(&mut world, 3, Purpose::Propose, vec![Some(pressed(6.9))]);
    let found = world.found("forced");
    assert_eq!((found.verdict, found.at), (FindingVerdict::Clear, None));
    assert_eq!(number(&found, "texts written under a grammar"), 1.0);
}

const SCRIPT: &str = r#"
[[reply]]
text = """
C1: boxes = 20
C2: pens_per_box = 6
S1 <- C1 C2: total = boxes * pens_per_box
S2 <- S1: answerikiwikiwiki = total * 3
"""
pressure = [0.1, 0, 0.4, PLANTED]

[[reply]]
text = " S2 <- S1: answerikiwikiwiki = total * 3"
pressure = [PLANTED]
repeat = true

[[reply]]
logprobs = [-0.3, -1.4]
repeat = true
"#;

/// A run of the real engine on a script, with this pressure where the text looks forced.
async fn run(planted: &str) -> (State, Finding) {
    let script: ReplyScript = toml::from_str(&SCRIPT.replace("PLANTED", planted)).unwrap();
    let settings = Settings { iterations: 3, fruitless: 0, ..Settings::default() };
    let problem = problem::load("pens").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let created = "2026-01-01T00:00:00Z".parse().unwrap();
    let manifest = Manifest::new(&engine::machine::card(&problem), "canned", settings.seed, created);
    let mut handle = engine::start(Run {
        problem: problem.into(),
        start: Start::New(Box::new(settings)),
        backend: Box::new(ScriptedBackend::new(script)),
        writer: SessionWriter::create(&dir.path().join("session"), manifest).unwrap(),
    });
    let mut records = Vec::new();
    while let Some(update) = handle.updates.recv().await {
        if let Update::Event(record) = update {
            records.push(*record);
        }
    }
    let state = State::replay(&records);
    let found = passive::look(&records, &state, |check| check == "forced").remove(0);
    (state, found)
}

#[tokio::test]
async fn a_run_records_the_pressure_on_its_draft_and_on_each_proposal() {
    let (state, found) = run("12.5").await;
    assert_eq!(found.verdict, FindingVerdict::Fault, "{found:?}");
    let quoted =
        "The grammar forced the model into “S2 <- S1: answerikiwikiwiki = total * 3”: 12.5 nats, call ";
    assert!(found.sentence.starts_with(quoted), "{}", found.sentence);
    let proposals = number(&found, "proposals with such a line");
    assert!(proposals >= 3.0 && number(&found, "of these, repetitions") >= 1.0, "{found:?}");
    let pressures: Vec<f64> = state
        .candidates
        .iter()
        .filter_map(|view| view.candidate.pressure.as_ref())
        .map(|pressure| pressure.choice)
        .collect();
    assert!(!pressures.is_empty() && pressures.iter().all(|nats| *nats == 12.5), "{pressures:?}");
    let (_, found) = run("0.5").await;
    assert_eq!(found.verdict, FindingVerdict::Clear, "{found:?}");
}
