//! From messages to tokens: the model's chat template around texts that cannot forge its markers.

use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate, LlamaModel};
use llama_cpp_2::token::LlamaToken;

use super::super::{LlmError, Message, Prompt, Role};
use super::refused;

/// A model's way of writing conversations.
pub(super) struct Chat {
    template: LlamaChatTemplate,
    /// Why the template is not the model's own, if it is not.
    pub(super) note: Option<String>,
}

/// Stands for the text of message `index` while the template is applied. Private-use characters: no
/// template contains them.
fn mark(index: usize) -> String {
    format!("\u{F0000}{index}\u{F0001}")
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

impl Chat {
    /// Returns the model's template, or ChatML where llama.cpp knows none or not this one.
    pub(super) fn new(model: &LlamaModel) -> Result<Self, LlmError> {
        let probe = [Message { role: Role::User, content: String::new() }];
        let note = match model.chat_template(None) {
            Ok(template) => match apply(model, &template, &probe) {
                Ok(_) => return Ok(Self { template, note: None }),
                Err(_) => "llama.cpp does not know the model's chat template; ChatML is used instead",
            },
            Err(_) => "the model has no chat template; ChatML is used instead",
        };
        let template =
            LlamaChatTemplate::new("chatml").map_err(|error| refused(error.to_string(), "report this"))?;
        Ok(Self { template, note: Some(note.into()) })
    }

    /// Returns what must end a turn although the vocabulary may not know it as a special token.
    pub(super) fn stop(&self) -> Option<String> {
        self.note.is_some().then(|| "<|im_end|>".to_string())
    }

    /// Returns the prompt's tokens. The template's own text may become special tokens, that of the
    /// messages never; so prompts that start alike also share their first tokens.
    pub(super) fn tokens(&self, model: &LlamaModel, prompt: &Prompt) -> Result<Vec<i32>, LlmError> {
        let rendered = match apply(model, &self.template, &prompt.messages) {
            Ok(text) if complete(&text, prompt.messages.len()) => text,
            Ok(_) | Err(_) => return self.tokens_without_system(model, prompt),
        };
        Ok(assemble(model, &rendered, &prompt.messages, &prompt.prefill))
    }

    /// Some templates have no place for a system message: it then begins the user's first.
    fn tokens_without_system(&self, model: &LlamaModel, prompt: &Prompt) -> Result<Vec<i32>, LlmError> {
        let (system, mut others): (Vec<Message>, Vec<Message>) =
            prompt.messages.iter().cloned().partition(|message| message.role == Role::System);
        let heading: String = system.iter().map(|message| format!("{}\n\n", message.content)).collect();
        if let Some(first) = others.iter_mut().find(|message| message.role == Role::User) {
            first.content.insert_str(0, &heading);
        } else {
            others.insert(0, Message { role: Role::User, content: heading });
        }
        match apply(model, &self.template, &others) {
            Ok(text) if complete(&text, others.len()) => Ok(assemble(model, &text, &others, &prompt.prefill)),
            Ok(_) | Err(_) => Err(refused(
                "the model's chat template drops part of this conversation",
                "use another instruct model",
            )),
        }
    }
}

fn complete(rendered: &str, messages: usize) -> bool {
    (0..messages).all(|index| rendered.contains(&mark(index)))
}

/// Applies the template with marks in the place of the messages' texts.
fn apply(model: &LlamaModel, template: &LlamaChatTemplate, messages: &[Message]) -> Result<String, String> {
    let marked = messages
        .iter()
        .enumerate()
        .map(|(index, message)| LlamaChatMessage::new(role_name(message.role).into(), mark(index)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    model.apply_chat_template(template, &marked, true).map_err(|error| error.to_string())
}

/// Turns the rendered template into tokens, with the messages' texts in the place of the marks.
fn assemble(model: &LlamaModel, rendered: &str, messages: &[Message], prefill: &str) -> Vec<i32> {
    let mut tokens = Vec::new();
    for part in rendered.split_inclusive('\u{F0001}') {
        let (frame, index) = match part.split_once('\u{F0000}') {
            Some((frame, rest)) => (frame, rest.trim_end_matches('\u{F0001}').parse::<usize>().ok()),
            None => (part, None),
        };
        tokens.extend(tokenize(model, frame, true));
        if let Some(message) = index.and_then(|index| messages.get(index)) {
            tokens.extend(tokenize(model, &message.content, false));
        }
    }
    tokens.extend(tokenize(model, prefill, false));
    let vocabulary = model.vocab();
    let start = vocabulary.bos().0;
    if vocabulary.should_add_bos() && start >= 0 && tokens.first() != Some(&start) {
        tokens.insert(0, start);
    }
    tokens
}

/// Returns the tokens of `text`; with `special`, markers in it become special tokens.
pub(super) fn tokenize(model: &LlamaModel, text: &str, special: bool) -> Vec<i32> {
    if text.is_empty() {
        return Vec::new();
    }
    model.vocab().tokenize(text.as_bytes(), false, special).into_iter().map(|token| token.0).collect()
}

/// Returns a token's bytes; special tokens have none.
pub(super) fn piece(model: &LlamaModel, token: i32) -> Vec<u8> {
    model.vocab().token_to_piece(LlamaToken(token), false, None)
}
