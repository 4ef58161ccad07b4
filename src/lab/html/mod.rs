//! Reports as one page of HTML that is self-contained: no script, no font, no network. Plots are SVG within it.
//!
//! | part | holds |
//! | --- | --- |
//! | `markup` | elements, in which everything is escaped |
//! | `axis`, `drawing` | where numbers lie, and what is drawn there |
//! | `chart`, `rows`, `table` | lines over a number, one row per number, tables |
//! | `topic` | one model, meter and part of the problems, with its arms in one order |
//! | `accuracy`, `quality`, `noise`, `pools`, `edits`, `cost`, `cells` | what a report says |
//!
//! Every number that is drawn also stands in a table below, and arms differ by shape and dashes as well as by colour.

mod accuracy;
mod axis;
mod cells;
mod chart;
mod cost;
mod drawing;
mod edits;
mod losses;
mod markup;
mod noise;
mod pools;
mod quality;
mod rows;
mod table;
mod topic;

use std::{collections::BTreeSet, path::Path};

use self::{
    markup::{Element, el, escaped, said},
    topic::{Topic, budget, unit},
};
use crate::{
    columns::ResultRow,
    contrast::{ArmContrast, ContrastVerdict},
    figures::Sweep,
    report::{ArmLine, Report, ReportSection, frozen, subject},
};
use output::text::things;

const STYLE: &str = include_str!("style.css");

/// How numbers were computed; `docs/lab.md` says the same at more length.
const METHODS: [&str; 5] = [
    "The unit is the problem: seeds of a problem are averaged first, and only problems are resampled.",
    "Intervals are at 95 %. Of right answers with one seed a problem, and of problems whose seeds all agree, they are \
     Wilson's; all others are BCa bootstrap intervals over problems with 10,000 resamples. Where no resample differs, \
     Wilson's bounds for as many problems stand in.",
    "p is McNemar's exact test where each problem has one seed, and otherwise a test of random signs over problems. Holm \
     corrects over the arms of one budget; other intervals and p-values on this page are not corrected for how many they \
     are.",
    "Better and worse need p after Holm below 0.05. No difference seen means that a difference of 10 points would have been \
     seen with 80 % power; otherwise there is not enough data.",
    "What is not known shows as – and says why. It is never counted as 0 or as wrong.",
];

/// Returns the page of a report over `rows`, whose sessions lie below `dir`.
pub fn page(report: &Report, rows: &[ResultRow], dir: &Path) -> String {
    let name = rows.first().map_or("", |row| row.run.experiment.as_str());
    let topics = Topic::all(report);
    let main = el("main")
        .child(said("h1", format!("{name}: what each way made of its budget")))
        .children(frozen(report).map(|hash| said("p", hash).with("class", "lead")))
        .child(said("p", lead(rows)).with("class", "lead"))
        .child(contents(&topics, !report.pools.is_empty()))
        .child(verdicts(report))
        .children(pools::pools(&report.pools))
        .children(topics.iter().map(|topic| section(topic, report)))
        .child(cells::cells(rows, dir))
        .child(methods());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}: \
         planscope lab report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{main}\n</body>\n</html>\n",
        escaped(name)
    )
}

/// What was run, in a few sentences.
fn lead(rows: &[ResultRow]) -> String {
    let count = |of: fn(&ResultRow) -> String| rows.iter().map(of).collect::<BTreeSet<String>>().len() as u64;
    let failed = rows.iter().filter(|row| row.record.failure.is_some()).count() as u64;
    let unjudged = rows.iter().filter(|row| row.answer.right.is_none()).count() as u64;
    let mut said = format!(
        "{} of {}, {}, {}, {} and {}.",
        things(rows.len() as u64, "cell"),
        things(count(|row| row.key().to_owned()), "problem"),
        things(count(|row| row.run.seed.to_string()), "seed"),
        things(count(|row| row.run.arm.clone()), "arm"),
        things(count(|row| format!("{} {}", row.run.budget, row.run.meter.name())), "budget"),
        things(count(|row| row.run.model.clone()), "model"),
    );
    if failed > 0 {
        said += &format!(" {} failed.", things(failed, "cell"));
    }
    if unjudged > 0 {
        said += &format!(
            " {} not judged, which is not wrong.",
            if unjudged == 1 { "1 cell is".to_owned() } else { format!("{} are", things(unjudged, "cell")) }
        );
    }
    if rows.iter().any(|row| row.run.oracle) {
        said += " Arms marked oracle saw the gold answer.";
    }
    said
}

fn contents(topics: &[Topic<'_>], pooled: bool) -> Element {
    let link = |to: String, name: String| el("li").child(said("a", name).with("href", to));
    let own = topics.iter().map(|topic| link(format!("#{}", topic.id), heading(topic)));
    let pools = pooled.then(|| link("#pools".into(), "Pooled budgets".into()));
    let links = [link("#verdicts".into(), "Verdicts".into())];
    let links = links
        .into_iter()
        .chain(pools)
        .chain(own)
        .chain([link("#cells".into(), "Cells".into()), link("#methods".into(), "Methods".into())]);
    el("nav").with("aria-label", "Contents").child(el("ul").children(links))
}

fn heading(topic: &Topic<'_>) -> String {
    format!("{}, budgets of {}", topic.name(), unit(topic.meter))
}

/// The verdicts, in sentences.
fn verdicts(report: &Report) -> Element {
    let said_of = |line: &ArmLine| verdict(line.contrast.as_ref(), line.verdict.as_deref());
    let section = |section: &ReportSection| {
        let verdicts: Vec<Element> = section.arms.iter().filter_map(said_of).collect();
        let subject = subject(&section.model, section.part.as_deref());
        let head = said("h3", format!("{subject}, {}", budget(section.budget, section.meter)));
        let none = || said("p", "There is one arm alone: nothing to compare with.").with("class", "none");
        let said =
            if verdicts.is_empty() { none() } else { el("ul").with("class", "verdicts").children(verdicts) };
        el("section").child(head).child(said)
    };
    let sections = report.sections.iter().map(section);
    let whole = el("section").with("id", "verdicts").child(said("h2", "Verdicts"));
    let whole = if report.sweeps.is_empty() { whole } else { whole.child(kept_or_killed(&report.sweeps)) };
    whole.children(sections)
}

/// How much noise refinement tolerates, in sentences.
fn kept_or_killed(sweeps: &[Sweep]) -> Element {
    let sentence = |sweep: &Sweep| {
        let (class, sign) = noise::sign(&sweep.outcome);
        let subject = subject(&sweep.model, sweep.part.as_deref());
        let budget = budget(sweep.budget, sweep.meter);
        judged(class, sign, &format!("{subject}, {budget}: {}", sweep.sentence))
    };
    el("section")
        .child(said("h3", "Keep or kill: how much noise on the score refinement tolerates"))
        .child(el("ul").with("class", "verdicts").children(sweeps.iter().map(sentence)))
}

/// A sentence with the sign of its verdict.
fn judged(class: &str, sign: &str, sentence: &str) -> Element {
    let sign = said("span", sign).with("class", "sign").with("aria-hidden", "true");
    el("li").with("class", class).child(sign).child(said("span", sentence))
}

fn verdict(contrast: Option<&ArmContrast>, sentence: Option<&str>) -> Option<Element> {
    let (class, sign) = match contrast?.verdict() {
        ContrastVerdict::Better => ("better", "▲"),
        ContrastVerdict::Worse => ("worse", "▼"),
        ContrastVerdict::NoDifference => ("same", "="),
        ContrastVerdict::NotEnough => ("unknown", "?"),
    };
    Some(judged(class, sign, sentence?))
}

fn section(topic: &Topic<'_>, report: &Report) -> Element {
    el("section").with("id", &topic.id).child(said("h2", heading(topic))).children([
        accuracy::over_budget(topic),
        accuracy::differences(topic),
        noise::keep_or_kill(topic, &report.sweeps),
        losses::losses(topic),
        edits::edits(topic),
        edits::proposers(topic),
        quality::faithfulness(topic),
        quality::contradiction(topic),
        quality::stability(topic),
        quality::verifier(topic),
        quality::findings(topic),
        cost::cost(topic),
    ])
}

fn methods() -> Element {
    el("section")
        .with("id", "methods")
        .child(said("h2", "Methods"))
        .child(el("ul").children(METHODS.map(|method| said("li", method))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::By;
    use crate::testing::{row, with};

    /// Cells of three arms on twelve problems at two budgets, two seeds each.
    fn cells() -> Vec<ResultRow> {
        let mut rows = Vec::new();
        for (problem, seed, budget) in (0..12)
            .flat_map(|problem| {
                [1, 2].map(|seed| (problem, seed)).map(|(p, s)| [256.0, 1024.0].map(|b| (p, s, b)))
            })
            .flatten()
        {
            for (arm, right) in
                [("direct", problem % 3 == 0), ("refine", problem % 3 < 2), ("draft", seed == 1)]
            {
                rows.push(with(row(arm, problem, Some(right)), |row| {
                    row.run.seed = seed;
                    row.run.budget = budget;
                }));
            }
        }
        rows
    }

    fn page_of(rows: &[ResultRow]) -> String {
        page(&Report::of(rows, "direct", By::Nothing), rows, Path::new("lab-t"))
    }

    /// Returns what is wrong with the nesting of elements.
    fn nesting(page: &str) -> Result<(), String> {
        let mut open: Vec<&str> = Vec::new();
        let body = page.split_once("<body>").ok_or("there is no body")?.1;
        for tag in body.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').ok_or_else(|| format!("a tag without an end: {tag}"))?;
            let name = tag.split(' ').next().unwrap_or_default();
            match name.strip_prefix('/') {
                None => open.push(name),
                Some("body" | "html") => {}
                Some(name) if open.last() == Some(&name) => drop(open.pop()),
                Some(name) => return Err(format!("</{name}> within {open:?}")),
            }
        }
        if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
    }

    #[test]
    fn a_page_is_whole_and_asks_for_nothing_else() {
        let rows = cells();
        let page = page_of(&rows);
        nesting(&page).unwrap();
        for foreign in ["http:", "https:", "<script", "src=", "url(", "@import", "<link"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert_eq!(page, page_of(&rows), "it says the same each time");
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique");
        assert_eq!(page.matches("<svg viewBox").count(), page.matches("<desc id=").count());
        for row in &rows {
            assert!(page.contains(&format!("planscope replay lab-t/{}", row.record.session)));
        }
    }

    #[test]
    fn what_is_drawn_stands_in_a_table_too() {
        let rows = cells();
        let (report, page) = (Report::of(&rows, "direct", By::Nothing), page_of(&rows));
        for line in report.sections.iter().flat_map(|section| &section.arms) {
            let share = topic::percent(line.solved.share.unwrap());
            assert!(page.contains(&format!("<td class=\"number\">{share}</td>")), "{} {share}", line.arm);
            let verdict = line.verdict.as_ref().map(|verdict| escaped(verdict));
            assert!(verdict.is_none_or(|verdict| page.contains(&verdict)));
        }
        assert!(page.contains("It needs five seeds a problem; there are 2 at most."));
        assert!(page.contains("No answer was written from a plan."));
    }

    #[test]
    fn names_cannot_become_markup() {
        let hostile = "<script>alert('x')</script>\"&\u{202e}";
        let rows: Vec<ResultRow> = cells()
            .into_iter()
            .map(|row| {
                with(row, |row| {
                    row.run.problem = format!("{hostile}{}", row.run.problem);
                    row.run.arm = format!("{hostile}{}", row.run.arm);
                    row.run.model = hostile.into();
                    row.answer.answer = Some(hostile.into());
                    row.record.failure = Some(hostile.into());
                    row.refinement.fault_names = hostile.into();
                    row.record.session = format!("sessions/{hostile}");
                    row.run.experiment = hostile.into();
                })
            })
            .collect();
        let page = page(&Report::of(&rows, "", By::Nothing), &rows, Path::new("it's <here>"));
        assert!(!page.contains("<script") && !page.contains('\u{202e}'));
        nesting(&page).unwrap();
    }

    #[test]
    fn many_arms_get_a_chart_each_over_several_budgets() {
        let rows: Vec<ResultRow> = (0..10)
            .flat_map(|arm| {
                (0..4).map(move |problem| row(&format!("arm{arm}"), problem, Some(problem > arm)))
            })
            .collect();
        let charts = |rows: &[ResultRow]| {
            let page = page_of(rows);
            nesting(&page).unwrap();
            page.matches("compared with arm0</figcaption>").count()
        };
        assert_eq!(charts(&rows), 0, "over one budget there are no lines");
        let twice = rows.iter().map(|row| with(row.clone(), |row| row.run.budget = 1024.0));
        let twice: Vec<ResultRow> = rows.iter().cloned().chain(twice).collect();
        assert_eq!(charts(&twice), 9);
    }
}
