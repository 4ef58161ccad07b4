//! From drawn pieces of bytes to text: whole characters only, held back where a stop string may begin.

/// The text of one generation as it grows.
pub(super) struct TextStream {
    bytes: Vec<u8>,
    stops: Vec<String>,
    shown: usize,
    /// Whether more is shown: what was shown cannot be taken back.
    quiet: bool,
}

impl TextStream {
    /// Returns an empty text that ends before any of `stops`.
    pub(super) fn new(stops: Vec<String>) -> Self {
        Self {
            bytes: Vec::new(),
            stops: stops.into_iter().filter(|s| !s.is_empty()).collect(),
            shown: 0,
            quiet: false,
        }
    }

    /// Ends the text before `stop` too.
    pub(super) fn add_stop(&mut self, stop: Option<String>) {
        self.stops.extend(stop.filter(|stop| !stop.is_empty()));
    }

    /// Returns the text so far.
    pub(super) fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Begins again. Where something was already shown, nothing more is.
    pub(super) fn restart(&mut self) {
        self.bytes.clear();
        self.quiet |= self.shown > 0;
    }

    /// Adds a piece. Returns true when a stop string came; the text then ends before it.
    pub(super) fn push(&mut self, piece: &[u8]) -> bool {
        let longest = self.stops.iter().map(String::len).max().unwrap_or(0);
        let shown = if self.quiet { 0 } else { self.shown.min(self.bytes.len()) };
        let from = (self.bytes.len() + 1).saturating_sub(longest).max(shown);
        self.bytes.extend_from_slice(piece);
        let end = self.stops.iter().filter_map(|stop| find(&self.bytes[from..], stop.as_bytes())).min();
        if let Some(end) = end {
            self.bytes.truncate(from + end);
        }
        end.is_some()
    }

    /// Returns text that can be shown now and was not before.
    pub(super) fn take_new(&mut self) -> Option<String> {
        if self.quiet {
            return None;
        }
        let safe = self.bytes.len() - self.held_back();
        let fresh = &self.bytes[self.shown..safe.max(self.shown)];
        let whole = fresh.len() - incomplete_tail(fresh);
        if whole == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&fresh[..whole]).into_owned();
        self.shown += whole;
        Some(text)
    }

    /// Returns the whole text and how much of its end was not shown yet.
    pub(super) fn finish(self) -> (String, String) {
        let shown = if self.quiet { self.bytes.len() } else { self.shown };
        let rest = String::from_utf8_lossy(&self.bytes[shown..]).into_owned();
        (self.so_far(), rest)
    }

    /// Returns how many bytes at the end may be the beginning of a stop string.
    fn held_back(&self) -> usize {
        let starts = |stop: &String, n: usize| self.bytes.ends_with(&stop.as_bytes()[..n]);
        self.stops
            .iter()
            .filter_map(|stop| (1..stop.len()).rev().find(|n| starts(stop, *n)))
            .max()
            .unwrap_or(0)
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

/// Returns how many bytes at the end begin a character that is not complete.
fn incomplete_tail(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let length = match byte {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            0x80..=0xBF => continue,
            _ => 1,
        };
        return if length > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_whole() {
        let mut text = TextStream::new(vec![]);
        let emoji = "a🦀b".as_bytes();
        let mut shown = String::new();
        for byte in emoji {
            assert!(!text.push(&[*byte]));
            shown.extend(text.take_new());
        }
        assert_eq!(shown, "a🦀b");
        assert_eq!(text.finish(), ("a🦀b".into(), String::new()));
    }

    #[test]
    fn a_stop_string_is_never_shown() {
        let mut text = TextStream::new(vec!["END".into(), "\n\n".into()]);
        let mut shown = String::new();
        for piece in ["one E", "N", "two\n", "E", "ND more"] {
            let stopped = text.push(piece.as_bytes());
            shown.extend(text.take_new());
            assert_eq!(stopped, piece == "ND more");
        }
        let (whole, rest) = text.finish();
        assert_eq!(whole, "one ENtwo\n");
        assert_eq!(shown + &rest, "one ENtwo\n");
    }

    #[test]
    fn a_text_that_begins_again_takes_back_nothing_and_shows_no_more() {
        let mut text = TextStream::new(vec!["END".into()]);
        assert!(!text.push(b"one"));
        assert_eq!(text.take_new().unwrap(), "one");
        text.restart();
        assert!(!text.push(b"a b") && text.take_new().is_none());
        assert!(text.push(b"cENDx"));
        assert_eq!(text.finish(), ("a bc".into(), String::new()));
        let mut unseen = TextStream::new(vec![]);
        unseen.push(b"one");
        unseen.restart();
        unseen.push(b"two");
        assert_eq!(unseen.finish(), ("two".into(), "two".into()));
    }

    #[test]
    fn broken_bytes_are_replaced_not_lost() {
        let mut text = TextStream::new(vec![]);
        text.push(&[b'x', 0xFF, b'y', 0xE2]);
        assert_eq!(text.take_new().unwrap(), "x\u{FFFD}y");
        assert_eq!(text.finish().1, "\u{FFFD}");
    }
}
