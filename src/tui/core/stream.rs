//! Text that the model is writing right now. It is gone when the call ends; the event holds the whole.

use std::{collections::BTreeMap, time::Duration};

use model::Progress;
use session::{CallId, Purpose};

/// The most bytes kept of one sequence; of longer ones the end is kept.
const LONGEST: usize = 64 * 1024;

/// The progress of the running call.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    pub call: Option<(CallId, Purpose)>,
    /// Share of the model file read, while it is being loaded.
    pub loading: Option<f32>,
    /// Why nothing can be done yet, until something is.
    pub waiting: Option<String>,
    /// Prompt tokens evaluated and in all.
    pub prefill: Option<(u32, u32)>,
    texts: BTreeMap<u32, String>,
    /// How many pieces the model thought, over all sequences, before it wrote anything.
    thought: u32,
    /// How many pieces of text came in, over all sequences.
    pieces: u32,
    /// When the first and the last of them came.
    span: Option<(Duration, Duration)>,
}

impl Stream {
    /// Takes in how the call is getting on at the time `now`. Another call's progress starts afresh.
    pub fn receive(&mut self, call: Option<(CallId, Purpose)>, progress: Progress, now: Duration) {
        if call != self.call {
            *self = Self { call, ..Self::default() };
        }
        self.waiting = None;
        match progress {
            Progress::Waiting { why } => self.waiting = Some(why),
            Progress::Loading { share } => self.loading = Some(share),
            Progress::Prefill { done, total } => self.prefill = Some((done, total)),
            // What it thinks is in the call's record; here it only shows that it does.
            Progress::Thinking(_) => self.thought += 1,
            Progress::Text(delta) => {
                self.pieces += 1;
                self.span = Some((self.span.map_or(now, |(first, _)| first), now));
                let text = self.texts.entry(delta.sequence).or_default();
                text.push_str(&delta.text);
                if text.len() > LONGEST {
                    let cut = (text.len() - LONGEST / 2..).find(|at| text.is_char_boundary(*at));
                    text.drain(..cut.unwrap_or(0));
                }
            }
        }
    }

    /// Returns how many tokens the model has thought, as far as it has written nothing yet.
    pub fn thinking(&self) -> Option<u32> {
        (self.thought > 0 && self.pieces == 0).then_some(self.thought)
    }

    /// Returns the texts so far with the number of their sequence.
    pub fn texts(&self) -> impl Iterator<Item = (u32, &str)> {
        self.texts.iter().map(|(sequence, text)| (*sequence, text.as_str()))
    }

    /// Returns the text of one sequence so far.
    pub fn text(&self, sequence: u32) -> Option<&str> {
        self.texts.get(&sequence).map(String::as_str)
    }

    /// Returns how many characters were written, over all sequences.
    pub fn written(&self) -> usize {
        self.texts.values().map(|text| text.chars().count()).sum()
    }

    /// Returns how many tokens were written so far, over all sequences. A backend passes text on token by
    /// token, but may keep one back or drop one while the screen is behind; the event at the call's end
    /// has the exact number.
    pub fn tokens(&self) -> u32 {
        self.pieces
    }

    /// Returns how many tokens were written a second; not known before there are a few.
    pub fn rate(&self) -> Option<f64> {
        let (first, last) = self.span?;
        let seconds = last.saturating_sub(first).as_secs_f64();
        (seconds >= 0.2).then(|| f64::from(self.pieces - 1) / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Delta;

    #[test]
    fn a_new_call_starts_afresh_and_long_texts_keep_their_end() {
        let mut stream = Stream::default();
        let text = |sequence, text: &str| Progress::Text(Delta { sequence, text: text.to_owned() });
        let call = |number| Some((CallId(number), Purpose::Propose));
        let at = Duration::from_millis;
        stream.receive(call(1), text(0, "ab"), at(0));
        stream.receive(call(1), text(1, "é"), at(500));
        assert_eq!((stream.text(0), stream.written()), (Some("ab"), 3));
        assert_eq!((stream.tokens(), stream.rate()), (2, Some(2.0)));
        stream.receive(
            call(2),
            Progress::Thinking(Delta { sequence: 0, text: "G1: no".to_owned() }),
            at(550),
        );
        assert_eq!((stream.text(0), stream.thinking()), (None, Some(1)), "a thought is no text");
        stream.receive(call(2), Progress::Prefill { done: 1, total: 9 }, at(600));
        assert_eq!((stream.text(0), stream.prefill), (None, Some((1, 9))));
        assert_eq!((stream.tokens(), stream.rate()), (0, None));
        stream.receive(call(2), Progress::Waiting { why: "it loads".into() }, at(650));
        assert_eq!(stream.waiting.as_deref(), Some("it loads"));
        for _ in 0..LONGEST {
            stream.receive(call(2), text(0, "éé"), at(700));
        }
        assert_eq!(stream.waiting, None, "it writes");
        assert!(stream.text(0).is_some_and(|text| text.len() <= LONGEST + 4 && text.ends_with('é')));
    }
}
