//! The composition root: the only place where model, engine, session and screen meet.

mod backends;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};

pub use backends::{backend, backend_for, backend_of_scorers, backends_beside};

use crate::{
    config::{self, BackendKind, Config, GlyphChoice, LlmConfig},
    failure::Failure,
};
use diagnose::{losses::Stages, runner::ModelProvider};
use engine::{Handle, Run, Start, machine, score::command};
use lab::{LabError, ModelId};
use llm::models::{self, ModelError};
use model::{Backend, LlmError};
use problem::Problem;
use session::{
    Cite, Fork, ForkPlan, Record, Session, Settings, State, default_base, default_dir, format::Manifest,
    writer::SessionWriter,
};
use tui::{Appearance, Glyphs, Themes, keymap::Keymap, outside};

/// A run that was started.
pub struct Opened {
    /// Its outside end.
    pub handle: Handle,
    /// Where it is recorded.
    pub dir: PathBuf,
    /// The records that it continues; empty for a new run.
    pub past: Vec<Record>,
}

/// Where and how a session is forked.
#[derive(Debug, Clone, Default)]
pub struct ForkAt {
    /// The last event in common.
    pub at: u64,
    /// Another seed, so that the branch differs.
    pub seed: Option<u64>,
    /// Other settings, as `key=value`.
    pub set: Vec<String>,
    /// Whether the answer may go without citations.
    pub no_cite: bool,
    /// Where the problem is, when its recorded name does not lead there.
    pub problem: Option<String>,
    /// Whether the branch starts paused.
    pub paused: bool,
}

/// Makes the backend and the session of a run on `problem`, and starts the engine.
///
/// # Errors
/// When the model cannot be had, or there is no place for the session.
pub fn open(problem: Problem, config: &Config) -> Result<Opened, Failure> {
    let created = Timestamp::now();
    let settings = on_a_day(config, created);
    let backend = backend_for(&in_mode(&config.llm, Some(false)), &settings)?;
    let dir = new_dir(config, created, &problem.id, settings.seed)?;
    let card = machine::card(&problem);
    let source = source(&problem);
    let manifest = Manifest { source, ..Manifest::new(&card, &config.llm.model, settings.seed, created) };
    let writer = SessionWriter::create_beside(&dir, manifest)?;
    let dir = writer.dir().to_owned();
    let run = Run { problem: Arc::new(problem), start: Start::New(Box::new(settings)), backend, writer };
    Ok(Opened { handle: engine::start(run), dir, past: Vec::new() })
}

/// Returns the configuration with this mode where it names none, exact or fast. A run that has the model to itself makes
/// its calls in an order that does not depend on the clock, so it repeats itself in fast mode too.
fn in_mode(llm: &LlmConfig, exact: Option<bool>) -> LlmConfig {
    LlmConfig { exact: llm.exact.or(exact), ..llm.clone() }
}

/// Returns the mode of the session: what it was begun with, also by a version that chose otherwise.
fn recorded_mode(state: &State) -> Option<bool> {
    state.model.as_ref().and_then(|model| model.exact)
}

/// Returns the settings with the day on which the run begins, where the model's template may name it: a fork on another
/// day has the same prompts.
pub fn on_a_day(config: &Config, now: Timestamp) -> Settings {
    let mut settings = config.run.clone();
    if config.llm.backend == BackendKind::Llama {
        let today = now.to_zoned_datetime(TimeZone::system()).date();
        settings.template.date.get_or_insert(today);
    }
    settings
}

/// Forks the session `parent` at one of its events. Its settings are those of the parent, with
/// those of `fork` on top; of `config` only the model and the place for sessions count.
///
/// # Errors
/// When there is no such moment, the problem is not there any more, or as [`open`].
pub fn fork(parent: &Session, fork: ForkAt, config: &Config) -> Result<Opened, Failure> {
    let recorded = parent.records.iter().take_while(|record| record.seq <= fork.at);
    let state = State::replay(recorded);
    let mut settings = config::overlay(&state.settings, &fork.set)?;
    settings.seed = fork.seed.unwrap_or(settings.seed);
    if fork.no_cite {
        settings.cite = Cite::Off;
    }
    settings.paused = fork.paused;
    require_own_command(&settings, &fork.set, config)?;
    let problem = same_problem(&state, fork.problem.as_deref(), &parent.manifest)?;
    let mode = recorded_mode(&state).unwrap_or(false);
    let backend = backend_for(&in_mode(&config.llm, Some(mode)), &settings)?;
    let created = Timestamp::now();
    let dir = new_dir(config, created, &problem.id, settings.seed)?;
    let model = config.llm.model.clone();
    let source = source(&problem);
    let plan = ForkPlan { at: fork.at, settings, model, created, source, dir };
    let Fork { writer, records, state } = session::fork(parent, plan)?;
    let dir = writer.dir().to_owned();
    let start = Start::Fork(Box::new(state));
    let run = Run { problem: Arc::new(problem), start, backend, writer };
    Ok(Opened { handle: engine::start(run), dir, past: records })
}

/// Refuses a command that only the record names: whoever made the record would have it run here.
fn require_own_command(settings: &Settings, set: &[String], config: &Config) -> Result<(), Failure> {
    let Some(path) =
        settings.scorer_command.path.as_deref().filter(|_| settings.scorers.get(command::NAME) > 0.0)
    else {
        return Ok(());
    };
    let is_set =
        set.iter().any(|pair| pair.trim().trim_start_matches("run.").starts_with("scorer_command.path"));
    if is_set || config.run.scorer_command.path.as_deref() == Some(path) {
        return Ok(());
    }
    Err(Failure::new(format!("The session's plans are scored by the command {path}, which is not run just because a recorded session names it."))
        .hint(format!("allow it with --set scorer_command.path={path}, or do without: --set scorers.command=0")))
}

/// Returns what the problem can be loaded by again, from wherever the program is started then.
pub fn source(problem: &Problem) -> Option<String> {
    let reference = problem.reference()?;
    if problem.is_built_in() {
        return Some(reference);
    }
    let file = std::path::absolute(&problem.source).ok()?;
    Some(reference.replacen(&problem.source, &file.to_string_lossy(), 1))
}

/// Loads the problem of a session again; the record has all of it but what checkers and the oracle need.
///
/// # Errors
/// When it is not there any more, or another one by now.
pub fn same_problem(state: &State, reference: Option<&str>, manifest: &Manifest) -> Result<Problem, Failure> {
    let recorded = state.problem.as_ref();
    let known = manifest.source.as_deref().unwrap_or(&manifest.problem);
    let reference = reference.unwrap_or(known);
    let elsewhere = "give its original file with --problem, as in --problem gsm8k.jsonl#12";
    let problem = problem::load(reference)
        .map_err(|error| Failure::new(format!("The problem of the session: {error}")).hint(elsewhere))?;
    if recorded.is_some_and(|card| card.text != problem.text || card.family != problem.family) {
        return Err(
            Failure::new(format!("The problem {reference} is not the session's problem.")).hint(elsewhere)
        );
    }
    Ok(problem)
}

/// Returns where the recorded run lost a right answer, if it did. *Oracle*: it looks at the gold answer. `None` for a run
/// that is not over, that has nothing to be judged by, or whose problem cannot be had any more.
pub fn stages(session: &Session) -> Option<Stages> {
    let start = State::replay(session.records.first());
    start.problem.as_ref().filter(|card| card.has_gold)?;
    let problem = same_problem(&start, None, &session.manifest).ok()?;
    Stages::of(&problem, &session.records).filter(Stages::are_known)
}

/// What it takes to ask a session's model about its moments: the problem, and the model that was recorded, since
/// another one would speak of another run.
#[derive(Debug, Clone)]
pub struct RecordedModel {
    manifest: Manifest,
    llm: LlmConfig,
}

impl RecordedModel {
    /// Returns the means for the session of `manifest`.
    pub fn new(manifest: Manifest, config: &Config) -> Self {
        let llm = LlmConfig { model: manifest.model.clone(), ..config.llm.clone() };
        Self { manifest, llm }
    }
}

impl ModelProvider for RecordedModel {
    fn problem(&self, state: &State) -> Result<Problem, String> {
        same_problem(state, None, &self.manifest).map_err(one_sentence)
    }

    fn backend(&self, state: &State) -> Result<Box<dyn Backend>, String> {
        backend(&in_mode(&self.llm, recorded_mode(state)), &state.settings).map_err(one_sentence)
    }
}

fn one_sentence(failure: Failure) -> String {
    let hint = failure.hint.map_or_else(String::new, |hint| format!(" ({hint})"));
    format!("{}{hint}.", failure.message.trim_end_matches('.'))
}

/// Returns where sessions are kept.
///
/// # Errors
/// When no place is named and there is no home directory.
pub fn sessions_dir(config: &Config) -> Result<PathBuf, Failure> {
    config.sessions.clone().or_else(default_base).ok_or_else(no_home)
}

fn new_dir(config: &Config, created: Timestamp, problem: &str, seed: u64) -> Result<PathBuf, Failure> {
    default_dir(config.sessions.as_deref(), created, problem, seed).ok_or_else(no_home)
}

fn no_home() -> Failure {
    Failure::new("There is no home directory to store sessions in.")
        .hint("choose a directory with --sessions DIR")
}

/// Returns which model is meant by `asked`, in an experiment that runs on several machines.
///
/// # Errors
/// When the catalogue has no such model.
pub fn model_id(config: &Config, asked: &str) -> Result<ModelId, Failure> {
    let (name, sha256) = match config.llm.backend {
        BackendKind::Llama => {
            let model = models::resolve(asked)?;
            (model.name, model.sha256)
        }
        BackendKind::Scripted => (file_name(asked), None),
        BackendKind::Openai => (asked.to_owned(), None),
    };
    Ok(ModelId { name, sha256, asked: asked.to_owned() })
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Returns the backends of a model of an experiment with the settings `base`, one for each of the concurrent runs; the
/// configuration says all else.
///
/// # Errors
/// As [`backends_beside`].
pub fn lab_backends(
    config: &Config,
    base: &Settings,
    model: &ModelId,
) -> Result<Vec<Box<dyn Backend>>, LabError> {
    let llm = LlmConfig { model: model.asked.clone(), ..config.llm.clone() };
    let (template, thinking) = (base.template.clone(), base.thinking.clone());
    backends_beside(&llm, &Settings { template, thinking, ..config.run.clone() }).map_err(|failure| {
        LabError::Model(LlmError::Unavailable {
            message: failure.message,
            hint: failure.hint.unwrap_or_default(),
        })
    })
}

/// Fails early, before a screen is opened, when the model cannot be had. Returns why the model is not there
/// yet, when fetching it is all that is missing.
///
/// # Errors
/// As [`backend`].
pub fn check_model(config: &Config) -> Result<Option<ModelError>, Failure> {
    if cfg!(feature = "llama")
        && config.llm.backend == BackendKind::Llama
        && let Err(missing @ ModelError::NotInstalled { .. }) = models::resolve(&config.llm.model)?.require()
    {
        return Ok(Some(missing));
    }
    backend(&config.llm, &config.run).map(|_| None)
}

/// Returns the themes of the program and of the user, as far as this terminal allows colours.
pub fn themes() -> Themes {
    Themes::of_environment(config::themes_dir())
}

/// Returns how the screen appears with this configuration on this terminal.
///
/// # Errors
/// When there is no theme of the configured name, or it is broken.
pub fn appearance(config: &Config) -> Result<Appearance, Failure> {
    let themes = themes();
    let theme = config.ui.theme.clone().unwrap_or_else(|| themes.default_name().to_owned());
    themes.load(&theme)?;
    let glyphs = match config.ui.glyphs {
        GlyphChoice::Auto => Glyphs::of_environment(),
        GlyphChoice::Unicode => Glyphs::Unicode,
        GlyphChoice::Ascii => Glyphs::Ascii,
    };
    Ok(Appearance { themes, theme, glyphs, mouse: config.ui.mouse, memory: config::screen_file() })
}

/// Returns the keys that the configuration names.
///
/// # Errors
/// When it names a set of keys, a key or a command that does not exist.
pub fn keymap(config: &Config) -> Result<Keymap, Failure> {
    let hint = "docs/commands.md lists keys and commands";
    Keymap::new(&config.ui.keys, &config.ui.bind).map_err(|error| Failure::new(error.to_string()).hint(hint))
}

/// Reads the commands that are done at the start.
///
/// # Errors
/// When the file cannot be read, or a line is no command; the error names the line.
pub fn script(path: Option<&Path>) -> Result<Option<tui::script::Script>, Failure> {
    path.map(outside::read_script).transpose().map_err(Failure::new)
}

/// Requests to end: Ctrl-C, and on Unix SIGTERM and SIGHUP. Made once, so that none is missed. A SIGHUP that is ignored, as
/// under `nohup`, stays ignored.
#[derive(Debug)]
pub struct Interrupts {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: only asks for the present action; it is plain data that may be zero, and lives through the call.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

impl Interrupts {
    /// Listens from now on.
    ///
    /// # Errors
    /// When signals cannot be listened to.
    #[cfg(unix)]
    pub fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = is_ignored(libc::SIGHUP);
        let hangup = (!ignored).then(|| signal(SignalKind::hangup())).transpose()?;
        let signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        Ok(Self { signals, hangup })
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// Never on this system.
    #[cfg(not(unix))]
    pub fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for the next request to end, and returns the number of its signal.
    pub async fn next(&mut self) -> i32 {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = interrupt.recv() => libc::SIGINT,
                _ = terminate.recv() => libc::SIGTERM,
                () = hangup => libc::SIGHUP,
            }
        }
        #[cfg(not(unix))]
        {
            // An error means that there is nothing to listen to: never resolve.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            libc::SIGINT
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_the_day_on_which_it_began_unless_another_is_set() {
        let now: Timestamp = "2026-03-07T12:00:00Z".parse().unwrap();
        let day = |backend, date: Option<&str>| {
            let mut config = Config::default();
            config.llm.backend = backend;
            config.run.template.date = date.map(|date| date.parse().unwrap());
            on_a_day(&config, now).template.date.map(|date| date.to_string())
        };
        assert_eq!(day(BackendKind::Llama, None).as_deref(), Some("2026-03-07"));
        assert_eq!(day(BackendKind::Llama, Some("2024-07-26")).as_deref(), Some("2024-07-26"));
        assert_eq!(day(BackendKind::Scripted, None), None, "no template reads it");
    }

    #[test]
    fn a_problem_of_a_file_is_found_again_from_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rows.jsonl");
        let row = |legs: u32| {
            format!("{{\"question\": \"How many legs are {legs}?\", \"answer\": \"#### {legs}\"}}\n")
        };
        std::fs::write(&file, row(4) + &row(8)).unwrap();
        let problem = problem::load(&format!("{}#1", file.display())).unwrap();
        let named = source(&problem).unwrap();
        assert!(Path::new(&named).is_absolute());
        assert_eq!(problem::load(&named).unwrap().text, problem.text);
        assert_eq!(source(&problem::load("pens").unwrap()).as_deref(), Some("pens"));
        assert_eq!(source(&Problem::new("own", "free", "A letter.")), None);
    }
}
