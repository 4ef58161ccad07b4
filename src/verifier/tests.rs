//! Scorers whose values are known, against labels that are known.

use super::*;
use engine::score::{Value, Verifier, find};
use model::{
    Progress, ScriptedBackend,
    scripted::{CannedReply, ReplyScript},
};
use problem::{Label, Sample, load_labelled};
use session::Settings;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A plan of four steps: right, or wrong at step `at`. The verifier is `fair` to it, or sees nothing.
fn judged(number: usize, wrong: Option<usize>, fair: bool) -> JudgedSample {
    // Not all equal, so that there is something to rank.
    let noise = (number % 7) as f64 / 100.0;
    let value = |low: bool| Ok(Value::new(if low && fair { 0.2 + noise } else { 0.8 + noise }, ""));
    JudgedSample {
        problem: format!("problem {number}"),
        label: wrong.map_or(Label::Right, Label::WrongStep),
        whole: value(wrong.is_some()),
        steps: (0..4).map(|at| value(wrong == Some(at))).collect(),
        cost: model::Cost::default(),
    }
}

fn report(judged: &[JudgedSample]) -> VerifierReport {
    VerifierReport::new("self_check", find("self_check").unwrap().verifier().unwrap(), judged, 1)
}

fn many(fair: bool) -> Vec<JudgedSample> {
    (0..80).map(|number| judged(number, (number % 2 == 0).then_some(number / 2 % 4), fair)).collect()
}

#[test]
fn a_perfect_verifier_is_found_perfect_and_not_beyond_doubt() {
    let report = report(&many(true));
    let auc = report.plans.auc.measured().unwrap();
    assert_eq!((auc.value, auc.interval.1), (1.0, 1.0));
    assert!(auc.interval.0 > 0.8 && auc.interval.0 < 1.0, "{auc:?}");
    let steps = report.steps.unwrap();
    // Steps after the first wrong one are not labelled: 40 right plans of 4, and 0 + 1 + 2 + 3 before the wrong ones.
    assert_eq!((steps.right, steps.wrong), (160 + 10 * 6, 40));
    let found = steps.first_error.measured().unwrap();
    assert_eq!((found.f1.value, found.wrong.value(), found.right.value()), (1.0, 1.0, 1.0));
    assert!(found.f1.interval.0 < 1.0);
    let cut = report.plans.cut.measured().unwrap();
    assert!(
        cut.at > 0.26 && cut.at < 0.8 && cut.right_kept.value() == 1.0 && cut.wrong_caught.value() == 1.0
    );
    assert_eq!(cut.right_kept.of + cut.wrong_caught.of, 40, "half of the problems");
}

#[test]
fn a_verifier_that_sees_nothing_is_no_better_than_a_coin() {
    let report = report(&many(false));
    let auc = report.plans.auc.measured().unwrap();
    assert_eq!(report::against_chance(auc), "not shown to differ from a coin", "{auc:?}");
    let ece = report.plans.ece.measured().unwrap();
    assert!((ece.value - 0.33).abs() < 0.02, "it says 0.83 of what is right half of the time: {ece:?}");
}

#[test]
fn f1_is_the_harmonic_mean_over_the_half_that_chose_nothing() {
    // Of the wrong plans those with an odd number look right.
    let all: Vec<JudgedSample> =
        (0..200).map(|number| judged(number, (number % 4 < 2).then_some(1), number % 2 == 0)).collect();
    let steps = report(&all).steps.unwrap();
    let found = steps.first_error.measured().unwrap();
    let (a1, a2) = (found.wrong.value(), found.right.value());
    assert!((0.3..0.7).contains(&a1) && a2 == 1.0, "{found:?}");
    assert!((found.f1.value - 2.0 * a1 * a2 / (a1 + a2)).abs() < 1e-12);
    assert!(found.f1.interval.0 < found.f1.value && found.f1.value < found.f1.interval.1);
    assert_eq!(found.wrong.of + found.right.of, 100);
}

#[test]
fn few_or_missing_values_are_no_numbers() {
    let few = report(&many(true)[..12]);
    assert!(few.plans.auc.measured().is_none() && few.plans.cut.measured().is_none());
    let mut without = many(true);
    for one in &mut without {
        one.whole = Err("The model cannot tell.".into());
        one.steps = vec![Err("The model cannot tell.".into()); 4];
    }
    let report = report(&without);
    assert_eq!((report.plans.right, report.plans.missing.count), (0, 80));
    assert_eq!(report.plans.missing.why.as_deref(), Some("The model cannot tell."));
    assert!(report.steps.unwrap().first_error.measured().is_none(), "what has no value is not found right");
}

#[test]
fn what_is_no_probability_is_not_calibrated() {
    let verifier = Verifier { probability: false, steps: None };
    let report = VerifierReport::new("likelihood", verifier, &many(true), 1);
    assert!(matches!(report.plans.ece, Measurement::NotApplicable { .. }) && report.steps.is_none());
}

#[test]
fn samples_of_one_problem_stay_together() {
    let sample = |text: &str| {
        let row = format!("[{{\"id\": \"x\", \"problem\": \"{text}\", \"steps\": [\"a\"], \"label\": -1}}]");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), row).unwrap();
        load_labelled(file.path().to_str().unwrap()).unwrap().samples.remove(0)
    };
    let samples: Vec<Sample> = ["a", "b", "a", "c", "b", "a"].map(sample).to_vec();
    let texts = |seed| -> Vec<String> {
        draw::draw(samples.clone(), Some(5), seed).into_iter().map(|sample| sample.problem.text).collect()
    };
    assert_eq!(texts(1), texts(1));
    assert!((1..20).any(|seed| texts(seed) != texts(1)), "the seed decides");
    for seed in 0..20 {
        let mut texts = texts(seed);
        assert_eq!(texts.len(), 5);
        texts.dedup();
        assert!(texts.len() <= 3, "each problem stands in one place");
    }
    let draw::Halves { choosing, trying } = draw::halve((0..5).collect(), 3);
    assert_eq!((choosing.len(), trying.len()), (2, 3));
}

fn canned(when: Option<&str>, logprobs: &[f32]) -> CannedReply {
    let when = when.map(str::to_owned);
    CannedReply {
        fill: None,
        when,
        text: None,
        thinking: None,
        pressure: None,
        logprobs: Some(logprobs.to_vec()),
        repeat: true,
    }
}

async fn examine(scorer: &str, replies: Vec<CannedReply>) -> JudgedSample {
    let file = tempfile::NamedTempFile::new().unwrap();
    let row = r#"[{"id": "x", "problem": "Two and two?", "steps": ["two is 2", "2 + 2 = 5"], "label": 1}]"#;
    std::fs::write(file.path(), row).unwrap();
    let samples = load_labelled(file.path().to_str().unwrap()).unwrap().samples;
    let settings = Settings::default();
    let mut evaluator = ScorerEvaluator::new(scorer, &settings).unwrap();
    let script = ReplyScript { name: "s".into(), delay_ms: 0, replies: replies.into() };
    let (progress, _keep) = mpsc::channel::<Progress>(8);
    let cancel = CancellationToken::new();
    let mut backend = ScriptedBackend::new(script);
    evaluator.judge(&samples[0], &mut backend, &progress, &cancel).await.unwrap()
}

#[tokio::test]
async fn the_self_check_is_asked_about_each_prefix_and_the_whole() {
    let last = "Is the last line";
    let replies = vec![
        canned(Some("2 + 2 = 5"), &[-2.0, -0.5]),
        canned(Some(last), &[-0.5, -1.0]),
        canned(None, &[-0.5, -1.0]),
    ];
    let judged = examine("self_check", replies).await;
    let value = |reading: &Result<Value, String>| reading.as_ref().unwrap().value;
    assert!((value(&judged.steps[0]) - 0.5).abs() < 1e-6, "as sure as about nothing");
    assert!(value(&judged.steps[1]) < 0.15 && value(&judged.whole) < 0.15, "{judged:?}");
    assert_eq!((judged.label, judged.cost.calls), (Label::WrongStep(1), 2));
}

#[tokio::test]
async fn likelihood_takes_each_step_after_those_before_it() {
    let replies = vec![canned(Some("S1: two is 2\n"), &[-3.0]), canned(None, &[-1.0, -1.0])];
    let judged = examine("likelihood", replies).await;
    let values: Vec<f64> = judged.steps.iter().map(|step| step.as_ref().unwrap().value.ln()).collect();
    assert!((values[0] + 1.0).abs() < 1e-6 && (values[1] + 3.0).abs() < 1e-6, "{values:?}");
}

#[tokio::test]
async fn a_first_step_contradicts_nothing_before_it() {
    let missed = canned(Some("each box holds 8 pens"), &[-2.4, -0.1]);
    let judged = examine("contradiction", vec![missed, canned(None, &[-0.1, -2.4])]).await;
    assert!(judged.steps[0].is_err());
    assert!(judged.steps[1].as_ref().unwrap().value < 0.15);
    let why = judged.whole.unwrap_err();
    assert!(why.contains("cannot tell contradictions"), "yes to nearly all labelled pairs: {why}");
}

#[test]
fn what_says_nothing_about_being_right_is_no_verifier() {
    let settings = Settings::default();
    let why = |name: &str| ScorerEvaluator::new(name, &settings).err().unwrap().to_string();
    assert!(why("structure").contains("form of a plan"), "{}", why("structure"));
    assert!(why("gold").contains("no scorer"));
}
