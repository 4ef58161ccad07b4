//! What a file holds, whatever its name says: a name can be wrong, and a text that is data holds gold answers perhaps.

/// The first bytes of files that are no text, and what such a file is.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it is a zip archive (or a spreadsheet); unpack it with unzip, and name a file of it"),
    (b"\x28\xb5\x2f\xfd", "it is packed with Zstandard; unpack it with zstd -d"),
    (b"\xfd7zXZ\0", "it is packed with xz; unpack it with xz -dk"),
    (b"BZh", "it is packed with bzip2; unpack it with bunzip2 -k"),
    (b"ARROW1", "it is an Arrow table; write it as .jsonl or .parquet, such as with DuckDB or pandas"),
    (b"SQLite format 3\0", "it is a SQLite database; write its rows as .jsonl"),
    (b"GGUF", "it is a model"),
    (b"version https://git-lfs", "it only points to a file in Git LFS; fetch that with git lfs pull"),
    (b"<!DOCTYPE", "it is a web page; download the file itself, such as from its raw link"),
    (b"<!doctype", "it is a web page; download the file itself, such as from its raw link"),
    (b"<html", "it is a web page; download the file itself, such as from its raw link"),
];

const GZIP: &[u8] = b"\x1f\x8b";
/// How a Parquet file begins and ends.
pub(super) const PARQUET: &[u8] = b"PAR1";

/// Returns whether a file that begins with `start` is packed with gzip.
pub(super) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(GZIP)
}

/// Returns what a file that begins with `start` is and what to do, where it is nothing that can be read as text.
pub(super) fn foreign(start: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, what)| *what)
}

/// Returns whether a file that begins with `start` is one JSON document with a list, or spread over lines, rather than
/// lines of JSON.
pub(super) fn begins_document(start: &[u8]) -> bool {
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start).trim_ascii_start();
    match start.split_first() {
        Some((b'[', rest)) => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[' | b']')),
        Some((b'{', rest)) => {
            rest.iter().take_while(|byte| byte.is_ascii_whitespace()).any(|byte| *byte == b'\n')
        }
        Some(_) | None => false,
    }
}

/// Names under which data keep a task, and what only the oracle may see.
const TASKS: [&str; 10] =
    ["q", "question", "problem", "prompt", "input", "query", "task", "instruction", "text", "puzzle"];
const GOLDS: [&str; 17] = [
    "a",
    "answer",
    "answers",
    "gold",
    "solution",
    "target",
    "final_answer",
    "output",
    "ground_truth",
    "ground_truth_plan",
    "label",
    "expected",
    "canonical_solution",
    "reference",
    "response",
    "completion",
    "test",
];

/// Returns what kind of data `text` is, where it is no task in words.
pub(super) fn data_in(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let bare = without_comments(text);
    if is_json(bare) || begins_object(bare) || bare.lines().any(names_both) {
        return Some("rows of JSON");
    }
    let roles = ["\"role\": \"assistant\"", "\"role\":\"assistant\"", "'role': 'assistant'"];
    if roles.iter().any(|role| text.contains(role)) {
        return Some("a recorded chat");
    }
    let head = bare.lines().next().unwrap_or_default();
    if [',', '\t', ';', '|'].into_iter().any(|comma| is_header(head, comma)) {
        return Some("a table with a header");
    }
    let starts = |line: &str, name: &str, sign: char| {
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(sign))
    };
    let lines = || text.lines().map(str::trim);
    if lines().any(|line| line == "[[problem]]" || starts(line, "gold", '=')) {
        return Some("problems in TOML");
    }
    let keys = |line: &str, names: &[&str]| names.iter().any(|name| starts(line, name, ':'));
    let list = lines().any(|line| line.strip_prefix("- ").is_some_and(|line| keys(line.trim(), &TASKS)));
    (list && lines().any(|line| keys(line, &GOLDS))).then_some("a list in YAML")
}

/// Leaves out what stands above the data in lines of its own that begin with `#` or `//`.
fn without_comments(mut text: &str) -> &str {
    while let Some((line, rest)) = text.split_once('\n')
        && (line.trim().is_empty() || line.starts_with('#') || line.starts_with("//"))
    {
        text = rest;
    }
    text.trim()
}

/// Whether an object of JSON or Python begins a text, or a list of them, whether it is well-formed or not. A task begins with
/// words.
fn begins_object(text: &str) -> bool {
    let inner = text.strip_prefix('[').unwrap_or(text).trim_start();
    inner.strip_prefix('{').is_some_and(|inside| inside.trim_start().starts_with(['"', '\'']))
}

/// Whether it is one JSON document, or nothing but lines of objects.
fn is_json(text: &str) -> bool {
    let object = |text: &str| {
        text.starts_with('{')
            && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
    };
    let list = text.starts_with('[')
        && serde_json::from_str::<Vec<serde_json::Value>>(text)
            .is_ok_and(|list| list.iter().any(|one| !one.is_number()));
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    list || object(text) || (lines.peek().is_some() && lines.all(object))
}

/// Whether a line that begins as an object, well-formed or not, names a task and a gold answer.
fn names_both(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['{', '[']) && {
        let lower = line.to_lowercase();
        let names = |names: &[&str]| {
            names.iter().any(|name| {
                ['"', '\''].into_iter().any(|quote| {
                    let quoted = format!("{quote}{name}{quote}");
                    lower
                        .match_indices(&quoted)
                        .any(|(at, found)| lower[at + found.len()..].trim_start().starts_with(':'))
                })
            })
        };
        names(&TASKS) && names(&GOLDS)
    }
}

/// Whether a line is the header of a table with a task and a gold answer.
fn is_header(line: &str, comma: char) -> bool {
    let cells: Vec<String> =
        line.split(comma).map(|cell| cell.trim().trim_matches('"').trim().to_lowercase()).collect();
    let has = |names: &[&str]| names.iter().any(|name| cells.iter().any(|cell| cell == name));
    has(&TASKS) && has(&GOLDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_told_from_tasks_in_words() {
        for data in [
            "{\"question\": \"How many?\", \"answer\": \"#### 3\"}\n{\"question\": \"And?\", \"answer\": \"#### 4\"}\n",
            "{\"q\": \"How many?\", \"a\": 3}",
            "[{\"problem\": \"p\",\n \"Answer\": 3}]",
            "# a note\n{\"question\": \"How many?\", \"answer\": \"#### 3\"}",
            "{\"question\": \"broken, \"answer\" : 3",
            "{'problem': 'of Python', 'solution': 'x'}",
            "{\n  \"problem\": \"p\",\n  \"gold\": 3,\n",
            "id,Question,Answer\n1,How many?,3\n",
            "question\tanswer\nHow many?\t3",
            "[[problem]]\ntext = \"How many?\"",
            "family = \"math\"\ngold = \"3\"",
            "- question: How many?\n  answer: 3\n",
            "# the test set\n\n{\"q\": \"How many?\", \"a\": 3",
            "{'q': 'How many?', 'a': 3}",
            "q;a\nHow many?;3",
            "messages\n\"[{'role': 'user', 'content': 'How many?'}, {'role': 'assistant', 'content': '3'}]\"",
        ] {
            assert!(data_in(data).is_some(), "{data}");
        }
        for words in [
            "How many pens are left?",
            "Question: How many?\nAnswer:",
            "Reply as JSON: {\"answer\": 3}.",
            "Fix this:\n{\"answer\": 3,}\n",
            "[1, 2, 3]",
            "Sort the answer, the question and the test.",
            "Question, answer.\nquestion: why\n",
            "# Sets\nWhat is {1, 2} and {\"a\"}?",
            "{1, 2} is a set. How many members has it?",
        ] {
            assert_eq!(data_in(words), None, "{words}");
        }
    }

    #[test]
    fn a_document_is_told_from_lines() {
        for document in ["[{\"a\": 1}]", " [\n {", "\u{feff}{\n\"a\": 1}", "[[\"a.pddl\", 1]]", "[]"] {
            assert!(begins_document(document.as_bytes()), "{document}");
        }
        for lines in ["{\"a\": 1}\n{", "[\"a.pddl\", \"\", 2]\n", "{ \"a\": 1}", "", "words"] {
            assert!(!begins_document(lines.as_bytes()), "{lines}");
        }
    }
}
