//! Folds over a whole record: what lists, charts and summaries show of all moments together, where the
//! [`State`](crate::State) is of one. They grow with each record and are never taken back.

mod calls;
mod iterations;

pub use calls::{Call, CallEnd, Calls};
pub use iterations::{Iteration, Iterations};
