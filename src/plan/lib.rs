//! Plans as plain data: items, the tree they form, the text language, edits and diffs.
//!
//! Nothing here does I/O or knows of a model. A [`Plan`] is a list of [`Item`]s in printing order
//! (preorder of the tree), each with its depth; that is exactly what the text language shows, what a
//! model writes and what a diff aligns.

pub mod diff;
pub mod distance;
mod edit;
pub mod grammar;
mod ids;
pub mod item;
pub mod noise;
mod order;
pub mod parse;
mod parse_error;
pub mod revert;
pub mod text;
mod tree;

pub use diff::{DiffCounts, DiffRow, PlanDiff, Segment, SegmentKind, diff, word_diff};
pub use distance::distance;
pub use edit::{Edit, EditError, edits_between, exchange};
pub use grammar::{LastLine, PlanGrammar};
pub use ids::IdSource;
pub use item::{Item, ItemId, ItemKind, Origin};
pub use noise::{Chaos, NoiseKind, NoiseScope, NoiseSpec, noise, reach};
pub use order::usable_order;
pub use parse::{parse, parse_deps, parse_item};
pub use parse_error::{ParseError, ParseErrors, ParseProblem};
pub use revert::{RevertError, revert};
pub use text::{Style, print, print_item};
pub use tree::{Plan, PlanError, PlanHash};
