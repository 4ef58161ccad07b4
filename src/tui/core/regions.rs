//! What lies under the pointer.
//!
//! While the screen is drawn, whatever can be clicked is registered in [`Regions`], the upper one later.
//! A click then looks up what was drawn there; nothing else needs to know where things stand.

use ratatui::layout::{Position, Rect};

use crate::{
    commands::{Action, OverlayKind, Pane},
    layout::Divider,
};
use plan::ItemId;

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
    /// A row of the list that lies over the panes, by its number; clicking chooses it, and clicking it again opens it.
    Row(OverlayKind, usize),
    /// What lies over the panes.
    Overlay,
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
