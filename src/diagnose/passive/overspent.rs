//! Whether the run spent more than its budget.

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, found, undecided};
use model::Cost;
use session::{BudgetLimits, Event, Finding, FindingVerdict, Purpose, Severity};

pub struct Overspent;

impl PassiveCheck for Overspent {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "overspent", doc: "a run that spent more than its budget", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let limits = &case.state.settings.budget;
        let spent = shares(limits, &case.state.run_cost());
        let Some(&(meter, most)) = spent.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
            let why = "The run had no budget; set one of budget.* to hold it to a cost.";
            return undecided(self.doc(), why, Cost::default());
        };
        let percent = 100.0 * most;
        let verdict = if most > 1.0 { FindingVerdict::Fault } else { FindingVerdict::Clear };
        let refining = shares(limits, &refining(case));
        let alone = refining.iter().find(|(name, _)| *name == meter).map_or(0.0, |(_, share)| *share);
        let sentence = match verdict {
            FindingVerdict::Fault if alone <= 1.0 => {
                format!(
                    "The run spent {percent:.0} % of its {meter}; the answer, which is always decoded, took it over."
                )
            }
            FindingVerdict::Fault => {
                format!(
                    "The run spent {percent:.0} % of its {meter}, and {:.0} % before the answer.",
                    100.0 * alone
                )
            }
            FindingVerdict::Clear | FindingVerdict::Undecided => {
                format!("The run spent at most {percent:.0} % of a budget: {meter}.")
            }
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence = spent
            .iter()
            .map(|(meter, share)| evidence(&format!("share of the budget spent, {meter}"), *share))
            .collect();
        found.evidence.push(evidence(
            "calls that failed, whose cost is not known",
            case.state.calls.failed.len() as f64,
        ));
        if verdict == FindingVerdict::Fault {
            found.at = passed(case);
            let advice =
                "Compare it with others by what it spent, not by its limit; leave room for the answer.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// What was spent of each limit that is set, as a share of it.
fn shares(limits: &BudgetLimits, spent: &Cost) -> Vec<(&'static str, f64)> {
    let meters = [
        ("generated tokens", limits.generated.map(|limit| limit as f64), spent.generated as f64),
        ("evaluated tokens", limits.fresh.map(|limit| limit as f64), spent.fresh as f64),
        ("calls", limits.calls.map(|limit| limit as f64), spent.calls as f64),
        ("FLOPs", limits.flops, spent.flops),
        ("seconds", limits.wall_s, spent.wall_ms / 1000.0),
    ];
    let set = meters.into_iter().filter_map(|(name, limit, spent)| Some((name, spent, limit?)));
    set.filter(|(_, _, limit)| *limit > 0.0).map(|(name, spent, limit)| (name, spent / limit)).collect()
}

/// What was spent before the answer.
fn refining(case: &RunCase<'_>) -> Cost {
    let before = |purpose: Purpose| match purpose {
        Purpose::Answer
        | Purpose::Direct
        | Purpose::TieBreak
        | Purpose::Verify
        | Purpose::Rescore
        | Purpose::SideAnswer
        | Purpose::Diagnose
        | Purpose::Shadow => false,
        Purpose::Draft | Purpose::Propose | Purpose::Critique | Purpose::Score(_) => true,
    };
    let rows = case.state.calls.cost.iter().filter(|(purpose, _)| before(**purpose));
    rows.fold(Cost::default(), |sum, (_, cost)| sum + *cost)
}

/// The event with which a limit was passed.
fn passed(case: &RunCase<'_>) -> Option<u64> {
    let mut spent = Cost::default();
    case.records.iter().find_map(|record| {
        let (call, cost) = if let Event::CallFinished { call, cost, .. }
        | Event::CallCancelled { call, cost: Some(cost), .. }
        | Event::CallFailed { call, cost: Some(cost), .. } = &record.event
        {
            (*call, *cost)
        } else {
            return None;
        };
        if case.state.purpose(call).is_some_and(Purpose::counts) {
            spent += cost;
        }
        let over = shares(&case.state.settings.budget, &spent).iter().any(|(_, share)| *share > 1.0);
        over.then_some(record.seq)
    })
}
