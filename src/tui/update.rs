//! How the screen's knowledge changes: a function of what it knew and what came in.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::{
    commands::{Action, Drive, Travel},
    edit,
    model::{Live, Model, Play, Popup, STOP_WAIT, Source},
    msg::{Effect, Msg},
    notices::Level,
    panes::{Pane, plan::cursor},
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
        Msg::Paste(text) => {
            edit::paste(model, &text);
            Vec::new()
        }
        Msg::Edited(outcome) => edit::edited(model, outcome),
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
    let asked = model.keymap.action(key.into(), model.look.focus);
    let always = matches!(asked, Some(Action::Interrupt | Action::Suspend));
    if model.dialog.is_some() && !always {
        return edit::on_key(model, key);
    }
    if model.look.popup == Some(Popup::ConfirmQuit) {
        if matches!(key.code, KeyCode::Char('y' | 'Y')) {
            return stop_and_quit(model);
        }
        if matches!(key.code, KeyCode::Char('n' | 'N')) {
            model.look.popup = None;
            return Vec::new();
        }
    }
    asked.map_or_else(Vec::new, |action| act(model, action))
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
        Action::Fold => cursor::fold(model),
        Action::Hand(hand) => return edit::act(model, hand),
        Action::NextCandidate => choose(model, 1),
        Action::PreviousCandidate => choose(model, -1),
        Action::Drive(drive) => return forwards(model, drive),
        Action::Travel(travel) => go(model, travel),
    }
    Vec::new()
}

/// Drives the engine in the present; in the past, moves through the record.
fn forwards(model: &mut Model, drive: Drive) -> Vec<Effect> {
    let drives_always = matches!(drive, Drive::PauseOrResume | Drive::AnswerNow);
    let at_present = model.at_present();
    let Source::Live(live) = &mut model.source else {
        step_through(model, drive);
        return Vec::new();
    };
    if !at_present && !drives_always {
        step_through(model, drive);
        return Vec::new();
    }
    if live.over() {
        model.notices.say(Level::Info, "The run is over. Step back with S or N, or leave with q.", model.now);
        return Vec::new();
    }
    let command = match drive {
        Drive::PauseOrResume if !(live.paused || live.pausing) => Command::Pause,
        Drive::PauseOrResume | Drive::Finish | Drive::Continue => Command::Continue,
        Drive::StepPhase => Command::StepPhase,
        Drive::NextIteration => Command::NextIteration,
        Drive::AnswerNow => Command::AnswerNow,
    };
    live.pausing = command == Command::Pause;
    vec![Effect::Send(command)]
}

/// What driving means for a record.
fn step_through(model: &mut Model, drive: Drive) {
    let live = model.engine().is_some();
    let travel = match drive {
        Drive::StepPhase => Travel::NextPhase,
        Drive::NextIteration => Travel::NextIteration,
        Drive::Finish => Travel::End,
        // Beside a run, going on means going on with the run.
        Drive::Continue if live => Travel::End,
        Drive::PauseOrResume | Drive::Continue => Travel::Play,
        Drive::AnswerNow => {
            model.notices.say(Level::Info, "A record cannot be answered anew; this is a replay.", model.now);
            return;
        }
    };
    go(model, travel);
}

/// Moves through the record. Whatever was playing stops.
fn go(model: &mut Model, travel: Travel) {
    let (position, end) = (model.replay.position(), model.replay.len());
    let was_playing = model.play.take().is_some();
    let next = model.now + PLAY;
    let target = match travel {
        Travel::NextPhase => model.replay.next_phase(),
        Travel::NextIteration => model.replay.next_iteration(),
        Travel::PreviousPhase => model.replay.previous_phase(),
        Travel::PreviousIteration => model.replay.previous_iteration(),
        Travel::NextEvent => (position + 1).min(end),
        Travel::PreviousEvent => position.saturating_sub(1),
        Travel::End => end,
        Travel::Start => 0,
        Travel::Play | Travel::PlayBack if was_playing => return,
        Travel::Play if position < end => {
            model.play = Some(Play { forwards: true, next });
            return;
        }
        Travel::PlayBack if position > 0 => {
            model.play = Some(Play { forwards: false, next });
            return;
        }
        Travel::Play | Travel::PlayBack => position,
    };
    model.replay.seek(target);
    if target == position && !was_playing {
        let edge = if position == end { "the newest" } else { "the first" };
        model.notices.say(Level::Info, format!("This is {edge} event."), model.now);
    } else if target < position && position == end && !model.source_over() {
        let text = "You look at the past; the live run goes on. f returns to it.";
        model.notices.say(Level::Info, text, model.now);
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
    if let Command::Edit(edit) = command {
        model.change_pending(|pending| {
            pending.settle(edit);
        });
    }
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
        if let Event::Started { settings, .. } = &record.event {
            live.paused = settings.paused;
        }
        if let Event::Paused { paused } = &record.event {
            live.paused = *paused;
            live.pausing &= !paused;
        }
        if let Event::Ended { outcome } = &record.event {
            live.outcome = Some(outcome.clone());
            live.pausing = false;
        }
    }
    settle(model, &record.event);
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

/// A hand edit that came back is on its way no more; what was not taken by the end never will be.
fn settle(model: &mut Model, event: &Event) {
    if let Event::HumanEdited { edit } = event {
        model.pending.settle(edit);
    }
    if let Event::Ended { .. } = event
        && model.pending.clear() > 0
    {
        model.notices.say(Level::Warning, "The run ended before it took your last edits.", model.now);
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
        Event::Started { .. }
        | Event::ModelReady { .. }
        | Event::PhaseBegan { .. }
        | Event::Paused { .. }
        | Event::CallStarted { .. }
        | Event::CallFinished { .. }
        | Event::Drafted { .. }
        | Event::Checked { .. }
        | Event::Proposed { .. }
        | Event::Scored { .. }
        | Event::HumanEdited { .. }
        | Event::Answered { .. }
        | Event::Judged { .. } => return,
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
        return;
    }
    if model.notices.current(model.now).is_some() {
        model.notices.dismiss();
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
    } else if model.look.focus == Pane::Plan && model.plan().is_some() {
        cursor::step(model, step);
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
    if model.look.focus == Pane::Plan && model.plan().is_some() {
        cursor::edge(model, bottom);
        return;
    }
    let replaying = model.source == Source::Replay;
    if replaying || !model.replay.at_end() {
        go(model, if bottom { Travel::End } else { Travel::Start });
        return;
    }
    let pane = model.look.focus as usize;
    model.look.scroll[pane] = Some(if bottom { model.extents.panes[pane].max } else { 0 });
}
