//! Where themes are found: in the program, and in the user's own folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Theme,
    file::{File, Merged, ThemeError},
};

/// The themes that come with the program.
const BUNDLED: &[(&str, &str)] = &[
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../../themes/colour-blind.toml")),
    ("ansi16", include_str!("../../../themes/ansi16.toml")),
];

/// Where a theme comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It comes with the program.
    Bundled,
    /// The user wrote it into this file.
    User(PathBuf),
}

/// All themes there are. A theme of the user's own folder goes before a bundled one of the same name,
/// and may inherit from it.
#[derive(Debug, Clone, Default)]
pub struct Themes {
    dir: Option<PathBuf>,
    /// What is used when none is asked for.
    fallback: Option<&'static str>,
    without_colour: bool,
}

impl Themes {
    /// Returns the bundled themes alone, in full colour.
    pub fn bundled() -> Self {
        Self::default()
    }

    /// Returns the bundled themes and those in `dir`, as far as the environment allows colours: full ones
    /// where it promises them, the terminal's sixteen otherwise, and none with `NO_COLOR`.
    pub fn of_environment(dir: Option<PathBuf>) -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let colour_term = variable("COLORTERM");
        let full = colour_term.contains("truecolor") || colour_term.contains("24bit");
        Self { dir, fallback: (!full).then_some("ansi16"), without_colour: !variable("NO_COLOR").is_empty() }
    }

    /// Returns the folder of the user's themes.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// Returns the theme that is used when none is asked for.
    pub fn default_name(&self) -> &'static str {
        self.fallback.unwrap_or("dark")
    }

    /// Returns every theme's name: the bundled ones, then the user's in alphabetical order.
    pub fn names(&self) -> Vec<(String, Origin)> {
        let own = self.own_files();
        let shadowed = |name: &str| own.iter().any(|(known, _)| known == name);
        let mut names: Vec<(String, Origin)> = BUNDLED
            .iter()
            .filter(|(name, _)| !shadowed(name))
            .map(|(name, _)| ((*name).to_owned(), Origin::Bundled))
            .collect();
        names.extend(own.into_iter().map(|(name, path)| (name, Origin::User(path))));
        names
    }

    /// Returns the theme called `name`.
    ///
    /// # Errors
    /// The first thing wrong with it; see [`ThemeError`].
    pub fn load(&self, name: &str) -> Result<Theme, ThemeError> {
        let (origin, source) = self.find(name, false)?;
        self.resolve(name, &source, origin == Origin::Bundled)
    }

    /// Returns the theme that `source` describes; it may inherit from any other.
    ///
    /// # Errors
    /// The first thing wrong with it; see [`ThemeError`].
    pub fn parse(&self, name: &str, source: &str) -> Result<Theme, ThemeError> {
        self.resolve(name, source, false)
    }

    fn resolve(&self, name: &str, source: &str, bundled: bool) -> Result<Theme, ThemeError> {
        let merged = self.merge(name, source, bundled)?;
        let theme = merged.resolve().map_err(|mut faults| faults.swap_remove(0))?;
        Ok(if self.without_colour { theme.without_colour() } else { theme })
    }

    /// Follows what `source` inherits. Bundled themes inherit from bundled ones only, and a user's "dark"
    /// that inherits from "dark" means the bundled one.
    pub(super) fn merge(&self, name: &str, source: &str, bundled: bool) -> Result<Merged, ThemeError> {
        let cycle = || ThemeError::Cycle { name: name.to_owned() };
        let mut file = File::read(name, source)?;
        let mut at = (name.to_owned(), bundled);
        let (mut chain, mut seen) = (Vec::new(), Vec::new());
        while let Some(parent) = file.inherits.clone() {
            let itself = parent == at.0;
            let (origin, source) =
                self.find(&parent, at.1 || itself).map_err(|error| if itself { cycle() } else { error })?;
            chain.push(file);
            seen.push(at);
            at = (parent, origin == Origin::Bundled);
            if seen.contains(&at) {
                return Err(cycle());
            }
            file = File::read(&at.0, &source)?;
        }
        chain.push(file);
        Ok(Merged::of(name, chain))
    }

    fn find(&self, name: &str, bundled_only: bool) -> Result<(Origin, String), ThemeError> {
        let own = if bundled_only { None } else { self.own_files().into_iter().find(|(own, _)| own == name) };
        if let Some((_, path)) = own {
            let source = fs::read_to_string(&path)
                .map_err(|source| ThemeError::Unreadable { name: name.to_owned(), source })?;
            return Ok((Origin::User(path), source));
        }
        match BUNDLED.iter().find(|(known, _)| *known == name) {
            Some((_, source)) => Ok((Origin::Bundled, (*source).to_owned())),
            None => Err(ThemeError::Unknown {
                name: name.to_owned(),
                known: self.names().into_iter().map(|(name, _)| name).collect(),
            }),
        }
    }

    /// The user's files by name. A folder that cannot be read has none.
    fn own_files(&self) -> Vec<(String, PathBuf)> {
        let entries = self.dir.as_deref().and_then(|dir| fs::read_dir(dir).ok());
        let mut files: Vec<(String, PathBuf)> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
            // What other programs leave next to a theme is called like it, with a dot before.
            .filter(|(name, _)| !name.starts_with('.'))
            .collect();
        files.sort();
        files
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;
    use crate::theme::Role;

    fn parse(source: &str) -> Result<Theme, ThemeError> {
        Themes::bundled().parse("mine", source)
    }

    #[test]
    fn a_palette_alone_recolours_what_is_inherited() {
        let theme = parse("inherits = \"dark\"\n[palette]\naccent = \"#010203\"").unwrap();
        assert_eq!(theme[Role::Accent].fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(theme[Role::Good], Theme::bundled("dark").unwrap()[Role::Good]);
    }

    #[test]
    fn faults_are_named() {
        let error = |source: &str| parse(source).unwrap_err().to_string();
        assert!(error("inherits = \"dark\"\n[styles]\ntextt = \"ink\"").contains("textt"));
        let colour = error("inherits = \"dark\"\n[styles]\ntext = \"inkk\"");
        assert!(colour.contains("inkk") && colour.contains("\"text\""), "{colour}");
        assert!(error("inherits = \"mine\"").contains("inherits from itself"));
        assert!(error("inherits = \"neon\"").contains("high-contrast"));
        assert!(error("").contains("lacks the style"));
    }

    #[test]
    fn themes_of_the_user_go_first_and_build_on_the_bundled_ones() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("dark.toml", "inherits = \"dark\"\n[palette]\naccent = \"#010203\"");
        write("mine.toml", "inherits = \"dark\"\n[palette]\ngood = \"#040506\"");
        write("a.toml", "inherits = \"b\"");
        write("b.toml", "inherits = \"a\"");
        write("notes.txt", "no theme");
        let themes = Themes { dir: Some(dir.path().to_owned()), ..Themes::default() };
        let names: Vec<String> = themes.names().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["light", "high-contrast", "colour-blind", "ansi16", "a", "b", "dark", "mine"]);
        let mine = themes.load("mine").unwrap();
        assert_eq!(mine[Role::Accent].fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(mine[Role::Good].fg, Some(Color::Rgb(4, 5, 6)));
        assert_ne!(themes.load("high-contrast").unwrap()[Role::Accent].fg, Some(Color::Rgb(1, 2, 3)));
        assert!(matches!(themes.load("a"), Err(ThemeError::Cycle { .. })));
        assert!(matches!(themes.load("notes"), Err(ThemeError::Unknown { .. })));
    }
}
