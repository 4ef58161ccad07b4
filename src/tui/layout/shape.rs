//! What the places of panes depend on.

use crate::commands::Pane;

/// Below this the screen shows a sentence instead of panes.
pub const SMALLEST: (u16, u16) = (60, 16);
/// No pane gets fewer columns and rows than this, its frame included.
pub const LEAST: (u16, u16) = (20, 3);

/// What the places depend on besides the screen's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The pane that keys go to.
    pub focus: Pane,
    /// Whether it has the whole screen.
    pub zoom: bool,
    /// Whether the answer is what matters.
    pub answering: bool,
    /// The pane that says most about what is happening.
    pub telling: Pane,
}
