//! Requests as servers want them.

use serde_json::{Map, Value, json};

use super::OpenAiOptions;
use crate::server::{Endpoint, GrammarStyle};
use model::{Generation, LlmError, Prompt, Raw, Role, Sampling};

/// Returns a request body for the prompt, without anything on sampling.
pub(super) fn base(
    options: &OpenAiOptions,
    model: &str,
    endpoint: Endpoint,
    prompt: &Prompt,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    match endpoint {
        Endpoint::Completions => {
            body.insert("prompt".into(), json!(chatml(prompt)));
        }
        Endpoint::Chat => {
            let mut messages = json!(prompt.messages);
            if !prompt.prefill.is_empty() {
                let begun = json!({ "role": "assistant", "content": prompt.prefill });
                messages.as_array_mut().into_iter().for_each(|list| list.push(begun.clone()));
                // llama-server continues a last message of the model's by default; vLLM and SGLang need an
                // option for it.
                body.insert("add_generation_prompt".into(), json!(false));
                body.insert("continue_final_message".into(), json!(true));
            }
            body.insert("messages".into(), messages);
        }
    }
    body.extend(options.extra.clone());
    body
}

/// Returns the body that asks for a generation as a stream.
pub(super) fn generation(
    options: &OpenAiOptions,
    model: &str,
    endpoint: Endpoint,
    generation: &Generation,
) -> Map<String, Value> {
    let mut body = base(options, model, endpoint, &generation.prompt);
    sampling(&mut body, &generation.sampling);
    body.insert("max_tokens".into(), json!(generation.most_tokens()));
    if !generation.stop.is_empty() {
        body.insert("stop".into(), json!(generation.stop));
    }
    match endpoint {
        Endpoint::Chat => {
            // Templates of reasoning models read it; those of others have no such variable.
            let thinks = json!({ "enable_thinking": generation.thinking > 0 });
            body.entry("chat_template_kwargs").or_insert(thinks);
            body.insert("logprobs".into(), json!(true));
            body.insert("top_logprobs".into(), json!(1));
        }
        Endpoint::Completions => {
            body.insert("logprobs".into(), json!(1));
        }
    }
    if let Some(grammar) = &generation.grammar {
        match options.grammar {
            GrammarStyle::None => {}
            GrammarStyle::Llguidance => {
                body.insert("grammar".into(), json!(format!("%llguidance {{}}\n{grammar}")));
            }
            GrammarStyle::GuidedGrammar => {
                body.insert("guided_grammar".into(), json!(grammar));
            }
            GrammarStyle::StructuredOutputs => {
                body.insert("structured_outputs".into(), json!({ "grammar": grammar }));
            }
        }
    }
    body.insert("stream".into(), json!(true));
    body.insert("stream_options".into(), json!({ "include_usage": true }));
    body
}

fn sampling(body: &mut Map<String, Value>, sampling: &Sampling) {
    body.insert("temperature".into(), json!(sampling.temperature));
    if sampling.temperature > 0.0 {
        body.insert("top_p".into(), json!(sampling.top_p));
        // Not part of the interface that all servers share, so only sent when it does something.
        if sampling.top_k > 0 {
            body.insert("top_k".into(), json!(sampling.top_k));
        }
    }
    // Servers take 31 bits everywhere and more only here and there.
    let seed = (sampling.seed ^ (sampling.seed >> 32)) & 0x7fff_ffff;
    body.insert("seed".into(), json!(seed));
}

/// Refuses prompts that the endpoint for text cannot express.
pub(super) fn check(endpoint: Endpoint, prompts: &[&Prompt]) -> Result<(), LlmError> {
    let refused =
        |message: &str, hint: &str| LlmError::Refused { message: message.into(), hint: hint.into() };
    for raw in prompts.iter().filter_map(|prompt| prompt.raw.as_ref()) {
        match (raw, endpoint) {
            (Raw::Infill { .. }, Endpoint::Chat | Endpoint::Completions) => {
                return Err(refused(
                    "a server's model does not fill in the middle of a text here",
                    "use a local model, or go without infilling",
                ));
            }
            (Raw::Text(_), Endpoint::Chat) => {
                return Err(refused(
                    "the server's chat endpoint reads conversations only",
                    "use the other one: --set llm.endpoint=completions",
                ));
            }
            (Raw::Text(_), Endpoint::Completions) => {}
        }
    }
    Ok(())
}

/// Returns the conversation in ChatML, the model's turn begun.
pub(super) fn chatml(prompt: &Prompt) -> String {
    if prompt.raw.is_some() {
        return prompt.texts().collect();
    }
    let mut text = String::new();
    for message in &prompt.messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        text.push_str(&format!("<|im_start|>{role}\n{}<|im_end|>\n", message.content));
    }
    text.push_str("<|im_start|>assistant\n");
    text.push_str(&prompt.prefill);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(options: &OpenAiOptions, endpoint: Endpoint) -> Map<String, Value> {
        let asked = Generation {
            prompt: Prompt::chat("be brief", "why?").with_prefill("S1:"),
            sampling: Sampling { temperature: 0.5, top_k: 0, top_p: 0.9, seed: u64::MAX - 1 },
            grammar: Some("start: /x/".into()),
            max_tokens: 7,
            stop: vec!["\n\n".into()],
            thinking: 0,
            distinct_from: None,
        };
        generation(options, "m", endpoint, &asked)
    }

    #[test]
    fn the_turn_is_begun_in_both_ways() {
        let options = OpenAiOptions::new("http://x");
        let chat = asked(&options, Endpoint::Chat);
        assert_eq!(chat["messages"][2], json!({ "role": "assistant", "content": "S1:" }));
        assert_eq!(chat["continue_final_message"], json!(true));
        let text = asked(&options, Endpoint::Completions);
        let expected = "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nwhy?<|im_end|>\n<|im_start|>assistant\nS1:";
        assert_eq!(text["prompt"], json!(expected));
        assert_eq!(text["logprobs"], json!(1));
    }

    #[test]
    fn a_text_goes_out_as_it_stands_and_a_hole_is_refused() {
        let text = Prompt::raw(Raw::Text("one two".into())).with_prefill(" three");
        assert_eq!(chatml(&text), "one two three");
        assert!(check(Endpoint::Completions, &[&text]).is_ok());
        let hole = Prompt::raw(Raw::Infill { before: "a".into(), after: "b".into() });
        for (endpoint, prompt, words) in [
            (Endpoint::Chat, &text, "conversations only"),
            (Endpoint::Chat, &hole, "fill in the middle"),
            (Endpoint::Completions, &hole, "fill in the middle"),
        ] {
            let error = check(endpoint, &[&Prompt::chat("a", "b"), prompt]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn grammars_go_where_the_server_looks_for_them() {
        let mut options = OpenAiOptions::new("http://x");
        assert!(
            !json!(asked(&options, Endpoint::Chat)).to_string().contains("start: /x/"),
            "not sent unless asked for"
        );
        options.grammar = GrammarStyle::Llguidance;
        assert_eq!(asked(&options, Endpoint::Chat)["grammar"], json!("%llguidance {}\nstart: /x/"));
        options.grammar = GrammarStyle::GuidedGrammar;
        assert_eq!(asked(&options, Endpoint::Chat)["guided_grammar"], json!("start: /x/"));
        options.grammar = GrammarStyle::StructuredOutputs;
        assert_eq!(asked(&options, Endpoint::Chat)["structured_outputs"], json!({ "grammar": "start: /x/" }));
    }

    #[test]
    fn seeds_fit_and_extras_are_sent() {
        let mut options = OpenAiOptions::new("http://x");
        options.extra.insert("min_p".into(), json!(0.1));
        let body = asked(&options, Endpoint::Chat);
        assert!(body["seed"].as_u64().is_some_and(|seed| seed <= 0x7fff_ffff));
        assert_eq!(body["min_p"], json!(0.1));
        assert_eq!(body.get("top_k"), None);
    }
}
