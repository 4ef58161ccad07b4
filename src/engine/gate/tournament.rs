//! Several plans compete, and the better ones are refined more often.

use super::{
    Comparison, Decides, Decision, Gate, GateDoc, Parameter,
    population::{is_size, total},
    refused,
};
use crate::seed;
use session::{GateSettings, State, Turn};

/// How many plans, from 2.
const MEMBERS: Parameter = Parameter::count("members", 4);
/// How much better a plan must be to be taken e times as often.
const TEMPERATURE: Parameter = Parameter::real("temperature", 0.05);

/// The gate.
pub(super) struct Tournament;

impl Gate for Tournament {
    fn doc(&self) -> GateDoc {
        GateDoc { name: "tournament", doc: "several plans compete", parameters: &[MEMBERS, TEMPERATURE] }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        let is_sound = is_size(MEMBERS, gate) && TEMPERATURE.of(gate) > 0.0;
        refused(is_sound, "There must be 2 to 64 members, and the temperature must be above 0.")
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn next_turn(&self, state: &State) -> Option<Turn> {
        Some(next(state))
    }

    fn compares_only_totals(&self) -> bool {
        false
    }
}

/// What beats the weakest member takes its place.
fn decide(comparison: &Comparison<'_>) -> Decision {
    let members = &comparison.state.population.members;
    let weakest = members.iter().map(total).fold(comparison.before, f64::min);
    let accept = comparison.after > weakest;
    let word = if accept { "beats" } else { "does not beat" };
    let reason = format!(
        "Tournament: {} {word} the weakest of {}, {weakest:.3}.",
        comparison.numbers(),
        members.len().max(1)
    );
    Decision::plain(accept, reason)
}

/// A plan that is new takes the place of the weakest member; the next to be refined is drawn with probability
/// proportional to exp(s / T) (Boltzmann selection; a steady-state form of Mind Evolution, Lee et al. 2025,
/// arXiv 2501.09891).
fn next(state: &State) -> Turn {
    let gate = &state.settings.gate;
    let population = &state.population;
    let mut totals: Vec<f64> = population.members.iter().map(total).collect();
    let incumbent = state.incumbent.as_ref();
    let kept_at = match (population.members.get(population.at as usize), incumbent) {
        (Some(member), Some(now)) if member.plan.hash() != now.plan.hash() => weakest(&totals),
        (Some(_) | None, Some(_) | None) => population.at as usize,
    };
    if let (Some(place), Some(now)) = (totals.get_mut(kept_at), incumbent) {
        *place = total(now);
    }
    let shares = boltzmann(&totals, TEMPERATURE.of(gate));
    let draw = seed::draw(state.settings.seed, "tournament", state.finished_iterations(), 0);
    let member = drawn(&shares, draw);
    let reason = match (shares.get(member), totals.get(member)) {
        (Some(share), Some(score)) => format!(
            "Tournament: member {} of {} is refined next; its score {score:.3} made that {:.0} % likely.",
            member + 1,
            totals.len(),
            100.0 * share
        ),
        (None, _) | (_, None) => "Tournament: all members begin as the first plan.".to_owned(),
    };
    let members = MEMBERS.count_of(gate);
    Turn { members, kept_at: kept_at as u32, swaps: Vec::new(), member: member as u32, reason }
}

fn weakest(totals: &[f64]) -> usize {
    totals.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at)
}

/// Shares proportional to exp(s / T), computed relative to the highest so that nothing overflows; equal shares where
/// nothing has a score.
fn boltzmann(totals: &[f64], temperature: f64) -> Vec<f64> {
    let top = totals.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weight = |score: &f64| if top.is_finite() { ((score - top) / temperature).exp() } else { 1.0 };
    let weights: Vec<f64> = totals.iter().map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// The place that `draw`, from 0 to 1, falls on; 0 where there is none.
fn drawn(shares: &[f64], draw: f64) -> usize {
    let mut sum = 0.0;
    let place = shares.iter().position(|share| {
        sum += share;
        draw < sum
    });
    place.unwrap_or(shares.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_the_scores() {
        let shares = boltzmann(&[0.5, 0.6, f64::NEG_INFINITY], 0.1);
        assert!((shares[1] / shares[0] - std::f64::consts::E).abs() < 1e-9);
        assert_eq!(shares[2], 0.0);
        assert_eq!(boltzmann(&[f64::NEG_INFINITY; 2], 0.1), [0.5, 0.5]);
        assert_eq!((drawn(&shares, 0.1), drawn(&shares, 0.9), drawn(&shares, 1.0)), (0, 1, 2));
    }
}
