//! A command that has no effect now says why, and one whose effect is out of view says what it did.

use engine::Command;
use plan::{Edit, NoiseKind, NoiseSpec};
use ratatui::buffer::Buffer;
use session::{Event, Phase, Record};
use tui::{commands::all, msg::Msg, script::Script};

use super::{driver::Driver, fixture};

/// Small, so that many frames are drawn quickly.
const SMALL: (u16, u16) = (80, 24);

/// Does a command line as a script does.
fn run(driver: &mut Driver, line: &str) {
    driver.tell(Msg::Script(Ok(Script::parse("test", line).unwrap())));
    driver.wait(std::time::Duration::from_millis(1));
    driver.tell(Msg::Tick);
}

/// What was said last.
fn said(driver: &Driver) -> &str {
    driver.tui.model.notices.all().last().map_or("", |notice| notice.text.as_str())
}

/// Everything that a command can change or do.
fn seen(driver: &mut Driver) -> (Buffer, String) {
    let plays = driver.tui.model.play.is_some();
    let Driver { sent, copied, opened, forked, switched, examined, left, .. } = &*driver;
    let effects =
        format!("{sent:?} {copied:?} {opened:?} {forked:?} {switched:?} {examined:?} {left} {plays}");
    (driver.draw(), effects)
}

/// The records before the first phase of this kind in this iteration.
fn before(phase: Phase, iteration: u32) -> Vec<Record> {
    let records = fixture::pens();
    let wanted = Event::PhaseBegan { phase, iteration };
    let end = records.iter().position(|record| record.event == wanted).unwrap();
    records[..end].to_vec()
}

fn live(records: &[Record]) -> Driver {
    let mut driver = Driver::live(SMALL);
    driver.events(records);
    driver
}

fn replay(focus: &str) -> Driver {
    let mut driver = Driver::replay(fixture::pens(), SMALL);
    driver.keys(focus);
    driver
}

type Make = fn() -> Driver;

/// Situations in which many commands have no effect.
const SITUATIONS: [(&str, Make); 7] = [
    ("a run that has not begun", || live(&[])),
    ("a run that proposes", || live(&before(Phase::Propose, 2))),
    ("a run that decides", || live(&before(Phase::Decide, 1))),
    ("a run that is over", || live(&fixture::pens())),
    ("the end of a record", || replay("1")),
    ("the start of a record", || replay("4<home>")),
    ("the answer of a record", || replay("5")),
];

#[test]
fn every_command_does_something_or_says_why_not() {
    let mut silent = Vec::new();
    for (situation, make) in SITUATIONS {
        // Leaving to the shell is for the terminal to show.
        let mut model = make().tui.model;
        model.notices.dismiss();
        // What the digit that chose the pane still counts.
        model.look.count = None;
        for spec in all().filter(|spec| spec.action().is_some() && spec.name != "suspend") {
            let mut driver = Driver::of_model(model.clone(), SMALL);
            driver.draw();
            let before = seen(&mut driver);
            run(&mut driver, spec.name);
            if seen(&mut driver) == before {
                silent.push(format!("{} in {situation}", spec.name));
            }
        }
    }
    assert!(silent.is_empty(), "nothing happens and nothing is said:\n{}", silent.join("\n"));
}

#[track_caller]
fn says(driver: &mut Driver, line: &str, why: &str) {
    run(driver, line);
    assert!(said(driver).ends_with(why), "{line}: {}", said(driver));
}

#[test]
fn the_reason_names_what_is_missing() {
    let mut driver = live(&[]);
    says(&mut driver, "next-candidate", "There is no candidate at this moment.");
    says(&mut driver, "fold", "There is no plan yet.");
    let mut driver = replay("1");
    says(&mut driver, "pin", "A recording cannot be changed; fork it to continue with another plan.");
    says(&mut driver, "rescore 2", "There is no run that could be changed; fork the session to start one.");
    says(
        &mut driver,
        "accept",
        "Candidates can be ruled on only in a live run; fork this session to start one.",
    );
    says(&mut driver, "resize-reset", "The panes have their usual sizes.");
    driver.keys("g");
    says(&mut driver, "up", "This is the start of the plan.");
    driver.wait(std::time::Duration::from_secs(2));
    says(&mut driver, "focus-plan", "Plan already has the focus.");
}

#[test]
fn what_happens_out_of_view_is_said() {
    let mut driver = live(&before(Phase::Propose, 2));
    driver.keys("6=");
    says(&mut driver, "fold", "What is nested below G1 is folded away.");
    says(&mut driver, "next-candidate", "is chosen.");
    says(&mut driver, "set play-ms 100", "play-ms is 100 now.");
    says(&mut driver, "pin", "Pin G1.");
}

/// An event that the engine reports next.
fn event(driver: &mut Driver, event: Event) {
    let seq = driver.tui.model.session.replay.len() as u64;
    driver.events(&[Record { seq, at_ms: 0, event }]);
}

#[test]
fn what_changes_the_plan_out_of_view_is_said() {
    let id = "G1".parse().unwrap();
    let pin = |on| Edit::Pin { id, on };
    let mut driver = live(&before(Phase::Propose, 2));
    let change = driver.tui.model.session.replay.len() as u64;
    // In view nothing needs to be said.
    event(&mut driver, Event::HumanEdited { edit: pin(true) });
    driver.keys("z");
    event(&mut driver, Event::Undone { change, edit: pin(false) });
    assert_eq!(driver.sent.last(), Some(&Command::Undo));
    assert!(!said(&driver).contains("pin G1"), "{}", said(&driver));
    driver.keys("6=Z");
    event(&mut driver, Event::Redone { change, edit: pin(true) });
    assert_eq!((driver.sent.last(), said(&driver)), (Some(&Command::Redo), "Brought back: pin G1."));
    driver.keys("z");
    event(&mut driver, Event::Undone { change, edit: pin(false) });
    assert_eq!((driver.sent.last(), said(&driver)), (Some(&Command::Undo), "Taken back: pin G1."));
    let nothing = Edit::Batch { edits: Vec::new() };
    let spec = NoiseSpec::new(NoiseKind::Mask, 0.5, 7);
    event(&mut driver, Event::Noised { spec, edit: nothing, scheduled: false });
    assert_eq!(said(&driver), "Noise: mask 0.5.");
    // One that comes from a dialog is said when it is sent, and not once more when it comes back.
    run(&mut driver, "edit");
    driver.keys(" now<enter>");
    assert!(
        said(&driver).starts_with("Replace G1: ") && said(&driver).ends_with(" now."),
        "{}",
        said(&driver)
    );
    let Some(Command::Edit(edit)) = driver.sent.last().cloned() else { panic!("{:?}", driver.sent) };
    driver.keys("m");
    driver.keys("a");
    event(&mut driver, Event::HumanEdited { edit });
    assert_eq!(said(&driver), "Bookmark a is set.");
}
