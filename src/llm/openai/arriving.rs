//! One reply that is coming in: what it says, what it costs, and where it ends.

use super::errors::about;
use super::wire::{Packet, StreamedChoice, TokenLogprob, Usage};
use crate::template::Markers;
use model::{Completion, StopReason, Thinking, ThinkingStop, Token};

/// Characters of the longest usual tokens; a longer piece holds several.
const LONG_TOKEN: usize = 16;
/// Characters that a token has in the mean, which is what estimates go by.
const MEAN_TOKEN: usize = 4;

/// One reply that is coming in.
#[derive(Debug, Default)]
pub(super) struct Arriving {
    pub text: String,
    pub tokens: Vec<Token>,
    /// What the model thinks before its answer, where the server sends it apart.
    pub thinking: String,
    pub stop: Option<StopReason>,
    pub usage: Option<Usage>,
    pub count: TokenCount,
    /// Whether the server was cut off because it wrote on beyond the limit.
    pub overran: bool,
    /// Which of several texts is read: the first that came.
    index: Option<u64>,
}

/// How many tokens have come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TokenCount {
    /// Those that the server names, and an estimate for the rest.
    pub drawn: u64,
    /// Of them, thoughts.
    pub thinking: u64,
    /// Whether every token was named, so that the number is exact.
    pub estimated: bool,
    /// Tokens that the server named.
    named: u64,
    /// Characters and beginnings of words of the rest.
    characters: usize,
    words: usize,
    within_word: bool,
}

impl TokenCount {
    /// Counts a piece of text for which the server named so many tokens.
    fn add(&mut self, piece: &str, named: usize) -> u64 {
        let drawn = if named > 0 { named } else { estimate(piece) } as u64;
        self.drawn += drawn;
        if named > 0 {
            self.named += named as u64;
            return drawn;
        }
        self.estimated |= drawn > 0;
        for c in piece.chars() {
            self.characters += 1;
            self.words += usize::from(!self.within_word && !c.is_whitespace());
            self.within_word = !c.is_whitespace();
        }
        drawn
    }

    /// Returns a number of tokens that the text has at the least, however the server cuts it into pieces. Some stream
    /// letter by letter, and nobody is to be cut off for that.
    fn at_least(&self) -> u64 {
        let unnamed = self.words.max(self.characters / LONG_TOKEN) as u64;
        self.drawn.min(self.named + unnamed)
    }
}

/// Returns how many tokens a piece has about: one, unless it is longer than tokens are.
fn estimate(piece: &str) -> usize {
    match piece.chars().count() {
        0 => 0,
        some if some <= LONG_TOKEN => 1,
        many => many.div_ceil(MEAN_TOKEN),
    }
}

impl Arriving {
    /// Takes in a packet and returns the text that it added.
    pub fn take(&mut self, packet: Packet) -> String {
        self.usage = packet.usage.or(self.usage);
        let mut added = String::new();
        for choice in packet.choices {
            if let Some(index) = choice.index
                && *self.index.get_or_insert(index) != index
            {
                continue;
            }
            self.take_choice(choice, &mut added);
        }
        added
    }

    fn take_choice(&mut self, choice: StreamedChoice, added: &mut String) {
        let mut named = tokens(&choice);
        let ends = choice.finish_reason.is_some();
        let said = choice.said;
        let silent = said.text.is_empty() && said.thinking.is_empty();
        // A token that ends within a character brings no text yet. At the end, some servers name all tokens again.
        let thinks = said.text.is_empty() && (!silent || (self.text.is_empty() && !self.thinking.is_empty()));
        if silent && ends {
            named.clear();
        }
        if thinks {
            self.count.thinking += self.count.add(&said.thinking, named.len());
        } else {
            self.count.thinking += self.count.add(&said.thinking, 0);
            self.count.add(&said.text, named.len());
            if named.is_empty() && !silent {
                named.push(Token {
                    id: None,
                    text: said.text.clone(),
                    logprob: None,
                    mask: None,
                    share: None,
                });
            }
            self.tokens.append(&mut named);
        }
        self.thinking.push_str(&said.thinking);
        self.text.push_str(&said.text);
        added.push_str(&said.text);
        if let Some(reason) = choice.finish_reason {
            self.stop = Some(match reason.to_ascii_lowercase().as_str() {
                "length" | "max_tokens" | "max_output_tokens" | "model_length" => StopReason::MaxTokens,
                _ if choice.at_stop_string => StopReason::StopString,
                _ => StopReason::EndOfTurn,
            });
        }
    }

    /// The server says that the reply is whole, perhaps without saying why it ended.
    pub fn complete(&mut self, max_tokens: u32) {
        let full = self.count.drawn >= u64::from(max_tokens);
        self.stop.get_or_insert(if full { StopReason::MaxTokens } else { StopReason::EndOfTurn });
    }

    /// Ends the text before a stop string that the server let through.
    pub fn cut_at_stop(&mut self, stop: &[String]) -> bool {
        let found =
            stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| self.text.find(stop.as_str()));
        let Some(at) = found.min() else { return false };
        self.text.truncate(at);
        self.stop = Some(StopReason::StopString);
        true
    }

    /// Ends the text at the limit where the server writes on beyond it. Where it does not name its tokens, more of
    /// them are let through before that is certain.
    pub fn cut_at_limit(&mut self, max_tokens: u32) -> bool {
        let limit = u64::from(max_tokens);
        let least = self.count.at_least();
        let certain = if self.count.estimated { limit + limit / 4 + 8 } else { limit };
        if least <= certain {
            return false;
        }
        let left = usize::try_from(limit.saturating_sub(self.count.thinking)).unwrap_or(usize::MAX);
        if self.tokens.len() > left {
            self.tokens.truncate(left);
            let bytes: usize = self.tokens.iter().map(|token| token.text.len()).sum();
            self.text.truncate(self.text.floor_char_boundary(bytes));
        } else if self.count.thinking == 0 {
            // A few large pieces: an even share of their characters.
            let share = self.text.chars().count() as u64 * limit / least;
            let end = self.text.char_indices().nth(usize::try_from(share).unwrap_or(usize::MAX));
            self.text.truncate(end.map_or(self.text.len(), |(at, _)| at));
        }
        (self.stop, self.overran) = (Some(StopReason::MaxTokens), true);
        true
    }

    /// Returns what is wrong with a reply that has no text.
    pub fn blank(&self) -> Option<Blank> {
        match self.stop {
            _ if !self.text.trim().is_empty() => None,
            // A stop string at once is an answer, and what was cancelled never had the time for one. A server never
            // says that nothing new is left.
            Some(StopReason::StopString | StopReason::Cancelled | StopReason::Exhausted) => None,
            Some(StopReason::MaxTokens | StopReason::EndOfTurn | StopReason::GrammarComplete) | None => {
                Some(if self.thinking.is_empty() { Blank::Empty } else { Blank::Thinking(self.count.drawn) })
            }
        }
    }

    /// Returns the reply as whoever asked gets it. A thought that the server leaves in the text is taken off its
    /// beginning.
    pub fn into_completion(self) -> Completion {
        let stop = self.stop.unwrap_or(StopReason::Cancelled);
        let ended = if self.text.is_empty() { ThinkingStop::Unclosed } else { ThinkingStop::Closed };
        let thinking = Thinking { text: self.thinking, tokens: self.count.thinking, stop: ended };
        let thinking = Some(thinking).filter(|thinking| !thinking.text.is_empty());
        let completion = Completion { text: self.text, tokens: self.tokens, stop, thinking };
        let inline = Markers::of_template(&completion.text)
            .filter(|markers| completion.text.trim_start().starts_with(&markers.open));
        match inline {
            Some(markers) if completion.thinking.is_none() => markers.without_thought(completion),
            Some(_) | None => completion,
        }
    }
}

/// A reply without a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// Nothing came.
    Empty,
    /// Thoughts came, so many tokens.
    Thinking(u64),
}

impl Blank {
    /// Says it in a sentence.
    pub fn words(self) -> String {
        match self {
            Self::Empty => "The model wrote no answer: the server's reply is empty.".to_owned(),
            Self::Thinking(tokens) => format!(
                "The model wrote no answer: the server's reply is reasoning alone, {} of it.",
                about(tokens)
            ),
        }
    }
}

/// Returns the tokens that a choice names, in either endpoint's form.
fn tokens(choice: &StreamedChoice) -> Vec<Token> {
    let Some(logprobs) = &choice.logprobs else { return Vec::new() };
    if let Some(content) = &logprobs.content {
        let token = |token: &TokenLogprob| Token {
            id: token.id,
            text: token.token.clone(),
            logprob: token.logprob,
            mask: None,
            share: None,
        };
        return content.iter().map(token).collect();
    }
    let texts = logprobs.tokens.iter().flatten();
    let values = logprobs.token_logprobs.iter().flatten();
    texts
        .zip(values)
        .map(|(text, &logprob)| Token { id: None, text: text.clone(), logprob, mask: None, share: None })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn taken(packets: &[Value]) -> Arriving {
        let mut reply = Arriving::default();
        for packet in packets {
            reply.take(Packet::of(packet).expect("an object"));
        }
        reply
    }

    fn says(text: &str) -> Value {
        json!({ "choices": [{ "delta": { "content": text } }] })
    }

    #[test]
    fn letters_are_not_taken_for_tokens_where_somebody_is_cut_off() {
        let text = "A reply that is sent letter by letter has few tokens.";
        let letters: Vec<Value> = text.chars().map(|c| says(&c.to_string())).collect();
        let mut reply = taken(&letters);
        assert!(!reply.cut_at_limit(12), "eleven words");
        let words: Vec<Value> = (0..30).map(|_| says("word ")).collect();
        let mut reply = taken(&words);
        assert!(reply.cut_at_limit(12));
        assert_eq!((reply.text, reply.tokens.len()), ("word ".repeat(12), 12));
    }

    #[test]
    fn a_text_in_one_piece_is_cut_by_its_share() {
        let mut reply = taken(&[says(&"word ".repeat(100))]);
        assert_eq!(reply.count.drawn, 125);
        assert!(reply.cut_at_limit(10));
        assert_eq!(reply.text, "word ".repeat(10));
        assert_eq!(reply.stop, Some(StopReason::MaxTokens));
    }

    #[test]
    fn endless_text_without_gaps_is_cut_too() {
        let mut reply = taken(&vec![says("0"); 1000]);
        assert!(reply.cut_at_limit(20));
        assert_eq!(reply.text.len(), 20);
    }

    #[test]
    fn named_tokens_count_exactly_and_those_of_thoughts_apart() {
        let named = |said: Value, token: &str| json!({ "choices": [{ "delta": said, "logprobs": { "content": [{ "token": token, "logprob": -1.0 }] } }] });
        let reply = taken(&[
            named(json!({ "reasoning_content": "hm" }), "hm"),
            named(json!({ "content": "a" }), "a"),
            named(json!({ "content": "b" }), "b"),
        ]);
        assert_eq!((reply.count.drawn, reply.count.thinking, reply.count.estimated), (3, 1, false));
        assert_eq!((reply.tokens.len(), reply.text.as_str(), reply.thinking.as_str()), (2, "ab", "hm"));
    }

    #[test]
    fn thoughts_are_handed_on_apart_wherever_the_server_puts_them() {
        let apart = taken(&[json!({ "choices": [{ "delta": { "reasoning_content": "hm" } }] }), says("yes")]);
        let inline = taken(&[says("<think>"), says("hm"), says("</think>"), says("yes")]);
        for (reply, tokens) in [(apart, 1), (inline, 3)] {
            let completion = reply.into_completion();
            let thinking = completion.thinking.expect("a thought");
            assert_eq!((completion.text.as_str(), thinking.text.as_str()), ("yes", "hm"));
            assert_eq!((thinking.tokens, thinking.stop), (tokens, ThinkingStop::Closed));
        }
        let code = taken(&[says("s.split('</think>')")]).into_completion();
        assert_eq!((code.text.as_str(), code.thinking), ("s.split('</think>')", None));
    }

    #[test]
    fn a_token_within_a_character_counts_and_a_list_of_all_at_the_end_does_not() {
        let named = |text: &str, tokens: usize, reason: Option<&str>| {
            let content = vec![json!({ "token": "\u{fffd}", "logprob": -1.0 }); tokens];
            json!({ "choices": [{ "delta": { "content": text }, "finish_reason": reason,
                "logprobs": { "content": content } }] })
        };
        let reply = taken(&[named("", 1, None), named("🦀", 1, None), named("", 2, Some("stop"))]);
        assert_eq!((reply.count.drawn, reply.tokens.len(), reply.text.as_str()), (2, 2, "🦀"));
    }

    #[test]
    fn one_of_several_texts_is_read() {
        let reply = taken(&[json!({ "choices": [
            { "index": 0, "delta": { "content": "a" } },
            { "index": 1, "delta": { "content": "x" } },
            { "index": 0, "delta": { "content": "b" } } ] })]);
        assert_eq!(reply.text, "ab");
    }
}
