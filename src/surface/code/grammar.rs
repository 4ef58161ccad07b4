//! What may be written as a program, in llguidance's dialect of Lark.

use std::fmt::Write as _;

use problem::{ANSWER, expr::Function};

use super::{KEYWORDS, RETURN};
use crate::Shown;

/// Signs between two operands, with spaces as one likes them.
const OPERATOR: &str = r" ?(\*\*|\/\/|[-+*\/%]) ?";
const NUMBER: &str = r"([0-9](_?[0-9]){0,11}(\.[0-9]{0,6})?|\.[0-9]{1,6})";
const NEW_NAME: &str = "[A-Za-z_][A-Za-z0-9_]{0,40}";

fn functions() -> String {
    let names = Function::ALL.iter().filter(|function| **function != Function::Mod);
    names.map(|function| function.name()).collect::<Vec<_>>().join("|")
}

/// Returns the grammar of a function's statements up to `return`. Names are free: what is not defined is for the checker
/// to say.
pub(super) fn function(max_items: usize) -> String {
    let most = max_items.saturating_sub(1);
    let keywords = KEYWORDS.join("|");
    let functions = functions();
    format!(
        r#"start: (line | remark){{0,{most}}} INDENT "return" GAP expr REMARK? NEWLINE?
line: INDENT NAME EQUALS expr REMARK? NEWLINE | INDENT "assert" GAP expr COMPARE expr REMARK? NEWLINE
remark: INDENT SENTENCE NEWLINE
expr: operand (OPERATOR operand)*
operand: SIGN* (NUMBER | NAME | group | call)
group: "(" expr ")"
call: FUNCTION "[" args "]" ")" | FUNCTION args ")"
args: expr (COMMA expr)*
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
FUNCTION: /({functions})\(/
"#
    )
}

/// Returns the terminal of one statement in place `at` of a program: parentheses nest twice.
pub(super) fn line(shown: &Shown, at: usize, now: Option<&str>) -> Option<String> {
    let above = shown.lines.get(..at)?;
    let mut names: Vec<&str> = above.iter().filter_map(|line| line.binds.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let operand = if names.is_empty() {
        NUMBER.to_owned()
    } else {
        format!("({}|{NUMBER})", names.join("|"))
    };
    let functions = functions();
    let nested = |inner: &str| {
        let list = format!("{inner}({OPERATOR}{inner}){{0,5}}");
        format!("-?({operand}|\\({list}\\)|({functions})\\(\\[?{list}(, ?{list}){{0,3}}\\]?\\))")
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
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
