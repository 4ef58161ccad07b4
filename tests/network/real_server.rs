//! The backend for servers, against a server that really has a model: its address is `PLANSCOPE_TEST_SERVER`. Where it
//! takes grammars, `PLANSCOPE_TEST_SERVER_GRAMMAR` says how, as `llm.server_grammar` does. Without an address these
//! tests have nothing to look at and say so.
#![expect(clippy::disallowed_macros, reason = "says why it is skipped, or what it found")]

use std::time::Duration;

use crate::support::completions;
use llm::openai::{GrammarStyle, OpenAiBackend, OpenAiOptions};
use model::{
    Backend, Completion, Generation, LlmError, Output, Prompt, Reply, Request, Sampling, StopReason,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn backend() -> Option<OpenAiBackend> {
    let Ok(address) = std::env::var("PLANSCOPE_TEST_SERVER") else {
        eprintln!("skipped: PLANSCOPE_TEST_SERVER names no server");
        return None;
    };
    let timeout = Duration::from_secs(600);
    let options = OpenAiOptions { timeout, grammar: grammar_style(), ..OpenAiOptions::new(address) };
    Some(OpenAiBackend::new(options.with_key_of_environment()).expect("an address"))
}

fn grammar_style() -> GrammarStyle {
    std::env::var("PLANSCOPE_TEST_SERVER_GRAMMAR").map_or(GrammarStyle::None, |style| {
        serde_json::from_value(style.into()).expect("a value of llm.server_grammar")
    })
}

async fn call(backend: &mut OpenAiBackend, request: &Request) -> Result<Reply, LlmError> {
    let (progress, _seen) = mpsc::channel(64);
    backend.call(request, &progress, &CancellationToken::new()).await
}

async fn written(backend: &mut OpenAiBackend, generations: Vec<Generation>) -> (Vec<Completion>, Reply) {
    let reply = call(backend, &Request::Generate { generations }).await.expect("a reply");
    (completions(reply.clone()), reply)
}

fn generation(prompt: Prompt) -> Generation {
    Generation {
        prompt,
        sampling: Sampling::GREEDY,
        grammar: None,
        max_tokens: 24,
        stop: Vec::new(),
        thinking: 0,
        distinct_from: None,
    }
}

fn counting() -> Generation {
    let prompt =
        Prompt::chat("You continue lists.", "Write the numbers from 1 to 20.").with_prefill("1, 2, 3,");
    Generation { stop: vec!["7".into()], ..generation(prompt) }
}

#[tokio::test]
async fn the_model_has_a_name_and_a_context() {
    let Some(mut backend) = backend() else { return };
    let info = backend.info(&mpsc::channel(1).0).await.expect("a model");
    assert!(!info.name.is_empty());
    assert!(info.context.is_none_or(|context| context > 0), "{info:?}");
}

#[tokio::test]
async fn a_begun_turn_is_gone_on_with_and_ends_before_the_stop() {
    let Some(mut backend) = backend() else { return };
    let (completions, reply) = written(&mut backend, vec![counting()]).await;
    assert_eq!(completions[0].text.trim(), "4, 5, 6,");
    assert_ne!(completions[0].stop, StopReason::MaxTokens);
    assert!(completions[0].tokens.iter().all(|token| token.logprob.is_some_and(|logprob| logprob <= 0.0)));
    assert!(reply.cost.generated > 0 && reply.prompts[0].tokens > 10, "{:?}", reply.cost);
}

#[tokio::test]
async fn a_limit_of_tokens_holds_to_the_token() {
    let Some(mut backend) = backend() else { return };
    let long = Generation { max_tokens: 5, ..generation(Prompt::chat("", "Tell a long story.")) };
    let (completions, reply) = written(&mut backend, vec![long.clone(), long]).await;
    assert_eq!(reply.cost.generated, 10);
    assert!(completions.iter().all(|completion| completion.stop == StopReason::MaxTokens));
    assert!(completions.iter().all(|completion| completion.tokens.len() == 5));
}

#[tokio::test]
async fn what_the_server_has_cached_is_not_counted_as_fresh() {
    let Some(mut backend) = backend() else { return };
    let prompt = Prompt::chat("You are brief.", format!("Is this a long list? {}", "word ".repeat(120)));
    let first = written(&mut backend, vec![generation(prompt.clone())]).await.1;
    let again = written(&mut backend, vec![generation(prompt)]).await.1;
    assert_eq!(first.prompts[0].tokens, again.prompts[0].tokens);
    assert_eq!(
        again.cost.fresh + again.cost.cached,
        u64::from(again.prompts[0].tokens) + again.cost.generated - 1
    );
}

#[tokio::test]
async fn a_choice_is_rated_by_the_next_token() {
    let Some(mut backend) = backend() else { return };
    let asked = Request::Choose {
        prompts: vec![
            Prompt::chat("Answer Yes or No.", "Is Paris the capital of France?"),
            Prompt::chat("Answer Yes or No.", "Is Paris the capital of Spain?"),
        ],
        options: vec!["Yes".into(), "No".into()],
    };
    let reply = call(&mut backend, &asked).await.expect("ratings");
    let Output::Chosen { logprobs } = &reply.output else { panic!("not chosen: {:?}", reply.output) };
    let leaning = |row: &[f32]| row[0] - row[1];
    assert!(leaning(&logprobs[0]) > leaning(&logprobs[1]), "{logprobs:?}");
}

#[tokio::test]
async fn given_texts_are_scored_or_refused_with_a_reason() {
    let Some(mut backend) = backend() else { return };
    let prompt = Prompt::chat("", "What is the capital of France?");
    let pairs = vec![(prompt.clone(), "Paris".into()), (prompt, "Zebra crossing".into())];
    match call(&mut backend, &Request::Score { pairs }).await {
        Ok(reply) => {
            let Output::Scored { logprobs } = reply.output else { panic!("not scored: {:?}", reply.output) };
            let mean = |row: &[f32]| row.iter().sum::<f32>() / row.len() as f32;
            assert!(mean(&logprobs[0]) > mean(&logprobs[1]), "{logprobs:?}");
        }
        Err(LlmError::Refused { message, .. }) => {
            assert!(message.contains("does not score given texts"), "{message}");
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_is_told_apart() {
    let Some(mut backend) = backend() else { return };
    let info = backend.info(&mpsc::channel(1).0).await.expect("a model");
    let Some(context) = info.context else { return };
    let words = "word ".repeat(context as usize + 100);
    let request = Request::Generate { generations: vec![generation(Prompt::chat("", words))] };
    let error = call(&mut backend, &request).await.expect_err("too long");
    assert!(matches!(error, LlmError::TooLong { .. } | LlmError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn cancelling_keeps_what_came() {
    let Some(mut backend) = backend() else { return };
    let long = Generation { max_tokens: 400, ..generation(Prompt::chat("", "Tell a very long story.")) };
    let (progress, mut seen) = mpsc::channel(64);
    let cancel = CancellationToken::new();
    let request = Request::Generate { generations: vec![long] };
    let stopping = async {
        seen.recv().await.expect("some text");
        cancel.cancel();
    };
    let (reply, ()) = tokio::join!(backend.call(&request, &progress, &cancel), stopping);
    let completions = completions(reply.expect("what came"));
    assert_eq!(completions[0].stop, StopReason::Cancelled);
    assert!(!completions[0].text.is_empty());
    // And the server is there for what comes next.
    assert!(!written(&mut backend, vec![counting()]).await.0[0].text.is_empty());
}

#[tokio::test]
async fn a_grammar_is_kept_to_where_the_server_takes_them() {
    let Some(mut backend) = backend() else { return };
    if grammar_style() == GrammarStyle::None {
        eprintln!("skipped: PLANSCOPE_TEST_SERVER_GRAMMAR does not say how");
        return;
    }
    let asked = Prompt::chat("", "How many legs has a dog?");
    let held = Generation { grammar: Some("start: /[0-9]{3} zebras/\n".into()), ..generation(asked) };
    let completion = written(&mut backend, vec![held]).await.0.remove(0);
    let (digits, rest) = completion.text.split_at(3);
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()) && rest == " zebras", "{}", completion.text);
}
