//! How sure the means over injections of noise are.

use session::Spread;
use stats::intervals::student_half;

/// The fewest values for which there is an interval.
const LEAST: u32 = 3;

/// Returns half the width of Student's 95 % interval of the mean; `None` of fewer than three values, which is not enough
/// data. It supposes that the values are independent, which injections into one run hardly are.
pub fn half_width(spread: &Spread) -> Option<f64> {
    let error = spread.stderr.filter(|_| spread.n >= LEAST)?;
    student_half(error, spread.n as usize, 0.95)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_needs_three_values() {
        let of = |values: &[f64]| half_width(&Spread::of(values).unwrap());
        assert_eq!(of(&[1.0, 2.0]), None);
        // s = 1, n = 3, t(2) = 4.302653.
        assert!((of(&[1.0, 2.0, 3.0]).unwrap() - 4.302_653 / 3f64.sqrt()).abs() < 1e-6);
        // Above 30 degrees of freedom as well: t(39) = 2.022691, and not the normal 1.960.
        let many: Vec<f64> = (0..40).map(f64::from).collect();
        let error = Spread::of(&many).unwrap().stderr.unwrap();
        assert!((of(&many).unwrap() - 2.022_691 * error).abs() < 1e-5);
    }
}
