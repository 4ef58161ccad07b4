//! Generated list programs: a program is drawn, and lists for which each of its operations makes a difference.

use super::{
    ListsSettings,
    program::{NAMES, Op, run},
    write_pair,
};
use crate::{
    Gold,
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct ListsGenerator;

/// Examples shown, and hidden ones.
const SHOWN: usize = 3;
const HIDDEN: usize = 4;

impl Generator for ListsGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "1 operation, 2 allowed",
            "2 operations, 3 allowed",
            "2 operations, 2 allowed, one kind forbidden",
            "3 operations, 3 allowed, one kind forbidden",
            "4 operations, 4 allowed, two kinds forbidden",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let (count, max_ops, forbidden) = match difficulty {
            0 | 1 => (1, 2, 0),
            2 => (2, 3, 0),
            3 => (2, 2, 1),
            4 => (3, 3, 1),
            5.. => (4, 4, 2),
        };
        loop {
            let ops: Vec<Op> = (0..count).map(|_| draw(rng)).collect();
            let lists: Vec<Vec<i64>> = (0..SHOWN + HIDDEN).map(|_| list(rng)).collect();
            let pairs: Option<Vec<_>> =
                lists.into_iter().map(|from| run(&ops, &from).ok().map(|to| (from, to))).collect();
            let Some(pairs) = pairs.filter(|pairs| tells(&ops, &pairs[..SHOWN])) else { continue };
            let unused: Vec<&str> =
                NAMES.into_iter().filter(|name| ops.iter().all(|op| op.name() != *name)).collect();
            let forbid = rng.sample(&unused, forbidden).into_iter().map(str::to_owned).collect();
            let settings = ListsSettings { examples: pairs[..SHOWN].to_vec(), max_ops, forbid };
            return finish(&settings, &ops, pairs[SHOWN..].iter().map(write_pair).collect());
        }
    }
}

fn draw(rng: &mut ProblemRng) -> Op {
    match rng.below(12) {
        0 => Op::Add(rng.between(1, 9)),
        1 => Op::Sub(rng.between(1, 9)),
        2 => Op::Mul(rng.between(2, 4)),
        3 => Op::Greater(rng.between(2, 14)),
        4 => Op::Less(rng.between(6, 18)),
        5 => Op::Even,
        6 => Op::Odd,
        7 => Op::Sort,
        8 => Op::Reverse,
        9 => Op::Unique,
        10 => Op::Take(rng.between(2, 4) as usize),
        _ => Op::Drop(rng.between(1, 3) as usize),
    }
}

/// Draws a list in which repeats are common.
fn list(rng: &mut ProblemRng) -> Vec<i64> {
    let high = if rng.chance(40) { 8 } else { 20 };
    (0..rng.between(5, 8)).map(|_| rng.between(0, high)).collect()
}

/// Returns whether the examples tell the program well enough: none comes out empty, and without any one of the operations
/// some example would come out otherwise.
fn tells(ops: &[Op], pairs: &[(Vec<i64>, Vec<i64>)]) -> bool {
    let without = |left_out: usize| -> Vec<Op> {
        ops.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, op)| *op).collect()
    };
    let needed = |at: usize| pairs.iter().any(|(from, to)| run(&without(at), from).as_ref() != Ok(to));
    pairs.iter().all(|(_, to)| to.len() >= 2) && (0..ops.len()).all(needed)
}

fn finish(settings: &ListsSettings, ops: &[Op], hidden: Vec<String>) -> Generated {
    let id = |number: usize| if number == 0 { String::new() } else { format!("S{number}") };
    let lines: Vec<(String, String, String)> =
        ops.iter().enumerate().map(|(at, op)| (id(at + 1), id(at), op.to_string())).collect();
    let texts: Vec<&str> = lines.iter().map(|(_, _, text)| text.as_str()).collect();
    let answer = format!("The answer is {}.", texts.join(", "));
    let lines: Vec<(&str, &str, &str)> =
        lines.iter().map(|(id, deps, text)| (id.as_str(), deps.as_str(), text.as_str())).collect();
    let problem = settings.problem("").with_gold(Gold::new(None, hidden));
    Generated { problem, solution: example_plan(&lines), answer }
}
