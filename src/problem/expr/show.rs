//! Printing expressions with as few parentheses as their meaning allows.

use std::fmt;

use super::{Expr, Function, Op};
use crate::numbers;

/// Shows an expression as Python writes it: a percentage as a division by 100, a remainder by `%`.
pub struct Python<'a>(pub &'a Expr);

/// How tightly an expression binds: 1 for sums, 2 for products, 3 for signs, 4 for powers and 5 for all else.
fn strength(expr: &Expr, python: bool) -> u8 {
    match expr {
        Expr::Binary(Op::Add | Op::Sub, ..) => 1,
        Expr::Binary(Op::Mul | Op::Div | Op::FloorDiv, ..) => 2,
        Expr::Binary(Op::Pow, ..) => 4,
        // Fractions that no decimal can say are written with a stroke.
        Expr::Number(value) if numbers::show(value).contains('/') => 2,
        Expr::Percent(_) | Expr::Call(Function::Mod, _) if python => 2,
        Expr::Neg(_) => 3,
        Expr::Number(_) | Expr::Name(_) | Expr::Percent(_) | Expr::Call(..) => 5,
    }
}

struct Writer<'f, 'g> {
    f: &'f mut fmt::Formatter<'g>,
    python: bool,
}

impl Writer<'_, '_> {
    /// Writes `expr`, in parentheses where it binds less tightly than `least`.
    fn within(&mut self, expr: &Expr, least: u8) -> fmt::Result {
        if strength(expr, self.python) >= least {
            return self.write(expr);
        }
        self.f.write_str("(")?;
        self.write(expr)?;
        self.f.write_str(")")
    }

    fn joined(&mut self, left: (&Expr, u8), sign: &str, right: (&Expr, u8)) -> fmt::Result {
        self.within(left.0, left.1)?;
        write!(self.f, " {sign} ")?;
        self.within(right.0, right.1)
    }

    fn write(&mut self, expr: &Expr) -> fmt::Result {
        match expr {
            Expr::Number(value) => self.f.write_str(&numbers::show(value)),
            Expr::Name(name) => self.f.write_str(name),
            Expr::Neg(inner) => {
                self.f.write_str("-")?;
                self.within(inner, 3)
            }
            Expr::Percent(inner) if self.python => {
                self.within(inner, 2)?;
                self.f.write_str(" / 100")
            }
            Expr::Percent(inner) => {
                self.within(inner, 5)?;
                self.f.write_str("%")
            }
            Expr::Binary(Op::Pow, left, right) => self.joined((left, 5), Op::Pow.sign(), (right, 3)),
            Expr::Binary(op, left, right) => {
                let own = strength(expr, self.python);
                // a - (b - c) and a / (b / c) keep their parentheses; a + (b + c) needs none.
                let free = match op {
                    Op::Add => true,
                    Op::Mul => matches!(&**right, Expr::Binary(Op::Mul | Op::Div, ..) | Expr::Number(_)),
                    Op::Sub | Op::Div | Op::FloorDiv | Op::Pow => false,
                };
                self.joined((left, own), op.sign(), (right, if free { own } else { own + 1 }))
            }
            Expr::Call(function, args) => self.call(*function, args),
        }
    }

    fn call(&mut self, function: Function, args: &[Expr]) -> fmt::Result {
        if let (true, Function::Mod, [left, right]) = (self.python, function, args) {
            return self.joined((left, 2), "%", (right, 3));
        }
        let (open, close) = if self.python && function == Function::Sum { ("([", "])") } else { ("(", ")") };
        write!(self.f, "{}{open}", function.name())?;
        for (at, arg) in args.iter().enumerate() {
            self.f.write_str(if at > 0 { ", " } else { "" })?;
            self.write(arg)?;
        }
        self.f.write_str(close)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Writer { f, python: false }.write(self)
    }
}

impl fmt::Display for Python<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Writer { f, python: true }.write(self.0)
    }
}

impl Op {
    /// Returns the sign in ASCII.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Pow => "**",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Python;
    use crate::expr::{Dialect, parse, parse_in};

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

    #[test]
    fn a_plan_and_python_write_the_same_expression_in_their_own_ways() {
        for (python, plan) in [
            ("a * (b % 2)", "a * mod(b, 2)"),
            ("a % 2 % 3", "mod(mod(a, 2), 3)"),
            ("(a + 1) % (b * 2)", "mod(a + 1, b * 2)"),
            ("(-a) ** 2", "(-a) ** 2"),
            ("-a ** 2", "-a ** 2"),
            ("(a ** b) ** 2", "(a ** b) ** 2"),
            ("a ** b ** 2", "a ** b ** 2"),
            ("a // (b // c)", "a // (b // c)"),
            ("sum([a, b]) + max(a, 1000)", "sum(a, b) + max(a, 1000)"),
        ] {
            let expr = parse_in(Dialect::Python, python).unwrap();
            assert_eq!((Python(&expr).to_string().as_str(), expr.to_string().as_str()), (python, plan));
            assert_eq!(parse_in(Dialect::Plan, plan).unwrap(), expr);
        }
        let shown = |text| Python(&parse_in(Dialect::Plan, text).unwrap()).to_string();
        assert_eq!((shown("x * 15%"), shown("15%")), ("x * (15 / 100)".into(), "15 / 100".into()));
    }
}
