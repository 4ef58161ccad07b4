//! What a person or script tells a running engine, and the handle that carries it.

use tokio::sync::{mpsc, watch};

use crate::{
    llm::Progress,
    plan::Edit,
    session::{CallId, Purpose, Record},
};

/// What a running engine can be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Stand still before the next phase.
    Pause,
    /// Go on until told otherwise.
    Continue,
    /// Do one phase, then stand still.
    StepPhase,
    /// Go on to the end of the iteration, then stand still.
    NextIteration,
    /// Go on to the end of that iteration, then stand still; before the answer where refinement ends sooner.
    Until(u32),
    /// Go on to the end of refinement, then stand still before the answer.
    Finish,
    /// Cancel the call that is under way and stand still. Its phase begins anew on going on.
    Interrupt,
    /// End refinement and decode the answer from the best plan now.
    AnswerNow,
    /// Change the incumbent by hand. Taken while the run stands still; otherwise before the next phase.
    Edit(Edit),
    /// End the session; a call that is under way is cancelled.
    Stop,
}

/// What an engine tells the outside.
#[derive(Debug, Clone)]
pub enum Update {
    /// Something happened, and is recorded. Never dropped.
    Event(Box<Record>),
    /// How the call that is under way is getting on. Ephemeral: may be dropped when the reader is slow.
    Progress {
        /// The call; absent while the model is loaded.
        call: Option<(CallId, Purpose)>,
        /// How it is getting on.
        progress: Progress,
    },
    /// The run stands still: nothing happens before it is told something.
    Still {
        /// How many commands the engine has taken by now.
        taken: u64,
    },
    /// The record cannot be written any more (a full disk, say); the run stops.
    RecordFailed {
        /// Why, as a sentence.
        reason: String,
    },
}

/// The outside end of a running engine. Dropping it stops the engine.
#[derive(Debug)]
pub struct Handle {
    /// Tells the engine what to do.
    pub commands: mpsc::Sender<Command>,
    /// What the engine tells; closed when it is done.
    pub updates: mpsc::Receiver<Update>,
    /// Turns true when the engine is done and the record is complete on disk.
    pub done: watch::Receiver<bool>,
}
