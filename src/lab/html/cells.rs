//! The cells, each with the command that opens it.

use std::path::Path;

use super::{
    markup::{Element, el, said},
    table::{TableCell, table},
    topic::{budget, decimals, percent},
};
use crate::columns::ResultRow;
use output::text::things;

/// More cells than these are folded away on the screen.
const OPEN: usize = 200;

/// Returns the table of all cells below `dir`.
pub(super) fn cells(rows: &[ResultRow], dir: &Path) -> Element {
    let mut rows: Vec<&ResultRow> = rows.iter().collect();
    rows.sort_by(|a, b| {
        let key = |row: &ResultRow| (row.run.model.clone(), row.run.meter, row.run.budget.to_bits());
        let then = |row: &ResultRow| (row.run.problem.clone(), row.run.seed, row.run.arm.clone());
        key(a).cmp(&key(b)).then_with(|| then(a).cmp(&then(b)))
    });
    let several = rows.windows(2).any(|pair| pair[0].run.model != pair[1].run.model);
    let model: &[&str] = if several { &["model"] } else { &[] };
    let head = [
        &["problem", "seed", "arm"],
        model,
        &["budget", "judged", "opened by", "answer", "score", "spent", "findings", "failure"],
    ]
    .concat();
    let body: Vec<Vec<TableCell>> = rows.iter().map(|row| line(row, several, dir)).collect();
    let details = el("details").child(said("summary", things(rows.len() as u64, "cell")));
    let details = if rows.len() <= OPEN { details.with("open", "open") } else { details };
    el("section")
        .with("id", "cells")
        .child(said("h2", "Cells"))
        .child(said("p", "Every cell is an ordinary run. Its command shows each decision of it, and goes back and forth in it."))
        .child(details.child(table("Cells", &head, 3, &body)))
}

fn line(row: &ResultRow, several: bool, dir: &Path) -> Vec<TableCell> {
    let judged = match row.answer.right {
        Some(true) => TableCell::words("✓ right"),
        Some(false) => TableCell::words("✗ wrong"),
        None => TableCell::Missing("Nobody can judge it, or its calls failed.".to_owned()),
    };
    let model = several.then(|| TableCell::words(row.run.model.as_str()));
    let findings = if row.refinement.fault_names.is_empty() {
        TableCell::words("none")
    } else {
        spaced(&row.refinement.fault_names)
    };
    let names = [TableCell::words(row.run.problem.as_str()), TableCell::words(row.run.seed.to_string())];
    let names = names.into_iter().chain([TableCell::words(row.run.arm.as_str())]).chain(model);
    let answer = row.answer.answer.as_ref().map(|answer| output::text::fit(answer, 40));
    let rest = [
        TableCell::words(
            budget(row.run.budget, row.run.meter)
                + if row.record.read_from.is_some() { ", read from a longer run" } else { "" },
        ),
        judged,
        TableCell::Command(format!("planscope replay {}", quoted(&dir.join(&row.record.session)))),
        TableCell::number(answer, "No answer could be read."),
        TableCell::number(row.scores.score.map(decimals), "There is no plan, or nothing scored it."),
        TableCell::Number(percent(row.spent.share)),
        findings,
        row.record
            .failure
            .as_ref()
            .map_or_else(|| TableCell::Missing(String::new()), |why| TableCell::Long(why.clone())),
    ];
    names.chain(rest).collect()
}

fn spaced(names: &str) -> TableCell {
    TableCell::Long(names.replace(',', ", "))
}

/// Returns a path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_is_quoted() {
        assert_eq!(quoted(Path::new("lab-x/sessions/0a")), "lab-x/sessions/0a");
        assert_eq!(quoted(Path::new("my lab/it's")), r"'my lab/it'\''s'");
    }
}
