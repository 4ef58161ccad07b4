//! Experiments from the outside: sharded and killed runs give the same results, and documents hold.
#![allow(missing_docs)]

mod bench;
mod docs;
mod failing;
mod killed;
mod reporting;
mod sharded;
mod sweeping;
