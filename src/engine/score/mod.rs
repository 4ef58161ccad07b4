//! Scorers: what steers refinement. One file and one line of [`REGISTRY`] each.
//!
//! A scorer maps problem and plan to a number from 0 to 1. No scorer sees the gold answer.
//!
//! ```text
//! Case -> ask -> nothing, or a request to the model -> read -> one value per plan, or why there is none
//! ```
//!
//! A scorer that asks nobody reads plans as they are:
//!
//! ```
//! use planscope_engine::{
//!     prompt::Prompter,
//!     score::{self, Asked, Case, Memory},
//! };
//! use problem::Problem;
//! use session::{PlanView, Settings, Votes};
//!
//! let problem = Problem::new("pens", "math", "A box holds 6 pens. How many pens are in 3 boxes?");
//! let plan = plan::parse("C1: pens = 6\nC2: boxes = 3\nS1 <- C1 C2: answer = pens * boxes")?;
//! let view = PlanView { plan, ..PlanView::default() };
//! let case = Case {
//!     prompter: &Prompter::new(&problem, false),
//!     family: problem.family(),
//!     settings: &Settings::default(),
//!     votes: &Votes::default(),
//!     asked: &[Asked { view: &view, variant: 0 }],
//! };
//! let scorer = score::find("structure").expect("it is in the registry");
//! let readings = scorer.read(&case, None, &mut Memory::default());
//! assert_eq!(readings[0].as_ref().map(|reading| reading.value), Ok(1.0), "all items lead to the last step");
//! # Ok::<(), plan::ParseErrors>(())
//! ```

pub(crate) mod agreement;
pub mod checker;
pub mod command;
pub(crate) mod consensus;
pub mod contradiction;
mod fixed_point;
pub(crate) mod likelihood;
mod noise;
pub(crate) mod pmi;
pub mod prm;
mod rollouts;
pub mod self_check;
pub(crate) mod structure;
pub(crate) mod verifier;
pub(crate) mod votes;

use std::collections::BTreeMap;

pub(crate) use self::noise::with_noise;
use self::{consensus::Rollouts, contradiction::Detector};
pub use self::{
    noise::Draw,
    verifier::{StepCase, Steps, Verifier},
};
use super::prompt::Prompter;
use model::{Cost, Output, Request};
use problem::Family;
use session::{PlanView, Purpose, ScorePart, Settings, Votes, Weights};

/// What a scorer is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct ScorerDoc {
    /// Its name in settings, expressions of probes and records, and on the screen.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// What it costs, in words.
    pub cost: &'static str,
    /// Its weight where settings have none for it.
    pub weight: f64,
    /// Whether the same plan always gets the same value.
    pub deterministic: bool,
    /// Whether it sees the gold answer, so that what it steers is an *oracle* run.
    pub oracle: bool,
}

/// A plan that is to be valued, and in which wording of the scorer's question.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The plan, which the family's checker has examined.
    pub view: &'a PlanView,
    /// 0 for the wording that scores; others ask the same otherwise, for scoring again.
    pub variant: u32,
}

/// How a scorer's value of one and the same plan can scatter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scatter {
    /// As the standard error of each value says; not at all where it has none.
    Stated,
    /// As the standard error of each value says, with one sample against which all plans are held.
    Shared,
    /// As asking again in other words shows.
    Asked,
}

/// What a scorer sees.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Makes prompts from the problem's public view.
    pub prompter: &'a Prompter,
    /// Reads answers.
    pub family: &'a dyn Family,
    /// The settings of the run.
    pub settings: &'a Settings,
    /// The votes of independent drafts so far.
    pub votes: &'a Votes,
    /// The plans to be valued, all in one go.
    pub asked: &'a [Asked<'a>],
}

/// What scorers found out once a session, and need not ask again.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Log-odds of yes for a question without content, by the wording of the self-check.
    pub bias: BTreeMap<u32, f64>,
    /// The same by which it judges single steps, by the order of the answers.
    pub step_bias: BTreeMap<u32, f64>,
    /// Answers decoded without a plan.
    pub rollouts: Option<Rollouts>,
    /// How well the model distinguishes contradicting statements from others.
    pub detector: Option<Detector>,
}

/// A plan's value under one scorer.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// From 0 to 1.
    pub value: f64,
    /// Standard error, where known.
    pub stderr: Option<f64>,
    /// One sentence: how it came about.
    pub detail: String,
}

impl Value {
    /// Returns a value whose error is not known.
    pub fn new(value: f64, detail: impl Into<String>) -> Self {
        Self { value, stderr: None, detail: detail.into() }
    }
}

/// A value, or why there is none, as a sentence.
pub type Reading = Result<Value, String>;

/// One way to value plans.
pub trait Scorer: Sync {
    /// Returns what it is.
    fn doc(&self) -> ScorerDoc;

    /// Returns its weight in the settings.
    fn weight(&self, weights: &Weights) -> f64 {
        weights.get(self.doc().name)
    }

    /// Returns the name under which its calls are booked, in records and budgets; `None` where it makes none. Scorers
    /// that ask alike may share one.
    fn booking(&self) -> Option<&'static str> {
        None
    }

    /// Returns what its calls are for; `None` where it makes none.
    fn purpose(&self) -> Option<Purpose> {
        self.booking().map(Purpose::Score)
    }

    /// Returns whether its calls are answered by the model of the run, and not by something else.
    fn asks_model(&self) -> bool {
        self.booking().is_some()
    }

    /// Returns what it is as a verifier of labelled plans, or a sentence that says why it is none.
    ///
    /// # Errors
    /// When its value does not say whether a plan is right.
    fn verifier(&self) -> Result<Verifier, &'static str>;

    /// Returns how its value of one and the same plan can scatter.
    fn scatter(&self) -> Scatter {
        Scatter::Stated
    }

    /// Returns how many wordings it has: 1 where asking again would give the same number again.
    fn variants(&self, _: &Settings) -> u32 {
        1
    }

    /// Returns what the model is to be asked about all plans of `case` together; `None` where there is nothing
    /// to ask.
    fn ask(&self, _case: &Case<'_>, _memory: &Memory) -> Option<Request> {
        None
    }

    /// Returns a reading a plan, in the order of `case`. `output` is the result of the request, where one was
    /// made; what it says beyond these plans goes into `memory`.
    fn read(&self, case: &Case<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading>;
}

/// All scorers, in the order in which their parts are shown. What costs nothing comes first.
pub const REGISTRY: &[&dyn Scorer] = &[
    &structure::Structure,
    &checker::Checker,
    &self_check::SelfCheck,
    &likelihood::Likelihood,
    &pmi::Pmi,
    &agreement::Agreement,
    &consensus::Consensus,
    &votes::VoteShare,
    &fixed_point::FixedPoint,
    &contradiction::Contradiction,
    &prm::Prm,
    &command::Command,
];

/// Returns the scorers that have a weight in `settings`, in the order of the registry.
pub fn active(settings: &Settings) -> impl Iterator<Item = &'static dyn Scorer> + use<'_> {
    let active = |scorer: &&'static dyn Scorer| scorer.weight(&settings.scorers) > 0.0;
    REGISTRY.iter().copied().filter(active)
}

/// Returns the scorer called `name`.
pub fn find(name: &str) -> Option<&'static dyn Scorer> {
    REGISTRY.iter().copied().find(|scorer| scorer.doc().name == name)
}

/// Returns one part of a score: what `scorer` read, at its weight and its share of the cost.
pub fn part(scorer: &dyn Scorer, weights: &Weights, reading: Reading, cost: Cost) -> ScorePart {
    let (name, weight) = (scorer.doc().name.to_owned(), scorer.weight(weights));
    match reading {
        Ok(Value { value, stderr, detail }) => {
            ScorePart { name, value: Some(value), weight, stderr, cost, skipped: false, detail }
        }
        Err(why) => ScorePart { name, value: None, weight, stderr: None, cost, skipped: false, detail: why },
    }
}

/// Returns the part of a score for which `scorer` was not asked.
pub(crate) fn skipped(scorer: &dyn Scorer, weights: &Weights, why: String) -> ScorePart {
    ScorePart { skipped: true, ..part(scorer, weights, Err(why), Cost::default()) }
}

/// What a scorer says of all plans when the reply is not what it asked for.
fn unusable(case: &Case<'_>) -> Vec<Reading> {
    vec![Err("The model gave no usable reply.".to_owned()); case.asked.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_each_has_a_weight_of_its_own() {
        let mut weights = Weights::none();
        assert!(REGISTRY.iter().all(|scorer| scorer.weight(&weights) == 0.0));
        for (at, scorer) in REGISTRY.iter().enumerate() {
            assert!(std::ptr::eq(find(scorer.doc().name).unwrap().doc().name, scorer.doc().name));
            weights.set(scorer.doc().name, 0.1 + at as f64);
        }
        let found: Vec<f64> = REGISTRY.iter().map(|scorer| scorer.weight(&weights)).collect();
        let expected: Vec<f64> = (0..REGISTRY.len()).map(|at| 0.1 + at as f64).collect();
        assert_eq!(found, expected);
        assert!(find("gold").is_none());
    }

    #[test]
    fn calls_are_booked_under_names_that_a_record_gives_back() {
        for scorer in REGISTRY {
            let purpose = scorer.booking().map(Purpose::recorded);
            assert_eq!(purpose, scorer.purpose().map(Some), "{}", scorer.doc().name);
        }
    }

    #[test]
    fn none_sees_the_gold_answer() {
        assert!(REGISTRY.iter().all(|scorer| !scorer.doc().oracle));
    }
}
