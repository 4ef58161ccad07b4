//! What a family's evaluator computes of a plan.

use super::{Family, Problem, family::stated, numbers, report::Satisfied, spellings};
use plan::{Item, ItemId, Plan};

/// What an evaluator computed of a plan that has a result. It sees no gold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The value of the steps.
    result: String,
    /// Items and their values, in the order of the plan; none of an item that is wrong.
    values: Vec<(ItemId, String)>,
}

impl Evaluation {
    /// Returns what the evaluator of the problem's family computes of `plan`; `None` where the plan has no result.
    pub fn of(problem: &Problem, plan: &Plan) -> Option<Self> {
        let report = problem.family().check_plan(problem, plan);
        let result = report.derived?;
        let right = report.items.into_iter().filter(|check| check.status != Satisfied::Violated);
        Some(Self { result, values: right.filter_map(|check| Some((check.item, check.value?))).collect() })
    }

    /// Returns the result as an answer states it.
    pub fn answer(&self) -> String {
        stated(&self.result)
    }

    /// Returns the value of `item`; `None` where it has none, or where it is already written in the item's text.
    pub fn computed(&self, item: &Item) -> Option<&str> {
        self.value(item.id).filter(|value| !states(&item.text, value))
    }

    /// Returns whether the result is one number.
    pub fn is_number(&self) -> bool {
        numbers::parse(&self.result).is_some()
    }

    /// Returns whether items have values that are numbers.
    pub fn is_numeric(&self) -> bool {
        self.values.iter().any(|(_, value)| numbers::parse(value).is_some())
    }

    fn value(&self, item: ItemId) -> Option<&str> {
        self.values.iter().find(|(id, _)| *id == item).map(|(_, value)| value.as_str())
    }

    /// Returns `plan` with each computed value at the end of its item's text.
    #[must_use]
    pub fn worked_out(&self, plan: &Plan) -> Plan {
        let worked_out = |item: &Item| match self.computed(item) {
            Some(value) => Item { text: format!("{} = {value}", item.text), ..item.clone() },
            None => item.clone(),
        };
        Plan::new(plan.items().iter().map(worked_out).collect()).unwrap_or_else(|_| plan.clone())
    }

    /// Returns the last item of `plan` whose computed value is `answer`.
    pub fn source(&self, family: &dyn Family, plan: &Plan, answer: &str) -> Option<ItemId> {
        let same = |item: &&Item| {
            let value = self.computed(item).map(|value| family.planned_answer(value));
            value.is_some_and(|value| family.same_answer(answer, &value))
        };
        plan.items().iter().rfind(|item| !item.muted && same(item)).map(|item| item.id)
    }

    /// Returns the numbers that `item` has, its value and those in its text, each as a pattern of the ways to write it.
    pub fn numbers(&self, item: &Item) -> Vec<String> {
        let value = self.value(item.id);
        let stated = value.is_some_and(|value| states(&item.text, value));
        let own = value.and_then(numbers::parse);
        let read = |text: &str| {
            let digits = numbers::mentions(text).into_iter().filter(|mention| !mention.spelled);
            digits.map(|mention| mention.value).collect::<Vec<_>>()
        };
        let mut found = match (own, value) {
            // The number of `x = -5` is -5, and not 5 as well.
            (Some(own), _) if stated && read(&item.text).len() == 1 => vec![own],
            (Some(own), _) => [vec![own], read(&item.text)].concat(),
            (None, value) => [read(value.unwrap_or_default()), read(&item.text)].concat(),
        };
        found.sort();
        found.dedup();
        found.iter().map(spellings::pattern).collect()
    }
}

/// Returns whether `text` ends by stating `value`, as `pens = 20` does.
fn states(text: &str, value: &str) -> bool {
    let right = text.rsplit('=').next().unwrap_or_default().trim();
    right == value || numbers::parse(right).is_some_and(|own| numbers::parse(value) == Some(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    const PLAN: &str =
        "C1: rolls = 48\nC2: eaten = 9\nS1 <- C1 C2: sold = rolls - eaten\nS2 <- S1: answer = sold * 2";

    fn evaluated(family: &str, lines: &str) -> (Plan, Option<Evaluation>) {
        let plan = plan(lines);
        let evaluation = Evaluation::of(&Problem::new("p", family, "48 rolls, 9 are eaten."), &plan);
        (plan, evaluation)
    }

    #[test]
    fn items_show_what_their_text_does_not_say_already() {
        let (plan, evaluation) = evaluated("math", PLAN);
        let shown = evaluation.unwrap().worked_out(&plan);
        let texts: Vec<&str> = shown.items().iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts, ["rolls = 48", "eaten = 9", "sold = rolls - eaten = 39", "answer = sold * 2 = 78"]);
    }

    #[test]
    fn a_plan_without_a_result_is_not_evaluated_and_a_wrong_item_has_no_value() {
        assert_eq!(evaluated("math", "C1: rolls = 48\nS1 <- C1: sold = rolls - 9").1, None);
        assert_eq!(evaluated("free", "S1: speak").1, None);
        let (plan, evaluation) =
            evaluated("math", "C1: a = 3\nS1 <- C1: a = 2 * 2\nS2 <- C1: answer = a * 2");
        let shown = evaluation.unwrap().worked_out(&plan);
        assert_eq!(shown.items()[1].text, "a = 2 * 2", "a second definition of the same name is an error");
        assert_eq!(shown.items()[2].text, "answer = a * 2 = 6");
    }

    #[test]
    fn an_answer_comes_from_the_last_item_that_computes_it() {
        let (plan, evaluation) = evaluated("math", PLAN);
        let source =
            |answer| evaluation.as_ref().unwrap().source(&crate::families::math::Math, &plan, answer);
        assert_eq!(source("78").map(|id| id.to_string()).as_deref(), Some("S2"));
        assert_eq!(source("39").map(|id| id.to_string()).as_deref(), Some("S1"));
        assert_eq!(source("48"), None, "what is given is not computed");
        assert_eq!(source("40"), None);
    }

    #[test]
    fn numbers_are_the_value_and_those_in_the_text() {
        let (plan, evaluation) = evaluated("math", "C1: a = -5\nS1 <- C1: answer = 12 - a * 3");
        let evaluation = evaluation.unwrap();
        assert_eq!(evaluation.numbers(&plan.items()[0]).len(), 1, "-5, and not 5");
        assert_eq!(evaluation.numbers(&plan.items()[1]).len(), 3, "3, 12 and 27");
    }
}
