//! The value of a formula: exact where it is rational, otherwise a complex number in double precision.

use num_bigint::BigInt;
use num_complex::Complex64;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

use super::expression::{Expression, Function, Operation};

/// The greatest exponent that is evaluated exactly.
const MAX_EXPONENT: i64 = 4096;
/// Bits that an exact value may have; a longer one is evaluated in double precision.
const MAX_BITS: u64 = 1 << 15;
/// The greatest number whose factorial is evaluated.
const MAX_FACTORIAL: i64 = 1000;

/// What a variable stands for.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> BigRational;

/// Returns the exact value, or `None` where it is not rational, too large, or does not exist.
pub(super) fn exact(expression: &Expression, lookup: Lookup<'_>) -> Option<BigRational> {
    let value = match expression {
        Expression::Number(value) => value.clone(),
        Expression::Pi => return None,
        Expression::Symbol(name) if matches!(name.as_str(), "e" | "i") => return None,
        Expression::Symbol(name) => lookup(name),
        Expression::Based(digits, base) => {
            BigRational::from_integer(BigInt::parse_bytes(digits.as_bytes(), *base)?)
        }
        Expression::Binary(operation, left, right) => {
            binary(*operation, exact(left, lookup)?, &exact(right, lookup)?)?
        }
        Expression::Apply(function, arguments) => {
            let values = arguments.iter().map(|one| exact(one, lookup)).collect::<Option<Vec<_>>>()?;
            apply(*function, &values)?
        }
    };
    (value.numer().bits() <= MAX_BITS && value.denom().bits() <= MAX_BITS).then_some(value)
}

fn binary(operation: Operation, left: BigRational, right: &BigRational) -> Option<BigRational> {
    Some(match operation {
        Operation::Add => left + right,
        Operation::Subtract => left - right,
        Operation::Multiply => left * right,
        Operation::Divide if right.is_zero() => return None,
        Operation::Divide => left / right,
        Operation::Power => power(&left, right)?,
    })
}

fn power(base: &BigRational, exponent: &BigRational) -> Option<BigRational> {
    if !exponent.is_integer() {
        let root = exponent.denom().to_u32().filter(|root| *root <= 64)?;
        let value = exact_root(base, root)?;
        return power(&value, &BigRational::from_integer(exponent.numer().clone()));
    }
    let exponent = exponent.to_integer().to_i64().filter(|e| e.abs() <= MAX_EXPONENT)?;
    let bits = base.numer().bits().max(base.denom().bits());
    if bits.saturating_mul(exponent.unsigned_abs()) > MAX_BITS || (base.is_zero() && exponent < 0) {
        return None;
    }
    let value = Pow::pow(base, exponent.unsigned_abs() as usize);
    Some(if exponent < 0 { value.recip() } else { value })
}

/// Returns the root where it is rational and real; that of a negative number is not taken.
fn exact_root(base: &BigRational, root: u32) -> Option<BigRational> {
    if base.is_negative() {
        return None;
    }
    let part = |number: &BigInt| {
        let found = number.nth_root(root);
        (Pow::pow(&found, root) == *number).then_some(found)
    };
    Some(BigRational::new(part(base.numer())?, part(base.denom())?))
}

fn apply(function: Function, values: &[BigRational]) -> Option<BigRational> {
    let first = values.first()?;
    match function {
        Function::Abs => Some(first.abs()),
        Function::Factorial => {
            let n = first.is_integer().then(|| first.to_integer().to_i64())??;
            (0..=MAX_FACTORIAL).contains(&n).then(|| BigRational::from_integer(product(1, n)))
        }
        Function::Binomial => {
            let second = values.get(1)?;
            let (n, k) = (first.to_integer().to_i64()?, second.to_integer().to_i64()?);
            let fits = first.is_integer() && second.is_integer() && 0 <= k && k <= n && n <= MAX_FACTORIAL;
            fits.then(|| BigRational::new(product(n - k + 1, n), product(1, k)))
        }
        Function::Sin
        | Function::Cos
        | Function::Tan
        | Function::Cot
        | Function::Sec
        | Function::Csc
        | Function::Arcsin
        | Function::Arccos
        | Function::Arctan
        | Function::Ln
        | Function::Log
        | Function::Exp => None,
    }
}

fn product(from: i64, to: i64) -> BigInt {
    (from..=to).fold(BigInt::one(), |product, n| product * n)
}

/// Returns the value in double precision, or `None` where it does not exist or is not finite.
pub(super) fn numeric(expression: &Expression, lookup: Lookup<'_>) -> Option<Complex64> {
    if let Some(value) = exact(expression, lookup) {
        return finite(Complex64::from(value.to_f64()?));
    }
    let value = match expression {
        Expression::Number(_) | Expression::Based(..) => return None,
        Expression::Pi => Complex64::from(std::f64::consts::PI),
        Expression::Symbol(name) => match name.as_str() {
            "e" => Complex64::from(std::f64::consts::E),
            "i" => Complex64::i(),
            _ => Complex64::from(lookup(name).to_f64()?),
        },
        Expression::Binary(operation, left, right) => {
            let (left, right) = (numeric(left, lookup)?, numeric(right, lookup)?);
            match operation {
                Operation::Add => left + right,
                Operation::Subtract => left - right,
                Operation::Multiply => left * right,
                Operation::Divide => left / right,
                Operation::Power => complex_power(left, right),
            }
        }
        Expression::Apply(function, arguments) => {
            let values = arguments.iter().map(|one| numeric(one, lookup)).collect::<Option<Vec<_>>>()?;
            complex_apply(*function, &values)?
        }
    };
    finite(value)
}

fn finite(value: Complex64) -> Option<Complex64> {
    value.is_finite().then_some(value)
}

/// Returns the principal value; a whole exponent keeps real numbers real.
fn complex_power(base: Complex64, exponent: Complex64) -> Complex64 {
    if exponent.im == 0.0 && exponent.re.fract() == 0.0 && exponent.re.abs() < 1e6 {
        return base.powi(exponent.re as i32);
    }
    if base.im == 0.0 && exponent.im == 0.0 && base.re >= 0.0 {
        return Complex64::from(base.re.powf(exponent.re));
    }
    base.powc(exponent)
}

fn complex_apply(function: Function, values: &[Complex64]) -> Option<Complex64> {
    let first = *values.first()?;
    Some(match function {
        Function::Sin => first.sin(),
        Function::Cos => first.cos(),
        Function::Tan => first.tan(),
        Function::Cot => first.tan().inv(),
        Function::Sec => first.cos().inv(),
        Function::Csc => first.sin().inv(),
        Function::Arcsin => first.asin(),
        Function::Arccos => first.acos(),
        Function::Arctan => first.atan(),
        Function::Ln => first.ln(),
        Function::Log => match values.get(1) {
            Some(base) => first.ln() / base.ln(),
            None => first.ln() / std::f64::consts::LN_10,
        },
        Function::Exp => first.exp(),
        Function::Abs => Complex64::from(first.norm()),
        Function::Factorial | Function::Binomial => return None,
    })
}
