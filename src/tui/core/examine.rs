//! Looking for what is wrong with the session: its record is read through, and the model is asked.

use crate::{
    commands::CommandError,
    core::{
        findings::{Asked, Read, Standing},
        jobs::Job,
        model::Model,
        msg::Effect,
        notices::Level,
    },
};
use diagnose::{
    experiment::{self, EXPERIMENTS},
    runner::{ExperimentEvent, ExperimentReport},
};
use model::Progress;
use session::{Event, Finding};

/// Events from which on a record is too long to be checked in the background.
const TOO_LONG: usize = 200_000;
/// Events up to which a live run is checked after every iteration.
const LIVE: usize = 20_000;

/// Has the record checked up to the current position, unless it was.
pub fn look(model: &mut Model) -> Vec<Effect> {
    wanted(model).map(Effect::Begin).into_iter().collect()
}

/// Returns the job of checking the record up to the current position, unless that was done.
pub fn wanted(model: &mut Model) -> Option<Job> {
    let position = model.session.replay.position();
    let findings = &mut model.background.findings;
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
pub fn may_change(event: &Event) -> bool {
    matches!(event, Event::Decided { .. } | Event::Answered { .. } | Event::Ended { .. })
}

/// Has a live run checked, where the newest moment is shown.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    if model.session.replay.at_end() && model.session.replay.len() <= LIVE { look(model) } else { Vec::new() }
}

/// Stores what the record shows up to `position`; a new fault is announced.
pub fn looked(model: &mut Model, position: usize, found: Result<Box<Read>, String>) {
    model.background.findings.looking = None;
    match found {
        Ok(found) => {
            let Read { findings, stages } = *found;
            (model.background.findings.passive, model.background.findings.looked) =
                (findings, Some(Ok(position)));
            model.background.findings.stages = stages;
        }
        Err(why) => model.background.findings.looked = Some(Err(why)),
    }
    model.background.findings.settle();
    if model.session.engine().is_some() {
        announce(model);
    }
}

fn announce(model: &mut Model) {
    let is_new = |fault: &&Finding| !model.background.findings.reported.contains(&fault.check);
    let new = model.background.findings.faults().filter(is_new).min_by_key(|fault| fault.rank());
    let Some((check, sentence)) = new.map(|fault| (fault.check.clone(), fault.sentence.clone())) else {
        return;
    };
    let key =
        model.setup.keymap.labels("findings").first().cloned().unwrap_or_else(|| ":findings".to_owned());
    model.background.findings.reported.insert(check);
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
    if model.background.findings.is_asked(check) {
        return Err(CommandError::NotNow(format!("The model is already being asked for {check}.")));
    }
    if model.session.state().incumbent.is_none() {
        return Err(CommandError::NotNow("There is no plan at this moment to ask about.".to_owned()));
    }
    model.background.findings.asked.retain(|asked| asked.check != check);
    let moment = model.session.replay.position();
    model.background.findings.asked.push(Asked { check, moment, standing: Standing::Waits });
    model.background.findings.selected = Some(check.to_owned());
    let mut effects = look(model);
    effects.push(Effect::Examine(check));
    Ok(effects)
}

/// Takes in how an experiment is getting on.
pub fn receive(model: &mut Model, reported: ExperimentReport) {
    let asked = model.background.findings.asked.iter_mut().find(|asked| asked.check == reported.check);
    let Some(asked) = asked else { return };
    let forecast = if let Standing::Asks { forecast, .. } = &asked.standing { *forecast } else { None };
    asked.standing = match reported.news {
        ExperimentEvent::Asks(forecast) => Standing::Asks { forecast: Some(forecast), progress: None },
        ExperimentEvent::Progress(progress) => Standing::Asks { forecast, progress: words(&progress) },
        ExperimentEvent::Found(finding) => Standing::Found(finding),
        ExperimentEvent::Failed(why) => {
            let text = format!("{}: {why}", asked.check);
            asked.standing = Standing::Failed(why);
            return model.fail(&text);
        }
    };
    if let Standing::Found(finding) = &asked.standing {
        let text = format!("{}: {}", finding.check, finding.sentence);
        model.background.findings.reported.insert(reported.check.to_owned());
        model.background.findings.settle();
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
