//! Experiments on a plan with a real model.

mod support;

use std::path::Path;

use planscope::{
    diagnose::experiment::{EXPERIMENTS, Subject},
    problem,
    session::{Evidence, FindingVerdict, Session, State},
};
use support::{backend, model, options};
use tokio::sync::mpsc;

#[tokio::test]
async fn every_experiment_comes_to_a_finding_and_shared_prefixes_are_evaluated_once() {
    let Some(path) = model() else { return };
    let mut backend = backend(options(path));
    let session = Session::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir")).unwrap();
    let state = State::replay(&session.records);
    let problem = problem::load("choir").unwrap();
    let subject = Subject::of(&state, &problem).unwrap();
    let (progress, mut reports) = mpsc::channel(64);
    tokio::spawn(async move { while reports.recv().await.is_some() {} });
    for experiment in EXPERIMENTS {
        let mut naive = 0.0;
        let found = subject
            .examine(experiment, &mut backend, &progress, |forecast| naive += forecast.naive)
            .await
            .unwrap();
        assert_eq!(found.check, experiment.doc().name);
        assert!(!found.sentence.is_empty());
        let finite = |row: &Evidence| row.value.is_finite() && !row.label.is_empty();
        assert!(found.evidence.iter().all(finite), "{found:?}");
        assert!(found.verdict == FindingVerdict::Undecided || !found.evidence.is_empty(), "{found:?}");
        // Far less is evaluated than the prompts hold.
        assert!(found.cost.calls == 0 || (found.cost.fresh as f64) < naive, "{naive} {:?}", found.cost);
    }
}
