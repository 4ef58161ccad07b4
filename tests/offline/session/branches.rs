//! Forks of recorded sessions, the tree they make, and the history of items.

use std::{fs, path::Path, sync::Arc};

use engine::{Command, Run as EngineRun, Start, Update};
use model::{ScriptedBackend, scripted::ReplyScript};
use session::{
    Author, Event, Fork, ForkError, ForkPlan, Manifest, Outcome, Session, SessionWriter, Settings, fork,
    format::{BLOBS_DIR, MANIFEST_FILE, blob_path},
    list, tree, verify, why,
};

use super::fixture::Run;

fn plan(at: u64, dir: &Path) -> ForkPlan {
    let settings = Settings { seed: 9, ..Settings::default() };
    let created = "2026-02-02T03:04:05Z".parse().unwrap();
    ForkPlan { at, settings, model: "tiny".into(), created, source: None, dir: dir.to_owned() }
}

fn files(dir: &Path) -> usize {
    let shelves = fs::read_dir(dir.join(BLOBS_DIR)).into_iter().flatten();
    shelves.map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

#[test]
fn a_fork_has_what_its_parent_had_and_passes_every_check() {
    let base = tempfile::tempdir().unwrap();
    let run = Run::new();
    let path = base.path().join("parent");
    run.write(&path, true);
    let parent = Session::open(&path).unwrap();
    let last = parent.records.len() as u64 - 1;
    for at in 0..last {
        let dir = base.path().join(format!("fork-{at}"));
        let Fork { writer, records, state } = fork(&parent, plan(at, &dir)).unwrap();
        assert_eq!(records[..=at as usize], parent.records[..=at as usize]);
        assert_eq!((state.settings.seed, state.model.as_ref(), state.calls.open), (9, None, None));
        drop(writer);
        let session = Session::open(&dir).unwrap();
        assert_eq!(session.records, records);
        let verification = verify(&dir).unwrap();
        assert_eq!(verification.faults, [], "forked after {at}");
        assert!(!verification.finished);
        assert_eq!(verification.blobs as usize, files(&dir), "only what it needs");
    }
    assert_eq!(verify(&path).unwrap().faults, [], "the parent is as it was");
    let over = fork(&parent, plan(last, &base.path().join("x"))).unwrap_err();
    assert!(matches!(over, ForkError::Over(seq) if seq == last), "{over}");
    let beyond = fork(&parent, plan(last + 1, &base.path().join("x"))).unwrap_err();
    assert!(beyond.to_string().contains(&format!("the last one is {last}")), "{beyond}");
    assert!(!base.path().join("x").exists());
}

#[test]
fn a_fork_of_damaged_blobs_is_refused_and_leaves_nothing() {
    let base = tempfile::tempdir().unwrap();
    let run = Run::new();
    let path = base.path().join("parent");
    run.write(&path, true);
    let parent = Session::open(&path).unwrap();
    let first = parent.records.iter().find(|record| record.event.blob().is_some()).unwrap();
    let blob = blob_path(&path, first.event.blob().unwrap()).unwrap();
    let bytes = fs::read(&blob).unwrap();
    let refused = |at: u64| fork(&parent, plan(at, &base.path().join("fork"))).unwrap_err().to_string();
    fs::write(&blob, [&bytes[..], b" "].concat()).unwrap();
    assert!(refused(first.seq).contains("was changed after it was written"), "{}", refused(first.seq));
    fs::remove_file(&blob).unwrap();
    assert!(refused(first.seq).contains("is missing"));
    assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1, "only the parent is there");
    // What comes before the damage is whole.
    fork(&parent, plan(first.seq - 1, &base.path().join("fork"))).unwrap();
}

#[test]
fn forks_at_once_get_a_directory_each() {
    let base = tempfile::tempdir().unwrap();
    let path = base.path().join("parent");
    Run::new().write(&path, true);
    let parent = Session::open(&path).unwrap();
    let dir = base.path().join("fork");
    let dirs: Vec<_> =
        (0..3).map(|_| fork(&parent, plan(1, &dir)).unwrap().writer.dir().to_owned()).collect();
    assert_eq!(dirs, ["fork", "fork-2", "fork-3"].map(|name| base.path().join(name)));
}

#[test]
fn bundled_sessions_and_their_forks_are_whole() {
    let bundled = list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions")).unwrap();
    assert!(!bundled.is_empty());
    let base = tempfile::tempdir().unwrap();
    for entry in bundled {
        assert_eq!(verify(&entry.path).unwrap().faults, [], "{}", entry.name);
        let parent = Session::open(&entry.path).unwrap();
        for at in (0..parent.records.len() as u64 - 1).step_by(17) {
            let dir = base.path().join(format!("{}-{at}", entry.name));
            drop(fork(&parent, plan(at, &dir)).unwrap());
            assert_eq!(verify(&dir).unwrap().faults, [], "{} after {at}", entry.name);
        }
    }
}

#[test]
fn a_fork_that_names_another_parent_than_its_events_is_noticed() {
    let base = tempfile::tempdir().unwrap();
    let path = base.path().join("parent");
    Run::new().write(&path, true);
    let dir = base.path().join("fork");
    drop(fork(&Session::open(&path).unwrap(), plan(12, &dir)).unwrap());
    let manifest = dir.join(MANIFEST_FILE);
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"at\": 12", "\"at\": 11")).unwrap();
    let faults = verify(&dir).unwrap().faults;
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["the manifest's parent is not that of the events"]
    );
}

#[test]
fn sessions_are_listed_as_a_tree() {
    let base = tempfile::tempdir().unwrap();
    let dir = |name: &str| base.path().join(name);
    Run::new().write(&dir("b-root"), true);
    let branch = |from: &str, to: &str| {
        drop(fork(&Session::open(&dir(from)).unwrap(), plan(12, &dir(to))).unwrap());
    };
    branch("b-root", "a-fork");
    branch("a-fork", "c-fork-of-fork");
    branch("b-root", "d-fork");
    let orphan = tempfile::tempdir().unwrap();
    Run::new().write(&orphan.path().join("gone"), true);
    drop(fork(&Session::open(&orphan.path().join("gone")).unwrap(), plan(3, &dir("e-orphan"))).unwrap());
    fs::create_dir(dir("no-session")).unwrap();
    fs::create_dir(dir("f-broken")).unwrap();
    fs::write(dir("f-broken").join(MANIFEST_FILE), "{}").unwrap();

    let entries = list(base.path()).unwrap();
    let rows: Vec<(usize, &str)> =
        tree(&entries).into_iter().map(|(depth, at)| (depth, entries[at].name.as_str())).collect();
    assert_eq!(
        rows,
        [
            (0, "b-root"),
            (1, "a-fork"),
            (2, "c-fork-of-fork"),
            (1, "d-fork"),
            (0, "e-orphan"),
            (0, "f-broken"),
        ]
    );
    assert!(entries.iter().find(|entry| entry.name == "f-broken").unwrap().manifest.is_err());
    assert!(list(&dir("nowhere")).unwrap().is_empty());
}

#[test]
fn sessions_that_name_each_other_as_parents_are_still_listed() {
    let base = tempfile::tempdir().unwrap();
    for (name, parent) in [("a", "b"), ("b", "a")] {
        let parent = Some(session::Parent { session: parent.into(), at: 1 });
        let manifest = Manifest { parent, ..Run::manifest() };
        drop(SessionWriter::create(&base.path().join(name), manifest).unwrap());
    }
    let entries = list(base.path()).unwrap();
    assert_eq!(tree(&entries).len(), 2);
}

#[test]
fn why_tells_who_changed_an_item_and_what_it_did() {
    let records = Run::new().records;
    let changes = why(&records, "C2".parse().unwrap());
    let reported: Vec<(Author, u32, &str)> =
        changes.iter().map(|change| (change.author, change.iteration, change.summary.as_str())).collect();
    assert_eq!(
        reported,
        [(Author::Draft, 0, "first draft"), (Author::Human, 1, "tighten C2: exactly 45 pens are sold"),]
    );
    let [draft, human] = &changes[..] else { panic!("two changes") };
    assert!(draft.before.is_none() && draft.total_before.is_none() && draft.total_after.is_some());
    assert_eq!(draft.call.map(|call| call.0), Some(1));
    assert_eq!(human.before.as_ref().unwrap().text, "45 pens are sold");
    assert!(human.call.is_none() && human.total_after.is_some());

    let changes = why(&records, "S2".parse().unwrap());
    let model = &changes[1];
    assert_eq!((model.author, model.call.map(|call| call.0)), (Author::Model, Some(2)));
    assert_eq!(model.seed, Some(0xfeed_beef_dead_cafe));
    assert_eq!(model.reason.as_deref(), Some("candidate 1 of iteration 1"));
    assert!(matches!(records[model.seq as usize].event, Event::Decided { .. }));
    assert!(model.total_after > model.total_before);
    assert!(why(&records, "S9".parse().unwrap()).is_empty());
}

const DRAFT: &str = r#"
[[reply]]
text = """
C1: boxes = 20
C2: pens = 6
C3: sold = 45
S1 <- C1 C2: total = boxes * boxes
S2 <- S1 C3: answer = total - sold"""
"#;

const REST: &str = r#"
[[reply]]
when = "one small edit"
text = " S1 <- C1 C2: total = boxes * pens"
repeat = true
[[reply]]
text = "75 pens are left. [S2]"
repeat = true
"#;

/// Runs to the end, as the program does.
async fn drive(start: Start, writer: SessionWriter) {
    let script = match start {
        Start::New(_) => format!("{DRAFT}{REST}"),
        Start::Fork(_) => REST.to_owned(),
    };
    let script: ReplyScript = toml::from_str(&script).unwrap();
    let run = EngineRun {
        problem: Arc::new(problem::load("pens").unwrap()),
        start,
        backend: Box::new(ScriptedBackend::new(script)),
        writer,
    };
    let mut handle = engine::start(run);
    handle.commands.send(Command::Continue).await.unwrap();
    while let Some(update) = handle.updates.recv().await {
        if let Update::RecordFailed { reason, hint: _ } = update {
            panic!("{reason}");
        }
    }
    handle.done.wait_for(|done| *done).await.unwrap();
}

fn settings(seed: u64) -> Settings {
    let mut settings = Settings { seed, iterations: 2, proposals: 1, fruitless: 0, ..Settings::default() };
    settings.scorers.set("self_check", 0.0);
    settings
}

#[tokio::test]
async fn a_fork_goes_on_live_and_its_record_is_whole() {
    let base = tempfile::tempdir().unwrap();
    let (parent, branch) = (base.path().join("parent"), base.path().join("branch"));
    let card = engine::machine::card(&problem::load("pens").unwrap());
    let manifest = Manifest::new(&card, "script", 1, "2026-01-02T03:04:05Z".parse().unwrap());
    drive(Start::New(Box::new(settings(1))), SessionWriter::create(&parent, manifest).unwrap()).await;
    assert_eq!(verify(&parent).unwrap().faults, []);

    let session = Session::open(&parent).unwrap();
    let drafted =
        session.records.iter().find(|record| matches!(record.event, Event::Drafted { .. })).unwrap();
    let plan = ForkPlan { settings: settings(2), ..plan(drafted.seq, &branch) };
    let Fork { writer, state, .. } = fork(&session, plan).unwrap();
    drive(Start::Fork(Box::new(state)), writer).await;
    let verification = verify(&branch).unwrap();
    assert_eq!(verification.faults, []);
    assert!(verification.finished);
    let forked = Session::open(&branch).unwrap();
    assert!(forked.records.is_sorted_by_key(|record| record.at_ms));
    let manifest = &forked.manifest;
    assert_eq!((manifest.seed, manifest.parent.as_ref().unwrap().session.as_str()), (2, "parent"));
    assert_eq!(manifest.finished.as_ref().unwrap().outcome, Outcome::Answered);
}
