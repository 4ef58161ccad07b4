//! Whether what was rejected is proposed again and again.

use std::collections::HashMap;

use super::{FREE, PassiveCheck, RunCase, share::CountedShare, trace::TracedProposal};
use crate::CheckDoc;
use crate::evidence;
use plan::PlanHash;
use session::{CandidateStatus, Finding, FindingVerdict};

/// Some repetition is to be expected of a small plan; more than one in five is none. \[our own\]
const LIMIT: f64 = 0.2;

pub struct RepeatedReject;

impl PassiveCheck for RepeatedReject {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "repeated_reject",
            doc: "proposals that lead to a plan seen before, most of them rejected ones",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let share = CountedShare {
            doc: self.doc(),
            limit: LIMIT,
            what: "would lead to a plan that was seen before",
            advice: "Raise propose_temperature, spread weight over more kinds of edit and proposers, or end sooner with fruitless.",
        };
        let mut found = share.look(case, |tried| repeats(tried).is_some());
        if let Some((times, seq)) = most_repeated(case) {
            found.evidence.push(evidence("repetitions of the plan proposed most often", times as f64));
            if found.verdict != FindingVerdict::Clear {
                found.at = Some(seq);
            }
        }
        found
    }
}

fn repeats(tried: &TracedProposal) -> Option<PlanHash> {
    match tried.status {
        CandidateStatus::Duplicate { .. } => tried.plan,
        CandidateStatus::Ready
        | CandidateStatus::Control
        | CandidateStatus::NoOp
        | CandidateStatus::Invalid { .. } => None,
    }
}

/// How often the plan came again that came again most often, and the event where it first did.
fn most_repeated(case: &RunCase<'_>) -> Option<(usize, u64)> {
    let mut times: HashMap<PlanHash, (usize, u64)> = HashMap::new();
    for tried in case.trace.tried() {
        if let Some(plan) = repeats(tried) {
            times.entry(plan).or_insert((0, tried.seq)).0 += 1;
        }
    }
    times.into_values().max_by_key(|(count, seq)| (*count, std::cmp::Reverse(*seq)))
}
