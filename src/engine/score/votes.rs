//! What share of independent drafts reach the value of a plan.

use super::{Case, Memory, Reading, Scatter, Scorer, ScorerDoc, Value, rollouts, verifier::Verifier};
use model::Output;
use problem::Family;
use session::{CheckSummary, Votes};

/// The scorer's name.
pub(crate) const NAME: &str = "votes";

/// Fewer votes say nothing. \[our own\]
const LEAST: usize = 3;

/// The scorer.
pub struct VoteShare;

impl Scorer for VoteShare {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: NAME,
            doc: "share of the run's independent drafts, weighted by their probability, that reach the value of the plan",
            cost: "no model call beyond the drafts: the first one, and those of the proposer redraft",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Err(
            "It compares what drafts of one run evaluate to; labelled plans are prose, which evaluates to nothing.",
        )
    }

    fn scatter(&self) -> Scatter {
        Scatter::Shared
    }

    fn read(&self, case: &Case<'_>, _: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let read = |asked: &super::Asked<'_>| reading(case.family, case.votes, asked.view.check.as_ref());
        case.asked.iter().map(read).collect()
    }
}

/// Returns Σ w_i over drafts with the value of the plan, over Σ w_i of all that reach a value. Its standard error is
/// binomial over (Σw)²/Σw² votes. A plan whose steps reach no value has the share 0. \[our own\]
pub(crate) fn reading(family: &dyn Family, votes: &Votes, check: Option<&CheckSummary>) -> Reading {
    let check = check.filter(|check| check.score.is_some() || check.derived.is_some());
    let check = check.ok_or("Plans of this family evaluate to nothing.")?;
    let voters = votes.voters();
    if voters < LEAST {
        return Err(format!("{voters} independent drafts reach a value; it takes {LEAST}."));
    }
    let Some(derived) = &check.derived else {
        // That is no sample of anything, so it has no error.
        return Ok(Value::new(0.0, "The plan's steps do not evaluate to a result."));
    };
    let value = family.planned_answer(derived);
    let tally = votes.tally();
    let own = tally.iter().find(|row| family.same_answer(&row.value, &value));
    let (share, count) = own.map_or((0.0, 0), |row| (row.weight, row.voters));
    let n = votes.effective();
    let detail = format!("The plan gives {value}, as do {count} of {voters} drafts.");
    Ok(Value { value: share, stderr: Some(rollouts::share_error(share * n, n)), detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::Vote;

    fn votes(values: &[&str]) -> Votes {
        let vote = |value: &&str| Vote {
            iteration: 0,
            plan: None,
            value: Some((*value).to_owned()),
            surface: None,
            logprob: None,
        };
        Votes { cast: values.iter().map(vote).collect(), plans: Vec::new() }
    }

    fn share(values: &[&str], derived: Option<&str>) -> Reading {
        let check =
            CheckSummary { score: Some(1.0), derived: derived.map(str::to_owned), ..CheckSummary::default() };
        reading(problem::family("math").unwrap(), &votes(values), Some(&check))
    }

    #[test]
    fn the_share_of_drafts_with_the_plans_value_counts_by_meaning() {
        let cast = ["75", "75", "1/2", "9"];
        let value = |derived| share(&cast, derived).unwrap().value;
        assert_eq!(
            (value(Some("75")), value(Some("0.5")), value(Some("8")), value(None)),
            (0.5, 0.25, 0.0, 0.0)
        );
        let stderr = share(&cast, Some("75")).unwrap().stderr.unwrap();
        assert!((stderr - (0.25_f64 / 6.0).sqrt()).abs() < 1e-12, "{stderr}");
        assert_eq!(share(&cast, None).unwrap().stderr, None, "what reaches no value is no sample");
    }

    #[test]
    fn fewer_than_three_voters_say_nothing() {
        assert!(share(&["75", "75"], Some("75")).unwrap_err().contains("2 independent drafts"));
        let family = problem::family("free").unwrap();
        let check = CheckSummary::default();
        assert!(reading(family, &votes(&["1", "1", "1"]), Some(&check)).unwrap_err().contains("nothing"));
    }
}
