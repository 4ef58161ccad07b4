//! What happened between two decisions besides proposals: changes by hand, noise, forks, side answers.

use super::Overview;
use session::{Event, Record, ShadowStanding, events};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// The session continues from here as a fork of its parent.
    Forked,
    /// Noise came by schedule.
    Chaos,
    /// A person injected noise.
    Noise,
    /// A person changed the plan or a candidate, or ruled on one.
    Hand,
    /// A person took something back.
    Undone,
    /// A person brought something back.
    Redone,
    /// An answer was decoded from the plan of this moment on a side request.
    SideAnswer,
    /// Plain decoding at the same cost was compared, with how refinement does against it.
    Shadow(ShadowStanding),
}

impl MarkKind {
    /// All kinds, those that matter most first.
    pub const ALL: [Self; 11] = [
        Self::Forked,
        Self::Chaos,
        Self::Noise,
        Self::Hand,
        Self::Undone,
        Self::Redone,
        Self::SideAnswer,
        Self::Shadow(ShadowStanding::Losing),
        Self::Shadow(ShadowStanding::Winning),
        Self::Shadow(ShadowStanding::Level),
        Self::Shadow(ShadowStanding::Unknown),
    ];

    /// Returns the words for it in a legend.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forked => "fork",
            Self::Chaos => "chaos",
            Self::Noise => "noise",
            Self::Hand => "by hand",
            Self::Undone => "undo",
            Self::Redone => "redo",
            Self::SideAnswer => "side answer",
            Self::Shadow(standing) => standing.name(),
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Mark {
    /// The event that recorded it.
    pub seq: u64,
    pub kind: MarkKind,
    /// What happened, in a few words.
    pub text: String,
}

impl Overview {
    /// Returns what happened in the iteration at this place: before its decision and after the one before it.
    /// With the last one also stands what happened since.
    pub fn marks_at(&self, at: usize) -> impl Iterator<Item = &Mark> {
        let own = self.own_marks(at);
        let last = at + 1 == self.iterations.len();
        own.iter().chain(self.since.iter().filter(move |_| last))
    }

    /// Returns the kinds of marks that there are, those that matter most first.
    pub fn mark_kinds(&self) -> impl Iterator<Item = MarkKind> {
        let is_there = |kind: &MarkKind| self.marks().any(|mark| mark.kind == *kind);
        MarkKind::ALL.into_iter().filter(is_there)
    }

    /// Returns what happened in the iteration at this place, without what happened since.
    pub fn own_marks(&self, at: usize) -> &[Mark] {
        self.marks.get(at).map_or(&[], Vec::as_slice)
    }

    /// Returns all marks, those of the first iteration first.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().flatten().chain(&self.since)
    }

    /// Marks the event of a record, if it is something that is marked.
    pub(super) fn mark(&mut self, record: &Record) {
        let Some((kind, text)) = self.marked(&record.event) else { return };
        let mark = Mark { seq: record.seq, kind, text };
        let mut place = None;
        if let Event::Shadowed { point } = &record.event {
            place = self.iterations.iter().rposition(|iteration| iteration.number == point.iteration);
        }
        if let Event::SideAnswered { from, .. } = &record.event {
            // It stands with the plan that was answered from, not with the moment at which that was asked.
            place = self.iteration_at(*from as usize + 1);
        }
        match place.and_then(|at| self.marks.get_mut(at)) {
            Some(own) => own.push(mark),
            None => self.since.push(mark),
        }
    }

    /// Returns the kind of an event that is marked, and what happened in a few words.
    pub(crate) fn marked(&self, event: &Event) -> Option<(MarkKind, String)> {
        let what = |seq: u64| {
            let known = self.marks().find(|mark| mark.seq == seq);
            known.map_or_else(|| format!("event {seq}"), |mark| mark.text.clone())
        };
        Some(match event {
            Event::HumanEdited { edit } => (MarkKind::Hand, edit.summary()),
            Event::CandidateEdited { candidate } => {
                (MarkKind::Hand, format!("candidate {} edited by hand", candidate.index + 1))
            }
            Event::Ruled { candidate, accept } => {
                let word = if *accept { "accepted" } else { "vetoed" };
                (MarkKind::Hand, format!("candidate {} {word}", candidate + 1))
            }
            Event::Undone { change, .. } => (MarkKind::Undone, format!("taken back: {}", what(*change))),
            Event::Redone { change, .. } => (MarkKind::Redone, format!("brought back: {}", what(*change))),
            Event::Noised { spec, scheduled, .. } => {
                let kind = if *scheduled { MarkKind::Chaos } else { MarkKind::Noise };
                (kind, format!("{}: {} {}", kind.name(), spec.kind, spec.strength))
            }
            Event::Forked { parent, at, .. } => {
                (MarkKind::Forked, format!("fork of {parent} after event {at}"))
            }
            Event::SideAnswered { from, .. } => (MarkKind::SideAnswer, format!("answered from event {from}")),
            Event::Shadowed { point } => (MarkKind::Shadow(point.standing()), point.words()),
            Event::Started { .. }
            | Event::ModelReady { .. }
            | Event::PhaseBegan { .. }
            | Event::Paused { .. }
            | Event::RefinementEnded { .. }
            | Event::Ended { .. }
            | Event::Answered { .. }
            | Event::Judged { .. }
            | Event::GateSet { .. }
            | events!(Call | Refinement | Setting) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Edit, NoiseKind, NoiseSpec};
    use session::{Answer, Judgement, Ruling, Score, ScorePart, Settings, Subject, Verdict};

    fn overview(events: Vec<Event>) -> Overview {
        let record = |(seq, event)| Record { seq: seq as u64, at_ms: 0, event };
        Overview::of(&events.into_iter().enumerate().map(record).collect::<Vec<_>>())
    }

    fn scored() -> Event {
        let part = ScorePart {
            name: "checker".into(),
            value: Some(0.5),
            weight: 1.0,
            stderr: None,
            cost: model::Cost::default(),
            skipped: false,
            detail: String::new(),
        };
        Event::Scored { subject: Subject::Incumbent, score: Score::from_parts(vec![part]) }
    }

    fn decided() -> Event {
        let (before, after, probability, draw) = (None, None, None, None);
        let (ruling, reason) = (Ruling::Reject, String::new());
        Event::Decided {
            verdicts: vec![Verdict {
                candidate: 0,
                ruling,
                reason,
                before,
                after,
                probability,
                draw,
                control: None,
            }],
        }
    }

    fn noise(scheduled: bool) -> Event {
        let spec = NoiseSpec::new(NoiseKind::Mask, 0.5, 7);
        Event::Noised { spec, edit: Edit::Batch { edits: Vec::new() }, scheduled }
    }

    fn side(from: u64) -> Event {
        let answer = Answer {
            text: String::new(),
            value: None,
            cite: false,
            plan: None,
            coverage: Vec::new(),
            truncated: false,
            poll: None,
            extended: 0,
            style: None,
            evaluated: None,
            unsupported: false,
        };
        Event::SideAnswered { from, answer, judgement: Judgement::NoGold }
    }

    fn texts(overview: &Overview, at: usize) -> Vec<&str> {
        overview.marks_at(at).map(|mark| mark.text.as_str()).collect()
    }

    #[test]
    fn a_mark_stands_with_the_iteration_that_it_came_before_the_end_of() {
        let forked = Event::Forked { parent: "first".into(), at: 2, settings: Box::new(Settings::default()) };
        let edit = Edit::Batch { edits: Vec::new() };
        let undone = Event::Undone { change: 3, edit };
        let events = vec![scored(), decided(), forked, noise(false), decided(), undone, noise(true)];
        let marked = overview(events);
        assert!(texts(&marked, 0).is_empty() && texts(&marked, 1).is_empty());
        // Nothing was decided since the last two, so they stand with the last iteration for now.
        assert_eq!(
            texts(&marked, 2),
            [
                "fork of first after event 2",
                "noise: mask 0.5",
                "taken back: noise: mask 0.5",
                "chaos: mask 0.5"
            ]
        );
        assert_eq!(marked.since.len(), 2);
        let kinds: Vec<MarkKind> = marked.mark_kinds().collect();
        assert_eq!(kinds, [MarkKind::Forked, MarkKind::Chaos, MarkKind::Noise, MarkKind::Undone]);
    }

    #[test]
    fn a_side_answer_stands_with_the_plan_that_it_came_from() {
        let marked = overview(vec![scored(), decided(), decided(), side(1)]);
        assert_eq!(texts(&marked, 1), ["answered from event 1"]);
        assert!(texts(&marked, 2).is_empty());
    }
}
