//! What stands in a theme file, and how a chain of them becomes a theme.

use std::{collections::BTreeMap, str::FromStr};

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::{NAMES, Theme};

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum ThemeError {
    /// No theme has that name.
    #[error("there is no theme called \"{name}\"; there are {}", .known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        known: Vec<String>,
    },
    /// The file cannot be read.
    #[error("the theme \"{name}\" cannot be read: {source}")]
    Unreadable { name: String, source: std::io::Error },
    /// The file is not a theme.
    #[error("the theme \"{name}\" is not a valid theme file: {source}")]
    Format {
        name: String,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// A style has a name that nothing uses.
    #[error("the theme \"{name}\" sets the style \"{style}\", which does not exist")]
    UnknownStyle { name: String, style: String },
    /// A style that the screen needs is missing.
    #[error("the theme \"{name}\" lacks the style \"{style}\"; set it, or inherit from a theme that has it")]
    MissingStyle { name: String, style: &'static str },
    /// A colour is neither in the palette nor a colour.
    #[error(
        "the theme \"{name}\" uses the colour \"{colour}\" for {place}, which is not in its palette; use a palette name, #rrggbb, or a terminal colour such as light_blue"
    )]
    UnknownColour {
        name: String,
        colour: String,
        /// The style, or another key, that names it.
        place: String,
    },
    /// Themes inherit from each other in a cycle.
    #[error("the theme \"{name}\" inherits from itself")]
    Cycle { name: String },
}

/// A theme file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The theme whose palette and styles hold where this one says nothing.
    pub inherits: Option<String>,
    /// The background that the theme is made for. It is never drawn; contrast is measured against it.
    background: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, String>,
    #[serde(default)]
    styles: BTreeMap<String, StyleSpec>,
}

#[derive(Debug, Deserialize, Clone)]
#[serde(untagged)]
enum StyleSpec {
    Colour(String),
    Full(FullSpec),
}

#[derive(Debug, Deserialize, Clone, Default)]
#[serde(default, deny_unknown_fields)]
struct FullSpec {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underlined: bool,
    reversed: bool,
    crossed: bool,
}

impl StyleSpec {
    fn full(&self) -> FullSpec {
        match self {
            Self::Colour(fg) => FullSpec { fg: Some(fg.clone()), ..FullSpec::default() },
            Self::Full(full) => full.clone(),
        }
    }
}

impl File {
    /// Returns the file that `source` holds.
    pub fn read(name: &str, source: &str) -> Result<Self, ThemeError> {
        toml::from_str(source)
            .map_err(|source| ThemeError::Format { name: name.to_owned(), source: Box::new(source) })
    }
}

/// A file with all that it inherits.
#[derive(Debug)]
pub(super) struct Merged {
    name: String,
    background: Option<String>,
    palette: BTreeMap<String, String>,
    /// The names of the palette that the theme's own file sets.
    own: Vec<String>,
    styles: BTreeMap<String, StyleSpec>,
}

impl Merged {
    /// Returns what holds when each file of `chain` inherits from the one after it.
    pub fn of(name: &str, chain: Vec<File>) -> Self {
        let mut merged = Self {
            name: name.to_owned(),
            background: None,
            palette: BTreeMap::new(),
            own: chain.first().map_or_else(Vec::new, |file| file.palette.keys().cloned().collect()),
            styles: BTreeMap::new(),
        };
        for file in chain.into_iter().rev() {
            merged.background = file.background.or(merged.background);
            merged.palette.extend(file.palette);
            merged.styles.extend(file.styles);
        }
        merged
    }

    /// Returns the theme, or everything that is wrong with it.
    pub fn resolve(&self) -> Result<Theme, Vec<ThemeError>> {
        let unknown = self.styles.keys().filter(|style| !NAMES.contains(&style.as_str()));
        let mut faults: Vec<ThemeError> = unknown
            .map(|style| ThemeError::UnknownStyle { name: self.name.clone(), style: style.clone() })
            .collect();
        let mut styles = [Style::new(); NAMES.len()];
        for (slot, style) in styles.iter_mut().zip(NAMES) {
            match self.style(style) {
                Ok(style) => *slot = style,
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Theme { styles }) } else { Err(faults) }
    }

    /// Returns the background that contrast is measured against, where one is named.
    pub fn background(&self) -> Result<Option<Color>, ThemeError> {
        self.background.as_deref().map_or(Ok(None), |name| self.colour(name, "the background"))
    }

    /// Returns the names of the file's own palette that neither a style nor the background uses.
    pub fn unused(&self) -> Vec<&str> {
        let specs = self.styles.values().map(StyleSpec::full);
        let used: Vec<String> =
            specs.flat_map(|spec| [spec.fg, spec.bg]).chain([self.background.clone()]).flatten().collect();
        self.own.iter().filter(|name| !used.contains(name)).map(String::as_str).collect()
    }

    fn style(&self, name: &'static str) -> Result<Style, ThemeError> {
        let missing = || ThemeError::MissingStyle { name: self.name.clone(), style: name };
        let spec = self.styles.get(name).ok_or_else(missing)?.full();
        let place = format!("the style \"{name}\"");
        let mut style = Style::new();
        if let Some(colour) = spec.fg.map(|fg| self.colour(&fg, &place)).transpose()?.flatten() {
            style = style.fg(colour);
        }
        if let Some(colour) = spec.bg.map(|bg| self.colour(&bg, &place)).transpose()?.flatten() {
            style = style.bg(colour);
        }
        let modifiers = [
            (spec.bold, Modifier::BOLD),
            (spec.dim, Modifier::DIM),
            (spec.italic, Modifier::ITALIC),
            (spec.underlined, Modifier::UNDERLINED),
            (spec.reversed, Modifier::REVERSED),
            (spec.crossed, Modifier::CROSSED_OUT),
        ];
        Ok(modifiers.into_iter().filter(|(on, _)| *on).fold(style, |style, (_, add)| style.add_modifier(add)))
    }

    /// Looks `name` up in the palette, then as a colour; `none` leaves the terminal's own.
    fn colour(&self, name: &str, place: &str) -> Result<Option<Color>, ThemeError> {
        let value = self.palette.get(name).map_or(name, String::as_str);
        if value == "none" {
            return Ok(None);
        }
        Color::from_str(value).map(Some).map_err(|_| ThemeError::UnknownColour {
            name: self.name.clone(),
            colour: value.to_owned(),
            place: place.to_owned(),
        })
    }
}
