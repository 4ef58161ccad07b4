//! The panes, one file each, and the one table of them.

pub mod answer;
pub mod budget;
pub mod plan;
pub mod proposal;
pub mod score;
pub mod status;
pub mod timeline;

use std::{cell::RefCell, ops::Range};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    model::Model,
    mouse::{Regions, Target},
    theme::{Role, Theme},
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap_text,
    },
};
use crate::plan::{ItemId, ItemKind};

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// The plan that stands.
    #[default]
    Plan,
    /// Proposed edits.
    Proposal,
    /// Parts of the score.
    Score,
    /// Scores over iterations.
    Timeline,
    /// The answer.
    Answer,
    /// What was spent.
    Budget,
}

impl Pane {
    /// How many panes there are.
    pub const COUNT: usize = 6;
    /// All panes, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Plan, Self::Proposal, Self::Score, Self::Timeline, Self::Answer, Self::Budget];

    /// Returns the pane with the next number; after the last comes the first.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::COUNT]
    }

    /// Returns the pane with the number before; before the first comes the last.
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::COUNT - 1) % Self::COUNT]
    }

    /// Returns the pane's row of the table.
    pub fn spec(self) -> &'static PaneSpec {
        &PANES[self as usize]
    }
}

/// What a pane needs to draw itself.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// What is known.
    pub model: &'a Model,
    /// How it looks.
    pub theme: &'a Theme,
    /// What was drawn where, to be clicked.
    pub regions: &'a RefCell<Regions>,
}

impl Ctx<'_> {
    /// Registers that clicking `area` means `target`. What is registered later lies above.
    pub fn clickable(&self, area: Rect, target: Target) {
        self.regions.borrow_mut().add(area, target);
    }

    /// Registers that clicking line number `line` of what was drawn with `extent` into `area` means
    /// `target`, if that line is in sight; `columns` are counted from the left of `area`.
    pub fn clickable_line(
        &self,
        extent: Extent,
        area: Rect,
        line: usize,
        columns: Range<u16>,
        target: Target,
    ) {
        let Some(row) = line.checked_sub(extent.offset).filter(|row| *row < usize::from(area.height)) else {
            return;
        };
        let start = area.x.saturating_add(columns.start);
        let end = area.x.saturating_add(columns.end).min(area.right());
        let place = Rect { x: start, y: area.y + row as u16, width: end.saturating_sub(start), height: 1 };
        self.clickable(place, target);
    }

    /// Returns the style of `role`.
    pub fn style(&self, role: Role) -> Style {
        self.theme[role]
    }

    /// Returns a piece of text in the style of `role`.
    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.theme[role])
    }

    /// Returns the style of items of `kind`.
    pub fn kind_style(&self, kind: ItemKind) -> Style {
        self.theme[match kind {
            ItemKind::Constraint => Role::Constraint,
            ItemKind::Subgoal => Role::Subgoal,
            ItemKind::Invariant => Role::Invariant,
            ItemKind::Claim => Role::Claim,
            ItemKind::ToolCall => Role::ToolCall,
            ItemKind::Step => Role::Step,
        }]
    }

    /// Returns an item's name in the colour of its kind.
    pub fn id_span(&self, id: ItemId) -> Span<'static> {
        Span::styled(id.to_string(), self.kind_style(id.kind))
    }

    /// Returns a picture of a turning wheel.
    pub fn spinner(&self) -> &'static str {
        const PICTURES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        let turn = self.model.now.as_millis() / super::model::SPIN.as_millis();
        PICTURES[(turn % 10) as usize]
    }

    /// Draws lines scrolled as the person wished for `pane`.
    pub fn scrolled(
        &self,
        pane: Pane,
        lines: Vec<Line<'static>>,
        follow: bool,
        area: Rect,
        buf: &mut Buffer,
    ) -> Extent {
        draw_lines(lines, self.model.look.scroll[pane as usize], follow, area, buf)
    }

    /// Draws the sentence that an empty pane shows.
    pub fn empty(&self, text: &str, area: Rect, buf: &mut Buffer) -> Extent {
        let lines = wrap_text(text, self.style(Role::Dim), usize::from(area.width), 0);
        draw_lines(lines, None, false, area, buf)
    }
}

/// One row of the table of panes.
pub struct PaneSpec {
    /// The pane's title.
    pub title: &'static str,
    /// A few words for the right end of its title line.
    pub summary: fn(&Ctx<'_>) -> String,
    /// Draws the pane's inside.
    pub draw: fn(&Ctx<'_>, Rect, &mut Buffer) -> Extent,
}

/// All panes, in the order of [`Pane`].
pub const PANES: [PaneSpec; Pane::COUNT] = [
    PaneSpec { title: "Plan", summary: plan::summary, draw: plan::draw },
    PaneSpec { title: "Proposals", summary: proposal::summary, draw: proposal::draw },
    PaneSpec { title: "Score", summary: score::summary, draw: score::draw },
    PaneSpec { title: "Timeline", summary: timeline::summary, draw: timeline::draw },
    PaneSpec { title: "Answer", summary: answer::summary, draw: answer::draw },
    PaneSpec { title: "Cost", summary: budget::summary, draw: budget::draw },
];
