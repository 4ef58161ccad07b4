//! Changing a setting of the screen.

use std::time::Duration;

use crate::{
    commands::{
        CommandError,
        profile::Profile,
        settings::{SETTINGS, SettingKey},
    },
    core::model::Model,
};

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
    apply(model, setting.key, value).map_err(|why| CommandError::NotNow(format!("{why}.")))
}

fn apply(model: &mut Model, key: SettingKey, value: &str) -> Result<(), String> {
    match key {
        SettingKey::Keys => {
            let profile: Profile = value.parse().map_err(|error| format!("{error}"))?;
            model.setup.keymap.set_profile(profile);
        }
        SettingKey::PlayMs => {
            let ms = value.parse().ok().filter(|ms| (10..=60_000).contains(ms));
            let ms = ms.ok_or("play-ms is a number of milliseconds from 10 to 60000")?;
            model.look.play_step = Duration::from_millis(ms);
        }
    }
    Ok(())
}
