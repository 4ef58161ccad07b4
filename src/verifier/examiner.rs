//! Asks a scorer about labelled plans, one after the other.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        prompt::Prompter,
        score::{self, Asked, Case, Memory, Reading, Scorer, StepCase, Verifier, checker},
    },
    llm::{Backend, Cost, LlmError, Output, Progress, Request},
    problem::{Label, Sample},
    session::{PlanView, Settings},
};

/// Why a scorer cannot be examined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
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

impl Unfit {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        Some("planscope scorer list says which scorers can be tested")
    }
}

/// What a scorer says of one sample, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The problem's text, by which samples of one problem are found.
    pub problem: String,
    /// What is known.
    pub label: Label,
    /// The value of the whole plan.
    pub whole: Reading,
    /// A value a step; empty where the scorer judges no steps.
    pub steps: Vec<Reading>,
    /// What it cost.
    pub cost: Cost,
}

/// Asks one scorer about plans. What it finds out once for all of them it asks once.
pub struct Examiner<'a> {
    scorer: &'static dyn Scorer,
    verifier: Verifier,
    settings: &'a Settings,
    memory: Memory,
}

impl<'a> Examiner<'a> {
    /// Returns an examiner of the scorer called `name`.
    ///
    /// # Errors
    /// When there is no such scorer, or its value does not say whether a plan is right.
    pub fn new(name: &str, settings: &'a Settings) -> Result<Self, Unfit> {
        let scorer = score::find(name).ok_or_else(|| Unfit::Unknown(name.to_owned()))?;
        let verifier = scorer.verifier().map_err(|why| Unfit::NoVerifier { name: name.to_owned(), why })?;
        Ok(Self { scorer, verifier, settings, memory: Memory::default() })
    }

    /// Returns what the scorer is as a verifier.
    pub fn verifier(&self) -> Verifier {
        self.verifier
    }

    /// Asks about one sample: its steps in one batch, then the whole plan, whose prompt begins alike.
    ///
    /// # Errors
    /// When a call fails or is cancelled.
    pub async fn judge(
        &mut self,
        sample: &Sample,
        backend: &mut dyn Backend,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Judged, LlmError> {
        let prompter = Prompter::new(&sample.problem);
        let settings = self.settings;
        let mut cost = Cost::default();
        let mut asked_steps = (None, None);
        let mut steps = Vec::new();
        if let Some(judge) = self.verifier.steps {
            let case = StepCase { prompter: &prompter, settings, plan: &sample.plan };
            let request = judge.ask(&case, &self.memory);
            let output = ask(request.as_ref(), backend, progress, cancel, &mut cost).await?;
            steps = judge.read(&case, output.as_ref(), &mut self.memory);
            asked_steps = (request, output);
        }
        let view = PlanView {
            check: Some(checker::summarize(&sample.problem, &sample.plan)),
            plan: sample.plan.clone(),
            ..PlanView::default()
        };
        let asked = [Asked { view: &view, variant: 0 }];
        let case = Case { prompter: &prompter, family: sample.problem.family(), settings, asked: &asked };
        let request = self.scorer.ask(&case, &self.memory);
        // What asks the same of steps and plan is asked once.
        let output = match asked_steps {
            (before, output) if before == request => output,
            _ => ask(request.as_ref(), backend, progress, cancel, &mut cost).await?,
        };
        let whole = self.scorer.read(&case, output.as_ref(), &mut self.memory).pop();
        Ok(Judged {
            problem: sample.problem.text.clone(),
            label: sample.label,
            whole: whole.unwrap_or_else(|| Err("The scorer said nothing.".into())),
            steps,
            cost,
        })
    }
}

async fn ask(
    request: Option<&Request>,
    backend: &mut dyn Backend,
    progress: &mpsc::Sender<Progress>,
    cancel: &CancellationToken,
    cost: &mut Cost,
) -> Result<Option<Output>, LlmError> {
    let Some(request) = request else { return Ok(None) };
    let reply = backend.call(request, progress, cancel).await?;
    *cost += reply.cost;
    Ok(Some(reply.output))
}
