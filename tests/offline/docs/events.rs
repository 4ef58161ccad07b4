//! Holds `docs/session-format.md` to the events that there are.

use session::EventKinds;

const PAGE: &str = include_str!("../../../docs/session-format.md");

#[test]
fn every_event_has_a_row() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    let cell = |row: &&str| row.split('|').nth(1).unwrap_or_default().to_owned();
    let first_cells: Vec<String> = rows.iter().map(cell).collect();
    for kind in EventKinds::all() {
        let name = format!("`{}`", kind.name());
        let there = first_cells.iter().filter(|cell| cell.split(", ").any(|part| part.trim() == name));
        assert_eq!(there.count(), 1, "{name}");
    }
}
