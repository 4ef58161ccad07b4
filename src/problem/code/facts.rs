//! What can be told of Python code without running it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use ruff_python_ast::{
    Comprehension, Expr, Stmt,
    visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt},
};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

/// Longer code is no answer, and brackets that go deeper would only try the parser's patience.
const MAX_BYTES: usize = 20_000;
const MAX_DEPTH: usize = 60;

/// Calls that reach beyond the function: what they return or do depends on more than its arguments.
const IMPURE_CALLS: &[&str] = &[
    "print",
    "input",
    "open",
    "exec",
    "eval",
    "compile",
    "globals",
    "locals",
    "vars",
    "setattr",
    "__import__",
];

/// What is told of a piece of code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The names of the functions at its outermost level, in order.
    pub functions: Vec<String>,
    /// The modules that it imports.
    pub imports: Vec<String>,
    /// How many loops it has: `for`, `while`, and each `for` of a comprehension.
    pub loops: usize,
    /// How many lines it has that are neither blank nor a comment.
    pub lines: usize,
    /// The first function that calls itself, directly or over others.
    pub recursive: Option<String>,
    /// The first thing that reaches beyond the function: a `global`, a `print`.
    pub impure: Option<String>,
}

impl Facts {
    /// Reads `code`.
    ///
    /// # Errors
    /// A clause that says where it is no Python.
    pub fn of(code: &str) -> Result<Self, String> {
        if code.len() > MAX_BYTES || depth(code) > MAX_DEPTH {
            return Err("it is too long or too deep".to_owned());
        }
        let parsed = parse_module(code).map_err(|error| {
            let at = usize::from(error.location.start()).min(code.len());
            let line = code.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("line {line}: {}", error.error)
        })?;
        let mut walk = Walk::default();
        walk.visit_body(parsed.suite());
        let facts = Self {
            functions: parsed.suite().iter().filter_map(name_of).collect(),
            lines: normal(code).map_or(0, |code| code.lines().count()),
            recursive: walk.recursive(),
            imports: walk.imports,
            loops: walk.loops,
            impure: walk.impure,
        };
        Ok(facts)
    }
}

/// Returns `code` without comments, blank lines and space at the ends of lines; `None` where it is no Python.
pub fn normal(code: &str) -> Option<String> {
    if code.len() > MAX_BYTES || depth(code) > MAX_DEPTH {
        return None;
    }
    let parsed = parse_module(code).ok()?;
    let mut bare = String::with_capacity(code.len());
    let mut at = 0;
    for comment in parsed.tokens().iter().filter(|token| token.kind().is_comment()) {
        let range: Range<usize> = comment.range().into();
        bare += code.get(at..range.start)?;
        at = range.end;
    }
    bare += code.get(at..)?;
    let lines: Vec<&str> = bare.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    Some(lines.join("\n"))
}

/// Returns how deep the code may nest at most: by brackets, by words that come before words, and by indentation.
fn depth(code: &str) -> usize {
    let (mut open, mut deepest, mut signs) = (0_usize, 0, 0);
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(byte, b'-' | b'+' | b'~' | b'*') { signs + 1 } else { 0 };
        deepest = deepest.max(open).max(signs);
    }
    let words = |line: &str| {
        line.matches("not ").count() + line.matches("lambda").count() + line.matches(" if ").count()
    };
    let indents = |line: &str| (line.len() - line.trim_start().len()) / 2;
    let by_line = code.lines().map(|line| words(line).max(indents(line))).max().unwrap_or(0);
    deepest.max(by_line)
}

fn name_of(statement: &Stmt) -> Option<String> {
    statement.as_function_def_stmt().map(|function| function.name.to_string())
}

/// Goes through the code and keeps what is told of it.
#[derive(Debug, Default)]
struct Walk {
    imports: Vec<String>,
    loops: usize,
    impure: Option<String>,
    /// The functions that are being defined where the walk is.
    within: Vec<String>,
    /// What each function calls by name.
    calls: BTreeMap<String, BTreeSet<String>>,
}

impl Walk {
    fn reaches_out(&mut self, what: &str) {
        self.impure.get_or_insert_with(|| what.to_owned());
    }

    fn recursive(&self) -> Option<String> {
        self.calls.keys().find(|name| self.reaches(name, name, &mut BTreeSet::new())).cloned()
    }

    fn reaches<'a>(&'a self, from: &str, to: &str, seen: &mut BTreeSet<&'a str>) -> bool {
        let Some(called) = self.calls.get(from) else { return false };
        called.iter().any(|next| next == to || (seen.insert(next) && self.reaches(next, to, seen)))
    }
}

impl<'a> Visitor<'a> for Walk {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Import(import) = statement {
            self.imports.extend(import.names.iter().map(|alias| alias.name.to_string()));
        }
        if let Stmt::ImportFrom(import) = statement {
            self.imports.push(import.module.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string));
        }
        if matches!(statement, Stmt::For(_) | Stmt::While(_)) {
            self.loops += 1;
        }
        if matches!(statement, Stmt::Global(_)) {
            self.reaches_out("a global statement");
        }
        if matches!(statement, Stmt::Nonlocal(_)) {
            self.reaches_out("a nonlocal statement");
        }
        match name_of(statement) {
            Some(name) => {
                self.calls.entry(name.clone()).or_default();
                self.within.push(name);
                walk_stmt(self, statement);
                self.within.pop();
            }
            None => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Some(name) = call.func.as_name_expr()
        {
            for function in &self.within {
                self.calls.entry(function.clone()).or_default().insert(name.id.to_string());
            }
            if IMPURE_CALLS.contains(&name.id.as_str()) {
                self.reaches_out(&format!("a call of {}", name.id));
            }
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.loops += 1;
        walk_comprehension(self, comprehension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_imports_and_lines_are_counted() {
        let code = "import math, re\nfrom typing import List\n\n# counts\ndef f(xs):  # [S1]\n    for x in xs:\n        while x:\n            x -= 1\n    \
                    return [y for x in xs for y in x]\n\ndef g():\n    return '# no comment'\n";
        let facts = Facts::of(code).unwrap();
        assert_eq!(facts.functions, ["f", "g"]);
        assert_eq!(facts.imports, ["math", "re", "typing"]);
        assert_eq!((facts.loops, facts.lines), (4, 9));
        assert_eq!((facts.recursive, facts.impure), (None, None));
        assert!(normal(code).unwrap().ends_with("def g():\n    return '# no comment'"));
    }

    #[test]
    fn recursion_is_seen_directly_and_over_others() {
        let recursive = |code: &str| Facts::of(code).unwrap().recursive;
        assert_eq!(recursive("def f(n):\n    return f(n - 1)").as_deref(), Some("f"));
        assert_eq!(recursive("def f(n):\n    return g(n)\ndef g(n):\n    return f(n)").as_deref(), Some("f"));
        assert_eq!(
            recursive("def f(n):\n    def g(n):\n        return g(n)\n    return g(n)").as_deref(),
            Some("g")
        );
        assert_eq!(recursive("def f(n):\n    return g(n)\ndef g(n):\n    return n"), None);
    }

    #[test]
    fn what_reaches_out_is_named() {
        let impure = |code: &str| Facts::of(code).unwrap().impure;
        assert_eq!(impure("def f():\n    global x\n    x = 1").as_deref(), Some("a global statement"));
        assert_eq!(impure("def f():\n    print(1)").as_deref(), Some("a call of print"));
        assert_eq!(impure("def f(xs):\n    xs = sorted(xs)\n    return xs"), None);
    }

    #[test]
    fn what_is_no_python_is_told_with_its_line() {
        assert!(Facts::of("def f(:\n    pass").unwrap_err().starts_with("line 1: "));
        assert!(Facts::of("x = 1\nfor in y\n").unwrap_err().starts_with("line 2: "));
        assert!(Facts::of(&"(".repeat(1000)).unwrap_err().contains("too deep"));
        assert!(Facts::of(&"not ".repeat(1000)).unwrap_err().contains("too deep"));
        assert!(Facts::of(&"x\n".repeat(20_000)).unwrap_err().contains("too long"));
        assert_eq!(normal("def f(:"), None);
    }
}
