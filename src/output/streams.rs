//! Standard output and error. Both may be closed, full or gone at any time.
#![expect(clippy::disallowed_methods, reason = "the one place that writes to the standard streams")]

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::style::{ContentStyle, StyledContent};

use super::pictured::pictured;

/// How much may wait before whole lines are sent.
const MUCH: usize = 64 << 10;

/// Whether the reader of standard output has gone, such as `head` once it has its lines.
static READER_GONE: AtomicBool = AtomicBool::new(false);

/// Returns whether the reader of standard output has gone. Who still has long work to do for it may end.
pub fn reader_is_gone() -> bool {
    READER_GONE.load(Ordering::Relaxed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

impl Stream {
    fn send(self, bytes: &[u8]) -> io::Result<()> {
        let sent = match self {
            Self::Out => io::stdout().lock().write_all(bytes).and_then(|()| io::stdout().flush()),
            Self::Err => io::stderr().lock().write_all(bytes),
        };
        match (self, sent) {
            (_, Ok(())) | (Self::Err, Err(_)) => Ok(()),
            (Self::Out, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                READER_GONE.store(true, Ordering::Relaxed);
                Ok(())
            }
            (Self::Out, Err(error)) => {
                Err(io::Error::new(error.kind(), format!("standard output cannot be written to: {error}")))
            }
        }
    }
}

/// Writes text to a standard stream, with pictures in place of what could act on a terminal ([`pictured`]); that
/// holds for files and pipes too, since what is in them ends up on terminals.
///
/// A reader that has gone has had enough: that is no error, and nothing more is written. Other errors of standard
/// output are returned by [`flush`](Write::flush), or by a write of much; those of standard error are dropped, since
/// there is no place left to report them.
#[derive(Debug)]
pub struct Printer {
    stream: Stream,
    /// As it came.
    raw: Vec<u8>,
    /// Safe, and with our own styles.
    ready: String,
}

/// Returns a printer to standard output.
pub fn out() -> Printer {
    Printer { stream: Stream::Out, raw: Vec::new(), ready: String::new() }
}

/// Returns a printer to standard error.
pub fn err() -> Printer {
    Printer { stream: Stream::Err, raw: Vec::new(), ready: String::new() }
}

/// Writes to standard output.
///
/// # Errors
/// When it cannot be written to; a reader that has gone is no error.
pub fn say(text: &str) -> io::Result<()> {
    let mut out = out();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a line to standard error.
pub fn note(line: impl Display) {
    // Errors of standard error have nowhere to go.
    let _ = writeln!(err(), "{line}");
}

/// Returns whether standard output is a terminal.
pub fn out_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Returns whether standard error is a terminal.
pub fn err_is_terminal() -> bool {
    io::stderr().is_terminal()
}

impl Printer {
    /// Writes `text` in a style of ours.
    pub fn styled(&mut self, style: ContentStyle, text: &str) {
        self.settle(self.raw.len());
        self.ready.push_str(&StyledContent::new(style, pictured(text)).to_string());
    }

    /// Writes a sequence of ours, such as one that clears the line.
    pub fn own(&mut self, sequence: &'static str) {
        self.settle(self.raw.len());
        self.ready.push_str(sequence);
    }

    /// Makes the first bytes of what came safe.
    fn settle(&mut self, bytes: usize) {
        let rest = self.raw.split_off(bytes);
        self.ready.push_str(&pictured(&String::from_utf8_lossy(&self.raw)));
        self.raw = rest;
    }

    fn send(&mut self) -> io::Result<()> {
        let ready = std::mem::take(&mut self.ready);
        if ready.is_empty() { Ok(()) } else { self.stream.send(ready.as_bytes()) }
    }
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.raw.extend_from_slice(bytes);
        if self.raw.len() > MUCH
            && let Some(end) = self.raw.iter().rposition(|byte| *byte == b'\n')
        {
            self.settle(end + 1);
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.settle(self.raw.len());
        self.send()
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        // Whoever wants to know has flushed before.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use crossterm::style::Stylize;

    use super::*;

    #[test]
    fn text_is_made_safe_and_our_own_styles_stay() {
        let mut printer = err();
        printer.write_all("a\u{1b}[2Jb\u{202e}".as_bytes()).unwrap();
        printer.styled(ContentStyle::new().red(), "c\u{1b}[0m");
        printer.own("\r\u{1b}[K");
        // A character may come in pieces.
        printer.write_all(&"é".as_bytes()[..1]).unwrap();
        printer.write_all(&"é".as_bytes()[1..]).unwrap();
        printer.settle(printer.raw.len());
        let ready = std::mem::take(&mut printer.ready);
        assert!(ready.starts_with("a␛[2Jb\u{fffd}\u{1b}[38;5;9mc␛[0m\u{1b}["), "{ready:?}");
        assert!(ready.ends_with("\r\u{1b}[Ké"), "{ready:?}");
    }
}
