//! The checks of `planscope diagnose` that ask the model.

use std::path::Path;

use tokio::sync::mpsc;

use super::{Common, Failure, text::count};
use crate::{
    app,
    config::Config,
    diagnose::experiment::{EXPERIMENTS, Forecast, Subject},
    llm::Backend,
    session::{self, Finding, Session, State},
};

/// Progress reports that may wait; none is looked at here.
const PROGRESS: usize = 64;

/// Asks the model about the plans of sessions. The model is loaded when it is first asked.
pub(super) struct Asking {
    config: Config,
    /// Whether the person named a model; otherwise it is the one of each session.
    is_named: bool,
    /// The model that was loaded last, and what answers for it.
    backend: Option<(String, Box<dyn Backend>)>,
}

impl Asking {
    /// Returns an asker with the model that the settings name.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub(super) fn new(common: &Common) -> Result<Self, Failure> {
        Ok(Self { config: common.config()?, is_named: common.model.is_some(), backend: None })
    }

    /// Returns what the wanted experiments find about the plan of the session at `path`.
    ///
    /// # Errors
    /// When the session, its problem or the model cannot be had, or a call fails.
    pub(super) async fn look(&mut self, path: &Path, wanted: &[String]) -> Result<Vec<Finding>, Failure> {
        let session = Session::open(path)?;
        let state = State::replay(&session.records);
        let problem = app::same_problem(&state, None, &session)?;
        let name = session::name_of(path);
        let subject = Subject::of(&state, &problem).ok_or_else(|| {
            Failure::new(format!("The session {name} has no plan that the model could be asked about."))
                .hint("planscope show prints what was recorded")
        })?;
        let backend = self.backend(&session.manifest.model)?;
        let (progress, mut reports) = mpsc::channel(PROGRESS);
        let drain = tokio::spawn(async move { while reports.recv().await.is_some() {} });
        let mut findings = Vec::new();
        for experiment in EXPERIMENTS {
            let check = experiment.doc().name;
            if !wanted.is_empty() && !wanted.iter().any(|one| one == check) {
                continue;
            }
            let told = |forecast: Forecast| eprintln!("{name}: {}", forecast_words(check, forecast));
            findings.push(subject.examine(experiment, backend, &progress, told).await?);
        }
        drop(progress);
        // It only threw reports away.
        let _ = drain.await;
        Ok(findings)
    }

    fn backend(&mut self, recorded: &str) -> Result<&mut dyn Backend, Failure> {
        if !self.is_named {
            recorded.clone_into(&mut self.config.llm.model);
        }
        let model = &self.config.llm.model;
        let kept = self.backend.take().filter(|(loaded, _)| loaded == model);
        let (loaded, backend) = match kept {
            Some(kept) => kept,
            None => (model.clone(), app::backend(&self.config.llm)?),
        };
        Ok(self.backend.insert((loaded, backend)).1.as_mut())
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
