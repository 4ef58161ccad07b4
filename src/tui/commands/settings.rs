//! What `set KEY VALUE` changes: settings of the screen that hold until the person leaves.

/// Which setting of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKey {
    /// The set of keys.
    Keys,
    /// The time from event to event while a record plays.
    PlayMs,
}

/// A setting of the screen.
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Setting {
    pub key: SettingKey,
    pub name: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// Its values, or some of them where any number will do.
    pub values: &'static [&'static str],
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: SettingKey::Keys,
        name: "keys",
        doc: "which keys hold; those of the configuration stay",
        values: &["gdb", "vim"],
    },
    Setting {
        key: SettingKey::PlayMs,
        name: "play-ms",
        doc: "milliseconds from event to event while a record plays",
        values: &["50", "100", "250", "1000"],
    },
];
