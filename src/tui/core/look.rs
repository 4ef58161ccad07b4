//! The view state of the screen, and what the last frame measured.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use crate::{
    commands::pane::Pane,
    core::{regions::Regions, search::Search},
    layout::Sizes,
    widgets::scroll::Extent,
};
use plan::ItemId;

/// Time from one event to the next while the record plays by itself, unless set otherwise.
const PLAY: Duration = Duration::from_millis(250);
/// How long a digit that gave the focus to a pane may still become a count.
const COUNT: Duration = Duration::from_secs(1);

/// How the changes of a candidate are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffLayout {
    /// Side by side where there is room.
    #[default]
    Auto,
    /// The new item below the old one.
    Unified,
    /// The new item next to the old one.
    SideBySide,
}

impl DiffLayout {
    /// Returns what comes next when a person asks for another layout.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::SideBySide,
            Self::SideBySide => Self::Unified,
            Self::Unified => Self::Auto,
        }
    }

    /// Returns the words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "side by side where there is room",
            Self::Unified => "one below the other",
            Self::SideBySide => "side by side",
        }
    }
}

/// Going through the record by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Play {
    /// Which way.
    pub forwards: bool,
    /// When the next event is due.
    pub next: Duration,
}

/// Digits that were pressed and may count what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The number so far.
    pub number: u32,
    /// When its last digit was pressed.
    pub at: Duration,
    /// The pane that had the focus before the first digit gave it to another one.
    pub before: Option<Pane>,
}

impl Count {
    /// Returns when it is forgotten: soon, where its digit also did something else.
    pub(crate) fn expiry(&self) -> Option<Duration> {
        self.before.map(|_| self.at + COUNT)
    }
}

/// What is under the cursors of panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursors {
    /// The item of the plan under the cursor, once one was chosen; it may be missing at this moment.
    pub item: Option<ItemId>,
    /// Where that item stood in the plan when it was last there.
    pub item_place: usize,
    /// The candidate that was chosen, and in which iteration.
    pub chosen: Option<(u32, usize)>,
    /// The citation under the cursor of the answer.
    pub citation: Option<usize>,
    /// The place of the iteration under the cursor of the charts; without one it is the moment's.
    pub point: Option<usize>,
}

/// The view state of the screen.
#[derive(Debug, Clone)]
pub struct Look {
    /// The pane that keys go to.
    pub focus: Pane,
    /// Whether it has the whole screen.
    pub zoom: bool,
    /// How far each pane is scrolled; none where the pane decides.
    pub scroll: [Option<usize>; Pane::COUNT],
    /// What is under the cursors of panes.
    pub cursors: Cursors,
    /// What the panes are searched for.
    pub search: Option<Search>,
    /// How many iterations the charts show at once; as many as fit well without a wish.
    pub span: Option<usize>,
    /// How the changes of a candidate are shown.
    pub diff: DiffLayout,
    /// Digits that may count what comes next.
    pub count: Option<Count>,
    /// Time from one event to the next while the record plays by itself.
    pub play_step: Duration,
    /// The sizes that the person gave to the parts of the screen.
    pub sizes: Sizes,
    /// The divider that is being dragged.
    pub drag: Option<Drag>,
    /// The row of the screen in which moments are being dragged over.
    pub scrub: Option<u16>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            focus: Pane::default(),
            zoom: false,
            scroll: [None; Pane::COUNT],
            cursors: Cursors::default(),
            search: None,
            span: None,
            diff: DiffLayout::default(),
            count: None,
            play_step: PLAY,
            sizes: Sizes::default(),
            drag: None,
            scrub: None,
        }
    }
}

/// How far things could be scrolled when they were last drawn, and what lay where.
#[derive(Debug, Clone, Default)]
pub struct Extents {
    /// One a pane; of panes not shown the last known.
    pub panes: [Extent; Pane::COUNT],
    /// Of what lies over them.
    pub overlay: Extent,
    /// The whole screen.
    pub area: Rect,
    /// What can be clicked.
    pub regions: Regions,
    /// Where the terminal's cursor belongs.
    pub cursor: Option<Position>,
}

/// A divider that is being dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drag {
    /// Its number among the dividers.
    pub divider: usize,
    /// Whether it has moved yet.
    pub moved: bool,
}
