//! Runs experiments on moments of a session that is on the screen, one after the other, in the background.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::experiment::{self, forecast::Forecast, subject::ExaminedPlan};
use engine::Consultant;
use model::{Backend, LlmError, Progress};
use problem::Problem;
use session::{Finding, State};

/// Questions that may wait.
const QUESTIONS: usize = 8;
/// Events that may wait to be read; progress beyond that is dropped.
const TOLD: usize = 64;

/// Provides a runner with problem and model, when it first needs them.
pub trait ModelProvider: std::fmt::Debug + Send + Sync {
    /// Returns the problem of the session in this state.
    ///
    /// # Errors
    /// Why it cannot be had, in a sentence.
    fn problem(&self, state: &State) -> Result<Problem, String>;

    /// Returns a model that is not the run's own, set up as for the session in this state.
    ///
    /// # Errors
    /// Why there is none, in a sentence.
    fn backend(&self, state: &State) -> Result<Box<dyn Backend>, String>;
}

/// An experiment that somebody wants on a moment.
#[derive(Debug)]
pub struct ExperimentRequest {
    /// Its name.
    pub check: &'static str,
    /// The moment.
    pub state: Box<State>,
    /// Cancels the experiment.
    pub cancel: CancellationToken,
}

/// How an experiment is getting on.
#[derive(Debug, Clone)]
pub struct ExperimentReport {
    /// Its name.
    pub check: &'static str,
    /// Progress, its finding, or why there is none.
    pub news: ExperimentEvent,
}

/// What is new of an experiment.
#[derive(Debug, Clone)]
pub enum ExperimentEvent {
    /// What its next request will cost.
    Asks(Forecast),
    /// How that request is getting on.
    Progress(Progress),
    /// What it found.
    Found(Box<Finding>),
    /// Why it found nothing, in a sentence.
    Failed(String),
}

/// Answers questions one after the other until it is dropped.
#[derive(Debug)]
pub struct ExperimentRunner {
    questions: mpsc::Sender<ExperimentRequest>,
    reported: mpsc::Receiver<ExperimentReport>,
}

impl ExperimentRunner {
    /// Begins, on the present tokio runtime, with the model of the live run if there is one, and otherwise with one of its
    /// own, loaded when it is first needed.
    pub fn begin(means: Arc<dyn ModelProvider>, run: Option<Consultant>) -> Self {
        let (questions, mut asked) = mpsc::channel::<ExperimentRequest>(QUESTIONS);
        let (tell, reported) = mpsc::channel(TOLD);
        tokio::spawn(async move {
            let mut model = ProvidedModel { means, run, own: None };
            while let Some(question) = asked.recv().await {
                let check = question.check;
                let news = model.examine(question, &tell).await.unwrap_or_else(ExperimentEvent::Failed);
                if tell.send(ExperimentReport { check, news }).await.is_err() {
                    return;
                }
            }
        });
        Self { questions, reported }
    }

    /// Asks something; returns whether there was room for one more question.
    pub fn ask(&self, question: ExperimentRequest) -> bool {
        self.questions.try_send(question).is_ok()
    }

    /// Waits for news. May be dropped and called again.
    pub async fn next(&mut self) -> Option<ExperimentReport> {
        self.reported.recv().await
    }
}

struct ProvidedModel {
    means: Arc<dyn ModelProvider>,
    run: Option<Consultant>,
    own: Option<Box<dyn Backend>>,
}

impl ProvidedModel {
    async fn examine(
        &mut self,
        question: ExperimentRequest,
        tell: &mpsc::Sender<ExperimentReport>,
    ) -> Result<ExperimentEvent, String> {
        let ExperimentRequest { check, state, cancel } = question;
        if cancel.is_cancelled() {
            return Err(given_up());
        }
        let experiment =
            experiment::find(check).ok_or_else(|| format!("There is no check called {check}."))?;
        // Nothing here is to see the gold answer.
        let problem = self.means.problem(&state)?.public_view();
        let subject = ExaminedPlan::standing(&state, &problem).ok_or("There is no plan yet to ask about.")?;
        let (progress, mut reports) = mpsc::channel(TOLD);
        let tell_now = |news| {
            // Whoever looks may be behind; only the end must not be lost.
            let _ = tell.try_send(ExperimentReport { check, news });
        };
        let work = subject.examine(experiment, self.backend(&state)?, &progress, &cancel, |f| {
            tell_now(ExperimentEvent::Asks(f))
        });
        tokio::pin!(work);
        let found = loop {
            tokio::select! {
                found = &mut work => break found,
                Some(report) = reports.recv() => tell_now(ExperimentEvent::Progress(report)),
            }
        };
        match found {
            Ok(finding) => Ok(ExperimentEvent::Found(Box::new(finding))),
            Err(LlmError::Cancelled) => Err(given_up()),
            Err(error) => {
                let hint = error.hint().map_or_else(String::new, |hint| format!(" ({hint})"));
                Err(format!("The model did not answer: {error}{hint}."))
            }
        }
    }

    fn backend(&mut self, state: &State) -> Result<&mut dyn Backend, String> {
        match &mut self.run {
            Some(run) if run.is_open() => Ok(run),
            Some(_) | None => {
                let own = match self.own.take() {
                    Some(own) => own,
                    None => self.means.backend(state)?,
                };
                Ok(self.own.insert(own).as_mut())
            }
        }
    }
}

fn given_up() -> String {
    "It was given up.".to_owned()
}
