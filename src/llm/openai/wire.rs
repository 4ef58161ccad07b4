//! What servers send, as far as it is read. Everything is optional, and anything may be null or of another type: no two
//! servers agree. So values are looked for one by one, and what is not there is not there.

use serde::Deserialize;
use serde_json::Value;

/// One reply, or one event of a streamed reply.
#[derive(Debug, Default)]
pub(super) struct Packet {
    pub choices: Vec<StreamedChoice>,
    pub usage: Option<Usage>,
}

/// One of the texts that are being written, or a piece of it.
#[derive(Debug, Default)]
pub(super) struct StreamedChoice {
    /// Which of them, where the server says so.
    pub index: Option<u64>,
    pub said: StreamedDelta,
    pub logprobs: Option<Logprobs>,
    pub finish_reason: Option<String>,
    /// Whether a stop string ended it.
    pub at_stop_string: bool,
}

/// What a piece brings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StreamedDelta {
    pub text: String,
    /// What the model thinks before it.
    pub thinking: String,
}

/// Both shapes: of the chat endpoint, and of the completion endpoint (four parallel lists).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Logprobs {
    pub content: Option<Vec<TokenLogprob>>,
    pub tokens: Option<Vec<String>>,
    pub token_logprobs: Option<Vec<Option<f32>>>,
    /// Where each token starts, in characters of prompt and text together.
    pub text_offset: Option<Vec<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenLogprob {
    /// llama-server reports it.
    pub id: Option<i32>,
    pub token: String,
    pub logprob: Option<f32>,
    pub top_logprobs: Option<Vec<TokenLogprob>>,
}

/// Numbers of tokens as the server says; 0 where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub prompt: u32,
    pub completion: u32,
    /// Of the prompt, already evaluated before.
    pub cached: Option<u32>,
}

/// Returns what a reply reports as an error, although its status says success.
pub(super) fn error_in(value: &Value) -> Option<&Value> {
    let error = &value["error"];
    let nothing = error.is_null() || error == "" || error == false || *error == serde_json::json!({});
    if !nothing {
        return Some(error);
    }
    let bare = value.get("choices").is_none() && value.get("data").is_none() && value.get("usage").is_none();
    let complains = value["object"] == "error" || value["message"].is_string() || !value["detail"].is_null();
    (bare && complains).then_some(value)
}

/// Returns a number of tokens, whatever it is written as.
fn count(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64))?;
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

fn first_count(value: &Value, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| count(&value[*name]))
}

impl Usage {
    fn of(value: &Value) -> Option<Self> {
        let (usage, timings) = (&value["usage"], &value["timings"]);
        let prompt = first_count(usage, &["prompt_tokens", "input_tokens"]);
        let completion = first_count(usage, &["completion_tokens", "output_tokens"]);
        // llama-server measures what it evaluated, and what it had.
        let evaluated = count(&timings["prompt_n"]).map(|n| n + count(&timings["cache_n"]).unwrap_or(0));
        let (prompt, completion) = (prompt.or(evaluated), completion.or(count(&timings["predicted_n"])));
        if prompt.is_none() && completion.is_none() {
            return None;
        }
        let cached = count(&usage["prompt_tokens_details"]["cached_tokens"]).or(count(&timings["cache_n"]));
        Some(Self { prompt: prompt.unwrap_or(0), completion: completion.unwrap_or(0), cached })
    }
}

impl Packet {
    /// Reads a packet; `None` where the value is no object.
    pub fn of(value: &Value) -> Option<Self> {
        value.as_object()?;
        let choices = value["choices"].as_array().into_iter().flatten().map(StreamedChoice::of).collect();
        Some(Self { choices, usage: Usage::of(value) })
    }

    /// Returns the reason where the server says that it gave the text up.
    pub fn gave_up(&self) -> Option<&str> {
        let reasons = self.choices.iter().filter_map(|choice| choice.finish_reason.as_deref());
        let bad = ["abort", "aborted", "cancelled", "canceled", "error", "insufficient_system_resource"];
        reasons.into_iter().find(|reason| bad.contains(&reason.to_ascii_lowercase().as_str()))
    }
}

impl StreamedChoice {
    fn of(value: &Value) -> Self {
        let filled = |name: &str| Some(&value[name]).filter(|value| !value.is_null());
        let said = match filled("delta").or_else(|| filled("message")) {
            Some(message) => StreamedDelta::of(message),
            None => StreamedDelta { text: texts(&value["text"]).text, thinking: String::new() },
        };
        let reason = value["finish_reason"].as_str().map(str::trim);
        // vLLM and SGLang say which stop string it was.
        let at_stop_string = value["stop_reason"].is_string()
            || value["matched_stop"].is_string()
            || reason == Some("stop_sequence");
        Self {
            index: value["index"].as_u64(),
            said,
            logprobs: filled("logprobs")
                .filter(|value| value.is_object())
                .and_then(|value| Logprobs::deserialize(value).ok()),
            finish_reason: reason
                .filter(|reason| !matches!(*reason, "" | "null" | "none" | "None"))
                .map(str::to_owned),
            at_stop_string,
        }
    }
}

impl StreamedDelta {
    fn of(message: &Value) -> Self {
        let mut said = texts(&message["content"]);
        if said.text.is_empty() {
            // A refusal is what the model says.
            said.text = message["refusal"].as_str().unwrap_or_default().to_owned();
        }
        // Several servers send the same thoughts under two names.
        let names = ["reasoning_content", "reasoning", "thinking", "reasoning_details"];
        let thoughts = names.iter().map(|name| texts(&message[*name])).map(|said| said.text + &said.thinking);
        if let Some(thoughts) = thoughts.into_iter().find(|thoughts| !thoughts.is_empty()) {
            said.thinking.push_str(&thoughts);
        }
        said
    }
}

/// Returns the text of a content: a text, or parts of which some hold thoughts.
fn texts(content: &Value) -> StreamedDelta {
    let mut said = StreamedDelta::default();
    let parts = match content {
        Value::String(text) => {
            said.text.push_str(text);
            return said;
        }
        Value::Array(parts) => parts.as_slice(),
        part @ Value::Object(_) => std::slice::from_ref(part),
        Value::Null | Value::Bool(_) | Value::Number(_) => return said,
    };
    for part in parts {
        let kind = part["type"].as_str().unwrap_or_default();
        let names = ["text", "content", "value", "thinking", "reasoning", "summary"];
        let inner = if let Value::String(text) = part {
            StreamedDelta { text: text.clone(), thinking: String::new() }
        } else {
            let found =
                names.iter().map(|name| texts(&part[*name])).find(|said| *said != StreamedDelta::default());
            found.unwrap_or_default()
        };
        if kind.contains("thinking") || kind.contains("reasoning") {
            said.thinking.push_str(&(inner.thinking + &inner.text));
        } else {
            said.text.push_str(&inner.text);
            said.thinking.push_str(&inner.thinking);
        }
    }
    said
}

/// One model of a server's list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ModelCard {
    pub name: String,
    pub context: Option<u32>,
    pub parameters: Option<u64>,
    pub bytes: Option<u64>,
}

impl ModelCard {
    fn of(value: &Value) -> Option<Self> {
        let named = ["id", "name", "model"].iter().find_map(|name| value[*name].as_str());
        let name = value.as_str().or(named).filter(|name| !name.is_empty())?.to_owned();
        // vLLM and SGLang; routers; llama-server.
        let context = first_count(value, &["max_model_len", "context_length", "max_context_length"]);
        let meta = &value["meta"];
        Some(Self {
            name,
            context: context.or(count(&meta["n_ctx"])),
            parameters: meta["n_params"].as_u64(),
            bytes: meta["size"].as_u64(),
        })
    }
}

/// Reads a list of models in any of its forms; `None` where the value is no such list.
pub(super) fn model_list(value: &Value) -> Option<Vec<ModelCard>> {
    let named = ["data", "models"].map(|name| value.get(name));
    let list = std::iter::once(Some(value)).chain(named).flatten().find_map(Value::as_array);
    let Some(list) = list else {
        return named.contains(&Some(&Value::Null)).then(Vec::new);
    };
    Some(list.iter().filter_map(ModelCard::of).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(message: Value) -> (String, String) {
        let said = StreamedDelta::of(&message);
        (said.text, said.thinking)
    }

    fn pair(text: &str, thinking: &str) -> (String, String) {
        (text.to_owned(), thinking.to_owned())
    }

    #[test]
    fn contents_of_all_forms_are_read() {
        assert_eq!(said(json!({ "content": "a" })), pair("a", ""));
        assert_eq!(said(json!({ "content": null })), pair("", ""));
        assert_eq!(said(json!({ "content": null, "refusal": "no" })), pair("no", ""));
        assert_eq!(
            said(
                json!({ "content": [{ "type": "text", "text": "a" }, "b", null, 3, { "type": "image_url" }] })
            ),
            pair("ab", "")
        );
        assert_eq!(
            said(json!({ "content": [
                { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] },
                { "type": "text", "text": "a" } ] })),
            pair("a", "hm")
        );
        assert_eq!(
            said(json!({ "reasoning_content": "hm", "reasoning": "hm", "content": "" })),
            pair("", "hm"),
            "the same thoughts under two names are one"
        );
        assert_eq!(
            said(json!({ "reasoning_details": [{ "type": "reasoning.text", "text": "hm" }] })),
            pair("", "hm")
        );
    }

    #[test]
    fn odd_packets_are_read_as_far_as_they_go() {
        let packet =
            Packet::of(&json!({ "choices": null, "usage": null, "timings": [] })).expect("an object");
        assert!(packet.choices.is_empty() && packet.usage.is_none());
        let odd =
            json!({ "choices": [{ "delta": null, "logprobs": [], "finish_reason": "" }, null], "usage": {} });
        let packet = Packet::of(&odd).expect("an object");
        assert!(
            packet.choices.iter().all(|choice| choice.finish_reason.is_none() && choice.logprobs.is_none())
        );
        assert!(packet.usage.is_none() && Packet::of(&json!([])).is_none());
    }

    #[test]
    fn numbers_of_tokens_go_by_several_names() {
        let usage = |value: Value| Usage::of(&value);
        let expected = |prompt, completion, cached| Some(Usage { prompt, completion, cached });
        assert_eq!(
            usage(json!({ "usage": { "prompt_tokens": 3.0, "completion_tokens": 2 } })),
            expected(3, 2, None)
        );
        assert_eq!(
            usage(json!({ "usage": { "input_tokens": 3, "output_tokens": 2 } })),
            expected(3, 2, None)
        );
        assert_eq!(
            usage(json!({ "timings": { "prompt_n": 1, "cache_n": 2, "predicted_n": 5 } })),
            expected(3, 5, Some(2))
        );
        assert_eq!(usage(json!({ "usage": { "total_tokens": null } })), None);
    }

    #[test]
    fn errors_in_a_success_are_found() {
        for value in [
            json!({ "error": { "message": "x" } }),
            json!({ "error": "x" }),
            json!({ "object": "error", "message": "x" }),
            json!({ "detail": [{ "msg": "x" }] }),
        ] {
            assert!(error_in(&value).is_some(), "{value}");
        }
        for value in [
            json!({ "error": null, "choices": [] }),
            json!({ "error": "", "choices": [] }),
            json!({ "error": {}, "data": [] }),
            json!({ "choices": [], "message": "fine" }),
        ] {
            assert!(error_in(&value).is_none(), "{value}");
        }
    }

    #[test]
    fn lists_of_models_take_many_forms() {
        let names = |value: Value| {
            model_list(&value).map(|list| list.into_iter().map(|card| card.name).collect::<Vec<_>>())
        };
        assert_eq!(names(json!({ "data": [{ "id": "a" }, null, { "id": "" }] })), Some(vec!["a".into()]));
        assert_eq!(names(json!({ "data": null })), Some(vec![]));
        assert_eq!(names(json!({ "data": null, "models": [{ "name": "b" }] })), Some(vec!["b".into()]));
        assert_eq!(names(json!(["c"])), Some(vec!["c".into()]));
        assert_eq!(names(json!({ "hello": 1 })), None);
    }
}
