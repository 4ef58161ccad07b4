//! The ways in which a number is written in a sentence.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use super::numbers;

/// The largest denominator of a decimal that may be written as a fraction too.
const MOST_PARTS: i64 = 100;

/// Returns a regular expression for the ways to write `value` in digits: 1200 or 1,200, 0.5 or 1/2 or 50%, 12 or 12.00,
/// with a currency sign or none.
pub fn pattern(value: &BigRational) -> String {
    let sign = if value.is_negative() { "[-−]" } else { "" };
    format!(r"{sign}(\$|€|£)?({})", magnitude(&value.abs()).join("|"))
}

fn magnitude(value: &BigRational) -> Vec<String> {
    let shown = numbers::show(value);
    if shown.contains('/') {
        return vec![fraction(value)];
    }
    if value.is_integer() {
        return vec![format!(r"{}(\.0{{1,2}})?", grouped(&shown))];
    }
    let (whole, decimals) = shown.split_once('.').unwrap_or((&shown, "0"));
    let mut ways = vec![format!(r"{}\.{decimals}0{{0,2}}", grouped(whole))];
    if *value.denom() <= BigInt::from(MOST_PARTS) {
        ways.push(fraction(value));
    }
    let percent = numbers::show(&(value * numbers::whole(100))).replace('.', r"\.");
    ways.push(format!("{percent}( ?%| percent)"));
    ways
}

fn fraction(value: &BigRational) -> String {
    format!("{}/{}", value.numer(), value.denom())
}

/// Digits with commas or without: `1200|1,200` in a group.
fn grouped(digits: &str) -> String {
    if digits.len() < 4 {
        return digits.to_owned();
    }
    let mut commas = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            commas.push(',');
        }
        commas.push(digit);
    }
    format!("({digits}|{commas})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them_and_read_back() {
        for (value, ways) in [
            ("1200", &["1200", "1,200", "$1,200.00", "€1200"][..]),
            ("0.5", &["0.5", "0.50", "1/2", "50%", "50 percent", "$0.50"]),
            ("-5", &["-5", "−5", "-$5"]),
            ("1/3", &["1/3"]),
            ("1234567", &["1234567", "1,234,567"]),
            ("12.75", &["12.75", "$12.75", "51/4", "1275%"]),
        ] {
            let pattern =
                regex::Regex::new(&format!("^{}$", pattern(&numbers::parse(value).unwrap()))).unwrap();
            for way in ways {
                assert!(pattern.is_match(way), "{value}: {way}");
            }
            for wrong in ["12", "5", "120", "1,20", "0.05", "13", "33", "0.333", "1234,567", "--5", "5.", ""]
            {
                assert!(!pattern.is_match(wrong), "{value}: {wrong}");
            }
        }
    }
}
