//! Grammars of the edits that a model may write, in the forms of [`super::form`].
//!
//! The plan is known when it writes, so what would change nothing, or cannot be, is left out: an item's own line as it
//! stands, a move to where it is, dependencies that form a cycle.

use std::fmt::Write as _;

use super::{
    form::{EditKind, parse},
    free_items,
};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Origin, Plan};
use problem::{Framing, ItemPattern};

/// The most items that one is said to build on.
const MOST_DEPS: usize = 6;

/// The items that the model sees.
fn seen(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.items().iter().filter(|item| !item.muted)
}

/// The line that the family wants at the end, such as the step that defines the answer. It may be
/// rewritten in its own form; it stays, and stays last.
fn closing(framing: &Framing, plan: &Plan) -> Option<ItemId> {
    let kind = framing.last.as_ref()?.kind;
    seen(plan).filter(|item| item.id.kind == kind).last().map(|item| item.id)
}

fn quote<'a>(items: impl Iterator<Item = &'a Item>) -> Option<String> {
    let ids: Vec<String> = items.map(|item| format!("\"{}\"", item.id)).collect();
    (!ids.is_empty()).then(|| ids.join(" | "))
}

/// Whether an edit makes another plan of `plan`.
fn changes(plan: &Plan, edit: &Edit) -> bool {
    edit.apply(plan, Origin::Refined).is_ok_and(|(changed, _)| changed.hash() != plan.hash())
}

/// Returns whether an edit of this kind could do anything. It looks no further than to the first that could.
pub fn is_possible(kind: EditKind, framing: &Framing, plan: &Plan, ids: &IdSource) -> bool {
    match kind {
        EditKind::Reorder => moves(framing, plan, ids).next().is_some(),
        EditKind::Depend => linkable(plan).next().is_some(),
        EditKind::Replace | EditKind::Tighten | EditKind::Insert | EditKind::Remove => {
            grammar(kind, framing, plan, ids).is_some()
        }
    }
}

/// Returns the grammar of what follows [`EditKind::begin`]; `None` where an edit of this kind could do
/// nothing.
pub fn grammar(kind: EditKind, framing: &Framing, plan: &Plan, ids: &IdSource) -> Option<String> {
    let mut lark = String::new();
    let starts = match kind {
        EditKind::Replace | EditKind::Tighten => {
            let lines = Lines { framing, plan, deps: kind == EditKind::Replace, changed: true, new: &[] };
            lines.write(&mut lark).into_iter().map(|(_, line)| line).collect()
        }
        EditKind::Insert => insert(&mut lark, framing, plan, ids)?,
        EditKind::Remove => {
            vec![quote(free_items(plan).filter(|item| Some(item.id) != closing(framing, plan)))?]
        }
        EditKind::Reorder => moves(framing, plan, ids).collect(),
        EditKind::Depend => depends(&mut lark, plan),
    };
    start(lark, &starts)
}

fn start(mut lark: String, starts: &[String]) -> Option<String> {
    if starts.is_empty() {
        return None;
    }
    let _ = writeln!(lark, "start: \" \" ({})", starts.join(" | "));
    Some(lark)
}

fn insert(lark: &mut String, framing: &Framing, plan: &Plan, ids: &IdSource) -> Option<Vec<String>> {
    if plan.len() >= 2 * framing.max_items {
        return None;
    }
    let closing = closing(framing, plan);
    let anchors = quote(seen(plan).filter(|item| Some(item.id) != closing))?;
    let line = |pattern: &ItemPattern| {
        format!("(\"{}\" deps? \": \" TEXT_{})", ids.peek(pattern.kind), pattern.kind.letter())
    };
    let lines: Vec<String> = framing.patterns.iter().map(line).collect();
    text_rules(lark, framing);
    let _ = writeln!(lark, "ID: {}", quote(seen(plan))?);
    let _ = writeln!(lark, "deps: \" <- \" ID (\" \" ID){{0,{}}}", MOST_DEPS - 1);
    Some(vec![format!("({anchors}) \": \" ({})", lines.join(" | "))])
}

/// One alternative an item that can be moved, with the lines that it can be moved behind.
fn moves(framing: &Framing, plan: &Plan, ids: &IdSource) -> impl Iterator<Item = String> {
    let closing = closing(framing, plan);
    let inner = move |item: &&Item| Some(item.id) != closing;
    let leads_elsewhere = |moved: &Item, anchor: &Item| {
        let line = format!("{} {} after {}", EditKind::Reorder.begin(), moved.id, anchor.id);
        parse(&line, plan, ids).is_ok_and(|edit| changes(plan, &edit))
    };
    free_items(plan).filter(inner).filter_map(move |moved| {
        let anchors = seen(plan).filter(inner).filter(|anchor| leads_elsewhere(moved, anchor));
        Some(format!("\"{}\" \" after \" ({})", moved.id, quote(anchors)?))
    })
}

/// The items that can build on other items than they do, each with those that it can build on.
fn linkable(plan: &Plan) -> impl Iterator<Item = (&Item, Vec<ItemId>)> {
    free_items(plan).filter_map(move |item| {
        let sound = |dep: &ItemId| {
            let edit = Edit::SetDeps { id: item.id, deps: vec![*dep] };
            *dep != item.id && edit.apply(plan, Origin::Refined).is_ok()
        };
        let known: Vec<ItemId> = seen(plan).map(|dep| dep.id).filter(sound).collect();
        let as_now = known.len() <= 1 && known == item.deps;
        (!known.is_empty() && !as_now).then_some((item, known))
    })
}

/// One alternative an item that can build on others, with lists of these.
fn depends(lark: &mut String, plan: &Plan) -> Vec<String> {
    let mut starts = Vec::new();
    for (item, known) in linkable(plan) {
        let names = |ids: &[ItemId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        list(lark, &format!("LIST_{}", item.id), &names(&known));
        let now = names(&item.deps).join(" ");
        let other = if now.is_empty() { String::new() } else { format!(" & ~/{now}/") };
        let _ = writeln!(lark, "DEPS_{}: LIST_{}{other}", item.id, item.id);
        starts.push(format!("\"{} <- \" DEPS_{}", item.id, item.id));
    }
    starts
}

/// Writes the terminal of a list of one to some ids, each named once.
fn list(lark: &mut String, name: &str, ids: &[String]) {
    let any = ids.join("|");
    let more = ids.len().min(MOST_DEPS) - 1;
    let twice: Vec<String> = ids.iter().map(|id| format!("{id} (.* )?{id}")).collect();
    let _ = writeln!(lark, "{name}: /({any})( ({any})){{0,{more}}}/ & ~/(.* )?({})( .*)?/", twice.join("|"));
}

/// Returns the grammar of what follows [`EditKind::begin`] for an edit of one item's text; `None` where it may not
/// be changed.
pub fn grammar_of(kind: EditKind, framing: &Framing, plan: &Plan, item: ItemId) -> Option<String> {
    let mut lark = String::new();
    let lines = Lines { framing, plan, deps: kind == EditKind::Replace, changed: true, new: &[] };
    let (_, line) = lines.write(&mut lark).into_iter().find(|(id, _)| *id == item)?;
    start(lark, &[line])
}

/// Returns the grammar of whole lines for `items`, one after the other, which may also be as they are; `None` where one
/// of them may not be changed, or there is none.
pub fn grammar_of_lines(framing: &Framing, plan: &Plan, items: &[ItemId]) -> Option<String> {
    let mut lark = String::new();
    let all = Lines { framing, plan, deps: true, changed: false, new: &[] }.write(&mut lark);
    let of = |item: &ItemId| all.iter().find(|(id, _)| id == item).map(|(_, line)| line.clone());
    let lines: Vec<String> = items.iter().map(of).collect::<Option<_>>()?;
    if lines.is_empty() {
        return None;
    }
    let _ = writeln!(lark, "start: {}", lines.join(" \"\\n\" "));
    Some(lark)
}

/// Returns the grammar of a line for `item` that is not what it is now, after one new line for each of the first of
/// `new`, or none: each of these lists ids of which the line has one. `None` where the item may not be changed.
pub fn grammar_of_repair(
    framing: &Framing,
    plan: &Plan,
    item: ItemId,
    new: &[Vec<ItemId>],
) -> Option<String> {
    let mut lark = String::new();
    let all: Vec<ItemId> = new.iter().flatten().copied().collect();
    let lines = Lines { framing, plan, deps: true, changed: true, new: &all }.write(&mut lark);
    lines.iter().find(|(id, _)| *id == item)?;
    let ids: Vec<ItemId> = seen(plan).map(|item| item.id).collect();
    let (before, below) = ids.split_at(ids.iter().position(|id| *id == item)?);
    let mut known: Vec<String> = before.iter().map(ToString::to_string).collect();
    let _ = writeln!(lark, "REPAIRED: CHANGED_{item}{}", without_results(below));
    let line = format!("\"{item}\" REPAIRED");
    let mut lines = Vec::new();
    for (at, ids) in new.iter().enumerate() {
        let mut deps = String::new();
        if !known.is_empty() {
            list(&mut lark, &format!("KNOWN_NEW_{at}"), &known);
            deps = format!("(\" <- \" KNOWN_NEW_{at})? ");
        }
        let unknown: Vec<ItemId> = below.iter().chain(new[at..].iter().flatten()).copied().collect();
        let unknown = without_results(&unknown);
        for kind in ids.iter().map(|id| id.kind.letter()) {
            let _ = writeln!(lark, "NEW_{at}_{kind}: TEXT_{kind}{unknown}");
        }
        let line = |id: &ItemId| format!("(\"{id}\" {deps}\": \" NEW_{at}_{})", id.kind.letter());
        lines.push(format!("({})", ids.iter().map(line).collect::<Vec<_>>().join(" | ")));
        known.extend(ids.iter().map(ToString::to_string));
    }
    // Of several, the inner ones come only after the outer.
    let new =
        lines.into_iter().rev().fold(String::new(), |inner, line| format!("({line} \"\\n\" {inner})? "));
    let _ = writeln!(lark, "start: {new}{line}");
    Some(lark)
}

/// Returns what is added to a terminal so that it takes no results of these calls, such as `T3.id`.
fn without_results(calls: &[ItemId]) -> String {
    let calls = calls.iter().filter(|id| id.kind == ItemKind::ToolCall);
    let names: Vec<String> = calls.map(ToString::to_string).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" & ~/(.*[^A-Za-z0-9])?({})\\..*/", names.join("|"))
    }
}

/// Lines of a plan that may be written again.
struct Lines<'a> {
    framing: &'a Framing,
    plan: &'a Plan,
    /// Whether what an item builds on is written too: items before it.
    deps: bool,
    /// Whether a line must differ from what it is now.
    changed: bool,
    /// Items that are not in the plan yet and that lines may build on too.
    new: &'a [ItemId],
}

impl Lines<'_> {
    /// Writes the terminals of all lines, and returns one alternative per item: its id and what follows. The closing line
    /// has a form of its own.
    fn write(&self, lark: &mut String) -> Vec<(ItemId, String)> {
        text_rules(lark, self.framing);
        let mut earlier: Vec<String> = self.new.iter().map(ToString::to_string).collect();
        let mut lines = Vec::new();
        for item in seen(self.plan) {
            if let (Some(text), false) = (self.text(item), item.pinned) {
                let id = item.id;
                let links = self.deps && !earlier.is_empty();
                if links {
                    list(lark, &format!("KNOWN_{id}"), &earlier);
                }
                let links = if links { format!("(\" <- \" KNOWN_{id})? ") } else { String::new() };
                let _ = writeln!(lark, "LINE_{id}: {links}\": \" {text}");
                let line = if self.changed { self.changed(lark, item) } else { format!("LINE_{id}") };
                lines.push((id, format!("\"{id}\" {line}")));
            }
            earlier.push(item.id.to_string());
        }
        lines
    }

    /// Writes the terminal of a line that is not what the item's is, and returns its name.
    fn changed(&self, lark: &mut String, item: &Item) -> String {
        let id = item.id;
        let deps: Vec<String> = item.deps.iter().map(ToString::to_string).collect();
        let links =
            if self.deps && !deps.is_empty() { format!(" <- {}", deps.join(" ")) } else { String::new() };
        // Strings of Lark are written as those of JSON.
        let now = serde_json::Value::from(format!("{links}: {}", item.text));
        let _ = writeln!(lark, "NOW_{id}: {now} / */\nCHANGED_{id}: LINE_{id} & ~NOW_{id}");
        format!("CHANGED_{id}")
    }

    /// The terminal of an item's text; `None` where the family has none for its kind.
    fn text(&self, item: &Item) -> Option<String> {
        if Some(item.id) == closing(self.framing, self.plan) {
            return Some("TEXT_LAST".to_owned());
        }
        let known = self.framing.patterns.iter().any(|pattern| pattern.kind == item.id.kind);
        known.then(|| format!("TEXT_{}", item.id.kind.letter()))
    }
}

/// Writes the terminals of texts.
fn text_rules(lark: &mut String, framing: &Framing) {
    let mut rule = |name: &str, regex: &str| {
        let _ = writeln!(lark, "TEXT_{name}: /{}/", regex.replace('/', "\\/"));
    };
    for pattern in &framing.patterns {
        rule(&pattern.kind.letter().to_string(), &pattern.regex);
    }
    if let Some(last) = &framing.last {
        rule("LAST", &last.regex);
    }
}
