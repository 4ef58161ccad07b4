//! How well scorers tell right plans and steps from wrong ones, on labelled data.
//!
//! ```text
//! Sample -> ScorerEvaluator (asks the model) -> JudgedSample -> VerifierReport (numbers with intervals, or "not enough data")
//! ```
//!
//! The labels are gold: only [`report`] compares with them, after all values are there.

pub mod draw;
mod evaluator;
pub mod report;
mod steps;
mod whole;

pub use evaluator::{JudgedSample, NotEvaluable, ScorerEvaluator};
pub use report::{Measurement, ShareEstimate, VerifierReport};
pub use steps::{FirstError, StepReport};
pub use whole::{ThresholdCut, WholePlanReport};

#[cfg(test)]
mod tests;
