//! `planscope diagnose`: what is wrong with recorded runs, as far as their records tell.

use std::{collections::HashSet, io::Write, path::Path};

use serde::Serialize;

use super::{
    Common,
    asking::PlanExaminer,
    text::{clean, count, duration, things, wrap},
};
use crate::failure::Failure;
use diagnose::{
    CheckDoc, Scope,
    across::{self, RecordedRun},
    catalogue, passive,
};
use model::Cost;
use output::json_pretty;
use session::{Finding, FindingVerdict, Readings, Session, State, finding::number};

/// Arguments of `planscope diagnose`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DiagnoseArgs {
    /// Sessions, by directory or name; several are also compared with each other
    #[arg(required_unless_present = "list", value_name = "SESSION")]
    pub named: Vec<String>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
    /// Run only this check; can be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Also run the checks that ask the model; they take about as long as a few answers
    #[arg(long)]
    pub ask: bool,
    /// List all checks with their scope and cost
    #[arg(long, conflicts_with = "only")]
    pub list: bool,
}

/// The findings of one session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosed {
    /// Its name.
    pub session: String,
    /// Events that can be read.
    pub events: u64,
    /// Iterations that are over.
    pub iterations: u32,
    /// Where and why the record ends too early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// The findings of all sessions.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Diagnosis {
    /// One entry per session.
    pub sessions: Vec<Diagnosed>,
    /// Findings across sessions; empty for one.
    pub across: Vec<Finding>,
}

impl Diagnosis {
    /// Returns all findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sessions.iter().flat_map(|session| &session.findings).chain(&self.across)
    }
}

/// Diagnoses the sessions and prints what was found to `out`, in lines of at most `width` columns where it can.
/// Returns whether nothing is wrong.
///
/// # Errors
/// When a session cannot be read, is named twice, or there is no such check; with `--ask` also when the problem or the
/// model cannot be had, or `out` cannot be written to.
pub async fn run(
    args: &DiagnoseArgs,
    common: &Common,
    width: usize,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    if args.list {
        let printed = if args.json { list_json()? } else { list(width) };
        print(out, &printed)?;
        return Ok(true);
    }
    check_names(&args.only, args.ask)?;
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|asked| asked == name);
    let mut asking = if args.ask { Some(PlanExaminer::new(common)?) } else { None };
    let diagnosis = diagnose(&args.named, common, &wanted, asking.as_mut()).await?;
    let printed = if args.json { json_pretty(&diagnosis)? } else { text(&diagnosis, width) };
    print(out, &printed)?;
    Ok(diagnosis.findings().all(|finding| finding.verdict != FindingVerdict::Fault))
}

fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    writeln!(out, "{}", text.trim_end())?;
    Ok(out.flush()?)
}

/// Refuses what is no check, and what only the model can answer.
fn check_names(only: &[String], ask: bool) -> Result<(), Failure> {
    for name in only {
        match catalogue().into_iter().find(|(_, doc)| doc.name == name) {
            Some((Scope::Session | Scope::Sessions, _)) => {}
            Some((Scope::Model, _)) if ask => {}
            Some((Scope::Model, _)) => {
                return Err(
                    Failure::new(format!("The check {name} needs the model.")).hint("allow that with --ask")
                );
            }
            None => {
                return Err(Failure::new(format!("There is no check called \"{}\".", clean(name)))
                    .hint("planscope diagnose --list shows all of them"));
            }
        }
    }
    Ok(())
}

async fn diagnose(
    named: &[String],
    common: &Common,
    wanted: &impl Fn(&str) -> bool,
    mut asking: Option<&mut PlanExaminer>,
) -> Result<Diagnosis, Failure> {
    let (mut diagnosis, mut reported, mut seen) = (Diagnosis::default(), Vec::new(), HashSet::new());
    for name in named {
        let path = common.session_dir(Path::new(name))?;
        let name = session::name_of(&path);
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            return Err(Failure::new(format!("The session {name} is listed twice."))
                .hint("list each session once: a copy would count as another run"));
        }
        let session = Session::open(&path)?;
        let records = &session.records;
        let state = State::replay(records);
        if named.len() > 1 {
            reported.push(RecordedRun::new(&name, records, &state));
        }
        let mut findings = passive::look(records, &state, wanted);
        if let Some(asking) = asking.as_deref_mut() {
            findings.extend(asking.look(&session, &state, wanted).await?);
        }
        diagnosis.sessions.push(Diagnosed {
            session: name,
            events: records.len() as u64,
            iterations: state.finished_iterations(),
            damage: session.damage.map(|damage| damage.to_string()),
            findings,
        });
    }
    if reported.len() > 1 {
        diagnosis.across = across::look(&reported, wanted);
    }
    Ok(diagnosis)
}

/// Returns the diagnosis as text: faults first, then unknowns, then passed checks.
pub fn text(diagnosis: &Diagnosis, width: usize) -> String {
    let mut sections: Vec<String> = Vec::new();
    for found in &diagnosis.sessions {
        let mut lines = vec![format!(
            "{}: {} in {} events",
            found.session,
            things(u64::from(found.iterations), "iteration"),
            count(found.events)
        )];
        lines.extend(found.damage.iter().map(|damage| wrap(damage, width, "DAMAGE ", "       ")));
        sections.push(with_findings(lines, &found.findings, width));
    }
    if !diagnosis.across.is_empty() {
        let line = format!("all {} sessions together", diagnosis.sessions.len());
        sections.push(with_findings(vec![line], &diagnosis.across, width));
    }
    sections.push(sum(diagnosis));
    sections.join("\n\n")
}

fn with_findings(mut lines: Vec<String>, findings: &[Finding], width: usize) -> String {
    lines.extend(ranked(findings).into_iter().map(|finding| block(finding, width)));
    lines.join("\n")
}

/// Returns findings, the worst first.
pub(super) fn ranked(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.rank());
    sorted
}

/// Width of the longest check's name, and two columns after it.
const NAME: usize = 18;
const INDENT: &str = "    ";

/// One finding: its sentence, and where something is wrong or unsure what it rests on.
fn block(finding: &Finding, width: usize) -> String {
    let head = format!("{} {:<NAME$}", finding.sign(), finding.check);
    let word = match finding.verdict {
        FindingVerdict::Fault | FindingVerdict::Clear => String::new(),
        FindingVerdict::Undecided => format!("{}: ", finding.verdict.name()),
    };
    let mut lines = vec![wrap(&format!("{word}{}", finding.sentence), width, &head, &" ".repeat(NAME + 2))];
    if finding.verdict != FindingVerdict::Clear {
        lines.extend(finding.evidence.iter().map(|row| wrap(&row.words(), width, INDENT, "      ")));
        lines.extend(finding.readings.iter().flat_map(reading_lines));
        let advice = finding.advice.iter();
        lines.extend(advice.map(|advice| wrap(advice, width, "    advice: ", "      ")));
        lines.extend(cost_words(&finding.cost));
        lines.extend(finding.at.map(|at| format!("{INDENT}see event {at}")));
    }
    lines.join("\n")
}

/// One line per item.
fn reading_lines(readings: &Readings) -> Vec<String> {
    let mut lines = vec![format!("{INDENT}{}; {} or more counts:", readings.label, number(readings.mark))];
    lines.extend(readings.rows.iter().map(|row| {
        let class = readings.class(row).map_or_else(String::new, |class| format!("  {class}"));
        format!("{INDENT}  {:<5}{:>9}{class}", row.item.to_string(), number(row.value))
    }));
    lines
}

/// What asking cost; nothing for what was read off the record.
fn cost_words(cost: &Cost) -> Option<String> {
    (cost.calls > 0).then(|| {
        format!(
            "{INDENT}cost: {}, {} tokens evaluated, {} taken from the cache, {}",
            things(cost.calls, "call"),
            count(cost.fresh),
            count(cost.cached),
            duration(cost.wall_ms)
        )
    })
}

fn sum(diagnosis: &Diagnosis) -> String {
    let of = |verdict| diagnosis.findings().filter(|finding| finding.verdict == verdict).count() as u64;
    let faults = of(FindingVerdict::Fault);
    format!(
        "{}; {} without enough data, {} clear. Missing data is not clear.",
        things(faults, "fault"),
        of(FindingVerdict::Undecided),
        of(FindingVerdict::Clear)
    )
}

/// All checks: what each finds, what it looks at, and what it costs.
fn list(width: usize) -> String {
    let row = |(scope, doc): (Scope, CheckDoc)| {
        let rest = " ".repeat(NAME);
        let finds = wrap(doc.doc, width, &format!("{:<NAME$}", doc.name), &rest);
        let costs = wrap(&format!("reads {}; costs {}", scope.name(), doc.cost), width, &rest, &rest);
        format!("{finds}\n{costs}")
    };
    catalogue().into_iter().map(row).collect::<Vec<_>>().join("\n")
}

fn list_json() -> Result<String, Failure> {
    #[derive(Serialize)]
    struct CheckRow {
        name: &'static str,
        scope: Scope,
        cost: &'static str,
        doc: &'static str,
    }
    let rows: Vec<CheckRow> = catalogue()
        .into_iter()
        .map(|(scope, doc)| CheckRow { name: doc.name, scope, cost: doc.cost, doc: doc.doc })
        .collect();
    Ok(json_pretty(&rows)?)
}
