//! Whether the best plan is only the luckiest: it was picked by a score that flatters it.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{FREE, PassiveCheck, RunCase, trace::RunTrace};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Rescore, Severity};

pub struct LuckyElite;

impl PassiveCheck for LuckyElite {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "lucky_elite", doc: "a best plan that falls when it is scored again", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let Some((seq, rescore, first)) = best(case.trace) else {
            let why = "The best plan was not scored again; it takes a scorer that can ask in other words, and rescore.top and \
                       rescore.times above 0.";
            return undecided(self.doc(), why, Cost::default());
        };
        let Some((sigma, freedom)) = case.trace.pooled() else {
            let why =
                "The best plan was scored again only once; it takes 2 times to see how far scores scatter.";
            return undecided(self.doc(), why, Cost::default());
        };
        let fresh = rescore.total.mean;
        let half = half_width(sigma, freedom, rescore.total.n);
        let drop = first - fresh;
        let (verdict, sentence) = if drop > half {
            (
                FindingVerdict::Fault,
                format!("The best plan falls from {first:.3} to {fresh:.3} when it is scored again."),
            )
        } else {
            (
                FindingVerdict::Clear,
                format!(
                    "The best plan keeps its score when it is scored again: {first:.3}, then {fresh:.3}."
                ),
            )
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.at = Some(seq);
        found.evidence.push(evidence("score by which it was picked", first));
        found.evidence.push(evidence_within("mean of its fresh scores", fresh, (fresh - half, fresh + half)));
        found.evidence.push(evidence("standard deviation of repeated scores, pooled", sigma));
        if verdict == FindingVerdict::Fault {
            let advice =
                "Raise rescore.times, and read the score by which a plan was picked as its upper end.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// Of the plans that were scored again, the one with the highest first total.
fn best(trace: &RunTrace) -> Option<(u64, &Rescore, f64)> {
    let first = |(seq, rescore): &'_ (u64, Rescore)| Some((*seq, trace.first_total(rescore.plan)?));
    let known = trace.rescores.iter().filter_map(|row| Some((first(row)?, &row.1)));
    known.max_by(|a, b| a.0.1.total_cmp(&b.0.1)).map(|((seq, first), rescore)| (seq, rescore, first))
}

/// Half the 95 % interval of a mean of `n` values, t · σ/√n, where σ is pooled over all plans that were scored again.
fn half_width(sigma: f64, freedom: u32, n: u32) -> f64 {
    let t = StudentsT::new(0.0, 1.0, f64::from(freedom)).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
    t * sigma / f64::from(n.max(1)).sqrt()
}
