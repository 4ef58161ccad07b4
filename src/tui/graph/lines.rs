//! The lines between layers.
//!
//! A line leaves its node in the middle, runs sideways in a row between the layers, and comes down on the next. All lines of one
//! node share their row; two nodes share one only where their lines are apart. No line comes down in a column in which another
//! node's line leaves, so that lines which have no end in common only ever cross.

use std::collections::BTreeMap;

use super::layers::GraphLayers;

/// The sides to which a line leaves a cell: bits of [`LinePiece::arms`].
pub(super) const UP: u8 = 1;
pub(super) const RIGHT: u8 = 2;
pub(super) const DOWN: u8 = 4;
pub(super) const LEFT: u8 = 8;

/// A line in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePiece {
    /// The column.
    pub x: usize,
    /// The row.
    pub y: usize,
    /// The sides to which it leaves the cell.
    pub(super) arms: u8,
    /// The edge that it belongs to, by its place among the edges.
    pub edge: usize,
}

/// A link between two layers that meet.
struct LayerLink {
    edge: usize,
    from: usize,
    to: usize,
}

/// Draws lines, from the top layer down.
pub(super) struct GraphLines<'a> {
    layers: &'a GraphLayers,
    /// The column in which the line of a node or waypoint leaves it.
    exits: Vec<usize>,
    /// The first row of each layer.
    pub rows: Vec<usize>,
    pub pieces: Vec<LinePiece>,
}

impl<'a> GraphLines<'a> {
    /// Returns the lines between layers of `height` rows each, and where the layers stand.
    pub fn new(layers: &'a GraphLayers, height: usize) -> Self {
        let exits = (0..layers.widths.len()).map(|node| layers.centre(node)).collect();
        let mut lines = Self { layers, exits, rows: Vec::new(), pieces: Vec::new() };
        let mut row = 0;
        for (at, layer) in layers.rows.iter().enumerate() {
            lines.rows.push(row);
            if at > 0 {
                lines.pass(layer, row, height);
            }
            row += height;
            if at + 1 < layers.rows.len() {
                row += lines.gap(layer, row);
            }
        }
        lines
    }

    /// Takes the lines of waypoints through their layer.
    fn pass(&mut self, layer: &[usize], row: usize, height: usize) {
        for (edge, chain) in self.layers.chains.iter().enumerate() {
            let inner = chain.iter().skip(1).take(chain.len().saturating_sub(2));
            for waypoint in inner.filter(|waypoint| layer.contains(waypoint)) {
                let x = self.exits[*waypoint];
                let cells = (row..row + height).map(|y| LinePiece { x, y, arms: UP | DOWN, edge });
                self.pieces.extend(cells);
            }
        }
    }

    /// Draws the lines below a layer, from `row` on; returns how many rows they take.
    fn gap(&mut self, layer: &[usize], row: usize) -> usize {
        let links = self.links(layer);
        let entries = self.entries(layer, &links);
        let tracks = self.tracks(layer, &links, &entries);
        let height = tracks.values().max().map_or(1, |last| last + 1);
        for (link, entry) in links.iter().zip(&entries) {
            let exit = self.exits[link.from];
            let track = tracks.get(&link.from).copied();
            self.draw(link.edge, exit, *entry, row..row + height, track.map(|track| row + track));
        }
        for (link, entry) in links.iter().zip(&entries) {
            if link.to >= self.layers.nodes {
                self.exits[link.to] = *entry;
            }
        }
        height
    }

    fn links(&self, layer: &[usize]) -> Vec<LayerLink> {
        let mut links = Vec::new();
        for (edge, chain) in self.layers.chains.iter().enumerate() {
            let pairs = chain.windows(2).filter(|pair| layer.contains(&pair[0]));
            links.extend(pairs.map(|pair| LayerLink { edge, from: pair[0], to: pair[1] }));
        }
        links
    }

    /// Returns the column in which each link comes down on its node: the middle where that can be, else one nearby, the same
    /// for all links to a node.
    fn entries(&self, layer: &[usize], links: &[LayerLink]) -> Vec<usize> {
        let into = |node: usize| links.iter().filter(move |link| link.to == node).count();
        let out_of = |node: usize| links.iter().filter(move |link| link.from == node).count();
        let fits = |column: usize, to: usize| {
            let mut above = layer.iter().filter(|node| self.exits[**node] == column && out_of(**node) > 0);
            // The line above may come straight down, unless it would join others that it has nothing to do with.
            above.all(|node| {
                links.iter().any(|link| link.from == *node && link.to == to)
                    && (out_of(*node) == 1 || into(to) == 1)
            })
        };
        let entry = |link: &LayerLink| {
            let (centre, width) = (self.layers.centre(link.to), self.layers.widths[link.to]);
            let first = self.layers.columns[link.to];
            let inside = |column: &usize| (first..first + width).contains(column);
            let near =
                (0..width).flat_map(|step| [centre + step, centre.saturating_sub(step)]).filter(inside);
            near.into_iter().find(|column| fits(*column, link.to)).unwrap_or(centre)
        };
        links.iter().map(entry).collect()
    }

    /// Returns the row of each node whose lines run sideways, from 0; each takes the first in which it is apart from others.
    fn tracks(&self, layer: &[usize], links: &[LayerLink], entries: &[usize]) -> BTreeMap<usize, usize> {
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for node in layer {
            let exit = self.exits[*node];
            let ends =
                links.iter().zip(entries).filter(|(link, _)| link.from == *node).map(|(_, entry)| *entry);
            let (first, last) = ends.fold((exit, exit), |(first, last), end| (first.min(end), last.max(end)));
            if first < last {
                runs.push((first, last, *node));
            }
        }
        runs.sort_unstable();
        let mut ends: Vec<usize> = Vec::new();
        let mut tracks = BTreeMap::new();
        for (first, last, node) in runs {
            let track = ends.iter().position(|end| *end < first).unwrap_or(ends.len());
            if track == ends.len() {
                ends.push(last);
            } else {
                ends[track] = last;
            }
            tracks.insert(node, track);
        }
        tracks
    }

    /// Draws a line from `exit` down to row `track`, along it to `entry`, and down from there.
    fn draw(
        &mut self,
        edge: usize,
        exit: usize,
        entry: usize,
        rows: std::ops::Range<usize>,
        track: Option<usize>,
    ) {
        let track = track.unwrap_or(rows.start);
        let mut piece = |x, y, arms| self.pieces.push(LinePiece { x, y, arms, edge });
        for y in rows {
            if y < track {
                piece(exit, y, UP | DOWN);
            } else if y > track {
                piece(entry, y, UP | DOWN);
            } else if exit == entry {
                piece(exit, y, UP | DOWN);
            } else {
                let (leaves, arrives) = if exit < entry { (RIGHT, LEFT) } else { (LEFT, RIGHT) };
                piece(exit, y, UP | leaves);
                piece(entry, y, DOWN | arrives);
                (exit.min(entry) + 1..exit.max(entry)).for_each(|x| piece(x, y, LEFT | RIGHT));
            }
        }
    }
}
