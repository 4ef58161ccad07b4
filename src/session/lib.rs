//! Recorded runs: events, the state folded from them, and the files that hold them.

mod ages;
mod answer;
mod answer_settings;
mod blobs;
mod candidate;
pub mod compare;
mod decode;
mod denoising;
mod event;
pub mod finding;
pub mod folds;
pub mod fork;
pub mod format;
mod gate;
mod history;
mod index;
mod journal;
mod kind;
pub mod list;
mod payoff;
mod population;
mod purpose;
mod reader;
mod record_buffer;
pub mod replay;
mod score;
mod settings;
pub mod shadow;
mod staged;
pub mod state;
pub mod verify;
mod votes;
mod weights;
pub mod writer;
pub mod writing;

pub use ages::Ages;
pub use answer::{Answer, Ballot, CoverageRow, Judgement, Poll};
pub use answer_settings::{AnswerChoice, AnswerSettings, AnswerStyle, Cite, StyleChoice};
pub use blobs::Blobs;
pub use candidate::{Candidate, CandidateStatus, Drawn};
pub use compare::{Compared, Comparison, compare};
pub use denoising::{Denoising, LatentStep, Think};
pub use event::{
    BlobId, CallId, CheckFinding, CheckSummary, CheckedItem, Event, Outcome, PauseCause, Phase, ProblemCard,
    Record, RefinementStop, Severity, Subject,
};
pub use finding::{Evidence, Finding, FindingVerdict, ItemReading, Readings};
pub use fork::{Fork, ForkError, ForkPlan, fork};
pub use format::{Finished, Manifest, Parent, default_base, default_dir};
pub use gate::{CLEAR, GateSettings, GateValue};
pub use history::{Author, ItemChange, why, why_in};
pub use journal::Journal;
pub use kind::{EventKind, EventKinds};
pub use list::{SessionEntry, find, list, name_of, tree};
pub use payoff::{Allocation, Payoff, PayoffRow, Payoffs, tokens_per_improvement};
pub use population::{Population, Swap, Turn};
pub use purpose::Purpose;
pub use reader::{Damage, ReadError, Session, read_manifest};
pub use replay::{Replay, Walk};
pub use score::{PartSpread, Rescore, Ruling, Score, ScorePart, Spread, Verdict, same_total, weighted_mean};
pub use settings::{
    AgreeSettings, BudgetLimits, ChainSettings, Combine, CommandSettings, EditWeights, FinalRescore, Mode,
    PrmSettings, Remask, RestoreSettings, RolloutSettings, ScoreNoise, SelfCheckSettings, Settings, TieBreak,
};
pub use shadow::{PlainAnswer, Shadow, ShadowPoint, ShadowSide, ShadowStanding};
pub use state::{
    CandidateView, Change, ChangeKind, Changes, Fate, Fates, History, Injection, IterationPoint, PlanView,
    RECOVERED, Recovery, RecoveryPoint, RecoveryStep, RejectedEdit, Rulings, SideAnswer, State,
};
pub use verify::{Fault, Verification, verify};
pub use votes::{Recount, Vote, VoteTally, Votes};
pub use weights::Weights;
pub use writer::{SessionWriter, WriteError};
pub use writing::is_being_written;
