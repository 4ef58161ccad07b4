//! What scoring the same plan again gave, from which it is learned how far scores scatter.

use std::collections::BTreeMap;

use crate::score::{Rescore, Score};
use plan::PlanHash;

/// Values of plans that were scored more than once, by the name of the part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Repeats {
    /// Plans that were scored again in other words: the values of each part, that of its score first.
    wordings: BTreeMap<PlanHash, BTreeMap<String, Vec<f64>>>,
    /// Plans that were scored again as controls: the difference of each pair.
    controls: BTreeMap<String, Vec<f64>>,
}

impl Repeats {
    /// Returns the values of the part `name`, one row per plan that was scored again in other words.
    pub fn wordings(&self, name: &str) -> Vec<&[f64]> {
        self.wordings.values().filter_map(|parts| parts.get(name)).map(Vec::as_slice).collect()
    }

    /// Returns by how much the part `name` differed each time that the incumbent was scored again as a control.
    pub fn controls(&self, name: &str) -> &[f64] {
        self.controls.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn reworded(&mut self, first: &Score, rescore: &Rescore) {
        let row = |name: &str, values: &[f64]| {
            let first = first.part(name)?.value?;
            Some([first].into_iter().chain(values.iter().copied()).collect())
        };
        let parts = rescore.parts.iter();
        let rows = parts.filter_map(|part| Some((part.name.clone(), row(&part.name, &part.values)?)));
        self.wordings.insert(rescore.plan, rows.collect());
    }

    pub(super) fn controlled(&mut self, first: &Score, again: &Score) {
        for part in &again.parts {
            let before = first.part(&part.name).and_then(|part| part.value);
            if let Some((after, before)) = part.value.zip(before) {
                self.controls.entry(part.name.clone()).or_default().push(after - before);
            }
        }
    }
}
