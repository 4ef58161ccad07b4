//! `planscope diagnose`, on sessions on disk.

use std::path::Path;

use planscope::{
    cli::{
        Common,
        diagnose::{DiagnoseArgs, run},
    },
    failure::Failure,
};
use session::{Manifest, Outcome, ProblemCard, SessionWriter};

use support::walks::{Signal, World, run as walk};

fn write(dir: &Path, name: &str, world: &World) -> String {
    let problem: ProblemCard = world.state.problem.clone().unwrap();
    let manifest =
        Manifest::new(&problem, "tiny", world.state.settings.seed, "2026-01-02T03:04:05Z".parse().unwrap());
    let path = dir.join(name);
    let mut writer = SessionWriter::create(&path, manifest).unwrap();
    world.records.iter().for_each(|record| writer.append(record).unwrap());
    writer.finish(&Outcome::Answered).unwrap();
    path.display().to_string()
}

fn ran(args: &DiagnoseArgs) -> Result<(bool, String), Failure> {
    let mut out = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let sound = runtime.block_on(run(args, &Common::default(), 100, &mut out))?;
    Ok((sound, String::from_utf8(out).unwrap()))
}

fn of(sessions: &[&String]) -> DiagnoseArgs {
    let named = sessions.iter().map(|path| (*path).clone()).collect();
    DiagnoseArgs { named, ..DiagnoseArgs::default() }
}

fn frozen(seed: u64) -> World {
    let mut world = walk(seed, "threshold 5.0", Signal::Quality { noise: 0.0 }, 10, 2);
    world.answer("7", true);
    world
}

#[test]
fn one_session_is_told_of_with_the_worst_first() {
    let base = tempfile::tempdir().unwrap();
    let path = write(base.path(), "frozen", &frozen(1));
    let (sound, text) = ran(&of(&[&path])).unwrap();
    assert!(!sound);
    insta::assert_snapshot!("frozen", text);
    assert!(text.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn only_what_was_asked_for_runs() {
    let base = tempfile::tempdir().unwrap();
    let path = write(base.path(), "frozen", &frozen(1));
    let only = DiagnoseArgs { only: vec!["no_op".into()], ..of(&[&path]) };
    let (sound, text) = ran(&only).unwrap();
    assert!(sound && text.contains("no_op") && !text.contains("frozen_gate"), "{text}");
    let unknown = ran(&DiagnoseArgs { only: vec!["luck".into()], ..only.clone() }).unwrap_err();
    assert!(unknown.message.contains("luck") && unknown.hint.unwrap().contains("--list"));
    let asks = ran(&DiagnoseArgs { only: vec!["fluff".into()], ..only }).unwrap_err();
    assert!(asks.message.contains("needs the model"));
}

#[test]
fn several_sessions_are_told_of_together_too() {
    let base = tempfile::tempdir().unwrap();
    let paths: Vec<String> =
        (1..=5).map(|seed| write(base.path(), &format!("run-{seed}"), &frozen(seed))).collect();
    let args = of(&paths.iter().collect::<Vec<_>>());
    let (_, text) = ran(&args).unwrap();
    assert!(
        text.contains("all 5 sessions together") && text.contains("hardly depends on the seed"),
        "{text}"
    );
    let (_, json) = ran(&DiagnoseArgs { json: true, ..args }).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sessions"].as_array().unwrap().len(), 5);
    assert_eq!(json["across"][0]["check"], "coin_flip");
    assert_eq!(json["across"][1]["check"], "stability");
    let findings = json["sessions"][0]["findings"].as_array().unwrap();
    let frozen = findings.iter().find(|finding| finding["check"] == "frozen_gate").unwrap();
    assert_eq!(frozen["verdict"], "fault");
    let twice = ran(&of(&[&paths[0], &paths[0]])).unwrap_err();
    assert!(twice.message.contains("twice"));
}

#[test]
fn what_is_no_session_is_refused_with_a_hint() {
    let base = tempfile::tempdir().unwrap();
    let nowhere = base.path().join("nowhere").display().to_string();
    let failure = ran(&of(&[&nowhere])).unwrap_err();
    assert!(failure.hint.is_some(), "{failure}");
}

#[test]
fn the_command_line_is_read() {
    use clap::{CommandFactory, Parser};
    use planscope::cli::{Cli, CliCommand};
    Cli::command().debug_assert();
    let read = |line: &str| Cli::try_parse_from(line.split(' ')).map(|cli| cli.command);
    let Ok(Some(CliCommand::Diagnose(args))) = read("planscope diagnose a b --only no_op --sessions /x")
    else {
        panic!("it is no diagnosis");
    };
    assert_eq!((args.named, args.only), (vec!["a".to_owned(), "b".to_owned()], vec!["no_op".to_owned()]));
    assert!(read("planscope diagnose --list").is_ok());
    assert!(read("planscope diagnose").is_err() && read("planscope diagnose a --list --only no_op").is_err());
}

#[test]
fn the_list_has_every_check() {
    let (sound, text) = ran(&DiagnoseArgs { list: true, ..DiagnoseArgs::default() }).unwrap();
    assert!(sound);
    for (scope, doc) in diagnose::catalogue() {
        let at = text.lines().position(|line| line.starts_with(doc.name)).expect("its line");
        let rest: Vec<&str> = text.lines().skip(at).take(4).collect();
        assert!(rest.iter().any(|line| line.contains(&format!("reads {}", scope.name()))), "{rest:?}");
    }
}
