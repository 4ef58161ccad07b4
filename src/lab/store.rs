//! Where results lie. Each finished cell has a file of its own, which is there whole or not at all; all tables are
//! made of these.
//!
//! | path | holds |
//! |---|---|
//! | `cells/ID.json` | the result of a cell |
//! | `cells/ID.lock` | says that a process runs it |
//! | `sessions/ID/` | its recorded session |
//! | `experiment.json` | the experiment's name, baseline and cells |
//! | `experiment.toml` | the experiment as it was written |
//! | `settings.json` | all settings that shape its cells |
//! | `manifest-SHARD-MODEL.json` | what the shard ran on |
//! | `results-SHARD.parquet` | the shard's table; `results.parquet` that of all cells |

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use files::Durability;
use serde::{Deserialize, Serialize};

use super::{
    cell::{Cell, CellId},
    columns::ResultRow,
    error::LabError,
    experiment::Experiment,
    frozen::Frozen,
};

/// Where it is noted what ran.
const NOTED: &str = "experiment.json";
/// What was run, to be read by people.
const WRITTEN: &str = "experiment.toml";
/// All settings that shape its cells.
const SETTINGS: &str = "settings.json";

#[derive(Serialize, Deserialize)]
struct Noted {
    name: String,
    baseline: String,
    /// The hash of all its settings.
    #[serde(default)]
    settings: Option<String>,
    /// Sizes of its pools.
    #[serde(default)]
    pools: Vec<f64>,
    /// Its cells, each with its group.
    #[serde(default)]
    cells: BTreeMap<CellId, usize>,
}

/// The folder of an experiment's results.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// Returns the store at `dir`, whose folders are made.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn create(dir: impl Into<PathBuf>) -> Result<Self, LabError> {
        let store = Self { dir: dir.into() };
        for part in ["cells", "sessions"] {
            let path = store.dir.join(part);
            fs::create_dir_all(&path).map_err(LabError::io("making", path))?;
        }
        Ok(store)
    }

    /// Returns the store at `dir`, where results already are.
    ///
    /// # Errors
    /// When there are none.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, LabError> {
        let store = Self { dir: dir.into() };
        if store.dir.join("cells").is_dir() { Ok(store) } else { Err(LabError::Nothing(store.dir)) }
    }

    /// Returns its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn cell(&self, id: &CellId) -> PathBuf {
        self.dir.join("cells").join(format!("{id}.json"))
    }

    /// Returns where the session of a cell lies, and its name below the folder.
    pub fn session(&self, id: &CellId) -> (PathBuf, String) {
        (self.dir.join("sessions").join(&id.0), format!("sessions/{id}"))
    }

    /// Returns the result of a cell; `None` where it is not finished.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn finished(&self, id: &CellId) -> Result<Option<ResultRow>, LabError> {
        let path = self.cell(id);
        if path.is_file() { read(&path).map(Some) } else { Ok(None) }
    }

    /// Stores the result of a cell: on the disk when this returns, or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, id: &CellId, row: &ResultRow) -> Result<(), LabError> {
        write_whole(&self.cell(id), row)
    }

    /// Returns the rows of all finished cells, ordered by cell.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn rows(&self) -> Result<Vec<ResultRow>, LabError> {
        let dir = self.dir.join("cells");
        let entries = fs::read_dir(&dir).map_err(LabError::io("reading", &dir))?;
        let mut rows = Vec::new();
        for entry in entries {
            let path = entry.map_err(LabError::io("reading", &dir))?.path();
            if is_result(&path) && path.is_file() {
                rows.push(read(&path)?);
            }
        }
        name_problems(&mut rows);
        rows.sort_by(|a: &ResultRow, b: &ResultRow| a.run.cell.cmp(&b.run.cell));
        Ok(rows)
    }

    /// Removes the result of a cell, so that it is to be run again.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn forget(&self, id: &CellId) -> Result<(), LabError> {
        let path = self.cell(id);
        fs::remove_file(&path).map_err(LabError::io("removing", path))
    }

    /// Notes what needs to be known of the experiment without its file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, experiment: &Experiment, cells: &[Cell]) -> Result<(), LabError> {
        let frozen = Frozen::of(cells);
        let cells = cells.iter().map(|cell| (cell.id.clone(), cell.group)).collect();
        let noted = Noted {
            name: experiment.name.clone(),
            baseline: experiment.baseline.clone(),
            settings: Some(frozen.hash),
            pools: experiment.budgets.iter().flat_map(|budget| budget.pools.clone()).collect(),
            cells,
        };
        write_file(&self.dir.join(WRITTEN), experiment.text.as_bytes())?;
        write_file(&self.dir.join(SETTINGS), frozen.text.as_bytes())?;
        self.write(NOTED, &noted)
    }

    /// Returns the hash of all settings of the experiment that ran last; `None` where that was not noted.
    pub fn settings(&self) -> Option<String> {
        self.noted()?.settings
    }

    /// Returns the baseline of the experiment that ran last; `None` where that was not noted.
    pub fn baseline(&self) -> Option<String> {
        self.noted().map(|noted| noted.baseline)
    }

    /// Returns the sizes of the pools of the experiment that ran last, in generated tokens per problem.
    pub fn pools(&self) -> Vec<f64> {
        self.noted().map(|noted| noted.pools).unwrap_or_default()
    }

    /// Returns the name of the experiment that ran last, and its cells, each with its group.
    ///
    /// # Errors
    /// When that was not noted.
    pub fn noted_cells(&self) -> Result<(String, BTreeMap<CellId, usize>), LabError> {
        let noted = self.noted().filter(|noted| !noted.cells.is_empty());
        noted.map(|noted| (noted.name, noted.cells)).ok_or_else(|| LabError::NotNoted(self.dir.clone()))
    }

    fn noted(&self) -> Option<Noted> {
        let text = fs::read(self.dir.join(NOTED)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Writes `value` as JSON into the file `name`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, value: &impl Serialize) -> Result<(), LabError> {
        write_whole(&self.dir.join(name), value)
    }
}

/// Whether a file is called as we call results: the hash of a cell. Others come from editors, synchronised folders and systems
/// that leave files of their own next to ours.
fn is_result(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let ours = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ours && path.extension().is_some_and(|extension| extension == "json")
}

/// Has results for the same problem say so alike. Those of older versions know its name alone, which does where no two
/// problems have it; and a larger experiment may call a problem by a longer name than a smaller one did.
fn name_problems(rows: &mut [ResultRow]) {
    let mut hashes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (row, hash) in rows.iter().filter_map(|row| Some((row, row.run.problem_hash.as_ref()?))) {
        hashes.entry(row.run.problem.clone()).or_default().insert(hash.clone());
        let name = names.entry(hash.clone()).or_default();
        if row.run.problem.len() > name.len() {
            name.clone_from(&row.run.problem);
        }
    }
    for row in rows {
        if let (None, Some(known)) = (&row.run.problem_hash, hashes.get(&row.run.problem))
            && known.len() == 1
        {
            row.run.problem_hash = known.first().cloned();
        }
        if let Some(name) = row.run.problem_hash.as_ref().and_then(|hash| names.get(hash)) {
            row.run.problem.clone_from(name);
        }
    }
}

fn read(path: &Path) -> Result<ResultRow, LabError> {
    let text = fs::read(path).map_err(LabError::io("reading", path))?;
    let wrong =
        |error: serde_json::Error| LabError::Result { path: path.to_owned(), reason: error.to_string() };
    serde_json::from_slice(&text).map_err(wrong)
}

/// Puts a file in its place whole, as JSON.
fn write_whole(path: &Path, value: &impl Serialize) -> Result<(), LabError> {
    let text =
        serde_json::to_vec_pretty(value).map_err(|error| LabError::io("writing", path)(error.into()))?;
    write_file(path, &text)
}

/// Puts a file in its place whole and on the disk.
///
/// # Errors
/// When it cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), LabError> {
    files::write_whole(path, bytes, Durability::Synced).map_err(LabError::io("writing", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn files_of_others_are_no_results() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        store.keep(&CellId("direct0".into()), &row("direct", 0, Some(true))).unwrap();
        let foreign = [
            "._direct0.json",
            ".DS_Store",
            "Thumbs.db",
            "desktop.ini",
            "direct0.json~",
            "direct0 (1).json",
            "direct0 2.json",
            "direct0.bak.json",
            ".#direct0.json",
            "#direct0.json#",
            ".direct0.json.swp",
            "direct0-conflict.json",
            "direct0.lock",
            ".unfinished-x",
            "Copy of direct0.json",
        ];
        for name in foreign {
            fs::write(dir.path().join("cells").join(name), b"\0\x05\x16\x07").unwrap();
        }
        assert_eq!(store.rows().unwrap(), [row("direct", 0, Some(true))]);
    }

    #[test]
    fn results_of_older_versions_are_of_the_problem_of_their_name() {
        let hashed = |name: &str, hash: &str, n| {
            with(row("refine", n, None), |row| {
                row.run.problem = name.into();
                row.run.problem_hash = Some(hash.into());
            })
        };
        let old = |name: &str, n| with(row("direct", n, None), |row| row.run.problem = name.into());
        let mut rows = vec![
            hashed("test#0", "a", 0),
            hashed("alpha/test#0", "a", 1),
            old("test#0", 2),
            hashed("pens", "b", 3),
            hashed("pens", "c", 4),
            old("pens", 5),
        ];
        name_problems(&mut rows);
        let keys: Vec<_> = rows.iter().map(|row| (row.key(), row.run.problem.as_str())).collect();
        let alpha = ("a", "alpha/test#0");
        assert_eq!(keys, [alpha, alpha, alpha, ("b", "pens"), ("c", "pens"), ("pens", "pens")]);
    }
}
