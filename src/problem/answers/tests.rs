//! Which answers are the same, and what texts state.

use super::*;

fn check(pairs: &[(&str, &str)], expected: Equality) {
    let wrong: Vec<String> = pairs
        .iter()
        .filter(|(answer, gold)| compare(answer, gold) != expected)
        .map(|(answer, gold)| {
            format!(
                "{answer} against {gold}: {:?}\n    {:?}\n    {:?}",
                compare(answer, gold),
                Value::read(answer),
                Value::read(gold)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "not {expected:?}:\n{}", wrong.join("\n"));
}

#[test]
fn notations_of_one_number_are_the_same() {
    check(
        &[
            ("\\frac{3}{4}", "0.75"),
            ("\\dfrac34", "3/4"),
            ("\\tfrac{1}{2}", ".5"),
            ("-\\frac{2}{4}", "-1/2"),
            ("\\frac{-1}{2}", "-0.5"),
            ("1{,}234", "1234"),
            ("1,234", "1234"),
            ("10,\\!000", "10000"),
            ("1\\,234\\,567", "1234567"),
            ("1\u{202F}234", "1234"),
            ("1\u{A0}234", "1234"),
            ("1'234", "1234"),
            ("1’234", "1234"),
            ("1~234", "1234"),
            ("2\\frac{1}{2}", "2.5"),
            ("2 1/2", "5/2"),
            ("2½", "2.5"),
            ("½", "0.5"),
            ("3.5 \\times 10^4", "35000"),
            ("3.5 × 10⁴", "35000"),
            ("3.5 \\cdot 10^{-2}", "0.035"),
            ("1.2e5", "120000"),
            ("1.2E+5", "120000"),
            ("5e-3", "0.005"),
            ("–18", "-18"),
            ("−18", "-18"),
            ("- 18", "-18"),
            ("２５", "25"),
            ("٢٥", "25"),
            ("२५", "25"),
            ("0.\\overline{3}", "1/3"),
            ("0.1\\overline{6}", "\\frac{1}{6}"),
            ("2^{10}", "1024"),
            ("2**10", "1024"),
            ("5!", "120"),
            ("\\binom{5}{2}", "10"),
            ("\\sqrt{16}", "4"),
            ("\\sqrt[3]{27}", "3"),
            ("√16", "4"),
            ("|-5|", "5"),
            ("3.5 million", "3500000"),
            ("007", "7"),
            ("5.00", "5"),
            ("5.", "5"),
            ("+5", "5"),
            ("\\left(5\\right)", "5"),
            ("(3)", "3"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ],
        Equality::Same,
    );
}

#[test]
fn signs_of_currency_percent_and_units_do_not_change_a_number() {
    check(
        &[
            ("\\$5.00", "5"),
            ("$18", "18"),
            ("€1,000", "1000"),
            ("20\\%", "20"),
            ("20%", "0.2"),
            ("0.2", "20\\%"),
            ("20 percent", "20\\%"),
            ("90^\\circ", "90"),
            ("30 degrees", "30^{\\circ}"),
            ("30°", "30"),
            ("6\\text{ cm}^2", "6"),
            ("6 cm²", "6 \\text{ cm}^2"),
            ("54 \\mbox{ inches}^3", "54"),
            ("54 cubic inches", "54"),
            ("12 \\text{ dollars}", "12"),
            ("15 pens", "15 pen"),
            ("60 km/h", "60"),
            ("5cm", "5"),
            ("approximately 7", "7"),
        ],
        Equality::Same,
    );
    check(&[("6 \\text{ cm}", "6 \\text{ m}"), ("5 hours", "5 minutes")], UNITS);
}

const UNITS: Equality = Equality::Undecided("the numbers are equal, but their units differ");

#[test]
fn other_numbers_are_different() {
    check(
        &[
            ("3", "\\frac{3}{4}"),
            ("3\\pi", "3"),
            ("x+5", "5"),
            ("3x", "3"),
            ("35", "3 \\text{ and } 5"),
            ("3", "3 \\text{ and } 5"),
            ("2", "2\\frac{1}{2}"),
            ("1.41", "\\sqrt{2}"),
            ("3.14", "\\pi"),
            ("12 or 15", "12"),
            ("20", "0.2"),
            ("0.2", "20"),
            ("3.33", "\\frac{10}{3}"),
            ("-5", "5"),
            ("10^4", "4"),
            ("10^4", "10"),
            ("1,5", "15"),
            ("1.234", "1234"),
            ("no idea at all", "(3)"),
            ("", "3"),
            ("123456789012345678901234567891", "123456789012345678901234567890"),
        ],
        Equality::Different,
    );
}

#[test]
fn equal_formulas_are_the_same_however_they_are_written() {
    check(
        &[
            ("x^{2}+1", "x^2+1"),
            ("1 + x^2", "x^2+1"),
            ("(x-3)(x+3)", "x^2 - 9"),
            ("(x+3)(x-3)", "(x-3)(x+3)"),
            ("2xy", "2yx"),
            ("11\\sqrt{2}", "11\\sqrt2"),
            ("\\sqrt{242}", "11\\sqrt2"),
            ("\\frac{\\sqrt{3}}{3}", "\\frac{1}{\\sqrt{3}}"),
            ("\\frac{\\pi}{2}", "\\frac12\\pi"),
            ("0.5π", "\\frac{\\pi}{2}"),
            ("36\\pi \\text{ cm}^2", "36\\pi"),
            ("1011_{2}", "1011_2"),
            ("y = 2x + 3", "2x+3"),
            ("2x+3", "f(x) = 2x+3"),
            ("y = 2x + 3", "y - 2x = 3"),
            ("2x - y + 3 = 0", "y = 2x+3"),
            ("\\frac{x+1}{2}", "0.5x + 0.5"),
            ("e^{2x}", "(e^x)^2"),
            ("\\sin^2 x + \\cos^2 x", "\\sin^2(x) + \\cos^2(x)"),
            ("\\log_2 8", "3"),
            ("3 + 4i", "4i + 3"),
            ("\\frac{1}{1+i}", "\\frac{1-i}{2}"),
            ("a_1 + a_2", "a_{2} + a_{1}"),
            ("\\theta", "θ"),
            ("x = 5", "5"),
            ("2 + 3 = 5", "5"),
            ("x^2 - 4 = (x - 2)(x + 2)", "(x-2)(x+2)"),
            ("\\text{Area} = \\pi \\times 121", "121\\pi"),
            ("We solve it. So the domain is \\( [4, \\infty) \\). The", "[4,\\infty)"),
            ("We take $x$ and find that it is $2x + 3$ after all", "2x+3"),
        ],
        Equality::Same,
    );
    check(
        &[
            ("x+1", "x-1"),
            ("x^2+1", "x^3+1"),
            ("2\\pi", "\\pi"),
            ("\\sqrt{3}", "\\sqrt{2}"),
            ("y = 2x + 3", "y = 3x + 2"),
            ("xy = 2x + 3", "y = 2x + 3"),
            ("x", "y"),
            ("x^2 - 4 = (x - 2)(x + 3)", "(x-2)(x+3)"),
            ("x + 2 = 5", "5"),
            ("1011_3", "1011_2"),
            ("10\\sqrt{2}", "11\\sqrt{2}"),
            ("3-4i", "3+4i"),
        ],
        Equality::Different,
    );
    for (answer, gold) in [
        ("|x|", "x"),
        ("\\sqrt{x^2}", "x"),
        ("1011", "1011_2"),
        ("\\angle ABC", "30"),
        ("\\triangle", "\\square"),
    ] {
        assert!(matches!(compare(answer, gold), Equality::Undecided(_)), "{answer} against {gold}");
    }
}

#[test]
fn lists_points_and_intervals_keep_what_distinguishes_them() {
    check(
        &[
            ("(2, 3)", "(2,3)"),
            ("\\left(\\frac12, -3\\right)", "(0.5,-3)"),
            ("1, 2", "2, 1"),
            ("1 and 2", "1,2"),
            ("\\{1, 2, 3\\}", "3, 2, 1"),
            ("x = 1 or x = 2", "1, 2"),
            ("\\pm 2", "2, -2"),
            ("3 \\pm \\sqrt{5}", "3 - \\sqrt5, 3 + \\sqrt5"),
            ("[2,5)", "[2, 5)"),
            ("2 \\le x < 5", "[2,5)"),
            ("x \\ge 3", "[3, \\infty)"),
            ("3 \\leq x", "[3,\\infty)"),
            ("x \\in [3, \\infty)", "[3,\\infty)"),
            ("x > -1", "(-1, ∞)"),
            ("(-\\infty, 2) \\cup (3, \\infty)", "(-\\infty,2)\\cup(3,\\infty)"),
            ("(-inf, 2)", "(-\\infty, 2)"),
            ("\\mathbb{R}", "\\mathbb{R}"),
            ("\\emptyset", "\\{\\}"),
            ("\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}"),
            ("x < 3", "3 > x"),
        ],
        Equality::Same,
    );
    check(
        &[
            ("[0,1]", "[0,1)"),
            ("[5,9]", "[-1,1]"),
            ("(1,2)", "(2,1)"),
            ("1, 2, 3", "1, 2"),
            ("1, 1, 2", "1, 2, 2"),
            ("x > 3", "[3,\\infty)"),
            ("x > 3", "x < 3"),
            ("(2,3)", "5"),
            ("2", "\\pm 2"),
            ("(2,3)", "[2,3]"),
            ("(-\\infty, 2)", "(-\\infty,2)\\cup(3,\\infty)"),
            (
                "\\begin{pmatrix} 1 & 2 \\\\ 3 & 5 \\end{pmatrix}",
                "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            ),
        ],
        Equality::Different,
    );
}

#[test]
fn words_and_choices_compare_as_people_mean_them() {
    check(
        &[
            ("(B)", "(B)"),
            ("B", "(B)"),
            ("(B) The limousine.", "(B)"),
            ("B) The limousine", "(B)"),
            ("B: the limousine", "(B)"),
            ("\\text{(C)}", "C"),
            ("C", "\\textbf{(C)}"),
            ("the limousine (B)", "(B)"),
            ("new delhi", "New Delhi"),
            ("**New Delhi**", "New Delhi"),
            ("the Friday", "Friday"),
            ("\\text{east}", "east"),
            ("Yes, it is", "yes"),
            ("No", "no"),
            ("C#", "C#"),
            ("apollo 11", "Apollo 11"),
            ("new delhi [S1]", "New Delhi"),
            ("don't", "don’t"),
        ],
        Equality::Same,
    );
    check(
        &[
            ("Both", "(B)"),
            ("(A)", "(B)"),
            ("A dog", "(A)"),
            ("Apollo 12", "Apollo 11"),
            ("Mumbai", "New Delhi"),
            ("Delhi", "New Delhi"),
            ("no", "yes"),
            ("it is invalid", "valid"),
            ("C", "C#"),
            ("no idea", "(3)"),
            ("east", "west"),
            ("I do not know", "x^2+1"),
        ],
        Equality::Different,
    );
    for (answer, gold) in [
        ("New Delhi, not Mumbai", "New Delhi"),
        ("(A) or (B)?", "(B)"),
        ("either (A) or perhaps (B)", "(B)"),
        ("it is not valid", "valid"),
    ] {
        let found = compare(answer, gold);
        assert!(!matches!(found, Equality::Same), "{answer} against {gold}: {found:?}");
    }
}

#[test]
fn the_number_that_a_text_states_is_found() {
    for (text, expected) in [
        ("It is 12 * 3 = 36.\nThe answer is **$1,036.50**.", "1036.5"),
        ("#### 42", "42"),
        ("So we get 5, then 7", "7"),
        ("The answer is: 3 + 4 = 7 apples, of 12.", "7"),
        ("The answer is 84 of 120. Check: 84 = 84", "84"),
        ("The answer is:\n\n\\$-18.", "-18"),
        ("So 84 is the answer.", "84"),
        ("Final answer: \\boxed{15%}", "15"),
        ("The answer is $\\frac{3}{4}$.", "0.75"),
        ("The answer is 2 1/2 hours.", "2.5"),
        ("The answer is 1½.", "1.5"),
        ("The answer is $3.5 \\times 10^4$.", "35000"),
        ("The answer is 1.2e5.", "120000"),
        ("She had 3 pens and got 9 more. The answer is twelve.", "12"),
        ("The answer is one hundred and five dollars.", "105"),
        ("The answer is minus 5.", "-5"),
        ("The answer is $-\\frac{3}{4}$.", "-0.75"),
        ("The answer is \\$18.00 (18 dollars).", "18"),
        ("The answer is $\\boxed{x = 20}$.", "20"),
        ("The answer is \\[\\boxed{12 \\text{ dollars}}\\]", "12"),
        ("The answer is that she has 15 pens.", "15"),
        ("**Answer:** 15", "15"),
        ("Final Answer\n15 pens", "15"),
        ("The answer is 12. Wait, I forgot one. The answer is 15.", "15"),
        ("The answer is not 12. So there are 15 pens", "15"),
        ("The answer is 15.\n\nQuestion: And 3 boxes?\nThe answer is 7.", "15"),
        ("In all there are 10^3 pens", "1000"),
        ("It takes 10-15 minutes", "15"),
        ("It is 3 \\times 5 = 15", "15"),
        ("The answer is 3 * 5 = 15.", "15"),
        ("We take \\frac{3}{4}", "0.75"),
        ("- 5 red pens\n- 7 blue pens", "7"),
        ("There are 3 boxes. The answer is 45 [S2].", "45"),
        ("The answer is 5 / 2", "2.5"),
        ("The answer is \\boxed{2} and \\boxed{3}", "2, 3"),
        ("$\\boxed{1}$, $\\boxed{2}$", "1, 2"),
        ("First \\boxed{1}.\nThen it is \\boxed{2}.", "2"),
    ] {
        let found = spoken(text).and_then(stated_number);
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_statement_that_is_no_number_is_not_searched_for_one() {
    for (text, gold) in [
        ("So it is $\\boxed{3\\pi}$", "3"),
        ("So it is $\\boxed{x+5}$", "5"),
        ("So it is $\\boxed{\\frac{3}{4}}$", "3"),
        ("So it is $\\boxed{3, 4}$", "3"),
        ("The answer is 3 or 4.", "3"),
        ("The answer is 5 times 3, so 15 pens.", "5"),
        ("The answer is 3x.", "3"),
        ("\\boxed{\\text{none of the 3}}", "3"),
        ("15 pens, so \\boxed{1", "15"),
        ("The answer is $\\frac{7}{6}0$.", "\\frac{7}{6}"),
        ("The answer is $729\\text{ cm}^30$.", "729\\text{ cm}^3"),
    ] {
        let verdict = judge_number(text, Some(gold));
        assert!(verdict.outcome != Outcome::Correct, "{text}: {verdict:?}");
    }
    assert_eq!(stated_number("no idea [S1]"), None);
    assert_eq!(stated_number("So we have to add 3 + 5"), None, "the sum is not stated");
    assert!(is_marked("The answer is 15 and") && !is_marked("So there are 15 pens and"));
}

#[test]
fn what_a_text_states_in_words_is_found() {
    for (text, expected) in [
        ("The answer is Mumbai.", "Mumbai"),
        ("The answer is: new delhi.", "new delhi"),
        ("The answer is **New Delhi**", "New Delhi"),
        ("The answer is New Delhi. It is in India.", "New Delhi"),
        ("He looks $\\boxed{\\text{east}}$ then.", "\\text{east}"),
        ("The domain is $\\boxed{[2,5)}$.", "[2,5)"),
        ("The answer is St. Louis.", "St. Louis"),
        ("Dear neighbours,\nlock it.", "Dear neighbours, lock it"),
    ] {
        assert_eq!(stated_text(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn hostile_texts_are_read_in_bounds() {
    for hostile in [
        "\\frac".to_owned(),
        "\\frac{".to_owned(),
        "\\boxed{".to_owned(),
        "\\text{".to_owned(),
        "{{{{".to_owned(),
        "\\frac{1}{".to_owned(),
        "\\sqrté".to_owned(),
        "\\".to_owned(),
        "\\frac{".repeat(2000),
        "(".repeat(100_000),
        "-".repeat(100_000),
        "9".repeat(100_000),
        "9^9^9^9^9".to_owned(),
        "9999999999!".to_owned(),
        "1/0".to_owned(),
        "0^{-1}".to_owned(),
        "1_{99999999999}".to_owned(),
        "\\boxed{1} ".repeat(2000),
        "answer is ".repeat(5000),
        "{,}".repeat(1000),
        "é½²₂√–".to_owned(),
    ] {
        compare(&hostile, "1");
        stated_number(&hostile);
        stated_text(&hostile);
    }
    assert_ne!(compare("1/0", "1/0"), Equality::Different);
    assert_ne!(compare("9^9^9^9^9", "1"), Equality::Same);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_equals_itself_or_is_undecided_and_never_panics(text in "\\PC{0,40}") {
            prop_assert_ne!(compare(&text, &text), Equality::Different);
            stated_number(&text);
        }

        #[test]
        fn formulas_read_back_as_they_are_shown(text in "(-?[0-9]{1,3}|x|y|\\\\pi)([-+*/^](\\(x [-+] [1-9]\\)|[1-9][0-9]?|y)){0,3}") {
            let shown = Value::read(&text).show();
            prop_assert_ne!(compare(&shown, &text), Equality::Different, "{}", shown);
        }

        #[test]
        fn a_number_equals_no_other(one in -9999_i32..9999, other in -9999_i32..9999, places in 0_u32..3) {
            let write = |value: i32| format!("{:.*}", places as usize, f64::from(value) / f64::from(10_i32.pow(places)));
            let same = compare(&write(one), &write(other)) == Equality::Same;
            prop_assert_eq!(same, one == other);
        }
    }
}
