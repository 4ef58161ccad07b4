//! Formulas as trees.

use std::collections::BTreeSet;

use num_rational::BigRational;

/// A function with a standard meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Arcsin,
    Arccos,
    Arctan,
    Ln,
    /// With the base as a second argument; to base ten without one.
    Log,
    Exp,
    Abs,
    Factorial,
    Binomial,
}

impl Function {
    /// Returns the function that is written `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sin" => Self::Sin,
            "cos" => Self::Cos,
            "tan" => Self::Tan,
            "cot" => Self::Cot,
            "sec" => Self::Sec,
            "csc" => Self::Csc,
            "arcsin" | "asin" => Self::Arcsin,
            "arccos" | "acos" => Self::Arccos,
            "arctan" | "atan" => Self::Arctan,
            "ln" => Self::Ln,
            "log" => Self::Log,
            "exp" => Self::Exp,
            "abs" => Self::Abs,
            _ => return None,
        })
    }
}

/// An operation on two formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Number(BigRational),
    Pi,
    /// A variable, or the constants `e` and `i`.
    Symbol(String),
    Binary(Operation, Box<Expression>, Box<Expression>),
    Apply(Function, Vec<Expression>),
    /// Digits in another base than ten, such as `1011_2`.
    Based(String, u32),
}

impl Expression {
    pub(super) fn integer(value: i64) -> Self {
        Self::Number(BigRational::from_integer(value.into()))
    }

    pub(super) fn binary(operation: Operation, left: Self, right: Self) -> Self {
        Self::Binary(operation, Box::new(left), Box::new(right))
    }

    pub(super) fn negated(self) -> Self {
        if let Self::Number(value) = self {
            return Self::Number(-value);
        }
        Self::binary(Operation::Multiply, Self::integer(-1), self)
    }

    /// Adds the variables of the formula to `names`; `e` and `i` are constants.
    pub(super) fn variables<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Number(_) | Self::Pi | Self::Based(..) => {}
            Self::Symbol(name) => {
                if !matches!(name.as_str(), "e" | "i") {
                    names.insert(name);
                }
            }
            Self::Binary(_, left, right) => {
                left.variables(names);
                right.variables(names);
            }
            Self::Apply(_, arguments) => arguments.iter().for_each(|argument| argument.variables(names)),
        }
    }
}
