//! Reading expressions.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Pow;

use super::{Dialect, Expr, Function, Op};
use crate::numbers;

/// Bytes that an expression may have.
pub const MAX_LENGTH: usize = 400;
/// How deep parentheses and signs may nest.
const MAX_DEPTH: usize = 32;
/// Digits that a number of Python may have, its exponent included.
const MAX_DIGITS: usize = 40;

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    /// Something is missing at the end.
    #[error("the expression ends where a number or a name should stand")]
    Unfinished,
    /// A character or word stands where it cannot.
    #[error("\"{found}\" cannot stand at column {column}{}", hint(.found))]
    Unexpected {
        /// As it is written.
        found: String,
        /// Where, counted in characters from 1.
        column: usize,
    },
    /// A function that there is not.
    #[error(
        "there is no function {name} at column {column}; the functions are min, max, abs, round, sum and int"
    )]
    NoFunction {
        /// What was called.
        name: String,
        /// Where, counted in characters from 1.
        column: usize,
    },
    /// A function with too few or too many operands.
    #[error("{} at column {column} takes {}", .function.name(), .function.arity())]
    Arity {
        /// What was called.
        function: Function,
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

impl ExprError {
    /// Returns the column of the fault, counted in characters from 1, where it has one.
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::Unexpected { column, .. }
            | Self::NoFunction { column, .. }
            | Self::Arity { column, .. } => Some(*column),
            Self::Unfinished | Self::Unclosed | Self::TooLong | Self::TooDeep => None,
        }
    }
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

/// Parses all of `text` in [`Dialect::Plain`].
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    parse_in(Dialect::Plain, text)
}

/// Parses all of `text`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_in(dialect: Dialect, text: &str) -> Result<Expr, ExprError> {
    let (expr, rest) = parse_prefix_in(dialect, text)?;
    let rest = rest.trim_start();
    if rest.is_empty() { Ok(expr) } else { Err(unexpected(text, rest)) }
}

/// Parses the longest expression of [`Dialect::Plain`] at the start of `text` and returns it with what follows.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_prefix(text: &str) -> Result<(Expr, &str), ExprError> {
    parse_prefix_in(Dialect::Plain, text)
}

/// Parses the longest expression at the start of `text` and returns it with what follows.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_prefix_in(dialect: Dialect, text: &str) -> Result<(Expr, &str), ExprError> {
    if text.len() > MAX_LENGTH {
        return Err(ExprError::TooLong);
    }
    let mut parser = Parser { dialect, text, rest: text, depth: 0, calls: 0 };
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
    let length = if rest.starts_with("**") { 2 } else { name_length(rest) };
    let length = length.max(rest.chars().next().map_or(0, char::len_utf8));
    ExprError::Unexpected { found: rest[..length].to_owned(), column: column(text, rest) }
}

fn column(text: &str, rest: &str) -> usize {
    text[..text.len() - rest.len()].chars().count() + 1
}

struct Parser<'a> {
    dialect: Dialect,
    text: &'a str,
    rest: &'a str,
    depth: usize,
    /// How many calls are open: between their parentheses a comma separates operands.
    calls: usize,
}

impl<'a> Parser<'a> {
    /// Takes the next character if `read` makes something of it.
    fn take<T>(&mut self, read: impl Fn(char) -> Option<T>) -> Option<T> {
        let rest = self.rest.trim_start();
        let next = rest.chars().next()?;
        let value = read(next)?;
        self.rest = &rest[next.len_utf8()..];
        Some(value)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
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
        loop {
            if self.dialect == Dialect::Python && self.takes("%") {
                left = Expr::Call(Function::Mod, vec![left, self.unary()?]);
            } else if let Some(op) = self.times() {
                left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn times(&mut self) -> Option<Op> {
        if self.dialect != Dialect::Plain && self.takes("//") {
            return Some(Op::FloorDiv);
        }
        self.take(|c| match c {
            '*' | '×' | '·' => Some(Op::Mul),
            '/' | '÷' => Some(Op::Div),
            _ => None,
        })
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
            None => self.power()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn power(&mut self) -> Result<Expr, ExprError> {
        let base = self.primary()?;
        if self.dialect == Dialect::Plain || !self.takes("**") {
            return Ok(base);
        }
        Ok(Expr::Binary(Op::Pow, Box::new(base), Box::new(self.unary()?)))
    }

    fn primary(&mut self) -> Result<Expr, ExprError> {
        let python = self.dialect == Dialect::Python;
        if !python {
            self.take(|c| matches!(c, '$' | '€' | '£').then_some(()));
        }
        let rest = self.rest.trim_start();
        let length = name_length(rest);
        let mut expr = if self.takes("(") {
            let calls = std::mem::take(&mut self.calls);
            let inner = self.sum()?;
            self.calls = calls;
            self.close()?;
            inner
        } else if length > 0 && self.is_call(rest, length) {
            self.call(rest, length)?
        } else if length > 0 {
            self.rest = &rest[length..];
            Expr::Name(rest[..length].to_owned())
        } else if let Some((value, length)) = self.number(rest) {
            self.rest = &rest[length..];
            Expr::Number(value)
        } else if rest.is_empty() {
            return Err(ExprError::Unfinished);
        } else {
            return Err(unexpected(self.text, rest));
        };
        let mut percents = 0;
        while !python && self.takes("%") {
            percents += 1;
            if percents > 2 {
                return Err(ExprError::TooDeep);
            }
            expr = Expr::Percent(Box::new(expr));
        }
        Ok(expr)
    }

    fn close(&mut self) -> Result<(), ExprError> {
        let rest = self.rest.trim_start();
        match self.takes(")") {
            true => Ok(()),
            false if rest.is_empty() || self.dialect != Dialect::Python => Err(ExprError::Unclosed),
            false => Err(unexpected(self.text, rest)),
        }
    }

    /// Whether the name at the start of `rest` is called.
    fn is_call(&self, rest: &str, length: usize) -> bool {
        self.dialect != Dialect::Plain && rest[length..].starts_with('(')
    }

    fn call(&mut self, rest: &'a str, length: usize) -> Result<Expr, ExprError> {
        let (name, column) = (&rest[..length], column(self.text, rest));
        let python = self.dialect == Dialect::Python;
        // In Python a remainder is an operator.
        let function = Function::find(name).filter(|function| !(python && *function == Function::Mod));
        let function = function.ok_or_else(|| ExprError::NoFunction { name: name.to_owned(), column })?;
        self.rest = &rest[length + 1..];
        let list = python && self.takes("[");
        self.calls += 1;
        let mut args = vec![self.sum()?];
        while self.takes(",") {
            args.push(self.sum()?);
        }
        self.calls -= 1;
        if list && !self.takes("]") {
            return Err(ExprError::Unclosed);
        }
        self.close()?;
        if function.takes(args.len()) {
            Ok(Expr::Call(function, args))
        } else {
            Err(ExprError::Arity { function, column })
        }
    }

    fn number(&self, rest: &str) -> Option<(BigRational, usize)> {
        match self.dialect {
            Dialect::Python => scan_python(rest),
            Dialect::Plain | Dialect::Plan if self.calls > 0 => {
                numbers::scan(rest.split(',').next().unwrap_or(rest))
            }
            Dialect::Plain | Dialect::Plan => numbers::scan(rest),
        }
    }
}

/// Reads an unsigned number as Python writes it: `1_000`, `.5`, `2.`, `1e3`. Returns the value and the length in bytes.
fn scan_python(text: &str) -> Option<(BigRational, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let mut at = from;
        while bytes.get(at).is_some_and(u8::is_ascii_digit)
            || (at > from
                && bytes.get(at) == Some(&b'_')
                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
        {
            at += 1;
        }
        at
    };
    let whole = digits(0);
    let mut end = whole;
    if bytes.get(end) == Some(&b'.') && (end > 0 || bytes.get(1).is_some_and(u8::is_ascii_digit)) {
        end = digits(end + 1);
    }
    let plain: String = text[..end].chars().filter(char::is_ascii_digit).collect();
    let places = text[whole..end].chars().filter(char::is_ascii_digit).count();
    let mut shift = -i32::try_from(places).ok()?;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let last = digits(end + 1 + signed);
        if last > end + 1 + signed {
            shift += text[end + 1..last].replace('_', "").parse::<i32>().ok()?;
            end = last;
        }
    }
    if plain.is_empty() || plain.len() > MAX_DIGITS || shift.unsigned_abs() as usize > MAX_DIGITS {
        return None;
    }
    let value = BigRational::from_integer(plain.parse::<BigInt>().ok()?);
    Some((value * Pow::pow(BigRational::from_integer(10.into()), shift), end))
}
