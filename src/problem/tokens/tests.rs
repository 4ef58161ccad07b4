use plan::{Style, parse, print};
use proptest::prelude::*;

use super::*;
use crate::{FAMILIES, generate};

/// The number of tokens that a place can hold.
const MOST: usize = 127;

fn with_tokens() -> impl Iterator<Item = (&'static dyn crate::Family, &'static dyn PlanTokens)> {
    FAMILIES.iter().filter_map(|family| Some((*family, family.tokens()?)))
}

fn filled(tokens: &[Token]) -> Canvas {
    Canvas {
        places: tokens.iter().map(|token| TokenPlace::given(*token, false)).collect(),
        ..Canvas::default()
    }
}

#[test]
fn vocabularies_begin_with_a_blank_and_have_each_token_once() {
    let names: Vec<&str> = with_tokens().map(|(family, _)| family.name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for (family, tokens) in with_tokens() {
        let all = tokens.vocabulary();
        assert_eq!((all[0], all.len() <= MOST), ("", true));
        for (at, token) in all.iter().enumerate() {
            assert!(!all[..at].contains(token), "{}: {token}", family.name());
            assert_eq!(tokens.number(token).map(usize::from), Some(at));
        }
    }
}

proptest! {
    #[test]
    fn solutions_are_written_and_read_back(row in 0_u64..900, difficulty in 1_u8..=5) {
        for (family, tokens) in with_tokens() {
            let made = generate(family.name(), difficulty, row).unwrap();
            let form = tokens.form(&made.problem).unwrap();
            let layout = form.clone().layout(tokens);
            let written = form.tokens(tokens, &made.solution).unwrap();
            prop_assert_eq!(written.len(), layout.places());
            let plan = plan_of(&made.problem, &layout, &filled(&written), &Plan::default()).unwrap();
            let texts = |plan: &Plan| -> Vec<String> {
                let mut texts: Vec<String> = plan.items().iter().map(|item| item.text.clone()).collect();
                texts.sort();
                texts
            };
            prop_assert_eq!(texts(&plan), texts(&made.solution));
            prop_assert_eq!(form.tokens(tokens, &plan).unwrap(), written);
            // What was written checks out as it is, whatever the order of its lines.
            prop_assert_eq!(family.check_plan(&made.problem, &plan).score(), Some(1.0), "{}", print(&plan, Style::Bare));
        }
    }
}

#[test]
fn a_plan_has_the_lines_that_are_whole_and_keeps_what_it_had() {
    let problem = crate::load("sudoku4:2#7").unwrap();
    let tokens = problem.family().tokens().unwrap();
    let form = tokens.form(&problem).unwrap();
    let layout = form.clone().layout(tokens);
    let by_hand = parse("S7: row 2 = 3 4 1 2\nS2: row 4 = 1 2 3 4").unwrap();
    let mut canvas = form.canvas(tokens, &by_hand, &Canvas::masked(16)).unwrap();
    canvas.places[15] = TokenPlace::MASKED;
    let lines: Vec<String> = (0..4).map(|line| layout.text(line, &canvas)).collect();
    assert_eq!(lines, ["row 1 = ▒ ▒ ▒ ▒", "row 2 = 3 4 1 2", "row 3 = ▒ ▒ ▒ ▒", "row 4 = 1 2 3 ▒"]);
    let plan = plan_of(&problem, &layout, &canvas, &by_hand).unwrap();
    assert_eq!(print(&plan, Style::Bare), "S7: row 2 = 3 4 1 2");
    // A new line is called by its number, or the next one that is free.
    canvas.places[15] = TokenPlace::given(1, false);
    let plan = plan_of(&problem, &layout, &canvas, &by_hand).unwrap();
    assert_eq!(print(&plan, Style::Bare), "S7: row 2 = 3 4 1 2\nS4: row 4 = 1 2 3 1");
}

#[test]
fn a_changed_plan_masks_what_it_lost_and_pins_what_a_person_wrote() {
    let problem = crate::load("sudoku4:2#7").unwrap();
    let tokens = problem.family().tokens().unwrap();
    let form = tokens.form(&problem).unwrap();
    let before = Canvas {
        places: (0..16)
            .map(|at| TokenPlace { confidence: Some(0.5), ..TokenPlace::given(at % 4 + 1, false) })
            .collect(),
        done: 16,
        latent: None,
    };
    let mut row = parse("S1: row 1 = 1 2 3 3").unwrap().items()[0].clone();
    row.origin = plan::Origin::Human;
    let canvas = form.canvas(tokens, &Plan::new(vec![row]).unwrap(), &before).unwrap();
    assert_eq!(canvas.masked_places(), (4..16).collect::<Vec<_>>());
    assert_eq!(canvas.places[0], TokenPlace { token: Some(1), confidence: Some(0.5), pinned: true });
    assert_eq!(canvas.places[3], TokenPlace::given(3, true));
}

#[test]
fn what_the_vocabulary_cannot_say_is_named() {
    let fault = |reference: &str, text: &str| {
        let problem = crate::load(reference).unwrap();
        let tokens = problem.family().tokens().unwrap();
        let form = tokens.form(&problem).unwrap();
        form.tokens(tokens, &parse(text).unwrap()).unwrap_err()
    };
    assert_eq!(fault("sudoku4:2#7", "S1: row 1 = 1 2 3 5"), "S1: no token says \"5\"");
    assert_eq!(fault("sudoku4:2#7", "S1: r1c2 = 3"), "S1: no line of such a plan says \"r1c2 = 3\"");
    assert_eq!(
        fault("sudoku4:2#7", "C1: row 1 = 1 2 3 4"),
        "C1: no line of such a plan says \"row 1 = 1 2 3 4\""
    );
    assert_eq!(fault("countdown:2#1", "S1: 9999 + 1 = 10"), "S1: \"9999\" is longer than its 3 places");
    let names: Vec<String> = (1..=13).map(|number| format!("v{number}")).collect();
    let settings = serde_json::json!({"names": names, "clauses": [[1]]});
    let large = Problem::new("p", "boolean", "Text.").with_settings(&settings);
    assert!(large.family().tokens().unwrap().form(&large).unwrap_err().contains("13 variables"));
}
