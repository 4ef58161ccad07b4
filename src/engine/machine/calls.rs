//! Calls to the model: begun, finished, failed, cancelled.

use super::{Effect, Machine, refines};
use model::{Cost, LlmError, Output, Reply, Request, StopReason};
use session::{BlobId, CallId, Event, Purpose};

/// A call whose reply is awaited.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    call: CallId,
    pub(super) purpose: Purpose,
    request: Box<Request>,
    retried: bool,
    /// Whether its reply is not wanted any more.
    cancelled: bool,
}

impl Machine {
    pub(super) fn call(&mut self, purpose: Purpose, request: Request) {
        let call = CallId(self.state.calls.made + 1);
        let request = Box::new(request);
        self.start_call(Pending { call, purpose, request, retried: false, cancelled: false });
    }

    fn start_call(&mut self, pending: Pending) {
        let blob = serde_json::to_vec(&pending.request).unwrap_or_default();
        self.emit(Event::CallStarted {
            call: pending.call,
            purpose: pending.purpose,
            sequences: u32::try_from(pending.request.sequences()).unwrap_or(u32::MAX),
            request: BlobId::of(&blob),
        });
        self.out.blobs.push(blob);
        self.out.effects.push(Effect::Call {
            call: pending.call,
            purpose: pending.purpose,
            request: pending.request.clone(),
        });
        self.pending = Some(pending);
    }

    /// Cancels the running call, if there is one; its reply still comes.
    pub(super) fn cancel(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.cancelled = true;
            self.out.effects.push(Effect::CancelCall);
        }
    }

    pub(super) fn replied(&mut self, call: CallId, reply: Result<Box<Reply>, LlmError>) {
        let Some(pending) = self.pending.take_if(|pending| pending.call == call) else { return };
        match reply {
            Ok(reply) if pending.cancelled && cut_short(&reply) => {
                self.cancelled(&pending);
                let blob = self.store(&reply);
                self.emit(Event::CallCancelled { call, cost: Some(reply.cost), reply: Some(blob) });
            }
            Ok(reply) => self.replied_in_full(&pending, &reply),
            Err(LlmError::Cancelled) if pending.cancelled => {
                self.cancelled(&pending);
                self.emit(Event::CallCancelled { call, cost: None, reply: None });
            }
            Err(error) => self.call_failed(pending, &error),
        }
    }

    /// A side request does not start again.
    fn cancelled(&mut self, pending: &Pending) {
        self.consultation_cancelled(pending);
        self.shadow_cancelled(pending);
    }

    fn replied_in_full(&mut self, pending: &Pending, reply: &Reply) {
        let blob = self.store(reply);
        self.emit(Event::CallFinished {
            call: pending.call,
            cost: reply.cost,
            prompts: reply.prompts.clone(),
            batch: reply.batch,
            reply: blob,
            notes: reply.notes.clone(),
            pressure: reply.output.pressures(),
        });
        let unwanted = self.steering.stopping || (self.steering.answer_asked && refines(pending.purpose));
        if unwanted {
            self.shadow_cancelled(pending);
        } else {
            self.finish(pending.purpose, reply);
        }
    }

    fn store(&mut self, reply: &Reply) -> BlobId {
        let blob = serde_json::to_vec(reply).unwrap_or_default();
        let id = BlobId::of(&blob);
        self.out.blobs.push(blob);
        id
    }

    /// A dead worker is started again and the call made once more, and so is one whose reply broke off; anything else
    /// ends the session, unless the call was not wanted any more or was a side request.
    fn call_failed(&mut self, pending: Pending, error: &LlmError) {
        let (passing, died, cost) = match error {
            LlmError::WorkerDied { log_tail, .. } => (true, Some(log_tail.clone()), None),
            LlmError::BrokenOff { generated, .. } => {
                let generated = *generated;
                (true, None, Some(Cost { calls: 1, generated, fresh: generated, ..Cost::default() }))
            }
            LlmError::Unavailable { .. }
            | LlmError::TooLong { .. }
            | LlmError::Refused { .. }
            | LlmError::TimedOut(_)
            | LlmError::Cancelled => (false, None, None),
        };
        let retried = passing && !pending.retried && !pending.cancelled;
        self.emit(Event::CallFailed {
            call: pending.call,
            error: error.to_string(),
            hint: error.hint().map(str::to_owned),
            log_tail: died,
            retried,
            cost,
        });
        if retried {
            let call = CallId(self.state.calls.made + 1);
            self.start_call(Pending { call, retried: true, ..pending });
        } else if pending.purpose == Purpose::Diagnose {
            self.consulted(Err(error.to_string()));
        } else if !pending.purpose.counts() {
            self.shadow_cancelled(&pending);
            // A failed side request must not abort the run.
            self.refuse(error.to_string());
        } else if !pending.cancelled {
            self.fail(error);
        }
    }
}

/// Whether a cancelled call came back before it was done. One that was quicker than the cancellation is whole.
fn cut_short(reply: &Reply) -> bool {
    match &reply.output {
        Output::Generated { completions } => {
            completions.iter().any(|completion| completion.stop == StopReason::Cancelled)
        }
        Output::Scored { .. }
        | Output::Chosen { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. } => false,
    }
}
