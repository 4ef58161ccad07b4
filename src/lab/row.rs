//! The result of a cell, as one row of the table of results.

use super::{
    cell::Cell,
    columns::{
        AnswerResult, CoverageResult, EditResult, PlanResult, RecordResult, RefinementResult, ResultRow,
        RunKey, RunSpending, ScoreResult,
    },
    experiment::Meter,
    figures::ProposerTotals,
    noise::KnownNoise,
};
use diagnose::{
    losses::{EditEffects, Stages},
    passive::{self, RunTrace, trace::differences},
};
use engine::answer::citation_spans;
use plan::ItemId;
use session::{
    Answer, CandidateStatus, CoverageRow, Event, FindingVerdict, Judgement, Mode, Outcome, Record, Ruling,
    Severity, State,
};
use stats::quantile;

impl ResultRow {
    /// Returns the row of `cell`, whose run is recorded as `records` and ended as `state`.
    pub(super) fn of(
        cell: &Cell,
        experiment: &str,
        session: String,
        records: &[Record],
        state: &State,
    ) -> Self {
        let answer = AnswerResult::of(cell, state);
        Self {
            run: RunKey::of(cell, experiment),
            spent: RunSpending::of(cell, state),
            scores: ScoreResult::of(cell, records, state),
            plan: PlanResult::of(cell, records, state, answer.right),
            answer,
            edits: EditResult::of(cell, records, state),
            coverage: state.answer.as_ref().map_or(CoverageResult::ABSENT, CoverageResult::of),
            refinement: RefinementResult::of(records, state),
            record: RecordResult::of(session, state),
        }
    }

    /// Returns the row of a cell whose run could not even begin.
    pub(super) fn failed(cell: &Cell, experiment: &str, session: String, failure: String) -> Self {
        let mut row = Self::of(cell, experiment, session, &[], &State::default());
        row.record.failure = Some(failure);
        row
    }

    /// Returns what names its problem among all, whatever it is called in an experiment.
    pub fn key(&self) -> &str {
        self.run.problem_hash.as_deref().unwrap_or(&self.run.problem)
    }

    /// Returns how often proposals were accepted, where there was something to decide on.
    pub fn acceptance(&self) -> Option<f64> {
        let RefinementResult { decisions, accepts, .. } = self.refinement;
        (decisions > 0).then(|| accepts as f64 / decisions as f64)
    }

    /// Returns the row without times, which are all that another run of the same cell may change.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut row = self.clone();
        (row.spent.wall_s, row.record.seconds) = (0.0, 0.0);
        if row.run.meter == Meter::WallS {
            row.spent.share = 0.0;
        }
        row
    }
}

impl RunKey {
    fn of(cell: &Cell, experiment: &str) -> Self {
        Self {
            cell: cell.id.to_string(),
            experiment: experiment.to_owned(),
            problem: cell.name.clone(),
            problem_hash: Some(cell.problem_hash()),
            family: cell.problem.family.clone(),
            dial: dial(&cell.problem.id),
            model: cell.model.name.clone(),
            seed: cell.settings.seed,
            arm: cell.arm.clone(),
            kind: cell.kind.to_owned(),
            oracle: cell.oracle,
            meter: cell.meter,
            budget: cell.budget,
        }
    }
}

impl RunSpending {
    fn of(cell: &Cell, state: &State) -> Self {
        let spent = state.run_cost();
        let wall_s = spent.wall_ms / 1e3;
        let of_meter = match cell.meter {
            Meter::Generated => spent.generated as f64,
            Meter::Fresh => spent.fresh as f64,
            Meter::Flops => spent.flops,
            Meter::WallS => wall_s,
        };
        Self {
            generated: spent.generated,
            thinking: spent.thinking,
            fresh: spent.fresh,
            cached: spent.cached,
            calls: spent.calls,
            flops: (spent.flops > 0.0).then_some(spent.flops),
            wall_s,
            share: of_meter / cell.budget,
        }
    }
}

impl AnswerResult {
    fn of(cell: &Cell, state: &State) -> Self {
        let answer = state.answer.as_ref();
        let written = answer.map_or(0, |answer| answer.poll.as_ref().map_or(1, |poll| poll.ballots.len()));
        Self {
            right: right(cell, state),
            judgement: state.judgement.as_ref().map(|judgement| judged(judgement).to_owned()),
            gold_hash: Some(cell.gold_hash()),
            answer: answer.and_then(|answer| answer.value.clone()),
            answer_style: answer.and_then(|answer| answer.style).map(|style| style.name().to_owned()),
            answer_evaluated: answer.and_then(|answer| answer.evaluated).map(|item| item.to_string()),
            answer_unsupported: answer.is_some_and(|answer| answer.unsupported),
            answers: written as u64,
            extended: answer.map_or(0, |answer| u64::from(answer.extended)),
        }
    }
}

impl ScoreResult {
    fn of(cell: &Cell, records: &[Record], state: &State) -> Self {
        let noise = KnownNoise::of(cell.kind, &cell.settings);
        Self {
            score: state.answer_plan().and_then(|view| view.total()),
            draft_score: state.timeline.first().and_then(|point| point.total),
            noise_sigma: noise.sigma,
            noise_kind: noise.kind.map(|kind| kind.name().to_owned()),
            step: step(records),
            sweep: noise.sweep,
        }
    }
}

impl PlanResult {
    fn of(cell: &Cell, records: &[Record], state: &State, right: Option<bool>) -> Self {
        let view = state.answer_plan();
        let check = view.and_then(|view| view.check.as_ref());
        let found = Stages::of(&cell.problem, records).unwrap_or_default();
        let stages = Stages::new(found.draft, found.seen, found.kept, right);
        Self {
            check_pass: check.and_then(|check| check.exact),
            check_score: check.and_then(|check| check.score),
            plan_errors: check.map(|check| {
                let errors = check.findings.iter().filter(|finding| finding.severity == Severity::Error);
                errors.count() as u64
            }),
            plan_items: view.map(|view| view.plan.len() as u64),
            draft_right: stages.draft,
            seen_right: stages.seen,
            plan_right: stages.kept,
            loss: stages.loss.map(|loss| loss.name().to_owned()),
        }
    }
}

impl EditResult {
    fn of(cell: &Cell, records: &[Record], state: &State) -> Self {
        let edits = (state.settings.mode == Mode::Refine && !records.is_empty())
            .then(|| EditEffects::of(&cell.problem, records));
        Self {
            edits_accepted: edits.map(|edits| edits.accepted),
            edits_known: edits.map(|edits| edits.known),
            edits_worse: edits.map(|edits| edits.worse),
            edits_better: edits.map(|edits| edits.better),
            proposers: ProposerTotals::all(&state.proposals.payoffs, &state.settings),
        }
    }
}

impl CoverageResult {
    const ABSENT: Self = Self {
        items_cited: None,
        items_checked: None,
        items_satisfied: None,
        checked_cited: None,
        satisfied_cited: None,
        citations_dangling: None,
    };

    fn of(answer: &Answer) -> Self {
        if answer.plan.is_none() {
            return Self::ABSENT;
        }
        let count = |keep: fn(&CoverageRow) -> bool| {
            Some(answer.coverage.iter().filter(|row| keep(row)).count() as u64)
        };
        let citing = |number: Option<u64>| number.filter(|_| answer.cite);
        let known = |id: &ItemId| answer.coverage.iter().any(|row| row.item == *id);
        let spans = citation_spans(&answer.text);
        let dangling = spans.iter().flat_map(|(_, ids)| ids).filter(|id| !known(id)).count();
        Self {
            items_cited: citing(count(|row| row.cited > 0)),
            items_checked: count(|row| row.satisfied.is_some()),
            items_satisfied: count(|row| row.satisfied == Some(true)),
            checked_cited: citing(count(|row| row.cited > 0 && row.satisfied.is_some())),
            satisfied_cited: citing(count(|row| row.cited > 0 && row.satisfied == Some(true))),
            citations_dangling: citing(Some(dangling as u64)),
        }
    }
}

impl RefinementResult {
    fn of(records: &[Record], state: &State) -> Self {
        let (decisions, accepts) = decisions(records);
        let part = |name: &str| state.answer_plan()?.score.as_ref()?.part(name)?.value;
        let faults: Vec<String> = passive::look(records, state, |_| true)
            .into_iter()
            .filter(|finding| finding.verdict == FindingVerdict::Fault)
            .map(|finding| finding.check)
            .collect();
        Self {
            iterations: u64::from(state.finished_iterations()),
            decisions,
            accepts,
            contradiction: part("contradiction"),
            faults: faults.len() as u64,
            fault_names: faults.join(","),
        }
    }
}

impl RecordResult {
    fn of(session: String, state: &State) -> Self {
        let failure = match &state.outcome {
            Some(Outcome::Failed { reason, .. }) => Some(reason.clone()),
            Some(Outcome::Answered | Outcome::Interrupted) | None => None,
        };
        Self { seconds: state.at_ms as f64 / 1e3, session, failure, read_from: None, moments: None }
    }
}

/// A run that failed by what the model wrote is wrong; one whose calls failed is not judged.
fn right(cell: &Cell, state: &State) -> Option<bool> {
    match &state.judgement {
        Some(judgement) => judgement.is_right(),
        None => {
            let failed = matches!(state.outcome, Some(Outcome::Failed { .. }));
            (failed && state.calls.failed.is_empty() && cell.problem.can_be_judged()).then_some(false)
        }
    }
}

fn judged(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Correct => "correct",
        Judgement::Wrong => "wrong",
        Judgement::Unreadable => "unreadable",
        Judgement::NoGold => "no_gold",
        Judgement::NotJudged { .. } => "not_judged",
    }
}

/// Iterations with a usable proposal, and those of them in which one was accepted.
fn decisions(records: &[Record]) -> (u64, u64) {
    let (mut open, mut decisions, mut accepts) = (false, 0, 0);
    for record in records {
        if let Event::Proposed { candidates } = &record.event {
            open = candidates.iter().any(|candidate| candidate.status == CandidateStatus::Ready);
        } else if let Event::Decided { verdicts } = &record.event
            && std::mem::take(&mut open)
        {
            decisions += 1;
            accepts += u64::from(verdicts.iter().any(|verdict| verdict.ruling == Ruling::Accept));
        }
    }
    (decisions, accepts)
}

/// The median |Δ| between the totals of scored proposals and those of the plans that they change.
fn step(records: &[Record]) -> Option<f64> {
    let steps: Vec<f64> = differences(&RunTrace::of(records).steps).into_iter().map(f64::abs).collect();
    quantile(&steps, 0.5)
}

/// The dial in the name of a generated problem: `countdown:2#17` was made at 2.
fn dial(problem: &str) -> Option<String> {
    let (family, _) = problem.split_once('#')?;
    Some(family.split_once(':')?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{ItemKind, Plan};

    #[test]
    fn coverage_tells_what_is_cited_from_what_holds_and_both_from_what_is_not_known() {
        let row = |number, cited, satisfied| CoverageRow {
            item: ItemId::new(ItemKind::Step, number),
            cited,
            satisfied,
        };
        let answer = Answer {
            text: "Many. [S1 S2] More. [S9, S4]".into(),
            value: None,
            cite: true,
            plan: Some(Plan::default().hash()),
            coverage: vec![
                row(1, 2, Some(true)),
                row(2, 1, Some(false)),
                row(3, 0, Some(true)),
                row(4, 1, None),
            ],
            truncated: false,
            poll: None,
            extended: 0,
            style: None,
            evaluated: None,
            unsupported: false,
        };
        let found = CoverageResult::of(&answer);
        assert_eq!(
            (found.items_cited, found.items_checked, found.items_satisfied),
            (Some(3), Some(3), Some(2))
        );
        assert_eq!(
            (found.checked_cited, found.satisfied_cited, found.citations_dangling),
            (Some(2), Some(1), Some(1))
        );
        let silent = CoverageResult::of(&Answer { cite: false, ..answer.clone() });
        assert_eq!((silent.items_checked, silent.items_satisfied), (Some(3), Some(2)));
        assert_eq!(
            (silent.items_cited, silent.satisfied_cited, silent.citations_dangling),
            (None, None, None)
        );
        assert_eq!(CoverageResult::of(&Answer { plan: None, ..answer }), CoverageResult::ABSENT);
    }

    #[test]
    fn rows_of_older_versions_are_read() {
        let row = crate::testing::row("refine", 1, Some(true));
        let mut old = serde_json::to_value(&row).unwrap();
        for key in ["items_cited", "items_checked", "checked_cited", "seen_right", "loss"] {
            assert!(old.as_object_mut().unwrap().remove(key).is_some(), "{key}");
        }
        let read: ResultRow = serde_json::from_value(old).unwrap();
        assert_eq!(
            (read.coverage.items_cited, read.coverage.items_checked, read.answer.right),
            (None, None, Some(true))
        );
    }

    #[test]
    fn the_dial_is_in_the_name() {
        assert_eq!(dial("countdown:2#17").as_deref(), Some("2"));
        assert_eq!((dial("gsm8k#3"), dial("pens")), (None, None));
    }
}
