//! Probes on the screen: what a person asks of them, the list of them, and the search for where they fire in the
//! record.
//!
//! During a run, its engine has the probes and shows each event to them as it happens; what stands here is
//! a copy. Over a record they are kept here.

mod list;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    commands::CommandError,
    format::sentence,
    jobs::{Job, JobKind},
    live::Source,
    look::Popup,
    model::Model,
    moments::Moment,
    msg::Effect,
    notices::Level,
    prompt::{Asks, Prompt},
    typing::Typing,
};
use engine::Command;
use probe::{Definition, Direction, Hit, Probe, ProbeCommand, ProbeError, Probes, Which, search::Found};

pub use list::draw;

/// What the screen knows of probes.
#[derive(Debug, Clone, Default)]
pub struct Probing {
    /// All of them.
    pub probes: Probes,
    /// The row of the list under the cursor.
    selected: usize,
    /// Which way the record is searched right now.
    seeking: Option<Direction>,
}

impl Probing {
    /// Returns whether the record is searched right now.
    pub fn is_seeking(&self) -> bool {
        self.seeking.is_some()
    }

    /// Returns whether some probe would stop.
    pub fn stops(&self) -> bool {
        self.probes.iter().any(|probe| probe.enabled && probe.kind().stops())
    }

    /// Returns the probe under the cursor of the list.
    fn selected(&self) -> Option<&Probe> {
        self.probes.iter().nth(self.selected.min(self.probes.iter().len().saturating_sub(1)))
    }
}

/// Takes over the probes of another session; returns the command for a run.
pub fn bring(model: &mut Model, mut probes: Probes) -> Option<Command> {
    if probes.is_empty() {
        return None;
    }
    probes.look_afresh(model.replay.state());
    model.probing.probes = probes.clone();
    let Source::Live(live) = &mut model.source else { return None };
    live.sent += 1;
    live.still = false;
    Some(Command::Probes(Box::new(probes)))
}

/// Adds a probe or changes some: of the live run if there is one, and of the screen otherwise.
///
/// # Errors
/// When there is no such probe, or it cannot do this.
pub fn ask(model: &mut Model, command: ProbeCommand) -> Result<Vec<Effect>, CommandError> {
    if !model.source_over() {
        return Ok(vec![Effect::Send(Command::Probe(command))]);
    }
    let said = model.probing.probes.run(command, model.replay.state()).map_err(|error| refused(&error))?;
    model.notices.say(Level::Info, sentence(&said), model.now);
    Ok(Vec::new())
}

/// Returns why a probe is refused, as a sentence.
pub fn refused(error: &ProbeError) -> CommandError {
    CommandError::NotNow(error.sentence())
}

/// Takes in what became of the probes of a run.
pub fn take_in(model: &mut Model, probes: Probes, said: Option<&str>) {
    model.probing.probes = probes;
    if let Some(said) = said {
        model.notices.say(Level::Info, sentence(said), model.now);
    }
}

/// Says that a probe of the run fired.
pub fn tell(model: &mut Model, hit: &Hit) {
    model.notices.say(Level::Info, sentence(&hit.text), model.now);
}

/// Looks through the record for the nearest place at which a probe stops, or the one that `wanted` defines.
pub fn seek(model: &mut Model, wanted: Option<Definition>, direction: Direction) -> Vec<Effect> {
    let mut probes = Probes::default();
    match wanted.map(|definition| probes.add(definition, model.replay.state())) {
        Some(Ok(_)) => {}
        Some(Err(error)) => {
            model.notices.say(Level::Warning, error.sentence(), model.now);
            return Vec::new();
        }
        None => probes = model.probing.probes.clone(),
    }
    model.play = None;
    model.look.point = None;
    model.probing.seeking = Some(direction);
    vec![Effect::Begin(Job::Find { probes: Box::new(probes), from: model.replay.position(), direction })]
}

/// Gives up the running search; nothing where there is none.
pub fn stop_seeking(model: &mut Model) -> Vec<Effect> {
    if model.probing.seeking.take().is_none() {
        return Vec::new();
    }
    model.notices.say(Level::Info, "The search is stopped; nothing moved.", model.now);
    vec![Effect::Stop(JobKind::Find)]
}

/// Goes to what the search found; where nothing is found, to the end that it reached.
pub fn found(model: &mut Model, found: Result<Option<Found>, String>) {
    let Some(direction) = model.probing.seeking.take() else { return };
    let position = model.replay.position();
    let found = match found {
        Ok(found) => found,
        Err(reason) => return model.notices.say(Level::Error, reason, model.now),
    };
    let end = model.replay.len();
    let (target, text) = match (found, direction) {
        (Some(found), _) => {
            let hits: Vec<String> = found.hits.iter().map(|hit| sentence(&hit.text)).collect();
            (found.position, hits.join(" "))
        }
        (None, Direction::Forward) => (end, "Nothing is hit up to the newest event.".to_owned()),
        (None, Direction::Backward) => (0, "Nothing is hit back to the first event.".to_owned()),
    };
    if target != position {
        model.moments.leave(if position == end { Moment::Newest } else { Moment::At(position) });
        model.replay.seek(target);
    }
    model.notices.say(Level::Info, text, model.now);
}

/// Opens the list of probes, or closes it.
pub fn open(model: &mut Model) {
    let open = model.look.popup == Some(Popup::Probes);
    model.look.popup = (!open).then_some(Popup::Probes);
}

/// Returns the keys that matter in the list.
pub fn hints() -> Vec<(String, &'static str)> {
    let hint = |key: &str, word| (key.to_owned(), word);
    vec![
        hint("a", "add"),
        hint("enter", "condition"),
        hint("space", "on or off"),
        hint("i", "ignore"),
        hint("d", "delete"),
        hint("esc", "close"),
    ]
}

/// Takes in a key while the list is open; none where it was not meant for it.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    if model.look.popup != Some(Popup::Probes) || key.modifiers.contains(KeyModifiers::CONTROL) {
        return None;
    }
    let last = model.probing.probes.iter().len().saturating_sub(1);
    let selected = model.probing.selected.min(last);
    let number = model.probing.selected().map(|probe| (probe.number, probe.enabled));
    match (key.code, number) {
        (KeyCode::Esc, _) => model.look.popup = None,
        (KeyCode::Up | KeyCode::Char('k'), _) => model.probing.selected = selected.saturating_sub(1),
        (KeyCode::Down | KeyCode::Char('j'), _) => model.probing.selected = (selected + 1).min(last),
        (KeyCode::Char('a'), _) => ask_for(model, "break "),
        (KeyCode::Enter, Some((number, _))) => {
            let condition = model.probing.selected().and_then(|probe| probe.definition.condition());
            let condition = condition.map_or_else(String::new, ToString::to_string);
            ask_for(model, &format!("condition {number} {condition}"));
        }
        (KeyCode::Char('i'), Some((number, _))) => ask_for(model, &format!("ignore {number} ")),
        (KeyCode::Char(' '), Some((number, true))) => {
            return Some(asked(model, ProbeCommand::Disable(Which::One(number))));
        }
        (KeyCode::Char(' '), Some((number, false))) => {
            return Some(asked(model, ProbeCommand::Enable(Which::One(number))));
        }
        (KeyCode::Char('d'), Some((number, _))) => {
            return Some(asked(model, ProbeCommand::Delete(Which::One(number))));
        }
        _ => return None,
    }
    Some(Vec::new())
}

fn asked(model: &mut Model, command: ProbeCommand) -> Vec<Effect> {
    ask(model, command).unwrap_or_else(|error| {
        model.notices.say(Level::Warning, error.to_string(), model.now);
        Vec::new()
    })
}

fn ask_for(model: &mut Model, line: &str) {
    model.look.typing = Some(Typing::Prompt(Box::new(Prompt::new(Asks::Command, line, model))));
}
