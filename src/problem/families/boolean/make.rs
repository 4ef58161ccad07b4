//! Generated boolean problems: clauses are drawn until few solutions are left, one of which was chosen before.

use super::{BooleanSettings, holds};
use crate::{
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct BooleanGenerator;

const NAMES: [&str; 16] = [
    "lamp", "fan", "heater", "radio", "door", "window", "kettle", "mixer", "printer", "camera", "gate",
    "pump", "siren", "cooler", "screen", "boiler",
];
/// Clauses that are drawn before a new start.
const MOST: usize = 60;

impl Generator for BooleanGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "3 variables, clauses of up to 2, at most 2 solutions",
            "4 variables, clauses of up to 2, at most 2 solutions",
            "5 variables, clauses of 2 and 3, at most 2 solutions",
            "7 variables, clauses of 2 and 3, 1 solution",
            "10 variables, clauses of 3, 1 solution",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let (variables, widths, solutions) = match difficulty {
            0 | 1 => (3, 1..=2, 2),
            2 => (4, 1..=2, 2),
            3 => (5, 2..=3, 2),
            4 => (7, 2..=3, 1),
            5.. => (10, 3..=3, 1),
        };
        let names: Vec<String> = rng.sample(&NAMES, variables).into_iter().map(str::to_owned).collect();
        loop {
            let planted: Vec<bool> = (0..variables).map(|_| rng.chance(50)).collect();
            if let Some(clauses) = clauses(&planted, (*widths.start(), *widths.end()), solutions, rng) {
                return finish(BooleanSettings { names, clauses }, &planted);
            }
        }
    }
}

/// Draws clauses that `planted` satisfies until at most `solutions` are left; `None` where too many would be needed.
fn clauses(
    planted: &[bool],
    widths: (i64, i64),
    solutions: usize,
    rng: &mut ProblemRng,
) -> Option<Vec<Vec<i32>>> {
    let all: Vec<usize> = (0..planted.len()).collect();
    let right: Vec<Option<bool>> = planted.iter().map(|value| Some(*value)).collect();
    // All assignments, as bits; those that a clause excludes drop out.
    let mut left: Vec<u32> = (0..1 << planted.len()).collect();
    let values = |bits: u32| (0..planted.len()).map(|at| Some(bits >> at & 1 == 1)).collect::<Vec<_>>();
    let mut clauses: Vec<Vec<i32>> = Vec::new();
    while left.len() > solutions {
        if clauses.len() == MOST {
            return None;
        }
        let width = usize::try_from(rng.between(widths.0, widths.1)).unwrap_or(1);
        let literal = |at: usize, rng: &mut ProblemRng| (at as i32 + 1) * if rng.chance(50) { 1 } else { -1 };
        let clause: Vec<i32> = rng.sample(&all, width).into_iter().map(|at| literal(at, rng)).collect();
        // At most one single literal, or the whole solution would be given away.
        let single = clause.len() == 1 && clauses.iter().any(|other| other.len() == 1);
        let excluded = left.iter().filter(|bits| !holds(&clause, &values(**bits))).count();
        if single || excluded == 0 || !holds(&clause, &right) {
            continue;
        }
        left.retain(|bits| holds(&clause, &values(*bits)));
        clauses.push(clause);
    }
    Some(clauses)
}

fn finish(settings: BooleanSettings, planted: &[bool]) -> Generated {
    let texts: Vec<String> =
        settings.names.iter().zip(planted).map(|(name, value)| format!("{name} = {value}")).collect();
    let ids: Vec<String> = (1..=texts.len()).map(|number| format!("S{number}")).collect();
    let lines: Vec<(&str, &str, &str)> =
        ids.iter().zip(&texts).map(|(id, text)| (id.as_str(), "", text.as_str())).collect();
    Generated {
        problem: settings.problem(""),
        solution: example_plan(&lines),
        answer: format!("The answer is {}.", texts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{families::boolean::walksat, generate};

    #[test]
    fn walksat_solves_what_is_made() {
        for difficulty in 1..=5 {
            for row in 0..10 {
                let made = generate("boolean", difficulty, row).unwrap();
                let settings: BooleanSettings = made.problem.read_settings().unwrap();
                let walk = walksat::walk(&settings, &mut ProblemRng::of("test", difficulty, row));
                let values = walk.values.unwrap_or_else(|| panic!("{}", made.problem.id));
                assert!(settings.clauses.iter().all(|clause| holds(clause, &values)));
            }
        }
    }
}
