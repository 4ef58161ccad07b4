//! The acceptance rule as settings and records have it: a name and numbers.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};

/// The key under which the rule is recorded, before its parameters.
const RULE: &str = "rule";

/// The rule under which the incumbent is answered from, whatever other plans score: a lead that it did not find
/// clear is no reason to leave that plan. It is the one rule whose name the fold has to know.
pub const CLEAR: &str = "clear";

/// The acceptance rule of a run: its name, and its parameters in the order in which they are recorded.
///
/// Which rules there are and what their parameters mean is for the registry of the engine to say, which checks settings
/// where they are read. The rule of a recorded session may be of a later version.
#[derive(Debug, Clone, PartialEq)]
pub struct GateSettings {
    rule: String,
    parameters: Vec<(String, GateValue)>,
}

impl GateSettings {
    /// Returns the rule called `rule` with these parameters. Those that are left out have the value with which they begin.
    pub fn new<'a>(
        rule: impl Into<String>,
        parameters: impl IntoIterator<Item = (&'a str, GateValue)>,
    ) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self { rule: rule.into(), parameters: parameters.collect() }
    }

    /// Returns the rule's name.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns the parameters that are there, in their order.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, GateValue)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Returns the value of a parameter, where it is there.
    pub fn get(&self, parameter: &str) -> Option<GateValue> {
        self.parameters().find(|(name, _)| *name == parameter).map(|(_, value)| value)
    }

    /// Returns whether the incumbent is answered from, whatever other plans score.
    pub fn keeps_incumbent(&self) -> bool {
        self.rule == CLEAR
    }
}

/// What records of the first versions mean: accept what is better, and no equals.
impl Default for GateSettings {
    fn default() -> Self {
        Self::new("greedy", [])
    }
}

/// A parameter's value. Temperatures, margins and deviations are in units of the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum GateValue {
    /// A count, recorded without a point.
    Count(u32),
    /// Any other number, recorded with a point.
    Real(f64),
}

impl fmt::Display for GateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Real(number) => write!(f, "{number:?}"),
        }
    }
}

/// `rule name=value name=value`, as the engine's `gate::parse` reads it.
impl fmt::Display for GateSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        self.parameters().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl Serialize for GateSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.parameters.len()))?;
        map.serialize_entry(RULE, &self.rule)?;
        self.parameters().try_for_each(|(name, value)| map.serialize_entry(name, &value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for GateSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = GateSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with a rule and its parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GateSettings, A::Error> {
                let (mut rule, mut parameters) = (None, Vec::new());
                while let Some(name) = map.next_key::<String>()? {
                    if name == RULE {
                        rule = Some(map.next_value()?);
                    } else {
                        let value = map.next_value::<GateValue>().map_err(|_| {
                            de::Error::custom(format_args!("the parameter \"{name}\" is not a number"))
                        })?;
                        parameters.push((name, value));
                    }
                }
                Ok(GateSettings { rule: rule.ok_or_else(|| de::Error::missing_field(RULE))?, parameters })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a recorded rule and writes it again.
    fn again(json: &str) -> String {
        let gate: GateSettings = serde_json::from_str(json).unwrap();
        serde_json::to_string(&gate).unwrap()
    }

    #[test]
    fn rules_are_recorded_as_they_always_were() {
        for json in [
            r#"{"rule":"greedy"}"#,
            r#"{"rule":"greedy","sideways":3}"#,
            r#"{"rule":"clear","z":1.64}"#,
            r#"{"rule":"clear","z":2.0,"sideways":3}"#,
            r#"{"rule":"threshold","margin":-1.0}"#,
            r#"{"rule":"metropolis","start":0.05,"cooling":0.0}"#,
            r#"{"rule":"qalign","beta":0.00001}"#,
            r#"{"rule":"late_acceptance","length":5}"#,
            r#"{"rule":"best_of_k"}"#,
            r#"{"rule":"replica_exchange","replicas":4,"coldest":0.01,"hottest":0.1}"#,
            r#"{"rule":"of_a_later_version","alpha":1,"beta":-2.5}"#,
        ] {
            assert_eq!(again(json), json);
        }
        assert_eq!(serde_json::to_string(&GateSettings::default()).unwrap(), r#"{"rule":"greedy"}"#);
    }

    #[test]
    fn a_rule_is_written_with_its_parameters() {
        let cold = [("start", GateValue::Real(0.5)), ("cooling", GateValue::Real(0.0))];
        assert_eq!(GateSettings::new("metropolis", cold).to_string(), "metropolis start=0.5 cooling=0.0");
        let tournament = GateSettings::new("tournament", [("members", GateValue::Count(3))]);
        assert_eq!(tournament.to_string(), "tournament members=3");
        assert_eq!((tournament.get("members"), tournament.get("start")), (Some(GateValue::Count(3)), None));
    }

    #[test]
    fn what_is_no_rule_says_why() {
        let why = |json: &str| serde_json::from_str::<GateSettings>(json).unwrap_err().to_string();
        assert!(why("{}").starts_with("missing field `rule`"));
        assert!(
            why(r#"{"rule":"greedy","sideways":"two"}"#).starts_with("the parameter \"sideways\" is not a")
        );
        assert!(why("1").contains("expected a table with a rule and its parameters"), "{}", why("1"));
    }
}
