//! PlanBench's task of plan verification (Valmeekam et al. 2023, arXiv 2206.10498): a plan for a world in
//! words, and what VAL says of it. Of each query the rules and the last statement are taken; the solved examples
//! before it are for prompts of another kind.

use serde::Deserialize;
use serde_json::Value;

use super::{Format, Label, LabelFault, Sample, sample, word};

pub(super) const FORMAT: Format = Format {
    name: "planbench",
    doc: "PlanBench's plan verification: instances of {instance_id, query, ground_truth_plan}",
    fits,
    read,
};

#[derive(Deserialize)]
struct Instance {
    instance_id: Value,
    query: String,
    ground_truth_plan: String,
}

const STATEMENT: &str = "[STATEMENT]";
const PLAN: &str = "[PLAN]";
const PLAN_END: &str = "[PLAN END]";
const MY_PLAN: &str = "My plan is as follows:";

fn fits(row: &Value) -> bool {
    let query = row.get("query").and_then(Value::as_str);
    query.is_some_and(|query| query.contains(STATEMENT) && query.contains(PLAN_END))
}

/// Returns the sample; none for an empty plan, in which there is nothing to judge.
fn read(number: usize, row: Value) -> Result<Option<Sample>, LabelFault> {
    let instance: Instance = serde_json::from_value(row)
        .map_err(|error| LabelFault::new(format!("#{number}"), error.to_string()))?;
    let id = format!("planbench-{}", word(&instance.instance_id));
    let fault = |message: &str| LabelFault::new(&id, message);
    let (rules, _) = instance.query.split_once(STATEMENT).ok_or_else(|| fault("there is no [STATEMENT]"))?;
    let (_, last) = instance.query.rsplit_once(STATEMENT).ok_or_else(|| fault("there is no [STATEMENT]"))?;
    let (statement, plan) = last.split_once(PLAN).ok_or_else(|| fault("there is no [PLAN]"))?;
    let (plan, _) = plan.split_once(PLAN_END).ok_or_else(|| fault("there is no [PLAN END]"))?;
    let steps: Vec<&str> = plan.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if steps.is_empty() {
        return Ok(None);
    }
    let label = label(&instance.ground_truth_plan, &steps).map_err(|message| fault(&message))?;
    let statement = statement.replace(MY_PLAN, "");
    sample(id.clone(), &format!("{}\n\n{}", rules.trim(), statement.trim()), &steps, label).map(Some)
}

/// Reads the verdict: valid; an action at a step, counted from 1, whose preconditions are not met; or a goal that is
/// not reached. The action must be the one that the plan has there.
fn label(verdict: &str, steps: &[&str]) -> Result<Label, String> {
    let mut lines = verdict.lines();
    let first = lines.next().unwrap_or_default();
    if first.contains("plan is valid") {
        return Ok(Label::Right);
    }
    if first.contains("goal condition") {
        return Ok(Label::Incomplete);
    }
    let number =
        first.split_once("at step ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
    let at = number.and_then(|number| number.checked_sub(1)).ok_or("the verdict is of no known form")?;
    if lines.next().map(str::trim) != steps.get(at).copied() {
        return Err(format!("the verdict names another action than the plan has at step {}", at + 1));
    }
    Ok(Label::WrongStep(at))
}
