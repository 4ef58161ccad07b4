//! An acyclic graph as a picture in character cells: boxes in layers, and lines between them.

mod layers;
mod lines;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use layers::{GAP, GraphLayers};
pub use lines::LinePiece;
use lines::{DOWN, GraphLines, LEFT, RIGHT, UP};

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BoxPlace {
    /// Its first column.
    pub x: usize,
    /// Its first row.
    pub y: usize,
    /// Its layer, from 0 at the top.
    pub layer: usize,
}

/// The finished picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GraphLayout {
    /// Where each node stands, in the order of the nodes.
    pub places: Vec<BoxPlace>,
    /// The lines, cell by cell.
    pub pieces: Vec<LinePiece>,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Lays out nodes of these widths and this height, in cells. An edge leads down from a node to one that builds on it, both by
/// their places among the nodes. Nodes without edges follow below, in rows of up to `columns`.
pub fn lay_out(widths: &[usize], height: usize, edges: &[(usize, usize)], columns: usize) -> GraphLayout {
    let layers = GraphLayers::new(widths, edges);
    let lines = GraphLines::new(&layers, height);
    let mut layout =
        GraphLayout { places: vec![BoxPlace::default(); widths.len()], ..GraphLayout::default() };
    for (layer, row) in layers.rows.iter().enumerate() {
        for node in row.iter().filter(|node| **node < widths.len()) {
            layout.places[*node] = BoxPlace { x: layers.columns[*node], y: lines.rows[layer], layer };
        }
    }
    layout.height = lines.rows.last().map_or(0, |row| row + height);
    let right = layers.columns.iter().zip(&layers.widths).map(|(column, width)| column + width);
    layout.width = right.take(if edges.is_empty() { 0 } else { usize::MAX }).max().unwrap_or(0);
    layout.pieces = lines.pieces;
    let linked: Vec<usize> = layers.rows.into_iter().flatten().collect();
    let alone: Vec<usize> = (0..widths.len()).filter(|node| !linked.contains(node)).collect();
    layout.append(&alone, widths, height, columns);
    layout
}

impl GraphLayout {
    /// Puts nodes without edges below, row by row.
    fn append(&mut self, alone: &[usize], widths: &[usize], height: usize, columns: usize) {
        let first = if self.height == 0 { 0 } else { self.height + 1 };
        let mut layer =
            self.places.iter().map(|place| place.layer + 1).max().filter(|_| first > 0).unwrap_or(0);
        let (mut x, mut y) = (0, first);
        for node in alone {
            if x > 0 && x + widths[*node] > columns {
                (x, y, layer) = (0, y + height + 1, layer + 1);
            }
            self.places[*node] = BoxPlace { x, y, layer };
            self.width = self.width.max(x + widths[*node]);
            self.height = y + height;
            x += widths[*node] + GAP;
        }
    }

    /// Returns the sign of each cell with a line, and whether an edge that is `heavy` runs through it.
    pub fn strokes(&self, heavy: impl Fn(usize) -> bool) -> Vec<(usize, usize, char, bool)> {
        let mut cells: BTreeMap<(usize, usize), (u8, u8)> = BTreeMap::new();
        for piece in &self.pieces {
            let (all, strong) = cells.entry((piece.y, piece.x)).or_default();
            *all |= piece.arms;
            *strong |= if heavy(piece.edge) { piece.arms } else { 0 };
        }
        let cell =
            |((y, x), (all, strong)): ((usize, usize), (u8, u8))| (x, y, sign(all, strong), strong != 0);
        cells.into_iter().map(cell).collect()
    }
}

/// The signs for all ways in which lines can leave a cell: none, thin or thick to each side. As a number to base 3, upwards
/// counts most, then to the right, downwards, and to the left.
const SIGNS: &str = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

/// Returns the sign for lines to the sides `all`, thick ones to `strong`.
fn sign(all: u8, strong: u8) -> char {
    let number = [UP, RIGHT, DOWN, LEFT]
        .into_iter()
        .fold(0, |number, side| 3 * number + usize::from(all & side != 0) + usize::from(strong & side != 0));
    SIGNS.chars().nth(number).unwrap_or(' ')
}
