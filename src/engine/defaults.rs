//! Where a new run begins, by the family of its problem: the lowest layer of its settings, below files, environment and
//! flags.
//!
//! One row of the table in this file for each group of families that differ. docs/settings.md shows it.

use problem::Family;
use serde_json::{Value, json};
use session::{Settings, Think};

use super::{
    gate::{always, clear},
    propose, registry,
    score::structure,
};

/// What a family's runs begin with where the others do not.
struct FamilyDefaults {
    families: &'static [&'static str],
    /// A tree of settings; what it leaves out is as it is everywhere.
    settings: fn() -> Value,
}

/// All differences. Where two name the same family, the later one is laid over the earlier.
const TABLE: &[FamilyDefaults] = &[
    FamilyDefaults {
        // A checker looks at these plans, so form decides only between plans that it values alike, and the model's own yes
        // or no, which separates right from wrong plans hardly better than a coin, decides nothing.
        families: &[
            "math",
            "chain",
            "countdown",
            "blocksworld",
            "sudoku4",
            "boolean",
            "schedule",
            "lists",
            "tools",
            "calls",
            "code",
        ],
        settings: || {
            json!({
                "scorers": {"structure": structure::TIE_BREAK, "self_check": 0.0},
            })
        },
    },
    FamilyDefaults {
        // The problem says which lines there are, so plans differ in values alone, and their form says nothing.
        families: &["boolean", "schedule", "sudoku4"],
        settings: || json!({"scorers": {"structure": 0.0}}),
    },
    FamilyDefaults {
        // No checker sees a misread text, and small edits do not fix one: a plan is drafted again, and where two drafts
        // differ a chain of thought decides.
        families: &["math", "chain"],
        settings: || {
            json!({
                "proposals": 1,
                "proposers": {"edit": 0.0, "redraft": 1.0},
                "agree": {"drafts": 2, "ask": "chain"},
            })
        },
    },
    FamilyDefaults {
        // The checker is exact and names the line that is at fault.
        families: &["tools", "boolean", "schedule", "blocksworld", "countdown", "sudoku4"],
        settings: || {
            json!({
                "iterations": 12,
                "fruitless": 6,
                "proposals": 2,
                "allocation": "adaptive",
                "proposers": {"edit": 0.0, "repair": 3.0, "regrow": 1.5, "redraft": 0.5},
                "gate": {"rule": "clear", "sideways": 3},
            })
        },
    },
];

/// Returns the settings of a new run on a problem of `family` in which nothing is set.
pub fn of(family: &dyn Family) -> Settings {
    // Gains within the noise of the scores are no gains.
    let base =
        Settings { surface: family.surface().to_owned(), gate: clear::usual(), ..registry::settings() };
    differing(family.name()).fold(base, |settings, difference| {
        // What the table says can be read: a test reads all of it.
        overlaid(&settings, difference).unwrap_or(settings)
    })
}

/// What denoising begins with where edits do not: two rounds of steps, and no comparison of scores, since a plan with masked
/// tokens has none, and one that comes out of noisy latents says little.
fn of_denoising(iterations: u32) -> Value {
    // No proposer of edits is asked.
    let off: serde_json::Map<String, Value> =
        propose::REGISTRY.iter().map(|proposer| (proposer.doc().name.to_owned(), json!(0.0))).collect();
    json!({
        "iterations": iterations,
        "fruitless": 0,
        "proposals": 1,
        "allocation": "fixed",
        "proposers": off,
        "gate": {"rule": always::NAME},
    })
}

/// Returns `settings` with what runs that think in this way begin with.
pub fn thinking_in(settings: Settings, think: Think) -> Settings {
    match think {
        // What the table says can be read: a test reads all of it.
        Think::Tokens => overlaid(&settings, of_denoising(32)).unwrap_or(settings),
        Think::Latent => overlaid(&settings, of_denoising(40)).unwrap_or(settings),
        Think::Edits => settings,
    }
}

/// Returns what `family` sets otherwise, as trees of settings.
pub fn differing(family: &str) -> impl Iterator<Item = Value> + use<'_> {
    TABLE.iter().filter(move |row| row.families.contains(&family)).map(|row| (row.settings)())
}

/// Returns `settings` with the tree `set` on top, and below it what the way of thinking that it names begins with. An acceptance
/// rule is replaced whole, since its parameters belong to it.
///
/// # Errors
/// When `set` has an unknown key or a value of another type.
pub fn overlaid(settings: &Settings, set: Value) -> Result<Settings, serde_json::Error> {
    let think: Option<Think> = set.get("think").cloned().map(serde_json::from_value).transpose()?;
    let below = think.map(|think| thinking_in(settings.clone(), think));
    let mut whole = serde_json::to_value(below.as_ref().unwrap_or(settings))?;
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
            assert_eq!(registry::settled(settings.clone()).err(), None);
            assert_ne!(settings, registry::settings(), "{:?} differ in nothing", row.families);
        }
    }

    #[test]
    fn tokens_begin_with_settings_of_their_own_below_what_is_set() {
        let boolean = of(problem::family("boolean").unwrap());
        let tokens = overlaid(&boolean, json!({"think": "tokens", "iterations": 4})).unwrap();
        assert_eq!((tokens.think, tokens.iterations), (Think::Tokens, 4));
        assert_eq!(tokens.gate.rule(), always::NAME);
        assert_eq!(registry::settled(tokens).err(), None);
    }

    #[test]
    fn where_a_checker_looks_form_is_only_a_tie_break() {
        for family in problem::FAMILIES {
            let plan = plan::parse("C1: a = 3\nS1 <- C1: b = a + 1").unwrap();
            let problem = problem::Problem::new("p", family.name(), "Ann has 3 pens.");
            let looks = family.check_plan(&problem, &plan).score().is_some();
            let scorers = of(*family).scorers;
            let is_tie_break = scorers.get("structure") < scorers.get("checker") / 10_000.0;
            assert!(is_tie_break || !looks, "{}", family.name());
        }
        assert_eq!(
            of(problem::family("free").unwrap()).scorers,
            registry::settings().scorers,
            "form is all that is checked there"
        );
    }

    #[test]
    fn half_of_a_repair_beats_a_useless_dependency() {
        let tools = of(problem::family("tools").unwrap());
        let total = |form: f64, checker: f64| {
            let part = |name, value| {
                let scorer = crate::score::find(name).unwrap();
                crate::score::part(
                    scorer,
                    &tools.scorers,
                    Ok(crate::score::Value::new(value, "")),
                    Default::default(),
                )
            };
            session::Score::from_parts(vec![part("structure", form), part("checker", checker)]).total
        };
        let draft = total(0.833, 0.344);
        assert!(total(0.833, 0.369) > total(1.0, 0.344), "what the checker finds comes first");
        assert!(total(1.0, 0.344) > draft, "and form decides between equals");
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
