//! From messages to tokens: the model's chat template around texts that cannot forge its markers.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token_type::LlamaTokenAttr;

use super::load::LoadedModel;
use super::refused;
use crate::template::{ChatTemplate, Forgeable, Markers, Specials, TemplateSource};
use crate::worker::LlamaOptions;
use model::{LlmError, Prompt, Raw};

/// What ends a turn of ChatML.
const CHATML_END: &str = "<|im_end|>";

/// A model's way of writing conversations.
pub(super) struct Chat {
    template: ChatTemplate,
    /// What texts must not forge.
    forgeable: Forgeable,
    /// Tokens that are part of a thinking marker, and so of the text although they may be special.
    marks: Vec<i32>,
}

/// How a model's turn begins, in tokens.
pub(super) struct TurnTokens {
    /// The prompt.
    pub(super) tokens: Vec<i32>,
    /// Where the model thinks first: how that ends.
    pub(super) closing: Option<ClosingTokens>,
}

/// How thinking ends, in tokens.
pub(super) struct ClosingTokens {
    /// The text that closes it.
    pub(super) marker: String,
    /// What is written when the model did not close it: the marker, perhaps on a line of its own.
    pub(super) forced: Vec<i32>,
    /// What follows the marker up to the text: the frame of the template, then the prompt's prefill.
    pub(super) after: Vec<i32>,
}

impl Chat {
    /// Returns the template of a model.
    pub(super) fn new(loaded: &LoadedModel, options: &LlamaOptions) -> Result<Self, LlmError> {
        let model = &loaded.model;
        let vocabulary = model.vocab();
        let text = |token: LlamaToken| (token.0 >= 0).then(|| whole_piece(model, token.0));
        let specials = Specials { bos: text(vocabulary.bos()), eos: text(vocabulary.eos()) };
        let template = ChatTemplate::of_file(&loaded.header, specials, &options.template, &options.thinking)?;
        // Also where they are no tokens of their own, the template may act on them.
        let own = template.markers().into_iter().flat_map(|markers| [&markers.open, &markers.close]);
        let forgeable = Forgeable::new(special_texts(model).chain(own.cloned()));
        let own = template.markers().into_iter().flat_map(|markers| [&markers.open, &markers.close]);
        let marks = own.flat_map(|marker| tokenize(model, marker, true)).collect();
        Ok(Self { template, forgeable, marks })
    }

    /// Returns what the user should know about the template.
    pub(super) fn note(&self) -> Option<String> {
        self.template.note()
    }

    /// Returns what must end a turn although the vocabulary may not know it as a special token.
    pub(super) fn stop(&self) -> Option<String> {
        match self.template.source() {
            TemplateSource::Missing | TemplateSource::ChatMl => Some(CHATML_END.to_owned()),
            TemplateSource::File | TemplateSource::Variant(_) => None,
        }
    }

    /// Returns what stands around the model's thinking, if it can think.
    pub(super) fn markers(&self) -> Option<&Markers> {
        self.template.markers()
    }

    /// Returns tokens whose text is shown although they may be special.
    pub(super) fn marks(&self) -> &[i32] {
        &self.marks
    }

    /// Returns the tokens of a prompt after which the model writes at once.
    pub(super) fn tokens(&self, model: &LlamaModel, prompt: &Prompt) -> Result<Vec<i32>, LlmError> {
        self.turn(model, prompt, false).map(|turn| turn.tokens)
    }

    /// Returns how the model's turn begins. The template's own text may become special tokens, that of the messages never.
    pub(super) fn turn(
        &self,
        model: &LlamaModel,
        prompt: &Prompt,
        thinks: bool,
    ) -> Result<TurnTokens, LlmError> {
        if let Some(raw) = &prompt.raw {
            let tokens = with_start(model, raw_tokens(model, raw, &prompt.prefill)?);
            return Ok(TurnTokens { tokens, closing: None });
        }
        let turn = self.template.begin(prompt, &self.forgeable, thinks)?;
        let tokens = with_start(model, in_pieces(model, &turn.prompt));
        let closing = turn.thinking.map(|closing| ClosingTokens {
            forced: tokenize(model, &format!("{}{}", closing.before, closing.marker), true),
            after: in_pieces(model, &closing.after),
            marker: closing.marker,
        });
        Ok(TurnTokens { tokens, closing })
    }
}

/// Returns `tokens` after the token that texts begin with, where the model wants one.
fn with_start(model: &LlamaModel, mut tokens: Vec<i32>) -> Vec<i32> {
    let vocabulary = model.vocab();
    let start = vocabulary.bos().0;
    if vocabulary.should_add_bos() && start >= 0 && tokens.first() != Some(&start) {
        tokens.insert(0, start);
    }
    tokens
}

/// Returns the tokens that stand before the text before a hole, before the text after it, and where it is filled; `None`
/// where the model has none.
pub(super) fn infill_tokens(model: &LlamaModel) -> Option<[i32; 3]> {
    let vocabulary = model.vocab();
    let tokens = [vocabulary.fim_pre().0, vocabulary.fim_suf().0, vocabulary.fim_mid().0];
    tokens.iter().all(|token| *token >= 0).then_some(tokens)
}

fn raw_tokens(model: &LlamaModel, raw: &Raw, prefill: &str) -> Result<Vec<i32>, LlmError> {
    let plain = |text: &str| tokenize(model, text, false);
    let parts = match raw {
        Raw::Text(text) => vec![tokenize(model, text, true), plain(prefill)],
        Raw::Infill { before, after } => {
            let [start, end, hole] = infill_tokens(model).ok_or_else(|| {
                refused(
                    "this model has no tokens for filling in the middle of a text",
                    "use a model that has them, such as qwen2.5-coder-1.5b, or go without infilling",
                )
            })?;
            vec![vec![start], plain(before), vec![end], plain(after), vec![hole], plain(prefill)]
        }
    };
    Ok(parts.concat())
}

fn in_pieces(model: &LlamaModel, pieces: &[String]) -> Vec<i32> {
    pieces.iter().flat_map(|piece| tokenize(model, piece, true)).collect()
}

/// Returns the texts that become tokens of their own wherever they occur: those of control tokens, and others that look
/// like a marker. Other words that a vocabulary lists with them, such as runs of spaces, forge nothing.
fn special_texts(model: &LlamaModel) -> impl Iterator<Item = String> {
    let vocabulary = model.vocab();
    (0..model.n_vocab()).filter_map(move |id| {
        let attributes = vocabulary.attr(LlamaToken(id));
        let control = attributes.intersects(LlamaTokenAttr::Control | LlamaTokenAttr::Unknown);
        if !control && !attributes.contains(LlamaTokenAttr::UserDefined) {
            return None;
        }
        let text = whole_piece(model, id);
        let marker = text.starts_with(['<', '[']) && text.ends_with(['>', ']']);
        (control || marker).then_some(text)
    })
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

/// Returns a token's bytes, those of special tokens too.
pub(super) fn special_piece(model: &LlamaModel, token: i32) -> Vec<u8> {
    model.vocab().token_to_piece(LlamaToken(token), true, None)
}

/// Returns a token's text, that of special tokens too.
pub(super) fn whole_piece(model: &LlamaModel, token: i32) -> String {
    String::from_utf8_lossy(&special_piece(model, token)).into_owned()
}
