//! What an event is, without what it says.

use enumset::{EnumSet, EnumSetType, enum_set};

use super::event::Event;

macro_rules! kinds {
    ($($kind:ident $name:literal $doc:literal,)*) => {
        /// The kind of an [`Event`]; its name is the one in the record.
        #[derive(Debug, PartialOrd, Ord, Hash, EnumSetType)]
        pub enum EventKind {
            $(#[doc = $doc] $kind,)*
        }

        impl EventKind {
            /// All kinds, in the order in which a run first shows them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Returns the name in the record.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }

        impl Event {
            /// Returns what kind of event it is.
            pub const fn kind(&self) -> EventKind {
                match self {
                    $(Self::$kind { .. } => EventKind::$kind,)*
                }
            }
        }
    };
}

kinds! {
    Started "started" "The session began.",
    ModelReady "model_ready" "The model is ready.",
    PhaseBegan "phase_began" "A phase began.",
    Paused "paused" "The run was paused or goes on.",
    CallStarted "call_started" "A call to the model began.",
    CallFinished "call_finished" "A call came back.",
    CallCancelled "call_cancelled" "A call was cancelled.",
    CallFailed "call_failed" "A call failed.",
    Drafted "drafted" "The first plan stands.",
    Checked "checked" "The family's checker looked at a plan.",
    Proposed "proposed" "Edits were proposed.",
    Scored "scored" "A plan got its score.",
    Voted "voted" "Independent drafts voted.",
    Decided "decided" "The gate decided.",
    HumanEdited "human_edited" "A person changed the plan.",
    Undone "undone" "A change was taken back.",
    Redone "redone" "A change was brought back.",
    Noised "noised" "Noise was injected.",
    ChaosSet "chaos_set" "The schedule of noise changed.",
    InterceptSet "intercept_set" "Whether the gate waits for rulings changed.",
    ShadowSet "shadow_set" "Whether plain decoding runs beside refinement changed.",
    Shadowed "shadowed" "Refinement and plain decoding were compared.",
    GateSet "gate_set" "Another rule accepts from now on.",
    Turned "turned" "Another plan of the population is refined next.",
    Ruled "ruled" "A person ruled on a candidate.",
    CandidateEdited "candidate_edited" "A person exchanged a candidate's edit.",
    Rescored "rescored" "The incumbent was scored again.",
    SideAnswered "side_answered" "An answer was decoded beside the run.",
    Forked "forked" "The run goes on as a fork.",
    RefinementEnded "refinement_ended" "Refinement ended.",
    Answered "answered" "The answer is complete.",
    Judged "judged" "The answer was compared with gold.",
    Ended "ended" "The session ended.",
}

impl EventKind {
    /// The kinds that can change the plan that stands.
    pub const PLAN: EventKinds = enum_set!(
        Self::Drafted | Self::Decided | Self::HumanEdited | Self::Undone | Self::Redone | Self::Noised
    );

    /// Returns the kind that is called `name` in the record.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A set of kinds.
pub type EventKinds = EnumSet<EventKind>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_one_in_the_record() {
        let event = Event::Paused { paused: true, cause: None };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], event.kind().name());
        assert_eq!(EventKind::from_name("human_edited"), Some(EventKind::HumanEdited));
        assert_eq!(EventKind::from_name("teleported"), None);
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = EventKinds::only(EventKind::Scored).union(EventKinds::only(EventKind::Ended));
        let held: Vec<_> = EventKind::ALL.iter().filter(|kind| set.contains(**kind)).collect();
        assert_eq!(held, [&EventKind::Scored, &EventKind::Ended]);
        assert!(EventKind::ALL.iter().all(|kind| EventKinds::all().contains(*kind)));
        assert_eq!(EventKinds::all().len(), EventKind::ALL.len());
        assert_ne!(EventKinds::empty(), set);
    }
}
