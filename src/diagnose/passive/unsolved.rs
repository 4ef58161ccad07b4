//! Whether refinement ended with a plan that an exact check refuses, and how far around it the run had looked.

use std::collections::HashSet;

use super::{FREE, PassiveCheck, RunCase, trace::TracedProposal};
use crate::{CheckDoc, evidence, found, undecided};
use model::Cost;
use plan::PlanHash;
use session::{CheckSummary, Finding, FindingVerdict, PlanView, RefinementStop, Severity};

/// The check.
pub struct Unsolved;

impl PassiveCheck for Unsolved {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "unsolved",
            doc: "refinement ended, and the plan that it kept fails an exact check",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let (view, check) = match kept(case) {
            Ok(kept) => kept,
            Err(why) => return undecided(self.doc(), why, Cost::default()),
        };
        if check.exact == Some(true) {
            let sentence = "The plan that was kept passes an exact check.";
            return found(self.doc(), FindingVerdict::Clear, Severity::Error, sentence, Cost::default());
        }
        let (changes, higher) = neighbours(case, view.total());
        let sentence = sentence(check, changes, higher);
        let mut found = found(self.doc(), FindingVerdict::Fault, Severity::Error, sentence, Cost::default());
        found.evidence.push(evidence("errors that the checker names", errors(check).count() as f64));
        found
            .evidence
            .push(evidence("different changes of plans with its score that were scored", changes as f64));
        found.evidence.push(evidence("of these, changes that score higher", higher as f64));
        found.at = first_seen(case, view.plan.hash());
        found.advice = Some(advice(changes, higher).to_owned());
        found
    }
}

/// The plan that was kept, and what an exact checker says of it.
fn kept<'a>(case: &RunCase<'a>) -> Result<(&'a PlanView, &'a CheckSummary), &'static str> {
    match &case.state.refinement_stop {
        None => return Err("Refinement has not ended."),
        Some(RefinementStop::Asked) => return Err("Refinement was ended by hand."),
        Some(
            RefinementStop::Iterations
            | RefinementStop::Budget { .. }
            | RefinementStop::Fruitless { .. }
            | RefinementStop::Exact
            | RefinementStop::Clean
            | RefinementStop::Agreed { .. }
            | RefinementStop::TieBroken { .. },
        ) => {}
    }
    let view = case.state.answer_plan().ok_or("No plan was kept.")?;
    let check = view.check.as_ref().filter(|check| check.exact.is_some());
    Ok((view, check.ok_or("No exact checker looks at these plans.")?))
}

/// Returns how many different changes of plans with this `total` were scored, and how many of them score higher. The gate may
/// go from plan to plan of the same score, so the last one alone says little.
fn neighbours(case: &RunCase<'_>, total: Option<f64>) -> (usize, usize) {
    let tried = case.trace.steps.iter().filter(|step| step.base.total == total).flat_map(|step| &step.tried);
    let scored: Vec<&TracedProposal> = tried.filter(|tried| tried.total.is_some()).collect();
    let distinct =
        |tried: &[&TracedProposal]| tried.iter().filter_map(|one| one.plan).collect::<HashSet<_>>().len();
    let above = |one: &&TracedProposal| one.total.zip(total).is_some_and(|(own, total)| own > total);
    let higher: Vec<&TracedProposal> = scored.iter().copied().filter(above).collect();
    (distinct(&scored), distinct(&higher))
}

fn errors(check: &CheckSummary) -> impl Iterator<Item = &str> {
    let errors = check.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.message.as_str())
}

fn sentence(check: &CheckSummary, changes: usize, higher: usize) -> String {
    let first = errors(check).next().unwrap_or("the checker says no more.");
    let more = errors(check).count().saturating_sub(1);
    let more = if more > 0 { format!(" ({more} more)") } else { String::new() };
    let around = match (changes, higher) {
        (0, _) => "No change of a plan with this score was scored.".to_owned(),
        (changes, 0) => format!("None of {changes} different changes of plans with this score is better."),
        (changes, higher) => {
            format!("{higher} of {changes} different changes of plans with this score are better.")
        }
    };
    format!("Refinement ended with a plan that is wrong: {first}{more} {around}")
}

const fn advice(changes: usize, higher: usize) -> &'static str {
    match (changes, higher) {
        (0, _) => {
            "Look at the last proposals (L): where they repeat each other, raise propose_temperature or give weight to \
             another proposer."
        }
        (_, 0) => {
            "The plan may need two changes at once: give weight to redraft or regrow, or let the gate accept worse plans for \
             a while (gate.rule = \"metropolis\"). Fork before this plan with another seed to see whether it is chance."
        }
        (_, _) => "The gate refused a better plan: read its reasons in the ledger (L), or raise iterations.",
    }
}

/// Returns the event from which on the plan was the incumbent.
fn first_seen(case: &RunCase<'_>, plan: PlanHash) -> Option<u64> {
    let started = case.trace.start.filter(|start| start.plan == plan).map(|start| start.seq);
    let accepted = || case.trace.steps.iter().map(|step| step.after).find(|after| after.plan == plan);
    started.or_else(|| accepted().map(|after| after.seq))
}
