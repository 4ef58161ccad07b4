//! What the outside gets of the program: printed text that cannot drive a terminal, and exit codes.
//!
//! Models, servers, files and arguments bring text from anywhere, and a terminal obeys what is written to it. So no
//! other module writes to standard output or error (`clippy.toml` forbids it): text goes through [`say`], [`note`] or a
//! [`Printer`], which show a picture in place of whatever could act. JSON goes through [`json`] first, which escapes
//! the same characters, so that its values stay what they are. `docs/shell.md` is the contract for users.

mod escape;
pub mod exit;
mod pictured;
mod streams;
pub mod text;

pub use escape::{json, json_pretty};
pub use pictured::{acts, joins, picture, pictured, pictured_line};
pub use streams::{Printer, err, err_is_terminal, note, out, out_is_terminal, reader_is_gone, say};
