//! The composition root: the only place where model, engine, session and screen meet.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

use crate::{
    cli::Failure,
    config::{self, BackendKind, Config, GlyphChoice, LlmConfig},
    engine::{self, Handle, Run, machine},
    llm::{
        Backend,
        models::{self, ModelError},
        scripted::{Script, ScriptedBackend},
    },
    problem::{self, Problem},
    session::{
        format::{Manifest, default_dir},
        writer::SessionWriter,
    },
    tui::{Appearance, Glyphs, Themes},
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
    use crate::llm::worker::{LlamaBackend, LlamaOptions};
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
    backend(&config.llm).map(|_| None)
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
