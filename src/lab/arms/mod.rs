//! Arms: ways to spend a budget. One file and one line of [`REGISTRY`] each.
//!
//! An arm is a pure function of base settings to settings, so that each of its runs is an ordinary run with an
//! ordinary record.

mod agree;
mod best_answer;
mod best_draft;
mod coin_flip;
mod direct;
mod draft;
mod draft_majority;
mod local_search;
mod long;
mod majority;
mod program;
mod refine;
mod restore;
mod until_pass;

use engine::propose::redraft;
use session::{AgreeSettings, AnswerChoice, AnswerSettings, Mode, Settings, Weights};

/// What an arm is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct ArmDoc {
    /// Its name in experiments and reports.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// Whether anything that steers it sees the gold answer.
    pub oracle: bool,
}

/// One way to spend a budget.
pub trait Arm: Sync {
    /// Returns what it is.
    fn doc(&self) -> ArmDoc;

    /// Returns its settings. The budget is set by the experiment; whatever could end a run before the budget does is
    /// switched off here, since arms are compared by what they make of the same budget.
    fn settings(&self, base: &Settings) -> Settings;

    /// Returns whether it needs to know how often another arm accepted on the same problem, seed and budget.
    fn follows(&self) -> bool {
        false
    }
}

/// All arms, the plainest first.
pub const REGISTRY: &[&dyn Arm] = &[
    &direct::Direct,
    &long::Long,
    &majority::Majority,
    &best_answer::BestAnswer,
    &program::Program,
    &draft::DraftArm,
    &draft_majority::DraftMajority,
    &best_draft::BestDraft,
    &until_pass::UntilPass,
    &local_search::LocalSearch,
    &agree::Agree,
    &coin_flip::CoinFlipArm,
    &restore::RestoreArm,
    &refine::Refine,
];

/// Returns the arm called `name`.
pub fn find(name: &str) -> Option<&'static dyn Arm> {
    REGISTRY.iter().copied().find(|arm| arm.doc().name == name)
}

/// Iterations that no budget of interest outlasts. Not without end: an iteration may cost nothing.
const ITERATIONS: u32 = 500;
/// Answers that no budget of interest outlasts.
const ANSWERS: u32 = 256;
/// The temperature of several answers where the experiment sets none (Wang et al. 2023 use 0.5 to 0.7).
const TEMPERATURE: f32 = 0.7;

/// Refinement for as long as the budget lasts, whatever drafts agree on.
fn refining(base: &Settings) -> Settings {
    let agree = AgreeSettings::default();
    let iterations = base.iterations.max(ITERATIONS);
    Settings { mode: Mode::Refine, iterations, fruitless: 0, agree, ..base.clone() }
}

/// Independent plans, for as long as the budget lasts.
fn redrafting(base: &Settings) -> Settings {
    let proposers = Weights::of([(redraft::NAME, 1.0)]);
    let propose_temperature = warm(base.propose_temperature);
    Settings { proposers, propose_temperature, ..refining(base) }
}

/// As many answers as the budget allows.
fn answering(base: &Settings, choice: AnswerChoice) -> Settings {
    let answers = AnswerSettings { n: base.answers.n.max(ANSWERS), choice, ..base.answers };
    Settings { answers, answer_temperature: warm(base.answer_temperature), ..base.clone() }
}

/// One answer.
fn single(base: &Settings) -> Settings {
    let AnswerSettings { n, choice, style: _, values: _ } = AnswerSettings::default();
    Settings { answers: AnswerSettings { n, choice, ..base.answers }, ..base.clone() }
}

fn warm(temperature: f32) -> f32 {
    if temperature > 0.0 { temperature } else { TEMPERATURE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::registry;

    #[test]
    fn names_are_unique_and_settings_are_sound_and_differ() {
        let base = Settings::default();
        let mut seen = Vec::new();
        for arm in REGISTRY {
            let doc = arm.doc();
            assert!(std::ptr::eq(find(doc.name).unwrap().doc().name, doc.name), "{}", doc.name);
            let settings = arm.settings(&base);
            assert_eq!(registry::settled(settings.clone()).err(), None, "{}", doc.name);
            assert_eq!(registry::unknown(&settings, None), None, "{}", doc.name);
            assert_eq!(settings.seed, base.seed);
            assert!(!seen.contains(&settings), "{} is the same as another arm", doc.name);
            assert!(!doc.oracle, "nothing that steers a run sees gold");
            seen.push(settings);
        }
    }

    #[test]
    fn only_the_coin_flip_follows() {
        let follow: Vec<&str> =
            REGISTRY.iter().filter(|arm| arm.follows()).map(|arm| arm.doc().name).collect();
        assert_eq!(follow, ["coin-flip"]);
    }
}
