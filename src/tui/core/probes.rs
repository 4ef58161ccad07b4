//! What the screen knows of probes.

use probe::{Direction, Probes};

/// What the screen knows of probes.
#[derive(Debug, Clone, Default)]
pub struct Probing {
    /// All of them.
    pub probes: Probes,
    /// Which way the record is searched right now.
    pub seeking: Option<Direction>,
}

impl Probing {
    /// Returns whether the record is searched right now.
    pub fn is_seeking(&self) -> bool {
        self.seeking.is_some()
    }

    /// Returns whether some probe would stop.
    pub fn stops(&self) -> bool {
        self.probes.iter().any(|probe| probe.enabled && probe.kind().stops())
    }
}
