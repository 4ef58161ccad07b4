//! Any server with OpenAI-compatible endpoints: llama-server, vLLM, SGLang and others.
//!
//! What a server does not tell stays absent: token ids, most of the model's shape, and with some servers
//! log-probabilities and cached tokens. A field that it rejects is left out from then on, a server that is still
//! loading is waited for, and what else is odd about a reply is noted in the reply. Limitations:
//! - Grammars are sent only when [`OpenAiOptions::grammar`] says how this server takes them. Otherwise
//!   the text comes unconstrained and whoever asked has to check it.
//! - The completion endpoint, which scoring needs, gets the conversation in ChatML; a model with another
//!   template will read it poorly.
//! - Log-probabilities are as the server reports them; some report them after temperature.
//! - Without log-probabilities a [`Token`](model::Token) is what one event of the stream brought.

mod arriving;
mod body;
mod client;
mod errors;
mod generate;
mod learned;
mod patience;
mod prompt;
pub(crate) mod proxy;
mod rejected;
mod reply;
mod score;
mod spent;
mod sse;
mod wire;

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, future::BoxFuture};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{
    client::{Client, HttpRequest},
    errors::RequestFailure,
    spent::TokenUsage,
    wire::{ModelCard, model_list},
};
use model::{
    Backend, Cost, LlmError, ModelInfo, Output, Progress, Reply, Request, no_commands, no_distributions,
    no_head, no_plan_tokens,
};

pub use super::server::{Endpoint, GrammarStyle};

/// A server and how to use it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAiOptions {
    /// Such as `http://localhost:8080/v1`; `/v1` is added where the address has no path.
    pub base_url: String,
    /// The server's name for the model; absent: the first that it lists.
    pub model: Option<String>,
    /// The key that is sent; absent: none.
    pub api_key: Option<String>,
    /// No connection and no server that is loading is waited for, and no silence borne, longer than this.
    pub timeout: Duration,
    /// Which endpoint generates.
    pub endpoint: Endpoint,
    /// How grammars are sent.
    pub grammar: GrammarStyle,
    /// Concurrent requests, at most.
    pub parallel: usize,
    /// How many of the most probable tokens are asked for to find the options of a choice among them.
    pub top_logprobs: u32,
    /// Settings sent with every request as they are, for what only some servers know.
    pub extra: Map<String, Value>,
}

impl OpenAiOptions {
    /// Returns the usual options for a server.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            model: None,
            api_key: None,
            timeout: Duration::from_secs(300),
            endpoint: Endpoint::Chat,
            grammar: GrammarStyle::None,
            parallel: 8,
            top_logprobs: 20,
            extra: Map::new(),
        }
    }

    /// Returns the options with the key of the environment: `PLANSCOPE_API_KEY`, else `OPENAI_API_KEY`.
    #[must_use]
    pub fn with_key_of_environment(mut self) -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|key| !key.is_empty());
        self.api_key = ["PLANSCOPE_API_KEY", "OPENAI_API_KEY"].iter().find_map(set);
        self
    }
}

/// A model behind a server.
#[derive(Debug)]
pub struct OpenAiBackend {
    options: OpenAiOptions,
    client: Client,
    info: Option<ModelInfo>,
}

impl OpenAiBackend {
    /// Returns a backend for the server; it is not asked anything yet.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when the address makes no sense.
    pub fn new(options: OpenAiOptions) -> Result<Self, LlmError> {
        let client = Client::new(&options)?;
        Ok(Self { options, client, info: None })
    }

    /// Asks the server which models it has, once. What was learned of it since then is in the notes.
    async fn meet(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        let info = match self.info.take() {
            Some(info) => info,
            None => self.introduce(progress).await?,
        };
        self.info = Some(info.clone());
        Ok(ModelInfo { notes: self.client.learned.said(), ..info })
    }

    async fn introduce(&self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        let wanted = self.options.model.as_deref();
        let mut cards = self.list(wanted.is_some(), progress).await?.into_iter();
        let card = match wanted {
            Some(name) => cards.find(|card| card.name == name),
            None => cards.next(),
        };
        let card = match (card, wanted) {
            (Some(card), _) => card,
            (None, Some(name)) => ModelCard { name: name.to_owned(), ..ModelCard::default() },
            (None, None) => {
                return Err(LlmError::Unavailable {
                    message: "the server lists no model".into(),
                    hint: "name the model with --set llm.server_model=NAME, or see whether the server has loaded one"
                        .into(),
                });
            }
        };
        Ok(ModelInfo {
            name: card.name,
            backend: "openai".into(),
            context: card.context,
            parameters: card.parameters,
            bytes: card.bytes,
            sequences: u32::try_from(self.options.parallel).ok(),
            exact: Some(false),
            ..ModelInfo::default()
        })
    }

    /// Returns the models that the server lists. Small servers leave the list out, or have something else in its
    /// place; a name that was given is enough then.
    async fn list(&self, named: bool, progress: &mpsc::Sender<Progress>) -> Result<Vec<ModelCard>, LlmError> {
        let ask = HttpRequest { path: "models", body: None, needed: &[], progress };
        let listed = match self.client.json(ask).await {
            Ok(value) => model_list(&value).ok_or_else(|| {
                RequestFailure::answered(self.client.asked_of(&ask).unreadable(&value.to_string()))
            }),
            Err(fault) => Err(fault),
        };
        match listed {
            Ok(cards) => Ok(cards),
            Err(fault) if named && fault.server_works() => Ok(Vec::new()),
            Err(fault) => Err(fault.error),
        }
    }

    async fn work(
        &mut self,
        request: &Request,
        job: RequestContext<'_>,
    ) -> Result<(Output, TokenUsage), LlmError> {
        let met = job.cancel.run_until_cancelled(self.meet(job.progress)).await;
        let model = met.ok_or(LlmError::Cancelled)??.name;
        let endpoint = match request {
            Request::Generate { .. } => self.options.endpoint,
            Request::Score { .. } => Endpoint::Completions,
            Request::Choose { .. }
            | Request::Contrast { .. }
            | Request::Rank { .. }
            | Request::Fill { .. }
            | Request::Latents { .. }
            | Request::Appraise { .. } => Endpoint::Chat,
        };
        prompt::check(endpoint, &request.prompts())?;
        match request {
            Request::Generate { generations } => self.generate(&model, generations, job).await,
            Request::Score { pairs } => self.score(&model, pairs, job.progress).await,
            Request::Choose { prompts, options } => self.choose(&model, prompts, options, job.progress).await,
            Request::Contrast { .. } => Err(no_distributions("A server")),
            Request::Rank { .. } => Err(no_head("A server")),
            Request::Fill { .. } | Request::Latents { .. } => Err(no_plan_tokens("A server's model")),
            Request::Appraise { .. } => Err(no_commands("A server")),
        }
    }

    fn parallel(&self) -> usize {
        self.options.parallel.max(1)
    }

    /// Does pieces of work side by side, as many as the options allow; the outcomes keep their order, and
    /// the first error ends the rest.
    async fn side_by_side<T>(
        &self,
        work: Vec<BoxFuture<'_, Result<T, LlmError>>>,
    ) -> Result<Vec<T>, LlmError> {
        futures_util::stream::iter(work).buffered(self.parallel()).try_collect().await
    }
}

/// What goes with a request while it is worked on.
#[derive(Clone, Copy)]
struct RequestContext<'a> {
    progress: &'a mpsc::Sender<Progress>,
    cancel: &'a CancellationToken,
}

#[async_trait::async_trait]
impl Backend for OpenAiBackend {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.meet(progress).await
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        let started = Instant::now();
        let batch = u32::try_from(request.sequences().min(self.parallel())).unwrap_or(u32::MAX);
        let cancelled = cancel.clone();
        let streams = matches!(request, Request::Generate { .. });
        let work = self.work(request, RequestContext { progress, cancel });
        // A generation watches for itself, since it has something to hand back; dropping other work closes
        // its connections, which is how servers learn of it.
        let (output, spent) = match streams {
            true => work.await?,
            false => cancelled.run_until_cancelled_owned(work).await.ok_or(LlmError::Cancelled)??,
        };
        let cost = Cost { calls: 1, wall_ms: started.elapsed().as_secs_f64() * 1e3, ..spent.cost };
        let mut notes = self.client.learned.news();
        notes.extend(spent.notes);
        Ok(Reply { output, cost, prompts: spent.prompts.unwrap_or_default(), batch, notes })
    }
}
