//! Whether accepted edits bring numbers that come from nowhere.

use std::collections::HashSet;

use super::{FREE, PassiveCheck, RunCase, trace::Accepted};
use crate::{CheckDoc, evidence, found, undecided};
use model::Cost;
use plan::{ItemId, Plan};
use problem::{Family, Problem};
use session::{CheckFinding, Finding, FindingVerdict, PlanView, Severity};

/// What checkers call a number that the problem does not give.
const ORIGIN: &str = "origin";

pub struct StrayNumber;

impl PassiveCheck for StrayNumber {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "stray_number",
            doc: "accepted edits that bring a number which neither the problem nor the plan has",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let Some(card) = &case.state.problem else {
            return undecided(self.doc(), "The problem is not known.", Cost::default());
        };
        let problem = Problem::new("", &card.family, &card.text);
        let family = problem.family();
        if !asks_for_origins(&problem) {
            let why =
                format!("The checker of the family {} does not ask where numbers come from.", card.family);
            return undecided(self.doc(), &why, Cost::default());
        }
        let edits: Vec<&Accepted> =
            case.trace.accepted.iter().filter(|edit| edit.after.check.is_some()).collect();
        if edits.is_empty() {
            return undecided(self.doc(), "No accepted edit was checked.", Cost::default());
        }
        let stray: Vec<(&Accepted, Vec<(ItemId, String)>)> = edits
            .iter()
            .map(|edit| (*edit, brought(family, &card.text, edit)))
            .filter(|(_, numbers)| !numbers.is_empty())
            .collect();
        let (verdict, sentence) = match stray
            .first()
            .and_then(|(edit, numbers)| Some((edit, numbers.first()?)))
        {
            None => (
                FindingVerdict::Clear,
                format!("None of {} accepted edits brings a number from nowhere.", edits.len()),
            ),
            Some((edit, (item, number))) => (
                FindingVerdict::Fault,
                format!(
                    "{} of {} accepted edits bring a number from nowhere: {item} has {number} since iteration {}.",
                    stray.len(),
                    edits.len(),
                    edit.iteration
                ),
            ),
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("accepted edits", edits.len() as f64));
        found.evidence.push(evidence("of these with a number from nowhere", stray.len() as f64));
        if let Some((edit, numbers)) = stray.first() {
            found.at = Some(edit.seq);
            found.items = numbers.iter().map(|(item, _)| *item).collect();
            let advice = "Take the edit back (undo), and give the checker more weight.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// Whether the family's checker says of numbers where they come from.
fn asks_for_origins(problem: &Problem) -> bool {
    let report = problem.family().check_plan(problem, &Plan::default());
    report.tallies.iter().any(|tally| tally.check == ORIGIN)
}

/// The numbers of which the checker says that the problem does not give them, and that no item had before.
fn brought(family: &dyn Family, text: &str, edit: &Accepted) -> Vec<(ItemId, String)> {
    let mut known: HashSet<String> = family.values(text).into_iter().collect();
    known.extend(edit.before.plan.items().iter().flat_map(|item| family.values(&item.text)));
    let checked = edit.before.check.iter().flat_map(|check| &check.items);
    known.extend(checked.filter_map(|item| item.value.clone()));
    let new = origins(&edit.after).filter_map(|finding| Some((finding.item?, finding)));
    let number = |(item, finding): (ItemId, &CheckFinding)| {
        let values = family.values(&edit.after.plan.get(item)?.text);
        let named = |value: &String| words(&finding.message).any(|word| word == value);
        let stray = values.into_iter().find(|value| named(value) && !known.contains(value))?;
        Some((item, stray))
    };
    new.filter_map(number).collect()
}

fn origins(view: &PlanView) -> impl Iterator<Item = &CheckFinding> {
    view.check.iter().flat_map(|check| &check.findings).filter(|finding| finding.code == ORIGIN)
}

fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split_whitespace().map(|word| word.trim_end_matches([',', '.']))
}
