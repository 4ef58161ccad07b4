//! What the grammars of answers let a model write, by the engine that constrains models.
#![cfg(feature = "llama")]

use std::fmt::Write as _;

use super::grammar::Engine;
use engine::{answer::Citing, decoding::Decoding, prompt::Prompter};
use plan::{Plan, parse};
use problem::{AnswerForm, Problem};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use session::{AnswerSettings, Cite, Settings, StyleChoice};

const SHOP: &str = "C1: rolls = 1248\nC2: eaten = 9\nC3: price = 0.5\nS1 <- C1 C2: sold = rolls - eaten\n\
    S2 <- S1 C3: income = sold * price\nS3 <- S2: answer = income - 15\n";

fn grammar_of(family: &str, plan: &Plan, style: StyleChoice, cite: Cite) -> String {
    let problem =
        Problem::new("p", family, "He bakes 1248 rolls, eats 9 and sells them for 0.5 each, less 15.");
    let answers = AnswerSettings { style, ..AnswerSettings::default() };
    let settings = Settings { answers, cite, ..Settings::default() };
    let prompter = Prompter::new(&problem, cite.is_on());
    Decoding::of(&settings, &prompter, plan).grammar().expect("a grammar")
}

fn explained() -> String {
    grammar_of("math", &parse(SHOP).unwrap(), StyleChoice::Explained, Cite::Values)
}

#[test]
fn a_sentence_states_numbers_of_the_items_that_it_cites() {
    let (engine, lark) = (Engine::new(), explained());
    for text in [
        "He bakes 1248 rolls. [C1]",
        "He bakes 1,248 rolls. [C1]",
        "He sells 1248 - 9 = 1239 of them. [C1, C2, S1]",
        "Sold: 1248 - 9 = 1,239 rolls [C1 C2 S1].",
        "He takes 1239 * 0.5 = $619.50. [C3 S1 S2]",
        "He takes 1,239 × 1/2 = 619.5 dollars! [C3 S1 S2]",
        "Half of it (50%) is his. [C3]",
        "That leaves 619.50 - 15 = 604.5. [S2 S3]",
        "The answer is 604.5. [S3]",
        "The answer is $604.50 [S3]",
        "The answer is **604.5**. [S3]",
        "He sells 1239.00 rolls, and the others are eaten. [S1]",
        "No number stands here, so it cites what it likes. [C2 S3]",
        "Someone, none of them, phoned a tentative canteen. [C1]",
        "He bakes 1248 rolls. [C1] He eats 9 of them. [C2]\nThe answer is 604.5. [S3]",
        "With the bakery's 9 rolls/day it's well-known, (9) or \"9\". [C2]",
        "All in all, 1248 and 9 and 0.5 give 604.5. [C1 C2 C3 S1 S2 S3]",
    ] {
        assert!(engine.accepts(&lark, text), "{text}");
    }
}

#[test]
fn other_numbers_and_what_makes_others_of_them_are_refused() {
    let (engine, lark) = (Engine::new(), explained());
    for text in [
        "The answer is 600. [S3]",
        "The answer is 604. [S3]",
        "The answer is 6045. [S3]",
        "The answer is 604.55. [S3]",
        "The answer is 604.5. [S1]",
        "The answer is 604.5. [C1 C2]",
        "He sells 1248 - 9 = 1239 of them. [S1]",
        "He eats -9 rolls. [C2]",
        "He eats –9 rolls. [C2]",
        "The answer is - 9. [C2]",
        "He eats 99 rolls. [C2]",
        "He eats 9/15 of them. [C2]",
        "He eats 9,000 rolls. [C2]",
        "He eats 9,9 rolls. [C2]",
        "He eats 9k rolls. [C2]",
        "He eats 9e3 rolls. [C2]",
        "He eats 9^9 rolls. [C2]",
        "He eats 9.9 rolls. [C2]",
        "He eats x9 rolls. [C2]",
        "He eats 9² rolls. [C2]",
        "He eats ９ rolls. [C2]",
        "He eats ٣ rolls. [C2]",
        "He eats 三 rolls. [C2]",
        "He eats twelve rolls. [C2]",
        "Twelve rolls. [C2]",
        "He eats a HUNDRED rolls. [C2]",
        "He eats twenty-five. [C2]",
        "He bakes 12,48 rolls. [C1]",
        "He eats 9 million rolls. [C2]",
        "He eats 9 rolls.",
        "He eats 9 rolls. [C9]",
    ] {
        assert!(!engine.accepts(&lark, text), "{text}");
    }
}

#[test]
fn a_short_answer_is_one_line() {
    let engine = Engine::new();
    let plan = parse(SHOP).unwrap();
    let lark = |cite| grammar_of("math", &plan, StyleChoice::Auto, cite);
    for (text, items, values) in [
        ("The answer is 604.5. [S3]", true, true),
        ("The answer is $604.50 [S3]", true, true),
        ("The answer is 619.5 - 15 = 604.5. [S2 S3]", true, true),
        ("The answer is 600. [S3]", true, false),
        ("The answer is what is left. [S3 C1]", true, true),
        ("It is 604.5. [S3]", false, false),
        ("The answer is 604.5. [S3]\nThe answer is 604.5. [S3]", false, false),
        ("The answer is 604.5.", false, false),
    ] {
        assert_eq!(engine.accepts(&lark(Cite::Items), text), items, "{text}");
        assert_eq!(engine.accepts(&lark(Cite::Values), text), values, "{text}");
    }
}

#[test]
fn a_negative_value_is_written_with_its_sign_and_a_countdown_as_one_expression() {
    let engine = Engine::new();
    let plan = parse("C1: have = 3\nC2: spend = 8\nS1 <- C1 C2: answer = have - spend\n").unwrap();
    let lark = grammar_of("math", &plan, StyleChoice::Auto, Cite::Values);
    for (text, fine) in
        [("-5", true), ("−5", true), ("-$5", true), ("5", false), ("--5", false), ("- 5", false)]
    {
        assert_eq!(engine.accepts(&lark, &format!("The answer is {text}. [S1]")), fine, "{text}");
    }
    let plan = parse("S1: 6 - 2 = 4\nS2 <- S1: 4 * 5 = 20\n").unwrap();
    let settings = serde_json::json!({"numbers": [2, 5, 6], "target": 20});
    let mut problem = Problem::new("p", "countdown", "Make 20.");
    problem.settings = serde_json::from_value(settings).unwrap();
    let settings = Settings { cite: Cite::Values, ..Settings::default() };
    let lark = Decoding::of(&settings, &Prompter::new(&problem, true), &plan).grammar().unwrap();
    assert!(engine.accepts(&lark, "The answer is (6 - 2) * 5. [S1 S2]"));
    assert!(!engine.accepts(&lark, "The answer is (6 - 3) * 5. [S1 S2]"));
}

#[test]
fn a_result_of_several_parts_is_stated_whole() {
    let engine = Engine::new();
    let problem = problem::load("dinner").unwrap();
    let plan =
        parse("S1: ann = true\nS2: ben = false\nS3: cleo = true\nS4: dan = false\nS5: eva = true\n").unwrap();
    let whole = "The answer is ann = true, ben = false, cleo = true, dan = false, eva = true";
    for cite in [Cite::Items, Cite::Values] {
        let settings = Settings { cite, ..Settings::default() };
        let lark = Decoding::of(&settings, &Prompter::new(&problem, true), &plan).grammar().unwrap();
        assert!(engine.accepts(&lark, &format!("{whole}. [S1 S2 S3 S4 S5]")), "{lark}");
        assert!(!engine.accepts(&lark, &format!("{whole}.")), "it cites");
        assert!(!engine.accepts(&lark, &format!("{whole}. [S6]")), "what is there");
        assert!(!engine.accepts(&lark, "The answer is ann = true, cleo = true, and so on. [S1]"));
    }
    let settings = Settings { cite: Cite::Off, ..Settings::default() };
    assert_eq!(Decoding::of(&settings, &Prompter::new(&problem, true), &plan).grammar(), None);
}

#[test]
fn what_has_no_numbers_to_hold_to_cites_items() {
    let plan = parse("S1: speak\nS2 <- S1: be silent\n").unwrap();
    let [items, values] =
        [Cite::Items, Cite::Values].map(|cite| grammar_of("free", &plan, StyleChoice::Auto, cite));
    assert_eq!(items, values);
    assert!(Engine::new().accepts(&values, "I spoke for 5 minutes. [S1]"));
}

/// Numbers of the plan in what is drawn, digit by digit, from the grammar itself.
#[test]
fn whatever_is_drawn_states_numbers_of_its_cited_items_alone() {
    let plan = parse(
        "C1: rolls = 1248\nC2: eaten = 9\nC3: price = 4\nS1 <- C1 C2: sold = rolls - eaten\n\
         S2 <- S1 C3: income = sold * price\nS3 <- S2: answer = 15 - income\n",
    )
    .unwrap();
    let own = [("C1", "1248"), ("C2", "9"), ("C3", "4"), ("S1", "1239"), ("S2", "4956"), ("S3", "4941 15")];
    let (engine, lark) = (Engine::new(), grammar_of("math", &plan, StyleChoice::Explained, Cite::Values));
    let family = problem::family("math").unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut stated = 0;
    for _ in 0..150 {
        let text = engine.sample_rather(&lark, b"0123456789,.[-/% ", &mut rng);
        let mut from = 0;
        for (span, cited) in Citing::new(Some(&plan), AnswerForm::Sentences).spans(&text) {
            let cited: Vec<String> = cited.iter().map(ToString::to_string).collect();
            for value in family.values(&text[from..span.start]) {
                let has = |(id, numbers): &(&str, &str)| {
                    cited.iter().any(|cited| cited == id) && numbers.split(' ').any(|number| number == value)
                };
                assert!(own.iter().any(has), "{value} in {:?} {cited:?}", &text[from..span.start]);
                stated += 1;
            }
            from = span.end;
        }
    }
    assert!(stated > 100, "only {stated} numbers were drawn");
}

/// A plan of 30 items, each building on the two before it.
fn long_plan() -> Plan {
    let mut text = String::from("C1: a1 = 3\nC2: a2 = 1500\n");
    for n in 1..=27 {
        let id = |k: i32| if k <= 0 { format!("C{}", k + 2) } else { format!("S{k}") };
        let (one, other) = (id(n - 1), id(n - 2));
        writeln!(text, "S{n} <- {one} {other}: a{} = a{} + a{} / 2", n + 2, n + 1, n).unwrap();
    }
    text += "S28 <- S27: answer = a29 + 1\n";
    parse(&text).unwrap()
}

#[test]
fn the_grammar_of_a_long_plan_is_small_and_never_stuck() {
    let plan = long_plan();
    assert_eq!(plan.len(), 30);
    let engine = Engine::with_wide_limits();
    for style in [StyleChoice::Explained, StyleChoice::Short] {
        let lark = grammar_of("math", &plan, style, Cite::Values);
        assert!(lark.len() < 20_000, "{} bytes", lark.len());
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for _ in 0..5 {
            let text = engine.sample_rather(&lark, b"0123456789[", &mut rng);
            let citing = Citing::new(Some(&plan), AnswerForm::Sentences);
            assert!(!citing.citations(&text).is_empty(), "{text}");
        }
    }
}
