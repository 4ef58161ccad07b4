//! Boolean constraints as tokens: the literals of the clauses, and one value a variable.

use super::BooleanSettings;
use crate::{
    Problem,
    tokens::{PlanTokens, TokenForm},
};
use denoise::{BLANK, LineForm};

/// Literals in a clause, at most.
const LITERALS: usize = 3;
/// Variables, at most.
const VARIABLES: usize = 12;

pub(super) struct BooleanTokens;

impl PlanTokens for BooleanTokens {
    fn vocabulary(&self) -> &'static [&'static str] {
        &[
            "", "false", "true", "+1", "+2", "+3", "+4", "+5", "+6", "+7", "+8", "+9", "+10", "+11", "+12",
            "-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "-10", "-11", "-12",
        ]
    }

    fn form(&self, problem: &Problem) -> Result<TokenForm, String> {
        let settings: BooleanSettings = problem.read_settings()?;
        if settings.names.len() > VARIABLES {
            return Err(format!(
                "there are {} variables; the vocabulary has {VARIABLES}",
                settings.names.len()
            ));
        }
        let tokens: &dyn PlanTokens = self;
        let mut literals = Vec::new();
        for (clause, number) in settings.clauses.iter().zip(1..) {
            let blanks = LITERALS.checked_sub(clause.len()).ok_or_else(|| {
                format!("condition {number} has {} parts; the form has room for {LITERALS}", clause.len())
            })?;
            for literal in clause {
                literals.extend(tokens.read(&format!("{literal:+}"), 1)?);
            }
            literals.extend(vec![BLANK; blanks]);
        }
        let lines = settings.names.iter().map(|name| LineForm::step(format!("{name} = "))).collect();
        Ok(TokenForm { problem: literals, lines })
    }
}
