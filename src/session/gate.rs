//! Which rule accepts proposals, and how it is written.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// The acceptance rule. Temperatures, margins and deviations are in units of the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Gate {
    /// Accepts what is better than the incumbent.
    Greedy {
        /// At most so many equal totals in a row are accepted too.
        #[serde(default, skip_serializing_if = "is_zero")]
        sideways: u32,
    },
    /// Accepts what is better by more than the noise of the scores explains.
    Clear {
        /// A gain must be above this many standard errors of the difference.
        #[serde(default = "usual_z")]
        z: f64,
        /// At most so many equal totals in a row are accepted too.
        #[serde(default, skip_serializing_if = "is_zero")]
        sideways: u32,
    },
    /// Accepts what is better by at least `margin`.
    Threshold {
        /// The least gain.
        margin: f64,
    },
    /// Accepts what is better always, and what is worse by d with probability exp(-d / T), where T falls
    /// from `start` by `cooling` an iteration. With `cooling` 0 this is Metropolis at constant
    /// temperature; above 0 it is simulated annealing.
    Metropolis {
        /// T at the first iteration.
        start: f64,
        /// Taken from T after each iteration; T never falls below 0.
        #[serde(default)]
        cooling: f64,
    },
    /// Metropolis at temperature `beta`, corrected for the number of items that an edit could have hit.
    Qalign {
        /// The temperature.
        beta: f64,
    },
    /// Metropolis that asks for more where the difference of two scores is known to be noisy.
    Penalty {
        /// The temperature.
        temperature: f64,
        /// The standard deviation of the difference of two scores of plans that are equally good.
        sigma: f64,
    },
    /// Accepts what is at least as good as the incumbent is, or was `length` iterations ago.
    LateAcceptance {
        /// How many iterations back, from 1.
        length: u32,
    },
    /// The best proposal always takes the incumbent's place.
    BestOfK,
    /// Accepts any proposal with probability `rate` and looks at no score: the control.
    CoinFlip {
        /// The probability.
        rate: f64,
    },
    /// Accepts what a person accepted, and nothing else; the run stands still before each decision.
    Manual,
    /// Several plans take turns, the better ones rather; what beats the weakest takes its place.
    Tournament {
        /// How many plans, from 2.
        members: u32,
        /// How much better a plan must be to be taken e times as often.
        temperature: f64,
    },
    /// Several plans are refined by turns, each by Metropolis at a temperature of its own, and now and then two
    /// neighbours swap their plans.
    ReplicaExchange {
        /// How many plans, from 2.
        replicas: u32,
        /// The lowest temperature.
        coldest: f64,
        /// The highest temperature; those between are spaced geometrically.
        hottest: f64,
    },
}

impl Default for Gate {
    fn default() -> Self {
        Self::GREEDY
    }
}

/// The normal quantile at 95 %, rounded down.
const USUAL_Z: f64 = 1.64;

const fn usual_z() -> f64 {
    USUAL_Z
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A rule's name, its parameters in the order in which they may be written without their names, and what it does.
#[derive(Debug, Clone, Copy)]
pub struct GateDoc {
    /// Its name in settings.
    pub name: &'static str,
    /// Names of its parameters, each with a value to begin with.
    pub parameters: &'static [(&'static str, f64)],
    /// One line.
    pub doc: &'static str,
}

/// All rules.
pub const GATES: [GateDoc; 12] = [
    gate("greedy", &[("sideways", 0.0)], "accepts what is better, and at most so many equals in a row"),
    gate("threshold", &[("margin", 0.02)], "accepts what is better by a margin"),
    gate(
        "clear",
        &[("z", USUAL_Z), ("sideways", 0.0)],
        "accepts what is better by more than z standard errors of the scores",
    ),
    gate("metropolis", &[("start", 0.05), ("cooling", 0.0)], "accepts worse plans too, the colder the less"),
    gate("qalign", &[("beta", 0.1)], "metropolis, corrected for the plan's length"),
    gate("penalty", &[("temperature", 0.05), ("sigma", 0.02)], "metropolis for a score with known noise"),
    gate("late_acceptance", &[("length", 5.0)], "accepts what is as good as some iterations ago"),
    gate("best_of_k", &[], "the best proposal always takes over"),
    gate("coin_flip", &[("rate", 0.5)], "looks at no score: the control"),
    gate("manual", &[], "accepts what you accept"),
    gate("tournament", &[("members", 4.0), ("temperature", 0.05)], "several plans compete"),
    gate(
        "replica_exchange",
        &[("replicas", 4.0), ("coldest", 0.01), ("hottest", 0.1)],
        "several plans at different temperatures, which swap",
    ),
];

const fn gate(name: &'static str, parameters: &'static [(&'static str, f64)], doc: &'static str) -> GateDoc {
    GateDoc { name, parameters, doc }
}

/// Why a text is no rule, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct GateError(String);

impl Gate {
    /// Accepts what is better, and no equals.
    pub const GREEDY: Self = Self::Greedy { sideways: 0 };

    /// Accepts gains above the usual limit of noise.
    pub const CLEAR: Self = Self::Clear { z: USUAL_Z, sideways: 0 };

    /// Returns why this rule cannot be followed, as a sentence; `None` where it can.
    pub fn fault(&self) -> Option<&'static str> {
        let warm = |temperature: f64| temperature.is_finite() && temperature > 0.0;
        let refused = |is_sound: bool, why| (!is_sound).then_some(why);
        match *self {
            Self::Greedy { .. } | Self::BestOfK | Self::Manual => None,
            Self::Clear { z, .. } => refused(z.is_finite() && z > 0.0, "z must be a number above 0."),
            Self::Threshold { margin } => refused(margin.is_finite(), "The margin must be a finite number."),
            Self::Metropolis { start, cooling } => refused(
                start.is_finite() && start >= 0.0 && cooling.is_finite() && cooling >= 0.0,
                "Start and cooling must be finite and not below 0.",
            ),
            Self::Qalign { beta } => refused(warm(beta), "Beta must be above 0."),
            Self::Penalty { temperature, sigma } => refused(
                warm(temperature) && sigma.is_finite() && sigma >= 0.0,
                "The temperature must be above 0, and sigma not below 0.",
            ),
            Self::LateAcceptance { length } => refused(length > 0, "The length must be at least 1."),
            Self::CoinFlip { rate } => refused((0.0..=1.0).contains(&rate), "The rate must be from 0 to 1."),
            Self::Tournament { members, temperature } => refused(
                (2..=MOST).contains(&members) && warm(temperature),
                "There must be 2 to 64 members, and the temperature must be above 0.",
            ),
            Self::ReplicaExchange { replicas, coldest, hottest } => refused(
                (2..=MOST).contains(&replicas) && warm(coldest) && hottest.is_finite() && hottest >= coldest,
                "There must be 2 to 64 replicas, and the coldest must be above 0 and not above the hottest.",
            ),
        }
    }
}

impl Gate {
    /// Returns whether a run under it is a walk at a constant temperature, so that several of them can be held against
    /// each other as chains.
    pub fn has_constant_temperature(&self) -> bool {
        match *self {
            Self::Metropolis { start, cooling } => start > 0.0 && cooling == 0.0,
            Self::Qalign { .. } | Self::Penalty { .. } => true,
            Self::Greedy { .. }
            | Self::Clear { .. }
            | Self::Threshold { .. }
            | Self::LateAcceptance { .. }
            | Self::BestOfK
            | Self::CoinFlip { .. }
            | Self::Manual
            | Self::Tournament { .. }
            | Self::ReplicaExchange { .. } => false,
        }
    }
}

/// More plans than this would each be refined too seldom to be of use.
const MOST: u32 = 64;

/// `rule name=value name=value`, as [`Gate::from_str`] reads it.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Err(fmt::Error) };
        f.write_str(fields.get("rule").and_then(Value::as_str).unwrap_or_default())?;
        let parameters = fields.iter().filter(|(name, _)| *name != "rule");
        parameters.into_iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// The rule's name, then its parameters: each by its name, or all in their order. What is left out has the value to
/// begin with.
impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let Some(doc) = GATES.iter().find(|doc| doc.name == name) else {
            let names: Vec<&str> = GATES.iter().map(|doc| doc.name).collect();
            return Err(GateError(format!("\"{name}\" is no gate; there are {}", names.join(", "))));
        };
        let mut fields = Map::from_iter([("rule".to_owned(), Value::from(name))]);
        let begin = doc.parameters.iter().map(|(name, value)| ((*name).to_owned(), number(*value)));
        fields.extend(begin);
        for (at, word) in words.enumerate() {
            let named = word.split_once('=');
            let (name, value) = match (named, doc.parameters.get(at)) {
                (Some((name, value)), _) => (name, value),
                (None, Some((name, _))) => (*name, word),
                (None, None) => return Err(GateError(format!("\"{word}\" is one word too much"))),
            };
            if !doc.parameters.iter().any(|(known, _)| *known == name) {
                return Err(GateError(format!("{} has no parameter \"{name}\"", doc.name)));
            }
            let value = value.parse().map_err(|_| GateError(format!("\"{value}\" is not a number")))?;
            fields.insert(name.to_owned(), number(value));
        }
        let gate: Self =
            serde_json::from_value(Value::Object(fields)).map_err(|error| GateError(error.to_string()))?;
        gate.fault().map_or(Ok(gate), |why| Err(GateError(why.to_owned())))
    }
}

/// A whole number where it is one: counts are not written with a point.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT { Value::from(value as i64) } else { Value::from(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_reads_what_it_writes() {
        for doc in GATES {
            let gate: Gate = doc.name.parse().unwrap();
            assert_eq!(gate.to_string().parse::<Gate>().unwrap(), gate, "{}", doc.name);
            assert!(gate.to_string().starts_with(doc.name));
            for (name, begin) in doc.parameters {
                // Sideways steps are left out where there are none, as records of older versions have it.
                let is_off = *name == "sideways" && *begin == 0.0;
                assert!(is_off || gate.to_string().contains(&format!(" {name}=")), "{gate}");
            }
        }
    }

    #[test]
    fn parameters_stand_by_name_or_in_order() {
        let cold = Gate::Metropolis { start: 0.5, cooling: 0.25 };
        assert_eq!("metropolis 0.5 0.25".parse(), Ok(cold));
        assert_eq!("metropolis cooling=0.25 start=0.5".parse(), Ok(cold));
        assert_eq!("greedy 3".parse(), Ok(Gate::Greedy { sideways: 3 }));
        assert_eq!("clear 2 1".parse(), Ok(Gate::Clear { z: 2.0, sideways: 1 }));
        assert_eq!("clear sideways=4".parse(), Ok(Gate::Clear { z: 1.64, sideways: 4 }));
        assert_eq!("tournament 3".parse(), Ok(Gate::Tournament { members: 3, temperature: 0.05 }));
    }

    #[test]
    fn greedy_is_recorded_as_it_always_was() {
        let json = |gate: Gate| serde_json::to_string(&gate).unwrap();
        assert_eq!(json(Gate::GREEDY), r#"{"rule":"greedy"}"#);
        assert_eq!(serde_json::from_str::<Gate>(r#"{"rule":"greedy"}"#).unwrap(), Gate::GREEDY);
        let clear = serde_json::from_str::<Gate>(r#"{"rule":"clear"}"#).unwrap();
        assert_eq!(clear, Gate::Clear { z: 1.64, sideways: 0 });
        assert_eq!(json(Gate::Greedy { sideways: 3 }), r#"{"rule":"greedy","sideways":3}"#);
        assert_eq!((Gate::default(), Gate::GREEDY.to_string().as_str()), (Gate::GREEDY, "greedy"));
    }

    #[test]
    fn what_is_no_rule_says_why() {
        let why = |text: &str| text.parse::<Gate>().unwrap_err().to_string();
        assert!(why("gready").starts_with("\"gready\" is no gate; there are greedy, threshold"));
        assert_eq!(why("greedy 1 1"), "\"1\" is one word too much");
        assert_eq!(why("clear 0"), "z must be a number above 0.");
        assert_eq!(why("coin_flip 1.5"), "The rate must be from 0 to 1.");
        assert_eq!(why("qalign 0"), "Beta must be above 0.");
        assert_eq!(why("threshold high"), "\"high\" is not a number");
        assert_eq!(why("threshold NaN"), "invalid type: null, expected f64");
        assert!(why("late_acceptance 2.5").contains("expected u32"), "{}", why("late_acceptance 2.5"));
        assert_eq!(why("greedy warm=1"), "greedy has no parameter \"warm\"");
        assert!(why("tournament 1").starts_with("There must be 2 to 64"));
    }
}
