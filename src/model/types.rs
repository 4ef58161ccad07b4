//! Requests to a model and its replies: plain data, recorded in sessions and sent to the worker process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    fill::{FillRow, LatentPlan, LatentRow},
    pressure::Mask,
};

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions that stand above the conversation.
    System,
    /// The person, or the program in their place.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A conversation that the model is to continue.
///
/// Prompts that start alike share their evaluated prefix: the backend finds the common tokens itself,
/// both within one request and with what is still cached from the last. So put what stays the same
/// first: fixed text, problem, plan, then the instruction.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Prompt {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// What the model reads in place of a conversation; there are no messages then, no chat template is applied, and the
    /// model does not think first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Raw>,
    /// How the model's turn begins; generation continues from here. Often empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefill: String,
}

/// A prompt that is not put through the chat template.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Raw {
    /// This text. The texts of special tokens in it become those tokens, so it must hold nothing that others wrote.
    Text(String),
    /// A text with a hole in it, which the model fills: the model's own fill-in-the-middle tokens stand around the two
    /// parts, and nothing in these becomes a special token. Refused by models without such tokens
    /// ([`ModelInfo::infill`]) and by servers.
    Infill {
        /// What stands before the hole.
        before: String,
        /// What stands after it.
        after: String,
    },
}

impl Prompt {
    /// Returns a prompt of a system message and a user message.
    pub fn chat(system: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            messages: vec![
                Message { role: Role::System, content: system.into() },
                Message { role: Role::User, content: user.into() },
            ],
            ..Self::default()
        }
    }

    /// Returns a prompt that is not put through the chat template.
    pub fn raw(raw: Raw) -> Self {
        Self { raw: Some(raw), ..Self::default() }
    }

    /// Returns its texts in the order in which the model reads them; what comes after a hole comes before the prefill.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let raw = match &self.raw {
            None => ["", ""],
            Some(Raw::Text(text)) => [text.as_str(), ""],
            Some(Raw::Infill { before, after }) => [before.as_str(), after],
        };
        let messages = self.messages.iter().map(|message| message.content.as_str());
        messages.chain(raw.into_iter().filter(|text| !text.is_empty())).chain([self.prefill.as_str()])
    }

    /// Returns the prompt with the model's turn begun as `prefill`.
    #[must_use]
    pub fn with_prefill(mut self, prefill: impl Into<String>) -> Self {
        self.prefill = prefill.into();
        self
    }
}

/// How the next token is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 takes the most probable token; above, probabilities are flattened.
    pub temperature: f32,
    /// Only this many of the most probable tokens are considered; 0 means all.
    pub top_k: u32,
    /// Only the most probable tokens that together reach this share are considered; 1 means all.
    pub top_p: f32,
    /// Seeds the draw; the same seed on the same logits gives the same token.
    pub seed: u64,
}

impl Sampling {
    /// Takes the most probable token each time.
    pub const GREEDY: Self = Self { temperature: 0.0, top_k: 1, top_p: 1.0, seed: 0 };
}

/// Text to be generated for one prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// What to continue.
    pub prompt: Prompt,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// A grammar in Lark syntax (llguidance's dialect) that the text must follow from its first byte;
    /// the prompt's prefill is not part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grammar: Option<String>,
    /// No more tokens than this, thinking apart.
    pub max_tokens: u32,
    /// How many tokens the model may think before the text, and its grammar, begin; 0 for no thinking.
    #[serde(default, skip_serializing_if = "is_zero_u32")]
    pub thinking: u32,
    /// Generation ends before any of these strings would be completed; they are not part of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Texts that are not to be drawn again: sampling without replacement, also from the other generations of the request
    /// whose prompt is the same. Absent for a draw that does not depend on others. llama.cpp alone does this; servers and
    /// scripts may write a text again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct_from: Option<Vec<EarlierText>>,
}

/// A text that a model wrote before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EarlierText {
    /// Without what ended it.
    pub text: String,
    /// Its tokens, with the one that ended it, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<i32>,
    /// For each of them what [`Token::share`] said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<f32>,
}

impl Generation {
    /// Returns the most tokens that may be drawn for it, thoughts included.
    pub const fn most_tokens(&self) -> u32 {
        self.max_tokens.saturating_add(self.thinking)
    }
}

/// Several pieces of work of one kind, done as one batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// Write text; one output a generation, decoded as parallel sequences.
    Generate {
        /// What to write, in the order of the outputs.
        generations: Vec<Generation>,
    },
    /// How probable are given texts? One list of token log-probabilities a pair.
    Score {
        /// Prompts with the continuation to be scored.
        pairs: Vec<(Prompt, String)>,
    },
    /// How does the model rate given answers as the next token? One list of logits a prompt.
    Choose {
        /// The questions.
        prompts: Vec<Prompt>,
        /// The answers; each must begin with a different token, and that first token's logit is read.
        options: Vec<String>,
    },
    /// How differently do prompts make the model expect one and the same continuation? One list of
    /// contrasts a prompt.
    Contrast {
        /// The prompts; the first is what the others are compared with.
        prompts: Vec<Prompt>,
        /// What follows each of them, [`CONTRAST_TOKENS`] at most.
        continuation: String,
    },
    /// How probable is it that what a prompt ends with is right? One probability a prompt, by a model that was trained
    /// to tell.
    Rank {
        /// What was written; prompts that extend the one before share its evaluation.
        prompts: Vec<Prompt>,
        /// Where the model says so.
        #[serde(default)]
        by: RankBy,
    },
    /// Which tokens belong in the masked places of plans? One distribution a place, by a small model that was trained on the
    /// family.
    Fill {
        /// The family.
        family: String,
        /// The tokens in the order of their numbers, without the mask.
        vocabulary: Vec<String>,
        /// What the model reads.
        rows: Vec<FillRow>,
        /// Whether the distributions of visible places are to be used too, to see which tokens the model doubts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        doubts: bool,
    },
    /// Which latents belong to plans, or to problems? One answer a row, by a small model that was trained on the family.
    Latents {
        /// The family.
        family: String,
        /// The tokens in the order of their numbers, without the mask.
        vocabulary: Vec<String>,
        /// The questions.
        rows: Vec<LatentRow>,
    },
    /// What does an external command say of plans? One appraisal a plan. No model is asked.
    Appraise {
        /// The program, and how long it may take.
        command: ScoringCommand,
        /// What it reads: one JSON object per plan.
        plans: Vec<serde_json::Value>,
    },
}

/// Where a model says whether what it read is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankBy {
    /// In a classification head.
    #[default]
    Head,
    /// In its next token, which is + or -.
    Signs,
}

/// A command that values plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoringCommand {
    /// The program: a path, or a name that is looked up as a shell does.
    pub path: String,
    /// Milliseconds after which it is killed.
    pub timeout_ms: u64,
}

/// The longest continuation of a [`Request::Contrast`], in tokens: whole distributions are kept for it.
pub const CONTRAST_TOKENS: usize = 512;

impl Request {
    /// Returns how many sequences it asks about.
    pub fn sequences(&self) -> usize {
        match self {
            Self::Generate { generations } => generations.len(),
            Self::Score { pairs } => pairs.len(),
            Self::Choose { prompts, .. } | Self::Contrast { prompts, .. } | Self::Rank { prompts, .. } => {
                prompts.len()
            }
            Self::Fill { rows, .. } => rows.len(),
            Self::Latents { rows, .. } => rows.len(),
            Self::Appraise { plans, .. } => plans.len(),
        }
    }

    /// Returns the prompts, in the order of the outputs.
    pub fn prompts(&self) -> Vec<&Prompt> {
        match self {
            Self::Generate { generations } => generations.iter().map(|g| &g.prompt).collect(),
            Self::Score { pairs } => pairs.iter().map(|(prompt, _)| prompt).collect(),
            Self::Choose { prompts, .. } | Self::Contrast { prompts, .. } | Self::Rank { prompts, .. } => {
                prompts.iter().collect()
            }
            Self::Fill { .. } | Self::Latents { .. } | Self::Appraise { .. } => Vec::new(),
        }
    }
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model ended its turn.
    EndOfTurn,
    /// The grammar admits nothing more.
    GrammarComplete,
    /// A stop string came.
    StopString,
    /// The limit on tokens was reached.
    MaxTokens,
    /// The caller cancelled.
    Cancelled,
    /// Hardly any text is left that was not seen ([`Generation::distinct_from`]).
    Exhausted,
}

/// One drawn token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The token's number in the model's vocabulary; absent where a server does not tell.
    pub id: Option<i32>,
    /// The token's bytes as text; incomplete UTF-8 shows as the replacement character.
    pub text: String,
    /// Natural log-probability under the model before temperature and grammar; absent where a server
    /// does not tell.
    pub logprob: Option<f32>,
    /// What the grammar's mask left; absent without a grammar, and where a server or an older version does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// Natural logarithm of the probability with which the sampler draws it where nothing was seen: under the grammar, at
    /// the temperature (1 where that is 0), after top-k and top-p. Only where texts are to differ
    /// ([`Generation::distinct_from`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f32>,
}

/// How a model's thinking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingStop {
    /// The model closed it.
    Closed,
    /// It was closed for the model, at its limit or because the model ended its turn in it.
    Forced,
    /// The reply ended in it, so there is no text.
    Unclosed,
}

impl ThinkingStop {
    /// Says it in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Closed => "closed by the model",
            Self::Forced => "cut at its limit",
            Self::Unclosed => "the reply ended in it",
        }
    }
}

/// What a model thought before it wrote. It belongs to the record of the call, and is never read as a plan, an edit
/// or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thinking {
    /// The thought, without the markers around it.
    pub text: String,
    /// Tokens drawn for it; 0 where a server does not say.
    pub tokens: u64,
    /// How it ended.
    pub stop: ThinkingStop,
}

/// A generated text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The text, without thinking, the prompt's prefill and stop strings.
    pub text: String,
    /// The tokens drawn for the text, in order. Their texts join to at least `text` (a stop string may follow).
    pub tokens: Vec<Token>,
    /// Why it ended.
    pub stop: StopReason,
    /// What the model thought before the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Thinking>,
}

impl Completion {
    /// Returns how many tokens were drawn, thinking included.
    pub fn drawn(&self) -> u64 {
        self.tokens.len() as u64 + self.thinking.as_ref().map_or(0, |thinking| thinking.tokens)
    }

    /// Returns the text for others to differ from; `None` where it was not drawn for that, or was broken off. One that was
    /// cut at its limit counts: with the same limit it would come again.
    pub fn seen(&self) -> Option<EarlierText> {
        match self.stop {
            StopReason::EndOfTurn
            | StopReason::GrammarComplete
            | StopReason::StopString
            | StopReason::MaxTokens => {}
            StopReason::Cancelled | StopReason::Exhausted => return None,
        }
        let drawn = self.tokens.iter().map(|token| Some((token.id?, token.share?)));
        let (tokens, shares) = drawn.collect::<Option<Vec<_>>>()?.into_iter().unzip();
        Some(EarlierText { text: self.text.clone(), tokens, shares })
    }
}

/// The outputs of a request, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Output {
    /// Of [`Request::Generate`].
    Generated {
        /// One a generation.
        completions: Vec<Completion>,
    },
    /// Of [`Request::Score`].
    Scored {
        /// For each pair the natural log-probability of each token of the continuation.
        logprobs: Vec<Vec<f32>>,
    },
    /// Of [`Request::Choose`].
    Chosen {
        /// For each prompt the natural log-probability of each option's first token, in the order of the options.
        logprobs: Vec<Vec<f32>>,
    },
    /// Of [`Request::Contrast`].
    Contrasted {
        /// For each prompt one contrast a token of the continuation.
        contrasts: Vec<Vec<Contrast>>,
    },
    /// Of [`Request::Rank`].
    Ranked {
        /// One a prompt, from 0 to 1.
        probabilities: Vec<f32>,
    },
    /// Of [`Request::Fill`].
    Filled {
        /// For each row, for each place of its plan, the probability of each token of the vocabulary, without the mask.
        distributions: Vec<Vec<Vec<f32>>>,
    },
    /// Of [`Request::Latents`].
    Found {
        /// One a row.
        plans: Vec<LatentPlan>,
    },
    /// Of [`Request::Appraise`].
    Appraised {
        /// One a plan.
        appraisals: Vec<Appraisal>,
    },
}

/// What a command says of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Appraisal {
    /// A value.
    Value {
        /// From 0 to 1.
        score: f64,
        /// What it is made of, each from 0 to 1; those called like items are about these items.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        parts: BTreeMap<String, f64>,
        /// Its standard error, where the command knows one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stderr: Option<f64>,
        /// One sentence: how it came about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// No value.
    Nothing {
        /// Why, as a sentence.
        why: String,
    },
}

/// What a prompt makes the model expect at one token, against what the first prompt does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// Natural log-probability of the token under this prompt.
    pub logprob: f32,
    /// KL(first ‖ this) of the distributions over the whole vocabulary, in nats.
    pub kl: f32,
    /// Whether the most probable token is another than under the first prompt.
    pub flips: bool,
}

/// What a call, or a whole run, spent. Cached tokens are known and cost no evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Requests to the model.
    pub calls: u64,
    /// Tokens drawn by the model, thinking included.
    pub generated: u64,
    /// Those of them that the model drew while it thought.
    #[serde(skip_serializing_if = "is_zero_u64")]
    pub thinking: u64,
    /// Positions evaluated, in prompts and continuations alike. A drawn token is counted here when it is
    /// fed back.
    pub fresh: u64,
    /// Prompt positions whose state was already there: from an earlier call or shared with a sequence
    /// of the same request.
    pub cached: u64,
    /// Positions whose logits were asked for.
    pub logits: u64,
    /// Floating-point operations by the formula of docs/science.md (an estimate from the model's shape);
    /// 0 where the shape is not known, as with a remote server.
    pub flops: f64,
    /// Wall time in milliseconds.
    pub wall_ms: f64,
}

fn is_zero_u32(number: &u32) -> bool {
    *number == 0
}

fn is_zero_u64(number: &u64) -> bool {
    *number == 0
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.generated += other.generated;
        self.thinking += other.thinking;
        self.fresh += other.fresh;
        self.cached += other.cached;
        self.logits += other.logits;
        self.flops += other.flops;
        self.wall_ms += other.wall_ms;
    }
}

impl Cost {
    /// Returns an even share of this cost among `parts`; counts are rounded down, since a token is not
    /// divisible.
    #[must_use]
    pub fn share(self, parts: usize) -> Self {
        let n = parts.max(1) as u64;
        Self {
            calls: self.calls / n,
            generated: self.generated / n,
            thinking: self.thinking / n,
            fresh: self.fresh / n,
            cached: self.cached / n,
            logits: self.logits / n,
            flops: self.flops / n as f64,
            wall_ms: self.wall_ms / n as f64,
        }
    }

    /// Returns what was spent since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            generated: self.generated.saturating_sub(earlier.generated),
            thinking: self.thinking.saturating_sub(earlier.thinking),
            fresh: self.fresh.saturating_sub(earlier.fresh),
            cached: self.cached.saturating_sub(earlier.cached),
            logits: self.logits.saturating_sub(earlier.logits),
            flops: self.flops - earlier.flops,
            wall_ms: self.wall_ms - earlier.wall_ms,
        }
    }

    /// Returns the greater of each meter.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            calls: self.calls.max(other.calls),
            generated: self.generated.max(other.generated),
            thinking: self.thinking.max(other.thinking),
            fresh: self.fresh.max(other.fresh),
            cached: self.cached.max(other.cached),
            logits: self.logits.max(other.logits),
            flops: self.flops.max(other.flops),
            wall_ms: self.wall_ms.max(other.wall_ms),
        }
    }
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

/// Everything that came back for a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What was asked for.
    pub output: Output,
    /// Tokens, FLOPs and time of all its sequences.
    pub cost: Cost,
    /// For each prompt: its length in tokens, and how many of those were cached. Empty where a server
    /// does not tell.
    pub prompts: Vec<PromptUse>,
    /// How many sequences were decoded side by side.
    pub batch: u32,
    /// What the person should know of how it came, a sentence each. What holds for the whole run is said once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How much of a prompt had to be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptUse {
    /// Length in tokens.
    pub tokens: u32,
    /// Of those, already evaluated before this prompt's turn came.
    pub cached: u32,
}

/// Text as it is being written. May be merged or dropped on the way; the reply holds the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Which generation of the request it belongs to.
    pub sequence: u32,
    /// What was added: always whole characters.
    pub text: String,
}

/// How a call is getting on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Progress {
    /// Nothing can be done yet, as while a server loads its model.
    Waiting {
        /// Why, and for how long, as a sentence without its full stop.
        why: String,
    },
    /// The model file is being read.
    Loading {
        /// From 0 to 1.
        share: f32,
    },
    /// Prompts are being evaluated.
    Prefill {
        /// Tokens done.
        done: u32,
        /// Tokens in all.
        total: u32,
    },
    /// The model thinks; this is no part of the text.
    Thinking(Delta),
    /// Text was added.
    Text(Delta),
}

/// What is known of a loaded model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelInfo {
    /// The catalog's name, the file's name, or the server's name for it.
    pub name: String,
    /// Which backend: `llama.cpp`, `openai` or `scripted`.
    pub backend: String,
    /// The general.architecture of the file, such as `qwen2`.
    pub architecture: Option<String>,
    /// Such as `Q4_K_M`.
    pub quantization: Option<String>,
    /// Size of the file in bytes.
    pub bytes: Option<u64>,
    /// sha256 of the file, in hexadecimal, when the catalog knows it.
    pub sha256: Option<String>,
    /// Number of weights, embeddings included.
    pub parameters: Option<u64>,
    /// Layers of the network.
    pub layers: Option<u32>,
    /// Layers kept on a GPU.
    pub gpu_layers: Option<u32>,
    /// The device in words.
    pub device: Option<String>,
    /// Threads used for decoding.
    pub threads: Option<u32>,
    /// Context length, in tokens.
    pub context: Option<u32>,
    /// Sequences that can be decoded side by side.
    pub sequences: Option<u32>,
    /// Whether a sequence's logits are independent of what else is in the batch.
    pub exact: Option<bool>,
    /// Whether the model has tokens to fill a hole in a text ([`Raw::Infill`]); absent where nobody says, as on servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infill: Option<bool>,
    /// The version of the engine.
    pub engine: Option<String>,
    /// What else the user should know, such as a chat template that had to be replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl ModelInfo {
    /// Returns whether it heeds [`Generation::distinct_from`].
    pub fn draws_distinct(&self) -> bool {
        self.backend == "llama.cpp"
    }
}

/// How many of the model's layers are kept on a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum GpuLayers {
    /// This many layers.
    Count(u32),
    /// All layers where there is a GPU, none where there is not.
    #[default]
    #[serde(with = "auto")]
    Auto,
}

mod auto {
    //! The word `auto`.
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("auto")
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == "auto" { Ok(()) } else { Err(D::Error::custom("write auto or a number of layers")) }
    }
}

impl std::str::FromStr for GpuLayers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Count).map_err(|_| "write auto or a number of layers".to_owned())
    }
}
