//! The plan of a recorded run that experiments are about, and the asking.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Experiment, ExperimentStep, PlanCase,
    forecast::{CHARS_PER_TOKEN, Forecast, forecast},
};
use engine::prompt::Prompter;
use model::{Backend, LlmError, Progress};
use problem::Problem;
use session::{Finding, PlanView, State};

/// A plan, its problem and the settings of the run that it comes from.
pub struct ExaminedPlan<'a> {
    problem: &'a Problem,
    prompter: Prompter,
    state: &'a State,
    view: &'a PlanView,
}

impl<'a> ExaminedPlan<'a> {
    /// Returns the plan that the answer in `state` was decoded from; before there is an answer, the best one so
    /// far; `None` where there is no plan yet.
    pub fn of(state: &'a State, problem: &'a Problem) -> Option<Self> {
        let answered = state.answer.as_ref().and_then(|answer| answer.plan);
        let plans = || [&state.best, &state.incumbent].into_iter().flatten().chain(&state.elite);
        let view = plans().find(|view| Some(view.plan.hash()) == answered).or_else(|| plans().next())?;
        Some(Self { problem, prompter: Prompter::of(problem, &state.settings), state, view })
    }

    /// Returns the incumbent of `state`; the plan that the answer was decoded from once there is an answer. `None`
    /// where there is no plan yet.
    pub fn standing(state: &'a State, problem: &'a Problem) -> Option<Self> {
        if state.answer.is_some() {
            return Self::of(state, problem);
        }
        let view = state.incumbent.as_ref()?;
        Some(Self { problem, prompter: Prompter::of(problem, &state.settings), state, view })
    }

    fn case(&self) -> PlanCase<'_> {
        PlanCase {
            prompter: &self.prompter,
            family: self.problem.family(),
            problem: &self.problem.text,
            settings: &self.state.settings,
            view: self.view,
            answer: self.state.answer.as_ref(),
        }
    }

    /// Holds the conversation of `experiment` with `backend` to its end. `before` is called with what each request will
    /// cost before it is made. It ends early when `cancel` fires.
    ///
    /// # Errors
    /// When a call fails or is cancelled.
    pub async fn examine(
        &self,
        experiment: &dyn Experiment,
        backend: &mut dyn Backend,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
        mut before: impl FnMut(Forecast),
    ) -> Result<Finding, LlmError> {
        let mut replies = Vec::new();
        loop {
            match experiment.next(&self.case(), &replies) {
                ExperimentStep::Found(finding) => return Ok(*finding),
                ExperimentStep::Ask(request) => {
                    before(forecast(&request, CHARS_PER_TOKEN));
                    replies.push(backend.call(&request, progress, cancel).await?);
                    if cancel.is_cancelled() {
                        // What a generation gives when it is cancelled is no basis for a finding.
                        return Err(LlmError::Cancelled);
                    }
                }
            }
        }
    }
}
