//! Weights by name: of scorers in a plan's total, of proposers in the draw.

use std::{cmp::PartialEq, collections::BTreeMap};

use serde::{Deserialize, Deserializer, Serializer};

/// Weights by name. A name without one has the weight 0, which switches it off.
///
/// Which names there are is for the registries of the engine to say, which check settings where they are read. Those of
/// a recorded session may be of a later version.
#[derive(Debug, Clone)]
pub struct Weights(BTreeMap<String, f64>);

impl Weights {
    /// Returns weights of 0 for all.
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Returns the weights of `pairs`, and 0 for all others.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        Self(pairs.into_iter().map(|(name, weight)| (name.to_owned(), weight)).collect())
    }

    /// Returns the weight of `name`.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }

    /// Sets the weight of `name`.
    pub fn set(&mut self, name: impl Into<String>, weight: f64) {
        self.0.insert(name.into(), weight);
    }

    /// Returns whether `name` is there, be it with the weight 0.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns all that are there, by name in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, weight)| (name.as_str(), *weight))
    }
}

/// Weights are the same where what they weigh is: a name with the weight 0 may be left out.
impl PartialEq for Weights {
    fn eq(&self, other: &Self) -> bool {
        let weighed = |weights: &Self| -> Vec<(String, f64)> {
            weights
                .iter()
                .filter(|(_, weight)| *weight != 0.0)
                .map(|(name, weight)| (name.to_owned(), weight))
                .collect()
        };
        weighed(self) == weighed(other)
    }
}

/// Names that the first versions of the format knew as fields, in their order, each with what it means that it is left
/// out. This is how old records and experiments are read, so nothing here may change. A later name that is left out has
/// the weight 0: the scorer or proposer was not there.
pub(super) struct Fields(&'static [(&'static str, f64)]);

/// Weights of scorers.
pub(super) const SCORERS: Fields = Fields(&[
    ("structure", 0.2),
    ("checker", 0.5),
    ("self_check", 0.3),
    ("likelihood", 0.0),
    ("pmi", 0.0),
    ("agreement", 0.0),
    ("consensus", 0.0),
    ("contradiction", 0.0),
    ("prm", 0.0),
    ("command", 0.0),
]);

/// Weights of proposers.
pub(super) const PROPOSERS: Fields = Fields(&[
    ("edit", 1.0),
    ("critique", 0.0),
    ("repair", 0.0),
    ("restore", 0.0),
    ("sort", 0.0),
    ("crossover", 0.0),
    ("redraft", 0.0),
    ("random", 0.0),
]);

impl Fields {
    /// Returns what a table means that is left out.
    pub(super) fn weights(&self) -> Weights {
        Weights::of(self.0.iter().copied())
    }

    fn read<'de, D: Deserializer<'de>>(&self, deserializer: D) -> Result<Weights, D::Error> {
        let mut weights = self.weights();
        weights.0.extend(BTreeMap::<String, f64>::deserialize(deserializer)?);
        Ok(weights)
    }

    /// Writes the fields in their order, then all other names in alphabetical order.
    fn write<S: Serializer>(&self, weights: &Weights, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0.iter().map(|(name, _)| (*name, weights.get(name)));
        let later = weights.iter().filter(|(name, _)| self.0.iter().all(|(field, _)| field != name));
        serializer.collect_map(fields.chain(later))
    }
}

/// How weights of scorers are recorded.
pub(super) mod scorers {
    use super::{SCORERS, Weights};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(weights: &Weights, serializer: S) -> Result<S::Ok, S::Error> {
        SCORERS.write(weights, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weights, D::Error> {
        SCORERS.read(deserializer)
    }
}

/// How weights of proposers are recorded.
pub(super) mod proposers {
    use super::{PROPOSERS, Weights};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(weights: &Weights, serializer: S) -> Result<S::Ok, S::Error> {
        PROPOSERS.write(weights, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weights, D::Error> {
        PROPOSERS.read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn read(json: &str) -> Settings {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    fn written(settings: &Settings) -> String {
        serde_json::to_string(settings).unwrap()
    }

    #[test]
    fn what_an_old_record_leaves_out_keeps_its_meaning() {
        let all =
            read(r#"{"scorers":{"structure":1,"checker":2,"self_check":3},"proposers":{"edit":4,"sort":5}}"#);
        assert_eq!(all.scorers, Weights::of([("structure", 1.0), ("checker", 2.0), ("self_check", 3.0)]));
        assert_eq!(all.proposers, Weights::of([("edit", 4.0), ("sort", 5.0)]));
        // Fields that a record lacks had these weights in every version that knew them as fields.
        let some = read(r#"{"scorers":{"checker":0.75,"pmi":0.5},"proposers":{"redraft":2}}"#);
        let scorers = [("structure", 0.2), ("checker", 0.75), ("self_check", 0.3), ("pmi", 0.5)];
        assert_eq!(some.scorers, Weights::of(scorers));
        assert_eq!(some.proposers, Weights::of([("edit", 1.0), ("redraft", 2.0)]));
        let none = read("{}");
        assert_eq!(none.scorers, Weights::of([("structure", 0.2), ("checker", 0.5), ("self_check", 0.3)]));
        assert_eq!(none.proposers, Weights::of([("edit", 1.0)]));
        assert_eq!(none.scorers.iter().count(), 10);
        assert_eq!(none.proposers.iter().count(), 8);
    }

    #[test]
    fn what_is_written_is_what_older_versions_wrote() {
        let scorers = r#""scorers":{"structure":0.2,"checker":0.5,"self_check":0.3,"likelihood":0.0,"pmi":0.0,"agreement":0.0,"consensus":0.0,"contradiction":0.0,"prm":0.0,"command":0.0}"#;
        let proposers = r#""proposers":{"edit":1.0,"critique":0.0,"repair":0.0,"restore":0.0,"sort":0.0,"crossover":0.0,"redraft":0.0,"random":0.0}"#;
        let json = written(&Settings::default());
        assert!(json.contains(scorers) && json.contains(proposers), "{json}");
    }

    #[test]
    fn weights_read_back_as_they_are() {
        for scorers in [
            Weights::none(),
            Weights::of([("command", 1.0)]),
            Weights::of([("zeta", 0.5), ("alpha", 0.25), ("checker", 1.0)]),
        ] {
            let settings = Settings { scorers, proposers: Weights::none(), ..Settings::default() };
            assert_eq!(read(&written(&settings)), settings);
        }
    }

    #[test]
    fn names_of_a_later_version_stay_readable_and_have_an_order() {
        let later = read(r#"{"scorers":{"zeta":0.0,"alpha":0.5,"checker":1.0}}"#);
        assert_eq!((later.scorers.get("alpha"), later.scorers.get("beta")), (0.5, 0.0));
        assert!(later.scorers.contains("zeta"), "a session says which scorers there were");
        let json = written(&later);
        assert!(json.contains(r#""command":0.0,"alpha":0.5,"zeta":0.0}"#), "{json}");
    }

    #[test]
    fn a_weight_of_nothing_weighs_the_same_as_none() {
        assert_eq!(Weights::of([("pmi", 0.0)]), Weights::none());
        assert_ne!(Weights::of([("pmi", 0.5)]), Weights::none());
        assert!(serde_json::from_str::<Settings>(r#"{"scorers":{"checker":"much"}}"#).is_err());
    }
}
