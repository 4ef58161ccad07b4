//! Reports as text, Markdown and CSV.

use crate::cli::text::{Align, MISSING, table, wrap};
use engine::budget::si;
use lab::{
    arms::Arm,
    figures::{Figure, ProposerTotals, StageCount, Sweep},
    pool::{Pool, PoolLine, PoolWords, pool_heading},
    report::{ArmLine, Report, ReportSection, frozen, subject},
};

/// Returns the arms, one per line.
pub(super) fn arms(arms: &[&dyn Arm], width: usize) -> String {
    let line = |arm: &&dyn Arm| {
        let doc = arm.doc();
        let oracle = if doc.oracle { " (oracle)" } else { "" };
        wrap(&format!("{}{oracle}", doc.doc), width, &format!("{:<16}", doc.name), &" ".repeat(16)) + "\n"
    };
    arms.iter().map(line).collect()
}

/// Accuracy of the arms, cost, other measures, how far their cells come, how they end, and what edits and
/// proposers did: several tables, since one would be too wide.
const RIGHT: [&str; 9] =
    ["arm", "right", "share", "95 %", "difference", "95 %", "better/worse on", "p", "Holm"];
const COST: [&str; 9] =
    ["arm", "spent/budget", "most", "generated", "fresh", "cached", "calls", "FLOPs", "seconds"];
const BESIDE: [&str; 7] =
    ["arm", "items hold", "cited hold", "not cited", "right plan lost", "contradicting", "AUC of score"];

const STAGES: [&str; 7] = [
    "arm (oracle)",
    "known",
    "not available",
    "draft right",
    "a plan seen right",
    "plan kept right",
    "answer right",
];
const LOSSES: [&str; 5] =
    ["arm (oracle)", "lost in drawing", "in choosing", "in answering", "right from a wrong plan"];

fn points(value: f64) -> String {
    format!("{:+.1}", 100.0 * value)
}

fn percent(value: f64) -> String {
    format!("{:.1} %", 100.0 * value)
}

fn or_missing(value: Option<String>) -> String {
    value.unwrap_or_else(|| MISSING.to_owned())
}

fn name(line: &ArmLine) -> String {
    let oracle = if line.oracle { " (oracle)" } else { "" };
    let failed = if line.failed > 0 { format!(", {} failed", line.failed) } else { String::new() };
    format!("{}{oracle}{failed}", line.arm)
}

fn right(line: &ArmLine) -> Vec<String> {
    let contrast = line.contrast.as_ref();
    let p = |p: Option<f64>| or_missing(p.map(|p| format!("{p:.3}")));
    vec![
        name(line),
        format!("{} of {}", line.solved.right, line.solved.judged),
        or_missing(line.solved.share.map(percent)),
        or_missing(line.solved.interval.map(|(low, high)| format!("{:.1}–{:.1}", 100.0 * low, 100.0 * high))),
        or_missing(contrast.and_then(|contrast| contrast.difference).map(points)),
        or_missing(
            contrast
                .and_then(|contrast| contrast.interval)
                .map(|(low, high)| format!("{} to {}", points(low), points(high))),
        ),
        or_missing(contrast.map(|contrast| {
            format!("{}/{} of {}", contrast.discordant.0, contrast.discordant.1, contrast.problems)
        })),
        p(contrast.and_then(|contrast| contrast.p)),
        p(contrast.and_then(|contrast| contrast.holm)),
    ]
}

fn cost(line: &ArmLine) -> Vec<String> {
    let spent = &line.spent;
    vec![
        line.arm.clone(),
        percent(spent.share),
        percent(spent.most),
        si(spent.generated.round()),
        si(spent.fresh.round()),
        si(spent.cached.round()),
        format!("{:.1}", spent.calls),
        or_missing(spent.flops.map(si)),
        format!("{:.1}", spent.wall_s),
    ]
}

fn alongside(line: &ArmLine) -> Vec<String> {
    let share = |figure: &Figure| or_missing(figure.get().map(|number| percent(number.value)));
    vec![
        line.arm.clone(),
        share(&line.figures.faithfulness.satisfied),
        share(&line.figures.faithfulness.satisfied_cited),
        share(&line.figures.faithfulness.uncited),
        or_missing(
            line.figures
                .faithfulness
                .lost
                .get()
                .map(|lost| format!("{} of {}", percent(lost.value), lost.problems)),
        ),
        share(&line.figures.contradiction),
        or_missing(line.figures.verifier.auc.get().map(|number| format!("{:.2}", number.value))),
    ]
}

fn counted(count: &StageCount) -> String {
    let within = count.interval.map(|(low, high)| format!(" ({:.0}–{:.0} %)", 100.0 * low, 100.0 * high));
    or_missing(count.share().map(|_| format!("{}{}", count.cells, within.unwrap_or_default())))
}

fn stages(line: &ArmLine) -> Vec<String> {
    let losses = &line.figures.losses;
    let before = [line.arm.clone(), losses.known.to_string(), losses.unknown.to_string()];
    before.into_iter().chain(losses.stages.iter().map(counted)).collect()
}

fn losses(line: &ArmLine) -> Vec<String> {
    let [_, lucky, answering, choosing, drawing] = &line.figures.losses.ends;
    let counts = [drawing, choosing, answering, lucky].map(counted);
    [line.arm.clone()].into_iter().chain(counts).collect()
}

const EDITS: [&str; 5] = ["arm (oracle)", "accepted edits", "known", "made worse", "made better"];
const PROPOSERS: [&str; 7] =
    ["arm, proposer", "tried", "usable", "improved", "accepted", "tokens", "tokens per improvement"];

fn edits(line: &ArmLine) -> Vec<String> {
    let edits = &line.figures.edits;
    let share = |figure: &Figure| {
        let number = figure.get();
        let within = number.and_then(|number| number.interval);
        let within = within.map(|(low, high)| format!(" ({:.0}–{:.0} %)", 100.0 * low, 100.0 * high));
        or_missing(number.map(|number| percent(number.value) + &within.unwrap_or_default()))
    };
    let counts = [edits.accepted, edits.known].map(|count| count.to_string());
    [line.arm.clone()].into_iter().chain(counts).chain([share(&edits.worse), share(&edits.better)]).collect()
}

/// What each proposer of each arm brought; `None` where none proposed anything.
fn proposers(section: &ReportSection) -> Option<Vec<Vec<String>>> {
    let row = |arm: &str, one: &ProposerTotals| {
        vec![
            format!("{arm}, {}", one.name),
            one.tried.to_string(),
            one.usable.to_string(),
            one.improved.to_string(),
            one.accepted.to_string(),
            or_missing(one.tokens.map(|tokens| tokens.to_string())),
            or_missing(one.tokens_per_improvement().map(|tokens| format!("{tokens:.0}"))),
        ]
    };
    let rows =
        section.arms.iter().flat_map(|line| line.figures.proposers.iter().map(|one| row(&line.arm, one)));
    let rows: Vec<Vec<String>> = rows.collect();
    let header = PROPOSERS.iter().map(|cell| (*cell).to_owned()).collect();
    (!rows.is_empty()).then(|| std::iter::once(header).chain(rows).collect())
}

/// Says of each arm what an evaluator computed of its answers, and which of its results were read from longer runs.
fn sources(section: &ReportSection) -> impl Iterator<Item = String> {
    section.arms.iter().flat_map(|line| {
        let read =
            || format!("{}: {} of {} results were read from longer runs.", line.arm, line.read, line.cells);
        line.figures.sources.sentence(&line.arm).into_iter().chain((line.read > 0).then(read))
    })
}

/// Says of each arm with findings what passive checks find, and in how many cells.
fn findings(section: &ReportSection) -> impl Iterator<Item = String> {
    let found = section.arms.iter().filter(|line| !line.figures.faults.is_empty());
    found.map(|line| {
        let faults = line.figures.faults.iter().map(|fault| format!("{} in {}", fault.name, fault.cells));
        let faults: Vec<String> = faults.collect();
        format!("Findings in the {} cells of {}: {}.", line.cells, line.arm, faults.join(", "))
    })
}

fn heading(section: &ReportSection) -> String {
    format!(
        "{}, {} per problem",
        subject(&section.model, section.part.as_deref()),
        section.meter.budget(section.budget)
    )
}

fn rows(header: &[&str], section: &ReportSection, cells: fn(&ArmLine) -> Vec<String>) -> Vec<Vec<String>> {
    let header = header.iter().map(|cell| (*cell).to_owned()).collect();
    std::iter::once(header).chain(section.arms.iter().map(cells)).collect()
}

fn tables(section: &ReportSection) -> Vec<Vec<Vec<String>>> {
    let edited = section.arms.iter().any(|line| line.figures.edits.accepted > 0);
    let mut tables = vec![
        rows(&RIGHT, section, right),
        rows(&COST, section, cost),
        rows(&BESIDE, section, alongside),
        rows(&STAGES, section, stages),
        rows(&LOSSES, section, losses),
    ];
    tables.extend(edited.then(|| rows(&EDITS, section, edits)));
    tables.extend(proposers(section));
    tables
}

fn verdicts(section: &ReportSection) -> impl Iterator<Item = &String> {
    section.arms.iter().filter_map(|line| line.verdict.as_ref())
}

const POOL: [&str; 9] =
    ["arm", "right", "share", "95 %", "tokens per problem", "stopped at", "overrun", "difference", "Holm"];

fn pool_table(pool: &Pool) -> Vec<Vec<String>> {
    let row = |line: &PoolLine| {
        let PoolWords { right, mean, stopped, overrun } = PoolWords::of(line);
        let contrast = line.contrast.as_ref();
        vec![
            if line.oracle { format!("{} (oracle)", line.arm) } else { line.arm.clone() },
            right,
            or_missing(line.solved.share.map(percent)),
            or_missing(
                line.solved.interval.map(|(low, high)| format!("{:.1}–{:.1}", 100.0 * low, 100.0 * high)),
            ),
            mean,
            stopped,
            overrun,
            or_missing(contrast.and_then(|contrast| contrast.difference).map(points)),
            or_missing(contrast.and_then(|contrast| contrast.holm).map(|p| format!("{p:.3}"))),
        ]
    };
    let header = POOL.iter().map(|cell| (*cell).to_owned()).collect();
    std::iter::once(header).chain(pool.arms.iter().map(row)).collect()
}

fn pool_verdicts(pool: &Pool) -> impl Iterator<Item = &String> {
    pool.arms.iter().filter_map(|line| line.verdict.as_ref())
}

/// Returns the report for a terminal of `width` columns.
pub(super) fn text(report: &Report, width: usize) -> String {
    let mut aligns = [Align::Right; 9];
    aligns[0] = Align::Left;
    let section = |section: &ReportSection| {
        let mut lines = vec![heading(section).to_uppercase()];
        for rows in tables(section) {
            lines.extend(table(&aligns[..rows[0].len()], &rows, width));
            lines.push(String::new());
        }
        lines.extend(verdicts(section).map(|verdict| wrap(verdict, width, "", "  ")));
        lines.extend(sources(section).map(|said| wrap(&said, width, "", "  ")));
        lines.extend(findings(section).map(|finding| wrap(&finding, width, "", "  ")));
        lines.join("\n") + "\n"
    };
    let pool = |pool: &Pool| {
        let mut lines = vec![pool_heading(pool).to_uppercase()];
        lines.extend(table(&aligns, &pool_table(pool), width));
        lines.push(String::new());
        lines.extend(pool_verdicts(pool).map(|verdict| wrap(verdict, width, "", "  ")));
        lines.join("\n") + "\n"
    };
    let kept = report.sweeps.iter().map(|sweep| wrap(&kept(sweep), width, "", "  ") + "\n");
    let kept: String = kept.collect();
    let sections = report.sections.iter().map(section).chain(report.pools.iter().map(pool));
    let sections = sections.collect::<Vec<_>>().join("\n");
    let sections = frozen(report).map_or_else(String::new, |line| format!("{line}\n\n")) + &sections;
    if kept.is_empty() { sections } else { format!("{sections}\nKEEP OR KILL\n{kept}") }
}

/// Says how much noise an arm tolerates, and where.
fn kept(sweep: &Sweep) -> String {
    let subject = subject(&sweep.model, sweep.part.as_deref());
    format!("{subject}, {}: {}", sweep.meter.budget(sweep.budget), sweep.sentence)
}

/// Returns the report as Markdown.
pub(super) fn markdown(report: &Report) -> String {
    let grid = |rows: Vec<Vec<String>>| -> String {
        let line = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|{}\n", " --- |".repeat(rows[0].len()));
        let body: String = rows[1..].iter().map(line).collect();
        format!("{}{rule}{body}\n", line(&rows[0]))
    };
    let section = |section: &ReportSection| {
        let verdicts: String = verdicts(section).map(|verdict| format!("- {verdict}\n")).collect();
        let sources: String = sources(section).map(|said| format!("- {said}\n")).collect();
        let findings: String = findings(section).map(|finding| format!("- {finding}\n")).collect();
        let tables: String = tables(section).into_iter().map(grid).collect();
        format!("## {}\n\n{tables}{verdicts}{sources}{findings}", heading(section))
    };
    let kept: String = report.sweeps.iter().map(|sweep| format!("- {}\n", kept(sweep))).collect();
    let pool = |pool: &Pool| {
        let verdicts: String = pool_verdicts(pool).map(|verdict| format!("- {verdict}\n")).collect();
        format!("## {}\n\n{}{verdicts}", pool_heading(pool), grid(pool_table(pool)))
    };
    let sections = report.sections.iter().map(section).chain(report.pools.iter().map(pool));
    let sections = sections.collect::<Vec<_>>().join("\n");
    let sections = frozen(report).map_or_else(String::new, |line| format!("{line}\n\n")) + &sections;
    if kept.is_empty() { sections } else { format!("{sections}\n## Keep or kill\n\n{kept}") }
}

/// Returns the report as CSV, one line an arm and budget.
pub(super) fn csv(report: &Report) -> String {
    let header = "model,meter,part,budget,arm,oracle,cells,failed,judged,right,share,low,high,spent_share,spent_most,generated,\
                  fresh,cached,calls,flops,wall_s,difference,difference_low,difference_high,p,holm,verdict\n";
    let line = |section: &ReportSection, line: &ArmLine| {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let contrast = line.contrast.as_ref();
        let (low, high) = line.solved.interval.unzip();
        let within = contrast.and_then(|contrast| contrast.interval);
        let spent = &line.spent;
        let cells = [
            quoted(&section.model),
            section.meter.name().to_owned(),
            section.part.as_deref().map(quoted).unwrap_or_default(),
            section.budget.to_string(),
            quoted(&line.arm),
            line.oracle.to_string(),
            line.cells.to_string(),
            line.failed.to_string(),
            line.solved.judged.to_string(),
            line.solved.right.to_string(),
            number(line.solved.share),
            number(low),
            number(high),
            spent.share.to_string(),
            spent.most.to_string(),
            spent.generated.to_string(),
            spent.fresh.to_string(),
            spent.cached.to_string(),
            spent.calls.to_string(),
            number(spent.flops),
            spent.wall_s.to_string(),
            number(contrast.and_then(|contrast| contrast.difference)),
            number(within.map(|(low, _)| low)),
            number(within.map(|(_, high)| high)),
            number(contrast.and_then(|contrast| contrast.p)),
            number(contrast.and_then(|contrast| contrast.holm)),
            contrast.map(|contrast| quoted(contrast.verdict().name())).unwrap_or_default(),
        ];
        cells.join(",") + "\n"
    };
    let lines =
        report.sections.iter().flat_map(|section| section.arms.iter().map(move |arm| line(section, arm)));
    std::iter::once(header.to_owned()).chain(lines).collect()
}
