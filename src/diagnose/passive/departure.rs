//! Whether the answer states its plan's result.

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, found, undecided};
use model::Cost;
use problem::{Family, free::Free};
use session::{Answer, Event, Finding, FindingVerdict, Severity};

pub struct Departure;

impl PassiveCheck for Departure {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "departure",
            doc: "the answer states a different value than its plan's steps give",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let (answer, planned, family) = match both(case) {
            Ok(both) => both,
            Err(why) => return undecided(self.doc(), why, Cost::default()),
        };
        let Some(stated) = &answer.value else {
            return undecided(self.doc(), "No result can be read from the answer.", Cost::default());
        };
        let (verdict, sentence) = if family.same_answer(stated, &planned) {
            (FindingVerdict::Clear, format!("The answer states what the plan's steps give: {planned}."))
        } else {
            let sentence = format!("The plan's steps give {planned}, but the answer states {stated}.");
            (FindingVerdict::Fault, sentence)
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        let values: Vec<Option<&String>> = match &answer.poll {
            Some(poll) => poll.ballots.iter().map(|ballot| ballot.value.as_ref()).collect(),
            None => vec![Some(stated)],
        };
        let same = values.iter().flatten().filter(|value| family.same_answer(value, &planned)).count();
        found.evidence.push(evidence("answers from the plan", values.len() as f64));
        found.evidence.push(evidence("of these, answers that state it", same as f64));
        if verdict == FindingVerdict::Fault {
            found.at = answered(case);
            found.advice = Some(
                "No plan helps an answer that does not follow it: lower answer_temperature, try it without citations, or \
                 take a larger model."
                    .to_owned(),
            );
        }
        found
    }
}

/// The answer, what the steps of its plan evaluate to, in the form in which answers are read, and the family that
/// compares the two.
fn both<'a>(case: &RunCase<'a>) -> Result<(&'a Answer, String, &'static dyn Family), &'static str> {
    let state = case.state;
    let answer = state.answer.as_ref().ok_or("There is no answer yet.")?;
    let hash = answer.plan.ok_or("The answer was written without a plan.")?;
    let view = state.answer_plan().filter(|view| view.plan.hash() == hash);
    let check = view.ok_or("The plan was changed after the answer.")?.check.as_ref();
    let derived = check.and_then(|check| check.derived.as_ref());
    let derived = derived.ok_or("The plan's steps do not evaluate to a result.")?;
    let family = state.problem.as_ref().and_then(|card| problem::family(&card.family)).unwrap_or(&Free);
    Ok((answer, family.planned_answer(derived), family))
}

fn answered(case: &RunCase<'_>) -> Option<u64> {
    let mut last = case.records.iter().rev();
    last.find(|record| matches!(record.event, Event::Answered { .. })).map(|record| record.seq)
}
