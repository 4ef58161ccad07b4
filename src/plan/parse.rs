//! Reads the plan language (see [`super::text`]).

use std::collections::{HashMap, HashSet};

use super::{
    item::{InvalidItemId, Item, ItemId, Origin},
    parse_error::{ParseError, ParseErrors, ParseProblem, SHOWN_ERRORS},
    text::{ARROW, COLON, INDENT, MUTED, NO_DEPS, PINNED},
    tree::{Plan, PlanError},
};

/// Reads a plan. Blank lines, trailing space, CRLF, a byte order mark and commas between dependencies are
/// tolerated, and a dependency named twice counts once. The empty text is the empty plan.
///
/// # Errors
/// At most one error a line, and then those between lines; at most twenty are listed.
pub fn parse(text: &str) -> Result<Plan, ParseErrors> {
    let mut reader = PlanReader::default();
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').enumerate() {
        reader.line(index + 1, line.trim_end());
    }
    reader.finish()
}

/// Reads one line alone; whether its dependencies exist is not checked.
///
/// # Errors
/// The first problem, on line 1.
pub fn parse_item(line: &str) -> Result<Item, ParseError> {
    let line = line.trim_end();
    LineCursor::new(line).item().map_err(|failure| failure.at(1, line))
}

/// Reads a list of dependencies standing alone, such as `S1 C2` or `none`.
///
/// # Errors
/// The first word that is no id.
pub fn parse_deps(text: &str) -> Result<Vec<ItemId>, InvalidItemId> {
    if text.trim() == NO_DEPS {
        return Ok(Vec::new());
    }
    let mut deps = Deps::default();
    for word in text.split(is_gap).filter(|word| !word.is_empty()) {
        deps.push(word.parse()?);
    }
    Ok(deps.list)
}

fn is_gap(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// A list without repeats; long lists remember what they hold, so that a hostile line stays cheap.
#[derive(Default)]
struct Deps {
    list: Vec<ItemId>,
    seen: HashSet<ItemId>,
}

impl Deps {
    fn push(&mut self, id: ItemId) {
        if self.list.len() < 16 {
            if !self.list.contains(&id) {
                self.list.push(id);
            }
            return;
        }
        if self.seen.is_empty() {
            self.seen.extend(self.list.iter().copied());
        }
        if self.seen.insert(id) {
            self.list.push(id);
        }
    }
}

/// The lines read so far.
#[derive(Default)]
struct PlanReader<'a> {
    items: Vec<Item>,
    /// Of each item: the line's number and text.
    lines: Vec<(usize, &'a str)>,
    /// Ids seen, also on lines that are otherwise broken, so that one mistake is reported once.
    first_line: HashMap<ItemId, usize>,
    /// How deep the next line may be.
    room: u8,
    found: ParseErrors,
}

impl<'a> PlanReader<'a> {
    fn report(&mut self, error: ParseError) {
        if self.found.errors.len() < SHOWN_ERRORS {
            self.found.errors.push(error);
        } else {
            self.found.omitted += 1;
        }
    }

    fn line(&mut self, number: usize, line: &'a str) {
        if line.is_empty() {
            return;
        }
        let mut item = match LineCursor::new(line).item() {
            Ok(item) => item,
            Err(failure) => {
                if let Some(id) = failure.id {
                    self.first_line.entry(id).or_insert(number);
                }
                self.report(failure.at(number, line));
                // Whatever its depth was, the next line is not to be blamed.
                self.room = u8::MAX;
                return;
            }
        };
        let start = usize::from(item.depth) * INDENT.len() + 1;
        if item.depth > self.room {
            self.report(ParseError { line: number, column: start, problem: ParseProblem::DepthJump });
            item.depth = self.room;
        }
        self.room = item.depth.saturating_add(1);
        if let Some(&first) = self.first_line.get(&item.id) {
            let problem = ParseProblem::RepeatedId { id: item.id, first };
            self.report(ParseError { line: number, column: start, problem });
            return;
        }
        self.first_line.insert(item.id, number);
        self.items.push(item);
        self.lines.push((number, line));
    }

    fn finish(mut self) -> Result<Plan, ParseErrors> {
        self.check_dependencies();
        if !self.found.errors.is_empty() {
            self.repair();
        }
        let ids: Vec<ItemId> = self.items.iter().map(|item| item.id).collect();
        let result = Plan::new(std::mem::take(&mut self.items));
        if let Err(error) = &result {
            let at = match error {
                PlanError::Cycle(cycle) => cycle.first().and_then(|id| ids.iter().position(|i| i == id)),
                PlanError::RepeatedId(id)
                | PlanError::BadId(id)
                | PlanError::DepthJump(id)
                | PlanError::BadText(id)
                | PlanError::UnknownDependency { item: id, .. }
                | PlanError::RepeatedDependency { item: id, .. } => ids.iter().position(|i| i == id),
            };
            let (line, text) = at.map_or((1, ""), |at| self.lines[at]);
            let column = text.len() - text.trim_start().len() + 1;
            self.report(ParseError { line, column, problem: error.clone().into() });
        }
        if self.found.errors.is_empty() {
            return result.map_err(|_| self.found);
        }
        self.found.errors.sort_by_key(|error| (error.line, error.column));
        Err(self.found)
    }

    fn check_dependencies(&mut self) {
        let mut errors = Vec::new();
        for (item, &(line, text)) in self.items.iter().zip(&self.lines) {
            for &missing in item.deps.iter().filter(|dep| !self.first_line.contains_key(dep)) {
                let problem = ParseProblem::UnknownDependency { item: item.id, missing };
                errors.push(ParseError { line, column: dep_column(text, missing), problem });
                if errors.len() > SHOWN_ERRORS {
                    // Only counted from here on, since finding columns in one long line is quadratic.
                    break;
                }
            }
        }
        errors.into_iter().for_each(|error| self.report(error));
    }

    /// Leaves a plan that is sound but for cycles, so that these too can be reported.
    fn repair(&mut self) {
        let present: HashSet<ItemId> = self.items.iter().map(|item| item.id).collect();
        let mut room = 0;
        for item in &mut self.items {
            item.deps.retain(|dep| present.contains(dep));
            item.depth = item.depth.min(room);
            room = item.depth.saturating_add(1);
        }
    }
}

fn dep_column(line: &str, dep: ItemId) -> usize {
    let after = line.find(ARROW).map_or(0, |at| at + ARROW.len());
    let name = dep.to_string();
    let mut at = after;
    for word in line[after..].split(|c| is_gap(c) || COLON.starts_with(c)) {
        if word == name {
            break;
        }
        // Every gap that is found here may be longer than a byte.
        at += word.len();
        at += line[at..].chars().next().map_or(0, char::len_utf8);
    }
    column(line, at)
}

fn column(line: &str, at: usize) -> usize {
    line.get(..at).unwrap_or(line).chars().count() + 1
}

/// A problem at a byte of the line, with the line's id where that was read.
struct ParseFailure {
    byte: usize,
    id: Option<ItemId>,
    problem: ParseProblem,
}

impl ParseFailure {
    fn at(self, number: usize, line: &str) -> ParseError {
        ParseError { line: number, column: column(line, self.byte), problem: self.problem }
    }
}

/// Reads one line from left to right.
struct LineCursor<'a> {
    line: &'a str,
    at: usize,
    id: Option<ItemId>,
}

impl<'a> LineCursor<'a> {
    const fn new(line: &'a str) -> Self {
        Self { line, at: 0, id: None }
    }

    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    fn fail<T>(&self, byte: usize, problem: impl Into<ParseProblem>) -> Result<T, ParseFailure> {
        Err(ParseFailure { byte, id: self.id, problem: problem.into() })
    }

    fn skip(&mut self, gap: impl Fn(char) -> bool) {
        self.at = self.line.len() - self.rest().trim_start_matches(gap).len();
    }

    fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        self.at += if found { what.len() } else { 0 };
        found
    }

    /// Takes what stands before the next gap or sign.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| is_gap(c) || matches!(c, '{' | '<' | ':')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn item(&mut self) -> Result<Item, ParseFailure> {
        let depth = self.indent()?;
        let start = self.at;
        let id: ItemId = match self.word().parse() {
            Ok(id) => id,
            Err(error) => return self.fail(start, error),
        };
        self.id = Some(id);
        let mut item = Item { depth, ..Item::new(id, "") };
        self.skip(char::is_whitespace);
        if self.eat("{") {
            self.marks(&mut item)?;
        }
        self.skip(char::is_whitespace);
        if self.eat(ARROW) {
            item.deps = self.deps()?;
        }
        self.skip(char::is_whitespace);
        if !self.eat(COLON) {
            return self.fail(self.at, ParseProblem::MissingColon);
        }
        self.skip(char::is_whitespace);
        if self.rest().is_empty() {
            return self.fail(self.at, ParseProblem::EmptyText);
        }
        if let Some((byte, found)) = self.rest().char_indices().find(|(_, c)| c.is_control()) {
            return self.fail(self.at + byte, ParseProblem::ControlCharacter(found));
        }
        item.text = self.rest().trim_end().to_owned();
        Ok(item)
    }

    fn indent(&mut self) -> Result<u8, ParseFailure> {
        self.skip(|c| c == ' ');
        if self.rest().starts_with('\t') {
            return self.fail(self.at, ParseProblem::Tab);
        }
        if !self.at.is_multiple_of(INDENT.len()) {
            return self.fail(0, ParseProblem::OddIndent(self.at));
        }
        let levels = self.at / INDENT.len();
        u8::try_from(levels).or_else(|_| self.fail(0, ParseProblem::TooDeep(levels)))
    }

    fn marks(&mut self, item: &mut Item) -> Result<(), ParseFailure> {
        let start = self.at;
        let Some(end) = self.rest().find('}') else {
            return self.fail(start - 1, ParseProblem::UnclosedMarks);
        };
        for mark in self.rest()[..end].split(',') {
            let name = mark.trim();
            match name {
                PINNED => item.pinned = true,
                MUTED => item.muted = true,
                "" => {}
                _ => match Origin::ALL.iter().copied().find(|origin| origin.name() == name) {
                    Some(origin) => item.origin = origin,
                    None => return self.fail(self.at, ParseProblem::UnknownMark(name.to_owned())),
                },
            }
        }
        self.at = start + end + 1;
        Ok(())
    }

    fn deps(&mut self) -> Result<Vec<ItemId>, ParseFailure> {
        let mut deps = Deps::default();
        loop {
            self.skip(is_gap);
            let start = self.at;
            match self.word() {
                "" => break,
                word => match word.parse() {
                    Ok(id) => deps.push(id),
                    Err(error) => return self.fail(start, error),
                },
            }
        }
        if deps.list.is_empty() { self.fail(self.at, ParseProblem::NoDependencies) } else { Ok(deps.list) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Style, print};

    const EXAMPLE: &str = "G1: money earned from the remaining pens
  C1: 20 boxes hold 6 pens each
  C2: 45 pens are already sold
  S1 {pinned, human} <- C1: total = 20 * 6
  S2 {muted} <- S1 C2: remaining = total - 45
    T1 <- S2 C1: calc(remaining * 3)
I1: remaining is never negative";

    fn problems(text: &str) -> Vec<(usize, usize, ParseProblem)> {
        let found = parse(text).expect_err("an error");
        found.errors.into_iter().map(|error| (error.line, error.column, error.problem)).collect()
    }

    fn id(name: &str) -> ItemId {
        name.parse().expect("an id")
    }

    #[test]
    fn full_print_is_what_was_parsed() {
        let plan = parse(EXAMPLE).expect("a plan");
        assert_eq!(print(&plan, Style::Full), EXAMPLE);
        assert_eq!(plan.items()[3].origin, Origin::Human);
    }

    #[test]
    fn bare_print_leaves_muted_items_out_and_lifts_what_is_below() {
        let bare = print(&parse(EXAMPLE).expect("a plan"), Style::Bare);
        assert!(!bare.contains("S2") && !bare.contains('{'));
        assert!(bare.contains("\n  T1 <- C1: calc(remaining * 3)\n"));
        assert!(parse(&bare).is_ok());
    }

    #[test]
    fn loose_writing_is_tolerated() {
        let plan = parse("\u{feff}\r\nS1 : a: b \r\n\r\n  S2 { pinned,} <-S1, S1:c\r\n").expect("a plan");
        assert_eq!(print(&plan, Style::Full), "S1: a: b\n  S2 {pinned} <- S1: c");
        assert_eq!(parse(" \n\r\n").expect("a plan").len(), 0);
    }

    #[test]
    fn all_errors_are_reported_with_their_place() {
        use ParseProblem as P;
        let text = "  S1: a\n\tS2: b\n   S3: c\nfoo: d\nS4 e\nS5:\nS6 {nice}: f\nS7 {muted: g\nS8 <- : h\nS1: i\nS9 <- C1 S10: é\u{7}\nS11 <- S4 C9: j";
        assert_eq!(
            problems(text),
            [
                (1, 3, P::DepthJump),
                (2, 1, P::Tab),
                (3, 1, P::OddIndent(3)),
                (4, 1, P::BadId("foo".parse::<ItemId>().expect_err("no id"))),
                (5, 4, P::MissingColon),
                (6, 4, P::EmptyText),
                (7, 5, P::UnknownMark("nice".into())),
                (8, 4, P::UnclosedMarks),
                (9, 7, P::NoDependencies),
                (10, 1, P::RepeatedId { id: id("S1"), first: 1 }),
                (11, 16, P::ControlCharacter('\u{7}')),
                (12, 11, P::UnknownDependency { item: id("S11"), missing: id("C9") }),
            ]
        );
    }

    #[test]
    fn a_cycle_is_named_at_its_line_also_beside_other_errors() {
        let fault = |cycle: &[&str]| {
            ParseProblem::Plan(PlanError::Cycle(cycle.iter().map(|name| id(name)).collect()))
        };
        assert_eq!(problems("C1: a\nS1 <- S2: b\nS2 <- S1: c"), [(2, 1, fault(&["S1", "S2"]))]);
        let both = problems("S1 <- S1 C7: b\nS3: d\n  oops");
        assert_eq!(both[0], (1, 1, fault(&["S1"])));
        assert_eq!(both.len(), 3);
    }

    #[test]
    fn hostile_text_is_refused_in_bounds() {
        let found = parse(&"nonsense\n".repeat(100_000)).expect_err("errors");
        assert_eq!((found.errors.len(), found.omitted), (SHOWN_ERRORS, 100_000 - SHOWN_ERRORS));
        let deep = format!("S1: a\n{}S2: b", INDENT.repeat(300));
        assert_eq!(problems(&deep), [(2, 1, ParseProblem::TooDeep(300))]);
        let long = format!("S1 <- {}: a", "S2 ".repeat(100_000));
        assert_eq!(problems(&long).len(), 1);
        let many: String = (2..50_000).map(|n| format!(" C{n}")).collect();
        assert_eq!(problems(&format!("S1 <-{many}: a")).len(), SHOWN_ERRORS);
    }

    #[test]
    fn lists_and_lines_can_stand_alone() {
        assert_eq!(parse_deps(" S1, C2 S1\n"), Ok(vec![id("S1"), id("C2")]));
        assert_eq!(parse_deps("none"), Ok(Vec::new()));
        assert!(parse_deps("S1 and C2").is_err());
        assert_eq!(parse_item("  S3 <- C1: do\n").expect("an item").deps, [id("C1")]);
        assert_eq!(parse_item("S3 do").expect_err("no colon").column, 4);
    }
}
