//! Blocksworld with four actions, as in PlanBench (Valmeekam et al. 2023): one hand, blocks on a table and on each other.
//!
//! A plan is a list of actions, `T1: unstack(red, blue)`. The statement decides everything: the checker carries the
//! actions out and looks at the goal, and needs no gold.

mod check;
mod make;
mod moves;
mod search;
pub mod world;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan, in_a_row},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};
use world::{Action, World};

/// The family of blocksworld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocksworld;

/// The settings of a blocksworld problem, which say all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlocksworldSettings {
    /// The stacks at the start, each from the table up. The hand is empty.
    pub stacks: Vec<Vec<String>>,
    /// What must hold at the end: pairs of a block and what it is on.
    pub goal: Vec<(String, String)>,
}

/// What a block that is on no other block is on.
pub const TABLE: &str = "table";

impl BlocksworldSettings {
    /// Returns the problem that these settings say, called `id`.
    pub fn problem(&self, id: &str) -> Problem {
        let place = |block: &str, below: &str| format!("{block} is on {}", article(below));
        let start: Vec<String> = self
            .stacks
            .iter()
            .flat_map(|stack| {
                let below = std::iter::once(TABLE).chain(stack.iter().map(String::as_str));
                stack.iter().zip(below).map(|(block, below)| place(block, below)).collect::<Vec<_>>()
            })
            .collect();
        let goal: Vec<String> = self.goal.iter().map(|(block, below)| place(block, below)).collect();
        let text = format!(
            "Blocks are moved by one hand that holds one block at a time. pick-up(x) takes the clear block x from the \
             table; put-down(x) puts the held block x on the table; unstack(x, y) takes the clear block x off the block \
             y; stack(x, y) puts the held block x on the clear block y. A block is clear when nothing is on it. At \
             first the hand is empty and: {}. Reach this goal: {}. The answer is the list of actions in their order.",
            start.join("; "),
            goal.join("; ")
        );
        let mut problem = Problem::new(id, "blocksworld", text).with_settings(self);
        problem.title = format!("{} blocks, {} to be placed", start.len(), self.goal.len());
        problem
    }

    fn blocks(&self) -> impl Iterator<Item = &str> {
        self.stacks.iter().flatten().map(String::as_str)
    }
}

fn article(below: &str) -> String {
    if below == TABLE { format!("the {TABLE}") } else { below.to_owned() }
}

/// Returns whether `name` can be that of a block: a word in lower case, with digits, hyphens and underscores perhaps.
fn is_block(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    name.len() <= 20
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(rest)
        && name != TABLE
}

impl Family for Blocksworld {
    fn name(&self) -> &'static str {
        "blocksworld"
    }

    fn doc(&self) -> &'static str {
        "stacking blocks by pick-up, put-down, stack and unstack; the checker carries the actions out"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::ToolCall]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: BlocksworldSettings = problem.read_settings()?;
        let blocks: Vec<&str> = settings.blocks().collect();
        if !(1..=40).contains(&blocks.len()) || settings.stacks.iter().any(Vec::is_empty) {
            return Err("a blocksworld problem has stacks of 1 to 40 blocks, none of them empty".to_owned());
        }
        for (at, block) in blocks.iter().enumerate() {
            if !is_block(block) {
                return Err(format!("\"{block}\" is no name of a block; it is one word in lower case"));
            }
            if blocks[..at].contains(block) {
                return Err(format!("the block {block} is in two places"));
            }
        }
        let known = |name: &str| blocks.contains(&name) || name == TABLE;
        match settings.goal.iter().find(|(block, below)| !blocks.contains(&block.as_str()) || !known(below)) {
            Some((block, below)) => {
                Err(format!("the goal names {block} on {below}, which are not both there"))
            }
            None if settings.goal.is_empty() => Err("the goal is empty".to_owned()),
            None => Ok(()),
        }
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let settings = problem.read_settings::<BlocksworldSettings>().ok();
        let names: Vec<&str> = settings.iter().flat_map(BlocksworldSettings::blocks).collect();
        let block = if names.is_empty() {
            "[a-z][a-z0-9_-]{0,19}".to_owned()
        } else {
            format!("({})", names.join("|"))
        };
        let action = format!(r"((pick-up|put-down)\({block}\)|(stack|unstack)\({block}, {block}\))");
        Framing {
            system: "You plan before you act. You write short, exact plans of actions for moving blocks."
                .to_owned(),
            how_to_plan: "Write a plan of actions, T1, T2 and so on, one a line, in the order in which they are done: \
                          pick-up(x), put-down(x), unstack(x, y) or stack(x, y). Each action must be possible after \
                          those before it: take off what is on a block before you move that block, and put down or \
                          stack what the hand holds before you take another block. Build from the bottom up. After <- \
                          list the action before it that makes an action possible."
                .to_owned(),
            how_to_answer: "Write one short sentence for each action of the plan, and after each cite the action in \
                            brackets, such as [T1]. End with one line that lists all actions in their order: The answer \
                            is ACTION, ACTION, and so on."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::ToolCall, action)],
            last: None,
            slots: Vec::new(),
            min_items: 1,
            max_items: (4 * names.len()).clamp(8, 48),
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let how = "Write the actions, one a line, in the order in which they are done: pick-up(x), put-down(x), unstack(x, y) \
                   or stack(x, y). Take off what is on a block before you move that block, and put down or stack what \
                   the hand holds before you take another block.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, _problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        in_a_row(ItemKind::ToolCall, items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the actions after *the answer is*, otherwise all of the text, in the form `stack(red, blue)`.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).map(world::actions_in).filter(|actions| !actions.is_empty());
        let actions = stated.unwrap_or_else(|| world::actions_in(&text));
        let shown: Vec<String> = actions.iter().map(Action::to_string).collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }

    /// Carries the actions of the answer out. No gold is needed.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<BlocksworldSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let Some(actions) = extracted.as_deref().map(world::actions_in) else {
            return verdict(Outcome::Unparsed, None);
        };
        let mut world = World::new(&settings.stacks);
        for (place, action) in actions.iter().enumerate() {
            if let Err(why) = world.act(action) {
                return verdict(
                    Outcome::Wrong,
                    Some(format!("action {}, {action}, cannot be done: {why}", place + 1)),
                );
            }
        }
        let missed = world.missed(&settings.goal).len();
        match missed {
            0 => verdict(Outcome::Correct, None),
            _ => {
                verdict(Outcome::Wrong, Some(format!("{missed} of {} goals are missed", settings.goal.len())))
            }
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    /// Returns the actions that the text names.
    fn values(&self, text: &str) -> Vec<String> {
        world::actions_in(text).iter().map(Action::to_string).collect()
    }

    /// Adds, exchanges, replaces and removes actions; what is added is possible at its place.
    fn moves(&self, problem: &Problem, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
        let settings = problem.read_settings::<BlocksworldSettings>();
        settings.map(|settings| moves::moves(&settings, plan, ids)).unwrap_or_default()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::BlocksworldGenerator)
    }

    fn control(&self, problem: &Problem) -> Option<String> {
        let settings = problem.read_settings::<BlocksworldSettings>().ok()?;
        Some(match search::shortest(&settings) {
            search::Found::Plan(actions) => {
                format!("can be solved in {} actions, and in no fewer", actions.len())
            }
            search::Found::Impossible => "cannot be solved".to_owned(),
            search::Found::TooLarge => format!("has too many states for a search ({} at most)", search::MOST),
        })
    }
}

fn example() -> Example {
    let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let settings = BlocksworldSettings {
        stacks: vec![words(&["gold", "silver"]), words(&["copper"])],
        goal: vec![("gold".to_owned(), "copper".to_owned())],
    };
    Example {
        problem: settings.problem("example").text,
        plan: example_plan(&[
            ("T1", "", "unstack(silver, gold)"),
            ("T2", "T1", "put-down(silver)"),
            ("T3", "T2", "pick-up(gold)"),
            ("T4", "T3", "stack(gold, copper)"),
        ]),
        answer: "Silver is taken off gold. [T1]\nIt is put on the table. [T2]\nGold is picked up. [T3]\nGold is put on \
                 copper. [T4]\nThe answer is unstack(silver, gold), put-down(silver), pick-up(gold), stack(gold, \
                 copper). [T4]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> BlocksworldSettings {
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BlocksworldSettings {
            stacks: vec![words(&["red", "blue"]), words(&["green"])],
            goal: vec![("red".to_owned(), "green".to_owned())],
        }
    }

    #[test]
    fn the_example_is_right() {
        let example = example();
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let problem = BlocksworldSettings {
            stacks: vec![words(&["gold", "silver"]), words(&["copper"])],
            goal: vec![("gold".to_owned(), "copper".to_owned())],
        }
        .problem("example");
        assert_eq!(problem.text, example.problem);
        let report = Blocksworld.check_plan(&problem, &example.plan);
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        let verdict = Blocksworld.check_answer(&problem, &example.plan, &example.answer);
        assert_eq!(verdict.outcome, Outcome::Correct, "{verdict:?}");
        assert_eq!(verdict.extracted, report.derived);
    }

    #[test]
    fn answers_are_read_in_several_ways_of_writing() {
        let problem = settings().problem("p");
        let outcome = |text: &str| Blocksworld.check_answer(&problem, &Plan::default(), text).outcome;
        for good in [
            "The answer is unstack(blue, red), put-down(blue), pick-up(red), stack(red, green).",
            "(unstack blue red)\n(put-down blue)\n(pick-up red)\n(stack red green)\n",
            "Plan:\nunstack the blue block from on top of the red block\nput down the blue block\npick up the red block\n\
             stack the red block on top of the green block\n",
            "1. `unstack blue from red`\n2. Put down blue.\n3. Pick up red.\n4. Stack red onto green.",
        ] {
            assert_eq!(outcome(good), Outcome::Correct, "{good}");
        }
        assert_eq!(outcome("The answer is pick-up(red), stack(red, green)"), Outcome::Wrong);
        assert_eq!(outcome("The answer is unstack(blue, red), put-down(blue)"), Outcome::Wrong);
        assert_eq!(outcome("I would move red."), Outcome::Unparsed);
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let refused = |change: &dyn Fn(&mut BlocksworldSettings)| {
            let mut changed = settings();
            change(&mut changed);
            Blocksworld.check_problem(&changed.problem("p")).unwrap_err()
        };
        assert!(refused(&|s| s.stacks[1][0] = "red".to_owned()).contains("two places"));
        assert!(refused(&|s| s.stacks[1][0] = "A (b".to_owned()).contains("no name of a block"));
        assert!(refused(&|s| s.goal[0].1 = "pink".to_owned()).contains("pink"));
        assert!(refused(&|s| s.goal.clear()).contains("the goal is empty"));
        assert!(refused(&|s| s.stacks.clear()).contains("1 to 40 blocks"));
        let bare = Problem::new("p", "blocksworld", "Move.");
        assert!(Blocksworld.check_problem(&bare).unwrap_err().contains("missing field"));
    }
}
