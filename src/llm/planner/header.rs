//! What the file of such a model says of itself.

use denoise::LatentShape;

use crate::gguf::Header;
use model::{FillRow, LlmError};

/// How a model of plan tokens makes plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlannerKind {
    /// It fills masked places.
    Masked,
    /// It finds their latents, which have this shape.
    Latent,
}

impl PlannerKind {
    /// Says what such a model does, in the plural.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Masked => "fill masked places",
            Self::Latent => "find latents",
        }
    }

    /// Returns its name in the command that trains one.
    pub const fn objective(self) -> &'static str {
        match self {
            Self::Masked => "mask",
            Self::Latent => "latent",
        }
    }
}

/// The task that a model of plan tokens was trained on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannerHeader {
    /// The family of the problems.
    pub family: String,
    /// The tokens in the order of their numbers; the mask comes after them.
    pub vocabulary: Vec<String>,
    /// Places of a problem; shorter ones end with blanks.
    pub problem_places: usize,
    /// Places of a plan; shorter ones end with blanks.
    pub plan_places: usize,
    /// Whether it saw wrong tokens in training, so that it can say which visible ones it doubts.
    pub doubts: bool,
    /// The shape of its latents; none where it fills masked places.
    pub latents: Option<LatentShape>,
}

/// The blank's number.
const BLANK: i32 = 0;

fn refused(message: String, hint: &str) -> LlmError {
    LlmError::Refused { message, hint: hint.into() }
}

impl PlannerHeader {
    /// Reads it.
    ///
    /// # Errors
    /// [`LlmError::Refused`] when the model was trained on something else, or writes from left to right.
    pub fn of(header: &Header) -> Result<Self, LlmError> {
        let none = || {
            let message = "the file of llm.planner is no model of plan tokens: it does not say which family it was trained on";
            refused(
                message.into(),
                "name a file that planscope train wrote, or none for the weights of the program",
            )
        };
        let size =
            |key: &str| header.unsigned(key).and_then(|size| usize::try_from(size).ok()).ok_or_else(none);
        if header.flag("planscope.causal") == Some(true) {
            return Err(refused(
                "the file of llm.planner was trained to continue plans from left to right, so it cannot fill masked places".into(),
                "train another one with planscope train mask",
            ));
        }
        Ok(Self {
            family: header.text("planscope.family").ok_or_else(none)?.to_owned(),
            vocabulary: header
                .text("planscope.vocabulary")
                .ok_or_else(none)?
                .split('\n')
                .map(str::to_owned)
                .collect(),
            problem_places: size("planscope.problem_places")?,
            plan_places: size("planscope.plan_places")?,
            doubts: header.flag("planscope.doubts") == Some(true),
            latents: match header.unsigned("planscope.latent_slots") {
                None => None,
                Some(_) => Some(LatentShape {
                    slots: size("planscope.latent_slots")?,
                    size: size("planscope.latent_size")?,
                }),
            },
        })
    }

    /// Returns how it makes plans.
    pub fn kind(&self) -> PlannerKind {
        if self.latents.is_some() { PlannerKind::Latent } else { PlannerKind::Masked }
    }

    /// Refuses a model that makes plans in another way.
    ///
    /// # Errors
    /// [`LlmError::Refused`] with what it was trained for.
    pub fn check_kind(&self, kind: PlannerKind) -> Result<(), LlmError> {
        if self.kind() == kind {
            return Ok(());
        }
        let (own, wanted) = (self.kind().words(), kind.words());
        Err(refused(
            format!("the weights of llm.planner were trained to {own}, and this run has a model {wanted}"),
            &format!(
                "name others, none for the weights of the program, or train some with planscope train {}",
                kind.objective()
            ),
        ))
    }

    /// Refuses a model that takes every visible token for right.
    ///
    /// # Errors
    /// [`LlmError::Refused`] with what it was not trained for.
    pub fn check_doubts(&self) -> Result<(), LlmError> {
        if self.doubts {
            return Ok(());
        }
        Err(refused(
            format!(
                "the weights of llm.planner for {} never saw a wrong token, so they cannot say which visible ones they doubt",
                self.family
            ),
            "choose another denoise.remasking.rule, or train some with planscope train mask --mistakes own",
        ))
    }

    /// Returns how many places a row has.
    pub fn width(&self) -> usize {
        self.problem_places + self.plan_places
    }

    /// Refuses a task that the model was not trained on.
    ///
    /// # Errors
    /// [`LlmError::Refused`] with what differs.
    pub fn check(&self, family: &str, vocabulary: &[String]) -> Result<(), LlmError> {
        if self.family != family {
            return Err(refused(
                format!(
                    "the weights of llm.planner were trained on the family {}, and the problem is of {family}",
                    self.family
                ),
                "leave llm.planner out for the weights of the program, or train your own with planscope train",
            ));
        }
        if self.vocabulary != vocabulary {
            return Err(refused(
                format!("the weights of llm.planner know another vocabulary of {family} than this version"),
                "train them again with this version",
            ));
        }
        Ok(())
    }

    /// Returns a row as the model reads it: problem and plan, each filled up with blanks.
    ///
    /// # Errors
    /// [`LlmError::Refused`] when the row is longer than what the model was trained on, or has a token that it does not know.
    pub fn tokens(&self, row: &FillRow) -> Result<Vec<i32>, LlmError> {
        let problem: Vec<Option<u8>> = row.problem.iter().copied().map(Some).collect();
        Ok([self.problem_tokens(&problem)?, self.plan_tokens(&row.plan)?].concat())
    }

    /// Returns a problem's tokens, filled up with blanks; masks where none is given.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub fn problem_tokens(&self, problem: &[Option<u8>]) -> Result<Vec<i32>, LlmError> {
        self.filled_up("problem", problem, self.problem_places)
    }

    /// Returns a plan's tokens, filled up with blanks; masks where none is given.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub fn plan_tokens(&self, plan: &[Option<u8>]) -> Result<Vec<i32>, LlmError> {
        self.filled_up("plan", plan, self.plan_places)
    }

    fn filled_up(&self, what: &str, tokens: &[Option<u8>], places: usize) -> Result<Vec<i32>, LlmError> {
        let length = tokens.len();
        if length > places {
            return Err(refused(
                format!(
                    "the {what} has {length} tokens, and the weights have room for {places}: they were trained on smaller problems"
                ),
                "choose a lower difficulty, or train your own with planscope train",
            ));
        }
        let mask = i32::try_from(self.vocabulary.len()).unwrap_or(i32::MAX);
        if tokens.iter().flatten().any(|token| i32::from(*token) >= mask) {
            return Err(refused(
                format!("the {what} has a token that is in no vocabulary"),
                "report this: planscope wrote it",
            ));
        }
        let blanks = std::iter::repeat_n(BLANK, places - length);
        Ok(tokens.iter().map(|token| token.map_or(mask, i32::from)).chain(blanks).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> PlannerHeader {
        let vocabulary = ["", "1", "2"].map(str::to_owned).to_vec();
        PlannerHeader {
            family: "sudoku4".into(),
            vocabulary,
            problem_places: 3,
            plan_places: 2,
            doubts: false,
            latents: None,
        }
    }

    #[test]
    fn rows_are_filled_up_with_blanks() {
        let row = FillRow { problem: vec![1, 2], plan: vec![None] };
        assert_eq!(header().tokens(&row).unwrap(), [1, 2, 0, 3, 0]);
    }

    #[test]
    fn what_the_model_was_not_trained_on_is_refused_in_one_sentence() {
        let why = |result: Result<(), LlmError>| result.unwrap_err().to_string();
        let known = header().vocabulary;
        assert!(header().check("sudoku4", &known).is_ok());
        assert!(why(header().check("boolean", &known)).contains("trained on the family sudoku4"));
        assert!(why(header().check("sudoku4", &known[..2])).contains("another vocabulary"));
        let tokens = |problem: &[u8], plan: &[Option<u8>]| {
            header().tokens(&FillRow { problem: problem.to_vec(), plan: plan.to_vec() }).map(drop)
        };
        assert!(why(tokens(&[1; 4], &[])).contains("problem has 4 tokens, and the weights have room for 3"));
        assert!(why(tokens(&[], &[None; 3])).contains("plan has 3 tokens"));
        assert!(why(tokens(&[], &[Some(3)])).contains("in no vocabulary"));
    }
}
