//! The loop's end of asking the model about a moment.

use std::{collections::HashMap, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::run::link::Engine;
use diagnose::runner::{
    ExperimentEvent, ExperimentReport, ExperimentRequest, ExperimentRunner, ModelProvider,
};
use engine::{Consultant, Consulted, Update};
use session::State;

/// Who is asked, and what has not been answered yet.
#[derive(Default)]
pub(super) struct Asking {
    runner: Option<ExperimentRunner>,
    /// Where the run's replies to questions go.
    consulted: Option<Consulted>,
    open: HashMap<&'static str, CancellationToken>,
}

impl Asking {
    /// Returns one that asks the model of the live run if there is one; nobody where there are no means.
    pub fn begin(means: Option<Arc<dyn ModelProvider>>, engine: Option<&Engine>) -> Self {
        let Some(means) = means else { return Self::default() };
        let (run, consulted) = engine.map(|engine| Consultant::new(engine.commands.clone())).unzip();
        Self { runner: Some(ExperimentRunner::begin(means, run)), consulted, open: HashMap::new() }
    }

    /// Asks for `check` on the moment `state`; what to say when that does not work.
    pub fn ask(&mut self, check: &'static str, state: &State) -> Option<ExperimentReport> {
        let cancel = CancellationToken::new();
        let question = ExperimentRequest { check, state: Box::new(state.clone()), cancel: cancel.clone() };
        let why = match &self.runner {
            None => "this session has no model to ask",
            Some(runner) if runner.ask(question) => {
                self.open.insert(check, cancel);
                return None;
            }
            Some(_) => "too many questions are already waiting",
        };
        Some(ExperimentReport { check, news: ExperimentEvent::Failed(format!("{why}.")) })
    }

    /// Gives a question up.
    pub fn give_up(&mut self, check: &'static str) {
        if let Some(cancel) = self.open.remove(check) {
            cancel.cancel();
        }
    }

    /// Passes on what the run's model said, where that is what `update` reports.
    pub fn hand_on(&mut self, update: &Update) {
        if let (Update::Consulted(reply), Some(consulted)) = (update, &self.consulted) {
            // Nobody waits for a reply that finds no room.
            let _ = consulted.try_send(reply.clone());
        }
    }

    /// Waits for news, and forever where nobody is asked. May be dropped and called again.
    pub async fn next(&mut self) -> ExperimentReport {
        if let Some(runner) = &mut self.runner
            && let Some(reported) = runner.next().await
        {
            return reported;
        }
        std::future::pending().await
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.open.values().for_each(CancellationToken::cancel);
    }
}
