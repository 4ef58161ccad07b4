//! Several plans at temperatures of their own, which swap.

use super::{
    Comparison, Decides, Decision, Gate, GateDoc, Parameter, metropolis,
    population::{is_size, total},
    refused,
};
use crate::seed;
use session::{GateSettings, State, Swap, Turn};

/// How many plans, from 2.
const REPLICAS: Parameter = Parameter::count("replicas", 4);
/// The lowest temperature.
const COLDEST: Parameter = Parameter::real("coldest", 0.01);
/// The highest temperature; those between are spaced geometrically.
const HOTTEST: Parameter = Parameter::real("hottest", 0.1);

/// The gate.
pub(super) struct ReplicaExchange;

impl Gate for ReplicaExchange {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: "replica_exchange",
            doc: "several plans at temperatures of their own, which swap",
            parameters: &[REPLICAS, COLDEST, HOTTEST],
        }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        let (coldest, hottest) = (COLDEST.of(gate), HOTTEST.of(gate));
        refused(
            is_size(REPLICAS, gate) && coldest > 0.0 && hottest >= coldest,
            "There must be 2 to 64 replicas, and the coldest must be above 0 and not above the hottest.",
        )
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

/// Metropolis at the temperature of the replica whose turn it is.
fn decide(comparison: &Comparison<'_>) -> Decision {
    let at = comparison.state.population.at;
    let t = Ladder::of(comparison.gate()).temperature(at);
    let replicas = REPLICAS.count_of(comparison.gate());
    let name = format!("Replica {} of {replicas}, at T {t:.3}", at + 1);
    comparison.chance(&name, metropolis::probability(comparison.delta(), t))
}

/// The temperatures of all replicas.
struct Ladder {
    replicas: u32,
    coldest: f64,
    hottest: f64,
}

impl Ladder {
    fn of(gate: &GateSettings) -> Self {
        Self { replicas: REPLICAS.count_of(gate), coldest: COLDEST.of(gate), hottest: HOTTEST.of(gate) }
    }

    /// They are spaced geometrically, the coldest first.
    fn temperature(&self, at: u32) -> f64 {
        let share = f64::from(at) / f64::from(self.replicas.saturating_sub(1).max(1));
        self.coldest * (self.hottest / self.coldest).powf(share)
    }
}

/// Replicas take turns. After each round neighbours swap with probability min(1, exp((1/T_i − 1/T_j)·(s_j − s_i)))
/// (Swendsen and Wang 1986; Geyer 1991), the even pairs and the odd ones by turns.
fn next(state: &State) -> Turn {
    let ladder = Ladder::of(&state.settings.gate);
    let replicas = ladder.replicas;
    let population = &state.population;
    let finished = state.finished_iterations();
    let is_begun = population.members.len() == replicas as usize;
    let mut totals: Vec<f64> = population.members.iter().map(total).collect();
    if let (Some(place), Some(now)) = (totals.get_mut(population.at as usize), &state.incumbent) {
        *place = total(now);
    }
    let kept_at = population.at;
    let member = if is_begun { (population.at + 1) % replicas } else { 0 };
    let round = finished / replicas.max(1);
    let mut swaps = Vec::new();
    if is_begun && member == 0 {
        for colder in (round % 2..replicas.saturating_sub(1)).step_by(2) {
            let t = |at| ladder.temperature(at);
            let (cold, warm) = (totals[colder as usize], totals[colder as usize + 1]);
            let probability = swap_probability((t(colder), cold), (t(colder + 1), warm));
            let draw = seed::draw(state.settings.seed, "exchange", finished, colder);
            swaps.push(Swap { colder, probability, draw, swapped: draw < probability });
        }
    }
    let reason = sentence(state, member, ladder.temperature(member), &swaps);
    Turn { members: replicas, kept_at, swaps, member, reason }
}

/// Each pair is a temperature and a score; a plan without a score (−∞) does not go to where it is colder.
fn swap_probability((t_i, s_i): (f64, f64), (t_j, s_j): (f64, f64)) -> f64 {
    let gain = if s_i == s_j { 0.0 } else { s_j - s_i };
    metropolis::probability((1.0 / t_i - 1.0 / t_j) * gain, 1.0)
}

fn sentence(state: &State, member: u32, t: f64, swaps: &[Swap]) -> String {
    let population = &state.population;
    let made = swaps.iter().filter(|swap| swap.swapped).count() as u32;
    let (made, tried) = (population.swapped + made, population.tried + swaps.len() as u32);
    let rate = if tried == 0 { String::new() } else { format!("; {made} of {tried} swaps were made so far") };
    format!("Replica exchange: replica {} is next, at T {t:.3}{rate}.", member + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_geometric() {
        let ladder = Ladder { replicas: 3, coldest: 0.01, hottest: 0.04 };
        let all: Vec<f64> = (0..3).map(|at| ladder.temperature(at)).collect();
        assert!(all.iter().zip([0.01, 0.02, 0.04]).all(|(got, want)| (got - want).abs() < 1e-12), "{all:?}");
    }

    #[test]
    fn the_better_plan_goes_to_the_cold() {
        assert_eq!(swap_probability((0.1, 0.4), (0.2, 0.5)), 1.0);
        let p = swap_probability((0.1, 0.5), (0.2, 0.4));
        assert!((p - (-0.5_f64).exp()).abs() < 1e-9, "{p}");
        assert_eq!(swap_probability((0.1, 0.5), (0.2, f64::NEG_INFINITY)), 0.0);
        assert_eq!(swap_probability((0.1, f64::NEG_INFINITY), (0.2, f64::NEG_INFINITY)), 1.0);
    }
}
