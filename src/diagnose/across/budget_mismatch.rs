//! Whether sessions that somebody may compare spent the same.

use super::{Across, RecordedRun};
use crate::CheckDoc;
use crate::{evidence, found, passive::FREE, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Severity};

/// One arm that spent so much more than another had an unfair chance. \[our own\]
const LIMIT: f64 = 1.1;

pub struct BudgetMismatch;

impl Across for BudgetMismatch {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "budget_mismatch",
            doc: "sessions of the same problem with other settings that did not spend the same",
            cost: FREE,
        }
    }

    fn look(&self, sessions: &[RecordedRun]) -> Finding {
        let mut pairs = Vec::new();
        for (at, left) in sessions.iter().enumerate() {
            for right in &sessions[at + 1..] {
                if left.problem() == right.problem() && left.arm() != right.arm() {
                    pairs.extend(widest(left, right));
                }
            }
        }
        let Some(worst) = pairs.iter().max_by(|a, b| a.times.total_cmp(&b.times)) else {
            let why =
                "It takes 2 sessions of the same problem with other settings than the seed, and known costs.";
            return undecided(self.doc(), why, Cost::default());
        };
        let verdict = if worst.times > LIMIT { FindingVerdict::Fault } else { FindingVerdict::Clear };
        let MismatchedPair { times, meter, more, less } = worst;
        let sentence = match verdict {
            FindingVerdict::Fault => format!("{more} spent {times:.2} times the {meter} of {less}."),
            FindingVerdict::Clear | FindingVerdict::Undecided => {
                format!("Sessions that can be compared spent the same within {:.0} %.", 100.0 * (times - 1.0))
            }
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("largest ratio of what two arms spent", *times));
        found.evidence.push(evidence("ratio that is let pass", LIMIT));
        if verdict == FindingVerdict::Fault {
            let advice =
                "Give both the same budget.* and compare over a range of budgets, on more than one meter.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// Two sessions and the meter on which they differ most.
struct MismatchedPair<'a> {
    times: f64,
    meter: &'static str,
    more: &'a str,
    less: &'a str,
}

/// Only meters that both sessions know are compared. Wall time says more of the machine than of the arm.
fn widest<'a>(left: &'a RecordedRun, right: &'a RecordedRun) -> Option<MismatchedPair<'a>> {
    let (a, b) = (left.state.run_cost(), right.state.run_cost());
    let meters = [
        ("generated tokens", a.generated as f64, b.generated as f64),
        ("evaluated tokens", a.fresh as f64, b.fresh as f64),
        ("FLOPs", a.flops, b.flops),
    ];
    let known = meters.into_iter().filter(|(_, a, b)| *a > 0.0 && *b > 0.0);
    let pairs = known.map(|(meter, a, b)| {
        let (more, less) = if a >= b { (&left.name, &right.name) } else { (&right.name, &left.name) };
        MismatchedPair { times: a.max(b) / a.min(b), meter, more, less }
    });
    pairs.max_by(|a, b| a.times.total_cmp(&b.times))
}
