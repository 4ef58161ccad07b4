//! From the text of an answer to tokens: LaTeX, Unicode and plain notation alike.

mod notation;
mod number;
mod word;

use num_rational::BigRational;

use super::expression::Function;

/// One token, and whether space stands before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexed {
    pub(super) token: Token,
    pub(super) spaced: bool,
}

/// A bracket's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `( )`
    Round,
    /// `[ ]`
    Square,
    /// `\{ \}`
    Set,
    /// `{ }`, which groups an argument in LaTeX and is not printed.
    Group,
}

/// What an answer is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(BigRational),
    /// A variable: one letter, or a Greek letter's name.
    Name(String),
    Word(String),
    Function(Function),
    Pi,
    Infinity,
    Plus,
    Minus,
    PlusMinus,
    Times,
    Divide,
    Power,
    Subscript,
    Factorial,
    Percent,
    Degree,
    Fraction,
    Root,
    Binomial,
    Open(Bracket),
    Close(Bracket),
    Bar,
    Comma,
    /// *and* or *or* between answers.
    Joint,
    Equals,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Union,
    EmptySet,
    Reals,
    BeginMatrix,
    EndMatrix,
    Column,
    Row,
    /// The end of a line in running text.
    Break,
    /// Notation that is not understood.
    Unknown(String),
}

impl Token {
    /// Returns whether arithmetic in running text can hold the token.
    pub(super) fn is_arithmetic(&self) -> bool {
        match self {
            Self::Number(_)
            | Self::Name(_)
            | Self::Function(_)
            | Self::Pi
            | Self::Plus
            | Self::Minus
            | Self::Times
            | Self::Divide
            | Self::Power
            | Self::Subscript
            | Self::Factorial
            | Self::Percent
            | Self::Degree
            | Self::Fraction
            | Self::Root
            | Self::Binomial
            | Self::Open(Bracket::Round | Bracket::Group)
            | Self::Close(Bracket::Round | Bracket::Group) => true,
            Self::Word(_)
            | Self::Infinity
            | Self::PlusMinus
            | Self::Open(Bracket::Square | Bracket::Set)
            | Self::Close(Bracket::Square | Bracket::Set)
            | Self::Bar
            | Self::Comma
            | Self::Joint
            | Self::Equals
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::In
            | Self::Union
            | Self::EmptySet
            | Self::Reals
            | Self::BeginMatrix
            | Self::EndMatrix
            | Self::Column
            | Self::Row
            | Self::Break
            | Self::Unknown(_) => false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Returns whether arithmetic cannot end with the token.
    pub(super) fn needs_more(&self) -> bool {
        matches!(
            self,
            Self::Plus
                | Self::Minus
                | Self::Times
                | Self::Divide
                | Self::Power
                | Self::Subscript
                | Self::Open(_)
        )
    }

    /// Returns whether arithmetic cannot begin with the token.
    pub(super) fn needs_less(&self) -> bool {
        matches!(
            self,
            Self::Plus
                | Self::Times
                | Self::Divide
                | Self::Power
                | Self::Subscript
                | Self::Factorial
                | Self::Close(_)
        )
    }
}

/// What kind of text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// An answer by itself.
    Formula,
    /// Running text; numbers may be spelled out.
    Prose,
    /// Running text; only digits count as numbers.
    Digits,
}

/// Reads an answer by itself.
pub(super) fn formula(text: &str) -> Vec<Lexed> {
    Lexer::new(text, Mode::Formula).run()
}

/// Reads a sentence that states an answer. Numbers may be spelled out where it has no digits.
pub(super) fn prose(text: &str) -> Vec<Lexed> {
    let digits = text.chars().any(|c| c.is_ascii_digit());
    Lexer::new(text, if digits { Mode::Digits } else { Mode::Prose }).run()
}

/// Reads running text in which only digits count as numbers.
pub(super) fn digits(text: &str) -> Vec<Lexed> {
    Lexer::new(text, Mode::Digits).run()
}

struct Lexer {
    text: String,
    at: usize,
    mode: Mode,
    spaced: bool,
    /// Open round, square and set brackets: inside them a comma separates.
    depth: usize,
    out: Vec<Lexed>,
}

impl Lexer {
    fn new(text: &str, mode: Mode) -> Self {
        Self { text: notation::unified(text), at: 0, mode, spaced: true, depth: 0, out: Vec::new() }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, token: Token, length: usize) {
        if let Token::Open(Bracket::Round | Bracket::Square | Bracket::Set) = token {
            self.depth += 1;
        } else if let Token::Close(Bracket::Round | Bracket::Square | Bracket::Set) = token {
            self.depth = self.depth.saturating_sub(1);
        }
        self.out.push(Lexed { token, spaced: self.spaced });
        self.spaced = false;
        self.at += length;
    }

    fn skip(&mut self, length: usize, spaced: bool) {
        self.at += length;
        self.spaced |= spaced;
    }

    fn run(mut self) -> Vec<Lexed> {
        while let Some(c) = self.rest().chars().next() {
            if c == '\n' && self.mode != Mode::Formula {
                self.end_line();
            } else if c.is_whitespace() {
                self.skip(c.len_utf8(), true);
            } else if c == '\\' {
                self.command();
            } else if c.is_ascii_digit() || c == '.' {
                self.number();
            } else if c.is_alphabetic() {
                self.letters();
            } else {
                self.symbol(c);
            }
        }
        self.out
    }

    /// Ends a line of running text; what a list begins an entry with is no operator.
    fn end_line(&mut self) {
        self.push(Token::Break, 1);
        self.spaced = true;
        let indent = self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        self.at += indent;
        if ["- ", "* ", "+ "].iter().any(|bullet| self.rest().starts_with(bullet)) {
            self.at += 2;
        }
    }

    fn number(&mut self) {
        let grouped = self.depth == 0;
        // \frac12 is a half: an argument without braces is one digit.
        let one_digit = self.rest().get(..1).filter(|_| self.in_argument());
        match number::scan(one_digit.unwrap_or(self.rest()), grouped) {
            Some((_, length)) if word::ordinal(&self.rest()[length..]) => {
                let text = self.rest()[..length].to_owned();
                self.push(Token::Word(text), length);
            }
            Some((value, length)) => self.push(Token::Number(value), length),
            None => {
                let length =
                    self.rest().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest().len());
                let text = self.rest()[..length].to_owned();
                self.push(Token::Word(text), length);
            }
        }
    }

    /// Returns whether an argument of a command stands here, without braces.
    fn in_argument(&self) -> bool {
        let takes = |at: Option<usize>, two: bool| {
            let token = at.and_then(|at| self.out.get(at)).map(|one| &one.token);
            matches!(token, Some(Token::Fraction | Token::Binomial)) || (!two && token == Some(&Token::Root))
        };
        let Some(last) = self.out.len().checked_sub(1) else { return false };
        let before = last.checked_sub(1);
        match self.out.get(last).map(|one| &one.token) {
            Some(Token::Close(Bracket::Group)) => {
                let open = self.out.iter().rposition(|one| one.token == Token::Open(Bracket::Group));
                takes(open.and_then(|open| open.checked_sub(1)), true)
            }
            Some(Token::Number(_)) => takes(before, true),
            Some(_) | None => takes(Some(last), false),
        }
    }

    fn letters(&mut self) {
        if self.mode == Mode::Prose
            && let Some((value, length)) = number::spelled(&self.text, self.at)
        {
            return self.push(Token::Number(value), length);
        }
        let rest = self.rest();
        let before = self.text[..self.at].chars().next_back();
        let length = word::length(rest, self.mode != Mode::Formula);
        let (word, after) = rest.split_at(length);
        if let Some(token) = word::known(word, after) {
            return self.push(token, length);
        }
        if word::is_product(word, before, after) || (self.is_variable(word, after) && !self.is_unit(word)) {
            for letter in word.to_owned().chars() {
                self.push(Token::Name(letter.to_string()), letter.len_utf8());
            }
        } else {
            self.push(Token::Word(word.to_owned()), length);
        }
    }

    /// Returns whether a word is one letter that names a quantity; in running text *a* and *I* are words.
    fn is_variable(&self, word: &str, after: &str) -> bool {
        let article = matches!(word, "a" | "A" | "I") && after.starts_with(' ');
        word.chars().count() == 1 && !(article && self.mode != Mode::Formula)
    }

    /// Returns whether a letter is a unit: one that a space parts from a number, as in `5 m`.
    fn is_unit(&self, word: &str) -> bool {
        self.spaced
            && matches!(word, "m" | "g" | "s" | "h" | "l" | "L" | "V" | "W" | "J" | "N" | "C" | "F")
            && self.out.last().is_some_and(|last| last.token.is_number())
    }

    fn symbol(&mut self, c: char) {
        let after = &self.rest()[c.len_utf8()..];
        let pair = |next: &str| after.starts_with(next);
        let (token, length) = match c {
            '+' if pair("/-") => (Token::PlusMinus, 3),
            '+' => (Token::Plus, 1),
            '-' if self.is_range(after) => (Token::Word("-".to_owned()), 1),
            '-' => (Token::Minus, 1),
            '*' if pair("*") => (Token::Power, 2),
            '*' => (Token::Times, 1),
            '/' => (Token::Divide, 1),
            '^' => (Token::Power, 1),
            '_' => (Token::Subscript, 1),
            '!' => (Token::Factorial, 1),
            '%' => (Token::Percent, 1),
            '(' => (Token::Open(Bracket::Round), 1),
            ')' => (Token::Close(Bracket::Round), 1),
            '[' => (Token::Open(Bracket::Square), 1),
            ']' => (Token::Close(Bracket::Square), 1),
            '{' => (Token::Open(Bracket::Group), 1),
            '}' => (Token::Close(Bracket::Group), 1),
            '|' => (Token::Bar, 1),
            ',' | ';' => (Token::Comma, 1),
            '&' => (Token::Column, 1),
            '=' => (Token::Equals, if pair("=") { 2 } else { 1 }),
            '<' if pair("=") => (Token::LessOrEqual, 2),
            '<' => (Token::Less, 1),
            '>' if pair("=") => (Token::GreaterOrEqual, 2),
            '>' => (Token::Greater, 1),
            // Signs of currency and of formulas say nothing about the value.
            '$' | '€' | '£' | '¥' | '₹' => return self.skip(c.len_utf8(), true),
            other => (Token::Word(other.to_string()), other.len_utf8()),
        };
        self.push(token, length);
    }

    /// Returns whether a hyphen between two numbers of running text stands for *to*, as in "10-15 minutes".
    fn is_range(&self, after: &str) -> bool {
        let before = self.text[..self.at].chars().next_back();
        self.mode != Mode::Formula
            && before.is_some_and(|c| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit())
    }

    fn command(&mut self) {
        let rest = &self.rest()[1..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if letters == 0 {
            let Some(c) = rest.chars().next() else { return self.skip(1, false) };
            return match c {
                '{' => self.push(Token::Open(Bracket::Set), 2),
                '}' => self.push(Token::Close(Bracket::Set), 2),
                '%' => self.push(Token::Percent, 2),
                '\\' => self.push(Token::Row, 2),
                '|' => self.push(Token::Bar, 2),
                _ => self.skip(1 + c.len_utf8(), true),
            };
        }
        let (name, after) = rest.split_at(letters);
        let (name, after) = (name.to_owned(), after.to_owned());
        let length = 1 + letters;
        if notation::is_layout(&name) {
            return self.skip(length, true);
        }
        if notation::is_text(&name) {
            return self.text_command(&name, &after, length);
        }
        if let Some(token) = notation::environment(&name, &after) {
            let all = length + after.find('}').map_or(0, |end| end + 1);
            return self.push(token, all);
        }
        let token = notation::command(&name).unwrap_or(Token::Unknown(name));
        self.push(token, length);
    }

    /// Reads `\text{…}`: what is inside are words, and one letter in bold is still a variable.
    fn text_command(&mut self, name: &str, after: &str, length: usize) {
        let opened = after.trim_start();
        let Some((inside, _)) = opened.strip_prefix('{').and_then(super::stated::group) else {
            return self.skip(length, true);
        };
        let all = length + (after.len() - opened.len()) + inside.len() + 2;
        let inside = inside.trim();
        match inside {
            "and" | "or" => return self.push(Token::Joint, all),
            _ if inside.chars().count() == 1 && notation::is_font(name) => {
                return self.push(Token::Name(inside.to_owned()), all);
            }
            _ => {}
        }
        for word in inside.split_whitespace() {
            let token = match word {
                "and" | "or" => Token::Joint,
                "," => Token::Comma,
                _ => match number::scan(word, true) {
                    Some((value, end)) if end == word.len() => Token::Number(value),
                    Some(_) | None => Token::Word(word.to_owned()),
                },
            };
            self.push(token, 0);
            self.spaced = true;
        }
        self.skip(all, true);
    }
}
