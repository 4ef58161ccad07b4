//! The models of plan tokens, one per family, each in a worker process of its own.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use files::Durability;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{BUNDLED, PlannerHeader, PlannerKind};
use crate::{
    gguf,
    models::ModelStore,
    worker::{LlamaBackend, LlamaOptions, ModelTask},
};
use model::{Backend, GpuLayers, LlmError, ModelInfo, Progress, Reply, Request, no_plan_tokens};

/// How the models are run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlannerOptions {
    /// A file in place of the weights that come with the program.
    pub file: Option<PathBuf>,
    /// Threads; by default one per physical core.
    pub threads: Option<u32>,
}

/// Starts the model of a family when it is first asked for.
pub struct Planner {
    options: PlannerOptions,
    /// The program of the worker, if it is not this one.
    program: Option<OsString>,
    open: BTreeMap<(String, PlannerKind), LlamaBackend>,
}

impl Planner {
    /// Returns a planner for which no model was started yet.
    pub fn new(options: PlannerOptions) -> Self {
        Self { options, program: None, open: BTreeMap::new() }
    }

    /// Returns the planner with `program` as the worker in place of this program itself.
    #[must_use]
    pub fn with_program(self, program: impl Into<OsString>) -> Self {
        Self { program: Some(program.into()), ..self }
    }

    /// Finds the weights, and says what they are.
    fn start(&mut self, family: &str, kind: PlannerKind, vocabulary: &[String]) -> Result<String, LlmError> {
        let (path, name) = match &self.options.file {
            Some(file) => (file.clone(), file.file_name().unwrap_or_default().to_string_lossy().into_owned()),
            None => (bundled(family, kind)?, format!("the program's own weights for {family}")),
        };
        let header = gguf::read(&path).map_err(|error| LlmError::Unavailable {
            message: error.to_string(),
            hint: "name another file with --set llm.planner=FILE, or none for the weights of the program"
                .into(),
        })?;
        let known = PlannerHeader::of(&header)?;
        known.check(family, vocabulary)?;
        known.check_kind(kind)?;
        let hash = std::fs::read(&path).map(|bytes| short_hash(&bytes)).unwrap_or_default();
        let millions = header.parameters() as f64 / 1e6;
        let (what, task) = match kind {
            PlannerKind::Masked => ("Plan tokens are filled", ModelTask::Fill),
            PlannerKind::Latent => ("Latents of plans are found", ModelTask::Find),
        };
        let options = LlamaOptions {
            // So small a model is not worth the way to a GPU.
            gpu_layers: GpuLayers::Count(0),
            threads: self.options.threads,
            ctx: 0,
            sequences: 1,
            exact: false,
            task,
            ..LlamaOptions::new(path, family)
        };
        let backend = LlamaBackend::new(options);
        let backend = match &self.program {
            Some(program) => backend.with_program(program),
            None => backend,
        };
        self.open.insert((family.to_owned(), kind), backend);
        Ok(format!("{what} by {name}, {millions:.2} M parameters (blake3 {hash})."))
    }
}

#[async_trait::async_trait]
impl Backend for Planner {
    /// Which models are started depends on the families of the requests: the first reply of each names it.
    async fn info(&mut self, _: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        Ok(ModelInfo { name: "planner".into(), backend: "llama.cpp".into(), ..ModelInfo::default() })
    }

    /// Has the model of the request's family fill its rows. The first reply says which model that is.
    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        let (family, vocabulary, kind) = match request {
            Request::Fill { family, vocabulary, .. } => (family, vocabulary, PlannerKind::Masked),
            Request::Latents { family, vocabulary, .. } => (family, vocabulary, PlannerKind::Latent),
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Choose { .. }
            | Request::Contrast { .. }
            | Request::Rank { .. }
            | Request::Appraise { .. } => {
                return Err(no_plan_tokens("A model of plan tokens asked for something else"));
            }
        };
        let key = (family.clone(), kind);
        let note = match self.open.contains_key(&key) {
            true => None,
            false => Some(self.start(family, kind, vocabulary)?),
        };
        let model = self.open.get_mut(&key).ok_or_else(|| no_plan_tokens("The model"))?;
        let reply = model.call(request, progress, cancel).await?;
        Ok(Reply { notes: note.into_iter().chain(reply.notes).collect(), ..reply })
    }
}

/// Returns the file of the weights that come with the program; llama.cpp reads files alone, so they are put into the cache.
fn bundled(family: &str, kind: PlannerKind) -> Result<PathBuf, LlmError> {
    let mut fitting = BUNDLED.iter().filter(|weights| weights.kind == kind);
    let weights = fitting.clone().find(|weights| weights.family == family).ok_or_else(|| {
        let known: Vec<&str> = fitting.by_ref().map(|weights| weights.family).collect();
        LlmError::Refused {
            message: format!(
                "there are no weights for plans of the family {family} that {}; there are for {}",
                kind.words(),
                known.join(", ")
            ),
            hint: format!(
                "train your own with planscope train {} and name them with --set llm.planner=FILE, or refine by edits",
                kind.objective()
            ),
        }
    })?;
    let failed = |error: &dyn std::fmt::Display| LlmError::Unavailable {
        message: format!("the weights for {family} cannot be put into the cache: {error}"),
        hint: "make room, or name another place with XDG_CACHE_HOME".into(),
    };
    let store = ModelStore::open_default().map_err(|error| failed(&error))?;
    let path = store.dir().join(format!("{family}-{}.gguf", short_hash(weights.bytes)));
    if std::fs::read(&path).is_ok_and(|known| known == weights.bytes) {
        return Ok(path);
    }
    std::fs::create_dir_all(store.dir()).map_err(|error| failed(&error))?;
    files::write_whole(&path, weights.bytes, Durability::Buffered).map_err(|error| failed(&error))?;
    Ok(path)
}

/// Enough of a hash to tell one file of weights from another.
fn short_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..8].to_owned()
}
