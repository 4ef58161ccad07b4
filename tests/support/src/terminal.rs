//! The program in a terminal of its own, for tests and benches.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    process::{Child, ExitStatus},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};
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
    pub child: Child,
    /// What is typed; without it the terminal is gone.
    pub keys: Option<Arc<Pty>>,
    /// What is written, in pieces.
    pub output: Receiver<Vec<u8>>,
    /// All bytes so far.
    pub written: Vec<u8>,
    /// What the terminal shows of them.
    pub screen: vt100::Parser,
    _home: tempfile::TempDir,
}

impl Session {
    /// Starts the program.
    pub fn start(start: &Start<'_>) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(crate::program());
        command = command.current_dir(crate::ROOT).args(start.args);
        if !start.own_home {
            command = command.env_clear().env("HOME", home.path());
        }
        command = command.envs([("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")]);
        let (terminal, child) = {
            // A program that starts just while a terminal is opened would inherit this side of it, and keep it open.
            static OPENING: Mutex<()> = Mutex::new(());
            let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
            let (terminal, inside) = open().expect("a terminal");
            terminal.resize(Size::new(start.rows, start.columns)).expect("its size");
            // The reader ends once the program, the last to hold the inside, is gone.
            (Arc::new(terminal), command.spawn(inside).expect("the program starts"))
        };
        let keys = terminal.clone();
        let (tell, output) = mpsc::sync_channel(256);
        let rate = start.rate;
        thread::spawn(move || {
            // Over a slow link little comes at a time.
            let mut bytes = vec![0; if rate.is_some() { 64 } else { 4096 }];
            while let Ok(count @ 1..) = (&*terminal).read(&mut bytes) {
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
        Self { child, keys: Some(keys), output, written: Vec::new(), screen, _home: home }
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
        let mut terminal = self.keys.as_deref().expect("the terminal is there");
        terminal.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.id()).expect("a number");
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
        code(self.child.wait().expect("it ended"))
    }

    /// Where these bytes were written first.
    pub fn find(&self, bytes: &str) -> Option<usize> {
        self.written.windows(bytes.len()).position(|window| window == bytes.as_bytes())
    }
}

/// The exit code as a number without a sign; none of a program that a signal ended.
pub fn code(status: ExitStatus) -> u32 {
    u32::try_from(status.code().expect("it left by itself")).expect("no sign")
}

/// A program that a failed test leaves behind would run for ever.
impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
