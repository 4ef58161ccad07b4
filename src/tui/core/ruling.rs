//! A person's word on candidates, before the gate's.

use crate::{
    commands::{CommandError, Rule},
    core::{model::Model, msg::Effect, open_session::OpenSession},
};
use engine::Command;

/// Why a person cannot rule on candidates now.
pub fn refusal(session: &OpenSession) -> Option<&'static str> {
    match session.engine() {
        None => Some("Candidates can be ruled on only in a live run; fork this session to start one."),
        Some(live) if live.over() => {
            Some("The run is over; fork it at an earlier moment to rule on candidates.")
        }
        Some(_) if !session.at_present() => {
            Some("You are viewing history. Press esc to return to the live run.")
        }
        Some(_) => None,
    }
}

/// Returns the number of the shown candidate, which waits for a decision.
///
/// # Errors
/// When none waits, or nobody can rule on it, in a sentence.
pub fn waiting(model: &Model) -> Result<u32, CommandError> {
    if let Some(why) = refusal(&model.session) {
        return Err(CommandError::NotNow(why.to_owned()));
    }
    let waits = model.session.engine().is_some_and(|live| live.paused) && model.session.state().deciding();
    model.candidate().filter(|_| waits).map(|view| view.candidate.index).ok_or_else(|| {
        let why = if model.session.state().intercept {
            "No candidate waits for a decision; the run pauses before the next one."
        } else {
            "No candidate waits for a decision; i pauses the run before each one."
        };
        CommandError::NotNow(why.to_owned())
    })
}

/// Does what a person wants with the candidates.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(model: &Model, rule: Rule) -> Result<Vec<Effect>, CommandError> {
    let command = match rule {
        Rule::Intercept => Command::Intercept(!model.session.state().intercept),
        Rule::Accept => Command::Rule { candidate: waiting(model)?, accept: true },
        Rule::Veto => Command::Rule { candidate: waiting(model)?, accept: false },
    };
    Ok(vec![Effect::Send(command)])
}
