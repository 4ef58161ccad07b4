//! Where a text states its answer.

use super::{
    lexer::{self, Bracket, Lexed, Token},
    parser,
    value::Value,
};

/// What announces an answer, in lower case. What follows counts from the end of the mark.
const MARKS: [&str; 8] =
    ["answer is", "answer:", "answer =", "answer=", "answer\n", "answers are", "solution is:", "####"];

/// How a turn begins that a model makes up once its own is over, in lower case at the beginning of a line.
const NEXT_TURN: [&str; 12] = [
    "q:",
    "question:",
    "problem:",
    "user:",
    "human:",
    "### instruction",
    "### question",
    "### problem",
    "<|im_start|>",
    "<|start_header_id|>",
    "<|endoftext|>",
    "<start_of_turn>",
];

/// Characters between a mark and the statement.
const BETWEEN: [char; 7] = [':', '=', '*', ' ', '\n', '\t', '\r'];

/// Returns what the last `\boxed{…}` or `\fbox{…}` of `text` holds, or `None` where it is never closed.
pub fn boxed(text: &str) -> Option<&str> {
    last_box(text).map(|(inside, _)| inside)
}

/// Returns what the last box holds, and where the box begins.
fn last_box(text: &str) -> Option<(&str, usize)> {
    let found = ["\\boxed", "\\fbox"].iter().filter_map(|mark| Some((text.rfind(mark)?, mark.len())));
    let (at, length) = found.max()?;
    let rest = text[at + length..].trim_start();
    let inside = match rest.strip_prefix('{') {
        Some(inner) => group(inner).map(|(inside, _)| inside),
        // \boxed 5 boxes one word.
        None => rest.split(['$', ' ', '\n']).next().filter(|word| !word.is_empty()),
    };
    inside.map(|inside| (inside, at))
}

/// Splits at the brace that closes the one before `text`.
pub(super) fn group(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Returns what the boxes at the end hold: several that only *and* or a comma separates make one list.
fn boxes(text: &str) -> Option<String> {
    let (inside, mut at) = last_box(text)?;
    let mut found = vec![inside];
    while let Some((inside, before)) = last_box(&text[..at]) {
        let between = text[..at].rfind(inside).map_or("", |from| &text[from + inside.len()..at]);
        let joint = between.trim_matches(|c: char| c.is_whitespace() || "{}$,;".contains(c));
        if !matches!(
            joint,
            "" | "and" | "or" | "\\text{ and }" | "\\text{ or }" | "\\text{ and" | "\\text{ or"
        ) || between.len() > 24
            || between.contains('\n')
        {
            break;
        }
        found.push(inside);
        at = before;
    }
    found.reverse();
    Some(found.join(", "))
}

/// Returns whether a box was opened that the text never closes.
fn is_cut(text: &str) -> bool {
    text.rfind("\\boxed{").is_some_and(|at| group(&text[at + "\\boxed{".len()..]).is_none())
}

/// Returns `text` without a next question that the model makes up once it has stated its answer.
fn own_turn(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start_matches(['*', ' ', '\t']).to_ascii_lowercase();
        let before = &text[..at];
        if NEXT_TURN.iter().any(|mark| start.starts_with(mark)) && is_marked(before) {
            return before;
        }
        at += line.len();
    }
    text
}

/// Returns what follows the last mark of a final answer, such as *the answer is* or `####`.
pub fn after_mark(text: &str) -> Option<&str> {
    marked(own_turn(text))
}

/// Returns whether a text marks its answer, so that it can be read although the text is cut.
pub(super) fn is_marked(text: &str) -> bool {
    boxed(text).is_some() || marked(text).is_some()
}

fn marked(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let mut end = lower.len();
    while let Some((at, length)) =
        MARKS.iter().filter_map(|mark| Some((lower[..end].rfind(mark)?, mark.len()))).max()
    {
        let rest = text.get(at + length..)?;
        // "The answer is not 5" states nothing, and "answer:" at the very end announces what never came.
        let next = rest.trim_start_matches(BETWEEN).to_ascii_lowercase();
        if !next.is_empty() && !next.starts_with("not ") {
            return Some(rest);
        }
        end = at;
    }
    None
}

/// Returns `text` without the marks of Markdown and LaTeX that models put around results.
pub fn plain(text: &str) -> String {
    let text = text.replace("**", "").replace('`', "").replace("\\(", "").replace("\\)", "");
    text.replace("\\times", "*").replace("\\cdot", "*").replace("\\div", "/").replace("\\$", "$")
}

/// Returns the sentence that follows a mark.
fn sentence(rest: &str) -> &str {
    let rest =
        rest.trim_start_matches(BETWEEN).trim_start_matches("\\[").trim_start_matches("$$").trim_start();
    let mut depth = 0_i32;
    let mut previous = ' ';
    for (at, c) in rest.char_indices() {
        let next = rest[at + c.len_utf8()..].chars().next();
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '\n' if depth <= 0 => return &rest[..at],
            '!' | '?' | '.' if depth <= 0 && next.is_none_or(char::is_whitespace) => {
                // 5! is a factorial, and the full stop of "St." is none.
                let factorial = c == '!' && previous.is_ascii_digit() && next.is_some();
                let abbreviated = c == '.' && ends_in_abbreviation(&rest[..at]);
                if !factorial && !abbreviated {
                    return &rest[..at];
                }
            }
            _ => {}
        }
        previous = c;
    }
    rest
}

fn ends_in_abbreviation(text: &str) -> bool {
    let word = text.rsplit(|c: char| !c.is_alphabetic() && c != '.').next().unwrap_or("");
    ["Mr", "Mrs", "Ms", "Dr", "St", "vs", "p.m", "a.m", "U.S", "i.e", "e.g"].contains(&word)
}

/// Returns the number that a text states; see [`super::stated_number`].
pub(super) fn number(text: &str) -> Option<Value> {
    let text = own_turn(text).replace("**", "").replace("__", "").replace('`', "");
    if let Some(inside) = boxes(&text) {
        return Some(Value::read(&inside));
    }
    if is_cut(&text) {
        return None;
    }
    match after_mark(&text) {
        Some(rest) => number_in(sentence(rest)),
        None => last_number(&text),
    }
}

/// Returns the number that a sentence states as the answer.
fn number_in(sentence: &str) -> Option<Value> {
    let whole = Value::read(sentence);
    if whole.is_formula() {
        return Some(whole);
    }
    let lexed = lexer::prose(sentence);
    // After an equals sign stands what was computed.
    let runs = arithmetic(&lexed);
    if let Some(at) = lexed.iter().rposition(|one| matches!(one.token, Token::Equals)) {
        return runs.iter().find(|run| run.start > at).and_then(|run| value_of(&lexed[run.clone()]));
    }
    // A number that touches the next one is not all of what is stated.
    let touches = |one: &std::ops::Range<usize>, next: &std::ops::Range<usize>| {
        one.end == next.start && !lexed[next.start].spaced
    };
    if runs.windows(2).any(|pair| touches(&pair[0], &pair[1])) {
        return None;
    }
    match runs.as_slice() {
        [only] => value_of(&lexed[only.clone()]),
        [first, ..] if first.start == 0 => {
            // "84 of the 120" states 84; "5 times 3, so 15" does not state 5.
            let after = lexed.get(first.end).map(|one| &one.token);
            let computes = matches!(after, Some(Token::Word(word)) if is_operation(word));
            if computes { None } else { value_of(&lexed[first.clone()]) }
        }
        _ => None,
    }
}

fn is_operation(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "times"
            | "plus"
            | "minus"
            | "divided"
            | "multiplied"
            | "more"
            | "less"
            | "percent"
            | "to"
            | "or"
            | "and"
    )
}

/// Returns the last number of a text that marks none. A computation whose result does not follow is no answer.
fn last_number(text: &str) -> Option<Value> {
    let lexed = lexer::digits(text);
    let run = arithmetic(&lexed).pop()?;
    let computes =
        |one: &Lexed| matches!(one.token, Token::Plus | Token::Minus | Token::Times | Token::Factorial);
    let (first, rest) = lexed[run.clone()].split_first()?;
    let signed = matches!(first.token, Token::Minus | Token::Plus);
    let power_of_ten = rest.iter().any(|one| one.token == Token::Power);
    let computed = (!signed && computes(first)) || rest.iter().any(computes);
    if computed && !power_of_ten { None } else { value_of(&lexed[run]) }
}

/// Returns the value of some tokens, where they are one formula.
fn value_of(run: &[Lexed]) -> Option<Value> {
    let value = parser::value(run);
    value.is_formula().then_some(value)
}

/// Returns the places of the longest runs of tokens that arithmetic is made of and that hold a number.
fn arithmetic(lexed: &[Lexed]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 0..=lexed.len() {
        let inside = lexed.get(at).is_some_and(|one| one.token.is_arithmetic());
        if inside && !begins_another(lexed, at) {
            continue;
        }
        let run = trimmed(lexed, start..at);
        if lexed[run.clone()].iter().any(|one| one.token.is_number()) {
            runs.push(run);
        }
        start = if inside { at } else { at + 1 };
    }
    runs
}

/// Returns whether something of its own begins at a token: a number behind a number, as in "5 6", or a remark in
/// parentheses, as in "18 (in dollars)".
fn begins_another(lexed: &[Lexed], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &lexed[before].token) else { return false };
    let after_number = before.is_number() || matches!(before, Token::Close(_) | Token::Percent);
    if lexed[at].token.is_number() {
        let fraction = matches!(lexed.get(at + 1).map(|one| &one.token), Some(Token::Divide));
        return after_number && !(fraction && before.is_number());
    }
    lexed[at].token == Token::Open(Bracket::Round) && after_number && lexed[at].spaced
}

/// Drops operators and brackets that hang over: those of "(15)," or "- 5 +".
fn trimmed(lexed: &[Lexed], mut run: std::ops::Range<usize>) -> std::ops::Range<usize> {
    while run.end > run.start && lexed[run.end - 1].token.needs_more() {
        run.end -= 1;
    }
    while run.start < run.end && lexed[run.start].token.needs_less() {
        run.start += 1;
    }
    run
}

/// Returns the answer that a text states in any form; see [`super::stated_text`].
pub(super) fn any(text: &str) -> Option<String> {
    let text = own_turn(text);
    if let Some(inside) = boxes(text) {
        return squeezed(&inside);
    }
    match after_mark(text) {
        Some(rest) => squeezed(sentence(rest)),
        None => squeezed(text),
    }
}

/// Makes runs of space one, and drops emphasis and what ends a sentence.
fn squeezed(text: &str) -> Option<String> {
    let text = text.replace("**", "").replace("__", "").replace('`', "");
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    let bare = joined.trim_start_matches([':', ' ']).trim_end_matches(['.', ' ']);
    (!bare.is_empty()).then(|| bare.to_owned())
}
