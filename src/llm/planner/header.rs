//! What the file of such a model says of itself.

use crate::gguf::Header;
use model::{FillRow, LlmError};

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
        })
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
        for (what, length, places) in
            [("problem", row.problem.len(), self.problem_places), ("plan", row.plan.len(), self.plan_places)]
        {
            if length > places {
                return Err(refused(
                    format!(
                        "the {what} has {length} tokens, and the weights have room for {places}: they were trained on smaller problems"
                    ),
                    "choose a lower difficulty, or train your own with planscope train",
                ));
            }
        }
        let mask = i32::try_from(self.vocabulary.len()).unwrap_or(i32::MAX);
        let known = row.problem.iter().chain(row.plan.iter().flatten());
        if known.clone().any(|token| i32::from(*token) >= mask) {
            return Err(refused(
                "the plan has a token that is in no vocabulary".into(),
                "report this: planscope wrote it",
            ));
        }
        let problem = row.problem.iter().map(|token| i32::from(*token));
        let plan = row.plan.iter().map(|token| token.map_or(mask, i32::from));
        let blanks = |length: usize, places: usize| std::iter::repeat_n(BLANK, places - length);
        Ok(problem
            .chain(blanks(row.problem.len(), self.problem_places))
            .chain(plan)
            .chain(blanks(row.plan.len(), self.plan_places))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> PlannerHeader {
        let vocabulary = ["", "1", "2"].map(str::to_owned).to_vec();
        PlannerHeader { family: "sudoku4".into(), vocabulary, problem_places: 3, plan_places: 2 }
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
