//! The composition root: the only place where model, engine, session and screen meet.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    cli::Failure,
    config::{BackendKind, Config, LlmConfig},
    engine::{self, Handle, Run, machine},
    llm::{
        Backend,
        scripted::{Script, ScriptedBackend},
    },
    problem::{self, Problem},
    session::{
        format::{Manifest, default_dir},
        writer::SessionWriter,
    },
    tui::{self, keymap::Keymap, outside, theme::Theme},
};

/// A run that was started.
pub struct Opened {
    /// Its outside end.
    pub handle: Handle,
    /// Where it is recorded.
    pub dir: PathBuf,
}

/// Loads the problem, makes the backend and the session, and starts the engine.
///
/// # Errors
/// When the problem or model cannot be had, or there is no place for the session.
pub fn open(reference: &str, config: &Config) -> Result<Opened, Failure> {
    let problem: Problem = problem::load(reference)?;
    let backend = backend(&config.llm)?;
    let created = Timestamp::now();
    let dir =
        default_dir(config.sessions.as_deref(), created, &problem.id, config.run.seed).ok_or_else(|| {
            Failure::new("There is no home directory to keep sessions in.")
                .hint("name a place with --sessions DIR")
        })?;
    let manifest = Manifest::new(&machine::card(&problem), &config.llm.model, config.run.seed, created);
    let writer = SessionWriter::create(&dir, manifest)?;
    let run = Run { problem: Arc::new(problem), settings: config.run.clone(), backend, writer };
    Ok(Opened { handle: engine::start(run), dir })
}

/// Returns the backend that the configuration names. The model is loaded later, by the engine.
///
/// # Errors
/// When the model is not there, or this build lacks the backend.
pub fn backend(llm: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    match llm.backend {
        BackendKind::Llama => llama(llm),
        BackendKind::Openai => openai(llm),
        BackendKind::Scripted => Ok(Box::new(ScriptedBackend::new(Script::read(llm.model.as_ref())?))),
    }
}

#[cfg(feature = "llama")]
fn llama(llm: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    use crate::llm::{
        models,
        worker::{LlamaBackend, LlamaOptions},
    };
    let model = models::resolve(&llm.model)?.require()?;
    let options = LlamaOptions {
        gpu_layers: llm.gpu_layers,
        threads: llm.threads,
        ctx: llm.ctx,
        sequences: llm.sequences,
        exact: llm.exact.unwrap_or(true),
        sha256: model.sha256,
        ..LlamaOptions::new(model.path, model.name)
    };
    Ok(Box::new(LlamaBackend::new(options)))
}

#[cfg(not(feature = "llama"))]
fn llama(_: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    Err(Failure::new("This build of planscope has no llama.cpp.")
        .hint("build it with the default features, or use --url for a server"))
}

#[cfg(feature = "openai")]
fn openai(llm: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    use std::time::Duration;

    use crate::llm::openai::{OpenAiBackend, OpenAiOptions};
    let url = llm.url.as_deref().ok_or_else(|| {
        Failure::new("The OpenAI-compatible backend needs the server's address.")
            .hint("name it with --url, such as --url http://localhost:8080/v1")
    })?;
    let options = OpenAiOptions {
        model: llm.server_model.clone(),
        timeout: Duration::from_secs(llm.timeout_s),
        endpoint: llm.endpoint,
        grammar: llm.server_grammar,
        ..OpenAiOptions::new(url).with_key_of_environment()
    };
    Ok(Box::new(OpenAiBackend::new(options)?))
}

#[cfg(not(feature = "openai"))]
fn openai(_: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    Err(Failure::new("This build of planscope cannot speak to servers.")
        .hint("build it with the default features"))
}

/// Fails early, before a screen is opened, when the model cannot be had.
///
/// # Errors
/// As [`backend`].
pub fn check_model(config: &Config) -> Result<(), Failure> {
    backend(&config.llm).map(drop)
}

/// Returns the theme that the configuration names.
///
/// # Errors
/// When there is no such theme, or it is broken.
pub fn theme(config: &Config) -> Result<Theme, Failure> {
    Ok(Theme::for_terminal(config.ui.theme.as_deref())?)
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

/// Requests to end: Ctrl-C, and on Unix SIGTERM and SIGHUP. Made once, so that none is missed.
#[derive(Debug)]
pub struct Interrupts {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Interrupts {
    /// Listens from now on.
    ///
    /// # Errors
    /// When signals cannot be listened to.
    #[cfg(unix)]
    pub fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [a, b, c] = kinds.map(signal);
        Ok(Self { signals: [a?, b?, c?] })
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// Never on this system.
    #[cfg(not(unix))]
    pub fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for the next request to end.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        {
            let [a, b, c] = &mut self.signals;
            tokio::select! { _ = a.recv() => {}, _ = b.recv() => {}, _ = c.recv() => {} }
        }
        #[cfg(not(unix))]
        // An error means that there is nothing to listen to: never resolve.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
