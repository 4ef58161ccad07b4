//! The spellings of one and the same thing in LaTeX and Unicode.

use super::{Bracket, Token};
use crate::answers::expression::Function;

/// A space that separates groups of digits and nothing else.
pub(super) const GROUP_SPACE: char = '\u{2009}';

/// Returns `text` with one spelling for digits, minus signs, spaces between digits, fractions and powers.
pub(super) fn unified(text: &str) -> String {
    let text = text.replace("{,}", "\u{2009}");
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next_digit = chars.peek().is_some_and(char::is_ascii_digit);
        match c {
            '\\' => command_space(&mut out, &mut chars),
            '\u{2212}' | '\u{FE63}' | '\u{FF0D}' | '\u{2010}' | '\u{2011}' | '\u{2012}' => out.push('-'),
            // A dash before a number is a minus sign unless it stands between two things, as in "10–15".
            '\u{2013}' | '\u{2014}' if next_digit && !out.ends_with(|c: char| c.is_alphanumeric()) => {
                out.push('-')
            }
            '~' | '\u{202F}' | '\u{A0}' | '\u{2007}' | '\u{2008}' => out.push(GROUP_SPACE),
            '’' if next_digit && out.ends_with(|c: char| c.is_ascii_digit()) => out.push('\''),
            '√' => out.push_str(&root(&mut chars)),
            _ => match (digit(c), fraction(c), superscript(c), subscript(c), symbol(c)) {
                (Some(digit), ..) => out.push(digit),
                (_, Some((above, below)), ..) => out.push_str(&format!("\\frac{{{above}}}{{{below}}}")),
                (_, _, Some(digit), ..) => script(&mut out, '^', digit),
                (_, _, _, Some(digit), _) => script(&mut out, '_', digit),
                (.., Some(command)) => out.push_str(command),
                _ => out.push(c),
            },
        }
    }
    out
}

/// Reads what follows a backslash: a space between digits, no space at all, or the name of a command.
fn command_space(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some(',') => out.push(GROUP_SPACE),
        Some('!') => {
            if out.ends_with(',') {
                out.pop();
                out.push(GROUP_SPACE);
            }
        }
        Some(' ') => out.push(' '),
        Some('\\') => out.push_str("\\\\"),
        Some(_) | None => return out.push('\\'),
    }
    chars.next();
}

/// Reads what follows `√`: all digits of a number are under the root.
fn root(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut digits = String::new();
    while let Some(c) = chars.next_if(char::is_ascii_digit) {
        digits.push(c);
    }
    if digits.is_empty() { "\\sqrt ".to_owned() } else { format!("\\sqrt{{{digits}}}") }
}

/// Adds a raised or lowered digit; several in a row are one number.
fn script(out: &mut String, mark: char, digit: char) {
    let continues = out.ends_with('}')
        && out.rfind('{').is_some_and(|at| {
            out[..at].ends_with(mark)
                && out[at + 1..out.len() - 1].chars().all(|c| c.is_ascii_digit() || c == '-')
        });
    if continues {
        out.insert(out.len() - 1, digit);
    } else {
        out.push_str(&format!("{mark}{{{digit}}}"));
    }
}

/// Decimal digits of other scripts.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 6] = ['\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{E50}', '\u{FF10}'];
    let value =
        ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

fn superscript(c: char) -> Option<char> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁻".chars().zip("0123456789-".chars()).find_map(|(from, to)| (from == c).then_some(to))
}

fn subscript(c: char) -> Option<char> {
    "₀₁₂₃₄₅₆₇₈₉".chars().zip("0123456789".chars()).find_map(|(from, to)| (from == c).then_some(to))
}

fn fraction(c: char) -> Option<(u8, u8)> {
    Some(match c {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        '⅐' => (1, 7),
        '⅑' => (1, 9),
        '⅒' => (1, 10),
        _ => return None,
    })
}

fn symbol(c: char) -> Option<&'static str> {
    Some(match c {
        '×' | '·' | '⋅' | '∙' => "\\times ",
        '÷' => "\\div ",
        '±' => "\\pm ",
        '≤' | '⩽' => "\\le ",
        '≥' | '⩾' => "\\ge ",
        '≠' => "\\ne ",
        '≈' => "\\approx ",
        '∞' => "\\infty ",
        'π' => "\\pi ",
        '°' => "\\degree ",
        '∪' => "\\cup ",
        '∈' => "\\in ",
        '∅' => "\\emptyset ",
        'ℝ' => "\\Reals ",
        'α' => "\\alpha ",
        'β' => "\\beta ",
        'γ' => "\\gamma ",
        'δ' => "\\delta ",
        'θ' => "\\theta ",
        'λ' => "\\lambda ",
        'μ' => "\\mu ",
        'ρ' => "\\rho ",
        'σ' => "\\sigma ",
        'φ' => "\\phi ",
        'ω' => "\\omega ",
        'Δ' => "\\Delta ",
        '％' => "%",
        '（' => "(",
        '）' => ")",
        '，' => ",",
        '＝' => "=",
        '＋' => "+",
        _ => return None,
    })
}

/// Commands that only set type or leave space.
pub(super) fn is_layout(name: &str) -> bool {
    matches!(
        name,
        "left"
            | "right"
            | "big"
            | "Big"
            | "bigg"
            | "Bigg"
            | "bigl"
            | "bigr"
            | "Bigl"
            | "Bigr"
            | "displaystyle"
            | "textstyle"
            | "limits"
            | "quad"
            | "qquad"
            | "space"
            | "approx"
            | "rm"
            | "bf"
            | "it"
            | "boxed"
            | "fbox"
    )
}

/// Commands whose argument is text.
pub(super) fn is_text(name: &str) -> bool {
    matches!(
        name,
        "text"
            | "mbox"
            | "textbf"
            | "textit"
            | "textrm"
            | "texttt"
            | "textnormal"
            | "mathrm"
            | "mathbf"
            | "mathit"
            | "mathsf"
            | "boldsymbol"
            | "emph"
            | "operatorname"
            | "hbox"
    )
}

/// Commands that set a variable in another type.
pub(super) fn is_font(name: &str) -> bool {
    matches!(name, "mathbf" | "mathit" | "mathsf" | "boldsymbol")
}

/// Reads `\begin{pmatrix}` and its like.
pub(super) fn environment(name: &str, after: &str) -> Option<Token> {
    let (inside, _) = after.strip_prefix('{')?.split_once('}')?;
    let matrix = matches!(inside, "pmatrix" | "bmatrix" | "vmatrix" | "matrix" | "Bmatrix" | "smallmatrix");
    match name {
        "begin" if matrix => Some(Token::BeginMatrix),
        "end" if matrix => Some(Token::EndMatrix),
        _ => None,
    }
}

/// Returns the token of the command `\name`.
pub(super) fn command(name: &str) -> Option<Token> {
    Some(match name {
        "frac" | "dfrac" | "tfrac" | "cfrac" => Token::Fraction,
        "sqrt" => Token::Root,
        "binom" | "dbinom" | "tbinom" | "choose" => Token::Binomial,
        "pi" => Token::Pi,
        "infty" => Token::Infinity,
        "cdot" | "times" | "ast" => Token::Times,
        "div" => Token::Divide,
        "pm" | "mp" => Token::PlusMinus,
        "le" | "leq" | "leqslant" => Token::LessOrEqual,
        "ge" | "geq" | "geqslant" => Token::GreaterOrEqual,
        "lt" => Token::Less,
        "gt" => Token::Greater,
        "ne" | "neq" => Token::NotEqual,
        "in" => Token::In,
        "cup" => Token::Union,
        "emptyset" | "varnothing" => Token::EmptySet,
        "Reals" | "R" => Token::Reals,
        "circ" | "degree" => Token::Degree,
        "lbrace" => Token::Open(Bracket::Set),
        "rbrace" => Token::Close(Bracket::Set),
        "langle" | "lparen" => Token::Open(Bracket::Round),
        "rangle" | "rparen" => Token::Close(Bracket::Round),
        "lbrack" => Token::Open(Bracket::Square),
        "rbrack" => Token::Close(Bracket::Square),
        "lvert" | "rvert" | "vert" | "mid" => Token::Bar,
        "alpha" | "beta" | "gamma" | "delta" | "epsilon" | "varepsilon" | "zeta" | "eta" | "theta"
        | "iota" | "kappa" | "lambda" | "mu" | "nu" | "xi" | "rho" | "sigma" | "tau" | "phi" | "varphi"
        | "chi" | "psi" | "omega" | "Delta" | "Gamma" | "Lambda" | "Omega" | "Phi" | "Pi" | "Sigma"
        | "Theta" | "ell" => Token::Name(name.to_owned()),
        _ => Token::Function(Function::named(name)?),
    })
}
