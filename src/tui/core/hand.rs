//! Changing the plan by hand. Every edit goes to the engine and comes back as an event; until then it is pending, and the
//! plan pane shows the plan with it.

use crate::{
    commands::{CommandError, Pane},
    core::{model::Model, msg::Effect, open_session::OpenSession, plan_cursor},
    format::sentence,
};
use engine::Command;
use plan::{Edit, IdSource, Origin};
use session::Phase;

/// Why the plan cannot be changed at the current position.
pub fn refusal(session: &OpenSession) -> Option<&'static str> {
    let Some(live) = session.engine() else {
        return Some("A recording cannot be changed; fork it to continue with another plan.");
    };
    if live.over() {
        return Some("The run is over; fork it to continue with another plan.");
    }
    if !session.at_present() {
        return Some("The past cannot be changed; return to the newest event, or fork here.");
    }
    let phase = session.state().phase;
    matches!(phase, Phase::Answer | Phase::Done)
        .then_some("The answer is being decoded from the plan; fork at an earlier moment to change it.")
}

/// Sends an edit, and says so where the plan is not shown.
///
/// # Errors
/// When it does not fit or would change nothing.
pub fn change(model: &mut Model, edit: Edit) -> Result<Vec<Effect>, CommandError> {
    let not_now = |why: String| Err(CommandError::NotNow(why));
    let Some(plan) = model.session.plan() else { return not_now("There is no plan yet.".to_owned()) };
    let changed = match edit.apply(plan, Origin::Human) {
        Ok((changed, _)) if changed.hash() == plan.hash() => {
            return not_now("That changes nothing.".to_owned());
        }
        Ok((changed, _)) => changed,
        Err(error) => return not_now(format!("The edit does not fit: {error}.")),
    };
    let gone = model.look.cursors.item.is_some_and(|id| changed.get(id).is_none());
    let place = edit.touches().into_iter().find(|id| changed.get(*id).is_some());
    let sent = edit.clone();
    model.change_pending(|pending| pending.push(sent));
    if let Some(id) = place.filter(|_| gone || matches!(edit, Edit::Insert { .. })) {
        plan_cursor::choose(model, id);
    }
    if !model.shows(Pane::Plan) {
        model.inform(sentence(&edit.summary()));
    }
    Ok(vec![Effect::Send(Command::Edit(edit))])
}

/// The run is paused while the plan is edited elsewhere, or it would change meanwhile.
pub fn open_editor(session: &OpenSession, text: String) -> Vec<Effect> {
    let pause = session.busy().then_some(Effect::Send(Command::Pause));
    pause.into_iter().chain([Effect::OpenEditor(text)]).collect()
}

/// Returns what hands out ids for new items of the plan that is shown.
pub fn ids(session: &OpenSession) -> IdSource {
    let mut ids = session.state().ids.clone();
    if let Some(plan) = session.plan() {
        ids.observe_plan(plan);
    }
    ids
}
