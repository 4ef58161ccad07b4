//! What `set KEY VALUE` changes: settings of the screen that hold until the person leaves.

use std::time::Duration;

use super::{commands::CommandError, keymap::Profile, model::Model};

/// A setting of the screen.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// Its values, or some of them where any number will do.
    pub values: &'static [&'static str],
    /// Takes a value, or says why not.
    apply: fn(&mut Model, &str) -> Result<(), String>,
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "keys",
        doc: "which keys hold; those of the configuration stay",
        values: &["gdb", "vim"],
        apply: |model, value| {
            let profile: Profile = value.parse().map_err(|error| format!("{error}"))?;
            model.keymap.set_profile(profile);
            Ok(())
        },
    },
    Setting {
        name: "play-ms",
        doc: "milliseconds from event to event while a record plays",
        values: &["50", "100", "250", "1000"],
        apply: |model, value| {
            let ms = value.parse().ok().filter(|ms| (10..=60_000).contains(ms));
            let ms = ms.ok_or("play-ms is a number of milliseconds from 10 to 60000")?;
            model.look.play_step = Duration::from_millis(ms);
            Ok(())
        },
    },
];

/// Changes a setting.
///
/// # Errors
/// When there is no such setting, or the value is not one of its.
pub fn set(model: &mut Model, key: &str, value: &str) -> Result<(), CommandError> {
    let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
        let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        let text = format!("There is no setting \"{key}\"; there are {}.", names.join(" and "));
        return Err(CommandError::NotNow(text));
    };
    (setting.apply)(model, value).map_err(|why| CommandError::NotNow(format!("{why}.")))
}
