//! Whether proposals pay: whether any improves on a plan, and whether they are usable at all.

use super::{FREE, PassiveCheck, RunCase, share::LEAST};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, too_few, undecided};
use model::Cost;
use session::{CandidateStatus, Event, Finding, FindingVerdict, Payoff, Purpose, Severity};
use stats::intervals::wilson;

/// From so many times the tokens of the draft on, proposals without any improvement are idle: by then the tokens would
/// have bought that many other drafts. \[our own\]
const DRAFTS: f64 = 2.0;
/// More unusable proposals than usable ones are too many. \[our own\]
const UNUSABLE: f64 = 0.5;

pub struct IdleProposers;

impl PassiveCheck for IdleProposers {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "idle_proposers",
            doc: "proposals that cost tokens and improve nothing, or most of which are unusable",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let all = case.state.proposals.payoffs.total();
        let tried = all.tried as usize;
        if tried < LEAST {
            return undecided(self.doc(), &too_few(tried, LEAST, "proposals"), Cost::default());
        }
        let unusable = tried - all.usable as usize;
        let interval = wilson(unusable, tried, 0.95).unwrap_or((0.0, 1.0));
        let mostly_unusable = interval.0 > UNUSABLE;
        let drafts = drafts(case, &all);
        let idle = all.improved == 0 && drafts.is_some_and(|drafts| drafts >= DRAFTS);
        let verdict = if idle || mostly_unusable {
            FindingVerdict::Fault
        } else if all.improved > 0 {
            FindingVerdict::Clear
        } else {
            FindingVerdict::Undecided
        };
        let sentence = sentence(&all, drafts.filter(|_| idle), mostly_unusable);
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        rows(&mut found, case, drafts);
        found.evidence.push(evidence_within(
            "share of proposals that are unusable",
            unusable as f64 / tried as f64,
            interval,
        ));
        if verdict == FindingVerdict::Fault {
            found.at = first_idle(case);
            found.advice = Some(advice(idle).to_owned());
        }
        found
    }
}

/// Returns how many drafts the tokens of all proposals would have bought; `None` where one of the two is not known or
/// nothing.
fn drafts(case: &RunCase<'_>, all: &Payoff) -> Option<f64> {
    let draft = case.state.calls.cost.get(&Purpose::Draft).map_or(0, |cost| cost.generated);
    let tokens = all.known_tokens().filter(|tokens| *tokens > 0 && draft > 0)?;
    Some(tokens as f64 / draft as f64)
}

fn rows(found: &mut Finding, case: &RunCase<'_>, drafts: Option<f64>) {
    for row in
        case.state.proposals.payoffs.table(&case.state.settings).iter().filter(|row| row.payoff.tried > 0)
    {
        let (name, payoff) = (&row.proposer, row.payoff);
        found.evidence.push(evidence(&format!("proposals by {name}"), f64::from(payoff.tried)));
        found
            .evidence
            .push(evidence(&format!("of these, better plans by {name}"), f64::from(payoff.improved)));
    }
    let cost = drafts.map(|drafts| evidence("tokens of all proposals over those of the draft", drafts));
    found.evidence.extend(cost);
}

fn sentence(all: &Payoff, idle_drafts: Option<f64>, mostly_unusable: bool) -> String {
    let Payoff { tried, usable, improved, tokens, .. } = all;
    let unusable = format!("{} of {tried} proposals were unusable", tried - usable);
    match (idle_drafts, mostly_unusable) {
        (Some(drafts), _) => {
            format!(
                "None of {tried} proposals improved on its plan, for {tokens} tokens, {drafts:.1} times the draft's; \
                 {unusable}."
            )
        }
        (None, true) => format!("{unusable}: no edit, no change, or a plan seen before."),
        (None, false) if *improved > 0 => format!("{improved} of {tried} proposals improved on their plans."),
        (None, false) => {
            format!("None of {tried} proposals improved on its plan so far, which took few tokens.")
        }
    }
}

const fn advice(idle: bool) -> &'static str {
    if idle {
        "Open the ledger (L) for what each proposer brought. Give weight to those that \
         improve plans, or to one that has not been tried; where none pays, spend the tokens on more drafts."
    } else {
        "Raise propose_temperature, or give weight to proposers that repeat themselves less, such as restore or redraft."
    }
}

/// The event of the first unusable proposal, or of the first proposals at all.
fn first_idle(case: &RunCase<'_>) -> Option<u64> {
    let unusable = |status: &CandidateStatus| match status {
        CandidateStatus::NoOp | CandidateStatus::Duplicate { .. } | CandidateStatus::Invalid { .. } => true,
        CandidateStatus::Ready | CandidateStatus::Control => false,
    };
    let proposals = || {
        case.records.iter().filter_map(|record| {
            let Event::Proposed { candidates } = &record.event else { return None };
            Some((record.seq, candidates))
        })
    };
    let found = proposals().find(|(_, all)| all.iter().any(|candidate| unusable(&candidate.status)));
    found.or_else(|| proposals().next()).map(|(seq, _)| seq)
}
