//! Servers as they are: each test one way in which they differ from the book, over real HTTP on this machine.

use std::{
    io::Write,
    process::Output as Ran,
    time::{Duration, Instant},
};

use crate::openai_backend::{call, ends, event, generate, generation, models, options, says, server};
use crate::support::{Recorded, Server, Step, completions, json as reply, response, send, stream_head};
use llm::openai::{GrammarStyle, OpenAiBackend, OpenAiOptions};
use model::{Backend, Completion, Generation, LlmError, Progress, Prompt, Reply, Request, StopReason};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A piece of text without log-probabilities.
fn bare(text: &str) -> String {
    event(json!({ "choices": [{ "delta": { "content": text } }] }))
}

/// The end of a text, without numbers of tokens.
fn stops(reason: &str) -> String {
    event(json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })) + "data: [DONE]\n\n"
}

fn stream(text: impl AsRef<[u8]>) -> Vec<Step> {
    vec![stream_head(), send(text)]
}

/// What a server that answers everything with these steps makes of one generation.
async fn answered(steps: Vec<Step>) -> Result<Reply, LlmError> {
    let server = server(move |_| steps.clone()).await;
    call(options(&server), &generate(&["go"])).await
}

async fn written(steps: Vec<Step>) -> (Completion, Reply) {
    let reply = answered(steps.clone()).await.unwrap_or_else(|error| panic!("{error}\n  of {steps:?}"));
    (completions(reply.clone()).remove(0), reply)
}

fn body(request: &Recorded) -> Value {
    serde_json::from_str(&request.body).expect("json")
}

/// A server that refuses each of these fields in turn, in its own words, and then answers.
async fn picky(fields: &'static [&'static str], words: fn(&str) -> String) -> Server {
    server(move |request| {
        let body = body(request);
        match fields.iter().find(|field| body.get(**field).is_some()) {
            Some(field) => response("400 Bad Request", "application/json", words(field)),
            None => stream(bare("ok") + &ends("stop")),
        }
    })
    .await
}

#[tokio::test]
async fn fields_that_a_server_rejects_are_left_out_from_then_on() {
    let wordings: [fn(&str) -> String; 8] = [
        |field| json!({ "error": { "message": format!("Unknown field: {field}") } }).to_string(),
        |field| {
            json!({ "error": { "message": format!("Unrecognized request argument supplied: {field}"),
                "type": "invalid_request_error", "param": null } })
            .to_string()
        },
        |field| {
            json!({ "object": "error", "code": 400, "message": format!("[{{'type': 'extra_forbidden', 'loc': \
                ('body', '{field}'), 'msg': 'Extra inputs are not permitted', 'input': 1}}]") })
            .to_string()
        },
        |field| {
            json!({ "detail": [{ "type": "extra_forbidden", "loc": ["body", field],
                "msg": "Extra inputs are not permitted", "input": 3 }] })
            .to_string()
        },
        |field| json!({ "error": format!("Unrecognized key(s) in object: '{field}'") }).to_string(),
        |field| {
            format!(
                "Failed to deserialize the JSON body into the target type: unknown field `{field}`, expected one of \
                 `model`, `messages`, `max_tokens`, `stop` at line 1 column 9"
            )
        },
        |field| {
            json!({ "error": { "code": 400, "message": format!("Unsupported param: {field}") } }).to_string()
        },
        |field| json!({ "message": format!("{field} is not supported by this model.") }).to_string(),
    ];
    for words in wordings {
        let server = picky(&["stream_options", "logprobs", "seed", "top_k", "grammar"], words).await;
        let options = OpenAiOptions { grammar: GrammarStyle::Llguidance, ..options(&server) };
        let mut backend = OpenAiBackend::new(options).expect("an address");
        let held = Generation { grammar: Some("start: /x/\n".into()), ..generation("go") };
        let request = Request::Generate { generations: vec![held] };
        let progress = mpsc::channel(64).0;
        let first = backend.call(&request, &progress, &CancellationToken::new()).await;
        let first = first.unwrap_or_else(|error| panic!("{error}: {}", words("seed")));
        assert_eq!(first.notes.len(), 5, "{:?}", first.notes);
        assert!(
            first.notes[0].contains("stream_options") && first.notes[0].contains("400"),
            "{:?}",
            first.notes
        );
        let before = server.requests().len();
        let again = backend.call(&request, &progress, &CancellationToken::new()).await.expect("a reply");
        assert_eq!(
            (server.requests().len() - before, again.notes),
            (1, vec![]),
            "it is remembered and said once"
        );
        let sent = body(server.requests().last().expect("a request"));
        let kept = [
            "chat_template_kwargs",
            "max_tokens",
            "messages",
            "model",
            "stop",
            "stream",
            "temperature",
            "top_p",
        ];
        let mut fields: Vec<&String> = sent.as_object().expect("an object").keys().collect();
        fields.sort();
        assert_eq!(fields, kept);
        let info = backend.info(&progress).await.expect("a model");
        assert_eq!(info.notes, first.notes, "whoever asks for the model later hears of it too");
    }
}

#[tokio::test]
async fn side_by_side_a_field_is_dropped_by_all_and_said_once() {
    let server = picky(&["seed"], |field| format!("json: unknown field \"{field}\"")).await;
    let reply = call(options(&server), &generate(&["a", "b", "c", "d"])).await.expect("a reply");
    assert_eq!((completions(reply.clone()).len(), reply.notes.len()), (4, 1), "{:?}", reply.notes);
}

#[tokio::test]
async fn the_limit_on_tokens_goes_by_its_newer_name_where_a_server_wants_that() {
    let server = picky(&["max_tokens"], |_| {
        json!({ "error": { "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
            'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter" } })
        .to_string()
    })
    .await;
    call(options(&server), &generate(&["go"])).await.expect("a reply");
    assert_eq!(body(server.requests().last().expect("a request"))["max_completion_tokens"], json!(16));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_asked_for_the_whole() {
    let server = server(|request| match body(request).get("stream") {
        Some(_) => response("501 Not Implemented", "text/plain", "Streaming is not supported"),
        None => reply(json!({ "choices": [{ "message": { "content": "whole" }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 4, "completion_tokens": 1 } })),
    })
    .await;
    let reply = call(options(&server), &generate(&["go"])).await.expect("a reply");
    assert_eq!((completions(reply.clone())[0].text.as_str(), reply.cost.generated), ("whole", 1));
}

#[tokio::test]
async fn a_wrong_value_and_a_needed_field_are_errors() {
    for text in
        ["max_tokens is too large: 16. This model supports at most 8.", "Invalid grammar: unexpected token"]
    {
        let refusal = response("400 Bad Request", "application/json", json!({ "error": text }).to_string());
        let error = answered(refusal).await.expect_err("no field is rejected");
        assert!(matches!(&error, LlmError::Refused { message, .. } if message.contains(text)), "{error:?}");
    }
    let server = picky(&["top_logprobs"], |field| format!("{field} is not supported")).await;
    let asked = Request::Choose { prompts: vec![Prompt::chat("", "?")], options: vec!["a".into()] };
    let error = call(options(&server), &asked).await.expect_err("nothing to rate by");
    assert!(matches!(error, LlmError::Refused { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 2, "the list and one request");
}

type Answer = fn() -> Vec<Step>;

fn loading() -> Vec<Step> {
    let body = json!({ "error": { "code": 503, "message": "Loading model", "type": "unavailable_error" } });
    response("503 Service Unavailable", "application/json", body.to_string())
}

/// A server that answers the first `times` requests with `at_first`, and then works.
async fn late(times: usize, at_first: Answer) -> Server {
    Server::start(move |request, before| match request.path.as_str() {
        _ if before < times => at_first(),
        "/v1/models" => models(),
        _ => stream(says("ready", 0.0) + &ends("stop")),
    })
    .await
}

#[tokio::test]
async fn a_server_that_is_loading_is_waited_for_and_that_is_shown() {
    let starting: [(Answer, &str); 5] = [
        (loading, "Loading model"),
        (|| response("502 Bad Gateway", "text/html", "<html>starting</html>"), "502 Bad Gateway"),
        (|| response("500 Internal Server Error", "text/plain", "llm server loading model"), "loading model"),
        (|| response("503 Service Unavailable\r\nretry-after: 0.2", "text/plain", "soon"), "soon"),
        (|| vec![], "broke"),
    ];
    for (at_first, why) in starting {
        let server = late(3, at_first).await;
        let (progress, mut seen) = mpsc::channel(64);
        let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
        let reply = backend.call(&generate(&["go"]), &progress, &CancellationToken::new()).await;
        assert_eq!(completions(reply.expect("it is ready in the end"))[0].text, "ready");
        let shown = seen.recv().await.expect("a wait");
        assert!(matches!(&shown, Progress::Waiting { why: said } if said.contains(why)), "{why}: {shown:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_gets_ready_is_one_clear_error_at_the_time_limit() {
    let server = late(usize::MAX, loading).await;
    let options = OpenAiOptions { timeout: Duration::from_millis(900), ..options(&server) };
    let started = Instant::now();
    let error = call(options, &generate(&["go"])).await.expect_err("it never is");
    assert!(started.elapsed() >= Duration::from_millis(800), "it is waited for");
    assert!(error.to_string().contains("is not ready (503 Service Unavailable: Loading model)"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("llm.timeout_s")));
}

#[tokio::test]
async fn no_wait_is_begun_that_ends_too_late_or_is_in_vain() {
    for (status, body) in [
        ("503 Service Unavailable\r\nretry-after: 3600", "later"),
        (
            "429 Too Many Requests",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
    ] {
        let server = server(move |_| response(status, "text/plain", body)).await;
        call(options(&server), &generate(&["go"])).await.expect_err("not now");
        assert_eq!(server.requests().len(), 2, "{status}: the list and one request");
    }
}

#[tokio::test]
async fn a_wait_can_be_cancelled() {
    // Of the list and of a reply.
    for server in [late(usize::MAX, loading).await, server(|_| loading()).await] {
        let mut backend = OpenAiBackend::new(options(&server)).expect("an address");
        let (progress, mut seen) = mpsc::channel(8);
        let (cancel, request) = (CancellationToken::new(), generate(&["go"]));
        let stop = async {
            seen.recv().await.expect("a wait");
            cancel.cancel();
        };
        let started = Instant::now();
        let (outcome, ()) = tokio::join!(backend.call(&request, &progress, &cancel), stop);
        let stopped = match &outcome {
            Ok(reply) => completions(reply.clone())[0].stop == StopReason::Cancelled,
            Err(error) => matches!(error, LlmError::Cancelled),
        };
        assert!(stopped && started.elapsed() < Duration::from_secs(4), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_an_error_that_counts_what_came() {
    let empty =
        |text: &str| event(json!({ "choices": [{ "delta": { "content": text }, "finish_reason": "" }] }));
    let pieces = ["There", " are", " 3", " *", " 5"].map(empty).concat();
    let aborted = bare("one") + &event(json!({ "choices": [{ "delta": {}, "finish_reason": "abort" }] }));
    let in_band = bare("one") + &event(json!({ "error": "CUDA out of memory" }));
    let cases = [
        (stream(&pieces), 5, "before the text was complete"),
        (stream(bare("one") + "data: {\"choi"), 1, "something else"),
        (stream(aborted), 1, "gave the text up"),
        (stream(in_band), 1, "CUDA out of memory"),
        (
            vec![
                send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n"),
                send(bare("one")),
            ],
            1,
            "broke",
        ),
    ];
    for (steps, tokens, expected) in cases {
        let error = answered(steps).await.expect_err("it broke off");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(matches!(error, LlmError::BrokenOff { generated, .. } if generated == tokens), "{error:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_text_is_known_by_a_reason_or_by_the_end_of_the_stream() {
    let text = bare("fine");
    for (end, stop) in [
        (stops("stop"), StopReason::EndOfTurn),
        (stops("eos_token"), StopReason::EndOfTurn),
        (stops("stop_sequence"), StopReason::StopString),
        (stops("length"), StopReason::MaxTokens),
        (stops("MAX_TOKENS"), StopReason::MaxTokens),
        ("data: [DONE]\n\n".to_owned(), StopReason::EndOfTurn),
        (stops(""), StopReason::EndOfTurn),
        // Without the last line, and with an error behind the end.
        (event(json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] })), StopReason::EndOfTurn),
        (stops("stop").replace("[DONE]", "{oops"), StopReason::EndOfTurn),
    ] {
        let (completion, _) = written(stream(text.clone() + &end)).await;
        assert_eq!((completion.text.as_str(), completion.stop), ("fine", stop), "{end}");
    }
}

#[tokio::test]
async fn a_server_that_lingers_behind_the_end_is_not_waited_for() {
    let end = event(json!({ "choices": [{ "delta": { "content": "x" }, "finish_reason": "stop" }] }));
    let steps = vec![stream_head(), send(end), Step::Wait(Duration::from_secs(60))];
    let server = server(move |_| steps.clone()).await;
    let options = OpenAiOptions { timeout: Duration::from_secs(50), ..options(&server) };
    let started = Instant::now();
    call(options, &generate(&["go"])).await.expect("the text is whole");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_reply_without_a_text_is_said_to_be_one_and_costs_what_came() {
    let thought = |name: &str| event(json!({ "choices": [{ "delta": { name: "hmm", "content": null } }] }));
    for name in ["reasoning_content", "reasoning", "thinking"] {
        let (completion, reply) = written(stream(thought(name).repeat(10) + &stops("length"))).await;
        assert_eq!((completion.text.as_str(), completion.stop), ("", StopReason::MaxTokens));
        assert_eq!(reply.cost.generated, 10, "{name}");
        let said = reply.notes.join(" ");
        assert!(said.contains("reasoning alone, about 10 tokens") && said.contains("an estimate"), "{said}");
    }
    let nothing = event(json!({ "choices": [{ "delta": { "content": null } }] })).repeat(3)
        + &event(json!({ "choices": [], "usage": { "prompt_tokens": 0, "completion_tokens": 0 } }));
    let (completion, reply) = written(stream(nothing + &stops("stop"))).await;
    assert_eq!((completion.text.as_str(), reply.cost.generated, reply.prompts.len()), ("", 0, 0));
    assert_eq!(reply.notes, ["The model wrote no answer: the server's reply is empty."]);
}

#[tokio::test]
async fn thoughts_before_an_answer_are_counted_and_are_no_part_of_it() {
    let thought = event(json!({ "choices": [{ "delta": { "reasoning_content": "hm" },
        "logprobs": { "content": [{ "token": "hm", "logprob": -1.0 }] } }] }));
    let text = thought.repeat(3) + &says("15", -0.1) + &stops("stop");
    let (completion, reply) = written(stream(text)).await;
    assert_eq!((completion.text.as_str(), completion.tokens.len()), ("15", 1));
    assert_eq!(
        (reply.cost.generated, reply.notes),
        (4, vec![]),
        "every token was named, so it is no estimate"
    );
}

#[tokio::test]
async fn a_server_that_ignores_the_limit_is_cut_off_and_that_is_said() {
    let endless = |piece: String| {
        let chunk = send(piece.repeat(8));
        let mut steps = vec![stream_head()];
        (0..400).for_each(|_| steps.extend([chunk.clone(), Step::Wait(Duration::from_millis(5))]));
        steps
    };
    let thought = event(json!({ "choices": [{ "delta": { "reasoning_content": "hm so " } }] }));
    for (steps, text) in [
        (endless(says("word ", -0.5)), "word ".repeat(16)),
        (endless(bare("word ")), "word ".repeat(16)),
        (endless(thought), String::new()),
    ] {
        let server = server(move |_| steps.clone()).await;
        let reply = call(options(&server), &generate(&["go"])).await.expect("a reply");
        let completion = completions(reply.clone()).remove(0);
        assert_eq!((completion.text, completion.stop), (text, StopReason::MaxTokens));
        assert!((16..200).contains(&reply.cost.generated), "{}", reply.cost.generated);
        assert!(reply.notes[0].contains("ignores the limit"), "{:?}", reply.notes);
        let mut tries = 0;
        while server.hung_up() == 0 {
            tries += 1;
            assert!(tries < 100, "the server was left writing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // One that keeps to the limit is not cut, and nothing is said.
    let (completion, reply) = written(stream(says("word ", 0.0).repeat(16) + &ends("length"))).await;
    assert_eq!((completion.text.len(), reply.notes.len()), (80, 0));
}

#[tokio::test]
async fn a_whole_reply_beyond_the_limit_is_cut_too() {
    let whole =
        json!({ "choices": [{ "message": { "content": "word ".repeat(500) }, "finish_reason": "stop" }] });
    let (completion, reply) = written(super::support::json(whole)).await;
    assert_eq!((completion.text, completion.stop), ("word ".repeat(16), StopReason::MaxTokens));
    assert_eq!(reply.cost.generated, 625, "2500 characters of text are about so many tokens");
}

#[tokio::test]
async fn streams_in_all_dresses_are_read() {
    let plain = bare("fi") + &bare("ne") + &stops("stop");
    let packed = |text: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).expect("packed");
        packer.finish().expect("packed")
    };
    let head = |more: &str| send(format!("HTTP/1.1 200 OK\r\n{more}connection: close\r\n\r\n"));
    let gzip = packed(&plain);
    let (first, second) = gzip.split_at(gzip.len() / 2);
    let comments = plain.replace("data: ", ": ping\n\nid: 7\nevent: message\nretry: 10\ndata: ");
    let several = event(json!({ "choices": [
        { "index": 0, "delta": { "content": "fi" } }, { "index": 1, "delta": { "content": "xx" } },
        { "index": 0, "delta": { "content": "ne" }, "finish_reason": "stop" } ] }));
    let parts =
        event(json!({ "choices": [{ "delta": { "content": [{ "type": "text", "text": "fine" }] } }] }));
    let whole = |content: Value| json!({ "choices": [{ "message": { "content": content }, "finish_reason": null }], "error": null });
    for (dress, steps) in [
        ("plain", stream(&plain)),
        ("carriage returns", stream(plain.replace('\n', "\r\n"))),
        ("no gap", stream(plain.replace("data: ", "data:"))),
        ("comments and other fields", stream(comments)),
        ("a mark of the byte order", stream(format!("\u{feff}{plain}"))),
        ("no type", vec![head(""), send(&plain)]),
        ("a wrong type", vec![head("content-type: application/json\r\n"), send(&plain)]),
        (
            "a type in capitals",
            vec![head("content-type: Text/Event-Stream; charset=utf-8\r\n"), send(&plain)],
        ),
        (
            "gzip that nobody asked for",
            vec![
                head("content-type: text/event-stream\r\ncontent-encoding: gzip\r\n"),
                send(first),
                Step::Wait(Duration::from_millis(20)),
                send(second),
            ],
        ),
        ("several texts", stream(several)),
        ("parts", stream(parts + &stops("stop"))),
        ("a whole reply", reply(whole(json!("fine")))),
        ("a whole reply in parts", reply(whole(json!(["fi", { "type": "text", "text": "ne" }])))),
        ("a whole reply as a stream", stream(whole(json!("fine")).to_string())),
        ("a whole reply behind a mark", stream(format!("\u{feff}\n {}", whole(json!("fine"))))),
    ] {
        assert_eq!(written(steps).await.0.text, "fine", "{dress}");
    }
}

#[tokio::test]
async fn errors_in_all_dresses_are_sentences() {
    let page = "<!DOCTYPE html><title>Bad</title>";
    for (steps, expected) in [
        (stream(event(json!({ "error": { "message": "boom", "code": 500 } }))), "the server failed (500"),
        (stream(event(json!({ "error": "boom" }))), "boom"),
        (stream("error: {\"code\":500,\"message\":\"boom\"}\n\n"), "boom"),
        (stream(event(json!({ "object": "error", "message": "boom", "code": 400 }))), "boom"),
        (reply(json!({ "error": { "message": "boom" } })), "boom"),
        (reply(json!({ "detail": "boom" })), "boom"),
        (reply(json!("boom")), "something else than was asked for"),
        (response("200 OK", "text/event-stream", page), "a web page instead of JSON"),
        (
            response("500 Internal Server Error", "text/html", page),
            "the server failed (500 Internal Server Error)",
        ),
        (response("200 OK", "application/json", ""), "something else than was asked for: nothing"),
        (response("200 OK\r\ncontent-encoding: br", "application/json", "x"), "packed as br"),
        (response("200 OK\r\ncontent-encoding: gzip", "application/json", "x"), "cannot be unpacked"),
        (response("400 Bad Request", "text/plain", "no \u{1b}]52;c;eA==\u{7} way"), "no ␛]52;c;eA==␇ way"),
    ] {
        let error = answered(steps.clone()).await.expect_err("an error").to_string();
        assert!(error.contains(expected), "{error}\n  does not say: {expected}\n  of {steps:?}");
    }
}

#[tokio::test]
async fn zeros_for_numbers_of_tokens_are_not_believed() {
    let zeros = event(json!({ "choices": [], "usage": { "prompt_tokens": 0, "completion_tokens": 0 } }));
    let (_, reply) = written(stream(bare("a") + &bare(" b") + &zeros + &stops("stop"))).await;
    assert_eq!((reply.cost.generated, reply.prompts.len()), (2, 0));
    assert!(reply.notes[0].contains("an estimate"), "{:?}", reply.notes);
}

/// A server with this list of models.
async fn listing(list: Vec<Step>) -> Server {
    Server::start(move |request, _| match request.path.as_str() {
        "/v1/models" => list.clone(),
        _ => stream(says("ok", 0.0) + &ends("stop")),
    })
    .await
}

#[tokio::test]
async fn lists_of_models_in_all_dresses_will_do() {
    let named = |server: &Server| OpenAiOptions { model: Some("mine".into()), ..options(server) };
    let useless = [
        reply(json!({ "object": "list", "data": null })),
        reply(json!({ "object": "list", "data": [] })),
        reply(json!([])),
        reply(json!({ "hello": "world" })),
        response("404 Not Found", "application/json", r#"{"detail":"Not Found"}"#),
        response("405 Method Not Allowed", "text/plain", ""),
        response("200 OK", "text/html", "<html>"),
    ];
    for list in useless {
        let server = listing(list.clone()).await;
        let error = call(options(&server), &generate(&["go"])).await.expect_err("no model");
        assert!(!error.to_string().is_empty());
        let reply = call(named(&server), &generate(&["go"])).await;
        assert!(reply.is_ok(), "a name is enough: {reply:?} of {list:?}");
    }
    let error = call(options(&listing(reply(json!({ "data": null }))).await), &generate(&["go"])).await;
    assert!(error.expect_err("none").to_string().contains("lists no model"));
    for list in [
        json!({ "models": [{ "name": "other" }] }),
        json!(["other"]),
        json!({ "data": [null, { "id": "other" }] }),
    ] {
        let server = listing(reply(list)).await;
        call(options(&server), &generate(&["go"])).await.expect("a reply");
        assert_eq!(body(server.requests().last().expect("asked"))["model"], "other");
    }
    let closed = listing(response("401 Unauthorized", "text/plain", "")).await;
    let error = call(named(&closed), &generate(&["go"])).await.expect_err("the key is wrong");
    assert!(error.to_string().contains("does not accept the key"), "{error}");
}

#[tokio::test]
async fn whoever_runs_a_problem_hears_of_all_that_and_the_run_goes_on() {
    let broken_off = std::sync::atomic::AtomicBool::new(false);
    let server = server(move |request| match body(request).get("seed") {
        Some(_) => response("400 Bad Request", "text/plain", "json: unknown field \"seed\""),
        None if broken_off.swap(true, std::sync::atomic::Ordering::SeqCst) => {
            stream(bare("The answer is 15.") + &stops("stop"))
        }
        None => stream(bare("The ans")),
    })
    .await;
    let ran = run_by_proxy(&server.url).await;
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    for part in [
        "call 1 failed: ",
        "after about 1 token;",
        "retrying once",
        "The server rejects the field seed (400 Bad Request: json: unknown field \"seed\")",
        "counted by what came, which is an estimate",
        // A broken piece, and one that is longer than a token.
        "spent: 6 generated",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

/// Runs a problem on a server, with the environment naming a proxy at which nobody listens.
async fn run_by_proxy(url: &str) -> Ran {
    let dir = tempfile::tempdir().expect("a folder");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_planscope"));
    command.args(["run", "pens", "--backend", "openai", "--set", "mode=direct", "--set", "llm.timeout_s=5"]);
    command.arg("--url").arg(url).arg("--sessions").arg(dir.path());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://who:secret@127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    command.output().await.expect("it runs")
}

#[tokio::test]
async fn no_proxy_stands_before_this_machine_and_elsewhere_it_is_named() {
    let server = server(|_| stream(says("The answer is 15.", 0.0) + &ends("stop"))).await;
    for host in ["127.0.0.1", "localhost"] {
        let ran = run_by_proxy(&server.url.replace("127.0.0.1", host)).await;
        assert!(ran.status.success(), "{host}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let ran = run_by_proxy("http://planscope.invalid:8080/v1").await;
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2));
    assert!(said.contains("through the proxy http://127.0.0.1:9") && said.contains("NO_PROXY"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}
