//! The model rewrites the one line that the checker faults.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, Written, edit, form::EditKind, free, grammar};
use plan::Edit;
use session::{CheckFinding, Severity};

/// Room for a line, in tokens.
const TOKENS: u32 = 96;

/// The proposer.
pub struct Repair;

impl Proposer for Repair {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "repair",
            doc: "the model rewrites one line that the checker faults; errors before warnings",
            cost: "one line written",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let faults = faults(case);
        let fault = draw.one_of("fault", &faults)?;
        let item = fault.item?;
        let grammar = grammar::grammar_of(EditKind::Replace, case.framing, case.plan, item)?;
        let remark = format!("A checker found: {}\nMend this fault of {item}.\n\n", fault.message);
        let prompt = case.prompter.propose(case.plan, None, &case.state.rejected, &remark);
        let prompt = prompt.with_prefill(EditKind::Replace.begin());
        let written =
            Written { critique: None, prompt, grammar, max_tokens: TOKENS, stop: vec!["\n".into()] };
        Some(Ask::new(self.doc().name, "repair", draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        edit::read_line(case, ask, reply)
    }
}

/// The worst findings about items that may be changed: the errors, or the warnings where there is no error.
fn faults<'a>(case: &Case<'a>) -> Vec<&'a CheckFinding> {
    let free = free(case.plan);
    let about = |finding: &&CheckFinding| finding.item.is_some_and(|item| free.contains(&item));
    let all: Vec<&CheckFinding> =
        case.check.map_or(&[][..], |check| &check.findings).iter().filter(about).collect();
    let worst = all.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Warning);
    all.into_iter().filter(|finding| finding.severity == worst).collect()
}
