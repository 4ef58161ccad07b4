//! The exact checker of blocksworld plans: carries the actions out, up to the first that cannot be done.

use super::{
    BlocksworldSettings, TABLE,
    world::{self, World},
};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[("syntax", 2.0), ("runs", 4.0), ("goal", 6.0), ("idle", 0.5), ("deps", 0.5)];

/// Checks `plan` from the statement alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<BlocksworldSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let mut world = World::new(&settings.stacks);
    let (mut done, mut stuck, mut before) = (Vec::new(), false, None);
    for item in plan.items().iter().filter(|item| !item.muted) {
        let mut status = Satisfied::NotCheckable;
        if item.id.kind == ItemKind::ToolCall {
            match act(&mut report, &mut world, item, stuck) {
                Some(action) => {
                    idle(&mut report, item.id, done.last(), &action);
                    done.push(action);
                    status = Satisfied::Satisfied;
                }
                None => stuck = true,
            }
            deps(&mut report, item, before);
            before = Some(item.id);
        }
        report.settle(item.id, status, None);
    }
    let missed = world.missed(&settings.goal);
    for goal in &settings.goal {
        report.count("goal", !missed.contains(&goal));
    }
    for (block, under) in &missed {
        let is = world.under(block).map_or_else(|| "in the hand".to_owned(), |under| format!("on {under}"));
        let at = if stuck { "Where the plan stops" } else { "At the end" };
        let message = format!("{at}, {block} is {is}, not on {under}.")
            .replace(" on table", &format!(" on the {TABLE}"));
        report.find(None, "goal", Severity::Error, message);
    }
    let shown: Vec<String> = done.iter().map(ToString::to_string).collect();
    report.derived = (!stuck && !shown.is_empty()).then(|| shown.join(", "));
    report.exact_pass = Some(missed.is_empty() && !stuck);
    report
}

/// Does the action of an item; returns it if it could be done.
fn act(report: &mut PlanReport, world: &mut World, item: &Item, stuck: bool) -> Option<world::Action> {
    let id = item.id;
    let Some(action) = world::actions_in(&item.text).into_iter().next() else {
        let message = format!(
            "{id} is no action; an action is pick-up(x), put-down(x), unstack(x, y) or stack(x, y), with the names of blocks."
        );
        report.fail(id, "syntax", Severity::Error, message);
        return None;
    };
    report.count("syntax", true);
    // What comes after an action that cannot be done is not judged: repairing the first may repair it too.
    let outcome = if stuck { Err(String::new()) } else { world.act(&action) };
    report.count("runs", outcome.is_ok());
    match outcome {
        Ok(()) => Some(action),
        Err(why) => {
            if !stuck {
                report.find(id, "runs", Severity::Error, format!("{id} cannot be done: {why}."));
            }
            None
        }
    }
}

/// Finds an action that takes back the one before it.
fn idle(report: &mut PlanReport, id: ItemId, before: Option<&world::Action>, action: &world::Action) {
    use world::Action::{PickUp, PutDown, Stack, Unstack};
    let undone = match (before, action) {
        (Some(PickUp(a)), PutDown(b)) | (Some(PutDown(a)), PickUp(b)) => a == b,
        (Some(Stack(a, c)), Unstack(b, d)) | (Some(Unstack(a, c)), Stack(b, d)) => a == b && c == d,
        (None | Some(PickUp(_) | PutDown(_) | Stack(..) | Unstack(..)), _) => false,
    };
    report.count("idle", !undone);
    if undone {
        let message = format!("{id} only takes back the action before it.");
        report.find(id, "idle", Severity::Warning, message);
    }
}

/// Checks that an action builds on the one before it.
fn deps(report: &mut PlanReport, item: &Item, before: Option<ItemId>) {
    let Some(before) = before else { return };
    let listed = item.deps.iter().any(|dep| dep.kind == ItemKind::ToolCall);
    report.count("deps", listed);
    if !listed {
        let message = format!("{} lists no action that it comes after, such as {before}.", item.id);
        report.find(item.id, "deps", Severity::Note, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn problem() -> Problem {
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BlocksworldSettings {
            stacks: vec![words(&["red", "blue"]), words(&["green"])],
            goal: vec![("red".to_owned(), "green".to_owned())],
        }
        .problem("p")
    }

    const GOOD: &str = "T1: unstack(blue, red)\nT2 <- T1: put-down(blue)\nT3 <- T2: pick-up(red)\nT4 <- T3: stack(red, green)";

    fn finds(lines: &str, expected: &[(&str, &str)]) {
        let report = check(&problem(), &plan(lines));
        let name = |id: Option<ItemId>| id.map_or_else(String::new, |id| id.to_string());
        let found: Vec<(String, String)> =
            report.findings.iter().map(|f| (name(f.item), f.code.to_string())).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, expected, "{lines}");
    }

    #[test]
    fn a_good_plan_passes_and_each_fault_is_found_where_it_is() {
        let report = check(&problem(), &plan(GOOD));
        assert_eq!(
            (report.findings.as_slice(), report.exact_pass, report.score()),
            (&[][..], Some(true), Some(1.0))
        );
        finds(&GOOD.replace("put-down(blue)", "pick-up(red)"), &[("T2", "runs"), ("", "goal")]);
        finds(&GOOD.replace("put-down(blue)", "wait"), &[("T2", "syntax"), ("", "goal")]);
        finds(&GOOD.replace("T4 <- T3", "T4"), &[("T4", "deps")]);
        finds("T1: pick-up(green)\nT2 <- T1: put-down(green)", &[("T2", "idle"), ("", "goal")]);
        finds("C1: red goes onto green", &[("", "goal")]);
    }

    #[test]
    fn more_right_actions_score_higher() {
        let score = |lines: &str| check(&problem(), &plan(lines)).score();
        let late = GOOD.replace("stack(red, green)", "stack(red, red)");
        let early = GOOD.replace("unstack(blue, red)", "pick-up(red)");
        assert!(score(&early) < score(&late) && score(&late) < score(GOOD));
        let report = check(&problem(), &plan(&early));
        assert_eq!(report.findings[0].message, "T1 cannot be done: blue is on red.");
        assert_eq!(report.findings[1].message, "Where the plan stops, red is on the table, not on green.");
    }
}
