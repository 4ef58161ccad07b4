//! The child's side: takes everything away from itself, then becomes the interpreter.

use std::{
    ffi::OsStr,
    fmt::Display,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use serde::{Deserialize, Serialize};

use super::{Layers, Limits, filter, python::Interpreter, sys};
use output::note;

/// The child's instructions, as JSON in its argument.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub python: Interpreter,
    pub folder: PathBuf,
    pub limits: Limits,
    pub input: ChildInput,
}

/// What the child's standard input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ChildInput {
    /// The program, to the end.
    Program,
    /// A line with the length of the program in bytes, the program, and then what the program itself reads.
    Line,
}

/// Reads a program that more follows.
const BEGIN: &str = "\
import os
def read(size):
    got = os.read(0, size)
    if not got:
        raise SystemExit(1)
    return got
size = b''
while not size.endswith(b'\\n'):
    size += read(1)
text = b''
while len(text) < int(size):
    text += read(int(size) - len(text))
exec(compile(text, 'program', 'exec'), {'__name__': '__main__'})
";

/// What the child says in the first line of its standard error, before any of the program can have run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChildReport {
    /// It is shut in, and becomes the interpreter now.
    Ready(Layers),
    /// It could not shut itself in, and ends.
    Failed(String),
}

/// Files that a program may have open at a time.
const OPEN_FILES: u64 = 32;

/// Runs the child: returns only where it failed, with the exit status.
pub fn child_main(order: Option<&OsStr>) -> u8 {
    let failed = match order.and_then(OsStr::to_str).map(serde_json::from_str::<Order>) {
        Some(Ok(order)) => enter(&order).err().unwrap_or_default(),
        Some(Err(_)) | None => "its instructions could not be read".to_owned(),
    };
    say(&ChildReport::Failed(failed));
    1
}

fn say(word: &ChildReport) {
    note(serde_json::to_string(word).unwrap_or_default());
}

/// Shuts the process in and becomes the interpreter; returns only with what failed.
fn enter(order: &Order) -> Result<(), String> {
    let Order { python, folder, limits, input } = order;
    let to = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
    sys::close_others().map_err(to("files that were open cannot be closed"))?;
    sys::die_with_parent().map_err(to("it cannot be tied to its parent"))?;
    std::env::set_current_dir(folder).map_err(to("its folder cannot be entered"))?;
    let namespaces = sys::own_namespaces().is_ok();
    sys::drop_capabilities();
    sys::no_new_privileges().map_err(to("it cannot give up rights"))?;
    let landlock = hold_files(python, folder).map_err(|error| with_causes("Landlock", &error))?;
    hold_resources(limits).map_err(to("limits cannot be set"))?;
    let calls = filter::filter().map_err(|error| with_causes("the filter of system calls", &error))?;
    seccompiler::apply_filter(&calls).map_err(|error| with_causes("the filter of system calls", &error))?;
    say(&ChildReport::Ready(Layers { landlock, seccomp: true, namespaces }));
    // The environment holds only what we set; the hash seed makes the order of sets the same each time.
    let program: &[&str] = match input {
        ChildInput::Program => &["-"],
        ChildInput::Line => &["-c", BEGIN],
    };
    let error = Command::new(&python.path)
        .args(["-s", "-S", "-B", "-X", "utf8"])
        .args(program)
        .env_clear()
        .envs([("PYTHONHASHSEED", "0"), ("LC_ALL", "C.UTF-8")])
        .exec();
    Err(format!("the interpreter does not start: {error}"))
}

fn with_causes(what: &str, error: &impl Display) -> String {
    format!("{what}: {error}")
}

/// Leaves of all files the folder, the interpreter and what it reads; of TCP nothing; and of signals those to itself.
/// Returns the version of Landlock that holds it.
fn hold_files(python: &Interpreter, folder: &Path) -> Result<i32, RulesetError> {
    let all = AccessFs::from_all(ABI::V6);
    let within = all & !BitFlags::from(AccessFs::Execute);
    let status = Ruleset::default()
        // Without the first version nothing is run; what later ones add is welcome.
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .handle_access(AccessNet::from_all(ABI::V4))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .add_rules(path_beneath_rules(python.executables(), AccessFs::Execute | AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(python.readable(), AccessFs::ReadFile | AccessFs::ReadDir))?
        .add_rules(path_beneath_rules([folder], within))?
        .restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
        LandlockStatus::Available { effective_abi, kernel_abi } => kernel_abi.unwrap_or(effective_abi as i32),
    })
}

fn hold_resources(limits: &Limits) -> std::io::Result<()> {
    sys::limit(libc::RLIMIT_CORE, 0, 0)?;
    // A second after the signal that ends it by default comes one that nothing can catch.
    sys::limit(libc::RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)?;
    sys::limit(libc::RLIMIT_FSIZE, limits.file, limits.file)?;
    sys::limit(libc::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)?;
    sys::limit(libc::RLIMIT_NPROC, 0, 0)?;
    sys::limit(libc::RLIMIT_AS, limits.memory, limits.memory)
}
