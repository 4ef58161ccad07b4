//! Arithmetic over named quantities, parsed and evaluated exactly.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = unary (("*" | "/" | "//") unary)*
//! unary   = ("-" | "+") unary | power
//! power   = primary "%"* ("**" unary)?
//! primary = number | name | function "(" sum ("," sum)* ")" | "(" sum ")"
//! ```
//! Three [`Dialect`]s share it. Length, nesting and the size of values are bounded, so no text that a model may write
//! takes noticeable time or memory.

mod function;
mod parse;
mod show;

use num_rational::BigRational;
use num_traits::{Pow, Signed, ToPrimitive, Zero};

use super::numbers;
pub use function::Function;
pub(crate) use parse::MAX_LENGTH;
pub use parse::{ExprError, name_length, parse, parse_in, parse_prefix, parse_prefix_in};
pub use show::Python;

/// Bits that a numerator or denominator may have.
const MAX_BITS: u64 = 2048;
/// The largest exponent, and the largest below zero.
const MAX_EXPONENT: i64 = 64;

/// What may stand in an expression, and what a percent sign means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Numbers, names, `+ - * /` and parentheses. A number may have a currency sign and thousands commas, and `%` divides
    /// by a hundred.
    Plain,
    /// The same with `//`, `**` and the functions of [`Function`]. A remainder is written `mod(a, b)`, since `%` divides by
    /// a hundred here too.
    Plan,
    /// Python: `%` is the remainder, thousands are set off by underscores, and `sum([a, b])` takes a list.
    Python,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`: division rounded down.
    FloorDiv,
    /// `**`
    Pow,
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A literal number.
    Number(BigRational),
    /// A named quantity.
    Name(String),
    /// A change of sign.
    Neg(Box<Expr>),
    /// A hundredth.
    Percent(Box<Expr>),
    /// Two operands and what joins them.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// A function of some operands, as many as it takes.
    Call(Function, Vec<Expr>),
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A name has no value.
    #[error("{0} has no value")]
    Undefined(String),
    /// A divisor is zero.
    #[error("a division by zero")]
    DivisionByZero,
    /// An exponent that cannot be evaluated exactly, or is too large.
    #[error("an exponent that is no whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}")]
    Exponent,
    /// Decimal places that are no small whole number.
    #[error("a number of decimal places that is no whole number from -12 to 12")]
    Places,
    /// A value outgrows the limit.
    #[error("a value of more than {MAX_BITS} bits")]
    TooLarge,
}

impl Expr {
    /// Returns the names used, in reading order, each as often as it is used.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| {
            if let Self::Name(name) = expr {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Returns the expression with each name exchanged for what `new` makes of it.
    #[must_use]
    pub fn renamed(&self, new: &impl Fn(&str) -> String) -> Self {
        let boxed = |inner: &Self| Box::new(inner.renamed(new));
        match self {
            Self::Number(_) => self.clone(),
            Self::Name(name) => Self::Name(new(name)),
            Self::Neg(inner) => Self::Neg(boxed(inner)),
            Self::Percent(inner) => Self::Percent(boxed(inner)),
            Self::Binary(op, left, right) => Self::Binary(*op, boxed(left), boxed(right)),
            Self::Call(function, args) => {
                Self::Call(*function, args.iter().map(|arg| arg.renamed(new)).collect())
            }
        }
    }

    /// Returns the literal numbers, in reading order; a percentage as the number before the sign.
    pub fn literals(&self) -> Vec<&BigRational> {
        let mut literals = Vec::new();
        self.visit(&mut |expr| {
            if let Self::Number(value) = expr {
                literals.push(value);
            }
        });
        literals
    }

    /// Returns whether it is a single number, with a sign or percent perhaps.
    pub fn is_literal(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Neg(inner) | Self::Percent(inner) => inner.is_literal(),
            Self::Name(_) | Self::Binary(..) | Self::Call(..) => false,
        }
    }

    /// Returns whether it computes: has an operator other than a sign, a percent, or the stroke of a
    /// fraction of two literals.
    pub fn computes(&self) -> bool {
        match self {
            Self::Number(_) | Self::Name(_) => false,
            Self::Neg(inner) | Self::Percent(inner) => inner.computes(),
            Self::Binary(Op::Div, a, b) => !matches!((&**a, &**b), (Self::Number(_), Self::Number(_))),
            Self::Binary(Op::Add | Op::Sub | Op::Mul | Op::FloorDiv | Op::Pow, _, _) | Self::Call(..) => true,
        }
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Name(_) => {}
            Self::Neg(inner) | Self::Percent(inner) => inner.visit(see),
            Self::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::Call(_, args) => args.iter().for_each(|arg| arg.visit(see)),
        }
    }

    /// Returns the exact value, with names looked up by `value`.
    ///
    /// # Errors
    /// The first obstacle in reading order.
    pub fn eval<'v>(
        &self,
        value: &impl Fn(&str) -> Option<&'v BigRational>,
    ) -> Result<BigRational, EvalError> {
        let result = match self {
            Self::Number(number) => number.clone(),
            Self::Name(name) => value(name).ok_or_else(|| EvalError::Undefined(name.clone()))?.clone(),
            Self::Neg(inner) => -inner.eval(value)?,
            Self::Percent(inner) => inner.eval(value)? / numbers::whole(100),
            Self::Binary(op, left, right) => op.apply(left.eval(value)?, right.eval(value)?)?,
            Self::Call(function, args) => {
                let args: Vec<BigRational> =
                    args.iter().map(|arg| arg.eval(value)).collect::<Result<_, _>>()?;
                function.apply(&args)?
            }
        };
        let large = result.numer().bits().max(result.denom().bits()) > MAX_BITS;
        if large { Err(EvalError::TooLarge) } else { Ok(result) }
    }
}

impl Op {
    fn apply(self, left: BigRational, right: BigRational) -> Result<BigRational, EvalError> {
        match self {
            Self::Add => Ok(left + right),
            Self::Sub => Ok(left - right),
            Self::Mul => Ok(left * right),
            Self::Div | Self::FloorDiv if right.is_zero() => Err(EvalError::DivisionByZero),
            Self::Div => Ok(left / right),
            Self::FloorDiv => Ok((left / right).floor()),
            Self::Pow => power(&left, &right),
        }
    }
}

fn power(base: &BigRational, exponent: &BigRational) -> Result<BigRational, EvalError> {
    let whole = Some(exponent).filter(|exponent| exponent.is_integer());
    let exponent = whole.and_then(|exponent| exponent.numer().to_i64());
    let exponent = exponent.filter(|exponent| exponent.abs() <= MAX_EXPONENT).ok_or(EvalError::Exponent)?;
    let exponent = i32::try_from(exponent).map_err(|_| EvalError::Exponent)?;
    if base.is_zero() && exponent.is_negative() {
        return Err(EvalError::DivisionByZero);
    }
    Ok(Pow::pow(base, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        let five = numbers::whole(5);
        let lookup = |name: &str| (name == "five").then_some(&five);
        match parse(text) {
            Ok(expr) => expr.eval(&lookup).map_or_else(|e| e.to_string(), |v| numbers::show(&v)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn arithmetic_is_exact_and_binds_as_usual() {
        assert_eq!(value("2 + 3 * 4 - 10 / 4"), "11.5");
        assert_eq!(value("-(2 + 3) * -five"), "25");
        assert_eq!(value("7 - 2 - 1"), "4");
        assert_eq!(value("24 / 4 / 2"), "3");
        assert_eq!(value("0.1 + 0.2"), "0.3");
        assert_eq!(value("1/3 * 3"), "1");
        assert_eq!(value("$80,000 * 150%"), "120000");
        assert_eq!(value("5 × 6 ÷ 4 − 0.5"), "7");
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(value("2 ^ 3"), "\"^\" cannot stand at column 3; powers are written as products");
        assert!(value("20 * 6 pens").contains("\"pens\" cannot stand at column 8; units"));
        assert!(value("3 x 4").contains("multiplication is written *"));
        assert_eq!(value("(1 + 2"), "a parenthesis is not closed");
        assert_eq!(value("1 +"), "the expression ends where a number or a name should stand");
        assert_eq!(value("1 / (five - 5)"), "a division by zero");
        assert_eq!(value("six"), "six has no value");
        assert_eq!(value("5 % 3"), "\"3\" cannot stand at column 5");
    }

    #[test]
    fn hostile_input_is_bounded() {
        assert_eq!(value(&"(".repeat(300)), ExprError::TooDeep.to_string());
        assert_eq!(value(&"-".repeat(300)), ExprError::TooDeep.to_string());
        assert_eq!(value(&"1+".repeat(300)), ExprError::TooLong.to_string());
        assert_eq!(value(&format!("5{}", "%".repeat(90))), ExprError::TooDeep.to_string());
        assert_eq!(value(&["9999999999999999999999999999999999999999"; 9].join("*")).len(), 360);
        let mut large = BigRational::from_integer(2.into());
        let square = parse("n * n").unwrap();
        let error = loop {
            match square.eval(&|_| Some(&large)) {
                Ok(value) => large = value,
                Err(error) => break error,
            }
        };
        assert_eq!(error, EvalError::TooLarge);
        assert!(value(&"9".repeat(50)).contains("cannot stand"));
    }

    #[test]
    fn fractions_of_literals_do_not_compute() {
        let computes = |text: &str| parse(text).unwrap().computes();
        assert!(!computes("1/2") && !computes("-5%") && !computes("five"));
        assert!(computes("five / 2") && computes("2 * 3"));
    }

    fn python(text: &str) -> String {
        let five = numbers::whole(5);
        let lookup = |name: &str| (name == "five").then_some(&five);
        match parse_in(Dialect::Python, text) {
            Ok(expr) => expr.eval(&lookup).map_or_else(|e| e.to_string(), |v| numbers::show(&v)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn python_is_evaluated_as_python_would() {
        for (text, shown) in [
            ("17 % 5", "2"),
            ("-17 % 5", "3"),
            ("-17 // 5", "-4"),
            ("2 ** 3 ** 2", "512"),
            ("-2 ** 2", "-4"),
            ("2 ** -1", "0.5"),
            ("1_000_000 + .5 + 1e3", "1001000.5"),
            ("min(3, five) + max([1, 2, 4]) + sum([1, 2])", "10"),
            ("round(2.5) + round(3.5) + round(12.345, 2)", "18.34"),
            ("int(-7 / 2) + abs(-five)", "2"),
            ("2 * five % 3", "1"),
        ] {
            assert_eq!(python(text), shown, "{text}");
        }
        assert_eq!(python("1 % 0"), "a division by zero");
        assert_eq!(python("2 ** 0.5"), EvalError::Exponent.to_string());
        assert_eq!(python("2 ** 65"), EvalError::Exponent.to_string());
        assert_eq!(python("0 ** -1"), "a division by zero");
        assert!(python("sqrt(4)").contains("sqrt at column 1"), "{}", python("sqrt(4)"));
        assert!(python("1 + min(2)").contains("min at column 5 takes"), "{}", python("1 + min(2)"));
        assert!(python("$5").contains("\"$\" cannot stand"));
        assert!(python("1,200").contains("\",\" cannot stand at column 2"));
        assert!(python("5 if five else 6").contains("\"if\" cannot stand at column 3"));
    }

    #[test]
    fn a_percent_sign_keeps_its_meaning_in_plans() {
        let plan = |text: &str| parse_in(Dialect::Plan, text).map(|expr| expr.eval(&|_| None));
        let whole = |number| Ok(Ok(numbers::whole(number)));
        assert_eq!(plan("200 * 15%"), whole(30));
        assert_eq!(plan("50% - 1/2"), whole(0), "never a remainder");
        assert_eq!(plan("mod(17, 5) + max(1, 200) + 7 // 2 + 2 ** 3"), whole(213));
        assert_eq!(plan("max(1,200)"), whole(200), "between parentheses a comma separates");
        assert!(plan("17 % 5").is_err());
        let rest = |text| parse_prefix_in(Dialect::Plan, text).map(|(_, rest)| rest.to_owned());
        assert_eq!(rest("20% off"), Ok(" off".to_owned()));
        assert_eq!(rest("boxes (the blue ones)"), Ok(" (the blue ones)".to_owned()));
        assert!(
            parse("7 // 2").is_err() && parse("max(1, 2)").is_err(),
            "plain arithmetic has four operators"
        );
    }
}
