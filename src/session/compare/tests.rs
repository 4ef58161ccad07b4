use super::*;
use crate::{
    candidate::{Candidate, CandidateStatus},
    event::{BlobId, CallId, CheckSummary, Phase, ProblemCard, Record, Subject},
    score::{Score, ScorePart, Verdict},
};
use model::PromptUse;
use plan::parse;

/// Writes a small run: a draft, one proposal that the gate rules on, an answer.
struct Script {
    records: Vec<Record>,
    plan: Plan,
    /// How slow everything is.
    pace: u64,
}

impl Script {
    fn new(draft: &str, pace: u64) -> Self {
        let problem = ProblemCard {
            reference: "pens".to_owned(),
            title: "Pens".to_owned(),
            family: "math".to_owned(),
            text: String::new(),
            has_gold: true,
        };
        let settings = Box::new(Settings::default());
        let mut script = Self { records: Vec::new(), plan: parse(draft).unwrap(), pace };
        script.push(Event::Started { problem, settings });
        script.call(1, Purpose::Draft);
        let plan = script.plan.clone();
        script.push(Event::Drafted { plan, confidence: Default::default() });
        script.score(Subject::Incumbent, 0.5);
        script
    }

    fn push(&mut self, event: Event) {
        let seq = self.records.len() as u64;
        self.records.push(Record { seq, at_ms: seq * self.pace, event });
    }

    /// A call that takes its time; its reply holds that time too.
    fn call(&mut self, number: u32, purpose: Purpose) {
        let (call, wall_ms) = (CallId(number), self.pace as f64);
        let request = BlobId::of(format!("request {number}").as_bytes());
        let reply = BlobId::of(format!("reply {number} in {wall_ms}").as_bytes());
        self.push(Event::CallStarted { call, purpose, sequences: 1, request });
        let cost = Cost { calls: 1, generated: 10, fresh: self.pace, wall_ms, ..Cost::default() };
        let prompts = vec![PromptUse { tokens: 50, cached: self.pace as u32 }];
        self.push(Event::CallFinished {
            call,
            cost,
            prompts,
            batch: 1,
            reply,
            notes: Vec::new(),
            pressure: Vec::new(),
        });
    }

    fn score(&mut self, subject: Subject, total: f64) {
        let part = ScorePart {
            name: "structure".to_owned(),
            value: Some(total),
            weight: 1.0,
            stderr: None,
            cost: Cost { wall_ms: self.pace as f64, ..Cost::default() },
            skipped: false,
            detail: String::new(),
        };
        self.push(Event::Scored { subject, score: Score::from_parts(vec![part]) });
    }

    fn iteration(&mut self, iteration: u32, text: &str, ruling: Ruling) {
        self.push(Event::PhaseBegan { phase: Phase::Propose, iteration });
        self.call(iteration + 1, Purpose::Propose);
        let edit = Edit::Replace { id: "S2".parse().unwrap(), text: text.to_owned() };
        let candidate = Candidate {
            canvas: None,
            index: 0,
            kind: "replace".to_owned(),
            reply: edit.summary(),
            seed: 1,
            edit: Some(edit),
            hash: None,
            proposer: None,
            confidence: Default::default(),
            pressure: None,
            tokens: None,
            status: CandidateStatus::Ready,
            drawn: None,
        };
        self.push(Event::Proposed { candidates: vec![candidate] });
        self.push(Event::Checked { subject: Subject::Candidate(0), summary: CheckSummary::default() });
        self.score(Subject::Candidate(0), 0.9);
        let verdict = Verdict {
            candidate: 0,
            ruling,
            reason: "by the gate".to_owned(),
            before: Some(0.5),
            after: Some(0.9),
            probability: None,
            draw: None,
            control: None,
        };
        self.push(Event::Decided { verdicts: vec![verdict] });
    }

    fn compared(self, name: &str) -> Compared {
        let Event::Started { problem, .. } = &self.records[0].event else { panic!("no start") };
        Compared {
            name: name.to_owned(),
            manifest: Manifest::new(problem, "tiny", 7, "2026-01-02T03:04:05Z".parse().unwrap()),
            damage: None,
            replay: Replay::new(self.records),
        }
    }
}

const DRAFT: &str = "S1: total = 20 * 6\nS2: remaining = total - 40";

fn settings(comparison: &Comparison) -> Vec<(&str, Option<Value>, Option<Value>)> {
    comparison.settings.iter().map(|d| (d.key.as_str(), d.left.clone(), d.right.clone())).collect()
}

#[test]
fn runs_that_differ_in_time_alone_do_not_diverge() {
    let run = |pace| {
        let mut script = Script::new(DRAFT, pace);
        script.iteration(1, "remaining = total - 45", Ruling::Accept);
        script.compared("a")
    };
    let found = compare(&run(1), &run(30)).unwrap();
    assert_eq!((&found.records, &found.outcomes), (&None, &None));
    assert!(found.settings.is_empty());
    assert!(found.plans.unwrap().iter().all(|row| row.kind == RowKind::Same));
    assert_eq!(found.left.spent.cost.unwrap().fresh, 2, "the cost itself is shown as it is");
    assert_eq!(found.right.spent.cost.unwrap().fresh, 60);
}

#[test]
fn the_first_difference_is_named_on_both_sides() {
    let mut left = Script::new(DRAFT, 1);
    left.iteration(1, "remaining = total - 45", Ruling::Accept);
    let mut right = Script::new(DRAFT, 1);
    right.iteration(1, "remaining = total - 44", Ruling::Reject);
    let found = compare(&left.compared("a"), &right.compared("b")).unwrap();
    let Some(Divergence { left: Some(one), right: Some(other) }) = found.records.clone() else {
        panic!("{:?}", found.records)
    };
    assert_eq!((one.seq, one.iteration, one.kind), (8, 1, "proposed"));
    assert_eq!(one.text, "candidate 1: replace S2: remaining = total - 45");
    assert_eq!(other.text, "candidate 1: replace S2: remaining = total - 44");
    assert_eq!(found.outcomes, found.records);
    assert_eq!(found.iterations[1].plans_differ, Some(true), "one took the proposal, the other did not");
    let rows = found.plans.unwrap();
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [RowKind::Same, RowKind::Changed]);
    assert!(rows[1].left.as_ref().unwrap().ends_with("- 45"), "{rows:?}");
    assert!(rows[1].right.as_ref().unwrap().ends_with("- 40"), "the right one kept its draft: {rows:?}");
}

#[test]
fn a_fork_parts_from_its_parent_where_it_began_and_again_where_it_does_something_else() {
    let mut parent = Script::new(DRAFT, 1);
    parent.iteration(1, "remaining = total - 45", Ruling::Accept);
    parent.iteration(2, "remaining = total - 46", Ruling::Reject);
    let mut fork = Script::new(DRAFT, 1);
    fork.iteration(1, "remaining = total - 45", Ruling::Accept);
    let at = fork.records.len() as u64 - 1;
    let other = Settings {
        seed: 2,
        gate: crate::GateSettings::new("threshold", [("margin", crate::GateValue::Real(0.1))]),
        ..Settings::default()
    };
    fork.push(Event::Forked { parent: "a".to_owned(), at, settings: Box::new(other) });
    fork.iteration(2, "remaining = total - 46", Ruling::Accept);
    let found = compare(&parent.compared("a"), &fork.compared("b")).unwrap();
    let seq = |note: &Option<EventNote>| note.as_ref().map(|note| (note.seq, note.kind));
    let records = found.records.as_ref().unwrap();
    assert_eq!(seq(&records.left), Some((at + 1, "phase_began")));
    assert_eq!(seq(&records.right), Some((at + 1, "forked")));
    let outcomes = found.outcomes.as_ref().unwrap();
    assert_eq!(seq(&outcomes.left), Some((at + 7, "decided")));
    assert_eq!(seq(&outcomes.right), Some((at + 8, "decided")));
    assert_eq!(outcomes.right.as_ref().unwrap().text, "candidate 1: accept, by the gate");
    let number = |n: f64| Some(Value::from(n));
    assert_eq!(
        settings(&found),
        [
            ("gate.margin", None, number(0.1)),
            ("gate.rule", Some("greedy".into()), Some("threshold".into())),
            ("seed", Some(1.into()), Some(2.into())),
        ]
    );
}

#[test]
fn iterations_are_paired_and_what_is_missing_is_absent() {
    let mut left = Script::new(DRAFT, 1);
    left.iteration(1, "remaining = total - 45", Ruling::Accept);
    left.iteration(2, "remaining = total - 46", Ruling::Reject);
    let mut right = Script::new(DRAFT, 1);
    right.records.retain(|record| !matches!(record.event, Event::CallFinished { .. }));
    right.records.iter_mut().zip(0..).for_each(|(record, seq)| record.seq = seq);
    let found = compare(&left.compared("a"), &right.compared("b")).unwrap();
    let shape: Vec<(u32, bool, bool)> = found
        .iterations
        .iter()
        .map(|pair| (pair.iteration, pair.left.is_some(), pair.right.is_some()))
        .collect();
    assert_eq!(shape, [(0, true, true), (1, true, false), (2, true, false)]);
    assert_eq!((found.iterations[0].plans_differ, found.iterations[1].plans_differ), (Some(false), None));
    let first = found.iterations[1].left.as_ref().unwrap();
    assert_eq!(first.accepted.as_deref(), Some("replace S2: remaining = total - 45"));
    assert_eq!((first.total, first.generated), (Some(0.9), Some(20)));
    assert_eq!(found.iterations[2].left.as_ref().unwrap().accepted, None);
    assert_eq!((found.right.spent.cost, found.iterations[0].right.as_ref().unwrap().generated), (None, None));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["right"]["cost"], Value::Null);
    assert_eq!(json["left"]["cost"]["generated"], 30);
    let parted = found.outcomes.unwrap();
    assert_eq!((parted.left.unwrap().kind, parted.right), ("proposed", None));
}
