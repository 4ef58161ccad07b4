//! All calls to the model.

use std::ops::Deref;

use crate::{
    event::{BlobId, CallId, Event, Record},
    events,
    purpose::Purpose,
};
use model::{Cost, PromptUse};
use serde::{Serialize, Serializer};

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CallEnd {
    /// Not within the record, or not yet.
    Open,
    /// With a reply.
    Done {
        /// Tokens, FLOPs and time of all its sequences.
        cost: Cost,
        /// Length and cached part of each prompt; empty where a server does not tell.
        prompts: Vec<PromptUse>,
        /// Sequences decoded side by side.
        batch: u32,
        /// The whole reply, as JSON.
        reply: BlobId,
    },
    /// Cancelled on purpose.
    Cancelled {
        /// What it cost, where that is known.
        cost: Option<Cost>,
        /// What had come until then.
        reply: Option<BlobId>,
    },
    /// Without a reply.
    Failed {
        /// Why, as a sentence.
        error: String,
        /// What had been spent until then, where something had come.
        cost: Option<Cost>,
    },
}

/// A call to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its number. A call that is repeated after a failure has the same one.
    pub id: CallId,
    /// What its cost is booked under.
    pub purpose: Purpose,
    /// The iteration in which it was made; 0 before the first.
    pub iteration: u32,
    /// The event that began it.
    pub seq: u64,
    /// How many sequences.
    pub sequences: u32,
    /// The whole request, as JSON.
    pub request: BlobId,
    /// Open until the event that ended it.
    pub end: CallEnd,
}

impl Call {
    /// Returns what it cost, where that is known.
    pub fn cost(&self) -> Option<Cost> {
        match &self.end {
            CallEnd::Open => None,
            CallEnd::Done { cost, .. } => Some(*cost),
            CallEnd::Cancelled { cost, .. } | CallEnd::Failed { cost, .. } => *cost,
        }
    }

    /// Returns the reply, or of a cancelled call what it had produced.
    pub fn reply(&self) -> Option<&BlobId> {
        match &self.end {
            CallEnd::Done { reply, .. } => Some(reply),
            CallEnd::Cancelled { reply, .. } => reply.as_ref(),
            CallEnd::Open | CallEnd::Failed { .. } => None,
        }
    }

    /// Returns length and cached part of each prompt; empty where that is not known.
    pub fn prompts(&self) -> &[PromptUse] {
        match &self.end {
            CallEnd::Done { prompts, .. } => prompts,
            CallEnd::Open | CallEnd::Cancelled { .. } | CallEnd::Failed { .. } => &[],
        }
    }

    /// Returns the length of all prompts together in tokens, where it is known.
    pub fn prompt_tokens(&self) -> Option<u64> {
        self.over_prompts(|prompt| prompt.tokens)
    }

    /// Returns how many tokens of the prompts were cached, where that is known.
    pub fn cached(&self) -> Option<u64> {
        self.over_prompts(|prompt| prompt.cached)
    }

    fn over_prompts(&self, part: fn(&PromptUse) -> u32) -> Option<u64> {
        let prompts = self.prompts();
        (!prompts.is_empty()).then(|| prompts.iter().map(|prompt| u64::from(part(prompt))).sum())
    }
}

/// As one flat object, whose `status` says how the call ended.
impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            call: CallId,
            purpose: Purpose,
            iteration: u32,
            sequences: u32,
            prompt_tokens: Option<u64>,
            cached: Option<u64>,
            cost: Option<Cost>,
            request: &'a BlobId,
            reply: Option<&'a BlobId>,
            status: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<&'a str>,
        }
        let (status, error) = match &self.end {
            CallEnd::Open => ("open", None),
            CallEnd::Done { .. } => ("done", None),
            CallEnd::Cancelled { .. } => ("cancelled", None),
            CallEnd::Failed { error, .. } => ("failed", Some(error.as_str())),
        };
        let row = Row {
            call: self.id,
            purpose: self.purpose,
            iteration: self.iteration,
            sequences: self.sequences,
            prompt_tokens: self.prompt_tokens(),
            cached: self.cached(),
            cost: self.cost(),
            request: &self.request,
            reply: self.reply(),
            status,
            error,
        };
        row.serialize(serializer)
    }
}

/// All calls to the model, in the order in which they began.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calls {
    calls: Vec<Call>,
    iteration: u32,
}

impl Serialize for Calls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.calls.serialize(serializer)
    }
}

impl Deref for Calls {
    type Target = [Call];

    fn deref(&self) -> &[Call] {
        &self.calls
    }
}

impl Calls {
    /// Takes in the next record.
    pub fn receive(&mut self, record: &Record) {
        if let Event::PhaseBegan { iteration, .. } = record.event {
            self.iteration = iteration;
        }
        match &record.event {
            Event::CallStarted { call, purpose, sequences, request } => self.calls.push(Call {
                id: *call,
                purpose: *purpose,
                iteration: self.iteration,
                seq: record.seq,
                sequences: *sequences,
                request: request.clone(),
                end: CallEnd::Open,
            }),
            Event::CallFinished { call, cost, prompts, batch, reply, notes: _, pressure: _ } => {
                let (prompts, reply) = (prompts.clone(), reply.clone());
                self.close(*call, CallEnd::Done { cost: *cost, prompts, batch: *batch, reply });
            }
            Event::CallCancelled { call, cost, reply } => {
                self.close(*call, CallEnd::Cancelled { cost: *cost, reply: reply.clone() });
            }
            Event::CallFailed { call, error, cost, .. } => {
                self.close(*call, CallEnd::Failed { error: error.clone(), cost: *cost });
            }
            events!(Run | Refinement | Setting | Change | Person | Answer) => {}
        }
    }

    /// Of several calls with the same number the last one is meant.
    fn close(&mut self, id: CallId, end: CallEnd) {
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.id == id) {
            call.end = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(events: Vec<Event>) -> Calls {
        let mut calls = Calls::default();
        for (seq, event) in (0..).zip(events) {
            calls.receive(&Record { seq, at_ms: 0, event });
        }
        calls
    }

    fn blob(name: &str) -> BlobId {
        BlobId(name.to_owned())
    }

    fn started(call: u32) -> Event {
        let request = blob(&format!("request {call}"));
        Event::CallStarted { call: CallId(call), purpose: Purpose::Propose, sequences: 1, request }
    }

    #[test]
    fn a_call_that_is_repeated_leaves_its_failure_behind() {
        let failed = Event::CallFailed {
            call: CallId(1),
            error: "The server is gone.".to_owned(),
            hint: None,
            log_tail: None,
            retried: true,
            cost: Some(Cost { fresh: 7, ..Cost::default() }),
        };
        let finished = Event::CallFinished {
            call: CallId(1),
            cost: Cost { generated: 3, ..Cost::default() },
            prompts: vec![PromptUse { tokens: 9, cached: 4 }],
            batch: 1,
            reply: blob("reply"),
            notes: Vec::new(),
            pressure: Vec::new(),
        };
        let calls = calls(vec![started(1), failed, started(1), finished]);
        let spent: Vec<_> =
            calls.iter().filter_map(Call::cost).map(|cost| (cost.fresh, cost.generated)).collect();
        assert_eq!(spent, [(7, 0), (0, 3)]);
        assert!(matches!(&calls[0].end, CallEnd::Failed { error, .. } if error == "The server is gone."));
        assert_eq!((calls[0].reply(), calls[1].reply()), (None, Some(&blob("reply"))));
        assert_eq!((calls[0].prompts().len(), calls[1].prompts().len()), (0, 1));
    }

    #[test]
    fn a_cancelled_call_is_no_failure_and_keeps_what_had_come() {
        let cancelled =
            Event::CallCancelled { call: CallId(1), cost: None, reply: Some(blob("half a reply")) };
        let calls = calls(vec![started(1), cancelled, started(2)]);
        assert_eq!(calls[0].reply(), Some(&blob("half a reply")));
        assert!(matches!(calls[0].end, CallEnd::Cancelled { .. }));
        assert_eq!((calls[1].end.clone(), calls[1].cost(), calls[1].seq), (CallEnd::Open, None, 2));
        let json = serde_json::to_value(&calls).unwrap();
        assert_eq!((&json[0]["status"], &json[0]["reply"]), (&"cancelled".into(), &"half a reply".into()));
        assert_eq!((&json[1]["status"], json[1].get("error")), (&"open".into(), None));
    }
}
