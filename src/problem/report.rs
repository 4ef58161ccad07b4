//! What checkers say about plans and answers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use plan::ItemId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; costs no score.
    Note,
    /// Probably wrong; may be right in context.
    Warning,
    /// Wrong in any reading.
    Error,
}

/// One thing that a checker has to say: a sentence for the model and for the screen alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The item it is about; `None` for the plan as a whole.
    pub item: Option<ItemId>,
    /// A stable name, such as `undefined`.
    pub code: Cow<'static, str>,
    /// One sentence that names the item.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
}

/// Whether an item holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfied {
    /// Checked, and it holds.
    Satisfied,
    /// Checked, and it does not.
    Violated,
    /// No checker can tell.
    NotCheckable,
}

/// The state of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ItemCheck {
    pub item: ItemId,
    /// Whether it holds.
    pub status: Satisfied,
    /// What it evaluates to, where it has a value.
    pub value: Option<String>,
}

/// The results of one kind of check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The name of the check.
    pub check: Cow<'static, str>,
    /// Its weight in the score.
    pub weight: f64,
    /// How often it was done.
    pub done: u32,
    /// How often it passed.
    pub passed: u32,
}

/// What a plan checker found, from the problem's public view alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PlanReport {
    /// Findings in the order of the plan, those on the whole plan last.
    pub findings: Vec<Finding>,
    /// The unmuted items, in the order of the plan.
    pub items: Vec<ItemCheck>,
    /// The checks done, by kind.
    pub tallies: Vec<Tally>,
    /// Whether the plan solves the problem, where that is known without gold. A checker that can only refute says
    /// `Some(false)` or nothing.
    pub exact_pass: Option<bool>,
    /// What the plan itself arrives at, such as the evaluated answer.
    pub derived: Option<String>,
}

impl PlanReport {
    /// Returns how many checks were done.
    pub fn done(&self) -> u32 {
        self.tallies.iter().map(|tally| tally.done).sum()
    }

    /// Returns how many checks passed.
    pub fn passed(&self) -> u32 {
        self.tallies.iter().map(|tally| tally.passed).sum()
    }

    /// Returns the weighted share of checks passed, in 0..1, or `None` where nothing is checkable.
    ///
    /// Shares are taken within each kind of check before they are weighed, so that many easy passes of
    /// one kind do not hide a failure of another.
    pub fn score(&self) -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for tally in self.tallies.iter().filter(|tally| tally.done > 0) {
            sum += tally.weight * f64::from(tally.passed) / f64::from(tally.done);
            weight += tally.weight;
        }
        (weight > 0.0).then(|| sum / weight)
    }

    /// Returns the state of `item`.
    pub fn item(&self, item: ItemId) -> Option<&ItemCheck> {
        self.items.iter().find(|check| check.item == item)
    }

    /// Returns the findings of at least `severity`.
    pub fn at_least(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity >= severity)
    }

    /// Returns whether anything is wrong in any reading.
    pub(crate) fn has_error(&self) -> bool {
        self.at_least(Severity::Error).next().is_some()
    }

    /// Starts a report with the given kinds of checks and their weights.
    pub(super) fn with_checks(checks: &[(&'static str, f64)]) -> Self {
        let tally = |&(check, weight): &(&'static str, f64)| Tally {
            check: check.into(),
            weight,
            done: 0,
            passed: 0,
        };
        Self { tallies: checks.iter().map(tally).collect(), ..Self::default() }
    }

    /// Counts one check of a kind.
    pub(super) fn count(&mut self, check: &str, passed: bool) {
        if let Some(tally) = self.tallies.iter_mut().find(|tally| tally.check == check) {
            tally.done += 1;
            tally.passed += u32::from(passed);
        }
    }

    /// Adds a finding.
    pub(super) fn find(
        &mut self,
        item: impl Into<Option<ItemId>>,
        code: &'static str,
        severity: Severity,
        message: String,
    ) {
        self.findings.push(Finding { item: item.into(), code: code.into(), message, severity });
    }

    /// Counts one check of the kind named `code` as failed and adds the finding.
    pub(super) fn fail(
        &mut self,
        item: impl Into<Option<ItemId>>,
        code: &'static str,
        severity: Severity,
        message: String,
    ) {
        self.count(code, false);
        self.find(item, code, severity, message);
    }

    /// Adds the state of an item: violated if it has an error, otherwise `status`.
    ///
    /// Looks only at the latest findings, so an item is settled before the next one is examined.
    pub(super) fn settle(&mut self, item: ItemId, status: Satisfied, value: Option<String>) {
        let mut own = self.findings.iter().rev().take_while(|finding| finding.item == Some(item));
        let wrong = own.any(|finding| finding.severity == Severity::Error);
        let status = if wrong { Satisfied::Violated } else { status };
        self.items.push(ItemCheck { item, status, value });
    }
}

/// How an answer compares with the gold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is the gold answer, or reaches the goal.
    Correct,
    /// It is not.
    Wrong,
    /// The problem has no gold.
    NoGold,
    /// There is something to compare with, but no way to do it here.
    NotJudged,
    /// No answer was found in the text.
    Unparsed,
}

/// The oracle's verdict on one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerVerdict {
    /// How it compares.
    pub outcome: Outcome,
    /// The answer as extracted from the text.
    pub extracted: Option<String>,
    /// Why it is wrong, where there is more to say than that it differs; never quotes the gold.
    pub reason: Option<String>,
}
