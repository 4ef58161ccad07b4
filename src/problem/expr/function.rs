//! Functions of numbers that expressions may call.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};
use strum::VariantArray;

use super::EvalError;
use crate::numbers;

/// Decimal places to which a number may be rounded.
const MAX_PLACES: i64 = 12;

/// A function, as Python has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum Function {
    /// The least of some.
    Min,
    /// The greatest of some.
    Max,
    /// Without its sign.
    Abs,
    /// To the nearest whole number or decimal; what lies in the middle to the even one.
    Round,
    /// All together.
    Sum,
    /// Without what stands behind the point.
    Int,
    /// What a division rounded down leaves; has the sign of the divisor.
    Mod,
}

impl Function {
    /// All functions.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns its name; Python writes `mod` as an operator.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Abs => "abs",
            Self::Round => "round",
            Self::Sum => "sum",
            Self::Int => "int",
            Self::Mod => "mod",
        }
    }

    /// Returns the function called `name`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }

    /// Returns whether it takes so many operands.
    pub(super) const fn takes(self, count: usize) -> bool {
        match self {
            Self::Min | Self::Max => count >= 2,
            Self::Sum => count >= 1,
            Self::Abs | Self::Int => count == 1,
            Self::Round => count == 1 || count == 2,
            Self::Mod => count == 2,
        }
    }

    /// Returns how many operands it takes, in words.
    pub(super) const fn arity(self) -> &'static str {
        match self {
            Self::Min | Self::Max => "at least two numbers",
            Self::Sum => "at least one number",
            Self::Abs | Self::Int => "one number",
            Self::Round => "a number, and how many decimal places to keep",
            Self::Mod => "two numbers",
        }
    }

    /// Returns its value; 0 where operands are missing, which the parser does not let through.
    pub(super) fn apply(self, args: &[BigRational]) -> Result<BigRational, EvalError> {
        let zero = BigRational::zero;
        let first = || args.first().cloned().unwrap_or_else(zero);
        Ok(match self {
            Self::Min => args.iter().min().cloned().unwrap_or_else(zero),
            Self::Max => args.iter().max().cloned().unwrap_or_else(zero),
            Self::Abs => first().abs(),
            Self::Sum => args.iter().sum(),
            Self::Int => first().trunc(),
            Self::Round => round(&first(), args.get(1))?,
            Self::Mod => {
                let divisor = args.get(1).filter(|divisor| !divisor.is_zero());
                let divisor = divisor.ok_or(EvalError::DivisionByZero)?;
                first() - divisor * (first() / divisor).floor()
            }
        })
    }
}

fn round(value: &BigRational, places: Option<&BigRational>) -> Result<BigRational, EvalError> {
    let places = match places {
        None => 0,
        Some(places) if places.is_integer() => places.numer().to_i64().ok_or(EvalError::Places)?,
        Some(_) => return Err(EvalError::Places),
    };
    let places = i32::try_from(places).ok().filter(|places| i64::from(places.abs()) <= MAX_PLACES);
    let scale: BigRational = Pow::pow(numbers::whole(10), places.ok_or(EvalError::Places)?);
    let scaled = value * &scale;
    let (below, half) = (scaled.floor(), BigRational::new(BigInt::one(), 2.into()));
    let rest = &scaled - &below;
    let odd = !(below.numer() % BigInt::from(2)).is_zero();
    let up = rest > half || (rest == half && odd);
    Ok(if up { (below + BigRational::one()) / scale } else { below / scale })
}
