//! Grammars by llguidance: which tokens may come next.

use std::sync::Arc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use toktrie::{ApproximateTokEnv, SimpleVob, TokEnv, TokRxInfo, TokTrie};

use super::refused;
use model::LlmError;

/// The most tokens that can begin one and the same text: one for each of its bytes, and vocabularies have no longer ones
/// but runs of spaces.
const MOST_CUTS: usize = 64;

/// What a grammar needs to know of the vocabulary; built once a model.
pub(super) struct Grammars {
    factory: ParserFactory,
}

impl Grammars {
    /// Builds it from the model's vocabulary; takes some tenths of a second.
    pub(super) fn new(model: &LlamaModel) -> Result<Self, LlmError> {
        let environment = token_environment(model);
        let mut factory = ParserFactory::new_simple(&environment).map_err(|error| {
            refused(
                format!("grammars do not work with this model's vocabulary: {error}"),
                "use another model",
            )
        })?;
        // The limits guard servers against hostile grammars. Ours are our own, and a plan of many lines passes
        // the usual ones; what remains are some tenths of a second for the most expensive token.
        let limits = factory.limits_mut();
        limits.step_max_items = 4_000_000;
        limits.max_items_in_row = 20_000;
        limits.step_lexer_fuel = 10_000_000;
        limits.initial_lexer_fuel = 20_000_000;
        limits.max_lexer_states = 1_000_000;
        // llguidance would print its warnings to stderr.
        factory.quiet();
        Ok(Self { factory })
    }

    /// Returns a matcher for a grammar in Lark syntax.
    pub(super) fn matcher(&self, lark: &str) -> Result<GrammarState, LlmError> {
        let parser = self.factory.create_parser(TopLevelGrammar::from_lark(lark.to_string()));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(error) => Err(refused(
                format!("the grammar is broken: {}", error.trim()),
                "check it against llguidance's Lark dialect",
            )),
            None => Ok(GrammarState { matcher, vocabulary: Arc::clone(self.factory.tok_env()) }),
        }
    }
}

/// A generation's place in its grammar.
pub(super) struct GrammarState {
    matcher: Matcher,
    vocabulary: TokEnv,
}

impl GrammarState {
    /// Returns which tokens may come next.
    pub(super) fn mask(&mut self) -> Result<SimpleVob, LlmError> {
        self.matcher.compute_mask().map_err(|error| self.error(&error.to_string()))
    }

    /// Returns whether `mask` leaves one text only: a single token, or tokens that each begin the longest of them and
    /// so differ only in how the text is cut.
    pub(super) fn is_fixed(&self, mask: &SimpleVob) -> bool {
        if mask.num_set() > MOST_CUTS {
            return false;
        }
        let trie = self.vocabulary.tok_trie();
        let allowed = || mask.iter().map(|token| trie.token(token));
        let longest = allowed().max_by_key(|bytes| bytes.len()).unwrap_or_default();
        allowed().all(|bytes| longest.starts_with(bytes))
    }

    /// Advances by a token that the mask allowed. Returns true when nothing more can come.
    pub(super) fn accept(&mut self, token: i32) -> Result<bool, LlmError> {
        self.matcher.consume_token(token as u32).map_err(|error| self.error(&error.to_string()))?;
        Ok(self.matcher.is_stopped())
    }

    /// Goes back to its beginning.
    pub(super) fn restart(&mut self) -> Result<(), LlmError> {
        self.matcher.reset().map_err(|error| self.error(&error.to_string()))
    }

    fn error(&self, text: &str) -> LlmError {
        refused(
            format!("the grammar gave up: {}", text.lines().next().unwrap_or_default()),
            "make the grammar less ambiguous, or bound its repetitions",
        )
    }
}

/// Returns the vocabulary as llguidance wants it: the bytes of each token; special tokens begin with the
/// byte FF, which no text contains. Every token that can end a turn is an end token.
fn token_environment(model: &LlamaModel) -> TokEnv {
    let vocabulary = model.vocab();
    let count = model.n_vocab();
    let eot = vocabulary.eot().0;
    let end = (if eot < 0 { vocabulary.eos().0 } else { eot }).max(0);
    let mut ends = vec![end as u32];
    let mut words = Vec::with_capacity(count as usize);
    for id in 0..count {
        let token = LlamaToken(id);
        if id != end && vocabulary.is_eog(token) {
            ends.push(id as u32);
        }
        let mut bytes = vocabulary.token_to_piece(token, false, None);
        if bytes.is_empty() {
            let special = vocabulary.token_to_piece(token, true, None);
            if !special.is_empty() {
                bytes.push(0xFF);
                bytes.extend(special);
            }
        }
        words.push(bytes);
    }
    let trie = TokTrie::from(&TokRxInfo::new(count as u32, end as u32), &words).with_eos_tokens(&ends);
    Arc::new(ApproximateTokEnv::new(trie))
}
