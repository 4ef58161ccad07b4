//! Asks a scorer about labelled plans, one after the other.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use engine::{
    prompt::Prompter,
    score::{self, Asked, Case, Memory, Reading, Scorer, StepCase, Verifier, checker},
};
use model::{Backend, Cost, LlmError, Output, Progress, Request};
use problem::{Label, Sample};
use session::{PlanView, Settings, Votes};

/// Why a scorer cannot be examined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEvaluable {
    /// There is no such scorer.
    #[error("there is no scorer called \"{0}\"")]
    Unknown(String),
    /// Its value is none of a verifier.
    #[error("the scorer {name} is no verifier: {why}")]
    NoVerifier {
        /// The scorer.
        name: String,
        /// Why, as a sentence.
        why: &'static str,
    },
}

impl NotEvaluable {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        Some("planscope scorer list says which scorers can be tested")
    }
}

/// What a scorer says of one sample, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedSample {
    /// The problem's text, by which samples of one problem are found.
    pub problem: String,
    /// What is known.
    pub label: Label,
    /// The value of the whole plan.
    pub whole: Reading,
    /// One value per step; empty where the scorer judges no steps.
    pub steps: Vec<Reading>,
    /// Tokens, FLOPs and time of all calls for it.
    pub cost: Cost,
}

/// Asks one scorer about plans. What it finds out once for all of them it asks once.
pub struct ScorerEvaluator<'a> {
    scorer: &'static dyn Scorer,
    verifier: Verifier,
    settings: &'a Settings,
    memory: Memory,
}

impl<'a> ScorerEvaluator<'a> {
    /// Returns an evaluator of the scorer called `name`.
    ///
    /// # Errors
    /// When there is no such scorer, or its value does not say whether a plan is right.
    pub fn new(name: &str, settings: &'a Settings) -> Result<Self, NotEvaluable> {
        let scorer = score::find(name).ok_or_else(|| NotEvaluable::Unknown(name.to_owned()))?;
        let verifier =
            scorer.verifier().map_err(|why| NotEvaluable::NoVerifier { name: name.to_owned(), why })?;
        Ok(Self { scorer, verifier, settings, memory: Memory::default() })
    }

    /// Returns what the scorer is as a verifier.
    pub fn verifier(&self) -> Verifier {
        self.verifier
    }

    /// Asks about one sample: its steps in one batch, then the whole plan, whose prompt begins alike. A plan that is too
    /// long for the model has no value.
    ///
    /// # Errors
    /// When a call fails or is cancelled.
    pub async fn judge(
        &mut self,
        sample: &Sample,
        backend: &mut dyn Backend,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<JudgedSample, LlmError> {
        let mut asking = ScorerCalls { backend, progress, cancel, cost: Cost::default(), last: None };
        let prompter = Prompter::of(&sample.problem, self.settings).in_items();
        let said = match self.ask(sample, &prompter, &mut asking).await {
            Err(error @ LlmError::TooLong { .. }) => {
                let none = || Err(format!("It cannot be asked about: {error}."));
                let steps = if self.verifier.steps.is_some() { sample.plan.len() } else { 0 };
                (none(), (0..steps).map(|_| none()).collect())
            }
            other => other?,
        };
        let (whole, steps) = said;
        let problem = sample.problem.text.clone();
        Ok(JudgedSample { problem, label: sample.label, whole, steps, cost: asking.cost })
    }

    /// Returns the value of the whole plan, and those of its steps.
    async fn ask(
        &mut self,
        sample: &Sample,
        prompter: &Prompter,
        asking: &mut ScorerCalls<'_>,
    ) -> Result<(Reading, Vec<Reading>), LlmError> {
        let settings = self.settings;
        let mut steps = Vec::new();
        if let Some(judge) = self.verifier.steps {
            let case = StepCase { prompter, settings, plan: &sample.plan };
            let output = asking.ask(judge.ask(&case, &self.memory)).await?;
            steps = judge.read(&case, output.as_ref(), &mut self.memory);
        }
        let check = Some(checker::summarize(&sample.problem, &sample.plan));
        let view = PlanView { plan: sample.plan.clone(), check, ..PlanView::default() };
        let asked = [Asked { view: &view, variant: 0 }];
        let case = Case {
            prompter,
            family: sample.problem.family(),
            settings,
            votes: &Votes::default(),
            asked: &asked,
        };
        let output = asking.ask(self.scorer.ask(&case, &self.memory)).await?;
        let whole = self.scorer.read(&case, output.as_ref(), &mut self.memory).pop();
        Ok((whole.unwrap_or_else(|| Err("The scorer said nothing.".into())), steps))
    }
}

/// The way to the model, and what it cost so far.
struct ScorerCalls<'a> {
    backend: &'a mut dyn Backend,
    progress: &'a mpsc::Sender<Progress>,
    cancel: &'a CancellationToken,
    cost: Cost,
    /// The previous request and its result.
    last: Option<(Request, Output)>,
}

impl ScorerCalls<'_> {
    /// Returns the result of a request. The same request again, as where steps and plan are asked about in one, is not
    /// made again.
    async fn ask(&mut self, request: Option<Request>) -> Result<Option<Output>, LlmError> {
        let Some(request) = request else { return Ok(None) };
        if let Some((before, output)) = &self.last
            && *before == request
        {
            return Ok(Some(output.clone()));
        }
        let reply = self.backend.call(&request, self.progress, self.cancel).await?;
        self.cost += reply.cost;
        self.last = Some((request, reply.output.clone()));
        Ok(Some(reply.output))
    }
}
