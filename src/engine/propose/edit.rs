//! The model edits one line, in a form drawn by weight.

use super::{
    Ask, Case, Draw, How, Proposer, ProposerDoc, Written, by_weight,
    form::{self, EditKind},
    grammar, numbered,
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
    let possible: Vec<(f64, EditKind)> = EditKind::ALL
        .iter()
        .copied()
        .map(|kind| (kind.weight(&case.state.settings.edits).max(0.0), kind))
        .filter(|(weight, kind)| *weight > 0.0 && is_possible(*kind, case))
        .collect();
    let kind = by_weight(draw.share("edit kind"), possible)?;
    Some((kind, of_kind(case, kind, remark)?))
}

/// Returns what the model is to write for an edit of `kind`; `None` where the plan admits none.
pub(super) fn of_kind(case: &Case<'_>, kind: EditKind, remark: &str) -> Option<Written> {
    let grammar = grammar_of(kind, case)?;
    let prompt = case
        .prompter
        .propose(case.plan, case.check, &case.state.proposals.rejected, remark)
        .with_prefill(kind.begin());
    Some(Written { critique: None, prompt, grammar, max_tokens: TOKENS, stop: vec!["\n".into()] })
}

fn is_possible(kind: EditKind, case: &Case<'_>) -> bool {
    if case.prompter.surface().has_ids() {
        grammar::is_possible(kind, case.framing, case.plan, &case.state.ids)
    } else {
        numbered::grammar(kind, case).is_some()
    }
}

fn grammar_of(kind: EditKind, case: &Case<'_>) -> Option<String> {
    if case.prompter.surface().has_ids() {
        grammar::grammar(kind, case.framing, case.plan, &case.state.ids)
    } else {
        numbered::grammar(kind, case)
    }
}

pub(super) fn read_line(case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
    let begin = match &ask.how {
        How::Written(written) => written.prompt.prefill.as_str(),
        How::Made(_) => "",
    };
    let line = format!("{begin}{reply}");
    if case.prompter.surface().has_ids() {
        form::parse(&line, case.plan, &case.state.ids)
    } else {
        numbered::parse(&line, case)
    }
}
