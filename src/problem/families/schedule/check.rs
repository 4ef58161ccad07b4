//! The exact checker of schedules.

use super::{ScheduleSettings, starts_in};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[
    ("syntax", 2.0),
    ("twice", 1.0),
    ("placed", 3.0),
    ("order", 3.0),
    ("resource", 3.0),
    ("deadline", 3.0),
    ("deps", 0.5),
];

/// A start for each task, as far as it is placed.
type Starts = Vec<Option<u32>>;

/// Checks `plan` from the statement alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<ScheduleSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let mut starts: Starts = vec![None; settings.tasks.len()];
    let mut by: Vec<Option<ItemId>> = vec![None; settings.tasks.len()];
    for item in plan.items().iter().filter(|item| !item.muted) {
        let mut status = Satisfied::NotCheckable;
        if item.id.kind == ItemKind::Step
            && let Some((task, start)) = placed(&mut report, &settings, item)
        {
            report.count("twice", by[task].is_none());
            if let Some(first) = by[task] {
                let name = &settings.tasks[task].name;
                let message =
                    format!("{} places {name}, which {first} has placed; place each task once.", item.id);
                report.find(item.id, "twice", Severity::Error, message);
            } else {
                (starts[task], by[task], status) = (Some(start), Some(item.id), Satisfied::Satisfied);
                deps(&mut report, &settings, item, task, &by);
            }
        }
        report.settle(item.id, status, None);
    }
    let faults = faults(&settings, &starts, &mut |check, passed| report.count(check, passed));
    for fault in faults {
        let item = fault.task.and_then(|task| by[task]);
        let who = item.map_or_else(|| "The plan".to_owned(), |id| id.to_string());
        if let Some(check) = report.items.iter_mut().find(|check| Some(check.item) == item) {
            check.status = Satisfied::Violated;
        }
        report.find(item, fault.check, Severity::Error, format!("{who} {}.", fault.what));
    }
    let shown = settings.tasks.iter().zip(&starts);
    let shown: Vec<String> =
        shown.filter_map(|(task, start)| Some(format!("{} at {}", task.name, (*start)?))).collect();
    report.derived = (!shown.is_empty()).then(|| shown.join(", "));
    report.exact_pass = Some(!report.has_error());
    report
}

/// Returns for each item the steps above it that place the tasks which must have ended before its own.
pub(super) fn links(problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
    let Ok(settings) = problem.read_settings::<ScheduleSettings>() else {
        return vec![Vec::new(); items.len()];
    };
    let mut by: Vec<Option<ItemId>> = vec![None; settings.tasks.len()];
    let link = |item: &Item| {
        let task = starts_in(&item.text).first().and_then(|(name, _)| settings.task(name));
        let Some(task) = task.filter(|_| item.id.kind == ItemKind::Step && !item.muted) else {
            return Vec::new();
        };
        by[task].get_or_insert(item.id);
        settings.tasks[task].after.iter().filter_map(|name| by[settings.task(name)?]).collect()
    };
    items.iter().map(link).collect()
}

/// Returns what is wrong with a schedule, as a clause; `None` where nothing is.
pub(super) fn first_fault(settings: &ScheduleSettings, starts: &Starts) -> Option<String> {
    let first = faults(settings, starts, &mut |_, _| {}).into_iter().next()?;
    Some(format!("it {}", first.what))
}

/// Reads which task an item places, and when.
fn placed(report: &mut PlanReport, settings: &ScheduleSettings, item: &Item) -> Option<(usize, u32)> {
    let found = starts_in(&item.text).into_iter().next();
    let found = found.and_then(|(name, start)| Some((settings.task(&name)?, start)));
    report.count("syntax", found.is_some());
    if found.is_none() {
        let names: Vec<&str> = settings.tasks.iter().map(|task| task.name.as_str()).collect();
        let message = format!(
            "{} is not of the form TASK at HOUR, with one of the tasks {}.",
            item.id,
            names.join(", ")
        );
        report.find(item.id, "syntax", Severity::Error, message);
    }
    found
}

/// Checks that an item lists those of the tasks that must have ended before it.
fn deps(
    report: &mut PlanReport,
    settings: &ScheduleSettings,
    item: &Item,
    task: usize,
    by: &[Option<ItemId>],
) {
    let before = settings.tasks[task].after.iter().filter_map(|name| by[settings.task(name)?]);
    let missing = before.filter(|id| !item.deps.contains(id)).min();
    report.count("deps", missing.is_none());
    if let Some(missing) = missing {
        let message = format!(
            "{} does not list {missing} after the arrow, whose task must have ended before.",
            item.id
        );
        report.find(item.id, "deps", Severity::Warning, message);
    }
}

/// Something that is wrong with a schedule.
struct ScheduleFault {
    check: &'static str,
    /// The task to be blamed.
    task: Option<usize>,
    /// A clause whose subject is the item.
    what: String,
}

/// Returns all faults of a schedule, and counts what is checked.
fn faults(
    settings: &ScheduleSettings,
    starts: &Starts,
    count: &mut impl FnMut(&'static str, bool),
) -> Vec<ScheduleFault> {
    let mut faults = Vec::new();
    let mut check = |check: &'static str, fine: bool, task: Option<usize>, what: &dyn Fn() -> String| {
        count(check, fine);
        if !fine {
            faults.push(ScheduleFault { check, task, what: what() });
        }
    };
    let end =
        |task: usize| starts[task].map(|start| u64::from(start) + u64::from(settings.tasks[task].hours));
    for (at, task) in settings.tasks.iter().enumerate() {
        let name = &task.name;
        check("placed", starts[at].is_some(), None, &|| format!("does not place {name}"));
        let (Some(start), Some(own_end)) = (starts[at], end(at)) else { continue };
        let deadline = u64::from(settings.deadline);
        check("deadline", own_end <= deadline, Some(at), &|| {
            format!("ends {name} at hour {own_end}, after the deadline {deadline}")
        });
        for before in &task.after {
            if let Some(ended) = settings.task(before).and_then(end) {
                check("order", ended <= u64::from(start), Some(at), &|| {
                    format!("starts {name} at hour {start}, but {before} ends only at hour {ended}")
                });
            }
        }
        for resource in &task.uses {
            let most = settings.resources.get(resource).copied().unwrap_or(0) as usize;
            // The tasks that hold the resource when this one starts; of those that start together the later listed
            // one is to blame.
            let others = (0..starts.len()).filter(|&other| {
                let before = starts[other].is_some_and(|s| s < start || (s == start && other < at));
                let held = end(other).is_some_and(|ended| ended > u64::from(start));
                settings.tasks[other].uses.contains(resource) && before && held
            });
            let others: Vec<&str> = others.map(|other| settings.tasks[other].name.as_str()).collect();
            check("resource", others.len() < most, Some(at), &|| {
                format!(
                    "starts {name} at hour {start}, while {} still holds the {resource}",
                    others.join(" and ")
                )
            });
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::schedule::example_settings;
    use crate::testing::plan;

    fn messages(lines: &str) -> Vec<String> {
        let report = check(&example_settings().problem("p"), &plan(lines));
        assert_eq!(report.exact_pass, Some(!report.has_error()));
        report.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        assert_eq!(messages("S1: bake at 0\nS2 <- S1: ice at 3\nS3: roast at 3"), [""; 0]);
        assert_eq!(
            messages("S3: roast at 0\nS1: bake at 2\nS2 <- S1: ice at 5"),
            ["S2 ends ice at hour 6, after the deadline 5."]
        );
        assert_eq!(
            messages("S1: bake at 0\nS2 <- S1: ice at 2\nS3: roast at 0"),
            [
                "S2 starts ice at hour 2, but bake ends only at hour 3.",
                "S3 starts roast at hour 0, while bake still holds the oven."
            ]
        );
        assert_eq!(
            messages("S1: bake at 0\nS2: ice at 3"),
            [
                "S2 does not list S1 after the arrow, whose task must have ended before.",
                "The plan does not place roast."
            ]
        );
        assert!(messages("S1: fry at 0")[0].contains("with one of the tasks bake, ice, roast"));
        assert!(messages("S1: bake at 0\nS2: bake at 1")[0].contains("which S1 has placed"));
        assert!(messages("S1: bake at 4294967295")[0].contains("after the deadline"));
    }
}
