//! Calls to the model for somebody outside, such as a diagnosis: the machine makes them in turn with its own, and
//! passes the reply on.

use super::{Machine, calls::Pending};
use model::{Reply, Request};
use session::Purpose;

impl Machine {
    pub(super) fn begin_consulting(&mut self, request: Request) {
        if self.state.model.is_none() {
            return self.consulted(Err("The model is not ready yet."));
        }
        self.call(Purpose::Diagnose, request);
    }

    /// Passes on the result.
    pub(super) fn consulted(&mut self, reply: Result<&Reply, impl Into<String>>) {
        self.out.consulted = Some(reply.map(|reply| Box::new(reply.clone())).map_err(Into::into));
    }

    /// Notifies whoever waits for `pending` that no reply comes, if it was for somebody outside.
    pub(super) fn consultation_cancelled(&mut self, pending: &Pending) {
        if pending.purpose == Purpose::Diagnose {
            self.consulted(Err("It was cancelled."));
        }
    }
}
