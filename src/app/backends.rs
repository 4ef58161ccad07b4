//! Which backend answers: the model of runs, a process reward model if one is used, and commands.

use std::collections::VecDeque;

use crate::{
    config::{BackendKind, LlmConfig},
    failure::Failure,
};
use engine::score::{self, prm};
use llm::Routed;
#[cfg(feature = "llama")]
use llm::models;
use model::{
    Backend, RankBy,
    scripted::{ReplyScript, ScriptedBackend},
};
use session::Settings;

/// Returns the backend that the configuration names, whose model reads prompts as these settings say. It is loaded later,
/// by the engine.
///
/// # Errors
/// When the model is not there, or this build lacks the backend.
pub fn backend(llm: &LlmConfig, settings: &Settings) -> Result<Box<dyn Backend>, Failure> {
    backend_with(llm, settings, None)
}

/// Returns the backend that serves runs with these settings: where steps are valued by a process reward model, that one
/// next to the other.
///
/// # Errors
/// As [`backend`], and when the process reward model is none.
pub fn backend_for(llm: &LlmConfig, settings: &Settings) -> Result<Box<dyn Backend>, Failure> {
    backend_with(llm, settings, prm_of(settings))
}

/// Returns the backend that the scorers with a weight need. Where none of them asks the model of runs, that one is not
/// looked for.
///
/// # Errors
/// As [`backend_for`].
pub fn backend_of_scorers(llm: &LlmConfig, settings: &Settings) -> Result<Box<dyn Backend>, Failure> {
    if score::active(settings).any(|scorer| scorer.asks_model()) {
        return backend_for(llm, settings);
    }
    let none = ReplyScript { name: "none".into(), delay_ms: 0, replies: VecDeque::new() };
    with_ranker(Box::new(ScriptedBackend::new(none)), llm, settings, prm_of(settings))
}

/// The process reward model that is asked, and where it says what it thinks.
fn prm_of(settings: &Settings) -> Option<(&str, RankBy)> {
    let prm = (settings.scorers.get(prm::NAME) > 0.0).then_some(&settings.prm)?;
    Some((prm.model.as_deref()?, prm.reads))
}

/// Returns one backend for each of the runs that share a model, as many as `llm.streams` says.
///
/// # Errors
/// As [`backend_for`], and when several runs would ask one process reward model.
pub fn backends_beside(llm: &LlmConfig, settings: &Settings) -> Result<Vec<Box<dyn Backend>>, Failure> {
    let prm = prm_of(settings);
    if llm.streams > 1 && prm.is_some() {
        return Err(Failure::new(
            "Concurrent runs would share the cache of one process reward model, and therefore its cost.",
        )
        .hint("run one at a time: --parallel 1"));
    }
    let streams = models(llm, settings, llm.streams.max(1))?.into_iter();
    streams.map(|model| with_ranker(model, llm, settings, prm)).collect()
}

fn backend_with(
    llm: &LlmConfig,
    settings: &Settings,
    prm: Option<(&str, RankBy)>,
) -> Result<Box<dyn Backend>, Failure> {
    let model = models(llm, settings, 1)?.pop().ok_or_else(|| Failure::new("No model is configured."))?;
    with_ranker(model, llm, settings, prm)
}

/// Returns as many backends for the same model.
fn models(llm: &LlmConfig, settings: &Settings, streams: u32) -> Result<Vec<Box<dyn Backend>>, Failure> {
    let scripted = || -> Result<Box<dyn Backend>, Failure> {
        Ok(Box::new(ScriptedBackend::new(ReplyScript::read(llm.model.as_ref())?)))
    };
    match llm.backend {
        BackendKind::Llama => llama(llm, settings, streams),
        // A server batches what it is asked by itself.
        BackendKind::Openai => (0..streams).map(|_| openai(llm)).collect(),
        BackendKind::Scripted => (0..streams).map(|_| scripted()).collect(),
    }
}

fn with_ranker(
    model: Box<dyn Backend>,
    llm: &LlmConfig,
    settings: &Settings,
    prm: Option<(&str, RankBy)>,
) -> Result<Box<dyn Backend>, Failure> {
    let routed = with_planner(Routed::new(model), llm);
    Ok(Box::new(match prm {
        Some((name, reads)) => routed.with_ranker(ranker(llm, settings, name, reads)?),
        None => routed,
    }))
}

/// Plan tokens are filled by small models of this machine; a script has its own.
#[cfg(feature = "llama")]
fn with_planner(routed: Routed, llm: &LlmConfig) -> Routed {
    use llm::planner::{Planner, PlannerOptions};
    match llm.backend {
        BackendKind::Llama | BackendKind::Openai => {
            let options = PlannerOptions { file: llm.planner.clone(), threads: llm.threads };
            routed.with_planner(Box::new(Planner::new(options)))
        }
        BackendKind::Scripted => routed,
    }
}

#[cfg(not(feature = "llama"))]
fn with_planner(routed: Routed, _: &LlmConfig) -> Routed {
    routed
}

#[cfg(feature = "llama")]
fn llama(llm: &LlmConfig, settings: &Settings, streams: u32) -> Result<Vec<Box<dyn Backend>>, Failure> {
    use llm::worker::{LlamaBackend, LlamaOptions};
    let model = models::resolve(&llm.model)?.require()?;
    let options = LlamaOptions {
        gpu_layers: llm.gpu_layers,
        threads: llm.threads,
        ctx: llm.ctx,
        sequences: llm.sequences,
        streams,
        exact: llm.exact.unwrap_or(true),
        sha256: model.sha256,
        template: settings.template.clone(),
        thinking: settings.thinking.clone(),
        ..LlamaOptions::new(model.path, model.name)
    };
    let boxed = |stream| Box::new(stream) as Box<dyn Backend>;
    Ok(LlamaBackend::new(options).streams().into_iter().map(boxed).collect())
}

/// A second model, in a worker process of its own. Calls come one at a time, so both may use all threads.
#[cfg(feature = "llama")]
fn ranker(
    llm: &LlmConfig,
    settings: &Settings,
    name: &str,
    reads: RankBy,
) -> Result<Box<dyn Backend>, Failure> {
    use llm::{
        gguf,
        worker::{LlamaBackend, LlamaOptions, ModelTask},
    };
    use model::TemplateSettings;
    let model = models::resolve(name)?.require()?;
    let (task, sequences) = match reads {
        RankBy::Head => {
            gguf::require_head(&model.path)?;
            (ModelTask::Rank, 1)
        }
        RankBy::Signs => (ModelTask::Write, llm.sequences),
    };
    let options = LlamaOptions {
        gpu_layers: llm.gpu_layers,
        threads: llm.threads,
        ctx: llm.ctx,
        sequences,
        sha256: model.sha256,
        // Variables and names are those of the other model's template.
        template: TemplateSettings { date: settings.template.date, ..TemplateSettings::default() },
        task,
        ..LlamaOptions::new(model.path, model.name)
    };
    Ok(Box::new(LlamaBackend::new(options)))
}

#[cfg(not(feature = "llama"))]
fn ranker(_: &LlmConfig, _: &Settings, _: &str, _: RankBy) -> Result<Box<dyn Backend>, Failure> {
    Err(Failure::new("A process reward model needs llama.cpp, which this build lacks.")
        .hint("build it with the default features, or do without: --scorer prm=0"))
}

#[cfg(not(feature = "llama"))]
fn llama(_: &LlmConfig, _: &Settings, _: u32) -> Result<Vec<Box<dyn Backend>>, Failure> {
    Err(Failure::new("This build of planscope has no llama.cpp.")
        .hint("build it with the default features, or use --url for a server"))
}

#[cfg(feature = "http")]
fn openai(llm: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    use std::time::Duration;

    use llm::openai::{OpenAiBackend, OpenAiOptions};
    let url = llm.url.as_deref().ok_or_else(|| {
        Failure::new("The OpenAI-compatible backend needs the server's address.")
            .hint("give it with --url, such as --url http://localhost:8080/v1")
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

#[cfg(not(feature = "http"))]
fn openai(_: &LlmConfig) -> Result<Box<dyn Backend>, Failure> {
    Err(Failure::new("This build of planscope cannot use servers.")
        .hint("build it with the default features"))
}
