//! Reads the text of a record.
//!
//! A record is one flat object whose `event` says which fields it has. Read in general, all fields are first kept as
//! they are and then sorted out; where the head says what comes, they are read straight into their places, at
//! a fraction of the cost. Both give the same.

use serde::Deserialize;

use super::{
    candidate::Candidate,
    event::{BlobId, CallId, CheckSummary, Event, Phase, Record, Subject},
    kind::EventKind,
    purpose::Purpose,
    score::{Score, Verdict},
};
use model::{Cost, Pressure, PromptUse};

/// What stands at the beginning of a record as this program writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: u64,
    pub at_ms: u64,
    pub kind: EventKind,
}

/// Reads a record.
pub(super) fn record(text: &[u8]) -> serde_json::Result<Record> {
    let straight = head(text).and_then(|head| {
        let event = event(head.kind, text)?.ok()?;
        Some(Record { seq: head.seq, at_ms: head.at_ms, event })
    });
    match straight {
        Some(record) => Ok(record),
        None => serde_json::from_slice(text),
    }
}

/// Reads the head of a record; none where it looks otherwise or is of no known kind.
pub(super) fn head(text: &[u8]) -> Option<Head> {
    let (seq, rest) = digits(text.strip_prefix(b"{\"seq\":")?)?;
    let (at_ms, rest) = digits(rest.strip_prefix(b",\"at_ms\":")?)?;
    let rest = rest.strip_prefix(b",\"event\":\"")?;
    let name = &rest[..memchr::memchr(b'"', rest)?];
    let kind = EventKind::from_name(std::str::from_utf8(name).ok()?)?;
    Some(Head { seq, at_ms, kind })
}

fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

macro_rules! straight {
    ($($kind:ident { $($(#[$how:meta])? $field:ident: $type:ty),* $(,)? })*) => {
        /// Reads an event of one of the kinds that make up nearly all of a session; none for the others.
        fn event(kind: EventKind, text: &[u8]) -> Option<serde_json::Result<Event>> {
            $(if kind == EventKind::$kind {
                #[derive(Deserialize)]
                struct Fields {
                    $($(#[$how])? $field: $type),*
                }
                let fields = serde_json::from_slice(text);
                return Some(fields.map(|Fields { $($field),* }| Event::$kind { $($field),* }));
            })*
            None
        }
    };
}

straight! {
    PhaseBegan { phase: Phase, iteration: u32 }
    CallStarted { call: CallId, purpose: Purpose, sequences: u32, request: BlobId }
    CallFinished {
        call: CallId,
        cost: Cost,
        prompts: Vec<PromptUse>,
        batch: u32,
        reply: BlobId,
        #[serde(default)]
        notes: Vec<String>,
        #[serde(default)]
        pressure: Vec<Option<Pressure>>,
    }
    Checked { subject: Subject, summary: CheckSummary }
    Proposed { candidates: Vec<Candidate> }
    Scored { subject: Subject, score: Score }
    Decided { verdicts: Vec<Verdict> }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recorded run of the bundled demonstration: every kind that is read straight is in it.
    const RECORDED: &str = include_str!("../../sessions/choir/events.jsonl");

    #[test]
    fn reading_straight_gives_what_reading_in_general_gives() {
        let mut straight = 0;
        for line in RECORDED.lines().skip(1) {
            let text = line.split_once(",\"record\":").unwrap().1.strip_suffix('}').unwrap();
            let general: Record = serde_json::from_str(text).unwrap();
            assert_eq!(record(text.as_bytes()).unwrap(), general);
            let head = head(text.as_bytes()).unwrap();
            assert_eq!((head.seq, head.at_ms, head.kind), (general.seq, general.at_ms, general.event.kind()));
            if let Some(event) = event(head.kind, text.as_bytes()) {
                assert_eq!(event.unwrap(), general.event);
                straight += 1;
            }
        }
        assert!(straight > 90, "{straight}");
    }

    #[test]
    fn a_record_in_another_order_is_read_all_the_same() {
        let text = br#"{"at_ms":1,"phase":"draft","seq":4,"iteration":0,"event":"phase_began"}"#;
        assert_eq!(head(text), None);
        let event = Event::PhaseBegan { phase: Phase::Draft, iteration: 0 };
        assert_eq!(record(text).unwrap(), Record { seq: 4, at_ms: 1, event });
        assert_eq!(head(br#"{"seq":0,"at_ms":1,"event":"teleported"}"#), None);
    }
}
