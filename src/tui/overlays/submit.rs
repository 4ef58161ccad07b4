//! An edit of the plan that a dialog sends.

use super::overlay::Outcome;
use crate::{
    commands::CommandError,
    core::{hand, model::Model},
};
use plan::Edit;

/// Sends an edit that was typed or chosen. Where it does not fit, what was typed is not lost.
pub fn submit(model: &mut Model, edit: Edit) -> Outcome {
    let refused = hand::refusal(&model.session).map(|why| CommandError::NotNow(why.to_owned()));
    match refused.map_or_else(|| hand::change(model, edit), Err) {
        Ok(effects) => Outcome::Close(effects),
        Err(error) => {
            model.warn(error.to_string());
            Outcome::stay()
        }
    }
}
