//! Expressions over a run, such as `best - score > 0.2 && iteration > 3`.
//!
//! Names and kinds are checked when an expression is defined, so that evaluating one cannot fail. A value that
//! is missing, as the score of a plan that was not scored, is neither zero nor an error: arithmetic with it
//! is missing too, and a comparison with it is false, `!=` included.

mod check;
mod explain;
mod syntax;

use std::{fmt, ops::Range, str::FromStr};

use super::{
    error::{ProbeError, offered},
    value::{Kind, Value},
    variables::{Moment, Named, parts},
};
use session::{EventKinds, State};

pub(super) use syntax::{ParserInput, Tree, quoted, read, tree, wanted};

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    text: String,
    root: ExprNode,
    kind: Kind,
    changes: EventKinds,
    momentary: bool,
}

/// A part of an expression, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
struct ExprNode {
    at: Range<usize>,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Number(f64),
    Text(String),
    Truth(bool),
    Variable(Named),
    Negative(Box<ExprNode>),
    Not(Box<ExprNode>),
    Arithmetic(Arithmetic, Box<[ExprNode; 2]>),
    Comparison(Comparison, Box<[ExprNode; 2]>),
    And(Box<[ExprNode; 2]>),
    Or(Box<[ExprNode; 2]>),
}

/// An operator on two numbers that gives a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
}

/// An operator on two values that gives true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
}

impl FromStr for Expr {
    type Err = ProbeError;

    fn from_str(text: &str) -> Result<Self, ProbeError> {
        let text = text.trim();
        Self::checked(text, &syntax::whole(text)?)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Expr {
    /// Checks names and kinds of `tree`, which was read from `text`.
    pub(super) fn checked(text: &str, tree: &Tree) -> Result<Self, ProbeError> {
        let (root, kind) = check::check(tree)?;
        // The text of the expression alone, with places counted from its start.
        let Range { start, end } = tree.at;
        let root = root.moved_back(start);
        let (mut changes, mut momentary) = (EventKinds::empty(), false);
        for (_, variable) in root.variables() {
            changes = changes.union(variable.changes());
            momentary |= variable.momentary();
        }
        Ok(Self { text: text[start..end].to_owned(), root, kind, changes, momentary })
    }

    /// Makes sure that the session of `state` knows every scorer that is named.
    ///
    /// # Errors
    /// When it does not, with the place in the expression.
    pub fn known_in(&self, state: &State) -> Result<(), ProbeError> {
        let unknown = self.root.variables().into_iter().find(|(_, variable)| !variable.is_known(state));
        let Some((at, _)) = unknown else { return Ok(()) };
        let name = &self.text[at.clone()];
        let known: Vec<String> = parts(state).collect();
        let error = ProbeError::at(at.clone(), format!("there is no variable `{name}` in this session"));
        Err(offered(error, name, known.iter().map(String::as_str)))
    }

    /// Returns the expression if it is true or false.
    ///
    /// # Errors
    /// When it is a number or a text.
    pub fn condition(self) -> Result<Self, ProbeError> {
        if self.kind == Kind::Truth {
            return Ok(self);
        }
        let message = format!("a condition is true or false, and `{self}` is {}", self.kind.name());
        let at = 0..self.text.len();
        Err(ProbeError::at(at, message).with_hint(format!("compare it with something, as in {self} > 0.5")))
    }

    /// Returns what kind of value it has.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the kinds of event that can change its value.
    pub fn changes(&self) -> EventKinds {
        self.changes
    }

    /// Returns whether it speaks of single events, so that its value is gone at the next.
    pub fn momentary(&self) -> bool {
        self.momentary
    }

    /// Returns its value at `moment`; none where one that it needs is missing.
    pub fn value<'a>(&'a self, moment: &Moment<'a>) -> Option<Value<'a>> {
        self.root.value(moment)
    }

    /// Returns whether it is true at `moment`.
    ///
    /// ```
    /// use planscope_probe::{Expr, variables::Moment};
    /// use session::State;
    ///
    /// let mut state = State::default();
    /// state.iteration = 5;
    /// let moment = Moment { state: &state, record: None };
    /// let at = |text: &str| text.parse::<Expr>().map(|expr| expr.holds(&moment));
    /// assert!(at("iteration >= 5 && iteration != 7")?);
    /// assert!(!at("score > 0.9")?, "there is no score yet");
    ///
    /// let error = "scor > 0.9".parse::<Expr>().unwrap_err();
    /// assert!(error.to_string().contains("scor"), "{error}");
    /// # Ok::<(), planscope_probe::ProbeError>(())
    /// ```
    pub fn holds(&self, moment: &Moment<'_>) -> bool {
        self.root.holds(moment)
    }

    /// Returns the expression with the numbers of `moment`, such as `best - score > 0.2 (0.71 - 0.48)`.
    pub fn explain(&self, moment: &Moment<'_>) -> String {
        explain::explain(&self.text, &self.root, moment)
    }
}

impl ExprNode {
    /// Visits the parts that have no parts, in reading order.
    fn each_leaf<'a>(&'a self, f: &mut dyn FnMut(&'a Self)) {
        match &self.what {
            What::Number(_) | What::Text(_) | What::Truth(_) | What::Variable(_) => f(self),
            What::Negative(inner) | What::Not(inner) => inner.each_leaf(f),
            What::Arithmetic(_, pair) | What::Comparison(_, pair) | What::And(pair) | What::Or(pair) => {
                pair.iter().for_each(|side| side.each_leaf(f));
            }
        }
    }

    /// Returns the variables, each with its place, in reading order.
    fn variables(&self) -> Vec<(&Range<usize>, &Named)> {
        let mut variables = Vec::new();
        self.each_leaf(&mut |leaf| {
            if let What::Variable(variable) = &leaf.what {
                variables.push((&leaf.at, variable));
            }
        });
        variables
    }

    fn moved_back(mut self, by: usize) -> Self {
        self.at = self.at.start - by..self.at.end - by;
        let both = |pair: Box<[Self; 2]>| Box::new(pair.map(|side| side.moved_back(by)));
        self.what = match self.what {
            What::Negative(inner) => What::Negative(Box::new(inner.moved_back(by))),
            What::Not(inner) => What::Not(Box::new(inner.moved_back(by))),
            What::Arithmetic(op, pair) => What::Arithmetic(op, both(pair)),
            What::Comparison(op, pair) => What::Comparison(op, both(pair)),
            What::And(pair) => What::And(both(pair)),
            What::Or(pair) => What::Or(both(pair)),
            leaf @ (What::Number(_) | What::Text(_) | What::Truth(_) | What::Variable(_)) => leaf,
        };
        self
    }

    fn value<'a>(&'a self, moment: &Moment<'a>) -> Option<Value<'a>> {
        match &self.what {
            What::Number(number) => Some(Value::Number(*number)),
            What::Text(text) => Some(Value::Text(text)),
            What::Variable(variable) => variable.read(moment),
            What::Negative(inner) => Value::number(-inner.number(moment)?),
            What::Arithmetic(op, pair) => {
                Value::number(op.apply(pair[0].number(moment)?, pair[1].number(moment)?))
            }
            What::Truth(_) | What::Not(_) | What::Comparison(..) | What::And(_) | What::Or(_) => {
                Some(Value::Truth(self.holds(moment)))
            }
        }
    }

    fn number(&self, moment: &Moment<'_>) -> Option<f64> {
        match self.value(moment)? {
            Value::Number(number) => Some(number),
            Value::Text(_) | Value::Truth(_) => None,
        }
    }

    fn holds(&self, moment: &Moment<'_>) -> bool {
        match &self.what {
            What::Truth(truth) => *truth,
            What::Not(inner) => !inner.holds(moment),
            What::And(pair) => pair.iter().all(|side| side.holds(moment)),
            What::Or(pair) => pair.iter().any(|side| side.holds(moment)),
            What::Comparison(op, pair) => match (pair[0].value(moment), pair[1].value(moment)) {
                (Some(left), Some(right)) => op.holds(left, right),
                (None, _) | (_, None) => false,
            },
            What::Variable(variable) => variable.read(moment) == Some(Value::Truth(true)),
            What::Number(_) | What::Text(_) | What::Negative(_) | What::Arithmetic(..) => false,
        }
    }
}

impl Arithmetic {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
        }
    }
}

impl Comparison {
    /// Returns whether it only asks if two values are the same.
    const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Unequal)
    }

    fn holds(self, left: Value<'_>, right: Value<'_>) -> bool {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.partial_cmp(&right),
            (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
            (Value::Truth(left), Value::Truth(right)) => Some(left.cmp(&right)),
            // Refused when the expression is checked.
            (Value::Number(_) | Value::Text(_) | Value::Truth(_), _) => None,
        };
        let Some(order) = order else { return false };
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
        }
    }
}

#[cfg(test)]
mod tests;
