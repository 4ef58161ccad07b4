//! The model rewrites the one line that the checker faults, and writes before it what the line lacks.
//!
//! ```text
//! T6: find_product(name="teapot")
//! T3 <- T1 T6: find_order(customer=T1.id, product=T6.id)
//! ```
//! Where every fault is one of the whole plan, such as a goal that it does not reach, the model adds a line, or takes one out
//! where there are too many.

use super::{Ask, Case, Draw, EditKind, How, Proposer, ProposerDoc, Written, edit, free, grammar, numbered};
use crate::seed;
use plan::{Edit, IdSource, Item, ItemId, ItemKind, parse_item};
use problem::Framing;
use session::{CheckFinding, Severity};

/// The proposer's name, and the kind of its proposals that rewrite a line.
const NAME: &str = "repair";
/// The checks of how long a plan may be.
const LIMITS: &str = "limits";
/// Room for a line, in tokens.
const TOKENS: u32 = 96;
/// New lines before the repaired one, at most. \[our own\]
const NEW: u32 = 2;

/// The proposer.
pub struct Repair;

impl Proposer for Repair {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: NAME,
            doc: "the model rewrites one line that the checker faults, errors before warnings; where the line may lack \
                  something, new lines that supply it come before; where the whole plan is at fault, it adds a line",
            cost: "one to three lines written",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let faults = faults(case);
        let Some(&(fault, item)) = faults.get(place(case, draw, faults.len())) else {
            return of_whole_plan(case, draw);
        };
        let new = new_lines(case.framing, &case.state.ids, fault, item);
        let first: Vec<ItemId> = new.iter().filter_map(|ids| ids.first().copied()).collect();
        let (prompt, grammar) = if case.prompter.surface().has_ids() {
            let grammar = grammar::grammar_of_repair(case.framing, case.plan, item, &new)?;
            (
                case.prompter.repair(case.plan, &case.state.proposals.rejected, &fault.message, item, &first),
                grammar,
            )
        } else {
            let (rejected, lacks) = (&case.state.proposals.rejected, !new.is_empty());
            let prompt = case.prompter.repair_line(case.plan, rejected, &fault.message, item, lacks)?;
            (prompt, numbered::grammar_of_repair(case, item, new.len())?)
        };
        let lines = u32::try_from(1 + new.len()).unwrap_or(1);
        let (max_tokens, stop) = (TOKENS * lines, vec!["\n\n".into()]);
        let written = Written { critique: None, prompt, grammar, max_tokens, stop };
        Some(Ask::new(NAME, NAME, draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        if ask.kind != NAME {
            return edit::read_line(case, ask, reply);
        }
        if !case.prompter.surface().has_ids() {
            return numbered::repaired(case, reply);
        }
        let mut new = Vec::new();
        // Where no grammar holds the model, words may stand around the lines.
        for line in reply.lines().map(str::trim).filter(|line| surface::is_item(line)) {
            let line = parse_item(line).map_err(|error| error.to_string())?;
            if case.plan.get(line.id).is_some() {
                return repaired(case, new, line);
            }
            new.push(line);
        }
        Err("The reply has no line of the plan.".into())
    }
}

/// Returns which of `count` faults a proposal repairs: the first one of an iteration is drawn, and each other takes the
/// one after it, so that no fault is repaired twice before all were.
fn place(case: &Case<'_>, draw: Draw, count: usize) -> usize {
    let share = seed::draw(case.state.settings.seed, "fault", case.state.iteration, 0);
    let first = (share * count as f64) as usize;
    (first + draw.index as usize) % count.max(1)
}

/// The worst findings, the errors or the warnings where there is no error, each with an item that may be changed: the
/// one that it is about, or another that it names. Which of two items that are at odds is wrong, a checker cannot know.
/// None where the only errors are those of the whole plan.
fn faults<'a>(case: &Case<'a>) -> Vec<(&'a CheckFinding, ItemId)> {
    let free = free(case.plan);
    let findings = case.check.map_or(&[][..], |check| &check.findings);
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Warning);
    findings
        .iter()
        .filter(|finding| finding.severity == worst)
        .flat_map(|finding| involved(finding).into_iter().map(move |item| (finding, item)))
        .filter(|(_, item)| free.contains(item))
        .collect()
}

/// Returns a proposal that adds a line where the plan as a whole is at fault, or takes one out where it is too long. `None`
/// where nothing is at fault.
fn of_whole_plan(case: &Case<'_>, draw: Draw) -> Option<Ask> {
    let findings = case.check.map_or(&[][..], |check| &check.findings).iter();
    let of_whole = |finding: &&CheckFinding| finding.item.is_none() && finding.severity == Severity::Error;
    let faults: Vec<&CheckFinding> = findings.filter(of_whole).collect();
    let fault = faults.get(place(case, draw, faults.len()))?;
    let kind = if fault.code == LIMITS { EditKind::Remove } else { EditKind::Insert };
    let written = edit::of_kind(case, kind, "")?;
    Some(Ask::new(NAME, kind.name(), draw, How::Written(Box::new(written))))
}

/// Returns the item that a finding is about and those that its message names, each once. A finding about the plan as a
/// whole names none that is at fault.
fn involved(finding: &CheckFinding) -> Vec<ItemId> {
    let Some(item) = finding.item else { return Vec::new() };
    let mut items = vec![item];
    // `T2.id` is a value that some line has; its line may be right.
    let words =
        finding.message.split_whitespace().map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()));
    for named in words.filter_map(|word| word.parse().ok()) {
        if !items.contains(&named) {
            items.push(named);
        }
    }
    items
}

/// Returns the ids that new lines before the repaired one can have, one list a line: where a call may need another call
/// before it, and where a line uses what no line defines.
fn new_lines(framing: &Framing, ids: &IdSource, fault: &CheckFinding, item: ItemId) -> Vec<Vec<ItemId>> {
    let kinds: Vec<ItemKind> = match (item.kind, fault.code.as_str()) {
        (ItemKind::ToolCall, _) => vec![ItemKind::ToolCall],
        (_, "undefined") => framing.patterns.iter().map(|pattern| pattern.kind).collect(),
        (_, _) => return Vec::new(),
    };
    let id = |kind: &ItemKind, more: u32| ItemId::new(*kind, ids.peek(*kind).number.saturating_add(more));
    (0..NEW).map(|more| kinds.iter().map(|kind| id(kind, more)).collect()).collect()
}

/// Returns the edit that puts `new` lines before the line that `line` replaces.
fn repaired(case: &Case<'_>, new: Vec<Item>, mut line: Item) -> Result<Edit, String> {
    let missing = || format!("There is no {} in the plan.", line.id);
    let at = case.plan.position(line.id).ok_or_else(missing)?;
    let old = &case.plan.items()[at];
    let mut known: Vec<ItemId> = case.plan.items()[..at].iter().map(|item| item.id).collect();
    let mut edits: Vec<Edit> = Vec::new();
    for (position, mut item) in (at..).zip(new) {
        if item.id.number <= case.state.ids.highest(item.id.kind) {
            return Err(format!("{} was used before; a new line needs a new name.", item.id));
        }
        link(&mut item, &known);
        known.push(item.id);
        edits.push(Edit::Insert { item: Item { depth: old.depth, ..item }, position });
    }
    link(&mut line, &known);
    if line.text != old.text || edits.is_empty() {
        edits.push(Edit::Replace { id: line.id, text: line.text });
    }
    if line.deps != old.deps {
        edits.push(Edit::SetDeps { id: line.id, deps: line.deps });
    }
    Ok(if edits.len() == 1 { edits.remove(0) } else { Edit::Batch { edits } })
}

/// Makes `item` build on those of `known` that its text names, as `T6` or in `T6.id`.
fn link(item: &mut Item, known: &[ItemId]) {
    let words = item.text.split(|c: char| !c.is_ascii_alphanumeric());
    for named in words.filter_map(|word| word.parse().ok()).filter(|named| known.contains(named)) {
        if !item.deps.contains(&named) {
            item.deps.push(named);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_two_items_that_are_at_odds_may_be_the_wrong_one() {
        let finding = |item: Option<&str>, message: &str| CheckFinding {
            item: item.map(|id| id.parse().unwrap()),
            code: "clauses".into(),
            severity: Severity::Error,
            message: message.into(),
        };
        let named = |item, message| -> Vec<String> {
            involved(&finding(item, message)).iter().map(ToString::to_string).collect()
        };
        let clause = "Condition 1, not radio or not siren, does not hold under S4 and S1.";
        assert_eq!(named(Some("S4"), clause), ["S4", "S1"]);
        assert_eq!(named(Some("S4"), "S4 ends at 12, after the deadline."), ["S4"]);
        assert_eq!(named(Some("T3"), "product wants a product id, but T2.id is a customer id."), ["T3"]);
        assert!(named(None, "After the plan, S1 does not hold.").is_empty());
    }
}
