//! Free text under instructions that can be checked, as in IFEval (Zhou et al. 2023).
//!
//! The instructions stand in the prompt and, by id, in the settings, so answers are judged without gold. Plans are words,
//! which no checker reads. An answer with citations in brackets breaks some instructions: use `--no-cite`.

mod instructions;
mod language;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Problem,
    families::free::Free,
    family::{Family, Framing},
    report::{AnswerVerdict, Outcome, PlanReport},
};
use instructions::Judged;
use plan::{ItemKind, Plan};

/// The family of checkable instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfEval;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// Its id in the data set, such as `punctuation:no_comma`.
    pub id: String,
    /// What it takes, such as `num_words`.
    #[serde(default)]
    pub kwargs: Map<String, Value>,
}

/// The settings of such a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IfEvalSettings {
    /// The instructions that the answer must follow.
    pub instructions: Vec<Instruction>,
}

impl Family for IfEval {
    fn name(&self) -> &'static str {
        "ifeval"
    }

    fn doc(&self) -> &'static str {
        "free text under instructions that can be checked, such as a number of words"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        Free.kinds()
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: IfEvalSettings = problem.read_settings()?;
        if settings.instructions.is_empty() {
            return Err("there is no instruction; without one the family is free".to_owned());
        }
        // One that this version does not know is left unjudged; one that lacks its arguments is a mistake.
        let broken = settings.instructions.iter().find_map(|one| match instructions::judge(one, "") {
            Judged::Broken(why) => Some(format!("the instruction {}: {why}", one.id)),
            Judged::Followed | Judged::Missed | Judged::Unknown(_) => None,
        });
        broken.map_or(Ok(()), Err)
    }

    fn framing(&self, problem: &Problem) -> Framing {
        Framing {
            how_to_plan: "Write a plan, one item a line: first each demand of the task on form and words as a constraint, \
                          C1, C2 and so on; then steps S1, S2 and so on that say what the text says and how it meets \
                          them. After <- list the constraints that a step meets. Do not write the text yet."
                .to_owned(),
            ..Free.framing(problem)
        }
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        Free.check_plan(problem, plan)
    }

    /// Returns the whole text.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Holds the text to every instruction. Where all that can be checked are followed and some cannot be, there is no
    /// verdict.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<IfEvalSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let Some(text) = &extracted else { return verdict(Outcome::Unparsed, None) };
        let (mut missed, mut unknown) = (Vec::new(), Vec::new());
        for one in &settings.instructions {
            match instructions::judge(one, text) {
                Judged::Followed => {}
                Judged::Missed => missed.push(one.id.clone()),
                Judged::Unknown(why) | Judged::Broken(why) => unknown.push(format!("{} ({why})", one.id)),
            }
        }
        let unreported = (!unknown.is_empty()).then(|| format!("not checked: {}", unknown.join(", ")));
        match (missed.is_empty(), unreported) {
            (false, _) => verdict(Outcome::Wrong, Some(format!("not followed: {}", missed.join(", ")))),
            (true, None) => verdict(Outcome::Correct, None),
            (true, Some(unreported)) => verdict(Outcome::NotJudged, Some(unreported)),
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    fn values(&self, _text: &str) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(instructions: Value) -> Problem {
        let mut problem = Problem::new("p", "ifeval", "Write.");
        problem.settings.insert("instructions".into(), instructions);
        problem
    }

    #[test]
    fn texts_are_held_to_every_instruction() {
        let both = problem(serde_json::json!([
            {"id": "punctuation:no_comma"},
            {"id": "length_constraints:number_words", "kwargs": {"relation": "at least", "num_words": 3}},
        ]));
        assert_eq!(IfEval.check_problem(&both), Ok(()));
        let judge = |problem: &Problem, text: &str| IfEval.check_answer(problem, &Plan::default(), text);
        assert_eq!(judge(&both, "One two three.").outcome, Outcome::Correct);
        let wrong = judge(&both, "One, two.");
        assert_eq!(wrong.outcome, Outcome::Wrong);
        assert_eq!(
            wrong.reason.unwrap(),
            "not followed: punctuation:no_comma, length_constraints:number_words"
        );
        assert_eq!(judge(&both, " ").outcome, Outcome::Unparsed);
        let language =
            problem(serde_json::json!([{"id": "language:response_language", "kwargs": {"language": "sw"}}]));
        let unreported = judge(&language, "Text.");
        assert_eq!(unreported.outcome, Outcome::NotJudged);
        assert!(
            unreported
                .reason
                .unwrap()
                .contains("response_language (whether it is in the language sw is not clear)")
        );
    }

    #[test]
    fn instructions_without_their_arguments_are_refused() {
        let broken = problem(
            serde_json::json!([{"id": "length_constraints:number_words", "kwargs": {"relation": "at least"}}]),
        );
        assert!(IfEval.check_problem(&broken).unwrap_err().contains("num_words"));
        assert!(
            IfEval.check_problem(&problem(serde_json::json!([]))).unwrap_err().contains("no instruction")
        );
        assert!(IfEval.check_problem(&problem(serde_json::json!([{"id": 3}]))).is_err());
    }
}
