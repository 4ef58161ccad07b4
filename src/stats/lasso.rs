//! Sparse linear models: which of many causes matter.

use super::mean;

/// A linear model with few causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasso {
    /// The weight of each feature, in units of its own standard deviation; 0 for those that do not matter.
    pub weights: Vec<f64>,
    /// What is predicted of mean features.
    pub intercept: f64,
}

/// Passes over all features after which the search gives up.
const MOST_PASSES: usize = 10_000;
/// The search ends when no weight changed by more than this share of the largest.
const TOLERANCE: f64 = 1e-10;

/// Returns the model that minimises ‖y − Xw − b‖²/2n + α‖w‖₁ with features of mean 0 and variance 1 (Tibshirani 1996;
/// divisor n, as in scikit-learn), by coordinate descent. ContextCite takes α = 0.01 over random keep-masks of the
/// sources and logit probabilities of the response (Cohen-Wang et al. 2024). A feature that never varies gets 0. `None` of
/// fewer than two rows, of rows of unequal length, or where each row has not one target.
pub fn lasso(rows: &[Vec<f64>], targets: &[f64], alpha: f64) -> Option<Lasso> {
    let (n, width) = (rows.len(), rows.first()?.len());
    if n < 2 || targets.len() != n || rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let columns: Vec<Vec<f64>> =
        (0..width).map(|at| standardised(rows.iter().map(|row| row[at]).collect())).collect();
    let intercept = mean(targets)?;
    let mut left: Vec<f64> = targets.iter().map(|target| target - intercept).collect();
    let mut weights = vec![0.0; width];
    for _ in 0..MOST_PASSES {
        let mut moved = 0.0_f64;
        for (weight, column) in weights.iter_mut().zip(&columns) {
            if column.is_empty() {
                continue;
            }
            let pull = column.iter().zip(&left).map(|(x, left)| x * left).sum::<f64>() / n as f64 + *weight;
            let next = pull.signum() * (pull.abs() - alpha).max(0.0);
            let change = next - *weight;
            left.iter_mut().zip(column).for_each(|(left, x)| *left -= change * x);
            *weight = next;
            moved = moved.max(change.abs());
        }
        let largest = weights.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
        if moved <= TOLERANCE * largest {
            break;
        }
    }
    Some(Lasso { weights, intercept })
}

/// Returns the column with mean 0 and variance 1 (divisor n); empty where it never varies.
fn standardised(column: Vec<f64>) -> Vec<f64> {
    let centre = mean(&column).unwrap_or(0.0);
    let squares: f64 = column.iter().map(|value| (value - centre).powi(2)).sum();
    let scale = (squares / column.len() as f64).sqrt();
    if scale <= f64::EPSILON * centre.abs() {
        return Vec::new();
    }
    column.into_iter().map(|value| (value - centre) / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_scikit_learn() {
        // X = [[(i * (j + 3) + i * i * (j + 1)) % 7 % 2 for j in range(5)] for i in range(16)]
        // y = 1.5 * X[:, 0] - 2 * X[:, 2] + .3 * X[:, 4] * X[:, 1] + .1 * arange(16) % 1.0
        // sklearn.linear_model.Lasso(alpha=a, tol=1e-12).fit(StandardScaler().fit_transform(X), y).coef_
        let rows: Vec<Vec<f64>> = (0..16_u32)
            .map(|i| (0..5).map(|j| f64::from((i * (j + 3) + i * i * (j + 1)) % 7 % 2)).collect())
            .collect();
        let targets: Vec<f64> = rows
            .iter()
            .zip(0..16_u32)
            .map(|(x, i)| 1.5 * x[0] - 2.0 * x[2] + 0.3 * x[4] * x[1] + 0.1 * f64::from(i) % 1.0)
            .collect();
        let weak = [0.708_403_037_5, 0.105_764_329_8, -0.860_991_52, 0.055_113_142_1, -0.140_599_720_1];
        let strong = [0.208_064_382_8, 0.0, -0.293_545_31, 0.0, -0.030_734_923_2];
        for (alpha, expected) in [(0.01, weak), (0.5, strong)] {
            let found = lasso(&rows, &targets, alpha).unwrap();
            assert!(
                found.weights.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7),
                "{alpha}: {found:?}"
            );
            assert!((found.intercept + 0.15).abs() < 1e-12);
        }
    }

    #[test]
    fn what_never_varies_does_not_matter() {
        let rows: Vec<Vec<f64>> = (0..8_u32).map(|i| vec![1.0, f64::from(i % 2)]).collect();
        let targets: Vec<f64> = rows.iter().map(|row| 4.0 * row[1]).collect();
        let found = lasso(&rows, &targets, 0.01).unwrap();
        assert_eq!(found.weights[0], 0.0);
        assert!((found.weights[1] - 1.99).abs() < 1e-9, "{found:?}");
        assert_eq!(lasso(&rows, &targets[..3], 0.01), None);
        assert_eq!(lasso(&[], &[], 0.01), None);
    }
}
