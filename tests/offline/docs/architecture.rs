//! Holds the table of packages in docs/architecture.md to what cargo builds.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

const DOC: &str = include_str!("../../../docs/architecture.md");

/// A package's name without the project's, and the packages of ours that it depends on.
type Packages = BTreeMap<String, BTreeSet<String>>;

/// Asks cargo which package depends on which; what only tests depend on is left out.
fn built() -> Packages {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&asked.stdout).expect("cargo prints JSON");
    let short = |name: &str| name.trim_start_matches("planscope-").to_owned();
    let text = |value: &Value, field: &str| value[field].as_str().map(str::to_owned);
    let packages = metadata["packages"].as_array().expect("packages");
    let of = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let ours = dependencies
            .filter(|dependency| text(dependency, "path").is_some() && dependency["kind"].is_null());
        ours.map(|dependency| short(&text(dependency, "name").expect("a name"))).collect()
    };
    // Fixtures of tests are a package as well, which is not published.
    let published = packages.iter().filter(|package| package["publish"].is_null());
    published.map(|package| (short(&text(package, "name").expect("a name")), of(package))).collect()
}

/// Reads the table: the first column names a package, the last one what it depends on.
fn documented() -> Packages {
    let rows = DOC.lines().skip_while(|line| !line.starts_with("| package |")).skip(2);
    let names =
        |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let table = rows.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        (names(cells[0]).pop_first().expect("a package"), names(cells[2]))
    });
    table.collect()
}

#[test]
fn the_table_of_packages_is_what_cargo_builds() {
    let (mut built, documented) = (built(), documented());
    let all: BTreeSet<String> = built.keys().filter(|name| *name != "planscope").cloned().collect();
    assert_eq!(built.remove("planscope"), Some(all), "the program is composed of all packages");
    assert_eq!(documented, built);
}
