//! The checker of plans of functions: reads the skeleton and the rules, and runs nothing.

use super::{CodeSettings, rules::Rule};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] =
    &[("signature", 2.0), ("result", 2.0), ("rules", 4.0), ("skeleton", 3.0), ("deps", 1.0)];

/// Checks `plan` against what the problem shows. A plan that passes may still be wrong, and one that fails may still
/// lead to a right function, so nothing is said of whether it solves the problem.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let Ok(settings) = problem.read_settings::<CodeSettings>() else { return PlanReport::default() };
    let mut report = PlanReport::with_checks(CHECKS);
    let items: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let mut loops = 0;
    for (at, item) in items.iter().enumerate() {
        let mut status = Satisfied::NotCheckable;
        if item.id.kind == ItemKind::Step {
            loops += usize::from(is_loop(&item.text));
            step(&mut report, &settings, item, loops);
        }
        if item.id.kind == ItemKind::Constraint
            && settings.rules.iter().any(|rule| rule.is_stated(&item.text))
        {
            status = Satisfied::Satisfied;
        }
        for dep in &item.deps {
            let there = items[..at].iter().any(|earlier| earlier.id == *dep);
            report.count("deps", there);
            if !there {
                let message = format!("{} builds on {dep}, which does not stand before it.", item.id);
                report.find(item.id, "deps", Severity::Warning, message);
            }
        }
        report.settle(item.id, status, None);
    }
    let steps: Vec<&Item> = items.iter().copied().filter(|item| item.id.kind == ItemKind::Step).collect();
    ends(&mut report, &settings, &steps);
    coverage(&mut report, &settings, &items);
    report
}

fn is_loop(text: &str) -> bool {
    text.starts_with("for ") || text.starts_with("while ")
}

/// Returns what of the text is code: without what stands in quotes.
fn unquoted(text: &str) -> String {
    text.split(['\'', '"']).step_by(2).collect::<Vec<_>>().join("''")
}

/// Checks one line of the skeleton against the rules.
fn step(report: &mut PlanReport, settings: &CodeSettings, item: &Item, loops: usize) {
    let (id, text) = (item.id, unquoted(&item.text));
    let defines = text.starts_with("def ");
    let breaks = settings.rules.iter().find_map(|rule| match rule {
        Rule::NoImports => {
            let imports =
                text.starts_with("import ") || (text.starts_with("from ") && text.contains(" import "));
            imports.then(|| format!("{id} imports something; the rule is: {rule}."))
        }
        Rule::NoRecursion => {
            let calls = !defines && text.contains(&format!("{}(", settings.entry_point));
            calls.then(|| format!("{id} calls {} again; the rule is: {rule}.", settings.entry_point))
        }
        Rule::Pure => {
            let out = ["global ", "nonlocal "].iter().any(|word| text.starts_with(word))
                || ["print(", "input(", "open("].iter().any(|call| text.contains(call));
            out.then(|| format!("{id} reaches beyond the function; the rule is: {rule}."))
        }
        Rule::Loops(most) => (is_loop(&text) && loops > *most)
            .then(|| format!("{id} is loop number {loops}; the rule is: {rule}.")),
        Rule::Lines(_) => None,
    });
    report.count("skeleton", breaks.is_none());
    if let Some(message) = breaks {
        report.find(id, "skeleton", Severity::Error, message);
    }
}

/// Checks how the skeleton begins and ends, and that it is short enough.
fn ends(report: &mut PlanReport, settings: &CodeSettings, steps: &[&Item]) {
    let name = &settings.entry_point;
    let head = format!("def {name}(");
    let begins = steps.first().is_some_and(|item| item.text.starts_with(&head));
    report.count("signature", begins);
    if !begins {
        let first = steps.first().map(|item| item.id);
        let message = match first {
            Some(id) => format!("{id} is the first step and should be the def line of {name}."),
            None => format!("There is no step; the first should be the def line of {name}."),
        };
        report.find(first, "signature", Severity::Error, message);
    }
    let returns =
        steps.last().is_some_and(|item| item.text.contains("return") || item.text.contains("yield"));
    report.count("result", returns);
    if !returns {
        let last = steps.last().map(|item| item.id);
        let at = last.map_or_else(|| "The plan".to_owned(), |id| format!("{id} is the last step and"));
        report.find(last, "result", Severity::Error, format!("{at} should return the result of {name}."));
    }
    for rule in &settings.rules {
        let Rule::Lines(most) = rule else { continue };
        report.count("skeleton", steps.len() <= *most);
        if steps.len() > *most {
            let message = format!("The skeleton has {} lines; the rule is: {rule}.", steps.len());
            report.find(None, "skeleton", Severity::Error, message);
        }
    }
}

/// Checks that each rule of the problem stands as a constraint.
fn coverage(report: &mut PlanReport, settings: &CodeSettings, items: &[&Item]) {
    for rule in &settings.rules {
        let stated =
            items.iter().any(|item| item.id.kind == ItemKind::Constraint && rule.is_stated(&item.text));
        report.count("rules", stated);
        if !stated {
            let message = format!("No constraint states the rule: {rule}.");
            report.find(None, "rules", Severity::Warning, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        families::code::{example, example_problem},
        testing::plan,
    };

    fn messages(lines: &str) -> Vec<String> {
        check(&example_problem(), &plan(lines)).findings.into_iter().map(|finding| finding.message).collect()
    }

    const RULES: &str = "C1: no imports\nC2: use one loop only\nC3: no more than 8 lines\n";

    #[test]
    fn a_sound_skeleton_passes_and_its_constraints_are_satisfied() {
        let report = check(&example_problem(), &example().plan);
        assert_eq!((report.findings.len(), report.score(), report.exact_pass), (0, Some(1.0), None));
        let satisfied = report.items.iter().filter(|item| item.status == Satisfied::Satisfied).count();
        assert_eq!(satisfied, 3);
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        let skeleton = |lines: &str| messages(&format!("{RULES}S1: def double_evens(numbers):\n{lines}"));
        assert_eq!(skeleton("S2 <- S1: return numbers"), [""; 0]);
        assert_eq!(
            skeleton("S2: import re\nS3: return 1")[0],
            "S2 imports something; the rule is: no imports."
        );
        assert_eq!(
            skeleton("S2: for x in numbers:\nS3: while x:\nS4: return 1")[0],
            "S3 is loop number 2; the rule is: at most 1 loop."
        );
        assert_eq!(
            skeleton("S2: result = 0")[0],
            "S2 is the last step and should return the result of double_evens."
        );
        assert_eq!(
            skeleton("S2 <- S3: return 1\nS3: return 2")[0],
            "S2 builds on S3, which does not stand before it."
        );
        assert!(
            skeleton(&(2..=9).map(|n| format!("S{n}: return {n}\n")).collect::<String>())[0]
                .contains("has 9 lines")
        );
        assert_eq!(
            messages("S1: def other():\nS2: return 1"),
            [
                "S1 is the first step and should be the def line of double_evens.",
                "No constraint states the rule: no imports.",
                "No constraint states the rule: at most 1 loop.",
                "No constraint states the rule: at most 8 lines.",
            ]
        );
        assert!(messages("C1: keep it short")[0].starts_with("There is no step"));
    }
}
