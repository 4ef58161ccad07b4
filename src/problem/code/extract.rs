//! Finding the code in what a model wrote.

use super::facts::{Facts, normal};

/// Returns the code in `text`: the last block between fences that is Python with a function, otherwise the longest
/// run of lines that is, from the first one that can begin code.
pub fn code_in(text: &str) -> Option<String> {
    let is_code = |code: &String| Facts::of(code).is_ok_and(|facts| !facts.functions.is_empty());
    let mut blocks = fenced(text);
    blocks.reverse();
    if let Some(code) = blocks.iter().find(|code| is_code(code)) {
        return Some(code.clone());
    }
    // A block that is no Python is told as such, rather than passed over.
    if let Some(code) = blocks.into_iter().find(|code| code.contains("def ")) {
        return Some(code);
    }
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| ["def ", "from ", "import ", "@"].iter().any(|word| line.starts_with(word));
    let first = lines.iter().position(|line| begins(line))?;
    let run = |end: usize| lines[first..end].join("\n");
    // Each end costs one reading of the code, so only the last few hundred lines are tried.
    let ends = (first + 1..=lines.len()).rev().take(200);
    ends.map(run).find(is_code)
}

/// Returns the normal form of the code in `text`: without comments and blank lines.
pub fn normal_in(text: &str) -> Option<String> {
    normal(&code_in(text)?)
}

/// Returns what stands between fences; a fence that is never closed ends with the text.
fn fenced(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().starts_with("```")) {
            (Some(lines), true) => {
                blocks.push(lines.join("\n"));
                open = None;
            }
            (None, true) => open = Some(Vec::new()),
            (Some(lines), false) => lines.push(line),
            (None, false) => {}
        }
    }
    blocks.extend(open.map(|lines| lines.join("\n")));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_with_and_without_fences() {
        let code = "def f(x):\n    return x";
        assert_eq!(
            code_in(&format!("Here it is:\n```python\n{code}\n```\nIt works.")).as_deref(),
            Some(code)
        );
        assert_eq!(code_in(&format!("```\n{code}")).as_deref(), Some(code));
        assert_eq!(code_in(&format!("{code}\n")).as_deref(), Some(code));
        assert_eq!(
            code_in(&format!("Sure!\n{code}\nThis returns its argument, as asked.")).as_deref(),
            Some(code)
        );
        let two = format!("```python\ndef g(): pass\n```\nBetter:\n```python\n{code}\n```\n```\nf(1)\n```");
        assert_eq!(code_in(&two).as_deref(), Some(code));
        assert_eq!(code_in("The answer is 42."), None);
        assert_eq!(code_in("```python\ndef f(:\n```").as_deref(), Some("def f(:"));
        assert_eq!(normal_in(&format!("```python\n{code}  # [S1]\n\n```")).as_deref(), Some(code));
    }
}
