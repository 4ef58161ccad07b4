//! Finding the code in what a model wrote.

use std::collections::BTreeSet;

use super::facts::{self, Facts, normal};

/// Places where a block may end, or a run of lines begin, that are tried.
const TRIES: usize = 50;

/// What is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sought<'a> {
    /// The name of the function; without it, any function will do.
    pub name: Option<&'a str>,
    /// The task, where it is Python that begins the function.
    pub task: Option<&'a str>,
}

impl Sought<'_> {
    fn is_in(&self, code: &str) -> bool {
        let Ok(facts) = Facts::of(code) else { return false };
        match self.name {
            Some(name) => facts.makes.contains(name),
            None => facts.functions.iter().any(|name| !name.starts_with("test")),
        }
    }
}

/// Returns the code in `text`: the last block between fences that is Python with the function, and what it needs of the
/// other blocks; otherwise lines without fences that are; otherwise the body of the function that the task began.
pub fn code_in(text: &str, sought: Sought<'_>) -> Option<String> {
    let blocks = fenced(text);
    if let Some(at) = blocks.iter().rposition(|code| sought.is_in(code)) {
        return Some(with_helpers(&blocks, at));
    }
    if let Some(code) = unfenced(text, sought).or_else(|| body(text, &blocks, sought)) {
        return Some(code);
    }
    // A block that is no Python, or another function, is reported as such rather than ignored.
    blocks.into_iter().rev().find(|code| code.contains("def ")).or_else(|| unfenced(text, Sought::default()))
}

/// Returns the normal form of the code in `text`: without comments and blank lines.
pub fn normal_in(text: &str, sought: Sought<'_>) -> Option<String> {
    normal(&code_in(text, sought)?)
}

/// Returns the block at a place, after those others that make names which it reads and does not make.
fn with_helpers(blocks: &[String], at: usize) -> String {
    let facts: Vec<Facts> = blocks.iter().map(|code| Facts::of(code).unwrap_or_default()).collect();
    let mut used = BTreeSet::from([at]);
    let lacking = |used: &BTreeSet<usize>| -> BTreeSet<&String> {
        let read = used.iter().flat_map(|block| &facts[*block].reads);
        read.filter(|name| !used.iter().any(|block| facts[*block].makes.contains(*name))).collect()
    };
    // The nearest block before counts, then the nearest after.
    let others = || (0..at).rev().chain(at + 1..blocks.len());
    while let Some(next) = {
        let names = lacking(&used);
        others().find(|block| {
            !used.contains(block) && names.iter().any(|name| facts[*block].makes.contains(*name))
        })
    } {
        used.insert(next);
    }
    used.remove(&at);
    let helpers = used.iter().map(|block| blocks[*block].as_str());
    helpers.chain([blocks[at].as_str()]).collect::<Vec<_>>().join("\n\n")
}

/// A line of a fence, as Markdown has them.
struct Fence<'a> {
    mark: char,
    length: usize,
    /// What comes before it: space, and signs of quotes and lists.
    before: &'a str,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let at = line.find(['`', '~'])?;
        let (before, rest) = line.split_at(at);
        let mark = rest.chars().next()?;
        let info = rest.trim_start_matches(mark);
        let length = rest.len() - info.len();
        let is_sign = |c: char| c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c);
        let fine = length >= 3 && before.chars().all(is_sign) && !info.contains(mark);
        fine.then_some(Self { mark, length, before, info: info.trim() })
    }

    /// Returns whether this one, opened, is closed by `other`.
    fn is_closed_by(&self, other: &Self) -> bool {
        other.info.is_empty() && other.mark == self.mark && other.length >= self.length
    }

    /// Returns a line of the block as its author meant it: without the signs of a quote and the space before the fence.
    fn inner<'b>(&self, line: &'b str) -> &'b str {
        let mut rest = line;
        for sign in self.before.chars() {
            let skipped = match sign {
                '>' => rest.trim_start().strip_prefix('>'),
                _ => rest.strip_prefix([' ', '\t']),
            };
            rest = skipped.unwrap_or(rest);
        }
        rest
    }
}

/// Returns what stands between fences. A fence within the code, as in a docstring, does not end it while it is Python
/// with what follows; one that is never closed ends with the text, or where it stops being Python.
fn fenced(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let fences: Vec<Option<Fence<'_>>> = lines.iter().map(|line| Fence::of(line)).collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(open) = &fences[at] else {
            at += 1;
            continue;
        };
        let block = |end: usize| {
            let inner: Vec<&str> = lines[at + 1..end].iter().map(|line| open.inner(line)).collect();
            dedented(&inner)
        };
        let ends = |(line, fence): (usize, &Option<Fence<'_>>)| {
            let fence = fence.as_ref()?;
            let opens = !fence.info.is_empty() && fence.mark == open.mark;
            (open.is_closed_by(fence) || opens).then_some((line, opens))
        };
        let ends: Vec<(usize, bool)> =
            fences.iter().enumerate().skip(at + 1).filter_map(ends).take(TRIES).collect();
        let is_python = |(end, _): &&(usize, bool)| facts::first_bad_line(&block(*end)).is_none();
        let end = ends.iter().find(is_python).or(ends.first()).copied();
        blocks.push(end.map_or_else(|| longest(&block(lines.len())), |(end, _)| block(end)));
        // A fence that names a language opens a block, also where the one before was not closed.
        at = end.map_or(lines.len(), |(end, opens)| if opens { end } else { end + 1 });
    }
    blocks
}

/// Returns the lines without the space that all of them begin with.
fn dedented(lines: &[&str]) -> String {
    let common =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| space(line)).min().unwrap_or(0);
    let cut: Vec<&str> = lines.iter().map(|line| line.get(common..).unwrap_or_default()).collect();
    cut.join("\n")
}

fn space(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the code up to where it stops being Python, or all of it where no such part is.
fn longest(code: &str) -> String {
    let lines: Vec<&str> = code.lines().collect();
    let mut end = lines.len();
    for _ in 0..TRIES {
        match facts::first_bad_line(&lines[..end].join("\n")) {
            None if end > 0 => return lines[..end].join("\n"),
            None | Some(0) => break,
            Some(bad) => end = bad.min(end - 1),
        }
    }
    code.to_owned()
}

/// Returns lines that are Python with the function, from the first that can begin code.
fn unfenced(text: &str, sought: Sought<'_>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        let line = line.trim_start();
        let words = ["def ", "async def ", "class ", "from ", "import ", "@"];
        words.iter().any(|word| line.starts_with(word))
            || line.split_once(" = ").is_some_and(|(name, _)| is_name(name))
    };
    let starts = lines.iter().enumerate().filter(|(_, line)| begins(line)).take(TRIES);
    let runs = starts.map(|(start, first)| {
        let within = |line: &&&str| line.trim().is_empty() || space(line) >= space(first);
        let run: Vec<&str> = lines[start..].iter().take_while(within).copied().collect();
        longest(&dedented(&run))
    });
    runs.map(|code| code[..facts::end_of_work(&code)].to_owned()).find(|code| sought.is_in(code))
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_') && !text.is_empty()
}

/// Returns the task with the body that the text, or its last block, gives the function.
fn body(text: &str, blocks: &[String], sought: Sought<'_>) -> Option<String> {
    let (task, name) = (sought.task?, sought.name?);
    let head = task.trim_end();
    let indent = "    ";
    let whole = |body: &str| {
        let code = format!("{head}\n{body}");
        let run = longest(&code);
        let returns = ["return", "yield", "raise"]
            .iter()
            .any(|word| run.get(head.len()..).unwrap_or("").contains(word));
        (returns && facts::ends_beyond(&run, name, head.len())).then_some(run)
    };
    let sources = blocks.iter().rev().map(String::as_str).chain(blocks.is_empty().then_some(text));
    sources
        .flat_map(|source| {
            let source = source.trim_end();
            let lines: Vec<&str> = source.lines().collect();
            let all: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
            // As it is; with the space of its first line, which is lost where texts are trimmed; and with all of it.
            [source.to_owned(), format!("{indent}{}", source.trim_start()), all.join("\n")]
        })
        .find_map(|source| whole(&source))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "def f(x):\n    return x";

    fn found(text: &str) -> Option<String> {
        code_in(text, Sought { name: Some("f"), task: None })
    }

    #[test]
    fn code_is_found_with_and_without_fences() {
        for text in [
            format!("Here it is:\n```python\n{CODE}\n```\nIt works."),
            format!("```\n{CODE}"),
            format!("{CODE}\n"),
            format!("Sure!\n{CODE}\nThis returns its argument, as asked."),
            format!("From the task, we take x.\nimport nothing at all\n\n{CODE}\n\nDone"),
            format!("{CODE}\n\nNote: nothing"),
            format!("~~~Python\n{CODE}\n~~~"),
            format!("``` py\n{CODE}\n```"),
            format!("````python3\n{CODE}\n````\nExample:\n```\nf(1)\n```"),
            format!("```python\n{CODE}\n```\nTests:\n```python\ndef test_f():\n    assert f(1) == 1\n```"),
            format!("```python\nassert f(1) == 1\n```\n```python\n{CODE}\n```\n```text\n1\n```"),
            format!("```python\ndef g(): pass\n```\nBetter:\n```python\n{CODE}\n```\n```\nf(1)\n```"),
            format!("```python\ndef f(x):\n    return 0\n```\nNo, rather:\n```python\n{CODE}\n```"),
            format!("```python\n{CODE}\n```python\nf(1)\n```"),
            format!("```python\n{CODE}\n\nThat is all."),
        ] {
            assert_eq!(found(&text).as_deref().map(str::trim_end), Some(CODE), "{text}");
        }
        assert_eq!(found("The answer is 42."), None);
        assert_eq!(found("```python\ndef f(:\n```").as_deref(), Some("def f(:"));
        assert_eq!(
            normal_in(&format!("```python\n{CODE}  # [S1]\n\n```"), Sought::default()).as_deref(),
            Some(CODE)
        );
    }

    #[test]
    fn indented_and_quoted_blocks_are_read_as_they_are_meant() {
        let shifted = |by: &str| CODE.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
        for text in [
            format!("1. The function:\n\n   ```python\n{}   ```\n\n2. Done.", shifted("   ")),
            format!("- ```python\n{}  ```", shifted("  ")),
            format!("> ```python\n{}> ```", shifted("> ")),
            format!(">> ```python\n{}>> ```", shifted(">> ")),
            format!("\t```python\n{}\t```", shifted("\t")),
            format!("Markdown of old:\n\n{}\nSo.", shifted("    ")),
        ] {
            assert_eq!(found(&text).as_deref().map(str::trim_end), Some(CODE), "{text}");
        }
        let text = "   ```python\n   def f(x):\n       return \"\"\"\nleft\n\"\"\"\n   ```";
        assert_eq!(found(text).as_deref(), Some("def f(x):\n    return \"\"\"\nleft\n\"\"\""));
    }

    #[test]
    fn fences_within_the_code_do_not_end_it() {
        for indent in ["", "  ", "    "] {
            let code = format!(
                "def f(x):\n    \"\"\"So:\n\n{indent}```\n{indent}f(3)\n{indent}```\n    \"\"\"\n    return x"
            );
            assert_eq!(found(&format!("```python\n{code}\n```\nSo it is.")).as_deref(), Some(code.as_str()));
        }
    }

    #[test]
    fn helpers_of_other_blocks_come_along() {
        let text = "```python\nimport math\ndef half(x):\n    return math.floor(x / 2)\n```\nThen:\n```python\ndef f(x):\n    \
                    return half(x)\n```\n```python\nprint(f(1))\n```";
        let code = found(text).unwrap();
        assert!(
            code.starts_with("import math") && code.contains("def f(x)") && !code.contains("print"),
            "{code}"
        );
        let after = "```python\ndef f(x):\n    return LIMIT\n```\nwith\n```python\nLIMIT = 3\n```";
        assert!(found(after).unwrap().contains("LIMIT = 3"));
    }

    #[test]
    fn a_function_may_be_made_without_def() {
        assert!(found("```python\nf = lambda x: x\n```").is_some());
        assert!(
            found("```python\ntry:\n    from math import gcd as f\nexcept ImportError:\n    pass\n```")
                .is_some()
        );
    }

    #[test]
    fn the_body_alone_completes_what_the_task_began() {
        let task = "import math\n\ndef f(x):\n    \"\"\" Doubles. \"\"\"\n";
        let sought = Sought { name: Some("f"), task: Some(task) };
        for text in [
            "    y = x\n    return 2 * y\n",
            "y = x\n    return 2 * y",
            "y = x\nreturn 2 * y",
            "```python\n    y = x\n    return 2 * y\n```",
            "```\ny = x\nreturn 2 * y\n```",
            "    y = x\n    return 2 * y\n\nThis doubles the value.",
        ] {
            let code = code_in(text, sought).unwrap_or_default();
            assert!(
                code.starts_with(task.trim_end()) && code.trim_end().ends_with("    y = x\n    return 2 * y"),
                "{text}\n{code}"
            );
        }
        for text in ["I do not know.", "Done", "The answer is 42.", "return", "x = 3"] {
            assert!(code_in(text, sought).is_none() || text == "return", "{text}");
        }
        assert_eq!(code_in("return x", Sought { name: Some("f"), task: None }), None);
    }
}
