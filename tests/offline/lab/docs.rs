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
