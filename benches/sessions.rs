//! What it costs to open a session of a million events, to go to any place in it, and to look for probes.
//!
//! `cargo bench --no-default-features --bench sessions`, with `PLANSCOPE_BENCH_EVENTS` for another size. The
//! session is written once, with the lengths that records of a run on a small problem have.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::{
    hint::black_box,
    path::Path,
    sync::{LazyLock, atomic::AtomicBool},
    time::Instant,
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{Cost, PromptUse};
use plan::{Edit, Origin, Plan, parse};
use probe::{Direction, Probes, all_hits, next_hit};
use session::{
    BlobId, CallId, Candidate, CandidateStatus, CheckSummary, CheckedItem, Event, Journal, Manifest, Outcome,
    Phase, ProblemCard, Purpose, Record, Replay, Ruling, Score, ScorePart, SessionWriter, Settings, State,
    Subject, Verdict,
};

/// A search that nobody stops.
static NEVER: AtomicBool = AtomicBool::new(false);

const CANDIDATES: u32 = 4;

fn events() -> usize {
    let events = std::env::var("PLANSCOPE_BENCH_EVENTS").ok().and_then(|events| events.parse().ok());
    events.unwrap_or(1_000_000)
}

/// The session on disk, deleted when the program ends.
static SESSION: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a directory");
    let began = Instant::now();
    Run::write(&dir.path().join("session"), events());
    println!("wrote {} events in {:.1} s", events(), began.elapsed().as_secs_f64());
    dir
});

fn journal() -> Journal {
    Journal::open(&SESSION.path().join("session")).expect("a whole session")
}

/// Writes a run that continues until there are enough events.
struct Run {
    writer: SessionWriter,
    seq: u64,
    calls: u32,
    plan: Plan,
}

impl Run {
    fn write(dir: &Path, events: usize) {
        let problem = ProblemCard {
            reference: "bench".to_owned(),
            title: "A long run".to_owned(),
            family: "math".to_owned(),
            text: "How many are left?".to_owned(),
            has_gold: false,
        };
        let manifest = Manifest::new(&problem, "none", 1, "2026-01-02T03:04:05Z".parse().expect("a time"));
        let plan = (2..10).fold("C1: there are 20 boxes of pens in the shop".to_owned(), |text, number| {
            format!("{text}\nS{number} <- C1: amount {number} = 20 * 6 - {number} * 45 + 7 * 11")
        });
        let plan = parse(&plan).expect("a plan");
        let writer = SessionWriter::create(dir, manifest).expect("a session");
        let mut run = Self { writer, seq: 0, calls: 0, plan };
        run.push(Event::Started { problem, settings: Box::new(Settings::default()) });
        run.push(Event::Drafted { plan: run.plan.clone(), confidence: Default::default() });
        run.push(Event::Scored { subject: Subject::Incumbent, score: score(0.3) });
        let mut iteration = 0;
        while (run.seq as usize) < events {
            iteration += 1;
            run.iteration(iteration);
        }
        run.writer.finish(&Outcome::Interrupted).expect("an end");
    }

    fn push(&mut self, event: Event) {
        let record = Record { seq: self.seq, at_ms: 40 * self.seq, event };
        self.writer.append(&record).expect("a record");
        self.seq += 1;
    }

    fn call(&mut self, purpose: Purpose) {
        self.calls += 1;
        let (call, blob) = (CallId(self.calls), BlobId::of(&self.calls.to_le_bytes()));
        self.push(Event::CallStarted { call, purpose, sequences: CANDIDATES, request: blob.clone() });
        let cost =
            Cost { calls: 1, generated: 120, fresh: 480, cached: 2_048, wall_ms: 812.5, ..Cost::default() };
        let prompts = vec![PromptUse { tokens: 600, cached: 512 }; CANDIDATES as usize];
        self.push(Event::CallFinished {
            call,
            cost,
            prompts,
            batch: CANDIDATES,
            reply: blob,
            notes: Vec::new(),
            pressure: Vec::new(),
        });
    }

    fn iteration(&mut self, iteration: u32) {
        let phase = |phase| Event::PhaseBegan { phase, iteration };
        self.push(phase(Phase::Propose));
        self.call(Purpose::Propose);
        let candidates: Vec<Candidate> =
            (0..CANDIDATES).map(|index| self.candidate(iteration, index)).collect();
        self.push(Event::Proposed { candidates: candidates.clone() });
        self.push(phase(Phase::Score));
        self.call(Purpose::Score("self_check"));
        let accepted = iteration.is_multiple_of(5);
        for index in 0..CANDIDATES {
            let subject = Subject::Candidate(index);
            self.push(Event::Checked { subject, summary: check(&self.plan) });
            self.push(Event::Scored {
                subject,
                score: score(0.2 + f64::from((iteration + index) % 60) / 100.0),
            });
        }
        self.push(phase(Phase::Decide));
        let verdict = |index| Verdict {
            candidate: index,
            ruling: if accepted && index == 0 { Ruling::Accept } else { Ruling::Reject },
            reason: "0.412 is not above the incumbent's 0.418, so it stays out".to_owned(),
            before: Some(0.418),
            after: Some(0.412),
            probability: None,
            draw: None,
            control: None,
        };
        self.push(Event::Decided { verdicts: (0..CANDIDATES).map(verdict).collect() });
        if accepted && let Some(edit) = &candidates[0].edit {
            self.plan = edit.apply(&self.plan, Origin::Refined).expect("it applies").0;
        }
    }

    fn candidate(&self, iteration: u32, index: u32) -> Candidate {
        let text = format!("amount = 20 * 6 - {iteration} * {index} + 7 * 11");
        let id = self.plan.items()[1 + (iteration + index) as usize % 8].id;
        let edit = Edit::Replace { id, text: text.clone() };
        let hash = edit.apply(&self.plan, Origin::Refined).expect("it applies").0.hash();
        Candidate {
            canvas: None,
            index,
            kind: "replace".to_owned(),
            reply: format!("replace {id}: {text}"),
            seed: 0xfeed_beef,
            edit: Some(edit),
            hash: Some(hash),
            proposer: None,
            confidence: Default::default(),
            pressure: None,
            tokens: None,
            status: CandidateStatus::Ready,
            drawn: None,
        }
    }
}

fn score(checker: f64) -> Score {
    let part = |name: &str, value, weight| ScorePart {
        name: name.to_owned(),
        value: Some(value),
        weight,
        stderr: None,
        cost: Cost::default(),
        skipped: false,
        detail: "all items are linked; the end is reached".to_owned(),
    };
    Score::from_parts(vec![
        part("structure", 0.75, 0.2),
        part("checker", checker, 0.5),
        part("self_check", 0.5, 0.3),
    ])
}

fn check(plan: &Plan) -> CheckSummary {
    let item = |item: &plan::Item| CheckedItem { item: item.id, satisfied: true, value: Some("75".into()) };
    CheckSummary {
        score: Some(0.5),
        items: plan.items().iter().map(item).collect(),
        ..CheckSummary::default()
    }
}

fn opening(c: &mut Criterion) {
    let mut group = c.benchmark_group("open");
    LazyLock::force(&SESSION);
    group.sample_size(10);
    group.bench_function("open a session and stand before its first event", |b| {
        b.iter(|| black_box(journal().into_replay().len()));
    });
    group.finish();
}

fn seeking(c: &mut Criterion) {
    let mut replay = journal().into_replay();
    let began = Instant::now();
    replay.seek(usize::MAX);
    println!("the first seek to the end takes {:.2} s", began.elapsed().as_secs_f64());
    let mut group = c.benchmark_group("seek");
    let len = replay.len();
    let mut at = 1;
    group.bench_function("to any place", |b| {
        b.iter(|| {
            // A full-period generator: places without a pattern, the same in every run.
            at = (at * 5 + 1_234_567) % len;
            replay.seek(at);
            black_box(replay.state().iteration)
        });
    });
    replay.seek(usize::MAX);
    group.bench_function("one event back, near the end", |b| {
        b.iter(|| {
            if !replay.backward() {
                replay.seek(usize::MAX)
            }
        });
    });
    group.finish();
}

fn probing(c: &mut Criterion) {
    let definitions = ["best - score > 0.2 && iteration > 3", "catch duplicate", "watch S3", "watch best"];
    let mut probes = Probes::default();
    for definition in definitions {
        probes.add(definition.parse().expect("a probe"), &State::default()).expect("known names");
    }
    let journal = journal();
    let some = journal.records(0..100_000).expect("whole records");
    let mut group = c.benchmark_group("probe");
    group.sample_size(10);
    group.throughput(Throughput::Elements(some.len() as u64));
    group.bench_function("fold alone, records at hand", |b| b.iter(|| State::replay(&some).events));
    group.bench_function("fold and four probes, records at hand", |b| {
        b.iter(|| {
            let (mut state, mut probes, mut hits) = (State::default(), probes.clone(), 0);
            for record in &some {
                state.apply(record);
                hits += probes.observe(&state, record).len();
            }
            hits
        });
    });
    drop(some);
    let mut replay: Replay = journal.into_replay();
    group.throughput(Throughput::Elements(replay.len() as u64));
    group.bench_function("all hits of a session on disk", |b| {
        b.iter(|| {
            let mut hits = 0;
            all_hits(&replay, probes.clone(), |_| hits += 1).map(|()| hits)
        });
    });
    replay.seek(usize::MAX);
    let never = {
        let mut probes = Probes::default();
        probes.add("best > 2".parse().expect("a probe"), &State::default()).expect("known names");
        probes
    };
    group.bench_function("search backwards through all of it in vain", |b| {
        b.iter(|| {
            next_hit(&replay, &never, usize::MAX, Direction::Backward, &NEVER).map(|found| found.is_none())
        });
    });
    group.finish();
}

criterion_group!(benches, opening, seeking, probing);
criterion_main!(benches);
