//! Generated blocksworld problems: two random arrangements, so far apart as the dial says.

use super::{
    BlocksworldSettings,
    search::{Found, shortest},
};
use crate::{
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct BlocksworldGenerator;

const NAMES: [&str; 10] =
    ["red", "blue", "green", "yellow", "white", "black", "orange", "purple", "pink", "brown"];

impl Generator for BlocksworldGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "3 blocks, 2 actions at least",
            "3 blocks, 4 actions at least",
            "4 blocks, 6 actions at least",
            "5 blocks, 8 actions at least",
            "6 blocks, 12 actions at least",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let (blocks, actions) = match difficulty {
            0 | 1 => (3, 2),
            2 => (3, 4),
            3 => (4, 6),
            4 => (5, 8),
            5.. => (6, 12),
        };
        loop {
            let names: Vec<String> = rng.sample(&NAMES, blocks).into_iter().map(str::to_owned).collect();
            let settings = BlocksworldSettings {
                stacks: arrangement(&names, rng),
                goal: goal(&arrangement(&names, rng)),
            };
            if settings.goal.is_empty() {
                continue;
            }
            if let Found::Plan(plan) = shortest(&settings)
                && plan.len() == actions
            {
                return finish(&settings, &plan.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
        }
    }
}

/// Puts the blocks, in random order, each on the table or on the stack before it.
fn arrangement(names: &[String], rng: &mut ProblemRng) -> Vec<Vec<String>> {
    let mut stacks: Vec<Vec<String>> = Vec::new();
    for name in rng.sample(names, names.len()) {
        match stacks.last_mut().filter(|_| rng.chance(60)) {
            Some(stack) => stack.push(name),
            None => stacks.push(vec![name]),
        }
    }
    stacks
}

/// The goal names who is on whom; what is on the table is left open, as in PlanBench.
fn goal(stacks: &[Vec<String>]) -> Vec<(String, String)> {
    let pairs = stacks.iter().flat_map(|stack| stack.windows(2));
    pairs.map(|pair| (pair[1].clone(), pair[0].clone())).collect()
}

fn finish(settings: &BlocksworldSettings, actions: &[String]) -> Generated {
    let id = |number: usize| if number == 0 { String::new() } else { format!("T{number}") };
    let ids: Vec<(String, String)> = (1..=actions.len()).map(|number| (id(number), id(number - 1))).collect();
    let lines: Vec<(&str, &str, &str)> = ids
        .iter()
        .zip(actions)
        .map(|((id, before), action)| (id.as_str(), before.as_str(), action.as_str()))
        .collect();
    Generated {
        problem: settings.problem(""),
        solution: example_plan(&lines),
        answer: format!("The answer is {}.", actions.join(", ")),
    }
}
