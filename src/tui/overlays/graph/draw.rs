//! How the graph is laid out for the room that there is, and drawn.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use super::nodes::{GraphNode, GraphNodes, NodeChange};
use crate::{
    commands::Action,
    core::{model::Model, regions::Target},
    graph::{BoxPlace, GraphLayout, lay_out},
    panes::{ctx::Ctx, proposal::glyph},
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        text::{fit, fit_line, sanitise, width},
        wrap::wrap,
    },
};
use plan::ItemId;

/// Rows below the graph for the selected item, with an empty one above.
const DETAIL: u16 = 4;
/// Rows and columns of a box, the greatest first; the first with which all fits is taken, else the last.
const BOXES: [(usize, usize); 9] =
    [(3, 48), (4, 32), (3, 28), (3, 20), (1, 40), (1, 28), (1, 20), (1, 14), (1, 10)];
/// From this height on a box has a frame; lower ones have brackets.
const FRAMED: usize = 3;

/// The graph as it is drawn.
pub(super) struct GraphPicture {
    pub nodes: GraphNodes,
    layout: GraphLayout,
    widths: Vec<usize>,
    /// Rows of a box.
    rows: usize,
    /// The place of the selected item.
    pub selected: usize,
}

/// Returns the room for the graph and its detail on a screen.
fn size(area: Rect) -> (u16, u16) {
    (area.width, area.height.saturating_sub(2))
}

impl GraphPicture {
    /// Lays the graph out for a screen of this size.
    pub fn of(model: &Model, selected: Option<ItemId>, area: Rect) -> Self {
        let nodes = GraphNodes::of(model);
        let (columns, rows) = size(area);
        let room = (usize::from(columns.saturating_sub(4)), usize::from(rows.saturating_sub(2 + DETAIL)));
        let selected = nodes.nodes.iter().position(|node| Some(node.item.id) == selected).unwrap_or(0);
        let mut picture =
            Self { nodes, layout: GraphLayout::default(), widths: Vec::new(), rows: 1, selected };
        for (rows, widest) in BOXES {
            picture.lay_out(rows, widest, room.0);
            if picture.layout.width <= room.0 && picture.layout.height <= room.1 {
                break;
            }
        }
        picture
    }

    fn lay_out(&mut self, rows: usize, widest: usize, columns: usize) {
        let frame = if rows < FRAMED { 2 } else { 4 };
        let natural = |node: &GraphNode| (width(&label(node)) + frame).min(widest);
        self.rows = rows;
        self.widths = self.nodes.nodes.iter().map(natural).collect();
        self.layout = lay_out(&self.widths, rows, &self.nodes.edges, columns);
    }

    fn centre(&self, node: usize) -> usize {
        self.layout.places[node].x + self.widths[node] / 2
    }

    /// Returns the item nearest to `from` so many layers further down.
    pub fn below(&self, from: usize, step: isize) -> usize {
        let Some(place) = self.layout.places.get(from) else { return from };
        let last = self.layout.places.iter().map(|place| place.layer).max().unwrap_or(0);
        let layer = place.layer.saturating_add_signed(step).min(last);
        let mut there = (0..self.widths.len()).filter(|node| self.layout.places[*node].layer == layer);
        let near = |node: &usize| self.centre(*node).abs_diff(self.centre(from));
        if layer == place.layer { from } else { there.by_ref().min_by_key(near).unwrap_or(from) }
    }

    /// Returns the item next to `from` in its layer.
    pub fn next_to(&self, from: usize, step: isize) -> usize {
        let Some(place) = self.layout.places.get(from) else { return from };
        let mut row: Vec<usize> =
            (0..self.widths.len()).filter(|node| self.layout.places[*node].layer == place.layer).collect();
        row.sort_by_key(|node| self.layout.places[*node].x);
        let here = row.iter().position(|node| *node == from).unwrap_or(0);
        row.get(here.saturating_add_signed(step)).copied().unwrap_or(from)
    }

    /// Draws it over the panes, with the selected item in sight and its whole text below.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let inner = ctx.window(&title(ctx), size(area), area, buf);
        if self.nodes.nodes.is_empty() {
            return ctx.empty("There is no plan yet.", inner, buf);
        }
        let detail = DETAIL.min(inner.height / 3);
        let canvas = Rect { height: inner.height - detail, ..inner };
        let view = Viewport::new(self, canvas);
        let (above, below) = self.nodes.related(self.selected);
        let heavy = |edge: usize| {
            let (from, to) = self.nodes.edges[edge];
            (above[from] && above[to]) || (below[from] && below[to])
        };
        for (x, y, sign, strong) in self.layout.strokes(heavy) {
            if let Some((x, y)) = view.cell(x, y) {
                let role = if strong { Role::BorderFocus } else { Role::Border };
                buf[(x, y)].set_char(sign).set_style(ctx.style(role));
            }
        }
        for node in 0..self.widths.len() {
            let related = above[node] || below[node];
            self.draw_box(ctx, node, related, &view, buf);
        }
        let below = Rect { y: canvas.bottom() + 1, height: detail.saturating_sub(1), ..inner };
        draw_lines(self.detail(ctx, usize::from(below.width)), None, false, below, buf);
        view.extent
    }

    fn draw_box(&self, ctx: &Ctx<'_>, at: usize, related: bool, view: &Viewport, buf: &mut Buffer) {
        let (BoxPlace { x, y, .. }, columns) = (self.layout.places[at], self.widths[at]);
        let full = Rect::new(0, 0, columns as u16, self.rows as u16);
        let mut own = Buffer::empty(full);
        let node = &self.nodes.nodes[at];
        let selected = at == self.selected;
        let plain = ctx.style(match (related, selected) {
            (_, true) => Role::Cursor,
            (true, false) => Role::Strong,
            (false, false) => Role::Dim,
        });
        let line = |columns: usize| fit_line(Line::from(self.spans(ctx, node, plain)), columns);
        if self.rows < FRAMED {
            let ends = if selected { ["›", "‹"] } else { ["[", "]"] };
            let mut spans = vec![Span::styled(ends[0], plain)];
            spans.extend(line(columns - 2).spans);
            spans.push(Span::styled(ends[1], plain));
            Line::from(spans).render(full, &mut own);
        } else {
            let border = if related { Role::BorderFocus } else { Role::Border };
            let kind = if selected { BorderType::Thick } else { BorderType::Rounded };
            let block = Block::bordered().border_type(kind).border_style(ctx.style(border));
            let inside = block.inner(full);
            block.render(full, &mut own);
            let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
            let lines = wrap(&self.spans(ctx, node, plain), usize::from(inside.width), 0);
            draw_lines(cut(lines, usize::from(inside.height)), None, false, inside, &mut own);
        }
        let mut shown: Option<Rect> = None;
        for row in 0..self.rows {
            for column in 0..columns {
                let Some((x, y)) = view.cell(x + column, y + row) else { continue };
                buf[(x, y)] = own[(column as u16, row as u16)].clone();
                let cell = Rect::new(x, y, 1, 1);
                shown = Some(shown.map_or(cell, |shown| shown.union(cell)));
            }
        }
        if let Some(place) = shown {
            ctx.clickable(place, Target::Action(Action::Item(node.item.id)));
        }
    }

    fn spans(&self, ctx: &Ctx<'_>, node: &GraphNode, plain: Style) -> Vec<Span<'static>> {
        let (sign, role) = change_sign(node.change);
        let text = match node.change {
            NodeChange::Same | NodeChange::Moved => plain,
            NodeChange::Added | NodeChange::Removed | NodeChange::Changed => plain.patch(ctx.style(role)),
        };
        let mut spans = Vec::new();
        if node.change != NodeChange::Same {
            spans.push(ctx.span(role, format!("{sign} ")));
        }
        spans.push(Span::styled(node.item.id.to_string(), plain.patch(ctx.kind_style(node.item.id.kind))));
        spans.push(Span::styled(format!(" {}", sanitise(&node.item.text)), text));
        spans
    }

    /// The selected item's whole text, and its neighbours.
    fn detail(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let node = &self.nodes.nodes[self.selected];
        let mut lines = cut(wrap(&self.spans(ctx, node, ctx.style(Role::Text)), columns, 3), 2);
        let names = |ids: Vec<ItemId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let next = self.nodes.edges.iter().filter(|edge| edge.0 == self.selected);
        let next = names(next.map(|edge| self.nodes.nodes[edge.1].item.id).collect());
        let on = names(node.item.deps.clone());
        let words = match (on.is_empty(), next.is_empty()) {
            (true, true) => "builds on nothing; nothing builds on it".to_owned(),
            (true, false) => format!("builds on nothing; needed by {next}"),
            (false, true) => format!("builds on {on}; nothing builds on it"),
            (false, false) => format!("builds on {on}; needed by {next}"),
        };
        let note = match node.change {
            NodeChange::Same => String::new(),
            NodeChange::Added => "new in this proposal; ".to_owned(),
            NodeChange::Removed => "removed by this proposal; ".to_owned(),
            NodeChange::Changed => "changed by this proposal; ".to_owned(),
            NodeChange::Moved => "moved by this proposal; ".to_owned(),
        };
        lines.push(Line::from(ctx.span(Role::Dim, fit(&format!("{note}{words}"), columns).into_owned())));
        lines
    }
}

/// Names the candidate whose changes are marked.
fn title(ctx: &Ctx<'_>) -> String {
    let model = ctx.model;
    match model.candidate().filter(|candidate| candidate.view.is_some()) {
        None => "What builds on what".to_owned(),
        Some(candidate) => format!(
            "What builds on what, with proposal {} of {} {}",
            model.candidate_index() + 1,
            model.session.state().candidates.len(),
            glyph(candidate).0,
        ),
    }
}

fn change_sign(change: NodeChange) -> (&'static str, Role) {
    match change {
        NodeChange::Same => ("", Role::Text),
        NodeChange::Added => ("+", Role::Added),
        NodeChange::Removed => ("−", Role::Removed),
        NodeChange::Changed => ("±", Role::AddedWord),
        NodeChange::Moved => ("↕", Role::Care),
    }
}

fn label(node: &GraphNode) -> String {
    let sign = change_sign(node.change).0;
    let gap = if sign.is_empty() { "" } else { " " };
    format!("{sign}{gap}{} {}", node.item.id, sanitise(&node.item.text))
}

/// The first lines; where more follow, the last one says so.
fn cut(mut lines: Vec<Line<'static>>, rows: usize) -> Vec<Line<'static>> {
    if lines.len() > rows {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            last.push_span("…");
        }
    }
    lines
}

/// The part of the graph in sight.
struct Viewport {
    canvas: Rect,
    /// The graph's column and row at the upper left.
    offset: (usize, usize),
    /// Empty cells to the left of a narrow graph.
    lead: usize,
    extent: Extent,
}

impl Viewport {
    /// Returns the view that has the selected item as far in the middle as the graph's edges let it.
    fn new(picture: &GraphPicture, canvas: Rect) -> Self {
        let layout = &picture.layout;
        let page = (usize::from(canvas.width), usize::from(canvas.height));
        let (x, y) = (picture.centre(picture.selected), layout.places[picture.selected].y + picture.rows / 2);
        let middle = |at: usize, page: usize, whole: usize| {
            at.saturating_sub(page / 2).min(whole.saturating_sub(page))
        };
        let offset = (middle(x, page.0, layout.width), middle(y, page.1, layout.height));
        let extent = Extent { offset: offset.1, max: layout.height.saturating_sub(page.1), page: page.1 };
        Self { canvas, offset, lead: page.0.saturating_sub(layout.width) / 2, extent }
    }

    /// Returns where a cell of the graph is on the screen; none out of sight.
    fn cell(&self, x: usize, y: usize) -> Option<(u16, u16)> {
        let (x, y) = (x.checked_sub(self.offset.0)? + self.lead, y.checked_sub(self.offset.1)?);
        let inside = x < usize::from(self.canvas.width) && y < usize::from(self.canvas.height);
        inside.then(|| (self.canvas.x + x as u16, self.canvas.y + y as u16))
    }
}
