//! Proposers: where candidate edits come from. One file and one line of [`REGISTRY`] each.
//!
//! ```text
//! Case -> propose -> an edit that is made at once, or text that the model is to write -> read -> Candidate
//! ```
//!
//! Each proposal of an iteration draws its proposer by weight from those that can do something with the plan; the weights
//! are those of the settings, or follow what each proposer has brought in the run ([`session::Payoffs::weights`]).

pub(crate) mod critique;
pub(crate) mod crossover;
pub(crate) mod edit;
pub mod form;
pub mod grammar;
pub(crate) mod infill;
mod numbered;
pub(crate) mod random;
pub mod redraft;
pub(crate) mod regrow;
pub(crate) mod reorder;
pub(crate) mod repair;
pub mod restore;
mod seen;

use std::collections::{BTreeMap, HashSet};

use super::prompt::Prompter;
use crate::seed;
pub use form::EditKind;
use model::{Completion, ModelInfo, Prompt};
use plan::{Edit, Item, ItemId, Origin, Plan, edits_between, exchange};
use problem::Framing;
pub use seen::distinct_from;
use session::{Candidate, CandidateStatus, CheckSummary, Mode, Settings, State, Weights};

/// What a proposer is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct ProposerDoc {
    /// Its name in settings and on the screen.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// What it costs, in words.
    pub cost: &'static str,
    /// Its weight where settings have none for it.
    pub weight: f64,
}

/// What a proposer sees.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The run so far.
    pub state: &'a State,
    /// The forms of the problem's family.
    pub framing: &'a Framing,
    /// Makes prompts from the problem's public view.
    pub prompter: &'a Prompter,
    /// The plan to be changed.
    pub plan: &'a Plan,
    /// What the checker says of it.
    pub check: Option<&'a CheckSummary>,
}

/// One proposal to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Its place among the proposals of the iteration.
    pub index: u32,
    /// The source of all its randomness.
    pub seed: u64,
}

impl Draw {
    /// Returns a number drawn evenly from 0..1 for one use.
    pub fn share(&self, label: &str) -> f64 {
        seed::draw(self.seed, label, 0, 0)
    }

    /// Returns one of `items`, drawn evenly.
    pub fn one_of<'a, T>(&self, label: &str, items: &'a [T]) -> Option<&'a T> {
        items.get((self.share(label) * items.len() as f64) as usize)
    }
}

/// A proposal in progress.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The proposer's name.
    pub proposer: &'static str,
    /// What is shown as the kind of the candidate.
    pub kind: &'static str,
    /// The draw that it came from.
    pub draw: Draw,
    /// How the edit comes about.
    pub how: How,
    /// Tokens drawn for it so far; `None` where that is not known.
    pub tokens: Option<u64>,
}

impl Ask {
    /// Returns a proposal for which nothing was asked yet.
    pub fn new(proposer: &'static str, kind: &'static str, draw: Draw, how: How) -> Self {
        Self { proposer, kind, draw, how, tokens: Some(0) }
    }
}

/// How an edit comes about.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// It is already made.
    Made(Edit),
    /// The model writes it.
    Written(Box<Written>),
}

/// What the model is to write for a proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// A question whose reply is put into the prompt first, where the proposer asks one.
    pub critique: Option<Prompt>,
    /// What to continue.
    pub prompt: Prompt,
    /// The grammar of what follows the prompt's prefill.
    pub grammar: String,
    /// No more tokens than this.
    pub max_tokens: u32,
    /// Where it ends.
    pub stop: Vec<String>,
}

/// One source of edits.
pub trait Proposer: Sync {
    /// Returns what it is.
    fn doc(&self) -> ProposerDoc;

    /// Returns its weight in the settings.
    fn weight(&self, weights: &Weights) -> f64 {
        weights.get(self.doc().name)
    }

    /// Returns whether the model writes a whole plan for it, and not some lines.
    fn writes_plans(&self) -> bool {
        false
    }

    /// Returns whether its texts must be drawn independently of each other: those of plans that vote, and samples.
    fn is_independent(&self) -> bool {
        false
    }

    /// Returns what else it needs of the settings, as a sentence, where they do not have it.
    fn fault(&self, _: &Settings) -> Option<String> {
        None
    }

    /// Returns what it lacks in `model`, as a sentence, where it can do nothing with it.
    fn missing(&self, _model: &ModelInfo) -> Option<String> {
        None
    }

    /// Returns a proposal, or `None` where it could do nothing with this plan.
    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask>;

    /// Returns the edit in what the model wrote after the prefill.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String>;
}

/// All proposers.
pub const REGISTRY: &[&dyn Proposer] = &[
    &edit::LmEdit,
    &critique::Critique,
    &repair::Repair,
    &restore::Restore,
    &reorder::Reorder,
    &crossover::Crossover,
    &redraft::Redraft,
    &regrow::Regrow,
    &infill::Infill,
    &random::Random,
];

/// Returns the proposers that have a weight in `settings`, in the order of the registry.
pub fn active(settings: &Settings) -> impl Iterator<Item = &'static dyn Proposer> + use<'_> {
    let active = |proposer: &&'static dyn Proposer| proposer.weight(&settings.proposers) > 0.0;
    REGISTRY.iter().copied().filter(active)
}

/// Returns what proposers that have a weight lack in `model`, a sentence each.
pub fn lacking(settings: &Settings, model: &ModelInfo) -> Vec<String> {
    let refines = settings.mode == Mode::Refine;
    active(settings).filter(|_| refines).filter_map(|proposer| proposer.missing(model)).collect()
}

/// Returns the proposer called `name`.
pub fn find(name: &str) -> Option<&'static dyn Proposer> {
    REGISTRY.iter().copied().find(|proposer| proposer.doc().name == name)
}

/// How many draws of one proposer may lead to texts of which the model has none left.
const EXHAUSTED_DRAWS: u32 = 16;

/// Returns the proposals of the present iteration: as many as the settings say, each by a proposer drawn by
/// weight from those that have one for this plan. Empty when none has.
pub fn asks(case: &Case<'_>) -> Vec<Ask> {
    let settings = &case.state.settings;
    let weights = case.state.proposals.payoffs.weights(settings);
    (0..settings.proposals)
        .filter_map(|index| {
            let possible: Vec<(f64, Ask)> = active(settings)
                .filter_map(|proposer| {
                    Some((*weights.get(proposer.doc().name)?, possible(case, proposer, index)?))
                })
                .collect();
            by_weight(seed::draw(settings.seed, "proposer", case.state.iteration, index), possible)
        })
        .collect()
}

/// Returns a proposal for place `index` of the iteration, other than those for which the model had nothing left to write:
/// another line may still have something.
fn possible(case: &Case<'_>, proposer: &dyn Proposer, index: u32) -> Option<Ask> {
    let settings = &case.state.settings;
    (0..EXHAUSTED_DRAWS).find_map(|attempt| {
        let place = index + attempt * settings.proposals;
        let draw =
            Draw { index: place, seed: seed::derive(settings.seed, "propose", case.state.iteration, place) };
        proposer.propose(case, draw).filter(|ask| !seen::was_exhausted(case, ask))
    })
}

/// Returns one of `possible` by weight, where `share` is drawn evenly from 0..1.
fn by_weight<T>(share: f64, possible: Vec<(f64, T)>) -> Option<T> {
    let total: f64 = possible.iter().map(|(weight, _)| weight).sum();
    let mut left = total * share;
    possible.into_iter().find_map(|(weight, one)| {
        left -= weight;
        (left < 0.0).then_some(one)
    })
}

/// Sorts what `asks` led to into candidates: applies each edit, and recognises what changes nothing, what was
/// seen before, and what two proposals of this round have in common. `completions` are those of the written
/// ones, in their order.
pub fn candidates(case: &Case<'_>, asks: &[Ask], completions: &[Completion]) -> Vec<Candidate> {
    let mut new = HashSet::new();
    let mut completions = completions.iter();
    (0..)
        .zip(asks)
        .map(|(index, ask)| {
            let mut found = match &ask.how {
                How::Made(edit) => {
                    let made = candidate(index, ask, edit.summary(), Ok(edit.clone()));
                    Candidate { tokens: ask.tokens, ..made }
                }
                How::Written(text) => match completions.next() {
                    Some(completion) => written(case, index, ask, text, completion),
                    None => candidate(index, ask, String::new(), Err("The model wrote nothing.".into())),
                },
            };
            found.judge(case, &mut new);
            found
        })
        .collect()
}

/// Returns what the model's `completion` of `text` is.
fn written(case: &Case<'_>, index: u32, ask: &Ask, text: &Written, completion: &Completion) -> Candidate {
    let tokens = ask.tokens.zip(drawn(completion)).map(|(before, now)| before + now);
    if seen::is_exhausted(completion) {
        let nothing = candidate(index, ask, String::new(), Err(seen::EXHAUSTED.into()));
        return Candidate { tokens, drawn: seen::drawn(case, ask, completion), ..nothing };
    }
    let reply = format!("{}{}", text.prompt.prefill, completion.text);
    let read = find(ask.proposer).map(|proposer| proposer.read(case, ask, &completion.text));
    let edit = read.unwrap_or_else(|| Err("No proposer can parse this reply.".into()));
    let confidence = restore::confidence(case.plan, edit.as_ref().ok(), completion);
    Candidate {
        confidence,
        pressure: completion.pressure(),
        tokens,
        drawn: seen::drawn(case, ask, completion),
        ..candidate(index, ask, reply, edit)
    }
}

/// Returns how many tokens a text took; `None` where a server does not say.
fn drawn(completion: &Completion) -> Option<u64> {
    (!completion.tokens.is_empty() || completion.text.is_empty()).then(|| completion.drawn())
}

fn candidate(index: u32, ask: &Ask, reply: String, edit: Result<Edit, String>) -> Candidate {
    let (edit, status) = match edit {
        Ok(edit) => (Some(edit), CandidateStatus::Ready),
        Err(reason) => (None, CandidateStatus::Invalid { reason }),
    };
    Candidate {
        index,
        kind: ask.kind.into(),
        proposer: Some(ask.proposer.into()),
        reply: reply.trim().to_owned(),
        seed: ask.draw.seed,
        edit,
        hash: None,
        confidence: BTreeMap::new(),
        pressure: None,
        tokens: None,
        status,
        drawn: None,
        canvas: None,
    }
}

/// What becomes of a candidate before any scoring.
trait Judge {
    fn judge(&mut self, case: &Case<'_>, new: &mut HashSet<plan::PlanHash>);
}

impl Judge for Candidate {
    fn judge(&mut self, case: &Case<'_>, new: &mut HashSet<plan::PlanHash>) {
        let Some(edit) = &self.edit else { return };
        match edit.apply(case.plan, Origin::Refined) {
            Err(error) => {
                self.status =
                    CandidateStatus::Invalid { reason: format!("The edit cannot be applied: {error}.") };
            }
            Ok((next, _)) => {
                let hash = next.hash();
                self.hash = Some(hash);
                self.status = if hash == case.plan.hash() {
                    CandidateStatus::NoOp
                } else if let Some(&first_seen) = case.state.proposals.seen.get(&hash) {
                    CandidateStatus::Duplicate { first_seen }
                } else if new.insert(hash) {
                    CandidateStatus::Ready
                } else {
                    CandidateStatus::Duplicate { first_seen: case.state.iteration }
                };
            }
        }
    }
}

/// The items that refinement may change: the model does not see the muted ones, and may not change the pinned.
fn free_items(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.items().iter().filter(|item| !item.muted && !item.pinned)
}

fn free(plan: &Plan) -> Vec<ItemId> {
    free_items(plan).map(|item| item.id).collect()
}

/// Returns what lies between two plans.
pub(crate) fn edit_between(old: &Plan, new: Plan) -> Edit {
    let edit = edits_between(old, &new);
    if let Edit::Restore { .. } = edit { exchange(old, &new) } else { edit }
}

/// Returns the edit that makes `new` of the plan. Items that say what they said keep their origin.
fn rewritten(case: &Case<'_>, new: Plan) -> Edit {
    let origin = |item: &Item| {
        let same = case.plan.get(item.id).filter(|old| old.text == item.text);
        same.map_or(Origin::Refined, |old| old.origin)
    };
    let items = new.items().iter().map(|item| Item { origin: origin(item), ..item.clone() });
    let items = items.collect();
    exchange(case.plan, &Plan::new(items).unwrap_or(new))
}

/// Returns what lies between the plan and `new`: typed edits where their kinds say it all, and otherwise an exchange of
/// lines.
fn edit_to(case: &Case<'_>, new: Plan) -> Edit {
    let edit = edits_between(case.plan, &new);
    if let Edit::Restore { .. } = edit { rewritten(case, new) } else { edit }
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
            let status = match state.proposals.seen.get(&hash) {
                _ if hash == base.hash() => CandidateStatus::NoOp,
                // What it led to itself is no other plan.
                Some(&first_seen) if own != Some(hash) => CandidateStatus::Duplicate { first_seen },
                Some(_) | None => CandidateStatus::Ready,
            };
            (Some(hash), status)
        }
    };
    Some(Candidate {
        edit: Some(edit.clone()),
        reply: edit.summary(),
        hash,
        confidence: BTreeMap::new(),
        pressure: None,
        status,
        ..old.candidate.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_each_has_a_weight_of_its_own() {
        let mut weights = Weights::none();
        assert!(REGISTRY.iter().all(|proposer| proposer.weight(&weights) == 0.0));
        for (at, proposer) in REGISTRY.iter().enumerate() {
            weights.set(proposer.doc().name, 1.0 + at as f64);
        }
        let found: Vec<f64> = REGISTRY.iter().map(|proposer| proposer.weight(&weights)).collect();
        assert_eq!(found, (0..REGISTRY.len()).map(|at| 1.0 + at as f64).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_drawn_follows_the_weights() {
        let drawn = |share| by_weight(share, vec![(1.0, 'a'), (3.0, 'b')]);
        assert_eq!(
            (drawn(0.0), drawn(0.24), drawn(0.26), drawn(0.99)),
            (Some('a'), Some('a'), Some('b'), Some('b'))
        );
        assert_eq!(by_weight::<char>(0.5, vec![]), None);
    }
}
