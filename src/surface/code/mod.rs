//! Plans as Python: assignments in a function, one variable a quantity.
//!
//! ```python
//! def solution():
//!     boxes = 20
//!     total = boxes * 6
//!     assert total >= 45
//!     return total - 45
//! ```
//! A literal is given, an expression is a step, an `assert` is an invariant and a comment is a subgoal. `return` ends the
//! function and is the step that defines `answer`. Definitions come first, whatever their order in the text ([`order`]).
//! Nothing is ever executed: [`problem::expr`] evaluates plans exactly.

mod grammar;
mod order;
mod read;

use plan::{Item, ItemKind, Plan};
use problem::{
    ANSWER,
    expr::{self, Dialect, Expr, Python},
};

use crate::{
    Inexpressible, KnownPlan, LineSlot, ProblemForm, ReadPlan, ShownLine, ShownPlan, Surface, SurfaceError,
    assemble::assemble,
    words::{Sections, comment},
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub struct Code;

const NAME: &str = "code";
/// What stands before the statements.
const HEAD: &str = "def solution():\n";
const INDENT: &str = "    ";
const RETURN: &str = "return ";

/// Words that Python keeps for itself; none of them names a quantity.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Signs of comparison, those that begin alike with the longer one first: as plans write them, and as Python does.
const SIGNS: [(&str, &str); 7] =
    [("<=", "<="), (">=", ">="), ("!=", "!="), ("==", "=="), ("<", "<"), (">", ">"), ("=", "==")];

impl Surface for Code {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "a Python function: one variable a quantity, assignments, return"
    }

    fn fault(&self, form: ProblemForm<'_>) -> Option<String> {
        let family = &form.problem.family;
        (!computes(form)).then(|| {
            format!(
                "The surface code cannot express plans of the family {family}: its items are no quantities that are \
                 computed from each other."
            )
        })
    }

    fn shown(&self, _: ProblemForm<'_>, plan: &Plan) -> Result<ShownPlan, Inexpressible> {
        let visible = plan.visible();
        let items = visible.items();
        let writer = StatementWriter { items };
        let mut sections = Sections::default();
        let mut lines = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let fail = |why: String| Inexpressible { surface: NAME, item: item.id, why };
            let (text, binds) = writer.statement(item, at + 1 == items.len()).map_err(fail)?;
            let gap = if sections.write(item).map_err(fail)? { "\n" } else { "" };
            let before = format!("{gap}{INDENT}");
            lines.push(ShownLine { item: item.id, before, text, after: "\n".into(), binds });
        }
        Ok(ShownPlan { head: HEAD.into(), lines, tail: String::new(), has_ids: false })
    }

    fn read(
        &self,
        form: ProblemForm<'_>,
        text: &str,
        known: Option<KnownPlan<'_>>,
    ) -> Result<ReadPlan, SurfaceError> {
        let shown = known.and_then(|known| self.shown(form, known.plan).ok());
        let (statements, places) = order::by_definition(read::statements(text)?);
        let place = |at| places.iter().position(|place| *place == at);
        let rewritten = |(at, item)| Some((place(at)?, item));
        let known = known.map(|known| KnownPlan { rewritten: known.rewritten.and_then(rewritten), ..known });
        assemble(form, statements, known, shown.as_ref())
    }

    fn grammar(&self, _: ProblemForm<'_>, max_items: usize) -> String {
        grammar::function(max_items)
    }

    fn line(&self, _: ProblemForm<'_>, shown: &ShownPlan, slot: LineSlot) -> Option<String> {
        grammar::line(shown, slot)
    }

    fn opening(&self) -> &'static str {
        "```python\ndef solution():\n"
    }

    fn stop(&self) -> Vec<String> {
        vec!["```".to_owned()]
    }

    fn instruction(&self, _: ProblemForm<'_>) -> (String, String) {
        (
            "You solve word problems with short Python programs.".to_owned(),
            "Write a Python function solution() that computes the answer: one variable for each quantity, simple \
             assignments, no comments, and return the result."
                .to_owned(),
        )
    }
}

/// Returns whether the family's plans compute quantities from each other.
pub(crate) fn computes(form: ProblemForm<'_>) -> bool {
    form.framing.last.as_ref().is_some_and(|last| last.regex.starts_with(ANSWER))
}

/// Returns the kind of item that says `text`: what has a value as it stands is given, what computes is a step.
pub(crate) fn kind_of(text: &str) -> ItemKind {
    match definition(text) {
        Ok((_, expr)) if !expr.computes() && expr.names().is_empty() => ItemKind::Constraint,
        Ok(_) | Err(_) => ItemKind::Step,
    }
}

/// Writes items as statements.
struct StatementWriter<'a> {
    items: &'a [Item],
}

impl StatementWriter<'_> {
    /// Returns the statement of an item and the name that it defines.
    ///
    /// # Errors
    /// Why there is none, as a clause.
    fn statement(&self, item: &Item, is_last: bool) -> Result<(String, Option<String>), String> {
        match item.id.kind {
            ItemKind::Step => {
                let (name, expr) = definition(&item.text)?;
                let expr = self.named(&expr);
                let ends = is_last && name == ANSWER;
                let begin = if ends { RETURN.to_owned() } else { format!("{name} = ") };
                Ok((format!("{begin}{}", Python(&expr)), Some(name.to_owned())))
            }
            ItemKind::Constraint => Ok(self.given(item).unwrap_or_else(|| (comment(item), None))),
            ItemKind::Invariant => Ok((self.relation(&item.text).unwrap_or_else(|| comment(item)), None)),
            ItemKind::Subgoal | ItemKind::Claim => Ok((comment(item), None)),
            ItemKind::ToolCall => Err("a function of plain arithmetic calls no tools".to_owned()),
        }
    }

    /// `name = number`, which words may follow in a plan.
    fn given(&self, item: &Item) -> Option<(String, Option<String>)> {
        let (name, right) = item.text.split_once('=')?;
        let name = identifier(name).ok()?;
        let (expr, rest) = expr::parse_prefix_in(Dialect::Plan, right).ok()?;
        let words = rest.chars().all(|c| c.is_alphabetic() || " ,.'-_()".contains(c));
        let sentence = !rest.trim().is_empty() && matches!(expr, Expr::Name(_));
        let text = || format!("{name} = {}", Python(&self.named(&expr)));
        (words && !sentence).then(|| (text(), Some(name.to_owned())))
    }

    fn relation(&self, text: &str) -> Option<String> {
        let (sign, python) = SIGNS.into_iter().find(|(sign, _)| text.contains(sign))?;
        let (left, right) = text.split_once(sign)?;
        let side = |text| expr::parse_in(Dialect::Plan, text).ok().map(|expr| self.named(&expr));
        Some(format!("assert {} {python} {}", Python(&side(left)?), Python(&side(right)?)))
    }

    /// Puts the name of a quantity in the place of its item's id.
    fn named(&self, expr: &Expr) -> Expr {
        let defines = |item: &Item, name: &str| definition(&item.text).is_ok_and(|(own, _)| own == name);
        expr.renamed(&|name| {
            let item = self.items.iter().find(|item| item.id.to_string() == name);
            match item.and_then(|item| definition(&item.text).ok()) {
                Some((own, _)) if !self.items.iter().any(|item| defines(item, name)) => own.to_owned(),
                Some(_) | None => name.to_owned(),
            }
        })
    }
}

fn definition(text: &str) -> Result<(&str, Expr), String> {
    let (name, right) = text.split_once('=').ok_or("it has no equals sign")?;
    let expr = expr::parse_in(Dialect::Plan, right).map_err(|error| error.to_string())?;
    Ok((identifier(name)?, expr))
}

/// Returns a name that Python can use.
fn identifier(name: &str) -> Result<&str, String> {
    let name = name.trim();
    if name.is_empty() || expr::name_length(name) != name.len() {
        return Err("the left of the equals sign is not one name".to_owned());
    }
    if KEYWORDS.contains(&name) {
        return Err(format!("{name} is a word that Python keeps for itself"));
    }
    Ok(name)
}
