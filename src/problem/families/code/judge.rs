//! The verdict on code: its rules without running it, then its tests in the sandbox.
//!
//! The tests run in one process and the answer in another, each in a sandbox of its own, and only plain values cross. So an
//! answer can read no test, and whatever it does to its interpreter, the verdict is not its to write.

use serde::Deserialize;

use super::{
    CodeSettings,
    facts::{Facts, is_newer_than},
    rules::Rule,
};
use sandbox::{Limits, ProgramEnd, Refused, Talk};

const WIRE: &str = include_str!("harness/wire.py");
const TESTS: &str = include_str!("harness/tests.py");
const ANSWER: &str = include_str!("harness/answer.py");

/// How tests came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tests {
    /// Assertions that held.
    pub passed: usize,
    /// Assertions that were reached, and tests that did not finish.
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

/// What is known of an answer that is code, part by part.
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
    /// Why its tests cannot tell whether it is right, as a clause: a library that is not here, tests that test nothing.
    pub undecided: Option<String>,
}

impl CodeVerdict {
    /// Returns whether it is right: fit, all rules kept, all tests passed, and that decides it.
    pub fn pass(&self) -> bool {
        !self.is_wrong() && self.undecided.is_none()
    }

    /// Returns whether something is wrong with it, whatever could not be decided besides.
    pub fn is_wrong(&self) -> bool {
        self.reason().is_some()
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
    settings: &CodeSettings,
    before: &[&str],
    code: &str,
    hidden: &[String],
) -> Result<CodeVerdict, Refused> {
    let mut verdict = CodeVerdict::default();
    let facts = match Facts::of(code) {
        Ok(facts) => facts,
        Err(why) => return Ok(CodeVerdict { unfit: Some(format!("it is no Python: {why}")), ..verdict }),
    };
    if !facts.makes.contains(&settings.entry_point) {
        let why = format!("it defines no function {}", settings.entry_point);
        return Ok(CodeVerdict { unfit: Some(why), ..verdict });
    }
    verdict.rules = settings.rules.iter().map(|rule| (*rule, rule.broken(&facts))).collect();
    let tests: Vec<&String> = settings.tests.iter().chain(hidden).collect();
    if tests.is_empty() {
        return Ok(verdict);
    }
    let sandbox = sandbox::shared()?;
    let asking = serde_json::json!({ "entry": settings.entry_point, "before": before, "tests": tests });
    let answering = serde_json::json!({ "before": before, "code": code });
    let talk = sandbox.talk(&program(&asking, TESTS), &program(&answering, ANSWER), &Limits::default())?;
    read(&mut verdict, &talk, &facts, settings.tests.len(), tests.len());
    let syntax = verdict.stopped.as_deref() == Some("it cannot be loaded: SyntaxError");
    if syntax && is_newer_than(code, &sandbox.python().version) {
        verdict.stopped = None;
        verdict.undecided =
            Some(format!("the answer needs a Python that is newer than {}", sandbox.python().version));
    }
    Ok(verdict)
}

/// Returns a program of one of the two processes.
fn program(task: &serde_json::Value, text: &str) -> String {
    // A JSON string is a Python string too.
    format!("TASK = {}\n{WIRE}{text}", serde_json::Value::from(task.to_string()))
}

/// What the process with the tests says, a line each.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JudgeWord {
    /// A test that ended, with how many assertions held and did not, how often the answer was asked for
    /// anything, and the error that ended the test.
    test: Option<usize>,
    passed: usize,
    failed: usize,
    calls: usize,
    raised: Option<String>,
    /// The error with which the answer cannot be loaded.
    broken: Option<String>,
    /// The answer's process has ended.
    gone: bool,
    /// A module that the answer imports and that is not here.
    missing: Option<String>,
    undecided: Option<String>,
    done: bool,
}

/// Reads what the tests say. Tests that were never reached count as failed, unless nothing can be decided.
fn read(verdict: &mut CodeVerdict, talk: &Talk, facts: &Facts, shown: usize, all: usize) {
    let said = match &talk.asking {
        ProgramEnd::Finished { stdout, .. } | ProgramEnd::TimedOut { stdout } => stdout.as_str(),
        ProgramEnd::MemoryExceeded | ProgramEnd::OutputFlood | ProgramEnd::Killed { .. } => "",
    };
    let words =
        said.lines().filter_map(|line| serde_json::from_str::<JudgeWord>(line.strip_prefix('=')?).ok());
    let (mut ended, mut done, mut checks) = (0, false, 0);
    for word in words {
        if let Some(number) = word.test {
            let tests = if number < shown { &mut verdict.shown } else { &mut verdict.hidden };
            tests.passed += word.passed;
            tests.total += word.passed + word.failed + usize::from(word.raised.is_some());
            // What is asserted of something else than the answer says nothing about it.
            checks += if number >= shown && word.calls > 0 { word.passed } else { 0 };
            ended = number + 1;
        }
        if let Some(error) = word.broken {
            verdict.stopped = Some(format!("it cannot be loaded: {error}"));
        }
        if let Some(module) = word.missing {
            missing(verdict, &module, facts);
        }
        if word.gone {
            verdict.stopped = Some(how_it_ended(&talk.answering).to_owned());
        }
        verdict.undecided = word.undecided.or(verdict.undecided.take());
        done |= word.done;
    }
    let spoke = done || verdict.stopped.is_some() || verdict.undecided.is_some();
    match &talk.answering {
        _ if spoke => {}
        ProgramEnd::TimedOut { .. } | ProgramEnd::OutputFlood => {
            verdict.stopped = Some(how_it_ended(&talk.answering).to_owned());
        }
        ProgramEnd::Finished { .. } | ProgramEnd::MemoryExceeded | ProgramEnd::Killed { .. } => {
            verdict.undecided = Some("the tests themselves do not end".to_owned());
        }
    }
    if verdict.undecided.is_none() {
        verdict.shown.total += shown.saturating_sub(ended);
        verdict.hidden.total += all - shown.max(ended).min(all);
    }
    if done && all > shown && checks == 0 && verdict.hidden.passed == verdict.hidden.total {
        verdict.undecided = Some("no assertion about the answer is reached in the hidden tests".to_owned());
    }
}

/// Takes in that the answer asked for a module that is not here. Only one that its text imports excuses it.
fn missing(verdict: &mut CodeVerdict, module: &str, facts: &Facts) {
    let imported = facts.imports.iter().any(|one| one.split('.').next() == Some(module));
    if imported {
        verdict.undecided = Some(format!("the answer needs {module}, which is not installed here"));
    } else {
        verdict.stopped = Some("it cannot be loaded: ModuleNotFoundError".to_owned());
    }
}

/// Returns how the answer's process ended too early, as a clause.
fn how_it_ended(ran: &ProgramEnd) -> &'static str {
    match ran {
        ProgramEnd::TimedOut { .. } => "it takes too long",
        ProgramEnd::MemoryExceeded => "it takes too much memory",
        ProgramEnd::OutputFlood => "it writes too much",
        // It was ended after the tests were, as it had closed the line.
        ProgramEnd::Killed { signal: 9 } | ProgramEnd::Finished { .. } => {
            "it ends the program before its tests are done"
        }
        ProgramEnd::Killed { .. } => "it crashes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_on(said: &str, answering: ProgramEnd, shown: usize, all: usize) -> CodeVerdict {
        let finished =
            |stdout: &str| ProgramEnd::Finished { stdout: stdout.to_owned(), stderr: String::new(), exit: 0 };
        let mut verdict = CodeVerdict::default();
        let facts = Facts { imports: vec!["numpy.linalg".to_owned()], ..Facts::default() };
        read(&mut verdict, &Talk { asking: finished(said), answering }, &facts, shown, all);
        verdict
    }

    const QUIET: ProgramEnd = ProgramEnd::Finished { stdout: String::new(), stderr: String::new(), exit: 0 };

    #[test]
    fn what_was_not_reached_counts_as_failed() {
        let said = "={\"test\":0,\"passed\":1,\"calls\":1}\nnoise\n={\"test\":1,\"passed\":1,\"failed\":1,\"calls\":2,\"raised\":\
                    \"ValueError\"}\n={\"gone\":true}\n";
        let verdict = verdict_on(said, QUIET, 1, 4);
        assert_eq!(verdict.shown, Tests { passed: 1, total: 1 });
        assert_eq!(verdict.hidden, Tests { passed: 1, total: 5 });
        assert!(!verdict.pass() && verdict.stopped.is_some());
        assert_eq!(verdict.hidden.fraction(), Some(0.2));
        let slow = verdict_on("={\"gone\":true}", ProgramEnd::TimedOut { stdout: String::new() }, 0, 1);
        assert_eq!(slow.reason().as_deref(), Some("it takes too long"));
    }

    #[test]
    fn tests_that_reach_no_assertion_about_the_answer_decide_nothing() {
        for (said, undecided) in [
            ("={\"test\":0,\"calls\":3}\n={\"done\":true}", true),
            ("={\"test\":0,\"passed\":2}\n={\"done\":true}", true),
            ("={\"test\":0,\"passed\":2,\"calls\":1}\n={\"done\":true}", false),
        ] {
            let verdict = verdict_on(said, QUIET, 0, 1);
            assert_eq!((verdict.pass(), verdict.is_wrong()), (!undecided, false), "{said}");
        }
        // An error in the only test is one of the answer.
        let raised =
            verdict_on("={\"test\":0,\"calls\":1,\"raised\":\"TypeError\"}\n={\"done\":true}", QUIET, 0, 1);
        assert!(raised.is_wrong() && raised.undecided.is_none());
    }

    #[test]
    fn a_missing_library_is_no_fault_where_the_answer_imports_it() {
        let here = verdict_on("={\"missing\":\"numpy\"}", QUIET, 1, 2);
        assert!(!here.is_wrong() && here.undecided.unwrap().contains("needs numpy"));
        assert!(verdict_on("={\"missing\":\"forged\"}", QUIET, 1, 2).is_wrong());
    }

    #[test]
    fn tests_that_do_not_end_are_not_the_answers_fault() {
        let verdict = verdict_on("", ProgramEnd::Killed { signal: 9 }, 0, 1);
        assert!(!verdict.is_wrong() && verdict.undecided.is_some());
    }
}
