//! The plan language: one line per item, two spaces of indentation per level.
//!
//! ```text
//! ID[ {marks}][ <- DEP DEP…]: text
//! ```
//!
//! It is what a model reads and writes (without marks), what a person edits (with them), and what a diff
//! shows. [`super::parse()`] reads it; `parse(&print(plan, Style::Full)) == plan` for every plan. [`super::grammar`] writes the same
//! language down for constrained decoding, from the constants here.
//!
//! ```
//! use planscope_plan::{Style, parse, print};
//!
//! let text = "C1: rolls = 5\nC2 {pinned}: eaten = 3\nS1 <- C1 C2: left = rolls - eaten";
//! let plan = parse(text)?;
//! assert_eq!(print(&plan, Style::Full), text);
//! assert_eq!(print(&plan, Style::Bare).lines().nth(1), Some("C2: eaten = 3"), "a model sees no marks");
//!
//! let errors = parse("S1 <- C9: left = rolls - eaten").unwrap_err();
//! assert!(errors.to_string().contains("C9"), "{errors}");
//! # Ok::<(), planscope_plan::ParseErrors>(())
//! ```

use std::fmt::Write as _;

use super::{
    item::{Item, ItemId, Origin},
    tree::Plan,
};

/// One level of nesting.
pub const INDENT: &str = "  ";
/// Stands between an item and what it depends on.
pub const ARROW: &str = "<-";
/// Stands between an item's head and its text.
pub const COLON: &str = ":";
/// How an empty list of dependencies is written where a list stands alone.
pub(crate) const NO_DEPS: &str = "none";
pub(super) const PINNED: &str = "pinned";
pub(super) const MUTED: &str = "muted";

/// How much of a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// What a model sees: no marks, no muted items (see [`Plan::visible`]).
    Bare,
    /// Everything, with marks such as `{pinned, human}`.
    Full,
}

/// Returns the plan in the plan language, lines joined by newlines, none at the end.
pub fn print(plan: &Plan, style: Style) -> String {
    let shown = match style {
        Style::Bare => plan.visible(),
        Style::Full => std::borrow::Cow::Borrowed(plan),
    };
    let mut out = String::with_capacity(shown.len() * 32);
    for (index, item) in shown.items().iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        push_item(&mut out, item, style);
    }
    out
}

/// Returns the item's line, indented, whether muted or not.
pub fn print_item(item: &Item, style: Style) -> String {
    let mut out = String::new();
    push_item(&mut out, item, style);
    out
}

fn push_item(out: &mut String, item: &Item, style: Style) {
    for _ in 0..item.depth {
        out.push_str(INDENT);
    }
    push_id(out, item.id);
    let marks = [
        item.pinned.then_some(PINNED),
        item.muted.then_some(MUTED),
        (item.origin != Origin::default()).then(|| item.origin.name()),
    ];
    if style == Style::Full && marks.iter().any(Option::is_some) {
        out.push_str(" {");
        for (index, mark) in marks.into_iter().flatten().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            out.push_str(mark);
        }
        out.push('}');
    }
    if !item.deps.is_empty() {
        out.push(' ');
        out.push_str(ARROW);
        for dep in &item.deps {
            out.push(' ');
            push_id(out, *dep);
        }
    }
    out.push_str(COLON);
    out.push(' ');
    out.push_str(&item.text);
}

fn push_id(out: &mut String, id: ItemId) {
    // Writing into a string cannot fail.
    let _ = write!(out, "{id}");
}
