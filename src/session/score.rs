//! Scores and verdicts, as they are recorded.

use serde::{Deserialize, Serialize};

use model::Cost;
use plan::PlanHash;

/// One scorer's word on a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// The scorer's name.
    pub name: String,
    /// From 0 to 1; absent when it was not evaluated, which is not the same as 0.
    pub value: Option<f64>,
    /// Its weight in the total.
    pub weight: f64,
    /// Standard error of the value, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<f64>,
    /// What it cost to find out.
    #[serde(default)]
    pub cost: Cost,
    /// Whether the scorer was not asked, since no value of its own could have changed the decision.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// One sentence: how the value came about, or why there is none.
    pub detail: String,
}

/// The score of a plan: the weighted mean of the parts that have a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The weighted mean, 0 to 1; absent when no part has a value, or when a scorer was skipped.
    pub total: Option<f64>,
    /// The parts, in the order of the settings.
    pub parts: Vec<ScorePart>,
}

impl ScorePart {
    /// Returns whether it only decides between plans that the other parts value alike: its weight is next to nothing.
    pub fn breaks_ties(&self) -> bool {
        self.weight > 0.0 && self.weight < 0.001
    }
}

impl Score {
    /// Returns the score that `parts` make.
    pub fn from_parts(parts: Vec<ScorePart>) -> Self {
        let is_whole = !parts.iter().any(|part| part.skipped);
        let values = parts.iter().filter_map(|part| Some((part.value?, part.weight)));
        Self { total: weighted_mean(values).filter(|_| is_whole), parts }
    }

    /// Returns the total that the plan would have at best, with 1 from every scorer that was skipped; `None` where none was.
    pub fn upper_bound(&self) -> Option<f64> {
        self.parts.iter().find(|part| part.skipped)?;
        let value = |part: &ScorePart| if part.skipped { Some(1.0) } else { part.value };
        weighted_mean(self.parts.iter().filter_map(|part| Some((value(part)?, part.weight))))
    }

    /// Returns the part called `name`.
    pub fn part(&self, name: &str) -> Option<&ScorePart> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// Returns Σ v·w / Σ w of `(v, w)`; `None` where nothing has a weight.
pub fn weighted_mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let add = |(sum, weights), (value, weight)| (sum + value * weight, weights + weight);
    let (sum, weights) = values.fold((0.0, 0.0), add);
    (weights > 0.0).then(|| sum / weights)
}

/// Several values of the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their number.
    pub n: u32,
    /// Their mean.
    pub mean: f64,
    /// The standard error of the mean, s/√n; absent for a single value.
    pub stderr: Option<f64>,
}

impl Spread {
    /// Returns the spread of `values`; none where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = u32::try_from(values.len()).ok().filter(|n| *n > 0)?;
        let mean = values.iter().sum::<f64>() / f64::from(n);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let stderr = (n > 1).then(|| (squares / f64::from(n - 1) / f64::from(n)).sqrt());
        Some(Self { n, mean, stderr })
    }
}

/// What scoring one plan again gave. Parts that always give the same value are not asked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rescore {
    /// By its hash.
    pub plan: PlanHash,
    /// Its total, with the values below in place of the first ones.
    pub total: Spread,
    /// One entry a part that was asked again.
    pub parts: Vec<PartSpread>,
}

/// What asking one scorer again gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartSpread {
    /// The scorer's name.
    pub name: String,
    /// Their mean and scatter.
    pub spread: Spread,
    /// The values, in the order of the prompts.
    pub values: Vec<f64>,
}

/// What a gate can say of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It becomes the incumbent.
    Accept,
    /// It does not.
    Reject,
    /// The numbers do not tell, as when a score is missing.
    Indecisive,
    /// It was no candidate: no edit, no change, or seen before.
    Invalid,
}

impl Ruling {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Indecisive => "indecisive",
            Self::Invalid => "invalid",
        }
    }
}

/// A gate's decision on one candidate, with its reason and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The candidate's index.
    pub candidate: u32,
    /// The decision.
    pub ruling: Ruling,
    /// One sentence with the numbers that decided.
    pub reason: String,
    /// The incumbent's total before.
    pub before: Option<f64>,
    /// The candidate's total.
    pub after: Option<f64>,
    /// The probability with which the rule accepts, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The number drawn in 0..1 that was compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<f64>,
    /// For a control: whether the rule would have accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<bool>,
}

impl Verdict {
    /// Returns whether both plans have the same total.
    pub fn is_sideways(&self) -> bool {
        self.before.zip(self.after).is_some_and(|(before, after)| same_total(before, after))
    }
}

/// Returns whether two totals are the same but for rounding.
pub fn same_total(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_of_one_has_no_error_and_of_none_nothing() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[0.5]), Some(Spread { n: 1, mean: 0.5, stderr: None }));
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!((spread.n, spread.mean), (4, 2.5));
        assert!((spread.stderr.unwrap() - (5.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
    }
}
