//! How the parameters of gates are written and read, and held to what a gate can follow.

use session::{GateSettings, GateValue};
use thiserror::Error;

use super::{Gate, GateDoc, REGISTRY};

/// A parameter of a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name in settings and records.
    pub name: &'static str,
    /// Its value where none is given, which also says whether it is a count.
    pub begin: GateValue,
}

impl Parameter {
    /// Returns a parameter that is a count.
    pub(super) const fn count(name: &'static str, begin: u32) -> Self {
        Self { name, begin: GateValue::Count(begin) }
    }

    /// Returns a parameter that is any finite number.
    pub(super) const fn real(name: &'static str, begin: f64) -> Self {
        Self { name, begin: GateValue::Real(begin) }
    }

    /// Returns its value in `settings` as a number.
    pub fn of(&self, settings: &GateSettings) -> f64 {
        match settings.get(self.name).unwrap_or(self.begin) {
            GateValue::Count(count) => f64::from(count),
            GateValue::Real(number) => number,
        }
    }

    /// Returns its value in `settings` as a count.
    pub(super) fn count_of(&self, settings: &GateSettings) -> u32 {
        match settings.get(self.name).unwrap_or(self.begin) {
            GateValue::Count(count) => count,
            GateValue::Real(number) => number as u32,
        }
    }

    /// Returns the value as it is recorded; `None` where it is an option that is off, which records leave out.
    fn settled(&self, value: GateValue) -> Result<Option<GateValue>, GateError> {
        match (self.begin, value) {
            (GateValue::Count(0), GateValue::Count(0)) => Ok(None),
            (GateValue::Count(_), GateValue::Count(_)) => Ok(Some(value)),
            (GateValue::Count(_), GateValue::Real(_)) => {
                Err(GateError(format!("{} must be a whole number from 0, not {value}.", self.name)))
            }
            (GateValue::Real(_), GateValue::Count(count)) => Ok(Some(GateValue::Real(count.into()))),
            (GateValue::Real(_), GateValue::Real(number)) if number.is_finite() => Ok(Some(value)),
            (GateValue::Real(_), GateValue::Real(_)) => {
                Err(GateError(format!("{} must be a finite number.", self.name)))
            }
        }
    }
}

/// Why there is no such gate, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct GateError(String);

/// Returns the settings of a gate in which nothing is set.
pub(super) fn starting(gate: &dyn Gate) -> GateSettings {
    let GateDoc { name, parameters, .. } = gate.doc();
    let values = parameters.iter().filter(|parameter| parameter.begin != GateValue::Count(0));
    GateSettings::new(name, values.map(|parameter| (parameter.name, parameter.begin)))
}

/// Returns `settings` as they are recorded: with all parameters, in their order.
///
/// # Errors
/// When there is no such gate, it has no such parameter, or it cannot be followed with these.
pub fn settled(settings: &GateSettings) -> Result<GateSettings, GateError> {
    let gate = named(settings.rule())?;
    let GateDoc { name, parameters, .. } = gate.doc();
    let known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    if let Some((unknown, _)) = settings.parameters().find(|(name, _)| !known(name)) {
        return Err(no_parameter(&gate.doc(), unknown));
    }
    let mut values = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let value = parameter.settled(settings.get(parameter.name).unwrap_or(parameter.begin))?;
        values.extend(value.map(|value| (parameter.name, value)));
    }
    let settled = GateSettings::new(name, values);
    gate.fault(&settled).map_or(Ok(settled), |why| Err(GateError(why.to_owned())))
}

/// Reads a gate's name and its parameters: each by its name, or all in their order. What is left out has the value with
/// which it begins.
///
/// ```
/// let gate = planscope_engine::gate::parse("metropolis 0.1 cooling=0.01")?;
/// assert_eq!(gate.to_string(), "metropolis start=0.1 cooling=0.01");
/// # Ok::<(), planscope_engine::gate::GateError>(())
/// ```
///
/// # Errors
/// As [`settled`], and when a word is no parameter.
pub fn parse(text: &str) -> Result<GateSettings, GateError> {
    let mut words = text.split_whitespace();
    let doc = named(words.next().unwrap_or_default())?.doc();
    let mut values: Vec<(&str, GateValue)> = Vec::new();
    for (at, word) in words.enumerate() {
        let (name, value) = match (word.split_once('='), doc.parameters.get(at)) {
            (Some((name, value)), _) => (name, value),
            (None, Some(parameter)) => (parameter.name, word),
            (None, None) => return Err(GateError(format!("{}: \"{word}\" is one word too many.", doc.name))),
        };
        values.retain(|(earlier, _)| *earlier != name);
        values.push((name, number(value)?));
    }
    settled(&GateSettings::new(doc.name, values))
}

/// A count where it can be one.
fn number(text: &str) -> Result<GateValue, GateError> {
    let count = text.parse().map(GateValue::Count);
    count
        .or_else(|_| text.parse().map(GateValue::Real))
        .map_err(|_| GateError(format!("\"{text}\" is not a number.")))
}

fn named(rule: &str) -> Result<&'static dyn Gate, GateError> {
    REGISTRY.iter().copied().find(|gate| gate.doc().name == rule).ok_or_else(|| {
        let known: Vec<&str> = REGISTRY.iter().map(|gate| gate.doc().name).collect();
        let near = probe::nearest(rule, known.iter().copied());
        let known = known.join(", ");
        let rest = near.map_or_else(
            || format!("there are {known}"),
            |near| format!("did you mean \"{near}\"? (there are {known})"),
        );
        GateError(format!("There is no gate called \"{rule}\"; {rest}"))
    })
}

fn no_parameter(doc: &GateDoc, name: &str) -> GateError {
    let known: Vec<&str> = doc.parameters.iter().map(|parameter| parameter.name).collect();
    let known =
        if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    GateError(format!("The gate {} has no parameter \"{name}\"; {known}.", doc.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::CLEAR;

    #[test]
    fn every_gate_reads_what_it_writes() {
        for gate in REGISTRY {
            let (doc, settings) = (gate.doc(), starting(*gate));
            assert_eq!(parse(doc.name), Ok(settings.clone()));
            assert_eq!(parse(&settings.to_string()), Ok(settings.clone()));
            let json = serde_json::to_string(&settings).unwrap();
            assert_eq!(serde_json::from_str::<GateSettings>(&json).unwrap(), settings);
            for parameter in doc.parameters {
                let is_off = parameter.begin == GateValue::Count(0);
                assert_eq!(settings.get(parameter.name).is_none(), is_off, "{settings}");
            }
            assert_eq!(
                gate.weighs_noise(),
                settings.keeps_incumbent(),
                "{settings}: the fold does as the gate"
            );
        }
        assert_eq!(starting(named(CLEAR).unwrap()).to_string(), "clear z=1.64");
    }

    #[test]
    fn names_are_unique() {
        for gate in REGISTRY {
            let same = REGISTRY.iter().filter(|other| other.doc().name == gate.doc().name).count();
            assert_eq!(same, 1, "{}", gate.doc().name);
        }
    }

    #[test]
    fn parameters_are_given_by_name_or_in_order() {
        let read = |text: &str| parse(text).unwrap().to_string();
        assert_eq!(read("metropolis 0.5 0.25"), "metropolis start=0.5 cooling=0.25");
        assert_eq!(read("metropolis cooling=0.25 start=0.5"), "metropolis start=0.5 cooling=0.25");
        assert_eq!(read("metropolis 1"), "metropolis start=1.0 cooling=0.0");
        assert_eq!(read("greedy 3"), "greedy sideways=3");
        assert_eq!(read("greedy sideways=0"), "greedy");
        assert_eq!(read("clear 2 1"), "clear z=2.0 sideways=1");
        assert_eq!(read("clear sideways=4"), "clear z=1.64 sideways=4");
        assert_eq!(read("tournament 3"), "tournament members=3 temperature=0.05");
    }

    #[test]
    fn settings_are_put_in_order_and_completed() {
        let cooling = GateSettings::new("metropolis", [("cooling", GateValue::Count(1))]);
        assert_eq!(settled(&cooling).unwrap().to_string(), "metropolis start=0.05 cooling=1.0");
        let off = GateSettings::new("greedy", [("sideways", GateValue::Count(0))]);
        assert_eq!(settled(&off), Ok(GateSettings::default()));
    }

    #[test]
    fn what_is_no_gate_says_why() {
        let why = |text: &str| parse(text).unwrap_err().to_string();
        assert!(why("gready").starts_with(
            "There is no gate called \"gready\"; did you mean \"greedy\"? (there are greedy, threshold"
        ));
        assert_eq!(why("greedy 1 1"), "greedy: \"1\" is one word too many.");
        assert_eq!(why("clear 0"), "z must be above 0.");
        assert_eq!(why("coin_flip 1.5"), "The rate must be from 0 to 1.");
        assert_eq!(why("qalign 0"), "beta must be above 0.");
        assert_eq!(why("threshold high"), "\"high\" is not a number.");
        assert_eq!(why("threshold NaN"), "margin must be a finite number.");
        assert_eq!(why("late_acceptance 2.5"), "length must be a whole number from 0, not 2.5.");
        assert_eq!(why("late_acceptance 0"), "The length must be at least 1.");
        assert_eq!(why("clear warm=1"), "The gate clear has no parameter \"warm\"; it has z, sideways.");
        assert_eq!(why("manual 1"), "manual: \"1\" is one word too many.");
        assert!(why("tournament 1").starts_with("There must be 2 to 64"));
    }
}
