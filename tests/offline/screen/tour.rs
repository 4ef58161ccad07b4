//! The guided tour, step by step, on the session that it goes through.

use std::{fs, path::Path};

use session::{Blobs, Journal};
use tui::{
    begin_tour,
    commands::{self, Action, OverlayKind, Show},
    core::call_text::CallText,
    jobs::{Done, Job},
    model::Model,
    msg::{Effect, Msg},
    tour::{self, Tour},
};

use super::driver::Driver;

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

fn dinner() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/dinner")
}

fn begun(size: (u16, u16)) -> Driver {
    let mut driver =
        Driver::of_model(Model::of_record(Journal::open(&dinner()).unwrap().into_replay()), size);
    let effects = begin_tour(&mut driver.tui, Tour::bundled().unwrap());
    assert!(effects.is_empty(), "the loop performs none of the first step");
    driver
}

/// The screen without the box of the tour.
fn below(driver: &mut Driver) -> String {
    let tour = driver.tui.overlays.take(OverlayKind::Tour);
    let screen = driver.screen();
    tour.into_iter().for_each(|tour| driver.tui.overlays.open(tour));
    screen
}

/// The place of the step that is shown.
fn at(driver: &mut Driver) -> usize {
    let screen = driver.screen();
    let number = screen.split_once("Tour ").and_then(|(_, rest)| rest.split_once(" of ")).map(|(at, _)| at);
    number.and_then(|number| number.parse::<usize>().ok()).expect("the tour is open") - 1
}

fn is_over(driver: &Driver) -> bool {
    !driver.tui.overlays.is_open(OverlayKind::Tour)
}

#[test]
fn every_step_shows_something_new_and_none_fails() {
    for size in [SMALL, LARGE] {
        let mut driver = begun(size);
        let count = Tour::bundled().unwrap().steps().len();
        assert!(count > 10);
        let mut seen = Vec::new();
        for step in 0..count {
            assert_eq!(at(&mut driver), step);
            let screen = below(&mut driver);
            assert!(!seen.contains(&screen), "step {} shows nothing new at {size:?}:\n{screen}", step + 1);
            seen.push(screen);
            let warnings: Vec<_> = driver.tui.model.notices.all().iter().map(|notice| &notice.text).collect();
            assert!(warnings.is_empty(), "step {}: {warnings:?}", step + 1);
            driver.shows(&format!("Tour {} of {count}", step + 1));
            driver.keys("<enter>");
        }
        assert!(is_over(&driver), "the last step ends it");
        driver.shows("The tour is over.");
    }
}

#[test]
fn every_step_says_where_it_is_and_fits() {
    let mut driver = begun(SMALL);
    for step in 0..Tour::bundled().unwrap().steps().len() {
        let last = Tour::bundled().unwrap().steps()[step].pieces(&driver.tui.model.setup.keymap);
        let words = match last.last().unwrap() {
            tour::Piece::Words(words) | tour::Piece::Key(words) => words.clone(),
        };
        let end = words.split_whitespace().next_back().expect("a sentence ends in a word");
        let screen = driver.screen();
        assert!(screen.contains(end) && screen.contains("leave the tour"), "step {}:\n{screen}", step + 1);
        driver.keys("<right>");
    }
}

#[test]
fn the_keys_in_its_sentences_are_those_of_commands() {
    for (number, step) in Tour::bundled().unwrap().steps().iter().enumerate() {
        for name in step.reported() {
            let known = commands::all().any(|spec| spec.name == name);
            assert!(known, "step {} speaks of the command {name}", number + 1);
        }
        assert!(!step.commands.is_empty(), "step {} does nothing", number + 1);
    }
}

#[test]
fn back_leads_to_the_same_screen_whatever_was_done_between() {
    let mut driver = begun(LARGE);
    driver.keys("<enter><enter><enter>");
    let before = below(&mut driver);
    driver.keys("<enter>");
    // Any key still does what it does elsewhere.
    driver.keys("5S=");
    assert!(driver.tui.model.look.zoom);
    driver.keys("<left>");
    assert_eq!(at(&mut driver), 3);
    assert_eq!(below(&mut driver), before);
    driver.keys("<left><left><left><left>");
    assert_eq!(at(&mut driver), 0);
}

#[test]
fn the_key_that_the_next_step_begins_with_goes_on_too() {
    let mut driver = begun(LARGE);
    let steps = Tour::bundled().unwrap();
    let before = steps
        .steps()
        .iter()
        .position(|step| step.commands[0].action == Action::Show(Show::Ledger))
        .expect("a step opens the ledger")
        - 1;
    driver.keys(&"<enter>".repeat(before));
    assert_eq!(at(&mut driver), before);
    driver.keys("L");
    assert_eq!(at(&mut driver), before + 1);
    driver.shows("Not taken");
    driver.keys("<esc>");
    assert!(is_over(&driver) && driver.open().is_none());
    driver.keys(":goto 5<enter>");
    assert_eq!(driver.tui.model.session.replay.position(), 5);
}

#[test]
fn while_something_is_typed_the_keys_belong_to_that() {
    let mut driver = begun(LARGE);
    driver.keys("<enter>:goto 30<left><enter>");
    assert_eq!((at(&mut driver), driver.tui.model.session.replay.position()), (1, 30));
}

#[test]
fn the_texts_of_the_call_that_it_shows_are_part_of_the_program() {
    let mut driver = begun(LARGE);
    let blobs = Blobs::of(&dinner());
    let mut read = 0;
    for _ in 0..Tour::bundled().unwrap().steps().len() - 1 {
        for effect in tui::update::update(&mut driver.tui, Msg::Key(enter()), driver.now) {
            let Effect::Begin(Job::ReadCall { call, request, reply }) = effect else { continue };
            let text = CallText::read(&blobs, call, &request, reply.as_ref());
            assert!(text.request.is_ok() && text.reply.as_ref().is_some_and(Result::is_ok));
            let embedded = planscope::cli::tour::files().map(|(name, _)| name);
            for id in [Some(&request), reply.as_ref()].into_iter().flatten() {
                assert!(embedded.iter().any(|name| name.replace('/', "").ends_with(&id.0)), "{}", id.0);
            }
            driver.tell(Msg::Done(Done::CallRead(Box::new(text))));
            read += 1;
        }
    }
    assert!(read > 0, "no step shows a call");
}

fn enter() -> crossterm::event::KeyEvent {
    crossterm::event::KeyEvent::new(crossterm::event::KeyCode::Enter, crossterm::event::KeyModifiers::NONE)
}

#[test]
fn its_steps_look_as_they_should() {
    for size in [SMALL, LARGE] {
        let mut driver = begun(size);
        driver.keys(&"<enter>".repeat(4));
        insta::assert_snapshot!(format!("decision_{}x{}", size.0, size.1), driver.screen());
        driver.keys("<enter><enter>");
        insta::assert_snapshot!(format!("timeline_{}x{}", size.0, size.1), driver.screen());
    }
}

#[test]
fn the_script_is_the_tour() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tour.script");
    let script = tour::script().unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &script).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap_or_default(),
        script,
        "write it again: UPDATE_DOCS=1 cargo test --test offline tour"
    );
}

#[test]
fn the_script_plays_and_takes_its_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let text = tour::script().unwrap();
    let to = |line: &str| match line.strip_prefix("screenshot ") {
        Some(name) => format!("screenshot {}", dir.path().join(name).display()),
        None => line.to_owned(),
    };
    let file = dir.path().join("tour.script");
    fs::write(&file, text.lines().map(to).collect::<Vec<_>>().join("\n")).unwrap();
    let mut driver =
        Driver::of_model(Model::of_record(Journal::open(&dinner()).unwrap().into_replay()), LARGE);
    driver.tui.model.queue.load(tui::outside::read_script(&file).unwrap());
    driver.wait(std::time::Duration::from_secs(1));
    assert!(driver.left, "it ends with quit: {:?}", driver.tui.model.notices.all().last());
    let picture = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert!(picture("target/tour/01.svg").contains("Five friends may be invited"), "the problem is known");
    assert!(picture("docs/screen.svg").contains("accept"));
    let count = fs::read_dir(dir.path().join("target/tour")).unwrap().count();
    assert_eq!(count, Tour::bundled().unwrap().steps().len());
}
