//! `planscope lab open`: the cells of an experiment on the screen, and the run of each in the debugger.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    app,
    cli::{
        Common,
        screen::{self, ShownSession},
        text::{count, duration, score, things},
    },
    failure::Failure,
};
use lab::{LabError, ResultRow, Store};
use output::exit::End;
use session::Blobs;
use tui::{CellEnd, CellEntry, CellPicker, Pick, PickerSetup};

/// Arguments of `planscope lab open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The folder with the results
    pub dir: PathBuf,
}

/// Lists the cells, and shows the run of the one that is picked, until the person leaves the list.
///
/// # Errors
/// When there are no results, or no terminal.
pub(super) async fn run(args: &OpenArgs, common: &Common) -> Result<End, Failure> {
    let config = common.config()?;
    tui::require_terminal().map_err(|error| {
        Failure::new(error.to_string()).hint("planscope lab report DIR compares the arms without a screen")
    })?;
    let store = Store::open(&args.dir)?;
    let rows = store.rows()?;
    let Some(first) = rows.first() else { return Err(LabError::Nothing(args.dir.clone()).into()) };
    let mut picker = CellPicker::new(&first.run.experiment, entries(&rows, store.dir()));
    let (appearance, keymap) = (app::appearance(&config)?, app::keymap(&config)?);
    let setup = PickerSetup { appearance: &appearance, keymap: &keymap };
    loop {
        let session = match tui::pick_cell(&mut picker, setup).await? {
            Pick::Taken(session) => session,
            Pick::Left => return Ok(End::Done),
            Pick::Signal(signal) => return Ok(End::Signal(signal)),
        };
        let options = tui::Options::new(appearance.clone(), keymap.clone(), Blobs::of(&session));
        // One session that cannot be read is no reason to leave the others.
        match screen::show(ShownSession::Record(session), &config, options).await {
            Ok(End::Done | End::No) => {}
            Ok(end @ End::Signal(_)) => return Ok(end),
            Err(failure) => picker.refuse(failure.message),
        }
    }
}

/// Returns the cells so that those to compare with each other stand together: by problem, seed and budget, and then in
/// the order of the arms' names.
fn entries(rows: &[ResultRow], dir: &Path) -> Vec<CellEntry> {
    let mut rows: Vec<&ResultRow> = rows.iter().collect();
    rows.sort_by(|a, b| {
        let problems = (&a.run.problem, &a.run.model, a.run.seed, a.run.meter).cmp(&(
            &b.run.problem,
            &b.run.model,
            b.run.seed,
            b.run.meter,
        ));
        problems.then(a.run.budget.total_cmp(&b.run.budget)).then_with(|| a.run.arm.cmp(&b.run.arm))
    });
    rows.into_iter().map(|row| entry(row, dir)).collect()
}

fn entry(row: &ResultRow, dir: &Path) -> CellEntry {
    CellEntry {
        path: dir.join(&row.record.session),
        problem: row.run.problem.clone(),
        model: row.run.model.clone(),
        seed: row.run.seed.to_string(),
        budget: row.run.meter.budget(row.run.budget),
        arm: row.run.arm.clone(),
        end: end(row),
        spent: format!("{:.0} %", 100.0 * row.spent.share),
        score: score(row.scores.score),
        about: about(row),
    }
}

/// A run that failed by what the model wrote is judged wrong; only one whose calls failed has failed.
fn end(row: &ResultRow) -> CellEnd {
    match (row.answer.right, &row.record.failure) {
        (Some(true), _) => CellEnd::Right,
        (Some(false), _) => CellEnd::Wrong,
        (None, Some(_)) => CellEnd::Failed,
        (None, None) => CellEnd::NotJudged,
    }
}

/// What else there is to say, a paragraph a line.
fn about(row: &ResultRow) -> String {
    let mut lines = Vec::new();
    if row.run.oracle {
        lines.push("ORACLE: the run was steered by something that saw the gold answer".to_owned());
    }
    lines.extend(row.record.failure.clone());
    lines.push(match &row.answer.answer {
        Some(answer) if row.answer.answers > 1 => {
            format!("answer: {answer}, from {} answers", row.answer.answers)
        }
        Some(answer) => format!("answer: {answer}"),
        None => "no answer could be read".to_owned(),
    });
    lines.push(format!(
        "{} drawn, {} evaluated in {}, {}",
        things(row.spent.generated, "token"),
        count(row.spent.fresh),
        things(row.spent.calls, "call"),
        duration(row.spent.wall_s * 1e3),
    ));
    if let Some(items) = row.plan.plan_items {
        let from = row.scores.draft_score.map_or_else(String::new, |draft| format!(", draft {draft:.3}"));
        lines.push(format!(
            "plan with {}, score {}{from}; {} of {} accepted",
            things(items, "item"),
            score(row.scores.score),
            row.refinement.accepts,
            things(row.refinement.decisions, "decision"),
        ));
    }
    lines.extend(against_plan(row).map(str::to_owned));
    if row.refinement.faults > 0 {
        lines.push(format!("findings: {}", row.refinement.fault_names.replace(',', ", ")));
    }
    lines.join("\n")
}

/// Where plan and answer do not stand and fall together.
fn against_plan(row: &ResultRow) -> Option<&'static str> {
    match (row.plan.plan_right, row.answer.right) {
        (Some(true), Some(false)) => Some("the plan's steps reach the right value; the answer lost it"),
        (Some(false), Some(true)) => Some("the plan's steps reach a wrong value; the answer is right anyway"),
        (Some(false), Some(false)) if row.plan.seen_right == Some(true) => {
            Some("a right plan was seen, but a wrong one was kept")
        }
        (Some(_) | None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::lab::testing::{row, with};

    #[test]
    fn cells_to_compare_stand_together_and_only_failed_calls_are_a_failure() {
        let failed = |right| with(row("refine", 0, right), |row| row.record.failure = Some("why".into()));
        let rows = [
            row("refine", 1, Some(true)),
            row("direct", 0, None),
            failed(Some(false)),
            row("direct", 1, Some(false)),
            with(row("refine", 1, Some(true)), |row| row.run.budget = 128.0),
        ];
        let entries = entries(&rows, Path::new("lab"));
        let reported: Vec<_> = entries.iter().map(|entry| (entry.arm.as_str(), entry.end)).collect();
        let (right, wrong) = (CellEnd::Right, CellEnd::Wrong);
        let sorted = [
            ("direct", CellEnd::NotJudged),
            ("refine", wrong),
            ("refine", right),
            ("direct", wrong),
            ("refine", right),
        ];
        assert_eq!(reported, sorted);
        assert!(entries[1].about.starts_with("why\n"));
        assert_eq!(end(&failed(None)), CellEnd::Failed);
    }

    #[test]
    fn a_right_plan_that_is_answered_wrongly_is_told() {
        let about =
            |plan_right, right| about(&with(row("refine", 1, right), |row| row.plan.plan_right = plan_right));
        assert!(about(Some(true), Some(false)).contains("the answer lost it"));
        assert!(about(Some(false), Some(true)).contains("right anyway"));
        let chosen = with(row("refine", 1, Some(false)), |row| {
            row.plan.plan_right = Some(false);
            row.plan.seen_right = Some(true);
        });
        assert!(super::about(&chosen).contains("a right plan was seen"));
        for (plan, answer) in
            [(Some(true), Some(true)), (Some(false), Some(false)), (None, Some(false)), (Some(true), None)]
        {
            assert!(!about(plan, answer).contains("the plan's steps"));
        }
    }
}
