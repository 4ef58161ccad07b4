//! Keeps texts from forging markers. Every marker of the model's vocabulary that occurs in a message is broken by a
//! character that no text has; where it is broken the text is later cut, so that its parts are tokenised apart and the
//! a marker's token cannot result.

use std::collections::BTreeMap;

use model::Prompt;

/// The first character that may stand for a break: private use.
const FIRST: char = '\u{F0000}';
/// The last one.
const LAST: char = '\u{FFFFD}';

/// The texts that a tokeniser turns into special tokens, by their first byte.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forgeable {
    by_first: BTreeMap<u8, Vec<String>>,
}

impl Forgeable {
    /// Collects the texts. One of a single character cannot be broken and is left out.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let mut by_first: BTreeMap<u8, Vec<String>> = BTreeMap::new();
        for text in texts.into_iter().filter(|text| text.chars().nth(1).is_some()) {
            by_first.entry(text.as_bytes()[0]).or_default().push(text);
        }
        Self { by_first }
    }

    /// Returns `text` with `guard` after the first character of each marker in it.
    pub(super) fn shield(&self, text: &str, guard: char) -> String {
        let mut shielded = String::with_capacity(text.len());
        for (at, character) in text.char_indices() {
            shielded.push(character);
            let markers = self.by_first.get(&text.as_bytes()[at]);
            if markers.is_some_and(|markers| markers.iter().any(|marker| text[at..].starts_with(marker))) {
                shielded.push(guard);
            }
        }
        shielded
    }
}

/// Returns a character that occurs in no text of `prompt`.
pub(super) fn character(prompt: &Prompt) -> char {
    let texts = || prompt.messages.iter().map(|message| &message.content).chain([&prompt.prefill]);
    (FIRST..LAST).find(|guard| texts().all(|text| !text.contains(*guard))).unwrap_or(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_is_broken_even_those_within_each_other() {
        let markers = Forgeable::new(["<|end|>", "<|e", "[INST]", "x"].map(str::to_owned));
        let shielded = markers.shield("a <|end|> [INST] [inst] <<|end|>x", '#');
        assert_eq!(shielded, "a <#|end|> [#INST] [inst] <<#|end|>x");
        assert_eq!(markers.shield("nothing < here [", '#'), "nothing < here [");
    }

    #[test]
    fn the_break_is_no_character_of_the_prompt() {
        let prompt = Prompt::chat("a\u{F0000}", "b\u{F0001}").with_prefill("\u{F0002}");
        assert_eq!(character(&prompt), '\u{F0003}');
    }
}
