//! `planscope grep`: where probes fire in a recorded session.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use super::text::clean;
use crate::failure::Failure;
use output::note;
use probe::{Definition, Hit, ProbeError, Probes, all_hits};
use session::{EventKind, Journal, ReadError, Replay, State};

/// Arguments of `planscope grep`.
#[derive(Debug, Clone, clap::Args)]
pub struct GrepArgs {
    /// The session, by directory or name
    pub session: PathBuf,
    /// A condition, an item's id, or a probe such as "catch reject"; docs/probes.md lists them
    pub probe: String,
    /// Print one JSON object per hit
    #[arg(long)]
    pub json: bool,
}

/// Prints every hit to `out`, and returns whether there is one.
///
/// # Errors
/// When the probe is not valid or the session cannot be read; hits before an unreadable event are printed. That
/// a session ends in damage is only a note.
pub fn run(args: &GrepArgs, out: &mut dyn Write) -> Result<bool, Failure> {
    let definition: Definition = args.probe.parse().map_err(|error| refused(&error, &args.probe))?;
    let journal = Journal::open(&args.session)?;
    let damage = journal.damage().map(ToString::to_string);
    let replay = journal.into_replay();
    if let Some(error) = unknown(&definition, &replay)? {
        return Err(refused(&error, &args.probe));
    }
    let mut probes = Probes::default();
    probes.add(definition, &State::default()).map_err(|error| refused(&error, &args.probe))?;
    let (mut found, mut printed) = (false, Ok(()));
    let searched = all_hits(&replay, probes, |hit| {
        found = true;
        if printed.is_ok() {
            printed = print(&hit, args.json, out);
        }
    });
    printed.and_then(|()| out.flush())?;
    searched?;
    if let Some(damage) = damage {
        note(format!("note: the session was searched up to the damage: {damage}"));
    }
    Ok(found)
}

/// Returns why the session does not know a scorer that the probe names, neither by its first settings nor by those of
/// a fork later on.
fn unknown(definition: &Definition, replay: &Replay) -> Result<Option<ProbeError>, ReadError> {
    let mut walk = replay.walk(0..replay.len())?;
    let mut unknown = None;
    while let Some((state, record)) = walk.step()? {
        if [EventKind::Started, EventKind::Forked].contains(&record.event.kind()) {
            match definition.known_in(state) {
                Ok(()) => return Ok(None),
                // Its place is counted within an expression, not within the whole probe.
                Err(error) => unknown = Some(ProbeError { at: None, ..error }),
            }
        }
    }
    Ok(unknown)
}

fn refused(error: &ProbeError, text: &str) -> Failure {
    let place = error.marked(text).map(|marked| format!("\n{marked}")).unwrap_or_default();
    Failure { message: format!("{error}{place}"), hint: error.hint().map(str::to_owned) }
}

fn print(hit: &Hit, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", output::json(hit)?);
    }
    writeln!(out, "event {}, iteration {}: {}", hit.seq, hit.iteration, clean(&hit.text))
}
