//! Signals from outside as messages.

use std::{io, thread, time::Duration};

use super::{model::STOP_WAIT, msg::Msg};

/// How long the screen may take to leave by itself after its terminal is gone.
const GRACE: Duration = Duration::from_secs(3);
/// The exit status of a program that its terminal took along: 128 and the number of SIGHUP.
const HUNG_UP: i32 = 129;

/// Ends the process soon after its terminal is gone, whatever the loop is doing.
///
/// The loop leaves by itself when it is told of that. But crossterm reads the keys of a terminal without end
/// as an endless stream of nothing, and never returns from it: the process would go on with a busy core and
/// nobody to see it. All that was recorded is on disk by then. The thread that waits costs nothing.
#[cfg(unix)]
pub fn leave_without_terminal() {
    static WATCHING: std::sync::Once = std::sync::Once::new();
    WATCHING.call_once(|| {
        thread::spawn(|| {
            // Without events asked for, only the terminal's end or an error is told.
            let mut stdin = libc::pollfd { fd: libc::STDIN_FILENO, events: 0, revents: 0 };
            // SAFETY: one entry, which lives through the call. A signal may interrupt it.
            while unsafe { libc::poll(&raw mut stdin, 1, -1) } < 0 {}
            if stdin.revents & libc::POLLHUP != 0 {
                thread::sleep(STOP_WAIT + GRACE);
                std::process::exit(HUNG_UP);
            }
        });
    });
}

/// Does nothing: only Unix takes a terminal away from a program that goes on.
#[cfg(not(unix))]
pub fn leave_without_terminal() {}

/// Listens for the signals that ask the screen for something.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
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
            resumed: signal(SignalKind::from_raw(libc::SIGCONT))?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            _ = self.interrupt.recv() => Msg::Interrupt,
            _ = self.terminate.recv() => Msg::Terminate,
            _ = self.hangup.recv() => Msg::Terminate,
            _ = self.resumed.recv() => Msg::Redraw,
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
    pub async fn next(&mut self) -> Msg {
        let _ = tokio::signal::ctrl_c().await;
        Msg::Interrupt
    }
}
