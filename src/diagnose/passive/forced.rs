//! Whether a grammar forced the model into text that it would hardly have written.

use std::collections::{HashMap, HashSet};

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, found, undecided};
use model::{Cost, PressedLine, Pressure};
use session::{CallId, Candidate, CandidateStatus, Event, Finding, FindingVerdict, Purpose, Severity};

/// From this grammar pressure on, in nats and where there was a choice, a line is forced: left alone, the model would have
/// kept to the grammar here less than once in a thousand times. \[our own; docs/measurements.md has lines of real runs\]
const LIMIT: f64 = 7.0;

/// The most letters of a line that are quoted, and the most calls that are named.
const QUOTED: usize = 70;
const NAMED: usize = 4;

pub struct Forced;

impl PassiveCheck for Forced {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "forced",
            doc: "text that a grammar forced the model into and that it would hardly have written",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let (texts, lines) = forced_lines(case);
        if texts == 0 {
            let why = "No grammar pressure was recorded: nothing was written under a grammar, or by a server or an older \
                       version, which do not measure it.";
            return undecided(self.doc(), why, Cost::default());
        }
        let rows = |found: &mut Finding| {
            found.evidence.push(evidence("texts written under a grammar", texts as f64));
            found.evidence.push(evidence("lines above the limit", lines.len() as f64));
            found.evidence.push(evidence("limit of a line's grammar pressure, nats", LIMIT));
        };
        let Some(worst) = lines.iter().max_by(|a, b| a.line.choice.total_cmp(&b.line.choice)) else {
            let sentence = format!("No line was under {LIMIT} nats of grammar pressure or more.");
            let mut found =
                found(self.doc(), FindingVerdict::Clear, Severity::Warning, sentence, Cost::default());
            rows(&mut found);
            return found;
        };
        let (proposals, repeated) = forced_proposals(case);
        let sentence = sentence(worst, &lines, (proposals, repeated));
        let mut found =
            found(self.doc(), FindingVerdict::Fault, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("greatest grammar pressure of a line, nats", worst.line.choice));
        rows(&mut found);
        found.evidence.push(evidence("proposals with such a line", proposals as f64));
        found.evidence.push(evidence("of these, repetitions", repeated as f64));
        found.at = Some(worst.seq);
        let advice = "Look at the call (r) for what the grammar forbids there; if the model wants something legitimate, the \
                      grammar is too narrow. Otherwise show an example in the prompt, or take a larger model.";
        found.advice = Some(advice.to_owned());
        found
    }
}

/// A line above the limit.
struct ForcedLine<'a> {
    /// The event of its call.
    seq: u64,
    call: CallId,
    purpose: Purpose,
    line: &'a PressedLine,
}

/// Returns how many texts of the run have a known grammar pressure, and their lines above the limit.
fn forced_lines<'a>(case: &RunCase<'a>) -> (usize, Vec<ForcedLine<'a>>) {
    let (mut texts, mut lines) = (0, Vec::new());
    let mut purposes = HashMap::new();
    for record in case.records {
        if let Event::CallStarted { call, purpose, .. } = &record.event {
            purposes.insert(*call, *purpose);
        }
        let Event::CallFinished { call, pressure, .. } = &record.event else { continue };
        let Some(purpose) = purposes.get(call).copied().filter(|purpose| purpose.counts()) else { continue };
        for text in pressure.iter().flatten() {
            texts += 1;
            let (seq, call) = (record.seq, *call);
            lines.extend(above(text).map(|line| ForcedLine { seq, call, purpose, line }));
        }
    }
    (texts, lines)
}

fn above(text: &Pressure) -> impl Iterator<Item = &PressedLine> {
    text.lines.iter().filter(|line| line.choice >= LIMIT)
}

/// Returns how many proposals have a line above the limit, and how many of these repeat an earlier proposal's words or
/// lead to no new plan.
fn forced_proposals(case: &RunCase<'_>) -> (usize, usize) {
    let (mut seen, mut forced, mut repeated) = (HashSet::new(), 0, 0);
    for record in case.records {
        let Event::Proposed { candidates } = &record.event else { continue };
        for candidate in candidates {
            let new = seen.insert(candidate.reply.as_str());
            if candidate.pressure.as_ref().is_some_and(|text| above(text).next().is_some()) {
                forced += 1;
                repeated += usize::from(!new || leads_nowhere(candidate));
            }
        }
    }
    (forced, repeated)
}

fn leads_nowhere(candidate: &Candidate) -> bool {
    match candidate.status {
        CandidateStatus::Duplicate { .. } | CandidateStatus::NoOp => true,
        CandidateStatus::Ready | CandidateStatus::Control | CandidateStatus::Invalid { .. } => false,
    }
}

fn sentence(
    worst: &ForcedLine<'_>,
    lines: &[ForcedLine<'_>],
    (proposals, repeated): (usize, usize),
) -> String {
    let ForcedLine { call, purpose, line, .. } = worst;
    let (nats, name) = (line.choice, purpose.name());
    let first = format!(
        "The grammar forced the model into “{}”: {nats:.1} nats, call {}, {name}",
        quote(&line.text),
        call.0
    );
    let mut calls: Vec<u32> = lines.iter().map(|line| line.call.0).collect();
    calls.dedup();
    let more = match lines.len() {
        1 => String::new(),
        count => format!("; {count} such lines in {}", calls_words(&calls)),
    };
    let again = match (proposals, repeated) {
        (_, 0) => String::new(),
        (proposals, repeated) => {
            format!(" {repeated} of {proposals} forced proposals repeat an earlier one.")
        }
    };
    format!("{first}{more}.{again}")
}

fn calls_words(calls: &[u32]) -> String {
    let named: Vec<String> = calls.iter().take(NAMED).map(u32::to_string).collect();
    let rest = calls.len() - named.len();
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let word = if calls.len() == 1 { "call" } else { "calls" };
    format!("{word} {}{rest}", named.join(", "))
}

fn quote(text: &str) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(QUOTED).collect();
    if letters.next().is_some() { format!("{start}…") } else { start }
}
