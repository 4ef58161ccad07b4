//! Accepts what is better by more than the noise of the scores explains.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter, parameter, refused, sideways};
use crate::scatter::{self, DifferenceNoise, PartError};
use session::{CLEAR, GateSettings};

/// A gain must be above this many standard errors of the difference; the normal quantile at 95 %, rounded down.
const Z: Parameter = Parameter::real("z", 1.64);

/// The gate.
pub(super) struct Clear;

/// Returns the gate with which new runs begin.
pub fn usual() -> GateSettings {
    parameter::starting(&Clear)
}

impl Gate for Clear {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: CLEAR,
            doc: "accepts what is better by more than z standard errors of the scores; keeps other gains as alternatives",
            parameters: &[Z, sideways::SIDEWAYS],
        }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        refused(Z.of(gate) > 0.0, "z must be above 0.")
    }

    fn accepts_no_loss(&self, _: &GateSettings) -> bool {
        true
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn weighs_noise(&self) -> bool {
        true
    }
}

/// `accept = Δ > z · SE(Δ)`, with SE as [`scatter`] has it. A gain that is not above it, or whose SE is not known yet, is
/// indecisive.
fn decide(comparison: &Comparison<'_>) -> Decision {
    let numbers = comparison.numbers();
    if let Some(decision) = sideways::step(comparison, "Clear") {
        return decision;
    }
    if comparison.delta() <= 0.0 {
        return Decision::plain(false, format!("Clear: {numbers} is not higher."));
    }
    let noise = match scatter::of_difference(comparison.state, comparison.old, comparison.new) {
        Ok(noise) => noise,
        Err(unknown) => {
            let parts = unknown.join(", ");
            return Decision::indecisive(format!(
                "Clear: {numbers}, but how far {parts} scatters is not known yet."
            ));
        }
    };
    let z = Z.of(comparison.gate());
    let limit = noise.limit(z);
    if noise.0.is_empty() {
        return Decision::plain(
            true,
            format!("Clear: {numbers} is higher, and no part of the score scatters (SE 0)."),
        );
    }
    let rule = format!("{limit:.3}, z = {z} at SE {:.3} ({})", noise.error(), sources(&noise));
    if comparison.delta() > limit {
        Decision::plain(true, format!("Clear: {numbers} is above {rule}."))
    } else {
        Decision::indecisive(format!("Clear: {numbers} is not above {rule}."))
    }
}

/// The parts that scatter, each with what its error is known from.
fn sources(noise: &DifferenceNoise) -> String {
    let source = |part: &PartError| match part.freedom {
        Some(n) => format!("{} measured with {n} degrees of freedom", part.name),
        None => format!("{} by its own error", part.name),
    };
    noise.0.iter().map(source).collect::<Vec<_>>().join(", ")
}
