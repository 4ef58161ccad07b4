//! Reading a function of assignments.

use std::collections::HashMap;

use plan::ItemKind;
use problem::{
    ANSWER,
    expr::{self, Dialect, Expr, ExprError},
};

use super::{SIGNS, identifier};
use crate::{
    SurfaceError,
    assemble::Statement,
    words::{Sections, read_comment},
};

/// Statements that a plan does not have, and why.
const REFUSED: [(&[&str], &str); 4] = [
    (&["for", "while"], "a plan has no loops; write each step as an assignment"),
    (&["if", "elif", "else", "match"], "a plan has no branches; write each step as an assignment"),
    (&["import", "from"], "a plan imports nothing; it can call min, max, abs, round, sum and int"),
    (&["def", "class", "lambda", "try", "with"], "a plan is one function of assignments"),
];

/// Reads the statements of a function, in the order of the text. What stands around them is passed over, and all that follows
/// `return`.
///
/// # Errors
/// The first statement that is none of a plan, with its line and column.
pub(super) fn statements(text: &str) -> Result<Vec<Statement>, SurfaceError> {
    let mut reader = ProgramReader::default();
    for (number, line) in block(text) {
        if reader.line(number, line)? == Flow::End {
            break;
        }
    }
    Ok(reader.finish())
}

/// Returns the lines of the program with their numbers: those of the block of code that begins last before a function, or
/// all lines where there is no block.
fn block(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let fence = |line: &str| line.trim_start().starts_with("```");
    let is_def = |line: &str| line.trim_start().starts_with("def ");
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
    let def = lines.iter().position(|(_, line)| is_def(line));
    let open = lines.iter().position(|(_, line)| fence(line));
    let start = match (def, open) {
        (Some(def), _) => def + 1,
        // A block that is closed by the first mark began before the text.
        (None, Some(open)) if lines[..open].iter().all(|(_, line)| line.trim().is_empty()) => open + 1,
        (None, _) => 0,
    };
    lines.into_iter().skip(start).take_while(move |(_, line)| !fence(line))
}

#[derive(PartialEq)]
enum Flow {
    On,
    End,
}

#[derive(Default)]
struct ProgramReader {
    statements: Vec<Statement>,
    sections: Sections,
    /// The name in the plan of each variable: a variable that is assigned again becomes another quantity.
    now: HashMap<String, String>,
    defined: Vec<String>,
    /// The marks that end a text which explains the function.
    doc: Option<&'static str>,
}

impl ProgramReader {
    fn line(&mut self, number: usize, line: &str) -> Result<Flow, SurfaceError> {
        if self.explains(line) {
            return Ok(Flow::On);
        }
        if line.trim().is_empty() {
            self.sections.gap();
            return Ok(Flow::On);
        }
        if let Some((kind, text)) = read_comment(line) {
            if !text.is_empty() {
                self.push(Statement::new(kind, text, line.trim(), number));
            }
            return Ok(Flow::On);
        }
        let code = SourceLine { number, line, text: line.split('#').next().unwrap_or(line).trim_end() };
        let word = &code.text.trim_start()[..expr::name_length(code.text.trim_start())];
        if let Some((_, why)) = REFUSED.iter().find(|(words, _)| words.contains(&word)) {
            return Err(code.fail(code.trimmed(), *why));
        }
        match word {
            "return" => {
                self.ends(&code)?;
                return Ok(Flow::End);
            }
            "assert" => self.asserts(&code)?,
            "pass" => {}
            _ => self.assigns(&code)?,
        }
        Ok(Flow::On)
    }

    /// Whether a line belongs to a text in triple quotation marks.
    fn explains(&mut self, line: &str) -> bool {
        let line = line.trim();
        if let Some(mark) = self.doc {
            if line.ends_with(mark) {
                self.doc = None;
            }
            return true;
        }
        let mark = ["\"\"\"", "'''"].into_iter().find(|mark| line.starts_with(mark));
        let Some(mark) = mark else { return false };
        self.doc = (line.len() < 6 || !line.ends_with(mark)).then_some(mark);
        true
    }

    fn push(&mut self, statement: Statement) {
        let depth = self.sections.read(statement.kind);
        self.statements.push(Statement { depth, ..statement });
    }

    fn assigns(&mut self, code: &SourceLine<'_>) -> Result<(), SurfaceError> {
        let (left, right) = code.text.split_once('=').ok_or_else(|| {
            code.fail(code.trimmed(), "this is no assignment; write name = expression, or return the result")
        })?;
        if right.starts_with('=') {
            return Err(code.fail(code.trimmed(), "a comparison does nothing; write assert before it"));
        }
        let (target, sign) = augmented(left);
        let name = target.split(':').next().unwrap_or(target).trim();
        identifier(name).map_err(|why| code.fail(left.trim_start(), why))?;
        let mut expr = self.expression(code, right)?;
        if !sign.is_empty() {
            let whole = format!("{name} {sign} ({right})");
            let parsed = expr::parse_in(Dialect::Python, &whole);
            expr = self.renamed(&parsed.map_err(|error| code.fail(right.trim_start(), error.to_string()))?);
        }
        let name = self.define(name);
        let kind =
            if expr.computes() || !expr.names().is_empty() { ItemKind::Step } else { ItemKind::Constraint };
        self.push(Statement::new(kind, format!("{name} = {expr}"), code.trimmed(), code.number));
        Ok(())
    }

    /// Returns a new name for a variable: its own, the first time.
    fn define(&mut self, name: &str) -> String {
        let fresh = |name: &String| !self.defined.contains(name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let own = std::iter::once(name.to_owned()).chain(numbered).find(fresh).unwrap_or_default();
        self.defined.push(own.clone());
        self.now.insert(name.to_owned(), own.clone());
        own
    }

    fn expression(&self, code: &SourceLine<'_>, text: &str) -> Result<Expr, SurfaceError> {
        code.expression(text).map(|expr| self.renamed(&expr))
    }

    fn renamed(&self, expr: &Expr) -> Expr {
        expr.renamed(&|name| self.now.get(name).cloned().unwrap_or_else(|| name.to_owned()))
    }

    fn asserts(&mut self, code: &SourceLine<'_>) -> Result<(), SurfaceError> {
        let condition = &code.text.trim_start()["assert".len()..];
        // What is said where it does not hold is left out.
        let condition = condition.split(", \"").next().unwrap_or(condition);
        let signs = SIGNS.iter().map(|(sign, _)| *sign).filter(|sign| *sign != "=");
        let split = signs
            .filter_map(|sign| condition.split_once(sign).map(|(left, right)| (left, sign, right)))
            .next();
        let Some((left, sign, right)) = split else {
            return Err(code.fail(condition.trim_start(), "an assert compares two expressions, as in a <= b"));
        };
        let (left, right) = (self.expression(code, left)?, self.expression(code, right)?);
        let text = format!("{left} {sign} {right}");
        self.push(Statement::new(ItemKind::Invariant, text, code.trimmed(), code.number));
        Ok(())
    }

    /// The result is the step that defines the answer.
    fn ends(&mut self, code: &SourceLine<'_>) -> Result<(), SurfaceError> {
        let result = &code.text.trim_start()["return".len()..];
        let expr = self.expression(code, result)?;
        if matches!(&expr, Expr::Name(name) if name == ANSWER && self.defined.contains(name)) {
            return Ok(());
        }
        let expr = self.without_answer(&expr);
        self.push(Statement::new(ItemKind::Step, format!("{ANSWER} = {expr}"), code.trimmed(), code.number));
        Ok(())
    }

    /// Gives a quantity that is called as the result will be another name.
    fn without_answer(&mut self, result: &Expr) -> Expr {
        if !self.defined.iter().any(|name| name == ANSWER) {
            return result.clone();
        }
        let fresh = |name: &String| !self.defined.contains(name);
        let other = (1..).map(|number| format!("{ANSWER}_{number}")).find(fresh).unwrap_or_default();
        let renamed =
            |expr: &Expr| expr.renamed(&|name| if name == ANSWER { other.clone() } else { name.to_owned() });
        for statement in &mut self.statements {
            if let Some((name, right)) = statement.text.split_once(" = ")
                && let Ok(expr) = expr::parse_in(Dialect::Plan, right)
            {
                let name = if name == ANSWER { &other } else { name };
                statement.text = format!("{name} = {}", renamed(&expr));
            }
        }
        renamed(result)
    }

    fn finish(self) -> Vec<Statement> {
        self.statements
    }
}

/// Splits the sign of an assignment such as `total +=` off.
fn augmented(left: &str) -> (&str, &str) {
    let signs = ["**", "//", "+", "-", "*", "/", "%"];
    signs.into_iter().find_map(|sign| Some((left.strip_suffix(sign)?, sign))).unwrap_or((left, ""))
}

/// One line of the program.
struct SourceLine<'a> {
    number: usize,
    line: &'a str,
    /// Without a comment.
    text: &'a str,
}

impl<'a> SourceLine<'a> {
    fn trimmed(&self) -> &'a str {
        self.text.trim()
    }

    /// Returns a fault at `part`, a part of the line.
    fn fail(&self, part: &str, message: impl Into<String>) -> SurfaceError {
        SurfaceError::at(self.number, self.column(part), message)
    }

    fn column(&self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.line.as_ptr() as usize);
        self.line.get(..offset).unwrap_or_default().chars().count() + 1
    }

    fn expression(&self, text: &str) -> Result<Expr, SurfaceError> {
        let start = text.trim();
        expr::parse_in(Dialect::Python, start).map_err(|error| {
            let column = self.column(start) + error.column().unwrap_or(1) - 1;
            SurfaceError::at(self.number, column, said(&error))
        })
    }
}

/// Says what is wrong without its column, which counts from the start of the expression.
fn said(error: &ExprError) -> String {
    match error.column() {
        Some(column) => error.to_string().replacen(&format!(" at column {column}"), "", 1),
        None => error.to_string(),
    }
}
