//! How often a right plan is lost by the answer: a model answers from plans that are right by construction.
//!
//! `PLANSCOPE_TEST_MODEL=FILE.gguf cargo bench --bench kept`, with `PLANSCOPE_BENCH_SET=chain:5` for another generator,
//! `PLANSCOPE_BENCH_ROWS=0..20` for other rows, and `PLANSCOPE_BENCH_ARMS=before,short-items` for some arms only. The plan
//! is the generator's own solution, which leads to the gold answer. Answers are decoded as a run decodes them, greedily.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use engine::{
    answer::{Citing, judgement, readable},
    decoding::Decoding,
    prompt::Prompter,
};
use model::{Backend, Completion, Generation, Output, Request, Sampling, StopReason};
use plan::Plan;
use problem::Problem;
use session::{AnswerSettings, Cite, Judgement, Settings, StyleChoice};
use support::models::model;
use support::runs::{backend, share};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Ways to answer: name, style, whether values are shown, what is cited.
const ARMS: [(&str, StyleChoice, bool, Cite); 6] = [
    ("before", StyleChoice::Explained, false, Cite::Items),
    ("explained-items", StyleChoice::Explained, true, Cite::Items),
    ("explained-values", StyleChoice::Explained, true, Cite::Values),
    ("short-off", StyleChoice::Short, true, Cite::Off),
    ("short-items", StyleChoice::Short, true, Cite::Items),
    ("short-values", StyleChoice::Short, true, Cite::Values),
];

fn variable(name: &str, usual: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| usual.to_owned())
}

/// The problems and the plans that solve them.
fn solved() -> Vec<(Problem, Plan)> {
    let set = variable("PLANSCOPE_BENCH_SET", "chain:5");
    let (family, difficulty) = set.split_once(':').expect("FAMILY:DIFFICULTY");
    let rows = variable("PLANSCOPE_BENCH_ROWS", "0..20");
    let (from, to) = rows.split_once("..").expect("FROM..TO");
    let rows = from.parse::<u64>().expect("a row")..to.parse().expect("a row");
    let difficulty = difficulty.parse().expect("a difficulty");
    rows.map(|row| {
        let made = problem::generate(family, difficulty, row).expect("a generator");
        (made.problem, made.solution)
    })
    .collect()
}

/// Has the model answer from `plan`; returns the answer, and whether it is right.
async fn answered(
    problem: &Problem,
    plan: &Plan,
    settings: &Settings,
    backend: &mut dyn Backend,
) -> Option<(Completion, bool)> {
    let prompter = Prompter::of(problem, settings);
    let decoding = Decoding::of(settings, &prompter, plan);
    let generation = Generation {
        prompt: decoding.prompt(&prompter),
        sampling: Sampling::GREEDY,
        grammar: decoding.grammar(),
        max_tokens: settings.answer_tokens,
        stop: decoding.stop(),
        thinking: 0,
        distinct_from: None,
    };
    let (progress, _quiet) = mpsc::channel(1);
    let request = Request::Generate { generations: vec![generation] };
    let reply = backend.call(&request, &progress, &CancellationToken::new()).await.ok()?;
    let Output::Generated { completions } = reply.output else { return None };
    let completion = completions.into_iter().next()?;
    let family = problem.family();
    let citing = Citing::new(settings.cite.is_on().then_some(plan), family.answer_form());
    let bare = citing.without(completion.text.trim());
    let text = readable(family, bare, completion.stop == StopReason::MaxTokens);
    let right = judgement(family.check_answer(problem, plan, &text)) == Judgement::Correct;
    Some((completion, right))
}

#[tokio::main]
async fn main() {
    let Some(path) = model() else {
        println!("no model: set PLANSCOPE_TEST_MODEL");
        return;
    };
    let wanted = variable("PLANSCOPE_BENCH_ARMS", "before,explained-values,short-items,short-values");
    let mut asked = backend(&path);
    let solved = solved();
    println!("| arm | right plans lost | tokens an answer |");
    println!("| --- | --- | --- |");
    for (name, style, values, cite) in
        ARMS.into_iter().filter(|arm| wanted.split(',').any(|one| one == arm.0))
    {
        let answers = AnswerSettings { style, values, ..AnswerSettings::default() };
        let settings = Settings { answers, cite, ..Settings::default() };
        let (mut lost, mut tokens, mut all) = (0, 0, 0);
        for (row, (problem, plan)) in solved.iter().enumerate() {
            let Some((completion, right)) = answered(problem, plan, &settings, &mut asked).await else {
                eprintln!("{name} {row}: the call failed");
                continue;
            };
            if !right {
                eprintln!("{name} {row}: {}", completion.text.trim());
            }
            all += 1;
            lost += usize::from(!right);
            tokens += completion.drawn();
        }
        println!("| {name} | {} | {:.0} |", share(lost, all), tokens as f64 / all.max(1) as f64);
    }
}
