//! Answers in LaTeX, brought into one form so that they can be compared; after the `strip_string` of the MATH data set
//! (Hendrycks et al. 2021).

use num_rational::BigRational;
use num_traits::Zero;

use super::numbers;

/// Returns what the last `\boxed{…}` of `text` holds.
pub(super) fn boxed(text: &str) -> Option<&str> {
    let at = ["\\boxed", "\\fbox"].iter().filter_map(|mark| Some(text.rfind(mark)? + mark.len())).max()?;
    let rest = text[at..].trim_start();
    match rest.strip_prefix('{') {
        Some(inner) => group(inner).map(|(inside, _)| inside),
        // \boxed 5 boxes one word.
        None => rest.split(['$', ' ', '\n']).next().filter(|word| !word.is_empty()),
    }
}

/// Splits at the brace that closes the one before `text`.
fn group(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Returns `answer` in the form in which answers are compared: no space, no sizes of parentheses, no units, one way of
/// writing fractions and roots.
pub(super) fn normal(answer: &str) -> String {
    let mut text = boxed(answer).unwrap_or(answer).to_owned();
    for (from, to) in [
        ("\\left", ""),
        ("\\right", ""),
        ("\\!", ""),
        ("\\,", ""),
        ("\\;", ""),
        ("\\ ", ""),
        ("~", ""),
        ("\\$", ""),
        ("$", ""),
        ("\\%", ""),
        ("%", ""),
        ("^\\circ", ""),
        ("^{\\circ}", ""),
        ("\\dfrac", "\\frac"),
        ("\\tfrac", "\\frac"),
        ("\\cdot", "*"),
        ("\\times", "*"),
        ("−", "-"),
        ("\n", ""),
        ("\\\\", "\\"),
    ] {
        text = text.replace(from, to);
    }
    text = without_text(&text);
    text.retain(|c| !c.is_whitespace());
    let mut text = text.trim_end_matches('.').to_owned();
    // x = 5 says 5.
    if let Some((name, value)) = text.split_once('=')
        && name.len() <= 2
        && !value.contains('=')
    {
        text = value.to_owned();
    }
    let text = braced(&text);
    // 3/4 is a fraction, and so is .5.
    match number(&text) {
        Some(value) => numbers::show(&value),
        None => text,
    }
}

/// Leaves out `\text{ cm}` after something else, and takes what stands alone in `\text{…}` as it is.
fn without_text(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) =
        ["\\text{", "\\mbox{", "\\textbf{", "\\mathrm{"].iter().filter_map(|mark| rest.find(mark)).min()
    {
        let open = at + rest[at..].find('{').unwrap_or(0) + 1;
        let Some((inside, after)) = group(&rest[open..]) else { break };
        out += &rest[..at];
        if out.trim().is_empty() {
            out += inside;
        }
        rest = after;
    }
    out + rest
}

/// Gives one-digit arguments their braces: `\frac12` is `\frac{1}{2}`, `\sqrt3` is `\sqrt{3}`.
fn braced(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let next = |rest: &str| {
        let found = [("\\frac", 2), ("\\sqrt", 1)]
            .into_iter()
            .filter_map(|(mark, n)| Some((rest.find(mark)?, mark, n)));
        found.min()
    };
    while let Some((at, mark, count)) = next(rest) {
        let end = at + mark.len();
        out += &rest[..end];
        rest = &rest[end..];
        for _ in 0..count {
            let Some(first) = rest.chars().next().filter(|c| c.is_ascii_alphanumeric()) else {
                let Some((inside, after)) = rest.strip_prefix('{').and_then(group) else { break };
                out += &format!("{{{inside}}}");
                rest = after;
                continue;
            };
            out += &format!("{{{first}}}");
            rest = &rest[1..];
        }
    }
    out + rest
}

/// Returns the number that an answer is: digits, a fraction in LaTeX or with a stroke, a percentage as its number.
pub(super) fn number(text: &str) -> Option<BigRational> {
    let text = text.trim().trim_matches('$').trim();
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = match rest.strip_prefix("\\frac") {
        Some(rest) => {
            let (above, rest) = rest.strip_prefix('{').and_then(group)?;
            let (below, rest) = rest.strip_prefix('{').and_then(group).filter(|(_, rest)| rest.is_empty())?;
            let _ = rest;
            let below = numbers::parse(below).filter(|below| !below.is_zero())?;
            numbers::parse(above)? / below
        }
        None if rest.starts_with('.') => numbers::parse(&format!("0{rest}"))?,
        None => numbers::parse(rest)?,
    };
    Some(if negative { -value } else { value })
}

/// Returns whether two answers say the same, as far as their form tells.
pub(super) fn same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_found_and_answers_compared() {
        assert_eq!(boxed("So $\\boxed{\\frac{1}{2}}$ it is, not \\boxed{3"), None);
        assert_eq!(boxed("first \\boxed{1}, then \\boxed{\\sqrt{x^{2}}}."), Some("\\sqrt{x^{2}}"));
        assert_eq!(boxed("\\boxed 7$ pens"), Some("7"));
        for (one, other) in [
            ("\\dfrac{3}{4}", "3/4"),
            ("\\frac12", "0.5"),
            (".5", "\\tfrac{1}{2}"),
            ("10,\\!000", "10000"),
            ("x=5", "5"),
            ("90^\\circ", "90"),
            ("\\left(1, 2\\right)", "(1,2)"),
            ("\\sqrt3", "\\sqrt{3}"),
            ("12\\text{ cm}", "12"),
            ("\\text{Friday}", "Friday"),
            ("\\$5.00", "5"),
            ("-\\frac{2}{4}", "-1/2"),
        ] {
            assert!(same(one, other), "{one}: {} and {other}: {}", normal(one), normal(other));
        }
        assert!(!same("x-1", "x+1") && !same("\\frac{1}{0}", "0"));
        for hostile in ["\\frac", "\\frac{", "\\boxed{", "\\text{", "{{{{", "\\frac{1}{", "\\sqrté"] {
            normal(hostile);
        }
        normal(&"\\frac{".repeat(2000));
    }
}
