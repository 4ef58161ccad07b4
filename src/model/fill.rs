//! Plans whose tokens a small model fills.

use serde::{Deserialize, Serialize};

/// How a masked place is shown, and an empty one.
const SHADE: &str = "▒";
const BLANK: &str = "·";

/// A plan of tokens with its problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillRow {
    /// The tokens of the problem.
    pub problem: Vec<u8>,
    /// Those of the plan; none where a place is masked.
    pub plan: Vec<Option<u8>>,
}

impl FillRow {
    /// Returns the problem's tokens as a line of text.
    pub fn problem_words(&self, vocabulary: &[String]) -> String {
        self.problem.iter().map(|token| name(vocabulary, (*token).into())).collect::<Vec<_>>().join(" ")
    }

    /// Returns the plan's tokens as a line of text, with a shade for each that is masked.
    pub fn plan_words(&self, vocabulary: &[String]) -> String {
        let shown = |token: &Option<u8>| token.map_or(SHADE, |token| name(vocabulary, token.into()));
        self.plan.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the most probable tokens of a place, as many as there are up to `most`, as in `4 91 %, 2 5 %`.
pub fn likeliest(distribution: &[f32], vocabulary: &[String], most: usize) -> String {
    let mut ranked: Vec<(usize, f32)> = distribution.iter().copied().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let words = |(token, share): (usize, f32)| format!("{} {:.0} %", name(vocabulary, token), 100.0 * share);
    ranked.into_iter().take(most).map(words).collect::<Vec<_>>().join(", ")
}

fn name(vocabulary: &[String], token: usize) -> &str {
    match vocabulary.get(token).map(String::as_str) {
        None => "?",
        Some("") => BLANK,
        Some(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_shown_by_their_names() {
        let vocabulary = ["", "7", "8"].map(str::to_owned);
        let row = FillRow { problem: vec![0, 2], plan: vec![None, Some(1), Some(9)] };
        assert_eq!(row.problem_words(&vocabulary), "· 8");
        assert_eq!(row.plan_words(&vocabulary), "▒ 7 ?");
        assert_eq!(likeliest(&[0.1, 0.2, 0.7], &vocabulary, 2), "8 70 %, 7 20 %");
    }
}
