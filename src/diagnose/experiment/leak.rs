//! Whether the plan holds the answer, so that decoding only copies it.

use super::{
    Experiment, ExperimentStep, PlanCase, ablate,
    decoded::{citing, decoded},
    sums,
};
use crate::CheckDoc;
use crate::{evidence, found, undecided};
use model::{Cost, Prompt, Reply, Request};
use plan::{Item, ItemId};
use session::{Finding, FindingVerdict, ItemReading, Readings, Severity};

/// Above this share the plan alone fixes the answer. \[our own\]
const FIXED: f64 = 0.8;
/// The least that the problem and the plan together must add, in nats, for a share of it to mean anything.
const LEAST: f64 = 1.0;

/// The experiment.
pub struct Leak;

impl Experiment for Leak {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "leak",
            doc: "whether the plan alone, without the problem, fixes the answer, and from which item on",
            cost: "a result forced after each line of the plan, in one batch",
        }
    }

    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep {
        let (answer, rest) = match decoded(case, replies) {
            Ok(decoded) => decoded,
            Err(request) => return ExperimentStep::Ask(request),
        };
        let cost = replies.iter().fold(Cost::default(), |sum, reply| sum + reply.cost);
        let bare = citing(case).without(&answer);
        let Some(value) = case.family.extract_answer(&bare) else {
            let why = "No result can be read from the answer, so there is nothing that could leak.";
            return ExperimentStep::Found(Box::new(undecided(self.doc(), why, cost)));
        };
        match rest.first() {
            None => ExperimentStep::Ask(Box::new(Request::Score { pairs: pairs(case, &value) })),
            Some(reply) => ExperimentStep::Found(Box::new(finding(case, &value, reply, cost))),
        }
    }
}

/// The result after: problem and plan; neither; and each beginning of the plan without the problem.
fn pairs(case: &PlanCase<'_>, value: &str) -> Vec<(Prompt, String)> {
    let plan = &case.view.plan;
    let lines = plan.visible().len();
    let after = |problem, plan: Option<String>| {
        (case.prompter.forced_result(problem, plan.as_deref()), format!(" {value}"))
    };
    let beginnings = (1..=lines).map(|count| after(false, ablate::prefix(plan, count)));
    [after(true, ablate::prefix(plan, lines)), after(false, None)].into_iter().chain(beginnings).collect()
}

/// What the forced results tell.
#[derive(Debug, Clone, PartialEq)]
pub struct ForcedResults {
    /// λ after each beginning of the plan, one per item.
    pub shares: Vec<f64>,
    /// The place of the item from which on λ stays above the mark to the end of the plan; none where the whole plan
    /// is below it.
    pub fixed_at: Option<usize>,
}

/// Returns λ = \[log p(a|z) − log p(a|∅)\] / \[log p(a|x,z) − log p(a|∅)\] for each beginning z of the plan, where
/// a is the run's own result; `None` where the denominator is below 1 nat. \[our own; the idea is the predictive
/// information of a rationale beyond its label, Hase et al. 2020, "leakage-adjusted simulatability"\]
pub fn meter(sums: &[f64]) -> Option<ForcedResults> {
    let (&[both, neither], beginnings) = sums.split_first_chunk::<2>()?;
    let whole = both - neither;
    if whole < LEAST {
        return None;
    }
    let shares: Vec<f64> = beginnings.iter().map(|sum| (sum - neither) / whole).collect();
    let open = shares.iter().rposition(|share| *share <= FIXED).map_or(0, |last| last + 1);
    let fixed_at = (open < shares.len()).then_some(open);
    Some(ForcedResults { shares, fixed_at })
}

/// The items that state the result as a value of their own, though the problem does not give it.
fn stating(case: &PlanCase<'_>, value: &str) -> Vec<ItemId> {
    if case.family.values(case.problem).iter().any(|given| given == value) {
        return Vec::new();
    }
    let states = |text: &str| case.family.values(text).iter().any(|stated| stated == value);
    case.view.plan.visible().items().iter().filter(|item| states(&item.text)).map(|item| item.id).collect()
}

fn finding(case: &PlanCase<'_>, value: &str, reply: &Reply, cost: Cost) -> Finding {
    let doc = Leak.doc();
    let Some(sums) = sums(reply) else {
        return undecided(doc, "The model gave no log-probabilities.", cost);
    };
    let stating = stating(case, value);
    let meter = meter(&sums);
    let visible = case.view.plan.visible();
    let mut rows = Vec::new();
    if let Some(meter) = &meter {
        rows.extend(
            meter.shares.last().map(|share| evidence("λ, the plan's share of what is known", *share)),
        );
    }
    let readings = meter.as_ref().map(|meter| {
        let row = |(item, value): (&Item, &f64)| ItemReading { item: item.id, value: *value, cited: None };
        Readings {
            label: "λ with the plan up to this item".into(),
            mark: FIXED,
            rows: visible.items().iter().zip(&meter.shares).map(row).collect(),
        }
    });
    let fixed = meter.as_ref().and_then(|meter| visible.items().get(meter.fixed_at?)).map(|item| item.id);
    let (verdict, sentence) = match (stating.first(), fixed, &meter) {
        (Some(item), _, _) => (
            FindingVerdict::Fault,
            format!("{item} states the answer {value}, which the problem does not give."),
        ),
        (None, Some(item), _) => (
            FindingVerdict::Fault,
            format!("Without the problem, the plan up to {item} is enough for the model to say {value}."),
        ),
        (None, None, Some(_)) => {
            (FindingVerdict::Clear, format!("The plan alone does not make the model say {value}."))
        }
        (None, None, None) => {
            let why = "Problem and plan add less than 1 nat to the forced result, so no share of it means anything.";
            return undecided(doc, why, cost);
        }
    };
    let mut found = found(doc, verdict, Severity::Warning, sentence, cost);
    found.items = stating.into_iter().chain(fixed).collect();
    found.items.dedup();
    (found.evidence, found.readings) = (rows, readings);
    if verdict == FindingVerdict::Fault {
        found.advice =
            Some("Let the item say how to get the value, not the value; or mute it and answer again.".into());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_names_the_first_line_that_fixes_the_answer() {
        let meter = meter(&[-1.0, -11.0, -11.0, -2.0, -1.5]).unwrap();
        assert_eq!(meter.shares, [0.0, 0.9, 0.95]);
        assert_eq!(meter.fixed_at, Some(1));
    }

    #[test]
    fn a_plan_that_takes_it_back_in_the_end_does_not_fix_the_answer() {
        let meter = meter(&[-1.0, -11.0, -2.0, -6.0]).unwrap();
        assert_eq!((meter.shares, meter.fixed_at), (vec![0.9, 0.5], None));
    }

    #[test]
    fn a_share_of_nothing_is_no_share() {
        assert_eq!(super::meter(&[-10.5, -11.0, -3.0]), None);
        assert_eq!(super::meter(&[-1.0]), None);
    }
}
