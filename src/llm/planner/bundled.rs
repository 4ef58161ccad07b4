//! The weights that come with the program.

use super::PlannerKind;

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct BundledWeights {
    /// The family that they were trained on.
    pub family: &'static str,
    /// How the model makes plans.
    pub kind: PlannerKind,
    /// The GGUF file.
    pub bytes: &'static [u8],
}

/// All of them. Each has its card, with data, command and results, next to it.
pub const BUNDLED: &[BundledWeights] = &[
    BundledWeights {
        family: "sudoku4",
        kind: PlannerKind::Masked,
        bytes: include_bytes!("weights/sudoku4.gguf"),
    },
    BundledWeights {
        family: "countdown",
        kind: PlannerKind::Masked,
        bytes: include_bytes!("weights/countdown.gguf"),
    },
    BundledWeights {
        family: "schedule",
        kind: PlannerKind::Masked,
        bytes: include_bytes!("weights/schedule.gguf"),
    },
    BundledWeights {
        family: "sudoku4",
        kind: PlannerKind::Latent,
        bytes: include_bytes!("weights/sudoku4-latent.gguf"),
    },
];
