//! A person's word on candidates, before the gate's.

use super::{dialog::Dialog, line::LineDialog};
use crate::{
    commands::{CommandError, Rule},
    model::Model,
    msg::Effect,
};
use engine::Command;

/// Does what a person wants with the candidates.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(model: &mut Model, rule: Rule) -> Result<Vec<Effect>, CommandError> {
    let not_now = |why: &str| Err(CommandError::NotNow(why.to_owned()));
    let Some(live) = model.engine() else {
        return not_now("Candidates can be ruled on only in a live run; fork this session to start one.");
    };
    if live.over() {
        return not_now("The run is over; fork it at an earlier moment to rule on candidates.");
    }
    if !model.at_present() {
        return not_now("You are viewing history. Press esc to return to the live run.");
    }
    if rule == Rule::Intercept {
        let on = !model.state().intercept;
        return Ok(vec![Effect::Send(Command::Intercept(on))]);
    }
    let waits = live.paused && model.state().deciding();
    let Some(view) = model.candidate().filter(|_| waits) else {
        return not_now("No candidate waits for a decision; i pauses the run before each one.");
    };
    let candidate = view.candidate.index;
    Ok(match rule {
        Rule::Intercept => Vec::new(),
        Rule::Accept => vec![Effect::Send(Command::Rule { candidate, accept: true })],
        Rule::Veto => vec![Effect::Send(Command::Rule { candidate, accept: false })],
        Rule::Edit => {
            let line = LineDialog::of_candidate(model, candidate as usize).ok_or_else(|| {
                CommandError::NotNow(
                    "Only what a candidate makes an item say can be edited; veto it, or edit the plan."
                        .to_owned(),
                )
            })?;
            model.dialog = Some(Dialog::Line(Box::new(line)));
            Vec::new()
        }
    })
}
