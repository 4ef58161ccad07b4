//! Sessions on disk: what is written comes back, and what is broken is noticed.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use planscope::cli::{
    lines::EventLines,
    show::{ShowArgs, run},
};
use probe::Definition;
use proptest::prelude::*;
use session::{
    BlobId, Damage, Event, Fault, Journal, Outcome, Purpose, ReadError, Replay, Session, State, format,
    verify,
};
use tempfile::TempDir;

use super::fixture::Run;

struct OnDisk {
    run: Run,
    path: PathBuf,
    _dir: TempDir,
}

fn on_disk(finish: bool) -> OnDisk {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions").join("one");
    let run = Run::new();
    run.write(&path, finish);
    OnDisk { run, path, _dir: dir }
}

fn events_file(path: &Path) -> PathBuf {
    path.join(format::EVENTS_FILE)
}

fn shown(args: &ShowArgs, width: usize) -> String {
    let mut out = Vec::new();
    run(args, width, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn args(path: &Path) -> ShowArgs {
    ShowArgs { session: path.to_owned(), json: false, at: None, calls: false, call: None, thinking: false }
}

#[test]
fn what_is_written_comes_back_and_passes_every_check() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let session = Session::open(&path).unwrap();
    assert_eq!(session.records, run.records);
    assert_eq!(session.damage, None);
    let finished = session.manifest.finished.as_ref().unwrap();
    assert_eq!((finished.events, &finished.outcome), (run.records.len() as u64, &Outcome::Answered));
    for blob in &run.blobs {
        assert_eq!(session.blob(&BlobId::of(blob)).unwrap(), *blob);
    }
    let verification = verify(&path).unwrap();
    assert_eq!(verification.faults, []);
    assert!(verification.finished);
    assert_eq!(verification.blobs as usize, run.blobs.len());
    assert_eq!(State::replay(&session.records), State::replay(&run.records));
}

#[test]
fn a_session_with_scorers_and_proposers_of_a_later_version_is_read_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("later");
    let mut run = Run::new();
    for record in &mut run.records {
        if let Event::Started { settings, .. } = &mut record.event {
            settings.scorers.set("entailment", 0.5);
            settings.proposers.set("swap", 1.0);
        } else if let Event::CallStarted { purpose: purpose @ Purpose::Score("self_check"), .. } =
            &mut record.event
        {
            *purpose = Purpose::Score("entailment");
        } else if let Event::Scored { score, .. } = &mut record.event {
            score.parts[0].name = "entailment".to_owned();
        } else if let Event::Proposed { candidates } = &mut record.event {
            candidates[0].proposer = Some("swap".to_owned());
        }
    }
    run.write(&path, true);
    assert_eq!(verify(&path).unwrap().faults, []);
    let session = Session::open(&path).unwrap();
    assert_eq!(session.records, run.records);
    let state = State::replay(&session.records);
    assert_eq!(state.settings.scorers.get("entailment"), 0.5);
    assert!(state.calls.cost.contains_key(&Purpose::Score("entailment")), "{:?}", state.calls.cost);
    let text = shown(&args(&path), 100);
    assert!(text.contains("\nentailment  "), "its calls: {text}");
    assert!(text.contains("entailment 0.300 (weight 0.2)"), "its part of the score: {text}");
    assert_eq!("part.entailment > 0.1".parse::<Definition>().unwrap().known_in(&state), Ok(()));
}

#[test]
fn equal_blobs_are_kept_once() {
    let OnDisk { run, path, _dir } = on_disk(false);
    let count = |dir: &Path| fs::read_dir(dir).unwrap().count();
    let shelves: usize =
        fs::read_dir(path.join(format::BLOBS_DIR)).unwrap().map(|shelf| count(&shelf.unwrap().path())).sum();
    let mut names: Vec<String> = run.blobs.iter().map(|blob| BlobId::of(blob).0).collect();
    names.sort();
    names.dedup();
    assert_eq!(shelves, names.len());
}

#[test]
fn a_torn_tail_loses_at_most_the_torn_record() {
    let OnDisk { run, path, _dir } = on_disk(false);
    let whole = fs::read(events_file(&path)).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').map(|at| at + 1).collect();
    let two_before = ends[ends.len() - 3];
    for cut in two_before..=whole.len() {
        fs::write(events_file(&path), &whole[..cut]).unwrap();
        let session = Session::open(&path).unwrap();
        // The header's line is no record; a record is whole without its line feed too.
        let expected = ends.iter().filter(|&&end| end <= cut + 1).count() - 1;
        assert_eq!(session.records, run.records[..expected], "cut at {cut}");
        let torn = !ends.contains(&cut) && !ends.contains(&(cut + 1));
        assert_eq!(matches!(session.damage, Some(Damage::Torn { .. })), torn, "cut at {cut}");
        assert_eq!(session.damage.is_some(), torn);
    }
}

#[test]
fn lines_written_behind_a_torn_one_are_never_fused_with_it() {
    let OnDisk { run, path, _dir } = on_disk(false);
    let whole = fs::read(events_file(&path)).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').map(|at| at + 1).collect();
    let (start, end) = (ends[ends.len() - 3], ends[ends.len() - 2]);
    for cut in start..end - 1 {
        let mut bytes = whole[..cut].to_vec();
        bytes.extend_from_slice(&whole[end..]);
        fs::write(events_file(&path), &bytes).unwrap();
        let session = Session::open(&path).unwrap();
        assert_eq!(session.records, run.records[..run.records.len() - 2], "cut at {cut}");
        assert!(session.damage.is_some(), "cut at {cut}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let whole = fs::read(events_file(&path)).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').collect();
    // In place: some file systems wait for the disk when a file is rewritten.
    let mut file = fs::OpenOptions::new().write(true).open(events_file(&path)).unwrap();
    let mut write_byte = |byte: u8, at: usize| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    // All bits of the header and of a few lines, and one bit of every tenth byte elsewhere.
    for (at, &byte) in whole.iter().enumerate() {
        let line = ends.partition_point(|&end| end < at);
        let bits = if line <= 2 || line == 9 {
            0..8
        } else if at % 10 == 0 {
            3..4
        } else {
            0..0
        };
        for bit in bits {
            write_byte(byte ^ (1 << bit), at);
            let journal = Journal::open(&path).unwrap();
            assert!(journal.damage().is_some(), "byte {at} bit {bit}");
            let intact = line.saturating_sub(1);
            assert_eq!(journal.len(), intact, "byte {at} bit {bit}");
            if at % 30 == 0 {
                assert_eq!(journal.records(0..intact).unwrap(), run.records[..intact]);
            }
        }
        write_byte(byte, at);
    }
}

#[test]
fn a_journal_shows_what_the_whole_session_shows() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let journal = Journal::open(&path).unwrap();
    assert_eq!((journal.len(), journal.damage()), (run.records.len(), None));
    assert_eq!(journal.records(3..8).unwrap(), run.records[3..8]);
    assert_eq!(journal.records(journal.len() - 2..usize::MAX).unwrap(), run.records[run.records.len() - 2..]);
    let (mut lazy, mut held) = (journal.into_replay(), Replay::new(run.records.clone()));
    assert_eq!(lazy.phase_boundaries(), held.phase_boundaries());
    assert_eq!(lazy.iteration_boundaries(), held.iteration_boundaries());
    for position in [9, 3, usize::MAX, 0, 17, 16, 15] {
        lazy.seek(position);
        held.seek(position);
        assert_eq!((lazy.state(), lazy.last_applied()), (held.state(), held.last_applied()), "at {position}");
    }
    let more = session::Record { seq: run.records.len() as u64, ..run.records[2].clone() };
    lazy.push(more.clone());
    lazy.seek(usize::MAX);
    assert_eq!(lazy.last_applied(), Some(&more), "what is added stands behind what is on disk");
}

#[test]
fn a_journal_that_changes_under_its_reader_ends_there_and_says_so() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let mut replay = Journal::open(&path).unwrap().into_replay();
    let mut bytes = fs::read(events_file(&path)).unwrap();
    let end = bytes.len();
    bytes[end - 20] ^= 1;
    fs::write(events_file(&path), bytes).unwrap();
    replay.seek(usize::MAX);
    assert!(replay.at_end());
    assert_eq!(replay.state(), &State::replay(&run.records[..run.records.len() - 1]));
    let line = run.records.len() as u64 + 1;
    assert!(matches!(replay.fault(), Some(ReadError::Changed { line: at }) if *at == line));
}

#[test]
fn missing_doubled_and_cut_off_lines_are_named() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let text = fs::read_to_string(events_file(&path)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let opened = |lines: &[&str]| {
        fs::write(events_file(&path), format!("{}\n", lines.join("\n"))).unwrap();
        let session = Session::open(&path).unwrap();
        (session.records.len(), session.damage.unwrap())
    };
    let gap = [&lines[..5], &lines[6..]].concat();
    assert_eq!(opened(&gap), (4, Damage::Sequence { line: 6, expected: 4, found: 5 }));
    let double = [&lines[..6], &lines[5..]].concat();
    assert_eq!(opened(&double), (5, Damage::Sequence { line: 7, expected: 5, found: 4 }));
    let garbage = [&lines[..3], &["{\"not\":\"ours\"}"], &lines[4..]].concat();
    assert_eq!(opened(&garbage), (2, Damage::Garbage { line: 4 }));
    let all = run.records.len();
    let short = Damage::Count { expected: all as u64, found: all as u64 - 1 };
    assert_eq!(opened(&lines[..lines.len() - 1]), (all - 1, short));
    assert_eq!(opened(&lines[1..]), (0, Damage::Header));
    fs::write(events_file(&path), "").unwrap();
    assert!(matches!(Session::open(&path).unwrap().damage, Some(Damage::Torn { line: 1, bytes: 0 })));
}

#[test]
fn a_changed_or_missing_blob_is_noticed() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let (changed, missing) = (BlobId::of(&run.blobs[0]), BlobId::of(&run.blobs[1]));
    let file = format::blob_path(&path, &changed).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[10] ^= 1;
    fs::write(&file, bytes).unwrap();
    fs::remove_file(format::blob_path(&path, &missing).unwrap()).unwrap();
    let session = Session::open(&path).unwrap();
    let error = session.blob(&changed).unwrap_err().to_string();
    assert!(error.contains("was changed"), "{error}");
    let error = session.blob(&missing).unwrap_err().to_string();
    assert!(error.contains("is missing"), "{error}");
    let faults = verify(&path).unwrap().faults;
    assert_eq!(faults.len(), 2);
    assert!(faults.iter().all(|fault| matches!(fault, Fault::Blob { .. })), "{faults:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let id = BlobId::of(&run.blobs[0]);
    let blob = format::blob_path(&path, &id).unwrap();
    for file in [&blob, &events_file(&path), &path.join(format::MANIFEST_FILE)] {
        fs::remove_file(file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success());
        let said = match Session::open(&path) {
            Ok(session) => session.blob(&id).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains("is no regular file"), "{said}");
        assert!(verify(&path).is_ok_and(|verification| !verification.faults.is_empty()) || file != &blob);
    }
}

#[test]
fn a_blob_and_a_manifest_beyond_all_measure_are_not_read() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let id = BlobId::of(&run.blobs[0]);
    let grow =
        |file: &Path, bytes| fs::File::options().write(true).open(file).unwrap().set_len(bytes).unwrap();
    grow(&format::blob_path(&path, &id).unwrap(), 3 << 30);
    let said = Session::open(&path).unwrap().blob(&id).unwrap_err().to_string();
    assert!(said.contains("has 3221225472 bytes, more than"), "{said}");
    grow(&path.join(format::MANIFEST_FILE), 3 << 30);
    let said = Session::open(&path).unwrap_err().to_string();
    assert!(said.contains("its manifest.json is larger than 1024 KiB"), "{said}");
}

#[test]
fn what_a_run_left_that_ended_as_it_began_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("manifest.tmp"), "{").unwrap();
    let said = Session::open(dir.path()).unwrap_err().to_string();
    assert!(said.contains("a run that ended as it began may have left it, and it can be removed"), "{said}");
}

#[test]
fn a_manifest_that_disagrees_is_noticed() {
    let OnDisk { path, _dir, .. } = on_disk(true);
    let file = path.join(format::MANIFEST_FILE);
    let text = fs::read_to_string(&file).unwrap();
    for (from, to, what) in [
        ("\"seed\": 7", "\"seed\": 8", "seed"),
        ("\"outcome\": \"answered\"", "\"outcome\": \"interrupted\"", "outcome"),
        ("\"cached\": 2560", "\"cached\": 2561", "cost"),
        ("\"problem\": \"pens\"", "\"problem\": \"pins\"", "problem"),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(&file, text.replace(from, to)).unwrap();
        assert_eq!(verify(&path).unwrap().faults, [Fault::Manifest { what }]);
    }
}

#[test]
fn an_event_that_does_not_fit_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::new();
    for record in &mut run.records {
        if let Event::Proposed { candidates } = &mut record.event {
            candidates[0].hash = Some(plan::Plan::default().hash());
            break;
        }
    }
    let path = dir.path().join("s");
    run.write(&path, true);
    let faults = verify(&path).unwrap().faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].to_string().contains("leads to another plan"), "{}", faults[0]);
}

#[test]
fn what_is_no_session_or_too_new_is_said_in_a_sentence() {
    let OnDisk { path, _dir, .. } = on_disk(false);
    let missing = Session::open(&path.join("nowhere")).unwrap_err();
    assert!(missing.to_string().contains("there is nothing there"), "{missing}");
    assert!(missing.hint().unwrap().contains("planscope sessions"));
    let manifest = path.join(format::MANIFEST_FILE);
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    let newer = Session::open(&path).unwrap_err();
    assert!(matches!(newer, ReadError::Newer { version: 2, .. }), "{newer}");
    fs::write(&manifest, &text).unwrap();
    let record = r#"{"seq":0,"at_ms":0,"event":"teleported"}"#;
    let crc = crc32fast::hash(record.as_bytes());
    let line = format!("{}\n{{\"crc\":\"{crc:08x}\",\"record\":{record}}}\n", format::header());
    fs::write(events_file(&path), line).unwrap();
    let foreign = Session::open(&path).unwrap_err();
    assert!(
        foreign.to_string().contains("line 2") && foreign.to_string().contains("\"teleported\""),
        "{foreign}"
    );
    assert!(foreign.hint().unwrap().contains("newer"));
    fs::remove_file(manifest).unwrap();
    assert!(matches!(Session::open(&path), Err(ReadError::NotASession { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_seek_shows_what_folding_from_the_start_shows(seeks in prop::collection::vec(0_usize..700, 1..24)) {
        let mut records = Vec::new();
        // Longer than the distance between kept states; ids and events stay in order.
        while records.len() < 600 {
            for mut record in Run::new().records {
                record.seq = records.len() as u64;
                records.push(record);
            }
        }
        let mut replay = Replay::new(records.clone());
        for target in seeks {
            replay.seek(target);
            let applied = target.min(records.len());
            prop_assert_eq!(replay.position(), applied);
            prop_assert_eq!(replay.state(), &State::replay(&records[..applied]));
        }
    }
}

#[test]
fn every_step_back_is_the_fold_from_the_start() {
    let records = Run::new().records;
    let mut replay = Replay::new(records.clone());
    replay.seek(records.len());
    while replay.backward() {
        assert_eq!(*replay.state(), State::replay(&records[..replay.position()]));
    }
    assert_eq!(replay.position(), 0);
}

#[test]
fn show_tells_the_story_as_text_and_json() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let text = shown(&args(&path), 100);
    for piece in [
        "pens – Pens in boxes",
        "ended: answered",
        "  - S2 <- S1: left = total",
        "  + S2 {refined} <- S1 C2: left = total - 45",
        "judgement (oracle): correct",
        "value: 75",
        "call 3: the model's process died (signal 9)",
        "no better plan in 1 iteration",
    ] {
        assert!(text.contains(piece), "no {piece:?} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    let json: serde_json::Value =
        serde_json::from_str(&shown(&ShowArgs { json: true, ..args(&path) }, 80)).unwrap();
    assert_eq!(json["events"], run.records.len());
    assert_eq!(json["outcome"]["outcome"], "answered");
    assert_eq!(json["timeline"].as_array().unwrap().len(), 4);
    assert_eq!(json["timeline"][1]["accepted"], "replace S2: left = total - 45");
    let early = shown(&ShowArgs { at: Some(8), ..args(&path) }, 80);
    assert!(early.contains("as of event 8") && !early.contains("ANSWER"), "{early}");
    let error = run_error(&ShowArgs { at: Some(9999), ..args(&path) });
    assert!(error.contains("there is no event 9999"), "{error}");
}

#[test]
fn show_says_where_a_right_answer_was_lost_once_the_run_is_over() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    let line = "oracle: draft ✗ → seen ✗ → kept ✗ → answer ✗ (lost in drawing)";
    assert!(shown(&args(&path), 100).contains(line));
    let early = shown(&ShowArgs { at: Some(60), ..args(&path) }, 100);
    assert!(!early.contains("oracle:"), "{early}");
    let json = |at| -> serde_json::Value {
        serde_json::from_str(&shown(&ShowArgs { json: true, at, ..args(&path) }, 80)).unwrap()
    };
    let stages = &json(None)["oracle_stages"];
    assert_eq!((&stages["draft"], &stages["loss"]), (&false.into(), &"drawing".into()));
    assert!(json(Some(60))["oracle_stages"].is_null());
}

fn run_error(args: &ShowArgs) -> String {
    run(args, 80, &mut Vec::new()).unwrap_err().to_string()
}

#[test]
fn show_prints_calls_and_their_exact_texts() {
    let OnDisk { run, path, _dir } = on_disk(true);
    let calls = shown(&ShowArgs { calls: true, ..args(&path) }, 120);
    assert_eq!(calls.lines().count(), 7);
    let failed = calls.lines().find(|line| line.contains("failed")).unwrap();
    assert!(failed.contains("self-check") && failed.contains('–') && !failed.contains(" 0 "), "{failed}");
    let second = shown(&ShowArgs { call: Some(2), ..args(&path) }, 80);
    assert!(second.contains("── system\nPlan first."), "{second}");
    assert!(
        second.contains("seed 18446744073709551614") && second.contains("an edit \"quoted\""),
        "{second}"
    );
    assert!(!second.contains('\u{1b}'), "a model's text must not steer the terminal");
    let json = shown(&ShowArgs { call: Some(2), json: true, ..args(&path) }, 80);
    assert!(json.contains(std::str::from_utf8(&run.blobs[2]).unwrap()), "{json}");
    assert!(run_error(&ShowArgs { call: Some(77), ..args(&path) }).contains("no call 77"));
}

#[test]
fn an_unfinished_and_damaged_session_says_so() {
    let OnDisk { path, _dir, .. } = on_disk(false);
    let whole = fs::read(events_file(&path)).unwrap();
    fs::write(events_file(&path), &whole[..whole.len() - 9]).unwrap();
    let text = shown(&args(&path), 90);
    assert!(text.contains("unfinished: cut off, since the process that wrote it is gone"), "{text}");
    assert!(text.contains("DAMAGE") && text.contains("is torn off after"), "{text}");
    let verification = verify(&path).unwrap();
    assert!(!verification.finished);
    assert!(matches!(verification.faults[..], [Fault::Damage(Damage::Torn { .. })]));
}

#[test]
fn a_running_session_reads_as_lines() {
    let mut lines = EventLines::new(72);
    let mut state = State::default();
    let mut text = Vec::new();
    for record in Run::new().records {
        state.apply(&record);
        text.extend(lines.line(&state, &record));
    }
    let text = text.join("\n");
    insta::assert_snapshot!(text);
    let wide = text.lines().find(|line| unicode_width::UnicodeWidthStr::width(*line) > 72);
    assert_eq!(wide, None);
    assert!(!text.contains('\u{1b}'));
}
