//! Answers from several moments: the one that the run ended with, and those decoded on request from the plans of
//! other moments.

use crate::core::overview::Overview;
use engine::Command;
use model::Cost;
use plan::PlanHash;
use session::{Answer, Judgement, Purpose, ReadError, replay::Replay};

/// An answer with the moment that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The event at which its plan was the incumbent; of the run's own answer the one that recorded it.
    pub moment: u64,
    /// Whether it is the one that the run ended with.
    pub is_final: bool,
    /// The iteration of that moment.
    pub iteration: u32,
    /// The total of the plan that it was decoded from.
    pub total: Option<f64>,
    pub answer: Answer,
    /// How it compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// What decoding it cost; absent where the record does not tell.
    pub cost: Option<Cost>,
}

/// All answers of the session, and those that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// The run's own one first, then the others in the order in which they came.
    pub entries: Vec<Entry>,
    /// Events from whose plans an answer was asked for that has not come.
    pub asked: Vec<u64>,
}

impl Answers {
    /// Returns how many there are with those that were asked for.
    pub fn count(&self) -> usize {
        self.entries.len() + self.asked.len()
    }

    /// Returns the answer from this plan, by its place.
    pub fn with_plan(&self, plan: PlanHash) -> Option<usize> {
        self.entries.iter().position(|entry| entry.answer.plan == Some(plan))
    }

    /// Gathers all answers of the session. What cannot be read is left out; the replay says so.
    pub fn collect(&mut self, replay: &Replay, overview: &Overview) {
        self.entries = gathered(replay, overview).unwrap_or_default();
        let has_come = |asked: u64| self.entries.iter().any(|entry| !entry.is_final && entry.moment == asked);
        self.asked.retain(|asked| !has_come(*asked));
    }

    /// Forgets what was asked for: the engine refused something, which may be that. An answer that still comes is
    /// shown anyway.
    pub fn refused(&mut self) {
        self.asked.clear();
    }

    /// Forgets what never reached the engine.
    pub fn undelivered(&mut self, command: &Command) {
        if let Command::AnswerFrom { seq, .. } = command {
            self.asked.retain(|asked| asked != seq);
        }
    }
}

fn gathered(replay: &Replay, overview: &Overview) -> Result<Vec<Entry>, ReadError> {
    let calls = &overview.calls;
    let cost = |before: u64, purposes: &[Purpose]| {
        let call = calls.iter().rfind(|call| call.seq < before && purposes.contains(&call.purpose))?;
        call.cost()
    };
    let end = replay.walk(replay.len()..replay.len())?;
    let newest = end.state();
    let mut entries = Vec::new();
    if let (Some(answer), Some(moment)) = (&newest.answer, overview.answered) {
        entries.push(Entry {
            moment,
            is_final: true,
            iteration: newest.iteration,
            total: newest.answer_plan().and_then(|view| view.total()),
            answer: answer.clone(),
            judgement: newest.judgement.clone(),
            cost: cost(moment, &[Purpose::Answer, Purpose::Direct]),
        });
    }
    for side in &newest.side_answers {
        let at = (side.from as usize + 1).min(replay.len());
        let then = replay.walk(at..at)?;
        entries.push(Entry {
            moment: side.from,
            is_final: false,
            iteration: then.state().iteration,
            total: then.state().incumbent.as_ref().and_then(|view| view.total()),
            answer: side.answer.clone(),
            judgement: Some(side.judgement.clone()),
            cost: cost(side.seq, &[Purpose::SideAnswer]),
        });
    }
    Ok(entries)
}
