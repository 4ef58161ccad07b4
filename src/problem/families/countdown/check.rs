//! The exact checker of Countdown plans and answers.

use num_rational::BigRational;

use super::CountdownSettings;
use crate::{
    Problem,
    expr::{self, Expr, Op},
    numbers,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] =
    &[("syntax", 2.0), ("numbers", 3.0), ("value", 3.0), ("goal", 4.0), ("all", 2.0), ("deps", 0.5)];

/// Checks `plan` from the statement alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let mut checker = match problem.read_settings::<CountdownSettings>() {
        Ok(settings) => CountdownChecker::new(settings),
        Err(_) => return PlanReport::default(),
    };
    for item in plan.items().iter().filter(|item| !item.muted) {
        let (status, value) = match item.id.kind {
            ItemKind::Step => checker.step(item),
            ItemKind::Constraint
            | ItemKind::Subgoal
            | ItemKind::Invariant
            | ItemKind::Claim
            | ItemKind::ToolCall => (Satisfied::NotCheckable, None),
        };
        checker.report.settle(item.id, status, value.as_ref().map(numbers::show));
    }
    checker.finish()
}

/// Returns for each item the steps whose results it uses.
pub(super) fn links(problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
    let Ok(settings) = problem.read_settings::<CountdownSettings>() else {
        return vec![Vec::new(); items.len()];
    };
    let mut checker = CountdownChecker::new(settings);
    let link = |item: &Item| match equation(&item.text) {
        Ok((left, stated)) if item.id.kind == ItemKind::Step && !item.muted => {
            let (expr, from) = checker.take(item.id, &left);
            checker.pool.push(Entry { value: stated, step: Some(item.id), expr });
            from
        }
        Ok(_) | Err(_) => Vec::new(),
    };
    items.iter().map(link).collect()
}

/// Returns whether `expr` uses the numbers as it may and reaches the target.
///
/// # Errors
/// A clause on what is wrong.
pub(super) fn solves(settings: &CountdownSettings, expr: &Expr) -> Result<(), String> {
    let mut left: Vec<BigRational> = settings.numbers.iter().map(|n| numbers::whole((*n).into())).collect();
    for literal in expr.literals() {
        match left.iter().position(|number| number == literal) {
            Some(at) => drop(left.swap_remove(at)),
            None => return Err(format!("{} is not among the numbers that are left", numbers::show(literal))),
        }
    }
    if settings.all && !left.is_empty() {
        return Err("it does not use all numbers".to_owned());
    }
    match expr.eval(&|_| None) {
        Ok(value) if value == numbers::whole(settings.target.into()) => Ok(()),
        Ok(value) => Err(format!("it evaluates to {}", numbers::show(&value))),
        Err(error) => Err(format!("it has no value: {error}")),
    }
}

/// A number that may be used: given, or made by a step.
struct Entry {
    value: BigRational,
    step: Option<ItemId>,
    /// How it was made of the given numbers.
    expr: Expr,
}

struct CountdownChecker {
    settings: CountdownSettings,
    report: PlanReport,
    pool: Vec<Entry>,
    /// Values that were used up, and by which item.
    spent: Vec<(BigRational, ItemId)>,
    steps: usize,
}

impl CountdownChecker {
    fn new(settings: CountdownSettings) -> Self {
        let entry = |number: &u32| {
            let value = numbers::whole((*number).into());
            Entry { expr: Expr::Number(value.clone()), value, step: None }
        };
        let pool = settings.numbers.iter().map(entry).collect();
        Self { settings, report: PlanReport::with_checks(CHECKS), pool, spent: Vec::new(), steps: 0 }
    }

    fn step(&mut self, item: &Item) -> (Satisfied, Option<BigRational>) {
        let id = item.id;
        self.steps += 1;
        let (left, stated) = match equation(&item.text) {
            Ok(read) => read,
            Err(why) => {
                let message = format!("{id} is not of the form number operator number = result: {why}.");
                self.report.fail(id, "syntax", Severity::Error, message);
                return (Satisfied::Violated, None);
            }
        };
        self.report.count("syntax", true);
        let (whole, from) = self.take(id, &left);
        self.deps(item, &from);
        let value = left.eval(&|_| None);
        let right = value.as_ref() == Ok(&stated);
        self.report.count("value", right);
        if !right {
            let message = match &value {
                Ok(value) => format!(
                    "{id} is wrong: {left} is {}, not {}.",
                    numbers::show(value),
                    numbers::show(&stated)
                ),
                Err(error) => format!("{id} has no value: {error}."),
            };
            self.report.find(id, "value", Severity::Error, message);
        }
        // A wrong result is passed on as the value that it states, so that later steps are not blamed for it.
        self.pool.push(Entry { value: stated.clone(), step: Some(id), expr: whole });
        (Satisfied::Satisfied, Some(value.unwrap_or(stated)))
    }

    /// Takes the numbers of a step out of the pool; returns the step with earlier steps put in, and those steps.
    fn take(&mut self, id: ItemId, left: &Expr) -> (Expr, Vec<ItemId>) {
        let (mut from, mut missing) = (Vec::new(), Vec::new());
        let mut whole = self.put_in(id, left, &mut from, &mut missing);
        if !missing.is_empty() {
            // Nothing is made of numbers that are not there; and so no chain of steps grows without end.
            whole = left.clone();
        }
        self.report.count("numbers", missing.is_empty());
        for value in missing {
            let shown = numbers::show(&value);
            let message = match self.spent.iter().find(|(spent, _)| *spent == value) {
                Some((_, by)) if *by == id => format!("{id} uses {shown} more often than there is one."),
                Some((_, by)) => {
                    format!("{id} uses {shown}, which {by} has used up; what is left is {}.", self.left())
                }
                None => format!("{id} uses {shown}, which is not there; what is left is {}.", self.left()),
            };
            self.report.find(id, "numbers", Severity::Error, message);
        }
        (whole, from)
    }

    fn put_in(
        &mut self,
        id: ItemId,
        expr: &Expr,
        from: &mut Vec<ItemId>,
        missing: &mut Vec<BigRational>,
    ) -> Expr {
        // A result such as 8/3 or -4 is one operand, though it is written with an operator.
        let single = match expr {
            Expr::Number(value) => Some(value.clone()),
            Expr::Neg(_) => expr.eval(&|_| None).ok().filter(|_| expr.is_literal()),
            Expr::Binary(Op::Div, a, b) if a.is_literal() && b.is_literal() => {
                let value = expr.eval(&|_| None).ok().filter(|value| !value.is_integer());
                value.filter(|value| self.pool.iter().any(|entry| entry.value == *value))
            }
            Expr::Name(_) | Expr::Percent(_) | Expr::Binary(..) | Expr::Call(..) => None,
        };
        if let Some(value) = single {
            // Given numbers go first only where no result is meant; results are made to be used.
            let places = || self.pool.iter().enumerate().filter(|(_, entry)| entry.value == value);
            let result = places().filter(|(_, entry)| entry.step.is_some()).map(|(at, _)| at).next_back();
            let Some(at) = result.or_else(|| places().map(|(at, _)| at).next()) else {
                missing.push(value);
                return expr.clone();
            };
            let entry = self.pool.remove(at);
            from.extend(entry.step);
            self.spent.push((value, id));
            return entry.expr;
        }
        match expr {
            Expr::Binary(op, a, b) => {
                let a = self.put_in(id, a, from, missing);
                let b = self.put_in(id, b, from, missing);
                Expr::Binary(*op, Box::new(a), Box::new(b))
            }
            Expr::Neg(inner) => Expr::Neg(Box::new(self.put_in(id, inner, from, missing))),
            Expr::Number(_) | Expr::Name(_) | Expr::Percent(_) | Expr::Call(..) => expr.clone(),
        }
    }

    fn left(&self) -> String {
        match self.pool.iter().map(|entry| numbers::show(&entry.value)).collect::<Vec<_>>().as_slice() {
            [] => "nothing".to_owned(),
            left => left.join(", "),
        }
    }

    fn deps(&mut self, item: &Item, from: &[ItemId]) {
        let id = item.id;
        let missing = from.iter().find(|step| !item.deps.contains(step));
        let idle = item.deps.iter().find(|dep| dep.kind == ItemKind::Step && !from.contains(dep));
        self.report.count("deps", missing.is_none() && idle.is_none());
        let message = match (missing, idle) {
            (Some(step), _) => format!("{id} uses the result of {step} without listing it after the arrow."),
            (None, Some(step)) => format!("{id} lists {step} but does not use its result."),
            (None, None) => return,
        };
        self.report.find(id, "deps", Severity::Warning, message);
    }

    fn finish(mut self) -> PlanReport {
        let target = self.settings.target;
        let last = self.pool.iter().rfind(|entry| entry.step.is_some());
        let value = last.and_then(|entry| entry.expr.eval(&|_| None).ok());
        let reached = value == Some(numbers::whole(target.into()));
        self.report.derived = last.map(|entry| entry.expr.to_string());
        self.report.count("goal", reached);
        if !reached {
            let item = last.and_then(|entry| entry.step);
            let message = match (&item, &value) {
                (Some(id), Some(value)) => {
                    format!("The plan ends in {id} with {}, not with {target}.", numbers::show(value))
                }
                (Some(id), None) => format!("The plan ends in {id}, which has no value."),
                (None, _) => format!("The plan has no step that makes {target}."),
            };
            self.report.find(item, "goal", Severity::Error, message);
        }
        let unused: Vec<String> = self
            .pool
            .iter()
            .filter(|entry| entry.step.is_none())
            .map(|entry| numbers::show(&entry.value))
            .collect();
        if self.settings.all {
            self.report.count("all", unused.is_empty());
            if !unused.is_empty() {
                let message =
                    format!("The plan does not use {}, though all numbers must be used.", unused.join(", "));
                self.report.find(None, "all", Severity::Error, message);
            }
        }
        self.report.exact_pass = Some(reached && !self.report.has_error());
        self.report
    }
}

/// Reads `expression = number`.
pub(super) fn equation(text: &str) -> Result<(Expr, BigRational), String> {
    let (left, right) = text.split_once('=').ok_or("it has no equals sign")?;
    let left = expr::parse(left).map_err(|error| error.to_string())?;
    if let Some(name) = left.names().first() {
        return Err(format!("{name} is no number"));
    }
    if !left.computes() && !matches!(left, Expr::Binary(..)) {
        return Err("it joins no numbers".to_owned());
    }
    let stated = numbers::parse(right).ok_or("what stands after the equals sign is no number")?;
    Ok((left, stated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn codes(lines: &str) -> (Vec<(String, String)>, Option<bool>) {
        let settings = CountdownSettings { numbers: vec![44, 79, 50, 15], target: 50, all: false };
        let report = check(&settings.problem("p"), &plan(lines));
        let name = |id: Option<ItemId>| id.map_or_else(String::new, |id| id.to_string());
        (report.findings.iter().map(|f| (name(f.item), f.code.to_string())).collect(), report.exact_pass)
    }

    fn finds(lines: &str, expected: &[(&str, &str)]) {
        let (found, pass) = codes(lines);
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, expected, "{lines}");
        assert_eq!(pass, Some(expected.iter().all(|(_, code)| *code == "deps")));
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        finds("S1: 44 - 15 = 29\nS2 <- S1: 79 - 29 = 50", &[]);
        finds("S1: 79 - (44 - 15) = 50", &[]);
        finds("S1: 44 - 15 = 29\nS2: 79 - 29 = 50", &[("S2", "deps")]);
        finds("S1: 44 - 15 = 31\nS2 <- S1: 79 - 31 = 50", &[("S1", "value"), ("S2", "value")]);
        finds(
            "S1: 44 - 15 = 29\nS2 <- S1: 44 + 6 = 50",
            &[("S2", "numbers"), ("S2", "numbers"), ("S2", "deps")],
        );
        finds("S1: 15 + 15 = 30", &[("S1", "numbers"), ("S1", "goal")]);
        finds("S1: 44 - 15 = 29", &[("S1", "goal")]);
        finds("S1: subtract", &[("S1", "syntax"), ("", "goal")]);
        finds("S1: 50 = 50", &[("S1", "syntax"), ("", "goal")]);
        finds("C1: use few numbers", &[("", "goal")]);
        finds("S1: 50 / (44 - 44) = 50", &[("S1", "numbers"), ("S1", "value"), ("S1", "goal")]);
    }

    #[test]
    fn fractions_and_negative_results_are_operands() {
        let settings = CountdownSettings { numbers: vec![3, 3, 8, 8], target: 24, all: true };
        let good = "S1: 8 / 3 = 8/3\nS2 <- S1: 3 - 8/3 = 1/3\nS3 <- S2: 8 / (1/3) = 24";
        let report = check(&settings.problem("p"), &plan(good));
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        assert_eq!(report.derived.as_deref(), Some("8 / (3 - 8 / 3)"));
        let settings = CountdownSettings { numbers: vec![3, 9, 20], target: 14, all: false };
        let report = check(&settings.problem("p"), &plan("S1: 3 - 9 = -6\nS2 <- S1: 20 + -6 = 14"));
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        let short = check(
            &CountdownSettings { numbers: vec![6, 4, 1, 1], target: 24, all: true }.problem("p"),
            &plan("S1: 6 * 4 = 24"),
        );
        assert_eq!((short.findings[0].code.as_ref(), short.exact_pass), ("all", Some(false)));
    }

    #[test]
    fn long_plans_take_little_time() {
        let lines: String = (1..=3000).map(|n| format!("S{n}: {n} + 1 = {}\n", n + 1)).collect();
        assert_eq!(codes(&lines).1, Some(false));
    }
}
