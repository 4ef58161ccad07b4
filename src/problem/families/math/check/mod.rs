//! The checker of arithmetic plans: everything that can be known without the gold answer.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use num_rational::BigRational;
use num_traits::Signed;

use super::{
    ANSWER, Givens,
    body::{Body, body},
};
use crate::{
    Problem,
    expr::{EvalError, Expr},
    numbers::{self, Mention},
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights. The heavy ones make a plan unusable; the light ones are habits.
const CHECKS: &[(&str, f64)] = &[
    ("syntax", 3.0),
    ("names", 3.0),
    ("answer", 4.0),
    ("value", 2.0),
    ("hidden", 2.0),
    ("invariant", 2.0),
    ("redefined", 1.0),
    ("givens", 1.0),
    ("origin", 1.0),
    ("unused", 1.0),
    ("deps", 0.5),
    ("range", 0.5),
];

/// Numbers that need no origin in the text: always the first, the others next to a word of that unit.
const COMMON: [i64; 5] = [0, 1, 2, 100, 1000];
const UNITS: &[(i64, &[&str])] = &[
    (60, &["minute", "hour", "second"]),
    (3600, &["second", "hour"]),
    (24, &["hour", "day"]),
    (7, &["week", "day", "daily"]),
    (5, &["weekday", "workday"]),
    (30, &["month"]),
    (12, &["month", "year", "dozen", "inch", "feet", "foot"]),
    (52, &["week", "year"]),
    (365, &["year"]),
    (10, &["millimet", "centimet", "decade", "dime"]),
    (3, &["yard", "feet"]),
    (4, &["quarter", "quart", "week", "month"]),
    (16, &["ounce", "pound"]),
    (5280, &["mile"]),
];

/// Checks `plan` against the public text of `problem`.
pub(super) fn check(problem: &Problem, plan: &Plan, givens: Givens) -> PlanReport {
    let items: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let bodies: Vec<Body> = items.iter().map(|item| body(item)).collect();
    let mut checker = MathChecker::new(problem, &items, &bodies);
    for (item, body) in items.iter().zip(&bodies) {
        checker.item(item, body);
    }
    checker.finish(&items, givens)
}

/// Returns for each item the items above it whose quantities it uses. Givens use none.
pub(super) fn links(items: &[Item]) -> Vec<Vec<ItemId>> {
    let mut defined: HashMap<String, ItemId> = HashMap::new();
    let mut named: HashSet<ItemId> = HashSet::new();
    let mut links = Vec::new();
    for item in items {
        let body = body(item);
        let used = match &body {
            _ if item.muted || item.id.kind == ItemKind::Constraint => Vec::new(),
            Body::Definition(_, expr) => expr.names(),
            Body::Relation(left, _, right) => [left.names(), right.names()].concat(),
            Body::Words | Body::Broken(_) => Vec::new(),
        };
        let by_id = |name: &str| name.parse().ok().filter(|id| named.contains(id));
        let mut sources: Vec<ItemId> = Vec::new();
        for source in used.into_iter().filter_map(|name| defined.get(name).copied().or_else(|| by_id(name))) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        links.push(sources);
        if let (Body::Definition(name, _), false) = (body, item.muted)
            && let Entry::Vacant(place) = defined.entry(name)
        {
            place.insert(item.id);
            named.insert(item.id);
        }
    }
    links
}

/// A named quantity of the plan.
struct Quantity {
    item: ItemId,
    value: Option<BigRational>,
    used: bool,
    /// It is a number as such, not computed from anything.
    bare: bool,
}

struct MathChecker<'a> {
    report: PlanReport,
    /// The numbers of the problem, and every reading of them that a plan may use.
    mentions: Vec<Mention>,
    known: HashSet<BigRational>,
    /// Values computed so far, by the first name for each.
    computed: HashMap<BigRational, &'a str>,
    quantities: HashMap<&'a str, Quantity>,
    names_of: HashMap<ItemId, &'a str>,
    /// The item that first defines each name, anywhere in the plan.
    definers: HashMap<&'a str, ItemId>,
    whole_only: bool,
}

impl<'a> MathChecker<'a> {
    fn new(problem: &Problem, items: &[&Item], bodies: &'a [Body]) -> Self {
        let mentions = numbers::mentions(&problem.text);
        let lower = problem.text.to_ascii_lowercase();
        let mut known: HashSet<BigRational> = mentions.iter().flat_map(Mention::readings).collect();
        // Amounts in cents may be taken up in dollars.
        if lower.contains("cent") {
            known.extend(mentions.iter().map(|mention| &mention.value / numbers::whole(100)));
        }
        known.extend(COMMON.map(numbers::whole));
        known.insert(numbers::whole(100).recip());
        let units = UNITS.iter().filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
        known.extend(units.map(|(value, _)| numbers::whole(*value)));
        let mut definers = HashMap::new();
        for (item, body) in items.iter().zip(bodies) {
            if let Body::Definition(name, _) = body {
                definers.entry(name.as_str()).or_insert(item.id);
            }
        }
        let rates = ["$", "€", "£", "%", "percent", "average", "mean", "per hour", "ratio", "share"];
        let whole_only =
            mentions.iter().all(|m| m.value.is_integer()) && !rates.iter().any(|rate| lower.contains(rate));
        Self {
            report: PlanReport::with_checks(CHECKS),
            mentions,
            known,
            computed: HashMap::new(),
            quantities: HashMap::new(),
            names_of: HashMap::new(),
            definers,
            whole_only,
        }
    }

    fn item(&mut self, item: &Item, body: &'a Body) {
        let id = item.id;
        if matches!(id.kind, ItemKind::ToolCall | ItemKind::Claim) {
            let message = format!("{id} is a {}, which is not evaluated in a math plan.", id.kind.name());
            self.report.find(id, "kind", Severity::Note, message);
        }
        let (status, value) = match body {
            Body::Definition(name, expr) => self.definition(item, name, expr),
            Body::Relation(left, allowed, right) => (self.relation(id, left, *allowed, right), None),
            Body::Words => (self.words(item), None),
            Body::Broken(why) => {
                let message = format!("{id} is not of the form name = expression: {why}.");
                self.report.fail(id, "syntax", Severity::Error, message);
                (Satisfied::Violated, None)
            }
        };
        self.report.settle(id, status, value.as_ref().map(numbers::show));
    }

    fn definition(&mut self, item: &Item, name: &'a str, expr: &'a Expr) -> (Satisfied, Option<BigRational>) {
        let id = item.id;
        let given = id.kind == ItemKind::Constraint;
        self.report.count("syntax", true);
        if given {
            self.hidden(id, expr.computes() || !expr.names().is_empty());
        }
        let first = self.quantities.get(name).map(|quantity| quantity.item);
        self.report.count("redefined", first.is_none());
        if let Some(first) = first {
            let message =
                format!("{id} defines {name} again, which {first} defined; give it a name of its own.");
            self.report.find(id, "redefined", Severity::Error, message);
        }
        let known = self.names(id, name, expr);
        if !given {
            self.deps(item, expr);
        }
        let origin = self.origins(item, expr.literals().into_iter().cloned().collect());
        let value = if known { self.value(id, name, expr) } else { None };
        if first.is_none() {
            self.names_of.insert(id, name);
            let used = name == ANSWER;
            self.quantities
                .insert(name, Quantity { item: id, value: value.clone(), used, bare: expr.is_literal() });
        }
        if let Some(value) = value.clone().filter(|_| !given) {
            self.computed.entry(value).or_insert(name);
        }
        let sure = value.is_some() && (origin || !given);
        (if sure { Satisfied::Satisfied } else { Satisfied::NotCheckable }, value)
    }

    fn hidden(&mut self, id: ItemId, computes: bool) {
        self.report.count("hidden", !computes);
        if computes {
            let message =
                format!("{id} computes inside a constraint; state the given numbers and compute in a step.");
            // The value is right anyway: a habit, though one that hides steps from edits.
            self.report.find(id, "hidden", Severity::Warning, message);
        }
    }

    /// Checks that all names are defined above; returns whether they are, and marks them used.
    fn names(&mut self, id: ItemId, own: &str, expr: &Expr) -> bool {
        let mut wrong = Vec::new();
        for used in expr.names() {
            match self.resolve(used) {
                Some(name) => {
                    if let Some(quantity) = self.quantities.get_mut(name) {
                        quantity.used = true;
                    }
                }
                None if !wrong.contains(&used) => wrong.push(used),
                None => {}
            }
        }
        self.report.count("names", wrong.is_empty());
        for name in &wrong {
            let (code, message) = match self.definers.get(name) {
                Some(_) if *name == own => ("order", format!("{id} uses {name} to define {name} itself.")),
                Some(later) => {
                    ("order", format!("{id} uses {name} before {later} defines it; define it above {id}."))
                }
                None => {
                    ("undefined", format!("{id} uses {name}, which nothing defines; {}.", self.known_names()))
                }
            };
            self.report.find(id, code, Severity::Error, message);
        }
        wrong.is_empty()
    }

    /// Returns the quantity that `name` stands for: one of that name, or that of the item so called.
    fn resolve(&self, name: &str) -> Option<&'a str> {
        let by_name = self.quantities.get_key_value(name).map(|(name, _)| *name);
        by_name.or_else(|| self.names_of.get(&name.parse().ok()?).copied())
    }

    fn known_names(&self) -> String {
        let mut names: Vec<(ItemId, &str)> =
            self.quantities.iter().map(|(name, q)| (q.item, *name)).collect();
        names.sort_unstable();
        let names: Vec<&str> = names.into_iter().map(|(_, name)| name).take(12).collect();
        match names.as_slice() {
            [] => "no name is defined above it".to_owned(),
            names => format!("the names above it are {}", names.join(", ")),
        }
    }

    fn deps(&mut self, item: &Item, expr: &Expr) {
        let id = item.id;
        let mut used: Vec<ItemId> = Vec::new();
        for name in expr.names().into_iter().filter_map(|name| self.resolve(name)) {
            let definer = self.quantities[name].item;
            if !used.contains(&definer) {
                used.push(definer);
            }
        }
        let missing: Vec<_> = used.iter().filter(|dep| !item.deps.contains(dep)).collect();
        let idle: Vec<_> =
            item.deps.iter().filter(|dep| self.names_of.contains_key(dep) && !used.contains(dep)).collect();
        self.report.count("deps", missing.is_empty() && idle.is_empty());
        if !missing.is_empty() {
            let message = format!("{id} uses {} without listing it after the arrow.", list(&missing));
            self.report.find(id, "deps", Severity::Warning, message);
        }
        if !idle.is_empty() {
            let message = format!("{id} lists {} but does not use it.", list(&idle));
            self.report.find(id, "deps", Severity::Warning, message);
        }
    }

    /// Checks that the numbers written in an item come from somewhere.
    fn origins(&mut self, item: &Item, literals: Vec<BigRational>) -> bool {
        let id = item.id;
        let mut fine = true;
        for literal in literals {
            let shown = numbers::show(&literal);
            if self.known.contains(&literal) {
                continue;
            }
            if let Some(name) = self.computed.get(&literal).filter(|_| id.kind == ItemKind::Step) {
                let message = format!("{id} writes {shown} where it could use {name}, which has that value.");
                self.report.find(id, "copied", Severity::Note, message);
                continue;
            }
            fine = false;
            let message = format!("{id} uses {shown}, which is not in the problem.");
            self.report.find(id, "origin", Severity::Warning, message);
        }
        self.report.count("origin", fine);
        fine
    }

    fn value(&mut self, id: ItemId, name: &str, expr: &Expr) -> Option<BigRational> {
        let lookup = |name: &str| self.quantities.get(self.resolve(name)?)?.value.as_ref();
        let value = match expr.eval(&lookup) {
            Ok(value) => value,
            // The item where the value is missing has its own finding.
            Err(EvalError::Undefined(_)) => return None,
            Err(
                error @ (EvalError::DivisionByZero
                | EvalError::Exponent
                | EvalError::Places
                | EvalError::TooLarge),
            ) => {
                let message = format!("{id} cannot be evaluated: {error}.");
                self.report.fail(id, "value", Severity::Error, message);
                return None;
            }
        };
        self.report.count("value", true);
        let fraction = self.whole_only && !value.is_integer();
        self.report.count("range", !value.is_negative() && !fraction);
        if value.is_negative() || fraction {
            let what = if fraction {
                "not a whole number, though all numbers of the problem are"
            } else {
                "negative"
            };
            let message = format!("{id} makes {name} {}, which is {what}.", numbers::show(&value));
            self.report.find(id, "range", Severity::Warning, message);
        }
        Some(value)
    }

    fn relation(&mut self, id: ItemId, left: &Expr, allowed: [bool; 3], right: &Expr) -> Satisfied {
        let lookup = |name: &str| self.quantities.get(self.resolve(name)?)?.value.as_ref();
        let (Ok(left), Ok(right)) = (left.eval(&lookup), right.eval(&lookup)) else {
            return Satisfied::NotCheckable;
        };
        let holds = allowed[match left.cmp(&right) {
            Ordering::Less => 0,
            Ordering::Equal => 1,
            Ordering::Greater => 2,
        }];
        self.report.count("invariant", holds);
        if !holds {
            let (left, right) = (numbers::show(&left), numbers::show(&right));
            let message = format!("{id} does not hold: its sides are {left} and {right}.");
            self.report.find(id, "invariant", Severity::Error, message);
        }
        Satisfied::Satisfied
    }

    fn words(&mut self, item: &Item) -> Satisfied {
        if item.id.kind != ItemKind::Constraint {
            return Satisfied::NotCheckable;
        }
        let mentions = numbers::mentions(&item.text);
        let computes = mentions.windows(2).any(|pair| {
            matches!(
                item.text[pair[0].end..pair[1].start].trim(),
                "+" | "*" | "×" | "/" | "÷" | "-" | "−" | "x"
            )
        });
        self.hidden(item.id, computes);
        if mentions.is_empty() {
            return Satisfied::NotCheckable;
        }
        let fine = self.origins(item, mentions.into_iter().map(|mention| mention.value).collect());
        if fine { Satisfied::Satisfied } else { Satisfied::NotCheckable }
    }

    fn finish(mut self, items: &[&Item], givens: Givens) -> PlanReport {
        self.unused();
        match givens {
            Givens::AllMatter => self.givens(items),
            Givens::SomeMatter => {}
        }
        self.answer();
        self.report
    }

    fn unused(&mut self) {
        let mut quantities: Vec<_> =
            self.quantities.iter().map(|(name, q)| (q.item, *name, q.used)).collect();
        quantities.sort_unstable();
        for (id, name, used) in quantities {
            let step = id.kind == ItemKind::Step;
            if step {
                self.report.count("unused", used);
            }
            if !used {
                let severity = if step { Severity::Warning } else { Severity::Note };
                self.report.find(id, "unused", severity, format!("{id} defines {name}, which no step uses."));
            }
        }
    }

    /// Checks that each number of the problem appears somewhere in the plan.
    fn givens(&mut self, items: &[&Item]) {
        let mut present = HashSet::new();
        for item in items {
            for mention in numbers::mentions(&item.text) {
                if mention.percent {
                    present.insert(&mention.value / numbers::whole(100));
                }
                // "8/4" takes up both of its parts, too.
                let parts = item.text[mention.start..mention.end].split('/');
                present.extend(parts.filter_map(numbers::parse));
                present.insert(mention.value);
            }
        }
        let mut seen = HashSet::new();
        for mention in std::mem::take(&mut self.mentions) {
            if !seen.insert((mention.value.clone(), mention.percent)) {
                continue;
            }
            let cents = &mention.value / numbers::whole(100);
            let used =
                mention.readings().iter().any(|value| present.contains(value)) || present.contains(&cents);
            self.report.count("givens", used);
            if !used {
                let sign = if mention.percent { "%" } else { "" };
                let message =
                    format!("The plan never uses {}{sign} of the problem.", numbers::show(&mention.value));
                self.report.find(None, "givens", Severity::Warning, message);
            }
        }
    }

    fn answer(&mut self) {
        let Some(answer) = self.quantities.get(ANSWER) else {
            let message = format!("No step defines {ANSWER}; end with a step {ANSWER} = expression.");
            self.report.fail(None, "answer", Severity::Error, message);
            return;
        };
        let id = answer.item;
        self.report.derived = answer.value.as_ref().map(numbers::show);
        let bare = answer.bare;
        self.report.count("answer", answer.value.is_some() && !bare && id.kind == ItemKind::Step);
        if bare || id.kind != ItemKind::Step {
            let message =
                format!("{id} states the answer as a bare fact; compute it in a step from named quantities.");
            self.report.find(id, "answer", Severity::Error, message);
        }
    }
}

fn list(ids: &[&ItemId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests;
