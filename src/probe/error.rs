//! Why a probe is refused.

use std::ops::Range;

/// Why the text of a probe, or a command on probes, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProbeError {
    /// One sentence.
    pub message: String,
    /// What can be done about it, where something is known.
    pub hint: Option<String>,
    /// Where in the text, in bytes; none where it is about no place in it.
    pub at: Option<Range<usize>>,
}

impl ProbeError {
    /// Returns an error about no place in the text.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: None }
    }

    /// Returns an error about the part `at` of the text.
    pub fn at(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at: Some(at), ..Self::new(message) }
    }

    /// Returns the error with a hint.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the error and its hint as a sentence.
    pub fn sentence(&self) -> String {
        let hint = self.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        let mut letters = self.message.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        let end = if hint.ends_with('?') { "" } else { "." };
        format!("{first}{}{hint}{end}", letters.as_str())
    }

    /// Returns the error as one about a longer text, in which the present one begins at `start`.
    #[must_use]
    pub(super) fn moved(mut self, start: usize) -> Self {
        self.at = self.at.map(|at| at.start + start..at.end + start);
        self
    }

    /// Returns two lines that show the place in `text`: the text, and a mark below it. None where the error
    /// is about no place.
    pub fn marked(&self, text: &str) -> Option<String> {
        let at = self.at.as_ref()?;
        let width = |range: &str| range.chars().count();
        let before = width(text.get(..at.start)?);
        let marks = width(text.get(at.clone())?).max(1);
        Some(format!("{text}\n{}{}", " ".repeat(before), "^".repeat(marks)))
    }
}

/// Returns `error` with the one of `names` that `name` may have meant, or else all of them.
pub(super) fn offered<'a>(
    error: ProbeError,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> ProbeError {
    match nearest(name, names.clone()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint(format!("there are {}", names.collect::<Vec<_>>().join(", "))),
    }
}

/// Returns which of `names` is so near to `name` that it is likely what was meant.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = names.into_iter().map(|known| (strsim::osa_distance(name, known), known));
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= (name.len() / 3).max(2)).then_some(known)
}
