//! The acceptance rules.
//!
//! Of the candidates of an iteration only the one with the highest total meets the gate; the others are
//! rejected as not being it. Each verdict says so in one sentence with its numbers.

use super::seed;
use crate::session::{CandidateStatus, CandidateView, Gate, PlanView, Ruling, State, Verdict};

/// Returns the temperature of the gate in `iteration` (from 1); `None` for rules without one.
pub fn temperature(gate: Gate, iteration: u32) -> Option<f64> {
    match gate {
        Gate::Greedy | Gate::Threshold { .. } => None,
        Gate::Metropolis { start, cooling } => {
            Some((start - cooling * f64::from(iteration.saturating_sub(1))).max(0.0))
        }
    }
}

/// Decides on all candidates of the present iteration, in their order. A person's rulings come before the
/// rule: an accepted candidate is the only one, and a vetoed one never meets the gate.
pub fn decide(state: &State) -> Vec<Verdict> {
    let accepted = state.candidates.iter().find(|view| view.ruled == Some(true));
    let accepted = accepted.map(|view| view.candidate.index);
    let best = best_candidate(&state.candidates);
    state.candidates.iter().map(|view| verdict(state, view, accepted, best)).collect()
}

/// Decides on one candidate, where `accepted` is the one that a person accepted and `best` the one with the
/// highest total.
fn verdict(state: &State, view: &CandidateView, accepted: Option<u32>, best: Option<u32>) -> Verdict {
    let candidate = view.candidate.index;
    let before = state.incumbent.as_ref().and_then(PlanView::total);
    let after = view.view.as_ref().and_then(PlanView::total);
    let verdict = |ruling, reason: String| Verdict {
        candidate,
        ruling,
        reason,
        before,
        after,
        probability: None,
        draw: None,
    };
    match &view.candidate.status {
        CandidateStatus::NoOp => return verdict(Ruling::Invalid, "It changes nothing.".into()),
        CandidateStatus::Duplicate { first_seen } => {
            return verdict(Ruling::Invalid, format!("This plan was seen before, {}.", when(*first_seen)));
        }
        CandidateStatus::Invalid { reason } => return verdict(Ruling::Invalid, reason.clone()),
        CandidateStatus::Ready => {}
    }
    match (view.ruled, accepted) {
        (Some(true), _) => verdict(Ruling::Accept, by_hand("Accepted", before, after)),
        (Some(false), _) => verdict(Ruling::Reject, by_hand("Vetoed", before, after)),
        (None, Some(index)) => {
            verdict(Ruling::Reject, format!("Candidate {} was accepted by hand.", index + 1))
        }
        (None, None) => match before.zip(after) {
            None => {
                verdict(Ruling::Indecisive, "A score is missing, so the two plans cannot be compared.".into())
            }
            Some(_) if !same_basis(state.incumbent.as_ref(), view.view.as_ref()) => {
                let reason = "Not the same parts of the score are known for both plans.";
                verdict(Ruling::Indecisive, reason.into())
            }
            Some((before, after)) if best == Some(candidate) => meet(state, candidate, before, after),
            Some(_) => {
                let top = best.map_or(String::new(), |index| format!(" {}", index + 1));
                verdict(Ruling::Reject, format!("Candidate{top} of this round scores higher or came first."))
            }
        },
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
    format!("{before:.3} → {after:.3} ({:+.3})", after - before)
}

/// Whether the same scorers gave a value to both plans: totals over different parts do not compare.
fn same_basis(a: Option<&PlanView>, b: Option<&PlanView>) -> bool {
    let known = |view: Option<&PlanView>| -> Vec<String> {
        let parts = view.and_then(|view| view.score.as_ref()).map_or(&[][..], |score| &score.parts);
        parts.iter().filter(|part| part.value.is_some()).map(|part| part.name.clone()).collect()
    };
    known(a) == known(b)
}

fn when(iteration: u32) -> String {
    if iteration == 0 { "as the draft".into() } else { format!("in iteration {iteration}") }
}

/// The highest total of those that nobody vetoed; the first of equals.
fn best_candidate(candidates: &[CandidateView]) -> Option<u32> {
    let mut best: Option<(u32, f64)> = None;
    for view in candidates.iter().filter(|view| view.ruled != Some(false)) {
        let Some(total) = view.view.as_ref().and_then(|plan| plan.total()) else { continue };
        if best.is_none_or(|(_, top)| total > top) {
            best = Some((view.candidate.index, total));
        }
    }
    best.map(|(index, _)| index)
}

/// Applies the rule to the best candidate.
fn meet(state: &State, candidate: u32, before: f64, after: f64) -> Verdict {
    let delta = after - before;
    let numbers = numbers(before, after);
    let (ruling, reason, probability, draw) = match state.settings.gate {
        Gate::Greedy => {
            let (ruling, word) =
                if delta > 0.0 { (Ruling::Accept, "higher") } else { (Ruling::Reject, "not higher") };
            (ruling, format!("Greedy: {numbers} is {word}."), None, None)
        }
        Gate::Threshold { margin } => {
            let (ruling, word) =
                if delta >= margin { (Ruling::Accept, "reaches") } else { (Ruling::Reject, "stays below") };
            (ruling, format!("Threshold: {numbers} {word} the margin {margin:+.3}."), None, None)
        }
        Gate::Metropolis { .. } => metropolis(state, delta, &numbers),
    };
    Verdict { candidate, ruling, reason, before: Some(before), after: Some(after), probability, draw }
}

/// `accept = min(1, exp(Δ / T))` (Metropolis et al. 1953; with falling T simulated annealing, Kirkpatrick
/// et al. 1983).
fn metropolis(state: &State, delta: f64, numbers: &str) -> (Ruling, String, Option<f64>, Option<f64>) {
    let t = temperature(state.settings.gate, state.iteration).unwrap_or(0.0);
    let probability = if delta >= 0.0 {
        1.0
    } else if t > 0.0 {
        (delta / t).exp()
    } else {
        0.0
    };
    let draw = seed::draw(state.settings.seed, "gate", state.iteration, 0);
    let ruling = if draw < probability { Ruling::Accept } else { Ruling::Reject };
    let compare = if draw < probability { "<" } else { "≥" };
    let reason = format!("Metropolis at T {t:.3}: {numbers}, drew {draw:.3} {compare} p {probability:.3}.");
    (ruling, reason, Some(probability), Some(draw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Item, ItemId, ItemKind, Plan},
        session::{Candidate, PlanView, Score, ScorePart},
    };

    fn view(total: f64) -> PlanView {
        let part = ScorePart {
            name: "checker".into(),
            value: Some(total),
            weight: 1.0,
            stderr: None,
            cost: crate::llm::Cost::default(),
            detail: String::new(),
        };
        let plan = Plan::new(vec![Item::new(ItemId::new(ItemKind::Step, 1), "x")]).unwrap();
        PlanView { plan, score: Some(Score::from_parts(vec![part])), ..PlanView::default() }
    }

    fn candidate(index: u32, status: CandidateStatus, total: Option<f64>) -> CandidateView {
        let candidate = Candidate {
            index,
            kind: "replace".into(),
            reply: String::new(),
            seed: 0,
            edit: None,
            hash: None,
            proposer: None,
            confidence: Default::default(),
            status,
        };
        CandidateView { candidate, view: total.map(view), verdict: None, ruled: None, edited: false }
    }

    fn state(gate: Gate, before: f64, after: &[f64]) -> State {
        let mut state = State::default();
        state.settings.gate = gate;
        state.iteration = 1;
        state.incumbent = Some(view(before));
        state.candidates = (0..)
            .zip(after)
            .map(|(index, total)| candidate(index, CandidateStatus::Ready, Some(*total)))
            .collect();
        state
    }

    fn rulings(state: &State) -> Vec<Ruling> {
        decide(state).into_iter().map(|verdict| verdict.ruling).collect()
    }

    #[test]
    fn greedy_takes_only_the_best_and_only_when_higher() {
        use Ruling::{Accept, Reject};
        assert_eq!(rulings(&state(Gate::Greedy, 0.5, &[0.6, 0.7, 0.7])), [Reject, Accept, Reject]);
        assert_eq!(rulings(&state(Gate::Greedy, 0.7, &[0.7])), [Reject]);
    }

    #[test]
    fn threshold_wants_its_margin() {
        let gate = Gate::Threshold { margin: 0.125 };
        assert_eq!(rulings(&state(gate, 0.5, &[0.625])), [Ruling::Accept]);
        assert_eq!(rulings(&state(gate, 0.5, &[0.62])), [Ruling::Reject]);
    }

    #[test]
    fn metropolis_accepts_worse_plans_as_often_as_it_says() {
        let gate = Gate::Metropolis { start: 0.1, cooling: 0.0 };
        let mut state = state(gate, 0.5, &[0.45]);
        let mut accepted = 0;
        for iteration in 1..=4000 {
            state.iteration = iteration;
            let verdict = &decide(&state)[0];
            assert!((verdict.probability.unwrap() - (-0.5_f64).exp()).abs() < 1e-9);
            accepted += u32::from(verdict.ruling == Ruling::Accept);
        }
        let share = f64::from(accepted) / 4000.0;
        assert!((share - (-0.5_f64).exp()).abs() < 0.03, "accepted {share}");
    }

    #[test]
    fn annealing_ends_as_greedy() {
        let gate = Gate::Metropolis { start: 0.1, cooling: 0.02 };
        assert_eq!(temperature(gate, 1), Some(0.1));
        assert_eq!(temperature(gate, 100), Some(0.0));
        let mut state = state(gate, 0.5, &[0.499]);
        state.iteration = 100;
        assert_eq!(rulings(&state), [Ruling::Reject]);
    }

    #[test]
    fn a_person_comes_before_the_rule() {
        use Ruling::{Accept, Reject};
        let mut state = state(Gate::Greedy, 0.5, &[0.4, 0.9, 0.7]);
        state.candidates[1].ruled = Some(false);
        assert_eq!(rulings(&state), [Reject, Reject, Accept]);
        assert_eq!(decide(&state)[1].reason, "Vetoed by hand: 0.500 → 0.900 (+0.400).");
        state.candidates[0].ruled = Some(true);
        assert_eq!(rulings(&state), [Accept, Reject, Reject]);
        let reasons: Vec<String> = decide(&state).into_iter().map(|verdict| verdict.reason).collect();
        assert_eq!(reasons[0], "Accepted by hand: 0.500 → 0.400 (-0.100).");
        assert_eq!(reasons[2], "Candidate 1 was accepted by hand.");
    }

    #[test]
    fn what_is_no_candidate_says_why() {
        let mut state = state(Gate::Greedy, 0.5, &[]);
        state.candidates = vec![
            candidate(0, CandidateStatus::NoOp, None),
            candidate(1, CandidateStatus::Duplicate { first_seen: 0 }, None),
            candidate(2, CandidateStatus::Ready, None),
        ];
        let verdicts = decide(&state);
        assert_eq!(verdicts[0].ruling, Ruling::Invalid);
        assert_eq!(verdicts[1].reason, "This plan was seen before, as the draft.");
        assert_eq!(verdicts[2].ruling, Ruling::Indecisive);
    }
}
