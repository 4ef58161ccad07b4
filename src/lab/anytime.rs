//! What a run would have answered had it been stopped earlier, read off its record.
//!
//! Where answers cost no token, as those of an evaluator do, a run can be stopped at any moment: the answer is that of the
//! incumbent. A majority of answers without a plan can be stopped too: those that are whole vote. Other runs
//! write their answer at the end, and say nothing of an earlier one.

use serde::{Deserialize, Serialize};

use super::{cell::Cell, columns::ResultRow, error::LabError, rejudge::made_of, store::Store};
use engine::{answer::judgement, decoding::is_evaluated, prompt::Prompter, reading::AnswerReader};
use model::{Completion, Output, Reply};
use problem::{AnswerForm, Problem};
use session::{
    Answer, AnswerChoice, Blobs, Event, Judgement, Mode, Outcome, Phase, Poll, Purpose, Record,
    RefinementStop, Session, Settings, State,
};

/// From how many generated tokens on a run that is stopped has an answer with this verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerMoment {
    /// Tokens drawn until then.
    pub generated: u64,
    /// Whether the answer is right; absent where nobody can judge.
    pub right: Option<bool>,
}

/// An answer that stood from a moment on.
struct Stand {
    generated: u64,
    /// How many records there were by then.
    records: usize,
    answer: Answer,
    judgement: Judgement,
}

/// A run that is over.
pub(super) struct Over<'a> {
    pub problem: &'a Problem,
    pub records: &'a [Record],
    pub state: &'a State,
    pub blobs: &'a Blobs,
}

impl Store {
    /// Returns the row of `cell` as the record of the run with a larger budget says it; `None` where there is no such run, or
    /// its record does not say.
    ///
    /// # Errors
    /// When a result cannot be read.
    pub(super) fn read_off(&self, experiment: &str, cell: &Cell) -> Result<Option<ResultRow>, LabError> {
        let Some(id) = &cell.reads else { return Ok(None) };
        let Some(longer) = self.finished(id)?.filter(|row| row.record.failure.is_none()) else {
            return Ok(None);
        };
        let session = Session::open(&self.session(id).0).ok().filter(|session| session.damage.is_none());
        let Some(session) = session else { return Ok(None) };
        let state = State::replay(&session.records);
        if !made_of(&longer, &state) {
            return Ok(None);
        }
        let blobs = session.blobs();
        let over = Over { problem: &cell.problem, records: &session.records, state: &state, blobs: &blobs };
        Ok(over.read(cell, experiment, &longer))
    }
}

impl Over<'_> {
    /// Returns which verdict the run would have had from when on, had it been stopped; `None` where its record does not say.
    pub(super) fn moments(&self) -> Option<Vec<AnswerMoment>> {
        let moment =
            |stand: &Stand| AnswerMoment { generated: stand.generated, right: stand.judgement.is_right() };
        let mut moments: Vec<AnswerMoment> = self.stands()?.iter().map(moment).collect();
        moments.dedup_by_key(|moment| moment.right);
        Some(moments)
    }

    /// Returns the row that `cell` would have, whose settings are those of this run but for a smaller budget of generated
    /// tokens; `None` where the record does not say. `longer` is the row of this run.
    pub(super) fn read(&self, cell: &Cell, experiment: &str, longer: &ResultRow) -> Option<ResultRow> {
        let budget = cell.budget as u64;
        let total = self.state.run_cost().generated;
        let stands = if self.is_one_chain() { None } else { Some(self.stands()?) };
        let read_from = Some(longer.run.cell.clone());
        if total <= budget {
            let mut row = longer.clone();
            (row.run.cell, row.run.budget) = (cell.id.to_string(), cell.budget);
            (row.spent.share, row.record.read_from) = (total as f64 / cell.budget, read_from);
            return Some(row);
        }
        let stand = stands?.into_iter().rfind(|stand| stand.generated <= budget)?;
        let records = self.stopped(&stand, budget);
        let session = longer.record.session.clone();
        let mut row = ResultRow::of(cell, experiment, session, &records, &State::replay(&records));
        let until = |moments: &Vec<AnswerMoment>| {
            moments.iter().copied().filter(|moment| moment.generated <= budget).collect()
        };
        // What the stopped call had drawn is spent too.
        (row.spent.generated, row.spent.share) = (budget, budget as f64 / cell.budget);
        row.record.moments = longer.record.moments.as_ref().map(until);
        row.record.read_from = read_from;
        Some(row)
    }

    /// One complete answer without a plan: a budget that it keeps to does not change it.
    fn is_one_chain(&self) -> bool {
        let settings = &self.state.settings;
        let plain = settings.mode == Mode::Direct && settings.answers.n <= 1;
        let whole = self.state.answer.as_ref().is_some_and(|answer| !answer.truncated);
        plain && whole && settings.chain.extend == 0 && settings.thinking.tokens == 0
    }

    fn stands(&self) -> Option<Vec<Stand>> {
        let settings = &self.state.settings;
        let rescored = self.records.iter().any(|record| matches!(record.event, Event::Rescored { .. }));
        if self.state.outcome != Some(Outcome::Answered) || rescored {
            return None;
        }
        let stands = match settings.mode {
            Mode::Direct => self.of_polls(settings)?,
            Mode::Draft | Mode::Refine if is_evaluated(settings, self.problem) => self.of_plans(settings),
            Mode::Draft | Mode::Refine => return None,
        };
        // The last one must be what the run did answer: nothing else had a say in it.
        let of = |answer: &Answer| (answer.plan, answer.value.clone());
        let (last, answer) = (stands.last()?, self.state.answer.as_ref()?);
        (of(&last.answer) == of(answer)).then_some(stands)
    }

    /// The evaluator's answers from the plans that stood.
    fn of_plans(&self, settings: &Settings) -> Vec<Stand> {
        let prompter = Prompter::of(self.problem, settings);
        let reader = AnswerReader::new(settings, &prompter);
        let (mut state, mut stands) = (State::default(), Vec::<Stand>::new());
        for (at, record) in self.records.iter().enumerate() {
            state.apply(record);
            let Some(view) = state.answer_plan().filter(|view| view.check.is_some()) else { continue };
            let (plan, hash) = (&view.plan, view.plan.hash());
            if stands.last().is_some_and(|stand| stand.answer.plan == Some(hash)) {
                continue;
            }
            let Some(completion) = reader.computed(plan) else { continue };
            let (answer, text) = reader.answer(Some((plan, view.check.as_ref())), &completion);
            let judgement = judgement(self.problem.family().check_answer(self.problem, plan, &text));
            stands.push(Stand { generated: state.run_cost().generated, records: at + 1, answer, judgement });
        }
        stands
    }

    /// The majorities of the first answers, of the first two, and so on.
    fn of_polls(&self, settings: &Settings) -> Option<Vec<Stand>> {
        let poll = self.state.answer.as_ref()?.poll.as_ref()?;
        let prose = match self.problem.family().answer_form() {
            AnswerForm::Sentences => true,
            // Judging code means running it.
            AnswerForm::Code => false,
        };
        if poll.choice != AnswerChoice::Majority || !prose {
            return None;
        }
        let written = self.written()?;
        let drawn = |(completion, _): &(Completion, usize)| completion.drawn();
        if !written.iter().map(drawn).eq(poll.ballots.iter().map(|ballot| u64::from(ballot.tokens))) {
            return None;
        }
        let prompter = Prompter::of(self.problem, settings);
        let reader = AnswerReader::new(settings, &prompter);
        let (none, mut generated, mut stands) = (plan::Plan::default(), 0, Vec::new());
        for (at, (completion, records)) in written.iter().enumerate() {
            generated += completion.drawn();
            let poll = Poll::of(poll.choice, poll.ballots[..=at].to_vec());
            let taken = poll.taken as usize;
            let (answer, text) = reader.answer(None, &written[taken].0);
            let judgement = judgement(self.problem.family().check_answer(self.problem, &none, &text));
            let answer = Answer { poll: Some(poll), ..answer };
            stands.push(Stand { generated, records: *records, answer, judgement });
        }
        Some(stands)
    }

    /// The answers without a plan, each with the number of records by which it had come; `None` where a reply is gone.
    fn written(&self) -> Option<Vec<(Completion, usize)>> {
        let mut written = Vec::new();
        for (at, record) in self.records.iter().enumerate() {
            let Event::CallFinished { call, reply, .. } = &record.event else { continue };
            if self.state.purpose(*call) != Some(Purpose::Direct) {
                continue;
            }
            let reply: Reply = serde_json::from_slice(&self.blobs.read(reply).ok()?).ok()?;
            let Output::Generated { completions } = reply.output else { return None };
            written.extend(completions.into_iter().map(|completion| (completion, at + 1)));
        }
        Some(written)
    }

    /// The record of the run stopped in the call that passes `budget`, with the answer that stood then.
    fn stopped(&self, stand: &Stand, budget: u64) -> Vec<Record> {
        let mut records = self.records[..self.before(budget).max(stand.records)].to_vec();
        let state = State::replay(&records);
        let at_ms = records.last().map_or(0, |record| record.at_ms);
        let iteration = state.iteration;
        let meter = format!("{budget} of {budget} generated tokens spent");
        let refined = state.settings.mode == Mode::Refine && state.refinement_stop.is_none();
        let ended = refined.then_some(Event::RefinementEnded { reason: RefinementStop::Budget { meter } });
        let answered = [
            Event::PhaseBegan { phase: Phase::Answer, iteration },
            Event::Answered { answer: stand.answer.clone() },
            Event::Judged { judgement: stand.judgement.clone() },
            Event::PhaseBegan { phase: Phase::Done, iteration },
            Event::Ended { outcome: Outcome::Answered },
        ];
        for event in ended.into_iter().chain(answered) {
            records.push(Record { seq: records.len() as u64, at_ms, event });
        }
        records
    }

    /// How many records there are before the call that passes `budget` begins.
    fn before(&self, budget: u64) -> usize {
        let (mut state, mut begun) = (State::default(), 0);
        for (at, record) in self.records.iter().enumerate() {
            if let Event::CallStarted { .. } = record.event {
                begun = at;
            }
            state.apply(record);
            if state.run_cost().generated > budget {
                return begun;
            }
        }
        self.records.len()
    }
}
