//! Edits of plans whose lines have numbers and no ids: the forms of surfaces other than the plan language.
//!
//! ```text
//! replace 3: left = total - 45
//! insert after 2: rest = total - left
//! remove 4
//! move 3 after 1
//! ```
//!
//! An edit changes the text that the model sees; the changed text is read as a plan, in which lines that stay keep their
//! ids, and what lies between the two plans is the edit. So what builds on what follows from the texts again.

use std::fmt::Write as _;

use super::{Case, edit_to, form::EditKind, free};
use plan::{Edit, ItemId};
use surface::{KnownPlan, LineSlot, ShownPlan};

/// Returns whether edits of this kind have a form here. What a line builds on follows from what it says, and that it says
/// the same more exactly is a replacement.
const fn has_form(kind: EditKind) -> bool {
    match kind {
        EditKind::Replace | EditKind::Insert | EditKind::Remove | EditKind::Reorder => true,
        EditKind::Tighten | EditKind::Depend => false,
    }
}

/// Returns the grammar of what follows [`EditKind::begin`]; `None` where an edit of this kind could do nothing.
pub(super) fn grammar(kind: EditKind, case: &Case<'_>) -> Option<String> {
    let shown = case.prompter.shown(case.plan).ok().filter(|_| has_form(kind))?;
    let lines = NumberedLines::new(case, &shown);
    let mut terminals = String::new();
    let starts: Vec<String> = match kind {
        EditKind::Replace => {
            let slots = lines.free().map(|at| (at + 1, LineSlot::Other(at)));
            lines.written(slots, &mut terminals)
        }
        EditKind::Insert if shown.lines.len() < 2 * case.framing.max_items => {
            let slots = (0..lines.inner()).map(|at| (at + 1, LineSlot::New(at + 1)));
            lines.written(slots, &mut terminals)
        }
        EditKind::Remove => lines.movable().map(|at| format!("\"{}\"", at + 1)).collect(),
        EditKind::Reorder => lines.movable().filter_map(|at| lines.moves(at)).collect(),
        EditKind::Insert | EditKind::Tighten | EditKind::Depend => Vec::new(),
    };
    (!starts.is_empty()).then(|| format!("start: \" \" ({})\n{terminals}", starts.join(" | ")))
}

/// Returns the grammar of one line again with its number, after at most `new` lines that supply what it lacks; `None` where
/// it may not be changed.
pub(super) fn grammar_of_repair(case: &Case<'_>, item: ItemId, new: usize) -> Option<String> {
    let shown = case.prompter.shown(case.plan).ok()?;
    let at = shown.number(item)?.checked_sub(1)?;
    NumberedLines::new(case, &shown).free().find(|free| *free == at)?;
    let (surface, form) = (case.prompter.surface(), case.prompter.form());
    let line = surface.line(form, &shown, LineSlot::Other(at))?;
    let number = at + 1;
    if new == 0 {
        return Some(format!("start: \"{number}: \" LINE\nLINE: {line}\n"));
    }
    let first = surface.line(form, &shown, LineSlot::New(at))?;
    let supplied = shown.supplied(at);
    let later = surface.line(form, &supplied, LineSlot::New(at + 1))?;
    let last = surface.line(form, &supplied, LineSlot::Other(at + 1))?;
    let more = if new > 1 { format!("(\"new: \" LATER \"\\n\"){{0,{}}}", new - 1) } else { String::new() };
    Some(format!(
        "start: \"{number}: \" LINE | \"new: \" FIRST \"\\n\" {more} \"{number}: \" LAST\n\
         LINE: {line}\nFIRST: {first}\nLATER: {later}\nLAST: {last}\n"
    ))
}

/// Returns the grammar of some lines again, each with its number; they may come out as they were.
pub(super) fn grammar_of_lines(case: &Case<'_>, items: &[ItemId]) -> Option<String> {
    let shown = case.prompter.shown(case.plan).ok()?;
    let mut terminals = String::new();
    let mut starts = Vec::new();
    for item in items {
        let at = shown.number(*item)?.checked_sub(1)?;
        let line = case.prompter.surface().line(case.prompter.form(), &shown, LineSlot::Again(at))?;
        let _ = writeln!(terminals, "LINE_{at}: {line}");
        starts.push(format!("\"{}: \" LINE_{at}", at + 1));
    }
    (!starts.is_empty()).then(|| format!("start: {}\n{terminals}", starts.join(" \"\\n\" ")))
}

/// The lines of a plan, and which of them may be changed.
struct NumberedLines<'a> {
    case: &'a Case<'a>,
    shown: &'a ShownPlan,
    free: Vec<ItemId>,
}

impl<'a> NumberedLines<'a> {
    fn new(case: &'a Case<'a>, shown: &'a ShownPlan) -> Self {
        Self { case, shown, free: free(case.plan) }
    }

    /// How many lines stand before the one that the family wants at the end.
    fn inner(&self) -> usize {
        self.shown.lines.len() - usize::from(self.case.framing.last.is_some() && !self.shown.lines.is_empty())
    }

    fn free(&self) -> impl Iterator<Item = usize> {
        (0..self.shown.lines.len()).filter(|at| self.free.contains(&self.shown.lines[*at].item))
    }

    /// NumberedLines that may go or be moved.
    fn movable(&self) -> impl Iterator<Item = usize> {
        self.free().filter(|at| *at < self.inner())
    }

    fn moves(&self, from: usize) -> Option<String> {
        let elsewhere = |anchor: &usize| *anchor != from && *anchor + 1 != from;
        let anchors: Vec<String> =
            (0..self.inner()).filter(elsewhere).map(|anchor| format!("\"{}\"", anchor + 1)).collect();
        (!anchors.is_empty()).then(|| format!("\"{}\" \" after \" ({})", from + 1, anchors.join(" | ")))
    }

    /// One alternative a place: its number and the line that is written there.
    fn written(&self, slots: impl Iterator<Item = (usize, LineSlot)>, terminals: &mut String) -> Vec<String> {
        let (surface, form) = (self.case.prompter.surface(), self.case.prompter.form());
        let mut starts = Vec::new();
        for (number, slot) in slots {
            if let Some(line) = surface.line(form, self.shown, slot) {
                let _ = writeln!(terminals, "LINE_{number}: {line}");
                starts.push(format!("\"{number}: \" LINE_{number}"));
            }
        }
        starts
    }
}

/// Reads an edit in one of the forms.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn parse(line: &str, case: &Case<'_>) -> Result<Edit, String> {
    let (verb, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let unknown = || format!("\"{verb}\" is no edit; write replace, insert, remove or move.");
    let kind = EditKind::ALL
        .iter()
        .copied()
        .filter(|kind| has_form(*kind))
        .find(|kind| kind.begin().split(' ').next() == Some(verb))
        .ok_or_else(unknown)?;
    let shown = shown(case)?;
    let rest = rest.trim();
    match kind {
        EditKind::Replace => {
            let (number, text) = rest.split_once(':').ok_or("Write replace NUMBER: the line.")?;
            again(case, &[(place(number, &shown)?, text.trim())])
        }
        EditKind::Insert => {
            let said = rest.strip_prefix("after ").and_then(|rest| rest.split_once(':'));
            let (number, text) = said.ok_or("Write insert after NUMBER: the new line.")?;
            let at = place(number, &shown)?;
            read(case, &shown.inserted(at, text.trim()), None)
        }
        EditKind::Reorder => {
            let (from, anchor) = rest.split_once(" after ").ok_or("Write move NUMBER after NUMBER.")?;
            let (from, anchor) = (place(from, &shown)?, place(anchor, &shown)?);
            read(case, &shown.moved(from, anchor), None)
        }
        EditKind::Remove => {
            let at = place(rest, &shown)?;
            read(case, &shown.removed(at), None)
        }
        EditKind::Tighten | EditKind::Depend => Err(unknown()),
    }
}

/// Returns the edit that writes lines again, given by their places, counted from 0.
///
/// # Errors
/// A sentence that says what is wrong with them.
fn again(case: &Case<'_>, lines: &[(usize, &str)]) -> Result<Edit, String> {
    let mut shown = shown(case)?;
    for (at, text) in lines {
        shown = shown.replaced(*at, text);
    }
    let rewritten = match lines {
        [(at, _)] => shown.lines.get(*at).map(|line| (*at, line.item)),
        _ => None,
    };
    read(case, &shown, rewritten)
}

/// Reads a line again, with new lines before it perhaps. Where no grammar holds the model, words may stand around them.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub(super) fn repaired(case: &Case<'_>, reply: &str) -> Result<Edit, String> {
    let shown = shown(case)?;
    let mut new: Vec<&str> = Vec::new();
    for (head, text) in reply.lines().filter_map(|line| line.trim().split_once(':')) {
        if head == "new" {
            new.push(text.trim());
            continue;
        }
        let Ok(at) = place(head, &shown) else { continue };
        let item = shown.lines[at].item;
        let mut changed = shown.replaced(at, text.trim());
        for line in new.iter().rev() {
            changed = changed.preceded(at, line);
        }
        return read(case, &changed, Some((at + new.len(), item)));
    }
    Err("The reply has no line of the plan.".into())
}

/// Reads whole lines with their numbers, one after the other.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub(super) fn lines(case: &Case<'_>, reply: &str) -> Result<Edit, String> {
    let shown = shown(case)?;
    let mut lines = Vec::new();
    for line in reply.lines().filter(|line| !line.trim().is_empty()) {
        let (number, text) = line.split_once(':').ok_or("A line begins with its number and a colon.")?;
        lines.push((place(number, &shown)?, text.trim()));
    }
    again(case, &lines)
}

fn shown(case: &Case<'_>) -> Result<ShownPlan, String> {
    case.prompter.shown(case.plan).map_err(|error| format!("The plan cannot be shown: {error}."))
}

fn place(number: &str, shown: &ShownPlan) -> Result<usize, String> {
    let known = number.trim().parse::<usize>().ok().filter(|number| shown.item(*number).is_some());
    let known = known.and_then(|number| number.checked_sub(1));
    known.ok_or_else(|| format!("There is no line {}; the plan has {}.", number.trim(), shown.lines.len()))
}

/// Reads the changed text as a plan, and returns what changed.
fn read(case: &Case<'_>, shown: &ShownPlan, rewritten: Option<(usize, ItemId)>) -> Result<Edit, String> {
    let known = KnownPlan { plan: case.plan, ids: &case.state.ids, rewritten };
    let read = case.prompter.surface().read(case.prompter.form(), &shown.text(), Some(known));
    let read = read.map_err(|error| format!("This is not a valid plan line: {}.", error.message))?;
    Ok(edit_to(case, read.plan))
}
