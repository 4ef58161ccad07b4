//! How the screen's knowledge changes: a function of what it knew and what came in.

use std::time::Duration;

use super::{
    answers, calls,
    commands::{Action, CommandError, Travel},
    copy, cursors,
    drive::{change, chaos_command, edge, forwards, go, noise_command},
    edit, findings, jobs,
    layout::Sizes,
    ledger,
    live::{Live, Source},
    look::{Play, Popup},
    model::{Model, STOP_WAIT},
    mouse::on_mouse,
    moving::{choose, focus, half_page, resize, scroll},
    msg::{Effect, Msg},
    news::{engine_done, on_update, undelivered},
    notices::Level,
    palette::Palette,
    panes::{Pane, plan::cursor},
    popup,
    press::{fail, next_turn, on_key, on_paste, take_over},
    probes,
    prompt::{Asks, Prompt},
    recovery,
    search::{self, Direction},
    sessions, settings, shadow,
    typing::Typing,
};
use engine::Command;
use probe::Direction as ProbeDirection;

/// A second interrupt within this time gets a hint how to leave.
const TWICE: Duration = Duration::from_secs(2);

/// Takes `msg` in at the time `now` and returns what is to be done.
pub fn update(model: &mut Model, msg: Msg, now: Duration) -> Vec<Effect> {
    model.now = now;
    let mut effects = match msg {
        Msg::Key(key) => on_key(model, key),
        Msg::Mouse(event) => on_mouse(model, event),
        Msg::Paste(text) => on_paste(model, &text),
        Msg::Edited(outcome) => edit::edited(model, outcome),
        Msg::Interrupt => interrupt(model),
        Msg::Terminate => {
            let stop = model.engine().is_some_and(|live| !live.over());
            stop.then_some(Effect::Send(Command::Stop)).into_iter().chain([Effect::Quit]).collect()
        }
        Msg::Update(update) => on_update(model, update),
        Msg::EngineDone => engine_done(model),
        Msg::Tick => tick(model),
        Msg::Highlighter(ready) => {
            model.highlighter = Some(ready);
            Vec::new()
        }
        Msg::Undelivered(command) => undelivered(model, &command),
        Msg::Note(level, text) => {
            model.notices.say(level, text, now);
            Vec::new()
        }
        Msg::Redraw => Vec::new(),
        Msg::Lines(direction, lines) => search::found(model, direction, &lines),
        Msg::Script(script) => {
            match script {
                Ok(script) => model.queue.load(script),
                Err(text) => fail(model, &text),
            }
            Vec::new()
        }
        Msg::Done(done) => jobs::take_in(model, done),
        Msg::Examined(told) => {
            findings::take_in(model, told);
            Vec::new()
        }
        Msg::Told(Ok(text)) => {
            model.notices.say(Level::Info, text, model.now);
            Vec::new()
        }
        Msg::Told(Err(text)) => {
            fail(model, &text);
            Vec::new()
        }
    };
    if model.look.popup == Some(Popup::Findings) {
        // Who moves while the list is open sees what was wrong by then.
        effects.extend(findings::look(model));
    }
    let sent = effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count() as u64;
    if let Source::Live(live) = &mut model.source
        && sent > 0
    {
        live.sent += sent;
        live.still = false;
    }
    model.refresh();
    effects
}

/// Does what `action` asks for.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(model: &mut Model, action: Action) -> Result<Vec<Effect>, CommandError> {
    if let Some(effects) = popup::act(model, &action) {
        return Ok(effects);
    }
    if cursors::act(model, &action) {
        return Ok(Vec::new());
    }
    match action {
        Action::Interrupt => return Ok(interrupt(model)),
        Action::Suspend => return Ok(vec![Effect::Suspend]),
        Action::Quit => return Ok(quit(model)),
        Action::Help => help(model),
        Action::Messages => toggle(model, Popup::Messages),
        Action::Problem => toggle(model, Popup::Problem),
        Action::Back => back(model),
        Action::Down => scroll(model, 1),
        Action::Up => scroll(model, -1),
        Action::PageDown => scroll(model, half_page(model)),
        Action::PageUp => scroll(model, -half_page(model)),
        Action::Top => edge(model, false)?,
        Action::Bottom => edge(model, true)?,
        Action::FocusNext => focus(model, model.look.focus.next()),
        Action::FocusPrevious => focus(model, model.look.focus.previous()),
        Action::Focus(index) => Pane::ALL.get(usize::from(index)).into_iter().for_each(|p| focus(model, *p)),
        Action::Resize(edge) => return Ok(resize(model, edge)),
        Action::ResetSizes => {
            model.look.sizes = Sizes::default();
            return Ok(vec![Effect::Remember]);
        }
        Action::Zoom => model.look.zoom = !model.look.zoom,
        // What is under the cursor opens where there is one; see `cursors`.
        Action::Open => {}
        Action::ChartCloser => cursors::zoom(model, true),
        Action::ChartWider => cursors::zoom(model, false),
        Action::DiffLayout => diff_layout(model),
        Action::Ledger => ledger::open(model),
        Action::Call(call) => return Ok(calls::open(model, call)),
        Action::Sessions => return sessions::open(model),
        Action::SwitchBack => return sessions::switch_back(model),
        Action::Compare(named) => return sessions::compare_with(model, &named),
        Action::Recovery => recovery::open(model),
        Action::AnswerHere => return answers::ask(model),
        Action::Answers => answers::open(model),
        Action::Shadow => shadow::open(model),
        Action::ShadowLane => return shadow::toggle(model),
        Action::Findings => return Ok(findings::open(model)),
        Action::Examine(check) => return findings::ask(model, &check),
        Action::Fold => cursor::fold(model),
        Action::Hand(hand) => return edit::act(model, hand),
        Action::Undo => return edit::undo(model),
        Action::Redo => return edit::redo(model),
        Action::Inject => return edit::noise(model),
        Action::Rule(rule) => return edit::rule(model, rule),
        Action::Why(item) => return edit::why(model, item),
        Action::Fork => return edit::fork(model),
        Action::NextCandidate => choose(model, 1),
        Action::PreviousCandidate => choose(model, -1),
        Action::Drive(drive) => return forwards(model, drive),
        Action::Noise(noise) => return change(model, noise_command(model, noise)),
        Action::Chaos(chaos) => return change(model, chaos_command(model, chaos)),
        Action::Adopt(number) => return change(model, Command::Adopt(number)),
        Action::Gate(gate) => return change(model, Command::Gate(gate)),
        Action::Probes => probes::open(model),
        Action::Probe(command) => return probes::ask(model, command),
        Action::Find(wanted, direction) => return Ok(probes::seek(model, Some(wanted), direction)),
        Action::Travel(Travel::PlayBack) if model.probing.stops() => {
            return Ok(probes::seek(model, None, ProbeDirection::Backward));
        }
        Action::Travel(travel) => go(model, travel)?,
        Action::Rescore(times) => return change(model, Command::Rescore { times }),
        Action::Mark(letter) => {
            model.moments.mark(letter, model.replay.position());
            model.notices.say(Level::Info, format!("Bookmark {letter} is set."), model.now);
        }
        Action::Prompt => prompt(model, Asks::Command),
        Action::Search => prompt(model, Asks::Search),
        Action::Palette => model.look.typing = Some(Typing::Palette(Box::<Palette>::default())),
        Action::SearchFor(text) => return Ok(search::begin(model, text)),
        Action::Item(id) => {
            model.look.focus = Pane::Plan;
            cursor::choose(model, id);
        }
        Action::NextHit => return search::go_on(model, Direction::Next),
        Action::PreviousHit => return search::go_on(model, Direction::Previous),
        Action::Copy => return copy(model),
        Action::Theme(name) => return Ok(vec![Effect::Theme(name)]),
        Action::Set(key, value) => settings::set(model, &key, &value)?,
        Action::Source(path) => return Ok(vec![Effect::Read(path)]),
        Action::Screenshot(path) => return Ok(vec![Effect::Screenshot(path)]),
    }
    Ok(Vec::new())
}

fn prompt(model: &mut Model, asks: Asks) {
    model.look.typing = Some(Typing::Prompt(Box::new(Prompt::new(asks, "", model))));
}

fn help(model: &mut Model) {
    model.look.help.reset();
    toggle(model, Popup::Help);
}

fn copy(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    let nothing = || CommandError::NotNow("There is nothing to copy here yet.".to_owned());
    let (what, text) = copy::selected(model).ok_or_else(nothing)?;
    let note = format!("{what} is copied, if the terminal allows it: {} characters.", text.chars().count());
    model.notices.say(Level::Info, note, model.now);
    Ok(vec![Effect::Copy(text)])
}

/// Goes to the moment after the event with this number.
pub(super) fn go_to(model: &mut Model, seq: u64) {
    model.play = None;
    model.replay.seek(usize::try_from(seq).map_or(usize::MAX, |seq| seq.saturating_add(1)));
}

fn interrupt(model: &mut Model) -> Vec<Effect> {
    take_over(model);
    let again = model.interrupted.is_some_and(|before| model.now < before + TWICE);
    model.interrupted = Some(model.now);
    let mut effects = probes::stop_seeking(model);
    let was_moving = model.play.take().is_some() || !effects.is_empty();
    let busy = model.busy();
    if let Source::Live(live) = &mut model.source
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

fn quit(model: &mut Model) -> Vec<Effect> {
    match &model.source {
        Source::Live(live) if live.stopping.is_some() => vec![Effect::Quit],
        Source::Live(live) if !live.over() && model.queue.current().is_some() => stop_and_quit(model),
        Source::Live(live) if !live.over() => {
            toggle(model, Popup::ConfirmQuit);
            Vec::new()
        }
        Source::Live(_) | Source::Replay => vec![Effect::Quit],
    }
}

/// Stops the run and leaves once it has stopped.
pub(crate) fn stop_and_quit(model: &mut Model) -> Vec<Effect> {
    model.look.popup = None;
    model.notices.say(Level::Info, "Stopping the run…", model.now);
    let Source::Live(live) = &mut model.source else { return vec![Effect::Quit] };
    if live.done {
        return vec![Effect::Quit];
    }
    live.stopping = Some(model.now);
    vec![Effect::Send(Command::Stop)]
}

fn tick(model: &mut Model) -> Vec<Effect> {
    if let Some(play) = model.play.filter(|play| model.now >= play.next) {
        let position = model.replay.position();
        let target = if play.forwards { position + 1 } else { position.saturating_sub(1) };
        model.replay.seek(target);
        let ended = if play.forwards { model.replay.at_end() } else { target == 0 };
        model.play = (!ended).then_some(Play { next: model.now + model.look.play_step, ..play });
    }
    let late = |live: &Live| live.stopping.is_some_and(|since| model.now >= since + STOP_WAIT);
    if model.engine().is_some_and(late) {
        return vec![Effect::Quit];
    }
    if model.has_turn() { next_turn(model) } else { Vec::new() }
}

fn diff_layout(model: &mut Model) {
    model.look.diff = model.look.diff.next();
    let text = format!("Changes are shown {}.", model.look.diff.name());
    model.notices.say(Level::Info, text, model.now);
}

fn toggle(model: &mut Model, popup: Popup) {
    model.look.popup = (model.look.popup != Some(popup)).then_some(popup);
    model.look.popup_scroll = 0;
}

fn back(model: &mut Model) {
    // A dialog takes the keys itself, but a script may close it.
    let closed = model.dialog.take().is_some();
    if closed || model.look.popup.take().is_some() || model.search.take().is_some() {
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
