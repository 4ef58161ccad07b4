//! How a person set the screen up, which is kept from one session to the next.

use std::time::Duration;

use crate::{
    commands::keymap::Keymap,
    core::{history::History, look::DiffLayout, model::Model},
    layout::Sizes,
    theme::Theme,
};
use probe::Probes;

/// What a person takes from a session, in addition to their position in it.
#[derive(Debug, Clone)]
pub struct Carried {
    /// As in the configuration.
    pub(super) theme_name: String,
    /// The theme itself, so that it stays though its file may be gone by now.
    pub(super) theme: Theme,
    probes: Probes,
    keymap: Keymap,
    play_step: Duration,
    diff: DiffLayout,
    sizes: Sizes,
    history: History,
}

impl Carried {
    /// Returns what is kept from the session in `model`, shown with `theme`.
    pub fn of(model: &Model, theme_name: &str, theme: &Theme) -> Self {
        Self {
            theme_name: theme_name.to_owned(),
            theme: theme.clone(),
            probes: model.probing.probes.clone(),
            keymap: model.setup.keymap.clone(),
            play_step: model.look.play_step,
            diff: model.look.diff,
            sizes: model.look.sizes.clone(),
            history: model.setup.history.clone(),
        }
    }

    /// Sets the screen of another session up; returns the probes, which a run has to be given.
    pub fn bring(self, model: &mut Model) -> Probes {
        let Self { theme_name: _, theme: _, probes, keymap, play_step, diff, sizes, history } = self;
        (model.setup.keymap, model.setup.history) = (keymap, history);
        (model.look.play_step, model.look.diff, model.look.sizes) = (play_step, diff, sizes);
        probes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{commands::profile::Profile, core::history::Asks, run::settings};

    #[test]
    fn what_was_set_holds_in_the_next_session() {
        let mut left = Model::live();
        settings::set(&mut left, "keys", "vim").unwrap();
        settings::set(&mut left, "play-ms", "70").unwrap();
        left.look.diff = DiffLayout::Unified;
        left.setup.history.add(Asks::Command, "goto 3");
        let theme = Theme::bundled("light").unwrap();
        let carried = Carried::of(&left, "light", &theme);
        assert_eq!((carried.theme_name.as_str(), &carried.theme), ("light", &theme));

        let mut entered = Model::live();
        carried.bring(&mut entered);
        assert!(entered.setup.keymap.digits_count(), "the keys of {}", Profile::Vim.name());
        assert_eq!(entered.look.play_step, Duration::from_millis(70));
        assert_eq!(entered.look.diff, DiffLayout::Unified);
        assert_eq!(format!("{:?}", entered.setup.history), format!("{:?}", left.setup.history));
    }
}
