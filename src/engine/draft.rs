//! First plans: the grammar under which they are written, and what is read of them.

use crate::{
    llm::{Completion, StopReason},
    plan::{
        self, ItemKind, Plan,
        grammar::{LastLine, PlanGrammar},
    },
    problem::Framing,
    session::Settings,
};

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

/// Reads a plan.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(text: &str) -> Result<Plan, String> {
    let plan = plan::parse(text).map_err(|errors| errors.to_string())?;
    if plan.is_empty() { Err("it has no line".into()) } else { Ok(plan) }
}

/// Reads what a model wrote; a draft that was cut at the limit of tokens is read up to its last whole line.
///
/// # Errors
/// As [`read`].
pub fn read_completion(completion: &Completion) -> Result<Plan, String> {
    let text = completion.text.as_str();
    match completion.stop {
        StopReason::MaxTokens | StopReason::Cancelled => {
            read(text.rfind('\n').map_or("", |end| &text[..end]))
        }
        StopReason::EndOfTurn | StopReason::GrammarComplete | StopReason::StopString => read(text),
    }
}
