//! WalkSAT (Selman, Kautz and Cohen 1994): flip a variable of a clause that fails, the one that breaks the fewest clauses
//! or, with some chance, any of them.

use super::{BooleanSettings, Values, holds, variable};
use crate::rng::ProblemRng;

/// Flips until a walk is given up; the instances here are small.
const MOST_FLIPS: u32 = 20_000;
/// How often, in a hundred, a variable is flipped without looking; 50 is the authors' noise for random 3-SAT.
const NOISE: usize = 50;

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Values under which all clauses hold; `None` where none were found, which proves nothing.
    pub values: Option<Values>,
    /// Variables flipped, from random values on.
    pub flips: u32,
    /// The most clauses that held at once.
    pub best: usize,
}

/// Walks from random values until all clauses hold, or for 20,000 flips.
pub fn walk(settings: &BooleanSettings, rng: &mut ProblemRng) -> Walk {
    let mut values: Values = settings.names.iter().map(|_| Some(rng.chance(50))).collect();
    let mut best = 0;
    for flips in 0..=MOST_FLIPS {
        let failed: Vec<&Vec<i32>> =
            settings.clauses.iter().filter(|clause| !holds(clause, &values)).collect();
        best = best.max(settings.clauses.len() - failed.len());
        if failed.is_empty() {
            return Walk { values: Some(values), flips, best };
        }
        let clause = failed[rng.below(failed.len())];
        let literal = if rng.chance(NOISE) {
            clause[rng.below(clause.len())]
        } else {
            let breaks = |literal: &i32| broken_by(settings, &mut values.clone(), *literal);
            clause.iter().copied().min_by_key(|literal| breaks(literal)).unwrap_or(clause[0])
        };
        flip(&mut values, literal);
    }
    Walk { values: None, flips: MOST_FLIPS, best }
}

fn flip(values: &mut Values, literal: i32) {
    if let Some(value) = values.get_mut(variable(literal)) {
        *value = value.map(|value| !value);
    }
}

/// Returns how many clauses hold now and would fail after the flip.
fn broken_by(settings: &BooleanSettings, values: &mut Values, literal: i32) -> usize {
    let held: Vec<bool> = settings.clauses.iter().map(|clause| holds(clause, values)).collect();
    flip(values, literal);
    settings.clauses.iter().zip(held).filter(|(clause, held)| *held && !holds(clause, values)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(names: usize, clauses: &[&[i32]]) -> BooleanSettings {
        let names = (0..names).map(|n| format!("x{n}")).collect();
        BooleanSettings { names, clauses: clauses.iter().map(|clause| clause.to_vec()).collect() }
    }

    #[test]
    fn a_walk_ends_in_a_solution_or_says_how_near_it_came() {
        let mut rng = ProblemRng::of("test", 1, 0);
        let easy = settings(3, &[&[1], &[-1, 2], &[-2, 3]]);
        let walk = super::walk(&easy, &mut rng);
        assert_eq!((walk.values, walk.best), (Some(vec![Some(true); 3]), 3));
        let never = settings(1, &[&[1], &[-1]]);
        let walk = super::walk(&never, &mut rng);
        assert_eq!((walk.values, walk.flips, walk.best), (None, MOST_FLIPS, 1));
    }
}
