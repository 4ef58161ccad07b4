//! What a model says, without what it thinks before and makes up after.

/// How reasoning models mark their thoughts: what opens them and what closes them, in lower case.
const THOUGHTS: [(&str, &str); 12] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<seed:think>", "</seed:think>"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|start_thinking|>", "<|end_thinking|>"),
    ("<|channel|>analysis", "<|channel|>final"),
];

/// Marks that open the answer itself, and those that close it.
const FRAMES: [(&str, &str); 4] = [
    ("<|message|>", "<|return|>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<|start_response|>", "<|end_response|>"),
    ("<answer>", "</answer>"),
];

/// Returns what `text` says to the reader, or `None` where it is all thought: opened and never closed.
///
/// Thoughts end at their last closing mark. The opening one may be missing, since many chat templates write it before
/// the model's turn begins. A closing mark inside a block of code belongs to the code.
pub fn spoken(text: &str) -> Option<&str> {
    Some(inside_frame(without_thoughts(text)?).trim())
}

fn without_thoughts(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let opens = THOUGHTS.iter().any(|(open, _)| lower.trim_start().starts_with(open));
    let closing = |close: &str| {
        let at =
            lower.rfind(close).filter(|at| opens || lower[..*at].matches("```").count().is_multiple_of(2))?;
        Some(at + close.len())
    };
    let rest = THOUGHTS.iter().filter_map(|(_, close)| closing(close)).max().unwrap_or(0);
    // What is opened behind the last end is never closed. In the middle of a sentence it is a word like any other.
    let opened = THOUGHTS
        .iter()
        .filter_map(|(open, _)| Some(rest + lower[rest..].find(open)?))
        .filter(|at| text[rest..*at].rsplit('\n').next().is_some_and(|line| line.trim().is_empty()))
        .min();
    let said = &text[rest..opened.unwrap_or(text.len())];
    (opened.is_none() || !said.trim().is_empty()).then_some(said)
}

fn inside_frame(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    for (open, close) in FRAMES {
        let Some(start) = lower.rfind(open).map(|at| at + open.len()) else { continue };
        let end = lower[start..].find(close).map_or(text.len(), |at| start + at);
        if !text[start..end].trim().is_empty() {
            return &text[start..end];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_not_spoken() {
        for text in [
            "<think>Is it 12? No.</think>\nIt is 15.",
            "It may be 8.\n</think>\n\nIt is 15.",
            "<THINK>\n\n</THINK>\n\nIt is 15.",
            "<think>a</think><think>b</think>It is 15.",
            "<thinking>The answer is 8</thinking> It is 15.",
            "[THINK]8[/THINK]It is 15.",
            "◁think▷8◁/think▷It is 15.",
            "<|begin_of_thought|>8<|end_of_thought|>\n<|begin_of_solution|>It is 15.<|end_of_solution|>",
            "<|channel|>analysis<|message|>8?<|end|><|start|>assistant<|channel|>final<|message|>It is 15.<|return|>",
            "<reasoning>8</reasoning><answer>It is 15.</answer>",
        ] {
            assert_eq!(spoken(text), Some("It is 15."), "{text}");
        }
        assert_eq!(spoken("<think>Perhaps the answer is 12, but"), None);
        assert_eq!(spoken("It is 15.\n<think>Or is it"), Some("It is 15."));
        assert_eq!(spoken("The tag <think> opens it."), Some("The tag <think> opens it."));
        assert_eq!(spoken(""), Some(""));
        let code = "```python\ndef f(s):\n    return s.split('</think>')\n```";
        assert_eq!(spoken(code), Some(code));
    }
}
