//! From tokens to a typed value, by recursive descent.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};

use super::{
    equal::{constant, plus_minus},
    expression::{Expression, Function, Operation},
    interval::{Comparison, Interval, Relation},
    lexer::{Bracket, Lexed, Token},
    value::{List, Quantity, Value},
};

/// How deep formulas may be nested.
const MAX_DEPTH: usize = 24;
/// Tokens that one answer may have.
const MAX_TOKENS: usize = 400;

/// Reads all of `lexed` as one answer; `None` where something is left over.
pub(super) fn whole(lexed: &[Lexed]) -> Option<Value> {
    if lexed.len() > MAX_TOKENS {
        return None;
    }
    let lexed = &lexed[name_length(lexed)..];
    let mut parser = Parser { lexed, at: 0, depth: 0 };
    parser.skip_introduction();
    let value = parser.answers()?;
    (parser.at == parser.lexed.len()).then_some(value)
}

/// Returns the length of a quantity's name in words and the equals sign behind it, as in `Area = 9\pi`.
fn name_length(lexed: &[Lexed]) -> usize {
    let words = lexed.iter().take_while(|one| matches!(one.token, Token::Word(_))).count();
    // Two letters are a product.
    let long =
        matches!(lexed.first(), Some(Lexed { token: Token::Word(word), .. }) if word.chars().count() > 2);
    let named = long && lexed.get(words).is_some_and(|one| one.token == Token::Equals);
    if named { words + 1 } else { 0 }
}

/// Reads one number or formula that all of `lexed` makes up.
pub(super) fn value(lexed: &[Lexed]) -> Value {
    whole(lexed).unwrap_or_else(|| Value::Unread(String::new()))
}

/// Words that the unit of a formula may have.
const MAX_UNIT: usize = 3;

/// Returns whether a token is found in formulas only; numbers, letters and punctuation are found in text too.
fn is_mathematical(token: &Token) -> bool {
    match token {
        Token::Word(_)
        | Token::Number(_)
        | Token::Name(_)
        | Token::Open(_)
        | Token::Close(_)
        | Token::Comma
        | Token::Joint
        | Token::Minus
        | Token::Divide
        | Token::Factorial
        | Token::Percent
        | Token::Degree
        | Token::Row
        | Token::Break => false,
        Token::Function(_)
        | Token::Pi
        | Token::Infinity
        | Token::Plus
        | Token::PlusMinus
        | Token::Times
        | Token::Power
        | Token::Subscript
        | Token::Fraction
        | Token::Root
        | Token::Binomial
        | Token::Bar
        | Token::Equals
        | Token::NotEqual
        | Token::Less
        | Token::LessOrEqual
        | Token::Greater
        | Token::GreaterOrEqual
        | Token::In
        | Token::Union
        | Token::EmptySet
        | Token::Reals
        | Token::BeginMatrix
        | Token::EndMatrix
        | Token::Column
        | Token::Unknown(_) => true,
    }
}

/// Returns whether what is no formula is text: it has a word, and nothing that is found in formulas only.
pub(super) fn is_text(lexed: &[Lexed]) -> bool {
    let word = |one: &Lexed| matches!(&one.token, Token::Word(word) if word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    let numbers = lexed.iter().any(|one| one.token.is_number());
    (!numbers || lexed.iter().any(word)) && !lexed.iter().any(|one| is_mathematical(&one.token))
}

/// Words that may stand before a number without changing it.
const INTRODUCTIONS: [&str; 8] = ["approximately", "about", "exactly", "roughly", "usd", "eur", "rs", "only"];

/// Words after a number that make it part of a computation.
const OPERATIONS: [&str; 9] =
    ["times", "plus", "minus", "divided", "multiplied", "more", "less", "fewer", "than"];

/// Words that name a power of ten.
fn magnitude(word: &str) -> Option<i64> {
    match word.to_ascii_lowercase().as_str() {
        "hundred" => Some(100),
        "thousand" => Some(1000),
        "million" => Some(1_000_000),
        "billion" => Some(1_000_000_000),
        "trillion" => Some(1_000_000_000_000),
        _ => None,
    }
}

struct Parser<'a> {
    lexed: &'a [Lexed],
    at: usize,
    depth: usize,
}

/// One formula, with what only a whole answer may have.
struct Formula {
    expression: Expression,
    percent: bool,
    /// The part after a `\pm`.
    either: Option<Expression>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.lexed.get(self.at).map(|one| &one.token)
    }

    fn peek_at(&self, ahead: usize) -> Option<&Token> {
        self.lexed.get(self.at + ahead).map(|one| &one.token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn skip_introduction(&mut self) {
        while let Some(Token::Word(word)) = self.peek()
            && INTRODUCTIONS.contains(&word.to_ascii_lowercase().trim_end_matches('.'))
        {
            self.at += 1;
        }
    }

    /// Answers separated by commas, *and* or *or*.
    fn answers(&mut self) -> Option<Value> {
        let mut items = vec![self.answer()?];
        while let Some(Token::Comma | Token::Joint) = self.peek() {
            self.at += 1;
            // "1, 2, and 3" has both.
            self.take(&Token::Joint);
            items.push(self.answer()?);
        }
        Some(match items.len() {
            1 => items.remove(0),
            _ => Value::List(List { items: items.into_iter().flat_map(flattened).collect(), ordered: false }),
        })
    }

    /// One answer: a set or interval, unions of them, or a relation.
    fn answer(&mut self) -> Option<Value> {
        // `x \in …` says what follows.
        let member = matches!(self.peek(), Some(Token::Name(_))) && self.peek_at(1) == Some(&Token::In);
        if member {
            self.at += 2;
        }
        if member || self.at_collection() { self.collection() } else { self.relation() }
    }

    /// Returns whether a set, tuple, interval or matrix begins here, and no formula in brackets.
    fn at_collection(&self) -> bool {
        match self.peek() {
            Some(Token::EmptySet | Token::Reals | Token::BeginMatrix | Token::Open(Bracket::Set)) => true,
            Some(Token::Open(shape @ (Bracket::Round | Bracket::Square))) => {
                bracketed(&self.lexed[self.at..]).is_some_and(|(inside, close)| inside || close != *shape)
            }
            _ => false,
        }
    }

    fn collection(&mut self) -> Option<Value> {
        let mut parts = vec![self.part()?];
        while self.take(&Token::Union) {
            parts.push(self.part()?);
        }
        Some(match parts.len() {
            1 => parts.remove(0),
            _ => Value::List(List { items: parts.into_iter().flat_map(flattened).collect(), ordered: false }),
        })
    }

    /// A set, tuple, interval or matrix.
    fn part(&mut self) -> Option<Value> {
        self.nest()?;
        let part = match self.peek() {
            Some(Token::EmptySet) => {
                self.at += 1;
                Some(Value::List(List { items: Vec::new(), ordered: false }))
            }
            Some(Token::Reals) => {
                self.at += 1;
                let (low, high) = (None, None);
                Some(Value::Interval(Interval { low, high, low_closed: false, high_closed: false }))
            }
            Some(Token::BeginMatrix) => self.matrix(),
            Some(Token::Open(Bracket::Set)) => self.set(),
            Some(Token::Open(Bracket::Round | Bracket::Square)) => self.tuple(),
            Some(_) | None => None,
        };
        self.depth -= 1;
        part
    }

    fn set(&mut self) -> Option<Value> {
        self.at += 1;
        if self.take(&Token::Close(Bracket::Set)) {
            return Some(Value::List(List { items: Vec::new(), ordered: false }));
        }
        let inside = self.answers()?;
        let items = flattened(inside);
        self.take(&Token::Close(Bracket::Set)).then_some(Value::List(List { items, ordered: false }))
    }

    /// Two or more answers in parentheses, or an interval.
    fn tuple(&mut self) -> Option<Value> {
        let low_closed = self.take(&Token::Open(Bracket::Square));
        if !low_closed {
            self.at += 1;
        }
        let mut items = vec![self.end()?];
        while self.take(&Token::Comma) {
            items.push(self.end()?);
        }
        let high_closed = self.take(&Token::Close(Bracket::Square));
        if !high_closed && !self.take(&Token::Close(Bracket::Round)) {
            return None;
        }
        let infinite = items.iter().any(|item| matches!(item, End::Infinite { .. }));
        if infinite || low_closed || high_closed {
            return interval(items, low_closed, high_closed);
        }
        let items: Option<Vec<Value>> = items.into_iter().map(End::value).collect();
        let items = items.filter(|items| items.len() > 1)?;
        Some(Value::List(List { items, ordered: true }))
    }

    fn end(&mut self) -> Option<End> {
        let negative = self.take(&Token::Minus);
        if !negative {
            self.take(&Token::Plus);
        }
        if self.take(&Token::Infinity) {
            return Some(End::Infinite { negative });
        }
        if negative {
            self.at -= 1;
        }
        self.answer().map(End::Value)
    }

    fn matrix(&mut self) -> Option<Value> {
        self.at += 1;
        let mut rows = vec![Vec::new()];
        loop {
            if self.take(&Token::EndMatrix) {
                break;
            }
            if self.take(&Token::Row) {
                rows.push(Vec::new());
            } else if !self.take(&Token::Column) {
                let value = self.relation()?;
                rows.last_mut()?.push(value);
            }
        }
        rows.retain(|row| !row.is_empty());
        Some(Value::Matrix(rows))
    }

    fn relation(&mut self) -> Option<Value> {
        let first = self.formula()?;
        let mut sides = vec![first.expression.clone()];
        let mut comparisons = Vec::new();
        let mut last = None;
        while let Some(comparison) = comparison(self.peek()) {
            self.at += 1;
            let next = self.formula()?;
            comparisons.push(comparison);
            sides.push(next.expression.clone());
            last = Some(next);
        }
        let Some(last) = last else { return self.quantity(first) };
        // x = 5 says 5, and so does 2 + 3 = 5, with its unit.
        let named = matches!(first.expression, Expression::Symbol(_));
        let relation = Relation { sides, comparisons };
        let is_number = constant(&last.expression).is_some();
        match relation.result() {
            Some(_) if is_number && (named || constant(&first.expression).is_some()) => self.quantity(last),
            Some(_) | None => Some(Value::Relation(relation)),
        }
    }

    /// Reads a percent sign and a unit behind a number.
    fn quantity(&mut self, formula: Formula) -> Option<Value> {
        if let Some(either) = formula.either {
            let items = plus_minus(Some(formula.expression), either).map(Value::of).to_vec();
            return Some(Value::List(List { items, ordered: false }));
        }
        let value = Value::of(formula.expression);
        let unit = self.unit()?;
        if let Value::Number(quantity) = value {
            return Some(Value::Number(Quantity { percent: formula.percent, unit, ..quantity }));
        }
        // "x is odd" says more than x.
        let longest = if matches!(value, Value::Expression(Expression::Symbol(_))) { 0 } else { MAX_UNIT };
        (unit.len() <= longest && !formula.percent).then_some(value)
    }

    /// Reads the words of a unit, such as `cm^2`, `km/h` or *cubic inches*; `None` where they make a computation.
    fn unit(&mut self) -> Option<Vec<String>> {
        let mut words: Vec<String> = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Word(word)) => {
                    let word = word.to_lowercase();
                    if OPERATIONS.contains(&word.as_str()) || !word.chars().any(char::is_alphabetic) {
                        return None;
                    }
                    words.push(singular(&word));
                }
                Some(Token::Name(name)) if !words.is_empty() => words.push(name.to_lowercase()),
                Some(Token::Degree) => words.push("degree".to_owned()),
                Some(Token::Divide) if matches!(self.peek_at(1), Some(Token::Word(_) | Token::Name(_))) => {}
                Some(Token::Power) if !words.is_empty() => {
                    let (power, length) = unit_power(&self.lexed[self.at..])?;
                    words.push(format!("^{power}"));
                    self.at += length;
                    continue;
                }
                _ => return Some(words),
            }
            self.at += 1;
        }
    }

    fn formula(&mut self) -> Option<Formula> {
        self.nest()?;
        let leading = self.take(&Token::PlusMinus);
        let expression = self.sum()?;
        let either = match (leading, self.take(&Token::PlusMinus)) {
            (true, _) => {
                self.depth -= 1;
                return Some(Formula {
                    expression: Expression::integer(0),
                    percent: false,
                    either: Some(expression),
                });
            }
            (false, true) => Some(self.sum()?),
            (false, false) => None,
        };
        self.depth -= 1;
        let percent = self.take(&Token::Percent);
        Some(Formula { expression, percent, either })
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut sum = self.product()?;
        loop {
            let operation = match self.peek() {
                Some(Token::Plus) => Operation::Add,
                Some(Token::Minus) => Operation::Subtract,
                _ => return Some(sum),
            };
            self.at += 1;
            sum = Expression::binary(operation, sum, self.product()?);
        }
    }

    fn product(&mut self) -> Option<Expression> {
        let mut product = self.signed()?;
        loop {
            let operation = match self.peek() {
                Some(Token::Times) => Operation::Multiply,
                Some(Token::Divide) if !matches!(self.peek_at(1), Some(Token::Word(_))) => Operation::Divide,
                Some(token) if multiplies(token) => {
                    // Two numbers side by side are no product.
                    if matches!(token, Token::Number(_)) {
                        return Some(product);
                    }
                    product = Expression::binary(Operation::Multiply, product, self.power()?);
                    continue;
                }
                _ => return Some(product),
            };
            self.at += 1;
            product = Expression::binary(operation, product, self.signed()?);
        }
    }

    fn signed(&mut self) -> Option<Expression> {
        self.nest()?;
        let signed = if self.take(&Token::Minus) {
            self.signed()?.negated()
        } else if self.take(&Token::Plus) {
            self.signed()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Some(signed)
    }

    fn power(&mut self) -> Option<Expression> {
        let mut base = self.atom()?;
        loop {
            match self.peek() {
                Some(Token::Factorial) => {
                    self.at += 1;
                    base = Expression::Apply(Function::Factorial, vec![base]);
                }
                Some(Token::Power) if is_degree(&self.lexed[self.at + 1..]) => {
                    // 30^\circ: the unit is read behind the number.
                    return self.degrees(base);
                }
                Some(Token::Power) => {
                    self.at += 1;
                    let exponent = self.argument()?;
                    base = Expression::binary(Operation::Power, base, exponent);
                }
                Some(Token::Subscript) => {
                    self.at += 1;
                    base = self.subscripted(base)?;
                }
                _ => return Some(base),
            }
        }
    }

    /// Skips `^\circ` and `^{\circ}`; degrees do not change a number.
    fn degrees(&mut self, base: Expression) -> Option<Expression> {
        self.at += 1;
        let grouped = self.take(&Token::Open(Bracket::Group));
        self.at += 1;
        (!grouped || self.take(&Token::Close(Bracket::Group))).then_some(base)
    }

    fn subscripted(&mut self, base: Expression) -> Option<Expression> {
        let index = self.argument()?;
        match (base, index) {
            (Expression::Number(digits), Expression::Number(base)) => {
                let base = base.is_integer().then(|| base.to_integer().to_u32())??;
                let fits = digits.is_integer() && !digits.is_negative() && (2..=36).contains(&base);
                fits.then(|| Expression::Based(digits.to_integer().to_string(), base))
            }
            (Expression::Symbol(name), Expression::Number(index)) => {
                Some(Expression::Symbol(format!("{name}_{index}")))
            }
            (Expression::Symbol(name), Expression::Symbol(index)) => {
                Some(Expression::Symbol(format!("{name}_{index}")))
            }
            _ => None,
        }
    }

    fn atom(&mut self) -> Option<Expression> {
        self.nest()?;
        let token = self.peek().cloned();
        self.at += 1;
        let atom = match token {
            Some(Token::Number(value)) => Some(self.number(value)),
            Some(Token::Name(name)) => Some(Expression::Symbol(name)),
            Some(Token::Pi) => Some(Expression::Pi),
            Some(Token::Fraction) => {
                let (above, below) = (self.argument()?, self.argument()?);
                Some(Expression::binary(Operation::Divide, above, below))
            }
            Some(Token::Binomial) => {
                let (n, k) = (self.argument()?, self.argument()?);
                Some(Expression::Apply(Function::Binomial, vec![n, k]))
            }
            Some(Token::Root) => self.root(),
            Some(Token::Function(function)) => self.applied(function),
            Some(Token::Open(Bracket::Round)) => self.closed(Token::Close(Bracket::Round)),
            Some(Token::Open(Bracket::Square)) => self.closed(Token::Close(Bracket::Square)),
            Some(Token::Open(Bracket::Group)) => self.closed(Token::Close(Bracket::Group)),
            Some(Token::Bar) => {
                self.closed(Token::Bar).map(|inside| Expression::Apply(Function::Abs, vec![inside]))
            }
            Some(_) | None => None,
        };
        self.depth -= 1;
        atom
    }

    /// Reads a number with a fraction or a power of ten in words behind it.
    fn number(&mut self, value: BigRational) -> Expression {
        if value.is_integer()
            && let Some((part, length)) = proper_fraction(&self.lexed[self.at..])
        {
            self.at += length;
            return Expression::Number(value + part);
        }
        if let Some(Token::Word(word)) = self.peek()
            && let Some(factor) = magnitude(word)
        {
            self.at += 1;
            return Expression::Number(value * BigRational::from_integer(factor.into()));
        }
        Expression::Number(value)
    }

    fn root(&mut self) -> Option<Expression> {
        let degree = if self.take(&Token::Open(Bracket::Square)) {
            self.closed(Token::Close(Bracket::Square))?
        } else {
            Expression::integer(2)
        };
        let inside = self.argument()?;
        let exponent = Expression::binary(Operation::Divide, Expression::integer(1), degree);
        Some(Expression::binary(Operation::Power, inside, exponent))
    }

    /// Reads a function's power, base and argument, as in `\sin^2 x` and `\log_2 5`.
    fn applied(&mut self, function: Function) -> Option<Expression> {
        let mut power = None;
        let mut base = None;
        loop {
            if self.take(&Token::Power) {
                power = Some(self.argument()?);
            } else if self.take(&Token::Subscript) {
                base = Some(self.argument()?);
            } else {
                break;
            }
        }
        let argument = match self.peek() {
            Some(Token::Open(Bracket::Round | Bracket::Group | Bracket::Square) | Token::Bar) => {
                self.atom()?
            }
            Some(_) | None => self.run()?,
        };
        let mut arguments = vec![argument];
        arguments.extend(base);
        let applied = Expression::Apply(function, arguments);
        Some(match power {
            Some(power) => Expression::binary(Operation::Power, applied, power),
            None => applied,
        })
    }

    /// Reads a function's argument without parentheses: a product without signs, as `2x` in `\sin 2x`.
    fn run(&mut self) -> Option<Expression> {
        let mut product = self.power()?;
        while self
            .peek()
            .is_some_and(|token| multiplies(token) && !matches!(token, Token::Function(_) | Token::Open(_)))
        {
            product = Expression::binary(Operation::Multiply, product, self.power()?);
        }
        Some(product)
    }

    /// Reads the argument of a command: a group, or a single digit or letter.
    fn argument(&mut self) -> Option<Expression> {
        self.nest()?;
        let negative = self.take(&Token::Minus);
        let argument = if let Some(Token::Number(value)) = self.peek().cloned() {
            self.at += 1;
            Expression::Number(value)
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Some(if negative { argument.negated() } else { argument })
    }

    fn closed(&mut self, close: Token) -> Option<Expression> {
        let inside = self.sum()?;
        self.take(&close).then_some(inside)
    }

    fn nest(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }
}

/// An end of an interval, or an item of a tuple.
enum End {
    Infinite { negative: bool },
    Value(Value),
}

impl End {
    fn value(self) -> Option<Value> {
        match self {
            Self::Infinite { .. } => None,
            Self::Value(value) => Some(value),
        }
    }
}

fn interval(ends: Vec<End>, low_closed: bool, high_closed: bool) -> Option<Value> {
    let [low, high] = <[End; 2]>::try_from(ends).ok()?;
    let end = |end: End, below: bool| match end {
        End::Infinite { negative } => (negative == below).then_some(None),
        End::Value(value) => value.expression().map(Some),
    };
    let (low, high) = (end(low, true)?, end(high, false)?);
    Some(Value::Interval(Interval { low, high, low_closed, high_closed }))
}

/// Makes one list of lists without an order.
fn flattened(value: Value) -> Vec<Value> {
    match value {
        Value::List(List { items, ordered: false }) => items,
        Value::List(List { ordered: true, .. })
        | Value::Number(_)
        | Value::Choice(_)
        | Value::Expression(_)
        | Value::Interval(_)
        | Value::Relation(_)
        | Value::Matrix(_)
        | Value::Text(_)
        | Value::Unread(_) => vec![value],
    }
}

/// Looks into the bracket that `lexed` begins with: whether a comma or infinity stands in it, and what closes it.
fn bracketed(lexed: &[Lexed]) -> Option<(bool, Bracket)> {
    let mut depth = 0_usize;
    let mut several = false;
    for one in lexed {
        if let Token::Open(Bracket::Round | Bracket::Square | Bracket::Set) = one.token {
            depth += 1;
        } else if let Token::Close(shape @ (Bracket::Round | Bracket::Square | Bracket::Set)) = one.token {
            depth -= 1;
            if depth == 0 {
                return Some((several, shape));
            }
        } else if depth == 1 {
            several |= matches!(one.token, Token::Comma | Token::Infinity);
        }
    }
    None
}

fn comparison(token: Option<&Token>) -> Option<Comparison> {
    Some(match token {
        Some(Token::Equals) => Comparison::Equal,
        Some(Token::NotEqual) => Comparison::NotEqual,
        Some(Token::Less) => Comparison::Less,
        Some(Token::LessOrEqual) => Comparison::LessOrEqual,
        Some(Token::Greater) => Comparison::Greater,
        Some(Token::GreaterOrEqual) => Comparison::GreaterOrEqual,
        Some(_) | None => return None,
    })
}

/// Returns whether a token continues a product without a sign.
fn multiplies(token: &Token) -> bool {
    matches!(
        token,
        Token::Number(_)
            | Token::Name(_)
            | Token::Pi
            | Token::Fraction
            | Token::Root
            | Token::Binomial
            | Token::Function(_)
            | Token::Open(Bracket::Round | Bracket::Group)
    )
}

fn is_degree(lexed: &[Lexed]) -> bool {
    let token = |at: usize| lexed.get(at).map(|one| &one.token);
    token(0) == Some(&Token::Degree)
        || (token(0) == Some(&Token::Open(Bracket::Group)) && token(1) == Some(&Token::Degree))
}

/// Reads the power of a unit, `^2` or `^{2}`, and returns it and the number of its tokens.
fn unit_power(lexed: &[Lexed]) -> Option<(&BigRational, usize)> {
    let token = |at: usize| lexed.get(at).map(|one| &one.token);
    match (token(1), token(2), token(3)) {
        (Some(Token::Number(power)), ..) => Some((power, 2)),
        (
            Some(Token::Open(Bracket::Group)),
            Some(Token::Number(power)),
            Some(Token::Close(Bracket::Group)),
        ) => Some((power, 4)),
        _ => None,
    }
}

/// Reads a fraction between 0 and 1 that makes a mixed number of the whole number before it: `\frac{1}{2}` or ` 1/2`.
fn proper_fraction(lexed: &[Lexed]) -> Option<(BigRational, usize)> {
    let token = |at: usize| lexed.get(at).map(|one| &one.token);
    let number = |at: usize| match token(at) {
        Some(Token::Number(value)) if value.is_integer() => Some(value.clone()),
        _ => None,
    };
    let group = |at: usize| {
        let open = token(at) == Some(&Token::Open(Bracket::Group));
        let close = token(at + 2) == Some(&Token::Close(Bracket::Group));
        (open && close).then(|| number(at + 1)).flatten()
    };
    let (above, below, length) = if token(0) == Some(&Token::Fraction) {
        match (group(1), group(4)) {
            (Some(above), Some(below)) => (above, below, 7),
            _ => return None,
        }
    } else if token(1) == Some(&Token::Divide) && lexed.first().is_some_and(|one| one.spaced) {
        (number(0)?, number(2)?, 3)
    } else {
        return None;
    };
    (above.is_positive() && below > BigRational::one() && above < below).then(|| (above / below, length))
}

/// Returns a word without the ending of the plural.
fn singular(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_alphabetic());
    match bare.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        Some(_) | None => bare.to_owned(),
    }
}
