//! A reply to a generation as it comes in: events, or one whole object where a server does not stream.

use futures_util::{Stream, StreamExt};
use reqwest::Response;
use serde_json::Value;

use super::{
    body::ResponseBody,
    errors::RequestTarget,
    sse::SseParser,
    wire::{Packet, error_in},
};
use model::LlmError;

/// One piece of a reply.
#[derive(Debug)]
pub(super) enum ReplyPiece {
    /// Of a stream.
    Packet(Packet),
    Whole(Packet),
    /// The server says that the stream is over.
    Done,
}

/// Reads a reply piece by piece. A stream that breaks off ends without [`ReplyPiece::Done`].
pub(super) fn pieces(
    response: Response,
    asked: RequestTarget,
) -> impl Stream<Item = Result<ReplyPiece, LlmError>> {
    let body = ResponseBody::new(response);
    let form = ReplyForm::Unknown { bytes: Vec::new(), said: body.says_events() };
    let reading = ReplyReader { body, asked, form, ended: false };
    let chunks = futures_util::stream::unfold(reading, |mut reading| async move {
        if reading.ended {
            return None;
        }
        let pieces = reading.next().await;
        Some((pieces, reading))
    });
    chunks.flat_map(futures_util::stream::iter)
}

/// The state of a reply that is being read.
struct ReplyReader {
    body: ResponseBody,
    asked: RequestTarget,
    form: ReplyForm,
    ended: bool,
}

/// What a reply looks like. Its first bytes decide: the head is often wrong.
enum ReplyForm {
    Unknown {
        bytes: Vec<u8>,
        /// Whether the head says that these are events.
        said: bool,
    },
    Events(SseParser),
    Whole(Vec<u8>),
}

/// How a line of a stream of events begins.
const BEGINNINGS: [&str; 6] = ["data:", "event:", "id:", "retry:", "error:", ":"];

/// Returns the form that the first bytes show, where they are enough.
fn form(bytes: &[u8], said: bool, ended: bool) -> Option<ReplyForm> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &&str| text.starts_with(with.as_bytes());
    let may_begin = |with: &&str| with.as_bytes().starts_with(text);
    match text.first() {
        Some(b'{' | b'[' | b'<') => Some(ReplyForm::Whole(bytes.to_vec())),
        _ if BEGINNINGS.iter().any(begins) => Some(ReplyForm::Events(SseParser::default())),
        _ if ended => Some(ReplyForm::Whole(bytes.to_vec())),
        None | Some(b'\xef') => None,
        Some(_) if BEGINNINGS.iter().any(may_begin) => None,
        Some(_) if said => Some(ReplyForm::Events(SseParser::default())),
        Some(_) => Some(ReplyForm::Whole(bytes.to_vec())),
    }
}

impl ReplyReader {
    async fn next(&mut self) -> Vec<Result<ReplyPiece, LlmError>> {
        let chunk = match self.body.next().await {
            Ok(chunk) => chunk,
            Err(broken) => {
                self.ended = true;
                return vec![Err(self.asked.broken_off(&broken))];
            }
        };
        let fresh = chunk.as_deref().unwrap_or_default();
        if let ReplyForm::Unknown { bytes, said } = &mut self.form {
            bytes.extend_from_slice(fresh);
            let Some(known) = form(bytes, *said, chunk.is_none()) else { return Vec::new() };
            let bytes = std::mem::take(bytes);
            self.form = known;
            return self.take(&bytes, chunk.is_none(), true);
        }
        let fresh = fresh.to_vec();
        self.take(&fresh, chunk.is_none(), false)
    }

    /// Takes bytes in; `first` are already in a whole reply.
    fn take(&mut self, bytes: &[u8], last: bool, first: bool) -> Vec<Result<ReplyPiece, LlmError>> {
        self.ended |= last;
        match &mut self.form {
            ReplyForm::Unknown { .. } => Vec::new(),
            ReplyForm::Whole(all) => {
                if !first {
                    all.extend_from_slice(bytes);
                }
                if !last {
                    return Vec::new();
                }
                let text = String::from_utf8_lossy(all).into_owned();
                vec![packet(text.trim_start_matches('\u{feff}'), &self.asked).map(ReplyPiece::Whole)]
            }
            ReplyForm::Events(parser) => {
                let Ok(mut payloads) = parser.push(bytes) else {
                    self.ended = true;
                    return vec![Err(self.asked.unreadable("a line without an end"))];
                };
                if last {
                    payloads.extend(parser.end());
                }
                self.events(payloads)
            }
        }
    }

    fn events(&mut self, payloads: Vec<String>) -> Vec<Result<ReplyPiece, LlmError>> {
        let mut pieces = Vec::new();
        for payload in payloads {
            match payload.trim() {
                "" => {}
                "[DONE]" => {
                    self.ended = true;
                    pieces.push(Ok(ReplyPiece::Done));
                    break;
                }
                payload => pieces.push(packet(payload, &self.asked).map(ReplyPiece::Packet)),
            }
        }
        pieces
    }
}

fn packet(text: &str, asked: &RequestTarget) -> Result<Packet, LlmError> {
    let value: Value = serde_json::from_str(text).map_err(|_| asked.unreadable(text))?;
    match error_in(&value) {
        Some(error) => Err(asked.reported(error)),
        None => Packet::of(&value).ok_or_else(|| asked.unreadable(text)),
    }
}
