//! A plain search: join any two numbers by any operator, until the target comes out.

use num_rational::BigRational;
use num_traits::Zero;

use super::CountdownSettings;
use crate::{
    expr::{Expr, Op},
    numbers,
};

/// Combinations that are tried at most.
pub(super) const MOST: usize = 2_000_000;

/// Returns an expression that solves the problem, if one is found, and how many combinations were tried.
pub(super) fn search(settings: &CountdownSettings) -> (Option<Expr>, usize) {
    let numbers = settings.numbers.iter().map(|number| {
        let value = numbers::whole((*number).into());
        (value.clone(), Expr::Number(value))
    });
    let mut search = Search { target: numbers::whole(settings.target.into()), all: settings.all, tried: 0 };
    let found = search.join(&numbers.collect::<Vec<_>>());
    (found, search.tried)
}

type Valued = (BigRational, Expr);

struct Search {
    target: BigRational,
    all: bool,
    tried: usize,
}

impl Search {
    fn join(&mut self, pool: &[Valued]) -> Option<Expr> {
        let reached = |(value, _): &&Valued| *value == self.target && (!self.all || pool.len() == 1);
        if let Some((_, expr)) = pool.iter().find(reached) {
            return Some(expr.clone());
        }
        for left in 0..pool.len() {
            for right in (0..pool.len()).filter(|right| *right != left) {
                let (a, b) = (&pool[left], &pool[right]);
                // Sums and products do not care for the order.
                let ops = if left < right {
                    &[Op::Add, Op::Mul, Op::Sub, Op::Div][..]
                } else {
                    &[Op::Sub, Op::Div]
                };
                for op in ops {
                    let value = match op {
                        Op::Add => &a.0 + &b.0,
                        Op::Sub => &a.0 - &b.0,
                        Op::Mul => &a.0 * &b.0,
                        Op::Div if b.0.is_zero() => continue,
                        Op::Div => &a.0 / &b.0,
                        Op::FloorDiv | Op::Pow => continue,
                    };
                    self.tried += 1;
                    if self.tried >= MOST {
                        return None;
                    }
                    let expr = Expr::Binary(*op, Box::new(a.1.clone()), Box::new(b.1.clone()));
                    let rest = pool.iter().enumerate().filter(|(at, _)| *at != left && *at != right);
                    let mut next: Vec<Valued> = rest.map(|(_, one)| one.clone()).collect();
                    next.push((value, expr));
                    if let Some(found) = self.join(&next) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::countdown::check;

    #[test]
    fn the_search_solves_what_can_be_solved_and_says_so_of_the_rest() {
        for (numbers, target, all, solvable) in [
            (vec![3, 3, 8, 8], 24, true, true),
            (vec![1, 1, 1, 1], 24, true, false),
            (vec![44, 79, 50, 15], 50, false, true),
            (vec![2, 2], 5, false, false),
            (vec![24, 1], 24, true, true),
        ] {
            let settings = CountdownSettings { numbers, target, all };
            let (found, tried) = search(&settings);
            assert_eq!(found.is_some(), solvable, "{settings:?}");
            assert!(tried < MOST);
            if let Some(expr) = found {
                assert_eq!(check::solves(&settings, &expr), Ok(()), "{expr}");
            }
        }
    }
}
