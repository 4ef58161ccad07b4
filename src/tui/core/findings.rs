//! What is known to be wrong with the session: what its record shows, and what the model found when it was asked.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use diagnose::{
    CheckDoc,
    experiment::{EXPERIMENTS, Forecast},
    losses::Stages,
    passive,
    runner::ModelProvider,
};
use plan::ItemId;
use session::{Finding, FindingVerdict, Record, State, replay::Replay};

/// What is known of the session's faults.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What the record shows.
    pub passive: Vec<Finding>,
    /// Which stages of the run are right, where it is over. *Oracle*.
    pub stages: Option<Stages>,
    /// Up to which position it was looked through; why it was not, in a sentence.
    pub looked: Option<Result<usize, String>>,
    /// Up to which position it is being looked through.
    pub looking: Option<usize>,
    /// Experiments that were asked for, the last one of each.
    pub asked: Vec<Asked>,
    /// The check under the cursor.
    pub selected: Option<String>,
    /// Checks whose fault was announced.
    pub reported: HashSet<String>,
    /// The checks that find fault with an item.
    flags: HashMap<ItemId, Vec<String>>,
    /// Events that show a fault, in order, and which check finds it.
    places: Vec<(u64, String)>,
}

/// What a record shows up to some position.
#[derive(Debug, Clone)]
pub struct Read {
    /// What is wrong, or cannot be decided.
    pub findings: Vec<Finding>,
    /// Which stages of the run are right, where it is over. *Oracle*.
    pub stages: Option<Stages>,
}

/// An experiment that was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its name.
    pub check: &'static str,
    /// The position that it is about.
    pub moment: usize,
    /// How far it is.
    pub standing: Standing,
}

/// How far an experiment is.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It waits for the model.
    Waits,
    /// The model is being asked.
    Asks {
        /// What it will cost.
        forecast: Option<Forecast>,
        /// How far the call is, in words.
        progress: Option<String>,
    },
    /// It is over.
    Found(Box<Finding>),
    /// It failed, with a sentence that says why.
    Failed(String),
}

impl Standing {
    /// Returns whether it is neither over nor failed.
    pub fn is_underway(&self) -> bool {
        match self {
            Self::Waits | Self::Asks { .. } => true,
            Self::Found(_) | Self::Failed(_) => false,
        }
    }

    /// Returns what it found.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Found(finding) => Some(finding),
            Self::Waits | Self::Asks { .. } | Self::Failed(_) => None,
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// What was found, and about which position where the model was asked.
    Found(&'a Finding, Option<usize>),
    /// An experiment that has found nothing yet.
    Asked(&'a Asked),
    /// An experiment that nobody asked for yet.
    Unasked(CheckDoc),
}

impl Row<'_> {
    /// Returns the name of the check.
    pub fn check(&self) -> &str {
        match self {
            Self::Found(finding, _) => &finding.check,
            Self::Asked(asked) => asked.check,
            Self::Unasked(doc) => doc.name,
        }
    }

    /// Faults come first, then what is running, unknowns, passed checks, and what nobody asked.
    fn rank(&self) -> u8 {
        match self {
            Self::Found(finding, _) if finding.verdict == FindingVerdict::Fault => finding.rank(),
            Self::Asked(_) => 2,
            Self::Found(finding, _) => 3 + finding.rank(),
            Self::Unasked(_) => u8::MAX,
        }
    }
}

impl Findings {
    /// Returns the rows of the list, what matters most first.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = self.passive.iter().map(|finding| Row::Found(finding, None)).collect();
        for experiment in EXPERIMENTS {
            let doc = experiment.doc();
            rows.push(match self.asked.iter().find(|asked| asked.check == doc.name) {
                Some(Asked { standing: Standing::Found(finding), moment, .. }) => {
                    Row::Found(finding, Some(*moment))
                }
                Some(asked) => Row::Asked(asked),
                None => Row::Unasked(doc),
            });
        }
        rows.sort_by_key(Row::rank);
        rows
    }

    /// Returns which of `rows` is under the cursor.
    pub fn place(&self, rows: &[Row<'_>]) -> usize {
        let selected = self.selected.as_deref();
        rows.iter().position(|row| Some(row.check()) == selected).unwrap_or(0)
    }

    /// Returns the faults that are known, in no order.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        let reported = self.asked.iter().filter_map(|asked| asked.standing.finding());
        self.passive.iter().chain(reported).filter(|finding| finding.verdict == FindingVerdict::Fault)
    }

    /// Returns which stages of the run are right; `None` at a moment before its end. *Oracle*.
    pub fn stages(&self, state: &State) -> Option<&Stages> {
        self.stages.as_ref().filter(|_| state.outcome.is_some())
    }

    /// Returns the checks that find fault with `item`.
    pub fn flags(&self, item: ItemId) -> &[String] {
        self.flags.get(&item).map_or(&[], Vec::as_slice)
    }

    /// Returns the checks whose fault shows at an event in `events`.
    pub fn at(&self, events: Range<u64>) -> impl Iterator<Item = &str> {
        let first = self.places.partition_point(|(at, _)| *at < events.start);
        self.places[first..]
            .iter()
            .take_while(move |(at, _)| *at < events.end)
            .map(|(_, check)| check.as_str())
    }

    /// Returns the events at which a fault shows, in order.
    pub fn places(&self) -> impl Iterator<Item = u64> {
        self.places.iter().map(|(at, _)| *at)
    }

    /// Brings up to date what is derived from the findings.
    pub fn settle(&mut self) {
        let mut flags: HashMap<ItemId, Vec<String>> = HashMap::new();
        let mut places = Vec::new();
        for fault in self.faults() {
            for item in &fault.items {
                flags.entry(*item).or_default().push(fault.check.clone());
            }
            places.extend(fault.at.map(|at| (at, fault.check.clone())));
        }
        places.sort();
        (self.flags, self.places) = (flags, places);
    }

    /// Returns whether the model is being asked.
    pub fn underway(&self) -> bool {
        self.asked.iter().any(|asked| asked.standing.is_underway())
    }

    /// Returns whether the model is being asked for `check`.
    pub fn is_asked(&self, check: &str) -> bool {
        self.asked.iter().any(|asked| asked.check == check && asked.standing.is_underway())
    }

    /// Returns the position about which the model was asked for `check`.
    pub fn moment_of(&self, check: &str) -> Option<usize> {
        self.asked.iter().find(|asked| asked.check == check).map(|asked| asked.moment)
    }

    /// Returns what `check` found where the model was asked.
    pub fn of(&self, check: &str) -> Option<&Finding> {
        self.asked.iter().find(|asked| asked.check == check).and_then(|asked| asked.standing.finding())
    }
}

/// Returns what the record shows up to `position`, and of a run that is over there, what gold does. Reads from disk.
///
/// # Errors
/// When an event cannot be read, in a sentence.
pub fn look_through(
    replay: &Replay,
    means: Option<&dyn ModelProvider>,
    position: usize,
) -> Result<Box<Read>, String> {
    let failed = |error: session::ReadError| format!("The record cannot be looked through: {error}.");
    let (records, state) = replay.read_up_to(position).map_err(failed)?;
    let findings = passive::look(&records, &state, |_| true);
    Ok(Box::new(Read { findings, stages: means.and_then(|means| stages(means, &records, &state)) }))
}

/// Without the problem, as where its file is gone, nothing is available.
fn stages(means: &dyn ModelProvider, records: &[Record], state: &State) -> Option<Stages> {
    state.outcome.as_ref()?;
    state.problem.as_ref().filter(|card| card.has_gold)?;
    Stages::of(&means.problem(state).ok()?, records).filter(Stages::are_known)
}
