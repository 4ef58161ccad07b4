//! The history of one item of the plan.

use super::{
    CandidateView,
    event::{CallId, Event, Record, Subject},
    purpose::Purpose,
    reader::ReadError,
    replay::Replay,
    score::Ruling,
    state::State,
};
use crate::events;
use plan::{Item, ItemId};

/// Who changed an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Author {
    /// The model, in the first draft.
    Draft,
    /// The model, in an accepted edit.
    Model,
    /// A person, by an edit, an undo, a redo, or a candidate edited by hand.
    Human,
    /// Injected noise.
    Noise,
}

impl Author {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Model => "model",
            Self::Human => "human",
            Self::Noise => "noise",
        }
    }
}

/// One change of an item of the incumbent.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemChange {
    /// The event that made it.
    pub seq: u64,
    /// The iteration; 0 before the first.
    pub iteration: u32,
    /// Who made it.
    pub author: Author,
    /// The whole edit in one line, of which this was a part.
    pub summary: String,
    /// The item before; none when it came in.
    pub before: Option<Item>,
    /// The item after; none when it went.
    pub after: Option<Item>,
    /// The seed that the edit, or the noise, was drawn with.
    pub seed: Option<u64>,
    /// The call in which the model wrote it.
    pub call: Option<CallId>,
    /// The total of the plan before.
    pub total_before: Option<f64>,
    /// The total of the plan after, once it was scored.
    pub total_after: Option<f64>,
    /// The gate's sentence, where a gate decided.
    pub reason: Option<String>,
}

/// Returns every change of the item called `id` of the incumbent, oldest first: who brought it in, changed
/// it or took it out, and what that did to the score.
pub fn why(records: &[Record], id: ItemId) -> Vec<ItemChange> {
    let mut history = History::of(id);
    records.iter().for_each(|record| history.take(record));
    history.changes
}

/// Returns what [`why`] does, of events that may lie on disk.
///
/// # Errors
/// When an event cannot be read.
pub fn why_in(replay: &Replay, id: ItemId) -> Result<Vec<ItemChange>, ReadError> {
    let mut history = History::of(id);
    let mut walk = replay.walk(0..replay.len())?;
    while let Some((_, record)) = walk.step()? {
        history.take(record);
    }
    Ok(history.changes)
}

struct History {
    id: ItemId,
    state: State,
    /// The last call that wrote a plan or edits.
    call: Option<CallId>,
    changes: Vec<ItemChange>,
    /// Whether the newest change waits for the score of its plan.
    unscored: bool,
}

/// What an event says of the change that it made.
struct Source {
    author: Author,
    summary: String,
    seed: Option<u64>,
    by_model: bool,
    reason: Option<String>,
}

impl Source {
    fn by(author: Author, summary: String) -> Self {
        Self { author, summary, seed: None, by_model: false, reason: None }
    }
}

impl History {
    fn of(id: ItemId) -> Self {
        Self { id, state: State::default(), call: None, changes: Vec::new(), unscored: false }
    }

    fn take(&mut self, record: &Record) {
        let before = self.item();
        let total_before = self.total();
        let writes = |purpose| matches!(purpose, Purpose::Draft | Purpose::Propose);
        if let Event::CallFinished { call, .. } = record.event
            && self.state.purpose(call).is_some_and(writes)
        {
            self.call = Some(call);
        }
        self.state.apply(record);
        if let Event::Scored { subject: Subject::Incumbent, .. } = record.event
            && std::mem::take(&mut self.unscored)
        {
            let total = self.total();
            if let Some(change) = self.changes.last_mut() {
                change.total_after = total;
            }
        }
        let Some(source) = self.source(&record.event) else { return };
        let after = self.item();
        let replaced = self.state.incumbent.as_ref().is_some_and(|view| view.score.is_none());
        if before == after {
            // A score that comes now is that of a later plan.
            self.unscored &= !replaced;
            return;
        }
        self.unscored = replaced;
        self.changes.push(ItemChange {
            seq: record.seq,
            iteration: self.state.iteration,
            author: source.author,
            summary: source.summary,
            before,
            after,
            seed: source.seed,
            call: self.call.filter(|_| source.by_model),
            total_before,
            total_after: self.total(),
            reason: source.reason,
        });
    }

    fn item(&self) -> Option<Item> {
        self.state.incumbent.as_ref()?.plan.get(self.id).cloned()
    }

    fn total(&self) -> Option<f64> {
        self.state.incumbent.as_ref()?.total()
    }

    /// Where a change by `event` comes from; none for events that leave the plan alone.
    fn source(&self, event: &Event) -> Option<Source> {
        match event {
            Event::Drafted { .. } => {
                Some(Source { by_model: true, ..Source::by(Author::Draft, "first draft".into()) })
            }
            Event::HumanEdited { edit } => Some(Source::by(Author::Human, edit.summary())),
            Event::Undone { change, .. } => {
                Some(Source::by(Author::Human, format!("undo of event {change}")))
            }
            Event::Redone { change, .. } => {
                Some(Source::by(Author::Human, format!("redo of event {change}")))
            }
            Event::Noised { spec, .. } => {
                Some(Source { seed: Some(spec.seed), ..Source::by(Author::Noise, spec.to_string()) })
            }
            Event::Decided { .. } => self.state.candidates.iter().find_map(accepted),
            Event::Checked { .. }
            | Event::CanvasSet { .. }
            | Event::Proposed { .. }
            | Event::Scored { .. }
            | Event::Voted { .. }
            | Event::Rescored { .. }
            | Event::Turned { .. }
            | events!(Run | Call | Setting | Person | Answer) => None,
        }
    }
}

fn accepted(view: &CandidateView) -> Option<Source> {
    let verdict = view.verdict.as_ref().filter(|verdict| verdict.ruling == Ruling::Accept)?;
    let candidate = &view.candidate;
    let summary = candidate.summary();
    let reason = Some(verdict.reason.clone());
    Some(if view.edited {
        Source { reason, ..Source::by(Author::Human, summary) }
    } else {
        Source { reason, seed: Some(candidate.seed), by_model: true, ..Source::by(Author::Model, summary) }
    })
}
