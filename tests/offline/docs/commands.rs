//! Holds `docs/commands.md` to the table of commands.

use std::{fs, path::Path};

use tui::commands::markdown;

#[test]
fn the_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, markdown()).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(page, markdown(), "write it again: UPDATE_DOCS=1 cargo test --test offline docs::commands");
}
