//! Plans as plain data: items, the tree they form, the text language, edits and diffs.
//!
//! Nothing here does I/O or knows of a model. A [`Plan`] is a list of [`Item`]s in printing order
//! (preorder of the tree), each with its depth; that is exactly what the text language shows, what a
//! model writes and what a diff aligns.

pub mod diff;
pub mod edit;
pub mod grammar;
pub mod item;
pub mod text;
pub mod tree;

pub use item::{Item, ItemId, ItemKind, Origin};

pub use tree::{Plan, PlanError, PlanHash};
