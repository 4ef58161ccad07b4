//! Whether edits are accepted for gains that may be noise.

use super::{FREE, PassiveCheck, RunCase, noise::ScoreNoises, trace::Accepted};
use crate::{CheckDoc, evidence, found, undecided};
use engine::gate;
use model::Cost;
use session::{Finding, FindingVerdict, Severity};

pub struct WithinNoise;

impl PassiveCheck for WithinNoise {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "within_noise",
            doc: "accepted edits whose gain is within the noise of the score",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let noise = ScoreNoises::of(case);
        let gains = Gains::of(case, &noise);
        let Gains { all, held, judged, .. } = gains;
        if all == 0 {
            return undecided(self.doc(), "No accepted edit gained anything by its score.", Cost::default());
        }
        if held == all {
            let sentence = format!(
                "The gate held the gains of all {all} accepted edits against the noise of their scores."
            );
            return found(self.doc(), FindingVerdict::Clear, Severity::Warning, sentence, Cost::default());
        }
        if judged == 0 {
            let parts = noise.unknown().join(", ");
            let why = format!("How far {parts} scatters is not known, so gains cannot be held against it.");
            let mut found = undecided(self.doc(), &why, Cost::default());
            found.advice = Some(
                "Set null_every, or score plans again in other words (rescore.times, or by hand).".to_owned(),
            );
            return found;
        }
        let (verdict, sentence) = gains.verdict();
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("accepted edits with a gain", f64::from(all)));
        found.evidence.push(evidence("of these with gains within noise", gains.within.len() as f64));
        found.evidence.extend(noise.evidence());
        if let Some((first, ..)) = gains.within.first() {
            found.at = Some(first.seq);
            found.items = first.edit.as_ref().map(plan::Edit::touches).unwrap_or_default();
            let advice = "Set the gate clear, average more wordings, or take weight from the noisy part.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// Accepted edits that raised the score, by whether noise explains the gain.
struct Gains<'a> {
    all: u32,
    /// How many were accepted by a gate that weighs noise itself, by what was known of it then.
    held: u32,
    /// How many others have scores whose noise is known.
    judged: u32,
    /// The judged ones within noise: each with its gain, and the least gain that would have said something.
    within: Vec<(&'a Accepted, f64, f64)>,
}

impl<'a> Gains<'a> {
    fn of(case: &'a RunCase<'_>, noise: &ScoreNoises) -> Self {
        let mut gains = Self { all: 0, held: 0, judged: 0, within: Vec::new() };
        for edit in &case.trace.accepted {
            let scores = edit.before.score.as_ref().zip(edit.after.score.as_ref());
            let Some((gain, (before, after))) = edit.gain().filter(|gain| *gain > 0.0).zip(scores) else {
                continue;
            };
            gains.all += 1;
            if gate::find(&edit.gate).is_some_and(|gate| gate.weighs_noise()) {
                gains.held += 1;
            } else if let Some(limit) = noise.limit(before, after) {
                gains.judged += 1;
                if gain < limit {
                    gains.within.push((edit, gain, limit));
                }
            }
        }
        gains
    }

    fn verdict(&self) -> (FindingVerdict, String) {
        let judged = self.judged;
        match self.within.first() {
            None => (
                FindingVerdict::Clear,
                format!("The gains of all {judged} accepted edits are above the noise of their scores."),
            ),
            Some((first, gain, limit)) => (
                FindingVerdict::Fault,
                format!(
                    "{} of {judged} accepted edits gained no more than noise may give: {gain:+.3} in iteration {}, \
                     where less than {limit:.3} says nothing.",
                    self.within.len(),
                    first.iteration
                ),
            ),
        }
    }
}
