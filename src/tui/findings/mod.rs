//! What is wrong with the session: what its record shows by itself, and what the model says about a moment when it is
//! asked.

mod draw;
mod readings;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    commands::CommandError, jobs::Job, look::Popup, model::Model, msg::Effect, notices::Level, press::fail,
    update::go_to,
};
use diagnose::{
    CheckDoc,
    examiner::{Means, News, Told},
    experiment::{self, EXPERIMENTS, Forecast},
    losses::Stages,
    passive,
};
use model::Progress;
use plan::ItemId;
use session::{Event, Finding, FindingVerdict, Record, Replay, State};

pub use draw::draw;

/// Events from which on a record is too long to be checked in the background.
const TOO_LONG: usize = 200_000;
/// Events up to which a live run is checked after every iteration.
const LIVE: usize = 20_000;

/// What is known of the session's faults.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What the record shows.
    passive: Vec<Finding>,
    /// Which stages of the run are right, where it is over. *Oracle*.
    stages: Option<Stages>,
    /// Up to which position it was looked through; why it was not, in a sentence.
    looked: Option<Result<usize, String>>,
    /// Up to which position it is being looked through.
    looking: Option<usize>,
    /// Experiments that were asked for, the last one of each.
    asked: Vec<Asked>,
    /// The check under the cursor.
    selected: Option<String>,
    /// Checks whose fault was announced.
    told: HashSet<String>,
    /// The checks that find fault with an item.
    flags: HashMap<ItemId, Vec<String>>,
    /// Events that show a fault, in order, and which check finds it.
    places: Vec<(u64, String)>,
}

/// What a record shows up to some position.
#[derive(Debug, Clone)]
pub struct Read {
    findings: Vec<Finding>,
    stages: Option<Stages>,
}

/// An experiment that was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    check: &'static str,
    /// The position that it is about.
    moment: usize,
    standing: Standing,
}

/// How far an experiment is.
#[derive(Debug, Clone)]
enum Standing {
    Waits,
    Asks { forecast: Option<Forecast>, progress: Option<String> },
    Found(Box<Finding>),
    Failed(String),
}

impl Standing {
    fn is_underway(&self) -> bool {
        match self {
            Self::Waits | Self::Asks { .. } => true,
            Self::Found(_) | Self::Failed(_) => false,
        }
    }

    fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Found(finding) => Some(finding),
            Self::Waits | Self::Asks { .. } | Self::Failed(_) => None,
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy)]
enum Row<'a> {
    /// What was found, and about which position where the model was asked.
    Found(&'a Finding, Option<usize>),
    /// An experiment that has found nothing yet.
    Asked(&'a Asked),
    /// An experiment that nobody asked for yet.
    Unasked(CheckDoc),
}

impl Row<'_> {
    fn check(&self) -> &str {
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
    fn rows(&self) -> Vec<Row<'_>> {
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

    fn place(&self, rows: &[Row<'_>]) -> usize {
        let selected = self.selected.as_deref();
        rows.iter().position(|row| Some(row.check()) == selected).unwrap_or(0)
    }

    /// Returns the faults that are known, in no order.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        let told = self.asked.iter().filter_map(|asked| asked.standing.finding());
        self.passive.iter().chain(told).filter(|finding| finding.verdict == FindingVerdict::Fault)
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

    /// Brings up to date what is derived from the findings.
    fn settle(&mut self) {
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
    fn is_asked(&self, check: &str) -> bool {
        self.asked.iter().any(|asked| asked.check == check && asked.standing.is_underway())
    }

    /// Returns what `check` found where the model was asked.
    fn of(&self, check: &str) -> Option<&Finding> {
        self.asked.iter().find(|asked| asked.check == check).and_then(|asked| asked.standing.finding())
    }
}

/// Opens the list, or closes it.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if model.look.popup == Some(Popup::Findings) {
        model.look.popup = None;
        return Vec::new();
    }
    model.look.popup = Some(Popup::Findings);
    model.look.popup_scroll = 0;
    look(model)
}

/// Has the record checked up to the current position, unless it was.
pub(super) fn look(model: &mut Model) -> Vec<Effect> {
    wanted(model).map(Effect::Begin).into_iter().collect()
}

/// Returns the job of checking the record up to the current position, unless that was done.
pub(super) fn wanted(model: &mut Model) -> Option<Job> {
    let position = model.replay.position();
    let findings = &mut model.findings;
    if matches!(findings.looked, Some(Ok(looked)) if looked == position) || findings.looking == Some(position)
    {
        return None;
    }
    if position > TOO_LONG {
        findings.looked = Some(Err(format!(
            "{position} events are too many to check in the background; use planscope diagnose."
        )));
        return None;
    }
    findings.looking = Some(position);
    Some(Job::Look(position))
}

/// Whether an event may change the findings, so that a live run is checked after it.
pub(super) fn may_change(event: &Event) -> bool {
    matches!(event, Event::Decided { .. } | Event::Answered { .. } | Event::Ended { .. })
}

/// Has a live run checked, where the newest moment is shown.
pub(super) fn follow(model: &mut Model) -> Vec<Effect> {
    if model.replay.at_end() && model.replay.len() <= LIVE { look(model) } else { Vec::new() }
}

/// Returns what the record shows up to `position`, and of a run that is over there, what gold does. Reads from disk.
///
/// # Errors
/// When an event cannot be read, in a sentence.
pub(super) fn look_through(
    replay: &Replay,
    means: Option<&dyn Means>,
    position: usize,
) -> Result<Box<Read>, String> {
    let failed = |error: session::ReadError| format!("The record cannot be looked through: {error}.");
    let mut walk = replay.walk(0..position).map_err(failed)?;
    let mut records = Vec::with_capacity(position);
    while let Some((_, record)) = walk.step().map_err(failed)? {
        records.push(record.clone());
    }
    let findings = passive::look(&records, walk.state(), |_| true);
    Ok(Box::new(Read { findings, stages: means.and_then(|means| stages(means, &records, walk.state())) }))
}

/// Without the problem, as where its file is gone, nothing is available.
fn stages(means: &dyn Means, records: &[Record], state: &State) -> Option<Stages> {
    state.outcome.as_ref()?;
    state.problem.as_ref().filter(|card| card.has_gold)?;
    Stages::of(&means.problem(state).ok()?, records).filter(Stages::are_known)
}

/// Stores what the record shows up to `position`; a new fault is announced.
pub(super) fn looked(model: &mut Model, position: usize, found: Result<Box<Read>, String>) {
    model.findings.looking = None;
    match found {
        Ok(found) => {
            let Read { findings, stages } = *found;
            (model.findings.passive, model.findings.looked) = (findings, Some(Ok(position)));
            model.findings.stages = stages;
        }
        Err(why) => model.findings.looked = Some(Err(why)),
    }
    model.findings.settle();
    if model.engine().is_some() {
        announce(model);
    }
}

fn announce(model: &mut Model) {
    let is_new = |fault: &&Finding| !model.findings.told.contains(&fault.check);
    let new = model.findings.faults().filter(is_new).min_by_key(|fault| fault.rank());
    let Some((check, sentence)) = new.map(|fault| (fault.check.clone(), fault.sentence.clone())) else {
        return;
    };
    let key = model.keymap.labels("findings").first().cloned().unwrap_or_else(|| ":findings".to_owned());
    model.findings.told.insert(check);
    model.notices.say(Level::Warning, format!("{sentence} {key} shows all findings."), model.now);
}

/// Asks the model for an experiment on the current position.
///
/// # Errors
/// When there is no such experiment, or it is running.
pub fn ask(model: &mut Model, check: &str) -> Result<Vec<Effect>, CommandError> {
    let Some(experiment) = experiment::find(check) else {
        let names: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.doc().name).collect();
        return Err(CommandError::NotNow(format!("The model can be asked for {}.", names.join(", "))));
    };
    let check = experiment.doc().name;
    if model.findings.is_asked(check) {
        return Err(CommandError::NotNow(format!("The model is being asked for {check} already.")));
    }
    if model.state().incumbent.is_none() {
        return Err(CommandError::NotNow("There is no plan at this moment to ask about.".to_owned()));
    }
    model.findings.asked.retain(|asked| asked.check != check);
    let moment = model.replay.position();
    model.findings.asked.push(Asked { check, moment, standing: Standing::Waits });
    model.findings.selected = Some(check.to_owned());
    model.look.popup = Some(Popup::Findings);
    let mut effects = look(model);
    effects.push(Effect::Examine(check));
    Ok(effects)
}

/// Takes in how an experiment is getting on.
pub(super) fn take_in(model: &mut Model, told: Told) {
    let asked = model.findings.asked.iter_mut().find(|asked| asked.check == told.check);
    let Some(asked) = asked else { return };
    let forecast = if let Standing::Asks { forecast, .. } = &asked.standing { *forecast } else { None };
    asked.standing = match told.news {
        News::Asks(forecast) => Standing::Asks { forecast: Some(forecast), progress: None },
        News::Progress(progress) => Standing::Asks { forecast, progress: words(&progress) },
        News::Found(finding) => Standing::Found(finding),
        News::Failed(why) => {
            let text = format!("{}: {why}", asked.check);
            asked.standing = Standing::Failed(why);
            return fail(model, &text);
        }
    };
    if let Standing::Found(finding) = &asked.standing {
        let text = format!("{}: {}", finding.check, finding.sentence);
        model.findings.told.insert(told.check.to_owned());
        model.findings.settle();
        model.notices.say(Level::Info, text, model.now);
    }
}

/// Returns how far a call is, in words.
fn words(progress: &Progress) -> Option<String> {
    match progress {
        Progress::Waiting { why } => Some(format!("waits: {why}")),
        Progress::Loading { share } => Some(format!("is loaded, {:.0} %", share * 100.0)),
        Progress::Prefill { done, total } => Some(format!("reads {done} of {total} tokens")),
        Progress::Thinking(_) => Some("thinks".to_owned()),
        Progress::Text(_) => Some("writes".to_owned()),
    }
}

/// Returns the keys that matter in the list.
pub fn hints() -> Vec<(String, &'static str)> {
    let keys = [
        ("enter", "ask, or go there"),
        ("r", "ask again"),
        ("x", "give up"),
        ("↑ ↓", "choose"),
        ("esc", "close"),
        ("pgdn", "more"),
    ];
    keys.map(|(key, word)| (key.to_owned(), word)).to_vec()
}

/// Takes in a key while the list is open; none where it was not meant for it.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    if model.look.popup != Some(Popup::Findings) || key.modifiers.contains(KeyModifiers::CONTROL) {
        return None;
    }
    let doing = KEYS.iter().find(|(code, _)| *code == key.code).map(|(_, doing)| *doing)?;
    Some(doing(model))
}

/// What a key does in the list.
type Doing = fn(&mut Model) -> Vec<Effect>;

const KEYS: [(KeyCode, Doing); 9] = [
    (KeyCode::Up, |model| step(model, -1)),
    (KeyCode::Char('k'), |model| step(model, -1)),
    (KeyCode::Down, |model| step(model, 1)),
    (KeyCode::Char('j'), |model| step(model, 1)),
    (KeyCode::PageUp, |model| scroll(model, -1)),
    (KeyCode::PageDown, |model| scroll(model, 1)),
    (KeyCode::Enter, enter),
    (KeyCode::Char('r'), again),
    (KeyCode::Char('x'), give_up),
];

fn step(model: &mut Model, step: isize) -> Vec<Effect> {
    let rows = model.findings.rows();
    let place = model.findings.place(&rows).saturating_add_signed(step).min(rows.len().saturating_sub(1));
    let chosen = rows.get(place).map(|row| row.check().to_owned());
    model.findings.selected = chosen;
    model.look.popup_scroll = 0;
    Vec::new()
}

fn scroll(model: &mut Model, pages: isize) -> Vec<Effect> {
    let max = model.extents.popup.max;
    let step = pages * (model.extents.popup.page / 2).max(1) as isize;
    model.look.popup_scroll = model.look.popup_scroll.min(max).saturating_add_signed(step).min(max);
    Vec::new()
}

/// What the row under the cursor is for, as far as keys care.
enum Chosen {
    Event(u64),
    Experiment(String),
    Nothing,
}

fn chosen(model: &Model) -> Chosen {
    let rows = model.findings.rows();
    match rows.get(model.findings.place(&rows)) {
        Some(Row::Found(Finding { at: Some(at), .. }, _)) => Chosen::Event(*at),
        Some(row) if experiment::find(row.check()).is_some() => Chosen::Experiment(row.check().to_owned()),
        Some(_) | None => Chosen::Nothing,
    }
}

/// Goes to the event that shows what was found; asks where nothing was found yet.
fn enter(model: &mut Model) -> Vec<Effect> {
    match chosen(model) {
        Chosen::Event(seq) => {
            model.look.popup = None;
            go_to(model, seq);
            Vec::new()
        }
        Chosen::Experiment(check) if model.findings.of(&check).is_none() => try_ask(model, &check),
        Chosen::Experiment(check) => {
            let moment =
                model.findings.asked.iter().find(|asked| asked.check == check).map(|asked| asked.moment);
            model.look.popup = None;
            model.replay.seek(moment.unwrap_or_else(|| model.replay.position()));
            Vec::new()
        }
        Chosen::Nothing => {
            model.notices.say(
                Level::Info,
                "This finding is about the whole record, not one event.",
                model.now,
            );
            Vec::new()
        }
    }
}

fn again(model: &mut Model) -> Vec<Effect> {
    let rows = model.findings.rows();
    let check = rows.get(model.findings.place(&rows)).map(|row| row.check().to_owned()).unwrap_or_default();
    if experiment::find(&check).is_some() {
        return try_ask(model, &check);
    }
    let text = format!("{check} is read off the record; it follows the current position by itself.");
    model.notices.say(Level::Info, text, model.now);
    Vec::new()
}

fn try_ask(model: &mut Model, check: &str) -> Vec<Effect> {
    ask(model, check).unwrap_or_else(|error| {
        model.notices.say(Level::Warning, error.to_string(), model.now);
        Vec::new()
    })
}

fn give_up(model: &mut Model) -> Vec<Effect> {
    let rows = model.findings.rows();
    match rows.get(model.findings.place(&rows)) {
        Some(Row::Asked(asked)) if asked.standing.is_underway() => vec![Effect::GiveUp(asked.check)],
        Some(_) | None => Vec::new(),
    }
}
