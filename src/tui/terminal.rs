//! Taking the terminal over and giving it back, whatever happens.

use std::{
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::{Mutex, Once, PoisonError},
    thread::{self, ThreadId},
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    terminal::{
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    layout::{Position, Rect},
};

/// Who has the terminal, and what panics of other threads said meanwhile.
static HELD: Mutex<Option<Held>> = Mutex::new(None);
static HOOK: Once = Once::new();

struct Held {
    by: ThreadId,
    said: Vec<String>,
}

/// The terminal in raw mode with its other screen shown. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard output is no terminal, or it refuses.
    pub fn enter() -> io::Result<Self> {
        HOOK.call_once(install_hook);
        let writer = BufWriter::with_capacity(64 * 1024, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(writer))?;
        take_over()?;
        Ok(Self { terminal })
    }

    /// Draws a frame; the terminal shows it whole or not at all.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(draw)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.terminal.backend_mut())
    }

    /// Returns the screen's size.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn area(&self) -> io::Result<Rect> {
        Ok(Rect::from((Position::ORIGIN, self.terminal.size()?)))
    }

    /// Gives `text` to the terminal's clipboard (OSC 52). Terminals that do not know how, or may not,
    /// leave it.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Gives the terminal back, stops the program as the shell's job control wants it, and takes the
    /// terminal over again once the program goes on.
    ///
    /// # Errors
    /// When the terminal cannot be had again.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_process();
        self.resume()
    }

    /// Gives the terminal to another program; [`resume`](Self::resume) takes it back.
    pub fn lend(&mut self) {
        give_back();
    }

    /// Takes the terminal over again and draws everything anew, as after the program was stopped from
    /// outside.
    ///
    /// # Errors
    /// When the terminal cannot be had again.
    pub fn resume(&mut self) -> io::Result<()> {
        take_over()?;
        // Taking on a size clears everything. Asking ratatui to clear would ask the terminal for its
        // cursor, and the answer would go to whoever reads the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn held() -> std::sync::MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    let said = held().take().map_or_else(Vec::new, |before| before.said);
    *held() = Some(Held { by: thread::current().id(), said });
    let entered = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide);
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back if it is held. Errors are of no use to anyone at this point.
fn give_back() {
    let Some(held) = held().take() else { return };
    let mut out = io::stdout();
    let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    for text in held.said {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// A panic on the screen's own thread gives the terminal back before it is reported. One on another
/// thread must not write over the screen, so its report waits until the terminal is given back.
fn install_hook() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let mut guard = held();
        match guard.as_mut() {
            Some(held) if held.by != thread::current().id() => {
                held.said.push(format!("{info}"));
                return;
            }
            Some(_) | None => {}
        }
        drop(guard);
        give_back();
        report(info);
    }));
}

#[cfg(unix)]
fn stop_process() {
    // SAFETY: raise takes no pointers; stopping is what the person asked for.
    unsafe {
        libc::raise(libc::SIGTSTP);
    }
}

#[cfg(not(unix))]
fn stop_process() {}
