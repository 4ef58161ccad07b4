//! One model, meter and part of the problems: its budgets, and its arms in the order in which they are drawn everywhere.

use super::{
    markup::{Element, el, said},
    rows::{RowContent, RowGroup, RowMark, RowPlot, framed},
    table::{TableCell, table},
};
use crate::{
    experiment::Meter,
    figures::{Figure, Number},
    report::{ArmLine, Report, ReportSection, subject},
};
use engine::budget::si;

/// All budgets on one meter for one model and part of the problems.
pub(super) struct Topic<'a> {
    /// Unique on the page.
    pub id: String,
    pub model: &'a str,
    /// What budgets are counted in.
    pub meter: Meter,
    /// What its problems have in common; absent where they are all.
    pub part: Option<&'a str>,
    /// One a budget, the smallest first.
    pub sections: Vec<&'a ReportSection>,
    /// The arms, the baseline first.
    pub arms: Vec<&'a str>,
}

impl<'a> Topic<'a> {
    /// Returns the topics of a report.
    pub(super) fn all(report: &'a Report) -> Vec<Self> {
        let mut topics: Vec<Self> = Vec::new();
        for section in &report.sections {
            let (model, meter, part) = (section.model.as_str(), section.meter, section.part.as_deref());
            match topics.last_mut().filter(|last| last.is_about(model, meter, part)) {
                Some(topic) => topic.sections.push(section),
                None => topics.push(Self {
                    id: format!("t{}", topics.len() + 1),
                    model,
                    meter,
                    part,
                    sections: vec![section],
                    arms: Vec::new(),
                }),
            }
        }
        for topic in &mut topics {
            for line in topic.sections.iter().flat_map(|section| &section.arms) {
                if !topic.arms.contains(&line.arm.as_str()) {
                    topic.arms.push(&line.arm);
                }
            }
        }
        topics
    }

    /// Returns whether this is what it is about.
    pub(super) fn is_about(&self, model: &str, meter: Meter, part: Option<&str>) -> bool {
        self.model == model && self.meter == meter && self.part == part
    }

    /// Returns the model, with the part of the problems that it was given.
    pub(super) fn name(&self) -> String {
        subject(self.model, self.part)
    }

    /// Returns the arm's place among all, which its colour and shape come from.
    pub(super) fn place(&self, arm: &str) -> usize {
        self.arms.iter().position(|known| *known == arm).unwrap_or(0)
    }

    /// Returns the cell of a table that names an arm.
    pub(super) fn arm(&self, line: &ArmLine) -> TableCell {
        let oracle = if line.oracle { " (oracle)" } else { "" };
        TableCell::Arm(self.place(&line.arm), format!("{}{oracle}", line.arm))
    }

    /// Returns the rows of a plot, one an arm and budget; arms for which `shown` is `None` have none.
    pub(super) fn groups(&self, shown: impl Fn(&ArmLine) -> Option<RowContent>) -> Vec<RowGroup> {
        let group = |section: &&ReportSection| {
            let row = |line: &ArmLine| {
                Some(RowMark { label: line.arm.clone(), place: self.place(&line.arm), shown: shown(line)? })
            };
            let heading =
                if self.sections.len() > 1 { budget(section.budget, section.meter) } else { String::new() };
            RowGroup { heading, rows: section.arms.iter().filter_map(row).collect() }
        };
        self.sections.iter().map(group).filter(|group| !group.rows.is_empty()).collect()
    }

    /// Returns a table, one row an arm and budget; arms for which `cells` is `None` have none.
    pub(super) fn table(
        &self,
        caption: &str,
        head: &[&str],
        cells: impl Fn(&ReportSection, &ArmLine) -> Option<Vec<TableCell>>,
    ) -> Element {
        let several = self.sections.len() > 1;
        let row = |section: &ReportSection, line: &ArmLine| {
            let budget = several.then(|| TableCell::words(si(section.budget)));
            let names = budget.into_iter().chain([self.arm(line)]);
            Some(names.chain(cells(section, line)?).collect())
        };
        let rows: Vec<Vec<TableCell>> = self
            .sections
            .iter()
            .flat_map(|section| section.arms.iter().filter_map(move |line| row(section, line)))
            .collect();
        let names = if several { &["budget", "arm"][..] } else { &["arm"] };
        table(caption, &[names, head].concat(), names.len(), &rows)
    }

    /// Returns a plot with a row an arm and budget. Arms that have nothing to draw at any budget are named below it with
    /// the reason.
    pub(super) fn plot(&self, mut rows: RowPlot<'_>) -> Element {
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for arm in &self.arms {
            let own = || rows.groups.iter().flat_map(|group| &group.rows).filter(|row| row.label == *arm);
            let Some(why) = own().next().and_then(RowMark::why).map(str::to_owned) else { continue };
            if own().any(|row| row.why().is_none()) {
                continue;
            }
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, arms)) => arms.push(arm),
                None => reasons.push((why, vec![arm])),
            }
        }
        let without = |arm: &str| reasons.iter().any(|(_, arms)| arms.contains(&arm));
        for group in &mut rows.groups {
            group.rows.retain(|row| !without(&row.label));
        }
        rows.groups.retain(|group| !group.rows.is_empty());
        let some = rows.groups.is_empty();
        let note = |(why, arms): &(String, Vec<&str>)| {
            let whose =
                if some && reasons.len() == 1 { String::new() } else { format!("{}: ", arms.join(", ")) };
            said("p", format!("– {whose}{why}")).with("class", "none")
        };
        let notes: Vec<Element> = reasons.iter().map(note).collect();
        let drawn = (!rows.groups.is_empty()).then(|| framed(rows.draw()));
        let nothing = drawn.is_none() && notes.is_empty();
        let nothing = nothing.then(|| said("p", "– There is nothing to compare.").with("class", "none"));
        el("div").children(drawn.into_iter().chain(notes).chain(nothing))
    }

    /// Returns whether a figure was measured for any arm.
    pub(super) fn any(&self, figure: impl Fn(&ArmLine) -> &Figure) -> bool {
        self.sections.iter().flat_map(|section| &section.arms).any(|line| figure(line).get().is_some())
    }

    /// Returns an id for a part of the topic.
    pub(super) fn id(&self, part: &str) -> String {
        format!("{}-{part}", self.id)
    }
}

/// Returns a part of a page: a heading, what it says, and what stands below.
pub(super) fn part(heading: &str, about: &str, below: impl IntoIterator<Item = Element>) -> Element {
    el("section").with("class", "part").child(said("h3", heading)).child(said("p", about)).children(below)
}

/// Returns a budget in words.
pub(super) fn budget(value: f64, meter: Meter) -> String {
    format!("{} {}", si(value), unit(meter))
}

/// Returns what a meter counts, in words.
pub(super) const fn unit(meter: Meter) -> &'static str {
    match meter {
        Meter::Generated => "generated tokens",
        Meter::Fresh => "evaluated positions",
        Meter::Flops => "FLOPs",
        Meter::WallS => "seconds in the model",
    }
}

/// Returns what a row shows of a figure.
pub(super) fn shown(figure: &Figure) -> RowContent {
    match figure {
        Figure::Measured(Number { value, interval, .. }) => {
            RowContent::Value { value: *value, interval: *interval }
        }
        Figure::Missing { why } => RowContent::Nothing(why.clone()),
    }
}

/// Returns what a table's cell says of a figure: the number, its interval and how many problems it is over.
pub(super) fn cell(figure: &Figure, write: fn(f64) -> String) -> TableCell {
    match figure {
        Figure::Measured(Number { value, interval, problems }) => {
            let within = interval
                .map_or_else(String::new, |(low, high)| format!("{} to {}; ", write(low), write(high)));
            TableCell::Number(format!("{} ({within}n = {problems})", write(*value)))
        }
        Figure::Missing { why } => TableCell::Missing(why.clone()),
    }
}

/// Returns a share in per cent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Returns a number with three decimals and a proper minus.
pub(super) fn decimals(value: f64) -> String {
    format!("{value:.3}").replace('-', "−")
}

/// Returns a p-value.
pub(super) fn chance(p: f64) -> String {
    if p < 0.000_5 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// Returns a difference of shares in points, with its sign.
pub(super) fn points(difference: f64) -> String {
    format!("{:+.1}", 100.0 * difference).replace('-', "−")
}
