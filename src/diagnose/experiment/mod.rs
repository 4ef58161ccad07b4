//! Experiments: what can only be known of a plan by asking the model.
//!
//! An experiment is a pure conversation: given the replies so far, it wants another reply or has its finding. So
//! the same one runs live in the debugger, over a record, and in the lab; and its cost is known beforehand from
//! its requests. One file and one line of [`EXPERIMENTS`] each.

pub(crate) mod ablate;
pub(crate) mod borrowed;
pub(crate) mod citations;
pub(crate) mod contradiction;
pub(crate) mod decoded;
pub(crate) mod exposure;
pub(crate) mod fluff;
pub(crate) mod forecast;
pub(crate) mod influence;
pub(crate) mod leak;
pub(crate) mod subject;

use super::CheckDoc;
use engine::{decoding::Decoding, prompt::Prompter};
pub use forecast::{Forecast, forecast};
use model::{Output, Reply, Request};
use problem::Family;
use session::{Answer, Finding, PlanView, Settings};
pub use subject::ExaminedPlan;

/// The plan that an experiment is about.
#[derive(Clone, Copy)]
pub struct PlanCase<'a> {
    /// Makes prompts from the problem's public view.
    pub prompter: &'a Prompter,
    /// Reads answers and values.
    pub family: &'a dyn Family,
    /// The problem's text.
    pub problem: &'a str,
    /// The settings of the run.
    pub settings: &'a Settings,
    /// The plan, and what the checker says of it.
    pub view: &'a PlanView,
    /// What was decoded from this very plan; without it an experiment that needs an answer decodes one.
    pub answer: Option<&'a Answer>,
}

impl<'a> PlanCase<'a> {
    /// Returns how the run decodes an answer from this plan.
    pub(crate) fn decoding(&self) -> Decoding<'a> {
        Decoding::of(self.settings, self.prompter, &self.view.plan)
    }
}

/// What an experiment does next.
#[derive(Debug, Clone, PartialEq)]
pub enum ExperimentStep {
    /// It wants a reply to this.
    Ask(Box<Request>),
    /// It is done.
    Found(Box<Finding>),
}

/// One experiment.
pub trait Experiment: Sync {
    /// Returns what it is.
    fn doc(&self) -> CheckDoc;

    /// Continues from the replies so far, which answer its requests in their order.
    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep;
}

/// All experiments.
pub const EXPERIMENTS: [&dyn Experiment; 5] = [
    &fluff::Fluff,
    &leak::Leak,
    &exposure::Exposure,
    &citations::Citations,
    &contradiction::ContradictionExperiment,
];

/// Returns the experiment called `name`.
pub fn find(name: &str) -> Option<&'static dyn Experiment> {
    EXPERIMENTS.into_iter().find(|experiment| experiment.doc().name == name)
}

/// The log-probabilities of a reply to [`Request::Score`], each the sum over its tokens; `None` for any other
/// reply.
fn sums(reply: &Reply) -> Option<Vec<f64>> {
    match &reply.output {
        Output::Scored { logprobs } => {
            let sum = |logprobs: &Vec<f32>| logprobs.iter().map(|logprob| f64::from(*logprob)).sum();
            Some(logprobs.iter().map(sum).collect())
        }
        Output::Generated { .. }
        | Output::Chosen { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. } => None,
    }
}
