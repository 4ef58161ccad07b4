//! One number in digits or in words.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow};

use super::notation::GROUP_SPACE;
use crate::numbers;

/// Digits that one number may have; longer ones are not read as numbers.
const MAX_DIGITS: usize = 60;
/// The greatest power of ten of a number in scientific notation.
const MAX_EXPONENT: i32 = 308;

/// Reads an unsigned number at the start of `text`, and returns its value and length in bytes. With `grouped`, a comma
/// may separate groups of three digits; other separators always may.
pub(super) fn scan(text: &str, grouped: bool) -> Option<(BigRational, usize)> {
    let (mut plain, mut end) = whole_part(text, grouped);
    let mut scale = 0;
    let decimals = text[end..].strip_prefix('.').map_or(0, digits);
    if decimals > 0 {
        plain.push_str(&text[end + 1..=end + decimals]);
        scale = decimals;
        end += 1 + decimals;
    }
    if plain.is_empty() || plain.len() > MAX_DIGITS {
        return None;
    }
    let mut value = BigRational::new(plain.parse().ok()?, power_of_ten(scale));
    if let Some((part, length)) = repeating(&text[end..], scale, decimals > 0 || text[end..].starts_with('.'))
    {
        value += part;
        end += length;
    }
    if let Some((exponent, length)) = exponent(&text[end..]) {
        let power = BigRational::from_integer(power_of_ten(exponent.unsigned_abs() as usize));
        value = if exponent < 0 { value / power } else { value * power };
        end += length;
    }
    Some((value, end))
}

fn power_of_ten(exponent: usize) -> BigInt {
    Pow::pow(BigInt::from(10), exponent)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Reads the digits before the point, and returns them without separators, and their length in bytes.
fn whole_part(text: &str, grouped: bool) -> (String, usize) {
    let mut end = digits(text);
    let mut plain = text[..end].to_owned();
    let separator =
        text[end..].chars().next().filter(|c| *c == GROUP_SPACE || *c == '\'' || (*c == ',' && grouped));
    let Some(separator) = separator.filter(|_| (1..=3).contains(&end)) else { return (plain, end) };
    while let Some(rest) = text[end..].strip_prefix(separator)
        && digits(rest) == 3
    {
        plain.push_str(&rest[..3]);
        end += separator.len_utf8() + 3;
    }
    (plain, end)
}

/// Reads digits that repeat for ever, as in `0.\overline{3}`, and returns what they add.
fn repeating(text: &str, scale: usize, pointed: bool) -> Option<(BigRational, usize)> {
    if !pointed {
        return None;
    }
    let point = usize::from(scale == 0);
    let mark =
        ["\\overline{", "\\bar{", "\\dot{"].into_iter().find(|mark| text[point..].starts_with(mark))?;
    let inside = &text[point + mark.len()..];
    let length = digits(inside);
    if length == 0 || length > MAX_DIGITS || !inside[length..].starts_with('}') {
        return None;
    }
    let period: BigInt = inside[..length].parse().ok()?;
    let below = (power_of_ten(length) - BigInt::one()) * power_of_ten(scale);
    Some((BigRational::new(period, below), point + mark.len() + length + 1))
}

/// Reads an exponent such as `e5` or `E-3`.
fn exponent(text: &str) -> Option<(i32, usize)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let length = digits(rest);
    let value: i32 = rest[..length].parse().ok().filter(|value| *value <= MAX_EXPONENT)?;
    let follows = rest[length..].starts_with(|c: char| c.is_alphanumeric());
    (!follows).then(|| (sign * value, text.len() - rest.len() + length))
}

/// Reads a number in words that begins at `at`, and returns its value and length in bytes.
pub(super) fn spelled(text: &str, at: usize) -> Option<(BigRational, usize)> {
    let word_before = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    if word_before {
        return None;
    }
    if let Some(one) = ["one", "One"].iter().find(|one| text[at..].starts_with(*one)) {
        let after = text[at + one.len()..].trim_start();
        // "The answer is one." states 1; "one of them" does not.
        if after.is_empty() || after.starts_with('.') {
            return Some((BigRational::one(), one.len()));
        }
    }
    let first =
        |text: &str| numbers::mentions(text).into_iter().next().filter(|one| one.start == 0 && one.spelled);
    let found = first(&text[at..])?;
    let hundred = BigRational::from_integer(100.into());
    // "One hundred and five" is one number.
    if let Some(after) = text[at + found.end..].strip_prefix(" and ")
        && (&found.value / &hundred).is_integer()
        && let Some(rest) = first(after).filter(|rest| rest.value < hundred)
    {
        return Some((found.value + rest.value, found.end + " and ".len() + rest.end));
    }
    Some((found.value, found.end))
}
