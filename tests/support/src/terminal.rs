//! The program in a terminal of its own, for tests and benches.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
pub use vt100;

/// Far longer than anything takes; only a fault waits this long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How the program is started.
pub struct Start<'a> {
    /// The arguments; paths are taken from the top folder.
    pub args: &'a [&'a str],
    /// The width.
    pub columns: u16,
    /// The height.
    pub rows: u16,
    /// Bytes that the terminal takes in a second, as over a slow link; as many as come where absent.
    pub rate: Option<u32>,
    /// Whether the program has the home of whoever runs this, with their models, or an empty one.
    pub own_home: bool,
}

/// The program in a terminal.
pub struct Session {
    /// The process.
    pub child: Box<dyn Child + Send + Sync>,
    /// What is typed.
    pub keys: Box<dyn Write + Send>,
    /// What is written, in pieces.
    pub output: Receiver<Vec<u8>>,
    /// All bytes so far.
    pub written: Vec<u8>,
    /// What the terminal shows of them.
    pub screen: vt100::Parser,
    /// The other side; without it the terminal is gone.
    pub master: Option<Box<dyn MasterPty + Send>>,
    _home: tempfile::TempDir,
}

impl Session {
    /// Starts the program.
    pub fn start(start: &Start<'_>) -> Self {
        let size = PtySize { cols: start.columns, rows: start.rows, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let home = tempfile::tempdir().expect("a folder");
        let mut command = CommandBuilder::new(crate::program());
        command.cwd(crate::ROOT);
        command.args(start.args);
        if !start.own_home {
            command.env_clear();
            command.env("HOME", home.path().to_str().expect("text"));
        }
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        // The reader ends once the program, the last to hold this side, is gone.
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its input");
        let (tell, output) = mpsc::sync_channel(256);
        let rate = start.rate;
        thread::spawn(move || {
            // Over a slow link little comes at a time.
            let mut bytes = vec![0; if rate.is_some() { 64 } else { 4096 }];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if let Some(rate) = rate {
                    thread::sleep(Duration::from_secs_f64(count as f64 / f64::from(rate)));
                }
                if tell.send(bytes[..count].to_owned()).is_err() {
                    break;
                }
            }
        });
        let some = |number| NonZeroU16::new(number).expect("more than none");
        let screen = vt100::Parser::new(some(start.rows), some(start.columns), 0);
        Self { child, keys, output, written: Vec::new(), screen, master: Some(pair.master), _home: home }
    }

    /// Takes in bytes that were written.
    pub fn take(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Waits until the terminal shows `text`.
    pub fn shows(&mut self, text: &str) {
        while !self.screen.screen().contents().contains(text) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("no \"{text}\" ({error}) on\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Takes in what is written until `done` holds of the screen; returns when it did, or none within `patience`.
    pub fn until(&mut self, patience: Duration, done: impl Fn(&vt100::Screen) -> bool) -> Option<Instant> {
        let end = Instant::now() + patience;
        loop {
            if done(self.screen.screen()) {
                return Some(Instant::now());
            }
            let left = end.checked_duration_since(Instant::now())?;
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Takes in what is written for so long.
    pub fn watch(&mut self, time: Duration) {
        let _ = self.until(time, |_| false);
    }

    /// Types keys, as the bytes that a terminal sends for them.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.process_id().expect("it runs")).expect("a number");
        // SAFETY: kill takes no pointers, and the process is this test's own child.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
    }

    /// Takes in what is still written, and returns the exit code.
    pub fn end(&mut self) -> u32 {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().expect("it can be ended");
                    panic!("the program did not leave:\n{}", self.screen.screen().contents());
                }
            }
        }
        self.child.wait().expect("it ended").exit_code()
    }

    /// Where these bytes were written first.
    pub fn find(&self, bytes: &str) -> Option<usize> {
        self.written.windows(bytes.len()).position(|window| window == bytes.as_bytes())
    }
}

/// A program that a failed test leaves behind would go on for ever.
impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
