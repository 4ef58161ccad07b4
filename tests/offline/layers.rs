//! Holds the folders of src/tui to their order, and its files to small cycles of imports. Between packages, cargo does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use regex::Regex;

/// What is directly below src/tui, from the ground up: each imports only from itself and from what is before it.
const LAYERS: [&str; 13] = [
    "format",
    "theme",
    "highlight",
    "graph",
    "widgets",
    "commands",
    "layout",
    "core",
    "terminal",
    "panes",
    "overlays",
    "run",
    "pick",
];

/// The most files that an import cycle may have.
const LARGEST_CYCLE: usize = 7;

/// The path of a module from the root of its package, as in `core::model`; the root is empty.
type Module = String;

/// Each module, and what its file says before its tests.
type Sources = BTreeMap<Module, String>;

/// Each module, and the modules that it imports from.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Adds the modules in `dir`, which is the folder of `parent`.
fn sources(dir: &Path, parent: &str, into: &mut Sources) {
    for entry in fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let module =
            if ["lib", "mod"].contains(&stem.as_str()) { parent.to_owned() } else { join(parent, &stem) };
        if path.is_dir() {
            sources(&path, &module, into);
        } else if path.extension().is_some_and(|kind| kind == "rs") && stem != "tests" {
            let text = fs::read_to_string(&path).expect("a source");
            into.insert(module, text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned());
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}

/// Opens the groups of a `use` tree: `a::{b, c::{d, self}}` is `a::b`, `a::c::d` and `a::c::self`.
fn opened(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let mut depth = 0;
    let branches = inner.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let branches = branches.filter(|branch| !branch.trim().is_empty());
    branches.flat_map(|branch| opened(branch.trim())).map(|leaf| head.trim().to_owned() + &leaf).collect()
}

/// Returns the longest prefix of a path that is a module, if the path begins in this package.
fn module_of(path: &str, from: &str, sources: &Sources) -> Option<Module> {
    let mut names = path.split("::").peekable();
    let mut at: Vec<&str> = from.split("::").filter(|name| !name.is_empty()).collect();
    match names.next()? {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
            while names.next_if_eq(&"super").is_some() {
                at.pop();
            }
        }
        child if sources.contains_key(&join(from, child)) => at.push(child),
        _ => return None,
    }
    let mut module = at.join("::");
    for name in names {
        let longer = join(&module, name);
        if !sources.contains_key(&longer) {
            break;
        }
        module = longer;
    }
    Some(module)
}

/// Reads what each module imports, by `use` and by paths in its code.
fn imports(sources: &Sources) -> Imports {
    let used = Regex::new(r"(?m)^(?:pub(?:\(\w+\))? )?use ([^;]+);").expect("a pattern");
    let named = Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").expect("a pattern");
    let of = |(module, text): (&Module, &String)| {
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        let mut paths: Vec<String> = used.captures_iter(&code).flat_map(|found| opened(&found[1])).collect();
        paths.extend(named.find_iter(&used.replace_all(&code, "")).map(|found| found.as_str().to_owned()));
        let others = paths.iter().filter_map(|path| module_of(path, module, sources));
        (module.clone(), others.filter(|other| other != module).collect())
    };
    sources.iter().map(of).collect()
}

/// Returns the imports that run against the order of `layers`, and what is in none of them.
fn upward(imports: &Imports, layers: &[&str]) -> Vec<String> {
    let layer = |module: &str| {
        let folder = module.split("::").next().unwrap_or_default();
        layers.iter().position(|layer| *layer == folder)
    };
    let mut wrong = Vec::new();
    for (module, others) in imports.iter().filter(|(module, _)| !module.is_empty()) {
        match layer(module) {
            Some(own) => wrong.extend(
                others
                    .iter()
                    .filter(|other| !other.is_empty() && layer(other).is_some_and(|other| other > own))
                    .map(|other| format!("{module} imports {other}, which is above it")),
            ),
            None => {
                wrong.push(format!("{module} has no place in LAYERS of tests/offline/layers.rs; give it one"))
            }
        }
        if others.contains("") {
            wrong.push(format!("{module} imports from lib.rs; import from the module that defines the name"));
        }
    }
    wrong
}

/// Returns the modules that one imports, directly or through others.
fn reached<'a>(imports: &'a Imports, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = imports[from].iter().map(String::as_str).collect();
    while let Some(module) = open.pop() {
        if found.insert(module) {
            open.extend(imports[module].iter().map(String::as_str));
        }
    }
    found
}

/// Returns the largest set of modules that all import each other, directly or through others.
fn largest_cycle(imports: &Imports) -> BTreeSet<&str> {
    let all: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|module| (module.as_str(), reached(imports, module))).collect();
    let cycles = all.iter().map(|(module, others)| {
        others.iter().copied().filter(|other| all[other].contains(module)).collect::<BTreeSet<_>>()
    });
    cycles.max_by_key(BTreeSet::len).unwrap_or_default()
}

fn screen() -> Imports {
    let mut found = Sources::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui"), "", &mut found);
    assert!(found.len() > 50, "the sources were not found");
    imports(&found)
}

#[test]
fn no_folder_of_the_screen_imports_from_one_above_it() {
    let wrong = upward(&screen(), &LAYERS);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_large_cycle_of_imports_forms_in_the_screen() {
    let imports = screen();
    let cycle = largest_cycle(&imports);
    assert!(cycle.len() <= LARGEST_CYCLE, "{} files import each other: {cycle:?}", cycle.len());
}

#[test]
fn upward_imports_and_cycles_are_found() {
    let texts = [
        ("", "pub use self::core::model;"),
        ("core", "pub mod model;\nmod text;"),
        (
            "core::model",
            "use std::fmt;\nuse super::text::{self, Row};\n// use crate::run;\npub(crate) use crate::core;",
        ),
        ("core::text", "pub use crate::{\n    core::model::{Model, View as V},\n};\n"),
        ("run", "fn f() -> crate::core::text::Row { super::Exit }"),
        ("panes", "use crate::{run::{go, stop}, core::text};"),
        ("new", ""),
    ];
    let imports = imports(&texts.map(|(module, text)| (module.to_owned(), text.to_owned())).into());
    let of = |module: &str| imports[module].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("core::model"), ["core", "core::text"]);
    assert_eq!(of("panes"), ["core::text", "run"]);
    assert_eq!(largest_cycle(&imports), ["core::model", "core::text"].into());
    let wrong = upward(&imports, &["core", "panes", "run"]);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    for (found, expected) in
        wrong.iter().zip(["new has no place", "panes imports run", "run imports from lib.rs"])
    {
        assert!(found.starts_with(expected), "{wrong:?}");
    }
}
