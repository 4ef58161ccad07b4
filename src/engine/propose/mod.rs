//! Proposals: which kinds of edit are asked for, and how a reply becomes an edit.
//!
//! One file of this folder knows the forms that the model writes; this one draws the kinds and sorts
//! replies into candidates.

pub mod form;

use std::collections::HashSet;

use crate::{
    engine::seed,
    plan::{Edit, Origin, Plan},
    problem::Framing,
    session::{Candidate, CandidateStatus, State},
};
pub use form::EditKind;

/// One proposal to be asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The kind of edit.
    pub kind: EditKind,
    /// The seed of its sampler.
    pub seed: u64,
    /// The grammar of the rest of the line after [`EditKind::begin`].
    pub grammar: String,
}

/// Returns what to ask for in the present iteration: as many kinds as the settings say, drawn by weight
/// from those that the plan admits. Empty when it admits none.
pub fn asks(state: &State, framing: &Framing, plan: &Plan) -> Vec<Ask> {
    let settings = &state.settings;
    let possible: Vec<(EditKind, f64, String)> = EditKind::ALL
        .into_iter()
        .map(|kind| (kind, kind.weight(&settings.edits).max(0.0)))
        .filter(|(_, weight)| *weight > 0.0)
        .filter_map(|(kind, weight)| Some((kind, weight, form::grammar(kind, framing, plan, &state.ids)?)))
        .collect();
    let total: f64 = possible.iter().map(|(_, weight, _)| weight).sum();
    (0..settings.proposals)
        .filter_map(|index| {
            let mut left = total * seed::draw(settings.seed, "edit kind", state.iteration, index);
            let (kind, _, grammar) = possible.iter().find(|(_, weight, _)| {
                left -= weight;
                left < 0.0
            })?;
            let seed = seed::derive(settings.seed, "propose", state.iteration, index);
            Some(Ask { kind: *kind, seed, grammar: grammar.clone() })
        })
        .collect()
}

/// Sorts the replies to `asks` into candidates: applies each edit, and recognises what changes nothing,
/// what was seen before, and what two replies of this round have in common.
pub fn candidates(state: &State, plan: &Plan, asks: &[Ask], replies: &[String]) -> Vec<Candidate> {
    let mut new = HashSet::new();
    (0..)
        .zip(asks)
        .zip(replies)
        .map(|((index, ask), reply)| {
            let line = format!("{}{reply}", ask.kind.begin());
            let candidate = |edit, hash, status| Candidate {
                index,
                kind: ask.kind.name().into(),
                reply: line.trim().to_owned(),
                seed: ask.seed,
                edit,
                hash,
                status,
            };
            let edit = match form::parse(&line, plan, &state.ids) {
                Ok(edit) => edit,
                Err(reason) => return candidate(None, None, CandidateStatus::Invalid { reason }),
            };
            match edit.apply(plan, Origin::Refined) {
                Err(error) => {
                    let reason = format!("The edit cannot be applied: {error}.");
                    candidate(Some(edit), None, CandidateStatus::Invalid { reason })
                }
                Ok((next, _)) => {
                    let hash = next.hash();
                    let status = if hash == plan.hash() {
                        CandidateStatus::NoOp
                    } else if let Some(&first_seen) = state.seen.get(&hash) {
                        CandidateStatus::Duplicate { first_seen }
                    } else if new.insert(hash) {
                        CandidateStatus::Ready
                    } else {
                        CandidateStatus::Duplicate { first_seen: state.iteration }
                    };
                    candidate(Some(edit), Some(hash), status)
                }
            }
        })
        .collect()
}

/// Returns the candidate at `at` with a person's edit of `base` in place of its own. `None` where there is no
/// such candidate.
pub fn exchanged(state: &State, base: &Plan, at: usize, edit: &Edit) -> Option<Candidate> {
    let old = state.candidates.get(at)?;
    let own = old.view.as_ref().map(|view| view.plan.hash());
    let (hash, status) = match edit.apply(base, Origin::Human) {
        Err(error) => {
            let reason = format!("The edit cannot be applied: {error}.");
            (None, CandidateStatus::Invalid { reason })
        }
        Ok((next, _)) => {
            let hash = next.hash();
            let status = match state.seen.get(&hash) {
                _ if hash == base.hash() => CandidateStatus::NoOp,
                // What it led to itself is no other plan.
                Some(&first_seen) if own != Some(hash) => CandidateStatus::Duplicate { first_seen },
                Some(_) | None => CandidateStatus::Ready,
            };
            (Some(hash), status)
        }
    };
    Some(Candidate { edit: Some(edit.clone()), reply: edit.summary(), hash, status, ..old.candidate.clone() })
}
