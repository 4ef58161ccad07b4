//! Taking the terminal over and giving it back, whatever happens.
#![expect(clippy::disallowed_methods, reason = "draws on the terminal, with cells that cannot act")]

use std::{
    io::{self, Stdout, Write},
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
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
        disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::terminal::{
    glyphs::Glyphs,
    modes::{MouseButtons, RestoreTitle, SaveTitle},
};
use output::acts;

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
    terminal: Terminal<CrosstermBackend<FrameWriter<Stdout>>>,
    glyphs: Glyphs,
    mouse: bool,
    title: String,
}

impl Screen {
    /// Takes the terminal over; with `mouse`, its clicks too.
    ///
    /// # Errors
    /// When standard output is no terminal, or it refuses.
    pub fn enter(glyphs: Glyphs, mouse: bool) -> io::Result<Self> {
        HOOK.call_once(install_hook);
        let terminal = Terminal::new(CrosstermBackend::new(FrameWriter::new(io::stdout())))?;
        take_over(mouse)?;
        let mut screen = Self { terminal, glyphs, mouse, title: String::new() };
        screen.set_title("planscope")?;
        Ok(screen)
    }

    /// Names the terminal's window, unless it already has that name. Leaving gives it its old name back.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        if self.title != title {
            title.clone_into(&mut self.title);
            queue!(self.terminal.backend_mut(), SetTitle(title))?;
        }
        Ok(())
    }

    /// Draws a frame in one write; the terminal shows it whole or not at all.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let glyphs = self.glyphs;
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            draw(frame);
            disarm(frame.buffer_mut());
            glyphs.apply(frame.buffer_mut());
        })?;
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
    /// terminal over again once the program continues.
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

    /// Takes the terminal over again and redraws everything, as after the program was stopped from
    /// outside.
    ///
    /// # Errors
    /// When the terminal cannot be had again.
    pub fn resume(&mut self) -> io::Result<()> {
        take_over(self.mouse)?;
        let title = std::mem::take(&mut self.title);
        self.set_title(&title)?;
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

/// The last guard: whoever forgot to make a text safe does not let it reach the terminal.
fn disarm(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() && cell.symbol().contains(acts) {
            let safe: String = cell.symbol().chars().filter(|c| !acts(*c)).collect();
            cell.set_symbol(if safe.is_empty() { " " } else { &safe });
        }
    }
}

fn held() -> std::sync::MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_over(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    let before = held().take();
    let entered = if before.is_none() { execute!(io::stdout(), SaveTitle) } else { Ok(()) };
    *held() = Some(Held { by: thread::current().id(), said: before.map_or_else(Vec::new, |held| held.said) });
    let entered = entered
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide))
        .and_then(|()| if mouse { execute!(io::stdout(), MouseButtons(true)) } else { Ok(()) });
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back if it is held. Errors are of no use to anyone at this point.
fn give_back() {
    let Some(held) = held().take() else { return };
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        MouseButtons(false),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        RestoreTitle,
        Show
    );
    let _ = disable_raw_mode();
    for text in held.said {
        output::note(text);
    }
}

/// Keeps everything back until a frame is whole, so that the terminal gets it in one write. Ratatui itself
/// flushes in between.
#[derive(Debug)]
struct FrameWriter<W> {
    out: W,
    waiting: Vec<u8>,
}

/// What a frame ends with: [`EndSynchronizedUpdate`].
const FRAME_END: &[u8] = b"\x1b[?2026l";

impl<W> FrameWriter<W> {
    fn new(out: W) -> Self {
        Self { out, waiting: Vec::with_capacity(64 * 1024) }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.waiting.ends_with(FRAME_END) {
            return Ok(());
        }
        let sent = self.out.write_all(&self.waiting);
        self.waiting.clear();
        sent?;
        self.out.flush()
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

/// Stops the program and whoever was started along with it, such as cargo, as the terminal itself does on
/// Ctrl-Z; the shell would not notice otherwise.
#[cfg(unix)]
fn stop_process() {
    // SAFETY: kill takes no pointers; stopping is what the person asked for.
    unsafe {
        libc::kill(0, libc::SIGTSTP);
    }
}

#[cfg(not(unix))]
fn stop_process() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Counted {
        writes: Vec<Vec<u8>>,
    }

    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes.push(bytes.to_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_however_often_it_is_flushed() {
        let mut writer = FrameWriter::new(Counted::default());
        queue!(writer, BeginSynchronizedUpdate).unwrap();
        writer.write_all(b"picture").unwrap();
        writer.flush().unwrap();
        assert!(writer.out.writes.is_empty());
        queue!(writer, EndSynchronizedUpdate).unwrap();
        writer.flush().unwrap();
        writer.flush().unwrap();
        assert_eq!(writer.out.writes, [b"\x1b[?2026hpicture\x1b[?2026l".to_vec()]);
    }

    #[test]
    fn no_cell_acts() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        for (x, symbol) in (0..).zip(["a\u{202e}", "\u{9b}", "é"]) {
            buf[(x, 0)].set_symbol(symbol);
        }
        disarm(&mut buf);
        let symbols: Vec<&str> = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(symbols, ["a", " ", "é"]);
    }
}
