//! The verdict on code: its rules without running it, then its tests in the sandbox.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::{Rule, Settings, facts::Facts};
use crate::sandbox::{self, Limits, Ran, Refused};

const HARNESS: &str = include_str!("harness.py");

/// How tests came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tests {
    /// Assertions that held.
    pub passed: usize,
    /// Assertions that were come to, and tests that did not come to their end.
    pub total: usize,
}

impl Tests {
    /// Returns whether all passed, and there were any.
    pub fn pass(self) -> bool {
        self.total > 0 && self.passed == self.total
    }

    /// Returns the share that passed, in 0..1; `None` where there are none.
    pub fn fraction(self) -> Option<f64> {
        (self.total > 0).then(|| self.passed as f64 / self.total as f64)
    }
}

/// What is told of an answer that is code, part by part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CodeVerdict {
    /// Why it is no answer at all: no Python, not the function asked for.
    pub unfit: Option<String>,
    /// Each rule with why it is broken, as a clause; `None` where it is kept.
    pub rules: Vec<(Rule, Option<String>)>,
    /// The tests that the problem shows.
    pub shown: Tests,
    /// Those that only the oracle knows.
    pub hidden: Tests,
    /// What ended the run early, as a clause.
    pub stopped: Option<String>,
}

impl CodeVerdict {
    /// Returns whether it is right: fit, all rules kept, all tests passed.
    pub fn pass(&self) -> bool {
        self.unfit.is_none()
            && self.rules.iter().all(|(_, broken)| broken.is_none())
            && [self.shown, self.hidden].iter().all(|tests| tests.total == 0 || tests.pass())
            && self.stopped.is_none()
    }

    /// Returns what is wrong with it, in one line; `None` where nothing is. Quotes no test.
    pub fn reason(&self) -> Option<String> {
        let broken = || {
            self.rules
                .iter()
                .find_map(|(rule, why)| Some(format!("{}, against the rule: {rule}", why.as_ref()?)))
        };
        let failed = |tests: Tests, which: &str| {
            let wrong = tests.total - tests.passed;
            (wrong > 0).then(|| format!("it fails {wrong} of {} tests {which}", tests.total))
        };
        self.unfit
            .clone()
            .or_else(broken)
            .or_else(|| self.stopped.clone())
            .or_else(|| failed(self.shown, "shown"))
            .or_else(|| failed(self.hidden, "that are hidden"))
    }
}

/// Judges `code`. Nothing is run where a look at the code is enough to refuse it as unfit.
///
/// # Errors
/// Where the sandbox refuses to run anything.
pub fn judge(
    settings: &Settings,
    before: &[&str],
    code: &str,
    hidden: &[String],
) -> Result<CodeVerdict, Refused> {
    let mut verdict = CodeVerdict::default();
    let facts = match Facts::of(code) {
        Ok(facts) => facts,
        Err(why) => return Ok(CodeVerdict { unfit: Some(format!("it is no Python: {why}")), ..verdict }),
    };
    if !facts.functions.contains(&settings.entry_point) {
        let why = format!("it defines no function {}", settings.entry_point);
        return Ok(CodeVerdict { unfit: Some(why), ..verdict });
    }
    verdict.rules = settings.rules.iter().map(|rule| (*rule, rule.broken(&facts))).collect();
    let tests: Vec<&String> = settings.tests.iter().chain(hidden).collect();
    if tests.is_empty() {
        return Ok(verdict);
    }
    let token = token();
    let task = serde_json::json!({
        "token": token, "entry": settings.entry_point, "before": before, "code": code, "tests": tests,
    });
    // A JSON string is a Python string too.
    let program = format!("TASK = {}\n{HARNESS}", serde_json::Value::from(task.to_string()));
    let ran = sandbox::shared()?.run(&program, &Limits::default())?;
    let (said, stopped) = match ran {
        Ran::Finished { stdout, .. } => (stdout, None),
        Ran::TimedOut { stdout } => (stdout, Some("it takes too long")),
        Ran::MemoryExceeded => (String::new(), Some("it takes too much memory")),
        Ran::OutputFlood => (String::new(), Some("it writes too much")),
        Ran::Killed { .. } => (String::new(), Some("it crashes")),
    };
    read(&mut verdict, &said, &token, settings.tests.len(), tests.len());
    verdict.stopped = stopped.map(str::to_owned).or(verdict.stopped);
    Ok(verdict)
}

/// Returns what begins the lines of this run's verdicts.
fn token() -> String {
    // The hasher's keys come from the system's source of chance.
    let draw = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", draw(), draw())
}

/// Reads the lines of the harness. Tests that were never come to count as failed.
fn read(verdict: &mut CodeVerdict, said: &str, token: &str, shown: usize, all: usize) {
    let (mut ended, mut done) = (0, false);
    for line in said.lines().filter_map(|line| line.strip_prefix(token)) {
        let (word, more) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let tests = if ended < shown { &mut verdict.shown } else { &mut verdict.hidden };
        match word {
            "passed" => (tests.passed, tests.total) = (tests.passed + 1, tests.total + 1),
            "failed" => tests.total += 1,
            "raised" => (tests.total, ended) = (tests.total + 1, ended + 1),
            "end" => ended += 1,
            "broken" => verdict.stopped = Some(format!("it cannot be loaded: {more}")),
            "done" => done = true,
            _ => {}
        }
    }
    verdict.shown.total += shown.saturating_sub(ended);
    verdict.hidden.total += (all - shown).saturating_sub(ended.saturating_sub(shown));
    if !done && verdict.stopped.is_none() {
        verdict.stopped = Some("it ends the program before its tests are done".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_come_to_counts_as_failed() {
        let mut verdict = CodeVerdict::default();
        let said = "t begin 0\nt passed\nt end\nt begin 1\nnoise\nt passed\nt failed\nt raised ValueError\nt begin 2\n";
        read(&mut verdict, said, "t", 1, 4);
        assert_eq!(verdict.shown, Tests { passed: 1, total: 1 });
        assert_eq!(verdict.hidden, Tests { passed: 1, total: 5 });
        assert!(!verdict.pass() && verdict.stopped.is_some());
        assert_eq!(verdict.hidden.fraction(), Some(0.2));
    }

    #[test]
    fn only_lines_that_begin_right_count() {
        let mut verdict = CodeVerdict::default();
        read(&mut verdict, "passed\nx passed\ndone\n", "t", 1, 1);
        assert_eq!(verdict.shown, Tests { passed: 0, total: 1 });
        assert!(!verdict.pass());
    }
}
