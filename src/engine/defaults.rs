//! Where a new run begins, by the family of its problem: the lowest layer of its settings, below files, environment and
//! flags.
//!
//! One row of [`TABLE`] a family that differs. docs/settings.md shows the table, and docs/measurements.md what it
//! rests on.

use problem::Family;
use serde_json::{Value, json};
use session::Settings;

use super::registry;

/// What a family's runs begin with where the others do not.
struct Difference {
    /// The families.
    families: &'static [&'static str],
    /// A tree of settings; what it leaves out is as it is everywhere.
    settings: fn() -> Value,
}

/// All differences. Of two that name the same family the later one counts.
const TABLE: &[Difference] = &[];

/// Returns the settings of a new run on a problem of `family` in which nothing is set.
pub fn of(family: &dyn Family) -> Settings {
    let base = Settings { surface: family.surface().to_owned(), ..registry::settings() };
    differing(family.name()).fold(base, |settings, difference| {
        // What the table says can be read: a test reads all of it.
        overlaid(&settings, difference).unwrap_or(settings)
    })
}

/// Returns what `family` sets otherwise, as trees of settings.
pub fn differing(family: &str) -> impl Iterator<Item = Value> + use<'_> {
    TABLE.iter().filter(move |row| row.families.contains(&family)).map(|row| (row.settings)())
}

/// Returns `settings` with the tree `set` on top. An acceptance rule is replaced whole, since its parameters belong to it.
///
/// # Errors
/// When `set` has an unknown key or a value of another type.
pub fn overlaid(settings: &Settings, set: Value) -> Result<Settings, serde_json::Error> {
    let mut whole = serde_json::to_value(settings)?;
    merge(&mut whole, set);
    serde_json::from_value(whole)
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) if !from.contains_key("rule") => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(json!(null)), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_names_families_and_settings_that_there_are() {
        for row in TABLE {
            for name in row.families {
                assert!(problem::family(name).is_some(), "{name}");
            }
            let settings = overlaid(&registry::settings(), (row.settings)()).unwrap();
            assert_eq!(registry::unknown(&settings, None), None);
            assert_eq!(registry::fault(&settings), None);
            assert_ne!(settings, registry::settings(), "{:?} differ in nothing", row.families);
        }
    }

    #[test]
    fn a_tree_is_laid_over_settings() {
        let base = registry::settings();
        let set = json!({"proposals": 2, "scorers": {"checker": 1.0}, "gate": {"rule": "threshold", "margin": 0.1}});
        let settings = overlaid(&base, set).unwrap();
        assert_eq!((settings.proposals, settings.iterations), (2, base.iterations));
        assert_eq!(settings.scorers.get("checker"), 1.0);
        assert_eq!(settings.scorers.get("structure"), base.scorers.get("structure"));
        assert!(overlaid(&base, json!({"proposal": 2})).is_err());
    }
}
