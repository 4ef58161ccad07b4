//! Widgets that know of nothing but cells and the theme.

pub mod chart;
pub mod frame;
pub mod heat;
pub mod hints;
pub mod input;
pub mod line_input;
pub mod list;
pub mod scroll;
pub mod scrub;
pub mod table;
pub mod tabs;
pub mod text;
pub mod wrap;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// So that a widget can be tested and used without a run.
    #[test]
    fn widgets_use_nothing_of_the_screen_but_its_theme() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("widgets");
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for path in paths.filter(|path| !path.ends_with("mod.rs")) {
            let text = fs::read_to_string(&path).unwrap();
            for used in text.split("crate::").skip(1) {
                let fine = used.starts_with("theme::") || used.starts_with("widgets::");
                assert!(fine, "{} uses {}", path.display(), used.lines().next().unwrap());
            }
            for package in ["diagnose", "engine", "model", "plan", "probe", "session"] {
                assert!(!text.contains(&format!("use {package}")), "{} uses {package}", path.display());
            }
        }
    }
}
