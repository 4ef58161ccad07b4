//! `planscope theme`: the looks of the screen.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use ratatui::{
    backend::IntoCrossterm,
    style::{Modifier, Style},
};

use super::{Common, table};
use crate::app;
use crate::failure::Failure;
use output::say;
use tui::{
    Themes,
    theme::{Origin, Role, Theme, lint},
};

/// List, show and check themes.
#[derive(Debug, Args)]
pub struct ThemeArgs {
    #[command(subcommand)]
    command: ThemeCommand,
}

#[derive(Debug, Subcommand)]
enum ThemeCommand {
    /// List the built-in themes and your own
    List,
    /// Print every style of a theme as it appears on this terminal
    Show {
        /// A name from `planscope theme list`; default: the configured theme
        name: Option<String>,
    },
    /// Check a theme file: names, colours, contrast
    Check {
        /// The file
        file: PathBuf,
    },
}

/// Does what `planscope theme` was asked for.
///
/// # Errors
/// When a theme cannot be read, or the checked one has faults.
pub fn run(args: &ThemeArgs, common: &Common) -> Result<(), Failure> {
    match &args.command {
        ThemeCommand::List => {
            let appearance = app::appearance(&common.config()?)?;
            say(&list(&appearance.themes, &appearance.theme))?;
        }
        ThemeCommand::Show { name } => {
            let appearance = app::appearance(&common.config()?)?;
            let theme = appearance.themes.load(name.as_ref().unwrap_or(&appearance.theme))?;
            show(&theme, output::out_is_terminal())?;
        }
        // A broken theme may be the very one that is configured, so the configuration is not read.
        ThemeCommand::Check { file } => say(&check(file, &app::themes())?)?,
    }
    Ok(())
}

fn list(themes: &Themes, present: &str) -> String {
    let rows: Vec<Vec<String>> = themes
        .names()
        .into_iter()
        .map(|(name, origin)| {
            let mark = if name == present { "in use" } else { "" };
            let from = match origin {
                Origin::Bundled => "bundled".to_owned(),
                Origin::User(path) => path.display().to_string(),
            };
            vec![name, mark.to_owned(), from]
        })
        .collect();
    let dir = themes.dir().map_or_else(String::new, |dir| {
        format!("put your own into {}; start one with the line inherits = \"dark\"\n", dir.display())
    });
    format!("{}\n{dir}", table::render(&["theme", "", "from"], &rows))
}

fn show(theme: &Theme, coloured: bool) -> std::io::Result<()> {
    let mut out = output::out();
    for (line, style) in styles(theme) {
        if coloured {
            write!(out, "{line:<58}")?;
            out.styled(style.into_crossterm(), "20 boxes hold 6 pens");
            writeln!(out)?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()
}

/// Returns every style, with its name and words.
fn styles(theme: &Theme) -> impl Iterator<Item = (String, Style)> {
    Role::all().map(|(role, name)| (format!("{name:<14}{}", words(theme[role])), theme[role]))
}

/// Returns a style in the words of theme files.
fn words(style: Style) -> String {
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::CROSSED_OUT, "crossed"),
    ];
    let colour = |colour: Option<ratatui::style::Color>| {
        colour.map_or_else(|| "none".to_owned(), |colour| colour.to_string().to_lowercase())
    };
    let mut words = vec![colour(style.fg)];
    words.extend(style.bg.map(|back| format!("on {}", colour(Some(back)))));
    words.extend(
        modifiers
            .into_iter()
            .filter(|(modifier, _)| style.add_modifier.contains(*modifier))
            .map(|(_, word)| word.to_owned()),
    );
    words.join(" ")
}

fn check(file: &Path, themes: &Themes) -> Result<String, Failure> {
    let source = fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    let name = file.file_stem().map_or_else(|| "theme".into(), |stem| stem.to_string_lossy());
    let faults: Vec<String> =
        lint(&name, &source, themes).into_iter().map(|fault| format!("- {fault}")).collect();
    if faults.is_empty() {
        return Ok(format!("{}: no problems found\n", file.display()));
    }
    Err(Failure::new(format!("{} has faults:\n{}", file.display(), faults.join("\n")))
        .hint("`planscope theme show dark` prints every style with its colours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_are_listed_with_where_they_come_from() {
        let text = list(&Themes::bundled(), "light");
        let light = text.lines().find(|line| line.starts_with("light")).unwrap();
        assert!(light.contains("in use") && light.contains("bundled"), "{light}");
        assert!(text.contains("colour-blind"));
    }

    #[test]
    fn styles_are_printed_in_the_words_of_theme_files() {
        let lines: Vec<String> = styles(&Theme::bundled("dark").unwrap()).map(|(line, _)| line).collect();
        assert_eq!(lines.len(), Role::all().count());
        assert!(lines.contains(&"added_word    #8fc07a on #21381f bold".to_owned()), "{lines:?}");
    }

    #[test]
    fn a_faulty_file_fails_with_every_fault() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("mine.toml");
        fs::write(&file, "inherits = \"dark\"\n[palette]\ninkk = \"#ffffff\"\n[styles]\ndim = \"#2a2a2a\"")
            .unwrap();
        let failure = check(&file, &Themes::bundled()).unwrap_err();
        assert!(failure.message.contains("\"inkk\"") && failure.message.contains("\"dim\""), "{failure}");
        fs::write(&file, "inherits = \"dark\"").unwrap();
        assert!(check(&file, &Themes::bundled()).unwrap().contains("no problems"));
        assert!(check(&dir.path().join("none.toml"), &Themes::bundled()).is_err());
    }
}
