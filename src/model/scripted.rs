//! A model that is not one: canned replies from a file, for tests and the offline demo.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    backend::Backend,
    error::{LlmError, no_commands, no_distributions, no_head, no_plan_tokens},
    fill::FillRow,
    pressure::{Mask, line_numbers},
    types::{
        Completion, Cost, Delta, Generation, ModelInfo, Output, Progress, Prompt, PromptUse, Reply, Request,
        StopReason, Thinking, ThinkingStop, Token,
    },
};

/// Canned replies.
///
/// ```toml
/// name = "demo"          # shown as the model's name
/// delay_ms = 20          # pause between streamed pieces, 0 by default
///
/// [[reply]]              # used once, in the order of the file; `repeat = true` keeps it
/// when = "Write a plan"  # only for prompts that contain this text (default: any)
/// text = "G1: ..."       # answers one generation
/// thinking = "Let me …"  # what the model thinks first, where it may
/// pressure = [0, 7.5]    # the grammar pressure on each of its lines, in nats, where it is written under a grammar
///
/// [[reply]]
/// logprobs = [-0.1, -2]  # answers one scored pair (a number a token) or one choice (a number an option)
///
/// [[reply]]
/// fill = [4, 2, 1, 3]    # the tokens of a whole plan: each place gets its own with probability 0.9
/// ```
///
/// Each generation, pair or prompt of a request takes the first fitting reply of its kind: `text` for
/// generations, `fill` for plan tokens, `logprobs` for the others. A JSONL file has one reply a line with the same fields.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyScript {
    /// Shown as the model's name.
    #[serde(default = "default_name")]
    pub name: String,
    /// Milliseconds between streamed pieces.
    #[serde(default)]
    pub delay_ms: u64,
    /// In the order of the file.
    #[serde(default, rename = "reply")]
    pub replies: VecDeque<CannedReply>,
}

fn default_name() -> String {
    "scripted".into()
}

/// One canned reply.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// Only prompts that contain this text get the reply.
    pub when: Option<String>,
    /// Answers a generation.
    pub text: Option<String>,
    /// What is thought before the text, in generations that allow it.
    pub thinking: Option<String>,
    /// The grammar pressure on each line of the text, in nats, for generations under a grammar; lines beyond the list have
    /// none. Without it the pressure is not known.
    pub pressure: Option<Vec<f64>>,
    /// Answers a scored pair or a choice.
    pub logprobs: Option<Vec<f32>>,
    /// Answers a plan with masked tokens.
    pub fill: Option<Vec<u8>>,
    /// Whether it stays after use.
    #[serde(default)]
    pub repeat: bool,
}

impl ReplyScript {
    /// Reads a script: TOML, or JSONL when the name ends so.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when the file cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, LlmError> {
        let failed = |why: String| LlmError::Unavailable {
            message: format!("the script {} cannot be used: {why}", path.display()),
            hint: "docs/models.md shows the format under \"Scripted models\"".into(),
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let script: Self = if path.extension().is_some_and(|extension| extension == "jsonl") {
            let replies = text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(serde_json::from_str)
                .collect::<Result<_, _>>()
                .map_err(|error| failed(error.to_string()))?;
            Self { name: default_name(), delay_ms: 0, replies }
        } else {
            toml::from_str(&text).map_err(|error| failed(error.to_string()))?
        };
        if script.replies.iter().any(|reply| reply.kinds() != 1) {
            return Err(failed("each reply needs one of `text`, `logprobs` and `fill`".into()));
        }
        if script.replies.iter().any(|reply| reply.thinking.is_some() && reply.text.is_none()) {
            return Err(failed("`thinking` goes with `text`".into()));
        }
        if script.replies.iter().any(|reply| reply.pressure.is_some() && reply.text.is_none()) {
            return Err(failed("`pressure` goes with `text`".into()));
        }
        Ok(script)
    }
}

/// The kinds of reply that a request can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReplyKind {
    Text,
    Logprobs,
    Fill,
}

impl ReplyKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Logprobs => "logprobs",
            Self::Fill => "fill",
        }
    }
}

impl CannedReply {
    fn is(&self, kind: ReplyKind) -> bool {
        match kind {
            ReplyKind::Text => self.text.is_some(),
            ReplyKind::Logprobs => self.logprobs.is_some(),
            ReplyKind::Fill => self.fill.is_some(),
        }
    }

    fn kinds(&self) -> usize {
        [ReplyKind::Text, ReplyKind::Logprobs, ReplyKind::Fill]
            .into_iter()
            .filter(|kind| self.is(*kind))
            .count()
    }
}

/// Answers from a [`ReplyScript`].
///
/// Limitations: a token is a word with the space before it, its log-probability is unknown, and grammars are
/// not enforced. Counts are made the same way each time, but mean nothing about a real model.
pub struct ScriptedBackend {
    script: ReplyScript,
    seen: Vec<Vec<String>>,
}

impl ScriptedBackend {
    /// Returns a backend at the start of `script`.
    pub fn new(script: ReplyScript) -> Self {
        Self { script, seen: Vec::new() }
    }

    fn take(&mut self, kind: ReplyKind, prompt: &str) -> Result<CannedReply, LlmError> {
        let fits = |reply: &CannedReply| {
            reply.is(kind) && reply.when.as_ref().is_none_or(|when| prompt.contains(when.as_str()))
        };
        let replies = &mut self.script.replies;
        let found = replies.iter().position(fits).ok_or_else(|| LlmError::Refused {
            message: format!(
                "the script has no more {} for the prompt that ends with {:?}",
                kind.name(),
                prompt.chars().skip(prompt.chars().count().saturating_sub(60)).collect::<String>()
            ),
            hint: "add a [[reply]], or `repeat = true` to one".into(),
        })?;
        let reply = replies[found].clone();
        if !reply.repeat {
            replies.remove(found);
        }
        Ok(reply)
    }

    /// Counts a prompt against those seen before, by words.
    fn count(&mut self, prompt: &str) -> PromptUse {
        let words = words(prompt);
        let common = |old: &Vec<String>| old.iter().zip(&words).take_while(|(a, b)| a == b).count();
        let cached = self.seen.iter().map(common).max().unwrap_or(0);
        let used = PromptUse { tokens: words.len() as u32, cached: cached as u32 };
        self.seen.push(words);
        // As many as a small real backend would hold.
        if self.seen.len() > 8 {
            self.seen.remove(0);
        }
        used
    }

    async fn write(
        &mut self,
        number: u32,
        generation: &Generation,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Completion, LlmError> {
        let reply = self.take(ReplyKind::Text, &prompt_text(&generation.prompt))?;
        let whole = reply.text.unwrap_or_default();
        let end = generation.stop.iter().filter_map(|stop| whole.find(stop.as_str())).min();
        let ended = if end.is_some() { StopReason::StopString } else { StopReason::EndOfTurn };
        let thought = reply.thinking.filter(|_| generation.thinking > 0);
        let thinking = match &thought {
            Some(thought) => {
                let show = |text| Progress::Thinking(Delta { sequence: number, text });
                Some(thinking(self.say(thought, generation.thinking, show, progress, cancel).await))
            }
            None => None,
        };
        if thinking.as_ref().is_some_and(|thinking| thinking.stop == ThinkingStop::Unclosed) {
            let stop = StopReason::Cancelled;
            return Ok(Completion { text: String::new(), tokens: Vec::new(), stop, thinking });
        }
        let show = |text| Progress::Text(Delta { sequence: number, text });
        let whole = &whole[..end.unwrap_or(whole.len())];
        let (pieces, cut) = self.say(whole, generation.max_tokens, show, progress, cancel).await;
        let masks = masks(&pieces, reply.pressure.filter(|_| generation.grammar.is_some()));
        let token =
            |(text, mask): (String, Option<Mask>)| Token { id: None, text, logprob: None, mask, share: None };
        let text = pieces.concat();
        let tokens = pieces.into_iter().zip(masks).map(token).collect();
        Ok(Completion { text, tokens, stop: cut.unwrap_or(ended), thinking })
    }

    /// Says at most `most` words of `whole`; returns those, and why there are not all.
    async fn say(
        &self,
        whole: &str,
        most: u32,
        show: impl Fn(String) -> Progress,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> (Vec<String>, Option<StopReason>) {
        let mut said = Vec::new();
        for piece in words(whole) {
            if cancel.is_cancelled() {
                return (said, Some(StopReason::Cancelled));
            }
            if said.len() >= most as usize {
                return (said, Some(StopReason::MaxTokens));
            }
            drop(progress.try_send(show(piece.clone())));
            said.push(piece);
            if self.script.delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(self.script.delay_ms)).await;
            }
        }
        (said, None)
    }
}

/// Returns the masks of a text's words: the pressure on a line stands at its first word.
fn masks(pieces: &[String], pressure: Option<Vec<f64>>) -> Vec<Option<Mask>> {
    let Some(pressure) = pressure else { return vec![None; pieces.len()] };
    let mut last = None;
    let numbers = line_numbers(pieces.iter().map(String::as_str));
    let nats = numbers.map(|number| {
        let first = last.replace(number) != Some(number);
        if first { pressure.get(number).copied().unwrap_or_default() } else { 0.0 }
    });
    nats.map(|nats| Some(Mask::new(-nats, false))).collect()
}

/// Returns a thought of these words.
fn thinking((pieces, cut): (Vec<String>, Option<StopReason>)) -> Thinking {
    let stop = match cut {
        Some(StopReason::Cancelled) => ThinkingStop::Unclosed,
        Some(_) => ThinkingStop::Forced,
        None => ThinkingStop::Closed,
    };
    Thinking { text: pieces.concat(), tokens: pieces.len() as u64, stop }
}

/// Returns the prompt as one text.
fn prompt_text(prompt: &Prompt) -> String {
    prompt.texts().collect::<Vec<_>>().join("\n")
}

/// Splits before each run of spaces, so that the parts join to the whole.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if !(c.is_whitespace() && in_word) => word.push(c),
            _ => words.push(c.to_string()),
        }
        in_word = !c.is_whitespace();
    }
    words
}

#[async_trait::async_trait]
impl Backend for ScriptedBackend {
    async fn info(&mut self, _progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        Ok(ModelInfo {
            name: self.script.name.clone(),
            backend: "scripted".into(),
            notes: vec!["canned replies: no model is running, and counts are by words".into()],
            ..ModelInfo::default()
        })
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        if cancel.is_cancelled() && !matches!(request, Request::Generate { .. }) {
            return Err(LlmError::Cancelled);
        }
        let texts: Vec<String> = request.prompts().into_iter().map(prompt_text).collect();
        let prompts: Vec<PromptUse> = texts.iter().map(|text| self.count(text)).collect();
        let mut cost = Cost { calls: 1, ..Cost::default() };
        for used in &prompts {
            cost.cached += u64::from(used.cached);
            cost.fresh += u64::from(used.tokens - used.cached);
        }
        let output = match request {
            Request::Generate { generations } => {
                let mut completions = Vec::with_capacity(generations.len());
                for (number, generation) in (0..).zip(generations) {
                    completions.push(self.write(number, generation, progress, cancel).await?);
                }
                cost.generated = completions.iter().map(Completion::drawn).sum();
                let thought = completions.iter().filter_map(|completion| completion.thinking.as_ref());
                cost.thinking = thought.map(|thinking| thinking.tokens).sum();
                cost.logits = cost.generated;
                Output::Generated { completions }
            }
            Request::Score { .. } => Output::Scored { logprobs: self.logprobs(&texts)? },
            Request::Choose { options, .. } => {
                let logprobs = self.logprobs(&texts)?;
                if logprobs.iter().any(|list| list.len() != options.len()) {
                    return Err(LlmError::Refused {
                        message: format!(
                            "a scripted choice needs {} logprobs, one per option",
                            options.len()
                        ),
                        hint: "fix the script".into(),
                    });
                }
                Output::Chosen { logprobs }
            }
            Request::Contrast { .. } => return Err(no_distributions("A script")),
            Request::Rank { .. } => return Err(no_head("A script")),
            Request::Fill { rows, vocabulary, .. } => {
                cost.fresh = rows.iter().map(|row| (row.problem.len() + row.plan.len()) as u64).sum();
                cost.logits = rows.iter().map(|row| row.plan.len() as u64).sum();
                let filled = rows.iter().map(|row| self.filled(row, vocabulary.len()));
                Output::Filled { distributions: filled.collect::<Result<_, _>>()? }
            }
            Request::Latents { .. } => return Err(no_plan_tokens("A script")),
            Request::Appraise { .. } => return Err(no_commands("A script")),
        };
        let batch = prompts.len() as u32;
        Ok(Reply { output, cost, prompts, batch, notes: Vec::new() })
    }

    async fn forget(&mut self) {
        self.seen.clear();
    }
}

/// How probable the token of a scripted plan is.
const SURE: f32 = 0.9;

impl ScriptedBackend {
    fn filled(&mut self, row: &FillRow, vocabulary: usize) -> Result<Vec<Vec<f32>>, LlmError> {
        let tokens = self.take(ReplyKind::Fill, "")?.fill.unwrap_or_default();
        if tokens.len() != row.plan.len() || tokens.iter().any(|token| usize::from(*token) >= vocabulary) {
            return Err(LlmError::Refused {
                message: format!("a scripted plan needs {} tokens below {vocabulary}", row.plan.len()),
                hint: "fix the script".into(),
            });
        }
        let rest = (1.0 - SURE) / (vocabulary.max(2) - 1) as f32;
        let distribution = |token: &u8| {
            let mut all = vec![rest; vocabulary];
            all[usize::from(*token)] = SURE;
            all
        };
        Ok(tokens.iter().map(distribution).collect())
    }

    fn logprobs(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, LlmError> {
        texts
            .iter()
            .map(|text| Ok(self.take(ReplyKind::Logprobs, text)?.logprobs.unwrap_or_default()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Sampling;

    #[test]
    fn the_example_of_the_documents_is_a_script() {
        let page = include_str!("../../docs/models.md");
        let example = page.split("## Scripted models").nth(1).unwrap().split("```").nth(1).unwrap();
        let script: ReplyScript = toml::from_str(example.trim_start_matches("toml")).unwrap();
        assert_eq!((script.replies.len(), script.delay_ms), (2, 20));
        let line = page.split("`{\"text\"").nth(1).unwrap().split('`').next().unwrap();
        let reply: CannedReply = serde_json::from_str(&format!("{{\"text\"{line}")).unwrap();
        assert!(reply.repeat && reply.text.is_some());
        let gone = ReplyScript::read(Path::new("nowhere.toml")).unwrap_err();
        let page_named =
            gone.hint().unwrap().contains("docs/models.md shows the format under \"Scripted models\"");
        assert!(page_named, "{:?}", gone.hint());
    }

    fn script(text: &str) -> ScriptedBackend {
        ScriptedBackend::new(toml::from_str(text).unwrap())
    }

    fn generation(user: &str) -> Generation {
        Generation {
            prompt: Prompt::chat("be brief", user),
            sampling: Sampling::GREEDY,
            grammar: None,
            max_tokens: 100,
            stop: vec!["STOP".into()],
            thinking: 0,
            distinct_from: None,
        }
    }

    async fn ask(backend: &mut ScriptedBackend, users: &[&str]) -> Result<Reply, LlmError> {
        let (progress, _keep) = mpsc::channel(64);
        let request = Request::Generate { generations: users.iter().map(|user| generation(user)).collect() };
        backend.call(&request, &progress, &CancellationToken::new()).await
    }

    #[tokio::test]
    async fn replies_come_in_order_and_by_text() {
        let mut backend = script(
            "[[reply]]\nwhen = 'weather'\ntext = 'rain'\nrepeat = true\n[[reply]]\ntext = 'one two STOP three'\n",
        );
        let reply = ask(&mut backend, &["hello", "the weather", "weather again"]).await.unwrap();
        let Output::Generated { completions } = reply.output else { panic!() };
        let texts: Vec<&str> = completions.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["one two ", "rain", "rain"]);
        assert_eq!(completions[0].stop, StopReason::StopString);
        assert_eq!(reply.cost.generated, 5);
        let error = ask(&mut backend, &["hello"]).await.unwrap_err();
        assert!(error.to_string().contains("no more text"), "{error}");
    }

    #[tokio::test]
    async fn thinking_comes_before_the_text_where_it_is_allowed() {
        let mut backend =
            script("[[reply]]\ntext = 'four'\nthinking = 'two and two STOP make'\nrepeat = true\n");
        let (progress, mut steps) = mpsc::channel(64);
        let allowed = |thinking| Generation { thinking, ..generation("2+2?") };
        let request = Request::Generate { generations: vec![allowed(0), allowed(9), allowed(2)] };
        let reply = backend.call(&request, &progress, &CancellationToken::new()).await.unwrap();
        let Output::Generated { completions } = reply.output else { panic!() };
        assert!(completions.iter().all(|completion| completion.text == "four"));
        let thought = |at: usize| completions[at].thinking.clone();
        let whole = Thinking { text: "two and two STOP make".into(), tokens: 5, stop: ThinkingStop::Closed };
        let cut = Thinking { text: "two and".into(), tokens: 2, stop: ThinkingStop::Forced };
        assert_eq!((thought(0), thought(1), thought(2)), (None, Some(whole), Some(cut)));
        assert_eq!((reply.cost.generated, reply.cost.thinking), (10, 7));
        drop(progress);
        let mut thoughts = 0;
        while let Some(step) = steps.recv().await {
            thoughts += u32::from(matches!(step, Progress::Thinking(_)));
        }
        assert_eq!(thoughts, 7);
    }

    #[tokio::test]
    async fn grammar_pressure_is_given_where_the_script_says_so_and_there_is_a_grammar() {
        let reply =
            "[[reply]]\nwhen = 'two'\ntext = \"a b\\nc d\\n\"\npressure = [0.5, 7.5]\nrepeat = true\n";
        let mut backend = script(&format!("{reply}[[reply]]\ntext = 'a b'\n"));
        let (progress, _keep) = mpsc::channel(64);
        let under = |grammar: Option<&str>, user| Generation {
            grammar: grammar.map(str::to_owned),
            ..generation(user)
        };
        let generations =
            vec![under(Some("start: /.+/"), "two"), under(None, "two"), under(Some("start: /.+/"), "one")];
        let request = Request::Generate { generations };
        let reply = backend.call(&request, &progress, &CancellationToken::new()).await.unwrap();
        let pressures = reply.output.pressures();
        let lines = pressures[0].as_ref().map(|pressure| (pressure.choice, pressure.lines.clone())).unwrap();
        assert_eq!(
            (lines.0, lines.1.len(), lines.1[0].text.as_str(), lines.1[0].choice),
            (8.0, 1, "c d", 7.5)
        );
        assert_eq!(pressures[1..], [None, None], "without a grammar, and where the script does not say");
    }

    #[tokio::test]
    async fn counts_see_a_shared_beginning() {
        let mut backend = script("[[reply]]\ntext = 'x'\nrepeat = true\n");
        let first = ask(&mut backend, &["a b c"]).await.unwrap();
        let second = ask(&mut backend, &["a b d"]).await.unwrap();
        assert_eq!(first.prompts[0].cached, 0);
        assert_eq!(second.prompts[0].cached, second.prompts[0].tokens - 2);
    }

    #[test]
    fn words_join_to_the_text() {
        let text = "  G1: total = 20\n  C1: x ";
        assert_eq!(words(text).concat(), text);
    }
}
