//! How the screen's knowledge changes: a function of what it knew and what came in.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::{
    commands::Action,
    model::{Live, Model, Play, Popup, STOP_WAIT, Source},
    msg::{Effect, Msg},
    notices::Level,
    panes::Pane,
};
use crate::{
    engine::{Command, Update},
    session::{Event, Outcome, Phase, Record, RefinementStop, Ruling},
};

/// Time from one event to the next while the record plays by itself.
const PLAY: Duration = Duration::from_millis(250);
/// A second interrupt within this time gets a hint how to leave.
const TWICE: Duration = Duration::from_secs(2);

/// Takes `msg` in at the time `now` and returns what is to be done.
pub fn update(model: &mut Model, msg: Msg, now: Duration) -> Vec<Effect> {
    model.now = now;
    let effects = match msg {
        Msg::Key(key) => on_key(model, key),
        Msg::Interrupt => interrupt(model),
        Msg::Terminate => {
            let stop = model.engine().is_some_and(|live| !live.over());
            stop.then_some(Effect::Send(Command::Stop)).into_iter().chain([Effect::Quit]).collect()
        }
        Msg::Update(update) => on_update(model, update),
        Msg::EngineDone => engine_done(model),
        Msg::Tick => tick(model),
        Msg::Undelivered(command) => undelivered(model, &command),
        Msg::Redraw => Vec::new(),
    };
    model.refresh();
    effects
}

fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if model.look.popup == Some(Popup::ConfirmQuit) {
        match key.code {
            KeyCode::Char('y' | 'Y') => return stop_and_quit(model),
            KeyCode::Char('n' | 'N') => {
                model.look.popup = None;
                return Vec::new();
            }
            _ => {}
        }
    }
    model.keymap.action(key.into()).map_or_else(Vec::new, |action| act(model, action))
}

/// Does what `action` asks for.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Interrupt => return interrupt(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return quit(model),
        Action::Help => toggle(model, Popup::Help),
        Action::Messages => toggle(model, Popup::Messages),
        Action::Problem => toggle(model, Popup::Problem),
        Action::Back => back(model),
        Action::Down => scroll(model, 1),
        Action::Up => scroll(model, -1),
        Action::PageDown => scroll(model, half_page(model)),
        Action::PageUp => scroll(model, -half_page(model)),
        Action::Top => edge(model, false),
        Action::Bottom => edge(model, true),
        Action::FocusNext => focus(model, model.look.focus.next()),
        Action::FocusPrevious => focus(model, model.look.focus.previous()),
        Action::Focus(index) => Pane::ALL.get(usize::from(index)).into_iter().for_each(|p| focus(model, *p)),
        Action::Zoom => model.look.zoom = !model.look.zoom,
        Action::NextCandidate => choose(model, 1),
        Action::PreviousCandidate => choose(model, -1),
        Action::PauseOrResume
        | Action::StepPhase
        | Action::NextIteration
        | Action::Finish
        | Action::Continue
        | Action::AnswerNow => return forwards(model, action),
        Action::StepPhaseBack
        | Action::PreviousIteration
        | Action::FinishBack
        | Action::ContinueBack
        | Action::NextEvent
        | Action::PreviousEvent => travel(model, action),
    }
    Vec::new()
}

/// Actions that drive the engine in the present, and move through the record in the past.
fn forwards(model: &mut Model, action: Action) -> Vec<Effect> {
    let at_present = model.at_present();
    let Source::Live(live) = &mut model.source else {
        travel(model, action);
        return Vec::new();
    };
    let drives_always = matches!(action, Action::PauseOrResume | Action::AnswerNow);
    if !at_present && !drives_always {
        travel(model, action);
        return Vec::new();
    }
    if live.over() {
        model.notices.say(Level::Info, "The run is over. Step back with S or N, or leave with q.", model.now);
        return Vec::new();
    }
    let command = match action {
        Action::PauseOrResume if live.paused || live.pausing => Command::Continue,
        Action::PauseOrResume => Command::Pause,
        Action::StepPhase => Command::StepPhase,
        Action::NextIteration => Command::NextIteration,
        Action::AnswerNow => Command::AnswerNow,
        _ => Command::Continue,
    };
    live.pausing = command == Command::Pause;
    vec![Effect::Send(command)]
}

/// Moves through the record.
fn travel(model: &mut Model, action: Action) {
    let replay = &mut model.replay;
    let (position, end) = (replay.position(), replay.len());
    let live = matches!(model.source, Source::Live(_));
    let play = |forwards| Some(Play { forwards, next: model.now + PLAY });
    let mut playing = None;
    let target = match action {
        Action::StepPhase => replay.next_phase(),
        Action::NextIteration => replay.next_iteration(),
        Action::StepPhaseBack => replay.previous_phase(),
        Action::PreviousIteration => replay.previous_iteration(),
        Action::NextEvent => (position + 1).min(end),
        Action::PreviousEvent => position.saturating_sub(1),
        Action::Finish => end,
        Action::Continue if live => end,
        Action::FinishBack => 0,
        Action::PauseOrResume | Action::Continue if position < end && model.play.is_none() => {
            playing = play(true);
            position
        }
        Action::ContinueBack if position > 0 => {
            playing = play(false);
            position
        }
        _ => position,
    };
    let stopped = model.play.is_some() && playing.is_none();
    model.play = playing;
    replay.seek(target);
    if target == position && playing.is_none() && !stopped {
        let edge = if position == end { "the newest" } else { "the first" };
        model.notices.say(Level::Info, format!("This is {edge} event."), model.now);
    } else if live && target < position && position == end && !model.source_over() {
        model.notices.say(
            Level::Info,
            "You look at the past; the live run goes on. G returns to it.",
            model.now,
        );
    }
}

fn interrupt(model: &mut Model) -> Vec<Effect> {
    let again = model.interrupted.is_some_and(|before| model.now < before + TWICE);
    model.interrupted = Some(model.now);
    let was_playing = model.play.take().is_some();
    let busy = model.busy();
    let mut effects = Vec::new();
    if let Source::Live(live) = &mut model.source
        && busy
    {
        live.pausing = true;
        effects.push(Effect::Send(Command::Pause));
    }
    if again || !(busy || was_playing) {
        model.notices.say(Level::Info, "Press q to quit.", model.now);
    } else if busy {
        model.notices.say(Level::Info, "Interrupted: the run pauses as soon as it can.", model.now);
    }
    effects
}

fn quit(model: &mut Model) -> Vec<Effect> {
    match &model.source {
        Source::Live(live) if live.stopping.is_some() => vec![Effect::Quit],
        Source::Live(live) if !live.over() => {
            toggle(model, Popup::ConfirmQuit);
            Vec::new()
        }
        Source::Live(_) | Source::Replay => vec![Effect::Quit],
    }
}

fn stop_and_quit(model: &mut Model) -> Vec<Effect> {
    model.look.popup = None;
    model.notices.say(Level::Info, "Stopping the run…", model.now);
    let Source::Live(live) = &mut model.source else { return vec![Effect::Quit] };
    if live.done {
        return vec![Effect::Quit];
    }
    live.stopping = Some(model.now);
    vec![Effect::Send(Command::Stop)]
}

fn engine_done(model: &mut Model) -> Vec<Effect> {
    let Source::Live(live) = &mut model.source else { return Vec::new() };
    live.done = true;
    if live.stopping.is_some() {
        return vec![Effect::Quit];
    }
    if live.outcome.is_none() {
        model.notices.say(
            Level::Error,
            "The engine ended without a last event; the record may be torn off.",
            model.now,
        );
    }
    Vec::new()
}

fn undelivered(model: &mut Model, command: &Command) -> Vec<Effect> {
    let Source::Live(live) = &mut model.source else { return Vec::new() };
    live.pausing = false;
    if *command == Command::Stop {
        return vec![Effect::Quit];
    }
    model.notices.say(Level::Warning, "The engine did not take that; try again in a moment.", model.now);
    Vec::new()
}

fn tick(model: &mut Model) -> Vec<Effect> {
    if let Some(play) = model.play.filter(|play| model.now >= play.next) {
        let position = model.replay.position();
        let target = if play.forwards { position + 1 } else { position.saturating_sub(1) };
        model.replay.seek(target);
        let ended = if play.forwards { model.replay.at_end() } else { target == 0 };
        model.play = (!ended).then_some(Play { next: model.now + PLAY, ..play });
    }
    let late = |live: &Live| live.stopping.is_some_and(|since| model.now >= since + STOP_WAIT);
    if model.engine().is_some_and(late) { vec![Effect::Quit] } else { Vec::new() }
}

fn on_update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Event(record) => take_in(model, *record),
        Update::Progress { call, progress } => model.stream.take_in(call, progress),
        Update::RecordFailed { reason } => {
            let text = format!("The record cannot be written any more, so the run stops: {reason}");
            model.notices.say(Level::Error, text, model.now);
        }
    }
    Vec::new()
}

/// Adds an event. Who looks at the newest moment goes along; who looks at the past stays there.
fn take_in(model: &mut Model, record: Record) {
    let follows = model.replay.at_end();
    if let Source::Live(live) = &mut model.source {
        match &record.event {
            Event::Started { settings, .. } => live.paused = settings.paused,
            Event::Paused { paused } => {
                live.paused = *paused;
                live.pausing &= !paused;
            }
            Event::Ended { outcome } => {
                live.outcome = Some(outcome.clone());
                live.pausing = false;
            }
            _ => {}
        }
    }
    announce(model, &record.event);
    if let Event::PhaseBegan { phase: Phase::Propose | Phase::Answer, .. } = &record.event
        && follows
    {
        model.look.scroll[Pane::Proposal as usize] = None;
        model.look.scroll[Pane::Score as usize] = None;
        model.look.scroll[Pane::Answer as usize] = None;
    }
    model.replay.push(record);
    if follows {
        model.replay.seek(usize::MAX);
    }
}

/// Says in a sentence what a person should not miss.
fn announce(model: &mut Model, event: &Event) {
    let (level, text) = match event {
        Event::CallFailed { error, hint, retried, .. } => {
            let hint = hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
            let then = if *retried { "; it is tried once more" } else { "" };
            (Level::Error, format!("A call to the model failed: {error}{hint}{then}."))
        }
        Event::Decided { verdicts } => match verdicts.iter().find(|v| v.ruling == Ruling::Accept) {
            Some(verdict) => (Level::Info, format!("Candidate {} is accepted.", verdict.candidate + 1)),
            None => (Level::Info, "No candidate is accepted; the plan stays.".to_owned()),
        },
        Event::RefinementEnded { reason } => {
            (Level::Info, format!("{} The answer comes next.", stop_sentence(reason)))
        }
        Event::Ended { outcome: Outcome::Failed { reason, hint } } => {
            let hint = hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
            (Level::Error, format!("The run failed: {reason}{hint}."))
        }
        Event::Ended { outcome: Outcome::Answered } => {
            (Level::Info, "Done. Step back with S or N to see how it came about.".to_owned())
        }
        Event::Ended { outcome: Outcome::Interrupted } => (Level::Info, "The run was stopped.".to_owned()),
        _ => return,
    };
    model.notices.say(level, text, model.now);
}

/// Returns why refinement ended, as a sentence.
pub fn stop_sentence(reason: &RefinementStop) -> String {
    match reason {
        RefinementStop::Iterations => "All iterations are used.".to_owned(),
        RefinementStop::Budget { meter } => format!("The budget is used up: {meter}."),
        RefinementStop::Fruitless { iterations } => {
            format!("No better plan came for {iterations} iterations in a row.")
        }
        RefinementStop::Exact => "An exact checker passes the plan.".to_owned(),
        RefinementStop::Asked => "You asked for the answer.".to_owned(),
    }
}

fn toggle(model: &mut Model, popup: Popup) {
    model.look.popup = (model.look.popup != Some(popup)).then_some(popup);
    model.look.popup_scroll = 0;
}

fn back(model: &mut Model) {
    if model.look.popup.take().is_some() {
    } else if model.look.zoom {
        model.look.zoom = false;
    } else if model.engine().is_some() {
        model.replay.seek(usize::MAX);
    }
}

fn focus(model: &mut Model, pane: Pane) {
    model.look.focus = pane;
}

fn choose(model: &mut Model, step: isize) {
    let count = model.state().candidates.len();
    if count > 0 {
        let now = model.candidate_index() as isize;
        let index = (now + step).rem_euclid(count as isize) as usize;
        model.look.chosen = Some((model.state().iteration, index));
        model.look.scroll[Pane::Proposal as usize] = None;
        model.look.scroll[Pane::Score as usize] = None;
    }
}

fn half_page(model: &Model) -> isize {
    let extent = match model.look.popup {
        Some(_) => model.extents.popup,
        None => model.extents.panes[model.look.focus as usize],
    };
    (extent.page / 2).max(1) as isize
}

fn scroll(model: &mut Model, step: isize) {
    if model.look.popup.is_some() {
        let extent = model.extents.popup;
        model.look.popup_scroll = extent.offset.saturating_add_signed(step).min(extent.max);
    } else {
        let pane = model.look.focus as usize;
        let extent = model.extents.panes[pane];
        model.look.scroll[pane] = Some(extent.offset.saturating_add_signed(step).min(extent.max));
    }
}

/// To the top or bottom of what can be scrolled; in the past, to the first or newest event.
fn edge(model: &mut Model, bottom: bool) {
    if model.look.popup.is_some() {
        model.look.popup_scroll = if bottom { model.extents.popup.max } else { 0 };
        return;
    }
    let replaying = model.source == Source::Replay;
    if replaying || !model.replay.at_end() {
        travel(model, if bottom { Action::Finish } else { Action::FinishBack });
        return;
    }
    let pane = model.look.focus as usize;
    model.look.scroll[pane] = Some(if bottom { model.extents.panes[pane].max } else { 0 });
}
