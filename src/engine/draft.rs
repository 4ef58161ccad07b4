//! First plans: how long they may be, and what is read of them.

use super::prompt::Prompter;
use model::{Completion, StopReason, Thinking, ThinkingStop};
use problem::Framing;
use session::Settings;
use surface::ReadPlan;

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

/// Returns what is before the last line, which is not whole where a text was cut.
pub fn whole_lines(text: &str) -> &str {
    text.rfind('\n').map_or("", |end| &text[..end])
}

/// Reads what a model wrote; a draft that was cut at the limit of tokens is read up to its last whole line. What the model
/// thought before is not read.
///
/// # Errors
/// What is wrong with it, in words; also when the model was still thinking at the end.
pub fn read_completion(prompter: &Prompter, completion: &Completion) -> Result<ReadPlan, String> {
    let unclosed = |thinking: &&Thinking| thinking.stop == ThinkingStop::Unclosed;
    if completion.text.trim().is_empty() && completion.thinking.as_ref().filter(unclosed).is_some() {
        return Err("the model was still thinking when its reply ended".into());
    }
    let text = completion.text.as_str();
    let whole = match completion.stop {
        StopReason::MaxTokens | StopReason::Cancelled | StopReason::Exhausted => whole_lines(text),
        StopReason::EndOfTurn | StopReason::GrammarComplete | StopReason::StopString => text,
    };
    prompter.read(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use problem::Problem;

    fn read(surface: &str, text: &str, stop: StopReason) -> Result<String, String> {
        let settings = Settings { surface: surface.into(), ..Settings::default() };
        let prompter = Prompter::of(&Problem::new("p", "math", "How many?"), &settings);
        let completion = Completion { text: text.into(), tokens: Vec::new(), stop, thinking: None };
        let read = read_completion(&prompter, &completion)?;
        Ok(plan::print(&read.plan, plan::Style::Bare))
    }

    #[test]
    fn words_around_the_lines_of_a_plan_are_passed_over() {
        let bare = "C1: leo = 26\nS1 <- C1: paul = leo - 21\nS2 <- S1: answer = paul";
        let chatty = "Sure! Here is the plan:\n\n```\nC1: leo = 26\n\nS1 <- C1: paul = leo - 21\n```\nS2 <- S1: answer = \
                      paul\nThe answer is 5. S1 takes 21 away.\nS2 says so";
        assert_eq!(read("items", chatty, StopReason::EndOfTurn).as_deref(), Ok(bare));
    }

    #[test]
    fn a_thought_is_never_read_as_a_plan() {
        let prompter = Prompter::of(&Problem::new("p", "math", "How many?"), &Settings::default());
        let thinking = |stop| Thinking { text: "S1: answer = 1".into(), tokens: 9, stop };
        let completion = |text: &str, stop| Completion {
            text: text.into(),
            tokens: Vec::new(),
            stop: StopReason::EndOfTurn,
            thinking: Some(thinking(stop)),
        };
        let read = |completion| read_completion(&prompter, &completion);
        let closed = read(completion("S1: answer = 2", ThinkingStop::Closed)).unwrap();
        assert_eq!(closed.plan.items()[0].text, "answer = 2");
        let none = read(completion("", ThinkingStop::Unclosed)).unwrap_err();
        assert!(none.contains("still thinking"), "{none}");
        assert_eq!(read(completion("", ThinkingStop::Forced)).unwrap_err(), "it has no line");
    }

    #[test]
    fn what_is_no_plan_is_said_of_the_whole_text() {
        let items = |text| read("items", text, StopReason::EndOfTurn);
        assert_eq!(items("").unwrap_err(), "it has no line");
        assert!(items("First we add.\nThen we are done.").unwrap_err().contains("line 1"));
        let dangling = items("S1 <- S9: a = 1\nDone.").unwrap_err();
        assert!(dangling.contains("S9"), "what it depends on is not there: {dangling}");
    }

    #[test]
    fn a_program_that_was_cut_is_a_plan_up_to_its_last_whole_line() {
        let cut = "    leo = 26\n    paul = leo - 21\n    return paul";
        assert_eq!(
            read("code", cut, StopReason::MaxTokens).as_deref(),
            Ok("C1: leo = 26\nS1 <- C1: paul = leo - 21"),
        );
        assert!(read("code", cut, StopReason::EndOfTurn).unwrap().ends_with("S2 <- S1: answer = paul"));
        assert_eq!(
            read("code", "    for i in x:\n        a = 1", StopReason::EndOfTurn).unwrap_err(),
            "line 1, column 5: a plan has no loops; write each step as an assignment"
        );
        assert_eq!(read("code", "    leo = 2", StopReason::MaxTokens).unwrap_err(), "it has no line");
    }
}
