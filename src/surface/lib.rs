//! Surfaces: the forms in which a model reads and writes plans.
//!
//! The plan language of [`plan`] is for files, diffs, hand edits and citations. What a model writes best is another
//! matter: a program, bare lines, JSON. A [`Surface`] shows a plan in such a form, says by a grammar what may be written,
//! and reads it back. Ids, kinds and dependencies are no part of it where they follow from what is written: a literal is
//! given, an expression is a step, and a step builds on the items whose names it uses ([`problem::Family::links`]).
//!
//! A new surface is one file and one line in [`REGISTRY`].

mod assemble;
mod code;
mod error;
mod items;
mod json;
mod lines;
mod shown;
mod words;

use plan::{IdSource, ItemId, Plan};
use problem::{Framing, Problem};

pub use code::Code;
pub use error::{Inexpressible, SurfaceError};
pub use items::{Items, draft_grammar, is_item};
pub use json::Json;
pub use lines::BareLines;
pub use shown::{ShownLine, ShownPlan};

/// What a surface needs to know of a problem.
#[derive(Debug, Clone, Copy)]
pub struct ProblemForm<'a> {
    /// The public view of the problem.
    pub problem: &'a Problem,
    /// What its family says of plans.
    pub framing: &'a Framing,
}

/// A plan that a text is another version of: its items keep their ids.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct KnownPlan<'a> {
    pub plan: &'a Plan,
    /// The ids that were ever used.
    pub ids: &'a IdSource,
    /// The line of the text, counted among items from 0, that is the new text of an item, whatever it says.
    pub rewritten: Option<(usize, ItemId)>,
}

/// The place of a statement that is to be written, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineSlot {
    /// A new one before the one that is there.
    New(usize),
    /// That of a statement which is written again, and may come out as it was.
    Again(usize),
    /// That of a statement which must not come out as it was.
    Other(usize),
}

impl LineSlot {
    /// Returns the place.
    pub const fn at(self) -> usize {
        match self {
            Self::New(at) | Self::Again(at) | Self::Other(at) => at,
        }
    }

    /// Returns the statement that is there now, where it is written again.
    fn old(self, shown: &ShownPlan) -> Option<&ShownLine> {
        match self {
            Self::New(_) => None,
            Self::Again(at) | Self::Other(at) => shown.lines.get(at),
        }
    }

    /// Returns whether it is that of the last statement.
    fn closes(self, shown: &ShownPlan) -> bool {
        self.old(shown).is_some() && self.at() + 1 == shown.lines.len()
    }

    /// Returns what is taken off a terminal so that the statement does not come out as it was.
    fn otherwise(self, shown: &ShownPlan) -> String {
        match self {
            Self::Other(at) => {
                shown.lines.get(at).map_or_else(String::new, |line| format!(" & ~/{}/", escaped(&line.text)))
            }
            Self::New(_) | Self::Again(_) => String::new(),
        }
    }
}

/// Escapes a text for a regular expression between slashes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What was read of a text.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ReadPlan {
    pub plan: Plan,
    /// Its items and the lines of the text at which they stand, counted from 1.
    pub lines: Vec<(ItemId, usize)>,
}

/// One form in which a model reads and writes plans.
pub trait Surface: Sync {
    /// Returns its name in settings.
    fn name(&self) -> &'static str;

    /// Returns one line for tables and help.
    fn doc(&self) -> &'static str;

    /// Returns why it cannot express the plans of the problem's family, as a sentence; `None` where it can.
    fn fault(&self, form: ProblemForm<'_>) -> Option<String>;

    /// Returns whether its lines have ids, so that a model names items by them and not by the number of a line.
    fn has_ids(&self) -> bool {
        false
    }

    /// Shows a plan without its muted items.
    ///
    /// # Errors
    /// The first item that it cannot express, and why.
    fn shown(&self, form: ProblemForm<'_>, plan: &Plan) -> Result<ShownPlan, Inexpressible>;

    /// Reads a plan; words around it and the marks of a block of code are passed over.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column.
    fn read(
        &self,
        form: ProblemForm<'_>,
        text: &str,
        known: Option<KnownPlan<'_>>,
    ) -> Result<ReadPlan, SurfaceError>;

    /// Returns the grammar of a first plan of at most `max_items` items, which follows [`Surface::opening`].
    fn grammar(&self, form: ProblemForm<'_>, max_items: usize) -> String;

    /// Returns the terminal, in llguidance's dialect of Lark, of one statement among those of `shown`, which can build on
    /// what stands above. `None` where none can be written.
    fn line(&self, form: ProblemForm<'_>, shown: &ShownPlan, slot: LineSlot) -> Option<String>;

    /// Returns how a reply with a plan begins, up to the first item; the model continues from there.
    fn opening(&self) -> &'static str;

    /// Returns where such a reply ends.
    fn stop(&self) -> Vec<String>;

    /// Returns the system text and the instruction under which a first plan is written.
    fn instruction(&self, form: ProblemForm<'_>) -> (String, String);
}

impl std::fmt::Debug for dyn Surface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// All surfaces.
pub const REGISTRY: &[&dyn Surface] = &[&Items, &Code, &BareLines, &Json];

/// Returns the surface called `name`.
pub fn find(name: &str) -> Option<&'static dyn Surface> {
    REGISTRY.iter().copied().find(|surface| surface.name() == name)
}

#[cfg(test)]
mod tests;
