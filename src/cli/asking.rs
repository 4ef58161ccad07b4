//! The checks of `planscope diagnose` that ask the model.

use std::cell::RefCell;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Common, progress::ProgressLine, text::count};
use crate::failure::Failure;
use crate::{app, config::Config};
use diagnose::experiment::{EXPERIMENTS, ExaminedPlan, Experiment, Forecast};
use model::{Backend, TemplateSettings, ThinkingSettings};
use output::note;
use session::{Finding, Session, Settings, State};

/// Progress reports that may wait; more are dropped.
const PROGRESS: usize = 64;

/// Asks the model about the plans of sessions. The model is loaded when it is first asked.
pub(super) struct PlanExaminer {
    config: Config,
    /// Whether the person named a model; otherwise it is the one of each session.
    is_named: bool,
    /// The model that was loaded last, and what answers for it.
    backend: Option<(LoadedBackend, Box<dyn Backend>)>,
}

/// Which model is loaded, and how it reads prompts.
#[derive(PartialEq)]
struct LoadedBackend {
    model: String,
    template: TemplateSettings,
    thinking: ThinkingSettings,
}

impl PlanExaminer {
    /// Returns an asker with the model that the settings name.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub(super) fn new(common: &Common) -> Result<Self, Failure> {
        Ok(Self { config: common.config()?, is_named: common.model.is_some(), backend: None })
    }

    /// Returns the findings of the requested experiments about the plan of `session` in `state`.
    ///
    /// # Errors
    /// When the session's problem or the model cannot be had, or a call fails.
    pub(super) async fn look(
        &mut self,
        session: &Session,
        state: &State,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<Vec<Finding>, Failure> {
        let problem = app::same_problem(state, None, &session.manifest)?;
        let name = session::name_of(&session.path);
        let subject = ExaminedPlan::of(state, &problem).ok_or_else(|| {
            Failure::new(format!("The session {name} has no plan to ask the model about."))
                .hint("planscope show prints what was recorded")
        })?;
        let backend = self.backend(&session.manifest.model, &state.settings)?;
        let mut findings = Vec::new();
        for experiment in EXPERIMENTS.into_iter().filter(|experiment| wanted(experiment.doc().name)) {
            findings.push(examine(&name, &subject, experiment, backend).await?);
        }
        Ok(findings)
    }

    fn backend(&mut self, recorded: &str, settings: &Settings) -> Result<&mut dyn Backend, Failure> {
        if !self.is_named {
            recorded.clone_into(&mut self.config.llm.model);
        }
        let wanted = LoadedBackend {
            model: self.config.llm.model.clone(),
            template: settings.template.clone(),
            thinking: settings.thinking.clone(),
        };
        let kept = self.backend.take().filter(|(loaded, _)| *loaded == wanted);
        let (loaded, backend) = match kept {
            Some(kept) => kept,
            None => (wanted, app::backend(&self.config.llm, settings)?),
        };
        Ok(self.backend.insert((loaded, backend)).1.as_mut())
    }
}

/// Makes one experiment, and says on standard error what it will cost and how it is getting on.
async fn examine(
    name: &str,
    subject: &ExaminedPlan<'_>,
    experiment: &dyn Experiment,
    backend: &mut dyn Backend,
) -> Result<Finding, Failure> {
    let check = experiment.doc().name;
    let (progress, mut reports) = mpsc::channel(PROGRESS);
    let line = RefCell::new(ProgressLine::default());
    let reported = |forecast: Forecast| {
        let mut line = line.borrow_mut();
        line.clear();
        line.begin();
        note(format!("{name}: {}", forecast_words(check, forecast)));
    };
    let never = CancellationToken::new();
    let work = subject.examine(experiment, backend, &progress, &never, reported);
    tokio::pin!(work);
    loop {
        tokio::select! {
            found = &mut work => {
                line.borrow_mut().clear();
                return Ok(found?);
            }
            Some(report) = reports.recv() => line.borrow_mut().show(check, &report),
        }
    }
}

fn forecast_words(check: &str, forecast: Forecast) -> String {
    let Forecast { sequences, tokens, naive, drawn } = forecast;
    let drawn = if drawn == 0 { String::new() } else { format!(", at most {drawn} tokens drawn") };
    format!(
        "{check} asks for {sequences} sequences in one batch, about {} tokens ({} one by one){drawn}",
        count(tokens as u64),
        count(naive as u64)
    )
}
