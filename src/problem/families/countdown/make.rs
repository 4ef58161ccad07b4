//! Generated Countdown problems: steps are drawn first, and where they end is the target.

use super::CountdownSettings;
use crate::{
    expr::{Expr, Op},
    family::example_plan,
    generate::{Generated, Generator},
    numbers,
    rng::ProblemRng,
};

pub(super) struct CountdownGenerator;

impl Generator for CountdownGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "2 of 3 numbers up to 20, one + or -",
            "3 of 3 numbers up to 30, + - or *",
            "3 of 4 numbers up to 50, all operators",
            "4 of 4 numbers up to 99, all operators",
            "5 of 6 numbers up to 99, all operators",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let (used, count, high, ops) = match difficulty {
            0 | 1 => (2, 3, 20, &[Op::Add, Op::Sub][..]),
            2 => (3, 3, 30, &[Op::Add, Op::Sub, Op::Mul][..]),
            3 => (3, 4, 50, &ALL[..]),
            4 => (4, 4, 99, &ALL[..]),
            5.. => (5, 6, 99, &ALL[..]),
        };
        loop {
            let numbers: Vec<u32> = (0..count).map(|_| rng.between(1, high) as u32).collect();
            if let Some(made) = steps(&numbers[..used], ops, rng) {
                // A result that is one of the numbers would make a step needless, or two solutions of one.
                if made.results.iter().all(|result| !numbers.contains(result)) {
                    return finish(numbers, made, rng);
                }
            }
        }
    }
}

const ALL: [Op; 4] = [Op::Add, Op::Sub, Op::Mul, Op::Div];
/// No intermediate result is larger, so that the arithmetic stays within what is done in the head.
const LARGEST: u32 = 999;

struct Made {
    target: u32,
    results: Vec<u32>,
    lines: Vec<(String, String)>,
    expr: Expr,
}

/// Joins all of `numbers` in random order; `None` where the draws lead to a fraction, a negative or a large number.
fn steps(numbers: &[u32], ops: &[Op], rng: &mut ProblemRng) -> Option<Made> {
    let literal = |number: u32| Expr::Number(numbers::whole(number.into()));
    let mut pool: Vec<(u32, Expr, Option<usize>)> = numbers.iter().map(|n| (*n, literal(*n), None)).collect();
    let (mut lines, mut results) = (Vec::new(), Vec::new());
    while pool.len() > 1 {
        let (a, b) = (pool.swap_remove(rng.below(pool.len())), pool.swap_remove(rng.below(pool.len())));
        let (a, b) = if a.0 < b.0 { (b, a) } else { (a, b) };
        let op = ops[rng.below(ops.len())];
        let value = match op {
            Op::Add => a.0 + b.0,
            Op::Sub => a.0 - b.0,
            Op::Mul if a.0 > 1 && b.0 > 1 => a.0 * b.0,
            Op::Div if b.0 > 1 && a.0 % b.0 == 0 => a.0 / b.0,
            Op::Mul | Op::Div | Op::FloorDiv | Op::Pow => return None,
        };
        if value == 0 || value > LARGEST || results.contains(&value) {
            return None;
        }
        results.push(value);
        let deps: Vec<String> = [a.2, b.2].into_iter().flatten().map(|step| format!("S{step}")).collect();
        lines.push((deps.join(" "), format!("{} {} {} = {value}", a.0, op.sign(), b.0)));
        pool.push((value, Expr::Binary(op, Box::new(a.1), Box::new(b.1)), Some(lines.len())));
    }
    let (target, expr, _) = pool.pop()?;
    Some(Made { target, results, lines, expr })
}

fn finish(mut numbers: Vec<u32>, made: Made, rng: &mut ProblemRng) -> Generated {
    rng.shuffle(&mut numbers);
    let problem = CountdownSettings { numbers, target: made.target, all: false }.problem("made");
    let ids: Vec<String> = (1..=made.lines.len()).map(|number| format!("S{number}")).collect();
    let lines: Vec<(&str, &str, &str)> = ids
        .iter()
        .zip(&made.lines)
        .map(|(id, (deps, text))| (id.as_str(), deps.as_str(), text.as_str()))
        .collect();
    Generated { problem, solution: example_plan(&lines), answer: format!("The answer is {}.", made.expr) }
}
