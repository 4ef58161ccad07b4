//! Small models that make plans of tokens, by filling masked ones or finding latents: what their files say, and which come with the program.

mod bundled;
mod header;
#[cfg(feature = "llama")]
mod router;

pub use bundled::{BUNDLED, BundledWeights};
pub use header::{PlannerHeader, PlannerKind};
#[cfg(feature = "llama")]
pub use router::{Planner, PlannerOptions};
