//! The forms that the screen takes by its size, as trees of splits.

use ratatui::layout::Rect;

use crate::commands::pane::Pane;
use crate::layout::shape::{LEAST, Shape};

/// How a part of the screen is divided.
#[derive(Debug)]
pub(super) enum Node {
    /// Not at all.
    Pane(Pane),
    /// Panes that share one place, as tabs.
    Shared(&'static [Pane]),
    /// Into parts, each with the size that it has until a person changes it.
    Split {
        /// The name under which the person's sizes are remembered.
        id: &'static str,
        /// Which way.
        axis: Axis,
        /// The parts, from the left or the top.
        parts: Vec<(Size, Node)>,
    },
}

/// Which way a split goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Parts side by side.
    Columns,
    /// Parts above each other.
    Rows,
}

/// How much of a split a part gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// So many columns or rows.
    Cells(u16),
    /// A share of what is left.
    Share(u16),
}

impl Axis {
    /// Returns how long `area` is this way.
    pub const fn length(self, area: Rect) -> u16 {
        match self {
            Self::Columns => area.width,
            Self::Rows => area.height,
        }
    }

    /// Returns where `area` begins this way.
    pub const fn start(self, area: Rect) -> u16 {
        match self {
            Self::Columns => area.x,
            Self::Rows => area.y,
        }
    }

    /// Returns the piece of `area` that begins at `start` and is `length` long.
    pub const fn slice(self, area: Rect, start: u16, length: u16) -> Rect {
        match self {
            Self::Columns => Rect { x: start, width: length, ..area },
            Self::Rows => Rect { y: start, height: length, ..area },
        }
    }
}

impl Node {
    /// Returns the least columns or rows that the part can do with.
    pub fn least(&self, along: Axis) -> u16 {
        match self {
            Self::Pane(_) | Self::Shared(_) => match along {
                Axis::Columns => LEAST.0,
                Axis::Rows => LEAST.1,
            },
            Self::Split { axis, parts, .. } => {
                let each = parts.iter().map(|(_, part)| part.least(along));
                if *axis == along { each.sum() } else { each.max().unwrap_or(0) }
            }
        }
    }
}

/// Returns the form for a screen of `area`.
pub(super) fn form(shape: Shape, area: Rect) -> Node {
    match (area.width, area.height) {
        (220.., 56..) => huge(shape),
        (150.., 40..) => wide(shape),
        (100.., 32..) => medium(shape),
        _ => compact(),
    }
}

fn columns(id: &'static str, parts: Vec<(Size, Node)>) -> Node {
    Node::Split { id, axis: Axis::Columns, parts }
}

fn rows(id: &'static str, parts: Vec<(Size, Node)>) -> Node {
    Node::Split { id, axis: Axis::Rows, parts }
}

const fn pane(size: Size, pane: Pane) -> (Size, Node) {
    (size, Node::Pane(pane))
}

use Size::{Cells, Share};

/// Three columns; the timeline stands below the plan, where it has room for long runs.
fn huge(shape: Shape) -> Node {
    let left = rows("huge.left", vec![pane(Share(13), Pane::Plan), pane(Share(7), Pane::Timeline)]);
    let right = rows("huge.right", vec![pane(Share(11), Pane::Score), pane(Share(9), Pane::Budget)]);
    columns("huge", vec![(Share(34), left), (Share(36), proposals_and_answer(shape)), (Share(30), right)])
}

/// Three columns.
fn wide(shape: Shape) -> Node {
    let right = rows(
        "wide.right",
        vec![pane(Share(5), Pane::Score), pane(Share(3), Pane::Timeline), pane(Share(4), Pane::Budget)],
    );
    columns(
        "wide",
        vec![pane(Share(34), Pane::Plan), (Share(36), proposals_and_answer(shape)), (Share(30), right)],
    )
}

/// The middle column: the answer grows once it matters.
fn proposals_and_answer(shape: Shape) -> Node {
    let (id, answer) = if shape.answering { ("middle.answer", 65) } else { ("middle", 28) };
    rows(id, vec![pane(Share(100 - answer), Pane::Proposal), pane(Share(answer), Pane::Answer)])
}

/// Two columns.
fn medium(shape: Shape) -> Node {
    let left = rows(
        "medium.left",
        vec![pane(Share(1), Pane::Plan), pane(Cells(8), Pane::Timeline), pane(Cells(9), Pane::Budget)],
    );
    let (id, [proposal, score, answer]) =
        if shape.answering { ("medium.right.answer", [3, 4, 8]) } else { ("medium.right", [8, 5, 2]) };
    let right = rows(
        id,
        vec![
            pane(Share(proposal), Pane::Proposal),
            pane(Share(score), Pane::Score),
            pane(Share(answer), Pane::Answer),
        ],
    );
    columns("medium", vec![(Share(48), left), (Share(52), right)])
}

/// The plan and the timeline; the other panes share one place.
fn compact() -> Node {
    const SHARED: &[Pane] = &[Pane::Proposal, Pane::Score, Pane::Answer, Pane::Budget];
    let left = rows("compact.left", vec![pane(Share(1), Pane::Plan), pane(Cells(5), Pane::Timeline)]);
    columns("compact", vec![(Share(1), left), (Share(1), Node::Shared(SHARED))])
}
