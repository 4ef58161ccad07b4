//! Themes: one TOML file each, made of a palette and styles that name its colours.

use std::{collections::BTreeMap, ops::Index, str::FromStr};

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// What a piece of the screen means; the theme says how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the styles of the theme files")]
pub enum Role {
    Text,
    Strong,
    Dim,
    Border,
    BorderFocus,
    Title,
    TitleFocus,
    Accent,
    Badge,
    BadgeHold,
    BadgePast,
    Key,
    Good,
    Bad,
    Care,
    Added,
    AddedWord,
    Removed,
    RemovedWord,
    Human,
    Noise,
    Select,
    Bar,
    BarRest,
    Constraint,
    Subgoal,
    Invariant,
    Claim,
    ToolCall,
    Step,
    Number,
    Operator,
    Function,
    Quoted,
    Cite0,
    Cite1,
    Cite2,
    Cite3,
    Cite4,
    Cite5,
    Heat0,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
}

/// The styles' names in theme files, in the order of [`Role`].
const NAMES: [&str; 45] = [
    "text",
    "strong",
    "dim",
    "border",
    "border_focus",
    "title",
    "title_focus",
    "accent",
    "badge",
    "badge_hold",
    "badge_past",
    "key",
    "good",
    "bad",
    "care",
    "added",
    "added_word",
    "removed",
    "removed_word",
    "human",
    "noise",
    "select",
    "bar",
    "bar_rest",
    "constraint",
    "subgoal",
    "invariant",
    "claim",
    "tool_call",
    "step",
    "number",
    "operator",
    "function",
    "quoted",
    "cite_0",
    "cite_1",
    "cite_2",
    "cite_3",
    "cite_4",
    "cite_5",
    "heat_0",
    "heat_1",
    "heat_2",
    "heat_3",
    "heat_4",
];

/// The themes that come with the program.
const BUNDLED: [(&str, &str); 4] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("ansi16", include_str!("../../themes/ansi16.toml")),
];

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// No theme has that name.
    #[error("there is no theme called \"{name}\"; there are {}", Theme::names().join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The file is not a theme.
    #[error("the theme \"{name}\" cannot be read: {source}")]
    Format {
        /// The theme.
        name: String,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// A style has a name that nothing uses.
    #[error("the theme \"{name}\" sets the style \"{style}\", which does not exist")]
    UnknownStyle {
        /// The theme.
        name: String,
        /// The style.
        style: String,
    },
    /// A style that the screen needs is missing.
    #[error("the theme \"{name}\" lacks the style \"{style}\"; inherit it from a theme that has it")]
    MissingStyle {
        /// The theme.
        name: String,
        /// The style.
        style: &'static str,
    },
    /// A colour is neither in the palette nor a colour.
    #[error(
        "the theme \"{name}\" uses the colour \"{colour}\", which is not in its palette; use a palette name, #rrggbb, or a terminal colour such as light_blue"
    )]
    UnknownColour {
        /// The theme.
        name: String,
        /// The colour.
        colour: String,
    },
    /// Themes inherit from each other in a circle.
    #[error("the theme \"{name}\" inherits from itself")]
    Circle {
        /// The theme.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, String>,
    #[serde(default)]
    styles: BTreeMap<String, StyleSpec>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum StyleSpec {
    Colour(String),
    Full(FullSpec),
}

#[derive(Deserialize, Clone)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
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

/// How everything looks. Indexed by [`Role`].
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    styles: [Style; NAMES.len()],
}

impl Index<Role> for Theme {
    type Output = Style;

    fn index(&self, role: Role) -> &Style {
        &self.styles[role as usize]
    }
}

impl Theme {
    /// Returns the names of the bundled themes.
    pub fn names() -> Vec<&'static str> {
        BUNDLED.iter().map(|(name, _)| *name).collect()
    }

    /// Returns the bundled theme called `name`.
    ///
    /// # Errors
    /// [`ThemeError::Unknown`] when there is none.
    pub fn bundled(name: &str) -> Result<Self, ThemeError> {
        Self::build(name, bundled_source(name)?)
    }

    /// Returns the theme that `source` describes; it may inherit from a bundled one.
    ///
    /// # Errors
    /// The first thing wrong with it; see [`ThemeError`].
    pub fn parse(name: &str, source: &str) -> Result<Self, ThemeError> {
        Self::build(name, source)
    }

    /// Returns the theme that suits the terminal: full colours where the environment promises them, the
    /// terminal's sixteen otherwise, and none with `NO_COLOR`.
    ///
    /// # Errors
    /// [`ThemeError`] when `wanted` is no usable theme.
    pub fn for_terminal(wanted: Option<&str>) -> Result<Self, ThemeError> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let colour_term = variable("COLORTERM");
        let full = colour_term.contains("truecolor") || colour_term.contains("24bit");
        let theme = Self::bundled(wanted.unwrap_or(if full { "dark" } else { "ansi16" }))?;
        Ok(if variable("NO_COLOR").is_empty() { theme } else { theme.without_colour() })
    }

    /// Returns the theme with all colours taken out; what they told, weight and reversal still tell.
    #[must_use]
    pub fn without_colour(mut self) -> Self {
        for style in &mut self.styles {
            let backed = style.bg.is_some();
            style.fg = None;
            style.bg = None;
            if backed && !style.add_modifier.contains(Modifier::CROSSED_OUT) {
                *style = style.add_modifier(Modifier::REVERSED);
            }
        }
        self
    }

    fn build(name: &str, source: &str) -> Result<Self, ThemeError> {
        let mut chain = vec![read(name, source)?];
        let mut seen = vec![name.to_owned()];
        while let Some(parent) = chain.last().and_then(|file| file.inherits.clone()) {
            if seen.contains(&parent) {
                return Err(ThemeError::Circle { name: name.to_owned() });
            }
            chain.push(read(&parent, bundled_source(&parent)?)?);
            seen.push(parent);
        }
        let (mut palette, mut specs) = (BTreeMap::new(), BTreeMap::new());
        for file in chain.into_iter().rev() {
            palette.extend(file.palette);
            specs.extend(file.styles);
        }
        if let Some(style) = specs.keys().find(|style| !NAMES.contains(&style.as_str())) {
            return Err(ThemeError::UnknownStyle { name: name.to_owned(), style: style.clone() });
        }
        let mut styles = [Style::new(); NAMES.len()];
        for (slot, style) in styles.iter_mut().zip(NAMES) {
            let spec =
                specs.get(style).ok_or_else(|| ThemeError::MissingStyle { name: name.to_owned(), style })?;
            *slot = resolve(spec, &palette)
                .map_err(|colour| ThemeError::UnknownColour { name: name.to_owned(), colour })?;
        }
        Ok(Self { styles })
    }
}

fn bundled_source(name: &str) -> Result<&'static str, ThemeError> {
    BUNDLED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, source)| *source)
        .ok_or_else(|| ThemeError::Unknown { name: name.to_owned() })
}

fn read(name: &str, source: &str) -> Result<File, ThemeError> {
    toml::from_str(source)
        .map_err(|source| ThemeError::Format { name: name.to_owned(), source: Box::new(source) })
}

/// Returns the style, or the name of the colour that does not exist.
fn resolve(spec: &StyleSpec, palette: &BTreeMap<String, String>) -> Result<Style, String> {
    let full = match spec {
        StyleSpec::Colour(fg) => FullSpec { fg: Some(fg.clone()), ..FullSpec::default() },
        StyleSpec::Full(full) => full.clone(),
    };
    let mut style = Style::new();
    if let Some(colour) = full.fg.as_deref().map(|name| colour(name, palette)).transpose()?.flatten() {
        style = style.fg(colour);
    }
    if let Some(colour) = full.bg.as_deref().map(|name| colour(name, palette)).transpose()?.flatten() {
        style = style.bg(colour);
    }
    let modifiers = [
        (full.bold, Modifier::BOLD),
        (full.dim, Modifier::DIM),
        (full.italic, Modifier::ITALIC),
        (full.underlined, Modifier::UNDERLINED),
        (full.reversed, Modifier::REVERSED),
        (full.crossed, Modifier::CROSSED_OUT),
    ];
    for (_, modifier) in modifiers.into_iter().filter(|(on, _)| *on) {
        style = style.add_modifier(modifier);
    }
    Ok(style)
}

/// Looks `name` up in the palette, then as a colour; `none` leaves the terminal's own.
fn colour(name: &str, palette: &BTreeMap<String, String>) -> Result<Option<Color>, String> {
    let value = palette.get(name).map_or(name, String::as_str);
    if value == "none" {
        return Ok(None);
    }
    Color::from_str(value).map(Some).map_err(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_theme_is_complete() {
        for name in Theme::names() {
            Theme::bundled(name).unwrap();
        }
    }

    #[test]
    fn a_palette_alone_recolours_what_is_inherited() {
        let theme = Theme::parse("mine", "inherits = \"dark\"\n[palette]\naccent = \"#010203\"").unwrap();
        assert_eq!(theme[Role::Accent].fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(theme[Role::Good], Theme::bundled("dark").unwrap()[Role::Good]);
    }

    #[test]
    fn faults_are_named() {
        let error = |source: &str| Theme::parse("mine", source).unwrap_err().to_string();
        assert!(error("inherits = \"dark\"\n[styles]\ntextt = \"ink\"").contains("textt"));
        assert!(error("inherits = \"dark\"\n[styles]\ntext = \"inkk\"").contains("inkk"));
        assert!(error("inherits = \"mine\"").contains("inherits from itself"));
        assert!(error("").contains("lacks the style"));
        assert!(Theme::bundled("neon").unwrap_err().to_string().contains("high-contrast"));
    }

    #[test]
    fn without_colour_no_colour_is_left_and_badges_still_stand_out() {
        let theme = Theme::bundled("dark").unwrap().without_colour();
        assert!(theme.styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
        assert!(theme[Role::Badge].add_modifier.contains(Modifier::REVERSED));
    }
}
