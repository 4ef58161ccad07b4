//! The model names the worst fault first, then fixes it.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, drawn, edit};
use model::Completion;
use plan::Edit;

/// Stands in the prompt where the critique will be.
pub const PLACE: &str = "{critique}";
/// Room for a critique, in tokens.
pub const TOKENS: u32 = 64;

/// The proposer.
pub struct Critique;

impl Proposer for Critique {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "critique",
            doc: "the model names the worst fault of the plan in a sentence, then writes an edit that fixes it",
            cost: "one sentence and one line written",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let (_, mut written) = edit::line(case, draw, &format!("A reviewer says of this plan: {PLACE}\n\n"))?;
        written.critique = Some(case.prompter.critique(case.plan));
        Some(Ask::new(self.doc().name, "critique", draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        edit::read_line(case, ask, reply)
    }
}

/// Puts what the reviewer said into its place, and books the tokens.
pub fn fill(ask: &mut Ask, said: &Completion) {
    ask.tokens = drawn(said);
    let How::Written(written) = &mut ask.how else { return };
    let said = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for message in &mut written.prompt.messages {
        if message.content.contains(PLACE) {
            message.content = message.content.replace(PLACE, &said);
        }
    }
    written.critique = None;
}
