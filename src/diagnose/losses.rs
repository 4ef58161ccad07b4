//! Where a run loses a right answer: no plan that it saw was right, it kept a wrong one, or the answer left the plan.
//!
//! *Oracle*: it takes the gold answer and the record of a run that is over. Nothing that steers a run may use it.

use std::{collections::HashMap, fmt};

use serde::Serialize;

use plan::{Plan, PlanHash};
use problem::{Outcome, Problem};
use session::{CheckSummary, Event, Judgement, PlanView, Record, Ruling, Severity, State, Subject};

/// The stage at which a right answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// No plan that was seen is right.
    Drawing,
    /// A right plan was seen, and the one that was kept is wrong.
    Choosing,
    /// The plan that was kept is right, and the answer is wrong.
    Answering,
}

impl Loss {
    /// Returns the word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drawing => "drawing",
            Self::Choosing => "choosing",
            Self::Answering => "answering",
        }
    }
}

/// A yes or no for each stage of a run; `None` where that is not available, which is not no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Stages {
    /// Whether the first plan is right.
    pub draft: Option<bool>,
    /// Whether some plan that was seen is right, kept or not.
    pub seen: Option<bool>,
    /// Whether the plan that was kept is right: the one that was answered from.
    pub kept: Option<bool>,
    /// Whether the answer is right.
    pub answer: Option<bool>,
    /// Where a right answer was lost; absent where it was not, and where that is not known.
    pub loss: Option<Loss>,
}

impl Stages {
    /// Returns the stages of the run on `problem` that `records` are of; `None` while it is not over, and where it was
    /// interrupted, since a fork may continue it.
    ///
    /// A plan is right if the result of its steps is, and wrong if that is wrong or if an error that its family's checker
    /// found leaves it without a result. It is neither without gold, without a verdict of the checker, or in a
    /// family whose plans are not evaluated.
    pub fn of(problem: &Problem, records: &[Record]) -> Option<Self> {
        let (mut state, mut seen) = (State::default(), SeenPlans::default());
        for record in records {
            state.apply(record);
            seen.receive(&record.event, &state);
        }
        match state.outcome {
            Some(session::Outcome::Answered | session::Outcome::Failed { .. }) => {}
            Some(session::Outcome::Interrupted) | None => return None,
        }
        let verdicts: HashMap<PlanHash, Option<bool>> =
            seen.plans.iter().map(|(hash, (plan, check))| (*hash, is_right(problem, plan, check))).collect();
        let verdict = |plan: PlanHash| verdicts.get(&plan).copied().flatten();
        let some = if verdicts.values().any(|right| *right == Some(true)) {
            Some(true)
        } else {
            let all_wrong = !verdicts.is_empty() && verdicts.values().all(|right| *right == Some(false));
            all_wrong.then_some(false)
        };
        let answer = state.judgement.as_ref().and_then(Judgement::is_right);
        Some(Self::new(seen.draft.and_then(verdict), some, kept(&state).and_then(verdict), answer))
    }

    /// Returns these stages, with the loss that follows from them.
    pub fn new(draft: Option<bool>, seen: Option<bool>, kept: Option<bool>, answer: Option<bool>) -> Self {
        let loss = match (answer, kept, seen) {
            (Some(false), Some(true), _) => Some(Loss::Answering),
            (Some(false), Some(false), Some(true)) => Some(Loss::Choosing),
            (Some(false), Some(false), Some(false)) => Some(Loss::Drawing),
            (Some(true) | None, _, _) | (Some(false), None, _) | (Some(false), Some(false), None) => None,
        };
        Self { draft, seen, kept, answer, loss }
    }

    /// Returns whether the answer is right although the plan that it was written from is wrong.
    pub fn is_lucky(&self) -> bool {
        self.answer == Some(true) && self.kept == Some(false)
    }

    /// Returns whether something is known of the run's plans.
    pub fn are_known(&self) -> bool {
        [self.draft, self.seen, self.kept].iter().any(Option::is_some)
    }
}

/// One line: `oracle: draft ✗ → seen ✓ → kept ✗ → answer ✗ (lost in choosing)`.
impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |right: Option<bool>| match right {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "–",
        };
        let [draft, seen, kept, answer] = [self.draft, self.seen, self.kept, self.answer].map(sign);
        write!(f, "oracle: draft {draft} → seen {seen} → kept {kept} → answer {answer}")?;
        match self.loss {
            Some(loss) => write!(f, " (lost in {})", loss.name()),
            None if self.is_lucky() => f.write_str(" (right from a wrong plan)"),
            None if [draft, seen, kept, answer].contains(&"–") => f.write_str(" (– is not available)"),
            None => Ok(()),
        }
    }
}

/// What accepted edits did to plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct EditEffects {
    /// Edits that were accepted and changed the incumbent.
    pub accepted: u64,
    /// Those of them whose plans, before and after, are both known to be right or wrong.
    pub known: u64,
    /// Those that made a right plan wrong.
    pub worse: u64,
    /// Those that made a wrong plan right.
    pub better: u64,
}

impl EditEffects {
    /// Returns what the edits did that were accepted in the run on `problem` that `records` are of.
    pub fn of(problem: &Problem, records: &[Record]) -> Self {
        let (mut state, mut edits) = (State::default(), Self::default());
        for record in records {
            let accepts = matches!(&record.event, Event::Decided { verdicts }
                if verdicts.iter().any(|verdict| verdict.ruling == Ruling::Accept));
            let before = state.incumbent.clone().filter(|_| accepts);
            state.apply(record);
            if let (Some(before), Some(after)) = (before, &state.incumbent)
                && before.plan.hash() != after.plan.hash()
            {
                edits.receive(
                    is_right(problem, &before.plan, &before.check),
                    is_right(problem, &after.plan, &after.check),
                );
            }
        }
        edits
    }

    fn receive(&mut self, before: Option<bool>, after: Option<bool>) {
        self.accepted += 1;
        if let (Some(before), Some(after)) = (before, after) {
            self.known += 1;
            self.worse += u64::from(before && !after);
            self.better += u64::from(!before && after);
        }
    }
}

/// The plans of a run, each with the checker's word on it.
#[derive(Default)]
struct SeenPlans {
    draft: Option<PlanHash>,
    plans: HashMap<PlanHash, (Plan, Option<CheckSummary>)>,
}

impl SeenPlans {
    fn receive(&mut self, event: &Event, state: &State) {
        if let Event::Drafted { plan, .. } = event {
            if plan.is_empty() {
                // All of its tokens are masked; the first plan is the one that is whole first.
                return;
            }
            self.draft.get_or_insert(plan.hash());
            self.plans.entry(plan.hash()).or_insert_with(|| (plan.clone(), None));
        } else if let Event::Checked { subject, summary } = event {
            let view = match subject {
                Subject::Incumbent => state.incumbent.as_ref(),
                Subject::Candidate(index) => {
                    state.candidates.get(*index as usize).and_then(|candidate| candidate.view.as_ref())
                }
            };
            let Some(PlanView { plan, .. }) = view else { return };
            self.draft.get_or_insert(plan.hash());
            self.plans.insert(plan.hash(), (plan.clone(), Some(summary.clone())));
        }
    }
}

/// The plan that was answered from, or would have been; none for an answer without a plan.
fn kept(state: &State) -> Option<PlanHash> {
    match &state.answer {
        Some(answer) => answer.plan,
        None => state.answer_plan().map(|view| view.plan.hash()),
    }
}

fn is_right(problem: &Problem, plan: &Plan, check: &Option<CheckSummary>) -> Option<bool> {
    let check = check.as_ref()?;
    let family = problem.family();
    let Some(derived) = check.derived.as_deref() else {
        let broken = check.findings.iter().any(|finding| finding.severity == Severity::Error);
        return (broken && family.evaluates_plans() && problem.can_be_judged()).then_some(false);
    };
    match family.check_planned(problem, plan, derived).outcome {
        Outcome::Correct => Some(true),
        Outcome::Wrong | Outcome::Unparsed => Some(false),
        Outcome::NoGold | Outcome::NotJudged => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(draft: bool, seen: bool, kept: bool, answer: bool) -> Stages {
        Stages::new(Some(draft), Some(seen), Some(kept), Some(answer))
    }

    #[test]
    fn a_loss_is_named_by_the_first_stage_that_fails_after_the_last_that_does_not() {
        assert_eq!(stages(false, false, false, false).loss, Some(Loss::Drawing));
        assert_eq!(stages(false, true, false, false).loss, Some(Loss::Choosing));
        assert_eq!(stages(true, true, false, false).loss, Some(Loss::Choosing), "a right draft was given up");
        assert_eq!(stages(false, true, true, false).loss, Some(Loss::Answering));
        assert_eq!(stages(false, true, true, true).loss, None);
        let lucky = stages(false, false, false, true);
        assert!(lucky.loss.is_none() && lucky.is_lucky());
    }

    #[test]
    fn what_is_not_available_is_no_loss() {
        let unknown = Stages::new(None, None, Some(false), Some(false));
        assert_eq!(unknown.loss, None, "a right plan may have been seen");
        assert_eq!(Stages::new(Some(true), Some(true), None, Some(false)).loss, None);
        assert_eq!(Stages::new(Some(true), Some(true), Some(true), None).loss, None);
        assert!(unknown.are_known() && !Stages::new(None, None, None, Some(true)).are_known());
    }

    #[test]
    fn an_edit_is_worse_only_where_it_takes_a_right_plan_away() {
        let mut edits = EditEffects::default();
        for (before, after) in [
            (Some(true), Some(false)),
            (Some(true), Some(true)),
            (Some(false), Some(true)),
            (Some(false), Some(false)),
            (None, Some(false)),
            (Some(true), None),
        ] {
            edits.receive(before, after);
        }
        assert_eq!(edits, EditEffects { accepted: 6, known: 4, worse: 1, better: 1 });
    }

    #[test]
    fn a_line_says_all_of_it() {
        assert_eq!(
            stages(false, true, false, false).to_string(),
            "oracle: draft ✗ → seen ✓ → kept ✗ → answer ✗ (lost in choosing)"
        );
        assert!(stages(false, false, false, true).to_string().ends_with("(right from a wrong plan)"));
        assert!(stages(true, true, true, true).to_string().ends_with("answer ✓"));
        assert!(Stages::default().to_string().ends_with("answer – (– is not available)"));
    }
}
