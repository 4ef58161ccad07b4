//! Looks at no score: the control.

use super::{Decides, Decision, Gate, GateDoc, Parameter, Round, refused};
use crate::seed;
use session::{GateSettings, GateValue};

/// The gate's name.
pub const NAME: &str = "coin_flip";

/// The probability of accepting.
const RATE: Parameter = Parameter::real("rate", 0.5);

/// The gate.
pub(super) struct CoinFlip;

/// Returns the gate at an acceptance rate from 0 to 1.
pub fn at(rate: f64) -> GateSettings {
    GateSettings::new(NAME, [(RATE.name, GateValue::Real(rate))])
}

impl Gate for CoinFlip {
    fn doc(&self) -> GateDoc {
        GateDoc { name: NAME, doc: "looks at no score: the control", parameters: &[RATE] }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        refused((0.0..=1.0).contains(&RATE.of(gate)), "The rate must be from 0 to 1.")
    }

    fn decides(&self) -> Decides {
        Decides::Blindly(flip)
    }

    fn compares_only_totals(&self) -> bool {
        false
    }
}

/// Draws one of the candidates that are open and accepts it with probability `rate`. Run at the acceptance rate of another
/// run it shows what that run's score is worth.
fn flip(round: &Round<'_>, candidate: u32) -> Decision {
    let settings = &round.state.settings;
    let (seed, iteration, rate) = (settings.seed, round.state.iteration, RATE.of(&settings.gate));
    let pick = seed::draw(seed, "gate pick", iteration, 0);
    let picked = round.open.get((pick * round.open.len() as f64) as usize).copied();
    if picked != Some(candidate) {
        let other = picked.map_or_else(String::new, |index| format!(", candidate {}", index + 1));
        return Decision::plain(false, format!("Coin flip: another one was drawn{other}."));
    }
    let draw = seed::draw(seed, "gate", iteration, 0);
    let is_taken = draw < rate;
    let compare = if is_taken { "<" } else { "≥" };
    let reason = format!("Coin flip, scores ignored: drew {draw:.3} {compare} p {rate:.3}.");
    Decision { chance: Some((rate, draw)), ..Decision::plain(is_taken, reason) }
}
