//! A small run made by hand, as an engine would record it.

use model::{
    Completion, Cost, Generation, ModelInfo, Output, Prompt, PromptUse, Reply, Request, Sampling, StopReason,
};
use plan::{Edit, Origin, Plan, parse};
use session::{
    Answer, BlobId, CallId, Candidate, CandidateStatus, CheckFinding, CheckSummary, CoverageRow, Event,
    Judgement, Manifest, Outcome, Phase, ProblemCard, Purpose, Record, RefinementStop, Ruling, Score,
    ScorePart, SessionWriter, Settings, Severity, Subject, Verdict,
};

pub fn problem() -> ProblemCard {
    ProblemCard {
        reference: "pens".to_owned(),
        title: "Pens in boxes".to_owned(),
        family: "arithmetic".to_owned(),
        text: "20 boxes hold 6 pens each and 45 are sold.\nHow many are left?".to_owned(),
        has_gold: true,
    }
}

fn draft() -> Plan {
    parse("C1: 20 boxes hold 6 pens each\nC2: 45 pens are sold\nS1 <- C1: total = 20 * 6\nS2 <- S1: left = total")
        .unwrap()
}

fn edits() -> [Edit; 3] {
    let id = |text: &str| text.parse().unwrap();
    [
        Edit::Replace { id: id("S2"), text: "left = total - 45".to_owned() },
        Edit::SetDeps { id: id("S2"), deps: vec![id("S1"), id("C2")] },
        Edit::Remove { id: id("C2") },
    ]
}

fn score(checker: Option<f64>) -> Score {
    let part = |name: &str, value, weight| ScorePart {
        name: name.to_owned(),
        value,
        weight,
        stderr: None,
        cost: Cost::default(),
        skipped: false,
        detail: "as checked".to_owned(),
    };
    Score::from_parts(vec![part("structure", Some(0.1 + 0.2), 0.2), part("checker", checker, 0.5)])
}

/// A run as its events and the blobs that they name.
#[derive(Default)]
pub struct Run {
    pub records: Vec<Record>,
    pub blobs: Vec<Vec<u8>>,
    calls: u32,
}

impl Run {
    fn push(&mut self, event: Event) {
        let seq = self.records.len() as u64;
        self.records.push(Record { seq, at_ms: 137 * seq, event });
    }

    fn phase(&mut self, phase: Phase, iteration: u32) {
        self.push(Event::PhaseBegan { phase, iteration });
    }

    fn blob(&mut self, bytes: Vec<u8>) -> BlobId {
        let id = BlobId::of(&bytes);
        self.blobs.push(bytes);
        id
    }

    fn call(&mut self, purpose: Purpose, text: &str) {
        self.calls += 1;
        let call = CallId(self.calls);
        let request = Request::Generate {
            generations: vec![Generation {
                prompt: Prompt::chat("Plan first.", format!("{}: {text}", purpose.name())),
                sampling: Sampling { temperature: 0.8, top_k: 0, top_p: 0.95, seed: u64::MAX - 1 },
                grammar: Some("start: /.+/".to_owned()),
                max_tokens: 99,
                stop: Vec::new(),
                thinking: 0,
                distinct_from: None,
            }],
        };
        let cost = Cost {
            calls: 1,
            generated: 41,
            thinking: 0,
            fresh: 73,
            cached: 512,
            logits: 41,
            flops: 1.1e11 / 3.0,
            wall_ms: 1234.5 / 7.0,
        };
        let completion = Completion {
            text: text.to_owned(),
            tokens: Vec::new(),
            stop: StopReason::EndOfTurn,
            thinking: None,
        };
        let prompts = vec![PromptUse { tokens: 544, cached: 512 }];
        let output = Output::Generated { completions: vec![completion] };
        let reply = Reply { output, cost, prompts: prompts.clone(), batch: 1, notes: Vec::new() };
        let request = self.blob(serde_json::to_vec(&request).unwrap());
        let reply = self.blob(serde_json::to_vec(&reply).unwrap());
        self.push(Event::CallStarted { call, purpose, sequences: 1, request });
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

    fn failing_call(&mut self) {
        self.calls += 1;
        let call = CallId(self.calls);
        let request = self.blob(b"{\"lost\":true}".to_vec());
        self.push(Event::CallStarted { call, purpose: Purpose::Score("self_check"), sequences: 2, request });
        self.push(Event::CallFailed {
            call,
            error: "the model's process died (signal 9)".to_owned(),
            hint: Some("see the log".to_owned()),
            log_tail: Some("last words\nof the worker".to_owned()),
            retried: false,
            cost: None,
        });
    }

    fn iteration(&mut self, iteration: u32, incumbent: &Plan, edits: &[Edit], accept: Option<usize>) -> Plan {
        let mut next = incumbent.clone();
        self.phase(Phase::Propose, iteration);
        self.call(Purpose::Propose, &format!("an edit \"quoted\" \\ \u{1b}[31m é 日 {iteration}"));
        let mut candidates = Vec::new();
        for (index, edit) in edits.iter().enumerate() {
            let (plan, _) = edit.apply(incumbent, Origin::Refined).unwrap();
            candidates.push(Candidate {
                canvas: None,
                index: index as u32,
                kind: "any".to_owned(),
                reply: edit.summary(),
                seed: 0xfeed_beef_dead_cafe,
                edit: Some(edit.clone()),
                hash: Some(plan.hash()),
                proposer: None,
                confidence: Default::default(),
                pressure: None,
                tokens: None,
                status: CandidateStatus::Ready,
                drawn: None,
            });
            if accept == Some(index) {
                next = plan;
            }
        }
        candidates.push(Candidate {
            canvas: None,
            index: edits.len() as u32,
            kind: "insert".to_owned(),
            reply: "gibberish".to_owned(),
            seed: 3,
            edit: None,
            hash: None,
            proposer: None,
            confidence: Default::default(),
            pressure: None,
            tokens: None,
            status: CandidateStatus::Invalid { reason: "the reply is no edit".to_owned() },
            drawn: None,
        });
        self.push(Event::Proposed { candidates });
        self.phase(Phase::Score, iteration);
        let mut verdicts = Vec::new();
        for index in 0..edits.len() {
            let accepted = accept == Some(index);
            let score = score(accepted.then_some(0.4 + f64::from(iteration) / 10.0));
            let subject = Subject::Candidate(index as u32);
            verdicts.push(Verdict {
                candidate: index as u32,
                ruling: if accepted { Ruling::Accept } else { Ruling::Reject },
                reason: format!("candidate {index} of iteration {iteration}"),
                before: Some(0.3),
                after: score.total,
                probability: None,
                draw: None,
                control: None,
            });
            self.push(Event::Scored { subject, score });
        }
        verdicts.push(Verdict {
            candidate: edits.len() as u32,
            ruling: Ruling::Invalid,
            reason: "the reply is no edit".to_owned(),
            before: Some(0.3),
            after: None,
            probability: None,
            draw: None,
            control: None,
        });
        self.phase(Phase::Decide, iteration);
        self.push(Event::Decided { verdicts });
        next
    }

    pub fn new() -> Self {
        let mut run = Self::default();
        run.push(Event::Started {
            problem: problem(),
            settings: Box::new(Settings { seed: 7, ..Settings::default() }),
        });
        run.phase(Phase::Load, 0);
        let model =
            ModelInfo { name: "tiny".to_owned(), backend: "scripted".to_owned(), ..ModelInfo::default() };
        run.push(Event::ModelReady { model: Box::new(model) });
        run.phase(Phase::Draft, 0);
        run.call(Purpose::Draft, "a plan");
        run.push(Event::Drafted { plan: draft(), confidence: Default::default() });
        run.phase(Phase::ScoreDraft, 0);
        let finding = CheckFinding {
            item: "S2".parse().ok(),
            code: "unused-fact".to_owned(),
            severity: Severity::Warning,
            message: "C2 is never used".to_owned(),
        };
        let check = CheckSummary {
            score: Some(0.5),
            exact: None,
            findings: vec![finding],
            ..CheckSummary::default()
        };
        run.push(Event::Checked { subject: Subject::Incumbent, summary: check });
        run.push(Event::Scored { subject: Subject::Incumbent, score: score(Some(0.3)) });
        let [replace, depend, remove] = edits();
        let plan = run.iteration(1, &draft(), &[remove.clone(), replace], Some(1));
        run.push(Event::Paused { paused: true, cause: None });
        let human = Edit::Tighten { id: "C2".parse().unwrap(), text: "exactly 45 pens are sold".to_owned() };
        run.push(Event::HumanEdited { edit: human.clone() });
        run.push(Event::Paused { paused: false, cause: None });
        let plan = human.apply(&plan, Origin::Human).unwrap().0;
        run.failing_call();
        run.push(Event::Scored { subject: Subject::Incumbent, score: score(None) });
        let plan = run.iteration(2, &plan, &[depend], Some(0));
        let plan = run.iteration(3, &plan, &[remove], None);
        run.push(Event::RefinementEnded { reason: RefinementStop::Fruitless { iterations: 1 } });
        run.phase(Phase::Answer, 3);
        run.call(Purpose::Answer, "75 pens are left [S2].");
        let coverage = plan.items().iter().map(|item| CoverageRow {
            item: item.id,
            cited: u32::from(item.id.to_string() == "S2"),
            satisfied: None,
        });
        run.push(Event::Answered {
            answer: Answer {
                text: "75 pens are left [S2].".to_owned(),
                value: Some("75".to_owned()),
                cite: true,
                plan: Some(plan.hash()),
                coverage: coverage.collect(),
                truncated: false,
                poll: None,
                extended: 0,
                style: None,
                evaluated: None,
                unsupported: false,
            },
        });
        run.push(Event::Judged { judgement: Judgement::Correct });
        run.phase(Phase::Done, 3);
        run.push(Event::Ended { outcome: Outcome::Answered });
        run
    }

    pub fn manifest() -> Manifest {
        Manifest::new(&problem(), "tiny", 7, "2026-01-02T03:04:05Z".parse().unwrap())
    }

    /// Writes the run to `dir`, to its end or not.
    pub fn write(&self, dir: &std::path::Path, finish: bool) {
        let mut writer = SessionWriter::create(dir, Self::manifest()).unwrap();
        for blob in &self.blobs {
            writer.put_blob(blob).unwrap();
        }
        for record in &self.records {
            writer.append(record).unwrap();
        }
        if finish {
            writer.finish(&Outcome::Answered).unwrap();
        }
    }
}
