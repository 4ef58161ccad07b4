//! Chat templates: from a conversation to the text that a model was trained to read.
//!
//! A model's own template is a Jinja program in its file. It is evaluated as Hugging Face's tokenizers do, with one
//! addition: markers that occur in the text of messages stay plain text (`guard`). The template sees the messages as they
//! are, so what it does with them (trimming, cutting, comparing) has its usual effect.

mod guard;
mod markers;
mod python;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::gguf::Header;
pub use guard::Forgeable;
pub use markers::Markers;
use model::{LlmError, Message, Prompt, Role, TemplateSettings, ThinkingSettings};

/// The key of a model's template; a variant's key has a dot and the variant's name after it.
const KEY: &str = "tokenizer.chat_template";
/// The name under which a template's errors are reported.
const NAME: &str = "chat template";
/// The name that asks for ChatML whatever the file has.
pub const CHATML_NAME: &str = "chatml";
/// What a model without a template of its own is written to in.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n\
                      {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Where a template comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// The model's file.
    File,
    /// The model's file, which has it under this name besides another.
    Variant(String),
    /// ChatML, because the file has none.
    Missing,
    /// ChatML, because the settings say so.
    ChatMl,
}

/// The texts of a model's tokens that templates name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Specials {
    /// What begins a text.
    pub bos: Option<String>,
    /// What ends one.
    pub eos: Option<String>,
}

/// A template, ready to be applied.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    source: TemplateSource,
    settings: TemplateSettings,
    specials: Specials,
    markers: Option<Markers>,
}

/// How a model's turn begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedTurn {
    /// What the model reads. Each piece is tokenised by itself; markers in it become special tokens. No marker that a
    /// message forged lies within one piece.
    pub prompt: Vec<String>,
    /// Where the model thinks first: how that ends.
    pub thinking: Option<Closing>,
}

/// What is written for the model once it has thought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The marker that closes its thinking.
    pub marker: String,
    /// What stands between the thought and the marker when the model did not write the marker itself.
    pub before: &'static str,
    /// What follows the marker up to the place where the text begins, in pieces as [`OpenedTurn::prompt`].
    pub after: Vec<String>,
}

impl ChatTemplate {
    /// Returns the template of the model whose file has this header.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when it cannot be parsed or applied, with the line, or there is none of the wanted name.
    pub fn of_file(
        header: &Header,
        specials: Specials,
        settings: &TemplateSettings,
        thinking: &ThinkingSettings,
    ) -> Result<Self, LlmError> {
        let (source, text) = find(header, settings)?;
        let template = Self::new(source, &text, specials, settings, thinking)?;
        // A template that fails does so before the first call.
        template.begin(&Prompt::chat("Be brief.", "Hello."), &Forgeable::default(), false)?;
        Ok(template)
    }

    /// Returns the template with this text.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when it cannot be parsed.
    pub fn new(
        source: TemplateSource,
        text: &str,
        specials: Specials,
        settings: &TemplateSettings,
        thinking: &ThinkingSettings,
    ) -> Result<Self, LlmError> {
        let mut environment = python::environment(settings.day());
        environment.add_template_owned(NAME, python::without_generation_tags(text)).map_err(|error| {
            LlmError::Unavailable {
                message: format!("the model's chat template cannot be parsed: {}", words(&error)),
                hint: HINT.into(),
            }
        })?;
        let markers = Markers::of_settings(thinking).or_else(|| Markers::of_template(text));
        Ok(Self { environment, source, settings: settings.clone(), specials, markers })
    }

    /// Returns where it comes from.
    pub fn source(&self) -> &TemplateSource {
        &self.source
    }

    /// Returns what stands around the model's thinking, if it can think.
    pub fn markers(&self) -> Option<&Markers> {
        self.markers.as_ref()
    }

    /// Returns what the user should know about it.
    pub fn note(&self) -> Option<String> {
        match &self.source {
            TemplateSource::File => None,
            TemplateSource::Variant(name) => Some(format!("the chat template is the file's variant {name}")),
            TemplateSource::Missing => Some("the model's file has no chat template; ChatML is used".into()),
            TemplateSource::ChatMl => {
                Some("template.name asks for ChatML in place of the model's own template".into())
            }
        }
    }

    /// Returns how the model's turn begins after `prompt`; with `thinks` it thinks before it writes.
    ///
    /// # Errors
    /// [`LlmError::Refused`] when the template refuses the conversation or drops a part of it, or the model cannot think.
    pub fn begin(
        &self,
        prompt: &Prompt,
        forgeable: &Forgeable,
        thinks: bool,
    ) -> Result<OpenedTurn, LlmError> {
        let guard = guard::character(prompt);
        let shield = |text: &str| forgeable.shield(text, guard);
        let messages: Vec<Message> = prompt
            .messages
            .iter()
            .map(|message| Message { content: shield(&message.content), ..message.clone() })
            .collect();
        let mut text = self.conversation(&messages, thinks)?;
        let pieces = |text: &str| -> Vec<String> {
            text.split(guard).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
        };
        let prefill = shield(&prompt.prefill);
        let Some(markers) = &self.markers else {
            return match thinks {
                false => Ok(OpenedTurn { prompt: pieces(&(text + &prefill)), thinking: None }),
                true => Err(cannot_think()),
            };
        };
        if !thinks {
            text += &markers.no_thought(&text);
            return Ok(OpenedTurn { prompt: pieces(&(text + &prefill)), thinking: None });
        }
        text += &markers.opening(&text);
        let after = pieces(&(markers.after.clone() + &prefill));
        let closing = Closing { marker: markers.close.clone(), before: markers.before_close, after };
        Ok(OpenedTurn { prompt: pieces(&text), thinking: Some(closing) })
    }

    /// Applies the template; where it has no place for a system message, that begins the user's first.
    fn conversation(&self, messages: &[Message], thinks: bool) -> Result<String, LlmError> {
        let first = self.apply(messages, thinks);
        if let Ok(text) = &first
            && holds_all(text, messages)
        {
            return first.map_err(|error| refusal(&error));
        }
        let merged = without_system(messages);
        match self.apply(&merged, thinks) {
            Ok(text) if holds_all(&text, &merged) => Ok(text),
            Ok(_) => Err(LlmError::Refused {
                message: "the model's chat template drops part of this conversation".into(),
                hint: HINT.into(),
            }),
            Err(error) => Err(refusal(first.as_ref().err().unwrap_or(&error))),
        }
    }

    fn apply(&self, messages: &[Message], thinks: bool) -> Result<String, minijinja::Error> {
        let messages = Value::from(Serde(messages.iter().map(TemplateMessage::of).collect::<Vec<_>>()));
        let thinks = self.settings.enable_thinking.unwrap_or(thinks);
        let Specials { bos, eos } = &self.specials;
        let given = context! {
            messages,
            add_generation_prompt => true,
            tools => Value::from(()),
            documents => Value::from(()),
            enable_thinking => thinks,
            // What other families call it.
            thinking => thinks,
        };
        let (bos, eos) = (special("bos_token", bos), special("eos_token", eos));
        // The first one that has a variable wins: the person's.
        let own = Value::from(Serde(&self.settings.variables));
        self.environment.get_template(NAME)?.render(context! { ..own, ..given, ..bos, ..eos })
    }
}

/// A message as templates know it.
#[derive(Serialize)]
struct TemplateMessage<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> TemplateMessage<'a> {
    fn of(message: &'a Message) -> Self {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        Self { role, content: &message.content }
    }
}

/// A token that the model lacks is no variable at all.
fn special(name: &'static str, text: &Option<String>) -> Value {
    let variable = text.iter().map(|text| (name, Value::from(text.as_str())));
    Value::from(variable.collect::<BTreeMap<_, _>>())
}

/// Finds the template that the settings ask for: where it comes from, and its text.
///
/// # Errors
/// [`LlmError::Unavailable`] when the file has none of that name.
pub fn find(header: &Header, settings: &TemplateSettings) -> Result<(TemplateSource, String), LlmError> {
    let chatml = || CHATML.to_owned();
    match settings.name.as_deref() {
        None => Ok(match header.text(KEY) {
            Some(text) => (TemplateSource::File, text.to_owned()),
            None => (TemplateSource::Missing, chatml()),
        }),
        Some(CHATML_NAME) => Ok((TemplateSource::ChatMl, chatml())),
        Some(name) => match header.text(&format!("{KEY}.{name}")) {
            Some(text) => Ok((TemplateSource::Variant(name.to_owned()), text.to_owned())),
            None => Err(LlmError::Unavailable {
                message: format!("the model's file has no chat template called {name}"),
                hint: match &variants(header)[..] {
                    [] => "it has no named ones; leave template.name out".into(),
                    names => format!("it has {}; or leave template.name out", names.join(", ")),
                },
            }),
        },
    }
}

/// Returns the names of the templates that a file has in addition to its usual one.
pub fn variants(header: &Header) -> Vec<String> {
    let names = header.metadata.keys().filter_map(|key| key.strip_prefix(KEY)?.strip_prefix('.'));
    names.map(str::to_owned).collect()
}

/// Returns whether the text of every message is there, but for the space around it, which many templates drop.
fn holds_all(text: &str, messages: &[Message]) -> bool {
    messages.iter().all(|message| text.contains(message.content.trim()))
}

/// Returns the conversation with its system text at the beginning of the user's first message.
fn without_system(messages: &[Message]) -> Vec<Message> {
    let (system, mut others): (Vec<Message>, Vec<Message>) =
        messages.iter().cloned().partition(|message| message.role == Role::System);
    let heading: String = system.iter().map(|message| format!("{}\n\n", message.content)).collect();
    match others.iter_mut().find(|message| message.role == Role::User) {
        Some(first) => first.content.insert_str(0, &heading),
        None => others.insert(0, Message { role: Role::User, content: heading }),
    }
    others
}

const HINT: &str = "see it with `planscope model template`; use another file of the model, one of its named templates \
                    (template.name), or ChatML with --set template.name=chatml";

fn refusal(error: &minijinja::Error) -> LlmError {
    LlmError::Refused {
        message: format!("the model's chat template cannot be applied: {}", words(error)),
        hint: HINT.into(),
    }
}

fn cannot_think() -> LlmError {
    LlmError::Refused {
        message: "thinking.tokens is set, but the model's chat template has no markers for thinking".into(),
        hint: "use a reasoning model, set thinking.tokens=0, or name the markers with thinking.open and thinking.close"
            .into(),
    }
}

/// Says an error of a template in words, with its line.
fn words(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    }
}
