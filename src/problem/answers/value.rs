//! Answers with a type.

use num_rational::BigRational;

use super::{
    equal::{self, Equality},
    expression::Expression,
    interval::{Interval, Relation},
    lexer, parser,
};
use crate::numbers;
use plan::ItemId;

/// Bits of the longest number that is shown in digits; a longer one stays the formula that it was written as.
const MAX_BITS: u64 = 190;

/// A number, perhaps a percentage, perhaps with a unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    pub(super) number: BigRational,
    pub(super) percent: bool,
    /// Lower-case words, each in the singular.
    pub(super) unit: Vec<String>,
}

/// Several answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    /// Whether the order matters: it does in a tuple, and not in a set or a bare list.
    pub(super) ordered: bool,
}

impl List {
    /// Reads a pair as an open interval.
    pub(super) fn as_interval(&self) -> Option<Interval> {
        match (self.ordered, self.items.as_slice()) {
            (true, [low, high]) => Some(Interval {
                low: Some(low.expression()?),
                high: Some(high.expression()?),
                low_closed: false,
                high_closed: false,
            }),
            _ => None,
        }
    }
}

/// Words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    /// Lower-case words and signs, without punctuation and a leading article.
    words: Vec<String>,
    /// The letters that stand in parentheses, as choices do.
    choices: Vec<char>,
    /// The last formula between dollar signs or their like.
    formula: Option<Box<Value>>,
}

/// What an answer is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(Quantity),
    /// A letter that names one of several given answers, in upper case.
    Choice(char),
    Expression(Expression),
    List(List),
    Interval(Interval),
    Relation(Relation),
    Matrix(Vec<Vec<Value>>),
    Text(Text),
    /// A formula in a notation that is not understood, without its spaces.
    Unread(String),
}

impl Value {
    /// Reads an answer by itself.
    pub(super) fn read(text: &str) -> Self {
        let text = unwrapped(text);
        if let Some(letter) = choice(text) {
            return Self::Choice(letter);
        }
        let lexed = lexer::formula(text);
        match parser::whole(&lexed) {
            Some(value) => value,
            None if !parser::is_text(&lexed) && !is_sentence(text) => {
                Self::Unread(text.chars().filter(|c| !c.is_whitespace() && *c != '$').collect())
            }
            None => Self::Text(Text::read(text)),
        }
    }

    /// Gives a formula its type.
    pub(super) fn of(expression: Expression) -> Self {
        let short = |number: &BigRational| number.numer().bits().max(number.denom().bits()) <= MAX_BITS;
        match equal::constant(&expression).filter(short) {
            Some(number) if !matches!(expression, Expression::Based(..)) => {
                Self::Number(Quantity { number, percent: false, unit: Vec::new() })
            }
            Some(_) | None => Self::Expression(expression),
        }
    }

    /// Returns the formula of a number or expression.
    pub(super) fn expression(&self) -> Option<Expression> {
        match self {
            Self::Number(quantity) => Some(Expression::Number(quantity.number.clone())),
            Self::Expression(expression) => Some(expression.clone()),
            Self::Choice(_)
            | Self::List(_)
            | Self::Interval(_)
            | Self::Relation(_)
            | Self::Matrix(_)
            | Self::Text(_)
            | Self::Unread(_) => None,
        }
    }

    /// Returns whether it is anything but words.
    pub(super) fn is_formula(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Unread(_) | Self::Choice(_))
    }
}

/// Takes off dollar signs, the parentheses of LaTeX, emphasis, and what ends a sentence.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        text = text.trim_matches(['*', '`', '"', '“', '”']).trim();
        text = text.strip_suffix(['.', ',', ';', ':']).unwrap_or(text).trim();
        for (open, close) in [("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]"), ("$", "$")] {
            let inside = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            text = inside.filter(|inside| !inside.contains(open)).unwrap_or(text).trim();
        }
        if text == before {
            return text;
        }
    }
}

/// Returns whether a text is prose: three words or more outside formulas.
fn is_sentence(text: &str) -> bool {
    let word = |word: &&str| {
        word.chars().count() > 1 && word.chars().all(|c| c.is_alphabetic() || ",.;:'".contains(c))
    };
    text.split_whitespace().filter(word).count() >= 3
}

/// Returns the letter of a choice: `C`, `(C)`, `C)`, `(C) The cat`, `C: The cat`, also in `\text{…}`.
fn choice(text: &str) -> Option<char> {
    let text = ["\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark)?.strip_suffix('}'))
        .unwrap_or(text)
        .trim();
    let open = text.strip_prefix('(');
    let mut chars = open.unwrap_or(text).chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let rest = chars.as_str();
    let closed = rest.strip_prefix(')').or_else(|| rest.strip_prefix(" )"));
    let named = match (open, closed) {
        (Some(_), Some(after)) => after.is_empty() || after.starts_with([' ', '.', ':', ',']),
        (None, Some(after)) => letter.is_ascii_uppercase() && (after.is_empty() || after.starts_with(' ')),
        (None, None) => {
            letter.is_ascii_uppercase()
                && (rest.is_empty() || rest.starts_with([':', '.']) && rest[1..].starts_with(' '))
        }
        (Some(_), None) => false,
    };
    named.then(|| letter.to_ascii_uppercase())
}

impl Text {
    fn read(text: &str) -> Self {
        let mut bare = text.to_owned();
        for mark in ["\\text", "\\textbf", "\\textit", "\\mathrm", "\\mathbf", "\\mbox", "\\(", "\\)", "$"] {
            bare = bare.replace(mark, " ");
        }
        let words = words(&without_ids(&bare));
        let formula = last_formula(text).map(|formula| Box::new(Value::read(formula)));
        let after_article = usize::from(words.len() > 1 && matches!(words[0].as_str(), "the" | "a" | "an"));
        Self { words: words[after_article..].to_vec(), choices: choices(&bare), formula }
    }

    /// Compares the words of an answer with those of the gold answer.
    pub(super) fn compare(&self, gold: &Self) -> Equality {
        if self.words == gold.words {
            return Equality::Same;
        }
        if let [gold] = gold.words.as_slice()
            && let Some(pair) = PAIRS.iter().find(|pair| pair.contains(&gold.as_str()))
        {
            let said: Vec<&String> = self.words.iter().filter(|word| pair.contains(&word.as_str())).collect();
            match said.as_slice() {
                [only] if *only != gold => return Equality::Different,
                [only] if std::ptr::eq(*only, &raw const self.words[0]) => return Equality::Same,
                _ => {}
            }
        }
        let contains =
            !gold.words.is_empty() && self.words.windows(gold.words.len()).any(|w| w == gold.words);
        if contains {
            Equality::Undecided("the answer says more than the gold answer does")
        } else {
            Equality::Different
        }
    }

    /// Compares the last formula among some words with a gold answer that is one.
    pub(super) fn compare_formula(&self, gold: &Value) -> Equality {
        match &self.formula {
            Some(formula) if formula.is_formula() => equal::values(formula, gold),
            Some(_) | None => Equality::Different,
        }
    }

    /// Compares the only choice that some words name with that of the gold answer.
    pub(super) fn compare_choice(&self, gold: char) -> Equality {
        match self.choices.as_slice() {
            [only] if *only == gold => Equality::Same,
            [_] | [] => Equality::Different,
            several if several.contains(&gold) => Equality::Undecided("the answer names several choices"),
            _ => Equality::Different,
        }
    }
}

/// Words of which an answer says one or the other.
const PAIRS: [[&str; 2]; 3] = [["yes", "no"], ["true", "false"], ["valid", "invalid"]];

/// Returns lower-case words; signs that mean something are words of their own.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if !open {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
            open = true;
        } else {
            // An apostrophe belongs to its word, and is not compared.
            open = open && matches!(c, '\'' | '’');
            if "+#%&@<>=*/".contains(c) {
                words.push(c.to_string());
            }
        }
    }
    words
}

/// Drops brackets that hold nothing but ids of plan items, such as `[C1 S2]`: models cite also where nobody asked.
fn without_ids(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out += before;
        let inside = after.split_once(']').filter(|(inside, _)| {
            let mut words = inside.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
            words.peek().is_some() && words.all(|word| word.parse::<ItemId>().is_ok())
        });
        match inside {
            Some((_, after)) => rest = after,
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

/// Returns the last formula that `$…$`, `\(…\)` or `\[…\]` marks among words.
fn last_formula(text: &str) -> Option<&str> {
    let last = |open: &str, close: &str| {
        let end = text.rfind(close)?;
        let start = text[..end].rfind(open)? + open.len();
        let inside = text[start..end].trim_matches(['$', ' ', '\n']);
        (!inside.is_empty() && text.len() > inside.len() + 4).then_some((end, inside))
    };
    [("\\(", "\\)"), ("\\[", "\\]"), ("$", "$")]
        .into_iter()
        .filter_map(|(open, close)| last(open, close))
        .max_by_key(|(end, _)| *end)
        .map(|(_, inside)| inside)
}

fn choices(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('(') {
        let mut chars = text[at + 1..].chars();
        if let (Some(letter), Some(')')) = (chars.next(), chars.next())
            && letter.is_ascii_alphabetic()
            && !found.contains(&letter.to_ascii_uppercase())
        {
            found.push(letter.to_ascii_uppercase());
        }
    }
    found
}

mod show {
    //! Values as people write them.

    use super::{List, Quantity, Value};
    use crate::answers::interval::Interval;
    use crate::answers::{
        expression::{Expression, Function, Operation},
        interval::{Comparison, Relation},
    };

    impl Value {
        /// Returns the value in a notation that [`Value::read`] reads as the same value.
        pub(in crate::answers) fn show(&self) -> String {
            match self {
                Self::Number(quantity) => quantity.show(),
                Self::Choice(letter) => letter.to_string(),
                Self::Expression(expression) => show(expression, 0),
                Self::List(list) => list.show(),
                Self::Interval(interval) => interval.show(),
                Self::Relation(relation) => relation.show(),
                Self::Matrix(rows) => {
                    let row = |row: &Vec<Value>| row.iter().map(Value::show).collect::<Vec<_>>().join(" & ");
                    let rows: Vec<String> = rows.iter().map(row).collect();
                    format!("\\begin{{pmatrix}} {} \\end{{pmatrix}}", rows.join(" \\\\ "))
                }
                Self::Text(text) => text.words.join(" "),
                Self::Unread(text) => text.clone(),
            }
        }
    }

    impl Quantity {
        fn show(&self) -> String {
            super::numbers::show(&self.number)
        }
    }

    impl List {
        fn show(&self) -> String {
            let items = self.items.iter().map(Value::show).collect::<Vec<_>>().join(", ");
            if self.ordered { format!("({items})") } else { items }
        }
    }

    impl Interval {
        fn show(&self) -> String {
            let end = |end: &Option<Expression>, infinite: &str| {
                end.as_ref().map_or_else(|| infinite.to_owned(), |end| show(end, 0))
            };
            let (open, close) =
                (if self.low_closed { '[' } else { '(' }, if self.high_closed { ']' } else { ')' });
            format!("{open}{}, {}{close}", end(&self.low, "-\\infty"), end(&self.high, "\\infty"))
        }
    }

    impl Relation {
        fn show(&self) -> String {
            let mut sides = self.sides.iter().map(|side| show(side, 0));
            let mut shown = sides.next().unwrap_or_default();
            for (comparison, side) in self.comparisons.iter().zip(sides) {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "\\ne",
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "\\le",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => "\\ge",
                };
                shown += &format!(" {sign} {side}");
            }
            shown
        }
    }

    /// Shows a formula; `outer` is how strongly what surrounds it binds.
    fn show(expression: &Expression, outer: u8) -> String {
        let (text, own) = match expression {
            Expression::Number(value) => {
                let shown = super::numbers::show(value);
                let own = if shown.contains('/') {
                    2
                } else if shown.starts_with('-') {
                    1
                } else {
                    9
                };
                (shown, own)
            }
            Expression::Pi => ("\\pi".to_owned(), 9),
            Expression::Symbol(name) if name.chars().count() > 1 => (format!("\\{name}"), 9),
            Expression::Symbol(name) => (name.clone(), 9),
            Expression::Based(digits, base) => (format!("{digits}_{{{base}}}"), 9),
            Expression::Binary(operation, left, right) => binary(*operation, left, right),
            Expression::Apply(function, arguments) => (apply(*function, arguments), 8),
        };
        if own < outer { format!("({text})") } else { text }
    }

    fn binary(operation: Operation, left: &Expression, right: &Expression) -> (String, u8) {
        match operation {
            Operation::Add => (format!("{} + {}", show(left, 1), show(right, 1)), 1),
            Operation::Subtract => (format!("{} - {}", show(left, 1), show(right, 2)), 1),
            Operation::Multiply => (format!("{} * {}", show(left, 2), show(right, 3)), 2),
            Operation::Divide => (format!("{} / {}", show(left, 2), show(right, 3)), 2),
            Operation::Power => (format!("{}^{{{}}}", show(left, 9), show(right, 0)), 4),
        }
    }

    fn apply(function: Function, arguments: &[Expression]) -> String {
        let shown: Vec<String> = arguments.iter().map(|argument| show(argument, 0)).collect();
        let first = shown.first().map_or("", String::as_str);
        let named = |name: &str| format!("\\{name}({first})");
        match function {
            Function::Sin => named("sin"),
            Function::Cos => named("cos"),
            Function::Tan => named("tan"),
            Function::Cot => named("cot"),
            Function::Sec => named("sec"),
            Function::Csc => named("csc"),
            Function::Arcsin => named("arcsin"),
            Function::Arccos => named("arccos"),
            Function::Arctan => named("arctan"),
            Function::Ln => named("ln"),
            Function::Exp => named("exp"),
            Function::Log => match shown.get(1) {
                Some(base) => format!("\\log_{{{base}}}({first})"),
                None => named("log"),
            },
            Function::Abs => format!("|{first}|"),
            Function::Factorial => format!("({first})!"),
            Function::Binomial => {
                format!("\\binom{{{first}}}{{{}}}", shown.get(1).map_or("", String::as_str))
            }
        }
    }
}
