//! The command line: one file per subcommand.

mod asking;
mod changes;
pub mod compare;
pub mod debug;
pub mod diagnose;
pub mod doctor;
pub mod fork;
pub mod generate;
pub mod grep;
pub mod lab;
pub mod linear;
pub mod lines;
pub mod model;
mod models;
pub mod problems;
pub mod process;
mod progress;
pub mod recovery;
pub mod replay;
pub mod run;
pub mod scorer;
pub mod scoring;
pub mod screen;
pub mod sessions;
pub mod show;
pub mod summary;
mod table;
pub mod text;
pub mod theme;
pub mod tour;
#[cfg(feature = "train")]
pub mod train;
pub mod transcript;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{
    app,
    config::{self, BackendKind, Config},
    failure::Failure,
};
use ::model::GpuLayers;
use engine::defaults;
use problem::Problem;
use session::{Cite, Settings};

/// A terminal debugger for plans: watch a local language model draft a plan, refine it and commit to an
/// answer.
#[derive(Debug, Parser)]
#[command(name = "planscope", version, max_term_width = 100, after_help = output::exit::HELP)]
pub struct Cli {
    /// What to do; without it, pick a problem and debug it.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
    /// Options of every subcommand.
    #[command(flatten)]
    pub common: Common,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Debug a run on the screen
    Debug(debug::DebugArgs),
    /// Run without a screen, printing progress lines or one JSON object per line
    Run(run::RunArgs),
    /// Print a recorded session
    Show(show::ShowArgs),
    /// Step through a recorded session in both directions, without the model
    Replay(replay::ReplayArgs),
    /// Take a two-minute guided tour of a recorded session
    Tour,
    /// Find the events of a recorded session where a probe fires
    Grep(grep::GrepArgs),
    /// Continue a recorded session from one of its events as a new session
    Fork(fork::ForkArgs),
    /// List the recorded sessions, forks below their parents
    Sessions(sessions::SessionsArgs),
    /// Compare two recorded sessions: settings, first difference, timelines, plans, answers, cost
    Compare(compare::CompareArgs),
    /// Check recorded runs for known failure modes: random walks, wasted proposals, luck, and more
    ///
    /// Exits with 0 if nothing is wrong, 1 if there are findings, 2 on errors.
    Diagnose(diagnose::DiagnoseArgs),
    /// Compare ways to spend the same budget: run experiments and report on them
    Lab(lab::LabArgs),
    /// List the bundled problems, or the problems of a file
    Problems(problems::ProblemsArgs),
    /// List the scorers, and measure on labelled plans how well one separates right from wrong
    Scorer(scorer::ScorerArgs),
    /// Train a small model that thinks in plan tokens
    #[cfg(feature = "train")]
    Train(train::TrainArgs),
    /// List, download and inspect models
    Model(model::ModelArgs),
    /// List, show and check themes
    Theme(theme::ThemeArgs),
    /// Check this machine: what is missing, and how to fix it
    Doctor(doctor::DoctorArgs),
    /// Print shell completions
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Options of every subcommand.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Set any setting; repeat for more (see docs/settings.md)
    #[arg(long, value_name = "KEY=VALUE", global = true, help_heading = "Settings")]
    pub set: Vec<String>,
    /// The model: a name of `planscope model list`, or the path of a GGUF file
    #[arg(long, short, value_name = "NAME|FILE", global = true, help_heading = "Settings")]
    pub model: Option<String>,
    /// Model backend
    #[arg(long, value_enum, global = true, help_heading = "Settings")]
    pub backend: Option<BackendChoice>,
    /// Base address of an OpenAI-compatible server; implies --backend openai
    #[arg(long, value_name = "URL", global = true, help_heading = "Settings")]
    pub url: Option<String>,
    /// Layers on the GPU: auto or a number
    #[arg(long, value_name = "auto|N", global = true, help_heading = "Settings")]
    pub gpu_layers: Option<GpuLayers>,
    /// Inference threads
    #[arg(long, value_name = "N", global = true, help_heading = "Settings")]
    pub threads: Option<u32>,
    /// Context length, in tokens
    #[arg(long, value_name = "N", global = true, help_heading = "Settings")]
    pub ctx: Option<u32>,
    /// Random seed
    #[arg(long, value_name = "N", global = true, help_heading = "Settings")]
    pub seed: Option<u64>,
    /// Do not require citations in the answer
    #[arg(long, global = true, help_heading = "Settings")]
    pub no_cite: bool,
    /// A theme of `planscope theme list`
    #[arg(long, value_name = "NAME", global = true, help_heading = "Settings")]
    pub theme: Option<String>,
    /// Directory for sessions, instead of the one in the user's data directory
    #[arg(long, value_name = "DIR", global = true, help_heading = "Settings")]
    pub sessions: Option<PathBuf>,
}

/// [`BackendKind`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BackendChoice {
    /// llama.cpp, in a worker process
    Llama,
    /// A server with OpenAI-compatible endpoints
    Openai,
    /// Canned replies from a file
    Scripted,
}

impl Common {
    /// Returns the configuration with these flags on top.
    ///
    /// # Errors
    /// When a file, variable or flag has a wrong key or value.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(self.on_top(config::load(&self.set)?))
    }

    /// Returns the directory of the session that a person named: by its path, or by its name among the recorded ones.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn session_dir(&self, named: &Path) -> Result<PathBuf, Failure> {
        // A session that is named by its path needs no place where sessions are kept.
        let base = app::sessions_dir(&self.config()?).ok();
        Ok(session::find(base.as_deref(), named))
    }

    /// Returns the configuration of a run on `problem`, which begins with the defaults of the problem's family.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn config_for(&self, problem: &Problem) -> Result<Config, Failure> {
        Ok(self.on_top(config::load_for(&self.set, defaults::of(problem.family()))?))
    }

    /// Returns the configuration for continuing a session that has these recorded settings.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn config_beside(&self, recorded: &Settings) -> Result<Config, Failure> {
        Ok(self.on_top(config::load_beside(&self.set, recorded)?))
    }

    fn on_top(&self, mut config: Config) -> Config {
        let llm = &mut config.llm;
        if let Some(model) = &self.model {
            llm.model.clone_from(model);
        }
        if let Some(url) = &self.url {
            llm.url = Some(url.clone());
            llm.backend = BackendKind::Openai;
        }
        if let Some(backend) = self.backend {
            llm.backend = match backend {
                BackendChoice::Llama => BackendKind::Llama,
                BackendChoice::Openai => BackendKind::Openai,
                BackendChoice::Scripted => BackendKind::Scripted,
            };
        }
        llm.gpu_layers = self.gpu_layers.unwrap_or(llm.gpu_layers);
        llm.threads = self.threads.or(llm.threads);
        llm.ctx = self.ctx.unwrap_or(llm.ctx);
        config.run.seed = self.seed.unwrap_or(config.run.seed);
        if self.no_cite {
            config.run.cite = Cite::Off;
        }
        config.ui.theme = self.theme.clone().or(config.ui.theme);
        config.sessions = self.sessions.clone().or(config.sessions);
        config
    }
}

/// Returns where a session is and how to open it again, in two lines.
fn session_words(dir: &std::path::Path) -> String {
    format!("Session: {0}\nOpen it again with: planscope replay {0}\n", dir.display())
}

/// Returns the columns of the terminal; without bound where standard output is none.
pub fn width() -> usize {
    if !output::out_is_terminal() {
        return usize::MAX;
    }
    crossterm::terminal::size().map_or(80, |(columns, _)| columns.into())
}
