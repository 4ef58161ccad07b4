//! Tables, in which what is missing says why.

use super::{
    drawing::sample,
    markup::{Element, el, said},
};
use output::text::MISSING;

/// What stands in a cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TableCell {
    Words(String),
    /// Words that are broken into lines.
    Long(String),
    /// An arm: its place, which its mark comes from, and its name.
    Arm(usize, String),
    Number(String),
    /// A number, and how much of the most it is, which shades the cell.
    Shaded(String, f64),
    Command(String),
    /// Nothing, for this reason; empty where it goes without saying.
    Missing(String),
}

impl TableCell {
    /// Returns words.
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self::Words(text.into())
    }

    /// Returns a number, or nothing for this reason.
    pub(super) fn number(text: Option<String>, why: &str) -> Self {
        text.map_or_else(|| Self::Missing(why.to_owned()), Self::Number)
    }
}

/// Returns a table with its caption. The first `names` columns name the rows. Reasons for what is missing stand below, once
/// each.
pub(super) fn table(caption: &str, head: &[&str], names: usize, rows: &[Vec<TableCell>]) -> Element {
    let mut reasons: Vec<&str> = Vec::new();
    let mut body = el("tbody");
    for row in rows {
        let mut line = el("tr");
        for (column, cell) in row.iter().enumerate() {
            line = line.child(shown(cell, column < names, &mut reasons));
        }
        body = body.child(line);
    }
    let number = |column: usize| {
        rows.iter().any(|row| matches!(row.get(column), Some(TableCell::Number(_) | TableCell::Shaded(..))))
    };
    let heads = head.iter().enumerate().map(|(column, name)| {
        let cell = said("th", *name).with("scope", "col");
        if number(column) { cell.with("class", "number") } else { cell }
    });
    let table = el("table")
        .child(said("caption", caption))
        .child(el("thead").child(el("tr").children(heads)))
        .child(body);
    let frame = el("div").with("class", "table").with("tabindex", "0").child(table);
    let notes = reasons.iter().enumerate().map(|(at, why)| note(at, why));
    let notes: Vec<Element> = notes.collect();
    let whole = el("div").child(frame);
    if notes.is_empty() { whole } else { whole.child(el("ul").with("class", "notes").children(notes)) }
}

fn note(at: usize, why: &str) -> Element {
    el("li").text(format!("{MISSING} ")).child(said("sup", (at + 1).to_string())).text(format!(" {why}"))
}

fn shown<'a>(cell: &'a TableCell, name: bool, reasons: &mut Vec<&'a str>) -> Element {
    let element = if name { el("th").with("scope", "row") } else { el("td") };
    match cell {
        TableCell::Words(text) => element.text(text.as_str()),
        TableCell::Long(text) => element.with("class", "long").text(text.as_str()),
        TableCell::Arm(place, name) => element.with("class", "arm").child(sample(*place)).text(name.as_str()),
        TableCell::Number(text) => element.with("class", "number").text(text.as_str()),
        TableCell::Shaded(text, share) => {
            let style = format!("--share: {share:.2}");
            element.with("class", "number shaded").with("style", style).text(text.as_str())
        }
        TableCell::Command(text) => element.child(said("code", text.as_str())),
        TableCell::Missing(why) => {
            let element = element.with("class", "number none").text(MISSING);
            if why.is_empty() {
                return element;
            }
            let at = reasons.iter().position(|known| known == why).unwrap_or_else(|| {
                reasons.push(why);
                reasons.len() - 1
            });
            element.child(said("sup", (at + 1).to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_why_once() {
        let missing = |why: &str| TableCell::Missing(why.into());
        let rows = [
            vec![TableCell::words("a"), TableCell::Number("1".into()), missing("No plan.")],
            vec![TableCell::words("b"), missing("No plan."), missing("Too few.")],
        ];
        let text = table("Numbers", &["arm", "n", "m"], 1, &rows).to_string();
        assert_eq!(text.matches("–<sup>1</sup>").count(), 2, "{text}");
        assert_eq!(text.matches("No plan.").count(), 1);
        assert!(text.contains("<sup>2</sup> Too few."));
        assert!(text.contains("<th scope=\"row\">a</th>") && !text.contains("<td class=\"number\">0"));
    }
}
