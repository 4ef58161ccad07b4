//! Any server with OpenAI-compatible endpoints: llama-server, vLLM, SGLang and others.
//!
//! What a server does not tell stays absent: token ids, most of the model's shape, and with some servers
//! log-probabilities and cached tokens. Limitations:
//! - Grammars are sent only when [`OpenAiOptions::grammar`] says how this server takes them. Otherwise
//!   the text comes unconstrained and whoever asked has to check it.
//! - The completion endpoint, which scoring needs, gets the conversation in ChatML; a model with another
//!   template will read it poorly.
//! - Log-probabilities are as the server reports them; some report them after temperature.
//! - Without log-probabilities a [`Token`](crate::llm::Token) is what one event of the stream brought.

mod client;
mod errors;
mod generate;
mod prompt;
mod score;
mod sse;
mod wire;

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, future::BoxFuture};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{
    client::Client,
    wire::{ModelList, Usage},
};
use super::{
    Backend, Cost, LlmError, ModelInfo, Output, Progress, PromptUse, Reply, Request, no_commands,
    no_distributions, no_head,
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
    /// No connection is waited for, and no silence borne, longer than this.
    pub timeout: Duration,
    /// Which endpoint generates.
    pub endpoint: Endpoint,
    /// How grammars are sent.
    pub grammar: GrammarStyle,
    /// Requests under way side by side, at most.
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
    /// Off once the server has refused a request for its log-probabilities.
    logprobs: bool,
}

impl OpenAiBackend {
    /// Returns a backend for the server; it is not asked anything yet.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when the address makes no sense.
    pub fn new(options: OpenAiOptions) -> Result<Self, LlmError> {
        let client = Client::new(&options)?;
        Ok(Self { options, client, info: None, logprobs: true })
    }

    /// Asks the server which models it has, once.
    async fn meet(&mut self) -> Result<ModelInfo, LlmError> {
        if let Some(info) = &self.info {
            return Ok(info.clone());
        }
        let list: ModelList = match self.client.json("models", None).await {
            Ok(list) => list,
            // Small servers leave the list out; a name that was given is enough then.
            Err(error) => match &self.options.model {
                Some(_) if error.to_string().contains("there is nothing at") => ModelList::default(),
                _ => return Err(error),
            },
        };
        let wanted = self.options.model.as_deref();
        let card = match wanted {
            Some(name) => list.data.iter().find(|card| card.id == name),
            None => list.data.first(),
        };
        let name = wanted.or(card.map(|card| card.id.as_str())).ok_or_else(|| LlmError::Unavailable {
            message: "the server lists no model".into(),
            hint: "name the model, or see whether the server has loaded one".into(),
        })?;
        let meta = card.and_then(|card| card.meta.as_ref());
        let info = ModelInfo {
            name: name.to_owned(),
            backend: "openai".into(),
            context: card.and_then(|card| card.max_model_len).or(meta.and_then(|meta| meta.n_ctx)),
            parameters: meta.and_then(|meta| meta.n_params),
            bytes: meta.and_then(|meta| meta.size),
            sequences: u32::try_from(self.options.parallel).ok(),
            exact: Some(false),
            ..ModelInfo::default()
        };
        self.info = Some(info.clone());
        Ok(info)
    }

    async fn work(&mut self, request: &Request, job: Job<'_>) -> Result<(Output, Spent), LlmError> {
        let model = self.meet().await?.name;
        match request {
            Request::Generate { generations } => self.generate(&model, generations, job).await,
            Request::Score { pairs } => self.score(&model, pairs).await,
            Request::Choose { prompts, options } => self.choose(&model, prompts, options).await,
            Request::Contrast { .. } => Err(no_distributions("A server")),
            Request::Rank { .. } => Err(no_head("A server")),
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
        futures::stream::iter(work).buffered(self.parallel()).try_collect().await
    }
}

/// What goes with a request while it is worked on.
#[derive(Clone, Copy)]
struct Job<'a> {
    progress: &'a mpsc::Sender<Progress>,
    cancel: &'a CancellationToken,
}

/// What the requests of a call used, as far as the server tells.
#[derive(Debug, Default)]
struct Spent {
    cost: Cost,
    /// `None` as soon as one reply came without figures.
    prompts: Option<Vec<PromptUse>>,
}

impl Spent {
    fn new() -> Self {
        Self { cost: Cost::default(), prompts: Some(Vec::new()) }
    }

    /// Adds one reply: its figures where there are any, and what was counted here in their place.
    /// `logits` is how many positions' log-probabilities were asked for.
    fn add(&mut self, usage: Option<Usage>, cached: Option<u32>, counted: u64, logits: u64) {
        let Some(usage) = usage else {
            self.cost.generated += counted;
            self.cost.fresh += counted;
            self.cost.logits += logits;
            self.prompts = None;
            return;
        };
        let (tokens, drawn) = (usage.prompt_tokens, u64::from(usage.completion_tokens));
        let cached = cached.unwrap_or(0).min(tokens);
        self.cost.generated += drawn;
        self.cost.fresh += u64::from(tokens - cached) + drawn.saturating_sub(1);
        self.cost.cached += u64::from(cached);
        self.cost.logits += logits.max(drawn);
        if let Some(prompts) = &mut self.prompts {
            prompts.push(PromptUse { tokens, cached });
        }
    }
}

#[async_trait::async_trait]
impl Backend for OpenAiBackend {
    async fn info(&mut self, _: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.meet().await
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
        let work = self.work(request, Job { progress, cancel });
        // A generation watches for itself, since it has something to hand back; dropping other work closes
        // its connections, which is how servers learn of it.
        let (output, spent) = match streams {
            true => work.await?,
            false => cancelled.run_until_cancelled_owned(work).await.ok_or(LlmError::Cancelled)??,
        };
        let cost = Cost { calls: 1, wall_ms: started.elapsed().as_secs_f64() * 1e3, ..spent.cost };
        Ok(Reply { output, cost, prompts: spent.prompts.unwrap_or_default(), batch })
    }
}
