//! Numbers as people read them. What is missing is "–", never 0.

use std::time::Duration;

/// What stands for a value that there is not.
pub const NONE: &str = "–";

/// Returns a score such as `0.713`.
pub fn score(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.3}"))
}

/// Returns a change of a score such as `+0.120`.
pub fn change(before: Option<f64>, after: Option<f64>) -> String {
    match (before, after) {
        (Some(before), Some(after))
            if format!("{:.3}", after - before).trim_start_matches('-') == "0.000" =>
        {
            "0.000".to_owned()
        }
        (Some(before), Some(after)) => format!("{:+.3}", after - before).replace('-', "−"),
        (None | Some(_), None) | (None, Some(_)) => NONE.to_owned(),
    }
}

/// Returns a grammar pressure such as `7.5 nats`.
pub fn nats(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.1} nats"))
}

/// Returns a count such as `940`, `12.4k` or `3.1M`.
pub fn count(value: u64) -> String {
    match value {
        0..10_000 => value.to_string(),
        10_000..1_000_000 => format!("{:.1}k", value as f64 / 1e3),
        _ => format!("{:.1}M", value as f64 / 1e6),
    }
}

/// Returns floating-point operations such as `1.4 TFLOP`; nothing is known of 0.
pub fn flops(value: f64) -> String {
    if value <= 0.0 {
        return NONE.to_owned();
    }
    let (scale, unit) = match value {
        v if v >= 1e15 => (1e15, "PFLOP"),
        v if v >= 1e12 => (1e12, "TFLOP"),
        v if v >= 1e9 => (1e9, "GFLOP"),
        _ => (1e6, "MFLOP"),
    };
    format!("{:.1} {unit}", value / scale)
}

/// Returns a time such as `0.4 s`, `12 s` or `3 min 05 s`.
pub fn time(value: Duration) -> String {
    let seconds = value.as_secs_f64();
    match seconds {
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s => format!("{} min {:02} s", (s / 60.0).floor(), (s % 60.0).floor()),
    }
}

/// Returns how many there were a second, such as `12.9`; none where the time is not known.
pub fn rate(count: u64, wall_ms: f64) -> Option<String> {
    (count > 0 && wall_ms > 0.0).then(|| format!("{:.1}", count as f64 / (wall_ms / 1000.0)))
}

/// Returns `one` or `many` with the number before it.
pub fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Returns `text` as a sentence: with a capital letter and an end.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.is_empty() || text.ends_with(['.', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_is_not_zero() {
        assert_eq!(score(None), "–");
        assert_eq!(score(Some(0.0)), "0.000");
        assert_eq!(change(None, Some(0.5)), "–");
        assert_eq!(change(Some(0.5), Some(0.4)), "−0.100");
        assert_eq!(change(Some(0.5), Some(0.5 - 1e-9)), "0.000");
        assert_eq!((nats(None), nats(Some(0.0))), ("–".to_owned(), "0.0 nats".to_owned()));
        assert_eq!(flops(0.0), "–");
        assert_eq!((rate(50, 0.0), rate(0, 10.0)), (None, None));
        assert_eq!(rate(50, 4483.9).as_deref(), Some("11.2"));
    }

    #[test]
    fn numbers_stay_short() {
        assert_eq!(count(9_999), "9999");
        assert_eq!(count(12_440), "12.4k");
        assert_eq!(flops(1.44e12), "1.4 TFLOP");
        assert_eq!(time(Duration::from_secs(185)), "3 min 05 s");
        assert_eq!(time(Duration::from_millis(420)), "0.4 s");
    }
}
