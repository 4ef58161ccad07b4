//! Sentences on what happened in a run.

use session::RefinementStop;

/// Says why refinement ended, and what comes next.
pub fn answer_next(reason: &RefinementStop) -> String {
    format!("{} The answer comes next.", stop_sentence(reason))
}

/// Returns why refinement ended, as a sentence.
fn stop_sentence(reason: &RefinementStop) -> String {
    match reason {
        RefinementStop::Iterations => "All iterations are used.".to_owned(),
        RefinementStop::Budget { meter } => format!("The budget is used up: {meter}."),
        RefinementStop::Fruitless { iterations: 0 } => "No proposer has a change for this plan.".to_owned(),
        RefinementStop::Fruitless { iterations } => {
            format!("No better plan came for {iterations} iterations in a row.")
        }
        RefinementStop::Exact => "An exact checker passes the plan.".to_owned(),
        RefinementStop::Clean => "The plan passes every check.".to_owned(),
        RefinementStop::Agreed { value, voters, drafts, .. } => {
            format!("{voters} of {drafts} independent drafts reach {value}.")
        }
        RefinementStop::TieBroken { value: None, .. } => {
            "Independent drafts differ, and no value can be read from the chain of thought.".to_owned()
        }
        RefinementStop::TieBroken { value: Some(value), plan: Some(_) } => {
            format!("Independent drafts differ; a chain of thought decides for {value}.")
        }
        RefinementStop::TieBroken { value: Some(value), plan: None } => {
            format!("Independent drafts differ; a chain of thought says {value}, which no plan supports.")
        }
        RefinementStop::Asked => "You asked for the answer.".to_owned(),
    }
}
