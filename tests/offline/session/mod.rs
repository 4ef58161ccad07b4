//! Sessions on disk, and branches of them.

mod branches;
mod files;
pub mod fixture;
