//! Where right answers are lost: a bar an arm, cut into the ways in which its cells end.

use super::{
    drawing::{Anchor, bar, fit, plot, width, words},
    markup::Element,
    rows::framed,
    table::TableCell,
    topic::{Topic, part, percent},
};
use crate::figures::{Losses, StageCount};
use engine::budget::si;

const ROW: f64 = 22.0;
const TOP: f64 = 30.0;
/// The longest name of a row that is drawn whole.
const LONGEST: f64 = 190.0;
/// The width of all cells of an arm.
const SPAN: f64 = 520.0;
/// The side of a sample in the legend.
const SAMPLE: f64 = 11.0;
/// A part at least this wide has its number in it.
const ROOM: f64 = 18.0;

const ABOUT: &str = "Draft right, then some plan seen right, then the plan kept right, then the answer right: what the oracle \
                     says after each run. Lost in drawing: no plan that was seen is right. In choosing: one is, and the \
                     plan that was kept is not. In answering: the plan that was kept is right, and the answer is not. A \
                     plan is right if its steps give the right value. Cells in which a stage is not available are in no \
                     count.";

/// Returns where the cells of each arm lose what is right.
pub(super) fn losses(topic: &Topic<'_>) -> Element {
    let lines = || topic.sections.iter().flat_map(|section| &section.arms);
    if lines().all(|line| line.figures.losses.known == 0) {
        let none = " Here no cell has all of them.";
        return part("Where right answers are lost (oracle)", &format!("{ABOUT}{none}"), []);
    }
    let head = [
        "known",
        "not available",
        "draft right",
        "a plan seen right",
        "plan kept right",
        "answer right",
        "right from a wrong plan",
        "lost in answering",
        "lost in choosing",
        "lost in drawing",
    ];
    let table = topic.table("Stages and losses", &head, |_, line| {
        let Losses { known, unknown, stages, ends } = &line.figures.losses;
        let counts = [known, unknown].map(|count| TableCell::Number(count.to_string()));
        // Right from a right plan is what is left of the right answers.
        Some(counts.into_iter().chain(stages.iter().chain(&ends[1..]).map(cell)).collect())
    });
    part("Where right answers are lost (oracle)", ABOUT, [framed(bars(topic)), table])
}

fn cell(count: &StageCount) -> TableCell {
    let within = count.interval.map(|(low, high)| format!("; {} to {}", percent(low), percent(high)));
    let text = count
        .share()
        .map(|share| format!("{} ({}{})", count.cells, percent(share), within.unwrap_or_default()));
    TableCell::number(text, "No cell has all stages.")
}

/// A bar an arm and budget, as long for all.
fn bars(topic: &Topic<'_>) -> Element {
    let several = topic.sections.len() > 1;
    let rows: Vec<(String, &Losses)> = topic
        .sections
        .iter()
        .flat_map(|section| section.arms.iter().map(move |line| (section, line)))
        .filter(|(_, line)| line.figures.losses.known > 0)
        .map(|(section, line)| {
            let budget = if several { format!(", {}", si(section.budget)) } else { String::new() };
            (format!("{}{budget}", line.arm), &line.figures.losses)
        })
        .collect();
    let widest = rows.iter().map(|(name, _)| width(name)).fold(60.0, f64::max).min(LONGEST);
    let start = widest + 18.0;
    let svg = plot(
        &topic.id("losses"),
        start + SPAN + 22.0,
        TOP + ROW * rows.len() as f64 + 6.0,
        "how cells end",
        "A bar an arm and budget, cut into the cells that are right, right from a wrong plan, and lost in answering, \
         choosing and drawing.",
    );
    let mut svg = svg.children(legend(rows.first().map(|(_, losses)| *losses)));
    for (at, (name, losses)) in rows.iter().enumerate() {
        let middle = TOP + ROW * at as f64 + ROW / 2.0;
        svg = svg.child(words("name", (start - 12.0, middle), Anchor::End, &fit(name, LONGEST)));
        svg = svg.children(cut(losses, start, middle));
    }
    svg
}

/// The parts of one bar, with their numbers next to the colour samples where there is room.
fn cut(losses: &Losses, start: f64, middle: f64) -> Vec<Element> {
    let mut drawn = Vec::new();
    let mut x = start;
    for (place, count) in losses.ends.iter().enumerate() {
        let wide = SPAN * count.share().unwrap_or(0.0);
        if wide > 0.0 {
            drawn.push(bar(&format!("end end-{place}"), (x, middle - 7.0), wide, 14.0));
        }
        if wide >= ROOM {
            let at = (x + wide / 2.0, middle);
            drawn.push(words("heading", at, Anchor::Middle, &count.cells.to_string()));
        }
        x += wide;
    }
    drawn
}

fn legend(losses: Option<&Losses>) -> Vec<Element> {
    let mut drawn = Vec::new();
    let mut x = 4.0;
    for (place, count) in losses.iter().flat_map(|losses| losses.ends.iter().enumerate()) {
        drawn.push(bar(&format!("end end-{place}"), (x, 5.0), SAMPLE, SAMPLE));
        drawn.push(words("tick", (x + SAMPLE + 5.0, 11.0), Anchor::Start, count.name));
        x += SAMPLE + 5.0 + width(count.name) + 14.0;
    }
    drawn
}
