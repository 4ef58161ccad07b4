//! Signals from outside as messages.

use std::io;

use super::msg::Msg;

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
