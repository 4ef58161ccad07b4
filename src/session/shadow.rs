//! Plain decoding at the same cost, next to a run that refines: what each would answer if it had to now.

use serde::{Deserialize, Serialize};

use super::{
    answer::{Ballot, Judgement, Poll},
    answer_settings::AnswerChoice,
    state::History,
};
use plan::PlanHash;

/// An answer without a plan, for the shadow of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct PlainAnswer {
    #[serde(flatten)]
    pub ballot: Ballot,
    /// How it compares with gold. *Oracle*.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// What one side would answer, and what it has cost to come there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowSide {
    /// Tokens drawn until here, this answer's among them.
    pub tokens: u64,
    /// The value of the answer, where one can be read.
    pub value: Option<String>,
    /// How it compares with gold. *Oracle*: nothing that steers the run may read this.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// Both sides after one iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowPoint {
    /// Iterations that were over.
    pub iteration: u32,
    /// The plan that was answered from.
    pub plan: PlanHash,
    /// Length of the answer from the plan, in tokens.
    pub length: u64,
    /// Refinement: what it drew until here, and an answer from its best plan.
    pub refined: ShadowSide,
    /// Plain decoding: what most of its answers state; absent while none was complete within what may be spent.
    pub plain: Option<ShadowSide>,
    /// The plain answers that came for this point.
    pub fresh: Vec<PlainAnswer>,
}

/// Who is ahead, by the gold answer. *Oracle*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShadowStanding {
    /// Plain decoding is right, refinement is not.
    Losing,
    /// Refinement is right, plain decoding is not.
    Winning,
    /// Both are right, or both are not.
    Level,
    /// One of them has no answer that can be judged.
    Unknown,
}

impl ShadowStanding {
    /// Returns the words for it, of refinement.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Losing => "behind plain decoding",
            Self::Winning => "ahead of plain decoding",
            Self::Level => "level with plain decoding",
            Self::Unknown => "next to plain decoding",
        }
    }
}

impl ShadowSide {
    fn words(&self) -> String {
        let value = self.value.as_deref().map_or_else(|| "nothing that can be read".to_owned(), one_line);
        let verdict = match self.judgement.is_right() {
            Some(true) => ", right",
            Some(false) => ", wrong",
            None => "",
        };
        format!("{value}{verdict} ({} tokens)", self.tokens)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl ShadowPoint {
    /// Returns both sides in a few words.
    pub fn words(&self) -> String {
        let plain = self.plain.as_ref().map_or_else(|| "no answer yet".to_owned(), ShadowSide::words);
        format!("plain decoding answers {plain}, refinement {}", self.refined.words())
    }

    /// Returns who is ahead. *Oracle*.
    pub fn standing(&self) -> ShadowStanding {
        let plain = self.plain.as_ref().and_then(|side| side.judgement.is_right());
        match (self.refined.judgement.is_right(), plain) {
            (Some(false), Some(true)) => ShadowStanding::Losing,
            (Some(true), Some(false)) => ShadowStanding::Winning,
            (Some(_), Some(_)) => ShadowStanding::Level,
            (None, _) | (_, None) => ShadowStanding::Unknown,
        }
    }
}

/// The shadow of a run so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shadow {
    /// Both sides after each iteration for which they are known, with the events that tell of them.
    pub points: History<(u64, ShadowPoint)>,
    /// In the order in which they were decoded.
    pub answers: History<PlainAnswer>,
}

impl Shadow {
    pub(super) fn receive(&mut self, seq: u64, point: &ShadowPoint) {
        for answer in &point.fresh {
            self.answers.push_back_mut(answer.clone());
        }
        self.points.push_back_mut((seq, point.clone()));
    }

    /// Returns the last point.
    pub fn last(&self) -> Option<&ShadowPoint> {
        self.points.last().map(|(_, point)| point)
    }

    /// Returns the iteration since which refinement has been behind without a break; `None` where it is not now.
    /// *Oracle*.
    pub fn losing_since(&self) -> Option<u32> {
        let behind = |point: &ShadowPoint| point.standing() == ShadowStanding::Losing;
        let broken = self.points.iter().rposition(|(_, point)| !behind(point)).map_or(0, |at| at + 1);
        self.points.get(broken).map(|(_, point)| point.iteration)
    }
}

/// Returns what most of `answers` state: the side of plain decoding. Those that were cut state nothing, but cost what
/// they cost. `None` where none was complete.
pub fn majority<'a>(answers: impl Iterator<Item = &'a PlainAnswer>) -> Option<ShadowSide> {
    let answers: Vec<&PlainAnswer> = answers.collect();
    let whole: Vec<&&PlainAnswer> = answers.iter().filter(|answer| !answer.ballot.truncated).collect();
    let ballots = whole.iter().map(|answer| answer.ballot.clone()).collect();
    let taken = whole.get(Poll::of(AnswerChoice::Majority, ballots).taken as usize)?;
    Some(ShadowSide {
        tokens: answers.iter().map(|answer| u64::from(answer.ballot.tokens)).sum(),
        value: taken.ballot.value.clone(),
        judgement: taken.judgement.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: &str, judgement: Judgement) -> PlainAnswer {
        let ballot = Ballot {
            value: Some(value.to_owned()),
            votes: 0,
            score: None,
            tokens: 10,
            truncated: false,
            seed: 0,
        };
        PlainAnswer { ballot, judgement }
    }

    fn point(refined: Judgement, plain: Option<Judgement>) -> ShadowPoint {
        let side = |judgement| ShadowSide { tokens: 1, value: None, judgement };
        ShadowPoint {
            iteration: 1,
            plan: plan::Plan::default().hash(),
            length: 1,
            refined: side(refined),
            plain: plain.map(side),
            fresh: Vec::new(),
        }
    }

    #[test]
    fn the_majority_is_judged_as_its_answers_were() {
        let answers =
            [answer("1", Judgement::Wrong), answer("2", Judgement::Correct), answer("2", Judgement::Correct)];
        let side = majority(answers.iter()).unwrap();
        assert_eq!((side.tokens, side.value.as_deref()), (30, Some("2")));
        assert_eq!(side.judgement, Judgement::Correct);
        assert_eq!(majority([].iter()), None);
        let mut cut = answer("3", Judgement::Unreadable);
        cut.ballot.truncated = true;
        assert_eq!(majority([&cut, &cut].into_iter()), None);
        let side = majority([&cut, &cut, &answer("1", Judgement::Wrong)].into_iter()).unwrap();
        assert_eq!((side.tokens, side.value.as_deref()), (30, Some("1")));
    }

    #[test]
    fn only_gold_tells_who_is_ahead() {
        use Judgement::{Correct, NoGold, Unreadable, Wrong};
        for (refined, plain, standing) in [
            (Wrong, Some(Correct), ShadowStanding::Losing),
            (Correct, Some(Unreadable), ShadowStanding::Winning),
            (Wrong, Some(Wrong), ShadowStanding::Level),
            (NoGold, Some(NoGold), ShadowStanding::Unknown),
            (Wrong, None, ShadowStanding::Unknown),
        ] {
            assert_eq!(point(refined, plain).standing(), standing);
        }
    }

    #[test]
    fn a_point_is_read_as_it_was_written() {
        let mut written = point(Judgement::Wrong, Some(Judgement::NotJudged { reason: None }));
        written.fresh.push(answer("7", Judgement::Wrong));
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<ShadowPoint>(&text).unwrap(), written);
        assert!(text.contains(r#""judgement":"wrong""#), "{text}");
    }
}
