//! Probes over a small recorded run: when they fire, what they say, and that looking back finds the same.

use denoise::{Canvas, LineForm, TokenLayout, TokenPlace};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::AtomicBool,
};

use planscope::{
    cli::grep::{GrepArgs, run},
    failure::Failure,
};
use probe::{
    Definition, Direction, Expr, Hit, HitKind, Incident, Place, ProbeCommand, Probes, all_hits, next_hit,
    value::{Held, Kind, Value},
    variables::{MASKED, Moment, PARTS, VARIABLES, parts},
};
use proptest::prelude::*;
use session::{
    Candidate, CandidateStatus, CheckFinding, CheckSummary, Event, Record, Replay, Severity, State, Subject,
};

use crate::session::fixture::Run;

/// A search that nobody stops.
static NEVER: AtomicBool = AtomicBool::new(false);

fn probes(texts: &[&str]) -> Probes {
    let mut probes = Probes::default();
    for text in texts {
        let definition = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        probes.add(definition, &State::default()).unwrap();
    }
    probes
}

fn observed(mut probes: Probes) -> Vec<Hit> {
    let mut state = State::default();
    let mut hits = Vec::new();
    for record in Run::new().records {
        state.apply(&record);
        hits.extend(probes.observe(&state, &record));
    }
    hits
}

fn texts(definition: &str) -> Vec<String> {
    observed(probes(&[definition])).into_iter().map(|hit| hit.text).collect()
}

#[test]
fn every_kind_of_probe_says_why_it_fires() {
    let all = [
        "break if best - score > 0.05",
        "break accept",
        "break reject",
        "break propose if iteration > 2",
        "tbreak decide",
        "catch reject",
        "catch invalid",
        "catch parse-error if iteration == 3",
        "catch failed-call",
        "catch duplicate",
        "watch C2",
        "watch S2",
        "watch score",
        "watch items if items < 4",
        "log \"best {best} in {phase}, {{as is}}\" at accept",
        "log \"score {score}\" if iteration >= 2",
    ];
    let lines: Vec<String> = observed(probes(&all))
        .iter()
        .map(|hit| format!("{:>3} #{} {}", hit.seq, hit.iteration, hit.text))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_condition_fires_when_it_becomes_true_and_not_while_it_stays_so() {
    assert_eq!(texts("iteration >= 2"), ["break 1: iteration >= 2 (2)"]);
    assert_eq!(texts("iteration >= 0").len(), 0, "it was true when it was defined");
    // What is said of one event can be said again of the next one of its kind.
    assert_eq!(texts("ruling != \"invalid\"").len(), 3);
    assert_eq!(texts("ruling != \"invalid\" || iteration > 100").len(), 3);
    assert_eq!(
        texts("candidate_score > 0 && phase == \"score\"").len(),
        4,
        "two of them right behind each other"
    );
    assert_eq!(texts("delta < 9 || iteration >= 1").len(), 1, "what stays true does not become so again");
}

#[test]
fn a_number_from_nowhere_is_a_leak_and_an_exchanged_candidate_is_looked_at() {
    let finding = |code: &str| CheckFinding {
        item: "S1".parse().ok(),
        code: code.into(),
        severity: Severity::Warning,
        message: format!("{code} of S1."),
    };
    let findings = vec![finding("unused"), finding("origin")];
    let summary = CheckSummary { findings, ..CheckSummary::default() };
    let checked = |subject| Event::Checked { subject, summary: summary.clone() };
    let edited = |status| {
        let candidate = Run::new().records.into_iter().find_map(|record| {
            if let Event::Proposed { candidates } = record.event {
                candidates.into_iter().next()
            } else {
                None
            }
        });
        Event::CandidateEdited { candidate: Box::new(Candidate { status, ..candidate.unwrap() }) }
    };
    let events = [
        checked(Subject::Incumbent),
        checked(Subject::Candidate(1)),
        edited(CandidateStatus::NoOp),
        edited(CandidateStatus::Ready),
    ];
    let mut probes = probes(&["catch leak", "catch no-op"]);
    let mut texts = Vec::new();
    for (seq, event) in events.into_iter().enumerate() {
        let record = Record { seq: seq as u64, at_ms: 0, event };
        texts.extend(probes.observe(&State::default(), &record).into_iter().map(|hit| hit.text));
    }
    let expected = [
        "catch 1: origin of S1.",
        "catch 1: candidate 2: origin of S1.",
        "catch 2: candidate 1: changes nothing",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn hits_are_counted_ignored_and_end_temporary_probes() {
    let mut state = State::default();
    let mut probes = Probes::default();
    let run = |probes: &mut Probes, text: &str| {
        let command: ProbeCommand = text.parse().unwrap();
        probes.run(command, &State::default()).map_err(|error| error.to_string())
    };
    assert_eq!(run(&mut probes, "tbreak propose").unwrap(), "probe 1 tbreak propose");
    run(&mut probes, "break propose").unwrap();
    run(&mut probes, "ignore 2 1").unwrap();
    run(&mut probes, "break propose").unwrap();
    run(&mut probes, "disable 3").unwrap();
    run(&mut probes, "break propose").unwrap();
    run(&mut probes, "condition 4 iteration == 3").unwrap();
    let mut hits = Vec::new();
    for record in Run::new().records {
        state.apply(&record);
        hits.extend(probes.observe(&state, &record).into_iter().map(|hit| (hit.iteration, hit.number)));
    }
    assert_eq!(hits, [(1, 1), (2, 2), (3, 2), (3, 4)]);
    let list: Vec<String> = probes.iter().map(ToString::to_string).collect();
    assert_eq!(
        list,
        ["2 break propose, 3 hits", "3 break propose, off", "4 break propose if iteration == 3, 1 hit"]
    );
    assert_eq!(run(&mut probes, "delete 1"), Err("there is no probe 1".to_owned()));
    assert_eq!(run(&mut probes, "delete 2").unwrap(), "probe 2 is deleted");
    assert_eq!(
        run(&mut probes, "break accept").unwrap(),
        "probe 5 break accept",
        "numbers are not given again"
    );
    run(&mut probes, "break if best > 2").unwrap();
    assert_eq!(run(&mut probes, "condition 6"), Err("this probe is nothing but its condition".to_owned()));
    assert_eq!(run(&mut probes, "delete all").unwrap(), "all probes are deleted");
    assert!(probes.is_empty());
}

#[test]
fn a_probe_that_is_switched_on_starts_from_that_moment() {
    let records = Run::new().records;
    let mut probes = probes(&["watch score", "break if iteration >= 1"]);
    probes.run("disable all".parse().unwrap(), &State::default()).unwrap();
    let second = |record: &Record| matches!(record.event, Event::PhaseBegan { iteration: 2, .. });
    let half = records.iter().position(second).unwrap();
    let state = State::replay(&records[..half]);
    assert!(state.iteration >= 1);
    probes.run("enable all".parse().unwrap(), &state).unwrap();
    let mut later = state.clone();
    later.apply(&records[half]);
    assert_eq!(probes.observe(&later, &records[half]), [], "what changed meanwhile is no news");
}

#[test]
fn definitions_print_as_they_are_read() {
    for text in [
        "break accept",
        "break score if delta > 0.1",
        "tbreak if best - score > 0.2 && iteration > 3",
        "catch parse-error",
        "catch no-op if iteration > 1",
        "watch C3",
        "watch part.checker",
        "watch best - score if errors == 0",
        "log \"best {best} at {iteration}\" if ruling == \"reject\"",
        "log \"a \\\"b\\\" \\\\ {{c}}\" at reject if iteration > 2",
        "ignore 3 10",
        "enable all",
        "disable 2",
        "delete all",
        "condition 4 best > 0.5",
        "condition 4",
    ] {
        let command: ProbeCommand = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(command.to_string(), text);
        let spaced: ProbeCommand = format!("  {}  ", text.replace(" if ", "   if  ")).parse().unwrap();
        assert_eq!(spaced, command, "{text}");
    }
    let short = |text: &str| text.parse::<Definition>().unwrap().to_string();
    assert_eq!(short(" best > 0.5 "), "break if best > 0.5");
    assert_eq!(short("C3"), "watch C3");
    assert_eq!(short("catch reject"), "catch reject");
}

#[test]
fn what_is_no_probe_is_refused_with_a_hint() {
    for (text, place, message, hint) in [
        ("braek accept", "", "there is no command `braek`", "did you mean `break`?"),
        ("break acept", "acept", "there is no place `acept`", "did you mean `accept`?"),
        ("break", "", "needs a place or a condition", "break accept"),
        ("break if", "", "the text ends where a condition should be", ""),
        ("break if bset > 1", "bset", "no variable `bset`", "`best`"),
        ("break accept if best", "best", "a condition is true or false", "compare"),
        ("break accept now", "now", "`now` stands where nothing more is understood", ""),
        ("catch luck", "luck", "there is no incident `luck`", "did you mean `leak`"),
        ("catch", "", "the text ends where what to catch should be", ""),
        ("watch", "", "the text ends where a value should be", ""),
        ("log best", "best", "where a message in double quotes should be", ""),
        ("log \"x\"", "", "needs a place or a condition", ""),
        ("log \"{bset}\" at accept", "", "in {bset}: there is no variable `bset`", "`best`"),
        ("log \"{best\" at accept", "", "a `{` without its partner", "write {{"),
        ("ignore 1", "", "", ""),
        ("delete", "", "the number of a probe, or `all`", ""),
        ("condition x", "x", "the number of a probe", ""),
    ] {
        let error = text.parse::<ProbeCommand>().unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!(error.at.clone().map_or("", |at| &text[at]), place, "{text}: {error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint());
    }
    let error = "delete all".parse::<Definition>().unwrap_err();
    assert!(error.to_string().contains("one is to be defined here"), "{error}");
}

/// The beginning of a run that denoises tokens.
fn denoised() -> Vec<Record> {
    let layout =
        TokenLayout { vocabulary: vec![String::new(), "1".into()], lines: vec![LineForm::step("x = ")] };
    let known = Canvas { places: vec![TokenPlace::given(1, false)], done: 1, latent: None };
    let events = [
        Event::CanvasSet { layout: Some(Box::new(layout)), canvas: Canvas::masked(1) },
        Event::CanvasSet { layout: None, canvas: known },
    ];
    events.into_iter().enumerate().map(|(at, event)| Record { seq: at as u64 + 1, at_ms: 0, event }).collect()
}

#[test]
fn no_variable_changes_at_an_event_that_it_does_not_name() {
    // Otherwise a probe would not look there. A second run, with gaps, has what the first lacks.
    let mut state = State::default();
    let mut last: Vec<Option<Held>> = vec![None; VARIABLES.len()];
    let mut changed = vec![false; VARIABLES.len()];
    for record in Run::new().records.into_iter().chain(denoised()) {
        state.apply(&record);
        let moment = Moment { state: &state, record: Some(&record) };
        for (at, variable) in VARIABLES.iter().enumerate() {
            let value = variable.read(&moment);
            if let Some(value) = value {
                assert_eq!(value.kind(), variable.kind, "{}", variable.name);
                if let Value::Text(text) = value {
                    assert!(variable.words.contains(&text), "{} is {text}", variable.name);
                }
            }
            let value = value.map(Value::held);
            let named = variable.changes.contains(record.event.kind()) || record.seq == 0;
            let gone = variable.momentary && value.is_none();
            assert!(
                named || gone || value == last[at],
                "{} at {}",
                variable.name,
                record.event.kind().name()
            );
            changed[at] |= value != last[at];
            last[at] = value;
        }
    }
    let still = VARIABLES.iter().zip(&changed).filter(|(_, changed)| !**changed).map(|(v, _)| v.name);
    assert_eq!(still.collect::<Vec<_>>(), [""; 0], "the run says something of all");
}

#[test]
fn what_scorers_say_changes_at_no_event_that_it_does_not_name() {
    let mut state = State::default();
    let mut last: BTreeMap<String, Option<Held>> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for record in Run::new().records {
        state.apply(&record);
        let moment = Moment { state: &state, record: Some(&record) };
        for name in parts(&state).collect::<Vec<_>>() {
            let expr: Expr = name.parse().unwrap();
            assert_eq!((expr.kind(), expr.momentary()), (Kind::Number, false));
            let value = expr.value(&moment).map(Value::held);
            let before = last.insert(name.clone(), value.clone()).flatten();
            assert!(
                expr.changes().contains(record.event.kind()) || value == before,
                "{name} at {}",
                record.event.kind().name()
            );
            if value != before {
                changed.insert(name);
            }
        }
    }
    assert_eq!(Vec::from_iter(changed), ["part.checker", "part.structure"], "the two scorers of the run");
}

#[test]
fn a_probe_on_a_scorer_that_the_session_does_not_know_is_refused() {
    let mut state = State::default();
    Run::new().records.iter().for_each(|record| state.apply(record));
    let mut probes = Probes::default();
    for text in [
        "break if part.cheker > 1",
        "watch part.cheker",
        "watch score if part.cheker > 1",
        "catch reject if part.cheker > 1",
        "log \"{part.cheker}\" at accept",
        "log \"x\" if part.cheker > 1",
    ] {
        let error = probes.run(text.parse().unwrap(), &state).unwrap_err();
        assert_eq!(
            error.sentence(),
            "There is no variable `part.cheker` in this session; did you mean `part.checker`?",
            "{text}"
        );
        assert_eq!(error.at, None, "{text}");
    }
    assert!(probes.is_empty());
    probes.run("break accept".parse().unwrap(), &state).unwrap();
    probes.run("condition 1 part.pmi > 0.5".parse().unwrap(), &state).unwrap();
    assert!(probes.run("condition 1 part.ppmi > 0.5".parse().unwrap(), &state).is_err());
    assert_eq!(probes.iter().next().unwrap().to_string(), "1 break accept if part.pmi > 0.5");
}

/// Long enough for several kept states.
fn long_run() -> Replay {
    let mut records = Vec::new();
    while records.len() < 500 {
        for mut record in Run::new().records {
            record.seq = records.len() as u64;
            records.push(record);
        }
    }
    Replay::new(records)
}

#[test]
fn looking_back_finds_what_looking_forwards_finds() {
    let mut replay = long_run();
    let kinds = [
        "best - score > 0.05",
        "ruling == \"accept\"",
        "catch reject",
        "watch S2",
        "watch score",
        "iteration == 2",
    ];
    for text in kinds {
        let probes = probes(&[text]);
        let mut positions = Vec::new();
        all_hits(&replay, probes.clone(), |hit| positions.push(hit.seq as usize + 1)).unwrap();
        assert!(positions.len() > 3, "{text}: {positions:?}");
        replay.seek(0);
        for visited in [0, replay.len()] {
            replay.seek(visited);
            let mut forwards = Vec::new();
            let mut at = 0;
            while let Some(found) = next_hit(&replay, &probes, at, Direction::Forward, &NEVER).unwrap() {
                at = found.position;
                forwards.push(at);
            }
            assert_eq!(forwards, positions, "{text}");
            let mut backwards = Vec::new();
            let mut at = replay.len() + 1;
            while let Some(found) = next_hit(&replay, &probes, at, Direction::Backward, &NEVER).unwrap() {
                at = found.position;
                backwards.insert(0, at);
            }
            assert_eq!(backwards, positions, "{text}");
        }
    }
    let log = probes(&["log \"here\" at accept"]);
    assert_eq!(
        next_hit(&replay, &log, 0, Direction::Forward, &NEVER).unwrap(),
        None,
        "a log-point stops nowhere"
    );
}

#[test]
fn a_search_is_not_held_up_by_ignored_hits_nor_does_it_use_them_up() {
    let replay = long_run();
    let mut probes = probes(&["tbreak propose"]);
    probes.run("ignore 1 2".parse().unwrap(), &State::default()).unwrap();
    let before = probes.clone();
    let found = next_hit(&replay, &probes, 0, Direction::Forward, &NEVER).unwrap().unwrap();
    assert_eq!(found.hits[0].kind, HitKind::Break);
    assert_eq!(found.hits[0].iteration, 1);
    assert_eq!(probes, before);
}

fn grep(session: &std::path::Path, probe: &str, json: bool) -> Result<(bool, String), Failure> {
    let mut out = Vec::new();
    let args = GrepArgs { session: session.to_owned(), probe: probe.to_owned(), json };
    let found = run(&args, &mut out)?;
    Ok((found, String::from_utf8(out).unwrap()))
}

#[test]
fn grep_prints_every_hit_of_a_session_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let session = dir.path().join("s");
    Run::new().write(&session, true);
    let (found, text) = grep(&session, "iteration == 2", false).unwrap();
    assert!(found);
    assert_eq!(text, "event 25, iteration 2: break 1: iteration == 2\n");
    let (_, text) = grep(&session, "catch failed-call", true).unwrap();
    let hit: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (hit["kind"].as_str(), hit["number"].as_u64(), hit["iteration"].as_u64()),
        (Some("catch"), Some(1), Some(1))
    );
    assert!(hit["event"].is_u64() && hit["text"].as_str().unwrap().contains("died (signal 9)"), "{hit}");
    let (_, text) = grep(&session, "log \"best {best}\" at accept", false).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(grep(&session, "best > 2", false).unwrap(), (false, String::new()));
    let failure = grep(&session, "part.cheker > 2", false).unwrap_err();
    assert_eq!(failure.message, "there is no variable `part.cheker` in this session");
    assert_eq!(failure.hint.unwrap(), "did you mean `part.checker`?");
    let failure = grep(&session, "bset > 2", false).unwrap_err();
    assert_eq!(failure.message, "there is no variable `bset`\nbset > 2\n^^^^");
    assert_eq!(failure.hint.unwrap(), "did you mean `best`?");
}

const DOC: &str = include_str!("../../docs/probes.md");

#[test]
fn the_documentation_lists_what_there_is() {
    let row = |name: &str, doc: &str| format!("| `{name}` | {doc} |");
    let variables = VARIABLES.iter().map(|variable| row(variable.name, variable.doc));
    let places = Place::ALL.iter().map(|place| row(place.name(), place.doc()));
    let incidents = Incident::ALL.iter().map(|incident| row(incident.name(), incident.doc()));
    let there: Vec<String> = places
        .chain(incidents)
        .chain(variables)
        .chain([row(PARTS.0, PARTS.1), row(MASKED.0, MASKED.1)])
        .collect();
    let documented: Vec<&str> = DOC.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(documented, there, "the tables of docs/probes.md, in this order");
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    let examples = DOC.split("```").skip(1).step_by(2).flat_map(str::lines);
    let mut read = 0;
    for example in
        examples.map(|line| line.split("  #").next().unwrap().trim()).filter(|line| !line.is_empty())
    {
        let known = match example.strip_prefix("planscope grep SESSION ") {
            Some(probe) => {
                let probe = probe.trim_end_matches(" --json").trim_matches('\'');
                probe.parse::<Definition>().map(|_| ())
            }
            None => example.parse::<ProbeCommand>().map(|_| ()),
        };
        known.unwrap_or_else(|error| panic!("{example}: {error}"));
        read += 1;
    }
    assert!(read > 10);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_prints_again(
        text in "(break|tbreak|watch|catch|log|condition 1|)( if| accept| reject| \"x \\{best\\}\" at| C1)?( if)?( [a-z]{4,9}| iteration| best| \\(| -| 0\\.5| &&| ==| \"reject\"|!){0,6}"
    ) {
        if let Ok(command) = text.parse::<ProbeCommand>() {
            let printed = command.to_string();
            prop_assert_eq!(printed.parse::<ProbeCommand>().unwrap(), command, "{}", printed);
        }
    }
}
