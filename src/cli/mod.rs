//! The command line: one file a subcommand.

pub mod doctor;
pub mod model;
mod table;

use std::io::{self, Write};

/// Writes to standard output. A reader that has gone, such as `head`, has had enough: that is no failure.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    // Nothing else can be done about a broken output either; the exit status tells how the work went.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
