//! Words, sentences and keywords, counted as the authors of IFEval count them.

use std::ops::RangeInclusive;

use regex::{Captures, RegexBuilder};

use super::instructions::{Held, No, regex};

/// A character of a word as Python has it: combining marks, which Rust counts in, are none.
pub(super) const WORD: &str = r"[\p{L}\p{N}_]";

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Returns how often `keyword` is in the text, whatever its case: read as the words that it is, and as the regular
/// expression for which the authors' check takes it. The two differ only where it has signs such as `.` or `+`.
pub(super) fn occurrences(keyword: &str, text: &str) -> Result<[usize; 2], No> {
    let [plain, pattern] = readings(keyword);
    let count = |pattern: &str| Ok(ignoring_case(pattern)?.find_iter(text).count());
    let found = count(&plain)?;
    Ok([found, if plain == pattern { found } else { count(&pattern).unwrap_or(found) }])
}

/// Returns whether `keyword` stands in the text with ends of words around it, in both readings.
pub(super) fn stands_alone(keyword: &str, text: &str) -> Result<[bool; 2], No> {
    let [plain, pattern] = readings(keyword);
    let (first, last) = (is_word(keyword.chars().next()), is_word(keyword.chars().next_back()));
    // An edge is between a character of a word and another, or an end of the text.
    let outside = |before: &str| format!("(?:{before}|[^{}])", &WORD[1..WORD.len() - 1]);
    let (begin, end) = (outside("^"), outside("$"));
    let edge = |is_word: bool, outside: &str, otherwise: &str| {
        if is_word { outside.to_owned() } else { otherwise.to_owned() }
    };
    let holds = |inner: &str, otherwise: &str| {
        let (before, after) = (edge(first, &begin, otherwise), edge(last, &end, otherwise));
        Ok(ignoring_case(&format!("{before}(?:{inner}){after}"))?.is_match(text))
    };
    let found = holds(&plain, "")?;
    Ok([found, holds(&pattern, WORD).unwrap_or(found)])
}

/// Returns the keyword as a pattern for itself, and as the pattern that it spells.
fn readings(keyword: &str) -> [String; 2] {
    [regex::escape(keyword), keyword.replace('-', r"\-")]
}

/// Returns the one verdict of two readings.
pub(super) fn agreed(keyword: &str, [one, other]: [bool; 2]) -> Held {
    if one == other {
        return Ok(one);
    }
    Err(No::Verdict(format!("\"{keyword}\" is found as it is written or as a pattern, not as both")))
}

fn ignoring_case(pattern: &str) -> Result<regex::Regex, No> {
    let built = RegexBuilder::new(pattern).case_insensitive(true).build();
    built.map_err(|_| No::Verdict("its keyword is too long to search for".to_owned()))
}

/// What may follow the end of a sentence at once; after anything else but space a sentence continues.
const AFTER: &str = ")\";}]*:@'({[!?";

/// Abbreviations after which a sentence may end or not. One letter, digits, and what has a full stop within are too.
const ABBREVIATIONS: &str = " adm al ala alta approx apr apt ariz ark assn aug ave bldg blvd bros calif capt cf chg cie cmdr co col \
    colo conn corp cos cpl ct dec del dept dist div dr ed eds eq esp esq est etc ext feb fed fig fla fr fri ft ga gal gen gov govt hon \
    hr hrs hwy ill inc ind jan jct jr jul jun kan kg km ky lb lbs lt ltd ma maj mar mass max md messrs mfg mg mich min minn misc miss \
    ml mm mo mon mont mph mr mrs ms msgr mt mts neb nev no nos nov oct ok okla ont op ore oz pa para ph pl pp pres prof pt pts pub pvt \
    rd ref rep reps rev sat sec sen sens sep sept sgt sol sq sr st sta ste sun supt sw tech tel temp tenn tex thu thur thurs tue tues \
    univ va ver viz vol vols vs vt wash wed wis wk wt wyo yd yr yrs ";

/// Returns how many sentences the text has, at least and at most. A model of sentences, as the authors use one, knows from
/// large texts which abbreviations end them; here an end that depends on it is left open.
pub(super) fn sentences(text: &str) -> RangeInclusive<usize> {
    let mut ends = 0..=0;
    let words: Vec<&str> = text.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        let chars: Vec<char> = word.chars().collect();
        let followed = |place: usize| match chars.get(place + 1) {
            Some(next) => AFTER.contains(*next),
            None => at + 1 < words.len(),
        };
        let Some(end) =
            (0..chars.len()).rev().find(|place| ".?!".contains(chars[*place]) && followed(*place))
        else {
            continue;
        };
        // Nothing that a sentence could be made of comes after it.
        let last = at + 1 == words.len() && chars[end + 1..].iter().all(|c| AFTER.contains(*c));
        let sure = !last && (chars[end] != '.' || ends_surely(&chars[..end]));
        ends = ends.start() + usize::from(sure)..=ends.end() + 1;
    }
    let any = usize::from(!words.is_empty());
    any + ends.start()..=any + ends.end()
}

/// Returns whether a full stop after these characters ends a sentence in any case.
fn ends_surely(before: &[char]) -> bool {
    let letters = before.iter().rev().take_while(|c| c.is_alphabetic()).count();
    let word: String = before[before.len() - letters..].iter().flat_map(|c| c.to_lowercase()).collect();
    let inner = before[..before.len() - letters].last();
    letters > 1 && inner != Some(&'.') && !ABBREVIATIONS.contains(&format!(" {word} "))
}

/// Returns how many words are in capitals, as the tokens of NLTK are: without the signs around them, and with parts such
/// as `N'T` and `'S` as words of their own.
pub(super) fn capitals(text: &str) -> Result<usize, No> {
    const STEPS: [(&str, &str); 9] = [
        ("[«“‘„»”’`;@#$%&?!*\\[\\](){}<>\"\u{2012}-\u{2015}]|''+|--|\\.{2,}", " "),
        (r"([:,])([^\d])", " $1 $2"),
        (r"[:,]$", " "),
        (r"(?m)(^|[^\p{L}\p{N}_])'([\p{L}\p{N}_]+)", "$1\u{1}$2"),
        (r"\s+", " "),
        (r"([^' ])('[sSmMdD]|') ", "$1 $2 "),
        (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "),
        (r"(?i)\b(can)(not)\b", " $1 $2 "),
        (
            r"(?i)\b(d)('ye)\b|\b(gim)(me)\b|\b(gon)(na)\b|\b(got)(ta)\b|\b(lem)(me)\b|\b(more)('n)\b|\b(wan)(na) ",
            " $1$3$5$7$9$11$13 $2$4$6$8$10$12$14 ",
        ),
    ];
    let mut tokens = format!(" {text} ");
    for (pattern, by) in STEPS {
        let replaced = regex(pattern)?.replace_all(&tokens, |found: &Captures<'_>| {
            let mut into = String::new();
            found.expand(by, &mut into);
            into
        });
        tokens = replaced.into_owned();
    }
    let capital = |word: &&str| word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
    Ok(tokens.split([' ', '\u{1}']).filter(capital).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_sentences_are_sure_or_left_open() {
        for (text, least, most) in [
            ("", 0, 0),
            ("One", 1, 1),
            ("One. Two!", 2, 2),
            ("One.", 1, 1),
            ("He saw it. (It was red.) \"So?\" she said.", 4, 4),
            ("He met Dr. Who at 3 p.m. today.", 1, 3),
            ("What?! No... Yes.", 2, 3),
            ("It costs 3.50 on www.example.org, e.g., today.", 1, 1),
            ("**Bold.** Then more.", 2, 2),
            ("See 3. Then go.", 1, 2),
        ] {
            assert_eq!(sentences(text), least..=most, "{text}");
        }
    }

    #[test]
    fn capital_words_are_tokens() {
        for (text, count) in [
            ("so BIG", 1),
            ("I am A B-C", 3),
            ("COVID-19 and U.S.A. NASA's", 3),
            ("DON'T STOP. IT'S", 5),
            ("(HELLO,WORLD) 3,000 A:B", 4),
            ("CANNOT GONNA", 4),
            ("\"YES!\" 'NO' Mixed", 2),
            ("A/B 12:30PM", 2),
        ] {
            assert_eq!(capitals(text).ok(), Some(count), "{text}");
        }
    }

    #[test]
    fn keywords_with_signs_are_told_only_where_both_readings_agree() {
        let alone =
            |word: &str, text: &str| stands_alone(word, text).ok().and_then(|found| agreed(word, found).ok());
        assert_eq!(alone("U.S.", "no such thing"), Some(false));
        assert_eq!(alone("U.S.", "the U.S. policy"), None);
        assert_eq!(alone("a.b", "a.b"), Some(true));
        assert_eq!(alone("a.b", "axb"), None);
        assert_eq!(alone("C++", "C"), Some(false));
        assert_eq!(alone("café", "Cafés, CAFÉ"), Some(true));
        let count = |word: &str, text: &str| occurrences(word, text).ok();
        assert_eq!(count("war", "War, warrior"), Some([2, 2]));
        assert_eq!(count("a.c", "abc a.c"), Some([1, 2]));
        assert_eq!(count("(", "(("), Some([2, 2]));
    }
}
