//! Rows made by hand.

use lab::{
    AnswerResult, CoverageResult, EditResult, Meter, PlanResult, RecordResult, RefinementResult, ResultRow,
    RunKey, RunSpending, ScoreResult,
};

/// Returns a row after a change.
pub fn with(mut row: ResultRow, change: impl FnOnce(&mut ResultRow)) -> ResultRow {
    change(&mut row);
    row
}

/// Returns the row of an arm on a problem.
pub fn row(arm: &str, problem: u32, right: Option<bool>) -> ResultRow {
    ResultRow {
        run: RunKey {
            cell: format!("{arm}{problem}"),
            experiment: "t".into(),
            problem: format!("p{problem}"),
            problem_hash: None,
            family: "math".into(),
            dial: None,
            model: "m".into(),
            seed: 1,
            arm: arm.into(),
            kind: arm.into(),
            oracle: false,
            meter: Meter::Generated,
            budget: 512.0,
        },
        spent: RunSpending {
            generated: 256,
            thinking: 0,
            fresh: 400,
            cached: 100,
            calls: 3,
            flops: Some(1e9),
            wall_s: 2.5,
            share: 0.5,
        },
        answer: AnswerResult {
            right,
            judgement: None,
            gold_hash: None,
            answer: Some("a, \"b\"".into()),
            answer_style: None,
            answer_evaluated: None,
            answer_unsupported: false,
            answers: 1,
            extended: 0,
        },
        scores: ScoreResult {
            score: None,
            draft_score: None,
            noise_sigma: None,
            noise_kind: None,
            step: None,
            sweep: None,
        },
        plan: PlanResult {
            check_pass: None,
            check_score: Some(0.5),
            plan_errors: Some(1),
            plan_items: Some(4),
            draft_right: None,
            seen_right: None,
            plan_right: None,
            loss: None,
        },
        edits: EditResult {
            edits_accepted: None,
            edits_known: None,
            edits_worse: None,
            edits_better: None,
            proposers: Vec::new(),
        },
        coverage: CoverageResult {
            items_cited: None,
            items_checked: None,
            items_satisfied: None,
            checked_cited: None,
            satisfied_cited: None,
            citations_dangling: None,
        },
        refinement: RefinementResult {
            iterations: 2,
            decisions: 2,
            accepts: 1,
            contradiction: None,
            faults: 0,
            fault_names: String::new(),
        },
        record: RecordResult {
            seconds: 3.0,
            session: "sessions/x".into(),
            failure: None,
            read_from: None,
            moments: None,
        },
    }
}
