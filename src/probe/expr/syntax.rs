//! The grammar of expressions: text to tree. Names are looked up later.

use std::ops::Range;

use winnow::{
    ModalResult, Parser,
    ascii::{digit1, multispace0},
    combinator::{alt, cut_err, delimited, opt, preceded, repeat, separated_foldl1, terminated},
    error::{ContextError, ErrMode, ParseError, StrContext, StrContextValue},
    stream::LocatingSlice,
    token::{one_of, take_while},
};

use super::{Arithmetic, Comparison};
use crate::error::ProbeError;

/// Text that knows its places.
pub(crate) type ParserInput<'a> = LocatingSlice<&'a str>;

/// The longest text that is read, in bytes: each operator takes some of the stack when the tree is checked.
const LONGEST: usize = 500;
/// The deepest nesting of brackets that is read: each level takes some of the stack.
const DEEPEST: usize = 16;

/// The most signs before a value.
const SIGNS: usize = 4;

/// A part of an expression as written, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(super) at: Range<usize>,
    pub(super) shape: ExprShape,
}

impl Tree {
    /// Returns where in the text it begins.
    pub(crate) const fn start(&self) -> usize {
        self.at.start
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExprShape {
    Number(f64),
    Text(String),
    Name(String),
    Prefix(Prefix, Box<Tree>),
    Infix(Operator, Box<[Tree; 2]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    Minus,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Arithmetic(Arithmetic),
    Comparison(Comparison),
    And,
    Or,
}

/// Reads a text that holds one expression and nothing else.
pub(super) fn whole(text: &str) -> Result<Tree, ProbeError> {
    read(text, tree)
}

/// Reads all of `text` with `parser`; an error names the place and what should stand there.
pub(crate) fn read<'a, T>(
    text: &'a str,
    parser: impl Parser<ParserInput<'a>, T, ErrMode<ContextError>>,
) -> Result<T, ProbeError> {
    if text.len() > LONGEST {
        return Err(ProbeError::new(format!("that is longer than the {LONGEST} bytes that are read")));
    }
    if depth(text) > DEEPEST {
        return Err(ProbeError::new(format!("the brackets are nested more than {DEEPEST} levels deep")));
    }
    let text = text.trim_end();
    preceded(multispace0, parser).parse(LocatingSlice::new(text)).map_err(|error| unread(text, &error))
}

/// Returns how deep brackets are nested; those within texts count too, since it is only a guard.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn unread(text: &str, error: &ParseError<ParserInput<'_>, ContextError>) -> ProbeError {
    let rest = text[error.char_span().start..].trim_start();
    let start = text.len() - rest.len();
    let end = rest.find(char::is_whitespace).filter(|end| *end > 0).unwrap_or(rest.len());
    let found = match &rest[..end] {
        "" => "the text ends".to_owned(),
        found => format!("`{found}` stands"),
    };
    let wanted = error.inner().context().find_map(|context| {
        if let StrContext::Expected(wanted) = context { Some(wanted.to_string()) } else { None }
    });
    let message = match wanted {
        Some(wanted) => format!("{found} where {wanted} should be"),
        None => format!("{found} where nothing more is understood"),
    };
    let error = ProbeError::at(start..start + end, message);
    match &rest[..end] {
        found if found.starts_with('\'') => error.with_hint("texts stand in double quotes"),
        found if found.starts_with('=') => error.with_hint("to compare, write =="),
        "and" => error.with_hint("write &&"),
        "or" => error.with_hint("write ||"),
        found if found.starts_with(['<', '>']) => {
            error.with_hint("comparisons do not chain; write a < b && b < c")
        }
        _ => error,
    }
}

/// Returns what should stand here, for the error message.
pub(crate) const fn wanted(what: &'static str) -> StrContext {
    StrContext::Expected(StrContextValue::Description(what))
}

/// Reads an expression, as far as it goes. Each level below binds tighter than the one above it.
pub(crate) fn tree(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let or = "||".value(Operator::Or);
    separated_foldl1(conjunction, spaced(or), join).parse_next(input)
}

fn conjunction(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let and = "&&".value(Operator::And);
    separated_foldl1(comparison, spaced(and), join).parse_next(input)
}

/// Comparisons do not chain: `a < b < c` would compare true or false with a number.
fn comparison(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let comparison = alt((
        "<=".value(Comparison::LessOrEqual),
        ">=".value(Comparison::GreaterOrEqual),
        "==".value(Comparison::Equal),
        "!=".value(Comparison::Unequal),
        "<".value(Comparison::Less),
        ">".value(Comparison::Greater),
    ));
    let left = sum.parse_next(input)?;
    let right = opt((spaced(comparison.map(Operator::Comparison)), sum)).parse_next(input)?;
    Ok(match right {
        None => left,
        Some((operator, right)) => join(left, operator, right),
    })
}

fn sum(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let sign = alt(('+'.value(Arithmetic::Plus), '-'.value(Arithmetic::Minus)));
    separated_foldl1(product, spaced(sign.map(Operator::Arithmetic)), join).parse_next(input)
}

fn product(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let sign = alt(('*'.value(Arithmetic::Times), '/'.value(Arithmetic::Over)));
    separated_foldl1(operand, spaced(sign.map(Operator::Arithmetic)), join).parse_next(input)
}

fn spaced<'a>(
    operator: impl Parser<ParserInput<'a>, Operator, ErrMode<ContextError>>,
) -> impl Parser<ParserInput<'a>, Operator, ErrMode<ContextError>> {
    delimited(multispace0, operator, multispace0)
}

fn join(left: Tree, operator: Operator, right: Tree) -> Tree {
    let at = left.at.start..right.at.end;
    Tree { at, shape: ExprShape::Infix(operator, Box::new([left, right])) }
}

fn operand(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let sign = alt(('-'.value(Prefix::Minus), '!'.value(Prefix::Not)));
    let signs = repeat(0..=SIGNS, terminated(sign.with_span(), multispace0));
    let shape = alt((
        number.map(ExprShape::Number),
        quoted.map(ExprShape::Text),
        name.map(|name| ExprShape::Name(name.to_owned())),
        bracketed,
    ));
    // Wherever a value can stand, one must: a failure here is final, and its place the one to name.
    let shape = cut_err(shape.context(wanted("a value"))).with_span();
    let (signs, (shape, at)): (Vec<_>, _) = (signs, shape).parse_next(input)?;
    let end = at.end;
    Ok(signs.into_iter().rev().fold(Tree { at, shape }, |inner, (sign, at)| Tree {
        at: at.start..end,
        shape: ExprShape::Prefix(sign, Box::new(inner)),
    }))
}

fn number(input: &mut ParserInput<'_>) -> ModalResult<f64> {
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (digit1, opt(('.', digit1)), opt(exponent)).take().parse_to().parse_next(input)
}

/// A name, or several joined by points.
fn name<'a>(input: &mut ParserInput<'a>) -> ModalResult<&'a str> {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let first = one_of(|c: char| c.is_alphabetic() || c == '_');
    (first, take_while(0.., move |c| letter(c) || c == '.'))
        .take()
        .verify(|name: &str| !KEYWORDS.contains(&name))
        .parse_next(input)
}

/// Words that join the parts of a probe, and so cannot be names.
const KEYWORDS: [&str; 2] = ["if", "at"];

fn bracketed(input: &mut ParserInput<'_>) -> ModalResult<ExprShape> {
    let close = cut_err(')'.context(wanted("`)`")));
    delimited(('(', multispace0), tree, (multispace0, close)).map(|tree| tree.shape).parse_next(input)
}

/// Reads a text in double quotes, in which a backslash stands before quotes and backslashes.
pub(crate) fn quoted(input: &mut ParserInput<'_>) -> ModalResult<String> {
    let plain = take_while(1.., |c| c != '"' && c != '\\');
    let escaped = preceded('\\', one_of(['"', '\\'])).take().map(|pair: &str| &pair[1..]);
    let inside = repeat(0.., alt((plain, escaped))).fold(String::new, |mut text, piece: &str| {
        text.push_str(piece);
        text
    });
    let close = cut_err('"'.context(wanted("a closing quote")));
    delimited('"', inside, close).parse_next(input)
}
