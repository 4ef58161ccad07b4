//! How well diagnoses find faults that were planted, and how often they find fault where none was: with a real model.
//!
//! `PLANSCOPE_TEST_MODEL=FILE.gguf cargo bench --bench planted`, with `PLANSCOPE_BENCH_PROBLEMS=FILE.jsonl#0..12` for
//! other problems than the bundled ones, and `PLANSCOPE_BENCH_CHECKS=leak,fluff` for some checks only. For each problem
//! the model drafts a plan and answers from it. Then each check looks at that, and at a copy with its fault planted by
//! construction:
//!
//! | check | planted |
//! | --- | --- |
//! | `fluff` | three platitudes as items; counted by item |
//! | `leak` | an item that states the answer |
//! | `exposure` | an answer that was decoded without the plan |
//! | `citations` | the answer's citations, each turned to the next item of the plan |
//! | `contradiction` | the opposite of two items, as items |
//!
//! The clean copy is what the model wrote, which nobody swears is free of the fault: so false alarms are at most what is
//! printed.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::{collections::BTreeMap, path::Path, time::Instant};

use diagnose::experiment::{EXPERIMENTS, ExaminedPlan, Experiment};
use engine::{answer, decoding::Decoding, prompt::Prompter};
use llm::LlamaBackend;
use model::{Backend, Generation, Output, Request, Sampling};
use plan::{Edit, Item, ItemId, ItemKind, Origin, Plan};
use problem::Problem;
use session::{Answer, FindingVerdict, Mode, PlanView, Settings, State};
use support::models::model;
use support::runs::{backend, problems, record, share};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Sentences that fit any problem and constrain none.
const PLATITUDES: [&str; 3] = [
    "the problem must be read with care",
    "the answer has to be right",
    "each step should follow from the ones before it",
];

/// How often a check was right about what.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    found: usize,
    planted: usize,
    alarms: usize,
    clean: usize,
    undecided: usize,
}

/// Has the model draft a plan and answer from it; returns the end, or nothing where there was no answer.
async fn answered(problem: &Problem, path: &Path) -> Option<State> {
    let settings = Settings { mode: Mode::Draft, ..engine::defaults::of(problem.family()) };
    let records = record(problem, settings, Box::new(backend(path))).await;
    Some(State::replay(&records)).filter(|state| state.answer.is_some())
}

fn with_plan(state: &State, plan: Plan) -> State {
    let mut planted = state.clone();
    let hash = plan.hash();
    planted.incumbent = Some(PlanView { plan, ..PlanView::default() });
    if let Some(answer) = &mut planted.answer {
        answer.plan = Some(hash);
    }
    planted
}

fn with_answer(state: &State, text: String) -> State {
    let mut planted = state.clone();
    if let Some(answer) = planted.answer.take() {
        planted.answer = Some(Answer { text, ..answer });
    }
    planted
}

/// Adds items of `kind` with these texts, the first at `place` among the others; returns their ids too.
fn with_items(plan: &Plan, kind: ItemKind, texts: &[String], place: usize) -> Option<(Plan, Vec<ItemId>)> {
    let highest = plan.items().iter().filter(|item| item.id.kind == kind).map(|item| item.id.number).max();
    let mut ids = Vec::new();
    let mut plan = plan.clone();
    for (text, number) in texts.iter().zip(highest.unwrap_or(0) + 1..) {
        let id = ItemId::new(kind, number);
        let edit = Edit::Insert { position: place, item: Item::new(id, text.as_str()) };
        plan = edit.apply(&plan, Origin::Human).ok()?.0;
        ids.push(id);
    }
    Some((plan, ids))
}

/// Each citation names the item after the one that it named, in the plan's order.
fn turned_citations(text: &str, plan: &Plan) -> String {
    let ids: Vec<ItemId> = plan.visible().items().iter().map(|item| item.id).collect();
    let (mut turned, mut from) = (String::new(), 0);
    for (span, cited) in answer::citation_spans(text) {
        turned.push_str(&text[from..span.start]);
        let next = |id: &ItemId| ids.iter().position(|own| own == id).map(|at| ids[(at + 1) % ids.len()]);
        let names: Vec<String> = cited.iter().filter_map(next).map(|id| id.to_string()).collect();
        turned.push_str(&format!("[{}]", names.join(" ")));
        from = span.end;
    }
    turned + &text[from..]
}

/// Returns what the model answers without the plan, though it is asked to cite as if it had one.
async fn without_plan(problem: &Problem, state: &State, backend: &mut LlamaBackend) -> Option<String> {
    let plan = &state.incumbent.as_ref()?.plan;
    let prompter = Prompter::of(problem, &state.settings);
    let decoding = Decoding::of(&state.settings, &prompter, plan);
    let generation = Generation {
        prompt: decoding.prompt_from(&prompter, None),
        sampling: Sampling::GREEDY,
        grammar: decoding.grammar(),
        max_tokens: state.settings.answer_tokens,
        stop: decoding.stop(),
        thinking: 0,
        distinct_from: None,
    };
    let (progress, _quiet) = mpsc::channel(1);
    let request = Request::Generate { generations: vec![generation] };
    let reply = backend.call(&request, &progress, &CancellationToken::new()).await.ok()?;
    match reply.output {
        Output::Generated { completions } => Some(completions.first()?.text.trim().to_owned()),
        Output::Scored { .. }
        | Output::Chosen { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. } => None,
    }
}

/// Returns the copy of `state` in which the fault that `check` looks for is planted, and the items that carry it.
async fn planted(
    check: &str,
    problem: &Problem,
    state: &State,
    backend: &mut LlamaBackend,
) -> Option<(State, Vec<ItemId>)> {
    let plan = &state.incumbent.as_ref()?.plan;
    let answer = state.answer.as_ref()?;
    let whole = |state: State| (state, Vec::new());
    match check {
        "fluff" => {
            let (plan, ids) = with_items(plan, ItemKind::Constraint, &PLATITUDES.map(str::to_owned), 0)?;
            Some((with_plan(state, plan), ids))
        }
        "leak" => {
            let text = format!("the answer is {}", answer.value.as_ref()?);
            let (plan, _) = with_items(plan, ItemKind::Constraint, &[text], 0)?;
            Some(whole(with_plan(state, plan)))
        }
        "exposure" => Some(whole(with_answer(state, without_plan(problem, state, backend).await?))),
        "citations" => Some(whole(with_answer(state, turned_citations(&answer.text, plan)))),
        "contradiction" => {
            let of = plan.items().iter().filter(|item| item.id.kind == ItemKind::Constraint).take(2);
            let texts: Vec<String> = of.map(|item| format!("it is not true that {}", item.text)).collect();
            if texts.is_empty() {
                return None;
            }
            let (plan, _) = with_items(plan, ItemKind::Constraint, &texts, plan.len())?;
            Some(whole(with_plan(state, plan)))
        }
        _ => None,
    }
}

/// Adds what `experiment` finds in `state` to the tally. Where items are planted, each item counts by itself.
async fn look(
    experiment: &dyn Experiment,
    problem: &Problem,
    state: &State,
    planted: Option<&[ItemId]>,
    backend: &mut LlamaBackend,
    tally: &mut Tally,
) {
    let Some(subject) = ExaminedPlan::of(state, problem) else { return };
    let (progress, _quiet) = mpsc::channel(1);
    let never = CancellationToken::new();
    let found = match subject.examine(experiment, backend, &progress, &never, |_| {}).await {
        Ok(found) => found,
        Err(error) => {
            eprintln!("{}: {error}", experiment.doc().name);
            return;
        }
    };
    if found.verdict == FindingVerdict::Undecided {
        tally.undecided += 1;
        return;
    }
    let faulty = found.verdict == FindingVerdict::Fault;
    match planted {
        Some([]) => {
            tally.planted += 1;
            tally.found += usize::from(faulty);
        }
        Some(ids) => {
            tally.planted += ids.len();
            tally.found += ids.iter().filter(|id| found.items.contains(id)).count();
        }
        None if experiment.doc().name == "fluff" => {
            tally.clean += state.incumbent.as_ref().map_or(0, |view| view.plan.visible().len());
            tally.alarms += found.items.len();
        }
        None => {
            tally.clean += 1;
            tally.alarms += usize::from(faulty);
        }
    }
}

#[tokio::main]
async fn main() {
    let Some(path) = model() else {
        println!("no model: set PLANSCOPE_TEST_MODEL");
        return;
    };
    let wanted = std::env::var("PLANSCOPE_BENCH_CHECKS").ok();
    let asked = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.split(',').any(|one| one == name));
    let mut asked_model = backend(&path);
    let mut tallies: BTreeMap<&str, (Tally, f64)> = BTreeMap::new();
    let all = problems();
    let mut answers = 0;
    for problem in &all {
        let Some(state) = answered(problem, &path).await else { continue };
        answers += 1;
        for experiment in EXPERIMENTS.into_iter().filter(|one| asked(one.doc().name)) {
            let name = experiment.doc().name;
            let began = Instant::now();
            let (tally, seconds) = tallies.entry(name).or_default();
            look(experiment, problem, &state, None, &mut asked_model, tally).await;
            if let Some((state, ids)) = planted(name, problem, &state, &mut asked_model).await {
                look(experiment, problem, &state, Some(&ids), &mut asked_model, tally).await;
            }
            *seconds += began.elapsed().as_secs_f64();
            eprintln!("{}: {name} {tally:?}", problem.id);
        }
    }
    println!("{answers} of {} problems had a plan and an answer", all.len());
    println!("| check | planted faults found | false alarms | not enough data | s a problem |");
    println!("| --- | --- | --- | --- | --- |");
    for (name, (tally, seconds)) in tallies {
        let Tally { found, planted, alarms, clean, undecided } = tally;
        let mean = seconds / f64::from(u32::try_from(answers.max(1)).unwrap_or(u32::MAX));
        println!(
            "| {name} | {} | {} | {undecided} | {mean:.0} |",
            share(found, planted),
            share(alarms, clean)
        );
    }
}
