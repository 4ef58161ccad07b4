//! What arms cost, on all meters.

use super::{
    axis::ChartAxis,
    markup::{Element, el, said},
    rows::{RowContent, RowPlot},
    table::TableCell,
    topic::{Topic, part, percent},
};
use crate::report::{ArmLine, MeanSpending};
use engine::budget::si;

/// Why floating-point operations are missing.
const NO_SHAPE: &str = "The model's shape is not known.";

/// A meter: its name, what it read on average, and how that is written.
type MeterReading = (&'static str, fn(&MeanSpending) -> Option<f64>, fn(f64) -> String);

const METERS: [MeterReading; 6] = [
    ("generated tokens", |spent| Some(spent.generated), whole),
    ("evaluated positions", |spent| Some(spent.fresh), whole),
    ("cached positions", |spent| Some(spent.cached), whole),
    ("calls", |spent| Some(spent.calls), tenth),
    ("FLOPs", |spent| spent.flops, si),
    ("seconds in the model", |spent| Some(spent.wall_s), tenth),
];

fn whole(value: f64) -> String {
    si(value.round())
}

fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

/// Returns what was spent of the budget, and on every meter.
pub(super) fn cost(topic: &Topic<'_>) -> Element {
    let spent = |line: &ArmLine| {
        Some(RowContent::Bar {
            value: line.spent.share,
            most: Some(line.spent.most).filter(|_| line.cells > 1),
        })
    };
    let most = topic.sections.iter().flat_map(|section| &section.arms).map(|line| line.spent.most);
    let mut panels = vec![panel(topic, "share", "spent/budget", most.collect(), spent)];
    for (at, (name, read, _)) in METERS.into_iter().enumerate() {
        let lines = topic.sections.iter().flat_map(|section| &section.arms);
        let values = lines.filter_map(|line| read(&line.spent)).collect();
        panels.push(panel(topic, &format!("meter{at}"), name, values, |line| {
            Some(match read(&line.spent) {
                Some(value) => RowContent::Bar { value, most: None },
                None => RowContent::Nothing(NO_SHAPE.to_owned()),
            })
        }));
    }
    let head: Vec<&str> = ["spent/budget", "most"].into_iter().chain(METERS.map(|(name, ..)| name)).collect();
    let table = topic.table("Cost, a mean over cells", &head, |_, line| {
        let spent = &line.spent;
        let shares = [spent.share, spent.most].map(|share| TableCell::Number(percent(share)));
        let meters = METERS.map(|(_, read, write)| TableCell::number(read(spent).map(write), NO_SHAPE));
        Some(shares.into_iter().chain(meters).collect())
    });
    part(
        "Cost",
        "Arms have the same budget on one meter; this is what they spent of it, on average and at most, and what that cost \
         on every meter, as a mean over cells.",
        [el("div").with("class", "many").children(panels), table],
    )
}

fn panel(
    topic: &Topic<'_>,
    id: &str,
    name: &str,
    values: Vec<f64>,
    shown: impl Fn(&ArmLine) -> Option<RowContent>,
) -> Element {
    let axis = if id == "share" {
        let axis = ChartAxis::around(values.into_iter().map(|share| 100.0 * share).chain([100.0]), 0.0, 0.0);
        let ticks = axis.ticks.into_iter().map(|mut tick| {
            (tick.at, tick.label) = (tick.at / 100.0, format!("{} %", tick.label));
            tick
        });
        ChartAxis { ticks: ticks.collect(), low: axis.low / 100.0, high: axis.high / 100.0, ..axis }
    } else {
        ChartAxis::amounts("", values)
    };
    let plot = topic.plot(RowPlot {
        id: &topic.id(id),
        title: name,
        describes: "A bar an arm and budget.",
        axis,
        reference: (id == "share").then_some(1.0),
        groups: topic.groups(shown),
        span: 170.0,
    });
    el("figure").child(said("figcaption", name)).child(plot)
}
