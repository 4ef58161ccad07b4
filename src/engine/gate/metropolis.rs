//! Accepts worse plans too, the colder the less.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter, refused};
use session::GateSettings;

/// The temperature of the first iteration.
const START: Parameter = Parameter::real("start", 0.05);
/// Taken from the temperature after each iteration; it never falls below 0.
const COOLING: Parameter = Parameter::real("cooling", 0.0);

/// The gate.
pub(super) struct Metropolis;

impl Gate for Metropolis {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: "metropolis",
            doc: "accepts worse plans too, the colder the less; above cooling 0 simulated annealing",
            parameters: &[START, COOLING],
        }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        let is_sound = START.of(gate) >= 0.0 && COOLING.of(gate) >= 0.0;
        refused(is_sound, "Start and cooling must not be below 0.")
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn has_constant_temperature(&self, gate: &GateSettings) -> bool {
        START.of(gate) > 0.0 && COOLING.of(gate) == 0.0
    }
}

/// `accept = min(1, exp(Δ / T))` (Metropolis et al. 1953) with T = max(0, start − cooling·(iteration − 1)), which
/// above cooling 0 is simulated annealing (Kirkpatrick et al. 1983).
fn decide(comparison: &Comparison<'_>) -> Decision {
    let gate = comparison.gate();
    let t = temperature(START.of(gate), COOLING.of(gate), comparison.state.iteration);
    comparison.chance(&format!("Metropolis at T {t:.3}"), probability(comparison.delta(), t))
}

/// The temperature in `iteration`, from 1.
pub(super) fn temperature(start: f64, cooling: f64, iteration: u32) -> f64 {
    (start - cooling * f64::from(iteration.saturating_sub(1))).max(0.0)
}

/// Returns min(1, exp(Δ / T)); at T 0 whether Δ is not below 0.
pub(super) fn probability(delta: f64, t: f64) -> f64 {
    if delta >= 0.0 {
        1.0
    } else if t > 0.0 {
        (delta / t).exp()
    } else {
        0.0
    }
}
