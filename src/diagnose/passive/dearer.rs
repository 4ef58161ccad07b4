//! Whether the run draws more than a plain chain of thought does.

use super::{FREE, PassiveCheck, RunCase};
use crate::{CheckDoc, evidence, found, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Mode, Severity};

pub struct Dearer;

impl PassiveCheck for Dearer {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "dearer", doc: "a run that draws more tokens than a plain answer takes", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let state = case.state;
        // What was cut at its limit says nothing of the length of an answer.
        let whole = state.shadow.answers.iter().filter(|answer| !answer.ballot.truncated);
        let lengths: Vec<f64> = whole.map(|answer| f64::from(answer.ballot.tokens)).collect();
        let spent = state.run_cost().generated as f64;
        let Some(mean) = stats::mean(&lengths).filter(|_| state.settings.mode != Mode::Direct) else {
            let why = if state.shadow.answers.is_empty() {
                "No plain answer was decoded next to the run (shadow), so there is nothing to compare with."
            } else {
                "No plain answer next to the run was complete at the same cost, so its length is not known."
            };
            return undecided(self.doc(), why, Cost::default());
        };
        let longest = lengths.iter().copied().fold(0.0, f64::max);
        let n = lengths.len();
        let plain = format!("a plain answer takes {mean:.0} on average (n = {n}, the longest {longest:.0})");
        let (verdict, sentence) = if spent > longest {
            let same = if states_the_same(case) { ", and states the same" } else { "" };
            let times = spent / mean.max(1.0);
            (
                FindingVerdict::Fault,
                format!(
                    "The run drew {spent:.0} tokens, {times:.1} times as many as plain decoding{same}: {plain}."
                ),
            )
        } else if spent <= mean {
            (FindingVerdict::Clear, format!("The run drew {spent:.0} tokens; {plain}."))
        } else {
            (
                FindingVerdict::Undecided,
                format!("The run drew {spent:.0} tokens, no more than some plain answers: {plain}."),
            )
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("tokens drawn by the run", spent));
        found.evidence.push(evidence("tokens of a plain answer, mean", mean));
        found.evidence.push(evidence("plain answers that were complete", n as f64));
        if verdict == FindingVerdict::Fault {
            found.at = case.records.last().map(|record| record.seq);
            let advice = "Compare what the extra tokens buy (planscope lab), and end sooner: iterations, fruitless, budget.*.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// Whether the run's answer has the value that most plain answers have.
fn states_the_same(case: &RunCase<'_>) -> bool {
    let plain = case.state.shadow.last().and_then(|point| point.plain.as_ref()?.value.as_deref());
    let own = case.state.answer.as_ref().and_then(|answer| answer.value.as_deref());
    plain.is_some() && plain == own
}
