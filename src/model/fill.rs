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
        token_words(&self.problem, vocabulary)
    }

    /// Returns the plan's tokens as a line of text, with a shade for each that is masked.
    pub fn plan_words(&self, vocabulary: &[String]) -> String {
        let shown = |token: &Option<u8>| token.map_or(SHADE, |token| name(vocabulary, token.into()));
        self.plan.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}

/// Returns tokens as a line of text.
pub fn token_words(tokens: &[u8], vocabulary: &[String]) -> String {
    tokens.iter().map(|token| name(vocabulary, (*token).into())).collect::<Vec<_>>().join(" ")
}

/// A question about the latents of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum LatentRow {
    /// The latents of a plan, and what is read out of them.
    Encode {
        /// The plan's tokens.
        plan: Vec<u8>,
    },
    /// The latents that belong to a problem, where noisy ones are known, and the plan that is read out of them.
    Expect {
        /// The problem's tokens.
        problem: Vec<u8>,
        /// The noisy latents: the numbers of all slots.
        z: Vec<f32>,
        /// Those that were expected at the step before; empty at the first.
        expected: Vec<f32>,
        /// The share of noise, 0 to 1.
        time: f32,
        /// How much further than the expectation with the problem lies from that without it; 0: not at all, and only one pass.
        guidance: f32,
        /// Tokens of a plan of this problem.
        places: usize,
    },
}

impl LatentRow {
    /// Puts the question in a line or two.
    pub fn words(&self, vocabulary: &[String]) -> String {
        match self {
            Self::Encode { plan } => format!("the latents of the plan {}", token_words(plan, vocabulary)),
            Self::Expect { problem, time, guidance, .. } => {
                let guided = if *guidance == 0.0 { String::new() } else { format!(", guidance {guidance}") };
                format!(
                    "the latents without noise, {:.0} % of which is noise{guided}\nproblem: {}",
                    100.0 * time,
                    token_words(problem, vocabulary)
                )
            }
        }
    }
}

/// Latents, and the plan that is read out of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatentPlan {
    /// The numbers of all slots.
    pub z: Vec<f32>,
    /// For each place of the plan its token and the probability of it, given those before.
    pub tokens: Vec<(u8, f32)>,
}

impl LatentPlan {
    /// Returns the plan's tokens as a line of text.
    pub fn words(&self, vocabulary: &[String]) -> String {
        token_words(&self.tokens.iter().map(|(token, _)| *token).collect::<Vec<_>>(), vocabulary)
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
