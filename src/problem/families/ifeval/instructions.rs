//! The instructions of IFEval and what it takes to follow each: as `instructions.py` of the authors has it, so that a
//! verdict here is theirs.
//!
//! Theirs lean on two libraries, for sentences and for languages. What stands in for them says when it cannot tell, and then
//! there is no verdict.

use std::ops::RangeInclusive;

use regex::Regex;
use serde_json::{Map, Value};

use super::{Instruction, language, words};

/// Whether a text follows an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    /// It does.
    Followed,
    /// It does not.
    Missed,
    /// No checker here can tell, and why.
    Unknown(String),
    /// The instruction lacks something, and what.
    Broken(String),
}

/// Judges `text` by one instruction.
pub(super) fn judge(instruction: &Instruction, text: &str) -> Judged {
    let args = Args(&instruction.kwargs);
    let (kind, name) = instruction.id.split_once(':').unwrap_or(("", instruction.id.as_str()));
    let held = match kind {
        "keywords" => keywords(name, &args, text),
        "length_constraints" => length(name, &args, text),
        "detectable_content" | "detectable_format" => form(name, &args, text),
        "combination" | "startend" => ends(name, &args, text),
        "change_case" | "punctuation" => case(name, &args, text),
        "language" => args.text("language").and_then(|wanted| sure(language::is(text, wanted))),
        _ => Err(unknown()),
    };
    match held {
        Ok(true) => Judged::Followed,
        Ok(false) => Judged::Missed,
        Err(No::Verdict(why)) => Judged::Unknown(why),
        Err(No::Argument(name)) => Judged::Broken(format!("it needs {name}")),
    }
}

/// Why there is no verdict.
pub(super) enum No {
    /// The argument with this name is missing, or of the wrong kind.
    Argument(&'static str),
    /// It cannot be decided here, for this reason.
    Verdict(String),
}

/// Whether an instruction holds.
pub(super) type Held = Result<bool, No>;

fn unknown() -> No {
    No::Verdict("this version does not know it".to_owned())
}

fn sure(verdict: Result<bool, String>) -> Held {
    verdict.map_err(No::Verdict)
}

/// Returns the regular expression that `pattern` spells.
pub(super) fn regex(pattern: &str) -> Result<Regex, No> {
    Regex::new(pattern).map_err(|_| No::Verdict(format!("{pattern} is too long to search for")))
}

/// Returns how often `pattern` is in the text.
fn count(pattern: &str, text: &str) -> Result<usize, No> {
    Ok(regex(pattern)?.find_iter(text).count())
}

/// What an instruction takes.
struct Args<'a>(&'a Map<String, Value>);

impl Args<'_> {
    fn text(&self, name: &'static str) -> Result<&str, No> {
        self.0.get(name).and_then(Value::as_str).ok_or(No::Argument(name))
    }

    fn count(&self, name: &'static str) -> Result<usize, No> {
        let value = self.0.get(name).ok_or(No::Argument(name))?;
        let whole = value
            .as_u64()
            .or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64));
        whole.and_then(|count| usize::try_from(count).ok()).ok_or(No::Argument(name))
    }

    fn texts(&self, name: &'static str) -> Result<Vec<&str>, No> {
        let list = self.0.get(name).and_then(Value::as_array).ok_or(No::Argument(name))?;
        list.iter().map(|one| one.as_str().ok_or(No::Argument(name))).collect()
    }

    /// Returns whether a number of `found`, of which at least the bounds are known, is related to the argument `count`
    /// as the argument `relation` says.
    fn related(&self, found: RangeInclusive<usize>, relation: &'static str, count: &'static str) -> Held {
        let count = self.count(count)?;
        let holds: fn(usize, usize) -> bool = match self.text(relation)? {
            "less than" => |found, count| found < count,
            "at least" => |found, count| found >= count,
            _ => return Err(No::Argument(relation)),
        };
        let (least, most) = (*found.start(), *found.end());
        match (holds(least, count), holds(most, count)) {
            (one, other) if one == other => Ok(one),
            _ => Err(No::Verdict(format!("there may be {least} to {most} of them"))),
        }
    }
}

/// Returns the range of exactly `count`.
fn exactly(count: usize) -> RangeInclusive<usize> {
    count..=count
}

fn keywords(name: &str, args: &Args<'_>, text: &str) -> Held {
    match name {
        "existence" => args.texts("keywords")?.into_iter().try_fold(true, |all, keyword| {
            let counts = words::occurrences(keyword, text)?;
            Ok(words::agreed(keyword, counts.map(|count| count > 0))? && all)
        }),
        "forbidden_words" => args
            .texts("forbidden_words")?
            .into_iter()
            .try_fold(true, |none, word| Ok(!words::agreed(word, words::stands_alone(word, text)?)? && none)),
        "frequency" => {
            let keyword = args.text("keyword")?.trim();
            let [one, other] = words::occurrences(keyword, text)?;
            args.related(one.min(other)..=one.max(other), "relation", "frequency")
        }
        "letter_frequency" => {
            let mut letters = args.text("letter")?.trim().chars().flat_map(char::to_lowercase);
            let (Some(letter), None) = (letters.next(), letters.next()) else {
                return Err(No::Argument("letter, one character"));
            };
            let found = text.chars().flat_map(char::to_lowercase).filter(|c| *c == letter).count();
            args.related(exactly(found), "let_relation", "let_frequency")
        }
        _ => Err(unknown()),
    }
}

fn length(name: &str, args: &Args<'_>, text: &str) -> Held {
    match name {
        "number_words" => {
            args.related(exactly(count(&format!("{}+", words::WORD), text)?), "relation", "num_words")
        }
        "number_sentences" => args.related(words::sentences(text), "relation", "num_sentences"),
        "number_paragraphs" => {
            let parts: Vec<&str> = text.split("***").map(str::trim).collect();
            let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
            let paragraphs = parts.iter().filter(|part| !part.is_empty()).count();
            Ok(inner.iter().all(|part| !part.is_empty()) && paragraphs == args.count("num_paragraphs")?)
        }
        "nth_paragraph_first_word" => {
            let paragraphs: Vec<&str> = text.split("\n\n").map(str::trim).collect();
            let full = paragraphs.iter().filter(|part| !part.is_empty()).count();
            let nth = args.count("nth_paragraph")?;
            let first = nth.checked_sub(1).and_then(|at| paragraphs.get(at)?.split_whitespace().next());
            let word = first.unwrap_or_default().trim_start_matches('\'').trim_start_matches('"');
            let word = word.split(['.', ',', '?', '!', '\'', '"']).next().unwrap_or_default();
            Ok(nth <= full
                && first.is_some()
                && full == args.count("num_paragraphs")?
                && word.to_lowercase() == args.text("first_word")?.to_lowercase())
        }
        _ => Err(unknown()),
    }
}

fn form(name: &str, args: &Args<'_>, text: &str) -> Held {
    Ok(match name {
        "number_placeholders" => count(r"\[.*?\]", text)? >= args.count("num_placeholders")?,
        "postscript" => return postscript(args.text("postscript_marker")?.trim(), text),
        "number_bullet_lists" => {
            let found = count(r"(?m)^\s*\*[^*].*$", text)? + count(r"(?m)^\s*-.*$", text)?;
            found == args.count("num_bullets")?
        }
        "number_highlighted_sections" => {
            let full = |pattern: &str| {
                let inside = |found: &regex::Match<'_>| !found.as_str().trim_matches('*').trim().is_empty();
                Ok(regex(pattern)?.find_iter(text).filter(inside).count())
            };
            let found = full(r"\*[^\n*]*\*")? + full(r"\*\*[^\n*]*\*\*")?;
            found >= args.count("num_highlights")?
        }
        "multiple_sections" => {
            let mark = regex::escape(args.text("section_spliter")?.trim());
            count(&format!(r"\s?{mark}\s?\d+\s?"), text)? >= args.count("num_sections")?
        }
        "title" => {
            let inside = |found: regex::Match<'_>| {
                !found.as_str().trim_start_matches('<').trim_end_matches('>').trim().is_empty()
            };
            regex("<<[^\n]+>>")?.find_iter(text).any(inside)
        }
        "json_format" => is_json(text),
        "constrained_response" => ["My answer is yes.", "My answer is no.", "My answer is maybe."]
            .iter()
            .any(|one| text.contains(one)),
        _ => return Err(unknown()),
    })
}

/// Returns whether the text has a postscript. The two usual markers may have space between their letters; they may stand
/// anywhere.
fn postscript(marker: &str, text: &str) -> Held {
    let pattern = match marker {
        "" => return Err(No::Argument("postscript_marker")),
        "P.P.S" => r"p\.\s?p\.\s?s".to_owned(),
        "P.S." => r"p\.\s?s\.".to_owned(),
        other => regex::escape(&other.to_lowercase()),
    };
    Ok(regex(&pattern)?.is_match(&text.to_lowercase()))
}

/// Returns whether the text is JSON, perhaps in one block of code.
fn is_json(text: &str) -> bool {
    let mut inner = text.trim();
    for mark in ["```json", "```Json", "```JSON", "```"] {
        inner = inner.strip_prefix(mark).unwrap_or(inner);
    }
    let inner = inner.strip_suffix("```").unwrap_or(inner).trim();
    serde_json::from_str::<serde::de::IgnoredAny>(inner).is_ok()
}

fn ends(name: &str, args: &Args<'_>, text: &str) -> Held {
    let lower = text.trim().to_lowercase();
    Ok(match name {
        "repeat_prompt" => lower.starts_with(&args.text("prompt_to_repeat")?.trim().to_lowercase()),
        "two_responses" => {
            let parts: Vec<&str> = text.split("******").map(str::trim).collect();
            let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
            let full: Vec<&&str> = parts.iter().filter(|part| !part.is_empty()).collect();
            inner.iter().all(|part| !part.is_empty()) && matches!(full[..], [one, other] if one != other)
        }
        "end_checker" => lower.trim_matches('"').ends_with(&args.text("end_phrase")?.trim().to_lowercase()),
        "quotation" => lower.len() > 1 && lower.starts_with('"') && lower.ends_with('"'),
        _ => return Err(unknown()),
    })
}

fn case(name: &str, args: &Args<'_>, text: &str) -> Held {
    let (upper, lower) = (text.chars().any(char::is_uppercase), text.chars().any(char::is_lowercase));
    match name {
        "english_capital" if upper && !lower => sure(language::is(text, "en")),
        "english_lowercase" if lower && !upper => sure(language::is(text, "en")),
        "english_capital" | "english_lowercase" => Ok(false),
        "capital_word_frequency" => {
            args.related(exactly(words::capitals(text)?), "capital_relation", "capital_frequency")
        }
        "no_comma" => Ok(!text.contains(',')),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks one instruction against a text that follows it and one that does not.
    fn tell(id: &str, kwargs: Value, good: &str, bad: &str) {
        let Value::Object(kwargs) = kwargs else { panic!("arguments") };
        let one = Instruction { id: id.to_owned(), kwargs };
        assert_eq!(judge(&one, good), Judged::Followed, "{id}: {good}");
        assert_eq!(judge(&one, bad), Judged::Missed, "{id}: {bad}");
    }

    #[test]
    fn words_and_lengths() {
        use serde_json::json;
        tell("keywords:existence", json!({"keywords": ["Sea", "salt"]}), "salt of the sea", "the sea");
        tell("keywords:forbidden_words", json!({"forbidden_words": ["rock"]}), "rocks", "A rock.");
        tell("keywords:forbidden_words", json!({"forbidden_words": ["e-mail"]}), "e-mails", "an E-Mail?");
        tell(
            "keywords:forbidden_words",
            json!({"forbidden_words": ["ice cream"]}),
            "nice creamy, ice-cream",
            "Ice cream!",
        );
        tell("keywords:forbidden_words", json!({"forbidden_words": ["don't"]}), "I do not", "I don't.");
        tell(
            "keywords:frequency",
            json!({"relation": "at least", "keyword": "war", "frequency": 2.0}),
            "War and war",
            "war",
        );
        tell(
            "keywords:letter_frequency",
            json!({"let_relation": "less than", "letter": "!", "let_frequency": 2}),
            "a!",
            "!!",
        );
        tell(
            "length_constraints:number_words",
            json!({"relation": "less than", "num_words": 3}),
            "two words",
            "now three words",
        );
        tell(
            "length_constraints:number_sentences",
            json!({"relation": "at least", "num_sentences": 2}),
            "One. Two!",
            "One",
        );
        tell("length_constraints:number_paragraphs", json!({"num_paragraphs": 2}), "a\n***\nb", "a\n\nb");
        tell(
            "length_constraints:nth_paragraph_first_word",
            json!({"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"}),
            "First.\n\n\"Then\" more.",
            "First.\n\nMore.",
        );
        tell(
            "length_constraints:nth_paragraph_first_word",
            json!({"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "It"}),
            "it's so.\n\n\n\nYes.",
            "It-so\n\nYes.",
        );
    }

    #[test]
    fn forms_and_ends() {
        use serde_json::json;
        tell(
            "detectable_content:number_placeholders",
            json!({"num_placeholders": 2}),
            "[a] and [b]",
            "[[a]]",
        );
        for (good, bad) in
            [("Bye\nP. S. more", "Bye"), ("so p.s. more", "\nPsychology"), ("P.S.x", "P.S more")]
        {
            tell("detectable_content:postscript", json!({"postscript_marker": "P.S."}), good, bad);
        }
        tell(
            "detectable_content:postscript",
            json!({"postscript_marker": "P.P.S"}),
            "P. P. S more",
            "P.S. pps",
        );
        tell("detectable_format:number_bullet_lists", json!({"num_bullets": 2}), "* a\n- b", "* a\n**b**");
        tell("detectable_format:number_bullet_lists", json!({"num_bullets": 1}), "**a**\n  -b", "*a\n*b");
        tell(
            "detectable_format:number_highlighted_sections",
            json!({"num_highlights": 2}),
            "*a* and **b**",
            "*a* ** **",
        );
        tell(
            "detectable_format:multiple_sections",
            json!({"section_spliter": "PART", "num_sections": 2}),
            "PART 1 a PART 2 b",
            "PART one",
        );
        tell("detectable_format:title", json!({}), "<<Song>>\nla", "<< >>");
        tell("detectable_format:title", json!({}), "<< >> <<a>>", "<<a\n>>");
        tell("detectable_format:json_format", json!({}), "```json\n{\"a\": 1}\n```", "{a}");
        tell("detectable_format:constrained_response", json!({}), "My answer is no.", "No.");
        tell("combination:repeat_prompt", json!({"prompt_to_repeat": "Say it."}), "say it. It.", "It.");
        tell("combination:two_responses", json!({}), "a\n******\nb", "a\n******\na");
        tell(
            "startend:end_checker",
            json!({"end_phrase": "Anything else?"}),
            "So. \"Anything else?\"",
            "So.",
        );
        tell("startend:quotation", json!({}), "\"so\"", "so");
        let words =
            "the people of the town were happy with what they had, and so they went home in the evening";
        tell("change_case:english_capital", json!({}), &words.to_uppercase(), "All");
        tell("change_case:english_lowercase", json!({}), words, "All");
        tell(
            "change_case:capital_word_frequency",
            json!({"capital_relation": "at least", "capital_frequency": 1}),
            "so BIG",
            "so big",
        );
        tell("punctuation:no_comma", json!({}), "none", "a, b");
    }

    #[test]
    fn what_cannot_be_judged_says_so() {
        let one = |id: &str| judge(&Instruction { id: id.to_owned(), kwargs: Map::new() }, "");
        assert_eq!(one("language:response_language"), Judged::Broken("it needs language".to_owned()));
        assert!(matches!(one("keywords:rhymes"), Judged::Unknown(_)));
        assert!(matches!(one(""), Judged::Unknown(_)));
        assert_eq!(one("keywords:existence"), Judged::Broken("it needs keywords".to_owned()));
        for id in ["length_constraints:number_sentences", "change_case:english_capital", "startend:quotation"]
        {
            one(id);
        }
        let Value::Object(kwargs) = serde_json::json!({"relation": "less than", "num_sentences": 1}) else {
            panic!()
        };
        let none = Instruction { id: "length_constraints:number_sentences".to_owned(), kwargs };
        assert_eq!(judge(&none, ""), Judged::Followed);
    }
}
