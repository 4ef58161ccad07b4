//! What may be written as a program, in llguidance's dialect of Lark.

use std::fmt::Write as _;

use problem::ANSWER;

use super::{KEYWORDS, RETURN};
use crate::{Shown, words::repeated};

/// Signs between two operands, with spaces as one likes them.
const OPERATOR: &str = r" ?(\*\*|\/\/|[-+*\/%]) ?";
const NUMBER: &str = r"([0-9](_?[0-9]){0,11}(\.[0-9]{0,6})?|\.[0-9]{1,6})";
const NEW_NAME: &str = "[A-Za-z_][A-Za-z0-9_]{0,40}";

/// Returns the grammar of a function's statements up to `return`. Names are free: what is not defined is for the checker
/// to say.
pub(super) fn function(max_items: usize) -> String {
    let before = repeated("line | remark", 0, max_items.saturating_sub(1));
    let keywords = KEYWORDS.join("|");
    format!(
        r#"start: {before} INDENT "return" GAP expr REMARK? NEWLINE?
line: INDENT NAME EQUALS expr REMARK? NEWLINE | INDENT "assert" GAP expr COMPARE expr REMARK? NEWLINE
remark: INDENT SENTENCE NEWLINE
expr: operand (OPERATOR operand)*
operand: SIGN{{0,2}} (NUMBER | NAME | group | call)
group: "(" expr ")"
call: OF_MANY expr (COMMA expr)+ ")" | OF_MANY "[" expr (COMMA expr)+ "])" | OF_LIST expr (COMMA expr)* "])"
  | OF_ONE expr ")" | ROUND expr (COMMA PLACES)? ")"
INDENT: /( {{2,8}}|\t)/
GAP: / /
SENTENCE: /#[^\n]{{1,80}}/
REMARK: / {{1,2}}#[^\n]{{0,80}}/
NEWLINE: /\n{{1,2}}/
EQUALS: / ?= ?/
COMPARE: / ?(<=|>=|==|!=|<|>) ?/
COMMA: /, ?/
OPERATOR: /{OPERATOR}/
SIGN: /-/
NUMBER: /{NUMBER}/
NAME: /{NEW_NAME}/ & ~/({keywords})/
OF_MANY: /(min|max)\(/
OF_LIST: /sum\(\[/
OF_ONE: /(abs|int)\(/
ROUND: /round\(/
PLACES: /[0-9]/
"#
    )
}

/// Returns the terminal of one statement in place `at` of a program: parentheses nest twice.
pub(super) fn line(shown: &Shown, at: usize, now: Option<&str>) -> Option<String> {
    let above = shown.lines.get(..at)?;
    let mut names: Vec<&str> = above.iter().filter_map(|line| line.binds.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let operand =
        if names.is_empty() { NUMBER.to_owned() } else { format!("({}|{NUMBER})", names.join("|")) };
    let nested = |inner: &str| {
        let list = format!("{inner}({OPERATOR}{inner}){{0,5}}");
        let several =
            format!("(min|max)\\({list}(, {list}){{1,3}}\\)|sum\\(\\[{list}(, {list}){{0,3}}\\]\\)");
        format!("-?({operand}|\\({list}\\)|(abs|int|round)\\({list}\\)|{several})")
    };
    let term = nested(&nested(&operand));
    let expression = format!("{term}({OPERATOR}{term}){{0,7}}");
    let closes = shown.lines.get(at).is_some_and(|line| line.text.starts_with(RETURN));
    let pattern = if closes && now.is_some() {
        format!("{RETURN}{expression}")
    } else {
        format!("{NEW_NAME} = {expression}")
    };
    let mut line = format!("/{pattern}/");
    if !closes || now.is_none() {
        // A name that is taken would be another value of the same quantity.
        let own = now.and_then(|now| now.split(" = ").next()).unwrap_or_default();
        let taken = shown.lines.iter().filter_map(|line| line.binds.as_deref()).filter(|name| *name != own);
        let taken: Vec<&str> = KEYWORDS.into_iter().chain([ANSWER]).chain(taken).collect();
        let _ = write!(line, " & ~/({}) = .*/", taken.join("|"));
    }
    if let Some(now) = now {
        let _ = write!(line, " & ~/{}/", escaped(now));
    }
    Some(line)
}

/// Escapes a text for a regular expression between slashes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
