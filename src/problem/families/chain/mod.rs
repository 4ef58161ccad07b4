//! Chains of quantities stated in words, with people who do not matter among them.
//!
//! Plans are those of the family `math`, and so is their checker, except that not every number of the text must
//! appear in the plan: some are there to distract. The checker finds faults; whether the right chain was followed,
//! only the gold answer shows.

mod make;

use crate::{
    Problem,
    families::math::{self, Givens, Math},
    family::{Example, Family, Framing, example_plan},
    generate::Generator,
    report::{AnswerVerdict, PlanReport},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// The family of word chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain;

impl Family for Chain {
    fn name(&self) -> &'static str {
        "chain"
    }

    fn doc(&self) -> &'static str {
        "word chains of quantities with distractors; plans as in math, evaluated exactly"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        Math.kinds()
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        Math.check_problem(problem)
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let mut framing = Math.framing(problem);
        framing.system =
            "You plan before you answer. You write short, exact plans for word problems in which not \
                          everything that is stated matters."
                .to_owned();
        framing.how_to_plan = framing.how_to_plan.replace(
            "First state each number of the problem that matters as a constraint",
            "Go back from the question to the people it depends on, and leave the others out. First state each number \
             that matters as a constraint",
        );
        framing.example = example();
        framing.max_items = 32;
        framing
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        Math.surface()
    }

    fn derives_links(&self) -> bool {
        Math.derives_links()
    }

    fn links(&self, problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        Math.links(problem, items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        math::check_plan(problem, plan, Givens::SomeMatter)
    }

    fn read_answer(&self, text: &str) -> Option<String> {
        Math.read_answer(text)
    }

    fn answers_although_cut(&self, reply: &str) -> bool {
        Math.answers_although_cut(reply)
    }

    fn same_answer(&self, one: &str, other: &str) -> bool {
        Math.same_answer(one, other)
    }

    fn check_answer(&self, problem: &Problem, plan: &Plan, answer: &str) -> AnswerVerdict {
        Math.check_answer(problem, plan, answer)
    }

    fn values(&self, text: &str) -> Vec<String> {
        Math.values(text)
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::ChainGenerator)
    }
}

fn example() -> Example {
    Example {
        problem: "Olga has 6 shells. Pavel has 4 more shells than Olga. Rosa has 9 fewer shells than Sven. Quinn has twice \
                  as many shells as Pavel. Sven has 30 shells. How many shells does Quinn have?"
            .to_owned(),
        plan: example_plan(&[
            ("C1", "", "olga = 6"),
            ("C2", "", "more_for_pavel = 4"),
            ("S1", "C1 C2", "pavel = olga + more_for_pavel"),
            ("S2", "S1", "answer = pavel * 2"),
        ]),
        answer: "Pavel has 6 + 4 = 10 shells. [C1 C2 S1]\nQuinn has 10 * 2 = 20 shells. [S2]\nThe answer is 20. [S2]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_right_and_distractors_are_not_missed() {
        let example = example();
        let report = Chain.check_plan(&Problem::new("p", "chain", &*example.problem), &example.plan);
        assert_eq!((report.findings.as_slice(), report.derived.as_deref()), (&[][..], Some("20")));
        assert_eq!(report.score(), Some(1.0));
        let report = Math.check_plan(&Problem::new("p", "math", &*example.problem), &example.plan);
        assert_eq!(report.findings.len(), 2, "9 and 30 would be missed in a math problem");
    }
}
