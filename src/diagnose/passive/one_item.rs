//! Whether refinement turns round one item and leaves the others alone.

use std::collections::BTreeMap;

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, too_few, undecided};
use model::Cost;
use plan::{Edit, ItemId};
use session::{CandidateStatus, Finding, FindingVerdict, Severity};
use stats::intervals::wilson;

/// The fewest edits that a share is judged by. \[our own\]
const LEAST: usize = 8;
/// Of plans with fewer items, one is touched that often by chance. \[our own\]
const ITEMS: usize = 4;
/// One item that most edits touch. \[our own\]
const LIMIT: f64 = 0.5;

pub struct OneItem;

impl PassiveCheck for OneItem {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "one_item",
            doc: "edits that all touch the same item of a plan with several",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let items = case.state.incumbent.as_ref().map_or(0, |view| view.plan.len());
        if items < ITEMS {
            let why = too_few(items, ITEMS, "items in the plan");
            return undecided(self.doc(), &why, Cost::default());
        }
        let edits: Vec<(&Edit, u64)> = case
            .trace
            .tried()
            .filter(|tried| tried.status == CandidateStatus::Ready)
            .filter_map(|tried| Some((tried.edit.as_ref()?, tried.seq)))
            .collect();
        let n = edits.len();
        if n < LEAST {
            let why = too_few(n, LEAST, "usable edits");
            return undecided(self.doc(), &why, Cost::default());
        }
        let mut touched: BTreeMap<ItemId, (usize, u64)> = BTreeMap::new();
        for (edit, seq) in &edits {
            for item in known(edit) {
                touched.entry(item).or_insert((0, *seq)).0 += 1;
            }
        }
        let top = touched.iter().max_by_key(|(_, (count, _))| *count);
        let (most, at, item) =
            top.map_or((0, None, None), |(item, (count, seq))| (*count, Some(*seq), Some(*item)));
        let share = most as f64 / n as f64;
        let within = wilson(most, n, 0.95).unwrap_or((0.0, 1.0));
        let name = item.map_or_else(|| "no item that was there".to_owned(), |item| item.to_string());
        let (verdict, sentence) = if within.0 > LIMIT {
            (FindingVerdict::Fault, format!("{most} of {n} edits touch {name}, one of {items} items."))
        } else if share <= LIMIT {
            (
                FindingVerdict::Clear,
                format!("Edits go to {} items; {most} of {n} touch {name}.", touched.len()),
            )
        } else {
            (FindingVerdict::Undecided, format!("{most} of {n} edits touch {name}, which may be chance."))
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence_within(
            "share of edits that touch the item most touched",
            share,
            within,
        ));
        found.evidence.push(evidence("items touched", touched.len() as f64));
        if verdict == FindingVerdict::Fault {
            found.at = at;
            found.items = item.into_iter().collect();
            let advice = "Pin the item, or give weight to proposers that choose items themselves: restore, repair, random.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// The items that an edit touches and that were there before it: each insertion names a new one.
fn known(edit: &Edit) -> Vec<ItemId> {
    match edit {
        Edit::Insert { .. } => Vec::new(),
        Edit::Replace { .. }
        | Edit::Tighten { .. }
        | Edit::Remove { .. }
        | Edit::Move { .. }
        | Edit::SetDeps { .. }
        | Edit::Split { .. }
        | Edit::Merge { .. }
        | Edit::Pin { .. }
        | Edit::Mute { .. }
        | Edit::Batch { .. }
        | Edit::Restore { .. } => edit.touches(),
    }
}
