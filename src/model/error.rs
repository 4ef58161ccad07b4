//! Why a call to a model fails.

use std::time::Duration;

/// Why a call failed. Every text is a sentence that can be shown as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LlmError {
    /// The model could not be loaded, or the server not reached.
    #[error("{message}")]
    Unavailable {
        /// What is wrong, with the engine's own reason.
        message: String,
        /// What the user can do about it.
        hint: String,
    },
    /// A prompt is longer than the context.
    #[error("the prompt is {tokens} tokens long, but a sequence of this model's context holds {limit}{}", reserve_text(.reserve))]
    TooLong {
        /// The prompt's length.
        tokens: u32,
        /// What one sequence holds.
        limit: u32,
        /// Tokens set aside for the reply.
        reserve: u32,
    },
    /// The request makes no sense to this backend, such as a broken grammar or logits from a server that
    /// has none.
    #[error("{message}")]
    Refused {
        /// Why.
        message: String,
        /// What the user can do about it.
        hint: String,
    },
    /// The process that held the model died; it will be started again for the next call.
    #[error("the model's process died ({status}){}", last_words(log_tail))]
    WorkerDied {
        /// How it ended.
        status: String,
        /// The last lines of its log.
        log_tail: String,
    },
    /// A reply ended before it was complete. What had arrived was paid for.
    #[error("{message}")]
    BrokenOff {
        /// Why.
        message: String,
        /// What the user can do about it.
        hint: String,
        /// Tokens that had come, of all sequences of the request; an estimate where the server does not name them.
        generated: u64,
    },
    /// No answer within the time limit.
    #[error("no answer from the model within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The caller cancelled.
    #[error("the call was cancelled")]
    Cancelled,
}

/// Returns what a process says of its end, for the end of a sentence.
fn last_words(log_tail: &str) -> String {
    let telling = ["GGML_ASSERT", "CUDA error", "error:", "terminate called", "panicked"];
    let line = log_tail.lines().rev().find(|line| telling.iter().any(|word| line.contains(word)));
    line.map_or_else(String::new, |line| format!(": {}", line.trim().chars().take(200).collect::<String>()))
}

fn reserve_text(reserve: &u32) -> String {
    if *reserve == 0 { String::new() } else { format!(" with {reserve} set aside for the reply") }
}

impl LlmError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unavailable { hint, .. } | Self::Refused { hint, .. } | Self::BrokenOff { hint, .. } => {
                Some(hint)
            }
            Self::TooLong { .. } => Some("use a shorter problem or a larger --ctx"),
            Self::WorkerDied { .. } => Some("see the log; it is started again for the next call"),
            Self::TimedOut(_) => Some("see whether the server is up, or raise the time limit"),
            Self::Cancelled => None,
        }
    }
}

/// Returns the refusal of a backend that does not see whole distributions.
pub fn no_distributions(who: &str) -> LlmError {
    LlmError::Refused {
        message: format!("{who} does not give the distributions over all tokens that this comparison needs"),
        hint: "use a local model".into(),
    }
}

/// Returns the refusal of a backend without a classification head.
pub fn no_head(who: &str) -> LlmError {
    LlmError::Refused {
        message: format!("{who} has no classification head that could value steps"),
        hint: "name a process reward model with prm.model".into(),
    }
}

/// Returns the refusal of a backend that fills no plan tokens.
pub fn no_plan_tokens(who: &str) -> LlmError {
    LlmError::Refused {
        message: format!("{who} was not trained on plan tokens"),
        hint: "refine the plan by edits: --set think=edits".into(),
    }
}

/// Returns the refusal of a backend that runs no commands.
pub fn no_commands(who: &str) -> LlmError {
    LlmError::Refused {
        message: format!("{who} runs no commands"),
        hint: "ask through a backend that routes requests".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_process_has_the_last_word() {
        let died = |log_tail: &str| {
            LlmError::WorkerDied { status: "killed by SIGABRT".into(), log_tail: log_tail.into() }.to_string()
        };
        assert_eq!(
            died("load: 28 layers\nctx.cpp:9: GGML_ASSERT(n > 0) failed\n#1 0x0000 in ??"),
            "the model's process died (killed by SIGABRT): ctx.cpp:9: GGML_ASSERT(n > 0) failed"
        );
        assert_eq!(died("load: 28 layers"), "the model's process died (killed by SIGABRT)");
    }
}
