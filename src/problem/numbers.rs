//! Numbers in running text: digits, thousands commas, decimals, fractions, percent signs and words.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

/// Digits that one number may have; longer ones are not read as numbers.
const MAX_DIGITS: usize = 40;

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its value; for a percentage the number before the sign.
    pub value: BigRational,
    /// It is followed by a percent sign or the word.
    pub percent: bool,
    /// It is spelled as a word, such as *twelve* or *half*.
    pub spelled: bool,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

impl Mention {
    /// Returns the values by which a plan may take the number up: a percentage of 20 as 20, 1/5, or what
    /// is left or reached by it (80, 4/5, 120, 6/5); a fraction also as its inverse, its rest or its parts; a number in
    /// words, such as *twice*, also as its inverse.
    pub fn readings(&self) -> Vec<BigRational> {
        let (value, one) = (&self.value, BigRational::one());
        let mut readings = vec![value.clone()];
        if self.percent {
            let share = value / whole(100);
            readings.extend([whole(100) - value, whole(100) + value, &one - &share, &one + &share, share]);
        } else if *value < one && !value.is_zero() {
            readings.extend([value.recip(), one - value]);
            readings
                .extend([value.numer(), value.denom()].map(|part| BigRational::from_integer(part.clone())));
        } else if self.spelled && !value.is_zero() {
            readings.push(value.recip());
        }
        readings
    }
}

/// Returns the whole number `value`.
pub fn whole(value: i64) -> BigRational {
    BigRational::from_integer(value.into())
}

/// Reads an unsigned number at the start of `text`: digits, with thousands commas, or with a decimal
/// point. Returns the value and the length in bytes.
pub fn scan(text: &str) -> Option<(BigRational, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if (1..=3).contains(&end) {
        while bytes.get(end) == Some(&b',') && digits(end + 1) == 3 {
            end += 4;
        }
    }
    let point = end;
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let plain: String = text[..end].chars().filter(char::is_ascii_digit).collect();
    if plain.is_empty() || plain.len() > MAX_DIGITS {
        return None;
    }
    let scale = end.saturating_sub(point + 1);
    let value = BigRational::new(plain.parse().ok()?, Pow::pow(BigInt::from(10), scale));
    Some((value, end))
}

/// Returns the numbers in `text`, in reading order. Digits that are part of a word, such as those of an
/// item id, and ordinals such as `5th` are left out.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        if next.is_ascii_digit() || next == '.' {
            if let Some(mention) = digits_at(text, at) {
                at = mention.end;
                found.push(mention);
                continue;
            }
            at += rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        } else if next.is_alphabetic() {
            at += match words_at(text, at) {
                Some(mention) => {
                    let length = mention.end - at;
                    found.push(mention);
                    length
                }
                None => word_length(rest),
            };
        } else {
            at += next.len_utf8();
        }
    }
    found
}

/// Returns the length of the word (letters, then also digits and underscores) that `text` starts with.
fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn digits_at(text: &str, start: usize) -> Option<Mention> {
    if text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let (mut value, length) = scan(&text[start..])?;
    let mut end = start + length;
    let after: String = text[end..].chars().take(3).collect::<String>().to_ascii_lowercase();
    if ["st", "nd", "rd", "th"].iter().any(|s| after.starts_with(s) && word_length(&after) == 2) {
        return None;
    }
    if let Some((below, length)) = text[end..].strip_prefix('/').and_then(scan).filter(|(v, _)| !v.is_zero())
    {
        value /= below;
        end += 1 + length;
    }
    Some(Mention { value, percent: percent_follows(&text[end..]), spelled: false, start, end })
}

fn percent_follows(text: &str) -> bool {
    let next: String = text.chars().take(9).collect::<String>().to_ascii_lowercase();
    next.trim_start().starts_with('%') || next.trim_start().starts_with("percent")
}

/// A whole number spelled in words.
struct SpelledCount {
    count: i64,
    /// Where the number ends; its start where there is none.
    end: usize,
    /// The word after it and where that begins, if the two are joined like the parts of a number.
    next: Option<(String, usize)>,
}

/// Reads the words of a whole number at `start`, such as *two hundred and forty* without its *and*.
fn spelled_count(text: &str, start: usize) -> SpelledCount {
    let (mut total, mut current, mut end) = (0_i64, 0_i64, start);
    let mut at = start;
    let mut next = None;
    while let Some(word) = next_word(text, at) {
        let Some(value) = count_word(&word) else {
            next = Some((word, at));
            break;
        };
        match value {
            100 if (1..100).contains(&current) => current *= 100,
            1000 | 1_000_000 if current > 0 => {
                total += current * value;
                current = 0;
            }
            _ if current == 0 && (total == 0 || value < 1000) => current = value,
            1..=9 if current % 10 == 0 && current > 10 => current += value,
            10..=99 if current % 100 == 0 => current += value,
            _ => break,
        }
        end = at + word.len();
        // Parts of one number are joined by a single space or hyphen.
        match text[end..].chars().next() {
            Some(' ' | '-') => at = end + 1,
            _ => break,
        }
    }
    SpelledCount { count: total + current, end, next }
}

/// Reads a number spelled in words at `start`, which begins a word.
fn words_at(text: &str, start: usize) -> Option<Mention> {
    let SpelledCount { count, end, next } = spelled_count(text, start);
    if end == start {
        return multiple_at(text, start);
    }
    // Small counts take a fraction word as their denominator, as in *three quarters*.
    let below = next.and_then(|(word, at)| Some((fraction_word(&word)?, at + word.len())));
    if let Some((below, end)) = below.filter(|_| count < 20) {
        let value = BigRational::new(count.into(), below.into());
        return Some(Mention { value, percent: false, spelled: true, start, end });
    }
    let percent = percent_follows(&text[end..]);
    let value = whole(count);
    // A bare "one" is usually a pronoun or an article.
    (count != 1 || percent).then_some(Mention { value, percent, spelled: true, start, end })
}

/// Reads a part or multiple that is one word, such as *half* or *twice*, or a fraction after *a*.
fn multiple_at(text: &str, start: usize) -> Option<Mention> {
    let word = next_word(text, start)?;
    let end = start + word.len();
    let value = match word.as_str() {
        "half" | "halved" => BigRational::new(1.into(), 2.into()),
        "twice" | "double" | "doubled" | "doubles" => whole(2),
        "thrice" | "triple" | "tripled" | "triples" => whole(3),
        "a" => {
            let next = next_word(text, end + 1).filter(|_| text[end..].starts_with(' '))?;
            let below = fraction_word(&next)?;
            let end = end + 1 + next.len();
            let value = BigRational::new(1.into(), below.into());
            return Some(Mention { value, percent: false, spelled: true, start, end });
        }
        _ => return None,
    };
    Some(Mention { value, percent: false, spelled: true, start, end })
}

fn next_word(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    // No part of an identifier such as half_price is a word.
    (length > 0 && length == word_length(rest)).then(|| rest[..length].to_ascii_lowercase())
}

/// The words for 0 to 19.
pub const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// The words for 20, 30 and so on to 90.
pub const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn count_word(word: &str) -> Option<i64> {
    if let Some(value) = UNITS.iter().position(|unit| *unit == word) {
        return i64::try_from(value).ok();
    }
    if let Some(value) = TENS.iter().position(|ten| *ten == word) {
        return i64::try_from(value * 10 + 20).ok();
    }
    match word {
        "dozen" => Some(12),
        "hundred" => Some(100),
        "thousand" => Some(1000),
        "million" => Some(1_000_000),
        _ => None,
    }
}

fn fraction_word(word: &str) -> Option<i64> {
    match word {
        "half" | "halves" => Some(2),
        "third" | "thirds" => Some(3),
        "quarter" | "quarters" | "fourth" | "fourths" => Some(4),
        "fifth" | "fifths" => Some(5),
        "sixth" | "sixths" => Some(6),
        "eighth" | "eighths" => Some(8),
        "tenth" | "tenths" => Some(10),
        _ => None,
    }
}

/// Returns `value` as people write it: whole, as a decimal of at most six places, or as a fraction.
pub fn show(value: &BigRational) -> String {
    if value.is_integer() {
        return value.numer().to_string();
    }
    for places in 1..=6_u32 {
        let scaled = value * BigRational::from_integer(Pow::pow(BigInt::from(10), places));
        if scaled.is_integer() {
            let places = places.to_usize().unwrap_or(0);
            let digits = format!("{:0>width$}", scaled.numer().abs(), width = places + 1);
            let (front, back) = digits.split_at(digits.len() - places);
            return format!("{}{front}.{back}", if value.is_negative() { "-" } else { "" });
        }
    }
    format!("{}/{}", value.numer(), value.denom())
}

/// Reads a number in the form that [`show`] writes, or with a currency sign or thousands commas.
pub fn parse(text: &str) -> Option<BigRational> {
    let text = text.trim();
    let (negative, text) = text.strip_prefix(['-', '−']).map_or((false, text), |rest| (true, rest));
    let text = text.trim_start_matches(['$', '€', '£']).trim_start();
    let (mut value, length) = scan(text)?;
    let rest = &text[length..];
    if let Some(below) = rest.strip_prefix('/') {
        let (below, length) = scan(below).filter(|(below, _)| !below.is_zero())?;
        if rest.len() > length + 1 {
            return None;
        }
        value /= below;
    } else if !rest.trim_start_matches('%').trim_end_matches('.').is_empty() {
        return None;
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        mentions(text).iter().map(|m| show(&m.value) + if m.percent { "%" } else { "" }).collect()
    }

    #[test]
    fn digits_words_and_fractions_are_found() {
        assert_eq!(shown("She puts $80,000 and 2.5 kg in; 150% more."), ["80000", "2.5", "150%"]);
        assert_eq!(shown("Twenty-five boys, three hundred and two dozen eggs"), ["25", "300", "2", "12"]);
        assert_eq!(
            shown("half as many, twice, two thirds, a quarter, 3/4"),
            ["0.5", "2", "2/3", "0.25", "0.75"]
        );
        assert_eq!(shown("two thousand five hundred and twelve thousand"), ["2500", "12000"]);
        assert_eq!(shown("one of them took the second S2 at x3 on the 5th"), [""; 0]);
        assert_eq!(shown("ten percent; 1,2,3; 12,34"), ["10%", "1", "2", "3", "12", "34"]);
        assert_eq!(shown("…½ 1.2.3 . .. héé 7"), ["1.2", "7"]);
    }

    #[test]
    fn hostile_text_is_no_number() {
        assert_eq!(shown(&"9".repeat(100_000)), [""; 0]);
        assert!(parse("1/0").is_none() && parse("").is_none() && parse("1e9").is_none());
        mentions(&"hundred ".repeat(10_000));
        mentions(&"one million ".repeat(10_000));
    }

    #[test]
    fn numbers_show_as_they_parse() {
        for text in ["0", "-12", "0.05", "-1.5", "1/3", "123456789012345678901234567890"] {
            assert_eq!(show(&parse(text).unwrap()), text);
        }
        assert_eq!(show(&parse("$1,250.50").unwrap()), "1250.5");
    }
}
