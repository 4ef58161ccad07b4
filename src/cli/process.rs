//! The process itself: its arguments, crashes and limits.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::ErrorKind::BrokenPipe,
    panic::{self, PanicHookInfo},
};

use clap::{Parser, error::ErrorKind};

use super::Cli;
use output::{exit, pictured};

/// Makes the process ready: a crash is reported safely, and a limit on the size of files fails a write instead of ending
/// the program without a word.
pub fn prepare() {
    panic::set_hook(Box::new(|info| output::note(crash(info))));
    survive_file_limit();
}

/// Says where and why the program crashed. The message may quote text from anywhere.
fn crash(info: &PanicHookInfo<'_>) -> String {
    let said = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
    let trace = Backtrace::capture();
    let trace = if trace.status() == BacktraceStatus::Captured {
        trace.to_string()
    } else {
        "hint: this is a bug; RUST_BACKTRACE=1 adds where it came from".to_owned()
    };
    format!("error: planscope panicked{place}: {said}\n{trace}")
}

/// Reads the command line.
///
/// # Errors
/// The exit code, once help, the version or an error is printed.
pub fn parse() -> Result<Cli, u8> {
    let error = match Cli::try_parse() {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let printed = print(&error);
    let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    match printed {
        Err(broken) if wanted && broken.kind() != BrokenPipe => {
            output::note(format!("error: standard output cannot be written to: {broken}"));
            Err(exit::FAILED)
        }
        Ok(()) | Err(_) => Err(u8::try_from(error.exit_code()).unwrap_or(exit::FAILED)),
    }
}

/// Prints what clap has to say. It quotes arguments; made once more from pictures of them, it is safe and keeps its
/// colours.
fn print(error: &clap::Error) -> std::io::Result<()> {
    let safe = std::env::args_os().map(|arg| pictured(&arg.to_string_lossy()).into_owned());
    match Cli::try_parse_from(safe) {
        Err(safe) if safe.kind() == error.kind() => safe.print(),
        Err(_) | Ok(_) => {
            output::note(error);
            Ok(())
        }
    }
}

/// A write beyond the limit (`ulimit -f`) raises a signal that kills by default. With a handler the write fails instead.
/// Ignoring the signal would do that too, but programs that are started from here would inherit it.
#[cfg(unix)]
fn survive_file_limit() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: the handler does nothing, and all else of the action is plain data that may be zero.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGXFSZ, &raw const action, std::ptr::null_mut());
    }
}

#[cfg(not(unix))]
fn survive_file_limit() {}
