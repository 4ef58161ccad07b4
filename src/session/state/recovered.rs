//! The recovery from injected noise, and its mean over several injections.

use serde::Serialize;

use super::{
    History,
    recovery::{Injection, SAME},
};
use crate::score::Spread;

/// What became of one injection, up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It changed nothing, so there was nothing to recover from.
    NothingHit,
    /// It changed the plan and did not lower its score, so no score had to be regained.
    Unhurt,
    /// A score is missing, before it or in all iterations after it.
    Unknown,
    /// No iteration ended since.
    Open,
    /// The score was at least what it had been after so many iterations.
    Recovered {
        /// How many, from 1.
        after: u32,
    },
    /// It was not, in so many iterations.
    NotRecovered {
        /// How many there were.
        iterations: u32,
    },
}

/// Says what [`Fate::Recovered`] means.
pub const RECOVERED: &str = "Recovered: the noise lowered the score, and after an iteration, before the next noise, \
    the score was at least what it had been.";

impl Fate {
    /// Returns the words for it, short enough for a table; numbers count iterations.
    pub fn words(self) -> String {
        match self {
            Self::NothingHit => "nothing hit".to_owned(),
            Self::Unhurt => "not lowered".to_owned(),
            Self::Unknown => "score missing".to_owned(),
            Self::Open => "no iteration".to_owned(),
            Self::Recovered { after } => format!("recovered in {after}"),
            Self::NotRecovered { iterations } => format!("not in {iterations}"),
        }
    }
}

impl Injection {
    /// Returns what became of it. It is *recovered* when the noise lowered the plan's total, and after an iteration
    /// before the next injection the total was at least what it had been before the noise.
    pub fn fate(&self) -> Fate {
        if self.distance == 0.0 {
            return Fate::NothingHit;
        }
        let (Some(before), Some(after)) = (self.total_before, self.total_after) else { return Fate::Unknown };
        if after >= before - SAME {
            return Fate::Unhurt;
        }
        let iterations = self.curve.len() as u32;
        if iterations == 0 {
            return Fate::Open;
        }
        if let Some(at) = self.curve.iter().position(|point| Some(point.iteration) == self.regained) {
            return Fate::Recovered { after: at as u32 + 1 };
        }
        if self.curve.iter().all(|point| point.total.is_none()) {
            return Fate::Unknown;
        }
        Fate::NotRecovered { iterations }
    }

    /// Returns distance and total so many iterations after the noise; 0 is right after it.
    fn at(&self, after: usize) -> Option<(f64, Option<f64>)> {
        match after.checked_sub(1) {
            None => Some((self.distance, self.total_after)),
            Some(at) => self.curve.get(at).map(|point| (point.distance, point.total)),
        }
    }
}

/// How many injections met each fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Fates {
    /// Those that changed nothing.
    pub nothing_hit: u32,
    /// Those that did not lower the score.
    pub unhurt: u32,
    /// Those of which a score is missing.
    pub unknown: u32,
    /// Those after which no iteration ended.
    pub open: u32,
    /// Those that were recovered from.
    pub recovered: u32,
    /// Those that were not.
    pub not_recovered: u32,
}

impl Fates {
    fn count(&mut self, fate: Fate) {
        *match fate {
            Fate::NothingHit => &mut self.nothing_hit,
            Fate::Unhurt => &mut self.unhurt,
            Fate::Unknown => &mut self.unknown,
            Fate::Open => &mut self.open,
            Fate::Recovered { .. } => &mut self.recovered,
            Fate::NotRecovered { .. } => &mut self.not_recovered,
        } += 1;
    }

    /// Returns how many lowered the score and were followed by an iteration: those that could be recovered from.
    pub fn tried(&self) -> u32 {
        self.recovered + self.not_recovered
    }

    /// Returns how many recovered, in words.
    pub fn short(&self) -> String {
        match self.tried() {
            0 => "none to recover from".to_owned(),
            tried => format!("{} of {tried} recovered", self.recovered),
        }
    }

    /// Returns them in words, such as `2 of 3 recovered; hit nothing: 1`.
    pub fn words(&self) -> String {
        let mut words = self.short();
        let rest = [
            (self.nothing_hit, "hit nothing"),
            (self.unhurt, "did not lower the score"),
            (self.unknown, "score missing"),
            (self.open, "no iteration since"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            words += &format!("; {what}: {count}");
        }
        words
    }
}

/// The mean over injections so many iterations after the noise.
///
/// Curves end at the next injection, so that later means are over fewer of them, and not over the same ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecoveryStep {
    /// How many iterations after the noise; 0 is right after it.
    pub after: u32,
    /// The distance from the plan before the noise.
    pub distance: Spread,
    /// The total less what it had been before the noise; absent where no injection has both.
    pub change: Option<Spread>,
    /// The mean total of the injections that `change` is over, before the noise and at this step.
    pub totals: Option<(f64, f64)>,
}

/// The summary of all injections.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Recovery {
    /// How many met each fate.
    pub fates: Fates,
    /// The means over those that changed the plan, from right after the noise on.
    pub steps: Vec<RecoveryStep>,
}

impl Recovery {
    /// Summarises `injections`.
    pub fn of(injections: &History<Injection>) -> Self {
        let mut recovery = Self::default();
        injections.iter().for_each(|injection| recovery.fates.count(injection.fate()));
        let hit: Vec<&Injection> =
            injections.iter().filter(|injection| injection.fate() != Fate::NothingHit).collect();
        let longest = hit.iter().map(|injection| injection.curve.len() + 1).max().unwrap_or(0);
        recovery.steps = (0..longest).filter_map(|after| step(&hit, after)).collect();
        recovery
    }
}

fn step(injections: &[&Injection], after: usize) -> Option<RecoveryStep> {
    let points: Vec<_> =
        injections.iter().filter_map(|one| Some((one.total_before, one.at(after)?))).collect();
    let distances: Vec<f64> = points.iter().map(|(_, (distance, _))| *distance).collect();
    let totals: Vec<(f64, f64)> =
        points.iter().filter_map(|(before, (_, total))| Some(((*before)?, (*total)?))).collect();
    let changes: Vec<f64> = totals.iter().map(|(before, total)| total - before).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| totals.iter().map(of).sum::<f64>() / totals.len() as f64;
    Some(RecoveryStep {
        after: after as u32,
        distance: Spread::of(&distances)?,
        change: Spread::of(&changes),
        totals: (!totals.is_empty()).then(|| (mean(|pair| pair.0), mean(|pair| pair.1))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{score::Score, state::views::PlanView};
    use plan::{NoiseKind, NoiseSpec, Plan, parse};

    fn view(text: &str, total: Option<f64>) -> PlanView {
        let plan = parse(text).expect("a plan");
        PlanView { plan, score: Some(Score { total, parts: Vec::new() }), ..PlanView::default() }
    }

    fn injection(before: Option<f64>, after: Option<f64>, curve: &[Option<f64>]) -> Injection {
        let noised: Plan = parse("S1: alpha\nS2: [mask]").expect("a plan");
        let spec = NoiseSpec::new(NoiseKind::Mask, 1.0, 1);
        let old = view("S1: alpha\nS2: beta", before);
        let start = Injection::new((5, 1), spec, false, &old, &noised).scored(after);
        curve.iter().enumerate().fold(start, |injection, (at, total)| {
            let text = if at == 0 { "S1: alpha\nS2: [mask]" } else { "S1: alpha\nS2: beta" };
            injection.followed(2 + at as u32, &view(text, *total))
        })
    }

    #[test]
    fn recovered_means_that_a_lowered_score_came_back() {
        let fate = |before, after, curve: &[Option<f64>]| injection(before, after, curve).fate();
        let (low, high) = (Some(0.4), Some(0.8));
        assert_eq!(fate(high, low, &[low, high, low]), Fate::Recovered { after: 2 });
        assert_eq!(fate(high, low, &[low, None]), Fate::NotRecovered { iterations: 2 });
        assert_eq!(fate(high, low, &[]), Fate::Open);
        assert_eq!(fate(high, high, &[high]), Fate::Unhurt, "what was not lost cannot be regained");
        assert_eq!(fate(None, low, &[high]), Fate::Unknown);
        assert_eq!(fate(high, low, &[None]), Fate::Unknown);
        let (old, spec) = (view("S1: a", high), NoiseSpec::new(NoiseKind::Mask, 0.1, 1));
        let nothing = Injection::new((5, 1), spec, true, &old, &old.plan).scored(high);
        assert_eq!(nothing.followed(2, &old).fate(), Fate::NothingHit);
    }

    #[test]
    fn means_are_over_those_that_got_so_far() {
        let (low, high) = (Some(0.4), Some(0.8));
        let mut all = History::default();
        for curve in [&[low, high][..], &[low], &[None]] {
            all.push_back_mut(injection(high, low, curve));
        }
        let recovery = Recovery::of(&all);
        assert_eq!((recovery.fates.recovered, recovery.fates.tried(), recovery.fates.unknown), (1, 2, 1));
        let counts: Vec<(u32, u32)> = recovery
            .steps
            .iter()
            .map(|step| (step.distance.n, step.change.as_ref().map_or(0, |change| change.n)))
            .collect();
        assert_eq!(counts, [(3, 3), (3, 2), (1, 1)], "a missing score is not a zero");
        assert!((recovery.steps[0].change.as_ref().unwrap().mean + 0.4).abs() < 1e-12);
        assert_eq!((recovery.steps[2].distance.mean, recovery.steps[2].totals), (0.0, Some((0.8, 0.8))));
        assert!(recovery.steps[0].distance.mean > 0.2);
        assert_eq!(recovery.fates.words(), "1 of 2 recovered; score missing: 1");
        assert_eq!(Recovery::of(&History::default()), Recovery::default());
    }
}
