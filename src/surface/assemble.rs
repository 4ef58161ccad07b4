//! Making a plan of statements: ids, dependencies, and what an older version of the plan knows of them.

use std::collections::{HashMap, HashSet};

use plan::{IdSource, Item, ItemId, ItemKind, Plan};

use crate::{KnownPlan, ProblemForm, ReadPlan, ShownPlan, SurfaceError};

/// One statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub kind: ItemKind,
    pub depth: u8,
    /// What the item says; names of earlier results are still those of the text.
    pub text: String,
    /// The statement as it was written.
    pub written: String,
    /// The name by which later statements can use it, where the item's text does not say it.
    pub binds: Option<String>,
    /// The line of the text, counted from 1.
    pub line: usize,
    /// The statements that it builds on, counted from 0, where the text says so.
    pub uses: Option<Vec<usize>>,
}

impl Statement {
    pub(crate) fn new(kind: ItemKind, text: impl Into<String>, written: &str, line: usize) -> Self {
        let written = written.to_owned();
        Self { kind, depth: 0, text: text.into(), written, binds: None, line, uses: None }
    }
}

/// Makes the plan that `statements` say. `shown` is how the surface shows the plan in `known`.
pub(crate) fn assemble(
    form: ProblemForm<'_>,
    statements: Vec<Statement>,
    known: Option<KnownPlan<'_>>,
    shown: Option<&ShownPlan>,
) -> Result<ReadPlan, SurfaceError> {
    if statements.is_empty() {
        return Err(SurfaceError::whole("it has no line"));
    }
    let references = form.problem.family().references().is_some();
    let old = Old::new(references, &statements, known, shown);
    let mut ids = known.map_or_else(IdSource::default, |known| known.ids.clone());
    let mut names: HashMap<&str, ItemId> = HashMap::new();
    let mut items: Vec<Item> = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let text = resolved(form, &statement.text, &names);
        let item = old.item(at, statement, text, &mut ids);
        if let Some(name) = &statement.binds {
            names.insert(name, item.id);
        }
        let room = items.last().map_or(0, |last| last.depth + 1);
        items.push(Item { depth: item.depth.min(room), ..item });
    }
    link(form, &statements, &mut items);
    let lines = items.iter().zip(&statements).map(|(item, statement)| (item.id, statement.line)).collect();
    if let Some(known) = known {
        hidden(known.plan, &mut items);
    }
    match Plan::new(items) {
        Ok(plan) => Ok(ReadPlan { plan, lines }),
        Err(error) => Err(SurfaceError::whole(error.to_string())),
    }
}

/// The items of an older version, and which statement is which of them.
struct Old<'a> {
    plan: Option<&'a Plan>,
    /// Whether texts name results, so that the same words can mean another one.
    references: bool,
    /// The item that each statement is, and whether it is written just as it was.
    matched: Vec<Option<(ItemId, bool)>>,
}

impl<'a> Old<'a> {
    /// Matches by what is written, then by hand, then by what a line is about.
    fn new(
        references: bool,
        statements: &[Statement],
        known: Option<KnownPlan<'a>>,
        shown: Option<&ShownPlan>,
    ) -> Self {
        let mut matched = vec![None; statements.len()];
        let Some(known) = known else { return Self { plan: None, references, matched } };
        let visible = || known.plan.items().iter().filter(|item| !item.muted);
        let mut used: HashSet<ItemId> = HashSet::new();
        if let Some((at, id)) = known.rewritten
            && let Some(place) = matched.get_mut(at)
        {
            *place = Some((id, false));
            used.insert(id);
        }
        let lines = shown.map_or(&[][..], |shown| &shown.lines);
        for (statement, place) in statements.iter().zip(&mut matched).filter(|(_, place)| place.is_none()) {
            let same = lines.iter().find(|line| line.text == statement.written && !used.contains(&line.item));
            let same = same.map(|line| line.item).or_else(|| {
                let same = |item: &&Item| item.text == statement.text && item.id.kind == statement.kind;
                visible().filter(|item| !used.contains(&item.id)).find(same).map(|item| item.id)
            });
            *place = same.map(|id| (id, true));
            used.extend(same);
        }
        for (statement, place) in statements.iter().zip(&mut matched).filter(|(_, place)| place.is_none()) {
            let subject = subject(&statement.text);
            let about = |item: &&Item| item.id.kind == statement.kind && self::subject(&item.text) == subject;
            let found = visible().filter(|item| !used.contains(&item.id)).find(about);
            *place = found.map(|item| (item.id, false));
            used.extend(found.map(|item| item.id));
        }
        Self { plan: Some(known.plan), references, matched }
    }

    fn item(&self, at: usize, statement: &Statement, text: String, ids: &mut IdSource) -> Item {
        let matched = self.matched.get(at).copied().flatten();
        let old = matched.and_then(|(id, same)| Some((self.plan?.get(id)?, same)));
        match old {
            // A line that is written as it was says what it said, however the item spells it.
            Some((old, true)) if !self.references => Item { depth: statement.depth, ..old.clone() },
            Some((old, _)) if old.id.kind == statement.kind => {
                Item { text, depth: statement.depth, ..old.clone() }
            }
            Some(_) | None => Item { depth: statement.depth, ..Item::new(ids.fresh(statement.kind), text) },
        }
    }
}

/// Returns what a text is about: the name that it defines or sets, or the function that it calls.
fn subject(text: &str) -> &str {
    let end =
        text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    // Rows of a grid are named by two words.
    match rest.find(" = ") {
        Some(at) if rest[..at].chars().all(|c| c.is_alphanumeric() || c == ' ') => &text[..end + at],
        Some(_) | None => word,
    }
}

/// Exchanges the names of earlier results for the ids of their items: `order.id` for `T3.id`.
fn resolved(form: ProblemForm<'_>, text: &str, names: &HashMap<&str, ItemId>) -> String {
    if form.problem.family().references().is_none() || names.is_empty() {
        return text.to_owned();
    }
    references(text, |name| names.get(name).map(ToString::to_string))
}

/// Exchanges each `name` before a point, outside quotation marks, for what `new` makes of it.
pub(crate) fn references(text: &str, new: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let (mut quoted, mut word) = (false, String::new());
    for c in text.chars() {
        if !quoted && (c.is_alphanumeric() || c == '_') {
            word.push(c);
            continue;
        }
        let known = if c == '.' && !quoted { new(&word) } else { None };
        out += known.as_deref().unwrap_or(&word);
        word.clear();
        quoted ^= c == '"';
        out.push(c);
    }
    out + &word
}

/// Sets what items build on: as their texts say, or as the model wrote it, and otherwise as it was.
fn link(form: ProblemForm<'_>, statements: &[Statement], items: &mut [Item]) {
    let family = form.problem.family();
    let derived = family.derives_links().then(|| family.links(form.problem, items));
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    for (at, (item, statement)) in items.iter_mut().zip(statements).enumerate() {
        let links = match (&derived, &statement.uses) {
            (Some(derived), _) => derived.get(at).cloned().unwrap_or_default(),
            (None, Some(uses)) => uses.iter().filter_map(|at| ids.get(*at).copied()).collect(),
            (None, None) => std::mem::take(&mut item.deps),
        };
        item.deps.clear();
        for dep in links {
            if ids[..at].contains(&dep) && !item.deps.contains(&dep) {
                item.deps.push(dep);
            }
        }
    }
}

/// Puts muted items, which no surface shows, back where they stood.
fn hidden(old: &Plan, items: &mut Vec<Item>) {
    for (at, muted) in old.items().iter().enumerate().filter(|(_, item)| item.muted) {
        let before = old.items()[..at].iter().rev();
        let place = before
            .filter_map(|before| items.iter().position(|item| item.id == before.id))
            .map(|place| place + 1)
            .next()
            .unwrap_or(0);
        let room = place.checked_sub(1).map_or(0, |before| items[before].depth + 1);
        items.insert(place, Item { depth: muted.depth.min(room), ..muted.clone() });
    }
    let ids: HashSet<ItemId> = items.iter().map(|item| item.id).collect();
    let mut room = 0;
    for item in items.iter_mut() {
        item.deps.retain(|dep| ids.contains(dep));
        item.depth = item.depth.min(room);
        room = item.depth + 1;
    }
}
