//! First plans: the grammar under which they are written, and what is read of them.

use model::{Completion, StopReason, Thinking, ThinkingStop};
use plan::{
    ItemId, ItemKind, Plan,
    grammar::{LastLine, PlanGrammar},
    text::{ARROW, COLON},
};
use problem::Framing;
use session::Settings;

/// Room for one line of a plan, in tokens.
const LINE_TOKENS: u32 = 64;

/// Returns how many lines a plan may have.
pub fn most_items(settings: &Settings, framing: &Framing) -> usize {
    (settings.max_items as usize).min(framing.max_items).max(1)
}

/// Returns how many tokens a plan of `items` lines may have.
pub fn tokens(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX).saturating_mul(LINE_TOKENS)
}

/// Returns the grammar of a first plan: the family's kinds and forms, at most `max_items` lines.
pub fn grammar(framing: &Framing, max_items: usize) -> PlanGrammar {
    PlanGrammar {
        kinds: framing.patterns.iter().map(|pattern| pattern.kind).collect(),
        min_items: framing.min_items.min(max_items),
        max_items,
        max_text_chars: framing.max_text_chars,
        max_deps: 5,
        max_depth: u8::from(framing.patterns.iter().any(|pattern| pattern.kind == ItemKind::Subgoal)),
        text: framing.patterns.iter().map(|pattern| (pattern.kind, pattern.regex.clone())).collect(),
        last: framing.last.as_ref().map(|last| LastLine { kind: last.kind, pattern: last.regex.clone() }),
        ..PlanGrammar::default()
    }
}

/// Reads a plan. Where no grammar held the model to it, words may stand around its lines, which are passed over.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(text: &str) -> Result<Plan, String> {
    let bare = || text.lines().filter(|line| is_item(line)).collect::<Vec<_>>().join("\n");
    let plan = plan::parse(text)
        .or_else(|errors| plan::parse(&bare()).ok().filter(|plan| !plan.is_empty()).ok_or(errors));
    let plan = plan.map_err(|errors| errors.to_string())?;
    if plan.is_empty() { Err("it has no line".into()) } else { Ok(plan) }
}

/// Returns whether a line begins as an item does: `S2:` or `S2 <-`. What follows may be wrong, which is not passed over.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let (id, rest) = line.split_at(line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len()));
    let rest = rest.trim_start();
    id.parse::<ItemId>().is_ok() && [COLON, ARROW].iter().any(|sign| rest.starts_with(sign))
}

/// Reads what a model wrote; a draft that was cut at the limit of tokens is read up to its last whole line. What the model
/// thought before is not read.
///
/// # Errors
/// As [`read`], and when the model was still thinking at the end.
pub fn read_completion(completion: &Completion) -> Result<Plan, String> {
    let unclosed = |thinking: &&Thinking| thinking.stop == ThinkingStop::Unclosed;
    if completion.text.trim().is_empty() && completion.thinking.as_ref().filter(unclosed).is_some() {
        return Err("the model was still thinking when its reply ended".into());
    }
    let text = completion.text.as_str();
    match completion.stop {
        StopReason::MaxTokens | StopReason::Cancelled => {
            read(text.rfind('\n').map_or("", |end| &text[..end]))
        }
        StopReason::EndOfTurn | StopReason::GrammarComplete | StopReason::StopString => read(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_the_lines_of_a_plan_are_passed_over() {
        let bare = "C1: leo = 26\nS1 <- C1: paul = leo - 21\nS2 <- S1: answer = paul";
        let chatty = "Sure! Here is the plan:\n\n```\nC1: leo = 26\n\nS1 <- C1: paul = leo - 21\n```\nS2 <- S1: answer = \
                      paul\nThe answer is 5. S1 takes 21 away.\nS2 says so";
        assert_eq!(read(chatty).unwrap().hash(), read(bare).unwrap().hash());
    }

    #[test]
    fn a_thought_is_never_read_as_a_plan() {
        let thinking = |stop| Thinking { text: "S1: answer = 1".into(), tokens: 9, stop };
        let completion = |text: &str, stop| Completion {
            text: text.into(),
            tokens: Vec::new(),
            stop: StopReason::EndOfTurn,
            thinking: Some(thinking(stop)),
        };
        let read = read_completion(&completion("S1: answer = 2", ThinkingStop::Closed)).unwrap();
        assert_eq!(read.items()[0].text, "answer = 2");
        let none = read_completion(&completion("", ThinkingStop::Unclosed)).unwrap_err();
        assert!(none.contains("still thinking"), "{none}");
        assert_eq!(read_completion(&completion("", ThinkingStop::Forced)).unwrap_err(), "it has no line");
    }

    #[test]
    fn what_is_no_plan_is_said_of_the_whole_text() {
        assert_eq!(read("").unwrap_err(), "it has no line");
        assert!(read("First we add.\nThen we are done.").unwrap_err().contains("line 1"));
        assert!(
            read("S1 <- S9: a = 1\nDone.").unwrap_err().contains("S9"),
            "what it depends on is not there"
        );
    }
}
