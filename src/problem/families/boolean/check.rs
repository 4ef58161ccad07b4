//! The exact checker of boolean plans.

use super::{BooleanSettings, Values, holds, settings_in, variable};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[("syntax", 2.0), ("twice", 1.0), ("set", 3.0), ("clauses", 6.0)];

/// Checks `plan` from the clauses alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<BooleanSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let mut values: Values = vec![None; settings.names.len()];
    let mut by: Vec<Option<ItemId>> = vec![None; settings.names.len()];
    for item in plan.items().iter().filter(|item| !item.muted) {
        let id = item.id;
        let mut status = Satisfied::NotCheckable;
        if id.kind == ItemKind::Step {
            let found = settings_in(&item.text).into_iter().next();
            let place =
                |(name, value)| Some((settings.names.iter().position(|known| *known == name)?, value));
            match found.and_then(place) {
                Some((at, value)) => {
                    report.count("syntax", true);
                    report.count("twice", by[at].is_none());
                    if let Some(first) = by[at] {
                        let message = format!(
                            "{id} sets {}, which {first} has set; set each name once.",
                            settings.names[at]
                        );
                        report.find(id, "twice", Severity::Error, message);
                    } else {
                        (values[at], by[at]) = (Some(value), Some(id));
                        status = Satisfied::Satisfied;
                    }
                }
                None => {
                    let message = format!(
                        "{id} is not of the form name = true or name = false, with one of the names {}.",
                        settings.names.join(", ")
                    );
                    report.fail(id, "syntax", Severity::Error, message);
                }
            }
        }
        report.settle(id, status, None);
    }
    whole(&mut report, &settings, &values, &by);
    report
}

/// Checks what the plan as a whole sets, and every clause.
fn whole(report: &mut PlanReport, settings: &BooleanSettings, values: &Values, by: &[Option<ItemId>]) {
    for (name, value) in settings.names.iter().zip(values) {
        report.count("set", value.is_some());
        if value.is_none() {
            report.find(None, "set", Severity::Error, format!("The plan does not set {name}."));
        }
    }
    let mut wrong: Vec<ItemId> = Vec::new();
    for (clause, number) in settings.clauses.iter().zip(1..) {
        let fine = holds(clause, values);
        report.count("clauses", fine);
        if fine {
            continue;
        }
        // The latest of the items that could have satisfied it is named; each item is named once if that can be.
        let mut makers: Vec<ItemId> =
            clause.iter().filter_map(|literal| by.get(variable(*literal)).copied().flatten()).collect();
        makers.sort_unstable_by_key(|id| (wrong.contains(id), std::cmp::Reverse(*id)));
        let item = makers.first().copied();
        wrong.extend(item);
        let set: Vec<String> = makers.iter().map(ToString::to_string).collect();
        let why = if set.is_empty() { String::new() } else { format!(" under {}", set.join(" and ")) };
        let message = format!("Condition {number}, {}, does not hold{why}.", settings.clause(clause));
        report.find(item, "clauses", Severity::Error, message);
    }
    for check in &mut report.items {
        if wrong.contains(&check.item) {
            check.status = Satisfied::Violated;
        }
    }
    let shown =
        settings.names.iter().zip(values).filter_map(|(name, value)| Some(format!("{name} = {}", (*value)?)));
    let shown: Vec<String> = shown.collect();
    report.derived = (!shown.is_empty()).then(|| shown.join(", "));
    report.exact_pass = Some(!report.has_error());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn messages(lines: &str) -> Vec<String> {
        let names = ["pump", "valve", "alarm"].map(str::to_owned).to_vec();
        let settings =
            BooleanSettings { names, clauses: vec![vec![1, 3], vec![-1, -2], vec![2], vec![-3, 2]] };
        let report = check(&settings.problem("p"), &plan(lines));
        assert_eq!(report.exact_pass, Some(report.findings.is_empty()));
        report.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        assert_eq!(messages("S1: pump = false\nS2: valve = true\nS3: alarm = true"), [""; 0]);
        assert_eq!(
            messages("S1: pump = true\nS2: valve = true\nS3: alarm = true"),
            ["Condition 2, not pump or not valve, does not hold under S2 and S1."]
        );
        assert_eq!(
            messages("S1: pump = true\nS2: valve = false"),
            [
                "The plan does not set alarm.",
                "Condition 3, valve, does not hold under S2.",
                "Condition 4, not alarm or valve, does not hold under S2."
            ]
        );
        assert!(messages("S1: lamp = true")[0].contains("with one of the names pump, valve, alarm"));
        assert!(messages("S1: pump = maybe")[0].contains("is not of the form"));
        assert!(messages("S1: pump = true\nS2: pump = false")[0].contains("which S1 has set"));
    }
}
