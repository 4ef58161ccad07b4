//! The proof: attempts to get out, made before anything else is run.

use std::{io::Write, path::Path};

use super::{Layers, Limits, ProgramEnd, Refused, Sandbox, parent};

const ATTEMPTS: &str = include_str!("selftest.py");
/// How many attempts there are; one that reports nothing counts as a breach.
const COUNT: usize = 13;

/// Has attempts made to get out of the sandbox. Returns the layers that held.
pub(super) fn prove(sandbox: &Sandbox) -> Result<Layers, Refused> {
    let mut outside = tempfile::NamedTempFile::new().map_err(no_file)?;
    outside.write_all(b"nobody's business").map_err(no_file)?;
    let program = attempts(outside.path());
    let (ran, layers) = parent::run(&sandbox.program, &sandbox.python, &program, &Limits::default())?;
    match ran {
        ProgramEnd::Finished { stdout, stderr, exit } => {
            judge(&stdout, exit).map_err(|what| does_not_hold(&what, &stderr)).map(|()| layers)
        }
        ProgramEnd::TimedOut { .. } => Err(does_not_hold("its own test took too long", "")),
        ProgramEnd::MemoryExceeded | ProgramEnd::OutputFlood | ProgramEnd::Killed { .. } => {
            Err(does_not_hold("its own test did not finish", ""))
        }
    }
}

fn no_file(error: std::io::Error) -> Refused {
    Refused::new(format!("The sandbox cannot be tested: {error}."), "make room, or set TMPDIR")
}

/// Returns the attempts as a program.
fn attempts(outside: &Path) -> String {
    // A JSON string is a Python string too.
    let outside = serde_json::Value::from(outside.to_string_lossy());
    format!("OUTSIDE = {outside}\nPARENT = {}\n{ATTEMPTS}", std::process::id())
}

/// Returns what got through, if anything did, as a clause.
fn judge(said: &str, exit: i32) -> Result<(), String> {
    let through: Vec<&str> = said.lines().filter_map(|line| line.strip_suffix(" THROUGH")).collect();
    if !through.is_empty() {
        return Err(format!("{} got through", through.join(", ")));
    }
    let held = said.lines().filter(|line| line.contains(" HELD ")).count();
    match held {
        COUNT if exit == 0 && said.lines().last() == Some("works") => Ok(()),
        COUNT => Err("what should work inside does not".to_owned()),
        held => Err(format!("only {held} of {COUNT} attempts to get out were seen to fail")),
    }
}

fn does_not_hold(what: &str, stderr: &str) -> Refused {
    let more = stderr.lines().last().map_or_else(String::new, |line| format!(" ({line})"));
    Refused::new(
        format!("The sandbox does not hold here: {what}{more}. Code that a model wrote is not run."),
        "run planscope on a system with Landlock and seccomp, or in a virtual machine; docs/sandbox.md says more",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_attempt_that_gets_through_or_tells_nothing_is_enough() {
        let held: String = (0..COUNT).map(|number| format!("attempt-{number} HELD OSError\n")).collect();
        assert_eq!(judge(&format!("{held}works\n"), 0), Ok(()));
        assert!(judge(&format!("{held}fails\n"), 0).is_err());
        assert!(judge(&format!("{held}works\n"), 1).is_err());
        let through = format!("{held}fork THROUGH\nworks\n");
        assert_eq!(judge(&through, 0).unwrap_err(), "fork got through");
        let silent: String = held.lines().skip(1).map(|line| format!("{line}\n")).collect();
        assert!(judge(&format!("{silent}works\n"), 0).unwrap_err().starts_with("only 12 of 13"));
    }

    #[test]
    fn as_many_attempts_are_written_as_are_counted() {
        assert_eq!(ATTEMPTS.lines().filter(|line| line.starts_with("attempt(")).count(), COUNT);
    }
}
