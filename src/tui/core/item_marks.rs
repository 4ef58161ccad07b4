//! What checker and answer say of each item.

use std::collections::HashMap;

use plan::ItemId;
use session::{Severity, State};

/// What checker and answer say of one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemMarks {
    /// The checker's findings on it, as places in its list.
    pub findings: Vec<usize>,
    /// The worst of them.
    pub worst: Option<Severity>,
    /// How many sentences of the answer cite it; absent while there is no answer with citations.
    pub cited: Option<u32>,
}

/// Returns the marks of all items that have some.
pub fn collect(state: &State) -> HashMap<ItemId, ItemMarks> {
    let mut marks: HashMap<ItemId, ItemMarks> = HashMap::new();
    let check = state.incumbent.as_ref().and_then(|view| view.check.as_ref());
    for (at, finding) in check.map_or(&[][..], |check| &check.findings).iter().enumerate() {
        if let Some(item) = finding.item {
            let own = marks.entry(item).or_default();
            own.findings.push(at);
            own.worst = own.worst.max(Some(finding.severity));
        }
    }
    for row in state.answer.as_ref().filter(|answer| answer.cite).map_or(&[][..], |a| &a.coverage) {
        marks.entry(row.item).or_default().cited = Some(row.cited);
    }
    marks
}
