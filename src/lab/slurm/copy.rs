//! A copy of an experiment that can lie elsewhere.

use std::{io, path::Path};

use serde::Deserialize;
use toml::Spanned;

use crate::experiment::alongside;

/// All of an experiment that depends on where its file lies.
#[derive(Deserialize)]
struct ExperimentPaths {
    problems: Vec<Spanned<String>>,
}

/// Returns the text of the experiment at `path` with absolute paths where problems lie in its folder. All else, comments
/// included, stays as it is.
///
/// # Errors
/// When the text is no experiment, or there is no working directory.
pub fn self_contained(path: &Path, text: &str) -> io::Result<String> {
    let places: ExperimentPaths = toml::from_str(text).map_err(io::Error::other)?;
    let path = std::path::absolute(path)?;
    let mut copy = text.to_owned();
    // From the end on, so that places before it stay true.
    for problem in places.problems.iter().rev() {
        let reference = alongside(&path, problem.get_ref());
        if reference != *problem.get_ref() {
            copy.replace_range(problem.span(), &toml::Value::String(reference).to_string());
        }
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cell::{ModelId, grid},
        experiment::Experiment,
    };

    #[test]
    fn the_copy_has_the_same_cells_wherever_it_lies() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = here.path().join("it's \"here\"");
        std::fs::create_dir(&folder).unwrap();
        let row = "{\"question\": \"How many legs have 2 cats?\", \"answer\": \"#### 8\"}\n";
        std::fs::write(folder.join("rows.jsonl"), row.repeat(2).replacen("2 cats", "3 cats", 1)).unwrap();
        let text = "# What for\nname = 't' # short\nproblems = ['rows.jsonl#0', \"pens\", # and\n  \"rows.jsonl#1\"]\n\
                    arms = ['direct']\nbudgets = [{ meter = 'generated', values = [512] }]\n";
        let path = folder.join("all.toml");
        let copy = self_contained(&path, text).unwrap();
        assert!(copy.starts_with("# What for\nname = 't' # short\n") && copy.contains("\"pens\", # and"));
        let model = [ModelId { name: "m".into(), sha256: None, asked: "m".into() }];
        let ids = |path: &Path, text: &str| -> Vec<_> {
            let experiment = Experiment::parse(path, text).unwrap();
            grid(&experiment, &model).unwrap().into_iter().map(|cell| cell.id).collect()
        };
        let moved = there.path().join("experiment.toml");
        assert_eq!(ids(&moved, &copy), ids(&path, text));
        assert_eq!(self_contained(&moved, &copy).unwrap(), copy, "a copy of the copy is the same");
    }
}
