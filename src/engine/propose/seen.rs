//! What the model wrote before in the same situation: it is not asked for the same text twice.

use super::{Ask, Case, How, find};
use crate::seed;
use model::{Completion, EarlierText, StopReason};
use session::Drawn;

/// Why there is no proposal where the model has no other text.
pub(super) const EXHAUSTED: &str =
    "The model has nothing new to propose here: all that it would write was proposed for this plan before.";

/// Returns what the text for `ask` must differ from; `None` where it may be any: the settings say so, the backend cannot
/// do it, or the proposer's texts have to be independent of each other, as whole plans are that vote.
pub fn distinct_from(case: &Case<'_>, ask: &Ask) -> Option<Vec<EarlierText>> {
    let able = case.state.model.as_ref().is_some_and(|model| model.draws_distinct());
    let independent = find(ask.proposer).is_some_and(|proposer| proposer.is_independent());
    if !case.state.settings.distinct || !able || independent {
        return None;
    }
    let situation = situation(case, ask)?;
    let same =
        case.state.proposals.drawn.iter().filter(|drawn| drawn.situation == situation && !drawn.exhausted);
    Some(same.map(|drawn| drawn.seen.clone()).collect())
}

/// Returns what is to be remembered of a text that was written for `ask`.
pub(super) fn drawn(case: &Case<'_>, ask: &Ask, completion: &Completion) -> Option<Drawn> {
    let situation = situation(case, ask)?;
    if is_exhausted(completion) {
        return Some(Drawn { situation, seen: EarlierText::default(), exhausted: true });
    }
    Some(Drawn { situation, seen: completion.seen()?, exhausted: false })
}

/// Returns whether the model had nothing new to write the last time that the same was asked.
pub(super) fn was_exhausted(case: &Case<'_>, ask: &Ask) -> bool {
    let mut exhausted = case.state.proposals.drawn.iter().filter(|drawn| drawn.exhausted).peekable();
    exhausted.peek().is_some()
        && situation(case, ask).is_some_and(|now| exhausted.any(|drawn| drawn.situation == now))
}

/// Returns whether nothing was written because nothing new was left.
pub(super) fn is_exhausted(completion: &Completion) -> bool {
    completion.stop == StopReason::Exhausted
}

/// A number for all in which two proposals must agree for their texts to be alternatives: proposer and kind, the plan,
/// the grammar, and where the text begins. The rest of a conversation may differ, as in the edits that were rejected.
fn situation(case: &Case<'_>, ask: &Ask) -> Option<u64> {
    let How::Written(written) = &ask.how else { return None };
    let all = (
        ask.proposer,
        ask.kind,
        case.plan.hash(),
        &written.grammar,
        &written.prompt.raw,
        &written.prompt.prefill,
    );
    Some(seed::derive(0, &format!("{all:?}"), 0, 0))
}
