//! Whether the score steers the run at all, or the plan walks at random.
//!
//! Two ways to walk: the score is noise, so that what is proposed does not inherit the score of the plan that it
//! changes; or the score is sound, but the gate takes nearly everything, so that nothing holds what is gained.

use super::{
    FREE, PassiveCheck, RunCase,
    trace::{TracedStep, differences, signal_to_noise},
};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, too_few, undecided};
use model::Cost;
use plan::PlanHash;
use session::{Evidence, Finding, FindingVerdict, Severity};
use stats::{
    chains::memory,
    intervals::{student, wilson},
    mean,
    series::{Slope, VarianceRatio, cycles, runs_test, slope, variance_ratio},
};

/// Fewer steps say nothing: at q = 2 the variance ratio finds a walk that is none in 41 % of runs of 16 steps, and in
/// 81 % of 32. \[our own simulation\]
pub const LEAST: usize = 32;
/// The distance over which variances are compared; the shortest has the most power in short runs.
const Q: usize = 2;
/// An acceptance rate outside of this is suspect. \[our own\]
const ACCEPTANCE: (f64, f64) = (0.05, 0.6);
/// Standard errors beyond which a difference is significant at 5 %.
pub(super) const Z: f64 = 1.96;

pub struct RandomWalk;

impl PassiveCheck for RandomWalk {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "random_walk",
            doc: "whether the score steers the run, or the plan walks at random",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let steps = case.trace.stretch();
        if steps.len() < LEAST {
            let why = too_few(steps.len(), LEAST, "scored steps in a row that only refinement made");
            return undecided(self.doc(), &why, Cost::default());
        }
        let walk = WalkStatistics::of(steps);
        let (verdict, sentence) = walk.verdict();
        let mut found = found(self.doc(), verdict, Severity::Error, sentence, Cost::default());
        found.evidence = walk.evidence();
        found.evidence.extend(case.trace.sigma().into_iter().flat_map(|sigma| noise(steps, sigma)));
        match verdict {
            FindingVerdict::Fault => {
                found.at = steps.first().map(|step| step.base.seq);
                found.advice = Some(self::advice(&walk).to_owned());
            }
            FindingVerdict::Undecided => found.advice = Some("Let it run longer.".to_owned()),
            FindingVerdict::Clear => {}
        }
        found
    }
}

fn advice(walk: &WalkStatistics) -> &'static str {
    if walk.inherits() == Some(false) {
        "Score by something else or average more; where the noise is at least twice the step, take the best of many \
         drafts rather than refine."
    } else {
        "Take a stricter gate: greedy, or a lower temperature."
    }
}

/// What the numbers of a run say.
struct WalkStatistics {
    steps: usize,
    /// The incumbent's total, from step to step.
    totals: Vec<f64>,
    /// The mean total of each step's proposals. Nobody picked them by it, so it does not flatter.
    proposals: Vec<f64>,
    /// How much of a plan's total its proposals inherit.
    inherited: Option<Slope>,
    ratio: Option<VarianceRatio>,
    drift: Option<(f64, (f64, f64))>,
    /// Steps that accepted one, and steps that had one to accept.
    accepted: (usize, usize),
    places: Vec<PlanHash>,
}

impl WalkStatistics {
    fn of(steps: &[TracedStep]) -> Self {
        let start = steps.first().map(|step| step.base);
        let totals: Vec<f64> =
            start.into_iter().chain(steps.iter().map(|step| step.after)).filter_map(|at| at.total).collect();
        let pairs: Vec<(f64, f64)> =
            steps.iter().filter_map(|step| step.base.total.zip(mean(&step.totals()))).collect();
        let moves: Vec<f64> = totals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let met = steps.iter().filter(|step| !step.totals().is_empty());
        Self {
            steps: steps.len(),
            ratio: variance_ratio(&totals, Q),
            totals,
            inherited: slope(&pairs),
            proposals: pairs.into_iter().map(|(_, proposals)| proposals).collect(),
            drift: mean(&moves).zip(student(&moves, 0.95)),
            accepted: (steps.iter().filter(|step| step.accepted()).count(), met.count()),
            places: start.into_iter().chain(steps.iter().map(|step| step.after)).map(|at| at.plan).collect(),
        }
    }

    /// Whether proposals inherit the score of the plan that they change: some of it for sure, or for sure not all and
    /// perhaps nothing; none where both are possible.
    fn inherits(&self) -> Option<bool> {
        let (low, high) = self.inherited?.interval;
        if low > 0.0 {
            Some(true)
        } else if high < 1.0 {
            Some(false)
        } else {
            None
        }
    }

    fn rate(&self) -> f64 {
        let (accepted, met) = self.accepted;
        if met == 0 { 0.0 } else { accepted as f64 / met as f64 }
    }

    /// The one sentence that says whether it is a random walk.
    fn verdict(&self) -> (FindingVerdict, String) {
        use FindingVerdict::{Clear, Fault, Undecided};
        let (Some(inherited), Some(ratio), Some((drift, within))) = (self.inherited, self.ratio, self.drift)
        else {
            let why = "Whether it is a random walk is unknown: the incumbent's score hardly changed.";
            return (Undecided, why.to_owned());
        };
        let slope = format!(
            "slope {:.2}, 95 % {:.2} to {:.2}, over {} steps",
            inherited.value, inherited.interval.0, inherited.interval.1, self.steps
        );
        match self.inherits() {
            Some(true) if within.0 > 0.0 => (
                Clear,
                format!(
                    "It is no random walk: the score rises by {drift:.4} a step, and proposals inherit it ({slope})."
                ),
            ),
            Some(true) => self.verdict_without_drift(&ratio, drift),
            Some(false) => (
                Fault,
                format!(
                    "It is a random walk: proposals do not inherit the score of the plan that they change ({slope})."
                ),
            ),
            None => (
                Undecided,
                format!(
                    "Whether it is a random walk is unknown: the scores differ too little for it ({slope})."
                ),
            ),
        }
    }

    /// The same where proposals inherit the score, which has no clear trend.
    fn verdict_without_drift(&self, variance: &VarianceRatio, drift: f64) -> (FindingVerdict, String) {
        use FindingVerdict::{Clear, Fault, Undecided};
        let (ratio, z) = (variance.ratio, variance.z);
        let open = self.rate() > ACCEPTANCE.1;
        if z > Z {
            let persist = "moves persist in their direction, with a variance ratio of";
            (Clear, format!("It is no random walk: {persist} {ratio:.2}."))
        } else if z > -Z && open {
            let sentence = format!(
                "It is a random walk: the gate takes {:.0} % of what it sees, and the score does not rise (variance \
                 ratio {ratio:.2}, drift {drift:+.4} a step).",
                100.0 * self.rate()
            );
            (Fault, sentence)
        } else if z <= -Z && !open {
            let keeps = "the score keeps to its level, with a variance ratio of";
            (Clear, format!("It is no random walk: {keeps} {ratio:.2}."))
        } else {
            let sentence = format!(
                "Whether it is a random walk is unknown: proposals inherit the score, which does not rise (drift \
                 {drift:+.4} a step, variance ratio {ratio:.2})."
            );
            (Undecided, sentence)
        }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let mut rows = vec![evidence("steps", self.steps as f64)];
        if let Some(slope) = self.inherited {
            rows.push(evidence_within(
                "share of a plan's score that proposals inherit",
                slope.value,
                slope.interval,
            ));
        }
        if let Some((drift, within)) = self.drift {
            rows.push(evidence_within("drift of the score a step", drift, within));
        }
        if let Some(ratio) = self.ratio {
            let half = Z * ratio.error;
            // The interval is that of a random walk moved to the ratio that was seen.
            let within = (ratio.ratio - half, ratio.ratio + half);
            rows.push(evidence_within("variance ratio at q = 2 (1: random walk)", ratio.ratio, within));
            rows.push(evidence("z of the variance ratio", ratio.z));
        }
        if let Some(runs) = runs_test(&self.proposals) {
            rows.push(evidence("p of proposals' scores in random order (runs test)", runs.p));
        }
        let (accepted, met) = self.accepted;
        if let Some(within) = wilson(accepted, met, 0.95) {
            let suspect = self.rate() < ACCEPTANCE.0 || self.rate() > ACCEPTANCE.1;
            let note =
                if suspect { "acceptance rate (suspect outside 0.05 to 0.6)" } else { "acceptance rate" };
            rows.push(evidence_within(note, self.rate(), within));
        }
        if let Some(memory) = memory(&self.totals) {
            rows.push(evidence("autocorrelation time of the score, steps", memory.time));
            rows.push(evidence("effective sample size", memory.effective));
        }
        if let Some(cycles) = cycles(&self.places) {
            rows.push(evidence("share of moves to an earlier incumbent", cycles.share()));
            rows.push(evidence("moves straight back", cycles.back as f64));
        }
        rows
    }
}

/// What is known of the score's own noise.
fn noise(steps: &[TracedStep], sigma: f64) -> Vec<Evidence> {
    let mut rows = vec![evidence("standard deviation of the score's noise", sigma)];
    let ratio = signal_to_noise(&differences(steps), sigma);
    rows.extend(ratio.map(|ratio| evidence("signal to noise of one comparison, Var(true Δ)/(2σ²)", ratio)));
    rows
}
