//! Layers of an acyclic graph, and the place of each node within them.
//!
//! The method is Sugiyama's. A node's layer is the longest way to it from a node that builds on nothing. An edge over several
//! layers gets a waypoint in each between. Crossings are reduced by sorting each layer by the mean place of its neighbours in
//! the layer before (barycenters), down and up in turn, and the best order found is kept. Then each node is moved towards the
//! middle of its neighbours, as near as the others of its layer let it.

/// Sweeps over all layers for the order, and for the columns.
const SWEEPS: usize = 8;
/// Columns between two neighbours.
pub(super) const GAP: usize = 2;
/// Columns that a waypoint keeps free, so that its line can move by one to either side.
const WAYPOINT: usize = 3;

/// Nodes and waypoints, layer by layer. Waypoints are numbered after the nodes.
#[derive(Debug)]
pub(super) struct GraphLayers {
    /// How many nodes there are; numbers from here on are waypoints.
    pub nodes: usize,
    /// From the top, each from left to right.
    pub rows: Vec<Vec<usize>>,
    /// For each edge the nodes and waypoints on its way; empty for one that does not lead down.
    pub chains: Vec<Vec<usize>>,
    /// The width of each node and waypoint.
    pub widths: Vec<usize>,
    /// The first column of each node and waypoint.
    pub columns: Vec<usize>,
}

impl GraphLayers {
    /// Returns the layers of those nodes that an edge leads from or to.
    pub fn new(widths: &[usize], edges: &[(usize, usize)]) -> Self {
        let ranks = ranks(widths.len(), edges);
        let layers = edges.iter().map(|edge| ranks[edge.1] + 1).max().unwrap_or(0);
        let mut rows = vec![Vec::new(); layers];
        for node in 0..widths.len() {
            if edges.iter().any(|edge| edge.0 == node || edge.1 == node) {
                rows[ranks[node]].push(node);
            }
        }
        let nodes = widths.len();
        let mut widths = widths.to_vec();
        let mut chains = Vec::with_capacity(edges.len());
        for &(from, to) in edges {
            let mut chain = Vec::new();
            if ranks[from] < ranks[to] {
                chain.push(from);
                for row in &mut rows[ranks[from] + 1..ranks[to]] {
                    row.push(widths.len());
                    chain.push(widths.len());
                    widths.push(WAYPOINT);
                }
                chain.push(to);
            }
            chains.push(chain);
        }
        let links: Vec<(usize, usize)> =
            chains.iter().flat_map(|chain| chain.windows(2).map(|link| (link[0], link[1]))).collect();
        order(&mut rows, widths.len(), &links);
        let columns = columns(&rows, &widths, &links);
        Self { nodes, rows, chains, widths, columns }
    }

    /// Returns the middle column of a node or waypoint.
    pub fn centre(&self, node: usize) -> usize {
        self.columns[node] + self.widths[node] / 2
    }
}

/// Returns the layer of each node. In a cycle, which no plan has, they stay finite.
fn ranks(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut ranks = vec![0; nodes];
    for _ in 0..nodes {
        let before = ranks.clone();
        for &(from, to) in edges {
            ranks[to] = ranks[to].max(ranks[from] + 1).min(nodes - 1);
        }
        if ranks == before {
            break;
        }
    }
    ranks
}

/// The neighbours of each node in the layer above, or below where `links` are turned around.
fn neighbours(nodes: usize, links: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new(); nodes];
    links.for_each(|(from, to)| all[to].push(from));
    all
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

/// Sorts each row so that few links cross.
fn order(rows: &mut Vec<Vec<usize>>, nodes: usize, links: &[(usize, usize)]) {
    let above = neighbours(nodes, links.iter().copied());
    let below = neighbours(nodes, links.iter().map(|&(from, to)| (to, from)));
    let mut places = vec![0; nodes];
    let note = |row: &[usize], places: &mut [usize]| {
        row.iter().enumerate().for_each(|(place, node)| places[*node] = place);
    };
    rows.iter().for_each(|row| note(row, &mut places));
    let mut best = (crossings(rows, &places, &below), rows.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let sides = if down { &above } else { &below };
        for at in 0..rows.len() {
            let at = if down { at } else { rows.len() - 1 - at };
            let wish = |node: &usize| {
                let near = sides[*node].iter().map(|other| places[*other] as f64);
                mean(near).unwrap_or(places[*node] as f64)
            };
            // Stable, so that equal ones keep the plan's order.
            rows[at].sort_by(|one, other| wish(one).total_cmp(&wish(other)));
            note(&rows[at], &mut places);
        }
        let count = crossings(rows, &places, &below);
        if count < best.0 {
            best = (count, rows.clone());
        }
    }
    *rows = best.1;
}

/// Returns how many pairs of links cross.
fn crossings(rows: &[Vec<usize>], places: &[usize], below: &[Vec<usize>]) -> usize {
    let between = |row: &Vec<usize>| {
        let ends = row.iter().flat_map(|node| {
            let mut ends: Vec<usize> = below[*node].iter().map(|other| places[*other]).collect();
            // Links of one node never cross.
            ends.sort_unstable();
            ends
        });
        let mut seen: Vec<usize> = Vec::new();
        let mut count = 0;
        for end in ends {
            count += seen.iter().filter(|other| **other > end).count();
            seen.push(end);
        }
        count
    };
    rows.iter().map(between).sum()
}

/// Returns the first column of each node.
fn columns(rows: &[Vec<usize>], widths: &[usize], links: &[(usize, usize)]) -> Vec<usize> {
    let above = neighbours(widths.len(), links.iter().copied());
    let below = neighbours(widths.len(), links.iter().map(|&(from, to)| (to, from)));
    let mut columns = vec![0.0; widths.len()];
    for row in rows {
        pack(row, &vec![0.0; row.len()], widths, &mut columns);
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 1;
        let sides = if down { &above } else { &below };
        for at in 0..rows.len() {
            let row = &rows[if down { at } else { rows.len() - 1 - at }];
            let wish = |node: &usize| {
                let half = (widths[*node] / 2) as f64;
                let near = sides[*node].iter().map(|other| columns[*other] + (widths[*other] / 2) as f64);
                mean(near).map_or(columns[*node], |centre| centre - half)
            };
            let wishes: Vec<f64> = row.iter().map(wish).collect();
            pack(row, &wishes, widths, &mut columns);
        }
    }
    let first = columns.iter().copied().fold(f64::INFINITY, f64::min);
    columns.iter().map(|column| (column - first) as usize).collect()
}

/// Puts the nodes of a row next to each other in whole columns, with the least squared distance from their wishes: without the
/// widths before each, a row without overlaps is one that does not fall, so neighbours that would are put at their mean.
fn pack(row: &[usize], wishes: &[f64], widths: &[usize], columns: &mut [f64]) {
    let starts = row.iter().scan(0, |end, node| {
        let start = *end;
        *end += widths[*node] + GAP;
        Some(start as f64)
    });
    let starts: Vec<f64> = starts.collect();
    // The sum and the number of the wishes of nodes that stand together.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wish, start) in wishes.iter().zip(&starts) {
        let mut block = (wish - start, 1);
        while let Some(last) = blocks.pop_if(|last| last.0 / last.1 as f64 >= block.0 / block.1 as f64) {
            block = (last.0 + block.0, last.1 + block.1);
        }
        blocks.push(block);
    }
    let shifts =
        blocks.iter().flat_map(|(sum, count)| std::iter::repeat_n((sum / *count as f64).round(), *count));
    for ((node, start), shift) in row.iter().zip(&starts).zip(shifts) {
        columns[*node] = start + shift;
    }
}
