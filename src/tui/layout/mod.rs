//! Where each pane stands: a function of the screen's size, of what is shown, and of how the person
//! moved the dividers.

mod forms;
pub(crate) mod shape;
mod sizes;

use ratatui::layout::{Constraint, Layout, Rect};

pub use sizes::{Divider, Sizes};

use self::{forms::Node, shape::Shape, sizes::lengths};
use crate::commands::Pane;

/// The parts of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The top line.
    pub status: Rect,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
    /// Panes that share their place with the one shown; in the order of their tabs.
    pub tabs: Vec<Pane>,
    /// What can be moved between them, outermost first.
    pub dividers: Vec<Divider>,
    /// The line of messages, where there is room for one of its own.
    pub notice: Option<Rect>,
    /// The line of key hints.
    pub footer: Rect,
}

/// Returns where things stand on a screen of `area`.
pub fn places(shape: Shape, sizes: &Sizes, area: Rect) -> Places {
    let notice_rows = u16::from(area.height >= 30);
    let [status, body, notice, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(notice_rows),
        Constraint::Length(1),
    ])
    .areas(area);
    let mut places = Places {
        status,
        panes: Vec::new(),
        tabs: Vec::new(),
        dividers: Vec::new(),
        notice: (notice_rows > 0).then_some(notice),
        footer,
    };
    if shape.zoom {
        places.panes.push((shape.focus, body));
    } else {
        place(&forms::form(shape, area), shape, sizes, body, &mut places);
    }
    places
}

fn place(node: &Node, shape: Shape, sizes: &Sizes, area: Rect, places: &mut Places) {
    match node {
        Node::Pane(pane) => places.panes.push((*pane, area)),
        Node::Shared(panes) => {
            let shown = if panes.contains(&shape.focus) { shape.focus } else { shape.telling };
            places.tabs = panes.to_vec();
            places.panes.push((shown, area));
        }
        Node::Split { id, axis, parts } => {
            let minima: Vec<u16> = parts.iter().map(|(_, part)| part.least(*axis)).collect();
            let wished = sizes.wish(id, parts);
            let lengths = lengths(&wished, &minima, axis.length(area));
            let starts: Vec<u16> =
                (0..parts.len()).map(|at| axis.start(area) + lengths[..at].iter().sum::<u16>()).collect();
            for (at, start) in starts.iter().enumerate().skip(1) {
                places.dividers.push(Divider::new(id, at, *axis, area, *start, &lengths, &minima));
            }
            for (at, (_, part)) in parts.iter().enumerate() {
                place(part, shape, sizes, axis.slice(area, starts[at], lengths[at]), places);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        shape::{LEAST, SMALLEST},
        *,
    };

    fn shape() -> impl Strategy<Value = Shape> {
        let pane = || (0..Pane::COUNT).prop_map(|at| Pane::ALL[at]);
        let telling = prop_oneof![Just(Pane::Proposal), Just(Pane::Score), Just(Pane::Answer)];
        (pane(), any::<bool>(), any::<bool>(), telling).prop_map(|(focus, zoom, answering, telling)| Shape {
            focus,
            zoom,
            answering,
            telling,
        })
    }

    fn check(places: &Places, area: Rect) -> Result<(), TestCaseError> {
        let lines = [places.status, places.footer].into_iter().chain(places.notice);
        let all: Vec<Rect> = lines.chain(places.panes.iter().map(|(_, place)| *place)).collect();
        for (at, one) in all.iter().enumerate() {
            prop_assert_eq!(one.intersection(area), *one, "{:?} is not inside", one);
            for other in &all[at + 1..] {
                prop_assert!(one.intersection(*other).is_empty(), "{one:?} lies over {other:?}");
            }
        }
        let covered: u32 = all.iter().map(|place| place.area()).sum();
        prop_assert_eq!(covered, area.area(), "nothing is left empty");
        for (pane, place) in &places.panes {
            prop_assert!(place.width >= LEAST.0 && place.height >= LEAST.1, "{pane:?} has {place:?}");
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn panes_fill_the_screen_and_never_overlap(
            shape in shape(),
            columns in SMALLEST.0..300,
            rows in SMALLEST.1..100,
            drags in prop::collection::vec((any::<prop::sample::Index>(), 0_u16..300), 0..6),
        ) {
            let area = Rect::new(0, 0, columns, rows);
            let mut sizes = Sizes::default();
            check(&places(shape, &sizes, area), area)?;
            for (which, to) in drags {
                let now = places(shape, &sizes, area);
                if now.dividers.is_empty() {
                    break;
                }
                sizes.drag(which.get(&now.dividers), to);
                check(&places(shape, &sizes, area), area)?;
            }
            // The same sizes on another screen keep everything in place.
            let smaller = Rect::new(0, 0, (columns / 2).max(SMALLEST.0), (rows / 2).max(SMALLEST.1));
            check(&places(shape, &sizes, smaller), smaller)?;
        }

        #[test]
        fn a_divider_goes_where_it_is_dragged(to in 30_u16..60) {
            let area = Rect::new(0, 0, 100, 40);
            let shape = Shape { focus: Pane::Plan, zoom: false, answering: false, telling: Pane::Proposal };
            let mut sizes = Sizes::default();
            let before = places(shape, &sizes, area);
            sizes.drag(&before.dividers[0], to);
            let after = places(shape, &sizes, area);
            let plan = after.panes.iter().find(|(pane, _)| *pane == Pane::Plan).unwrap().1;
            prop_assert_eq!(plan.right(), to);
        }
    }

    #[test]
    fn every_pane_is_within_reach_at_every_size() {
        for size in [(60, 16), (80, 24), (100, 32), (150, 40), (250, 70)] {
            for &focus in Pane::ALL {
                let shape = Shape { focus, zoom: false, answering: false, telling: Pane::Proposal };
                let places = places(shape, &Sizes::default(), Rect::new(0, 0, size.0, size.1));
                assert!(places.panes.iter().any(|(pane, _)| *pane == focus), "{focus:?} at {size:?}");
                let reach = places.panes.iter().map(|(pane, _)| *pane).chain(places.tabs.iter().copied());
                assert!(Pane::ALL.iter().all(|pane| reach.clone().any(|other| other == *pane)));
            }
        }
    }
}
