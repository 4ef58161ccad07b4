//! Hostile text through every subcommand: no stream has a byte that a terminal obeys.

use std::{collections::BTreeSet, ffi::OsString, os::unix::ffi::OsStringExt};

use clap::CommandFactory;
use planscope::cli::Cli;

use crate::world::{EVIL, TURNS, World, copy, server, words};

/// All subcommands that have none below them, such as `lab run`.
fn leaves() -> BTreeSet<String> {
    fn below(command: &clap::Command, path: &str, into: &mut BTreeSet<String>) {
        let subs: Vec<_> = command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
        if subs.is_empty() {
            into.insert(path.trim().to_owned());
        }
        for sub in subs {
            below(sub, &format!("{path} {}", sub.get_name()), into);
        }
    }
    let mut leaves = BTreeSet::new();
    below(&Cli::command(), "", &mut leaves);
    leaves
}

/// What a subcommand is tried with, several times. Words in capitals stand for what there is.
const CASES: &[(&str, &[&[&str]])] = &[
    ("debug", &[&["problem.toml"], &["EVIL"], &["problem.toml", "MODEL", "--linear", "--sessions", "runs"]]),
    (
        "run",
        &[
            &["problem.toml", "MODEL", "--sessions", "runs"],
            &["problem.toml", "MODEL", "--json", "--sessions", "runs"],
            &["problem.toml", "--url", "SERVER", "--model", "EVIL", "--sessions", "runs"],
            &["EVIL"],
            &["broken.toml"],
            &["problem.toml", "--set", "EVIL"],
            &["problem.toml", "--set", "seed=EVIL"],
            &["problem.toml", "MODEL", "--sessions", "problem.toml/EVIL"],
        ],
    ),
    (
        "show",
        &[
            &["SESSION"],
            &["SESSION", "--json"],
            &["SESSION", "--calls"],
            &["SESSION", "--call", "1"],
            &["EVIL"],
            &["BYTES"],
        ],
    ),
    (
        "replay",
        &[
            &["SESSION"],
            &["SESSION", "--linear"],
            &["SESSION", "--check"],
            &["DAMAGED", "--check"],
            &["EVIL", "--check"],
        ],
    ),
    ("tour", &[&[]]),
    (
        "grep",
        &[
            &["SESSION", "catch reject"],
            &["SESSION", "catch reject", "--json"],
            &["SESSION", "EVIL"],
            &["EVIL", "catch reject"],
        ],
    ),
    (
        "fork",
        &[
            &["SESSION", "--iteration", "0", "MODEL", "--sessions", "forks"],
            &["SESSION", "--iteration", "0", "MODEL", "--json", "--sessions", "forks"],
            &["SESSION", "--iteration", "0", "--problem", "EVIL"],
            &["EVIL", "--at", "1"],
        ],
    ),
    ("sessions", &[&["BASE"], &["EVIL"]]),
    ("compare", &[&["SESSION", "OTHER"], &["SESSION", "OTHER", "--json"], &["SESSION", "EVIL"]]),
    (
        "diagnose",
        &[
            &["SESSION", "OTHER"],
            &["SESSION", "--json"],
            &["EVIL"],
            &["SESSION", "--only", "EVIL"],
            &["--list"],
            &["--list", "--json"],
        ],
    ),
    ("lab arms", &[&[], &["EVIL"]]),
    ("lab check", &[&["experiment.toml", "MODEL"], &["broken.toml"], &["EVIL"]]),
    ("lab run", &[&["experiment.toml", "MODEL", "--out", "LAB"], &["EVIL"]]),
    (
        "lab slurm",
        &[
            &["experiment.toml", "MODEL", "--dry-run", "--out", "slurm"],
            &["experiment.toml", "MODEL", "--partition", "EVIL"],
        ],
    ),
    ("lab status", &[&["LAB"], &["EVIL"]]),
    ("lab reread", &[&["experiment.toml", "MODEL", "--out", "LAB"], &["EVIL"]]),
    ("lab collect", &[&["LAB", "--csv"], &["EVIL"]]),
    (
        "lab report",
        &[
            &["LAB"],
            &["LAB", "--format", "md"],
            &["LAB", "--format", "csv"],
            &["LAB", "--format", "json"],
            &["LAB", "--format", "html"],
            &["LAB", "--format", "parquet"],
            &["LAB", "--baseline", "EVIL"],
            &["LAB", "--format", "EVIL"],
        ],
    ),
    ("lab open", &[&["LAB"], &["EVIL"]]),
    (
        "problems",
        &[
            &["problem.toml"],
            &["problem.toml", "--text"],
            &["problem.toml", "--control"],
            &["broken.toml"],
            &["EVIL"],
            &[],
        ],
    ),
    ("scorer list", &[&[], &["--json"]]),
    (
        "scorer test",
        &[
            &["structure", "--data", "labelled.json", "MODEL"],
            &["EVIL", "--data", "labelled.json"],
            &["structure", "--data", "EVIL"],
        ],
    ),
    ("model list", &[&[]]),
    ("model pull", &[&["EVIL"], &["smollm2-135m", "--from", "model.gguf"]]),
    ("model info", &[&["model.gguf"], &["labelled.json"], &["EVIL"]]),
    ("model path", &[&["model.gguf"], &["EVIL"]]),
    ("model template", &[&["model.gguf"], &["labelled.json"], &["EVIL"]]),
    ("theme list", &[&[], &["--theme", "EVIL"]]),
    ("theme show", &[&["EVIL"], &["dark"], &["EVILEVIL"]]),
    ("theme check", &[&["theme.toml"], &["EVIL"]]),
    ("doctor", &[&[], &["--json"]]),
    ("completions", &[&["bash"], &["zsh"], &["fish"], &["EVIL"], &["BYTES"]]),
    ("man", &[&[]]),
];

/// Everything that the cases speak of.
struct Stage {
    world: World,
    places: Vec<(&'static str, OsString)>,
}

impl Stage {
    fn new() -> Self {
        let world = World::new();
        let session = world.session("base");
        let other = world.path("base").join(format!("other {EVIL}"));
        copy(&session, &other);
        let damaged = world.path("damaged");
        copy(&session, &damaged);
        let events = damaged.join("events.jsonl");
        let text = std::fs::read_to_string(&events).unwrap();
        std::fs::write(events, text.replace("trays", "boxes") + EVIL).unwrap();
        let places = vec![
            ("SESSION", session.into()),
            ("OTHER", other.into()),
            ("DAMAGED", damaged.into()),
            ("BASE", world.path("base").into()),
            ("LAB", world.path(&format!("lab {EVIL}")).into()),
            ("SERVER", server().into()),
        ];
        Self { world, places }
    }

    fn args(&self, command: &str, case: &[&str]) -> Vec<OsString> {
        let mut args: Vec<OsString> = words(&command.split(' ').collect::<Vec<_>>());
        for word in case {
            match self.places.iter().find(|(name, _)| name == word) {
                Some((_, place)) => args.push(place.clone()),
                None if *word == "MODEL" => {
                    args.extend(words(&["--backend", "scripted", "--model", "script.toml"]));
                    args.extend(words(&["--set", "scorers.self_check=0", "--set", "iterations=1"]));
                }
                // An 8-bit control as a single byte is no text at all.
                None if *word == "BYTES" => {
                    args.push(OsString::from_vec(b"x\x9b2J\x9d52;c;eA==\x9c".to_vec()))
                }
                None => args.push(word.replace("EVIL", EVIL).into()),
            }
        }
        args
    }
}

/// What of `bytes` a terminal could obey, or what could hide.
pub fn raw(bytes: &[u8]) -> Vec<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return vec![format!("no text: {error}")],
    };
    let bad = text.char_indices().filter(|(_, c)| output::acts(*c) && *c != '\n' && *c != '\t');
    bad.map(|(at, c)| format!("{c:?} behind {:?}", &text[..at].chars().rev().take(30).collect::<String>()))
        .collect()
}

#[test]
fn every_subcommand_is_tried() {
    let tried: BTreeSet<String> = CASES.iter().map(|(command, _)| (*command).to_owned()).collect();
    assert_eq!(tried, leaves());
}

#[test]
fn no_stream_of_any_subcommand_has_a_byte_that_a_terminal_obeys() {
    let stage = Stage::new();
    let mut silent = Vec::new();
    for (command, cases) in CASES {
        let mut said = false;
        for case in *cases {
            let output = stage.world.output(&stage.args(command, case));
            for (name, stream) in [("output", &output.stdout), ("error", &output.stderr)] {
                assert_eq!(raw(stream), Vec::<String>::new(), "standard {name} of {command} {case:?}");
            }
            assert!(matches!(output.status.code(), Some(0..=2)), "{command} {case:?}: {}", output.status);
            let text = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
            said |= text.contains('␛')
                || text.contains('\u{fffd}')
                || text.contains("\\u202e")
                || text.contains("\\u{1b}");
        }
        if !said {
            silent.push(*command);
        }
    }
    // A case that never shows hostile text would test nothing. These have none to show.
    assert_eq!(silent, ["tour", "lab open", "scorer list", "model list", "man"]);
}

#[test]
fn the_words_of_a_server_are_quoted_with_pictures() {
    let stage = Stage::new();
    let case = ["problem.toml", "--url", "SERVER", "--model", "EVIL", "--sessions", "runs"];
    let output = stage.world.output(&stage.args("run", &case));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("400 Bad Request: x␛]52;c;ZXZpbA==␇␛[2J"), "{said}");
}

#[test]
fn a_folder_whose_name_is_no_text_is_shown_as_json() {
    let stage = Stage::new();
    let odd = stage.world.path("base").join(OsString::from_vec(b"x\x9b2J".to_vec()));
    copy(std::path::Path::new(&stage.places[0].1), &odd);
    let output = stage.world.output(&[words(&["show", "--json"]), vec![odd.into()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(raw(&output.stdout), Vec::<String>::new());
}

#[test]
fn json_says_what_was_recorded() {
    let stage = Stage::new();
    let parsed = |args: &[&str]| -> Vec<serde_json::Value> {
        let output = stage.world.output(&stage.args(args[0], &args[1..]));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::Deserializer::from_str(&text).into_iter().map(|value| value.unwrap()).collect()
    };
    let shown = parsed(&["show", "SESSION", "--json"]).remove(0);
    assert_eq!(shown["manifest"]["title"], EVIL);
    let run = parsed(&["run", "problem.toml", "MODEL", "--json", "--sessions", "runs"]);
    let plan = run.last().unwrap()["plan"].as_str().unwrap();
    assert!(plan.contains(TURNS), "{plan:?}");
    assert!(contains(run.last().unwrap(), EVIL), "the answer has it all");
    let call = parsed(&["show", "SESSION", "--call", "3", "--json"]).remove(0);
    assert!(call["reply_body"].to_string().len() > 100 && contains(&call, EVIL), "{call}");
}

fn contains(value: &serde_json::Value, text: &str) -> bool {
    match value {
        serde_json::Value::String(own) => own.contains(text),
        serde_json::Value::Array(list) => list.iter().any(|value| contains(value, text)),
        serde_json::Value::Object(map) => map.values().any(|value| contains(value, text)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

#[test]
fn a_report_in_a_file_has_the_text_as_it_is() {
    let stage = Stage::new();
    let lab = stage.world.output(&stage.args("lab run", &["experiment.toml", "MODEL", "--out", "LAB"]));
    assert!(lab.status.success(), "{}", String::from_utf8_lossy(&lab.stderr));
    let done =
        stage.world.output(&stage.args("lab report", &["LAB", "--format", "csv", "--out", "report.csv"]));
    assert!(done.status.success());
    assert!(std::fs::read_to_string(stage.world.path("report.csv")).unwrap().contains(EVIL));
}
