//! How far scores scatter, as far as a run shows, and what that makes of a difference of two totals.

use crate::score::{self, Scatter};
use session::{PlanView, ScorePart, State, state::Repeats};
use stats::intervals::student_at;

/// Fewer degrees of freedom do not show how far a part scatters. \[our own\]
const LEAST: usize = 2;

/// The standard deviation of one value of a part, and the degrees of freedom that it is measured with.
pub type Sigma = (f64, usize);

/// How the noise of one part enters the difference of two totals.
#[derive(Debug, Clone, PartialEq)]
pub struct PartError {
    /// The part's name.
    pub name: String,
    /// The standard error that it adds, in units of the total.
    pub error: f64,
    /// The degrees of freedom that it is measured with; absent where the part states its own error.
    pub freedom: Option<usize>,
}

/// The noise of a difference of two totals: one entry a part that has some.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DifferenceNoise(pub Vec<PartError>);

impl DifferenceNoise {
    /// Returns the standard error of the difference: independent parts add in variance.
    pub fn error(&self) -> f64 {
        self.bar(|_| 1.0)
    }

    /// Returns what a difference must exceed at `z` standard errors. Where an error is measured, Student's quantile at the
    /// level of `z` stands for it, so that an error from a few values accepts no more often than a known one.
    pub fn limit(&self, z: f64) -> f64 {
        self.bar(|part| part.freedom.map_or(z, |freedom| student_at(z, freedom)))
    }

    fn bar(&self, factor: impl Fn(&PartError) -> f64) -> f64 {
        self.0.iter().map(|part| (factor(part) * part.error).powi(2)).sum::<f64>().sqrt()
    }
}

/// Returns the noise of the difference between the totals of two plans.
///
/// # Errors
/// The names of the parts of which it is not known yet.
pub fn of_difference(
    state: &State,
    before: &PlanView,
    after: &PlanView,
) -> Result<DifferenceNoise, Vec<String>> {
    let pairs = compared(before, after);
    let weight: f64 = pairs.iter().map(|(_, part)| part.weight).sum();
    let same_value = derived(before).is_some() && derived(before) == derived(after);
    let (mut noise, mut unknown) = (DifferenceNoise::default(), Vec::new());
    for (old, new) in pairs {
        match difference(&state.repeats, old, new, same_value) {
            Some((0.0, _)) => {}
            Some((error, freedom)) => {
                noise.0.push(PartError {
                    name: new.name.clone(),
                    error: error * new.weight / weight,
                    freedom,
                });
            }
            None => unknown.push(new.name.clone()),
        }
    }
    if unknown.is_empty() { Ok(noise) } else { Err(unknown) }
}

/// The parts with a weight that both plans have a value of.
fn compared<'a>(before: &'a PlanView, after: &'a PlanView) -> Vec<(&'a ScorePart, &'a ScorePart)> {
    let parts = after.score.iter().flat_map(|score| &score.parts);
    let valued = parts.filter(|part| part.weight > 0.0 && part.value.is_some());
    let old =
        |part: &&'a ScorePart| before.score.as_ref()?.part(&part.name).filter(|old| old.value.is_some());
    valued.filter_map(|part| Some((old(&part)?, part))).collect()
}

/// The value that a plan reaches, if any; `None` where the checker has not looked.
fn derived(view: &PlanView) -> Option<Option<&str>> {
    Some(view.check.as_ref()?.derived.as_deref())
}

/// The standard error of the difference of two values of one part, and its degrees of freedom; `None` where it is not known
/// yet. A part that this version does not know is taken at its word.
fn difference(
    repeats: &Repeats,
    old: &ScorePart,
    new: &ScorePart,
    same_value: bool,
) -> Option<(f64, Option<usize>)> {
    let stated = |part: &ScorePart| part.stderr.unwrap_or(0.0);
    let own = stated(old).hypot(stated(new));
    match score::find(&new.name).map_or(Scatter::Stated, |scorer| scorer.scatter()) {
        Scatter::Stated => Some((own, None)),
        Scatter::Shared if same_value => Some((0.0, None)),
        // What one value gains from the sample the other may lose.
        Scatter::Shared => Some((stated(old) + stated(new), None)),
        Scatter::Asked => {
            let (sigma, freedom) = measured(repeats, &new.name, LEAST)?;
            // Both scores bring their noise.
            let error = sigma * std::f64::consts::SQRT_2;
            Some(if own > error { (own, None) } else { (error, Some(freedom)) })
        }
    }
}

/// Returns the larger of what controls and rewordings show of the part `name`, of those with at least so many degrees of
/// freedom.
pub fn measured(repeats: &Repeats, name: &str, least: usize) -> Option<Sigma> {
    let both = [reworded(repeats, name), controlled(repeats, name)];
    let enough = both.into_iter().flatten().filter(|(_, freedom)| *freedom >= least);
    enough.max_by(|a, b| a.0.total_cmp(&b.0))
}

/// From scoring plans again in other words: what is left of their values when each plan's mean and each wording's are
/// taken out, since a wording that shifts all plans alike shifts no gain. The first score is one more wording.
fn reworded(repeats: &Repeats, name: &str) -> Option<Sigma> {
    let rows = repeats.wordings(name);
    let wordings = rows.iter().map(|row| row.len()).min()?;
    let rows: Vec<&[f64]> = rows.iter().map(|row| &row[..wordings]).collect();
    let mean = |values: Vec<f64>| stats::mean(&values).unwrap_or(0.0);
    let columns: Vec<f64> = (0..wordings).map(|at| mean(rows.iter().map(|row| row[at]).collect())).collect();
    let all = mean(columns.clone());
    // The wordings of a single plan have nothing to be compared with.
    let (freedom, shared) = match rows.len() {
        1 => (wordings - 1, false),
        plans => ((plans - 1) * (wordings - 1), true),
    };
    let left = |row: &[f64]| {
        let own = mean(row.to_vec());
        let shift = |at: usize| if shared { columns[at] - all } else { 0.0 };
        row.iter().enumerate().map(|(at, value)| (value - own - shift(at)).powi(2)).sum::<f64>()
    };
    let squares: f64 = rows.iter().map(|row| left(row)).sum();
    (freedom > 0).then(|| ((squares / freedom as f64).sqrt(), freedom))
}

/// From plans that were scored again as controls.
fn controlled(repeats: &Repeats, name: &str) -> Option<Sigma> {
    let differences = repeats.controls(name);
    let squares: Vec<f64> = differences.iter().map(|difference| difference.powi(2) / 2.0).collect();
    stats::mean(&squares).map(|mean| (mean.sqrt(), squares.len()))
}
