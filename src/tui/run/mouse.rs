//! The mouse: what clicking, scrolling and dragging mean.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{
    dispatch::{act, settle, try_by_hand},
    moving,
};
use crate::{
    commands::{Action, Asked, OverlayKind},
    core::{look::Drag, msg::Effect, notices::Level, regions::Target},
    overlays::screen::Screen,
};

/// How many lines one notch of the wheel scrolls.
const NOTCH: isize = 3;

/// Takes in what the mouse did.
pub fn on_mouse(screen: &mut Screen, event: MouseEvent) -> Vec<Effect> {
    let model = &mut screen.model;
    let position = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return press(screen, position),
        MouseEventKind::Drag(MouseButton::Left) => drag(screen, position),
        MouseEventKind::Up(MouseButton::Left) => {
            model.look.scrub = None;
            let moved = model.look.drag.take().is_some_and(|drag| drag.moved);
            return if moved { vec![Effect::Remember] } else { Vec::new() };
        }
        MouseEventKind::ScrollDown => wheel(screen, position, NOTCH),
        MouseEventKind::ScrollUp => wheel(screen, position, -NOTCH),
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Drag(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Up(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => {}
    }
    Vec::new()
}

fn press(screen: &mut Screen, position: Position) -> Vec<Effect> {
    let model = &mut screen.model;
    let target = model.extents.regions.at(position);
    if let Some(Target::Action(action)) = target {
        return try_by_hand(screen, Asked::once(action));
    }
    if let Some(open) = screen.overlays.top() {
        if let Some(Target::Row(list, row)) = target
            && list == open.kind()
        {
            return click_row(screen, list, row);
        }
        // A dialog waits for its answer; everything else closes when something outside it is clicked.
        if target != Some(Target::Overlay) && !open.is_modal() {
            screen.overlays.take_top();
        }
        return Vec::new();
    }
    if let Some(pane) = model.extents.regions.pane_at(position) {
        model.look.focus = pane;
    }
    match target {
        Some(Target::Divider(divider)) => model.look.drag = Some(Drag { divider, moved: false }),
        Some(Target::Pane(pane)) => model.look.focus = pane,
        Some(Target::Moment(seq)) => {
            model.look.scrub = Some(position.y);
            model.go_to(seq);
        }
        Some(Target::Candidate(index)) => moving::show_candidate(model, index),
        Some(Target::Item(item)) => model.look.cursors.item = Some(item),
        Some(Target::Action(_) | Target::Row(..) | Target::Overlay) | None => {}
    }
    Vec::new()
}

fn click_row(screen: &mut Screen, list: OverlayKind, row: usize) -> Vec<Effect> {
    let Screen { model, overlays } = screen;
    let Some(overlay) = overlays.get_mut(list) else { return Vec::new() };
    let outcome = overlay.click(model, row);
    match settle(screen, list, outcome) {
        Ok(effects) => effects.unwrap_or_default(),
        Err(error) => {
            screen.model.warn(error.to_string());
            Vec::new()
        }
    }
}

fn drag(screen: &mut Screen, position: Position) {
    let model = &mut screen.model;
    if let Some(y) = model.look.scrub {
        // The pointer need not keep to the row; past its ends nothing moves.
        if let Some(Target::Moment(seq)) = model.extents.regions.at(Position { y, ..position }) {
            model.go_to(seq);
        }
        return;
    }
    let Some(drag) = model.look.drag else {
        if screen.overlays.top().is_none() {
            let hint =
                "To select text with the terminal, hold shift; ui.mouse = false gives it the mouse back.";
            model.notices.say_once(Level::Info, hint, model.now);
        }
        return;
    };
    let Some(divider) = model.places().dividers.into_iter().nth(drag.divider) else { return };
    let to = divider.along(position);
    if to != divider.start() {
        model.look.sizes.drag(&divider, to);
        model.look.drag = Some(Drag { moved: true, ..drag });
    }
}

fn wheel(screen: &mut Screen, position: Position, step: isize) {
    if let Some(open) = screen.overlays.top() {
        if !open.is_modal() {
            let action = if step > 0 { Action::Down } else { Action::Up };
            // Moving within an overlay asks for nothing else, and cannot fail.
            (0..NOTCH).for_each(|_| drop(act(screen, action.clone())));
        }
    } else if let Some(pane) = screen.model.extents.regions.pane_at(position) {
        moving::scroll_pane(&mut screen.model, pane, step);
    }
}
