//! The program among others: what it prints, how it ends, and what it does when its streams are closed, full or gone.
#![cfg(unix)]
#![allow(missing_docs)]

mod codes;
mod hostile;
mod screen;
#[path = "../terminal/mod.rs"]
mod terminal;
mod world;
