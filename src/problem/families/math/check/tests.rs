use super::*;
use crate::testing::plan;

fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    super::check(problem, plan, Givens::AllMatter)
}

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
    change("left * $3", "left / (left - left)", &[("S3", "value")]);
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
    change("45 pens are sold, at half of $3", "some pens are sold", &[("", "givens")]);
}

#[test]
fn numbers_of_the_problem_must_appear() {
    let text = "Of 80 pupils 25% walk and three dozen cycle.";
    let good = "C1: pupils = 80\nS1 <- C1: answer = pupils * (1 - 0.25) - 3 * 12";
    assert_eq!(codes(text, good), []);
    let found = codes(text, "C1: pupils = 80\nS1 <- C1: answer = pupils - 3");
    assert_eq!(found.iter().filter(|(_, code)| code == "givens").count(), 2, "25% and 12");
    assert_eq!(codes("3 hours.", "S1: answer = 3 * 60"), []);
    assert_eq!(codes("Of 90, 2/3 go.", "S1: answer = 90 * 2 / 3"), []);
    assert_eq!(codes("Share 8 on 4.", "S1: answer = 8/4"), []);
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
