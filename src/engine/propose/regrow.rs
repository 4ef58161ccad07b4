//! The model keeps the first lines of the plan and writes the rest once more.
//!
//! There is no instruction to improve anything: the prompt is that of a draft, and the reply begins with the lines that are
//! kept, as if the model had just written them.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, Written, by_weight, edit_to};
use crate::draft;
use plan::{Edit, ItemId};
use session::{Settings, Severity};
use surface::ShownPlan;

/// The proposer's name.
const NAME: &str = "regrow";

/// The proposer.
pub struct Regrow;

impl Proposer for Regrow {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: NAME,
            doc: "keeps the first lines and has the model write the rest as in a draft, from a line on that the checker \
                  faults or that the model was unsure of",
            cost: "the rest of a plan written",
            weight: 0.0,
        }
    }

    fn writes_plans(&self) -> bool {
        true
    }

    fn fault(&self, settings: &Settings) -> Option<String> {
        let why =
            "plans that are regrown need a propose_temperature above 0: at 0 they would be what they were";
        (settings.propose_temperature <= 0.0).then(|| why.to_owned())
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let shown = shown(case)?;
        let from = from(case, &shown, draw)?;
        let items = draft::most_items(&case.state.settings, case.framing).checked_sub(from)?.max(1);
        let prompt = case.prompter.draft();
        let kept = &shown.before(from)[shown.head.len()..];
        let prefill = format!("{}{kept}", prompt.prefill);
        let written = Written {
            critique: None,
            prompt: prompt.with_prefill(prefill),
            grammar: case.prompter.draft_grammar(items),
            max_tokens: draft::tokens(items),
            stop: case.prompter.surface().stop(),
        };
        Some(Ask::new(NAME, NAME, draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        let How::Written(written) = &ask.how else { return Err("Nothing is written for this.".into()) };
        let read = |reply: &str| {
            let text = format!("{}{reply}", written.prompt.prefill);
            case.prompter.read_against(&text, case.plan, &case.state.ids)
        };
        let read = read(reply).or_else(|why| read(draft::whole_lines(reply)).map_err(|_| why));
        let read = read.map_err(|why| format!("The reply is not a valid plan: {why}."))?;
        Ok(edit_to(case, read.plan))
    }
}

/// Returns how the model sees the plan; `None` where a line is muted, which would be lost, or cannot be shown.
fn shown(case: &Case<'_>) -> Option<ShownPlan> {
    let whole = case.plan.items().iter().all(|item| !item.muted);
    case.prompter.shown(case.plan).ok().filter(|_| whole)
}

/// Draws the line from which on the plan is written again, counted from 0: the second at the earliest, and none above a pinned
/// one. A line that the checker faults, errors before warnings; where there is none, a line by how improbable the
/// model found it, 1 − p, those without a probability by the mean; where none is known, any.
fn from(case: &Case<'_>, shown: &ShownPlan, draw: Draw) -> Option<usize> {
    let pinned = |item: ItemId| case.plan.get(item).is_some_and(|item| item.pinned);
    let first = shown.lines.iter().rposition(|line| pinned(line.item)).map_or(1, |at| (at + 1).max(1));
    let lines: Vec<(usize, ItemId)> =
        shown.lines.iter().enumerate().skip(first).map(|(at, line)| (at, line.item)).collect();
    let faults = faulty(case, &lines);
    if let Some(at) = draw.one_of("faulty line", &faults) {
        return Some(*at);
    }
    let known: Vec<f64> = lines.iter().filter_map(|(_, id)| case.state.confidence.get(id).copied()).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let weight = |id: &ItemId| 1.0 - case.state.confidence.get(id).copied().unwrap_or(mean);
    let weighed: Vec<(f64, usize)> =
        lines.iter().map(|(at, id)| (weight(id).max(0.0), *at)).filter(|(weight, _)| *weight > 0.0).collect();
    let drawn = by_weight(draw.share("unsure line"), weighed);
    drawn.or_else(|| draw.one_of("any line", &lines).map(|(at, _)| *at))
}

/// Returns those of `lines` about which the checker has its worst findings.
fn faulty(case: &Case<'_>, lines: &[(usize, ItemId)]) -> Vec<usize> {
    let findings = case.check.map_or(&[][..], |check| &check.findings);
    let about = |id: ItemId| findings.iter().filter(move |finding| finding.item == Some(id));
    let worst = |id: ItemId| about(id).map(|finding| finding.severity).max();
    let all: Vec<(usize, Severity)> = lines.iter().filter_map(|(at, id)| Some((*at, worst(*id)?))).collect();
    let most = all.iter().map(|(_, severity)| *severity).max();
    all.into_iter().filter(|(_, severity)| Some(*severity) == most).map(|(at, _)| at).collect()
}
