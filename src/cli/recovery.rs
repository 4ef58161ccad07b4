//! How a recorded session recovered from injected noise.

use serde::Serialize;

use super::text::{Align, MISSING, score, table, wrap};
use diagnose::recovery::half_width;
use session::{Fate, Injection, RECOVERED, Recovery, RecoveryStep, Spread, State};

/// What the columns of the injections are.
const LEGEND: &str = "at: the iteration, finished or running; distance from the plan before: after the noise → at the \
    end; score: before → after the noise → at the end, the last iteration before the next noise.";
/// What the table of means is.
const MEANS: &str = "Means so many iterations after the noise, over those injections that changed the plan:";

/// All noise of a session and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseSummary {
    /// One row per injection, in order.
    pub injections: Vec<InjectionRow>,
    /// Their summary.
    pub recovery: Recovery,
}

/// One injection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InjectionRow {
    /// The event that recorded it.
    pub seq: u64,
    /// The iteration, finished or running.
    pub iteration: u32,
    /// Its kind and strength.
    pub noise: String,
    /// Decided which items were hit.
    pub seed: u64,
    /// Whether it came by schedule.
    pub scheduled: bool,
    /// How far the corrupted plan is from the one before, 0 to 1.
    pub distance: f64,
    /// How far the plan was from it at the last iteration before the next injection.
    pub distance_at_end: Option<f64>,
    /// The total of the plan that it hit.
    pub total_before: Option<f64>,
    /// The total of the corrupted plan.
    pub total_after: Option<f64>,
    /// The total at the last iteration before the next injection.
    pub total_at_end: Option<f64>,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

impl InjectionRow {
    fn of(injection: &Injection) -> Self {
        let last = injection.curve.last();
        Self {
            seq: injection.seq,
            iteration: injection.iteration,
            noise: format!("{} {}", injection.spec.kind, injection.spec.strength),
            seed: injection.spec.seed,
            scheduled: injection.scheduled,
            distance: injection.distance,
            distance_at_end: last.map(|point| point.distance),
            total_before: injection.total_before,
            total_after: injection.total_after,
            total_at_end: last.and_then(|point| point.total),
            fate: injection.fate(),
        }
    }
}

impl NoiseSummary {
    /// Returns what `state` knows; none where there was no noise.
    pub fn of(state: &State) -> Option<Self> {
        let injections: Vec<InjectionRow> = state.noise.injections.iter().map(InjectionRow::of).collect();
        (!injections.is_empty()).then(|| Self { injections, recovery: Recovery::of(&state.noise.injections) })
    }
}

/// Returns the section about it.
pub fn recovery_lines(noise: &NoiseSummary, width: usize) -> Vec<String> {
    let sentence = format!("{}. {RECOVERED}", noise.recovery.fates.words());
    let mut lines = vec![wrap(LEGEND, width, "", "")];
    lines.extend(injection_table(&noise.injections, width));
    lines.push(wrap(&sentence, width, "", ""));
    if !noise.recovery.steps.is_empty() {
        lines.push(wrap(MEANS, width, "", ""));
        lines.extend(means_table(&noise.recovery.steps, width));
    }
    lines
}

fn injection_table(injections: &[InjectionRow], width: usize) -> Vec<String> {
    let head = ["at", "by", "noise", "distance", "score", "fate"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for row in injections {
        let scores = [row.total_before, row.total_after, row.total_at_end].map(score);
        rows.push(vec![
            row.iteration.to_string(),
            if row.scheduled { "chaos" } else { "hand" }.to_owned(),
            row.noise.clone(),
            [Some(row.distance), row.distance_at_end].map(score).join(" → "),
            scores.join(" → "),
            row.fate.words(),
        ]);
    }
    use Align::{Left, Right};
    table(&[Right, Left, Left, Left, Left, Left], &rows, width)
}

fn means_table(steps: &[RecoveryStep], width: usize) -> Vec<String> {
    let head = ["after", "distance", "95 %", "of", "score change", "95 %", "of"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for step in steps {
        let mut row = vec![step.after.to_string()];
        row.extend(mean_cells(Some(&step.distance), |mean| format!("{mean:.3}")));
        row.extend(mean_cells(step.change.as_ref(), |mean| format!("{mean:+.3}")));
        rows.push(row);
    }
    table(&[Align::Right; 7], &rows, width)
}

/// The mean, its interval and how many values it is over.
fn mean_cells(spread: Option<&Spread>, print: fn(f64) -> String) -> [String; 3] {
    let Some(spread) = spread else { return [MISSING.to_owned(), MISSING.to_owned(), "0".to_owned()] };
    let half = half_width(spread).map_or_else(|| "not enough data".to_owned(), |half| format!("±{half:.3}"));
    [print(spread.mean), half, spread.n.to_string()]
}
