//! Two good plans are mixed.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, free};
use crate::seed;
use plan::{Edit, Item, ItemId, Plan};

/// The proposer.
pub struct Crossover;

impl Proposer for Crossover {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "crossover",
            doc: "takes over some of the lines in which one of the best plans differs from this one",
            cost: "no model call",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let hash = case.plan.hash();
        let others: Vec<&Plan> =
            case.state.elite.iter().map(|view| &view.plan).filter(|plan| plan.hash() != hash).collect();
        let other = draw.one_of("other parent", &others)?;
        let differences = differences(case.plan, other, &free(case.plan));
        let edits = taken(&differences, draw.seed);
        let how = How::Made(Edit::Batch { edits });
        (!differences.is_empty()).then(|| Ask::new(self.doc().name, "crossover", draw, how))
    }

    fn read(&self, _: &Case<'_>, _: &Ask, _: &str) -> Result<Edit, String> {
        Err("Nothing is written to mix two plans.".into())
    }
}

/// The changes, an item each, that would make `own` say what `other` says. Only items that may change do.
fn differences(own: &Plan, other: &Plan, free: &[ItemId]) -> Vec<Edit> {
    let mut edits = Vec::new();
    // From the end, so that of several new lines at one place the last comes in first.
    for (at, item) in other.items().iter().enumerate().rev() {
        match own.get(item.id) {
            Some(mine) if free.contains(&item.id) => edits.extend(change(mine, item)),
            Some(_) => {}
            None => {
                let known: Vec<ItemId> =
                    item.deps.iter().filter(|dep| own.get(**dep).is_some()).copied().collect();
                let item = Item { deps: known, depth: 0, ..item.clone() };
                let before = other.items()[..at].iter().rev().find_map(|item| own.position(item.id));
                edits.push(Edit::Insert { item, position: before.map_or(0, |before| before + 1) });
            }
        }
    }
    let gone = own.items().iter().filter(|item| other.get(item.id).is_none() && free.contains(&item.id));
    edits.extend(gone.map(|item| Edit::Remove { id: item.id }));
    edits
}

fn change(mine: &Item, item: &Item) -> Option<Edit> {
    let id = item.id;
    let text = (mine.text != item.text).then(|| Edit::Replace { id, text: item.text.clone() });
    let deps = (mine.deps != item.deps).then(|| Edit::SetDeps { id, deps: item.deps.clone() });
    match (text, deps) {
        (Some(text), Some(deps)) => Some(Edit::Batch { edits: vec![text, deps] }),
        (text, deps) => text.or(deps),
    }
}

/// Each difference by the throw of a coin (uniform crossover, Syswerda 1989), one at least.
fn taken(differences: &[Edit], draw: u64) -> Vec<Edit> {
    let heads = |at: usize| seed::draw(draw, "crossover", 0, u32::try_from(at).unwrap_or(u32::MAX)) < 0.5;
    let taken: Vec<Edit> =
        differences.iter().enumerate().filter(|(at, _)| heads(*at)).map(|(_, edit)| edit.clone()).collect();
    if taken.is_empty() { differences.iter().take(1).cloned().collect() } else { taken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Origin, Style, parse, print};

    #[test]
    fn all_differences_together_make_the_other_plan_and_none_stays_none() {
        let own = parse("C1: x = 1\nC2: y = 2\nS1 <- C1: a = x\n").unwrap();
        let other = parse("C1: x = 1\nS1 <- C1: a = x + 1\nS2 <- S1: b = a\n").unwrap();
        let all = differences(&own, &other, &free(&own));
        assert_eq!(all.len(), 3);
        let (mixed, _) = Edit::Batch { edits: all.clone() }.apply(&own, Origin::Refined).unwrap();
        assert_eq!(print(&mixed, Style::Bare), print(&other, Style::Bare));
        assert!(differences(&own, &own, &free(&own)).is_empty());
        let sizes: std::collections::BTreeSet<usize> = (0..50).map(|draw| taken(&all, draw).len()).collect();
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
    }
}
