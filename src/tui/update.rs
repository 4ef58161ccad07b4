//! How the screen's knowledge changes: a function of what it knew and what came in.

use std::time::Duration;

use super::{
    answers, calls,
    commands::{Action, CommandError, Travel},
    copy, cursors,
    drive::{change, edge, forwards, go, noise_command},
    edit,
    layout::{Edge, Sizes},
    ledger,
    model::{Live, Model, Play, Popup, STOP_WAIT, Source},
    mouse::{self, on_mouse},
    msg::{Effect, Msg},
    notices::Level,
    palette::Palette,
    panes::{Pane, plan::cursor},
    popup,
    press::{fail, next_turn, on_key, on_paste, take_over},
    probes,
    prompt::{Asks, Prompt},
    recovery,
    search::{self, Direction},
    sessions, settings,
    typing::Typing,
};
use crate::{
    engine::{Command, Update},
    probe::Direction as ProbeDirection,
    session::{Event, Outcome, PauseCause, Phase, Record, RefinementStop, Ruling},
};

/// A second interrupt within this time gets a hint how to leave.
const TWICE: Duration = Duration::from_secs(2);
/// How many columns a pane grows at once; rows go one by one.
const RESIZE_COLUMNS: i16 = 2;

/// Takes `msg` in at the time `now` and returns what is to be done.
pub fn update(model: &mut Model, msg: Msg, now: Duration) -> Vec<Effect> {
    model.now = now;
    let effects = match msg {
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
        Msg::CallRead(text) => {
            calls::take_in(model, *text);
            Vec::new()
        }
        Msg::Undelivered(command) => undelivered(model, &command),
        Msg::Note(level, text) => {
            model.notices.say(level, text, now);
            Vec::new()
        }
        Msg::FoundHit(found) => {
            probes::found(model, found);
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
        Msg::Done(done) => sessions::done(model, done),
        Msg::Told(Ok(text)) => {
            model.notices.say(Level::Info, text, model.now);
            Vec::new()
        }
        Msg::Told(Err(text)) => {
            fail(model, &text);
            Vec::new()
        }
    };
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
        model.notices.say(Level::Info, "Interrupted: the run stands still.", model.now);
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
pub fn stop_and_quit(model: &mut Model) -> Vec<Effect> {
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
    model.answers.undelivered(command);
    let Source::Live(live) = &mut model.source else { return Vec::new() };
    live.pausing = false;
    live.sent = live.sent.saturating_sub(1);
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
        model.play = (!ended).then_some(Play { next: model.now + model.look.play_step, ..play });
    }
    let late = |live: &Live| live.stopping.is_some_and(|since| model.now >= since + STOP_WAIT);
    if model.engine().is_some_and(late) {
        return vec![Effect::Quit];
    }
    if model.has_turn() { next_turn(model) } else { Vec::new() }
}

fn on_update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Event(record) => return take_in(model, *record),
        Update::Progress { call, progress } => model.stream.take_in(call, progress, model.now),
        Update::Refused { reason } => {
            if let Source::Live(live) = &mut model.source {
                live.pausing = false;
            }
            // It may be an edit that was refused; of those still to come, each shows up with its event.
            model.pending.clear();
            model.answers.refused();
            fail(model, &reason);
        }
        Update::Hit(hit) => probes::tell(model, &hit),
        Update::Probes { probes, said } => probes::take_in(model, *probes, said.as_deref()),
        Update::Still { taken } => {
            if let Source::Live(live) = &mut model.source {
                live.still = taken == live.sent;
                live.pausing &= !live.still;
            }
        }
        Update::RecordFailed { reason } => {
            let text = format!("The record cannot be written any more, so the run stops: {reason}");
            model.notices.say(Level::Error, text, model.now);
        }
    }
    Vec::new()
}

/// Adds an event. Who looks at the newest moment goes along; who looks at the past stays there.
fn take_in(model: &mut Model, record: Record) -> Vec<Effect> {
    let follows = model.replay.at_end();
    if let Source::Live(live) = &mut model.source {
        if let Event::PhaseBegan { .. } | Event::CallStarted { .. } = &record.event {
            live.since = model.now;
        }
        if let Event::Started { settings, .. } | Event::Forked { settings, .. } = &record.event {
            live.paused = settings.paused;
        }
        if let Event::Paused { paused, .. } = &record.event {
            live.paused = *paused;
            live.pausing &= !paused;
        }
        if let Event::Ended { outcome } = &record.event {
            live.outcome = Some(outcome.clone());
            live.pausing = false;
        }
    }
    settle(model, &record.event);
    if let Event::Paused { cause: Some(PauseCause::Intercept), .. } = &record.event
        && follows
    {
        // The keys to rule with hold there.
        model.look.focus = Pane::Proposal;
    }
    if stops_short(&record.event) {
        model.queue.end_count();
    }
    announce(model, &record.event);
    if let Event::PhaseBegan { phase: Phase::Propose | Phase::Answer, .. } = &record.event
        && follows
    {
        model.look.scroll[Pane::Proposal as usize] = None;
        model.look.scroll[Pane::Score as usize] = None;
        model.look.scroll[Pane::Answer as usize] = None;
    }
    model.overview.take_in(&record);
    ledger::follow(model);
    let effects = calls::follow(model, &record.event);
    model.replay.push(record);
    if follows {
        model.replay.seek(usize::MAX);
    }
    answers::follow(model);
    effects
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

/// Whether the run stands still before it has done what it was told to.
fn stops_short(event: &Event) -> bool {
    let Event::Paused { paused: true, cause: Some(cause) } = event else { return false };
    match cause {
        PauseCause::Asked | PauseCause::Step => false,
        PauseCause::Interrupted | PauseCause::Intercept | PauseCause::Probe { .. } => true,
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
        Event::Paused { cause: Some(PauseCause::Intercept), .. } => (
            Level::Info,
            "Before the gate: accept or veto candidates, edit one, or step on to let it decide.".to_owned(),
        ),
        Event::InterceptSet { on: true } => {
            (Level::Info, "The run stands still before each decision now, for you to rule.".to_owned())
        }
        Event::InterceptSet { on: false } => (Level::Info, "The gate decides alone again.".to_owned()),
        Event::Ruled { candidate, accept } => {
            let what = if *accept { "accept" } else { "veto" };
            (Level::Info, format!("You {what} candidate {}; the next step decides.", candidate + 1))
        }
        Event::RefinementEnded { reason } => {
            (Level::Info, format!("{} The answer comes next.", stop_sentence(reason)))
        }
        Event::SideAnswered { from, .. } => {
            (Level::Info, format!("The answer from event {from} is there; {} shows it.", answers::key(model)))
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
        | Event::CallCancelled { .. }
        | Event::Drafted { .. }
        | Event::Checked { .. }
        | Event::Proposed { .. }
        | Event::Scored { .. }
        | Event::HumanEdited { .. }
        | Event::Undone { .. }
        | Event::Redone { .. }
        | Event::Noised { .. }
        | Event::ChaosSet { .. }
        | Event::CandidateEdited { .. }
        | Event::Rescored { .. }
        | Event::Forked { .. }
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

fn focus(model: &mut Model, pane: Pane) {
    model.look.focus = pane;
}

/// Moves the divider on this side of the focused pane: outwards where there is one, and otherwise the one
/// on the other side, the same way.
fn resize(model: &mut Model, edge: Edge) -> Vec<Effect> {
    let places = mouse::now(model);
    let focus = model.look.focus;
    let Some((_, pane)) = places.panes.iter().find(|(pane, _)| *pane == focus) else { return Vec::new() };
    let (opposite, step) = match edge {
        Edge::Left => (Edge::Right, -RESIZE_COLUMNS),
        Edge::Right => (Edge::Left, RESIZE_COLUMNS),
        Edge::Top => (Edge::Bottom, -1),
        Edge::Bottom => (Edge::Top, 1),
    };
    let at = |edge: Edge| places.dividers.iter().find(|divider| divider.is_at(edge, *pane));
    // As in tmux: the right or lower border moves, unless the pane stands at the screen's edge.
    let (first, second) =
        if matches!(edge, Edge::Right | Edge::Bottom) { (edge, opposite) } else { (opposite, edge) };
    let Some(divider) = at(first).or_else(|| at(second)) else {
        model.notices.say(Level::Info, "This pane has no border that could be moved this way.", model.now);
        return Vec::new();
    };
    model.look.sizes.drag(divider, divider.start().saturating_add_signed(step));
    vec![Effect::Remember]
}

fn choose(model: &mut Model, step: isize) {
    let count = model.state().candidates.len();
    if count > 0 {
        let now = model.candidate_index() as isize;
        show_candidate(model, (now + step).rem_euclid(count as isize) as usize);
    }
}

/// Shows the candidate with this number.
pub(super) fn show_candidate(model: &mut Model, index: usize) {
    if index < model.state().candidates.len() {
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
        scroll_popup(model, step);
    } else if model.look.focus == Pane::Plan && model.plan().is_some() {
        cursor::step(model, step);
    } else {
        scroll_pane(model, model.look.focus, step);
    }
}

/// Scrolls what lies over the panes.
pub(super) fn scroll_popup(model: &mut Model, step: isize) {
    let max = model.extents.popup.max;
    model.look.popup_scroll = model.look.popup_scroll.min(max).saturating_add_signed(step).min(max);
}

/// Scrolls a pane, which need not have the focus.
pub(super) fn scroll_pane(model: &mut Model, pane: Pane, step: isize) {
    let extent = model.extents.panes[pane as usize];
    // Between two frames the wish is newer than what was drawn.
    let now = model.look.scroll[pane as usize].map_or(extent.offset, |wish| wish.min(extent.max));
    model.look.scroll[pane as usize] = Some(now.saturating_add_signed(step).min(extent.max));
}
