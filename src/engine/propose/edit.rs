//! The model edits one line, in a form drawn by weight.

use super::{
    Ask, Case, Draw, How, Proposer, ProposerDoc, Written, by_weight,
    form::{self, EditKind},
    grammar,
};
use plan::Edit;

/// Room for an edit, in tokens.
const TOKENS: u32 = 96;

/// The proposer.
pub struct LmEdit;

impl Proposer for LmEdit {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "edit",
            doc: "the model writes one small edit, of a kind drawn by weight",
            cost: "one line written",
            weight: 1.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let (kind, written) = line(case, draw, "")?;
        Some(Ask::new(self.doc().name, kind.name(), draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        read_line(case, ask, reply)
    }
}

/// Draws a kind of edit that the plan admits, and returns what the model is to write; `remark` stands before the
/// instruction.
pub(super) fn line(case: &Case<'_>, draw: Draw, remark: &str) -> Option<(EditKind, Written)> {
    let (framing, plan, ids) = (case.framing, case.plan, &case.state.ids);
    let possible: Vec<(f64, EditKind)> = EditKind::ALL
        .into_iter()
        .map(|kind| (kind.weight(&case.state.settings.edits).max(0.0), kind))
        .filter(|(weight, kind)| *weight > 0.0 && grammar::is_possible(*kind, framing, plan, ids))
        .collect();
    let kind = by_weight(draw.share("edit kind"), possible)?;
    let grammar = grammar::grammar(kind, framing, plan, ids)?;
    let prompt =
        case.prompter.propose(case.plan, case.check, &case.state.rejected, remark).with_prefill(kind.begin());
    Some((kind, Written { critique: None, prompt, grammar, max_tokens: TOKENS, stop: vec!["\n".into()] }))
}

pub(super) fn read_line(case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
    let begin = match &ask.how {
        How::Written(written) => written.prompt.prefill.as_str(),
        How::Made(_) => "",
    };
    form::parse(&format!("{begin}{reply}"), case.plan, &case.state.ids)
}
