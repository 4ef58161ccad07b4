//! `planscope replay`: a recorded session on the screen, without the model.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Common, Failure, debug};
use crate::{
    app,
    config::Config,
    session,
    tui::{self, Appearance, keymap::Keymap, script::Script},
};

/// Arguments of `planscope replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The session's directory
    pub session: PathBuf,
    /// Only check the record: checksums, blobs, and that replaying it leads to the recorded end
    #[arg(long)]
    pub check: bool,
    /// Do the commands of a file, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub script: Option<PathBuf>,
}

/// Steps through a session on the screen, or checks its record.
///
/// # Errors
/// When the session cannot be read, is damaged (with `--check`), or there is no terminal.
pub async fn run(args: &ReplayArgs, common: &Common) -> Result<(), Failure> {
    if args.check {
        return check(args);
    }
    let config = common.config()?;
    tui::require_terminal()
        .map_err(|error| Failure::new(error.to_string()).hint("use planscope show to print the session"))?;
    let appearance = app::appearance(&config)?;
    let look =
        Look { appearance, keymap: app::keymap(&config)?, script: app::script(args.script.as_deref())? };
    look_at(&args.session, &config, look).await
}

/// How a recorded session is looked at.
pub struct Look {
    /// How the screen appears.
    pub appearance: Appearance,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Commands that are done at the start.
    pub script: Option<Script>,
}

/// Shows a session on the screen until the person leaves, and every fork of it that they go on with.
///
/// # Errors
/// When the session cannot be read, or the terminal cannot be used.
pub async fn look_at(session: &Path, config: &Config, look: Look) -> Result<(), Failure> {
    let Look { appearance, keymap, script } = look;
    let recorded = session::Journal::open(session)?;
    let note = recorded.damage().map(ToString::to_string);
    let options = tui::Options { appearance, note, keymap, script, blobs: session::Blobs::of(session) };
    let exit = tui::replay(recorded.into_replay(), options.clone()).await?;
    if let tui::Exit::Fork(seq) = exit {
        let opened = debug::fork(session, seq, config)?;
        return debug::show(opened, config, tui::Options { note: None, script: None, ..options }).await;
    }
    Ok(())
}

fn check(args: &ReplayArgs) -> Result<(), Failure> {
    let verification = session::verify(&args.session)?;
    if verification.faults.is_empty() {
        println!("{}: {} events replay to the recorded end", args.session.display(), verification.events);
        return Ok(());
    }
    let faults: Vec<String> = verification.faults.iter().map(|fault| format!("- {fault}")).collect();
    Err(Failure::new(format!(
        "The record of {} is not whole:\n{}",
        args.session.display(),
        faults.join("\n")
    )))
}
