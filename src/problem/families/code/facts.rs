//! What can be known of Python code without running it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    thread,
};

use ruff_python_ast::{
    Comprehension, Expr, ExprContext, ModModule, PythonVersion, Stmt,
    token::TokenKind,
    visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt},
};
use ruff_python_parser::{Mode, ParseOptions, Parsed, lexer, parse_module, parse_unchecked};
use ruff_text_size::Ranged;

/// Tests come with tables of values; longer code than this nobody writes.
const MAX_BYTES: usize = 4 << 20;
/// How deep code may nest. Python itself gives up earlier: at 200 brackets, 100 indents and a few thousand operators.
const MAX_DEPTH: usize = 20_000;
/// What is read where it is called; deeper code gets a stack of its own.
const SHALLOW: usize = 150;
/// Stack for one level, in bytes.
const LEVEL: usize = 8 << 10;

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

/// What is known of a piece of code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The names of the functions at its outermost level, in order.
    pub functions: Vec<String>,
    /// The names that it makes at its outermost level, functions among them.
    pub makes: BTreeSet<String>,
    /// The names that it reads anywhere.
    pub reads: BTreeSet<String>,
    /// The modules that it imports.
    pub imports: Vec<String>,
    /// Whether anything in it can fail a test: an `assert`, a `raise`, a call of something like `assertEqual`.
    pub asserts: bool,
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
        deeply(code, || Self::read(code)).unwrap_or_else(|| Err("it is too long or too deep".to_owned()))
    }

    fn read(code: &str) -> Result<Self, String> {
        let parsed = parse_module(code).map_err(|error| {
            let at = usize::from(error.location.start()).min(code.len());
            format!("line {}: {}", line_at(code, at), error.error)
        })?;
        let mut walk = Walk::default();
        walk.visit_body(parsed.suite());
        let facts = Self {
            functions: parsed.suite().iter().filter_map(name_of).collect(),
            lines: bare(code, &parsed).map_or(0, |code| code.lines().count()),
            recursive: walk.recursive(),
            makes: walk.makes,
            reads: walk.reads,
            imports: walk.imports,
            asserts: walk.asserts,
            loops: walk.loops,
            impure: walk.impure,
        };
        Ok(facts)
    }
}

/// Returns the number of the line of byte `at`, counted from 1.
fn line_at(code: &str, at: usize) -> usize {
    code.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Returns the number of the line on which `code` stops being Python, counted from 0; `None` where it is all Python.
pub(super) fn first_bad_line(code: &str) -> Option<usize> {
    let find = || {
        let error = parse_module(code).err()?;
        Some(line_at(code, usize::from(error.location.start()).min(code.len())) - 1)
    };
    deeply(code, find).unwrap_or(Some(0))
}

/// Returns whether `code` has syntax that a Python of `version`, such as `3.11.2`, does not know yet.
pub(super) fn is_newer_than(code: &str, version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u8>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return false };
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion { major, minor });
    deeply(code, || !parse_unchecked(code, options).unsupported_syntax_errors().is_empty()).unwrap_or(false)
}

/// Returns where the last of the statements ends that make or do something; what comes after it only names a value, as
/// a line of words may.
pub(super) fn end_of_work(code: &str) -> usize {
    let find = || {
        let parsed = parse_module(code).ok()?;
        let works = |statement: &&Stmt| {
            let declares = statement.as_ann_assign_stmt().is_some_and(|assigned| assigned.value.is_none());
            !statement.is_expr_stmt() && !declares
        };
        parsed.suite().iter().rfind(works).map(|statement| usize::from(statement.end()))
    };
    deeply(code, find).flatten().unwrap_or(code.len())
}

/// Returns whether the function `name` of `code` ends beyond byte `at`, and nothing follows it.
pub(super) fn ends_beyond(code: &str, name: &str, at: usize) -> bool {
    let find = || {
        let parsed = parse_module(code).ok()?;
        let last = parsed.suite().last()?;
        Some(name_of(last).as_deref() == Some(name) && usize::from(last.end()) > at)
    };
    deeply(code, find).flatten().unwrap_or(false)
}

/// Returns `code` without comments, blank lines and space at the ends of lines; `None` where it is no Python.
pub fn normal(code: &str) -> Option<String> {
    deeply(code, || bare(code, &parse_module(code).ok()?)).flatten()
}

fn bare(code: &str, parsed: &Parsed<ModModule>) -> Option<String> {
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

/// Runs `work` on `code` with a stack that is deep enough for it: trees are walked and dropped level by level. Returns
/// `None` for code that is too long or too deep for any.
fn deeply<T: Send>(code: &str, work: impl FnOnce() -> T + Send) -> Option<T> {
    if code.len() > MAX_BYTES {
        return None;
    }
    match depth(code) {
        ..=SHALLOW => Some(work()),
        depth @ ..=MAX_DEPTH => thread::scope(|scope| {
            let stack = thread::Builder::new().stack_size((1 << 20) + depth * LEVEL);
            stack.spawn_scoped(scope, work).ok()?.join().ok()
        }),
        _ => None,
    }
}

/// What opens and closes a level of depth, and what ends a chain of operators.
const OPENS: [TokenKind; 4] = [TokenKind::Lpar, TokenKind::Lsqb, TokenKind::Lbrace, TokenKind::FStringStart];
const CLOSES: [TokenKind; 4] = [TokenKind::Rpar, TokenKind::Rsqb, TokenKind::Rbrace, TokenKind::FStringEnd];
const ENDS: [TokenKind; 3] = [TokenKind::Comma, TokenKind::Newline, TokenKind::Semi];

/// Returns how deep the code may nest at most: its brackets, what stands before or between values within each, and
/// its indents. Strings and comments have no depth.
fn depth(code: &str) -> usize {
    let mut lexer = lexer::lex(code, Mode::Module);
    // What has been counted since the last comma or line, for each bracket that is open.
    let mut levels = vec![0_usize];
    let (mut sum, mut indents, mut deepest) = (0_usize, 0_usize, 0);
    loop {
        let kind = lexer.next_token();
        if kind.is_eof() {
            return deepest;
        } else if kind == TokenKind::Indent {
            indents += 1;
        } else if kind == TokenKind::Dedent {
            indents = indents.saturating_sub(1);
        } else if OPENS.contains(&kind) {
            levels.push(1);
            sum += 1;
        } else if CLOSES.contains(&kind) {
            // Calls and subscripts in a row nest too.
            let inner = if levels.len() > 1 { levels.pop().unwrap_or(0) } else { 0 };
            sum = sum - inner + 1;
            levels.last_mut().into_iter().for_each(|level| *level += 1);
        } else if ENDS.contains(&kind) {
            let own = usize::from(levels.len() > 1);
            sum = sum + own - levels.last_mut().map_or(own, |level| std::mem::replace(level, own));
        } else if kind.is_operator() || kind.is_keyword() || kind == TokenKind::Dot {
            levels.last_mut().into_iter().for_each(|level| *level += 1);
            sum += 1;
        }
        deepest = deepest.max(sum + indents);
    }
}

fn name_of(statement: &Stmt) -> Option<String> {
    statement.as_function_def_stmt().map(|function| function.name.to_string())
}

/// Goes through the code and records what is known of it.
#[derive(Debug, Default)]
struct Walk {
    imports: Vec<String>,
    loops: usize,
    impure: Option<String>,
    asserts: bool,
    makes: BTreeSet<String>,
    reads: BTreeSet<String>,
    /// How many functions and classes the walk is in.
    depth: usize,
    /// The functions that are being defined where the walk is.
    within: Vec<String>,
    /// What each function calls by name.
    calls: BTreeMap<String, BTreeSet<String>>,
}

impl Walk {
    fn make(&mut self, name: &str) {
        if self.depth == 0 {
            self.makes.insert(name.to_owned());
        }
    }

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
            for alias in &import.names {
                self.make(alias.asname.as_ref().unwrap_or(&alias.name));
            }
        }
        if let Stmt::ImportFrom(import) = statement {
            for alias in &import.names {
                self.make(alias.asname.as_ref().unwrap_or(&alias.name));
            }
            self.imports.push(import.module.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string));
        }
        if matches!(statement, Stmt::For(_) | Stmt::While(_)) {
            self.loops += 1;
        }
        self.asserts |= matches!(statement, Stmt::Assert(_) | Stmt::Raise(_));
        if matches!(statement, Stmt::Global(_)) {
            self.reaches_out("a global statement");
        }
        if matches!(statement, Stmt::Nonlocal(_)) {
            self.reaches_out("a nonlocal statement");
        }
        let class = statement.as_class_def_stmt();
        let function = name_of(statement);
        if let Some(name) = function.as_deref().or(class.map(|class| class.name.as_str())) {
            self.make(name);
        }
        let inner = usize::from(class.is_some() || function.is_some());
        self.depth += inner;
        match function {
            Some(name) => {
                self.calls.entry(name.clone()).or_default();
                self.within.push(name);
                walk_stmt(self, statement);
                self.within.pop();
            }
            None => walk_stmt(self, statement),
        }
        self.depth -= inner;
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
        if let Expr::Call(call) = expression {
            let attribute = call.func.as_attribute_expr().map(|function| function.attr.as_str());
            let called = attribute.or(call.func.as_name_expr().map(|name| name.id.as_str()));
            self.asserts |= called.is_some_and(|name| name.trim_start_matches('_').starts_with("assert"));
        }
        if let Expr::Name(name) = expression {
            match name.ctx {
                ExprContext::Store => self.make(&name.id),
                ExprContext::Load => drop(self.reads.insert(name.id.to_string())),
                ExprContext::Del | ExprContext::Invalid => {}
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
        assert!(Facts::of(&"(".repeat(1000)).is_err());
        for chain in ["(", "not ", "-", "1 + ", "f(", "x if y else ", "lambda: ", "x.", "[1, "] {
            let why = Facts::of(&chain.repeat(100_000)).unwrap_err();
            assert!(why.contains("too deep"), "{chain}: {why}");
        }
        assert!(Facts::of(&"x\n".repeat(3_000_000)).unwrap_err().contains("too long"));
        assert_eq!(normal("def f(:"), None);
    }

    #[test]
    fn long_comments_tables_and_chains_are_python() {
        let rulers = format!(
            "# {0}\ndef f(n):\n    \"\"\"\n    +{0}+\n    {1}\n    \"\"\"\n    return n\n",
            "-".repeat(5000),
            "(".repeat(5000)
        );
        let chain = format!("x = {}1", "1 + ".repeat(5000));
        let negatives = format!("x = [{}]", "-1, ".repeat(200_000));
        let calls = format!("x = f{}", ".g(1)[2]".repeat(1000));
        let nested = format!("x = {}1{}", "[".repeat(150), "]".repeat(150));
        let choices = format!("x = {}0", "1 if y else ".repeat(2000));
        let elifs = format!("if x == 0:\n    y = 0\n{}", "elif x == 1:\n    y = 1\n".repeat(3000));
        let strings = format!("x = ({})", "'([{' ".repeat(3000));
        for code in [rulers, chain, negatives, calls, nested, choices, elifs, strings] {
            let facts = Facts::of(&code).map_err(|why| format!("{}: {why}", &code[..40]));
            assert!(facts.is_ok(), "{facts:?}");
            assert!(normal(&code).is_some());
        }
    }

    #[test]
    fn names_made_at_the_outermost_level_are_told_from_those_within() {
        let code = "import os.path as p\nfrom math import gcd\nA, B = 1, 2\nif A:\n    def f(x):\n        y = x\nclass C:\n    z = 1\nwith p as q:\n    pass";
        let made: Vec<String> = Facts::of(code).unwrap().makes.into_iter().collect();
        assert_eq!(made, ["A", "B", "C", "f", "gcd", "p", "q"]);
    }

    #[test]
    fn syntax_that_an_interpreter_does_not_know_is_seen() {
        assert!(is_newer_than("type X = int", "3.11.2") && !is_newer_than("type X = int", "3.12.0"));
        assert!(!is_newer_than("return 1", "3.9") && !is_newer_than("x = 1", "unknown"));
    }
}
