//! Interrupting the run, and leaving.

use std::time::Duration;

use crate::{
    core::{live::Source, model::Model, msg::Effect, notices::Level, probing},
    overlays::{question::Question, screen::Screen},
};
use engine::Command;

/// A second interrupt within this time gets a hint how to leave.
const TWICE: Duration = Duration::from_secs(2);

/// Stops the call that is running and what moves by itself.
pub fn interrupt(model: &mut Model) -> Vec<Effect> {
    model.take_over();
    let again = model.interrupted.is_some_and(|before| model.now < before + TWICE);
    model.interrupted = Some(model.now);
    let mut effects = probing::stop_seeking(model);
    let was_moving = model.play.take().is_some() || !effects.is_empty();
    let busy = model.session.busy();
    if let Source::Live(live) = &mut model.session.source
        && busy
    {
        live.pausing = true;
        effects.push(Effect::Send(Command::Interrupt));
    }
    if again || !(busy || was_moving) {
        model.notices.say(Level::Info, "Press q to quit.", model.now);
    } else if busy {
        model.notices.say(Level::Info, "Interrupted; the run is paused.", model.now);
    }
    effects
}

/// Leaves; asks first while a run is active.
pub fn quit(screen: &mut Screen) -> Vec<Effect> {
    let model = &mut screen.model;
    match &model.session.source {
        Source::Live(live) if live.stopping.is_some() => vec![Effect::Quit],
        Source::Live(live) if !live.over() && model.queue.current().is_some() => stop_and_quit(model),
        Source::Live(live) if !live.over() => {
            screen.overlays.open(Box::new(Question {
                title: "Quit".to_owned(),
                text: "A run is active. Stop it and quit? What happened so far stays recorded.".to_owned(),
                answers: ["stop and quit", "continue"],
                yes: Box::new(|model| Ok(stop_and_quit(model))),
            }));
            Vec::new()
        }
        Source::Live(_) | Source::Replay => vec![Effect::Quit],
    }
}

/// Stops the run and leaves once it has stopped.
fn stop_and_quit(model: &mut Model) -> Vec<Effect> {
    model.notices.say(Level::Info, "Stopping the run…", model.now);
    let Source::Live(live) = &mut model.session.source else { return vec![Effect::Quit] };
    if live.done {
        return vec![Effect::Quit];
    }
    live.stopping = Some(model.now);
    vec![Effect::Send(Command::Stop)]
}
