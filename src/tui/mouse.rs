//! The mouse: what lies under the pointer, and what clicking, scrolling and dragging mean.
//!
//! While the screen is drawn, whatever can be clicked is registered in [`Regions`], the upper one later.
//! A click then looks up what was drawn there; nothing else needs to know where things stand.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{
    commands::{Action, Asked},
    layout::{Divider, Places, Shape, places},
    look::Popup,
    model::Model,
    moving,
    msg::Effect,
    notices::Level,
    panes::Pane,
    press::by_hand,
    update,
};
use plan::ItemId;

/// How many lines one notch of the wheel scrolls.
const NOTCH: isize = 3;

/// What can lie under the pointer.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A pane; clicking gives it the focus, and the wheel scrolls it.
    Pane(Pane),
    /// What lies between two parts of the screen, by its number among the dividers; it can be dragged.
    Divider(usize),
    /// A moment of the record, by the number of its last event.
    Moment(u64),
    /// A candidate of the iteration that is shown.
    Candidate(usize),
    /// An item of the plan, or a citation of it.
    Item(ItemId),
    /// A command, as in the line of key hints.
    Action(Action),
    /// What lies over the panes.
    Popup,
}

/// What was drawn where. Filled while the screen is drawn; what is added later lies above.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    list: Vec<(Rect, Target)>,
}

impl Regions {
    /// Registers that `target` was drawn at `area`.
    pub fn add(&mut self, area: Rect, target: Target) {
        if !area.is_empty() {
            self.list.push((area, target));
        }
    }

    /// Returns what lies on top at `position`.
    pub fn at(&self, position: Position) -> Option<Target> {
        self.under(position).next().cloned()
    }

    /// Returns the pane at `position`, whatever of it lies there.
    pub fn pane_at(&self, position: Position) -> Option<Pane> {
        self.under(position)
            .find_map(|target| if let Target::Pane(pane) = target { Some(*pane) } else { None })
    }

    fn under(&self, position: Position) -> impl Iterator<Item = &Target> {
        self.list.iter().rev().filter(move |(area, _)| area.contains(position)).map(|(_, target)| target)
    }
}

/// Takes in what the mouse did.
pub fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let position = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return press(model, position),
        MouseEventKind::Drag(MouseButton::Left) => drag(model, position),
        MouseEventKind::Up(MouseButton::Left) => {
            let moved = model.look.drag.take().is_some_and(|drag| drag.moved);
            return if moved { vec![Effect::Remember] } else { Vec::new() };
        }
        MouseEventKind::ScrollDown => wheel(model, position, NOTCH),
        MouseEventKind::ScrollUp => wheel(model, position, -NOTCH),
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Drag(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Up(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => {}
    }
    Vec::new()
}

/// A divider that is being dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drag {
    /// Its number among the dividers.
    divider: usize,
    /// Whether it has moved yet.
    moved: bool,
}

fn press(model: &mut Model, position: Position) -> Vec<Effect> {
    let target = model.extents.regions.at(position);
    if let Some(open) = model.look.popup {
        // A question waits for its answer; everything else closes when something outside it is clicked.
        if target != Some(Target::Popup) && !matches!(open, Popup::ConfirmQuit | Popup::ConfirmSwitch) {
            model.look.popup = None;
        }
        return Vec::new();
    }
    if let Some(pane) = model.extents.regions.pane_at(position) {
        model.look.focus = pane;
    }
    match target {
        Some(Target::Divider(divider)) => model.look.drag = Some(Drag { divider, moved: false }),
        Some(Target::Pane(pane)) => model.look.focus = pane,
        Some(Target::Moment(seq)) => update::go_to(model, seq),
        Some(Target::Candidate(index)) => moving::show_candidate(model, index),
        Some(Target::Action(action)) => {
            return by_hand(model, Asked::once(action)).unwrap_or_else(|error| {
                model.notices.say(Level::Warning, error.to_string(), model.now);
                Vec::new()
            });
        }
        Some(Target::Item(item)) => model.look.item = Some(item),
        Some(Target::Popup) | None => {}
    }
    Vec::new()
}

fn drag(model: &mut Model, position: Position) {
    let Some(drag) = model.look.drag else {
        if model.look.popup.is_none() {
            let hint =
                "To select text with the terminal, hold shift; ui.mouse = false gives it the mouse back.";
            model.notices.say_once(Level::Info, hint, model.now);
        }
        return;
    };
    let Some(divider) = now(model).dividers.into_iter().nth(drag.divider) else { return };
    let to = divider.along(position);
    if to != divider.start() {
        model.look.sizes.drag(&divider, to);
        model.look.drag = Some(Drag { moved: true, ..drag });
    }
}

fn wheel(model: &mut Model, position: Position, step: isize) {
    if model.look.popup.is_some() {
        moving::scroll_popup(model, step);
    } else if let Some(pane) = model.extents.regions.pane_at(position) {
        moving::scroll_pane(model, pane, step);
    }
}

/// Returns where things stand on the screen that was drawn last.
pub fn now(model: &Model) -> Places {
    places(Shape::of(model), &model.look.sizes, model.extents.area)
}

/// Registers the dividers' handles.
pub fn add_dividers(regions: &mut Regions, dividers: &[Divider]) {
    for (at, divider) in dividers.iter().enumerate() {
        regions.add(divider.handle(), Target::Divider(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_later_lies_above_and_panes_are_found_below() {
        let mut regions = Regions::default();
        regions.add(Rect::new(0, 0, 40, 20), Target::Pane(Pane::Plan));
        regions.add(Rect::new(2, 2, 10, 1), Target::Candidate(3));
        regions.add(Rect::new(5, 5, 0, 1), Target::Candidate(4));
        assert_eq!(regions.at(Position::new(2, 2)), Some(Target::Candidate(3)));
        assert_eq!(regions.at(Position::new(12, 2)), Some(Target::Pane(Pane::Plan)));
        assert_eq!(regions.pane_at(Position::new(2, 2)), Some(Pane::Plan));
        assert_eq!(regions.at(Position::new(5, 5)), Some(Target::Pane(Pane::Plan)));
        assert_eq!(regions.at(Position::new(40, 2)), None);
    }
}
