//! Pictures: the bar over the session.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use tui::msg::Msg;

use super::{driver::Driver, fixture};

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

fn mouse(driver: &mut Driver, kind: MouseEventKind, (column, row): (u16, u16)) {
    driver.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

/// Where the bar over the session begins.
fn bar(driver: &mut Driver) -> (u16, u16) {
    let screen = driver.screen();
    let rows = screen.lines().enumerate();
    let found = rows.filter_map(|(y, line)| Some((line.find("│ ━━")?, y, line))).next();
    let (at, y, line) = found.unwrap_or_else(|| panic!("no bar on\n{screen}"));
    (line[..at].chars().count() as u16 + 2, y as u16)
}

#[test]
fn the_bar_shows_the_session_and_the_mouse_moves_along_it() {
    for size in [(80, 24), (120, 40)] {
        let mut driver = Driver::replay(fixture::pens(), size);
        // On a small screen the timeline has room for the bar when it has the screen.
        driver.keys("4=");
        snapshot("scrub", &mut driver);
        let (x, y) = bar(&mut driver);
        let last = driver.tui.model.session.replay.len();
        mouse(&mut driver, MouseEventKind::Down(MouseButton::Left), (x, y));
        assert_eq!(driver.tui.model.session.replay.position(), 1);
        // The pointer may leave the row, and the ends.
        mouse(&mut driver, MouseEventKind::Drag(MouseButton::Left), (size.0 - 3, y - 3));
        assert_eq!(driver.tui.model.session.replay.position(), last);
        mouse(&mut driver, MouseEventKind::Drag(MouseButton::Left), (size.0 / 2, y));
        let middle = driver.tui.model.session.replay.position();
        assert!((last / 4..3 * last / 4).contains(&middle), "{middle} of {last}");
        mouse(&mut driver, MouseEventKind::Drag(MouseButton::Left), (0, y));
        assert_eq!(driver.tui.model.session.replay.position(), middle, "nothing lies there");
        mouse(&mut driver, MouseEventKind::Up(MouseButton::Left), (0, y));
        mouse(&mut driver, MouseEventKind::Drag(MouseButton::Left), (x, y));
        assert_eq!(driver.tui.model.session.replay.position(), middle, "the button is up");
    }
}
