//! Runs model-written Python in a sandbox; nothing else in the program runs it.
//!
//! A program runs in a child of the same binary (a hidden subcommand) that takes away from itself all that a function
//! on lists and strings has no need of, and then becomes the system's `python3`: files outside one empty folder, the
//! network, other processes, more than a little time, memory and output. `docs/sandbox.md` has the layers, the limits,
//! and what it does not protect from.
//!
//! Nothing runs before the sandbox has proved itself in this process: [`shared`] first has small attempts made to get
//! out, and refuses for good where one gets through, as it does where there is no Linux or no Python.

mod parent;
mod python;
mod selftest;

#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod sys;
#[cfg(target_os = "linux")]
mod talk;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(target_os = "linux")]
pub use child::child_main;
pub use python::Interpreter;

/// The hidden subcommand that turns this program into what runs a program in the sandbox.
pub const SUBCOMMAND: &str = "__sandboxed";

/// What a program may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long it may take by the clock. On a busy machine the processor's time is the fairer measure, so this is
    /// the greater one.
    pub wall: Duration,
    /// How many seconds of a processor it may use.
    pub cpu_seconds: u64,
    /// How much memory it may address, in bytes, the interpreter's own included.
    pub memory: u64,
    /// How many bytes it may write to its standard output, and as many to its standard error.
    pub output: usize,
    /// How many bytes one file may have; eight times as many may lie in its folder.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(30),
            cpu_seconds: 5,
            memory: 512 << 20,
            output: 256 << 10,
            file: 1 << 20,
        }
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramEnd {
    /// By itself.
    Finished {
        /// What it wrote to its standard output.
        stdout: String,
        /// The end of what it wrote to its standard error.
        stderr: String,
        /// Its exit status.
        exit: i32,
    },
    /// It was stopped when its time was up. What it had written before is kept.
    TimedOut {
        /// What it wrote to its standard output.
        stdout: String,
    },
    /// Memory was refused to it, and it ended by that. A program that catches the error is not distinguished.
    MemoryExceeded,
    /// It was stopped because it wrote more than it may, to its output or into its folder.
    OutputFlood,
    /// It ended by a signal.
    Killed {
        /// The signal's number.
        signal: i32,
    },
}

/// How two programs that talked ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// How the one that asks ended. Its standard output is without its questions.
    pub asking: ProgramEnd,
    /// How the one that answers ended. It is ended after the other, so that being killed then means nothing.
    pub answering: ProgramEnd,
}

/// Why nothing is run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Refused {
    /// One sentence.
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

impl Refused {
    fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: hint.into() }
    }
}

/// What stands between a program and the machine, as the child found it before the program began.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layers {
    /// The version of Landlock's interface; files are held by any, TCP from 4 on, signals from 6 on.
    pub landlock: i32,
    /// Whether a filter of system calls is on.
    pub seccomp: bool,
    /// Whether the program has a user and a network of its own. Not every system allows that, and nothing rests on it.
    pub namespaces: bool,
}

impl Layers {
    /// Returns the names of what is on, for people.
    pub fn names(&self) -> Vec<String> {
        let mut names = vec!["resource limits".to_owned()];
        if self.landlock > 0 {
            names.push(format!("Landlock {}", self.landlock));
        }
        if self.seccomp {
            names.push("system call filter".to_owned());
        }
        if self.namespaces {
            names.push("own user and network".to_owned());
        }
        names
    }
}

/// A sandbox that has proved itself.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    python: Interpreter,
    layers: Layers,
}

impl Sandbox {
    /// Makes a sandbox whose child is `program`, the path of a planscope binary, and has it prove itself.
    ///
    /// # Errors
    /// Where there is no Linux or no Python, and where an attempt to get out gets through.
    pub fn new(program: impl Into<PathBuf>) -> Result<Self, Refused> {
        if !cfg!(target_os = "linux") {
            return Err(Refused::new(
                "Code that a model wrote is run on Linux only, where the system can hold it.",
                "use a container or a virtual machine with Linux",
            ));
        }
        let mut sandbox =
            Self { program: program.into(), python: Interpreter::find()?, layers: Layers::default() };
        sandbox.layers = selftest::prove(&sandbox)?;
        Ok(sandbox)
    }

    /// Runs a Python program to its end or to a limit. Blocks; takes at most a little longer than the time allowed.
    ///
    /// # Errors
    /// Where the child cannot be started or cannot shut itself in; the program has not begun then.
    pub fn run(&self, program: &str, limits: &Limits) -> Result<ProgramEnd, Refused> {
        parent::run(&self.program, &self.python, program, limits).map(|(ran, _)| ran)
    }

    /// Runs two Python programs that talk, each held as by [`Sandbox::run`] and apart from the other: a line of the first
    /// that begins with `?` goes to the standard input of the second, every line of the second to that of the first. Blocks
    /// until the first one ends; the time allowed is for both together.
    ///
    /// # Errors
    /// As for [`Sandbox::run`].
    #[cfg(target_os = "linux")]
    pub fn talk(&self, asking: &str, answering: &str, limits: &Limits) -> Result<Talk, Refused> {
        talk::run(&self.program, &self.python, asking, answering, limits)
    }

    /// Refuses: nothing is run here.
    #[cfg(not(target_os = "linux"))]
    pub fn talk(&self, _: &str, _: &str, _: &Limits) -> Result<Talk, Refused> {
        Err(Refused::new("Code that a model wrote is run on Linux only.", "use a container with Linux"))
    }

    /// Returns the layers that are on.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Returns the interpreter.
    pub fn python(&self) -> &Interpreter {
        &self.python
    }
}

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
static SHARED: OnceLock<Result<Arc<Sandbox>, Refused>> = OnceLock::new();

/// Names the planscope binary that [`shared`] starts, where it is not the running program, as in tests. The first
/// call counts.
pub fn use_program(program: impl Into<PathBuf>) {
    // A second call comes too late to matter.
    let _ = PROGRAM.set(program.into());
}

/// Returns the sandbox of this process. The first call takes a moment: the sandbox has to prove itself.
///
/// # Errors
/// As for [`Sandbox::new`]; what failed once stays failed until the program is restarted.
pub fn shared() -> Result<Arc<Sandbox>, Refused> {
    let make = || {
        let program = match PROGRAM.get() {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(|error| {
                Refused::new(
                    format!("The program's own path is unknown: {error}."),
                    "start it by its full path",
                )
            })?,
        };
        Sandbox::new(program).map(Arc::new)
    };
    SHARED.get_or_init(make).clone()
}
