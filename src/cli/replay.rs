//! `planscope replay`: a recorded session on the screen, without the model.

use std::path::PathBuf;

use clap::Args;

use super::{
    Common, linear,
    screen::{self, ShownSession},
};
use crate::app;
use crate::failure::Failure;
use output::{exit::End, say};
use session::Blobs;

/// Arguments of `planscope replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The session, by directory or name
    pub session: PathBuf,
    /// Only verify the record: checksums, blobs, and that replaying it leads to the recorded end
    #[arg(long)]
    pub check: bool,
    /// Run commands from FILE, one per line
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub script: Option<PathBuf>,
    /// Print each moment as a plain paragraph instead of opening the screen; at a terminal, Enter shows the next one
    #[arg(long, conflicts_with_all = ["check", "script"])]
    pub linear: bool,
}

/// Steps through a session on the screen, or checks its record.
///
/// # Errors
/// When the session cannot be read, is damaged (with `--check`), or there is no terminal.
pub async fn run(args: &ReplayArgs, common: &Common) -> Result<End, Failure> {
    if args.check {
        return check(args).map(|()| End::Done);
    }
    if args.linear {
        return linear::replay(&args.session).await;
    }
    let config = common.config()?;
    tui::require_terminal().map_err(|error| {
        Failure::new(error.to_string())
            .hint("use --linear to print its moments, or planscope show to sum it up")
    })?;
    let appearance = app::appearance(&config)?;
    let (keymap, script) = (app::keymap(&config)?, app::script(args.script.as_deref())?);
    let options = tui::Options { script, ..tui::Options::new(appearance, keymap, Blobs::of(&args.session)) };
    screen::show(ShownSession::Record(args.session.clone()), &config, options).await
}

fn check(args: &ReplayArgs) -> Result<(), Failure> {
    let verification = session::verify(&args.session)?;
    if verification.faults.is_empty() {
        let (name, events) = (args.session.display(), verification.events);
        return Ok(say(&format!("{name}: {events} events replay to the recorded end\n"))?);
    }
    let faults: Vec<String> = verification.faults.iter().map(|fault| format!("- {fault}")).collect();
    Err(Failure::new(format!("The record of {} is damaged:\n{}", args.session.display(), faults.join("\n"))))
}
