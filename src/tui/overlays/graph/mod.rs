//! The plan as a graph: which item builds on which, in layers from what is given down to the end.

mod draw;
mod nodes;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Outcome, Overlay, motion, sideways};
use crate::{
    commands::{Action, OverlayKind, Pane},
    core::{model::Model, plan_cursor},
    panes::ctx::Ctx,
    widgets::scroll::{Extent, Motion},
};
use draw::GraphPicture;
use plan::ItemId;

/// The graph, with an item selected.
#[derive(Debug, Default)]
pub struct GraphView {
    selected: Option<ItemId>,
}

impl GraphView {
    /// Returns the graph with the item under the plan's cursor selected.
    pub fn new(model: &Model) -> Self {
        Self { selected: plan_cursor::item(model).map(|item| item.id) }
    }

    /// Selects the item at `place`. The plan's cursor follows, so that commands on items mean it too.
    fn select(&mut self, model: &mut Model, picture: &GraphPicture, place: usize) {
        let Some(node) = picture.nodes.nodes.get(place) else { return };
        self.selected = Some(node.item.id);
        if model.session.plan().is_some_and(|plan| plan.get(node.item.id).is_some()) {
            plan_cursor::choose(model, node.item.id);
        }
    }
}

impl Overlay for GraphView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Graph
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::Open {
            model.look.focus = Pane::Plan;
            return Outcome::Panes;
        }
        let picture = GraphPicture::of(model, self.selected, model.extents.area);
        if let Action::Item(id) = action
            && let Some(place) = picture.nodes.nodes.iter().position(|node| node.item.id == *id)
        {
            self.select(model, &picture, place);
            return Outcome::stay();
        }
        let here = picture.selected;
        let to = match (motion(action, model.extents.overlay), sideways(action)) {
            (Some(Motion::By(step)), _) => picture.below(here, step),
            (Some(Motion::Start), _) => 0,
            (Some(Motion::End), _) => picture.nodes.nodes.len().saturating_sub(1),
            (None, Some(step)) => picture.next_to(here, step),
            (None, None) => return Outcome::Pass,
        };
        self.select(model, &picture, to);
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        GraphPicture::of(ctx.model, self.selected, area).draw(ctx, area, buf)
    }
}
