//! The checker of list programs: runs them on the examples that are shown.

use super::{
    ListsSettings,
    program::{Op, ops_in, show},
};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[("syntax", 3.0), ("limits", 3.0), ("examples", 6.0), ("deps", 0.5)];

/// Checks `plan` from the shown examples alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<ListsSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let mut steps: Vec<(ItemId, Op)> = Vec::new();
    for item in plan.items().iter().filter(|item| !item.muted) {
        let mut status = Satisfied::NotCheckable;
        if item.id.kind == ItemKind::Step
            && let Some(op) = step(&mut report, &settings, item)
        {
            let before = steps.last().map(|(id, _)| *id);
            deps(&mut report, item, before);
            steps.push((item.id, op));
            status = Satisfied::Satisfied;
        }
        report.settle(item.id, status, None);
    }
    report.count("limits", steps.len() <= settings.max_ops);
    if steps.len() > settings.max_ops {
        let message =
            format!("The plan has {} operations where {} are allowed.", steps.len(), settings.max_ops);
        report.find(None, "limits", Severity::Error, message);
    }
    for pair in &settings.examples {
        example(&mut report, pair, &steps);
    }
    let shown: Vec<String> = steps.iter().map(|(_, op)| op.to_string()).collect();
    report.derived = (!shown.is_empty()).then(|| shown.join(", "));
    // What is right for the examples shown may be wrong for the hidden ones.
    report.exact_pass = report.has_error().then_some(false);
    report
}

fn step(report: &mut PlanReport, settings: &ListsSettings, item: &Item) -> Option<Op> {
    let id = item.id;
    let ops = ops_in(&item.text);
    let &[op] = ops.as_slice() else {
        let message = if ops.is_empty() {
            format!(
                "{id} is no operation; operations look like map(x + 2), filter(x > 2), filter(even), take(2) or sort."
            )
        } else {
            format!("{id} has {} operations; write one a line.", ops.len())
        };
        report.fail(id, "syntax", Severity::Error, message);
        return None;
    };
    report.count("syntax", true);
    let allowed = !settings.forbid.iter().any(|name| name == op.name());
    report.count("limits", allowed);
    if !allowed {
        let message = format!("{id} uses {}, which the problem does not allow.", op.name());
        report.find(id, "limits", Severity::Error, message);
    }
    Some(op)
}

fn deps(report: &mut PlanReport, item: &Item, before: Option<ItemId>) {
    let Some(before) = before else { return };
    let listed = item.deps.contains(&before);
    report.count("deps", listed);
    if !listed {
        let message =
            format!("{} works on the result of {before} without listing it after the arrow.", item.id);
        report.find(item.id, "deps", Severity::Note, message);
    }
}

/// Runs one example, and names the step after which it cannot come right any more, or the last one.
fn example(report: &mut PlanReport, (from, to): &(Vec<i64>, Vec<i64>), steps: &[(ItemId, Op)]) {
    let mut list = from.clone();
    let mut fault = None;
    for (id, op) in steps {
        match op.apply(&list) {
            Ok(next) => list = next,
            Err(why) => {
                fault = Some((*id, format!("{id} fails on {}: {why}.", show(from))));
                break;
            }
        }
        // No operation makes a list longer.
        if list.len() < to.len() {
            let (left, wanted) = (list.len(), to.len());
            let message = format!(
                "{id} leaves only {left} numbers of {}, which must become {wanted} numbers, {}.",
                show(from),
                show(to)
            );
            fault = Some((*id, message));
            break;
        }
    }
    report.count("examples", fault.is_none() && list == *to);
    match fault {
        Some((id, message)) => report.find(id, "examples", Severity::Error, message),
        None if list != *to => {
            let last = steps.last().map(|(id, _)| *id);
            let at = last.map_or_else(|| "Without a step".to_owned(), |id| format!("After {id}"));
            let message =
                format!("{at}, {} has become {}; it must become {}.", show(from), show(&list), show(to));
            report.find(last, "examples", Severity::Error, message);
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{families::lists::example_settings, testing::plan};

    fn messages(lines: &str) -> Vec<String> {
        let report = check(&example_settings().problem("p"), &plan(lines));
        assert_eq!(report.exact_pass, report.has_error().then_some(false));
        report.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        assert_eq!(messages("S1: filter(x > 2)\nS2 <- S1: sort\nS3 <- S2: map(x * 2)"), [""; 0]);
        assert_eq!(
            messages("S1: filter(x > 5)\nS2 <- S1: sort\nS3 <- S2: map(x * 2)")[0],
            "S1 leaves only 1 numbers of [5, 2, 9, 4], which must become 3 numbers, [8, 10, 18]."
        );
        assert_eq!(
            messages("S1: filter(x > 2)\nS2 <- S1: map(x * 2)")[0],
            "After S2, [5, 2, 9, 4] has become [10, 18, 8]; it must become [8, 10, 18]."
        );
        assert!(messages("S1: drop(0)")[0].contains("does not allow"));
        assert!(messages("S1: shuffle")[0].contains("is no operation"));
        assert!(messages("S1: sort, reverse")[0].contains("write one a line"));
        assert!(
            messages(&(1..=5).map(|n| format!("S{n}: sort\n")).collect::<String>())
                .iter()
                .any(|m| m.contains("5 operations"))
        );
        assert!(messages("C1: keep it short")[0].starts_with("Without a step, [5, 2, 9, 4] has become"));
    }
}
