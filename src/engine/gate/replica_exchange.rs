//! Several plans at temperatures of their own, which swap.

use super::{
    Meeting, Word, metropolis,
    population::{Next, total},
};
use crate::seed;
use session::{State, Swap};

/// Metropolis at the temperature of the replica whose turn it is.
pub(super) fn meet(meeting: &Meeting<'_>, replicas: u32, coldest: f64, hottest: f64) -> Word {
    let at = meeting.state.population.at;
    let t = temperature(at, replicas, coldest, hottest);
    let name = format!("Replica {} of {replicas}, at T {t:.3}", at + 1);
    meeting.chance(&name, metropolis::probability(meeting.delta(), t))
}

/// Temperatures are spaced geometrically, the coldest first.
fn temperature(at: u32, replicas: u32, coldest: f64, hottest: f64) -> f64 {
    let share = f64::from(at) / f64::from(replicas.saturating_sub(1).max(1));
    coldest * (hottest / coldest).powf(share)
}

/// Replicas take turns. After each round neighbours swap with probability min(1, exp((1/T_i − 1/T_j)·(s_j − s_i)))
/// (Swendsen and Wang 1986; Geyer 1991), the even pairs and the odd ones by turns.
pub(super) fn next(state: &State, replicas: u32, coldest: f64, hottest: f64) -> Next {
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
            let t = |at| temperature(at, replicas, coldest, hottest);
            let (cold, warm) = (totals[colder as usize], totals[colder as usize + 1]);
            let probability = swap_probability((t(colder), cold), (t(colder + 1), warm));
            let draw = seed::draw(state.settings.seed, "exchange", finished, colder);
            swaps.push(Swap { colder, probability, draw, swapped: draw < probability });
        }
    }
    let reason = sentence(state, member, temperature(member, replicas, coldest, hottest), &swaps);
    Next { kept_at, swaps, member, reason }
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
        let all: Vec<f64> = (0..3).map(|at| temperature(at, 3, 0.01, 0.04)).collect();
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
