//! What may be written as a program, in llguidance's dialect of Lark.

use problem::ANSWER;

use super::{KEYWORDS, RETURN, identifier};
use crate::{LineSlot, ShownPlan, words::repeated};

/// Signs between two operands, with spaces as one likes them.
const OPERATOR: &str = r" ?(\*\*|\/\/|[-+*\/%]) ?";
const NUMBER: &str = r"([0-9](_?[0-9]){0,11}(\.[0-9]{0,6})?|\.[0-9]{1,6})";
const NEW_NAME: &str = "[A-Za-z_][A-Za-z0-9_]{0,40}";

/// Returns the grammar of a function's statements up to `return`. Names are free: what is not defined is for the checker
/// to say.
pub(super) fn function(max_items: usize) -> String {
    let before = repeated("statement BREAK", 0, max_items.saturating_sub(1));
    let keywords = KEYWORDS.join("|");
    format!(
        r#"start: INDENT {before} "return" GAP expr REMARK? END?
statement: NAME EQUALS expr REMARK? | "assert" GAP expr COMPARE expr REMARK? | SENTENCE
expr: operand (OPERATOR operand)*
operand: SIGN{{0,2}} (NUMBER | NAME | group | call)
group: "(" expr ")"
call: OF_MANY expr (COMMA expr)+ ")" | OF_MANY "[" expr (COMMA expr)+ "])" | OF_LIST expr (COMMA expr)* "])"
  | OF_ONE expr ")" | ROUND expr (COMMA PLACES)? ")"
INDENT: /( {{2,8}}|\t)/
GAP: / /
SENTENCE: /#[^\n]{{1,80}}/
REMARK: / {{1,2}}#[^\n]{{0,80}}/
BREAK: /\n([ \t]{{0,8}}\n){{0,2}}( {{2,8}}|\t)/
END: /\n{{1,2}}(```)?/
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

/// Returns the terminal of one statement of a program: parentheses nest twice.
pub(super) fn line(shown: &ShownPlan, slot: LineSlot) -> Option<String> {
    let above = shown.lines.get(..slot.at())?;
    let mut names: Vec<&str> = above.iter().filter_map(|line| line.binds.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let expression = expression(&names);
    let otherwise = slot.otherwise(shown);
    let old = slot.old(shown);
    if old.is_some_and(|line| line.text.starts_with(RETURN)) {
        return Some(format!("/{RETURN}{expression}/{otherwise}"));
    }
    // A name that is taken would be another value of the same quantity.
    let own = old.and_then(|line| line.binds.as_deref());
    let taken = shown.lines.iter().filter_map(|line| line.binds.as_deref()).filter(|name| Some(*name) != own);
    let taken = taken.filter(|name| identifier(name).is_ok());
    let taken: Vec<&str> = KEYWORDS.into_iter().chain([ANSWER]).chain(taken).collect();
    Some(format!("/{NEW_NAME} = {expression}/ & ~/({}) = .*/{otherwise}", taken.join("|")))
}

fn expression(names: &[&str]) -> String {
    let operand =
        if names.is_empty() { NUMBER.to_owned() } else { format!("({}|{NUMBER})", names.join("|")) };
    let nested = |inner: &str| {
        let list = format!("{inner}({OPERATOR}{inner}){{0,5}}");
        let several =
            format!("(min|max)\\({list}(, {list}){{1,3}}\\)|sum\\(\\[{list}(, {list}){{0,3}}\\]\\)");
        format!("-?({operand}|\\({list}\\)|(abs|int|round)\\({list}\\)|{several})")
    };
    let term = nested(&nested(&operand));
    format!("{term}({OPERATOR}{term}){{0,7}}")
}
