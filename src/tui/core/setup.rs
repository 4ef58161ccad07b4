//! What does not depend on the session that is open.

use std::sync::Arc;

use crate::{commands::keymap::Keymap, core::history::History, highlight::Highlighter, theme::Themes};

/// How the screen is set up, whatever session is open.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Lines that were typed before.
    pub history: History,
    /// Names of the themes that can be chosen.
    pub themes: Vec<String>,
    /// Finds expressions in texts; absent until it is ready.
    pub highlighter: Option<Arc<Highlighter>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            history: History::default(),
            themes: Themes::bundled().names().into_iter().map(|(name, _)| name).collect(),
            highlighter: None,
        }
    }
}
