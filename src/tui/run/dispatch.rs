//! What an action does: what lies over the panes comes first, from the top, then the command itself.

use crate::{
    commands::{Action, Asked, CommandError, InOverlay, OverlayKind, Travel, all, pane::Pane},
    core::{
        live::Source,
        look::Look,
        model::Model,
        msg::Effect,
        plan_cursor, probing, ruling,
        script::{Place, Step},
        search::Direction,
    },
    overlays::{
        self,
        overlay::Outcome,
        screen::Screen,
        tour::{Tour, TourView},
    },
    run::{
        available::{self, WhyNot},
        copy, cursors,
        drive::{chaos_command, edge, forwards, go, noise_command},
        moving::{self, choose, half_page, resize, scroll},
        quit::{interrupt, quit},
        search, settings,
    },
};
use engine::Command;
use plan::ItemId;
use probe::Direction as ProbeDirection;
use session::State;

/// The most often that a count repeats a command.
pub const MOST_TIMES: u32 = 10_000;

/// Does what a person asks for. Driving by hand takes over from a script.
///
/// # Errors
/// When it cannot be done.
pub fn by_hand(screen: &mut Screen, asked: Asked) -> Result<Vec<Effect>, CommandError> {
    let drives = matches!(
        asked.action,
        Action::Drive(_)
            | Action::Interrupt
            | Action::Noise(_)
            | Action::Chaos(_)
            | Action::Adopt(_)
            | Action::Gate(_)
            | Action::ShadowLane
            | Action::Rescore(_)
    );
    if drives {
        screen.model.take_over();
    }
    screen.model.queue.by_hand();
    run(screen, asked, None)
}

/// Does what a person asks for, and says why where that cannot be done.
pub fn try_by_hand(screen: &mut Screen, asked: Asked) -> Vec<Effect> {
    by_hand(screen, asked).unwrap_or_else(|error| {
        screen.model.warn(error.to_string());
        Vec::new()
    })
}

/// Does an action as often as asked. What has to wait for the run is put in the queue.
fn run(screen: &mut Screen, asked: Asked, place: Option<Place>) -> Result<Vec<Effect>, CommandError> {
    let mut effects = Vec::new();
    let count = asked.count.min(MOST_TIMES);
    for done in 1..=count {
        match act(screen, asked.action.clone()) {
            Ok(more) => effects.extend(more),
            Err(error) if done == 1 => return Err(error),
            // As often as could be.
            Err(_) => break,
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Send(_))) {
            let queue = &mut screen.model.queue;
            if done < count || place.is_some() {
                queue.wait();
            }
            if done < count {
                let rest = Asked { count: count - done, ..asked };
                queue.put_first(Step { asked: rest, place });
            }
            break;
        }
    }
    Ok(effects)
}

/// Does the next command of the queue.
pub fn next_turn(screen: &mut Screen) -> Vec<Effect> {
    let Some(step) = screen.model.queue.take_next() else { return Vec::new() };
    run(screen, step.asked, step.place).unwrap_or_else(|error| {
        screen.model.fail(&error.to_string());
        Vec::new()
    })
}

/// Does what `action` asks for.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(screen: &mut Screen, action: Action) -> Result<Vec<Effect>, CommandError> {
    for kind in screen.overlays.reach() {
        let Screen { model, overlays } = screen;
        let Some(overlay) = overlays.get_mut(kind) else { continue };
        let (outcome, modal) = (overlay.act(model, &action), overlay.is_modal());
        match settle(screen, kind, outcome)? {
            Some(effects) => return Ok(effects),
            None if modal && !matches!(action, Action::Interrupt | Action::Suspend | Action::Back) => {
                return Ok(Vec::new());
            }
            None => {}
        }
    }
    command(screen, action)
}

/// Applies the outcome of an action or a key to the overlay of this kind; `None` where it means nothing there.
///
/// # Errors
/// When a command for which the overlay closes cannot be done, and the overlay does not show that.
pub fn settle(
    screen: &mut Screen,
    kind: OverlayKind,
    outcome: Outcome,
) -> Result<Option<Vec<Effect>>, CommandError> {
    let overlays = &mut screen.overlays;
    Ok(Some(match outcome {
        Outcome::Pass => return Ok(None),
        Outcome::Stay(effects) => effects,
        Outcome::Close(effects) => {
            overlays.take(kind);
            effects
        }
        Outcome::Panes => {
            overlays.take(kind);
            overlays.close_lists();
            Vec::new()
        }
        Outcome::Open(other, effects) => {
            overlays.open(other);
            effects
        }
        Outcome::Replace(other, effects) => {
            overlays.take(kind);
            overlays.open(other);
            effects
        }
        Outcome::Ask(asked) => {
            let asking = overlays.take(kind);
            match by_hand(screen, asked) {
                Ok(effects) => effects,
                Err(error) => {
                    let shown = asking.is_some_and(|mut overlay| {
                        let shown = overlay.refuse(&error);
                        if shown {
                            screen.overlays.open(overlay);
                        }
                        shown
                    });
                    return if shown { Ok(Some(Vec::new())) } else { Err(error) };
                }
            }
        }
        Outcome::Restage(commands) => restage(screen, commands),
    }))
}

/// Begins a tour at its first step. What has to be done outside the screen comes back.
pub fn begin_tour(screen: &mut Screen, tour: Tour) -> Vec<Effect> {
    let (view, commands) = TourView::begin(tour);
    screen.overlays.open(Box::new(view));
    restage(screen, commands)
}

/// Brings everything but the tour back to how it was when the record was opened, at its first moment, and does `commands`
/// from there.
fn restage(screen: &mut Screen, commands: Vec<Asked>) -> Vec<Effect> {
    let Screen { model, overlays } = &mut *screen;
    let tour = overlays.take(OverlayKind::Tour);
    overlays.clear();
    model.look = Look { sizes: model.look.sizes.clone(), ..Look::default() };
    model.play = None;
    model.queue.clear();
    model.notices.dismiss();
    model.session.replay.seek(0);
    model.refresh();
    let effects = commands.into_iter().flat_map(|asked| try_by_hand(screen, asked)).collect();
    tour.into_iter().for_each(|tour| screen.overlays.open(tour));
    effects
}

/// Does what a command asks for, or says why it has no effect now, or what it did where that is not seen.
fn command(screen: &mut Screen, action: Action) -> Result<Vec<Effect>, CommandError> {
    let closes = action == Action::Back && screen.overlays.top().is_some();
    match available::why_not(&screen.model, &action).filter(|_| !closes) {
        Some(WhyNot::Refused(why)) => return Err(CommandError::NotNow(why)),
        Some(WhyNot::Already(why)) => {
            screen.model.inform(why);
            return Ok(Vec::new());
        }
        None => {}
    }
    let effects = perform(screen, action.clone())?;
    if let Some(done) = available::unseen(&screen.model, &action) {
        screen.model.inform(done);
    }
    Ok(effects)
}

/// Does what a command asks for that has an effect.
fn perform(screen: &mut Screen, action: Action) -> Result<Vec<Effect>, CommandError> {
    let model = &mut screen.model;
    match action {
        Action::Interrupt => return Ok(interrupt(model)),
        Action::Suspend => return Ok(vec![Effect::Suspend]),
        Action::Quit => return Ok(quit(screen)),
        Action::Show(show) => return overlays::show(screen, &show),
        Action::Hand(hand) => return overlays::hand(screen, hand),
        Action::Back => back(screen),
        Action::Down => scroll(model, 1),
        Action::Up => scroll(model, -1),
        Action::Left => cursors::step(model, false)?,
        Action::Right => cursors::step(model, true)?,
        Action::PageDown => scroll(model, half_page(model)),
        Action::PageUp => scroll(model, -half_page(model)),
        Action::Top => edge(model, false)?,
        Action::Bottom => edge(model, true)?,
        Action::FocusNext => model.look.focus = model.look.focus.next(),
        Action::FocusPrevious => model.look.focus = model.look.focus.previous(),
        Action::Focus(index) => moving::focus(&mut model.look, index),
        Action::Resize(edge) => return Ok(resize(model, edge)),
        Action::ResetSizes => return Ok(moving::reset_sizes(&mut model.look)),
        Action::Zoom => model.look.zoom = !model.look.zoom,
        Action::Open => cursors::open(model),
        Action::ChartCloser => cursors::zoom(model, true),
        Action::ChartWider => cursors::zoom(model, false),
        Action::DiffLayout => diff_layout(model),
        Action::ShadowLane => return send(shadow_switch(model.session.state())),
        Action::Fold => plan_cursor::fold(model),
        Action::Undo => return send(Command::Undo),
        Action::Redo => return send(Command::Redo),
        Action::Rule(rule) => return ruling::act(model, rule),
        Action::NextCandidate => choose(model, 1),
        Action::PreviousCandidate => choose(model, -1),
        Action::Drive(drive) => return forwards(model, drive),
        Action::Noise(noise) => return send(noise_command(model.session.state(), noise)),
        Action::Chaos(chaos) => return send(chaos_command(model.session.state(), chaos)),
        Action::Adopt(number) => return send(Command::Adopt(number)),
        Action::Gate(gate) => return send(Command::Gate(gate)),
        Action::Probe(command) => return probing::ask(model, command),
        Action::Find(wanted, direction) => return Ok(probing::seek(model, Some(wanted), direction)),
        Action::Travel(travel) => return travel_or_seek(model, travel),
        Action::Rescore(times) => return send(Command::Rescore { times }),
        Action::Mark(letter) => mark(model, letter),
        Action::SearchFor(text) => return Ok(search::begin(&mut model.look, text)),
        Action::Item(id) => show_item(model, id),
        Action::NextHit => return search::go_on(&mut model.look, Direction::Next),
        Action::PreviousHit => return search::go_on(&mut model.look, Direction::Previous),
        Action::Copy => return copy_selected(screen),
        Action::Theme(name) => return Ok(vec![Effect::Theme(name)]),
        Action::Set(key, value) => settings::set(model, &key, &value)?,
        Action::Source(path) => return Ok(vec![Effect::Read(path)]),
        Action::Screenshot(path) => return Ok(vec![Effect::Screenshot(path)]),
        Action::InOverlay(action) => return Err(only_in(action)),
    }
    Ok(Vec::new())
}

fn send(command: Command) -> Result<Vec<Effect>, CommandError> {
    Ok(vec![Effect::Send(command)])
}

fn shadow_switch(state: &State) -> Command {
    Command::Shadow(!state.settings.shadow)
}

/// Goes through the record; backwards only as far as the probes let it.
fn travel_or_seek(model: &mut Model, travel: Travel) -> Result<Vec<Effect>, CommandError> {
    if travel == Travel::PlayBack && model.probing.stops() {
        return Ok(probing::seek(model, None, ProbeDirection::Backward));
    }
    go(model, travel).map(|()| Vec::new())
}

fn mark(model: &mut Model, letter: char) {
    model.moments.mark(letter, model.session.replay.position());
    model.inform(format!("Bookmark {letter} is set."));
}

fn show_item(model: &mut Model, id: ItemId) {
    model.look.focus = Pane::Plan;
    plan_cursor::choose(model, id);
}

/// Why something that means something only in lists and dialogs means nothing now.
fn only_in(action: InOverlay) -> CommandError {
    let action = Action::InOverlay(action);
    let has = |kind: &OverlayKind| kind.keys().iter().any(|row| row.action.as_ref() == Some(&action));
    let places: Vec<&str> = OverlayKind::all().filter(has).map(|kind| kind.spec().title).collect();
    let name = all().find(|spec| spec.action() == Some(&action)).map_or("this", |spec| spec.name);
    CommandError::NotNow(format!("{name} means something only in {}.", places.join(", ")))
}

fn copy_selected(screen: &mut Screen) -> Result<Vec<Effect>, CommandError> {
    let model = &mut screen.model;
    let nothing = || CommandError::NotNow("There is nothing to copy here yet.".to_owned());
    let (what, text) = copy::selected(model).ok_or_else(nothing)?;
    let note = format!("{what} is copied, if the terminal allows it: {} characters.", text.chars().count());
    model.inform(note);
    Ok(vec![Effect::Copy(text)])
}

fn diff_layout(model: &mut Model) {
    model.look.diff = model.look.diff.next();
    let text = format!("Changes are shown {}.", model.look.diff.name());
    model.inform(text);
}

/// Closes what is on top; with nothing open, leaves what was searched for, a message, a cursor, the zoom, or the past.
fn back(screen: &mut Screen) {
    // A modal overlay passes this on when a script asks for it.
    if screen.overlays.take_top().is_some() {
        return;
    }
    let model = &mut screen.model;
    if cursors::leave(&mut model.look) || model.look.search.take().is_some() {
        return;
    }
    if model.notices.current(model.now).is_some() {
        model.notices.dismiss();
    } else if model.look.zoom {
        model.look.zoom = false;
    } else if matches!(model.session.source, Source::Live(_)) {
        model.session.replay.seek(usize::MAX);
    }
}
