//! Intervals of the real line, and relations that describe them.

use super::{
    equal::{self, Equality},
    expression::{Expression, Operation},
};

/// An end of an interval; `None` is infinity.
pub(super) type End = Option<Expression>;

/// All numbers between two ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Interval {
    pub(super) low: End,
    pub(super) high: End,
    pub(super) low_closed: bool,
    pub(super) high_closed: bool,
}

/// How two sides of a relation compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Returns the comparison with its sides swapped.
    fn swapped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }

    fn is_strict(self) -> bool {
        matches!(self, Self::Less | Self::Greater)
    }
}

/// Formulas joined by comparisons, such as `1 < x \le 3`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    pub(super) sides: Vec<Expression>,
    pub(super) comparisons: Vec<Comparison>,
}

impl Relation {
    /// Returns what the relation arrives at: `f(x) = 5` says 5, and so does a computation whose sides are all equal,
    /// such as `2 + 3 = 5` or `x^2 - 4 = (x - 2)(x + 2)`.
    pub(super) fn result(&self) -> Option<&Expression> {
        let (first, last) = (self.sides.first()?, self.sides.last()?);
        if self.comparisons.iter().any(|comparison| *comparison != Comparison::Equal) {
            return None;
        }
        let named = is_name(first) && self.sides.len() == 2;
        let computed = || self.sides.iter().all(|side| equal::expressions(side, last) == Equality::Same);
        (named || computed()).then_some(last)
    }

    /// Returns the numbers that one variable may have, where the relation bounds a bare variable.
    pub(super) fn interval(&self) -> Option<Interval> {
        let bare = |side: &Expression| matches!(side, Expression::Symbol(_));
        match (self.sides.as_slice(), self.comparisons.as_slice()) {
            ([left, right], [comparison]) if bare(left) => half_line(*comparison, right),
            ([left, right], [comparison]) if bare(right) => half_line(comparison.swapped(), left),
            ([low, middle, high], [first, second]) if bare(middle) => {
                let above = half_line(first.swapped(), low)?;
                let below = half_line(*second, high)?;
                match (above.low.is_some(), below.high.is_some()) {
                    (true, true) => Some(Interval {
                        low: above.low,
                        low_closed: above.low_closed,
                        high: below.high,
                        high_closed: below.high_closed,
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn half_line(comparison: Comparison, bound: &Expression) -> Option<Interval> {
    let closed = !comparison.is_strict();
    let bound = Some(bound.clone());
    match comparison {
        Comparison::Less | Comparison::LessOrEqual => {
            Some(Interval { low: None, low_closed: false, high: bound, high_closed: closed })
        }
        Comparison::Greater | Comparison::GreaterOrEqual => {
            Some(Interval { low: bound, low_closed: closed, high: None, high_closed: false })
        }
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

/// Returns whether a formula is a variable or a function of variables, such as `y` or `f(x)`.
fn is_name(expression: &Expression) -> bool {
    match expression {
        Expression::Symbol(_) => true,
        Expression::Binary(Operation::Multiply, left, right) => {
            matches!((&**left, &**right), (Expression::Symbol(f), Expression::Symbol(_))
                if matches!(f.as_str(), "f" | "g" | "h" | "p" | "q" | "P" | "Q" | "F"))
        }
        Expression::Number(_)
        | Expression::Pi
        | Expression::Binary(..)
        | Expression::Apply(..)
        | Expression::Based(..) => false,
    }
}

/// Compares two intervals.
pub(super) fn intervals(one: &Interval, other: &Interval) -> Equality {
    if (one.low_closed, one.high_closed) != (other.low_closed, other.high_closed) {
        return Equality::Different;
    }
    ends(one.low.as_ref(), other.low.as_ref()).and(|| ends(one.high.as_ref(), other.high.as_ref()))
}

fn ends(one: Option<&Expression>, other: Option<&Expression>) -> Equality {
    match (one, other) {
        (None, None) => Equality::Same,
        (Some(one), Some(other)) => equal::expressions(one, other),
        (None, Some(_)) | (Some(_), None) => Equality::Different,
    }
}

/// Compares two relations: equal where all sides are, read forwards or backwards, or where one equation is a multiple of
/// the other.
pub(super) fn relations(one: &Relation, other: &Relation) -> Equality {
    if let (Some(one), Some(other)) = (one.interval(), other.interval()) {
        return intervals(&one, &other);
    }
    let same_sides = |other: &Relation| {
        if one.comparisons != other.comparisons {
            return Equality::Different;
        }
        let pairs = one.sides.iter().zip(&other.sides);
        pairs.fold(Equality::Same, |all, (one, other)| all.and(|| equal::expressions(one, other)))
    };
    let backwards = Relation {
        sides: other.sides.iter().rev().cloned().collect(),
        comparisons: other.comparisons.iter().rev().map(|comparison| comparison.swapped()).collect(),
    };
    same_sides(other).or(|| same_sides(&backwards)).or(|| equations(one, other))
}

/// Compares two equations by the difference of their sides.
fn equations(one: &Relation, other: &Relation) -> Equality {
    let difference = |relation: &Relation| match (relation.sides.as_slice(), relation.comparisons.as_slice())
    {
        ([left, right], [Comparison::Equal]) => {
            Some(Expression::binary(Operation::Subtract, left.clone(), right.clone()))
        }
        _ => None,
    };
    match (difference(one), difference(other)) {
        (Some(one), Some(other)) => equal::proportional(&one, &other),
        (None, None) => Equality::Undecided("relations of several forms cannot be compared"),
        (Some(_), None) | (None, Some(_)) => Equality::Different,
    }
}
