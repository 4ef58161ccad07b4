//! The collection of probes of a run.

use std::fmt;

use serde::Serialize;

use super::{
    definition::{Definition, ProbeCommand, Which},
    error::ProbeError,
    trigger::{TriggerState, fires, kinds},
    variables::Moment,
};
use session::{EventKinds, Record, State};

/// What kind of probe was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// A breakpoint.
    Break,
    /// A catch.
    Catch,
    /// A watch.
    Watch,
    /// A log-point.
    Log,
}

impl HitKind {
    /// Returns its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Break => "break",
            Self::Catch => "catch",
            Self::Watch => "watch",
            Self::Log => "log",
        }
    }

    /// Returns whether the run pauses at it.
    pub const fn stops(self) -> bool {
        match self {
            Self::Break | Self::Catch | Self::Watch => true,
            Self::Log => false,
        }
    }
}

/// A probe that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The probe's number.
    pub number: u32,
    /// The event at which it fired.
    #[serde(rename = "event")]
    pub seq: u64,
    /// The iteration in which it fired.
    pub iteration: u32,
    /// The kind of probe.
    pub kind: HitKind,
    /// Why, with the numbers: `break 2: best - score > 0.2 (0.71 - 0.48)`.
    pub text: String,
}

/// A probe of the collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Its number, which is never given again.
    pub number: u32,
    /// What it looks for.
    pub definition: Definition,
    /// Whether it looks.
    pub enabled: bool,
    /// How often it fired, ignored times included.
    pub hits: u64,
    /// How many more times it is let pass.
    pub ignore: u64,
    memory: TriggerState,
    kinds: EventKinds,
}

impl Probe {
    fn new(number: u32, definition: Definition, state: &State) -> Self {
        let kinds = kinds(&definition);
        let memory = TriggerState::default();
        let mut probe = Self { number, definition, enabled: true, hits: 0, ignore: 0, memory, kinds };
        probe.rearm(state);
        probe
    }

    /// Takes `state` for the moment before the next event.
    fn rearm(&mut self, state: &State) {
        self.memory = TriggerState::of(&self.definition, &Moment { state, record: None });
        self.kinds = kinds(&self.definition);
    }

    /// Returns the kind of its hits.
    pub fn kind(&self) -> HitKind {
        match self.definition {
            Definition::Break { .. } => HitKind::Break,
            Definition::Catch { .. } => HitKind::Catch,
            Definition::Watch { .. } => HitKind::Watch,
            Definition::Log { .. } => HitKind::Log,
        }
    }

    fn is_temporary(&self) -> bool {
        matches!(self.definition, Definition::Break { temporary: true, .. })
    }

    fn observe(&mut self, moment: &Moment<'_>, record: &Record) -> Option<Hit> {
        if !self.enabled || !self.kinds.contains(record.event.kind()) {
            return None;
        }
        let why = fires(&self.definition, &mut self.memory, moment)?;
        self.hits += 1;
        if let Some(left) = self.ignore.checked_sub(1) {
            self.ignore = left;
            return None;
        }
        let kind = self.kind();
        let text = format!("{} {}: {why}", kind.name(), self.number);
        let iteration = moment.state.iteration;
        Some(Hit { number: self.number, seq: record.seq, iteration, kind, text })
    }
}

impl fmt::Display for Probe {
    /// Prints the probe as a line of a list.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.definition)?;
        if !self.enabled {
            write!(f, ", off")?;
        }
        match self.hits {
            0 => {}
            1 => write!(f, ", 1 hit")?,
            hits => write!(f, ", {hits} hits")?,
        }
        if self.ignore > 0 { write!(f, ", ignores the next {}", self.ignore) } else { Ok(()) }
    }
}

/// The probes of a run, by number.
///
/// Each remembers what it needs of the moment before, so events have to be shown to it in order; after a jump,
/// [`rearm`](Self::rearm) says where they continue.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probes {
    probes: Vec<Probe>,
    last_number: u32,
}

impl Probes {
    /// Does what `command` says and returns a sentence about it; `state` is the present moment, from which on
    /// new probes look.
    ///
    /// # Errors
    /// When there is no such probe, or it cannot do this.
    pub fn run(&mut self, command: ProbeCommand, state: &State) -> Result<String, ProbeError> {
        match command {
            ProbeCommand::Add(definition) => {
                let number = self.add(definition, state)?;
                self.get(number).map(|probe| format!("probe {probe}"))
            }
            ProbeCommand::Ignore { number, count } => {
                self.get_mut(number)?.ignore = count;
                Ok(format!("the next {count} hits of probe {number} are ignored"))
            }
            ProbeCommand::Enable(which) => {
                for probe in self.which_mut(which)? {
                    if !probe.enabled {
                        probe.enabled = true;
                        probe.rearm(state);
                    }
                }
                Ok(format!("{} on", subject(which)))
            }
            ProbeCommand::Disable(which) => {
                self.which_mut(which)?.iter_mut().for_each(|probe| probe.enabled = false);
                Ok(format!("{} off", subject(which)))
            }
            ProbeCommand::Delete(which) => {
                self.which_mut(which)?;
                self.probes.retain(|probe| match which {
                    Which::One(number) => probe.number != number,
                    Which::All => false,
                });
                Ok(format!("{} deleted", subject(which)))
            }
            ProbeCommand::Condition { number, condition } => {
                condition.iter().try_for_each(|condition| condition.known_in(state)).map_err(placeless)?;
                let probe = self.get_mut(number)?;
                probe.definition.set_condition(condition)?;
                probe.rearm(state);
                Ok(format!("probe {probe}"))
            }
        }
    }

    /// Adds a probe that looks from `state` on, and returns its number.
    ///
    /// # Errors
    /// When it names a scorer that the session does not know.
    pub fn add(&mut self, definition: Definition, state: &State) -> Result<u32, ProbeError> {
        definition.known_in(state).map_err(placeless)?;
        self.last_number += 1;
        self.probes.push(Probe::new(self.last_number, definition, state));
        Ok(self.last_number)
    }

    /// Returns the probes that fire at `record`, lowest number first; `state` is the state after it.
    pub fn observe(&mut self, state: &State, record: &Record) -> Vec<Hit> {
        let moment = Moment { state, record: Some(record) };
        let hits: Vec<Hit> =
            self.probes.iter_mut().filter_map(|probe| probe.observe(&moment, record)).collect();
        if !hits.is_empty() {
            let spent =
                |probe: &Probe| probe.is_temporary() && hits.iter().any(|hit| hit.number == probe.number);
            self.probes.retain(|probe| !spent(probe));
        }
        hits
    }

    /// Takes `state` for the moment before the next event, as after a jump in time.
    pub fn rearm(&mut self, state: &State) {
        self.probes.iter_mut().for_each(|probe| probe.rearm(state));
    }

    /// Returns a copy for a search through recorded events: it has what is enabled and stops, as if just
    /// defined, so that hits of the live run and of earlier searches do not count.
    #[must_use]
    pub(crate) fn for_search(&self) -> Self {
        let stops = |probe: &&Probe| probe.enabled && probe.kind().stops();
        let fresh = |probe: &Probe| {
            let mut probe = Probe { hits: 0, ignore: 0, ..probe.clone() };
            if let Definition::Break { temporary, .. } = &mut probe.definition {
                *temporary = false;
            }
            probe
        };
        Self { probes: self.probes.iter().filter(stops).map(fresh).collect(), ..self.clone() }
    }

    /// Returns all probes, lowest number first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Probe> {
        self.probes.iter()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.probes.is_empty()
    }

    /// Returns the kinds of event at which some probe looks.
    pub fn kinds(&self) -> EventKinds {
        let enabled = self.probes.iter().filter(|probe| probe.enabled);
        enabled.fold(EventKinds::empty(), |kinds, probe| kinds.union(probe.kinds))
    }

    fn get(&self, number: u32) -> Result<&Probe, ProbeError> {
        self.probes.iter().find(|probe| probe.number == number).ok_or_else(|| self.unknown(number))
    }

    fn get_mut(&mut self, number: u32) -> Result<&mut Probe, ProbeError> {
        let unknown = self.unknown(number);
        self.probes.iter_mut().find(|probe| probe.number == number).ok_or(unknown)
    }

    fn which_mut(&mut self, which: Which) -> Result<&mut [Probe], ProbeError> {
        match which {
            Which::All => Ok(&mut self.probes),
            Which::One(number) => self.get_mut(number).map(std::slice::from_mut),
        }
    }

    fn unknown(&self, number: u32) -> ProbeError {
        let numbers: Vec<String> = self.probes.iter().map(|probe| probe.number.to_string()).collect();
        let error = ProbeError::new(format!("there is no probe {number}"));
        error.with_hint(match numbers.as_slice() {
            [] => "none is defined yet".to_owned(),
            numbers => format!("there are {}", numbers.join(", ")),
        })
    }
}

/// The text of the whole command is not at hand, so a place in one of its expressions says nothing.
fn placeless(error: ProbeError) -> ProbeError {
    ProbeError { at: None, ..error }
}

fn subject(which: Which) -> String {
    match which {
        Which::One(number) => format!("probe {number} is"),
        Which::All => "all probes are".to_owned(),
    }
}
