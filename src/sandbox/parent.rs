//! The parent's side: starts the child, watches it, and ends it at a limit.

use std::{path::Path, time::Duration};

use super::{Layers, Limits, ProgramEnd, Refused, python::Interpreter};

/// How much of the standard error is kept.
const STDERR_KEPT: usize = 4000;
/// How often the child is polled.
pub(super) const GLANCE: Duration = Duration::from_millis(4);
/// How often its folder is measured, in polls.
pub(super) const FOLDER_EVERY: u32 = 12;

#[cfg(not(target_os = "linux"))]
pub(super) fn run(_: &Path, _: &Interpreter, _: &str, _: &Limits) -> Result<(ProgramEnd, Layers), Refused> {
    Err(Refused::new("Code that a model wrote is run on Linux only.", "use a container with Linux"))
}

#[cfg(target_os = "linux")]
pub(super) use linux::{Started, Stop, conclude, read, run};

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        io::{Read, Write},
        os::unix::process::{CommandExt, ExitStatusExt},
        process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
        sync::atomic::{AtomicBool, Ordering},
        thread,
        time::Instant,
    };

    use tempfile::TempDir;

    use super::*;
    use crate::{
        SUBCOMMAND,
        child::{ChildInput, ChildReport, Order},
        sys,
    };

    /// Why the child was ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Stop {
        Time,
        Flood,
    }

    /// Runs `text` in a child of `program`. The whole program is in its standard input, which ends with it.
    pub(crate) fn run(
        program: &Path,
        python: &Interpreter,
        text: &str,
        limits: &Limits,
    ) -> Result<(ProgramEnd, Layers), Refused> {
        let mut child = Started::new(program, python, limits, ChildInput::Program)?;
        let (stdin, stdout, stderr) = child.pipes();
        let flood = AtomicBool::new(false);
        thread::scope(|scope| {
            let out = scope.spawn(|| read(stdout, limits.output, &flood));
            let err = scope.spawn(|| read(stderr, limits.output, &flood));
            scope.spawn(move || {
                // A child that ended early reads no more; its exit status says so better.
                let _ = stdin.map(|mut stdin| stdin.write_all(text.as_bytes()));
            });
            let (stop, status) = watch(&mut child, limits, &flood);
            // The child is gone, and it could have none of its own that hold its ends of the pipes.
            let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
            conclude(stop, status, &out, &err)
        })
    }

    /// A child and its folder. It is ended with its group when it is dropped.
    pub(crate) struct Started {
        child: Child,
        folder: TempDir,
    }

    impl Started {
        /// Starts a child of `program`.
        pub(crate) fn new(
            program: &Path,
            python: &Interpreter,
            limits: &Limits,
            input: ChildInput,
        ) -> Result<Self, Refused> {
            let folder =
                tempfile::Builder::new().prefix("planscope-sandbox-").tempdir().map_err(|error| {
                    Refused::new(
                        format!("No folder can be made for the sandbox: {error}."),
                        "make room, or set TMPDIR",
                    )
                })?;
            let real = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_owned());
            let order = Order { python: python.clone(), folder: real, limits: *limits, input };
            let order = serde_json::to_string(&order).unwrap_or_default();
            let mut command = Command::new(program);
            command
                .args([SUBCOMMAND, &order])
                // Nothing is left where planscope was started.
                .current_dir(folder.path())
                .env_clear()
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .process_group(0);
            let child = command.spawn().map_err(|error| {
                Refused::new(
                    format!("The sandbox's process cannot be started: {error}."),
                    "check the program's own path",
                )
            })?;
            Ok(Self { child, folder })
        }

        /// Takes the ends of its pipes: of its standard input, output and error.
        pub(crate) fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
            (self.child.stdin.take(), self.child.stdout.take(), self.child.stderr.take())
        }

        /// Returns its exit status once it has ended.
        pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
            self.child.try_wait().ok().flatten()
        }

        /// Returns whether its folder holds more than it may.
        pub(crate) fn is_full(&self, limits: &Limits) -> bool {
            size(self.folder.path(), 0) > limits.file.saturating_mul(8)
        }

        /// Ends it with its group, unless it has ended.
        pub(crate) fn end(&mut self) -> Option<ExitStatus> {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            sys::kill_group(self.child.id());
            self.child.wait().ok()
        }
    }

    impl Drop for Started {
        fn drop(&mut self) {
            self.end();
        }
    }

    /// Reads to the end or to a bound; the rest is left, and `flood` notified.
    pub(crate) fn read(source: Option<impl Read>, most: usize, flood: &AtomicBool) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(source) = source {
            // An error ends it like the end: what came before is there.
            let _ = source.take(most as u64 + 1).read_to_end(&mut bytes);
        }
        if bytes.len() > most {
            flood.store(true, Ordering::Relaxed);
        }
        bytes
    }

    /// Waits for the child to end, and ends it at a limit.
    fn watch(child: &mut Started, limits: &Limits, flood: &AtomicBool) -> (Option<Stop>, Option<ExitStatus>) {
        let begun = Instant::now();
        for glance in 0_u32.. {
            if let Some(status) = child.ended() {
                return (flood.load(Ordering::Relaxed).then_some(Stop::Flood), Some(status));
            }
            let full = || glance % FOLDER_EVERY == 0 && child.is_full(limits);
            if flood.load(Ordering::Relaxed) || full() {
                return (Some(Stop::Flood), child.end());
            }
            if begun.elapsed() > limits.wall {
                break;
            }
            thread::sleep(GLANCE);
        }
        (Some(Stop::Time), child.end())
    }

    /// Returns how much lies in a folder; too deep or too many counts as too much.
    fn size(folder: &Path, depth: u32) -> u64 {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        let mut sum: u64 = 0;
        for (count, entry) in entries.flatten().enumerate() {
            if depth > 8 || count > 1000 {
                return u64::MAX;
            }
            // Links are not followed.
            let Ok(meta) = entry.metadata() else { continue };
            let own = if meta.is_dir() { size(&entry.path(), depth + 1) } else { meta.len() };
            sum = sum.saturating_add(own);
        }
        sum
    }

    /// Says how a child ended, by why it was stopped, its exit status, and what it wrote.
    pub(crate) fn conclude(
        stop: Option<Stop>,
        status: Option<ExitStatus>,
        out: &[u8],
        err: &[u8],
    ) -> Result<(ProgramEnd, Layers), Refused> {
        let (first, rest) = err.split_at(err.iter().position(|byte| *byte == b'\n').unwrap_or(err.len()));
        let layers = match serde_json::from_slice(first) {
            Ok(ChildReport::Ready(layers)) => layers,
            Ok(ChildReport::Failed(why)) => {
                return Err(Refused::new(
                    format!("The sandbox cannot be closed: {why}."),
                    "it needs Linux 5.13 with Landlock and seccomp; `planscope doctor` shows what is there",
                ));
            }
            Err(_) => {
                return Err(Refused::new(
                    format!("The sandbox's process ended before it was ready: {}", text(first).trim()),
                    "is the machine out of memory or processes?",
                ));
            }
        };
        let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        // The interpreter reports running out of memory once more at the end, so look there.
        let stderr = text(&rest[rest.len().saturating_sub(STDERR_KEPT)..]);
        let stdout = text(out);
        let (signal, exit) =
            (status.and_then(|status| status.signal()), status.and_then(|status| status.code()));
        let ran = match (stop, signal, exit) {
            (Some(Stop::Flood), ..) => ProgramEnd::OutputFlood,
            (Some(Stop::Time), ..) | (None, Some(libc::SIGXCPU), _) => ProgramEnd::TimedOut { stdout },
            (None, Some(signal), _) => ProgramEnd::Killed { signal },
            (None, None, Some(exit)) if exit != 0 && out_of_memory(&stderr) => ProgramEnd::MemoryExceeded,
            (None, None, exit) => ProgramEnd::Finished { stdout, stderr, exit: exit.unwrap_or(-1) },
        };
        Ok((ran, layers))
    }

    fn out_of_memory(stderr: &str) -> bool {
        stderr.lines().last().is_some_and(|line| line.starts_with("MemoryError"))
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}
