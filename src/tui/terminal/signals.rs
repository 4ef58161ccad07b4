//! Signals from outside.

use std::{
    io,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::mpsc;

use crate::core::model::STOP_WAIT;
use engine::Command;
use output::exit::of_signal;

/// How long the screen may take to leave by itself after its terminal is gone.
const GRACE: Duration = Duration::from_secs(3);
/// The signal of a terminal that is gone. Where there is no such signal its number stands for the same.
pub const HANGUP: i32 = 1;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// To stop.
    Interrupt,
    /// To end; the signal's number.
    End(i32),
    /// The program resumes after it was stopped, and has to take the terminal over again.
    Resumed,
}

/// Ends the process soon after its terminal is gone, whatever the loop is doing; the run of `engine` is stopped, so that its
/// session is closed.
///
/// The loop leaves by itself when it learns of that. But crossterm reads the keys of a terminal without end
/// as an endless stream of nothing, and never returns from it: the process would keep a core busy and
/// nobody to see it. The thread that waits costs nothing.
#[cfg(unix)]
pub fn leave_without_terminal(engine: Option<mpsc::Sender<Command>>) {
    /// The run of the present screen.
    static ENGINE: Mutex<Option<mpsc::Sender<Command>>> = Mutex::new(None);
    *ENGINE.lock().unwrap_or_else(PoisonError::into_inner) = engine;
    static WATCHING: std::sync::Once = std::sync::Once::new();
    WATCHING.call_once(|| {
        thread::spawn(|| {
            if hung_up(-1) {
                if let Some(engine) = ENGINE.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    // A full channel means that the loop still takes part, and stops the run itself.
                    let _ = engine.try_send(Command::Stop);
                }
                thread::sleep(STOP_WAIT + GRACE);
                std::process::exit(of_signal(HANGUP).into());
            }
        });
    });
}

/// Returns whether the terminal is gone.
#[cfg(unix)]
pub fn terminal_is_gone() -> bool {
    hung_up(0)
}

/// Waits so many milliseconds, without end below 0, for the terminal's end; returns whether it came.
#[cfg(unix)]
fn hung_up(patience: libc::c_int) -> bool {
    // Without events asked for, only the terminal's end or an error is reported.
    let mut stdin = libc::pollfd { fd: libc::STDIN_FILENO, events: 0, revents: 0 };
    // SAFETY: one entry, which lives through the call. A signal may interrupt it.
    while unsafe { libc::poll(&raw mut stdin, 1, patience) } < 0 {}
    stdin.revents & libc::POLLHUP != 0
}

/// Returns no: only Unix takes a terminal away from a running program.
#[cfg(not(unix))]
pub fn terminal_is_gone() -> bool {
    false
}

/// Does nothing: only Unix takes a terminal away from a running program.
#[cfg(not(unix))]
pub fn leave_without_terminal(_: Option<mpsc::Sender<Command>>) {}

/// Listens for the signals that ask the screen for something.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    resumed: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            resumed: signal(SignalKind::from_raw(libc::SIGCONT))?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::End(libc::SIGTERM),
            _ = self.hangup.recv() => Signal::End(HANGUP),
            _ = self.quit.recv() => Signal::End(libc::SIGQUIT),
            _ = self.resumed.recv() => Signal::Resumed,
        }
    }
}

/// Listens for the one signal there is.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// Never.
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}
