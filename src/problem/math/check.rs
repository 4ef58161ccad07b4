//! The checker of arithmetic plans: everything that can be told without the gold answer.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use num_rational::BigRational;
use num_traits::Signed;

use super::ANSWER;
use crate::{
    plan::{Item, ItemId, ItemKind, Plan},
    problem::{
        Problem,
        expr::{self, EvalError, Expr},
        numbers::{self, Mention},
        report::{PlanReport, Satisfied, Severity},
    },
};

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

/// Numbers that need no origin in the text: always the first, the others beside a word of that unit.
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
    (4, &["quarter", "quart"]),
    (16, &["ounce", "pound"]),
];

/// Checks `plan` against the public text of `problem`.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let items: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let bodies: Vec<Body> = items.iter().map(|item| body(item)).collect();
    let mut checker = Checker::new(problem, &items, &bodies);
    for (item, body) in items.iter().zip(&bodies) {
        checker.item(item, body);
    }
    checker.finish(&items)
}

/// What an item's text says.
enum Body {
    /// `name = expression`.
    Definition(String, Expr),
    /// Two expressions and whether the left may be less than, equal to or greater than the right.
    Relation(Expr, [bool; 3], Expr),
    /// Words.
    Words,
    /// It should be a definition but is none, because of this.
    Broken(String),
}

fn body(item: &Item) -> Body {
    match item.id.kind {
        ItemKind::Step => definition(&item.text).unwrap_or_else(Body::Broken),
        ItemKind::Constraint => given(&item.text).or_else(|| relation(&item.text)).unwrap_or(Body::Words),
        ItemKind::Invariant | ItemKind::Claim => relation(&item.text).unwrap_or(Body::Words),
        ItemKind::Subgoal | ItemKind::ToolCall => Body::Words,
    }
}

fn definition(text: &str) -> Result<Body, String> {
    let (name, right) = text.split_once('=').ok_or("it has no equals sign")?;
    let name = name.trim();
    if name.is_empty() || expr::name_length(name) != name.len() {
        return Err("the left of the equals sign is not one name".to_owned());
    }
    let expr = expr::parse(right).map_err(|error| error.to_string())?;
    Ok(Body::Definition(name.to_owned(), expr))
}

/// Reads `name = number`, which words may follow.
fn given(text: &str) -> Option<Body> {
    let (name, right) = text.split_once('=')?;
    let name = name.trim();
    let (expr, rest) = expr::parse_prefix(right).ok()?;
    let words = rest.chars().all(|c| c.is_alphabetic() || " ,.'-_()".contains(c));
    let named = !name.is_empty() && expr::name_length(name) == name.len();
    let sentence = !rest.trim().is_empty() && matches!(expr, Expr::Name(_));
    (named && words && !sentence).then(|| Body::Definition(name.to_owned(), expr))
}

fn relation(text: &str) -> Option<Body> {
    let signs = [
        ("<=", [true, true, false]),
        (">=", [false, true, true]),
        ("!=", [true, false, true]),
        ("==", [false, true, false]),
        ("<", [true, false, false]),
        (">", [false, false, true]),
        ("=", [false, true, false]),
    ];
    let (sign, allowed) = signs.into_iter().find(|(sign, _)| text.contains(sign))?;
    let (left, right) = text.split_once(sign)?;
    Some(Body::Relation(expr::parse(left).ok()?, allowed, expr::parse(right).ok()?))
}

/// A named quantity of the plan.
struct Quantity {
    item: ItemId,
    value: Option<BigRational>,
    used: bool,
}

struct Checker<'a> {
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

impl<'a> Checker<'a> {
    fn new(problem: &Problem, items: &[&Item], bodies: &'a [Body]) -> Self {
        let mentions = numbers::mentions(&problem.text);
        let lower = problem.text.to_ascii_lowercase();
        let mut known: HashSet<BigRational> = mentions.iter().flat_map(Mention::readings).collect();
        // Amounts in cents may be taken up in dollars.
        if lower.contains("cent") {
            known.extend(mentions.iter().map(|mention| &mention.value / numbers::whole(100)));
        }
        known.extend(COMMON.map(numbers::whole));
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
            self.quantities.insert(name, Quantity { item: id, value: value.clone(), used });
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
            self.report.find(id, "hidden", Severity::Error, message);
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
            Err(error @ (EvalError::DivisionByZero | EvalError::TooLarge)) => {
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

    fn finish(mut self, items: &[&Item]) -> PlanReport {
        self.unused();
        self.givens(items);
        self.answer(items);
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
        for mention in items.iter().flat_map(|item| numbers::mentions(&item.text)) {
            if mention.percent {
                present.insert(&mention.value / numbers::whole(100));
            }
            present.insert(mention.value);
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

    fn answer(&mut self, items: &[&Item]) {
        let Some(answer) = self.quantities.get(ANSWER) else {
            let message = format!("No step defines {ANSWER}; end with a step {ANSWER} = expression.");
            self.report.fail(None, "answer", Severity::Error, message);
            return;
        };
        let id = answer.item;
        self.report.derived = answer.value.as_ref().map(numbers::show);
        let text = items.iter().find(|item| item.id == id).map_or("", |item| item.text.as_str());
        let bare = text.split_once('=').is_some_and(|(_, right)| numbers::parse(right).is_some());
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
mod tests {
    use super::*;
    use crate::problem::testing::plan;

    const TEXT: &str = "A shop has 20 boxes with 6 pens each and has sold 45 pens. The others cost twice as much, $3. \
                        How much do they bring?";
    const GOOD: &str = "C1: boxes = 20\nC2: pens_per_box = 6 pens each\nC3: 45 pens are sold, at half of $3\n\
                        S1 <- C1 C2: total = boxes * pens_per_box\nS2 <- S1: left = total - 45\n\
                        I1: left >= 0\nS3 <- S2: answer = left * $3";

    fn codes(text: &str, lines: &str) -> Vec<(String, String)> {
        let report = check(&Problem::new("p", "math", text), &plan(lines));
        let name = |id: Option<ItemId>| id.map_or_else(String::new, |id| id.to_string());
        report.findings.iter().map(|f| (name(f.item), f.code.to_string())).collect()
    }

    /// Checks the codes found after `from` is replaced by `to` in the good plan.
    fn change(from: &str, to: &str, expected: &[(&str, &str)]) {
        assert!(GOOD.contains(from));
        let found = codes(TEXT, &GOOD.replace(from, to));
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, expected, "{from} -> {to}");
    }

    #[test]
    fn a_good_plan_has_no_findings_and_a_value() {
        let report = check(&Problem::new("p", "math", TEXT), &plan(GOOD));
        assert_eq!(report.findings, []);
        assert_eq!((report.derived.as_deref(), report.score()), (Some("225"), Some(1.0)));
        assert_eq!(report.exact_pass, None);
        let states: Vec<_> = report.items.iter().map(|i| (i.status, i.value.as_deref())).collect();
        assert!(states.iter().all(|(status, _)| *status == Satisfied::Satisfied), "{states:?}");
        assert_eq!(states[3].1, Some("120"));
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        change("total - 45", "totl - 45", &[("S2", "undefined"), ("S2", "deps"), ("S1", "unused")]);
        change("answer = left", "answer = answer * left", &[("S3", "order")]);
        change("S1 <- C1 C2: total = boxes", "S1 <- C2: total = left", &[("S1", "order"), ("C1", "unused")]);
        change("left * $3", "left * 7", &[("S3", "origin")]);
        change("S3 <- S2: answer", "S3 <- S2: result", &[("S3", "unused"), ("", "answer")]);
        change("left * $3", "left / (left - 75)", &[("S3", "value")]);
        change("total - 45", "45 - total", &[("S2", "range"), ("I1", "invariant"), ("S3", "range")]);
        change("C3: 45 pens are", "C3: 20 * 6 pens are", &[("C3", "hidden")]);
        change(
            "boxes = 20",
            "boxes = 4 * 5",
            &[("C1", "hidden"), ("C1", "origin"), ("C1", "origin"), ("", "givens")],
        );
        change("left * $3", "225", &[("S3", "deps"), ("S3", "origin"), ("S2", "unused"), ("S3", "answer")]);
        change("S2 <- S1: left", "S2 <- S1: total", &[("S2", "redefined"), ("S3", "undefined")]);
        change("total - 45", "120 - 45", &[("S2", "deps"), ("S2", "copied"), ("S1", "unused")]);
        change(
            "S2: answer = left * $3",
            "S2: answer = left * $3 dollars",
            &[("S3", "syntax"), ("S2", "unused"), ("", "answer")],
        );
        change("45 pens are sold, at half of $3", "some pens are sold", &[]);
    }

    #[test]
    fn numbers_of_the_problem_must_appear() {
        let text = "Of 80 pupils 25% walk and three dozen cycle.";
        let good = "C1: pupils = 80\nS1 <- C1: answer = pupils * (1 - 0.25) - 3 * 12";
        assert_eq!(codes(text, good), []);
        let found = codes(text, "C1: pupils = 80\nS1 <- C1: answer = pupils - 3");
        assert_eq!(found.iter().filter(|(_, code)| code == "givens").count(), 2, "25% and 12");
        assert_eq!(codes("3 hours.", "S1: answer = 3 * 60"), []);
        assert_eq!(codes("3 goats.", "S1: answer = 3 * 60").len(), 1);
        assert_eq!(codes("Split 7 pies on 2.", "S1: answer = 7 / 2")[0].1, "range");
        assert_eq!(codes("Each costs 75 cents; 4.", "S1: answer = 4 * 0.75"), []);
    }

    #[test]
    fn scores_order_plans_by_their_faults() {
        let score = |lines: &str| check(&Problem::new("p", "math", TEXT), &plan(lines)).score().unwrap();
        let typo = GOOD.replace("total - 45", "totl - 45");
        let lazy = GOOD.replace("S2 <- S1:", "S2:");
        assert!(score(&lazy) < 1.0 && score(&typo) < score(&lazy));
        assert!(score("S1: answer = 225") < score(&typo));
        let empty = check(&Problem::new("p", "math", TEXT), &Plan::default());
        assert_eq!(empty.score(), Some(0.0));
    }

    #[test]
    fn muted_items_are_absent_and_item_ids_stand_for_quantities() {
        let mut items = plan(GOOD.replace("left * $3", "S2 * $3").as_str()).items().to_vec();
        let problem = Problem::new("p", "math", TEXT);
        assert_eq!(check(&problem, &Plan::new(items.clone()).unwrap()).derived.as_deref(), Some("225"));
        items[3].muted = true;
        let report = check(&problem, &Plan::new(items).unwrap());
        assert!(report.findings.iter().any(|f| f.code == "undefined"));
        assert_eq!(report.derived, None);
    }
}
