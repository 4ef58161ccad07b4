//! Judges a recorded answer again: by this version, and by the gold answer as it is now.

use super::{anytime::Over, cell::Cell, columns::ResultRow, error::LabError, store::Store};
use engine::answer::{Citing, judgement, readable};
use plan::Plan;
use session::{Judgement, Outcome, Session, State};

/// A result whose answer is judged or read otherwise than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// By its name, the hash of all that determines its run.
    pub cell: String,
    /// Which it is, in a few words: arm, budget, problem and seed.
    pub label: String,
    /// The answer's value and how it was judged.
    pub was: (Option<String>, String),
    /// The same now.
    pub now: (Option<String>, String),
    /// Why that is so.
    pub why: String,
}

/// A result as its session has it, judged again.
pub(super) struct Again {
    pub row: ResultRow,
    /// What is to be said where its verdict is another one.
    pub changed: Option<Changed>,
}

impl Cell {
    /// Makes the result `old` of the cell again from its session; `None` where that is not whole, or not the one that `old`
    /// was made of.
    pub(super) fn judged_again(&self, experiment: &str, old: &ResultRow, store: &Store) -> Option<Again> {
        if old.record.read_from.is_some() {
            let row = store.read_off(experiment, self).ok()??;
            let changed = self.changed(old, &row, None);
            return Some(Again { row, changed });
        }
        let (dir, name) = store.session(&self.id);
        let session = Session::open(&dir).ok().filter(|session| session.damage.is_none())?;
        let mut state = State::replay(&session.records);
        if !made_of(old, &state) {
            return None;
        }
        let reason = self.judge(&mut state);
        let blobs = session.blobs();
        let over = Over { problem: &self.problem, records: &session.records, state: &state, blobs: &blobs };
        let moments = over.moments();
        let mut row = ResultRow::of(self, experiment, name, &session.records, &state);
        row.record.moments = moments;
        let changed = self.changed(old, &row, reason);
        Some(Again { row, changed })
    }

    /// Reads and judges the answer of `state` again; returns what the judge has to say of it.
    fn judge(&self, state: &mut State) -> Option<String> {
        let (answer, was) = (state.answer.as_ref()?, state.judgement.as_ref()?);
        let none = Plan::default();
        let plan = match answer.plan {
            None => &none,
            Some(hash) => state.answer_plan().map(|view| &view.plan).filter(|plan| plan.hash() == hash)?,
        };
        let family = self.problem.family();
        let citing = Citing::new(Some(plan).filter(|_| answer.cite), family.answer_form());
        let text = readable(family, citing.without(answer.text.trim()), answer.truncated);
        let verdict = family.check_answer(&self.problem, plan, &text);
        let value = family.answer_to(&self.problem, &text);
        let reason = verdict.reason.clone();
        let now = judgement(verdict);
        // Where code cannot be run on this machine, what was found elsewhere still holds.
        let unable = matches!(now, Judgement::NotJudged { .. })
            && self.problem.family == "code"
            && sandbox::shared().is_err();
        let now = if unable { was.clone() } else { now };
        state.judgement = Some(now);
        if let Some(answer) = &mut state.answer {
            answer.value = value;
        }
        reason
    }

    fn changed(&self, old: &ResultRow, new: &ResultRow, reason: Option<String>) -> Option<Changed> {
        let of = |row: &ResultRow| {
            (
                row.answer.answer.clone(),
                row.answer.judgement.clone().unwrap_or_else(|| "not judged".to_owned()),
            )
        };
        let (was, now) = (of(old), of(new));
        if was == now {
            return None;
        }
        let mut why = Vec::new();
        match &old.answer.gold_hash {
            Some(gold) if Some(gold) != new.answer.gold_hash.as_ref() => {
                why.push("the gold answer was corrected".to_owned())
            }
            Some(_) => {}
            None if was.0 == now.0 => {
                why.push("this version judges it otherwise, or the gold answer was corrected".to_owned());
            }
            None => {}
        }
        if was.0 != now.0 {
            why.push("this version reads the answer differently".to_owned());
        } else if why.is_empty() {
            why.push("this version judges it otherwise".to_owned());
        }
        why.extend(reason);
        let label = format!("{}, {}, seed {}", self.label(), self.name, self.settings.seed);
        Some(Changed { cell: self.id.to_string(), label, was, now, why: why.join("; ") })
    }
}

/// Whether a result was made of a session with this end. One of another run of the same cell may stand there, such as one
/// that was interrupted.
pub(super) fn made_of(row: &ResultRow, state: &State) -> bool {
    let ended = matches!(state.outcome, Some(Outcome::Answered | Outcome::Failed { .. }));
    ended && state.at_ms as f64 / 1e3 == row.record.seconds
}

/// What becomes of a finished cell whose gold answer is another one than it was judged by.
pub(super) enum CorrectedGold {
    /// Nothing: it is the same.
    Same,
    /// It was judged again, and this is what changed by it, if anything.
    Again(Option<Changed>),
    /// It cannot be judged again: its session is not there, or not whole.
    Stale,
}

impl Store {
    /// Judges a finished cell again where its gold answer was corrected since.
    ///
    /// # Errors
    /// When the result cannot be written.
    pub(super) fn correct(
        &self,
        experiment: &str,
        cell: &Cell,
        old: &ResultRow,
    ) -> Result<CorrectedGold, LabError> {
        let corrected = old.answer.gold_hash.as_ref().is_some_and(|gold| *gold != cell.gold_hash());
        if !corrected || old.record.failure.is_some() {
            return Ok(CorrectedGold::Same);
        }
        let Some(Again { row, changed }) = cell.judged_again(experiment, old, self) else {
            return Ok(CorrectedGold::Stale);
        };
        self.keep(&cell.id, &row)?;
        Ok(CorrectedGold::Again(changed))
    }
}
