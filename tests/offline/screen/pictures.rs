//! Pictures: the graph of the plan, and the bar over the session.

use crossterm::event::{MouseButton, MouseEventKind};
use plan::{Item, Plan, parse};
use session::{Event, Record, Replay};
use tui::{
    commands::{OverlayKind, Pane},
    model::Model,
    theme::{Theme, Themes},
};

use super::{driver::Driver, fixture};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

/// The screen of a run of which only this draft is recorded.
fn drafted(plan: Plan, size: (u16, u16)) -> Driver {
    let mut records: Vec<Record> = fixture::pens();
    let at = records.iter().position(|record| matches!(record.event, Event::Drafted { .. })).unwrap();
    records.truncate(at + 1);
    if let Event::Drafted { plan: draft, .. } = &mut records[at].event {
        *draft = plan;
    }
    Driver::of_model(Model::of_record(Replay::new(records)), size)
}

const EIGHT: &str = "\
C1: the shop has 20 boxes with 6 pens each
C2: 45 pens are already sold
C3: a pen costs 3 dollars
S1 <- C1: total = 20 * 6
S2 <- S1 C2: remaining = total - 45
S3 <- S2 C3: money = remaining * 3
I1 <- S1 S2: remaining is never more than total
S4 <- S3 C3: money is a multiple of 3
";

#[test]
fn the_graph_of_eight_items_is_readable_at_every_size() {
    for size in SIZES {
        let mut driver = drafted(parse(EIGHT).unwrap(), size);
        driver.keys("Eg");
        assert_eq!(driver.open(), Some(OverlayKind::Graph));
        driver.keys("j");
        snapshot("graph", &mut driver);
        for item in parse(EIGHT).unwrap().items() {
            driver.shows(&item.id.to_string());
        }
    }
}

#[test]
fn the_graph_marks_what_the_shown_proposal_changes() {
    for size in SIZES {
        let mut driver = Driver::replay(fixture::pens(), size);
        driver.keys(":iteration 1<enter>E");
        snapshot("graph_change", &mut driver);
    }
}

#[test]
fn moving_in_the_graph_moves_the_cursor_of_the_plan() {
    let mut driver = drafted(parse(EIGHT).unwrap(), SIZES[0]);
    driver.keys("Eg");
    let item = |driver: &Driver| driver.tui.model.look.cursors.item.map(|id| id.to_string());
    assert_eq!(item(&driver).as_deref(), Some("C1"));
    driver.keys("j");
    assert_eq!(item(&driver).as_deref(), Some("S1"));
    driver.keys("k<right>");
    assert_ne!(item(&driver).as_deref(), Some("C1"));
    driver.keys("G");
    assert_eq!(item(&driver).as_deref(), Some("S4"));
    driver.keys("<enter>");
    assert_eq!((driver.open(), driver.tui.model.look.focus), (None, Pane::Plan));
    driver.keys("E");
    driver.click("[C2 ");
    assert_eq!(item(&driver).as_deref(), Some("C2"), "a click selects");
    assert_eq!(driver.open(), Some(OverlayKind::Graph));
    driver.keys("E");
    assert_eq!(driver.open(), None, "the same key closes it");
}

#[test]
fn a_plan_larger_than_the_screen_scrolls_with_the_selection_under_every_theme() {
    let id = |number: u32| format!("S{number}").parse().unwrap();
    let item = |number: u32| {
        let deps = if number > 1 { vec![id(number / 2)] } else { Vec::new() };
        Item { deps, ..Item::new(id(number), format!("step number {number}")) }
    };
    let plan = Plan::new((1..60).map(item).collect()).unwrap();
    let mut driver = drafted(plan, SIZES[0]);
    for name in Themes::bundled().names().into_iter().map(|(name, _)| name) {
        driver.theme = Theme::bundled(&name).unwrap();
        driver.keys("E");
        for (keys, item) in [("G", "S59"), ("g", "S1 "), ("G", "S59")] {
            driver.keys(keys);
            driver.shows(&format!("›{item}"));
        }
        driver.keys("<esc>");
    }
}

#[test]
fn without_a_plan_the_graph_says_so() {
    let mut driver = Driver::live(SIZES[0]);
    driver.keys("EjlG");
    driver.shows("There is no plan yet.");
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
        driver.mouse(MouseEventKind::Down(MouseButton::Left), (x, y));
        assert_eq!(driver.tui.model.session.replay.position(), 1);
        // The pointer may leave the row, and the ends.
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (size.0 - 3, y - 3));
        assert_eq!(driver.tui.model.session.replay.position(), last);
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (size.0 / 2, y));
        let middle = driver.tui.model.session.replay.position();
        assert!((last / 4..3 * last / 4).contains(&middle), "{middle} of {last}");
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (0, y));
        assert_eq!(driver.tui.model.session.replay.position(), middle, "nothing lies there");
        driver.mouse(MouseEventKind::Up(MouseButton::Left), (0, y));
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (x, y));
        assert_eq!(driver.tui.model.session.replay.position(), middle, "the button is up");
    }
}
