//! Which language a text is in, where that is plain.

use whatlang::{Lang, Script};

/// The languages of the data set by their codes of two letters, each with the three letters by which the detector knows it
/// and its scripts; no letters for one that it does not know.
const LANGUAGES: [(&str, &str, &[Script]); 30] = [
    ("en", "eng", &[Script::Latin]),
    ("es", "spa", &[Script::Latin]),
    ("pt", "por", &[Script::Latin]),
    ("ar", "ara", &[Script::Arabic]),
    ("hi", "hin", &[Script::Devanagari]),
    ("fr", "fra", &[Script::Latin]),
    ("ru", "rus", &[Script::Cyrillic]),
    ("de", "deu", &[Script::Latin]),
    ("ja", "jpn", &[Script::Hiragana, Script::Katakana, Script::Mandarin]),
    ("it", "ita", &[Script::Latin]),
    ("bn", "ben", &[Script::Bengali]),
    ("uk", "ukr", &[Script::Cyrillic]),
    ("th", "tha", &[Script::Thai]),
    ("ur", "urd", &[Script::Arabic]),
    ("ta", "tam", &[Script::Tamil]),
    ("te", "tel", &[Script::Telugu]),
    ("bg", "bul", &[Script::Cyrillic]),
    ("ko", "kor", &[Script::Hangul]),
    ("pl", "pol", &[Script::Latin]),
    ("he", "heb", &[Script::Hebrew]),
    ("fa", "pes", &[Script::Arabic]),
    ("vi", "vie", &[Script::Latin]),
    ("ne", "nep", &[Script::Devanagari]),
    ("sw", "", &[Script::Latin]),
    ("kn", "kan", &[Script::Kannada]),
    ("mr", "mar", &[Script::Devanagari]),
    ("gu", "guj", &[Script::Gujarati]),
    ("pa", "pan", &[Script::Gurmukhi]),
    ("ml", "mal", &[Script::Malayalam]),
    ("fi", "fin", &[Script::Latin]),
];

/// Returns whether `text` is in the language with the code `wanted`.
///
/// # Errors
/// Why that cannot be decided: the text is too short or mixed, or the language is not known.
pub(super) fn is(text: &str, wanted: &str) -> Result<bool, String> {
    let Some((_, code, scripts)) = LANGUAGES.iter().find(|(code, ..)| *code == wanted) else {
        return Err(format!("the language {wanted} is not known here"));
    };
    let unclear = || format!("whether it is in the language {wanted} is not clear");
    let found = whatlang::detect(text).ok_or_else(unclear)?;
    if !scripts.contains(&found.script()) {
        return Ok(false);
    }
    let language = Lang::from_code(*code).ok_or_else(unclear)?;
    match found.is_reliable() {
        true => Ok(found.lang() == language),
        false => Err(unclear()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_are_told_and_others_are_not() {
        let english =
            "The people of the town were happy with what they had, and so they went home in the evening.";
        assert_eq!(is(english, "en"), Ok(true));
        assert_eq!(is(&english.to_uppercase(), "en"), Ok(true));
        for other in ["kn", "ru", "ko", "pt", "vi", "de", "fa"] {
            assert_eq!(is(english, other), Ok(false), "{other}");
        }
        assert_eq!(is("사람들은 저녁에 집으로 돌아갔습니다.", "ko"), Ok(true));
        let russian = "Вечером жители города вернулись домой, потому что они очень устали после долгой работы, и сели ужинать, \
                       а потом ещё долго говорили о том, что было сделано за день.";
        assert_eq!(is(russian, "ru"), Ok(true));
        assert!(is("OK 12", "en").is_err() && is(english, "sw").is_err() && is(english, "xx").is_err());
        assert!(is("12", "en").is_err());
    }

    #[test]
    fn every_code_is_known_to_the_detector_or_has_none() {
        for (two, three, _) in LANGUAGES {
            assert!(three.is_empty() || Lang::from_code(three).is_some(), "{two}");
        }
    }
}
