//! The subcommands that print, one file each.

pub mod lines;
pub mod show;
pub mod summary;
pub mod text;
pub mod transcript;
