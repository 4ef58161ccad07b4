//! What each proposer has brought in a run for the tokens that it took, and the share of the draws that follows from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    candidate::{Candidate, CandidateStatus},
    score::{Ruling, Verdict},
    settings::Settings,
};

/// How the proposals of an iteration are shared among the proposers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// By their weights.
    #[default]
    Fixed,
    /// By what each has gained per token in this run, starting from the weights.
    Adaptive,
}

impl Allocation {
    /// Returns whether the weights alone decide.
    pub fn is_fixed(&self) -> bool {
        *self == Self::Fixed
    }
}

/// The proposer of records that name none: their versions had no other.
const FIRST: &str = "edit";
/// What a proposal is held to have cost at least, in tokens: it takes a place in its iteration. \[our own\]
const LEAST_PRICE: u64 = 16;
/// What a proposer of average weight is taken to have gained before the run. \[our own\]
const PRIOR_GAIN: f64 = 0.05;
/// The tokens for which it is taken to have gained it. \[our own\]
const PRIOR_TOKENS: f64 = 100.0;
/// The share of the draws that always follows the weights, so that none starves. \[our own\]
const FLOOR: f64 = 0.2;

/// What one proposer has brought so far.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Payoff {
    /// Its proposals.
    pub tried: u32,
    /// Those of them that are new plans, which can be scored.
    pub usable: u32,
    /// Those of them with a higher total than the plan that they change, accepted or not.
    pub improved: u32,
    /// Those that became the incumbent.
    pub accepted: u32,
    /// Tokens drawn for them, thoughts and critiques included, where that is known.
    pub tokens: u64,
    /// Proposals whose tokens are not known, as in records of older versions.
    pub unmetered: u32,
    /// How much higher the total of its best plan is than that of the plan that it changes, summed over iterations; an
    /// iteration without such a plan adds nothing.
    pub gain: f64,
    /// The tokens that its gain is held against: those drawn, and a few at least for each proposal.
    pub price: u64,
}

impl Payoff {
    /// Returns the tokens drawn; `None` where those of a proposal are not known.
    pub fn known_tokens(&self) -> Option<u64> {
        (self.unmetered == 0).then_some(self.tokens)
    }

    /// Returns the tokens drawn for each plan that improved; `None` without one, or where tokens are not known.
    pub fn tokens_per_improvement(&self) -> Option<f64> {
        tokens_per_improvement(self.known_tokens(), self.improved.into())
    }

    fn tried(&mut self, candidate: &Candidate) {
        self.tried += 1;
        self.usable += u32::from(candidate.status == CandidateStatus::Ready);
        self.unmetered += u32::from(candidate.tokens.is_none());
        let tokens = candidate.tokens.unwrap_or_default();
        self.tokens += tokens;
        self.price += tokens.max(LEAST_PRICE);
    }
}

/// Returns the tokens drawn for each plan that improved; `None` without one, or where tokens are not known.
pub fn tokens_per_improvement(tokens: Option<u64>, improved: u64) -> Option<f64> {
    let tokens = tokens.filter(|_| improved > 0)?;
    Some(tokens as f64 / improved as f64)
}

/// A proposer with what it has brought, for tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PayoffRow {
    /// Its name.
    pub proposer: String,
    /// What it has brought.
    #[serde(flatten)]
    pub payoff: Payoff,
    /// Tokens drawn for each plan that improved.
    pub tokens_per_improvement: Option<f64>,
    /// Its share of the draws of the next iteration, 0 to 1; 0 where it is switched off.
    pub share: f64,
}

/// What all proposers of a run have brought: a fold over its record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Payoffs {
    by_name: BTreeMap<String, Payoff>,
    /// The proposers of the present iteration, by candidate; `None` for what no proposer made.
    present: Vec<Option<String>>,
}

impl Payoffs {
    /// Takes in the proposals of an iteration. Their tokens are spent whatever becomes of them.
    pub fn proposed(&mut self, candidates: &[Candidate]) {
        self.present.clear();
        for candidate in candidates {
            let proposer = match candidate.status {
                CandidateStatus::Control => None,
                CandidateStatus::Ready
                | CandidateStatus::NoOp
                | CandidateStatus::Duplicate { .. }
                | CandidateStatus::Invalid { .. } => {
                    Some(candidate.proposer.clone().unwrap_or_else(|| FIRST.to_owned()))
                }
            };
            if let Some(name) = &proposer {
                self.by_name.entry(name.clone()).or_default().tried(candidate);
            }
            self.present.push(proposer);
        }
    }

    /// A person exchanged a candidate's edit: what becomes of it is not its proposer's doing.
    pub fn edited(&mut self, candidate: u32) {
        if let Some(proposer) = self.present.get_mut(candidate as usize) {
            *proposer = None;
        }
    }

    /// Takes in what the gate says of the proposals.
    pub fn decided(&mut self, verdicts: &[Verdict]) {
        let mut best: BTreeMap<String, f64> = BTreeMap::new();
        for verdict in verdicts {
            let Some(Some(name)) = self.present.get(verdict.candidate as usize) else { continue };
            let Some(payoff) = self.by_name.get_mut(name) else { continue };
            payoff.accepted += u32::from(verdict.ruling == Ruling::Accept);
            let gain = verdict.after.zip(verdict.before).map_or(0.0, |(after, before)| after - before);
            if gain > 0.0 {
                payoff.improved += 1;
                let most = best.entry(name.clone()).or_default();
                *most = most.max(gain);
            }
        }
        for (name, gain) in best {
            self.by_name.entry(name).or_default().gain += gain;
        }
        self.present.clear();
    }

    /// Returns what the proposer called `name` has brought.
    pub fn get(&self, name: &str) -> Payoff {
        self.by_name.get(name).copied().unwrap_or_default()
    }

    /// Returns what all of them together have brought.
    pub fn total(&self) -> Payoff {
        self.by_name.values().fold(Payoff::default(), |sum, one| Payoff {
            tried: sum.tried + one.tried,
            usable: sum.usable + one.usable,
            improved: sum.improved + one.improved,
            accepted: sum.accepted + one.accepted,
            tokens: sum.tokens + one.tokens,
            unmetered: sum.unmetered + one.unmetered,
            gain: sum.gain + one.gain,
            price: sum.price + one.price,
        })
    }

    /// Returns the weights by which the proposals of the next iteration are drawn, one for each proposer that is not
    /// switched off.
    ///
    /// Under [`Allocation::Fixed`] they are those of the settings. Under [`Allocation::Adaptive`], with p the share of
    /// a proposer in these weights and K the number of proposers, the rate of a proposer is
    /// (0.05·K·p + gain)/(100 + price), and its share 0.8·rate/Σ rates + 0.2·p.
    pub fn weights(&self, settings: &Settings) -> BTreeMap<String, f64> {
        let weights = settings.proposers.iter().filter(|(_, weight)| *weight > 0.0);
        let mut weights: BTreeMap<String, f64> =
            weights.map(|(name, weight)| (name.to_owned(), weight)).collect();
        if settings.allocation.is_fixed() {
            return weights;
        }
        let (all, count) = (weights.values().sum::<f64>(), weights.len() as f64);
        let rate = |name: &str, weight: f64| {
            let payoff = self.get(name);
            (PRIOR_GAIN * count * weight / all + payoff.gain) / (PRIOR_TOKENS + payoff.price as f64)
        };
        let rates: f64 = weights.iter().map(|(name, weight)| rate(name, *weight)).sum();
        for (name, weight) in &mut weights {
            *weight = (1.0 - FLOOR) * rate(name, *weight) / rates + FLOOR * *weight / all;
        }
        weights
    }

    /// Returns one row for each proposer that was tried or may be, by name.
    pub fn table(&self, settings: &Settings) -> Vec<PayoffRow> {
        let weights = self.weights(settings);
        let all: f64 = weights.values().sum();
        let mut names: Vec<&String> = self.by_name.keys().chain(weights.keys()).collect();
        names.sort();
        names.dedup();
        let row = |name: &String| {
            let payoff = self.get(name);
            PayoffRow {
                proposer: name.clone(),
                tokens_per_improvement: payoff.tokens_per_improvement(),
                share: weights.get(name).map_or(0.0, |weight| weight / all),
                payoff,
            }
        };
        names.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Weights;

    fn candidate(
        index: u32,
        proposer: Option<&str>,
        tokens: Option<u64>,
        status: CandidateStatus,
    ) -> Candidate {
        Candidate {
            canvas: None,
            index,
            kind: "replace".into(),
            proposer: proposer.map(str::to_owned),
            reply: String::new(),
            seed: 0,
            edit: None,
            hash: None,
            confidence: BTreeMap::new(),
            pressure: None,
            tokens,
            drawn: None,
            status,
        }
    }

    fn verdict(candidate: u32, ruling: Ruling, before: f64, after: Option<f64>) -> Verdict {
        Verdict {
            candidate,
            ruling,
            reason: String::new(),
            before: Some(before),
            after,
            probability: None,
            draw: None,
            control: None,
        }
    }

    fn adaptive(weights: &[(&str, f64)]) -> Settings {
        let proposers = Weights::of(weights.iter().copied());
        Settings { proposers, allocation: Allocation::Adaptive, ..Settings::default() }
    }

    /// One iteration in which each of these proposers makes one plan, for so many tokens and with such a change.
    fn iterate(payoffs: &mut Payoffs, plans: &[(&str, u64, f64)]) {
        let ready = |(index, (name, tokens, _)): (u32, &(&str, u64, f64))| {
            candidate(index, Some(name), Some(*tokens), CandidateStatus::Ready)
        };
        payoffs.proposed(&(0..).zip(plans).map(ready).collect::<Vec<_>>());
        let ruled = |(index, (.., change)): (u32, &(&str, u64, f64))| {
            verdict(index, Ruling::Reject, 0.5, Some(0.5 + change))
        };
        payoffs.decided(&(0..).zip(plans).map(ruled).collect::<Vec<_>>());
    }

    #[test]
    fn an_iteration_counts_each_proposal_and_the_best_gain_of_each_proposer() {
        let mut payoffs = Payoffs::default();
        let seen = CandidateStatus::Duplicate { first_seen: 1 };
        payoffs.proposed(&[
            candidate(0, Some("repair"), Some(20), CandidateStatus::Ready),
            candidate(1, Some("repair"), Some(30), CandidateStatus::Ready),
            candidate(2, Some("repair"), Some(10), seen),
            candidate(3, Some("sort"), Some(0), CandidateStatus::Ready),
            candidate(4, None, None, CandidateStatus::Control),
        ]);
        payoffs.decided(&[
            verdict(0, Ruling::Reject, 0.5, Some(0.625)),
            verdict(1, Ruling::Accept, 0.5, Some(0.75)),
            verdict(2, Ruling::Invalid, 0.5, None),
            verdict(3, Ruling::Reject, 0.5, Some(0.5)),
            verdict(4, Ruling::Invalid, 0.5, Some(0.9)),
        ]);
        let repair = payoffs.get("repair");
        assert_eq!((repair.tried, repair.usable, repair.improved, repair.accepted), (3, 2, 2, 1));
        assert_eq!(
            (repair.tokens, repair.gain, repair.price),
            (60, 0.25, 66),
            "the best of an iteration counts"
        );
        assert_eq!(repair.tokens_per_improvement(), Some(30.0));
        let sort = payoffs.get("sort");
        assert_eq!((sort.tried, sort.usable, sort.improved, sort.tokens, sort.price), (1, 1, 0, 0, 16));
        assert_eq!((sort.gain, sort.tokens_per_improvement()), (0.0, None));
        assert_eq!(payoffs.total().tried, 4, "a control is no proposal");
    }

    #[test]
    fn what_a_person_makes_of_a_candidate_is_not_its_proposers_gain() {
        let mut payoffs = Payoffs::default();
        payoffs.proposed(&[candidate(0, Some("edit"), Some(20), CandidateStatus::Ready)]);
        payoffs.edited(0);
        payoffs.decided(&[verdict(0, Ruling::Accept, 0.5, Some(0.9))]);
        let edit = payoffs.get("edit");
        assert_eq!((edit.tried, edit.improved, edit.accepted, edit.gain), (1, 0, 0, 0.0));
    }

    #[test]
    fn proposals_of_older_records_are_those_of_edit_and_their_tokens_are_missing() {
        let mut payoffs = Payoffs::default();
        payoffs.proposed(&[candidate(0, None, None, CandidateStatus::Ready)]);
        payoffs.decided(&[verdict(0, Ruling::Accept, 0.5, Some(0.9))]);
        let edit = payoffs.get("edit");
        assert_eq!((edit.improved, edit.known_tokens(), edit.tokens_per_improvement()), (1, None, None));
    }

    #[test]
    fn fixed_weights_stay_and_adaptive_ones_begin_there() {
        let mut settings = adaptive(&[("edit", 3.0), ("redraft", 1.0), ("sort", 0.0)]);
        let mut payoffs = Payoffs::default();
        let share = |payoffs: &Payoffs, name: &str, settings: &Settings| {
            let table = payoffs.table(settings);
            table.iter().find(|row| row.proposer == name).map(|row| row.share)
        };
        assert!((share(&payoffs, "edit", &settings).unwrap() - 0.75).abs() < 1e-12);
        assert_eq!(share(&payoffs, "sort", &settings), None, "it is switched off and was never tried");
        iterate(&mut payoffs, &[("edit", 400, 0.0), ("redraft", 100, 0.3)]);
        assert!(share(&payoffs, "redraft", &settings).unwrap() > 0.75);
        settings.allocation = Allocation::Fixed;
        assert_eq!(share(&payoffs, "edit", &settings), Some(0.75));
        assert_eq!(payoffs.weights(&settings)["edit"], 3.0, "draws of older runs come out the same");
    }

    #[test]
    fn shares_follow_the_rule_sum_to_one_and_none_starves() {
        let settings = adaptive(&[("edit", 1.0), ("redraft", 1.0)]);
        let mut payoffs = Payoffs::default();
        iterate(&mut payoffs, &[("edit", 300, 0.15), ("redraft", 100, -0.2)]);
        // Rates (0.05 + 0.15)/400 and 0.05/200: two to one.
        let weights = payoffs.weights(&settings);
        assert!((weights["edit"] - (0.8 * 2.0 / 3.0 + 0.1)).abs() < 1e-12, "{weights:?}");
        (0..200).for_each(|_| iterate(&mut payoffs, &[("edit", 20, 0.1), ("redraft", 500, 0.0)]));
        let weights = payoffs.weights(&settings);
        assert!((weights.values().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(weights["redraft"] >= 0.1 && weights["redraft"] < 0.101, "{weights:?}");
    }

    #[test]
    fn a_proposer_that_asks_no_model_pays_for_its_places() {
        let settings = adaptive(&[("sort", 1.0), ("edit", 1.0)]);
        let mut payoffs = Payoffs::default();
        (0..50).for_each(|_| iterate(&mut payoffs, &[("sort", 0, 0.0), ("edit", 30, 0.02)]));
        assert!(payoffs.weights(&settings)["sort"] < 0.2);
    }
}
