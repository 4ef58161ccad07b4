//! The tree of sessions on the screen, the way from one to another, and two sessions side by side.

use std::{fs, path::Path};

use engine::{Command, Update};
use plan::Edit;
use planscope::cli::compare::text;
use session::{
    Compared, Event, Manifest, Outcome, Parent, Phase, Record, SessionWriter, Settings,
    compare::{RowKind, compare},
};
use tempfile::TempDir;
use tui::{
    Visits,
    commands::{OverlayKind, parse},
    msg::Msg,
};

use super::{driver::Driver, fixture};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const PARENT: &str = "20260201T090000Z-pens-1";
const FORK: &str = "20260201T100000Z-pens-2";
const OTHER: &str = "20260202T080000Z-pens-1";

fn write(base: &Path, name: &str, created: &str, parent: Option<Parent>, records: &[Record]) {
    let Event::Started { problem, .. } = &records[0].event else { panic!("no start") };
    let created = created.parse().unwrap();
    let manifest = Manifest { parent, ..Manifest::new(problem, "qwen2.5-1.5b-instruct", 1, created) };
    let mut writer = SessionWriter::create(&base.join(name), manifest).unwrap();
    records.iter().for_each(|record| writer.append(record).unwrap());
    if let Some(Event::Ended { outcome }) = records.last().map(|record| &record.event) {
        writer.finish(outcome).unwrap();
    }
}

fn second_iteration(records: &[Record]) -> usize {
    let begins = Event::PhaseBegan { phase: Phase::Propose, iteration: 2 };
    records.iter().position(|record| record.event == begins).unwrap()
}

/// A fork after the first iteration, in which a person changes an item; it is stopped after the second one.
fn fork() -> (Parent, Vec<Record>) {
    let all = fixture::pens();
    let begins = second_iteration(&all);
    let parent = Parent { session: PARENT.to_owned(), at: begins as u64 - 1 };
    let settings = Box::new(Settings { seed: 2, paused: true, ..Settings::default() });
    let (mut events, rest): (Vec<Event>, _) =
        (all[..begins].iter().map(|record| record.event.clone()).collect(), &all[begins..]);
    events.push(Event::Forked { parent: parent.session.clone(), at: parent.at, settings });
    let edit = Edit::Replace { id: "S1".parse().unwrap(), text: "total = 6 * 20".to_owned() };
    events.push(Event::HumanEdited { edit });
    let decided = rest.iter().position(|record| matches!(record.event, Event::Decided { .. })).unwrap();
    events.extend(rest[..=decided].iter().map(|record| record.event.clone()));
    events.push(Event::Ended { outcome: Outcome::Interrupted });
    let record = |(event, seq)| Record { seq, at_ms: 10 * seq, event };
    (parent, events.into_iter().zip(0..).map(record).collect())
}

/// A session, its fork, an unfinished one, and a broken one.
fn folder() -> TempDir {
    let base = tempfile::tempdir().unwrap();
    let records = fixture::pens();
    write(base.path(), PARENT, "2026-02-01T09:00:00Z", None, &records);
    let (parent, forked) = fork();
    write(base.path(), FORK, "2026-02-01T10:00:00Z", Some(parent), &forked);
    write(base.path(), OTHER, "2026-02-02T08:00:00Z", None, &records[..9]);
    let broken = base.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("manifest.json"), "{ \"format\": \"planscope-session\"").unwrap();
    base
}

/// The screen of one of the sessions, as it is entered.
fn shown(base: &TempDir, name: &str, size: (u16, u16)) -> Driver {
    let compared = Compared::open(&base.path().join(name)).unwrap();
    let mut driver = Driver::of_replay(compared.replay, size);
    Visits::default().enter(&mut driver.tui.model, &base.path().join(name));
    driver
}

/// A run in the folder, in its second iteration.
fn live(base: &TempDir, size: (u16, u16)) -> Driver {
    let mut driver = Driver::live(size);
    let records = fixture::pens();
    Visits::default().enter(&mut driver.tui.model, &base.path().join(OTHER));
    driver.events(&records[..=second_iteration(&records)]);
    driver
}

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

fn switched(driver: &Driver) -> Option<String> {
    let path = driver.switched.as_ref()?;
    Some(path.file_name().unwrap().to_string_lossy().into_owned())
}

#[test]
fn the_tree_shows_forks_below_their_parents_and_narrows_as_one_types() {
    let base = folder();
    for size in [SMALL, LARGE] {
        let mut driver = shown(&base, FORK, size);
        driver.keys("<ctrl-t>");
        snapshot("tree", &mut driver);
    }
    let mut driver = shown(&base, PARENT, SMALL);
    driver.keys("<ctrl-t>");
    driver.hides("Branched from");
    driver.keys("unfin");
    driver.shows("Sessions: 1 of 4");
    driver.hides(FORK);
    driver.keys("xx");
    driver.shows("The filter lets nothing through.");
    driver.keys("<esc>");
    driver.shows("Sessions: 4 of 4");
    driver.keys("<esc>");
    driver.hides("Sessions:");
}

#[test]
fn enter_switches_and_one_key_leads_back() {
    let base = folder();
    let mut driver = shown(&base, PARENT, SMALL);
    driver.keys("`");
    driver.shows("There is no previous session");
    driver.keys("<ctrl-t><enter>");
    assert_eq!(switched(&driver), None);
    driver.shows("This is the session that is shown");
    driver.keys("<down><enter>");
    assert_eq!(switched(&driver).as_deref(), Some(FORK));

    let mut visits = Visits::default();
    visits.leave(&base.path().join(PARENT), None);
    let mut driver = shown(&base, FORK, SMALL);
    visits.enter(&mut driver.tui.model, &base.path().join(FORK));
    driver.keys("`");
    assert_eq!(switched(&driver).as_deref(), Some(PARENT));
}

#[test]
fn a_broken_session_says_so_and_cannot_be_switched_to() {
    let base = folder();
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys("<ctrl-t>broken<enter>");
    driver.shows("broken is broken: ");
    assert_eq!(switched(&driver), None);
    // One whose manifest is whole, but whose events are gone, is noticed before this one is left.
    fs::remove_file(base.path().join(OTHER).join("events.jsonl")).unwrap();
    driver.keys("<esc>unfinished<enter>");
    assert_eq!(switched(&driver), None);
    driver.shows("cannot be opened: ");
}

#[test]
fn a_run_is_stopped_for_another_session_only_after_a_question() {
    let base = folder();
    let mut driver = live(&base, SMALL);
    driver.keys("<ctrl-t>");
    driver.shows("running");
    driver.keys("<up><enter>");
    snapshot("stop_for_another", &mut driver);
    driver.keys("n");
    assert_eq!(switched(&driver), None);
    driver.hides("A run is active.");
    driver.keys("<ctrl-t><up><enter>y");
    assert_eq!(switched(&driver).as_deref(), Some(FORK));
    assert!(!driver.left && driver.sent.is_empty(), "the loop stops the engine as it leaves");

    let mut ended = live(&base, SMALL);
    let seq = ended.tui.model.session.replay.len() as u64;
    let event = Event::Ended { outcome: Outcome::Interrupted };
    ended.tell(Msg::Update(Update::Event(Box::new(Record { seq, at_ms: 9_000, event }))));
    ended.keys("<ctrl-t><up><enter>");
    assert_eq!(switched(&ended).as_deref(), Some(FORK), "a run that is over needs no question");
    assert_eq!(ended.sent, Vec::<Command>::new());
}

#[test]
fn two_sessions_stand_side_by_side() {
    let base = folder();
    for size in [SMALL, LARGE] {
        let mut driver = shown(&base, PARENT, size);
        driver.keys("<ctrl-t><down><ctrl-o>");
        snapshot("compare", &mut driver);
        driver.keys("G");
        snapshot("compare_end", &mut driver);
    }
}

#[test]
fn the_comparison_is_gone_through_by_iteration() {
    let base = folder();
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys(&format!(":compare {FORK}<enter>"));
    driver.shows("The plans after iteration 2: 1 changed");
    driver.keys("k");
    driver.shows("The plans after iteration 1: the same");
    driver.keys("jj");
    driver.shows("Only the left session has a plan there.");
    driver.keys("k<enter>");
    driver.hides("Two sessions");
    assert_eq!(driver.tui.model.session.state().timeline.last().map(|point| point.iteration), Some(2));
    driver.keys(&format!(":compare {FORK}<enter><esc>"));
    driver.hides("Two sessions");
    driver.keys(&format!(":compare {PARENT}<enter>"));
    driver.shows("This is the session that is shown");
    driver.keys("<esc>:compare nowhere<enter>");
    driver.shows("They cannot be compared: nowhere is not a session");
    assert!(parse("compare").unwrap_err().to_string().contains("compare SESSION"));
}

#[test]
fn names_of_sessions_are_completed() {
    let base = folder();
    let mut driver = shown(&base, PARENT, SMALL);
    driver.keys(":compare ");
    driver.shows(&format!("{FORK}  Money from the remaining pens · stopped · 38 h"));
    driver.shows(OTHER);
    driver.hides(&format!("{PARENT}  "));
    driver.hides("broken  ");
    driver.keys("20260202<tab>");
    assert_eq!(driver.footer(), format!(":compare {OTHER}"));
    driver.keys("<enter>");
    driver.shows("Two sessions");
    // Also where the line comes from the list of commands.
    driver.keys("<esc><ctrl-p>compare<enter>");
    driver.shows(FORK);
    // A session that came meanwhile is there the next time.
    write(base.path(), "20260203T000000Z-new", "2026-02-03T00:00:00Z", None, &fixture::pens());
    driver.keys("<esc>:compare 20260203<tab>");
    assert_eq!(driver.footer(), ":compare 20260203T000000Z-new");
}

#[test]
fn what_is_printed_has_every_part() {
    let base = folder();
    let open = |name: &str| Compared::open(&base.path().join(name)).unwrap();
    let found = compare(&open(PARENT), &open(FORK)).unwrap();
    insta::assert_snapshot!("printed", text(&found, 110));
    let changed = found.plans.as_ref().unwrap().iter().filter(|row| row.kind == RowKind::Changed).count();
    assert_eq!(changed, 1);
    let same = compare(&open(FORK), &open(FORK)).unwrap();
    assert!(text(&same, 110).contains("in the records: none, apart from times"), "{}", text(&same, 110));
}

#[test]
fn the_tree_of_plans_shows_branches_and_forks_and_enter_goes_there() {
    let base = folder();
    for size in [SMALL, LARGE, (200, 60)] {
        let mut driver = shown(&base, PARENT, size);
        driver.keys("t");
        snapshot("plans", &mut driver);
    }
    let mut driver = shown(&base, FORK, LARGE);
    driver.keys("t");
    driver.shows("fork of 20260201T090000Z-pens-1 after event");
    driver.shows("by hand");
    driver.keys("g<enter>");
    assert_eq!((driver.open(), driver.tui.model.session.state().iteration), (None, 0), "the draft");
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys("tGkk<enter>");
    let before = driver.tui.model.session.replay.position();
    assert!(matches!(driver.tui.model.session.replay.last_applied().unwrap().event, Event::Decided { .. }));
    driver.keys("t");
    driver.shows("◆");
    driver.keys("<esc>");
    assert_eq!(driver.tui.model.session.replay.position(), before);
}

/// The row under the cursor of a list.
fn row(driver: &mut Driver) -> String {
    driver.screen().lines().find(|line| line.contains('▸')).unwrap_or("").to_owned()
}

#[test]
fn a_click_chooses_a_row_and_a_second_one_goes_there() {
    let base = folder();
    for (keys, kind) in [("t", OverlayKind::Tree), ("L", OverlayKind::Ledger)] {
        // On the low screen the rows of the tree scroll, but not under the pointer.
        for size in [(80, 17), LARGE] {
            let mut driver = shown(&base, PARENT, size);
            driver.keys(keys);
            let start = (row(&mut driver), driver.tui.model.session.replay.position());
            let other = other_row(&mut driver);
            driver.click_at(other);
            assert_eq!(driver.open(), Some(kind), "it stays open");
            let chosen = row(&mut driver);
            assert_ne!(chosen, start.0);
            assert_eq!(driver.tui.model.session.replay.position(), start.1, "nothing moves yet");
            driver.click_at(other);
            assert_eq!(driver.open(), None);
            let by_mouse = (driver.tui.model.session.replay.position(), driver.screen());
            // The same as with the keyboard.
            let mut driver = shown(&base, PARENT, size);
            driver.keys(keys);
            for _ in 0..30 {
                if row(&mut driver) != chosen {
                    driver.keys("<up>");
                }
            }
            driver.keys("<enter>");
            assert_eq!((driver.tui.model.session.replay.position(), driver.screen()), by_mouse);
        }
    }
}

/// A place in the row above the one under the cursor.
fn other_row(driver: &mut Driver) -> (u16, u16) {
    let screen = driver.screen();
    let y = screen.lines().position(|line| line.contains('▸')).unwrap();
    (driver.size.0 / 2, y as u16 - 1)
}

#[test]
fn a_click_on_a_session_chooses_it_and_a_second_one_opens_it() {
    let base = folder();
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys("<ctrl-t>");
    driver.click(FORK);
    assert_eq!((driver.open(), switched(&driver)), (Some(OverlayKind::Sessions), None));
    assert!(row(&mut driver).contains(FORK));
    driver.click(FORK);
    assert_eq!(switched(&driver).as_deref(), Some(FORK));
    // A click outside the list closes it.
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys("t");
    driver.click_at((0, 0));
    assert_eq!(driver.open(), None);
}

#[test]
fn enter_on_a_fork_opens_it() {
    let base = folder();
    let mut driver = shown(&base, PARENT, LARGE);
    driver.keys("tg");
    for _ in 0..20 {
        if row(&mut driver).contains(FORK) {
            break;
        }
        driver.keys("j");
    }
    driver.keys("<enter>");
    assert_eq!(switched(&driver).as_deref(), Some(FORK));
}
