//! Plans as JSON: an array of objects, one a line.
//!
//! ```json
//! [
//!   {"kind": "constraint", "text": "the talk is ten minutes long"},
//!   {"kind": "step", "text": "cut the second part", "uses": [1]}
//! ]
//! ```
//! Where the family derives what an item builds on, nothing is said of it; where it has one kind of item, nothing of that.

use plan::{Item, ItemId, ItemKind, Plan};
use serde_json::Value;

use crate::{
    Inexpressible, KnownPlan, LineSlot, ProblemForm, ReadPlan, ShownLine, ShownPlan, Surface, SurfaceError,
    assemble::{Statement, assemble},
    code,
    words::repeated,
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub struct Json;

const NAME: &str = "json";
const OPEN: &str = "[\n";

impl Surface for Json {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "an array of objects, each with a kind where it is not clear, and a text"
    }

    fn fault(&self, form: ProblemForm<'_>) -> Option<String> {
        let family = form.problem.family();
        family.references().is_some().then(|| {
            format!(
                "The surface json cannot express plans of the family {}: its items name each other by ids.",
                family.name()
            )
        })
    }

    fn shown(&self, form: ProblemForm<'_>, plan: &Plan) -> Result<ShownPlan, Inexpressible> {
        let visible = plan.visible();
        let items = visible.items();
        let line = |(at, item): (usize, &Item)| {
            let after = if at + 1 < items.len() { ",\n" } else { "\n" };
            let text = object(form, item, items);
            ShownLine { item: item.id, before: "  ".into(), text, after: after.into(), binds: None }
        };
        let lines = items.iter().enumerate().map(line).collect();
        Ok(ShownPlan { head: OPEN.into(), lines, tail: "]".into(), has_ids: false })
    }

    fn read(
        &self,
        form: ProblemForm<'_>,
        text: &str,
        known: Option<KnownPlan<'_>>,
    ) -> Result<ReadPlan, SurfaceError> {
        let mut statements = Vec::new();
        // Words may stand before the array, which may also have begun before the text.
        let mut at = text.find(['[', '{']).map_or(0, |at| at + usize::from(text[at..].starts_with('[')));
        // Objects are read one by one, so that a text that was cut keeps those that are whole.
        loop {
            let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            at = text.len() - rest.len();
            if !rest.starts_with('{') {
                break;
            }
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            match stream.next() {
                Some(Ok(value)) => statements.push(statement(form, &value, text, at)?),
                Some(Err(error)) if error.is_eof() && !statements.is_empty() => break,
                Some(Err(error)) => {
                    let (line, column) = place(text, at);
                    let first = error.line() <= 1;
                    let column = if first { column + error.column() - 1 } else { error.column() };
                    return Err(SurfaceError::at(line + error.line() - 1, column, said(&error)));
                }
                None => break,
            }
            at += stream.byte_offset();
        }
        if statements.is_empty() {
            let (line, column) = place(text, at.min(text.len()));
            return Err(SurfaceError::at(
                line,
                column,
                "an array of objects begins with [ and an object with {",
            ));
        }
        let shown = known.and_then(|known| self.shown(form, known.plan).ok());
        assemble(form, statements, known, shown.as_ref())
    }

    fn grammar(&self, form: ProblemForm<'_>, max_items: usize) -> String {
        let most = max_items.max(1);
        let least = form.framing.min_items.clamp(1, most);
        let object = any_object(form);
        match closing_object(form) {
            Some(last) => {
                let before = repeated("\"  \" OBJECT \",\\n\"", least - 1, most - 1);
                format!("start: {before} \"  \" LAST \"\\n]\"\nOBJECT: /{object}/ & ~LAST\nLAST: /{last}/\n")
            }
            None => {
                let more = repeated("\",\\n  \" OBJECT", least - 1, most - 1);
                format!("start: \"  \" OBJECT {more} \"\\n]\"\nOBJECT: /{object}/\n")
            }
        }
    }

    fn line(&self, form: ProblemForm<'_>, shown: &ShownPlan, slot: LineSlot) -> Option<String> {
        let last = closing_object(form).filter(|_| slot.closes(shown));
        let object = last.unwrap_or_else(|| any_object(form));
        Some(format!("/{object}/{}", slot.otherwise(shown)))
    }

    fn opening(&self) -> &'static str {
        OPEN
    }

    fn stop(&self) -> Vec<String> {
        Vec::new()
    }

    fn instruction(&self, form: ProblemForm<'_>) -> (String, String) {
        let items = form.framing.example.plan.items();
        let example = items.last().map_or_else(String::new, |item| object(form, item, items));
        let how = &form.framing.how_to_plan;
        (
            form.framing.system.clone(),
            format!("{how}\nWrite it as a JSON array of objects, one a line: {example}"),
        )
    }
}

/// Whether the kind of an item follows from what it says.
fn derives_kinds(form: ProblemForm<'_>) -> bool {
    code::computes(form) || form.framing.patterns.len() == 1
}

/// The kind of an item that says `text`, in families where that follows.
fn derived_kind(form: ProblemForm<'_>, text: &str) -> Option<ItemKind> {
    if code::computes(form) {
        return Some(code::kind_of(text));
    }
    form.framing.patterns.first().filter(|_| derives_kinds(form)).map(|only| only.kind)
}

fn object(form: ProblemForm<'_>, item: &Item, items: &[Item]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut parts = Vec::new();
    if derived_kind(form, &item.text) != Some(item.id.kind) {
        parts.push(format!("\"kind\": {}", quoted(item.id.kind.name())));
    }
    parts.push(format!("\"text\": {}", quoted(&item.text)));
    if !form.problem.family().derives_links() && !item.deps.is_empty() {
        let number =
            |dep: &ItemId| items.iter().position(|item| item.id == *dep).map(|at| (at + 1).to_string());
        let uses: Vec<String> = item.deps.iter().filter_map(number).collect();
        parts.push(format!("\"uses\": [{}]", uses.join(", ")));
    }
    if item.depth > 0 {
        parts.push(format!("\"depth\": {}", item.depth));
    }
    format!("{{{}}}", parts.join(", "))
}

fn statement(form: ProblemForm<'_>, value: &Value, text: &str, at: usize) -> Result<Statement, SurfaceError> {
    let (line, column) = place(text, at);
    let fail = |why: &str| SurfaceError::at(line, column, why);
    let said = value.get("text").and_then(Value::as_str).ok_or_else(|| fail("an object needs a \"text\""))?;
    let said = said.trim();
    if said.is_empty() || said.chars().any(char::is_control) {
        return Err(fail("a text is one line that is not empty"));
    }
    let kind = match value.get("kind").and_then(Value::as_str) {
        Some(name) => ItemKind::ALL.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| {
            let names: Vec<&str> = ItemKind::ALL.iter().map(|kind| kind.name()).collect();
            fail(&format!("there is no kind {name}; the kinds are {}", names.join(", ")))
        })?,
        None => derived_kind(form, said).unwrap_or(ItemKind::Step),
    };
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok()?.checked_sub(1);
    let uses = value.get("uses").and_then(Value::as_array);
    let uses = uses.map(|uses| uses.iter().filter_map(number).collect());
    let depth = value.get("depth").and_then(Value::as_u64).and_then(|depth| u8::try_from(depth).ok());
    // What the object spells is compared with how the surface would write it.
    let written = text[at..].lines().next().unwrap_or_default().trim().trim_end_matches(',');
    Ok(Statement { depth: depth.unwrap_or(0), uses, ..Statement::new(kind, said, written, line) })
}

/// Returns the line and the column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Says what is wrong without its place, which counts from the start of the object.
fn said(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned()
}

/// The regular expression of all objects but the closing one.
fn any_object(form: ProblemForm<'_>) -> String {
    let kinds = form
        .framing
        .patterns
        .iter()
        .map(|pattern| one_object((!derives_kinds(form)).then_some(pattern.kind), &pattern.regex, form));
    kinds.collect::<Vec<_>>().join("|")
}

fn closing_object(form: ProblemForm<'_>) -> Option<String> {
    let last = form.framing.last.as_ref()?;
    Some(one_object((!derives_kinds(form)).then_some(last.kind), &last.regex, form))
}

fn one_object(kind: Option<ItemKind>, text: &str, form: ProblemForm<'_>) -> String {
    let kind = kind.map_or_else(String::new, |kind| format!("\"kind\": \"{}\", ", kind.name()));
    // Inside a string of JSON a quotation mark is escaped, which patterns do not know.
    let text = if text.contains('"') {
        let edge = r#"([^"\\\p{Cc}\s]|\\["\\])"#;
        format!(r#"{edge}(([^"\\\p{{Cc}}]|\\["\\]){{0,198}}{edge})?"#)
    } else {
        text.replace('/', "\\/")
    };
    let uses = if form.problem.family().derives_links() {
        ""
    } else {
        r#"(, "uses": \[[1-9][0-9]?(, [1-9][0-9]?){0,4}\])?"#
    };
    format!(r#"\{{{kind}"text": "({text})"{uses}\}}"#)
}
