//! What stands around a model's thinking. Families differ; a template mentions its own, and settings may name others.

use model::{Completion, Thinking, ThinkingSettings, ThinkingStop, Token};

/// The text around a model's thinking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markers {
    /// Such as `<think>`.
    pub open: String,
    /// Closes it.
    pub close: String,
    /// What the model writes after the opening marker, before the thought.
    pub(super) after_open: &'static str,
    /// What stands between a thought and the closing marker.
    pub(super) before_close: &'static str,
    /// What follows the closing marker, before the text.
    pub(super) after: String,
    /// What stands in place of thinking where the template did not open it.
    pub(super) instead: &'static str,
}

/// A family's markers, and what of them its templates contain.
struct MarkerFamily {
    sign: &'static str,
    open: &'static str,
    close: &'static str,
    after_open: &'static str,
    before_close: &'static str,
    after: &'static str,
    instead: &'static str,
}

const XML: MarkerFamily = MarkerFamily {
    sign: "</think>",
    open: "<think>",
    close: "</think>",
    after_open: "\n",
    before_close: "\n",
    after: "\n\n",
    instead: "",
};

const FAMILIES: [MarkerFamily; 5] = [
    // Qwen3, QwQ, DeepSeek-R1 and its distillates, GLM, SmolLM3 and most others.
    XML,
    // Seed-OSS.
    MarkerFamily { sign: "</seed:think>", open: "<seed:think>", close: "</seed:think>", ..XML },
    // EXAONE Deep.
    MarkerFamily { sign: "</thought>", open: "<thought>", close: "</thought>", ..XML },
    // Magistral and later models of Mistral.
    MarkerFamily {
        sign: "[/THINK]",
        open: "[THINK]",
        close: "[/THINK]",
        after_open: "",
        before_close: "",
        after: "",
        ..XML
    },
    // gpt-oss: a thought is a message of its own, on another channel.
    MarkerFamily {
        sign: "<|channel|>analysis",
        open: "<|channel|>analysis<|message|>",
        close: "<|end|><|start|>assistant<|channel|>final<|message|>",
        after_open: "",
        before_close: "",
        after: "",
        instead: "<|channel|>final<|message|>",
    },
];

impl Markers {
    /// Returns the markers that a template mentions.
    pub fn of_template(text: &str) -> Option<Self> {
        let family = FAMILIES.iter().find(|family| text.contains(family.sign))?;
        Some(Self {
            open: family.open.into(),
            close: family.close.into(),
            after_open: family.after_open,
            before_close: family.before_close,
            after: family.after.into(),
            instead: family.instead,
        })
    }

    /// Returns the markers that the settings name, if they name both.
    pub(super) fn of_settings(thinking: &ThinkingSettings) -> Option<Self> {
        Some(Self::named(thinking.open.as_deref()?, thinking.close.as_deref()?))
    }

    /// Returns markers that a person named, set on lines of their own as most families do.
    pub fn named(open: &str, close: &str) -> Self {
        let known = FAMILIES.iter().find(|family| family.open == open && family.close == close);
        let MarkerFamily { after_open, before_close, after, instead, .. } = known.unwrap_or(&XML);
        let after = (*after).to_owned();
        Self { open: open.into(), close: close.into(), after_open, before_close, after, instead }
    }

    /// Returns what opens the model's thinking after `text`, if that does not.
    pub(super) fn opening(&self, text: &str) -> String {
        if self.is_open(text) { String::new() } else { format!("{}{}", self.open, self.after_open) }
    }

    /// Returns what ends thinking that `text` opened, without a thought, or stands in its place.
    pub(super) fn no_thought(&self, text: &str) -> String {
        if self.is_open(text) {
            return format!("{}{}{}", self.before_close, self.close, self.after);
        }
        if text.trim_end().ends_with(&self.close) { String::new() } else { self.instead.to_owned() }
    }

    fn is_open(&self, text: &str) -> bool {
        text.trim_end().ends_with(&self.open)
    }

    /// Returns the completion with a thought at the beginning of its text apart, and the tokens that were drawn for it
    /// counted there.
    #[must_use]
    pub fn without_thought(&self, mut completion: Completion) -> Completion {
        let Some((mut thought, rest)) = self.split(&completion.text) else { return completion };
        let rest = rest.to_owned();
        let (end, mut at) = (completion.text.len() - rest.len(), 0);
        let is_thought = |token: &&Token| {
            let before = at;
            at += token.text.len();
            before < end
        };
        let count = if rest.is_empty() {
            completion.tokens.len()
        } else {
            completion.tokens.iter().take_while(is_thought).count()
        };
        completion.text = rest;
        completion.tokens.drain(..count);
        thought.tokens = count as u64;
        completion.thinking = Some(thought);
        completion
    }

    /// Splits a text that begins with thinking from it. The tokens of the thought are for the caller to count.
    pub fn split<'t>(&self, text: &'t str) -> Option<(Thinking, &'t str)> {
        let inside = text.trim_start().strip_prefix(&self.open)?;
        let (thought, rest, stop) = match inside.split_once(&self.close) {
            Some((thought, rest)) => (thought, rest.trim_start(), ThinkingStop::Closed),
            None => (inside, "", ThinkingStop::Unclosed),
        };
        Some((Thinking { text: thought.trim().to_owned(), tokens: 0, stop }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::StopReason;

    #[test]
    fn templates_show_the_markers_of_their_family() {
        let of = |text: &str| Markers::of_template(text).map(|markers| markers.close);
        assert_eq!(of("{{ content.split('</think>')[-1] }}").as_deref(), Some("</think>"));
        assert_eq!(of("[THINK]{{ x }}[/THINK]").as_deref(), Some("[/THINK]"));
        assert!(
            of("{{ '<|start|>assistant<|channel|>analysis<|message|>' }}")
                .unwrap()
                .ends_with("final<|message|>")
        );
        assert_eq!(of("<|im_start|>{{ role }}"), None);
    }

    #[test]
    fn thinking_is_opened_once_and_closed_where_it_is_not_wanted() {
        let think = Markers::of_template("</think>").unwrap();
        assert_eq!(think.opening("assistant\n"), "<think>\n");
        assert_eq!(think.opening("assistant\n<think>\n"), "");
        assert_eq!(think.no_thought("assistant\n<think>\n"), "\n</think>\n\n");
        assert_eq!(think.no_thought("assistant\n<think>\n\n</think>\n\n"), "");
        assert_eq!(think.no_thought("assistant\n"), "");
        let harmony = Markers::of_template("<|channel|>analysis").unwrap();
        assert_eq!(harmony.no_thought("<|start|>assistant"), "<|channel|>final<|message|>");
    }

    #[test]
    fn a_leading_thought_is_split_off() {
        let think = Markers::named("<think>", "</think>");
        let (thought, rest) = think.split("\n<think>\nwhat is 2+2?\n</think>\n\n4").unwrap();
        assert_eq!((thought.text.as_str(), thought.stop, rest), ("what is 2+2?", ThinkingStop::Closed, "4"));
        let (thought, rest) = think.split("<think>so far").unwrap();
        assert_eq!((thought.text.as_str(), thought.stop, rest), ("so far", ThinkingStop::Unclosed, ""));
        assert_eq!(think.split("4 <think>x</think>"), None);
    }

    #[test]
    fn the_tokens_of_a_thought_are_counted_apart() {
        let pieces = ["<think>", "\n2", "+2?", "</think>", "\n\n", "It is", " 4"];
        let completion = |pieces: &[&str]| Completion {
            text: pieces.concat(),
            tokens: pieces
                .iter()
                .map(|text| Token {
                    id: None,
                    text: (*text).to_owned(),
                    logprob: None,
                    mask: None,
                    share: None,
                })
                .collect(),
            stop: StopReason::EndOfTurn,
            thinking: None,
        };
        let think = Markers::named("<think>", "</think>");
        let apart = think.without_thought(completion(&pieces));
        assert_eq!((apart.text.as_str(), apart.tokens.len(), apart.drawn()), ("It is 4", 2, 7));
        let cut = think.without_thought(completion(&pieces[..3]));
        assert_eq!((cut.text.as_str(), cut.tokens.len(), cut.drawn()), ("", 0, 3));
        let none = completion(&["4", " </think>"]);
        assert_eq!(think.without_thought(none.clone()), none);
    }
}
