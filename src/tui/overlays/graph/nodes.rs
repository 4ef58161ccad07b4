//! What the graph shows: the plan's items, and what the shown candidate changes of them.

use std::collections::HashMap;

use crate::core::model::Model;
use plan::{DiffRow, Item, ItemId, Plan};

/// What the shown candidate does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeChange {
    Same,
    Added,
    Removed,
    Changed,
    Moved,
}

/// An item in the graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GraphNode {
    pub item: Item,
    pub change: NodeChange,
}

/// Items, and which builds on which.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GraphNodes {
    /// In the plan's order.
    pub nodes: Vec<GraphNode>,
    /// From an item to one that builds on it, by their places.
    pub edges: Vec<(usize, usize)>,
}

impl GraphNodes {
    /// Returns the plan that candidates change together with what the shown one adds; without a candidate the plan.
    pub fn of(model: &Model) -> Self {
        let new = model.candidate().and_then(|candidate| candidate.view.as_ref());
        match (model.session.base(), new, model.session.plan()) {
            (Some(base), Some(new), _) => Self::changed(&base.plan, &new.plan, &model.derived.diff.rows),
            (None | Some(_), None, Some(plan)) | (None, Some(_), Some(plan)) => {
                let node = |item: &Item| GraphNode { item: item.clone(), change: NodeChange::Same };
                Self::linked(plan.items().iter().map(node).collect(), HashMap::new())
            }
            (None | Some(_), None, None) | (None, Some(_), None) => Self::default(),
        }
    }

    fn changed(old: &Plan, new: &Plan, rows: &[DiffRow]) -> Self {
        let mut nodes: Vec<GraphNode> = Vec::with_capacity(rows.len());
        // An item that was given another name is still found by its old one.
        let mut places = HashMap::new();
        for row in rows {
            let (item, change) = match row {
                DiffRow::Same { new: at, .. } => (&new.items()[*at], NodeChange::Same),
                DiffRow::Moved { new: at, .. } => (&new.items()[*at], NodeChange::Moved),
                DiffRow::Added { new: at } => (&new.items()[*at], NodeChange::Added),
                DiffRow::Removed { old: at } => (&old.items()[*at], NodeChange::Removed),
                DiffRow::Changed { old: was, new: at, .. } => {
                    places.insert(old.items()[*was].id, nodes.len());
                    (&new.items()[*at], NodeChange::Changed)
                }
            };
            nodes.push(GraphNode { item: item.clone(), change });
        }
        Self::linked(nodes, places)
    }

    fn linked(nodes: Vec<GraphNode>, mut places: HashMap<ItemId, usize>) -> Self {
        // What is still there wins over what is gone.
        let gone = |node: &GraphNode| node.change == NodeChange::Removed;
        for wanted in [true, false] {
            let some = nodes.iter().enumerate().filter(|(_, node)| gone(node) == wanted);
            places.extend(some.map(|(at, node)| (node.item.id, at)));
        }
        let edges = nodes.iter().enumerate().flat_map(|(to, node)| {
            let places = &places;
            node.item.deps.iter().filter_map(move |dep| Some((*places.get(dep)?, to)))
        });
        Self { edges: edges.collect(), nodes }
    }

    /// Returns for each item whether the chosen one builds on it, or it on the chosen one, also by way of others; the chosen
    /// one is among both.
    pub fn related(&self, chosen: usize) -> (Vec<bool>, Vec<bool>) {
        let turned: Vec<(usize, usize)> = self.edges.iter().map(|&(from, to)| (to, from)).collect();
        (reached(chosen, self.nodes.len(), &turned), reached(chosen, self.nodes.len(), &self.edges))
    }
}

fn reached(start: usize, nodes: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let mut reached = vec![false; nodes];
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        if let Some(mark) = reached.get_mut(node).filter(|mark| !**mark) {
            *mark = true;
            open.extend(edges.iter().filter(|edge| edge.0 == node).map(|edge| edge.1));
        }
    }
    reached
}
