use proptest::prelude::*;

use super::*;
use crate::{
    LoadError,
    family::{AnswerForm, ItemPattern},
    load::{load, load_set},
    report::{Outcome, Severity},
};
use plan::{Item, ItemKind};

fn each(name: &str, difficulty: u8, row: u64) -> Generated {
    generate(name, difficulty, row).unwrap_or_else(|| panic!("{name}:{difficulty}#{row}"))
}

fn fits(pattern: &ItemPattern, item: &Item) -> bool {
    let whole = regex::Regex::new(&format!("^(?:{})$", pattern.regex)).unwrap();
    pattern.kind == item.id.kind && whole.is_match(&item.text)
}

/// What must hold of every generated problem of every family.
fn hold(name: &str, difficulty: u8, row: u64) {
    let made = each(name, difficulty, row);
    let (problem, family) = (&made.problem, made.problem.family());
    let at = format!("{}: {}", problem.id, problem.text);
    assert_eq!((family.name(), problem.difficulty), (name, Some(difficulty)));
    assert_eq!(family.check_problem(problem), Ok(()), "{at}");
    assert!(problem.title.chars().count() <= 50 && problem.text.len() < 4000, "{at}");
    let report = family.check_plan(&problem.public_view(), &made.solution);
    assert_eq!(report.at_least(Severity::Warning).collect::<Vec<_>>(), [] as [&_; 0], "{at}");
    assert_eq!(report.score(), Some(1.0), "{at}");
    assert_ne!(report.exact_pass, Some(false), "{at}");
    // Code is run, for which tests/offline/code.rs has the program that runs it.
    if family.answer_form() == AnswerForm::Code {
        assert!(family.extract_answer(&made.answer).is_some(), "{at}\n{}", made.answer);
        return fit_framing(&made);
    }
    let verdict = family.check_answer(problem, &made.solution, &made.answer);
    assert_eq!(verdict.outcome, Outcome::Correct, "{at}\n{}\n{verdict:?}", made.answer);
    assert!(problem.can_be_judged(), "{at}");
    let without_gold = family.check_answer(&problem.public_view(), &made.solution, &made.answer);
    assert_eq!(without_gold.outcome == Outcome::Correct, family.judges_by_rules(), "{at}\n{without_gold:?}");
    assert_eq!(report.derived.is_some(), family.evaluates_plans(), "{at}");
    if let Some(derived) = &report.derived {
        let normal = family.extract_answer(&format!("The answer is {derived}."));
        assert_eq!(normal, verdict.extracted, "{at}");
    }
    fit_framing(&made);
}

/// The items of a solution are such as the grammar lets a model write.
fn fit_framing(made: &Generated) {
    let (problem, family) = (&made.problem, made.problem.family());
    let at = format!("{}: {}", problem.id, problem.text);
    let framing = family.framing(problem);
    let items = made.solution.items();
    assert!((framing.min_items..=framing.max_items).contains(&items.len()), "{at}");
    for (place, item) in items.iter().enumerate() {
        let end = framing.last.as_ref().filter(|_| place + 1 == items.len());
        let fine =
            end.map_or_else(|| framing.patterns.iter().any(|one| fits(one, item)), |end| fits(end, item));
        assert!(fine, "{at}\n{}", item.text);
    }
}

#[test]
fn every_step_of_every_dial_makes_problems_that_can_be_solved() {
    for name in generators() {
        for difficulty in 1..=5 {
            (0..8).for_each(|row| hold(name, difficulty, row));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_row_makes_a_problem_that_can_be_solved(
        family in prop::sample::select(generators()), difficulty in 1_u8..=5, row: u64,
    ) {
        hold(family, difficulty, row);
    }

    #[test]
    fn a_damaged_solution_does_not_pass(
        family in prop::sample::select(generators()), difficulty in 1_u8..=5, row in 0_u64..1000, place: usize,
    ) {
        // Constraints only state what the problem says; every other item of a solution is needed.
        let made = each(family, difficulty, row);
        let needed: Vec<&Item> =
            made.solution.items().iter().filter(|item| item.id.kind != ItemKind::Constraint).collect();
        let lost = needed[place % needed.len()].id;
        let mut items = made.solution.items().to_vec();
        items.iter_mut().filter(|item| item.id == lost).for_each(|item| item.muted = true);
        let report = made.problem.family().check_plan(&made.problem, &Plan::new(items).unwrap());
        prop_assert_ne!(report.exact_pass, Some(true));
        prop_assert!(report.score() < Some(1.0));
        prop_assert!(report.at_least(Severity::Warning).next().is_some());
    }
}

#[test]
fn rows_differ_and_repeat() {
    for name in generators() {
        for difficulty in 1..=5 {
            let texts: std::collections::HashSet<String> =
                (0..12).map(|row| each(name, difficulty, row).problem.text).collect();
            assert!(texts.len() >= 10, "{name}:{difficulty} repeats itself");
            assert!(texts.contains(&each(name, difficulty, 3).problem.text));
        }
    }
}

#[test]
fn a_reference_names_the_same_problem_for_ever() {
    let mut found = String::new();
    for name in generators() {
        let mut hasher = blake3::Hasher::new();
        for (difficulty, row) in [(1, 0), (2, 5), (3, 17), (4, 1_000_000), (5, u64::MAX)] {
            let made = each(name, difficulty, row);
            hasher.update(made.problem.text.as_bytes());
            // Whether a map keeps its order depends on what else is compiled in.
            let mut settings = serde_json::to_value(&made.problem.settings).unwrap();
            settings.sort_all_objects();
            hasher.update(settings.to_string().as_bytes());
        }
        found += &format!("{name} {}\n", &hasher.finalize().to_hex()[..16]);
    }
    assert_eq!(found, GOLDEN);
}

/// Changing one of these changes what sessions and papers refer to. Make another family instead.
const GOLDEN: &str = "\
chain e4dbd4b1c96e4b6f
countdown 3455d17719231a9b
blocksworld c3895dbef0fb8f44
sudoku4 a00e95c13d12bc2d
boolean 8600660184087d28
schedule b823def771418a92
lists 9c0920a3a21bc0a8
code 07a27647ec3726ee
";

#[test]
fn references_are_loaded_like_files() {
    let problem = load("countdown:3#17").unwrap();
    assert_eq!(problem.text, each("countdown", 3, 17).problem.text);
    assert_eq!(problem.reference().as_deref(), Some("countdown:3#17"));
    assert_eq!(load_set("countdown:2").unwrap().len(), 10);
    let rows: Vec<String> = load_set("countdown:2#3..5").unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(rows, ["countdown:2#3", "countdown:2#4"]);
    let error = |reference: &str| load(reference).map(|problem| problem.id).unwrap_err().to_string();
    assert_eq!(error("countdown:2"), "countdown:2 has several problems; choose one, such as countdown:2#0");
    assert!(error("countdown:6#1").contains("a difficulty from 1 to 5"));
    assert!(error("countdown:").contains("a difficulty from 1 to 5"));
    assert!(error("countdown:2#x").contains("a row is a number from 0"));
    assert!(error("countdown:2#0..99999999").contains("a row is a number from 0"));
    assert!(error("free:2#0").contains("problems are made of the families chain, countdown"));
    assert!(matches!(load("nothing:2#0"), Err(LoadError::NotFound { .. })));
}

#[test]
fn no_solution_is_told() {
    for name in generators() {
        let made = each(name, 2, 1);
        let shown = format!("{:?} {}", made.problem, serde_json::to_string(&made.problem).unwrap());
        for item in made.solution.items().iter().filter(|item| item.id.kind != ItemKind::Constraint) {
            assert!(!shown.contains(&format!("\"{}\"", item.text)), "{name}: {}", item.text);
        }
    }
}
