//! What is wrong with a theme, though it may be usable.

use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use ratatui::style::{Color, Style};

use super::{Role, file::ThemeError, library::Themes};

/// The least contrast of text, as the guidelines for web content (WCAG 2.1, 1.4.3) ask for it.
const TEXT: f32 = 4.5;
/// The least contrast of lines and bars (WCAG 2.1, 1.4.11).
const LINES: f32 = 3.0;

/// One thing wrong with a theme.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum Fault {
    /// The theme cannot be used.
    #[error("{0}")]
    Unusable(#[from] ThemeError),
    /// The palette has a name that nothing uses.
    #[error("the palette names \"{name}\", which no style uses")]
    Unused { name: String },
    /// Without a background nothing can be said of contrast.
    #[error("no background is named to measure contrast against; add for example background = \"#1e2127\"")]
    NoBackground,
    /// Something is hard to see.
    #[error("the style \"{style}\" has a contrast of {ratio:.1}, less than the {least} that {what} needs")]
    Contrast {
        style: &'static str,
        /// Its contrast, from 1 to 21.
        ratio: f32,
        /// The least that it should have.
        least: f32,
        /// What the style is used for.
        what: &'static str,
    },
}

/// Returns everything that is wrong with the theme that `source` describes. Contrast is measured where
/// both colours are known: those of the terminal itself are not.
pub fn lint(name: &str, source: &str, themes: &Themes) -> Vec<Fault> {
    let merged = match themes.merge(name, source, false) {
        Ok(merged) => merged,
        Err(error) => return vec![error.into()],
    };
    let mut faults: Vec<Fault> =
        merged.unused().into_iter().map(|name| Fault::Unused { name: name.to_owned() }).collect();
    let background = match merged.background() {
        Ok(background) => background.and_then(rgb),
        Err(error) => {
            faults.push(error.into());
            None
        }
    };
    match merged.resolve() {
        Ok(theme) => {
            let styles: Vec<(Role, &str, Style)> =
                Role::all().map(|(role, name)| (role, name, theme[role])).collect();
            let coloured = styles.iter().any(|(_, _, style)| style.fg.and_then(rgb).is_some());
            if coloured && background.is_none() {
                faults.push(Fault::NoBackground);
            }
            faults.extend(
                styles.into_iter().filter_map(|(role, name, style)| contrast(role, name, style, background)),
            );
        }
        Err(errors) => faults.extend(errors.into_iter().map(Fault::from)),
    }
    faults
}

fn contrast(role: Role, style: &'static str, look: Style, background: Option<Srgb>) -> Option<Fault> {
    let back = match look.bg {
        Some(back) => rgb(back),
        None => background,
    };
    let ratio = look.fg.and_then(rgb)?.relative_contrast(back?);
    let (least, what) = if role.is_text() { (TEXT, "text") } else { (LINES, "a line") };
    (ratio < least).then_some(Fault::Contrast { style, ratio, least, what })
}

/// Returns the colour's parts; those of the terminal's own colours are not known.
fn rgb(colour: Color) -> Option<Srgb> {
    if let Color::Rgb(red, green, blue) = colour {
        Some(Srgb::new(red, green, blue).into_format())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn sentences(source: &str) -> Vec<String> {
        lint("mine", source, &Themes::bundled()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn no_bundled_theme_has_a_fault() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../themes");
        let mut names: Vec<String> = Vec::new();
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            // Another name, since a theme that inherits its own would be the bundled one.
            let faults: Vec<String> =
                lint(&format!("{name} as read"), &fs::read_to_string(&path).unwrap(), &Themes::bundled())
                    .iter()
                    .map(ToString::to_string)
                    .collect();
            assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
            names.push(name);
        }
        names.sort();
        let mut known: Vec<String> = Themes::bundled().names().into_iter().map(|(name, _)| name).collect();
        known.sort();
        assert_eq!(names, known, "every file in themes/ is bundled");
    }

    #[test]
    fn faint_text_and_needless_names_are_found_with_their_numbers() {
        let faults = sentences("inherits = \"dark\"\n[palette]\nsoft = \"#30343c\"\nplum = \"#800080\"\n");
        assert!(faults[0].contains("\"plum\", which no style uses"), "{faults:?}");
        let faint = faults.iter().find(|fault| fault.contains("\"dim\"")).unwrap();
        assert!(faint.contains("contrast of 1.") && faint.contains("4.5 that text needs"), "{faint}");
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let faults = sentences("[styles]\ntext = \"#ffffff\"\nblink = \"red\"\nstep = \"lilac\"");
        assert!(faults.iter().any(|fault| fault.contains("blink")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("lilac")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("lacks the style \"dim\"")), "{faults:?}");
    }

    #[test]
    fn black_on_white_has_the_contrast_of_the_guidelines() {
        let ratio = Srgb::new(0.0_f32, 0.0, 0.0).relative_contrast(Srgb::new(1.0, 1.0, 1.0));
        assert!((ratio - 21.0).abs() < 0.01);
    }
}
