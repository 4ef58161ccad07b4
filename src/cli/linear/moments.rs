//! The text of moments: a heading, and lines for the events that say something.

use crate::cli::{
    changes::changed_items,
    lines::EventLines,
    text::{things, wrap},
};
use plan::Plan;
use session::{Event, PauseCause, Phase, ReadError, Record, Replay, State};

/// Puts events into words, as one paragraph per moment. A moment begins where the screen's `step` stops, with a phase; the
/// first one is the problem.
#[derive(Debug)]
pub struct MomentLines {
    lines: EventLines,
    width: usize,
    /// Moments that have begun.
    begun: usize,
    /// The incumbent before the next event.
    plan: Option<Plan>,
}

impl MomentLines {
    /// Returns a writer of lines of at most `width` columns, for what follows these records.
    pub fn after(past: &[Record], width: usize) -> Self {
        let phases = past.iter().filter(|record| matches!(record.event, Event::PhaseBegan { .. })).count();
        let begun = if past.is_empty() { 0 } else { phases + 1 };
        Self::at(begun, &State::replay(past), width)
    }

    fn at(begun: usize, state: &State, width: usize) -> Self {
        Self { lines: EventLines::new(width), width, begun, plan: incumbent(state).cloned() }
    }

    /// Returns the lines for an event, where `state` is the state after it: below a heading where a moment begins, and none
    /// where there is nothing to say. An empty line between moments is left to the caller.
    pub fn lines(&mut self, state: &State, record: &Record) -> Vec<String> {
        let mut lines: Vec<String> = self.heading(record).into_iter().collect();
        if !is_silent(&record.event) {
            lines.extend(self.lines.words(state, record).unwrap_or_default());
        }
        let plan = incumbent(state);
        if let (Some(old), Some(new)) = (&self.plan, plan)
            && old.hash() != new.hash()
        {
            lines.extend(change_lines(old, new));
        }
        self.plan = plan.cloned();
        lines.iter().map(|line| wrap(line, self.width, "", "")).collect()
    }

    /// Returns the heading of the moment that begins with an event.
    fn heading(&mut self, record: &Record) -> Option<String> {
        let title = match (phase_of(record), record.seq) {
            (Some((phase, iteration)), _) => title(phase, iteration),
            (None, 0) => "the problem".to_owned(),
            (None, _) => return None,
        };
        self.begun += 1;
        Some(format!("Moment {}: {title}", self.begun))
    }
}

fn incumbent(state: &State) -> Option<&Plan> {
    state.incumbent.as_ref().map(|view| &view.plan)
}

fn phase_of(record: &Record) -> Option<(Phase, u32)> {
    if let Event::PhaseBegan { phase, iteration } = record.event { Some((phase, iteration)) } else { None }
}

/// Returns whether an event says nothing here: headings name the phases, the last moment sums up the calls, and pauses
/// between moments are part of stepping.
fn is_silent(event: &Event) -> bool {
    matches!(
        event,
        Event::PhaseBegan { .. }
            | Event::CallStarted { .. }
            | Event::CallFinished { .. }
            | Event::Paused { cause: None | Some(PauseCause::Asked | PauseCause::Step), .. }
    )
}

fn title(phase: Phase, iteration: u32) -> String {
    if phase.is_of_iteration() { format!("iteration {iteration}, {phase}") } else { phase.to_string() }
}

/// Only what changed: a listener has heard the rest.
fn change_lines(old: &Plan, new: &Plan) -> Vec<String> {
    let changed: Vec<String> = changed_items(old, new)
        .into_iter()
        .filter(|(mark, _)| *mark != ' ')
        .map(|(mark, item)| format!("  {mark} {item}"))
        .collect();
    let heading = format!("the plan changes, {} in all:", things(new.len() as u64, "item"));
    std::iter::once(heading).chain(changed).collect()
}

/// Returns how many moments there are.
pub fn count(replay: &Replay) -> usize {
    if replay.is_empty() { 0 } else { replay.phase_boundaries().len() + 1 }
}

/// Returns the text of a moment, counted from 0, as far as it is recorded.
///
/// # Errors
/// When one of its events cannot be read.
pub fn text(replay: &Replay, moment: usize, width: usize) -> Result<String, ReadError> {
    let starts = replay.phase_boundaries();
    let start = moment.checked_sub(1).map_or(0, |before| starts[before]);
    let end = starts.get(moment).copied().unwrap_or(replay.len());
    let mut walk = replay.walk(start..end)?;
    let mut lines = MomentLines::at(moment, walk.state(), width);
    let mut said = Vec::new();
    while let Some((state, record)) = walk.step()? {
        said.extend(lines.lines(state, record));
    }
    Ok(said.join("\n"))
}
