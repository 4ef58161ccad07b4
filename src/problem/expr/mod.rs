//! Arithmetic over named quantities, parsed and evaluated exactly.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = unary (("*" | "/") unary)*
//! unary   = ("-" | "+") unary | primary "%"*
//! primary = number | name | "(" sum ")"
//! ```
//! A number may have a currency sign, thousands commas and decimals. There are no powers, no functions
//! and no remainder: `%` divides by a hundred. Length, nesting and the size of values are bounded, so no
//! text that a model may write takes noticeable time or memory.

mod show;

use num_rational::BigRational;
use num_traits::Zero;

use super::numbers;

/// Bytes that an expression may have.
pub const MAX_LENGTH: usize = 400;
/// How deep parentheses and signs may nest.
const MAX_DEPTH: usize = 32;
/// Bits that a numerator or denominator may have.
const MAX_BITS: u64 = 2048;

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
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    /// Something is missing at the end.
    #[error("the expression ends where a number or a name should stand")]
    Unfinished,
    /// A character or word stands where it cannot.
    #[error("\"{found}\" cannot stand at column {column}{}", hint(.found))]
    Unexpected {
        /// What was found.
        found: String,
        /// Where, counted in characters from 1.
        column: usize,
    },
    /// A parenthesis stays open.
    #[error("a parenthesis is not closed")]
    Unclosed,
    /// The text is longer than the limit.
    #[error("the expression is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Parentheses or signs nest deeper than the limit.
    #[error("the expression nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

fn hint(found: &str) -> &'static str {
    match found {
        "^" | "**" => "; powers are written as products",
        "=" => "; a step has one equals sign",
        "x" | "X" => "; multiplication is written *",
        word if word.starts_with(char::is_alphabetic) => "; units and words are left out of expressions",
        _ => "",
    }
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
    /// A value outgrows the limit.
    #[error("a value of more than {MAX_BITS} bits")]
    TooLarge,
}

/// Parses all of `text`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    let (expr, rest) = parse_prefix(text)?;
    let rest = rest.trim_start();
    if rest.is_empty() { Ok(expr) } else { Err(unexpected(text, rest)) }
}

/// Parses the longest expression at the start of `text` and returns it with what follows.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_prefix(text: &str) -> Result<(Expr, &str), ExprError> {
    if text.len() > MAX_LENGTH {
        return Err(ExprError::TooLong);
    }
    let mut parser = Parser { text, rest: text, depth: 0 };
    let expr = parser.sum()?;
    Ok((expr, parser.rest))
}

/// Returns the length in bytes of the name that `text` starts with; 0 where there is none.
pub fn name_length(text: &str) -> usize {
    match text.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => {
            text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
        }
        Some(_) | None => 0,
    }
}

fn unexpected(text: &str, rest: &str) -> ExprError {
    let column = text[..text.len() - rest.len()].chars().count() + 1;
    let length = if rest.starts_with("**") { 2 } else { name_length(rest) };
    let length = length.max(rest.chars().next().map_or(0, char::len_utf8));
    ExprError::Unexpected { found: rest[..length].to_owned(), column }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    /// Takes the next character if `read` makes something of it.
    fn take<T>(&mut self, read: impl Fn(char) -> Option<T>) -> Option<T> {
        let rest = self.rest.trim_start();
        let next = rest.chars().next()?;
        let value = read(next)?;
        self.rest = &rest[next.len_utf8()..];
        Some(value)
    }

    fn sum(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.product()?;
        while let Some(op) = self.take(|c| match c {
            '+' => Some(Op::Add),
            '-' | '−' | '–' => Some(Op::Sub),
            _ => None,
        }) {
            left = Expr::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.unary()?;
        while let Some(op) = self.take(|c| match c {
            '*' | '×' | '·' => Some(Op::Mul),
            '/' | '÷' => Some(Op::Div),
            _ => None,
        }) {
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExprError::TooDeep);
        }
        let sign = self.take(|c| matches!(c, '-' | '−' | '+').then_some(c != '+'));
        let expr = match sign {
            Some(true) => Expr::Neg(Box::new(self.unary()?)),
            Some(false) => self.unary()?,
            None => self.primary()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn primary(&mut self) -> Result<Expr, ExprError> {
        self.take(|c| matches!(c, '$' | '€' | '£').then_some(()));
        let rest = self.rest.trim_start();
        let length = name_length(rest);
        let mut expr = if self.take(|c| (c == '(').then_some(())).is_some() {
            let inner = self.sum()?;
            self.take(|c| (c == ')').then_some(())).ok_or(ExprError::Unclosed)?;
            inner
        } else if length > 0 {
            self.rest = &rest[length..];
            Expr::Name(rest[..length].to_owned())
        } else if let Some((value, length)) = numbers::scan(rest) {
            self.rest = &rest[length..];
            Expr::Number(value)
        } else if rest.is_empty() {
            return Err(ExprError::Unfinished);
        } else {
            return Err(unexpected(self.text, rest));
        };
        let mut percents = 0;
        while self.take(|c| (c == '%').then_some(())).is_some() {
            percents += 1;
            if percents > 2 {
                return Err(ExprError::TooDeep);
            }
            expr = Expr::Percent(Box::new(expr));
        }
        Ok(expr)
    }
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
            Self::Name(_) | Self::Binary(..) => false,
        }
    }

    /// Returns whether it computes: has an operator other than a sign, a percent, or the stroke of a
    /// fraction of two literals.
    pub fn computes(&self) -> bool {
        match self {
            Self::Number(_) | Self::Name(_) => false,
            Self::Neg(inner) | Self::Percent(inner) => inner.computes(),
            Self::Binary(Op::Div, a, b) => !matches!((&**a, &**b), (Self::Number(_), Self::Number(_))),
            Self::Binary(Op::Add | Op::Sub | Op::Mul, _, _) => true,
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
            Self::Binary(op, left, right) => {
                let (left, right) = (left.eval(value)?, right.eval(value)?);
                match op {
                    Op::Add => left + right,
                    Op::Sub => left - right,
                    Op::Mul => left * right,
                    Op::Div if right.is_zero() => return Err(EvalError::DivisionByZero),
                    Op::Div => left / right,
                }
            }
        };
        let large = result.numer().bits().max(result.denom().bits()) > MAX_BITS;
        if large { Err(EvalError::TooLarge) } else { Ok(result) }
    }
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
}
