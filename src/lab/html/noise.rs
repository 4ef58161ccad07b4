//! Keep or kill: how far refinement is from best-of-N under known noise on the score.

use std::collections::BTreeMap;

use super::{
    axis::{AxisTick, ChartAxis, Spacing},
    chart::{ChartPoint, ChartSize, LineChart, Series},
    markup::{Element, el, said},
    rows::framed,
    table::{TableCell, table},
    topic::{Topic, budget, chance, part, points},
};
use crate::figures::{Strength, Sweep, SweepOutcome};

const ABOUT: &str = "Noise of a known standard deviation σ is added to the score, drawn again at each scoring (fresh) or the same for \
                     a plan each time (frozen). Above the line at zero refinement solves more than best-of-N under the same \
                     noise. In a simulation with 12 items greedy refinement won at half a median step and lost at a whole one.";

/// Returns the figure for each budget and kind of noise of a topic, with a table of all.
pub(super) fn keep_or_kill(topic: &Topic<'_>, sweeps: &[Sweep]) -> Element {
    let about = |sweep: &&Sweep| topic.is_about(&sweep.model, sweep.meter, sweep.part.as_deref());
    let own: Vec<&Sweep> = sweeps.iter().filter(about).collect();
    if own.is_empty() {
        let why = "– No arm refines under known noise on its score; docs/lab.md has an experiment in which some do.";
        return part("Keep or kill", ABOUT, [said("p", why).with("class", "none")]);
    }
    let mut groups: BTreeMap<(u64, &str), Vec<&Sweep>> = BTreeMap::new();
    for sweep in &own {
        groups.entry((sweep.budget.to_bits(), &sweep.noise)).or_default().push(sweep);
    }
    let figures = groups.values().enumerate().map(|(at, sweeps)| figure(topic, at, sweeps));
    let figures: Vec<Element> = figures.collect();
    let body: Vec<Vec<TableCell>> =
        own.iter().flat_map(|sweep| sweep.points.iter().map(|strength| row(sweep, strength))).collect();
    let head = [
        "budget",
        "noise",
        "arm",
        "σ",
        "σ in steps",
        "best-of-N",
        "difference",
        "95 %",
        "better/worse on",
        "p",
    ];
    let numbers = table("Refinement less best-of-N, in points", &head, 3, &body);
    part("Keep or kill", ABOUT, figures.into_iter().chain([numbers]))
}

fn figure(topic: &Topic<'_>, at: usize, sweeps: &[&Sweep]) -> Element {
    let Some(first) = sweeps.first() else { return el("div") };
    let title = format!("{} noise, {}", first.noise, budget(first.budget, topic.meter));
    let sentences: Vec<String> = sweeps.iter().map(|sweep| sweep.sentence.clone()).collect();
    let describes = sentences.join(" ");
    let series: Vec<Series> = sweeps.iter().enumerate().map(|(at, sweep)| series(at, sweep)).collect();
    let ends = series.iter().flat_map(|series| &series.points).flat_map(|point| {
        let (low, high) = point.interval.unzip();
        [Some(point.y), low, high].into_iter().flatten()
    });
    let chart = LineChart {
        id: &topic.id(&format!("noise{at}")),
        title: &title,
        describes: &describes,
        x: strengths(sweeps),
        y: ChartAxis::points("", ends),
        reference: Some(0.0),
        series,
        size: ChartSize::WHOLE,
    };
    let said_below = sentences.iter().map(|sentence| said("p", sentence.as_str()));
    el("figure").child(said("figcaption", title.as_str())).child(framed(chart.draw())).children(said_below)
}

/// The axis of σ, with steps below where all arms have the same.
fn strengths(sweeps: &[&Sweep]) -> ChartAxis {
    let mut ticks: Vec<AxisTick> = Vec::new();
    let one = sweeps.len() == 1;
    for point in sweeps.iter().flat_map(|sweep| &sweep.points) {
        if ticks.iter().all(|tick| tick.at != point.sigma) {
            let below = point.steps.filter(|_| one).map(|steps| format!("{steps:.1} steps"));
            ticks.push(AxisTick { at: point.sigma, label: sigma(point.sigma), below });
        }
    }
    ticks.sort_by(|a, b| a.at.total_cmp(&b.at));
    let ends = (ticks.first().map_or(0.0, |tick| tick.at), ticks.last().map_or(1.0, |tick| tick.at));
    ChartAxis {
        label: "σ of the noise on the score".to_owned(),
        low: ends.0,
        high: ends.1,
        spacing: Spacing::Even,
        ticks,
    }
}

fn series(at: usize, sweep: &Sweep) -> Series {
    let point = |strength: &Strength| {
        let contrast = strength.contrast.as_ref()?;
        Some(ChartPoint { x: strength.sigma, y: contrast.difference?, interval: contrast.interval })
    };
    let points = sweep.points.iter().filter_map(point).collect();
    Series { name: format!("{} − best-draft", sweep.kind), place: at + 1, points }
}

fn sigma(sigma: f64) -> String {
    let text = format!("{sigma:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn row(sweep: &Sweep, strength: &Strength) -> Vec<TableCell> {
    let contrast = strength.contrast.as_ref();
    let none = "No best-of-N arm has this noise, or no problem has both judged.";
    let within = contrast.and_then(|contrast| contrast.interval);
    let within = within.map(|(low, high)| format!("{} to {}", points(low), points(high)));
    let pairs = contrast.map(|contrast| {
        format!("{}/{} of {}", contrast.discordant.0, contrast.discordant.1, contrast.problems)
    });
    let p = contrast.and_then(|contrast| contrast.p).map(chance);
    vec![
        TableCell::words(budget(sweep.budget, sweep.meter)),
        TableCell::words(sweep.noise.as_str()),
        TableCell::words(strength.arm.as_str()),
        TableCell::Number(sigma(strength.sigma)),
        TableCell::number(
            strength.steps.map(|steps| format!("{steps:.2}")),
            "The median step is not known: no cell without noise shows it, or most edits leave the score unchanged.",
        ),
        strength
            .best_of_n
            .as_ref()
            .map_or_else(|| TableCell::Missing(none.to_owned()), |name| TableCell::words(name.as_str())),
        TableCell::number(contrast.and_then(|contrast| contrast.difference).map(points), none),
        TableCell::number(within, none),
        TableCell::number(pairs, none),
        TableCell::number(p, if contrast.is_some() { "The two never differ." } else { none }),
    ]
}

/// Returns the class and the sign of an outcome among the verdicts.
pub(super) const fn sign(outcome: &SweepOutcome) -> (&'static str, &'static str) {
    match outcome {
        SweepOutcome::Never { .. } => ("better", "▲"),
        SweepOutcome::Stops { .. } => ("better", "◆"),
        SweepOutcome::NotEvenAt { below: true, .. } => ("worse", "▼"),
        SweepOutcome::NotEvenAt { below: false, .. } => ("same", "="),
        SweepOutcome::NotEnough { .. } => ("unknown", "?"),
    }
}
