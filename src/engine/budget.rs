//! When the budget is spent.

use model::Cost;
use session::{BudgetLimits, State};

/// Returns the first limit that one more round would pass, as text; `round` is what the most expensive round
/// so far cost, as a forecast of the next, and `kept` what must be left for the answer.
///
/// The run stops *before* a limit, so that arms with the same budget can be compared. Where the budget is not
/// strict, nothing is kept: the answer is decoded whatever happens.
pub(crate) fn exhausted(limits: &BudgetLimits, spent: &Cost, round: &Cost, kept: &Cost) -> Option<String> {
    meters(limits).into_iter().find_map(|(name, limit, of)| {
        let (limit, spent, round, kept) = (limit?, of(spent), of(round), of(kept));
        (spent + round + kept > limit).then(|| {
            let kept = if kept > 0.0 { format!(" and the answer {}", si(kept)) } else { String::new() };
            format!(
                "{} of {} {name} spent, and a round takes about {}{kept}",
                si(spent),
                si(limit),
                si(round)
            )
        })
    })
}

/// Reads one meter.
type Meter = fn(&Cost) -> f64;

fn meters(limits: &BudgetLimits) -> [(&'static str, Option<f64>, Meter); 5] {
    let whole = |limit: Option<u64>| limit.map(|limit| limit as f64);
    [
        ("generated tokens", whole(limits.generated), |cost| cost.generated as f64),
        ("evaluated tokens", whole(limits.fresh), |cost| cost.fresh as f64),
        ("calls", whole(limits.calls), |cost| cost.calls as f64),
        ("FLOPs", limits.flops, |cost| cost.flops),
        ("seconds", limits.wall_s, |cost| cost.wall_ms / 1000.0),
    ]
}

/// What a strict budget still allows, and what tokens have cost so far.
#[derive(Debug, Clone, Copy)]
pub struct RemainingBudget {
    limits: BudgetLimits,
    spent: Cost,
    /// Floating-point operations of one position.
    flops: f64,
    /// Milliseconds of one generated token.
    wall_ms: f64,
}

impl RemainingBudget {
    /// Returns what is left of the budget of `state`; `None` where it is not strict or sets no limit.
    pub fn of(state: &State) -> Option<Self> {
        let limits = state.settings.budget;
        if !limits.strict || !limits.any() {
            return None;
        }
        let spent = state.run_cost();
        let ratio = |a: f64, b: u64| if b > 0 { a / b as f64 } else { 0.0 };
        // Before the first call: two operations a weight.
        let parameters = state.model.as_ref().and_then(|model| model.parameters).unwrap_or(0);
        let flops = if spent.flops > 0.0 { ratio(spent.flops, spent.fresh) } else { 2.0 * parameters as f64 };
        Some(Self { limits, spent, flops, wall_ms: ratio(spent.wall_ms, spent.generated) })
    }

    /// Returns what it would cost to evaluate `prompt` positions and to draw `tokens` after them, by what they have
    /// cost so far.
    pub fn forecast(&self, prompt: u64, tokens: u64) -> Cost {
        let fresh = prompt + tokens;
        Cost {
            calls: 1,
            generated: tokens,
            thinking: 0,
            fresh,
            cached: 0,
            logits: tokens,
            flops: self.flops * fresh as f64,
            wall_ms: self.wall_ms * tokens as f64,
        }
    }

    /// Returns whether `cost` can be spent without passing a limit.
    pub(crate) fn affords(&self, cost: &Cost) -> bool {
        exhausted(&self.limits, &self.spent, cost, &Cost::default()).is_none()
    }

    /// Returns how many tokens can be drawn after `prompt` positions so that `kept` is left.
    pub fn tokens(&self, prompt: u64, kept: &Cost) -> u64 {
        // Tokens do not add to the calls.
        let before = Cost { calls: 0, ..self.forecast(prompt, 0) };
        let one = Cost { calls: 0, ..self.forecast(0, 1) };
        let room = meters(&self.limits).into_iter().filter_map(|(_, limit, of)| {
            let left = limit? - of(&self.spent) - of(kept) - of(&before);
            (of(&one) > 0.0).then(|| left / of(&one))
        });
        room.fold(f64::MAX, f64::min).max(0.0) as u64
    }

    /// Returns half of what the limits allow in all, as tokens: an answer that is kept for never takes more.
    pub fn half(&self) -> u64 {
        Self { spent: Cost::default(), ..*self }.tokens(0, &Cost::default()) / 2
    }
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
        assert_eq!(exhausted(&limits, &cost(60), &cost(40), &Cost::default()), None);
        let reason = exhausted(&limits, &cost(61), &cost(40), &Cost::default()).unwrap();
        assert_eq!(reason, "61 of 100 generated tokens spent, and a round takes about 40");
        assert_eq!(exhausted(&BudgetLimits::default(), &cost(u64::MAX), &cost(9), &cost(9)), None);
    }

    #[test]
    fn a_strict_budget_says_how_many_tokens_are_left() {
        let limits =
            BudgetLimits { generated: Some(100), flops: Some(9e3), strict: true, ..Default::default() };
        let spent = Cost { generated: 20, fresh: 50, flops: 5e3, wall_ms: 40.0, ..Cost::default() };
        let remaining = RemainingBudget { limits, spent, flops: 100.0, wall_ms: 2.0 };
        assert_eq!(remaining.tokens(0, &Cost::default()), 40, "the FLOPs of a position are 100");
        assert_eq!(remaining.tokens(10, &Cost::default()), 30);
        assert_eq!(remaining.tokens(0, &remaining.forecast(5, 5)), 30);
        assert!(
            remaining.affords(&remaining.forecast(20, 20)) && !remaining.affords(&remaining.forecast(21, 20))
        );
        assert_eq!(remaining.half(), 45);
        let reason =
            exhausted(&limits, &spent, &remaining.forecast(0, 41), &remaining.forecast(0, 60)).unwrap();
        assert!(reason.ends_with("a round takes about 41 and the answer 60"), "{reason}");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(si(1_240_000_000_000.0), "1.24 T");
        assert_eq!(si(12_345.0), "12.3 k");
        assert_eq!(si(999.0), "999");
        assert_eq!(si(0.5), "0.5");
    }
}
