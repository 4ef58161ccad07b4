//! Answers and what they are worth, as they are recorded.

use serde::{Deserialize, Serialize};

use super::answer_settings::{AnswerChoice, AnswerStyle};
use plan::{ItemId, PlanHash};

/// How an answer compares with the gold answer. It never contains the gold answer itself,
/// and nothing that steers the run may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "judgement", rename_all = "snake_case")]
pub enum Judgement {
    /// It is right.
    Correct,
    /// It is wrong.
    Wrong,
    /// No answer could be read from the text.
    Unreadable,
    /// Nothing to compare with.
    NoGold,
    /// There is something to compare with, but it could not be done: a notation that is not understood, say, or no
    /// sandbox to run code in.
    NotJudged {
        /// Why, as a clause; absent in sessions of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl Judgement {
    /// Returns whether the answer is right; `None` where that could not be decided. What cannot be read is wrong.
    pub const fn is_right(&self) -> Option<bool> {
        match self {
            Self::Correct => Some(true),
            Self::Wrong | Self::Unreadable => Some(false),
            Self::NoGold | Self::NotJudged { .. } => None,
        }
    }
}

/// An answer and what it cites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text as decoded, citations included.
    pub text: String,
    /// The final value read from it, where the family can.
    pub value: Option<String>,
    /// Whether citations were asked for.
    pub cite: bool,
    /// The hash of the plan it was decoded from; none for a direct answer.
    pub plan: Option<PlanHash>,
    /// One entry an item of that plan.
    pub coverage: Vec<CoverageRow>,
    /// Whether decoding stopped at the limit of tokens, so that the text may be cut.
    pub truncated: bool,
    /// The answers of which this one was taken, where there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// How often a chain of thought that had ended was extended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extended: u32,
    /// The style in which it was asked for; absent without a plan, and in sessions of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<AnswerStyle>,
    /// The item whose value is the answer's, where the family's evaluator computed it and gave the answer or showed the
    /// value in the prompt: so the model did not work it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated: Option<ItemId>,
    /// Whether it is that of a chain of thought because drafts differ, and no plan reaches what it states.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsupported: bool,
}

impl Answer {
    /// Returns who worked out the value, in a few words, or that no plan supports it; none where it was the model, from a plan
    /// or without any.
    pub fn computed(&self) -> Option<String> {
        if self.unsupported {
            return Some("no plan supports it".to_owned());
        }
        match (self.evaluated, self.style) {
            (Some(item), _) => Some(format!("computed by the evaluator in {item}")),
            (None, Some(AnswerStyle::Evaluated)) => Some("computed by the evaluator".to_owned()),
            (None, Some(AnswerStyle::Short | AnswerStyle::Explained) | None) => None,
        }
    }

    /// Returns the text as a person reads it: where the evaluator answers and the plan has no result, that it is missing.
    pub fn shown(&self) -> &str {
        match (self.style, self.text.trim()) {
            (Some(AnswerStyle::Evaluated), "") => "The plan's steps have no result, so there is no answer.",
            (Some(AnswerStyle::Evaluated | AnswerStyle::Short | AnswerStyle::Explained) | None, text) => text,
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Several answers of which one was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// The rule by which one was taken.
    pub choice: AnswerChoice,
    /// All of them, in the order in which they were decoded.
    pub ballots: Vec<Ballot>,
    /// The place of the one that was taken.
    pub taken: u32,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ballot {
    /// The value read from it; one that means the same as that of an earlier answer is spelled like it. It votes for
    /// nothing where there is none.
    pub value: Option<String>,
    /// How many of the answers state this value.
    pub votes: u32,
    /// The model's corrected probability of "yes, it is right"; absent where it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Its length in tokens.
    pub tokens: u32,
    /// Whether it stops at the limit of tokens.
    pub truncated: bool,
    /// The seed of its sampler.
    pub seed: u64,
}

impl Poll {
    /// Returns the poll over `ballots`, whose votes are counted here. A majority's ties go to the value that was
    /// seen first, and so do equal scores.
    pub fn of(choice: AnswerChoice, mut ballots: Vec<Ballot>) -> Self {
        let values: Vec<Option<String>> = ballots.iter().map(|ballot| ballot.value.clone()).collect();
        for ballot in &mut ballots {
            let same = values.iter().filter(|value| value.is_some() && **value == ballot.value).count();
            ballot.votes = u32::try_from(same).unwrap_or(u32::MAX);
        }
        let weight = |ballot: &Ballot| match choice {
            AnswerChoice::Majority => f64::from(ballot.votes),
            AnswerChoice::Best => ballot.score.unwrap_or(-1.0),
        };
        let mut taken = 0;
        for (at, ballot) in ballots.iter().enumerate() {
            if weight(ballot) > weight(&ballots[taken]) {
                taken = at;
            }
        }
        Self { choice, ballots, taken: u32::try_from(taken).unwrap_or(u32::MAX) }
    }

    /// Returns the one that was taken.
    pub(crate) fn winner(&self) -> Option<&Ballot> {
        self.ballots.get(self.taken as usize)
    }

    /// Returns how many answers state each value, the most first, and the first seen of equals.
    pub fn tally(&self) -> Vec<(&str, u32)> {
        let mut tally: Vec<(&str, u32)> = Vec::new();
        for ballot in &self.ballots {
            if let Some(value) = &ballot.value
                && !tally.iter().any(|(known, _)| known == value)
            {
                tally.push((value, ballot.votes));
            }
        }
        tally.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
        tally
    }

    /// Returns how the choice fell, in a few words.
    pub fn words(&self) -> String {
        let n = self.ballots.len();
        let winner = self.winner();
        match self.choice {
            AnswerChoice::Majority => {
                let votes = winner.map_or(0, |ballot| ballot.votes);
                format!("the majority of {n} answers: {votes} state it")
            }
            AnswerChoice::Best => match winner.and_then(|ballot| ballot.score) {
                Some(score) => format!("the best of {n} answers by the model's own check: {score:.3}"),
                None => format!("the first of {n} answers: none was checked"),
            },
        }
    }
}

/// How an answer deals with one item of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct CoverageRow {
    pub item: ItemId,
    /// How many sentences cite it.
    pub cited: u32,
    /// Whether the checker says that it holds; absent where it cannot be checked.
    pub satisfied: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ballots(values: &[(&str, Option<f64>)]) -> Vec<Ballot> {
        let ballot = |(value, score): &(&str, Option<f64>)| Ballot {
            value: (!value.is_empty()).then(|| (*value).to_owned()),
            votes: 0,
            score: *score,
            tokens: 1,
            truncated: false,
            seed: 0,
        };
        values.iter().map(ballot).collect()
    }

    #[test]
    fn the_majority_wins_and_ties_go_to_the_first() {
        let poll = |values: &[&str]| {
            let values: Vec<_> = values.iter().map(|value| (*value, None)).collect();
            Poll::of(AnswerChoice::Majority, ballots(&values))
        };
        assert_eq!(poll(&["1", "2", "2"]).taken, 1);
        assert_eq!(poll(&["", "", "1", "2"]).taken, 2, "what cannot be read does not vote");
        let tie = poll(&["3", "4", "4", "3"]);
        assert_eq!((tie.taken, tie.winner().unwrap().votes), (0, 2));
        assert_eq!(tie.tally(), [("3", 2), ("4", 2)]);
        assert_eq!(poll(&["", ""]).taken, 0);
    }

    #[test]
    fn the_best_has_the_highest_score() {
        let poll = Poll::of(AnswerChoice::Best, ballots(&[("1", Some(0.2)), ("2", None), ("3", Some(0.9))]));
        assert_eq!(poll.taken, 2);
        assert!(poll.words().contains("best of 3"), "{}", poll.words());
    }
}
