//! Small models that fill the masked tokens of plans: what their files say, and which come with the program.

mod bundled;
mod header;
#[cfg(feature = "llama")]
mod router;

pub use bundled::{BUNDLED, BundledWeights};
pub use header::PlannerHeader;
#[cfg(feature = "llama")]
pub use router::{Planner, PlannerOptions};
