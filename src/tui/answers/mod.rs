//! Answers from several moments: the one that the run ended with, and those decoded on request from the plans of
//! other moments.

mod draw;

use super::{
    commands::{Action, CommandError, Travel},
    look::Popup,
    model::Model,
    msg::Effect,
    notices::Level,
    update::go_to,
};
pub use draw::draw;
use engine::Command;
use model::Cost;
use plan::PlanHash;
use session::{Answer, Judgement, Purpose, ReadError};

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
    /// The answer.
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
    entries: Vec<Entry>,
    /// Events from whose plans an answer was asked for that has not come.
    asked: Vec<u64>,
}

impl Answers {
    /// Returns how many there are with those that were asked for.
    fn len(&self) -> usize {
        self.entries.len() + self.asked.len()
    }

    fn with_plan(&self, plan: PlanHash) -> Option<usize> {
        self.entries.iter().position(|entry| entry.answer.plan == Some(plan))
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

/// Opens the answers at the one from the current position, or closes them.
pub fn open(model: &mut Model) {
    if model.look.popup == Some(Popup::Answers) {
        model.look.popup = None;
        return;
    }
    if model.replay.is_read_to().is_some() {
        let text = "The record is still being read; its answers can be listed once all of it is.";
        return model.notices.say(Level::Info, text, model.now);
    }
    collect(model);
    let here = model.replay.position() as u64;
    let row = model.answers.entries.iter().position(|entry| entry.moment + 1 == here).unwrap_or(0);
    show(model, row);
}

fn show(model: &mut Model, row: usize) {
    model.look.popup = Some(Popup::Answers);
    model.look.popup_scroll = 0;
    model.look.row = row;
}

/// Asks for an answer from the plan of the current position, and shows how it comes.
///
/// # Errors
/// When there is no run that could decode it, or no plan.
pub fn ask(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    let not_now = |why: String| Err(CommandError::NotNow(why));
    if model.source_over() {
        let fork = model.keymap.labels("fork").first().cloned().unwrap_or_else(|| ":fork".to_owned());
        return not_now(format!(
            "There is no run that could decode an answer; {fork} continues from here as one."
        ));
    }
    let plan = model.state().incumbent.as_ref().map(|view| view.plan.clone());
    let seq = (model.replay.position() as u64).checked_sub(1);
    let (Some(plan), Some(seq)) = (plan, seq) else {
        return not_now("There is no plan at this moment to answer from.".to_owned());
    };
    collect(model);
    if let Some(row) = model.answers.with_plan(plan.hash()) {
        show(model, row);
        return not_now("This plan was answered from already; the answer would be the same.".to_owned());
    }
    if model.answers.asked.contains(&seq) {
        return not_now("An answer from this moment is on its way.".to_owned());
    }
    model.answers.asked.push(seq);
    show(model, model.answers.len() - 1);
    Ok(vec![Effect::Send(Command::AnswerFrom { seq, plan: Box::new(plan) })])
}

/// Brings the answers up to date after an event, while they are shown or one is on its way.
pub fn follow(model: &mut Model) {
    if model.look.popup == Some(Popup::Answers) || !model.answers.asked.is_empty() {
        collect(model);
    }
}

/// Gathers all answers of the session. What cannot be read is left out; the replay reports that.
fn collect(model: &mut Model) {
    let entries = gathered(model).unwrap_or_default();
    let chosen = model.answers.asked.get(model.look.row.wrapping_sub(model.answers.entries.len())).copied();
    let has_come = |asked: u64| entries.iter().position(|entry| !entry.is_final && entry.moment == asked);
    model.answers.asked.retain(|asked| has_come(*asked).is_none());
    if let Some(row) = chosen.and_then(has_come) {
        // Whoever waited for it keeps seeing it.
        model.look.row = row;
    }
    model.answers.entries = entries;
}

fn gathered(model: &Model) -> Result<Vec<Entry>, ReadError> {
    let replay = &model.replay;
    let calls = &model.overview.calls;
    let cost = |before: u64, purposes: &[Purpose]| {
        let call = calls.iter().rfind(|call| call.seq < before && purposes.contains(&call.purpose))?;
        call.cost()
    };
    let end = replay.walk(replay.len()..replay.len())?;
    let newest = end.state();
    let mut entries = Vec::new();
    if let (Some(answer), Some(moment)) = (&newest.answer, model.overview.answered) {
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

/// Does what `action` means while the answers are open; none when it means nothing special there.
pub fn act(model: &mut Model, action: &Action) -> Option<Vec<Effect>> {
    let last = model.answers.len().saturating_sub(1);
    let row = model.look.row.min(last);
    if *action == Action::Travel(Travel::PreviousEvent) {
        show(model, row.saturating_sub(1));
    } else if *action == Action::Travel(Travel::NextEvent) {
        show(model, (row + 1).min(last));
    } else if matches!(action, Action::Open | Action::Fold) {
        // Enter folds while the plan has the focus.
        if let Some(moment) = model.answers.entries.get(row).map(|entry| entry.moment) {
            model.look.popup = None;
            go_to(model, moment);
        }
    } else {
        return None;
    }
    Some(Vec::new())
}

/// Returns the key that shows the answers, or the command.
pub fn key(model: &Model) -> String {
    model.keymap.labels("answers").first().cloned().unwrap_or_else(|| ":answers".to_owned())
}

/// Returns the keys that matter while the answers are open.
pub fn hints() -> Vec<(String, &'static str)> {
    vec![
        ("← →".to_owned(), "choose"),
        ("enter".to_owned(), "go to its moment"),
        ("j k".to_owned(), "scroll"),
        ("esc".to_owned(), "close"),
    ]
}
