//! Measures other than accuracy: faithfulness, contradictions, stability, the score as a verifier, findings.

use std::collections::BTreeSet;

use super::{
    axis::ChartAxis,
    markup::{Element, el},
    rows::RowPlot,
    table::TableCell,
    topic::{Topic, cell, decimals, part, percent, shown},
};
use crate::{figures::Figure, report::ArmLine};

/// Returns how answers deal with the items of their plans.
pub(super) fn faithfulness(topic: &Topic<'_>) -> Element {
    let plot = |id: &str, title: &str, figure: fn(&ArmLine) -> &Figure| {
        topic.plot(RowPlot {
            id: &topic.id(id),
            title,
            describes: "A row an arm and budget: the share with its 95 % interval.",
            axis: ChartAxis::share(title),
            reference: None,
            groups: topic.groups(|line| Some(shown(figure(line)))),
            span: 300.0,
        })
    };
    let cited = plot("cited", "cited items that hold, of those checkable", |line| {
        &line.figures.faithfulness.satisfied_cited
    });
    let uncited =
        plot("uncited", "items that the answer does not cite", |line| &line.figures.faithfulness.uncited);
    let about = "Items hold where the checker can evaluate them and finds them right; what it cannot evaluate counts neither \
                 way. Cited says that the answer names an item, not that the item had an effect on it. Dangling are \
                 citations of items that the plan does not have. A right plan is one whose steps give the right value.";
    if !topic.any(|line| &line.figures.faithfulness.satisfied)
        && !topic.any(|line| &line.figures.faithfulness.uncited)
    {
        return part("Faithfulness", about, [cited]);
    }
    let plots = el("div").with("class", "pair").children([cited, uncited]);
    let head = [
        "answers from plans",
        "items that hold",
        "cited items that hold",
        "uncited",
        "dangling",
        "right plans answered wrongly",
    ];
    let table = topic.table("Faithfulness", &head, |_, line| {
        let found = &line.figures.faithfulness;
        Some(vec![
            TableCell::Number(found.answers.to_string()),
            cell(&found.satisfied, percent),
            cell(&found.satisfied_cited, percent),
            cell(&found.uncited, percent),
            TableCell::number(found.dangling.map(|count| count.to_string()), "No answer was asked to cite."),
            cell(&found.lost, percent),
        ])
    });
    part("Faithfulness", about, [plots, table])
}

/// Returns how many pairs of items contradict each other.
pub(super) fn contradiction(topic: &Topic<'_>) -> Element {
    let plot = topic.plot(RowPlot {
        id: &topic.id("contradiction"),
        title: "pairs of items that contradict each other",
        describes: "A row an arm and budget: the share of contradicting pairs with its 95 % interval.",
        axis: ChartAxis::share("pairs of items that contradict each other"),
        reference: None,
        groups: topic.groups(|line| Some(shown(&line.figures.contradiction))),
        span: 300.0,
    });
    let about = "The share of pairs of items that the model finds contradicting each other, in the plan that was answered \
                 from. It is not corrected for pairs that the model gets wrong.";
    if !topic.any(|line| &line.figures.contradiction) {
        return part("Contradiction", about, [plot]);
    }
    let table = topic.table("Contradiction", &["contradicting pairs"], |_, line| {
        Some(vec![cell(&line.figures.contradiction, percent)])
    });
    part("Contradiction", about, [plot, table])
}

/// Returns whether what comes out depends on the seed.
pub(super) fn stability(topic: &Topic<'_>) -> Element {
    let plot = topic.plot(RowPlot {
        id: &topic.id("stability"),
        title: "pairs of seeds that give the same answer",
        describes: "A row an arm and budget: how often two seeds of a problem give the same answer, with its 95 % interval.",
        axis: ChartAxis::share("pairs of seeds that give the same answer"),
        reference: None,
        groups: topic.groups(|line| Some(shown(&line.figures.stability.pairwise))),
        span: 300.0,
    });
    let about = "Whether runs of a problem that differ only by their seeds give the same answer. Kappa is Fleiss' of being \
                 right. Answers also agree more where more of them are right, so the last column compares problems that \
                 arm and baseline solve on equally many seeds.";
    if !topic.any(|line| &line.figures.stability.pairwise) {
        return part("Stability over seeds", about, [plot]);
    }
    let head = [
        "seeds",
        "all seeds agree",
        "pairs agree",
        "kappa of right",
        "variance of right",
        "pairs agree where equally right",
    ];
    let table = topic.table("Stability over seeds", &head, |_, line| {
        let found = &line.figures.stability;
        let equal = match &found.equal {
            Figure::Measured(both) => TableCell::Number(format!(
                "{}, baseline {} (n = {})",
                percent(both.arm),
                percent(both.baseline),
                both.problems
            )),
            Figure::Missing { why } => TableCell::Missing(why.clone()),
        };
        Some(vec![
            TableCell::Number(found.seeds.to_string()),
            cell(&found.all_agree, percent),
            cell(&found.pairwise, percent),
            cell(&found.kappa, decimals),
            cell(&found.variance, decimals),
            equal,
        ])
    });
    part("Stability over seeds", about, [plot, table])
}

/// Returns how well the plan's score distinguishes right answers from wrong ones.
pub(super) fn verifier(topic: &Topic<'_>) -> Element {
    let plot = topic.plot(RowPlot {
        id: &topic.id("verifier"),
        title: "AUC of the plan's score",
        describes: "A row an arm and budget: the area under the ROC curve with its 95 % interval. At the line a coin does \
                    as well.",
        axis: ChartAxis { label: "AUC".to_owned(), ..ChartAxis::around([0.0, 1.0], 0.0, 0.0) },
        reference: Some(0.5),
        groups: topic.groups(|line| Some(shown(&line.figures.verifier.auc))),
        span: 300.0,
    });
    let head = ["right with a score", "wrong with a score", "AUC"];
    let table = topic.table("The score as a verifier", &head, |_, line| {
        let found = &line.figures.verifier;
        Some(vec![
            TableCell::Number(found.right.to_string()),
            TableCell::Number(found.wrong.to_string()),
            cell(&found.auc, decimals),
        ])
    });
    part(
        "The score as a verifier",
        "How often the plan of a right answer has a higher score than that of a wrong one: 0.5 is a coin. The score is the \
         one that steered the run, of the plan that was answered from.",
        [plot, table],
    )
}

/// Returns what passive checks find wrong with the runs.
pub(super) fn findings(topic: &Topic<'_>) -> Element {
    let lines = || topic.sections.iter().flat_map(|section| &section.arms);
    let names: BTreeSet<&str> =
        lines().flat_map(|line| &line.figures.faults).map(|fault| fault.name.as_str()).collect();
    let about = "Cells in which a passive check of planscope diagnose finds a fault; docs/diagnoses.md has a section on each.";
    if names.is_empty() {
        return part("Findings", &format!("{about} No check finds any."), []);
    }
    let head: Vec<&str> = ["cells"].into_iter().chain(names.iter().copied()).collect();
    let table = topic.table("Findings", &head, |_, line| {
        let count = |name: &str| {
            let cells =
                line.figures.faults.iter().find(|fault| fault.name == name).map_or(0, |fault| fault.cells);
            TableCell::Shaded(cells.to_string(), cells as f64 / line.cells.max(1) as f64)
        };
        let counts = names.iter().map(|name| count(name));
        Some([TableCell::Number(line.cells.to_string())].into_iter().chain(counts).collect())
    });
    part("Findings", about, [table])
}
