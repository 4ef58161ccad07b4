//! What accepted edits did, and what each proposer brought.

use super::{
    markup::Element,
    table::{TableCell, table},
    topic::{Topic, budget, cell, part, percent},
};
use crate::figures::ProposerTotals;

/// Returns what the oracle says of the edits that were accepted.
pub(super) fn edits(topic: &Topic<'_>) -> Element {
    let about = "Accepted edits that changed the plan, as the oracle sees the plans before and after: those known to be right or \
                 wrong. Made worse: a right plan became a wrong one. Made better: a wrong plan became a right one.";
    let mut lines = topic.sections.iter().flat_map(|section| &section.arms);
    if lines.all(|line| line.figures.edits.accepted == 0) {
        return part("Accepted edits (oracle)", &format!("{about} Here none was accepted."), []);
    }
    let table =
        topic.table("Accepted edits", &["accepted", "known", "made worse", "made better"], |_, line| {
            let edits = &line.figures.edits;
            let counts = [edits.accepted, edits.known].map(|count| TableCell::Number(count.to_string()));
            let shares = [cell(&edits.worse, percent), cell(&edits.better, percent)];
            Some(counts.into_iter().chain(shares).collect())
        });
    part("Accepted edits (oracle)", about, [table])
}

/// Returns what each proposer of each arm brought for its tokens.
pub(super) fn proposers(topic: &Topic<'_>) -> Element {
    let about = "Usable are new plans; improved are those with a higher total than the plan that they change, by the score and \
                 not by the oracle. Summed over the cells of an arm.";
    let head = [
        "arm",
        "budget",
        "proposer",
        "tried",
        "usable",
        "improved",
        "accepted",
        "tokens",
        "tokens per improvement",
    ];
    let lines =
        topic.sections.iter().flat_map(|section| section.arms.iter().map(move |line| (section, line)));
    let rows: Vec<Vec<TableCell>> = lines
        .flat_map(|(section, line)| {
            line.figures.proposers.iter().map(move |one| {
                let names = [
                    TableCell::Arm(topic.place(&line.arm), line.arm.clone()),
                    TableCell::words(budget(section.budget, section.meter)),
                    TableCell::words(one.name.as_str()),
                ];
                names.into_iter().chain(numbers(one)).collect()
            })
        })
        .collect();
    if rows.is_empty() {
        return part("Proposers", &format!("{about} Here nothing was proposed."), []);
    }
    part("Proposers", about, [table("Proposers", &head, 3, &rows)])
}

fn numbers(one: &ProposerTotals) -> Vec<TableCell> {
    let counts = [one.tried, one.usable, one.improved, one.accepted];
    let tokens = one.tokens.map(|tokens| tokens.to_string());
    let each = one.tokens_per_improvement().map(|tokens| format!("{tokens:.0}"));
    let tokens = TableCell::number(tokens, "The record does not say what its proposals took.");
    let each = TableCell::number(each, "No plan improved, or tokens are not known.");
    counts.map(|count| TableCell::Number(count.to_string())).into_iter().chain([tokens, each]).collect()
}
