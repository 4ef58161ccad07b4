//! The checker of tool plans: types every call, runs the plan, and holds it to the limits it can see.

use std::collections::{HashMap, HashSet};

use super::{
    ToolsSettings,
    api::{Type, Value},
    call::{self, Arg, Call},
    run::{self, Ran},
    world,
};
use crate::{
    Problem, numbers,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] = &[
    ("calls", 4.0),
    ("syntax", 3.0),
    ("types", 3.0),
    ("runs", 4.0),
    ("goal", 6.0),
    ("limits", 2.0),
    ("origin", 1.0),
    ("unused", 0.5),
    ("deps", 0.5),
];

/// Checks `plan` from the public view of `problem`.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let mut report = PlanReport::with_checks(CHECKS);
    let items: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let calls = parsed(&items);
    let (typed, errors) = typed(&calls);
    let used: HashSet<ItemId> =
        calls.iter().filter_map(|(_, call)| call.as_ref().ok()).flat_map(sources).collect();
    let places: HashMap<ItemId, usize> = calls.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
    let settings = ToolsSettings::of(problem).unwrap_or_default();
    let db = world::seeded(settings.seed);
    let ran = db.as_ref().map(|db| run::run(db, &typed)).unwrap_or_default();
    let outcomes: HashMap<ItemId, &Ran> = ran.iter().map(|ran| (ran.item, ran)).collect();
    for item in items {
        let (mut status, mut value) = (Satisfied::NotCheckable, None);
        if let Some(&at) = places.get(&item.id) {
            written(&mut report, problem, item, &calls[at].1, &errors[at]);
            if let Ok(call) = &calls[at].1 {
                limits(&mut report, item.id, call, &settings);
                unused(&mut report, item.id, call, used.contains(&item.id));
            }
            let result = outcomes.get(&item.id).map(|ran| &ran.outcome);
            report.count("runs", matches!(result, Some(Ok(_))));
            match result {
                Some(Ok(record)) => (status, value) = (Satisfied::Satisfied, Some(run::show(record))),
                Some(Err(why)) if typed[at].1.is_ok() => {
                    let message = format!("{} fails when it is run: {why}.", item.id);
                    report.find(item.id, "runs", Severity::Error, message);
                }
                // An ill-formed call has its own findings, and calls after a failed one are not run.
                Some(Err(_)) | None => {}
            }
        }
        report.settle(item.id, status, value);
    }
    whole(&mut report, problem, &settings, &ran, &calls);
    let last = ran.last().and_then(|ran| ran.outcome.as_ref().ok());
    report.derived = last.map(run::show);
    report.exact_pass =
        db.ok().and_then(|db| goal(&mut report, problem, &db, ran.iter().all(|r| r.outcome.is_ok())));
    report
}

/// Runs `plan` and returns how many of `goal` hold at its end.
///
/// # Errors
/// The first call that fails and why, or the limit that is broken.
pub(super) fn outcome(problem: &Problem, plan: &Plan, goal: &[String]) -> Result<usize, String> {
    let settings = ToolsSettings::of(problem)?;
    let items: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let calls = parsed(&items);
    let mut limited = PlanReport::default();
    for (id, call) in &calls {
        if let Ok(call) = call {
            limits(&mut limited, *id, call, &settings);
        }
    }
    if let Some(finding) = limited.findings.first() {
        return Err(finding.message.clone());
    }
    if let Some(most) = settings.max_calls.filter(|most| calls.len() > *most) {
        return Err(format!("{} calls are made where {most} are allowed", calls.len()));
    }
    let db = world::seeded(settings.seed).map_err(|error| error.to_string())?;
    if let Some(Ran { item, outcome: Err(why) }) = run::run(&db, &typed(&calls).0).last() {
        return Err(format!("{item} fails: {why}"));
    }
    let held = goal.iter().map(|one| world::holds(&db, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(held.into_iter().filter(|held| *held).count())
}

type Calls = Vec<(ItemId, Result<Call, String>)>;

fn parsed(items: &[&Item]) -> Calls {
    let calls = items.iter().filter(|item| item.id.kind == ItemKind::ToolCall);
    calls.map(|item| (item.id, call::parse(&item.text))).collect()
}

/// Returns the calls with those that are ill typed replaced by the reason, and all type errors of each.
fn typed(calls: &Calls) -> (Calls, Vec<Vec<String>>) {
    let mut earlier: HashMap<ItemId, &Call> = HashMap::new();
    let (mut typed, mut all) = (Calls::new(), Vec::new());
    for (id, call) in calls {
        let errors = call.as_ref().map(|call| run::type_errors(call, &earlier)).unwrap_or_default();
        let checked = match (call, errors.first()) {
            (Err(why), _) | (Ok(_), Some(why)) => Err(why.clone()),
            (Ok(call), None) => Ok(call.clone()),
        };
        if let Ok(call) = call {
            earlier.insert(*id, call);
        }
        typed.push((*id, checked));
        all.push(errors);
    }
    (typed, all)
}

/// Returns the items whose results a call takes, each as often as it takes one.
fn sources(call: &Call) -> impl Iterator<Item = ItemId> {
    call.args.iter().filter_map(|arg| match arg {
        Arg::Field(source, _) => Some(*source),
        Arg::Literal(_) => None,
    })
}

/// Returns the items whose results the call of an item takes.
pub(super) fn links(item: &Item) -> Vec<ItemId> {
    let call = call::parse(&item.text).ok().filter(|_| item.id.kind == ItemKind::ToolCall && !item.muted);
    let mut links = Vec::new();
    for source in call.iter().flat_map(sources).filter(|source| *source != item.id) {
        if !links.contains(&source) {
            links.push(source);
        }
    }
    links
}

/// Checks what is written: syntax, types, dependencies and where literals come from.
fn written(
    report: &mut PlanReport,
    problem: &Problem,
    item: &Item,
    call: &Result<Call, String>,
    type_errors: &[String],
) {
    let id = item.id;
    report.count("syntax", call.is_ok());
    let call = match call {
        Ok(call) => call,
        Err(why) => {
            report.find(id, "syntax", Severity::Error, format!("{id} is no valid call: {why}."));
            return;
        }
    };
    report.count("types", type_errors.is_empty());
    for error in type_errors {
        report.find(id, "types", Severity::Error, format!("{id} cannot run: {error}."));
    }
    let mut missing: Vec<ItemId> = sources(call).filter(|source| !item.deps.contains(source)).collect();
    missing.dedup();
    report.count("deps", missing.is_empty());
    if !missing.is_empty() {
        let message = {
            let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!("{id} uses {} without listing it after the arrow.", names.join(" and "))
        };
        report.find(id, "deps", Severity::Warning, message);
    }
    origins(report, problem, id, call);
}

/// Checks that texts and numbers written in a call come from the problem.
fn origins(report: &mut PlanReport, problem: &Problem, id: ItemId, call: &Call) {
    let text = problem.text.to_lowercase();
    let known = numbers::mentions(&problem.text);
    for (param, arg) in call.tool.params.iter().zip(&call.args) {
        let fine = match arg {
            Arg::Literal(Value::Text(literal)) => {
                param.own_words || text.contains(&literal.trim().to_lowercase())
            }
            Arg::Literal(Value::Whole(number)) => {
                let one = param.ty == Type::Count && *number == 1;
                one || known.iter().any(|mention| mention.value == numbers::whole(*number))
            }
            Arg::Field(..) => continue,
        };
        report.count("origin", fine);
        if let (false, Arg::Literal(value)) = (fine, arg) {
            let message = format!("{id} gives {} as {value}, which is not in the problem.", param.name);
            report.find(id, "origin", Severity::Warning, message);
        }
    }
}

fn limits(report: &mut PlanReport, id: ItemId, call: &Call, settings: &ToolsSettings) {
    if settings.forbid.is_empty() {
        return;
    }
    let fine = !settings.forbid.iter().any(|name| name == call.tool.name);
    report.count("limits", fine);
    if !fine {
        let message = format!("{id} calls {}, which the problem does not allow.", call.tool.name);
        report.find(id, "limits", Severity::Error, message);
    }
}

/// Checks that what is looked up is used.
fn unused(report: &mut PlanReport, id: ItemId, call: &Call, used: bool) {
    if call.tool.changes {
        return;
    }
    report.count("unused", used);
    if !used {
        let message = format!("{id} looks something up that no later call uses.");
        report.find(id, "unused", Severity::Note, message);
    }
}

/// Checks the plan as a whole.
fn whole(report: &mut PlanReport, problem: &Problem, settings: &ToolsSettings, ran: &[Ran], calls: &Calls) {
    report.count("calls", !calls.is_empty());
    if calls.is_empty() {
        let message = "The plan has no tool call, so nothing is done.".to_owned();
        report.find(None, "calls", Severity::Error, message);
    }
    if let Some(most) = settings.max_calls {
        report.count("limits", calls.len() <= most);
        if calls.len() > most {
            let message = format!("The plan makes {} calls where {most} are allowed.", calls.len());
            report.find(None, "limits", Severity::Error, message);
        }
    }
    let changes = calls.iter().any(|(_, call)| call.as_ref().is_ok_and(|call| call.tool.changes));
    if !calls.is_empty() && !changes && ran.iter().all(|ran| ran.outcome.is_ok()) {
        let message =
            format!("The plan only looks things up, and the problem {} may ask for more.", problem.id);
        report.find(None, "read_only", Severity::Note, message);
    }
}

/// Checks a goal that the problem shows; returns whether the plan solves the problem, where that is known.
fn goal(
    report: &mut PlanReport,
    problem: &Problem,
    db: &rusqlite::Connection,
    all_ran: bool,
) -> Option<bool> {
    if problem.visible_goal.is_empty() {
        return None;
    }
    let mut missed = Vec::new();
    for assertion in &problem.visible_goal {
        let holds = world::holds(db, assertion).unwrap_or(false);
        report.count("goal", holds);
        if !holds {
            missed.push(in_words(assertion));
        }
    }
    for words in missed.iter().flatten() {
        report.find(None, "goal", Severity::Error, format!("After the plan, this does not hold: {words}."));
    }
    let unnamed = missed.iter().filter(|words| words.is_none()).count();
    if unnamed > 0 {
        let of = problem.visible_goal.len();
        let message = format!("After the plan, {unnamed} of the {of} conditions of the goal do not hold.");
        report.find(None, "goal", Severity::Error, message);
    }
    let limits = report.tallies.iter().find(|tally| tally.check == "limits");
    Some(missed.is_empty() && all_ran && limits.is_none_or(|tally| tally.passed == tally.done))
}

/// Returns what a condition of the goal says in words: the comment after its query.
fn in_words(assertion: &str) -> Option<&str> {
    let (_, words) = assertion.rsplit_once("-- ")?;
    Some(words.trim().trim_end_matches('.')).filter(|words| !words.is_empty() && !words.contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gold, families::tools::Tools, family::Family, report::Outcome, testing::plan};

    fn problem() -> Problem {
        Problem::new("p", "tools", "Cancel the teapot of Omar Haddad and refund it; order 5 must stay.")
    }

    const GOOD: &str = "C1: order 5 stays\nT1: find_customer(name=\"Omar Haddad\")\nT2: find_product(name=\"teapot\")\n\
                        T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)\nT4 <- T3: cancel_order(order=T3.id)\n\
                        T5 <- T3 T4: refund_order(order=T3.id)";

    fn codes(lines: &str) -> Vec<(String, String)> {
        let report = check(&problem(), &plan(lines));
        let name = |id: Option<ItemId>| id.map_or_else(String::new, |id| id.to_string());
        report.findings.iter().map(|f| (name(f.item), f.code.to_string())).collect()
    }

    fn change(from: &str, to: &str, expected: &[(&str, &str)]) {
        assert!(GOOD.contains(from));
        let found = codes(&GOOD.replace(from, to));
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, expected, "{from} -> {to}");
    }

    #[test]
    fn a_good_plan_runs() {
        let report = check(&problem(), &plan(GOOD));
        assert_eq!(report.findings, []);
        assert_eq!(report.score(), Some(1.0));
        assert_eq!(report.exact_pass, None);
        assert!(report.derived.unwrap().contains("status=refunded"));
        assert_eq!(report.items[0].status, Satisfied::NotCheckable);
        assert_eq!(report.items[5].status, Satisfied::Satisfied);
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        change("cancel_order(order", "cancel(order", &[("T4", "syntax")]);
        change("cancel_order(order=T3.id", "cancel_order(order=T1.id", &[("T4", "types"), ("T4", "deps")]);
        change("order=T3.id)\nT5", "order=T3.number)\nT5", &[("T4", "types")]);
        change(
            "T4 <- T3: cancel_order(order=T3.id)",
            "T4 <- T3: cancel_order(order=T5.id)",
            &[("T4", "types"), ("T4", "deps")],
        );
        change("T4 <- T3: cancel_order(order=T3.id)", "T4: cancel_order(order=5)", &[("T4", "runs")]);
        change(
            "T4 <- T3: cancel_order(order=T3.id)",
            "T4: cancel_order(order=77)",
            &[("T4", "origin"), ("T4", "runs")],
        );
        change("\"Omar Haddad\"", "\"Omar\"", &[("T1", "runs")]);
        change("T4 <- T3: cancel", "T4 <- T3: accept_return", &[("T4", "syntax")]);
        assert_eq!(codes("C1: nothing"), [(String::new(), "calls".to_owned())]);
        assert_eq!(codes("T1: find_product(name=\"teapot\")").len(), 2, "unused, and read only");
    }

    #[test]
    fn limits_hold_for_the_checker_and_for_the_oracle() {
        let mut problem = problem();
        problem.settings.insert("max_calls".into(), 4.into());
        problem.settings.insert("forbid".into(), serde_json::json!(["refund_order"]));
        let report = check(&problem, &plan(GOOD));
        assert_eq!(report.at_least(Severity::Error).filter(|f| f.code == "limits").count(), 2);
        let goal =
            "SELECT status = 'refunded' FROM orders JOIN products p ON p.id = product WHERE p.name = 'teapot'
                    AND customer = (SELECT id FROM customers WHERE name = 'Omar Haddad')";
        let limited = problem.clone().with_gold(Gold::new(None, vec![goal.to_owned()]));
        assert_eq!(Tools.check_answer(&limited, &plan(GOOD), "done").outcome, Outcome::Wrong);
        problem.settings.insert("forbid".into(), serde_json::json!(["fly"]));
        assert!(Tools.check_problem(&problem).unwrap_err().contains("fly"));
        problem.settings.insert("colour".into(), 1.into());
        assert!(Tools.check_problem(&problem).unwrap_err().contains("colour"));
    }

    #[test]
    fn the_oracle_runs_the_plan_or_the_calls_of_the_answer() {
        let goal = "SELECT count(*) = 1 FROM refunds WHERE amount = 30".to_owned();
        let gold = Gold::new(Some("30".to_owned()), vec![goal.clone()]);
        let problem = problem().with_gold(gold);
        assert_eq!(Tools.check_problem(&problem), Ok(()));
        let outcome = |lines: &str, answer: &str| Tools.check_answer(&problem, &plan(lines), answer).outcome;
        assert_eq!(outcome(GOOD, "He gets $30 back [T5]."), Outcome::Correct);
        assert_eq!(outcome(GOOD, "He gets $300 back."), Outcome::Wrong);
        assert_eq!(
            outcome(&GOOD.replace("T5 <- T3 T4: refund_order", "T5 <- T3 T4: get_order"), "30"),
            Outcome::Wrong
        );
        assert_eq!(outcome("C1: nothing", "30"), Outcome::Unparsed);
        let alone = GOOD.replace("C1: order 5 stays\n", "I would run:\n- ") + "\nso $30 comes back";
        assert_eq!(outcome("C1: nothing", &alone), Outcome::Correct);
        let mut shown = problem.public_view();
        assert_eq!(Tools.check_answer(&shown, &plan(GOOD), "30").outcome, Outcome::NoGold);
        shown.visible_goal = vec![goal];
        assert_eq!(check(&shown, &plan(GOOD)).exact_pass, Some(true));
        let missed = plan("T1: find_product(name=\"vase\")");
        assert_eq!(check(&shown, &missed).exact_pass, Some(false));
        let said =
            |problem: &Problem| check(problem, &missed).findings.last().map(|found| found.message.clone());
        let of = "After the plan, 1 of the 1 conditions of the goal do not hold.";
        assert_eq!(said(&shown).as_deref(), Some(of));
        shown.visible_goal[0] += " -- $30 are paid back.";
        assert_eq!(said(&shown).as_deref(), Some("After the plan, this does not hold: $30 are paid back."));
    }

    #[test]
    fn the_example_runs() {
        let example = super::super::example();
        let report = check(&Problem::new("example", "tools", &*example.problem), &example.plan);
        assert_eq!(report.findings, []);
    }

    #[test]
    fn long_plans_take_little_time() {
        let lines: String = (1..=3000).map(|n| format!("T{n}: find_product(name=\"vase\")\n")).collect();
        assert_eq!(check(&problem(), &plan(&lines)).items.len(), 3000);
    }
}
