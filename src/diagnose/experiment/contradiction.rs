//! How many pairs of items contradict each other, corrected for the errors of the model that says so.

use super::{Experiment, ExperimentStep, PlanCase};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, undecided};
use engine::score::{self, Asked, Memory, Scorer, contradiction as detector};
use model::{Cost, Reply};
use session::{Finding, FindingVerdict, Severity, Votes};

/// The experiment.
pub struct ContradictionExperiment;

impl Experiment for ContradictionExperiment {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "contradiction",
            doc: "pairs of items that contradict each other, corrected for the detector's own errors",
            cost: "two short questions a pair of items, and forty to calibrate the detector, in one batch",
        }
    }

    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep {
        let asked = [Asked { view: case.view, variant: 0 }];
        let votes = Votes::default();
        let scoring = score::Case {
            prompter: case.prompter,
            family: case.family,
            settings: case.settings,
            votes: &votes,
            asked: &asked,
        };
        match replies.first() {
            None => match detector::Contradiction.ask(&scoring, &Memory::default()) {
                Some(request) => ExperimentStep::Ask(Box::new(request)),
                None => ExperimentStep::Found(Box::new(undecided(
                    self.doc(),
                    "There is nothing to compare.",
                    Cost::default(),
                ))),
            },
            Some(reply) => {
                let compared = detector::compare(&case.view.plan, &reply.output);
                ExperimentStep::Found(Box::new(match compared {
                    Ok(compared) => finding(&compared, reply.cost),
                    Err(why) => undecided(self.doc(), &why, reply.cost),
                }))
            }
        }
    }
}

fn finding(compared: &detector::Compared, cost: Cost) -> Finding {
    let doc = ContradictionExperiment.doc();
    let (found_pairs, all) = (compared.contradicting.len(), compared.pairs);
    let detector = compared.detector;
    let corrected =
        stats::prevalence::rogan_gladen(found_pairs, all, detector.sensitivity, detector.specificity);
    let Some(corrected) = corrected else {
        return undecided(doc, "The detector is no better than chance on pairs whose label is known.", cost);
    };
    let certain = corrected.interval.0 > 0.0;
    let pairs: Vec<String> = compared.contradicting.iter().map(|(a, b, _)| format!("{a} and {b}")).collect();
    let (verdict, sentence) = match (pairs.is_empty(), certain) {
        (true, _) => (FindingVerdict::Clear, format!("None of {all} pairs of items contradict each other.")),
        (false, true) => (
            FindingVerdict::Fault,
            format!("{found_pairs} of {all} pairs of items contradict each other: {}.", pairs.join(", ")),
        ),
        (false, false) => (
            FindingVerdict::Undecided,
            format!(
                "{found_pairs} of {all} pairs look contradicting, no more than this detector's false alarms explain: {}.",
                pairs.join(", ")
            ),
        ),
    };
    let mut found = found(doc, verdict, Severity::Error, sentence, cost);
    found.items = compared.contradicting.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    found.items.sort();
    found.items.dedup();
    found.evidence.push(evidence("share of pairs, as found", found_pairs as f64 / all as f64));
    found.evidence.push(evidence_within("share of pairs, corrected", corrected.value, corrected.interval));
    found.evidence.push(evidence("detector's sensitivity on labelled pairs", detector.sensitivity));
    found.evidence.push(evidence("detector's specificity on labelled pairs", detector.specificity));
    found.evidence.push(evidence("threshold on the probability of yes", detector.at));
    for (a, b, probability) in &compared.contradicting {
        found.evidence.push(evidence(&format!("probability that {a} and {b} contradict"), *probability));
    }
    if verdict == FindingVerdict::Fault {
        found.advice = Some("Read the pair that is named first; change or remove one of the two.".into());
    }
    found
}
