//! A run that has the model to itself repeats itself in fast mode.

use engine::registry;
use llm::LlamaOptions;
use model::Backend;
use problem::Problem;
use serde_json::Value;
use session::{Event, Record, Settings, State};
use support::models::{backend, options};
use support::runs;

use crate::model;

/// What must be equal: all but times, and the names of replies, which hold times.
fn timeless(record: &Record) -> Value {
    let mut event = serde_json::to_value(&record.event).unwrap();
    let finished = matches!(record.event, Event::CallFinished { .. });
    strip(&mut event, finished);
    event
}

fn strip(value: &mut Value, finished: bool) {
    if let Value::Object(map) = value {
        map.remove("wall_ms");
        if finished {
            map.remove("reply");
        }
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| strip(value, finished)),
        Value::Array(list) => list.iter_mut().for_each(|value| strip(value, finished)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn a_run_in_fast_mode_leaves_the_same_records_twice() {
    let Some((path, _turn)) = model().await else { return };
    let problem: Problem = problem::load("pens").unwrap();
    let settings =
        Settings { iterations: 2, proposals: 3, fruitless: 0, answer_tokens: 40, ..registry::settings() };
    let mut runs: Vec<Vec<Value>> = Vec::new();
    for _ in 0..2 {
        let fast = LlamaOptions { exact: false, ctx: 4096, ..options(path.clone()) };
        let backend: Box<dyn Backend> = Box::new(backend(fast));
        let records = runs::record(&problem, settings.clone(), backend).await;
        let mode = State::replay(&records).model.and_then(|model| model.exact);
        assert_eq!(mode, Some(false));
        assert!(records.iter().filter(|record| matches!(record.event, Event::Proposed { .. })).count() > 1);
        runs.push(records.iter().map(timeless).collect());
    }
    for (at, (first, second)) in runs[0].iter().zip(&runs[1]).enumerate() {
        assert_eq!(first, second, "record {at}");
    }
    assert_eq!(runs[0].len(), runs[1].len());
}
