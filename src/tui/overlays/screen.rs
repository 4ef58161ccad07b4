//! The whole screen: what it knows, and what lies over its panes.

use std::time::Duration;

use crate::{core::model::Model, overlays::overlay::Overlays};

/// The whole screen. It changes only through [`update`](crate::run::update::update).
pub struct Screen {
    /// What is known.
    pub model: Model,
    /// What lies over the panes.
    pub overlays: Overlays,
}

impl From<Model> for Screen {
    /// Nothing lies over the panes.
    fn from(model: Model) -> Self {
        Self { model, overlays: Overlays::default() }
    }
}

impl Screen {
    /// Returns when the screen wants to be woken next though nothing comes in.
    pub fn wake(&self) -> Option<Duration> {
        let own = self.overlays.wake(self.model.now);
        [self.model.wake(), own].into_iter().flatten().min()
    }
}
