//! Metropolis for a score whose noise is known.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter, refused};
use session::GateSettings;

/// The temperature.
const TEMPERATURE: Parameter = Parameter::real("temperature", 0.05);
/// The standard deviation of the difference of two scores of plans that are equally good.
const SIGMA: Parameter = Parameter::real("sigma", 0.02);

/// The gate.
pub(super) struct Penalty;

impl Gate for Penalty {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: "penalty",
            doc: "metropolis for a difference of scores with known noise",
            parameters: &[TEMPERATURE, SIGMA],
        }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        let is_sound = TEMPERATURE.of(gate) > 0.0 && SIGMA.of(gate) >= 0.0;
        refused(is_sound, "The temperature must be above 0, and sigma not below 0.")
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn has_constant_temperature(&self, _: &GateSettings) -> bool {
        true
    }
}

/// `accept = min(1, exp(Δ / T − σ² / 2T²))`, where σ is the standard deviation of the noise on Δ (Ceperley and
/// Dewing 1999). With that, noise does not warm the walk; where σ is far above T nothing is accepted any more.
fn decide(comparison: &Comparison<'_>) -> Decision {
    let (t, sigma) = (TEMPERATURE.of(comparison.gate()), SIGMA.of(comparison.gate()));
    let probability = (comparison.delta() / t - sigma * sigma / (2.0 * t * t)).exp().min(1.0);
    comparison.chance(&format!("Penalty at T {t:.3} for noise {sigma:.3}"), probability)
}
