//! Problems and their plans as rows of tokens.

use std::{collections::HashSet, ops::Range};

use denoise::{BLANK, Token};
use problem::{Family, generate, tokens::PlanTokens};
use serde::{Deserialize, Serialize};

/// Problems are made of the rows from here on; those below are for people, experiments and reports.
const FIRST_ROW: u64 = 1_000_000;
/// What these rows say is left out wherever it comes up again: reports compare models on them.
const RESERVED: Range<u64> = 0..2_000;

/// Which problems a model is trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSettings {
    /// The family's name.
    pub family: String,
    /// The difficulties, drawn in turn, each from 1 to 5.
    pub difficulties: Vec<u8>,
    /// How many problems are for training.
    pub problems: usize,
    /// How many are held out to see what the model solves: other problems, whatever their row.
    pub held_out: usize,
}

/// Why there is no data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The family has no generator or no form as tokens.
    #[error("plans of the family {0} have no form as tokens; those of {1} have one")]
    NoTokens(String, String),
    /// A problem or plan has no tokens.
    #[error("{problem}: {why}")]
    Unwritable {
        /// The problem.
        problem: String,
        /// What the vocabulary cannot say.
        why: String,
    },
}

/// One problem with a plan that solves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingExample {
    /// The reference of the problem.
    pub reference: String,
    /// Its tokens.
    pub problem: Vec<Token>,
    /// Those of the plan, without padding.
    pub plan: Vec<Token>,
}

/// All examples of one task, and the sizes that hold them.
#[derive(Clone)]
pub struct TokenTask {
    /// The family.
    pub family: &'static dyn Family,
    /// How it is written as tokens.
    pub tokens: &'static dyn PlanTokens,
    /// For training.
    pub train: Vec<TrainingExample>,
    /// Held out.
    pub test: Vec<TrainingExample>,
    /// Tokens of a problem, padded.
    pub problem_places: usize,
    /// Tokens of a plan, padded.
    pub plan_places: usize,
    /// The size of the vocabulary with the mask, which comes last.
    pub vocabulary: usize,
}

impl std::fmt::Debug for TokenTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = (self.train.len(), self.test.len(), self.problem_places, self.plan_places);
        f.debug_struct("TokenTask").field("family", &self.family.name()).field("sizes", &sizes).finish()
    }
}

impl TokenTask {
    /// Makes the examples. A problem is held out by the hash of its tokens, so that none is on both sides; none of either
    /// says the same as one of the rows that reports use.
    ///
    /// # Errors
    /// When the family has no tokens, or cannot write one of its problems.
    pub fn make(settings: &DataSettings) -> Result<Self, DataError> {
        let with_tokens = || problem::FAMILIES.iter().filter(|family| family.tokens().is_some());
        let known = || with_tokens().map(|family| family.name()).collect::<Vec<_>>().join(", ");
        let family = problem::family(&settings.family).and_then(|family| Some((family, family.tokens()?)));
        let (family, tokens) = family.ok_or_else(|| DataError::NoTokens(settings.family.clone(), known()))?;
        let (mut train, mut test) = (Vec::new(), Vec::new());
        let mut seen = reserved(family, tokens, &settings.difficulties)?;
        // Families with few problems run out of new ones; then there are fewer examples.
        let most = FIRST_ROW + 20 * (settings.problems + settings.held_out) as u64;
        for (row, at) in (FIRST_ROW..most).zip(0_usize..) {
            if train.len() >= settings.problems && test.len() >= settings.held_out {
                break;
            }
            let difficulty = settings.difficulties[at % settings.difficulties.len().max(1)];
            let example = example(family, tokens, difficulty, row)?;
            if !seen.insert(example.problem.clone()) {
                continue;
            }
            let side = if is_held_out(&example.problem) { &mut test } else { &mut train };
            let room = if is_held_out(&example.problem) { settings.held_out } else { settings.problems };
            if side.len() < room {
                side.push(example);
            }
        }
        let longest =
            |of: fn(&TrainingExample) -> usize| train.iter().chain(&test).map(of).max().unwrap_or(0);
        Ok(Self {
            family,
            problem_places: longest(|example| example.problem.len()),
            plan_places: longest(|example| example.plan.len()),
            vocabulary: tokens.vocabulary().len() + 1,
            tokens,
            train,
            test,
        })
    }

    /// The number of the mask.
    pub fn mask(&self) -> Token {
        Token::try_from(self.vocabulary - 1).unwrap_or(Token::MAX)
    }

    /// Returns the length of a row.
    pub fn width(&self) -> usize {
        self.problem_places + self.plan_places
    }

    /// Returns an example as one row: the problem and the plan, each padded with blanks.
    pub fn row(&self, example: &TrainingExample) -> Vec<Token> {
        [self.padded_problem(example), self.padded_plan(example)].concat()
    }

    /// Returns the problem's tokens, padded with blanks.
    pub fn padded_problem(&self, example: &TrainingExample) -> Vec<Token> {
        padded(&example.problem, self.problem_places)
    }

    /// Returns the plan's tokens, padded with blanks.
    pub fn padded_plan(&self, example: &TrainingExample) -> Vec<Token> {
        padded(&example.plan, self.plan_places)
    }
}

fn padded(tokens: &[Token], places: usize) -> Vec<Token> {
    let mut tokens = tokens.to_vec();
    tokens.resize(places, BLANK);
    tokens
}

fn reserved(
    family: &dyn Family,
    tokens: &dyn PlanTokens,
    difficulties: &[u8],
) -> Result<HashSet<Vec<Token>>, DataError> {
    let rows = difficulties.iter().flat_map(|difficulty| RESERVED.map(move |row| (*difficulty, row)));
    rows.map(|(difficulty, row)| Ok(example(family, tokens, difficulty, row)?.problem)).collect()
}

/// A tenth of all problems, by a hash that no version changes (FNV-1a).
fn is_held_out(problem: &[Token]) -> bool {
    let hash = problem.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, token| {
        (hash ^ u64::from(*token)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32) % 10 == 0
}

fn example(
    family: &dyn Family,
    tokens: &dyn PlanTokens,
    difficulty: u8,
    row: u64,
) -> Result<TrainingExample, DataError> {
    let reference = format!("{}:{difficulty}#{row}", family.name());
    let fail = |why: String| DataError::Unwritable { problem: reference.clone(), why };
    let made =
        generate(family.name(), difficulty, row).ok_or_else(|| fail("there is no such problem".into()))?;
    let form = tokens.form(&made.problem).map_err(fail)?;
    let plan = form.tokens(tokens, &made.solution).map_err(fail)?;
    Ok(TrainingExample { problem: form.problem, plan, reference })
}
