//! The backend for servers, against a real server on this machine that sends what the test says.

use std::time::{Duration, Instant};

use crate::support::{Recorded, Server, Step, completions, json as reply, response, send, stream_head};
use llm::openai::{Endpoint, OpenAiBackend, OpenAiOptions};
use model::{Backend, Generation, LlmError, Output, Progress, Prompt, Reply, Request, Sampling, StopReason};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub fn models() -> Vec<Step> {
    reply(json!({ "data": [{ "id": "tiny", "meta": { "n_ctx": 512, "n_params": 7 } }] }))
}

/// A server that lists one model and answers everything else by `answer`.
pub async fn server(answer: impl Fn(&Recorded) -> Vec<Step> + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| if request.path == "/v1/models" { models() } else { answer(request) })
        .await
}

pub fn options(server: &Server) -> OpenAiOptions {
    OpenAiOptions { timeout: Duration::from_secs(5), ..OpenAiOptions::new(&server.url) }
}

pub fn generation(user: &str) -> Generation {
    Generation {
        prompt: Prompt::chat("be brief", user),
        sampling: Sampling { temperature: 0.7, top_k: 40, top_p: 0.9, seed: 3 },
        grammar: None,
        max_tokens: 16,
        stop: vec!["END".into()],
        thinking: 0,
        distinct_from: None,
    }
}

pub fn generate(users: &[&str]) -> Request {
    Request::Generate { generations: users.iter().map(|user| generation(user)).collect() }
}

pub async fn call(options: OpenAiOptions, request: &Request) -> Result<Reply, LlmError> {
    let (progress, _seen) = mpsc::channel(64);
    let mut backend = OpenAiBackend::new(options)?;
    backend.call(request, &progress, &CancellationToken::new()).await
}

pub fn event(value: Value) -> String {
    format!("data: {value}\n\n")
}

pub fn says(text: &str, logprob: f32) -> String {
    event(json!({ "choices": [{ "delta": { "content": text },
        "logprobs": { "content": [{ "id": 5, "token": text, "logprob": logprob }] } }] }))
}

pub fn ends(reason: &str) -> String {
    event(json!({ "choices": [{ "delta": {}, "finish_reason": reason }] }))
        + &event(json!({ "choices": [], "usage": { "prompt_tokens": 10, "completion_tokens": 2,
            "prompt_tokens_details": { "cached_tokens": 4 } } }))
        + "data: [DONE]\n\n"
}

#[tokio::test]
async fn a_stream_in_splinters_is_put_together() {
    let server = server(|_| {
        let text = format!(": keep-alive\n\n{}{}{}", says("plän", -0.5), says(" B", -1.5), ends("stop"));
        // Splinters of five bytes, so that events, lines and characters are all cut somewhere.
        let splinters = text.as_bytes().chunks(5).map(send);
        std::iter::once(stream_head())
            .chain(splinters.flat_map(|step| [step, Step::Wait(Duration::from_millis(1))]))
            .collect()
    })
    .await;
    let (progress, mut seen) = mpsc::channel(64);
    let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
    let request = generate(&["go"]);
    let reply = backend.call(&request, &progress, &CancellationToken::new()).await.expect("a reply");
    drop(progress);

    let cost = reply.cost;
    assert_eq!((cost.calls, cost.generated, cost.cached, cost.fresh), (1, 2, 4, 7));
    assert_eq!(reply.prompts.iter().map(|p| (p.tokens, p.cached)).collect::<Vec<_>>(), [(10, 4)]);
    let completion = completions(reply).remove(0);
    assert_eq!((completion.text.as_str(), completion.stop), ("plän B", StopReason::EndOfTurn));
    assert_eq!(
        completion.tokens.iter().map(|t| (t.id, t.logprob)).collect::<Vec<_>>(),
        [(Some(5), Some(-0.5)), (Some(5), Some(-1.5))]
    );
    let mut streamed = String::new();
    while let Some(event) = seen.recv().await {
        if let Progress::Text(delta) = event {
            streamed.push_str(&delta.text);
        }
    }
    assert_eq!(streamed, "plän B");
}

#[tokio::test]
async fn requests_carry_what_was_asked_for() {
    let server = server(|_| vec![stream_head(), send(says("x", 0.0) + &ends("length"))]).await;
    let mut options = options(&server);
    options.api_key = Some("secret".into());
    let reply = call(options, &generate(&["go"])).await.expect("a reply");
    assert_eq!(completions(reply)[0].stop, StopReason::MaxTokens);
    let asked = server.requests().pop().expect("a request");
    assert!(asked.head.contains("authorization: bearer secret"), "{}", asked.head);
    let body: Value = serde_json::from_str(&asked.body).expect("json");
    assert_eq!(body["model"], "tiny", "the first that the server lists");
    assert_eq!(body["messages"][1], json!({ "role": "user", "content": "go" }));
    assert_eq!(body["stop"], json!(["END"]));
    assert_eq!((&body["max_tokens"], &body["seed"], &body["top_k"]), (&json!(16), &json!(3), &json!(40)));
}

#[tokio::test]
async fn several_run_side_by_side_and_keep_their_order() {
    let server = server(|request| {
        let slow = request.body.contains("first");
        let text = if slow { "one" } else { "two" };
        vec![stream_head(), Step::Wait(Duration::from_millis(300)), send(says(text, 0.0) + &ends("stop"))]
    })
    .await;
    let started = Instant::now();
    let reply = call(options(&server), &generate(&["first", "b", "c", "d"])).await.expect("a reply");
    assert!(started.elapsed() < Duration::from_millis(1000), "one after the other: {:?}", started.elapsed());
    assert_eq!((reply.batch, reply.cost.generated), (4, 8));
    let texts: Vec<String> = completions(reply).into_iter().map(|completion| completion.text).collect();
    assert_eq!(texts, ["one", "two", "two", "two"]);
}

#[tokio::test]
async fn cancelling_keeps_what_came_and_hangs_up() {
    let server =
        server(|_| vec![stream_head(), send(says("half", -0.1)), Step::Wait(Duration::from_secs(60))]).await;
    let (progress, mut seen) = mpsc::channel(8);
    let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
    let (cancel, request) = (CancellationToken::new(), generate(&["go"]));
    let stop = async {
        seen.recv().await.expect("the first text");
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(backend.call(&request, &progress, &cancel), stop);
    let completion = completions(outcome.expect("what had come")).remove(0);
    assert_eq!((completion.text.as_str(), completion.stop), ("half", StopReason::Cancelled));
    for _ in 0..100 {
        if server.hung_up() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server was left writing");
}

#[tokio::test]
async fn other_work_is_cancelled_as_an_error() {
    let server = server(|_| vec![Step::Wait(Duration::from_secs(60))]).await;
    let (progress, _seen) = mpsc::channel(8);
    let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
    let request = Request::Choose { prompts: vec![Prompt::chat("", "?")], options: vec!["a".into()] };
    let cancel = CancellationToken::new();
    let stop = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(backend.call(&request, &progress, &cancel), stop);
    assert!(matches!(outcome, Err(LlmError::Cancelled)), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_ignores_stop_strings_is_cut_off() {
    let server = server(|_| {
        let text = says("yes EN", 0.0) + &says("D and more", 0.0);
        vec![stream_head(), send(text), Step::Wait(Duration::from_secs(60))]
    })
    .await;
    let reply = call(options(&server), &generate(&["go"])).await.expect("a reply");
    let completion = completions(reply).remove(0);
    assert_eq!((completion.text.as_str(), completion.stop), ("yes ", StopReason::StopString));
}

#[tokio::test]
async fn an_unstreamed_reply_does_as_well() {
    let server = server(|_| {
        reply(json!({ "choices": [{ "text": "whole", "finish_reason": "stop", "stop_reason": "END",
            "logprobs": { "tokens": ["who", "le"], "token_logprobs": [-1.0, -2.0] } }] }))
    })
    .await;
    let options = OpenAiOptions { endpoint: Endpoint::Completions, ..options(&server) };
    let reply = call(options, &generate(&["go"])).await.expect("a reply");
    assert!(reply.prompts.is_empty(), "the server did not tell");
    assert_eq!(reply.cost.generated, 2, "counted here");
    let completion = completions(reply).remove(0);
    assert_eq!((completion.text.as_str(), completion.stop), ("whole", StopReason::StopString));
    assert_eq!(server.requests().last().expect("asked").path, "/v1/completions");
}

#[tokio::test]
async fn logprobs_are_left_out_where_they_are_refused() {
    let server = server(|request| {
        if request.body.contains("logprobs") {
            return response(
                "400 Bad Request",
                "application/json",
                r#"{"error":{"message":"no logprobs here"}}"#,
            );
        }
        vec![
            stream_head(),
            send(event(json!({ "choices": [{ "delta": { "content": "ok" } }] })) + &ends("stop")),
        ]
    })
    .await;
    let completion =
        completions(call(options(&server), &generate(&["go"])).await.expect("a reply")).remove(0);
    assert_eq!((completion.text.as_str(), completion.tokens[0].logprob), ("ok", None));
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let server = Server::start(|request, before| match request.path.as_str() {
        "/v1/models" => models(),
        _ if before < 3 => response("429 Too Many Requests\r\nretry-after: 0", "text/plain", "slow down"),
        _ => vec![stream_head(), send(says("at last", 0.0) + &ends("stop"))],
    })
    .await;
    let reply = call(options(&server), &generate(&["go"])).await.expect("a reply");
    assert_eq!(completions(reply)[0].text, "at last");
    assert_eq!(server.requests().len(), 4);
}

/// Asks a server that answers with these steps and returns the error as text and hint.
async fn failure(steps: Vec<Step>) -> String {
    let server = server(move |_| steps.clone()).await;
    let options = OpenAiOptions { timeout: Duration::from_millis(400), ..options(&server) };
    let error = call(options, &generate(&["go"])).await.expect_err("must fail");
    format!("{error} | {}", error.hint().unwrap_or_default())
}

#[tokio::test]
async fn faults_are_told_in_sentences() {
    let busy = "429 Too Many Requests\r\nretry-after: 0";
    let cases = [
        (response("401 Unauthorized", "application/json", "{}"), "PLANSCOPE_API_KEY"),
        (
            response("404 Not Found", "application/json", r#"{"message":"model x unknown"}"#),
            "has no model \"tiny\"",
        ),
        (response("404 Not Found", "text/html", "<html></html>"), "usually ends in /v1"),
        (
            response("500 Internal Server Error", "text/plain", "out of cake"),
            "the server failed (500 Internal Server Error: out of cake)",
        ),
        (response(busy, "text/plain", ""), "takes no more requests"),
        (response("200 OK", "text/html", "<!DOCTYPE html>"), "a web page instead of JSON"),
        (vec![stream_head(), send("data: {garbage\n\n")], "something else than was asked for: {garbage"),
        (vec![stream_head(), send(says("half", 0.0))], "before the text was complete"),
        (vec![stream_head(), send(event(json!({ "error": { "message": "boom" } })))], "boom"),
        (vec![stream_head(), Step::Wait(Duration::from_secs(30))], "no answer from the model within"),
        (vec![], "the connection to http://127.0.0.1"),
    ];
    for (steps, expected) in cases {
        let text = failure(steps.clone()).await;
        assert!(text.contains(expected), "{text}\n  does not say: {expected}\n  of {steps:?}");
    }
}

#[tokio::test]
async fn a_dead_server_is_said_to_be_dead() {
    let server = Server::start(|_, _| vec![]).await;
    let options = options(&server);
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = call(options, &generate(&["go"])).await.expect_err("nobody there");
    assert!(error.to_string().starts_with("no server answers at http://127.0.0.1"), "{error}");
    assert!(OpenAiBackend::new(OpenAiOptions::new("localhost:8080")).is_err(), "no scheme");
}

#[tokio::test]
async fn texts_are_scored_where_the_server_echoes() {
    let server = server(|request| {
        let body: Value = serde_json::from_str(&request.body).expect("json");
        let text = body["prompt"].as_str().expect("a prompt");
        let before = text.chars().count() - "äb".chars().count();
        reply(json!({ "choices": [{ "text": text, "logprobs": {
            "text_offset": [0, before, before + 1, before + 2],
            "token_logprobs": [null, -1.0, -2.0, -7.0], "tokens": ["", "ä", "b", "!"] } }],
            "usage": { "prompt_tokens": 3, "completion_tokens": 1 } }))
    })
    .await;
    let request = Request::Score { pairs: vec![(Prompt::chat("", "?").with_prefill("é"), "äb".into())] };
    let scored = call(options(&server), &request).await.expect("scores");
    assert_eq!(scored.output, Output::Scored { logprobs: vec![vec![-1.0, -2.0]] });
    assert_eq!((scored.cost.logits, scored.cost.fresh), (2, 3));
}

#[tokio::test]
async fn a_server_that_does_not_echo_refuses_to_score() {
    let server = server(|_| reply(json!({ "choices": [{ "text": "x" }] }))).await;
    let request = Request::Score { pairs: vec![(Prompt::chat("", "?"), "ab".into())] };
    let error = call(options(&server), &request).await.expect_err("no echo");
    assert!(matches!(error, LlmError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn choices_are_read_from_the_top() {
    let server = server(|_| {
        reply(
            json!({ "choices": [{ "logprobs": { "content": [{ "token": "B", "logprob": -0.1, "top_logprobs": [
            { "token": "B", "logprob": -0.1 }, { "token": "A", "logprob": -2.5 } ] }] } }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 1 } }),
        )
    })
    .await;
    let ask = |options: &[&str]| Request::Choose {
        prompts: vec![Prompt::chat("", "A or B?"); 2],
        options: options.iter().map(|&option| option.to_owned()).collect(),
    };
    let chosen = call(options(&server), &ask(&["A", "B"])).await.expect("ratings");
    assert_eq!(chosen.output, Output::Chosen { logprobs: vec![vec![-2.5, -0.1]; 2] });
    let error = call(options(&server), &ask(&["A", "C"])).await.expect_err("C is not there");
    assert!(error.to_string().contains("\"C\" is not among the 2"), "{error}");
}

#[tokio::test]
async fn the_model_is_described_as_far_as_the_server_tells() {
    let server = server(|_| vec![]).await;
    let (progress, _seen) = mpsc::channel(1);
    let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
    let info = backend.info(&progress).await.expect("a model");
    assert_eq!((info.name.as_str(), info.backend.as_str(), info.context), ("tiny", "openai", Some(512)));
    assert_eq!((info.exact, info.parameters, info.gpu_layers), (Some(false), Some(7), None));
}
