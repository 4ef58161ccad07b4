//! Commands of a person or script to a running engine, and the handle that carries them.

use tokio::sync::{mpsc, watch};

use model::{Progress, Reply, Request};
use plan::{Chaos, Edit, NoiseSpec, Plan};
use probe::{Hit, ProbeCommand, Probes};
use session::{CallId, GateSettings, Purpose, Record};

/// A command to a running engine.
///
/// Commands that change something wait until no call is running. Whatever cannot be done is answered with
/// [`Update::Refused`].
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Pause before the next phase.
    Pause,
    /// Run until paused.
    Continue,
    /// Do one phase, then pause.
    StepPhase,
    /// Run to the end of the iteration, then pause.
    NextIteration,
    /// Run to the end of that iteration, then pause; before the answer where refinement ends sooner.
    Until(u32),
    /// Run to the end of refinement, then pause before the answer.
    Finish,
    /// Cancel the running call and pause. Its phase starts again on resuming.
    Interrupt,
    /// Add a probe, or change those that are there.
    Probe(ProbeCommand),
    /// Have these probes from now on and no others, as when another session continues with them.
    Probes(Box<Probes>),
    /// End refinement and decode the answer from the best plan now.
    AnswerNow,
    /// Change the incumbent by hand. It is checked and scored at once.
    Edit(Edit),
    /// Take back the last hand edit or noise that still stands.
    Undo,
    /// Bring back what was taken back last.
    Redo,
    /// Whether the run pauses before each decision of the gate, so that a person can rule.
    Intercept(bool),
    /// Whether plain decoding at the same cost runs next to refinement.
    Shadow(bool),
    /// Accept by another rule from now on.
    Gate(GateSettings),
    /// Rule on a candidate before the gate does. Accepting one rejects the others; a vetoed one never meets
    /// the gate.
    Rule {
        /// The candidate's index.
        candidate: u32,
        /// Whether it is accepted; vetoed if not.
        accept: bool,
    },
    /// Exchange a candidate's edit before the gate decides; it is checked and scored again.
    EditCandidate {
        /// The candidate's index.
        candidate: u32,
        /// Its edit from now on.
        edit: Edit,
    },
    /// Make the alternative of this number, from 1, the incumbent: a change by hand.
    Adopt(u32),
    /// Score the incumbent again with prompts that ask the same in other words.
    Rescore {
        /// How often.
        times: u32,
    },
    /// Inject noise into the incumbent. It is checked and scored at once.
    Noise(NoiseSpec),
    /// Inject noise on a schedule from now on, or no more.
    Chaos(Option<Chaos>),
    /// Decode an answer from the incumbent of an earlier moment; the run continues as it was.
    AnswerFrom {
        /// The event at which it stood.
        seq: u64,
        /// The incumbent of that moment.
        plan: Box<Plan>,
    },
    /// Make a call to the model for somebody outside, who gets the reply; the run continues as it was. Its cost
    /// is booked apart.
    Consult(Box<Request>),
    /// End the session; a running call is cancelled.
    Stop,
}

/// What an engine reports.
#[derive(Debug, Clone)]
pub enum Update {
    /// Something happened, and is recorded. Never dropped.
    Event(Box<Record>),
    /// Progress of the running call. Ephemeral: may be dropped when the reader is slow.
    Progress {
        /// The call; absent while the model is loaded.
        call: Option<(CallId, Purpose)>,
        /// How it is getting on.
        progress: Progress,
    },
    /// A probe fired. Where it is one that stops, the run pauses as soon as it can.
    Hit(Box<Hit>),
    /// What became of the probes: after a command on them, or after some fired.
    Probes {
        /// All of them.
        probes: Box<Probes>,
        /// What the command did, in a few words; absent where none asked.
        said: Option<String>,
    },
    /// The reply to [`Command::Consult`], or why there is no reply, as a sentence.
    Consulted(Result<Box<Reply>, String>),
    /// A command cannot be done now; nothing happened.
    Refused {
        /// Why, as a sentence.
        reason: String,
    },
    /// The run is paused: nothing happens before the next command.
    Still {
        /// How many commands the engine has taken by now.
        taken: u64,
    },
    /// The record cannot be written any more (a full disk, say); the run stops.
    RecordFailed {
        /// Why, and how far the record is whole.
        reason: String,
        /// What can be done about it, where something is known.
        hint: Option<String>,
    },
}

/// The outside end of a running engine. Dropping it stops the engine.
#[derive(Debug)]
pub struct Handle {
    /// Sends the engine a command.
    pub commands: mpsc::Sender<Command>,
    /// The engine's reports; closed when it is done.
    pub updates: mpsc::Receiver<Update>,
    /// Turns true when the engine is done and the record is complete on disk.
    pub done: watch::Receiver<bool>,
}
