//! A cursor over recorded events that goes both ways.

mod walk;

use std::sync::Arc;

use super::{
    event::{Event, Phase, Record},
    journal::Journal,
    reader::ReadError,
    record_buffer::{Head, RecordBuffer},
    state::State,
};

/// Events between two kept states at first; it doubles as the session grows.
const SPACING: usize = 64;
/// The most states that are kept.
const MOST_CHECKPOINTS: usize = 1_024;
/// How many stretches between kept states may be read at once while the record is read in the background.
const AT_ONCE: usize = 2;

pub use walk::Walk;

/// Events with a cursor among them and the [`State`] at the cursor.
///
/// A *position* is a number of events: at position p the first p are applied, so 0 is before everything and
/// [`len`](Self::len) is the end. Going forwards applies events; going backwards starts from the nearest
/// kept state before. States are kept at even distances wherever the cursor has been, at most about a thousand
/// of them. Events can be added at the end during a run; the cursor stays where it is.
///
/// The events of a [`Journal`] are read from disk around the cursor only. The first time that the cursor goes far,
/// all events on the way are read; where that takes too long, a copy reads them elsewhere, this one
/// [learns](Self::learn) the states from it, and a far seek waits until then
/// ([`read_beside`](Self::read_beside)).
#[derive(Debug, Clone)]
pub struct Replay {
    buffer: RecordBuffer,
    /// Holds the event before the cursor.
    head: Head,
    /// Why the events end before the buffer does.
    fault: Option<Arc<ReadError>>,
    len: usize,
    state: State,
    position: usize,
    /// The state at `index * spacing`, without gaps from 0 on.
    checkpoints: Vec<State>,
    spacing: usize,
    starts: Vec<(usize, Phase, u32)>,
    phases: Vec<usize>,
    iterations: Vec<usize>,
    stretch: Stretch,
    /// Where the cursor is to go once the events on the way are read; absent while it goes anywhere at once.
    waits: Option<Option<usize>>,
}

impl Default for Replay {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// What belongs together when whole iterations are stepped over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stretch {
    #[default]
    Load,
    Draft,
    Iteration(u32),
    Answer,
    Done,
}

impl Stretch {
    fn of(phase: Phase, iteration: u32) -> Self {
        match phase {
            Phase::Load => Self::Load,
            Phase::Draft | Phase::ScoreDraft => Self::Draft,
            Phase::Propose | Phase::Score | Phase::Decide => Self::Iteration(iteration),
            Phase::TieBreak | Phase::Rescore | Phase::Answer => Self::Answer,
            Phase::Done => Self::Done,
        }
    }
}

impl Replay {
    /// Returns a cursor before the first of `records`, which are numbered from 0 without gaps.
    pub fn new(records: Vec<Record>) -> Self {
        let mut replay = Self::sized(records.len());
        for record in records {
            replay.push(record);
        }
        replay
    }

    /// Returns a cursor before the first event of `journal`.
    pub fn of(journal: Journal) -> Self {
        let mut replay = Self::sized(journal.len());
        for &(at, phase, iteration) in journal.phases() {
            replay.phase_begins(at, phase, iteration);
        }
        replay.len = journal.len();
        replay.buffer = RecordBuffer::of(journal);
        replay
    }

    /// Returns an empty one for about `len` events.
    fn sized(len: usize) -> Self {
        // As wide as it will become anyway, so that no state of a long session is kept only to be dropped.
        let spacing = SPACING.max((len / (MOST_CHECKPOINTS / 2)).next_power_of_two());
        Self {
            buffer: RecordBuffer::default(),
            head: Head::default(),
            fault: None,
            len: 0,
            state: State::default(),
            position: 0,
            checkpoints: vec![State::default()],
            spacing,
            starts: Vec::new(),
            phases: Vec::new(),
            iterations: Vec::new(),
            stretch: Stretch::default(),
            waits: None,
        }
    }

    /// Reads far ahead no more: where events on the way are not read yet, a seek waits for them to be
    /// [learned](Self::learn). Returns a copy that reads them.
    pub fn read_beside(&mut self) -> Self {
        let mut reader = self.clone();
        reader.waits = None;
        reader.seek(0);
        self.waits = Some(None);
        reader
    }

    /// Goes anywhere at once from now on, though nothing reads in the background.
    pub fn read_alone(&mut self) {
        self.waits = None;
    }

    /// Returns how many of the events are read, and their states at hand, while they are read in the background.
    pub fn is_read_to(&self) -> Option<usize> {
        self.waits.map(|_| self.known())
    }

    /// Returns where the cursor will go once the events on the way are read.
    pub fn heads_for(&self) -> Option<usize> {
        self.waits.flatten()
    }

    /// Takes over the states that `reader`, a copy of this, came past, and goes where the cursor was to go as soon as
    /// that is near. Once the reader is at its end, the cursor goes anywhere at once again.
    pub fn learn(&mut self, reader: &Self) {
        if reader.spacing == self.spacing {
            let new = reader.checkpoints.get(self.checkpoints.len()..).unwrap_or_default();
            self.checkpoints.extend_from_slice(new);
        }
        if let Some(fault) = &reader.fault {
            self.len = self.len.min(reader.len);
            self.fault = Some(Arc::clone(fault));
        }
        let wish = self.heads_for();
        if reader.at_end() {
            self.waits = None;
        }
        if let Some(position) = wish {
            self.seek(position);
        }
    }

    /// Returns up to where states are kept.
    fn known(&self) -> usize {
        ((self.checkpoints.len() - 1) * self.spacing).max(self.position)
    }

    /// Adds the next event at the end. The cursor stays.
    pub fn push(&mut self, record: Record) {
        if let Event::PhaseBegan { phase, iteration } = record.event {
            self.phase_begins(self.len, phase, iteration);
        }
        self.buffer.push(record);
        self.len += 1;
    }

    fn phase_begins(&mut self, at: usize, phase: Phase, iteration: u32) {
        let stretch = Stretch::of(phase, iteration);
        self.starts.push((at, phase, iteration));
        if at > 0 {
            self.phases.push(at);
            if stretch != self.stretch {
                self.iterations.push(at);
            }
        }
        self.stretch = stretch;
    }

    /// Returns how many events there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns why the events end before those on disk do: one of them could not be read.
    pub fn fault(&self) -> Option<&ReadError> {
        self.fault.as_deref()
    }

    /// Returns how many events are applied.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns whether every event is applied.
    pub fn at_end(&self) -> bool {
        self.position == self.len
    }

    /// Returns the state after the first [`position`](Self::position) events.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the event that was applied last.
    pub fn last_applied(&self) -> Option<&Record> {
        self.head.get(&self.buffer, self.position.checked_sub(1)?)
    }

    /// Applies the next event and returns it; none at the end.
    pub fn forward(&mut self) -> Option<&Record> {
        if self.advance(1) { self.last_applied() } else { None }
    }

    /// Applies the next event, where there is one; about `ahead` will follow.
    fn advance(&mut self, ahead: usize) -> bool {
        if self.at_end() {
            return false;
        }
        if let Err(error) = self.head.load(&self.buffer, self.position, ahead) {
            self.len = self.position;
            self.fault = Some(Arc::new(error));
            return false;
        }
        let Some(record) = self.head.get(&self.buffer, self.position) else { return false };
        self.state.apply(record);
        self.position += 1;
        if self.position == self.checkpoints.len() * self.spacing {
            self.checkpoints.push(self.state.clone());
            if self.checkpoints.len() > MOST_CHECKPOINTS {
                self.thin_out();
            }
        }
        true
    }

    /// Takes the last applied event back and returns whether there was one.
    pub fn backward(&mut self) -> bool {
        let Some(target) = self.position.checked_sub(1) else { return false };
        self.seek(target);
        true
    }

    /// Moves the cursor to `position`, or to the end where that lies before it; while the record is
    /// [read in the background](Self::read_beside), it may go there later.
    pub fn seek(&mut self, position: usize) {
        let target = position.min(self.len);
        if let Some(wish) = &mut self.waits {
            *wish = None;
            if target > self.known() + AT_ONCE * self.spacing {
                self.waits = Some(Some(target));
                return;
            }
        }
        let start = self.kept_before(target);
        if target < self.position || start > self.position {
            self.state.clone_from(&self.checkpoints[start / self.spacing]);
            self.position = start;
        }
        while self.position < target && self.advance(target - self.position) {}
    }

    /// Returns where each phase begins, which one it is, and its iteration, in order.
    pub fn phase_starts(&self) -> &[(usize, Phase, u32)] {
        &self.starts
    }

    /// Moves the cursor `events` further, or to the end where that comes before, and shows each event on the way.
    pub fn go_on(&mut self, events: usize, mut each: impl FnMut(&Record)) {
        let target = self.position.saturating_add(events);
        while self.position < target.min(self.len) && self.advance(target.min(self.len) - self.position) {
            if let Some(record) = self.last_applied() {
                each(record);
            }
        }
    }

    /// Returns the positions between two phases, in order: everything of the phase before is applied.
    pub fn phase_boundaries(&self) -> &[usize] {
        &self.phases
    }

    /// Returns the positions between loading, draft, each iteration, answer and end, in order.
    pub fn iteration_boundaries(&self) -> &[usize] {
        &self.iterations
    }

    /// Returns where the phase at the cursor ends: the next boundary, or the end.
    pub fn next_phase(&self) -> usize {
        after(&self.phases, self.position).unwrap_or(self.len)
    }

    /// Returns the last phase boundary before the cursor, or the beginning.
    pub fn previous_phase(&self) -> usize {
        before(&self.phases, self.position)
    }

    /// Returns where the iteration at the cursor ends: the next boundary, or the end.
    pub fn next_iteration(&self) -> usize {
        after(&self.iterations, self.position).unwrap_or(self.len)
    }

    /// Returns the last iteration boundary before the cursor, or the beginning.
    pub fn previous_iteration(&self) -> usize {
        before(&self.iterations, self.position)
    }

    /// Returns the last position before `position` whose state is kept, or the beginning.
    pub fn kept_before(&self, position: usize) -> usize {
        let nearest = (position.saturating_sub(1) / self.spacing).min(self.checkpoints.len() - 1);
        nearest * self.spacing
    }

    /// Keeps every other state, so that memory stays bounded however long the session is.
    fn thin_out(&mut self) {
        let mut index = 0;
        self.checkpoints.retain(|_| {
            index += 1;
            index % 2 == 1
        });
        self.spacing *= 2;
    }
}

fn after(boundaries: &[usize], position: usize) -> Option<usize> {
    boundaries.get(boundaries.partition_point(|&at| at <= position)).copied()
}

fn before(boundaries: &[usize], position: usize) -> usize {
    let index = boundaries.partition_point(|&at| at < position);
    index.checked_sub(1).map_or(0, |index| boundaries[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(phases: &[(Phase, u32)]) -> Vec<Record> {
        let mut records = Vec::new();
        for &(phase, iteration) in phases {
            for event in [Event::PhaseBegan { phase, iteration }, Event::Paused { paused: true, cause: None }]
            {
                let seq = records.len() as u64;
                records.push(Record { seq, at_ms: 10 * seq, event });
            }
        }
        records
    }

    #[test]
    fn boundaries_lie_between_phases_and_iterations() {
        let mut replay = Replay::new(recorded(&[
            (Phase::Load, 0),
            (Phase::Draft, 0),
            (Phase::ScoreDraft, 0),
            (Phase::Propose, 1),
            (Phase::Score, 1),
            (Phase::Decide, 1),
            (Phase::Propose, 2),
            (Phase::Answer, 2),
        ]));
        assert_eq!(replay.phase_boundaries(), [2, 4, 6, 8, 10, 12, 14]);
        assert_eq!(replay.iteration_boundaries(), [2, 6, 12, 14]);
        replay.seek(6);
        assert_eq!((replay.next_phase(), replay.previous_phase()), (8, 4));
        assert_eq!((replay.next_iteration(), replay.previous_iteration()), (12, 2));
        replay.seek(15);
        assert_eq!((replay.next_iteration(), replay.previous_iteration()), (16, 14));
        replay.seek(1);
        assert_eq!((replay.previous_phase(), replay.previous_iteration()), (0, 0));
    }

    #[test]
    fn a_long_session_keeps_few_states_and_still_finds_every_place() {
        let phases: Vec<_> = (1..60_000).map(|iteration| (Phase::Propose, iteration)).collect();
        let records = recorded(&phases);
        let mut grown = Replay::default();
        for record in &records {
            grown.push(record.clone());
            grown.forward();
        }
        let read = Replay::new(records);
        assert!(grown.at_end() && grown.spacing > SPACING, "states were thinned out");
        for mut replay in [read, grown] {
            replay.seek(usize::MAX);
            assert!(replay.at_end());
            assert!(replay.checkpoints.len() <= MOST_CHECKPOINTS);
            for position in [0, 1, 63, 64, 65, 4_095, 4_096, 31_337, 119_998, 2, 40_000] {
                replay.seek(position);
                assert_eq!(replay.position(), position);
                assert_eq!(replay.state().events, position as u64);
                assert_eq!(replay.state().iteration as usize, position.div_ceil(2));
            }
            assert!(replay.backward());
            assert_eq!(replay.state().events, 39_999);
        }
    }

    #[test]
    fn a_cursor_goes_far_once_what_lies_between_was_read_beside_it() {
        let phases: Vec<_> = (1..2_000).map(|iteration| (Phase::Propose, iteration)).collect();
        let mut replay = Replay::new(recorded(&phases));
        let (len, spacing) = (replay.len(), replay.spacing);
        let mut reader = replay.read_beside();
        replay.seek(usize::MAX);
        assert_eq!((replay.position(), replay.heads_for(), replay.is_read_to()), (0, Some(len), Some(0)));
        // What is near can be shown meanwhile, and a newer wish takes the place of an older one.
        replay.seek(5);
        assert_eq!((replay.position(), replay.heads_for()), (5, None));
        replay.seek(9 * spacing + 3);
        reader.seek(8 * spacing + 1);
        replay.learn(&reader);
        assert_eq!((replay.position(), replay.heads_for()), (9 * spacing + 3, None));
        replay.seek(usize::MAX);
        assert_eq!(replay.heads_for(), Some(len));
        reader.seek(usize::MAX);
        replay.learn(&reader);
        assert!(replay.at_end() && replay.heads_for().is_none() && replay.is_read_to().is_none());
        assert_eq!(replay.state().events, len as u64);
        replay.seek(77);
        assert_eq!((replay.position(), replay.state().events), (77, 77));
    }

    #[test]
    fn events_can_be_added_behind_the_cursor() {
        let mut replay = Replay::new(Vec::new());
        assert!(replay.is_empty() && replay.at_end() && !replay.backward());
        for record in recorded(&[(Phase::Draft, 0)]) {
            replay.push(record);
        }
        assert_eq!((replay.position(), replay.len()), (0, 2));
        assert_eq!(replay.forward().map(|record| record.seq), Some(0));
        assert_eq!(replay.state().phase, Phase::Draft);
        assert_eq!(replay.last_applied().map(|record| record.seq), Some(0));
    }
}
