//! `planscope debug`: a run on the screen.

use std::path::PathBuf;

use clap::Args;

use super::{Common, Failure};
use crate::{
    app::{self, Opened},
    problem,
    session::{Blobs, Outcome},
    tui::{self, PickEntry},
};

/// Arguments of `planscope debug`.
#[derive(Debug, Default, Args)]
pub struct DebugArgs {
    /// A bundled problem, FILE.toml, FILE.toml#NAME, FILE.jsonl#ROW, or a text file; asked for when absent
    pub problem: Option<String>,
    /// Stand still before each phase from the start
    #[arg(long)]
    pub paused: bool,
    /// Do the commands of a file, one a line; the run starts paused
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// Debugs a problem, picking one first where none is named.
///
/// # Errors
/// When standard output is no terminal, or the problem or model cannot be had.
pub async fn run(args: &DebugArgs, common: &Common) -> Result<(), Failure> {
    let mut config = common.config()?;
    config.run.paused |= args.paused || args.script.is_some();
    tui::require_terminal()
        .map_err(|error| Failure::new(error.to_string()).hint("use planscope run for lines instead"))?;
    let theme = app::theme(&config)?;
    let (keymap, script) = (app::keymap(&config)?, app::script(args.script.as_deref())?);
    app::check_model(&config)?;
    let reference = match &args.problem {
        Some(reference) => reference.clone(),
        None => match tui::pick(entries()?, &theme).await? {
            Some(reference) => reference,
            None => return Ok(()),
        },
    };
    let Opened { handle, dir, .. } = app::open(&reference, &config)?;
    let options = tui::Options { theme, note: None, keymap, script, blobs: Blobs::of(&dir) };
    let exit = tui::debug(handle, options).await?;
    println!("Session: {0}\nLook at it again with: planscope replay {0}", dir.display());
    match exit {
        tui::Exit::Ended(Outcome::Failed { reason, hint }) => Err(Failure { message: reason, hint }),
        tui::Exit::Ended(Outcome::Answered | Outcome::Interrupted)
        | tui::Exit::Stopped
        | tui::Exit::Replayed => Ok(()),
    }
}

fn entries() -> Result<Vec<PickEntry>, Failure> {
    Ok(problem::list_bundled()
        .into_iter()
        .map(|problem| PickEntry {
            reference: problem.id.clone(),
            title: problem.title.clone(),
            family: problem.family.clone(),
            difficulty: problem
                .difficulty
                .map_or_else(String::new, |difficulty| "●".repeat(difficulty.into())),
            preview: problem.text.clone(),
        })
        .collect())
}
