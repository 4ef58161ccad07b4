//! The panes, one file each, and the one table of them.

pub(crate) mod answer;
pub(crate) mod budget;
pub(crate) mod ctx;
pub(crate) mod plan;
pub(crate) mod proposal;
pub(crate) mod score;
mod scrub;
pub(crate) mod status;
pub(crate) mod timeline;

use ratatui::{buffer::Buffer, layout::Rect};

use self::ctx::Ctx;
use crate::{commands::Pane, widgets::scroll::Extent};

/// One row of the table of panes.
pub struct PaneSpec {
    /// A few words for the right end of its title line.
    pub summary: fn(&Ctx<'_>) -> String,
    /// Draws the pane's inside.
    pub draw: fn(&Ctx<'_>, Rect, &mut Buffer) -> Extent,
}

/// Returns how a pane is drawn.
pub const fn spec(pane: Pane) -> &'static PaneSpec {
    &PANES[pane as usize]
}

/// All panes, in the order of [`Pane`].
const PANES: [PaneSpec; Pane::COUNT] = [
    PaneSpec { summary: plan::summary, draw: plan::draw },
    PaneSpec { summary: proposal::summary, draw: proposal::draw },
    PaneSpec { summary: score::summary, draw: score::draw },
    PaneSpec { summary: timeline::summary, draw: timeline::draw },
    PaneSpec { summary: answer::summary, draw: answer::draw },
    PaneSpec { summary: budget::summary, draw: budget::draw },
];
