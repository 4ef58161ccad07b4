//! What an event is, without what it says.

use enumset::{EnumSet, enum_set};
use strum::VariantArray;

use super::event::Event;
pub use super::event::EventKind;

impl Event {
    /// Returns what kind of event it is.
    pub fn kind(&self) -> EventKind {
        self.into()
    }
}

impl EventKind {
    /// All kinds, in the order of [`Event`].
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The kinds that can change the incumbent.
    pub const PLAN: EventKinds = enum_set!(
        Self::Drafted | Self::Decided | Self::HumanEdited | Self::Undone | Self::Redone | Self::Noised
    );

    /// Returns the name in the record.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the kind that is called `name` in the record.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A set of kinds.
pub type EventKinds = EnumSet<EventKind>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events;

    #[test]
    fn a_name_is_the_one_in_the_record() {
        let event = Event::Paused { paused: true, cause: None };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], event.kind().name());
        assert!(EventKind::ALL.iter().all(|kind| EventKind::from_name(kind.name()) == Some(*kind)));
        assert_eq!(EventKind::from_name("teleported"), None);
    }

    #[test]
    fn each_kind_has_the_name_by_which_records_are_read() {
        let unknown = serde_json::from_str::<Event>(r#"{"event":"teleported"}"#).unwrap_err().to_string();
        for kind in EventKind::ALL {
            assert!(unknown.contains(&format!("`{}`", kind.name())), "{unknown}");
        }
        assert_eq!(unknown.matches('`').count(), 2 * (EventKind::ALL.len() + 1), "{unknown}");
    }

    /// Each kind is in one group: a second one would be an unreachable pattern, and none a missing one.
    #[deny(unreachable_patterns)]
    const fn group(event: &Event) -> &'static str {
        match event {
            events!(Run) => "run",
            events!(Call) => "call",
            events!(Refinement) => "refinement",
            events!(Setting) => "setting",
            events!(Change) => "change",
            events!(Person) => "person",
            events!(Answer) => "answer",
        }
    }

    #[test]
    fn a_pattern_matches_the_events_of_its_groups() {
        let event = Event::InterceptSet { on: true };
        assert_eq!(group(&event), "setting");
        assert!(matches!(event, events!(Run | Setting)) && !matches!(event, events!(Run | Call | Answer)));
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
