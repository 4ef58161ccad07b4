//! Asking a real model about a recorded plan.

use std::path::Path;

use diagnose::experiment::{EXPERIMENTS, ExaminedPlan};
use llm::LlamaOptions;
use problem::load;
use session::{Finding, FindingVerdict, Session, State};
use support::models::{backend, options};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::model;

/// The two experiments that need the fewest tokens; the others ask in the same way.
const ASKED: [&str; 2] = ["leak", "exposure"];

#[tokio::test]
async fn a_plan_is_asked_about_at_a_fraction_of_the_cost() {
    let Some((path, _turn)) = model().await else { return };
    let session = Session::open(Path::new("sessions/choir")).unwrap();
    let state = State::replay(&session.records);
    let problem = load("choir").unwrap();
    let subject = ExaminedPlan::of(&state, &problem).expect("the session has a plan");
    let mut backend = backend(LlamaOptions { ctx: 4096, ..options(path) });
    let (progress, mut reports) = mpsc::channel(64);
    let never = CancellationToken::new();
    let drain = tokio::spawn(async move { while reports.recv().await.is_some() {} });
    let mut twice: Vec<Vec<Finding>> = Vec::new();
    for _ in 0..2 {
        let mut found = Vec::new();
        for experiment in EXPERIMENTS.into_iter().filter(|one| ASKED.contains(&one.doc().name)) {
            let mut naive = 0;
            let finding = subject
                .examine(experiment, &mut backend, &progress, &never, |forecast| {
                    naive += forecast.naive as u64;
                })
                .await
                .unwrap();
            let cost = finding.cost;
            assert!(cost.calls > 0 && cost.fresh < naive, "{}: {cost:?}, {naive}", finding.check);
            found.push(finding);
        }
        twice.push(found);
    }
    drop(progress);
    drain.await.unwrap();
    for (first, again) in twice[0].iter().zip(&twice[1]) {
        assert_ne!(first.verdict, FindingVerdict::Undecided, "{first:?}");
        assert!(!first.evidence.is_empty() && first.evidence.iter().all(|row| row.value.is_finite()));
        assert_eq!(first.evidence, again.evidence, "an exact model repeats itself");
    }
}
