//! The votes of a run: independent drafts, each for the value that it reaches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{PlanView, ScorePart};
use plan::PlanHash;

/// The vote of one independent draft: the first one, or one written later without reference to any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// The iteration that brought it; 0 is the first draft.
    pub iteration: u32,
    /// The plan; absent where what was written is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanHash>,
    /// The value or state that it reaches; one that means the same as that of an earlier vote is spelled like it. It votes
    /// for nothing where there is none.
    pub value: Option<String>,
    /// The surface in which it was written; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surface: Option<String>,
    /// The mean log-probability of its tokens in nats, before temperature and mask; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprob: Option<f64>,
}

/// What the part of a score that counts votes says of a plan that was scored before, now that there are more of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recount {
    /// By its hash.
    pub plan: PlanHash,
    /// The part, in the place of the one that it had.
    pub part: ScorePart,
}

/// What one value has of the votes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct VoteTally {
    pub value: String,
    /// How many drafts reach it.
    pub voters: usize,
    /// Its share of the weight, 0 to 1.
    pub weight: f64,
}

/// All votes of a run so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Votes {
    /// In the order in which they were cast.
    pub cast: Vec<Vote>,
    /// The plans that voted, each with what is known of it; one entry a plan.
    pub plans: Vec<PlanView>,
}

impl Votes {
    /// Returns how many drafts reach a value.
    pub fn voters(&self) -> usize {
        self.cast.iter().filter(|vote| vote.value.is_some()).count()
    }

    /// Returns the weight of each vote, in their order; 0 of one for nothing. A vote weighs its draft's geometric mean
    /// probability of a token, over the mean of that within its surface: probabilities of texts of different forms do not
    /// compare. Where one draft of a surface has none, all of that surface weigh the same.
    pub fn weights(&self) -> Vec<f64> {
        let mut surfaces: BTreeMap<Option<&str>, Vec<Option<f64>>> = BTreeMap::new();
        for vote in self.cast.iter().filter(|vote| vote.value.is_some()) {
            surfaces.entry(vote.surface.as_deref()).or_default().push(vote.logprob.map(f64::exp));
        }
        let mean = |probabilities: &[Option<f64>]| {
            let known: Option<Vec<f64>> = probabilities.iter().copied().collect();
            known.map(|known| known.iter().sum::<f64>() / known.len() as f64).filter(|mean| *mean > 0.0)
        };
        let weight = |vote: &Vote| {
            vote.value.as_ref()?;
            let mean = mean(surfaces.get(&vote.surface.as_deref())?);
            Some(mean.zip(vote.logprob).map_or(1.0, |(mean, logprob)| logprob.exp() / mean))
        };
        self.cast.iter().map(|vote| weight(vote).unwrap_or(0.0)).collect()
    }

    /// Returns how many equal votes carry as much information as these, (Σw)²/Σw² (Kish 1965).
    pub fn effective(&self) -> f64 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for weight in self.weights() {
            sum += weight;
            squares += weight * weight;
        }
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// Returns what each value has, the heaviest first, and of equals the one that was seen first.
    pub fn tally(&self) -> Vec<VoteTally> {
        let weights = self.weights();
        let all: f64 = weights.iter().sum();
        let mut tally: Vec<VoteTally> = Vec::new();
        for (vote, weight) in self.cast.iter().zip(weights) {
            let Some(value) = &vote.value else { continue };
            let share = weight / all;
            match tally.iter_mut().find(|row| row.value == *value) {
                Some(row) => (row.voters, row.weight) = (row.voters + 1, row.weight + share),
                None => tally.push(VoteTally { value: value.clone(), voters: 1, weight: share }),
            }
        }
        tally.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        tally
    }

    /// Returns the votes in one line: each value with its voters and its share of the weight.
    pub fn words(&self) -> String {
        let row = |row: &VoteTally| format!("{} ×{} ({:.2})", row.value, row.voters, row.weight);
        let mut words: Vec<String> = self.tally().iter().map(row).collect();
        let silent = self.cast.len() - self.voters();
        words.extend((silent > 0).then(|| format!("no value ×{silent}")));
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(value: &str, surface: &str, logprob: Option<f64>) -> Vote {
        let value = (!value.is_empty()).then(|| value.to_owned());
        let surface = (!surface.is_empty()).then(|| surface.to_owned());
        Vote { iteration: 0, plan: None, value, surface, logprob }
    }

    fn votes(cast: &[(&str, &str, Option<f64>)]) -> Votes {
        let cast = cast.iter().map(|(value, surface, logprob)| vote(value, surface, *logprob)).collect();
        Votes { cast, plans: Vec::new() }
    }

    #[test]
    fn surer_drafts_weigh_more_and_one_without_a_value_nothing() {
        let half = Some(0.5_f64.ln());
        let votes = votes(&[("7", "", Some(0.0)), ("9", "", half), ("9", "", half), ("", "", half)]);
        assert_eq!(votes.voters(), 3);
        let tally = votes.tally();
        assert_eq!(tally[0].voters + tally[1].voters, 3);
        assert!(
            tally.iter().all(|row| (row.weight - 0.5).abs() < 1e-12),
            "one sure, two half as sure: {tally:?}"
        );
        assert!(votes.words().ends_with(", no value ×1"), "{}", votes.words());
        assert!((votes.effective() - 8.0 / 3.0).abs() < 1e-9, "{}", votes.effective());
    }

    #[test]
    fn weights_compare_within_a_surface_alone() {
        let votes = votes(&[
            ("7", "code", Some(0.9_f64.ln())),
            ("9", "items", Some(0.2_f64.ln())),
            ("9", "items", Some(0.2_f64.ln())),
        ]);
        assert!(votes.weights().iter().all(|weight| (weight - 1.0).abs() < 1e-12), "{:?}", votes.weights());
        let unknown = self::votes(&[("7", "", Some(-9.0)), ("9", "", None), ("7", "", Some(-0.1))]);
        assert_eq!(unknown.weights(), [1.0, 1.0, 1.0]);
        assert_eq!((unknown.tally()[0].value.as_str(), unknown.tally()[0].voters), ("7", 2));
    }

    #[test]
    fn nothing_has_no_votes() {
        let none = Votes::default();
        assert_eq!(
            (none.voters(), none.tally(), none.effective(), none.words().as_str()),
            (0, vec![], 0.0, "")
        );
    }
}
