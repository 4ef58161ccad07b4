//! Probes as plain data, in the words of gdb. [`Display`](fmt::Display) prints what the parser reads.

use std::fmt;
use strum::VariantArray;

use super::{error::ProbeError, expr::Expr, message::LogMessage};
use plan::ItemId;
use session::{CandidateStatus, Phase, Ruling, State};

/// What a probe looks for, and what it does then.
#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    /// Stops at a place, or when a condition becomes true.
    Break {
        /// Where or when.
        when: When,
        /// Whether the probe goes after its first hit.
        temporary: bool,
    },
    /// Stops when something goes another way than hoped.
    Catch {
        /// What counts as going wrong.
        incident: Incident,
        /// Only where this is true.
        condition: Option<Expr>,
    },
    /// Stops when something changes.
    Watch {
        /// An item of the plan, or a value.
        target: Target,
        /// Only where this is true after the change.
        condition: Option<Expr>,
    },
    /// Says something and never stops.
    Log {
        /// What it says.
        message: LogMessage,
        /// Where or when.
        when: When,
    },
}

/// When a probe that watches the course of a run fires.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// At this place, and only where the condition is true.
    At(Place, Option<Expr>),
    /// When the condition becomes true, having been false before.
    Becomes(Expr),
}

/// A place in the course of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Place {
    /// The draft is about to be written.
    Draft,
    /// Edits are about to be proposed.
    Propose,
    /// A plan is about to be scored: the draft, or candidates.
    Score,
    /// The gate is about to decide.
    Decide,
    /// The answer is about to be decoded.
    Answer,
    /// A candidate was accepted.
    Accept,
    /// The gate decided, and the best that became of a candidate is a rejection.
    Reject,
}

impl Place {
    /// All places, in the order of a run.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Propose => "propose",
            Self::Score => "score",
            Self::Decide => "decide",
            Self::Answer => "answer",
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }

    /// Returns one line, for help and `docs/probes.md`.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Draft => "before the draft is written",
            Self::Propose => "before edits are proposed",
            Self::Score => "before the draft or candidates are scored",
            Self::Decide => "before the gate decides",
            Self::Answer => "before the answer is decoded",
            Self::Accept => "after a decision that accepts a candidate",
            Self::Reject => "after a decision that rejects, and accepts none",
        }
    }

    /// Returns whether `phase` begins here.
    pub(super) const fn begins(self, phase: Phase) -> bool {
        match self {
            Self::Draft => matches!(phase, Phase::Draft),
            Self::Propose => matches!(phase, Phase::Propose),
            Self::Score => matches!(phase, Phase::Score | Phase::ScoreDraft),
            Self::Decide => matches!(phase, Phase::Decide),
            Self::Answer => matches!(phase, Phase::Answer),
            Self::Accept | Self::Reject => false,
        }
    }

    /// Returns the ruling after which it stands.
    pub(super) const fn ruling(self) -> Option<Ruling> {
        match self {
            Self::Accept => Some(Ruling::Accept),
            Self::Reject => Some(Ruling::Reject),
            Self::Draft | Self::Propose | Self::Score | Self::Decide | Self::Answer => None,
        }
    }
}

/// Something that goes another way than hoped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Incident {
    /// The gate rejects a candidate, whether or not it accepts another.
    Reject,
    /// The numbers do not tell.
    Indecisive,
    /// A proposal is no edit, or its edit cannot be applied.
    Invalid,
    /// What the model wrote cannot be read as an edit.
    ParseError,
    /// An edit changes nothing.
    NoOp,
    /// An edit leads to a plan seen before.
    Duplicate,
    /// A plan states a number that the problem does not give and no step computes.
    Leak,
    /// A call to the model fails.
    FailedCall,
}

impl Incident {
    /// All incidents.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Indecisive => "indecisive",
            Self::Invalid => "invalid",
            Self::ParseError => "parse-error",
            Self::NoOp => "no-op",
            Self::Duplicate => "duplicate",
            Self::Leak => "leak",
            Self::FailedCall => "failed-call",
        }
    }

    /// Returns one line, for help and `docs/probes.md`.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Reject => "a candidate is rejected, whether or not another is accepted",
            Self::Indecisive => "the numbers do not tell whether a candidate is better",
            Self::Invalid => "a proposal is no edit, or its edit cannot be applied",
            Self::ParseError => "what the model wrote cannot be read as an edit",
            Self::NoOp => "an edit changes nothing",
            Self::Duplicate => "an edit leads to a plan seen before",
            Self::Leak => "a plan states a number that the problem does not give and no step computes",
            Self::FailedCall => "a call to the model fails",
        }
    }

    /// Returns whether a candidate with this `status` is one; `readable` says if the model wrote an edit.
    pub(super) const fn is_status(self, status: &CandidateStatus, readable: bool) -> bool {
        match self {
            Self::Invalid => matches!(status, CandidateStatus::Invalid { .. }),
            Self::ParseError => matches!(status, CandidateStatus::Invalid { .. }) && !readable,
            Self::NoOp => matches!(status, CandidateStatus::NoOp),
            Self::Duplicate => matches!(status, CandidateStatus::Duplicate { .. }),
            Self::Reject | Self::Indecisive | Self::Leak | Self::FailedCall => false,
        }
    }

    /// Returns whether a verdict with this `ruling` is one.
    pub(super) const fn is_ruling(self, ruling: Ruling) -> bool {
        match self {
            Self::Reject => matches!(ruling, Ruling::Reject),
            Self::Indecisive => matches!(ruling, Ruling::Indecisive),
            Self::Invalid
            | Self::ParseError
            | Self::NoOp
            | Self::Duplicate
            | Self::Leak
            | Self::FailedCall => false,
        }
    }
}

/// What a watch looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// An item of the incumbent: its text, dependencies, flags, and whether it is there.
    Item(ItemId),
    /// The value of an expression.
    Value(Expr),
}

/// A command on the collection of probes.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub enum ProbeCommand {
    /// Adds a probe.
    Add(Definition),
    /// Lets the next hits of a probe pass.
    Ignore {
        number: u32,
        /// How many hits.
        count: u64,
    },
    /// Switches probes on.
    Enable(Which),
    /// Switches probes off; they keep their numbers and counts.
    Disable(Which),
    /// Takes probes out.
    Delete(Which),
    /// Gives a probe another condition, or none.
    Condition { number: u32, condition: Option<Expr> },
}

/// Which probes a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one with this number.
    One(u32),
    /// All of them.
    All,
}

impl Definition {
    /// Returns the probe's condition, where it has one.
    pub fn condition(&self) -> Option<&Expr> {
        match self {
            Self::Break { when: When::Becomes(condition), .. }
            | Self::Log { when: When::Becomes(condition), .. } => Some(condition),
            Self::Break { when: When::At(_, condition), .. }
            | Self::Log { when: When::At(_, condition), .. }
            | Self::Catch { condition, .. }
            | Self::Watch { condition, .. } => condition.as_ref(),
        }
    }
}

impl Definition {
    /// Makes sure that the session of `state` knows every scorer that is named.
    ///
    /// # Errors
    /// When it does not.
    pub fn known_in(&self, state: &State) -> Result<(), ProbeError> {
        let own: Vec<&Expr> = match self {
            Self::Watch { target: Target::Value(expr), .. } => vec![expr],
            Self::Log { message, .. } => message.expressions().collect(),
            Self::Watch { target: Target::Item(_), .. } | Self::Break { .. } | Self::Catch { .. } => {
                Vec::new()
            }
        };
        own.into_iter().chain(self.condition()).try_for_each(|expr| expr.known_in(state))
    }

    /// Gives the probe another condition, or none.
    ///
    /// # Errors
    /// When the probe is nothing but its condition, and that is to go.
    pub(crate) fn set_condition(&mut self, condition: Option<Expr>) -> Result<(), ProbeError> {
        match self {
            Self::Break { when, .. } | Self::Log { when, .. } => match (when, condition) {
                (When::At(_, held), condition) => *held = condition,
                (When::Becomes(held), Some(condition)) => *held = condition,
                (When::Becomes(_), None) => {
                    let error = ProbeError::new("this probe is nothing but its condition");
                    return Err(error.with_hint("delete it instead"));
                }
            },
            Self::Catch { condition: held, .. } | Self::Watch { condition: held, .. } => *held = condition,
        }
        Ok(())
    }
}

fn if_clause(f: &mut fmt::Formatter<'_>, condition: Option<&Expr>) -> fmt::Result {
    condition.map_or(Ok(()), |condition| write!(f, " if {condition}"))
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Break { when, temporary } => {
                f.write_str(if *temporary { "tbreak" } else { "break" })?;
                if let When::At(place, _) = when {
                    write!(f, " {}", place.name())?;
                }
            }
            Self::Catch { incident, .. } => write!(f, "catch {}", incident.name())?,
            Self::Watch { target, .. } => write!(f, "watch {target}")?,
            Self::Log { message, when } => {
                write!(f, "log {message}")?;
                if let When::At(place, _) = when {
                    write!(f, " at {}", place.name())?;
                }
            }
        }
        if_clause(f, self.condition())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(id) => id.fmt(f),
            Self::Value(expr) => expr.fmt(f),
        }
    }
}

impl fmt::Display for ProbeCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(definition) => definition.fmt(f),
            Self::Ignore { number, count } => write!(f, "ignore {number} {count}"),
            Self::Enable(which) => write!(f, "enable {which}"),
            Self::Disable(which) => write!(f, "disable {which}"),
            Self::Delete(which) => write!(f, "delete {which}"),
            Self::Condition { number, condition: None } => write!(f, "condition {number}"),
            Self::Condition { number, condition: Some(condition) } => {
                write!(f, "condition {number} {condition}")
            }
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(number) => number.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}
