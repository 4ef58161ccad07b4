//! Holds `docs/lab.md` to the program.

use lab::{COLUMNS, arms::REGISTRY};

const DOC: &str = include_str!("../../../docs/lab.md");

#[test]
fn every_column_is_documented_in_its_order() {
    let rows: Vec<String> = COLUMNS
        .iter()
        .map(|column| format!("| `{}` | {} | {} |", column.name, column.kind.name(), column.doc))
        .collect();
    assert!(DOC.contains(&rows.join("\n")), "docs/lab.md lacks:\n{}", rows.join("\n"));
}

#[test]
fn every_arm_is_documented_in_its_order() {
    let rows: Vec<String> =
        REGISTRY.iter().map(|arm| format!("| `{}` | {} |", arm.doc().name, arm.doc().doc)).collect();
    assert!(DOC.contains(&rows.join("\n")), "docs/lab.md lacks:\n{}", rows.join("\n"));
}

#[test]
fn the_examples_are_experiments() {
    let examples: Vec<&str> =
        DOC.split("```toml").skip(1).map(|rest| rest.split("```").next().expect("its end")).collect();
    assert_eq!(examples.len(), 2);
    for text in examples {
        lab::Experiment::parse(std::path::Path::new("example.toml"), text).expect("it reads");
    }
}

#[test]
fn the_experiments_of_thinking_have_the_same_settings_on_other_rows() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/experiments");
    let read = |name: &str| lab::Experiment::read(&folder.join(name)).expect(name);
    let (dev, report) = (read("thinking-dev.toml"), read("thinking-report.toml"));
    let settings = |experiment: &lab::Experiment| {
        let model = lab::ModelId { name: "m".into(), sha256: None, asked: "m".into() };
        // The test set of GSM8K is no part of the project.
        let mut experiment = experiment.clone();
        experiment.problems.retain(|reference| !reference.starts_with("gsm8k:"));
        let cells = lab::grid(&experiment, &[model]).unwrap();
        (cells.len(), lab::Frozen::of(&cells).hash)
    };
    assert_eq!(settings(&dev), settings(&report));
    let rows = |experiment: &lab::Experiment| -> Vec<(u64, u64)> {
        let range = |reference: &String| {
            let (from, to) = reference.rsplit_once('#')?.1.split_once("..")?;
            Some((from.parse().ok()?, to.parse().ok()?))
        };
        experiment.problems.iter().filter_map(range).collect()
    };
    assert_eq!((rows(&dev).len(), rows(&report).len()), (6, 6), "all but the bundled problems of tools");
    assert!(rows(&dev).iter().all(|(_, to)| *to <= 200), "development keeps to its rows");
    assert!(rows(&report).iter().all(|(from, to)| *from >= 200 && *to <= 900), "the report to its own");
    assert!(rows(&read("thinking-quick.toml")).iter().all(|(_, to)| *to <= 200));
}
