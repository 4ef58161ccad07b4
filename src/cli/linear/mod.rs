//! Linear mode: a session as plain paragraphs, one per moment, for screen readers, logs and pipes.
//!
//! The moments are those that the screen's `step` stops at, in the words of [`EventLines`](super::lines::EventLines). Between
//! two terminals a person steps through them with short lines; otherwise all are printed.

mod commands;
pub mod moments;
mod stepper;

use std::{io::IsTerminal, path::Path};

use super::{diagnose::ranked, text::wrap};
use crate::{
    app::Opened,
    cli::run::{self, RunForm},
    failure::Failure,
};
use diagnose::passive;
use output::{exit::End, say};
use session::{FindingVerdict, Journal, ReadError, Record, Replay, State};
use stepper::Stepper;

/// Returns whether a person can type commands and hear the replies.
pub fn can_step() -> bool {
    std::io::stdin().is_terminal() && output::out_is_terminal()
}

/// Steps through the session in `dir`, or prints all of it.
///
/// # Errors
/// When the session cannot be read, or standard output cannot be written to.
pub async fn replay(dir: &Path) -> Result<End, Failure> {
    let journal = Journal::open(dir)?;
    let damage = journal.damage().map(ToString::to_string);
    let replay = journal.into_replay();
    let width = super::width();
    if can_step() {
        damage.iter().for_each(output::note);
        return Stepper::new(replay, None, width).run().await;
    }
    for moment in 0..moments::count(&replay) {
        say(&format!("{}\n\n", moments::text(&replay, moment, width)?))?;
        if output::reader_is_gone() {
            return Ok(End::Done);
        }
    }
    say(&format!("{}\n", last_words(&replay, width)?))?;
    damage.iter().for_each(output::note);
    Ok(End::Done)
}

/// Steps through a run that was started, or prints all of it.
///
/// # Errors
/// When the run fails, or the record or standard output cannot be written.
pub async fn debug(opened: Opened) -> Result<End, Failure> {
    if !can_step() {
        return run::follow(opened, RunForm::Moments).await;
    }
    let Opened { handle, dir, past } = opened;
    let end = Stepper::new(Replay::new(past), Some(handle), super::width()).run().await?;
    say(&super::session_words(&dir))?;
    Ok(end)
}

/// Returns what is said after the last moment of a record.
///
/// # Errors
/// When an event cannot be read.
fn last_words(replay: &Replay, width: usize) -> Result<String, ReadError> {
    let (records, state) = replay.read_up_to(replay.len())?;
    Ok(findings(&records, &state, width))
}

/// Returns what the checks for known failure modes find in a record that leads to `state`.
pub fn findings(records: &[Record], state: &State, width: usize) -> String {
    let findings = passive::look(records, state, |_| true);
    let mut lines = vec!["Findings".to_owned()];
    lines.extend(
        ranked(&findings)
            .into_iter()
            .filter(|finding| finding.verdict == FindingVerdict::Fault)
            .map(|finding| wrap(&format!("{}: {}", finding.check, finding.sentence), width, "", "  ")),
    );
    if lines.len() == 1 {
        lines.push("No check for a known failure mode found a fault.".to_owned());
    }
    lines.join("\n")
}
