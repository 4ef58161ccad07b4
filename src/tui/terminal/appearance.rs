//! How the screen appears on this terminal, whatever it shows.

use std::path::PathBuf;

use crate::{
    terminal::glyphs::Glyphs,
    theme::{Theme, ThemeError, Themes},
};

/// How the screen appears on this terminal.
#[derive(Debug, Clone)]
pub struct Appearance {
    /// Where themes are found.
    pub themes: Themes,
    /// The theme's name.
    pub theme: String,
    /// Which signs the terminal can show.
    pub glyphs: Glyphs,
    /// Whether the mouse is listened to. The terminal's own selection then needs shift.
    pub mouse: bool,
    /// The file that keeps the sizes of the panes; none keeps nothing.
    pub memory: Option<PathBuf>,
}

impl Appearance {
    /// Returns the theme.
    ///
    /// # Errors
    /// [`ThemeError`] when there is none of that name, or it is broken.
    pub(crate) fn load_theme(&self) -> Result<Theme, ThemeError> {
        self.themes.load(&self.theme)
    }
}
