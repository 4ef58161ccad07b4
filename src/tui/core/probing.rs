//! Probes on the screen: what a person asks of them, and the search for where they fire in the record.
//!
//! During a run, its engine has the probes and shows each event to them as it happens; what stands here is
//! a copy. Over a record they are kept here.

use crate::{
    commands::CommandError,
    core::{
        jobs::{Job, JobKind},
        live::Source,
        model::Model,
        moments::Moment,
        msg::Effect,
        notices::Level,
    },
    format::sentence,
};
use engine::Command;
use probe::{Definition, Direction, Hit, ProbeCommand, Probes, search::Found};

/// Takes over the probes of another session; returns the command for a run.
pub fn bring(model: &mut Model, mut probes: Probes) -> Option<Command> {
    if probes.is_empty() {
        return None;
    }
    probes.rearm(model.session.replay.state());
    model.probing.probes = probes.clone();
    let Source::Live(live) = &mut model.session.source else { return None };
    live.sent += 1;
    live.still = false;
    Some(Command::Probes(Box::new(probes)))
}

/// Adds a probe or changes some: of the live run if there is one, and of the screen otherwise.
///
/// # Errors
/// When there is no such probe, or it cannot do this.
pub fn ask(model: &mut Model, command: ProbeCommand) -> Result<Vec<Effect>, CommandError> {
    if !model.session.source_over() {
        return Ok(vec![Effect::Send(Command::Probe(command))]);
    }
    let said = model
        .probing
        .probes
        .run(command, model.session.replay.state())
        .map_err(|error| CommandError::NotNow(error.sentence()))?;
    model.notices.say(Level::Info, sentence(&said), model.now);
    Ok(Vec::new())
}

/// Takes in what became of the probes of a run.
pub fn receive(model: &mut Model, probes: Probes, said: Option<&str>) {
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
    match wanted.map(|definition| probes.add(definition, model.session.replay.state())) {
        Some(Ok(_)) => {}
        Some(Err(error)) => {
            model.notices.say(Level::Warning, error.sentence(), model.now);
            return Vec::new();
        }
        None => probes = model.probing.probes.clone(),
    }
    model.play = None;
    model.look.cursors.point = None;
    model.probing.seeking = Some(direction);
    vec![Effect::Begin(Job::Find {
        probes: Box::new(probes),
        from: model.session.replay.position(),
        direction,
    })]
}

/// Gives up the running search; nothing where there is none.
pub fn stop_seeking(model: &mut Model) -> Vec<Effect> {
    if model.probing.seeking.take().is_none() {
        return Vec::new();
    }
    model.notices.say(Level::Info, "Search cancelled.", model.now);
    vec![Effect::Stop(JobKind::Find)]
}

/// Goes to what the search found; where nothing is found, to the end that it reached.
pub fn found(model: &mut Model, found: Result<Option<Found>, String>) {
    let Some(direction) = model.probing.seeking.take() else { return };
    let position = model.session.replay.position();
    let found = match found {
        Ok(found) => found,
        Err(reason) => return model.notices.say(Level::Error, reason, model.now),
    };
    let end = model.session.replay.len();
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
        model.session.replay.seek(target);
    }
    model.notices.say(Level::Info, text, model.now);
}
