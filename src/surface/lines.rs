//! Plans as bare statements, one a line: settings, start times, rows, equations, actions, calls.
//!
//! ```text
//! customer = find_customer(name="Ada")
//! order = find_order(customer=customer.id, product=product.id)
//! ```
//! Where later statements use results of earlier ones, each call has a name. What says something in words is a comment.

use std::collections::HashMap;

use plan::{Item, ItemId, ItemKind, Plan};
use problem::ItemPattern;

use crate::{
    Inexpressible, KnownPlan, LineSlot, ProblemForm, ReadPlan, ShownLine, ShownPlan, Surface, SurfaceError,
    assemble::{Statement, assemble, references},
    words::{Sections, comment, read_comment, repeated},
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub struct BareLines;

const NAME: &str = "lines";
/// The marks around a block.
const FENCE: &str = "```";
/// Matches nothing.
const NOTHING: &str = "[^\\s\\S]";

impl Surface for BareLines {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "one bare statement a line: a setting, a start time, an equation, an action, a call"
    }

    fn fault(&self, form: ProblemForm<'_>) -> Option<String> {
        let family = &form.problem.family;
        form.problem.family().statements(form.problem).is_none().then(|| {
            format!(
                "The surface lines cannot express plans of the family {family}: the kinds of its items do not follow \
                 from what they say."
            )
        })
    }

    fn shown(&self, form: ProblemForm<'_>, plan: &Plan) -> Result<ShownPlan, Inexpressible> {
        let visible = plan.visible();
        let names = names(form, visible.items());
        let mut sections = Sections::default();
        let mut lines = Vec::new();
        for item in visible.items() {
            let fail = |why: &str| Inexpressible { surface: NAME, item: item.id, why: why.to_owned() };
            let gap = sections.write(item).map_err(|why| fail(&why))?;
            let bare = item.id.kind == primary(form);
            if bare && (item.text.starts_with('#') || item.text.starts_with(FENCE)) {
                return Err(fail("its text begins like a comment or a block"));
            }
            let text = references(&item.text, |name| names.get(&name.parse::<ItemId>().ok()?).cloned());
            let binds = names.get(&item.id).filter(|_| bare).cloned();
            let text = match &binds {
                _ if !bare => comment(item),
                Some(name) => format!("{name} = {text}"),
                None => text,
            };
            let before = if gap { "\n".to_owned() } else { String::new() };
            lines.push(ShownLine { item: item.id, before, text, after: "\n".into(), binds });
        }
        Ok(ShownPlan { head: String::new(), lines, tail: String::new(), has_ids: false })
    }

    fn read(
        &self,
        form: ProblemForm<'_>,
        text: &str,
        known: Option<KnownPlan<'_>>,
    ) -> Result<ReadPlan, SurfaceError> {
        let mut sections = Sections::default();
        let mut statements = Vec::new();
        for (number, line) in block(text) {
            if line.trim().is_empty() {
                sections.gap();
                continue;
            }
            let statement = match read_comment(line) {
                Some((_, text)) if text.is_empty() => continue,
                Some((kind, text)) => Statement::new(kind, text, line.trim(), number),
                None => statement(form, line, number)?,
            };
            let depth = sections.read(statement.kind);
            statements.push(Statement { depth, ..statement });
        }
        let shown = known.and_then(|known| self.shown(form, known.plan).ok());
        assemble(form, statements, known, shown.as_ref())
    }

    fn grammar(&self, form: ProblemForm<'_>, max_items: usize) -> String {
        let most = max_items.max(1);
        if !form.framing.slots.is_empty() {
            return in_slots(&form.framing.slots, most);
        }
        let least = form.framing.min_items.clamp(1, most);
        let line = pattern(form, &result_name(form));
        match &form.framing.last {
            Some(last) => {
                let last = slashes(&last.regex);
                let more = repeated("LINE \"\\n\"", least - 1, most - 1);
                format!("start: {more} LAST\nLINE: /{line}/ & ~LAST\nLAST: /{last}/\n")
            }
            None => {
                let end = if least == most { "" } else { " (\"\\n```\" | \"\\n\")?" };
                let more = repeated("\"\\n\" LINE", least - 1, most - 1);
                // The first line has no results to use.
                let first = pattern(form, NOTHING);
                format!("start: FIRST {more}{end}\nFIRST: /{first}/\nLINE: /{line}/\n")
            }
        }
    }

    fn line(&self, form: ProblemForm<'_>, shown: &ShownPlan, slot: LineSlot) -> Option<String> {
        if !form.framing.slots.is_empty() {
            return slot_line(&form.framing.slots, shown, slot);
        }
        let above = shown.lines.get(..slot.at())?;
        let names: Vec<&str> = above.iter().filter_map(|line| line.binds.as_deref()).collect();
        let names = if names.is_empty() { NOTHING.to_owned() } else { format!("({})", names.join("|")) };
        let line = match form.framing.last.as_ref().filter(|_| slot.closes(shown)) {
            Some(last) => slashes(&last.regex),
            None => pattern(form, &names),
        };
        Some(format!("/{line}/{}", slot.otherwise(shown)))
    }

    fn opening(&self) -> &'static str {
        "```\n"
    }

    fn stop(&self) -> Vec<String> {
        vec![FENCE.to_owned()]
    }

    fn instruction(&self, form: ProblemForm<'_>) -> (String, String) {
        let how = form.problem.family().statements(form.problem).unwrap_or_default();
        (form.framing.system.clone(), how)
    }
}

/// Returns the grammar of the last `most` lines of a plan that has one line for each slot, in their order.
fn in_slots(slots: &[ItemPattern], most: usize) -> String {
    let rest = &slots[slots.len().saturating_sub(most)..];
    let names: Vec<String> = (1..=rest.len()).map(|number| format!("LINE_{number}")).collect();
    let mut grammar = format!("start: {}\n", names.join(" \"\\n\" "));
    for (name, slot) in names.iter().zip(rest) {
        grammar += &format!("{name}: /{}/\n", slashes(&slot.regex));
    }
    grammar
}

/// Returns the terminal of one line of such a plan: a line that is there keeps its slot, and a new one takes one that is free.
fn slot_line(slots: &[ItemPattern], shown: &ShownPlan, place: LineSlot) -> Option<String> {
    let own = place.old(shown).and_then(|line| slots.iter().find(|slot| set(&slot.regex) == set(&line.text)));
    let taken = |slot: &&ItemPattern| shown.lines.iter().any(|line| set(&line.text) == set(&slot.regex));
    let allowed: Vec<String> = match own {
        Some(own) => vec![slashes(&own.regex)],
        None => slots.iter().filter(|slot| !taken(slot)).map(|slot| slashes(&slot.regex)).collect(),
    };
    (!allowed.is_empty()).then(|| format!("/({})/{}", allowed.join("|"), place.otherwise(shown)))
}

/// Returns the name that a line sets.
fn set(line: &str) -> &str {
    line.split(" = ").next().unwrap_or(line)
}

/// The kind of item that a bare statement is.
fn primary(form: ProblemForm<'_>) -> ItemKind {
    form.framing.patterns.last().map_or(ItemKind::Step, |pattern| pattern.kind)
}

/// Returns the lines of the first block with their numbers; all lines where there is none.
fn block(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let fence = |line: &str| line.trim_start().starts_with(FENCE);
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
    let fences: Vec<usize> = (0..lines.len()).filter(|at| fence(lines[*at].1)).collect();
    let start = match fences[..] {
        // A block that began before the text is closed by its only mark.
        [only] if only > 0 && only + 1 == lines.len() => 0,
        [first, ..] => first + 1,
        [] => 0,
    };
    lines.into_iter().skip(start).take_while(move |(_, line)| !fence(line))
}

fn statement(form: ProblemForm<'_>, line: &str, number: usize) -> Result<Statement, SurfaceError> {
    if let Some((at, c)) = line.trim_end().chars().enumerate().find(|(_, c)| c.is_control() && *c != '\t') {
        let message = format!("the character {} cannot stand in a line", c.escape_unicode());
        return Err(SurfaceError::at(number, at + 1, message));
    }
    let written = line.trim();
    let text = unlisted(written).replace('\t', " ");
    let named = text.split_once(" = ").filter(|(name, call)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        form.problem.family().references().is_some() && name.chars().all(plain) && call.contains('(')
    });
    let (binds, text) = match named {
        Some((name, call)) => (Some(name.to_owned()), call.trim().to_owned()),
        None => (None, text),
    };
    Ok(Statement { binds, ..Statement::new(primary(form), text, written, number) })
}

/// Takes the sign of a list off: `1. ` or `- `.
fn unlisted(line: &str) -> &str {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.strip_prefix(". ").or_else(|| digits.strip_prefix(") "));
    match numbered.filter(|_| digits.len() < line.len()) {
        Some(rest) => rest.trim_start(),
        None => line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line).trim_start(),
    }
}

/// Gives each call a name after what it finds or does: `order` for `find_order`, `order2` for the next one.
fn names(form: ProblemForm<'_>, items: &[Item]) -> HashMap<ItemId, String> {
    let mut names = HashMap::new();
    if form.problem.family().references().is_none() {
        return names;
    }
    let mut taken: Vec<String> = Vec::new();
    for item in items.iter().filter(|item| item.id.kind == primary(form)) {
        let Some((call, _)) = item.text.split_once('(') else { continue };
        let noun = noun(call);
        let numbered = (2..).map(|number| format!("{noun}{number}"));
        let name = std::iter::once(noun.to_owned()).chain(numbered).find(|name| !taken.contains(name));
        if let Some(name) = name {
            taken.push(name.clone());
            names.insert(item.id, name);
        }
    }
    names
}

/// Returns what a call finds or does: the last word of its name.
fn noun(call: &str) -> &str {
    let noun = call.trim().rsplit('_').next().unwrap_or_default();
    let plain = noun.chars().all(|c| c.is_ascii_lowercase()) && !noun.is_empty() && noun != "return";
    if plain { noun } else { "result" }
}

/// The regular expression of the names that results can have: those of [`names`].
fn result_name(form: ProblemForm<'_>) -> String {
    let calls = form.problem.family().references().map_or_else(Vec::new, |references| references.calls);
    let mut nouns: Vec<&str> = calls.iter().map(|call| noun(call)).collect();
    nouns.sort_unstable();
    nouns.dedup();
    format!("({})[2-9]?", nouns.join("|"))
}

/// The regular expression of a bare statement, in which `names` is that of names of earlier results.
fn pattern(form: ProblemForm<'_>, names: &str) -> String {
    let Some(pattern) = form.framing.patterns.last() else { return "[^\\n]{1,100}".to_owned() };
    match form.problem.family().references() {
        Some(references) => {
            let call = slashes(&pattern.regex).replace(references.pattern, names);
            format!("({} = )?{call}", result_name(form))
        }
        None => slashes(&pattern.regex),
    }
}

pub(crate) fn slashes(regex: &str) -> String {
    regex.replace('/', "\\/")
}
