//! The acceptance rules.
//!
//! Of the candidates of an iteration only the one with the highest total meets the gate; the others are
//! rejected as not being it. Each verdict says so in one sentence with its numbers. One file a rule, and one arm in
//! `rule`; which rules there are and how they are written is in [`Gate`].

mod best_of_k;
mod clear;
mod coin_flip;
mod greedy;
mod late_acceptance;
mod metropolis;
mod penalty;
mod population;
mod qalign;
mod replica_exchange;
mod sideways;
mod threshold;
mod tournament;

use self::population::Next;
pub use self::population::turn;
use super::{scatter, seed};
use session::{CandidateStatus, CandidateView, Gate, PlanView, Ruling, State, Verdict};

/// A scored candidate before the gate, at the moment `state`.
struct Meeting<'a> {
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
    /// Whether it is the plan that stands, scored once more.
    is_control: bool,
    /// Tells draws of one iteration apart.
    draw: u32,
}

impl Meeting<'_> {
    fn delta(&self) -> f64 {
        self.after - self.before
    }

    fn numbers(&self) -> String {
        numbers(self.before, self.after)
    }

    /// Accepts with this probability.
    fn chance(&self, rule: &str, probability: f64) -> Word {
        let draw = seed::draw(self.state.settings.seed, "gate", self.state.iteration, self.draw);
        let is_taken = draw < probability;
        let compare = if is_taken { "<" } else { "≥" };
        let reason = format!("{rule}: {}, drew {draw:.3} {compare} p {probability:.3}.", self.numbers());
        Word { chance: Some((probability, draw)), ..Word::plain(is_taken, reason) }
    }
}

/// What a rule says of a candidate.
struct Word {
    ruling: Ruling,
    reason: String,
    /// The probability with which the rule accepts and the number that was drawn, where it has them.
    chance: Option<(f64, f64)>,
}

impl Word {
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
    let field = Field {
        state,
        accepted: state.candidates.iter().find(|view| view.ruled == Some(true)).map(index),
        best: best_candidate(&state.candidates),
        open: state.candidates.iter().filter(|view| is_open(view)).map(index).collect(),
    };
    let mut verdicts: Vec<Verdict> = state.candidates.iter().map(|view| field.verdict(view)).collect();
    let undecided = verdicts.iter_mut().filter(|verdict| verdict.ruling == Ruling::Indecisive);
    for (number, verdict) in (state.alternatives.len() + 1..).zip(undecided) {
        verdict.reason += &format!(" It is kept as alternative {number}.");
    }
    verdicts
}

/// Returns the candidate that gains by its score where the gate needs to know how far scores scatter and does not yet:
/// scoring it and the incumbent again would show that.
pub fn unsettled(state: &State) -> Option<u32> {
    let Gate::Clear { .. } = state.settings.gate else { return None };
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
struct Field<'a> {
    state: &'a State,
    /// The one that a person accepted.
    accepted: Option<u32>,
    /// The one with the highest total.
    best: Option<u32>,
    /// Those on which the rule decides.
    open: Vec<u32>,
}

impl Field<'_> {
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

    /// What the rule says of a candidate on which nobody ruled.
    fn ruled(&self, view: &CandidateView, mut verdict: Verdict) -> Verdict {
        let word = match (rule(self.state.settings.gate).says, self.meeting(view, 0)) {
            (Says::Blindly(says), _) => says(self, index(view)),
            (Says::ByScores(_), Err(reason)) => {
                (verdict.ruling, verdict.reason) = (Ruling::Indecisive, reason.to_owned());
                return verdict;
            }
            (Says::ByScores(_), Ok(_)) if self.best != Some(index(view)) => {
                let top = self.best.map_or(String::new(), |index| format!(" {}", index + 1));
                verdict.reason = format!("Candidate{top} of this round scores higher or came first.");
                return verdict;
            }
            (Says::ByScores(says), Ok(meeting)) => says(&meeting),
        };
        verdict.ruling = word.ruling;
        verdict.reason = word.reason;
        (verdict.probability, verdict.draw) = word.chance.unzip();
        verdict
    }

    /// What the rule would have said of the plan that stands, scored once more.
    fn control(&self, view: &CandidateView, mut verdict: Verdict) -> Verdict {
        match (self.meeting(view, 1), rule(self.state.settings.gate).says) {
            (Err(reason), _) => verdict.reason = format!("Control, the same plan again: {reason}"),
            (Ok(meeting), Says::Blindly(_)) => {
                verdict.reason = format!("Control, the same plan again: {}.", meeting.numbers());
            }
            (Ok(meeting), Says::ByScores(says)) => {
                let Word { ruling, reason, chance } = says(&meeting);
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
    fn meeting<'m>(&'m self, view: &'m CandidateView, draw: u32) -> Result<Meeting<'m>, &'static str> {
        const MISSING: &str = "A score is missing, so the two plans cannot be compared.";
        let old = self.state.incumbent.as_ref().ok_or(MISSING)?;
        let new = view.view.as_ref().ok_or(MISSING)?;
        let (before, after) = old.total().zip(new.total()).ok_or(MISSING)?;
        if !same_basis(old, new) {
            return Err("Not the same parts of the score are known for both plans.");
        }
        Ok(Meeting {
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

/// What a rule says by the scores of the best candidate.
type ByScores = Box<dyn Fn(&Meeting<'_>) -> Word>;
/// What a rule that looks at no score says of a candidate, by its index.
type Blindly = Box<dyn Fn(&Field<'_>, u32) -> Word>;
/// Whose turn it is next.
type Turns = Box<dyn Fn(&State) -> Next>;

/// A rule at work.
struct Rule {
    says: Says,
    /// Under a rule that refines several plans: how many, and whose turn it is.
    turns: Option<(u32, Turns)>,
}

/// How a rule decides.
enum Says {
    /// By the scores, on the best candidate alone.
    ByScores(ByScores),
    /// Without looking at scores, on each candidate by its index.
    Blindly(Blindly),
}

impl Rule {
    fn by_scores(says: impl Fn(&Meeting<'_>) -> Word + 'static) -> Self {
        Self { says: Says::ByScores(Box::new(says)), turns: None }
    }

    fn blind(says: impl Fn(&Field<'_>, u32) -> Word + 'static) -> Self {
        Self { says: Says::Blindly(Box::new(says)), turns: None }
    }

    fn with_turns(self, members: u32, next: impl Fn(&State) -> Next + 'static) -> Self {
        Self { turns: Some((members, Box::new(next))), ..self }
    }
}

/// What each gate does: one arm a gate, and no other place in the engine names them.
fn rule(gate: Gate) -> Rule {
    match gate {
        Gate::Greedy { sideways } => Rule::by_scores(move |meeting| greedy::meet(meeting, sideways)),
        Gate::Clear { z, sideways } => Rule::by_scores(move |meeting| clear::meet(meeting, z, sideways)),
        Gate::Threshold { margin } => Rule::by_scores(move |meeting| threshold::meet(meeting, margin)),
        Gate::Metropolis { start, cooling } => {
            Rule::by_scores(move |meeting| metropolis::meet(meeting, start, cooling))
        }
        Gate::Qalign { beta } => Rule::by_scores(move |meeting| qalign::meet(meeting, beta)),
        Gate::Penalty { temperature, sigma } => {
            Rule::by_scores(move |meeting| penalty::meet(meeting, temperature, sigma))
        }
        Gate::LateAcceptance { length } => {
            Rule::by_scores(move |meeting| late_acceptance::meet(meeting, length))
        }
        Gate::BestOfK => Rule::by_scores(best_of_k::meet),
        Gate::CoinFlip { rate } => {
            Rule::blind(move |field, candidate| coin_flip::flip(field, candidate, rate))
        }
        Gate::Manual => Rule::blind(|_, _| Word::plain(false, "Manual: nobody accepted it.".to_owned())),
        Gate::Tournament { members, temperature } => Rule::by_scores(tournament::meet)
            .with_turns(members, move |state| tournament::next(state, temperature)),
        Gate::ReplicaExchange { replicas, coldest, hottest } => {
            Rule::by_scores(move |meeting| replica_exchange::meet(meeting, replicas, coldest, hottest))
                .with_turns(replicas, move |state| replica_exchange::next(state, replicas, coldest, hottest))
        }
    }
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
