//! Budgets that problems share.

use super::{
    markup::{Element, el, said},
    table::{TableCell, table},
    topic::percent,
    verdict,
};
use crate::pool::{Pool, PoolLine, PoolWords, pool_heading};

const ABOUT: &str = "All problems share the tokens of a pool. Where a run can be stopped at any moment, all runs advance side by \
                     side; those that end by themselves leave what they save to the others, and when the pool is spent, \
                     all are stopped, at as many tokens each, with the answer that stands. Other runs have one cap, the \
                     largest of the experiment with which they stay within the pool. Nothing was run for it: the rule was \
                     fixed before, and decides by what runs cost, never by their results.";

/// Returns what arms make of pools; `None` where there are none.
pub(super) fn pools(pools: &[Pool]) -> Option<Element> {
    let one = |pool: &Pool| {
        let head = ["arm", "right", "share", "95 %", "tokens per problem", "stopped at", "overrun"];
        let rows: Vec<Vec<TableCell>> =
            pool.arms.iter().enumerate().map(|(place, line)| row(place, line)).collect();
        let verdicts =
            pool.arms.iter().filter_map(|line| verdict(line.contrast.as_ref(), line.verdict.as_deref()));
        el("section")
            .child(said("h3", pool_heading(pool)))
            .child(el("ul").with("class", "verdicts").children(verdicts))
            .child(table("Right answers from a pool", &head, 1, &rows))
    };
    (!pools.is_empty()).then(|| {
        el("section")
            .with("id", "pools")
            .child(said("h2", "Pooled budgets"))
            .child(said("p", ABOUT))
            .children(pools.iter().map(one))
    })
}

fn row(place: usize, line: &PoolLine) -> Vec<TableCell> {
    let words = PoolWords::of(line);
    let within = line.solved.interval.map(|(low, high)| format!("{} to {}", percent(low), percent(high)));
    let none = "No answer was judged.";
    vec![
        TableCell::Arm(place, line.arm.clone()),
        TableCell::Number(words.right),
        TableCell::number(line.solved.share.map(percent), none),
        TableCell::number(within, none),
        TableCell::Number(words.mean),
        TableCell::words(words.stopped),
        TableCell::Number(words.overrun),
    ]
}
