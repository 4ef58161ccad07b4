//! How scorers are held against labelled plans: as a verifier of whole plans, and of their steps.

use super::{Memory, Reading};
use crate::prompt::Prompter;
use model::{Output, Request};
use plan::{Item, Plan};
use session::Settings;

/// What a scorer is as a verifier. The value of a whole plan is the scorer's own.
#[derive(Clone, Copy)]
pub struct Verifier {
    /// Whether its value is meant as the probability that a plan is right, so that calibration can be spoken of.
    pub probability: bool,
    /// How it judges the steps of a plan one at a time; `None` where it only values whole plans.
    pub steps: Option<&'static dyn Steps>,
}

/// A plan whose steps are to be judged.
#[derive(Clone, Copy)]
pub struct StepCase<'a> {
    /// Makes prompts from the problem's public view.
    pub prompter: &'a Prompter,
    /// The settings of the run.
    pub settings: &'a Settings,
    /// The plan. All of its items count as steps, in their order.
    pub plan: &'a Plan,
}

impl StepCase<'_> {
    /// Returns for each step the plan that ends with it.
    pub(crate) fn prefixes(&self) -> Vec<Plan> {
        prefixes(self.plan)
    }
}

/// Returns for each item the plan that ends with it. Dependencies on what comes later are left out.
pub(super) fn prefixes(plan: &Plan) -> Vec<Plan> {
    let items: &[Item] = plan.items();
    let prefix = |end: usize| {
        let known: Vec<_> = items[..end].iter().map(|item| item.id).collect();
        let cut = |item: &Item| Item {
            deps: item.deps.iter().copied().filter(|dep| known.contains(dep)).collect(),
            ..item.clone()
        };
        Plan::new(items[..end].iter().map(cut).collect()).unwrap_or_default()
    };
    (1..=items.len()).map(prefix).collect()
}

/// Judges the steps of a plan one at a time: the higher the value, the surer that the step is right.
pub trait Steps: Sync {
    /// Returns what the model is to be asked about the steps; `None` where there is nothing to ask.
    fn ask(&self, case: &StepCase<'_>, memory: &Memory) -> Option<Request>;

    /// Returns a reading a step, in the order of the plan.
    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading>;
}

/// What is said of all steps when the reply is not what was asked for.
pub(super) fn unusable(case: &StepCase<'_>) -> Vec<Reading> {
    vec![Err("The model gave no usable reply.".to_owned()); case.plan.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Style, parse, print};
    use problem::Problem;

    #[test]
    fn each_prefix_is_a_plan_and_names_only_what_it_has() {
        let plan = parse("S1 <- C1: x = pens\nC1: pens = 2\n").unwrap();
        let prompter = Prompter::new(&Problem::new("p", "free", "Pens."), true);
        let case = StepCase { prompter: &prompter, settings: &Settings::default(), plan: &plan };
        let texts: Vec<String> = case.prefixes().iter().map(|plan| print(plan, Style::Bare)).collect();
        assert_eq!(texts, ["S1: x = pens", "S1 <- C1: x = pens\nC1: pens = 2"]);
    }
}
