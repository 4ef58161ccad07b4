//! What the requests of a call used.

use super::wire::Usage;
use model::{Cost, PromptUse};

/// What the requests of a call used: as far as the server says, and counted here where it does not.
#[derive(Debug, Default)]
pub(super) struct TokenUsage {
    pub cost: Cost,
    /// `None` as soon as one reply came without figures.
    pub prompts: Option<Vec<PromptUse>>,
    /// What the person should know of these replies.
    pub notes: Vec<String>,
}

impl TokenUsage {
    pub fn new() -> Self {
        Self { prompts: Some(Vec::new()), ..Self::default() }
    }

    /// Adds one reply: the server's figures, or `counted` tokens where it has none or says 0.
    /// `logits` is how many positions' log-probabilities were asked for.
    pub fn add(&mut self, usage: Option<Usage>, counted: u64, logits: u64) {
        let usage = usage.unwrap_or_default();
        let said = u64::from(usage.completion);
        let drawn = if said > 0 { said } else { counted };
        let cached = usage.cached.unwrap_or(0).min(usage.prompt);
        let evaluated = u64::from(usage.prompt - cached);
        self.cost.generated += drawn;
        // The last token is not fed back; what the prompt took is not known where the server does not say.
        self.cost.fresh += if usage.prompt > 0 { evaluated + drawn.saturating_sub(1) } else { drawn };
        self.cost.cached += u64::from(cached);
        self.cost.logits += logits.max(said);
        match &mut self.prompts {
            Some(prompts) if usage.prompt > 0 => prompts.push(PromptUse { tokens: usage.prompt, cached }),
            // A prompt of no tokens cannot be.
            Some(_) | None => self.prompts = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(usage: Option<Usage>) -> (u64, u64, Option<usize>) {
        let mut spent = TokenUsage::new();
        spent.add(usage, 10, 10);
        (spent.cost.generated, spent.cost.fresh, spent.prompts.map(|prompts| prompts.len()))
    }

    #[test]
    fn what_the_server_does_not_say_is_counted() {
        let said = |prompt, completion| Some(Usage { prompt, completion, cached: Some(4) });
        assert_eq!(spent(None), (10, 10, None));
        assert_eq!(spent(said(0, 0)), (10, 10, None));
        assert_eq!(spent(said(40, 0)), (10, 36 + 9, Some(1)));
        assert_eq!(spent(said(40, 7)), (7, 36 + 6, Some(1)));
        assert_eq!(spent(said(0, 7)), (7, 7, None));
    }
}
