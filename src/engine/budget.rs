//! When the budget is spent.

use crate::{llm::Cost, session::BudgetLimits};

/// Returns the first limit that one more round would pass, in words; `round` is what the dearest round
/// so far cost, as a forecast of the next.
///
/// The run stops *before* a limit, so that arms with the same budget can be compared. The answer's own
/// cost is not forecast: it is decoded whatever happens.
pub fn exhausted(limits: &BudgetLimits, spent: &Cost, round: &Cost) -> Option<String> {
    let meters = [
        ("generated tokens", limits.generated.map(as_f64), spent.generated as f64, round.generated as f64),
        ("evaluated tokens", limits.fresh.map(as_f64), spent.fresh as f64, round.fresh as f64),
        ("calls", limits.calls.map(as_f64), spent.calls as f64, round.calls as f64),
        ("FLOPs", limits.flops, spent.flops, round.flops),
        ("seconds", limits.wall_s, spent.wall_ms / 1000.0, round.wall_ms / 1000.0),
    ];
    meters.into_iter().find_map(|(name, limit, spent, round)| {
        let limit = limit?;
        (spent + round > limit).then(|| {
            format!("{} of {} {name} spent, and a round takes about {}", si(spent), si(limit), si(round))
        })
    })
}

fn as_f64(value: u64) -> f64 {
    value as f64
}

/// Returns `value` with a unit prefix and three digits, such as `1.24 T`.
pub fn si(value: f64) -> String {
    let prefixes = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    for (size, prefix) in prefixes {
        if value.abs() >= size {
            let size = if prefix == "k" { 1e3 } else { size };
            return format!("{:.3$} {}{}", value / size, prefix, "", if value / size < 10.0 { 2 } else { 1 });
        }
    }
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_before_the_limit() {
        let limits = BudgetLimits { generated: Some(100), ..BudgetLimits::default() };
        let cost = |generated| Cost { generated, ..Cost::default() };
        assert_eq!(exhausted(&limits, &cost(60), &cost(40)), None);
        let reason = exhausted(&limits, &cost(61), &cost(40)).unwrap();
        assert_eq!(reason, "61 of 100 generated tokens spent, and a round takes about 40");
        assert_eq!(exhausted(&BudgetLimits::default(), &cost(u64::MAX), &cost(9)), None);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(si(1_240_000_000_000.0), "1.24 T");
        assert_eq!(si(12_345.0), "12.3 k");
        assert_eq!(si(999.0), "999");
        assert_eq!(si(0.5), "0.5");
    }
}
