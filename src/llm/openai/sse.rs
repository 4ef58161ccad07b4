//! Server-sent events: lines of bytes in, payloads out.

/// A line longer than this is no token any more.
const LONGEST_LINE: usize = 4 << 20;

/// Takes a stream of server-sent events apart. Chunks may split anywhere, also within a character or
/// between the two bytes of a line end.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    line: Vec<u8>,
    data: Option<String>,
    after_return: bool,
}

/// A line does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndlessLine;

impl SseParser {
    /// Takes a chunk and returns the payloads of the events that it completes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<String>, EndlessLine> {
        let mut payloads = Vec::new();
        for &byte in chunk {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => payloads.extend(self.end_line()),
                byte => self.line.push(byte),
            }
        }
        if self.line.len() > LONGEST_LINE { Err(EndlessLine) } else { Ok(payloads) }
    }

    /// Returns the payload that the end of the stream completes: some servers leave out the last empty line.
    pub fn end(&mut self) -> Option<String> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.data.take()
    }

    fn end_line(&mut self) -> Option<String> {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        if line.is_empty() {
            return self.data.take();
        }
        // Comments (which start with a colon and keep the line alive) and other fields say nothing here.
        let line = line.trim_start_matches('\u{feff}');
        // Older versions of llama-server have a field of their own for errors.
        if let Some(error) = line.strip_prefix("error:") {
            return Some(format!("{{\"error\":{error}}}"));
        }
        let value = line.strip_prefix("data:")?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => data.extend(["\n", value]),
            None => self.data = Some(value.to_owned()),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] =
        ": keep-alive\n\nevent: x\r\ndata: {\"a\":\"é\"}\r\n\r\ndata:one\ndata: two\n\ndata: [DONE]\n\n"
            .as_bytes();
    const PAYLOADS: [&str; 3] = ["{\"a\":\"é\"}", "one\ntwo", "[DONE]"];

    #[test]
    fn any_split_gives_the_same_payloads() {
        for size in 1..=STREAM.len() {
            let mut parser = SseParser::default();
            let payloads: Vec<String> =
                STREAM.chunks(size).flat_map(|chunk| parser.push(chunk).expect("short lines")).collect();
            assert_eq!(payloads, PAYLOADS, "in chunks of {size}");
            assert_eq!(parser.end(), None);
        }
    }

    #[test]
    fn a_mark_of_the_byte_order_and_a_field_for_errors_are_read() {
        let mut parser = SseParser::default();
        let stream = "\u{feff}data: one\n\nerror: {\"code\":500}\n\n";
        assert_eq!(
            parser.push(stream.as_bytes()),
            Ok(vec!["one".to_owned(), "{\"error\": {\"code\":500}}".to_owned()])
        );
    }

    #[test]
    fn a_missing_last_line_end_loses_nothing() {
        let mut parser = SseParser::default();
        assert_eq!(parser.push(b"data: last"), Ok(vec![]));
        assert_eq!(parser.end().as_deref(), Some("last"));
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut parser = SseParser::default();
        let chunk = vec![b'x'; 1 << 20];
        let outcome: Result<Vec<_>, _> = (0..8).map(|_| parser.push(&chunk)).collect();
        assert_eq!(outcome, Err(EndlessLine));
    }
}
