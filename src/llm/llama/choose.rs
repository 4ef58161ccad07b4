//! Reads logits without writing: the probability of given texts, and of given answers.

use super::chat::tokenize;
use super::engine::{CallAccount, LlamaEngine, OnProgress};
use super::eval::PromptJob;
use super::refused;
use super::sampler::log_sum_exp;
use model::{CONTRAST_TOKENS, Contrast, LlmError, Output, Prompt};

impl LlamaEngine<'_> {
    /// Returns the log-probability of each token of each continuation. All tokens of a continuation are
    /// evaluated side by side with the end of its prompt.
    pub(super) fn score(
        &mut self,
        account: &mut CallAccount,
        pairs: &[(Prompt, String)],
        progress: OnProgress,
    ) -> Result<Output, LlmError> {
        let mut work = Vec::with_capacity(pairs.len());
        for (prompt, continuation) in pairs {
            let mut tokens = self.fitting_tokens(prompt, 0)?;
            let prompt = tokens.len();
            let expected = tokenize(self.model, continuation, false);
            // The last token is only predicted, never fed.
            tokens.extend_from_slice(&expected[..expected.len().saturating_sub(1)]);
            self.check_length(tokens.len(), 0)?;
            work.push((PromptJob { tokens, first_row: prompt - 1, prompt }, expected));
        }
        let mut logprobs: Vec<Vec<f32>> =
            work.iter().map(|(_, expected)| vec![0.0; expected.len()]).collect();
        // An empty continuation has nothing to be scored.
        let open: Vec<usize> = (0..work.len()).filter(|i| !work[*i].1.is_empty()).collect();
        for wave in open.chunks(self.width) {
            let jobs: Vec<PromptJob> = wave.iter().map(|i| work[*i].0.clone()).collect();
            let mut read = |i: usize, position: usize, logits: &[f32]| {
                let (job, expected) = &work[wave[i]];
                let at = position - job.first_row;
                logprobs[wave[i]][at] = logits[expected[at] as usize] - normaliser(logits)?;
                Ok(())
            };
            self.evaluate(account, &jobs, &mut read, progress)?;
        }
        Ok(Output::Scored { logprobs })
    }

    /// Returns the log-probability of each option's first token after each prompt.
    pub(super) fn choose(
        &mut self,
        account: &mut CallAccount,
        prompts: &[Prompt],
        options: &[String],
        progress: OnProgress,
    ) -> Result<Output, LlmError> {
        let firsts = self.first_tokens(options)?;
        let mut jobs = Vec::with_capacity(prompts.len());
        for prompt in prompts {
            let tokens = self.fitting_tokens(prompt, 0)?;
            jobs.push(PromptJob { first_row: tokens.len() - 1, prompt: tokens.len(), tokens });
        }
        let mut logprobs = vec![Vec::new(); prompts.len()];
        let width = self.width;
        for (wave, jobs) in jobs.chunks(width).enumerate() {
            let mut read = |i: usize, _: usize, logits: &[f32]| {
                let normaliser = normaliser(logits)?;
                logprobs[wave * width + i] =
                    firsts.iter().map(|token| logits[*token as usize] - normaliser).collect();
                Ok(())
            };
            self.evaluate(account, jobs, &mut read, progress)?;
        }
        Ok(Output::Chosen { logprobs })
    }

    /// Returns how each prompt's distributions over the tokens of `continuation` differ from those of the first.
    /// The first is evaluated alone, and its distributions are kept.
    pub(super) fn contrast(
        &mut self,
        account: &mut CallAccount,
        prompts: &[Prompt],
        continuation: &str,
        progress: OnProgress,
    ) -> Result<Output, LlmError> {
        let expected = tokenize(self.model, continuation, false);
        if expected.is_empty() || expected.len() > CONTRAST_TOKENS {
            return Err(refused(
                format!(
                    "{} tokens of continuation are to be compared, 1 to {CONTRAST_TOKENS} can be",
                    expected.len()
                ),
                "compare a shorter text",
            ));
        }
        let mut jobs = Vec::with_capacity(prompts.len());
        for prompt in prompts {
            let mut tokens = self.fitting_tokens(prompt, expected.len())?;
            let prompt = tokens.len();
            tokens.extend_from_slice(&expected[..expected.len() - 1]);
            jobs.push(PromptJob { tokens, first_row: prompt - 1, prompt });
        }
        let none = Contrast { logprob: 0.0, kl: 0.0, flips: false };
        let mut contrasts = vec![vec![none; expected.len()]; jobs.len()];
        let mut reference: Vec<Vec<f32>> = vec![Vec::new(); expected.len()];
        let (first, others) = jobs.split_at(jobs.len().min(1));
        let mut keep = |_: usize, position: usize, logits: &[f32]| {
            let at = position - first[0].first_row;
            let normaliser = normaliser(logits)?;
            reference[at] = logits.iter().map(|logit| logit - normaliser).collect();
            contrasts[0][at].logprob = reference[at][expected[at] as usize];
            Ok(())
        };
        self.evaluate(account, first, &mut keep, progress)?;
        let width = self.width;
        for (wave, jobs) in others.chunks(width).enumerate() {
            let mut read = |i: usize, position: usize, logits: &[f32]| {
                let at = position - jobs[i].first_row;
                contrasts[1 + wave * width + i][at] = against(&reference[at], logits, expected[at])?;
                Ok(())
            };
            self.evaluate(account, jobs, &mut read, progress)?;
        }
        Ok(Output::Contrasted { contrasts })
    }

    fn first_tokens(&self, options: &[String]) -> Result<Vec<i32>, LlmError> {
        let mut firsts: Vec<i32> = Vec::with_capacity(options.len());
        for option in options {
            let Some(first) = tokenize(self.model, option, false).first().copied() else {
                return Err(refused("an option is empty", "give every option a text"));
            };
            if let Some(other) = firsts.iter().position(|token| *token == first) {
                return Err(refused(
                    format!("the options {:?} and {option:?} begin with the same token", options[other]),
                    "word the options so that they differ from the first letter on",
                ));
            }
            firsts.push(first);
        }
        Ok(firsts)
    }
}

/// Compares a distribution, given by its logits, with the log-probabilities of the reference.
fn against(reference: &[f32], logits: &[f32], token: i32) -> Result<Contrast, LlmError> {
    let normaliser = normaliser(logits)?;
    let mut kl = 0.0_f64;
    for (p, logit) in reference.iter().zip(logits) {
        let (p, q) = (f64::from(*p), f64::from(logit - normaliser));
        kl += p.exp() * (p - q);
    }
    let flips = most_probable(reference) != most_probable(logits);
    // Rounding can put the sum a little below 0.
    Ok(Contrast { logprob: logits[token as usize] - normaliser, kl: kl.max(0.0) as f32, flips })
}

fn most_probable(values: &[f32]) -> Option<usize> {
    let order = |a: &(usize, &f32), b: &(usize, &f32)| a.1.total_cmp(b.1).then(b.0.cmp(&a.0));
    values.iter().enumerate().max_by(order).map(|(at, _)| at)
}

pub(super) fn normaliser(logits: &[f32]) -> Result<f32, LlmError> {
    log_sum_exp(logits).ok_or_else(|| {
        refused("the model's logits are not numbers", "the model file may be damaged; download it again")
    })
}
