//! Whether the answer depends on the seed.

use std::collections::BTreeMap;

use super::{Across, RecordedRun, replicates};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, passive::FREE, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Severity};
use stats::{intervals::wilson, mean, prevalence::within_problem_variance};

/// The fewest runs of a problem.
pub const LEAST: usize = 5;
/// Runs of the same problem that agree less often than this depend on the seed. \[our own\]
const STEADY: f64 = 0.9;

pub struct StabilityCheck;

impl Across for StabilityCheck {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "stability",
            doc: "whether runs of the same problem that differ only by their seeds come to the same answer",
            cost: FREE,
        }
    }

    fn look(&self, sessions: &[RecordedRun]) -> Finding {
        let groups: Vec<Vec<String>> = replicates(sessions).iter().map(|group| answers(group)).collect();
        let most = groups.iter().map(Vec::len).max().unwrap_or(0);
        let enough: Vec<&Vec<String>> = groups.iter().filter(|group| group.len() >= LEAST).collect();
        if enough.is_empty() {
            let why = format!(
                "It takes {LEAST} answered sessions that differ only by their seeds; there are at most {most}."
            );
            return undecided(self.doc(), &why, Cost::default());
        }
        let runs: usize = enough.iter().map(|group| group.len()).sum();
        let agreeing: usize = enough.iter().map(|group| commonest(group)).sum();
        let within = wilson(agreeing, runs, 0.95).unwrap_or((0.0, 1.0));
        let (verdict, word) = if within.1 < STEADY {
            (FindingVerdict::Fault, "The answer depends on the seed")
        } else if within.0 > 0.5 {
            (FindingVerdict::Clear, "The answer hardly depends on the seed")
        } else {
            (FindingVerdict::Undecided, "Whether the answer depends on the seed is unknown")
        };
        let problems =
            if enough.len() == 1 { "one problem".to_owned() } else { format!("{} problems", enough.len()) };
        let sentence = format!(
            "{word}: {agreeing} of {runs} runs over {problems} give the commonest answer of their problem."
        );
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        let share = agreeing as f64 / runs as f64;
        found.evidence.push(evidence_within("share of runs with the commonest answer", share, within));
        found.evidence.extend(
            variance(&enough).map(|variance| evidence("variance of agreement within problems", variance)),
        );
        let judged = by_gold(sessions);
        found.evidence.extend(
            judged.map(|variance| evidence("variance of being right within problems (oracle)", variance)),
        );
        if verdict == FindingVerdict::Fault {
            let advice = "Report means over seeds, never one run; compare arms at equal accuracy, for variance falls as it rises.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// The answers of a group, as far as there are any; those that mean the same are spelled alike.
fn answers(group: &[&RecordedRun]) -> Vec<String> {
    let read = |session: &&RecordedRun| session.state.answer.as_ref()?.value.clone();
    let answers: Vec<Option<String>> = group.iter().map(read).collect();
    let card = group.first().and_then(|session| session.state.problem.as_ref());
    let family = card.and_then(|card| problem::family(&card.family));
    let answers =
        family.map_or_else(|| answers.clone(), |family| problem::spelled_alike(family, answers.clone()));
    answers.into_iter().flatten().collect()
}

/// How many give the commonest answer.
fn commonest(answers: &[String]) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    answers.iter().for_each(|answer| *counts.entry(answer).or_default() += 1);
    counts.into_values().max().unwrap_or(0)
}

/// The mean over problems of S/(S−1) · p(1−p), where p is the share of the commonest answer.
fn variance(groups: &[&Vec<String>]) -> Option<f64> {
    let each: Option<Vec<f64>> =
        groups.iter().map(|group| within_problem_variance(&[commonest(group)], group.len())).collect();
    mean(&each?)
}

/// The same where p is the share of runs that are right; `None` where no group has enough judged runs.
fn by_gold(sessions: &[RecordedRun]) -> Option<f64> {
    let right = |session: &&RecordedRun| session.state.judgement.as_ref()?.is_right();
    let each: Vec<f64> = replicates(sessions)
        .iter()
        .map(|group| group.iter().filter_map(right).collect::<Vec<bool>>())
        .filter(|runs| runs.len() >= LEAST)
        .filter_map(|runs| {
            within_problem_variance(&[runs.iter().filter(|right| **right).count()], runs.len())
        })
        .collect();
    mean(&each)
}
