//! Right answers over budget, and how far arms are from the baseline.

use super::{
    axis::{AxisTick, ChartAxis, Spacing},
    chart::{ChartPoint, ChartSize, LineChart, Series},
    markup::{Element, el, said},
    rows::{RowContent, RowPlot, framed},
    table::TableCell,
    topic::{Topic, chance, part, percent, points, unit},
};
use crate::report::ArmLine;
use engine::budget::si;

/// More lines than these cannot be distinguished in one chart.
const MOST_LINES: usize = 6;
/// Budgets further apart than this are spaced by their ratios.
const FAR_APART: f64 = 3.0;
/// Why a share is missing.
const UNJUDGED: &str = "No answer was judged: there is no gold answer, or the calls failed.";

/// Returns the plot of right answers over budget, with its table.
pub(super) fn over_budget(topic: &Topic<'_>) -> Element {
    let series: Vec<Series> = topic.arms.iter().map(|arm| series(topic, arm)).collect();
    let plots = match topic.sections.len() {
        0 | 1 => at_one_budget(topic),
        _ if series.len() > MOST_LINES => one_by_one(topic, &series),
        _ => together(topic, series),
    };
    let head = [
        "right",
        "share",
        "95 %",
        "cells",
        "failed",
        "read from longer runs",
        "answers by the evaluator",
        "copied from it",
    ];
    let table = topic.table("Right answers", &head, |_, line| Some(row(line)));
    part(
        "Right answers over budget",
        "The share of right answers, a mean over problems, with its 95 % interval. Where lines share a budget, they are \
         drawn a little apart. Answers by the evaluator are what it computed of the plan, and no model wrote them; others were \
         copied from values that it had computed.",
        [plots, table],
    )
}

fn row(line: &ArmLine) -> Vec<TableCell> {
    let within = line.solved.interval.map(|(low, high)| format!("{} to {}", percent(low), percent(high)));
    vec![
        TableCell::Number(format!("{} of {}", line.solved.right, line.solved.judged)),
        TableCell::number(line.solved.share.map(percent), UNJUDGED),
        TableCell::number(within, UNJUDGED),
        TableCell::Number(line.cells.to_string()),
        TableCell::Number(line.failed.to_string()),
        TableCell::Number(line.read.to_string()),
        TableCell::Number(format!("{} of {}", line.figures.sources.evaluator, line.figures.sources.answers)),
        TableCell::Number(format!("{} of {}", line.figures.sources.copied, line.figures.sources.answers)),
    ]
}

fn series(topic: &Topic<'_>, arm: &str) -> Series {
    let lines = topic.sections.iter().flat_map(|section| {
        section.arms.iter().filter(|line| line.arm == arm).map(|line| (section.budget, line))
    });
    let points = lines
        .filter_map(|(x, line)| Some(ChartPoint { x, y: line.solved.share?, interval: line.solved.interval }))
        .collect();
    Series { name: arm.to_owned(), place: topic.place(arm), points }
}

fn chart<'a>(
    topic: &Topic<'_>,
    id: &'a str,
    title: &'a str,
    describes: &'a str,
    series: Vec<Series>,
    size: ChartSize,
) -> LineChart<'a> {
    let budgets: Vec<f64> = topic.sections.iter().map(|section| section.budget).collect();
    let low = budgets.iter().copied().fold(f64::INFINITY, f64::min);
    let high = budgets.iter().copied().fold(0.0, f64::max);
    let x = ChartAxis {
        label: format!("budget: {}", unit(topic.meter)),
        low,
        high,
        spacing: if high > FAR_APART * low { Spacing::Ratio } else { Spacing::Even },
        ticks: budgets.iter().map(|budget| AxisTick::new(*budget, si(*budget))).collect(),
    };
    LineChart { id, title, describes, x, y: ChartAxis::share(""), reference: None, series, size }
}

/// A row an arm: over a single budget there are no lines.
fn at_one_budget(topic: &Topic<'_>) -> Element {
    let shown = |line: &ArmLine| {
        Some(match line.solved.share {
            Some(value) => RowContent::Value { value, interval: line.solved.interval },
            None => RowContent::Nothing(UNJUDGED.to_owned()),
        })
    };
    topic.plot(RowPlot {
        id: &topic.id("accuracy"),
        title: &format!("Right answers, {}", topic.name()),
        describes: &summary(topic),
        axis: ChartAxis::share("right answers"),
        reference: None,
        groups: topic.groups(shown),
        span: 400.0,
    })
}

/// All arms in one chart.
fn together(topic: &Topic<'_>, series: Vec<Series>) -> Element {
    let id = topic.id("accuracy");
    let title = format!("Right answers over budget, {}", topic.name());
    let said = summary(topic);
    framed(chart(topic, &id, &title, &said, series, ChartSize::WHOLE).draw())
}

/// The shares at the largest budget, in a sentence.
fn summary(topic: &Topic<'_>) -> String {
    let Some(section) = topic.sections.last() else { return String::new() };
    let share = |line: &ArmLine| {
        format!("{} {}", line.arm, line.solved.share.map_or_else(|| "not judged".to_owned(), percent))
    };
    let shares: Vec<String> = section.arms.iter().map(share).collect();
    format!(
        "Shares of right answers with 95 % intervals. At {} {}: {}.",
        si(section.budget),
        unit(topic.meter),
        shares.join(", ")
    )
}

/// One chart per arm, each with the baseline for comparison.
fn one_by_one(topic: &Topic<'_>, series: &[Series]) -> Element {
    let Some((baseline, others)) = series.split_first() else { return el("div") };
    let one = |(at, arm): (usize, &Series)| {
        let id = topic.id(&format!("accuracy{at}"));
        let title = format!("Right answers of {} compared with {}", arm.name, baseline.name);
        let describes = "Shares of right answers with 95 % intervals; the numbers stand in the table below.";
        let both = vec![baseline.clone(), arm.clone()];
        let chart = chart(topic, &id, &title, describes, both, ChartSize::ONE_OF_MANY);
        let caption = said("figcaption", format!("{}, compared with {}", arm.name, baseline.name));
        el("figure").child(caption).child(chart.draw())
    };
    el("div").with("class", "many").children(others.iter().enumerate().map(one))
}

/// Returns the forest plot of paired differences to the baseline, with its table.
pub(super) fn differences(topic: &Topic<'_>) -> Element {
    let baseline = topic.sections.first().map_or("", |section| section.baseline.as_str());
    let contrasts =
        || topic.sections.iter().flat_map(|section| &section.arms).filter_map(|line| line.contrast.as_ref());
    let ends = contrasts().flat_map(|contrast| {
        let (low, high) = contrast.interval.unzip();
        [contrast.difference, low, high].into_iter().flatten()
    });
    let shown = |line: &ArmLine| {
        let contrast = line.contrast.as_ref()?;
        Some(match contrast.difference {
            Some(value) => RowContent::Value { value, interval: contrast.interval },
            None => RowContent::Nothing("no problem on which both were judged".to_owned()),
        })
    };
    let title = format!("Differences to {baseline}, {}", topic.name());
    let plot = topic.plot(RowPlot {
        id: &topic.id("differences"),
        title: &title,
        describes: "A row an arm and budget: the paired difference in right answers with its 95 % interval. Right of the \
                    line at zero the arm solves more than the baseline.",
        axis: ChartAxis::points(&format!("points more than {baseline}"), ends),
        reference: Some(0.0),
        groups: topic.groups(shown),
        span: 400.0,
    });
    let head = ["difference", "95 %", "better/worse on", "p", "Holm", "verdict"];
    let table = topic.table("Paired differences, in points", &head, |_, line| difference(line));
    part(
        &format!("Differences to {baseline}"),
        "The mean over problems of arm less baseline, on what both were judged on, with its 95 % interval. An interval \
         that holds the line at zero does not tell which is better.",
        [plot, table],
    )
}

fn difference(line: &ArmLine) -> Option<Vec<TableCell>> {
    let contrast = line.contrast.as_ref()?;
    let p = |p: Option<f64>| TableCell::number(p.map(chance), "The two never differ.");
    let within = contrast.interval.map(|(low, high)| format!("{} to {}", points(low), points(high)));
    let (better, worse) = contrast.discordant;
    Some(vec![
        TableCell::number(contrast.difference.map(points), "There is no problem on which both were judged."),
        TableCell::number(within, "An interval needs two problems."),
        TableCell::Number(format!("{better}/{worse} of {}", contrast.problems)),
        p(contrast.p),
        p(contrast.holm),
        TableCell::words(contrast.verdict().name()),
    ])
}
