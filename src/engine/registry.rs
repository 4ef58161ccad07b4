//! What the registries say of settings: where a new run begins, and which names there are.

use super::{gate, propose, score};
use probe::nearest;
use problem::Problem;
use session::{Settings, Weights};

/// Returns the settings of a new run in which nothing is set: scorers and proposers have the weights of their entries in
/// the registries.
pub fn settings() -> Settings {
    let scorers = score::REGISTRY.iter().map(|scorer| scorer.doc()).map(|doc| (doc.name, doc.weight));
    let proposers = propose::REGISTRY.iter().map(|proposer| proposer.doc()).map(|doc| (doc.name, doc.weight));
    let (scorers, proposers) = (Weights::of(scorers), Weights::of(proposers));
    // Records of older versions leave these out, and mean the opposite.
    Settings { scorers, proposers, distinct: true, score_all: false, ..Settings::default() }
}

/// A name in settings that no registry has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} called \"{name}\"; {}", self.hint())]
pub struct Unknown {
    /// The key in the settings, such as `scorers.self_chek`.
    pub key: String,
    what: &'static str,
    name: String,
    known: Vec<&'static str>,
    recorded: bool,
}

impl Unknown {
    /// Returns that there is no scorer called `name`.
    pub fn scorer(name: &str) -> Self {
        Self::new(SCORERS, "scorer", name, scorers())
    }

    fn new(table: &str, what: &'static str, name: &str, known: Vec<&'static str>) -> Self {
        Self { key: format!("{table}.{name}"), what, name: name.to_owned(), known, recorded: false }
    }

    /// Returns what it is, as a sentence.
    pub fn message(&self) -> String {
        format!("There is no {} called \"{}\".", self.what, self.name)
    }

    /// Returns what can be done about it: the name that may be meant, and all that there are.
    pub fn hint(&self) -> String {
        let known = self.known.join(", ");
        if self.recorded {
            return format!(
                "the session was recorded by a version that has it; go without it with --set {}=0 (there are {known})",
                self.key
            );
        }
        match nearest(&self.name, self.known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"? (there are {known})"),
            None => format!("there are {known}"),
        }
    }
}

/// Returns settings as they are recorded: with all parameters of the gate, in their order.
///
/// # Errors
/// What is wrong with settings that go together, as a sentence; the needs of the gate and of proposers are included.
pub fn settled(settings: Settings) -> Result<Settings, String> {
    let proposers = || propose::active(&settings).find_map(|proposer| proposer.fault(&settings));
    if let Some(why) = settings.fault().or_else(|| no_surface(&settings)).or_else(proposers) {
        return Err(why);
    }
    let gate = gate::settled(&settings.gate).map_err(|why| format!("gate: {why}"))?;
    Ok(Settings { gate, ..settings })
}

/// Returns the names of surfaces in `settings`, each with its key.
fn surfaces(settings: &Settings) -> impl Iterator<Item = (&'static str, &str)> {
    let others = settings.redraft_surfaces.iter().map(|name| ("redraft_surfaces", name.as_str()));
    std::iter::once(("surface", settings.surface.as_str())).chain(others)
}

fn no_surface(settings: &Settings) -> Option<String> {
    let known: Vec<&str> = surface::REGISTRY.iter().map(|surface| surface.name()).collect();
    let (key, name) = surfaces(settings).find(|(_, name)| !known.contains(name))?;
    let unknown = Unknown { key: key.into(), what: "surface", name: name.to_owned(), known, recorded: false };
    Some(format!("{key}: {unknown}"))
}

/// Returns why a surface of `settings` cannot express plans for `problem`, as a sentence; `None` where all can.
pub fn misfit(settings: &Settings, problem: &Problem) -> Option<String> {
    let framing = problem.family().framing(problem);
    let form = surface::ProblemForm { problem, framing: &framing };
    surfaces(settings).find_map(|(_, name)| surface::find(name)?.fault(form))
}

/// Returns the first name in `settings` that is in no registry. Where they were made from those of a recorded session,
/// a name of its own is no mistake as long as it has no weight: the session may be one of a later version.
pub fn unknown(settings: &Settings, recorded: Option<&Settings>) -> Option<Unknown> {
    let before = recorded.map(named).unwrap_or_default();
    named(settings).into_iter().find_map(|(table, name, weight)| {
        let (what, known) = match table {
            PROPOSERS => ("proposer", proposers()),
            _ => ("scorer", scorers()),
        };
        let recorded = before.iter().any(|(other, named, _)| (*other, *named) == (table, name));
        let is_sound = known.contains(&name) || (recorded && weight == 0.0);
        (!is_sound).then(|| Unknown { recorded, ..Unknown::new(table, what, name, known) })
    })
}

/// The tables of settings that name scorers or proposers.
const SCORERS: &str = "scorers";
const NOISE: &str = "score_noise";
const PROPOSERS: &str = "proposers";

/// All names of scorers and proposers in `settings`: the table, the name and its weight. Noise alone weighs nothing.
fn named(settings: &Settings) -> Vec<(&'static str, &str, f64)> {
    let scorers = settings.scorers.iter().map(|(name, weight)| (SCORERS, name, weight));
    let noise = settings.score_noise.keys().map(|name| (NOISE, name.as_str(), 0.0));
    let proposers = settings.proposers.iter().map(|(name, weight)| (PROPOSERS, name, weight));
    scorers.chain(noise).chain(proposers).collect()
}

fn scorers() -> Vec<&'static str> {
    score::REGISTRY.iter().map(|scorer| scorer.doc().name).collect()
}

fn proposers() -> Vec<&'static str> {
    propose::REGISTRY.iter().map(|proposer| proposer.doc().name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::{GateSettings, GateValue, ScoreNoise};

    #[test]
    fn a_new_run_begins_with_the_weights_of_the_registries() {
        let settings = settings();
        for scorer in score::REGISTRY {
            assert!(settings.scorers.contains(scorer.doc().name));
            assert_eq!(scorer.weight(&settings.scorers), scorer.doc().weight);
        }
        for proposer in propose::REGISTRY {
            assert!(settings.proposers.contains(proposer.doc().name));
            assert_eq!(proposer.weight(&settings.proposers), proposer.doc().weight);
        }
        assert_eq!((settled(settings.clone()).err(), unknown(&settings, None)), (None, None));
        assert!(unknown(&Settings::default(), None).is_none(), "what old records mean is known");
    }

    #[test]
    fn redrafts_need_a_temperature() {
        let mut settings = Settings { proposers: Weights::of([("redraft", 1.0)]), ..Settings::default() };
        assert_eq!(settled(settings.clone()).err(), None);
        settings.propose_temperature = 0.0;
        assert!(settled(settings.clone()).unwrap_err().contains("propose_temperature"));
        settings.proposers = Weights::of([("edit", 1.0)]);
        assert_eq!(settled(settings).err(), None);
    }

    #[test]
    fn settings_have_a_gate_that_there_is_with_all_of_its_parameters() {
        let with = |gate: GateSettings| settled(Settings { gate, ..Settings::default() });
        let cooling = with(GateSettings::new("metropolis", [("cooling", GateValue::Real(0.1))]));
        assert_eq!(cooling.unwrap().gate.to_string(), "metropolis start=0.05 cooling=0.1");
        let why = with(GateSettings::new("gready", [])).unwrap_err();
        assert!(why.starts_with("gate: There is no gate called \"gready\"; did you mean"), "{why}");
    }

    #[test]
    fn unknown_names_are_errors_that_say_what_there_is() {
        let mut wrong = Settings::default();
        wrong.scorers.set("self_chek", 0.0);
        let said = unknown(&wrong, None).unwrap();
        assert_eq!(said.key, "scorers.self_chek");
        assert!(
            said.to_string()
                .starts_with("there is no scorer called \"self_chek\"; did you mean \"self_check\"? (")
        );
        let scorers: Vec<&str> = score::REGISTRY.iter().map(|scorer| scorer.doc().name).collect();
        assert!(said.hint().contains(&format!("there are {}", scorers.join(", "))), "{}", said.hint());
        let mut wrong = Settings::default();
        wrong.proposers.set("zzzzzzzz", 1.0);
        let said = unknown(&wrong, None).unwrap();
        assert_eq!(
            (said.key.as_str(), said.message().as_str()),
            ("proposers.zzzzzzzz", "There is no proposer called \"zzzzzzzz\".")
        );
        let proposers: Vec<&str> = propose::REGISTRY.iter().map(|proposer| proposer.doc().name).collect();
        assert!(said.hint().starts_with(&format!("there are {}", proposers.join(", "))), "{}", said.hint());
        let mut wrong = Settings::default();
        wrong.score_noise.insert("cheker".into(), ScoreNoise::default());
        assert_eq!(unknown(&wrong, None).unwrap().key, "score_noise.cheker");
    }

    #[test]
    fn a_recorded_name_of_a_later_version_may_stay_but_cannot_score() {
        let mut recorded = Settings::default();
        recorded.scorers.set("entailment", 0.25);
        let mut settings = recorded.clone();
        let said = unknown(&settings, Some(&recorded)).unwrap();
        assert!(said.hint().contains("--set scorers.entailment=0"), "{}", said.hint());
        settings.scorers.set("entailment", 0.0);
        assert_eq!(unknown(&settings, Some(&recorded)), None);
        settings.scorers.set("entailmnt", 0.0);
        assert!(unknown(&settings, Some(&recorded)).is_some(), "this one was never recorded");
    }
}
