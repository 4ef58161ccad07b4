//! Cells: one run each, named by the hash of everything that shapes it.

use std::{collections::HashMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    error::LabError,
    experiment::{Experiment, Meter, Variant},
    names::names,
};
use problem::Problem;
use session::Settings;

/// The blake3 hash of what a cell is, in hexadecimal, short enough for a folder's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CellId(pub String);

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Digits of a cell's name: enough that no two of a billion cells share one by chance.
const DIGITS: usize = 24;

/// A model as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelId {
    /// Its name, or its file's without the folder.
    pub name: String,
    /// The sha256 of its file, where the catalogue knows it.
    pub sha256: Option<String>,
    /// What it is asked for by on this machine, which is no part of what it is.
    #[serde(skip)]
    pub asked: String,
}

/// Everything that shapes a run; its hash is the cell's name. Where the problem was loaded from and the machine are no
/// part of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Content<'a> {
    version: u32,
    problem: &'a str,
    /// The hash of the problem's family and text.
    text: String,
    arm: &'a str,
    kind: &'a str,
    follows: Option<&'a CellId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reads: Option<&'a CellId>,
    settings: &'a Settings,
    model: &'a ModelId,
}

/// Raised when the same content leads to another run.
const VERSION: u32 = 1;

/// One run of an experiment.
#[derive(Clone)]
pub struct Cell {
    /// Its name.
    pub id: CellId,
    /// Gold included; only what is marked as oracle may see that.
    pub problem: Arc<Problem>,
    /// The problem's name, which no other of the experiment has: of two files of one name, that of the folder comes first.
    pub name: String,
    /// The name of the arm in the experiment.
    pub arm: String,
    /// The name of the arm in the registry.
    pub kind: &'static str,
    /// Whether anything that steers the arm sees gold.
    pub oracle: bool,
    /// The settings, seed and budget included.
    pub settings: Settings,
    /// What the budget is counted in.
    pub meter: Meter,
    /// How much of it there is.
    pub budget: f64,
    /// As it is asked for.
    pub model: ModelId,
    /// The cell whose observed acceptance it takes over.
    pub follows: Option<CellId>,
    /// The cell with a larger budget whose record may say how this one ends.
    pub reads: Option<CellId>,
    /// Cells of one group (model, problem, seed) go to the same shard, one after the other.
    pub group: usize,
}

impl Cell {
    /// Returns the hash of what its problem is: its own name, family and text. Results are compared where it is the same.
    pub fn problem_hash(&self) -> String {
        let Problem { id, family, text, .. } = &*self.problem;
        hash(&format!("{id}\n{family}\n{text}"))[..DIGITS].to_owned()
    }

    /// Returns the hash of all that answers to its problem are judged by.
    pub fn gold_hash(&self) -> String {
        let problem = &self.problem;
        let gold = problem.oracle().map(|gold| (gold.answer(), gold.goal()));
        let judged_by = (&problem.id, &problem.text, gold, &problem.visible_goal, &problem.settings);
        hash(&canonical(&judged_by))[..DIGITS].to_owned()
    }

    /// Returns which of an experiment's runs it is, in a few words: its arm and budget.
    pub fn label(&self) -> String {
        format!("{} at {}", self.arm, self.meter.budget(self.budget))
    }
}

/// Returns all cells of `experiment` in their order: a model after the other, then problems, seeds, budgets, and the
/// arms so that one that follows another comes after it.
///
/// # Errors
/// When a problem cannot be had, or two cells are the same.
pub fn grid(experiment: &Experiment, models: &[ModelId]) -> Result<Vec<Cell>, LabError> {
    let wrong = |reason: String| LabError::Experiment { path: experiment.path.clone(), reason };
    let mut problems = Vec::new();
    for reference in &experiment.problems {
        problems.extend(problem::load_set(reference)?.into_iter().map(Arc::new));
    }
    let names = names(&problems);
    let mut cells = Vec::new();
    let mut group = 0;
    for model in models {
        for (problem, name) in problems.iter().zip(&names) {
            for seed in &experiment.seeds {
                let place = GroupPosition { experiment, model, problem, name, seed: *seed, group };
                cells.extend(place.cells().map_err(wrong)?);
                group += 1;
            }
        }
    }
    let mut seen: HashMap<&CellId, &Cell> = HashMap::new();
    for cell in &cells {
        if let Some(other) = seen.insert(&cell.id, cell) {
            let (a, b) = (&other.name, &cell.name);
            let twice = if a == b { format!("{a} comes twice") } else { format!("{a} and {b} are the same") };
            return Err(wrong(format!("of its problems {twice}")));
        }
    }
    Ok(cells)
}

/// Where cells of one group stand.
struct GroupPosition<'a> {
    experiment: &'a Experiment,
    model: &'a ModelId,
    problem: &'a Arc<Problem>,
    name: &'a str,
    seed: u64,
    group: usize,
}

impl GroupPosition<'_> {
    fn cells(&self) -> Result<Vec<Cell>, String> {
        let mut cells: Vec<Cell> = Vec::new();
        let (first, then): (Vec<_>, Vec<_>) =
            self.experiment.variants.iter().partition(|variant| variant.follows.is_none());
        for budget in &self.experiment.budgets {
            let before = cells.len();
            for value in budget.in_order() {
                let from = cells.len();
                for variant in first.iter().chain(&then) {
                    let id_of = |cells: &[Cell], name: &str| {
                        cells.iter().find(|cell| cell.arm == name).map(|cell| cell.id.clone())
                    };
                    let follows = variant.follows.as_ref().and_then(|name| id_of(&cells[from..], name));
                    // The largest comes first. What follows takes over another rate at each budget.
                    let reads = (budget.anytime && variant.follows.is_none())
                        .then(|| id_of(&cells[before..from], &variant.name))
                        .flatten();
                    cells.push(self.cell(variant, (budget.meter, value), follows, reads)?);
                }
            }
        }
        Ok(cells)
    }

    fn cell(
        &self,
        variant: &Variant,
        (meter, budget): (Meter, f64),
        follows: Option<CellId>,
        reads: Option<CellId>,
    ) -> Result<Cell, String> {
        let limits = meter.limits(budget);
        let settings = self.experiment.settings(variant, self.problem.family(), self.seed, &limits)?;
        let doc = variant.arm.doc();
        let content = Content {
            version: VERSION,
            problem: &self.problem.id,
            text: hash(&format!("{}\n{}", self.problem.family, self.problem.text)),
            arm: &variant.name,
            kind: doc.name,
            follows: follows.as_ref(),
            reads: reads.as_ref(),
            settings: &settings,
            model: self.model,
        };
        Ok(Cell {
            id: CellId(hash(&canonical(&content))[..DIGITS].to_owned()),
            problem: self.problem.clone(),
            name: self.name.to_owned(),
            arm: variant.name.clone(),
            kind: doc.name,
            oracle: doc.oracle,
            settings,
            meter,
            budget,
            model: self.model.clone(),
            follows,
            reads,
            group: self.group,
        })
    }
}

/// Returns the blake3 hash of `text` in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Returns `value` as JSON in which keys are sorted and nothing is spaced, so that equal values are equal texts.
pub fn canonical(value: &impl Serialize) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (at, key) in keys.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    *out += &Value::from(key.as_str()).to_string();
                    out.push(':');
                    write(&map[key], out);
                }
                out.push('}');
            }
            Value::Array(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write(value, out);
                }
                out.push(']');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *out += &value.to_string(),
        }
    }
    let mut out = String::new();
    // Plain data of our own can always be put as JSON.
    write(&serde_json::to_value(value).unwrap_or_default(), &mut out);
    out
}

/// A part of the cells that one process runs: every `of`-th group from `index` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// All cells.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Returns whether `cell` belongs to it.
    pub fn has(&self, cell: &Cell) -> bool {
        self.has_group(cell.group)
    }

    /// Returns whether the cells of this group belong to it.
    pub(crate) fn has_group(&self, group: usize) -> bool {
        group % self.of == self.index
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.index, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').map(|(index, of)| (index.parse(), of.parse()));
        match parts {
            Some((Ok(index), Ok(of))) if index < of => Ok(Self { index, of }),
            Some(_) | None => Err("write I/N with I from 0 to N − 1, such as 0/4".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn cells(text: &str) -> Vec<Cell> {
        let experiment = Experiment::parse(Path::new("t.toml"), text).unwrap();
        grid(&experiment, &[ModelId { name: "m".into(), sha256: None, asked: "m".into() }]).unwrap()
    }

    const TEXT: &str = "name = 't'\nproblems = ['bundled']\nseeds = [1, 2]\narms = ['coin-flip', 'direct', 'refine']\n\
                        budgets = [{ meter = 'generated', values = [512, 1024] }]\n";

    #[test]
    fn the_grid_is_whole_and_names_are_stable() {
        let all = cells(TEXT);
        let problems = problem::list_bundled().len();
        assert_eq!(all.len(), problems * 2 * 3 * 2);
        let again = cells(TEXT);
        assert!(all.iter().zip(&again).all(|(a, b)| a.id == b.id));
        let more = cells(&TEXT.replace("[1, 2]", "[1, 2, 3]"));
        let known = |id: &CellId| more.iter().any(|cell| cell.id == *id);
        assert!(all.iter().all(|cell| known(&cell.id)), "a larger grid keeps the names");
        let other = cells(&format!("{TEXT}[settings]\nmax_items = 3\n"));
        assert!(all.iter().zip(&other).all(|(a, b)| a.id != b.id));
    }

    #[test]
    fn what_follows_comes_after_what_it_follows_and_in_the_same_shard() {
        let all = cells(TEXT);
        for (at, cell) in all.iter().enumerate() {
            let Some(followed) = &cell.follows else { continue };
            let place = all.iter().position(|other| other.id == *followed).unwrap();
            assert!(place < at && all[place].group == cell.group && all[place].budget == cell.budget);
        }
        assert_eq!(all.iter().filter(|cell| cell.follows.is_some()).count(), all.len() / 3);
        let shards = (0..3).map(|index| Shard { index, of: 3 });
        let parts: usize = shards.map(|shard| all.iter().filter(|cell| shard.has(cell)).count()).sum();
        assert_eq!(parts, all.len());
    }

    #[test]
    fn a_corrected_gold_answer_is_seen_and_is_no_other_problem() {
        use problem::Gold;
        let mut cell = cells(TEXT)[0].clone();
        let (cell_hash, gold_hash) = (cell.problem_hash(), cell.gold_hash());
        let gold = Gold::new(Some("41".into()), Vec::new());
        cell.problem = Arc::new(Problem::clone(&cell.problem).with_gold(gold));
        assert_eq!(cell.problem_hash(), cell_hash);
        assert_ne!(cell.gold_hash(), gold_hash);
    }

    #[test]
    fn canonical_json_sorts_keys() {
        let value = serde_json::json!({"b": [1, {"z": null, "a": "x\"y"}], "a": 0.5});
        assert_eq!(canonical(&value), r#"{"a":0.5,"b":[1,{"a":"x\"y","z":null}]}"#);
    }

    #[test]
    fn a_shard_is_a_fraction() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        assert!("3/3".parse::<Shard>().is_err() && "3".parse::<Shard>().is_err());
    }
}
