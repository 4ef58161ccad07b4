//! Printing expressions with as few parentheses as their meaning allows.

use std::fmt;

use super::{Expr, Op};
use crate::numbers;

/// How tightly an expression binds: 1 for sums, 2 for products, 3 for everything else.
fn strength(expr: &Expr) -> u8 {
    match expr {
        Expr::Binary(Op::Add | Op::Sub, ..) => 1,
        Expr::Binary(Op::Mul | Op::Div, ..) => 2,
        // Fractions that no decimal can say are written with a stroke.
        Expr::Number(value) if numbers::show(value).contains('/') => 2,
        Expr::Number(_) | Expr::Name(_) | Expr::Neg(_) | Expr::Percent(_) => 3,
    }
}

/// Writes `expr`, in parentheses where it binds less tightly than `least`.
fn within(f: &mut fmt::Formatter<'_>, expr: &Expr, least: u8) -> fmt::Result {
    if strength(expr) < least { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => f.write_str(&numbers::show(value)),
            Self::Name(name) => f.write_str(name),
            Self::Neg(inner) => {
                f.write_str("-")?;
                within(f, inner, 3)
            }
            Self::Percent(inner) => {
                within(f, inner, 3)?;
                f.write_str("%")
            }
            Self::Binary(op, left, right) => {
                let own = strength(self);
                within(f, left, own)?;
                write!(f, " {} ", op.sign())?;
                // a - (b - c) and a / (b / c) keep their parentheses; a + (b + c) needs none.
                let associative = matches!(op, Op::Add | Op::Mul);
                within(f, right, if associative { own } else { own + 1 })
            }
        }
    }
}

impl Op {
    /// Returns the sign in ASCII.
    pub const fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Sub => '-',
            Self::Mul => '*',
            Self::Div => '/',
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::parse;

    #[test]
    fn parentheses_stand_only_where_they_matter() {
        for (text, shown) in [
            ("((1+2))*3", "(1 + 2) * 3"),
            ("1-(2-3)", "1 - (2 - 3)"),
            ("(1-2)-3", "1 - 2 - 3"),
            ("1+(2*3)", "1 + 2 * 3"),
            ("8/(3-8/3)", "8 / (3 - 8 / 3)"),
            ("8/(4/2)", "8 / (4 / 2)"),
            ("-(a+b) × 50%", "-(a + b) * 50%"),
        ] {
            let expr = parse(text).unwrap();
            assert_eq!(expr.to_string(), shown);
            assert_eq!(parse(shown).unwrap(), expr, "{text}");
        }
    }
}
