//! The answer that belongs to a plan: the recorded one, or one decoded for the experiment.

use super::PlanCase;
use engine::answer::Citing;
use model::{Generation, Output, Reply, Request, Sampling};

/// Returns the answer's text, citations included, and the replies that come after it; or what must be asked to get one.
pub fn decoded<'r>(case: &PlanCase<'_>, replies: &'r [Reply]) -> Result<(String, &'r [Reply]), Box<Request>> {
    let own = case.answer.filter(|answer| answer.plan == Some(case.view.plan.hash()));
    if let Some(own) = own {
        return Ok((own.text.clone(), replies));
    }
    match replies.split_first() {
        Some((first, rest)) => Ok((text(first), rest)),
        None => {
            let decoding = case.decoding();
            let generation = Generation {
                prompt: decoding.prompt(case.prompter),
                sampling: Sampling::GREEDY,
                grammar: decoding.grammar(),
                max_tokens: case.settings.answer_tokens,
                stop: decoding.stop(),
                thinking: case.settings.thinking.tokens,
                distinct_from: None,
            };
            Err(Box::new(Request::Generate { generations: vec![generation] }))
        }
    }
}

/// Returns how the answer that [`decoded`] returns cites.
pub fn citing<'c>(case: &PlanCase<'c>) -> Citing<'c> {
    let plan = &case.view.plan;
    let own = case.answer.filter(|answer| answer.plan == Some(plan.hash()));
    let cites = own.map_or(case.settings.cite.is_on(), |own| own.cite);
    Citing::new(cites.then_some(plan), case.family.answer_form())
}

fn text(reply: &Reply) -> String {
    match &reply.output {
        Output::Generated { completions } => {
            completions.first().map_or_else(String::new, |completion| completion.text.trim().to_owned())
        }
        Output::Scored { .. }
        | Output::Chosen { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. } => String::new(),
    }
}
