//! A run written by hand: every event in the order in which an engine reports them.

use model::{Cost, Delta, ModelInfo, Progress, PromptUse};
use plan::{Edit, ItemId, Origin, Plan, parse};
use session::{
    Answer, AnswerStyle, BlobId, CallId, Candidate, CandidateStatus, CheckFinding, CheckSummary, CheckedItem,
    CoverageRow, Event, Judgement, Outcome, Phase, ProblemCard, Purpose, Record, RefinementStop, Ruling,
    Score, ScorePart, Settings, Severity, Subject, Verdict,
};

const DRAFT: &str = "\
G1: money earned from the remaining pens
  C1: 20 boxes hold 6 pens each
  C2: 40 pens are already sold
  S1 <- C1: total = 20 * 6
  S2 <- S1 C2: remaining = total - 40
  T1 <- S2: calc(remaining * 3)
I1: remaining is never negative
";

const ANSWER: &str = "There are 20 boxes with 6 pens each [C1], so 120 pens in all [S1]. \
After 45 are sold [C2], 75 remain [S2]. They bring 75 * 3 = 225 [T1].\nAnswer: 225";

/// Writes records one after the other, with the clock advancing.
pub struct Script {
    pub records: Vec<Record>,
    pub plan: Plan,
    ms: u64,
    calls: u32,
}

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

impl Script {
    fn push(&mut self, ms: u64, event: Event) {
        self.ms += ms;
        self.records.push(Record { seq: self.records.len() as u64, at_ms: self.ms, event });
    }

    fn phase(&mut self, phase: Phase, iteration: u32) {
        self.push(1, Event::PhaseBegan { phase, iteration });
    }

    fn call(&mut self, purpose: Purpose, sequences: u32, cost: (u64, u64, u64), ms: u64) {
        self.calls += 1;
        let call = CallId(self.calls);
        let blob = |side: &str| BlobId::of(format!("{side} {}", self.calls).as_bytes());
        let (request, reply) = (blob("request"), blob("reply"));
        self.push(0, Event::CallStarted { call, purpose, sequences, request });
        let (generated, fresh, cached) = cost;
        let flops = (fresh as f64) * 3.1e9;
        let wall_ms = ms as f64;
        let cost =
            Cost { calls: 1, generated, thinking: 0, fresh, cached, logits: generated, flops, wall_ms };
        let prompts = vec![PromptUse { tokens: 310, cached: 280 }; sequences as usize];
        self.push(
            ms,
            Event::CallFinished {
                call,
                cost,
                prompts,
                batch: sequences,
                reply,
                notes: Vec::new(),
                pressure: Vec::new(),
            },
        );
    }

    fn check(&mut self, subject: Subject, plan: &Plan) {
        self.push(2, Event::Checked { subject, summary: check(plan) });
    }

    fn scored(&mut self, subject: Subject, plan: &Plan, values: [Option<f64>; 3]) {
        self.check(subject, plan);
        self.push(3, Event::Scored { subject, score: score(values) });
    }

    /// One iteration with these edits; `accept` is the one that is taken, if any.
    fn iteration(&mut self, number: u32, edits: &[(&str, Proposal)], accept: Option<u32>, before: f64) {
        self.phase(Phase::Propose, number);
        self.call(Purpose::Propose, edits.len() as u32, (64, 190, 1240), 2900);
        let candidates: Vec<Candidate> = edits
            .iter()
            .enumerate()
            .map(|(at, (kind, what))| what.candidate(at as u32, kind, number))
            .collect();
        let plans: Vec<Option<Plan>> = candidates.iter().map(|c| self.after(c)).collect();
        self.push(4, Event::Proposed { candidates });
        self.phase(Phase::Score, number);
        self.call(Purpose::Score("self_check"), 4, (0, 96, 1610), 700);
        let mut verdicts = Vec::new();
        for (at, (_, what)) in edits.iter().enumerate() {
            let at = at as u32;
            let after = plans[at as usize].as_ref().map(|plan| {
                let values = what.values.expect("a usable proposal has values");
                self.scored(Subject::Candidate(at), plan, values);
                score(values).total.unwrap()
            });
            verdicts.push(verdict(at, before, after, accept == Some(at)));
        }
        self.phase(Phase::Decide, number);
        self.push(1, Event::Decided { verdicts });
        if let Some(taken) = accept.and_then(|at| plans[at as usize].clone()) {
            self.plan = taken;
        }
    }

    fn after(&self, candidate: &Candidate) -> Option<Plan> {
        let ready = candidate.status == CandidateStatus::Ready;
        let edit = candidate.edit.as_ref().filter(|_| ready)?;
        Some(edit.apply(&self.plan, Origin::Refined).unwrap().0)
    }
}

/// A proposed edit, and what the scorers will say of it.
pub struct Proposal {
    reply: &'static str,
    edit: Option<Edit>,
    status: CandidateStatus,
    values: Option<[Option<f64>; 3]>,
}

impl Proposal {
    fn ready(reply: &'static str, edit: Edit, values: [Option<f64>; 3]) -> Self {
        Self { reply, edit: Some(edit), status: CandidateStatus::Ready, values: Some(values) }
    }

    fn other(reply: &'static str, edit: Option<Edit>, status: CandidateStatus) -> Self {
        Self { reply, edit, status, values: None }
    }

    fn candidate(&self, index: u32, kind: &str, iteration: u32) -> Candidate {
        Candidate {
            canvas: None,
            index,
            kind: kind.to_owned(),
            reply: self.reply.to_owned(),
            seed: u64::from(iteration * 100 + index),
            edit: self.edit.clone(),
            hash: None,
            proposer: None,
            confidence: Default::default(),
            pressure: None,
            tokens: None,
            status: self.status.clone(),
            drawn: None,
        }
    }
}

fn replace(item: &str, text: &str) -> Edit {
    Edit::Replace { id: id(item), text: text.to_owned() }
}

fn score(values: [Option<f64>; 3]) -> Score {
    let details = [
        "every item is used, and the end can be reached",
        "5 of 6 statements agree with the problem",
        "the model says yes with probability 0.71 after correction",
    ];
    let parts = [("structure", 0.2), ("checker", 0.5), ("self-check", 0.3)];
    let part = |((name, weight), (value, detail)): ((&str, f64), (Option<f64>, &str))| ScorePart {
        name: name.to_owned(),
        value,
        weight,
        stderr: (name == "self-check" && value.is_some()).then_some(0.04),
        cost: if name == "self-check" {
            Cost { calls: 1, fresh: 24, cached: 402, ..Cost::default() }
        } else {
            Cost::default()
        },
        skipped: false,
        detail: if value.is_some() { detail } else { "not evaluated: the checker has settled it" }.to_owned(),
    };
    Score::from_parts(parts.into_iter().zip(values.into_iter().zip(details)).map(part).collect())
}

fn verdict(candidate: u32, before: f64, after: Option<f64>, accepted: bool) -> Verdict {
    let (ruling, reason) = match after {
        None => (Ruling::Invalid, "No plan resulted.".to_owned()),
        Some(after) if accepted => {
            (Ruling::Accept, format!("{after:.3} is more than {before:.3}, and no candidate has more."))
        }
        Some(after) if after > before => {
            (Ruling::Reject, format!("{after:.3} is more than {before:.3}, but another candidate has more."))
        }
        Some(after) => (Ruling::Reject, format!("{after:.3} is not more than {before:.3}.")),
    };
    Verdict {
        candidate,
        ruling,
        reason,
        before: Some(before),
        after,
        probability: None,
        draw: None,
        control: None,
    }
}

/// What a checker would say: it evaluates nothing but knows the right numbers.
fn check(plan: &Plan) -> CheckSummary {
    let mut summary = CheckSummary::default();
    for item in plan.items() {
        let wrong = item.text.contains("40");
        let value = match item.id.to_string().as_str() {
            "S1" => Some("120"),
            "S2" if wrong => Some("80"),
            "S2" => Some("75"),
            "T1" => Some("225"),
            _ => None,
        };
        if value.is_some() || item.id.kind.letter() == 'C' {
            let value = value.map(ToOwned::to_owned);
            summary.items.push(CheckedItem { item: item.id, satisfied: !wrong, value });
        }
        if wrong {
            summary.findings.push(CheckFinding {
                item: Some(item.id),
                code: "unknown-number".to_owned(),
                severity: Severity::Error,
                message: "40 occurs neither in the problem nor in an earlier step".to_owned(),
            });
        }
    }
    let faults = summary.findings.len();
    summary.score = Some(1.0 - 0.2 * faults as f64);
    summary.derived = Some(if faults == 0 { "225" } else { "240" }.to_owned());
    summary
}

/// Returns a whole run on the problem of the pens.
pub fn pens() -> Vec<Record> {
    let plan = parse(DRAFT).unwrap();
    let mut script = Script { records: Vec::new(), plan, ms: 0, calls: 0 };
    start(&mut script);
    refine(&mut script);
    finish(&mut script);
    script.records
}

fn start(script: &mut Script) {
    let problem = ProblemCard {
        reference: "pens".to_owned(),
        title: "Money from the remaining pens".to_owned(),
        family: "math".to_owned(),
        text: "Mia has 20 boxes with 6 pens each. She has already sold 45 pens, and now sells all that \
               remain for 3 dollars each. How many dollars does she get for them?"
            .to_owned(),
        has_gold: true,
    };
    let mut settings = Settings::default();
    settings.budget.generated = Some(2_000);
    script.push(0, Event::Started { problem, settings: Box::new(settings) });
    script.phase(Phase::Load, 0);
    let model = ModelInfo {
        name: "qwen2.5-1.5b-instruct".to_owned(),
        backend: "llama.cpp".to_owned(),
        quantization: Some("Q4_K_M".to_owned()),
        device: Some("CPU, 8 cores".to_owned()),
        threads: Some(8),
        context: Some(4096),
        exact: Some(true),
        ..ModelInfo::default()
    };
    script.push(1800, Event::ModelReady { model: Box::new(model) });
    script.phase(Phase::Draft, 0);
    script.call(Purpose::Draft, 1, (118, 412, 0), 6400);
    let plan = script.plan.clone();
    script.push(1, Event::Drafted { plan: plan.clone(), confidence: Default::default() });
    script.phase(Phase::ScoreDraft, 0);
    script.call(Purpose::Score("self_check"), 1, (0, 40, 380), 350);
    script.scored(Subject::Incumbent, &plan, [Some(0.9), Some(0.6), Some(0.55)]);
}

fn refine(script: &mut Script) {
    let no_op = CandidateStatus::NoOp;
    let invalid = CandidateStatus::Invalid { reason: "there is no S7 in the plan".to_owned() };
    let fixed = replace("S2", "remaining = total - 45");
    let first = [
        (
            "tighten",
            Proposal::ready(
                "tighten C1: each of the 20 boxes holds exactly 6 pens",
                Edit::Tighten { id: id("C1"), text: "each of the 20 boxes holds exactly 6 pens".to_owned() },
                [Some(0.9), Some(0.6), Some(0.58)],
            ),
        ),
        (
            "replace",
            Proposal::ready("replace S2: remaining = total - 45", fixed, [Some(0.9), Some(0.8), Some(0.62)]),
        ),
        ("replace", Proposal::other("replace S7: total = 120", None, invalid)),
        ("remove", Proposal::ready("remove I1", Edit::Remove { id: id("I1") }, [Some(0.8), Some(0.6), None])),
    ];
    script.iteration(1, &first, Some(1), 0.645);
    let second = [
        (
            "replace",
            Proposal::ready(
                "replace C2: 45 pens are already sold",
                replace("C2", "45 pens are already sold"),
                [Some(0.9), Some(1.0), Some(0.71)],
            ),
        ),
        (
            "replace",
            Proposal::other(
                "replace C1: 20 boxes hold 6 pens each",
                Some(replace("C1", "20 boxes hold 6 pens each")),
                no_op,
            ),
        ),
        (
            "tighten",
            Proposal::ready(
                "tighten T1: calc(remaining * 3)",
                replace("G1", "the money that Mia gets for the pens that remain"),
                [Some(0.9), Some(0.8), Some(0.64)],
            ),
        ),
        (
            "replace",
            Proposal::other(
                "replace S2: remaining = total - 40",
                Some(replace("S2", "remaining = total - 40")),
                CandidateStatus::Duplicate { first_seen: 0 },
            ),
        ),
    ];
    script.iteration(2, &second, Some(0), 0.766);
    let third = [(
        "replace",
        Proposal::ready(
            "replace S1: total = 6 * 20",
            replace("S1", "total = 6 * 20"),
            [Some(0.9), Some(1.0), Some(0.66)],
        ),
    )];
    script.iteration(3, &third, None, 0.893);
}

fn finish(script: &mut Script) {
    script.push(1, Event::RefinementEnded { reason: RefinementStop::Exact });
    script.phase(Phase::Answer, 3);
    script.call(Purpose::Answer, 1, (74, 120, 350), 4100);
    let cited = ["C1", "C2", "S1", "S2", "T1"];
    let row = |item: &plan::Item| CoverageRow {
        item: item.id,
        cited: u32::from(cited.contains(&item.id.to_string().as_str())),
        satisfied: (item.id.kind.letter() != 'G').then_some(true),
    };
    let coverage = script.plan.items().iter().map(row).collect();
    let answer = Answer {
        text: ANSWER.to_owned(),
        value: Some("225".to_owned()),
        cite: true,
        plan: Some(script.plan.hash()),
        coverage,
        truncated: false,
        poll: None,
        extended: 0,
        style: Some(AnswerStyle::Short),
        evaluated: "T1".parse().ok(),
        unsupported: false,
    };
    script.push(2, Event::Answered { answer });
    script.push(0, Event::Judged { judgement: Judgement::Correct });
    script.phase(Phase::Done, 3);
    script.push(0, Event::Ended { outcome: Outcome::Answered });
}

/// Returns a piece of text that arrives while the model writes.
pub fn text(sequence: u32, text: &str) -> Progress {
    Progress::Text(Delta { sequence, text: text.to_owned() })
}
