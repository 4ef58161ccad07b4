//! Reading final answers out of running text.

/// Returns what follows the last mark of a final answer, such as *the answer is* or `####`.
pub(super) fn after_mark(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let marks = ["answer is", "answer:", "answer =", "answer=", "####"];
    let at = marks.iter().filter_map(|mark| Some(lower.rfind(mark)? + mark.len())).max()?;
    text.get(at..)
}

/// Returns `text` without the marks of Markdown and LaTeX that models put around results.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace("**", "").replace('`', "").replace("\\(", "").replace("\\)", "");
    text.replace("\\times", "*").replace("\\cdot", "*").replace("\\div", "/").replace("\\$", "$")
}
