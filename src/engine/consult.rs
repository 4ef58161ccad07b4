//! A run's model, for side requests.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::command::Command;
use model::{Backend, LlmError, ModelInfo, Progress, Reply, Request};

/// Replies that may wait.
const WAITING: usize = 8;

/// Hands what came back from [`Update::Consulted`](super::Update::Consulted) to the [`Consultant`] that asked.
pub type Consulted = mpsc::Sender<Result<Box<Reply>, String>>;

/// The model of a live run. Calls are made in turn with the run's own, recorded with it, and booked apart.
///
/// A call that is given up still ends, since the run may be using the model by then; its reply is not heard of.
#[derive(Debug)]
pub struct Consultant {
    commands: mpsc::Sender<Command>,
    replies: mpsc::Receiver<Result<Box<Reply>, String>>,
    /// Calls that were given up and have yet to end.
    given_up: usize,
}

impl Consultant {
    /// Returns one that asks through `commands`, and where replies are to be handed in.
    pub fn new(commands: mpsc::Sender<Command>) -> (Self, Consulted) {
        let (consulted, replies) = mpsc::channel(WAITING);
        (Self { commands, replies, given_up: 0 }, consulted)
    }

    /// Returns whether the run still takes questions.
    pub fn is_open(&self) -> bool {
        !self.commands.is_closed()
    }

    async fn reply(&mut self) -> Result<Reply, LlmError> {
        while self.given_up > 0 {
            self.replies.recv().await.ok_or_else(over)?.ok();
            self.given_up -= 1;
        }
        let reply = self.replies.recv().await.ok_or_else(over)?;
        reply.map(|reply| *reply).map_err(|message| LlmError::Unavailable {
            message,
            hint: "ask once more, or ask the recorded session".into(),
        })
    }
}

fn over() -> LlmError {
    LlmError::Unavailable {
        message: "the run ended before it had a reply".into(),
        hint: "try again: the model is then loaded for the record".into(),
    }
}

#[async_trait::async_trait]
impl Backend for Consultant {
    async fn info(&mut self, _: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        Err(LlmError::Refused {
            message: "a run reports its model by an event".into(),
            hint: "read it there".into(),
        })
    }

    async fn call(
        &mut self,
        request: &Request,
        _: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        self.commands.send(Command::Consult(Box::new(request.clone()))).await.map_err(|_| over())?;
        let reply = tokio::select! {
            reply = self.reply() => Some(reply),
            () = cancel.cancelled() => None,
        };
        reply.unwrap_or_else(|| {
            self.given_up += 1;
            Err(LlmError::Cancelled)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Cost, Output};

    fn reply(calls: u64) -> Result<Box<Reply>, String> {
        let output = Output::Scored { logprobs: Vec::new() };
        let cost = Cost { calls, ..Cost::default() };
        Ok(Box::new(Reply { output, cost, prompts: Vec::new(), batch: 0, notes: Vec::new() }))
    }

    #[tokio::test]
    async fn a_reply_to_a_call_that_was_given_up_is_not_taken_for_the_next_one() {
        let (commands, mut engine) = mpsc::channel(8);
        let (mut consultant, consulted) = Consultant::new(commands);
        let (progress, _) = mpsc::channel(1);
        let request = Request::Score { pairs: Vec::new() };
        let given_up = CancellationToken::new();
        given_up.cancel();
        let lost = consultant.call(&request, &progress, &given_up).await;
        assert!(matches!(lost, Err(LlmError::Cancelled)), "{lost:?}");
        consulted.send(reply(1)).await.unwrap();
        consulted.send(reply(2)).await.unwrap();
        let heard = consultant.call(&request, &progress, &CancellationToken::new()).await.unwrap();
        assert_eq!(heard.cost.calls, 2);
        assert_eq!(engine.recv().await, Some(Command::Consult(Box::new(request.clone()))));
        assert!(consultant.is_open());
        drop(engine);
        assert!(!consultant.is_open());
        let gone = consultant.call(&request, &progress, &CancellationToken::new()).await;
        assert!(matches!(gone, Err(LlmError::Unavailable { .. })), "{gone:?}");
    }
}
