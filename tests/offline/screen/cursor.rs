//! The terminal's cursor is where the focus is, so that screen readers and input methods follow it.

use ratatui::{Terminal, backend::TestBackend};
use session::{Event, Phase};
use tui::view;

use super::{driver::Driver, fixture};

/// Draws onto a terminal; returns the text of the cursor's row before and from the cursor on.
#[track_caller]
fn around_cursor(driver: &Driver) -> (String, String) {
    let (columns, rows) = driver.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| drop(view::draw(&driver.tui, &driver.theme, frame))).unwrap();
    let backend = terminal.backend();
    assert!(backend.cursor_visible(), "the cursor is hidden");
    let at = backend.cursor_position();
    let text =
        |columns: std::ops::Range<u16>| columns.map(|x| backend.buffer()[(x, at.y)].symbol()).collect();
    (text(0..at.x), text(at.x..columns))
}

/// A run that is about to propose in the second iteration.
fn live() -> Driver {
    let records = fixture::pens();
    let wanted = Event::PhaseBegan { phase: Phase::Propose, iteration: 2 };
    let end = records.iter().position(|record| record.event == wanted).unwrap();
    let mut driver = Driver::live((120, 40));
    driver.events(&records[..end]);
    driver.keys("<esc>");
    driver
}

#[test]
fn it_is_in_the_line_that_is_typed() {
    let mut driver = Driver::replay(fixture::pens(), (120, 40));
    driver.keys(":goto 3");
    let (before, after) = around_cursor(&driver);
    assert_eq!((before.as_str(), after.trim()), (":goto 3", ""));
    driver.keys("<left>");
    let (before, after) = around_cursor(&driver);
    assert_eq!((before.as_str(), after.trim()), (":goto ", "3"));
    driver.keys("<esc><ctrl-p>undo");
    let (before, after) = around_cursor(&driver);
    assert!(before.ends_with("› undo") && !after.contains("undo"), "{before}|{after}");
    driver.keys("<esc>L");
    let (before, _) = around_cursor(&driver);
    assert!(before.ends_with("filter "), "{before}");
    driver.keys("x");
    assert!(around_cursor(&driver).0.ends_with("filter x"));
    driver.keys("<esc>?pin");
    assert!(around_cursor(&driver).0.ends_with("type to search: pin"));
}

#[test]
fn it_is_in_the_item_that_is_typed_in_its_place() {
    let mut driver = live();
    driver.keys("1je");
    let (before, _) = around_cursor(&driver);
    assert!(before.ends_with("20 boxes hold 6 pens each"), "{before}");
    driver.keys("<left><left>");
    let (before, after) = around_cursor(&driver);
    assert!(before.ends_with("20 boxes hold 6 pens ea") && after.starts_with("ch"), "{before}|{after}");
}

#[test]
fn it_is_on_the_row_under_the_cursor_of_a_pane_or_list() {
    let mut driver = Driver::replay(fixture::pens(), (120, 40));
    driver.keys("1g");
    assert!(around_cursor(&driver).1.contains("G1"), "{:?}", around_cursor(&driver));
    driver.keys("jj");
    assert!(around_cursor(&driver).1.contains("C2"), "{:?}", around_cursor(&driver));
    driver.keys("W");
    assert!(around_cursor(&driver).1.starts_with("▸"), "{:?}", around_cursor(&driver));
    driver.keys("<down>");
    assert!(around_cursor(&driver).1.starts_with("▸"), "{:?}", around_cursor(&driver));
    driver.keys("<esc>t");
    assert!(around_cursor(&driver).1.starts_with("▸"), "{:?}", around_cursor(&driver));
}

#[test]
fn it_is_at_the_start_of_what_has_the_focus_otherwise() {
    let mut driver = Driver::replay(fixture::pens(), (120, 40));
    driver.keys("6");
    let (before, after) = around_cursor(&driver);
    assert!(before.ends_with("│ ") && !after.starts_with(' '), "{before}|{after}");
    driver.keys("p");
    assert!(around_cursor(&driver).0.ends_with("│ "), "{:?}", around_cursor(&driver));
    let mut driver = live();
    driver.keys("q");
    assert!(around_cursor(&driver).1.starts_with("A run is active."), "{:?}", around_cursor(&driver));
}
