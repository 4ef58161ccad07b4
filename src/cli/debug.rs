//! `planscope debug`: a run on the screen.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Common, Failure};
use crate::{
    app::{self, ForkAt, Opened},
    config::Config,
    problem,
    session::{Blobs, Outcome, Session},
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
    let opened = app::open(&reference, &config)?;
    let blobs = Blobs::of(&opened.dir);
    show(opened, &config, tui::Options { theme, note: None, keymap, script, blobs }).await
}

/// Shows a run, and after it every fork that the person goes on with.
///
/// # Errors
/// When a run fails, a fork cannot be opened, or as the screen.
pub async fn show(mut opened: Opened, config: &Config, mut options: tui::Options) -> Result<(), Failure> {
    loop {
        let Opened { handle, dir, past } = opened;
        options.blobs = Blobs::of(&dir);
        let exit = tui::debug(handle, past, options.clone()).await?;
        println!("Session: {0}\nLook at it again with: planscope replay {0}", dir.display());
        opened = match exit {
            tui::Exit::Fork(seq) => fork(&dir, seq, config)?,
            tui::Exit::Ended(Outcome::Failed { reason, hint }) => {
                return Err(Failure { message: reason, hint });
            }
            tui::Exit::Ended(Outcome::Answered | Outcome::Interrupted)
            | tui::Exit::Stopped
            | tui::Exit::Replayed => return Ok(()),
        };
        (options.note, options.script) = (None, None);
    }
}

/// Opens a fork for a person, which stands still at first.
///
/// # Errors
/// As [`app::fork`].
pub fn fork(parent: &Path, after: u64, config: &Config) -> Result<Opened, Failure> {
    let fork = ForkAt { at: after, paused: true, ..ForkAt::default() };
    app::fork(&Session::open(parent)?, fork, config)
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
