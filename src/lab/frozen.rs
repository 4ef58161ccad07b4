//! The settings of an experiment as one hash, so that a report can show that nothing was changed after they were frozen.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::cell::{Cell, CellId, canonical, hash};
use session::Settings;

/// All settings that shape the cells of an experiment.
pub struct Frozen {
    /// Canonical JSON: of each arm in each family at each budget the settings, without the seed.
    pub text: String,
    /// Its blake3 hash in hexadecimal.
    pub hash: String,
}

impl Frozen {
    /// Returns the settings of `cells`. Problems, seeds and models are no part of them, so that what was tried on some problems
    /// can be shown to be what was run on others.
    pub fn of(cells: &[Cell]) -> Self {
        let arms: HashMap<&CellId, &str> = cells.iter().map(|cell| (&cell.id, cell.arm.as_str())).collect();
        let one = |cell: &Cell| {
            canonical(&json!({
                "arm": cell.arm,
                "kind": cell.kind,
                "family": cell.problem.family,
                "follows": cell.follows.as_ref().and_then(|id| arms.get(id)),
                "reads": cell.reads.is_some(),
                "settings": Settings { seed: 0, ..cell.settings.clone() },
            }))
        };
        let all: BTreeSet<String> = cells.iter().map(one).collect();
        let all: Vec<Value> = all.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        let text = canonical(&all);
        Self { hash: hash(&text), text }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Experiment, ModelId, grid};

    fn hash_of(text: &str) -> String {
        let experiment = Experiment::parse(Path::new("t.toml"), text).unwrap();
        let model = ModelId { name: "m".into(), sha256: None, asked: "m".into() };
        Frozen::of(&grid(&experiment, &[model]).unwrap()).hash
    }

    #[test]
    fn problems_and_seeds_change_nothing_and_any_setting_does() {
        let text = "name = 't'\nproblems = ['chain:1#0..3']\narms = ['direct', 'refine', 'coin-flip']\n\
                    budgets = [{ meter = 'generated', values = [512] }]\n";
        let first = hash_of(text);
        assert_eq!(first.len(), 64);
        for same in [text.replace("0..3", "200..204"), format!("{text}seeds = [5, 6]\n")] {
            assert_eq!(hash_of(&same), first, "{same}");
        }
        for other in [
            text.replace("512", "513"),
            text.replace("chain:1", "boolean:1"),
            text.replace("'direct', ", ""),
            format!("{text}[settings]\nproposals = 3\n"),
        ] {
            assert_ne!(hash_of(&other), first, "{other}");
        }
    }
}
