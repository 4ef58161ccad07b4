//! Whether two values are the same.

use std::collections::BTreeSet;

use num_complex::Complex64;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::{
    evaluate::{exact, numeric},
    expression::{Expression, Operation},
    interval::{intervals, relations},
    value::{List, Quantity, Value},
};

/// How two answers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equality {
    /// They say the same.
    Same,
    /// They do not.
    Different,
    /// It cannot be decided; the clause says why.
    Undecided(&'static str),
}

impl Equality {
    /// Returns whether both this and `other` hold; a difference decides.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Same => other(),
            Self::Different => Self::Different,
            Self::Undecided(why) => match other() {
                Self::Different => Self::Different,
                Self::Same | Self::Undecided(_) => Self::Undecided(why),
            },
        }
    }

    /// Returns whether this or `other` holds.
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Same => Self::Same,
            Self::Different => other(),
            Self::Undecided(why) => match other() {
                Self::Same => Self::Same,
                Self::Different | Self::Undecided(_) => Self::Undecided(why),
            },
        }
    }

    fn of(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

/// Points at which formulas with variables are compared.
const POINTS: usize = 12;
/// How many of them must have a value on both sides.
const NEEDED: usize = 4;
/// The relative difference that double precision is given.
const TOLERANCE: f64 = 1e-9;

/// Compares an answer with the gold answer. The order matters where the answer says more than the gold.
pub(super) fn values(answer: &Value, gold: &Value) -> Equality {
    match (answer, gold) {
        (Value::Number(one), Value::Number(other)) => quantities(one, other),
        (Value::Choice(one), Value::Choice(other)) => Equality::of(one == other),
        (Value::Choice(one), Value::Expression(other)) | (Value::Expression(other), Value::Choice(one)) => {
            let named =
                matches!(other, Expression::Symbol(name) if name.eq_ignore_ascii_case(&one.to_string()));
            Equality::of(named)
        }
        (Value::List(one), Value::List(other)) => lists(one, other),
        (Value::Matrix(one), Value::Matrix(other)) => rows(one, other),
        (Value::Interval(one), Value::Interval(other)) => intervals(one, other),
        (Value::Relation(one), Value::Relation(other)) => relations(one, other),
        (Value::Relation(relation), Value::Interval(interval))
        | (Value::Interval(interval), Value::Relation(relation)) => match relation.interval() {
            Some(one) => intervals(&one, interval),
            None => Equality::Different,
        },
        (Value::List(list), Value::Interval(interval)) | (Value::Interval(interval), Value::List(list)) => {
            // (2, 3) is a point or an open interval.
            list.as_interval().map_or(Equality::Different, |one| intervals(&one, interval))
        }
        (Value::Relation(relation), other) => match relation.result() {
            Some(value) => values(&Value::of(value.clone()), other),
            None => Equality::Different,
        },
        (other, Value::Relation(relation)) => match relation.result() {
            Some(value) => values(other, &Value::of(value.clone())),
            None => Equality::Different,
        },
        (Value::Text(one), Value::Text(other)) => one.compare(other),
        (Value::Text(text), Value::Choice(letter)) => text.compare_choice(*letter),
        (Value::Text(text), gold) if gold.is_formula() => text.compare_formula(gold),
        (Value::Unread(one), Value::Unread(other)) if one == other => Equality::Same,
        (Value::Unread(_), _) => Equality::Undecided("the notation of the answer is not understood"),
        (_, Value::Unread(_)) => Equality::Undecided("the notation of the gold answer is not understood"),
        (one, other) => match (one.expression(), other.expression()) {
            (Some(one), Some(other)) => expressions(&one, &other),
            _ => Equality::Different,
        },
    }
}

/// Compares numbers with their percent signs and units: 20 % is 20 and 0.2.
fn quantities(one: &Quantity, other: &Quantity) -> Equality {
    let share = |quantity: &Quantity| &quantity.number / BigRational::from_integer(100.into());
    let same = one.number == other.number
        || (one.percent && !other.percent && share(one) == other.number)
        || (other.percent && !one.percent && share(other) == one.number);
    if same && !one.unit.is_empty() && !other.unit.is_empty() && one.unit != other.unit {
        return Equality::Undecided("the numbers are equal, but their units differ");
    }
    Equality::of(same)
}

/// Compares lists: in order where both are tuples, otherwise as sets.
fn lists(one: &List, other: &List) -> Equality {
    if one.items.len() != other.items.len() {
        return Equality::Different;
    }
    let in_order = one
        .items
        .iter()
        .zip(&other.items)
        .fold(Equality::Same, |all, (one, other)| all.and(|| values(one, other)));
    if one.ordered || other.ordered {
        return in_order;
    }
    let mut left: Vec<&Value> = other.items.iter().collect();
    let mut all = Equality::Same;
    for item in &one.items {
        if let Some(at) = left.iter().position(|other| values(item, other) == Equality::Same) {
            left.remove(at);
        } else if let Some(at) =
            left.iter().position(|other| matches!(values(item, other), Equality::Undecided(_)))
        {
            all = values(item, left.remove(at));
        } else {
            return Equality::Different;
        }
    }
    all
}

fn rows(one: &[Vec<Value>], other: &[Vec<Value>]) -> Equality {
    let shape = |rows: &[Vec<Value>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
    if shape(one) != shape(other) {
        return Equality::Different;
    }
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.fold(Equality::Same, |all, (one, other)| all.and(|| values(one, other)))
}

/// Compares two formulas by their values at several points: exactly where these are rational, and with a relative
/// tolerance of [`TOLERANCE`] otherwise (identity testing after Schwartz 1980 and Zippel 1979).
pub(super) fn expressions(one: &Expression, other: &Expression) -> Equality {
    if one == other {
        return Equality::Same;
    }
    if let (Expression::Based(..), Expression::Number(_)) | (Expression::Number(_), Expression::Based(..)) =
        (one, other)
    {
        return Equality::Undecided("only one of the two numbers states its base");
    }
    let mut names = BTreeSet::new();
    one.variables(&mut names);
    other.variables(&mut names);
    if names.is_empty() {
        return at_point(one, other, 0).map_or(UNEVALUATED, Equality::of);
    }
    let compared: Vec<bool> = (0..POINTS).filter_map(|point| at_point(one, other, point)).collect();
    if compared.len() < NEEDED {
        return UNEVALUATED;
    }
    match compared.iter().filter(|same| **same).count() {
        same if same == compared.len() => Equality::Same,
        // Where formulas agree at some points only, one may be a branch of the other, as |x| is of x.
        same if same * 3 >= compared.len() => Equality::Undecided("the formulas agree for some values only"),
        _ => Equality::Different,
    }
}

const UNEVALUATED: Equality = Equality::Undecided("the formulas cannot be evaluated");

/// Returns whether one formula is a constant multiple of the other, other than zero.
pub(super) fn proportional(one: &Expression, other: &Expression) -> Equality {
    let ratio = |point: usize| {
        let lookup = |name: &str| coordinate(name, point);
        let (one, other) = (numeric(one, &lookup)?, numeric(other, &lookup)?);
        (other.norm() > 1e-12).then(|| one / other)
    };
    let ratios: Vec<Complex64> = (0..POINTS).filter_map(ratio).collect();
    match ratios.as_slice() {
        [first, rest @ ..] if rest.len() + 1 >= NEEDED => {
            Equality::of(first.norm() > 1e-12 && rest.iter().all(|ratio| close(*ratio, *first)))
        }
        _ => UNEVALUATED,
    }
}

/// Compares two formulas at one point; `None` where one of them has no value there.
fn at_point(one: &Expression, other: &Expression, point: usize) -> Option<bool> {
    let lookup = |name: &str| coordinate(name, point);
    if let (Some(one), Some(other)) = (exact(one, &lookup), exact(other, &lookup)) {
        return Some(one == other);
    }
    Some(close(numeric(one, &lookup)?, numeric(other, &lookup)?))
}

fn close(one: Complex64, other: Complex64) -> bool {
    (one - other).norm() <= TOLERANCE * one.norm().max(other.norm()).max(1e-6)
}

/// Returns the value of a variable at a point: the same for the same name, half of them negative, none a small whole
/// number at which formulas meet by chance.
fn coordinate(name: &str, point: usize) -> BigRational {
    let hash = blake3::hash(format!("{name}/{point}").as_bytes());
    let bytes = hash.as_bytes();
    let number = |at: usize| i64::from(bytes[at]) + 256 * i64::from(bytes[at + 1]);
    let sign = if (point + usize::from(bytes[4])).is_multiple_of(2) { 1 } else { -1 };
    BigRational::new((sign * (number(0) % 4000 + 101)).into(), (number(2) % 900 + 997).into())
}

/// Returns a rational constant as a number.
pub(super) fn constant(expression: &Expression) -> Option<BigRational> {
    let mut names = BTreeSet::new();
    expression.variables(&mut names);
    if !names.is_empty() {
        return None;
    }
    let value = exact(expression, &|_| BigRational::zero())?;
    value.to_f64().is_some_and(f64::is_finite).then_some(value)
}

/// Returns `left` plus and minus `right`.
pub(super) fn plus_minus(left: Option<Expression>, right: Expression) -> [Expression; 2] {
    match left {
        Some(left) => [Operation::Add, Operation::Subtract]
            .map(|operation| Expression::binary(operation, left.clone(), right.clone())),
        None => [right.clone(), right.negated()],
    }
}
