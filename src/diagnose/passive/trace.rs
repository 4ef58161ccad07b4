//! A run step by step, as passive checks read it.

use std::collections::HashMap;

use plan::{Edit, EditError, Origin, Plan, PlanError, PlanHash};
use session::{
    CandidateStatus, CandidateView, Event, GateSettings, PlanView, Record, Rescore, Ruling, Score, State,
    Subject, events,
};

/// An incumbent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TracedPlan {
    /// The event from which on it did.
    pub seq: u64,
    /// By its hash.
    pub plan: PlanHash,
    /// Its total; absent where it has none.
    pub total: Option<f64>,
    /// How many it has, nested ones included.
    pub items: usize,
    /// Words in the texts of all items.
    pub words: usize,
}

impl TracedPlan {
    fn of(view: &PlanView, seq: u64) -> Self {
        Self {
            seq,
            plan: view.plan.hash(),
            total: view.total(),
            items: view.plan.len(),
            words: words(&view.plan),
        }
    }
}

fn words(plan: &Plan) -> usize {
    plan.items().iter().map(|item| item.text.split_whitespace().count()).sum()
}

/// A proposal, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TracedProposal {
    /// The event that proposed it.
    pub seq: u64,
    /// The edit; absent where the reply is none.
    pub edit: Option<Edit>,
    /// The plan that it leads to; absent where it leads to none.
    pub plan: Option<PlanHash>,
    /// What became of it before any scoring.
    pub status: CandidateStatus,
    /// Its total; absent where it was not scored.
    pub total: Option<f64>,
    /// Words of that plan.
    pub words: Option<usize>,
    /// Whether its edit would make the dependencies form a cycle.
    pub closes_cycle: bool,
    /// What the gate said.
    pub ruling: Option<Ruling>,
}

/// One iteration that reached its decision.
#[derive(Debug, Clone, PartialEq)]
pub struct TracedStep {
    /// Its number.
    pub iteration: u32,
    /// The plan that the proposals change.
    pub base: TracedPlan,
    /// All proposals but controls, usable or not.
    pub tried: Vec<TracedProposal>,
    /// The incumbent afterwards.
    pub after: TracedPlan,
    /// Whether something else than refinement had a hand in it: a person, or noise.
    pub touched: bool,
}

impl TracedStep {
    /// Returns the totals of the proposals that were scored.
    pub fn totals(&self) -> Vec<f64> {
        self.tried.iter().filter_map(|tried| tried.total).collect()
    }

    /// Returns whether a proposal was accepted.
    pub fn accepted(&self) -> bool {
        self.tried.iter().any(|tried| tried.ruling == Some(Ruling::Accept))
    }
}

/// A proposal that was accepted, without anybody's hand in it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Accepted {
    /// The decision.
    pub seq: u64,
    pub iteration: u32,
    pub edit: Option<Edit>,
    pub gate: GateSettings,
    /// The plan that it changes.
    pub before: PlanView,
    /// The plan that it leads to.
    pub after: PlanView,
}

impl Accepted {
    /// Returns how much higher its total is; `None` where one of the two is missing.
    pub fn gain(&self) -> Option<f64> {
        Some(self.after.total()? - self.before.total()?)
    }
}

/// A run, step by step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunTrace {
    /// The first plan with a score, or with none if it never got one.
    pub start: Option<TracedPlan>,
    /// The iterations that are over.
    pub steps: Vec<TracedStep>,
    /// The proposals that were accepted.
    pub accepted: Vec<Accepted>,
    /// The first score of each plan.
    pub first_scores: HashMap<PlanHash, Score>,
    /// What scoring plans again gave, each with its event.
    pub rescores: Vec<(u64, Rescore)>,
    /// The standard deviation of known noise on the total, from the settings; 0 without.
    pub known_noise: f64,
    touched: bool,
    proposed: u64,
}

impl RunTrace {
    /// Returns the trace of `records`.
    pub fn of(records: &[Record]) -> Self {
        let mut state = State::default();
        let mut trace = Self::default();
        for record in records {
            state.apply(record);
            trace.receive(record, &state);
        }
        trace.known_noise = known_noise(&state);
        trace
    }

    /// Takes in the next record, after which the run is in `state`.
    fn receive(&mut self, record: &Record, state: &State) {
        match &record.event {
            Event::Drafted { .. } => {
                self.start = state.incumbent.as_ref().map(|view| TracedPlan::of(view, record.seq))
            }
            Event::Proposed { .. } => self.proposed = record.seq,
            Event::Scored { subject, .. } => self.scored(*subject, state),
            Event::Decided { .. } => self.decided(record.seq, state),
            Event::Rescored { rescore } => self.rescores.push((record.seq, rescore.clone())),
            // The plans of a population are several series, and this reads one.
            Event::Turned { .. } | events!(Change | Person) => self.touched = true,
            Event::CanvasSet { .. }
            | Event::Checked { .. }
            | Event::Voted { .. }
            | events!(Run | Call | Setting | Answer) => {}
        }
    }

    fn scored(&mut self, subject: Subject, state: &State) {
        let view = match subject {
            Subject::Incumbent => state.incumbent.as_ref(),
            Subject::Candidate(index) => {
                state.candidates.get(index as usize).and_then(|candidate| candidate.view.as_ref())
            }
        };
        let Some(view) = view else { return };
        let hash = view.plan.hash();
        if let Some(score) = &view.score {
            self.first_scores.entry(hash).or_insert_with(|| score.clone());
        }
        if let Some(start) = self.start.as_mut().filter(|start| start.plan == hash && start.total.is_none()) {
            start.total = view.total();
        }
    }

    fn decided(&mut self, seq: u64, state: &State) {
        let touched = std::mem::take(&mut self.touched);
        let (Some(base), Some(after)) = (&state.base, &state.incumbent) else { return };
        let proposed =
            state.candidates.iter().filter(|view| view.candidate.status != CandidateStatus::Control);
        let tried = proposed.map(|view| tried(view, &base.plan, self.proposed)).collect();
        let accepted = state.candidates.iter().filter(|_| !touched).filter_map(|view| accepted(view, base));
        self.accepted.extend(accepted.map(|(edit, after)| Accepted {
            seq,
            iteration: state.iteration,
            edit,
            gate: state.settings.gate.clone(),
            before: base.clone(),
            after,
        }));
        self.steps.push(TracedStep {
            iteration: state.iteration,
            base: TracedPlan::of(base, self.proposed),
            tried,
            after: TracedPlan::of(after, seq),
            touched,
        });
    }

    /// Returns the first total of a plan; `None` where it never got one.
    pub fn first_total(&self, plan: PlanHash) -> Option<f64> {
        self.first_scores.get(&plan)?.total
    }

    /// Returns all proposals.
    pub fn tried(&self) -> impl Iterator<Item = &TracedProposal> {
        self.steps.iter().flat_map(|step| &step.tried)
    }

    /// Returns the longest row of steps that nothing but refinement had a hand in and whose plans all have totals.
    pub fn stretch(&self) -> &[TracedStep] {
        let whole =
            |step: &TracedStep| !step.touched && step.base.total.is_some() && step.after.total.is_some();
        let rows = self.steps.split(|step| !whole(step));
        // Of equally long ones the earlier.
        rows.rev().max_by_key(|row| row.len()).unwrap_or_default()
    }

    /// Returns the standard deviation of repeated scores of the same plan: pooled over the plans that were scored
    /// again, with its degrees of freedom; without any, that of the known noise.
    pub fn sigma(&self) -> Option<f64> {
        self.pooled().map(|(sigma, _)| sigma).or_else(|| Some(self.known_noise).filter(|sigma| *sigma > 0.0))
    }

    /// Returns the pooled standard deviation √(Σ(n−1)s² / Σ(n−1)) of plans that were scored again, and its degrees of
    /// freedom Σ(n−1). `None` where no plan was scored again more than once.
    pub fn pooled(&self) -> Option<(f64, u32)> {
        let (mut squares, mut freedom) = (0.0, 0);
        for (_, rescore) in &self.rescores {
            if let Some(stderr) = rescore.total.stderr {
                let n = rescore.total.n;
                squares += stderr.powi(2) * f64::from(n) * f64::from(n - 1);
                freedom += n - 1;
            }
        }
        (freedom > 0).then(|| ((squares / f64::from(freedom)).sqrt(), freedom))
    }
}

fn tried(view: &CandidateView, base: &Plan, seq: u64) -> TracedProposal {
    let candidate = &view.candidate;
    TracedProposal {
        seq,
        edit: candidate.edit.clone(),
        plan: candidate.hash,
        status: candidate.status.clone(),
        total: view.view.as_ref().and_then(PlanView::total),
        words: view.view.as_ref().map(|view| words(&view.plan)),
        closes_cycle: candidate.edit.as_ref().is_some_and(|edit| makes_cycle(edit, base)),
        ruling: view.verdict.as_ref().map(|verdict| verdict.ruling),
    }
}

fn accepted(view: &CandidateView, base: &PlanView) -> Option<(Option<Edit>, PlanView)> {
    let is_taken = view.verdict.as_ref().is_some_and(|verdict| verdict.ruling == Ruling::Accept);
    let after = view.view.clone().filter(|after| is_taken && after.plan.hash() != base.plan.hash())?;
    Some((view.candidate.edit.clone(), after))
}

fn makes_cycle(edit: &Edit, base: &Plan) -> bool {
    matches!(edit.apply(base, Origin::Refined), Err(EditError::Broken(PlanError::Cycle(_))))
}

/// The noise that the settings put on the total: the root of the weighted variances, over the sum of the weights.
fn known_noise(state: &State) -> f64 {
    let score = state.best.as_ref().and_then(|view| view.score.as_ref());
    let parts = score.map_or(&[][..], |score| &score.parts);
    let valued: Vec<(f64, f64)> = parts
        .iter()
        .filter(|part| part.value.is_some())
        .map(|part| {
            let noise = state.settings.score_noise.get(&part.name).copied().unwrap_or_default();
            (part.weight, part.weight * noise.sigma)
        })
        .collect();
    let weight: f64 = valued.iter().map(|(weight, _)| weight).sum();
    let squares: f64 = valued.iter().map(|(_, noise)| noise.powi(2)).sum();
    if weight > 0.0 { squares.sqrt() / weight } else { 0.0 }
}

/// Returns the differences of the scored proposals from the plans that they change.
pub fn differences(steps: &[TracedStep]) -> Vec<f64> {
    let each = |step: &TracedStep| {
        let base = step.base.total;
        step.totals().into_iter().filter_map(move |total| Some(total - base?)).collect::<Vec<_>>()
    };
    steps.iter().flat_map(each).collect()
}

/// Returns Var(true Δ)/(2σ²), the signal to noise of one comparison, where Var(true Δ) = max(0, Var(Δ) − 2σ²): each of
/// the two scores brings its noise. `None` of fewer than two differences, or without noise.
pub(crate) fn signal_to_noise(differences: &[f64], sigma: f64) -> Option<f64> {
    let noise = 2.0 * sigma.powi(2);
    let seen = stats::variance(differences)?;
    (noise > 0.0).then(|| (seen - noise).max(0.0) / noise)
}
