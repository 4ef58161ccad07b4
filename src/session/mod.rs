//! Recorded runs: events, the state folded from them, and the files that hold them.

pub mod ages;
pub mod event;
pub mod format;
mod index;
pub mod journal;
pub mod kind;
pub mod reader;
pub mod replay;
pub mod score;
pub mod settings;
pub mod state;
mod tape;
pub mod verify;
pub mod writer;

pub use ages::Ages;
pub use event::{
    Answer, BlobId, CallId, Candidate, CandidateStatus, CheckFinding, CheckSummary, CheckedItem, CoverageRow,
    Event, Judgement, Outcome, Phase, ProblemCard, Purpose, Record, RefinementStop, Severity, Subject,
};
pub use format::{Finished, Manifest, default_base, default_dir};
pub use journal::Journal;
pub use kind::{EventKind, EventKinds};
pub use reader::{Damage, ReadError, Session, read_manifest};
pub use replay::{Replay, Walk};
pub use score::{Ruling, Score, ScorePart, Verdict};
pub use settings::{BudgetLimits, EditWeights, Gate, Mode, ScorerWeights, Settings};
pub use state::{CandidateView, History, IterationPoint, PlanView, RejectedEdit, Rulings, State};
pub use verify::{Fault, Verification, verify};
pub use writer::{SessionWriter, WriteError};
