//! Whether a part of the score costs more than proposing, and decides nothing.

use super::{FREE, PassiveCheck, RunCase, noise::ScoreNoises};
use crate::{CheckDoc, evidence, found, too_few, undecided};
use engine::{gate, score};
use model::Cost;
use plan::PlanHash;
use session::{
    CandidateStatus, Event, Finding, FindingVerdict, PlanView, Purpose, Ruling, Score, Severity, State,
    Verdict, finding::number,
};

/// Fewer decisions say nothing of what a part is for. \[our own\]
const LEAST: usize = 3;

pub struct IdleScorer;

impl PassiveCheck for IdleScorer {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "idle_scorer",
            doc: "a part of the score that costs more than proposing and decides nothing",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        if !gate::find(&case.state.settings.gate).is_some_and(|gate| gate.compares_only_totals()) {
            let why = format!(
                "The gate \"{}\" does not decide by the totals of two plans alone, so what a part decides is unknown.",
                case.state.settings.gate
            );
            return undecided(self.doc(), &why, Cost::default());
        }
        let steps = case.trace.steps.iter().filter(|step| !step.touched && !step.totals().is_empty());
        let decisions: Vec<u64> = steps.map(|step| step.after.seq).collect();
        if decisions.len() < LEAST {
            return undecided(self.doc(), &too_few(decisions.len(), LEAST, "decisions"), Cost::default());
        }
        let noise = ScoreNoises::of(case);
        let parts = asked(case);
        let proposing = spent(case.state, &[Purpose::Propose, Purpose::Critique]);
        let mut found_dear = None;
        for (name, purpose) in &parts {
            let scoring = spent(case.state, &[*purpose]);
            let part = ModelPart { name, scoring, proposing, effect: effect(case, name, &noise) };
            if part.is_dear() && found_dear.as_ref().is_none_or(|other: &ModelPart<'_>| !other.is_idle()) {
                found_dear = Some(part);
            }
        }
        match found_dear {
            Some(part) => part.finding(self.doc(), &decisions),
            None => {
                let sentence = if parts.is_empty() {
                    "No part of the score asks the model.".to_owned()
                } else {
                    "No part of the score costs more than proposing.".to_owned()
                };
                found(self.doc(), FindingVerdict::Clear, Severity::Warning, sentence, Cost::default())
            }
        }
    }
}

/// A part of the score that asks the model.
struct ModelPart<'a> {
    name: &'a str,
    scoring: Cost,
    proposing: Cost,
    effect: PartEffect,
}

/// What would have been decided otherwise without a part.
#[derive(Default)]
struct PartEffect {
    /// Decisions for a plan that differs by more than noise may.
    real: usize,
    /// Decisions for a plan that differs by less.
    within_noise: usize,
    /// The first decision of either kind.
    at: Option<u64>,
}

impl ModelPart<'_> {
    /// In floating-point operations where they are known, which hold for text read and text written alike.
    fn costs(&self) -> (f64, f64, &'static str) {
        if self.scoring.flops > 0.0 && self.proposing.flops > 0.0 {
            return (self.scoring.flops / 1e12, self.proposing.flops / 1e12, "TFLOP");
        }
        let tokens = |cost: &Cost| (cost.generated + cost.fresh) as f64;
        (tokens(&self.scoring), tokens(&self.proposing), "tokens")
    }

    fn is_dear(&self) -> bool {
        let (scoring, proposing, _) = self.costs();
        scoring > proposing
    }

    fn is_idle(&self) -> bool {
        self.effect.real == 0
    }

    fn finding(&self, doc: CheckDoc, decisions: &[u64]) -> Finding {
        let (all, last) = (decisions.len(), decisions.last().copied());
        let (scoring, proposing, unit) = self.costs();
        let PartEffect { real, within_noise, at } = self.effect;
        let cost = format!("{} cost {} {unit}, proposing {}", self.name, number(scoring), number(proposing));
        let (verdict, sentence) = if real > 0 {
            (
                FindingVerdict::Clear,
                format!("{cost}; without it {real} of {all} decisions would have been others."),
            )
        } else if within_noise > 0 {
            (
                FindingVerdict::Fault,
                format!(
                    "{cost}; without it {within_noise} of {all} decisions would have been others, all between plans \
                     that differ by less than its noise."
                ),
            )
        } else {
            (
                FindingVerdict::Fault,
                format!("{cost}; without it all {all} decisions would have been the same."),
            )
        };
        let mut found = found(doc, verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence(&format!("{unit} of {}", self.name), scoring));
        found.evidence.push(evidence(&format!("{unit} of proposing"), proposing));
        found.evidence.push(evidence("decisions that it changed by more than noise", real as f64));
        found.evidence.push(evidence("decisions that it changed within noise", within_noise as f64));
        if verdict == FindingVerdict::Fault {
            found.at = at.or(last);
            found.advice = Some(format!(
                "Set scorers.{} = 0, and hold it against labelled plans first (planscope scorer test).",
                self.name
            ));
        }
        found
    }
}

/// The parts of the run's scores that ask the model, each with what its calls are booked as.
fn asked(case: &RunCase<'_>) -> Vec<(String, Purpose)> {
    let scored = case.state.best.as_ref().and_then(|view| view.score.as_ref());
    let parts = scored.iter().flat_map(|score| &score.parts).filter(|part| part.weight > 0.0);
    parts.filter_map(|part| Some((part.name.clone(), score::find(&part.name)?.purpose()?))).collect()
}

fn spent(state: &State, purposes: &[Purpose]) -> Cost {
    let costs = purposes.iter().filter_map(|purpose| state.calls.cost.get(purpose));
    costs.fold(Cost::default(), |sum, cost| sum + *cost)
}

/// Holds each decision of the run, and the choice of the plan to answer from, against the same without the part `name`.
fn effect(case: &RunCase<'_>, name: &str, noise: &ScoreNoises) -> PartEffect {
    let (mut state, mut effect) = (State::default(), PartEffect::default());
    let mut stood: Vec<PlanView> = Vec::new();
    for record in case.records {
        if let Event::Decided { verdicts } = &record.event {
            let taken = taken(verdicts);
            let other = taken_without(&state, name);
            if state.candidates.iter().all(|view| view.ruled.is_none()) && taken != other {
                effect.note(record.seq, plan_of(&state, taken), plan_of(&state, other), noise);
            }
        }
        state.apply(record);
        if let Event::Decided { .. } | Event::Scored { .. } = &record.event {
            stood.extend(state.incumbent.clone().filter(|view| view.score.is_some()));
        }
    }
    let kept = case.state.answer_plan();
    let mut best: Option<(&PlanView, f64)> = None;
    for view in &stood {
        let total = view.score.as_ref().and_then(|score| without(score, name).total);
        if let Some(total) = total.filter(|total| best.is_none_or(|(_, most)| *total > most)) {
            best = Some((view, total));
        }
    }
    let differ = |kept: &PlanView, other: &PlanView| hash(kept) != hash(other);
    if let (Some(kept), Some((other, _))) = (kept, best)
        && differ(kept, other)
    {
        effect.note(case.records.last().map_or(0, |record| record.seq), Some(kept), Some(other), noise);
    }
    effect
}

fn hash(view: &PlanView) -> PlanHash {
    view.plan.hash()
}

impl PartEffect {
    /// Records that the run continued with one plan, and would have with the other.
    fn note(&mut self, seq: u64, one: Option<&PlanView>, other: Option<&PlanView>, noise: &ScoreNoises) {
        let scores = one.and_then(|view| view.score.as_ref()).zip(other.and_then(|view| view.score.as_ref()));
        let within = scores.is_some_and(|(one, other)| {
            let apart = one.total.zip(other.total).map(|(one, other)| (one - other).abs());
            apart.zip(noise.limit(one, other)).is_some_and(|(apart, limit)| apart < limit)
        });
        *if within { &mut self.within_noise } else { &mut self.real } += 1;
        self.at.get_or_insert(seq);
    }
}

fn taken(verdicts: &[Verdict]) -> Option<u32> {
    verdicts.iter().find(|verdict| verdict.ruling == Ruling::Accept).map(|verdict| verdict.candidate)
}

/// The incumbent after a decision for the candidate `taken`, or for none.
fn plan_of(state: &State, taken: Option<u32>) -> Option<&PlanView> {
    match taken {
        None => state.incumbent.as_ref(),
        Some(index) => state.candidates.get(index as usize)?.view.as_ref(),
    }
}

/// What the gate would have taken had the part no weight.
fn taken_without(state: &State, name: &str) -> Option<u32> {
    let mut state = state.clone();
    let candidates =
        state.candidates.iter_mut().filter(|view| view.candidate.status == CandidateStatus::Ready);
    let views = candidates.filter_map(|view| view.view.as_mut()).chain(&mut state.incumbent);
    for score in views.filter_map(|view| view.score.as_mut()) {
        *score = without(score, name);
    }
    taken(&gate::decide(&state))
}

fn without(score: &Score, name: &str) -> Score {
    Score::from_parts(score.parts.iter().filter(|part| part.name != name).cloned().collect())
}
