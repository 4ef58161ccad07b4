//! Letting the run continue, and moving through the record.

use crate::{
    commands::{Chaos, CommandError, Drive, Noise, Travel, pane::Pane},
    core::{
        live::Source,
        look::Play,
        model::Model,
        moments::{Moment, Moments},
        msg::Effect,
        notices::Level,
        open_session::OpenSession,
        plan_cursor, probing,
    },
};
use engine::Command;
use plan::NoiseSpec;
use probe::Direction;
use session::{Phase, State, replay::Replay};

/// Drives the engine in the present; in the past, moves through the record.
pub fn forwards(model: &mut Model, drive: Drive) -> Result<Vec<Effect>, CommandError> {
    let drives_always = matches!(drive, Drive::PauseOrResume | Drive::AnswerNow);
    let at_present = model.session.at_present();
    let Source::Live(live) = &mut model.session.source else { return step_through(model, drive) };
    if !at_present && !drives_always {
        return step_through(model, drive);
    }
    if live.over() {
        return not_now("The run is over. Step back with S or N, or leave with q.");
    }
    let command = match drive {
        Drive::PauseOrResume if !(live.paused || live.pausing) => Command::Pause,
        Drive::PauseOrResume | Drive::Continue => Command::Continue,
        Drive::StepPhase => Command::StepPhase,
        Drive::NextIteration => Command::NextIteration,
        Drive::Until(wanted) => Command::Until(wanted),
        Drive::Finish => Command::Finish,
        Drive::AnswerNow => Command::AnswerNow,
    };
    live.pausing = command == Command::Pause;
    Ok(vec![Effect::Send(command)])
}

/// Returns the noise for the engine. Without a seed the moment gives one, so that the next noise differs.
pub fn noise_command(state: &State, noise: Noise) -> Command {
    Command::Noise(spec(state, noise))
}

/// Returns the noise for the engine that comes on a schedule, or no more.
pub fn chaos_command(state: &State, chaos: Option<Chaos>) -> Command {
    Command::Chaos(chaos.map(|Chaos { noise, every, times }| plan::Chaos {
        noise: spec(state, noise),
        every,
        times,
    }))
}

fn spec(state: &State, noise: Noise) -> NoiseSpec {
    let seed = noise.seed.unwrap_or(state.events);
    NoiseSpec::new(noise.kind, noise.strength, seed)
}

fn not_now<T>(text: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError::NotNow(text.into()))
}

/// What driving means for a record.
fn step_through(model: &mut Model, drive: Drive) -> Result<Vec<Effect>, CommandError> {
    let live = model.session.engine().is_some();
    let travel = match drive {
        Drive::StepPhase => Travel::NextPhase,
        Drive::NextIteration => Travel::NextIteration,
        Drive::Until(iteration) => Travel::Iteration(iteration),
        Drive::Finish => Travel::RefinementEnd,
        Drive::Continue if model.probing.stops() => {
            return Ok(probing::seek(model, None, Direction::Forward));
        }
        // During a run, continuing means continuing the run.
        Drive::Continue if live => Travel::End,
        Drive::PauseOrResume | Drive::Continue => Travel::Play,
        Drive::AnswerNow => {
            return not_now("Cannot generate an answer during replay; fork the session to continue.");
        }
    };
    go(model, travel).map(|()| Vec::new())
}

/// Moves through the record. Whatever was playing stops.
///
/// # Errors
/// When there is no such moment.
pub fn go(model: &mut Model, travel: Travel) -> Result<(), CommandError> {
    let (position, end) = (model.session.replay.position(), model.session.replay.len());
    let was_playing = model.play.take().is_some();
    model.look.cursors.point = None;
    let here = if position == end { Moment::Newest } else { Moment::At(position) };
    let target = match travel {
        Travel::NextPhase => model.session.replay.next_phase(),
        Travel::NextIteration => model.session.replay.next_iteration(),
        Travel::PreviousPhase => model.session.replay.previous_phase(),
        Travel::PreviousIteration => model.session.replay.previous_iteration(),
        Travel::NextEvent => (position + 1).min(end),
        Travel::PreviousEvent => position.saturating_sub(1),
        Travel::Event(event) => event_position(event, end)?,
        Travel::Iteration(iteration) => iteration_end(&model.session, iteration)?,
        Travel::RefinementStart => {
            phase_start(&model.session.replay, Phase::Propose).filter(|at| *at < position).unwrap_or(0)
        }
        Travel::RefinementEnd => {
            phase_start(&model.session.replay, Phase::Answer).filter(|at| *at > position).unwrap_or(end)
        }
        Travel::End => end,
        Travel::Start => 0,
        Travel::Mark(letter) => marked(&model.moments, letter)?,
        Travel::Back => returned(model.moments.back(here), "before")?.min(end),
        Travel::Forward => returned(model.moments.forward(here), "after")?.min(end),
        Travel::Play | Travel::PlayBack => {
            play(model, travel == Travel::Play, was_playing);
            return Ok(());
        }
    };
    // Single events are too small to return to one by one, and the way back is no new way.
    let is_jump =
        !matches!(travel, Travel::NextEvent | Travel::PreviousEvent | Travel::Back | Travel::Forward);
    if is_jump && target != position {
        model.moments.leave(here);
    }
    model.session.replay.seek(target);
    tell(model, position, target, was_playing);
    Ok(())
}

/// Says in a sentence what is not seen at once.
fn tell(model: &mut Model, position: usize, target: usize, was_playing: bool) {
    let end = model.session.replay.len();
    if target == position && !was_playing && (position == 0 || position == end) {
        let edge = if position == end { "the newest" } else { "the first" };
        model.notices.say(Level::Info, format!("This is {edge} event."), model.now);
    } else if target == position && !was_playing {
        model.notices.say(Level::Info, "This position is already shown.", model.now);
    } else if target < position && position == end && !model.session.source_over() {
        let text = "You are viewing history; the live run continues. The key end returns to it.";
        model.notices.say(Level::Info, text, model.now);
    }
}

fn play(model: &mut Model, forwards: bool, was_playing: bool) {
    let (position, end) = (model.session.replay.position(), model.session.replay.len());
    if was_playing {
        return;
    }
    if (forwards && position == end) || (!forwards && position == 0) {
        tell(model, position, position, false);
    } else {
        model.play = Some(Play { forwards, next: model.now + model.look.play_step });
    }
}

fn event_position(event: u32, end: usize) -> Result<usize, CommandError> {
    let wanted = event as usize;
    if wanted > end {
        return not_now(format!("There are {end} events so far, and no event {event}."));
    }
    Ok(wanted)
}

/// Returns the position at which a phase of this kind begins for the first time.
fn phase_start(replay: &Replay, wanted: Phase) -> Option<usize> {
    let mut starts = replay.phase_starts().iter();
    starts.find(|(_, phase, _)| *phase == wanted).map(|(at, ..)| *at)
}

/// Returns the position before the first phase that comes after that iteration.
fn iteration_end(session: &OpenSession, wanted: u32) -> Result<usize, CommandError> {
    let (mut newest, mut seen) = (0, false);
    for &(at, phase, iteration) in session.replay.phase_starts() {
        if seen && (iteration > wanted || phase == Phase::Answer) {
            return Ok(at);
        }
        newest = newest.max(iteration);
        seen |= iteration == wanted && phase != Phase::Load;
    }
    if seen {
        return Ok(session.replay.len());
    }
    let hint = if session.source_over() { "" } else { "; until runs on to a later one" };
    not_now(format!("There is no iteration {wanted}; the newest is {newest}{hint}."))
}

fn marked(moments: &Moments, letter: char) -> Result<usize, CommandError> {
    let marks: Vec<String> = moments.marks().map(|(letter, _)| letter.to_string()).collect();
    let hint = if marks.is_empty() {
        "m and a letter sets one".to_owned()
    } else {
        format!("those set: {}", marks.join(", "))
    };
    let unknown = || CommandError::NotNow(format!("There is no bookmark {letter}; {hint}."));
    moments.marked(letter).ok_or_else(unknown)
}

fn returned(moment: Option<Moment>, side: &str) -> Result<usize, CommandError> {
    let nothing = || CommandError::NotNow(format!("There is no position {side} this one."));
    moment.map(Moment::position).ok_or_else(nothing)
}

/// To the first or last item of the plan; in another pane to the top or bottom, or in the past to the first
/// or newest event.
pub fn edge(model: &mut Model, bottom: bool) -> Result<(), CommandError> {
    if model.look.focus == Pane::Plan && model.session.plan().is_some() {
        plan_cursor::edge(model, bottom);
        return Ok(());
    }
    if model.session.source == Source::Replay || !model.session.replay.at_end() {
        return go(model, if bottom { Travel::End } else { Travel::Start });
    }
    let pane = model.look.focus as usize;
    model.look.scroll[pane] = Some(if bottom { model.extents.panes[pane].max } else { 0 });
    Ok(())
}
