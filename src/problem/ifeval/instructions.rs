//! The instructions of IFEval and what it takes to follow each; after `instructions.py` of the authors.
//!
//! Where theirs lean on a library (sentences and words of NLTK), the Unicode rules stand in, so that counts near a limit
//! may differ. What would need a language to be recognised is not judged.

use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::Instruction;

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
        "language" => return Judged::Unknown("languages are not told apart".to_owned()),
        _ => Ok(None),
    };
    match held {
        Ok(Some(true)) => Judged::Followed,
        Ok(Some(false)) => Judged::Missed,
        Ok(None) => Judged::Unknown("this version does not know it".to_owned()),
        Err(missing) => Judged::Broken(format!("it needs {missing}")),
    }
}

/// Whether the instruction holds; `None` for one that is not known. An error names the argument that is missing.
type Held = Result<Option<bool>, &'static str>;

/// What an instruction takes.
struct Args<'a>(&'a Map<String, Value>);

impl Args<'_> {
    fn text(&self, name: &'static str) -> Result<&str, &'static str> {
        self.0.get(name).and_then(Value::as_str).ok_or(name)
    }

    fn count(&self, name: &'static str) -> Result<usize, &'static str> {
        let value = self.0.get(name).ok_or(name)?;
        let whole = value
            .as_u64()
            .or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64));
        whole.and_then(|count| usize::try_from(count).ok()).ok_or(name)
    }

    fn texts(&self, name: &'static str) -> Result<Vec<&str>, &'static str> {
        let list = self.0.get(name).and_then(Value::as_array).ok_or(name)?;
        list.iter().map(|one| one.as_str().ok_or(name)).collect()
    }

    /// Returns whether `found` is related to the argument `count` as the argument `relation` says.
    fn related(
        &self,
        found: usize,
        relation: &'static str,
        count: &'static str,
    ) -> Result<bool, &'static str> {
        let count = self.count(count)?;
        match self.text(relation)? {
            "less than" => Ok(found < count),
            "at least" => Ok(found >= count),
            _ => Err(relation),
        }
    }
}

fn keywords(name: &str, args: &Args<'_>, text: &str) -> Held {
    let lower = text.to_lowercase();
    Ok(Some(match name {
        "existence" => args.texts("keywords")?.iter().all(|word| lower.contains(&word.to_lowercase())),
        "forbidden_words" => {
            let words: Vec<&str> = lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
            let said = |phrase: &&str| {
                let phrase = phrase.to_lowercase();
                // A phrase of several words is looked for as it is.
                if phrase.contains(' ') { lower.contains(&phrase) } else { words.contains(&phrase.as_str()) }
            };
            !args.texts("forbidden_words")?.iter().any(said)
        }
        "frequency" => {
            let word = args.text("keyword")?.to_lowercase();
            let found = if word.is_empty() { 0 } else { lower.matches(&word).count() };
            args.related(found, "relation", "frequency")?
        }
        "letter_frequency" => {
            let letter = args.text("letter")?.to_lowercase();
            let found = if letter.is_empty() { 0 } else { lower.matches(&letter).count() };
            args.related(found, "let_relation", "let_frequency")?
        }
        _ => return Ok(None),
    }))
}

fn length(name: &str, args: &Args<'_>, text: &str) -> Held {
    Ok(Some(match name {
        "number_words" => {
            let words =
                text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
            args.related(words.count(), "relation", "num_words")?
        }
        "number_sentences" => {
            // The segmentation overflows on an empty text (unicode-segmentation 1.13).
            let text = if text.is_empty() { " " } else { text };
            let sentences = text.unicode_sentences().filter(|one| one.chars().any(char::is_alphanumeric));
            args.related(sentences.count(), "relation", "num_sentences")?
        }
        "number_paragraphs" => {
            let parts: Vec<&str> = text.split("***").map(str::trim).collect();
            let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
            let paragraphs = parts.iter().filter(|part| !part.is_empty()).count();
            inner.iter().all(|part| !part.is_empty()) && paragraphs == args.count("num_paragraphs")?
        }
        "nth_paragraph_first_word" => {
            let paragraphs: Vec<&str> = text.split("\n\n").collect();
            let full = paragraphs.iter().filter(|part| !part.trim().is_empty()).count();
            let nth = args.count("nth_paragraph")?;
            let first = nth.checked_sub(1).and_then(|at| paragraphs.get(at)?.split_whitespace().next());
            let first: String = first.unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect();
            full == args.count("num_paragraphs")?
                && first.to_lowercase() == args.text("first_word")?.to_lowercase()
        }
        _ => return Ok(None),
    }))
}

fn form(name: &str, args: &Args<'_>, text: &str) -> Held {
    Ok(Some(match name {
        "number_placeholders" => {
            let found = text
                .lines()
                .flat_map(|line| line.split('[').skip(1))
                .filter(|rest| rest.contains(']'))
                .count();
            found >= args.count("num_placeholders")?
        }
        "postscript" => {
            let marker = args.text("postscript_marker")?;
            let letters =
                |text: &str| text.to_lowercase().chars().filter(|c| !" .".contains(*c)).collect::<String>();
            let (marker, lower) = (letters(marker), text.to_lowercase());
            lower.lines().any(|line| letters(line).starts_with(&marker))
                || lower.contains(&args.text("postscript_marker")?.to_lowercase())
        }
        "number_bullet_lists" => {
            let bullet = |line: &&str| {
                let line = line.trim_start();
                line.starts_with('-') || (line.starts_with('*') && line.len() > 1 && !line.starts_with("**"))
            };
            text.lines().filter(bullet).count() == args.count("num_bullets")?
        }
        "number_highlighted_sections" => {
            let found = text.lines().map(highlights).sum::<usize>();
            found >= args.count("num_highlights")?
        }
        "multiple_sections" => {
            let mark = args.text("section_spliter")?;
            let numbered = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
            let found = if mark.is_empty() {
                0
            } else {
                text.split(mark).skip(1).filter(|rest| numbered(rest)).count()
            };
            found >= args.count("num_sections")?
        }
        "title" => text.lines().any(|line| {
            let inside = line.split_once("<<").and_then(|(_, rest)| rest.split_once(">>"));
            inside.is_some_and(|(title, _)| !title.trim_matches(['<', '>', ' ']).is_empty())
        }),
        "json_format" => {
            let text = text.trim();
            let text = ["```json", "```Json", "```JSON", "```"]
                .iter()
                .find_map(|mark| text.strip_prefix(mark))
                .unwrap_or(text);
            serde_json::from_str::<serde::de::IgnoredAny>(text.strip_suffix("```").unwrap_or(text).trim())
                .is_ok()
        }
        "constrained_response" => ["My answer is yes.", "My answer is no.", "My answer is maybe."]
            .iter()
            .any(|one| text.contains(one)),
        _ => return Ok(None),
    }))
}

/// Returns how many pieces of a line stand between single or double asterisks.
fn highlights(line: &str) -> usize {
    let mut found = 0;
    let mut rest = line;
    while let Some(at) = rest.find('*') {
        let mark = if rest[at..].starts_with("**") { "**" } else { "*" };
        let inner = &rest[at + mark.len()..];
        let Some(end) = inner.find(mark) else { break };
        found += usize::from(!inner[..end].trim_matches(['*', ' ']).is_empty());
        rest = &inner[end + mark.len()..];
    }
    found
}

fn ends(name: &str, args: &Args<'_>, text: &str) -> Held {
    let lower = text.trim().to_lowercase();
    Ok(Some(match name {
        "repeat_prompt" => lower.starts_with(&args.text("prompt_to_repeat")?.trim().to_lowercase()),
        "two_responses" => {
            let parts: Vec<&str> = text.split("******").map(str::trim).collect();
            let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
            let full: Vec<&&str> = parts.iter().filter(|part| !part.is_empty()).collect();
            inner.iter().all(|part| !part.is_empty()) && matches!(full[..], [one, other] if one != other)
        }
        "end_checker" => lower.trim_matches('"').ends_with(&args.text("end_phrase")?.trim().to_lowercase()),
        "quotation" => lower.len() > 1 && lower.starts_with('"') && lower.ends_with('"'),
        _ => return Ok(None),
    }))
}

fn case(name: &str, args: &Args<'_>, text: &str) -> Held {
    let (upper, lower) = (text.chars().any(char::is_uppercase), text.chars().any(char::is_lowercase));
    Ok(Some(match name {
        "english_capital" => upper && !lower,
        "english_lowercase" => lower && !upper,
        "capital_word_frequency" => {
            let capital =
                |word: &&str| word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
            let found = text.unicode_words().filter(capital).count();
            args.related(found, "capital_relation", "capital_frequency")?
        }
        "no_comma" => !text.contains(','),
        _ => return Ok(None),
    }))
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
    }

    #[test]
    fn forms_and_ends() {
        use serde_json::json;
        tell("detectable_content:number_placeholders", json!({"num_placeholders": 2}), "[a] and [b]", "[a]");
        tell("detectable_content:postscript", json!({"postscript_marker": "P.S."}), "Bye\nP. S. more", "Bye");
        tell("detectable_format:number_bullet_lists", json!({"num_bullets": 2}), "* a\n- b", "* a\n**b**");
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
        tell("change_case:english_capital", json!({}), "ALL 3", "All");
        tell("change_case:english_lowercase", json!({}), "all 3", "All");
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
        assert!(matches!(one("language:response_language"), Judged::Unknown(_)));
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
