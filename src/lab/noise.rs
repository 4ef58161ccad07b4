//! Known noise on a cell's score, as its settings say it: what makes arms a sweep.

use engine::score::active;
use session::{BudgetLimits, Mode, ScoreNoise, Settings};

use super::cell::{canonical, hash};

/// Digits of a sweep's name.
const DIGITS: usize = 12;

/// Known noise on the total of a plan's score.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct KnownNoise {
    /// Its standard deviation, √Σ(w·σ)² / Σw over the scorers with a weight w, which supposes that all give a value;
    /// absent where nothing scores plans.
    pub sigma: Option<f64>,
    /// Whether it is drawn again at each scoring or belongs to the plan; absent without noise.
    pub kind: Option<NoiseTiming>,
    /// What arms that differ by their noise alone have in common; absent where nothing scores plans.
    pub sweep: Option<String>,
}

/// How noise comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoiseTiming {
    /// Drawn again at each scoring.
    Fresh,
    /// The same for a plan each time.
    Frozen,
    /// Some scorers have one and some the other.
    Mixed,
}

impl NoiseTiming {
    /// Returns the word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Frozen => "frozen",
            Self::Mixed => "mixed",
        }
    }
}

impl KnownNoise {
    /// Returns the noise that `settings` put on the scores of an arm of this kind.
    pub(super) fn of(kind: &str, settings: &Settings) -> Self {
        let refines = match settings.mode {
            Mode::Refine => true,
            Mode::Draft | Mode::Direct => false,
        };
        let noisy: Vec<(f64, ScoreNoise)> = active(settings)
            .map(|scorer| {
                let noise = settings.score_noise.get(scorer.doc().name).copied().unwrap_or_default();
                (scorer.weight(&settings.scorers), noise)
            })
            .collect();
        if !refines || noisy.is_empty() {
            return Self::default();
        }
        let weight: f64 = noisy.iter().map(|(weight, _)| weight).sum();
        let squares: f64 = noisy.iter().map(|(weight, noise)| (weight * noise.sigma.max(0.0)).powi(2)).sum();
        let frozen: Vec<bool> =
            noisy.iter().filter(|(_, noise)| noise.sigma > 0.0).map(|(_, noise)| noise.frozen).collect();
        let kind_of_noise = match (frozen.contains(&false), frozen.contains(&true)) {
            (false, false) => None,
            (true, false) => Some(NoiseTiming::Fresh),
            (false, true) => Some(NoiseTiming::Frozen),
            (true, true) => Some(NoiseTiming::Mixed),
        };
        let bare = Settings {
            score_noise: Default::default(),
            seed: 0,
            budget: BudgetLimits::default(),
            ..settings.clone()
        };
        Self {
            sigma: Some(squares.sqrt() / weight),
            kind: kind_of_noise,
            sweep: Some(hash(&format!("{kind}\n{}", canonical(&bare)))[..DIGITS].to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::Weights;

    fn with(noises: &[(&str, f64, bool)]) -> KnownNoise {
        let scorers = Weights::of([("checker", 0.6), ("self_check", 0.2)]);
        let noise = |(name, sigma, frozen): &(&str, f64, bool)| {
            ((*name).to_owned(), ScoreNoise { sigma: *sigma, frozen: *frozen })
        };
        let score_noise = noises.iter().map(noise).collect();
        KnownNoise::of("refine", &Settings { scorers, score_noise, ..Settings::default() })
    }

    #[test]
    fn noise_of_the_total_is_that_of_the_weighted_parts() {
        assert_eq!((with(&[]).sigma, with(&[]).kind), (Some(0.0), None));
        let one = with(&[("checker", 0.1, false)]);
        assert!((one.sigma.unwrap() - 0.075).abs() < 1e-12);
        assert_eq!(one.kind, Some(NoiseTiming::Fresh));
        let both = with(&[("checker", 0.1, true), ("self_check", 0.4, true)]);
        assert!((both.sigma.unwrap() - (0.06_f64.powi(2) + 0.08_f64.powi(2)).sqrt() / 0.8).abs() < 1e-12);
        assert_eq!(both.kind, Some(NoiseTiming::Frozen));
        assert_eq!(
            with(&[("checker", 0.1, true), ("self_check", 0.4, false)]).kind,
            Some(NoiseTiming::Mixed)
        );
        let unweighted = with(&[("pmi", 0.4, false)]);
        assert_eq!((unweighted.sigma, unweighted.kind), (Some(0.0), None), "it has no weight");
    }

    #[test]
    fn arms_that_differ_by_noise_alone_are_a_sweep() {
        let (none, some) = (with(&[]), with(&[("checker", 0.1, false)]));
        assert_eq!(none.sweep, some.sweep);
        let settings = Settings::default();
        let of = |settings: &Settings| KnownNoise::of("refine", settings).sweep;
        assert_eq!(of(&settings), of(&Settings { seed: 9, ..settings.clone() }));
        assert_ne!(of(&settings), of(&Settings { proposals: 9, ..settings.clone() }));
        assert_ne!(of(&settings), KnownNoise::of("restore", &settings).sweep);
        let direct = Settings { mode: Mode::Direct, ..settings.clone() };
        assert_eq!(KnownNoise::of("direct", &direct), KnownNoise::default());
        let blind = Settings { scorers: Weights::none(), ..settings };
        assert_eq!(KnownNoise::of("coin-flip", &blind), KnownNoise::default());
    }
}
