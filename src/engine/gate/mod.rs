//! Gates: which proposals are accepted. One file and one line of [`REGISTRY`] each.
//!
//! Of the candidates of an iteration only the one with the highest total meets the gate; the others are rejected as not
//! being it. Each verdict says so in one sentence with its numbers.
//!
//! ```text
//! State -> Round (all candidates) -> Comparison (the best one, the incumbent) -> the gate -> Decision -> Verdict
//! ```

pub mod always;
mod best_of_k;
pub mod clear;
pub mod coin_flip;
pub mod greedy;
mod late_acceptance;
mod manual;
mod metropolis;
mod parameter;
mod penalty;
mod population;
mod qalign;
mod replica_exchange;
mod sideways;
mod threshold;
mod tournament;

pub use self::{
    parameter::{GateError, Parameter, parse, settled},
    population::turn,
};
use super::{scatter, seed};
use session::{CandidateStatus, CandidateView, GateSettings, PlanView, Ruling, State, Turn, Verdict};

/// What a gate is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct GateDoc {
    /// Its name in settings and records.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// Its parameters, in the order in which they are recorded and may be written without their names.
    pub parameters: &'static [Parameter],
}

/// One acceptance rule.
pub trait Gate: Sync {
    /// Returns what it is.
    fn doc(&self) -> GateDoc;

    /// Returns why it cannot be followed with these parameters, as a sentence; `None` where it can.
    fn fault(&self, _: &GateSettings) -> Option<&'static str> {
        None
    }

    /// Returns how it decides.
    fn decides(&self) -> Decides;

    /// Returns which of several plans is refined next; `None` for a gate that refines one plan.
    fn next_turn(&self, _: &State) -> Option<Turn> {
        None
    }

    /// Returns whether it compares two totals and nothing of the run before.
    fn compares_only_totals(&self) -> bool {
        true
    }

    /// Returns whether it never accepts a total below that of the incumbent.
    fn accepts_no_loss(&self, _: &GateSettings) -> bool {
        false
    }

    /// Returns whether it holds gains against the noise of the scores, so that it has to know how far these scatter.
    fn weighs_noise(&self) -> bool {
        false
    }

    /// Returns whether a run under it is a walk at a constant temperature, so that several of them can be compared as
    /// chains.
    fn has_constant_temperature(&self, _: &GateSettings) -> bool {
        false
    }

    /// Returns whether it leaves each decision to a person.
    fn waits_for_person(&self) -> bool {
        false
    }
}

/// All gates, in the order in which they are listed.
pub const REGISTRY: &[&dyn Gate] = &[
    &greedy::Greedy,
    &threshold::Threshold,
    &clear::Clear,
    &metropolis::Metropolis,
    &qalign::Qalign,
    &penalty::Penalty,
    &late_acceptance::LateAcceptance,
    &best_of_k::BestOfK,
    &coin_flip::CoinFlip,
    &always::Always,
    &manual::Manual,
    &tournament::Tournament,
    &replica_exchange::ReplicaExchange,
];

/// Returns the gate of these settings; `None` where a later version recorded them.
pub fn find(settings: &GateSettings) -> Option<&'static dyn Gate> {
    REGISTRY.iter().copied().find(|gate| gate.doc().name == settings.rule())
}

/// Returns a sentence that says why a gate cannot be followed, where `is_sound` is false.
fn refused(is_sound: bool, why: &'static str) -> Option<&'static str> {
    (!is_sound).then_some(why)
}

/// How a gate decides.
#[derive(Clone, Copy)]
pub enum Decides {
    /// By the scores, on the best candidate alone.
    ByScores(fn(&Comparison<'_>) -> Decision),
    /// Without looking at scores, on each candidate by its index.
    Blindly(fn(&Round<'_>, u32) -> Decision),
}

/// A scored candidate before the gate, at the moment `state`.
pub struct Comparison<'a> {
    state: &'a State,
    /// The incumbent.
    old: &'a PlanView,
    /// The candidate's plan.
    new: &'a PlanView,
    /// The incumbent's total.
    before: f64,
    /// The candidate's total.
    after: f64,
    /// The numbers of items of incumbent and candidate.
    items: (usize, usize),
    /// Whether it is the incumbent, scored once more.
    is_control: bool,
    /// Distinguishes draws of one iteration.
    draw: u32,
}

impl Comparison<'_> {
    fn gate(&self) -> &GateSettings {
        &self.state.settings.gate
    }

    fn delta(&self) -> f64 {
        self.after - self.before
    }

    fn numbers(&self) -> String {
        numbers(self.before, self.after)
    }

    /// Accepts with this probability.
    fn chance(&self, rule: &str, probability: f64) -> Decision {
        let draw = seed::draw(self.state.settings.seed, "gate", self.state.iteration, self.draw);
        let is_taken = draw < probability;
        let compare = if is_taken { "<" } else { "≥" };
        let reason = format!("{rule}: {}, drew {draw:.3} {compare} p {probability:.3}.", self.numbers());
        Decision { chance: Some((probability, draw)), ..Decision::plain(is_taken, reason) }
    }
}

/// What a gate says of a candidate.
pub struct Decision {
    ruling: Ruling,
    reason: String,
    /// The probability with which the rule accepts and the number that was drawn, where it has them.
    chance: Option<(f64, f64)>,
}

impl Decision {
    fn plain(is_taken: bool, reason: String) -> Self {
        let ruling = if is_taken { Ruling::Accept } else { Ruling::Reject };
        Self { ruling, reason, chance: None }
    }

    fn indecisive(reason: String) -> Self {
        Self { ruling: Ruling::Indecisive, reason, chance: None }
    }
}

/// Decides on all candidates of the present iteration, in their order. A person's rulings come before the
/// rule: an accepted candidate is the only one, and a vetoed one never meets the gate.
pub fn decide(state: &State) -> Vec<Verdict> {
    let round = Round {
        state,
        accepted: state.candidates.iter().find(|view| view.ruled == Some(true)).map(index),
        best: best_candidate(&state.candidates),
        open: state.candidates.iter().filter(|view| is_open(view)).map(index).collect(),
    };
    let mut verdicts: Vec<Verdict> = state.candidates.iter().map(|view| round.verdict(view)).collect();
    let undecided = verdicts.iter_mut().filter(|verdict| verdict.ruling == Ruling::Indecisive);
    for (number, verdict) in (state.proposals.alternatives.len() + 1..).zip(undecided) {
        verdict.reason += &format!(" It is kept as alternative {number}.");
    }
    verdicts
}

/// Returns the candidate that gains by its score where the gate needs to know how far scores scatter and does not yet:
/// scoring it and the incumbent again would show that.
pub fn unsettled(state: &State) -> Option<u32> {
    if !find(&state.settings.gate).is_some_and(|gate| gate.weighs_noise()) {
        return None;
    }
    let best = best_candidate(&state.candidates)?;
    let view = state.candidates.iter().find(|view| index(view) == best && is_open(view))?;
    let (old, new) = (state.incumbent.as_ref()?, view.view.as_ref()?);
    let gains = old.total() < new.total() && same_basis(old, new);
    (gains && scatter::of_difference(state, old, new).is_err()).then_some(best)
}

fn index(view: &CandidateView) -> u32 {
    view.candidate.index
}

/// Whether the rule decides on it.
fn is_open(view: &CandidateView) -> bool {
    view.candidate.status == CandidateStatus::Ready && view.ruled.is_none()
}

/// All candidates of an iteration, as each of them sees the others.
pub struct Round<'a> {
    state: &'a State,
    /// The one that a person accepted.
    accepted: Option<u32>,
    /// The one with the highest total.
    best: Option<u32>,
    /// Those on which the rule decides.
    open: Vec<u32>,
}

impl Round<'_> {
    fn verdict(&self, view: &CandidateView) -> Verdict {
        let before = self.state.incumbent.as_ref().and_then(PlanView::total);
        let after = view.view.as_ref().and_then(PlanView::total);
        let verdict = |ruling, reason: String| Verdict {
            candidate: index(view),
            ruling,
            reason,
            before,
            after,
            probability: None,
            draw: None,
            control: None,
        };
        match &view.candidate.status {
            CandidateStatus::NoOp => return verdict(Ruling::Invalid, "It changes nothing.".into()),
            CandidateStatus::Duplicate { first_seen } => {
                let reason = format!("This plan was seen before, {}.", when(*first_seen));
                return verdict(Ruling::Invalid, reason);
            }
            CandidateStatus::Invalid { reason } => return verdict(Ruling::Invalid, reason.clone()),
            CandidateStatus::Control => return self.control(view, verdict(Ruling::Invalid, String::new())),
            CandidateStatus::Ready => {}
        }
        match (view.ruled, self.accepted) {
            (Some(true), _) => verdict(Ruling::Accept, by_hand("Accepted", before, after)),
            (Some(false), _) => verdict(Ruling::Reject, by_hand("Vetoed", before, after)),
            (None, Some(index)) => {
                verdict(Ruling::Reject, format!("Candidate {} was accepted by hand.", index + 1))
            }
            (None, None) => self.ruled(view, verdict(Ruling::Reject, String::new())),
        }
    }

    /// What the gate says of a candidate on which nobody ruled.
    fn ruled(&self, view: &CandidateView, mut verdict: Verdict) -> Verdict {
        let Some(gate) = find(&self.state.settings.gate) else {
            let rule = self.state.settings.gate.rule();
            (verdict.ruling, verdict.reason) =
                (Ruling::Indecisive, format!("This version has no gate called \"{rule}\"."));
            return verdict;
        };
        let decision = match (gate.decides(), self.comparison(view, 0)) {
            (Decides::ByScores(_), Err(_)) if self.is_unfinished(view) => self.step_on(index(view)),
            (Decides::Blindly(decide), _) => decide(self, index(view)),
            (Decides::ByScores(_), Err(reason)) => {
                if let Some(why) = pruned(view, verdict.before) {
                    verdict.reason = why;
                    return verdict;
                }
                (verdict.ruling, verdict.reason) = (Ruling::Indecisive, reason.to_owned());
                return verdict;
            }
            (Decides::ByScores(_), Ok(_)) if self.best != Some(index(view)) => {
                let top = self.best.map_or(String::new(), |index| format!(" {}", index + 1));
                verdict.reason = format!("Candidate{top} of this round scores higher or came first.");
                return verdict;
            }
            (Decides::ByScores(decide), Ok(comparison)) => decide(&comparison),
        };
        verdict.ruling = decision.ruling;
        verdict.reason = decision.reason;
        (verdict.probability, verdict.draw) = decision.chance.unzip();
        verdict
    }

    /// Whether the tokens of either plan are not all known, so that the two have no scores to compare.
    fn is_unfinished(&self, view: &CandidateView) -> bool {
        let before = self.state.denoising.as_ref().map(|now| &now.canvas);
        [before, view.candidate.canvas.as_ref()].into_iter().flatten().any(|canvas| !canvas.is_whole())
    }

    /// Takes the first step of the round: what is unfinished has no score.
    fn step_on(&self, candidate: u32) -> Decision {
        if self.open.first() == Some(&candidate) {
            return Decision::plain(
                true,
                "Tokens are masked, so there are no scores to compare: the step is taken.".into(),
            );
        }
        Decision::plain(
            false,
            "Tokens are masked, so there are no scores to compare: another step came first.".into(),
        )
    }

    /// What the gate would have said of the incumbent, scored once more.
    fn control(&self, view: &CandidateView, mut verdict: Verdict) -> Verdict {
        match (self.comparison(view, 1), find(&self.state.settings.gate).map(|gate| gate.decides())) {
            (Err(reason), _) => verdict.reason = format!("Control, the same plan again: {reason}"),
            (Ok(comparison), Some(Decides::Blindly(_)) | None) => {
                verdict.reason = format!("Control, the same plan again: {}.", comparison.numbers());
            }
            (Ok(comparison), Some(Decides::ByScores(decide))) => {
                let Decision { ruling, reason, chance } = decide(&comparison);
                let is_taken = ruling == Ruling::Accept;
                let word = if is_taken { "would be accepted" } else { "would not be accepted" };
                verdict.reason = format!("Control, the same plan again, {word}. {reason}");
                (verdict.probability, verdict.draw) = chance.unzip();
                verdict.control = Some(is_taken);
            }
        }
        verdict
    }

    /// Brings the candidate before the gate, or says why it cannot be compared.
    fn comparison<'c>(&'c self, view: &'c CandidateView, draw: u32) -> Result<Comparison<'c>, &'static str> {
        const MISSING: &str = "A score is missing, so the two plans cannot be compared.";
        let old = self.state.incumbent.as_ref().ok_or(MISSING)?;
        let new = view.view.as_ref().ok_or(MISSING)?;
        let (before, after) = old.total().zip(new.total()).ok_or(MISSING)?;
        if !same_basis(old, new) {
            return Err("The two plans do not have the same score parts.");
        }
        Ok(Comparison {
            state: self.state,
            old,
            new,
            before,
            after,
            items: (old.plan.len(), new.plan.len()),
            is_control: view.candidate.status == CandidateStatus::Control,
            draw,
        })
    }
}

/// Why a candidate that was not scored by all cannot be accepted; `None` where all scored it.
fn pruned(view: &CandidateView, before: Option<f64>) -> Option<String> {
    let best = view.view.as_ref()?.score.as_ref()?.upper_bound()?;
    Some(format!("At best {best:.3}, below {:.3}: scorers that cannot change that were skipped.", before?))
}

/// A person's decision in one sentence, with the numbers that they went against or along with.
fn by_hand(word: &str, before: Option<f64>, after: Option<f64>) -> String {
    match before.zip(after) {
        Some((before, after)) => format!("{word} by hand: {}.", numbers(before, after)),
        None => format!("{word} by hand; its score is not known."),
    }
}

fn numbers(before: f64, after: f64) -> String {
    let delta = after - before;
    // What decides between plans that are otherwise alike must not be shown as nothing.
    let change = if session::same_total(before, after) || delta.abs() >= 0.000_5 {
        format!("{delta:+.3}")
    } else {
        format!("{delta:+.0e}")
    };
    format!("{before:.3} → {after:.3} ({change})")
}

/// Whether the same scorers gave a value to both plans: totals over different parts do not compare.
fn same_basis(a: &PlanView, b: &PlanView) -> bool {
    let known = |view: &PlanView| -> Vec<String> {
        let parts = view.score.as_ref().map_or(&[][..], |score| &score.parts);
        parts.iter().filter(|part| part.value.is_some()).map(|part| part.name.clone()).collect()
    };
    known(a) == known(b)
}

fn when(iteration: u32) -> String {
    if iteration == 0 { "as the draft".into() } else { format!("in iteration {iteration}") }
}

/// The highest total of those that nobody vetoed; the first of equals. A control is no candidate.
fn best_candidate(candidates: &[CandidateView]) -> Option<u32> {
    let mut best: Option<(u32, f64)> = None;
    let proposed = |view: &&CandidateView| view.candidate.status != CandidateStatus::Control;
    for view in candidates.iter().filter(proposed).filter(|view| view.ruled != Some(false)) {
        let Some(total) = view.view.as_ref().and_then(|plan| plan.total()) else { continue };
        if best.is_none_or(|(_, top)| total > top) {
            best = Some((view.candidate.index, total));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests;
