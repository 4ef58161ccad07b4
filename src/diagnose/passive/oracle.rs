//! Whether the gold answer had a hand in the run.

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, found};
use engine::score;
use model::Cost;
use session::{Event, EventKind, Finding, FindingVerdict, Judgement, Severity};

/// What a person can do to a run, and the words for it.
const ACTS: [(EventKind, &str); 6] = [
    (EventKind::HumanEdited, "the plan was changed by hand"),
    (EventKind::Undone, "a change of the plan was taken back"),
    (EventKind::Redone, "a change of the plan was brought back"),
    (EventKind::Ruled, "a person ruled on a candidate"),
    (EventKind::CandidateEdited, "a person exchanged a candidate"),
    (EventKind::Forked, "the run was forked"),
];

pub struct Oracle;

impl PassiveCheck for Oracle {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "oracle", doc: "the gold answer was seen before the run was over", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let use_ = scored_by_gold(case).or_else(|| acted_on_gold(case));
        let (verdict, sentence) = match &use_ {
            Some((_, why)) => (FindingVerdict::Fault, why.clone()),
            None => {
                (FindingVerdict::Clear, "Nothing that steered the run had seen the gold answer.".to_owned())
            }
        };
        let mut found = found(self.doc(), verdict, Severity::Error, sentence, Cost::default());
        found.evidence.push(evidence("judgements against gold in the record", judgements(case).len() as f64));
        if let Some((seq, _)) = use_ {
            found.at = Some(seq);
            found.advice = Some("Call this an oracle run wherever its results are shown.".to_owned());
        }
        found
    }
}

/// The first score with a part whose scorer sees gold.
fn scored_by_gold(case: &RunCase<'_>) -> Option<(u64, String)> {
    case.records.iter().find_map(|record| {
        let Event::Scored { score, .. } = &record.event else { return None };
        let sees = |name: &str| score::find(name).is_some_and(|scorer| scorer.doc().oracle);
        let part = score.parts.iter().find(|part| part.weight > 0.0 && sees(&part.name))?;
        Some((record.seq, format!("The scorer {}, which sees the gold answer, steers the run.", part.name)))
    })
}

/// The events that compare an answer with gold.
fn judgements(case: &RunCase<'_>) -> Vec<u64> {
    let reported = |judgement: &Judgement| match judgement {
        Judgement::Correct | Judgement::Wrong => true,
        Judgement::Unreadable | Judgement::NoGold | Judgement::NotJudged { .. } => false,
    };
    let judged = |event: &Event| {
        if let Event::Judged { judgement } | Event::SideAnswered { judgement, .. } = event {
            reported(judgement)
        } else {
            false
        }
    };
    case.records.iter().filter(|record| judged(&record.event)).map(|record| record.seq).collect()
}

/// The first thing that a person did to the plan or the run once an answer had been judged.
fn acted_on_gold(case: &RunCase<'_>) -> Option<(u64, String)> {
    let judged = *judgements(case).first()?;
    let mut after = case.records.iter().filter(|record| record.seq > judged);
    let record = after.find(|record| ACTS.iter().any(|(kind, _)| *kind == record.event.kind()))?;
    let (_, what) = ACTS.iter().find(|(kind, _)| *kind == record.event.kind())?;
    Some((record.seq, format!("After an answer had been compared with gold (event {judged}), {what}.")))
}
