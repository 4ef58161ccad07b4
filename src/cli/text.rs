//! Scores and costs as text, next to what all plain text is made with ([`output::text`]).

use model::Cost;
pub use output::text::{Align, MISSING, clean, count, duration, fit, or_missing, table, things, wrap};

/// Returns a score from 0 to 1 with three decimals.
pub fn score(value: Option<f64>) -> String {
    or_missing(value.map(|value| format!("{value:.3}")))
}

/// Returns floating-point operations with their unit; missing where they are not known.
pub fn flops(cost: &Cost) -> String {
    // What would be 0.000 TFLOP is so many MFLOP.
    let is_small = cost.flops > 0.0 && cost.flops < 5e8;
    if is_small { format!("{:.0} MFLOP", cost.flops / 1e6) } else { format!("{} TFLOP", tera_flops(cost)) }
}

/// Returns the operations of `cost` in units of 10¹².
pub fn tera_flops(cost: &Cost) -> String {
    if cost.flops == 0.0 && cost.calls > 0 {
        return MISSING.to_owned();
    }
    let tera = cost.flops / 1e12;
    let decimals = if tera == 0.0 || tera >= 100.0 {
        0
    } else if tera >= 1.0 {
        1
    } else {
        3
    };
    format!("{tera:.decimals$}")
}

/// Returns how many tokens were drawn, and how many of them while the model thought.
pub fn drawn(cost: &Cost) -> String {
    match cost.thinking {
        0 => count(cost.generated),
        thinking => format!("{} ({} thought)", count(cost.generated), count(thinking)),
    }
}

/// Returns drawn tokens per second of wall time; missing where nothing was drawn or no time was taken.
pub fn rate(cost: &Cost) -> String {
    let known = cost.generated > 0 && cost.wall_ms > 0.0;
    or_missing(known.then(|| format!("{:.1}", cost.generated as f64 / cost.wall_ms * 1e3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_is_not_zero() {
        let unknown = Cost { calls: 2, ..Cost::default() };
        assert_eq!(tera_flops(&unknown), MISSING);
        assert_eq!(rate(&unknown), MISSING);
        assert_eq!(score(None), MISSING);
        assert_eq!(score(Some(0.0)), "0.000");
        assert_eq!(tera_flops(&Cost { flops: 2.5e11, calls: 1, ..Cost::default() }), "0.250");
    }
}
