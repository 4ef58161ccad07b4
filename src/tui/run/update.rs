//! How the screen's knowledge changes: a function of what it knew and what came in.

use std::time::Duration;

use crate::{
    core::{
        arrived::Arrived,
        examine,
        live::{Live, Source},
        look::Play,
        model::STOP_WAIT,
        msg::{Effect, Msg},
    },
    overlays::screen::Screen,
    run::{
        dispatch::{next_turn, settle},
        jobs,
        mouse::on_mouse,
        news::{engine_done, on_update, undelivered},
        press::{on_key, on_paste},
        quit::interrupt,
        search,
    },
};
use engine::Command;

/// Takes `msg` in at the time `now` and returns what is to be done.
pub fn update(screen: &mut Screen, msg: Msg, now: Duration) -> Vec<Effect> {
    screen.model.now = now;
    let model = &mut screen.model;
    let mut effects = match msg {
        Msg::Key(key) => on_key(screen, key),
        Msg::Mouse(event) => on_mouse(screen, event),
        Msg::Paste(text) => on_paste(screen, &text),
        Msg::Edited(outcome) => {
            model.background.arrived.edited = Some(outcome);
            Vec::new()
        }
        Msg::Interrupt => interrupt(model),
        Msg::Terminate => {
            let stop = model.session.engine().is_some_and(|live| !live.over());
            stop.then_some(Effect::Send(Command::Stop)).into_iter().chain([Effect::Quit]).collect()
        }
        Msg::Update(update) => on_update(model, update),
        Msg::EngineDone => engine_done(model),
        Msg::Tick => tick(screen),
        Msg::Highlighter(ready) => {
            model.setup.highlighter = Some(ready);
            Vec::new()
        }
        Msg::Undelivered(command) => undelivered(model, &command),
        Msg::Note(level, text) => {
            model.notices.say(level, text, now);
            Vec::new()
        }
        Msg::Redraw => Vec::new(),
        Msg::Lines(direction, lines) => search::found(model, direction, &lines),
        Msg::Script(Ok(script)) => {
            model.queue.load(script);
            Vec::new()
        }
        Msg::Script(Err(text)) | Msg::Told(Err(text)) => {
            model.fail(&text);
            Vec::new()
        }
        Msg::Told(Ok(text)) => {
            model.inform(text);
            Vec::new()
        }
        Msg::Done(done) => jobs::receive(model, done),
        Msg::Examined(reported) => {
            examine::receive(model, reported);
            Vec::new()
        }
    };
    effects.extend(follow(screen));
    let model = &mut screen.model;
    model.background.arrived = Arrived::default();
    count_sent(&mut model.session.source, &effects);
    model.refresh();
    effects
}

/// Counts the commands that go to the engine, which is not paused after them until it says so.
fn count_sent(source: &mut Source, effects: &[Effect]) {
    let sent = effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count() as u64;
    if let Source::Live(live) = source
        && sent > 0
    {
        live.sent += sent;
        live.still = false;
    }
}

/// Lets what lies over the panes look at what is new.
fn follow(screen: &mut Screen) -> Vec<Effect> {
    let mut effects = Vec::new();
    for kind in screen.overlays.kinds() {
        let Screen { model, overlays } = &mut *screen;
        let Some(overlay) = overlays.get_mut(kind) else { continue };
        let outcome = overlay.follow(model);
        match settle(screen, kind, outcome) {
            Ok(more) => effects.extend(more.unwrap_or_default()),
            Err(error) => screen.model.warn(error.to_string()),
        }
    }
    effects
}

fn tick(screen: &mut Screen) -> Vec<Effect> {
    let model = &mut screen.model;
    if let Some(play) = model.play.filter(|play| model.now >= play.next) {
        let position = model.session.replay.position();
        let target = if play.forwards { position + 1 } else { position.saturating_sub(1) };
        model.session.replay.seek(target);
        let ended = if play.forwards { model.session.replay.at_end() } else { target == 0 };
        model.play = (!ended).then_some(Play { next: model.now + model.look.play_step, ..play });
    }
    let late = |live: &Live| live.stopping.is_some_and(|since| model.now >= since + STOP_WAIT);
    if model.session.engine().is_some_and(late) {
        return vec![Effect::Quit];
    }
    if model.has_turn() { next_turn(screen) } else { Vec::new() }
}
