//! Forking the session at the current position.

use super::question::Question;
use crate::{
    commands::CommandError,
    core::{model::Model, msg::Effect},
};

/// Returns the question whether to fork the session at the current position.
///
/// # Errors
/// When nothing can continue from there, as a sentence.
pub fn question(model: &Model) -> Result<Question, CommandError> {
    let not_now = |why: &str| Err(CommandError::NotNow(why.to_owned()));
    if model.session.state().outcome.is_some() {
        return not_now("The run is over at this point; step back with S or N and fork there.");
    }
    // The last event that both sessions will have in common.
    let Some(seq) = (model.session.replay.position() as u64).checked_sub(1) else {
        return not_now("Nothing has happened yet at this point; step forward with s and fork there.");
    };
    let run = if model.session.source_over() { "" } else { "The present run ends and stays recorded. " };
    Ok(Question {
        title: "Fork here".to_owned(),
        text: format!(
            "Fork the session after event {seq}? {run}The model is loaded again, and the fork is paused at \
             first, so that the plan can be changed."
        ),
        answers: ["fork", "stay here"],
        yes: Box::new(move |_| Ok(vec![Effect::Fork(seq)])),
    })
}
