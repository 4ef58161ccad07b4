//! The process that holds the model, and which of its reports belong to whom.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::frames::{self, Command, Failure, Report};
use super::{LlamaOptions, MOST_SEQUENCES, PROGRAM_VARIABLE, SUBCOMMAND};
use model::{LlmError, ModelInfo, Progress, Reply, Request};

/// Lines of the guest's log that are kept.
const LOG_LINES: usize = 200;
/// Lines of it that an error carries.
const TAIL_LINES: usize = 20;
/// Longer lines are cut.
const LINE_BYTES: usize = 2000;
/// Reports of a call that may wait to be taken.
const WAITING: usize = 256;
/// How long a guest that closed its output may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// How OpenMP's threads wait for each other; read when the worker starts.
const WAIT_POLICY: &str = "OMP_WAIT_POLICY";
/// How often threads of GNU's OpenMP check whether they may continue before they sleep; it overrides the policy.
const SPIN_COUNT: &str = "GOMP_SPINCOUNT";
/// Threads that sleep at once lose a fifth and more of the time on an idle machine, and threads that spin for long lose most of
/// it next to a busy process. A thousand checks outlast the usual wait between two operations, and hold a core for no
/// longer where the other thread does not run (docs/measurements.md).
const SPINS: &str = "1000";

type Log = Arc<Mutex<VecDeque<String>>>;

/// What a call reports.
#[derive(Debug)]
pub(super) enum News {
    /// It gets on.
    Progress(Progress),
    /// The model is there, or is not.
    Loaded(Result<ModelInfo, Failure>),
    /// It is over.
    Done(Result<Reply, Failure>),
}

/// A guest that runs, or did. Dropping it ends the process.
pub(super) struct Guest {
    child: Mutex<Child>,
    commands: mpsc::Sender<Command>,
    /// Absent once no more reports will come.
    lines: Mutex<Option<Lines>>,
    log: Log,
    /// How it ended.
    end: OnceLock<LlmError>,
}

/// Where the reports of each call go. Call 0 is the loading.
#[derive(Debug, Default)]
struct Lines {
    last: u64,
    open: HashMap<u64, mpsc::Sender<News>>,
}

impl Guest {
    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(program: Option<OsString>) -> Result<Arc<Self>, LlmError> {
        let program = match program {
            Some(program) => program,
            None => std::env::current_exe().map_err(|error| cannot_start(&error))?.into(),
        };
        let mut command = tokio::process::Command::new(program);
        command
            .arg(SUBCOMMAND)
            .env("GGML_NO_BACKTRACE", "1")
            .envs(waiting(|name| std::env::var_os(name).is_some()).iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // In a group of its own the worker does not get the terminal's Ctrl-C.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| cannot_start(&error))?;
        let missing = || cannot_start(&std::io::Error::other("it has no pipes"));
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        let (commands, queue) = mpsc::channel(2 * MOST_SEQUENCES);
        let guest = Arc::new(Self {
            child: Mutex::new(child),
            commands,
            lines: Mutex::new(Some(Lines::default())),
            log: Log::default(),
            end: OnceLock::new(),
        });
        tokio::spawn(write_commands(stdin, queue));
        let log = tokio::spawn(read_log(stderr, guest.log.clone()));
        // The reader holds nothing of the guest while it waits, so that dropping the last handle ends the process.
        tokio::spawn(read_reports(stdout, Arc::downgrade(&guest), log));
        Ok(guest)
    }

    /// Sends a command. A guest that is gone shows when its reports end, so nothing is returned.
    pub(super) async fn send(&self, command: Command) {
        drop(self.commands.send(command).await);
    }

    /// Has the model loaded.
    ///
    /// # Errors
    /// As [`Self::ended`], when it is over already.
    pub(super) async fn load(self: &Arc<Self>, options: LlamaOptions) -> Result<Line, LlmError> {
        let line = self.line(|_| 0)?;
        self.send(Command::Load { options }).await;
        Ok(line)
    }

    /// Begins a call.
    ///
    /// # Errors
    /// As [`Self::ended`], when it is over already.
    pub(super) async fn call(self: &Arc<Self>, lane: u32, request: Request) -> Result<Line, LlmError> {
        let line = self.line(|last| last + 1)?;
        self.send(Command::Call { id: line.id, lane, request }).await;
        Ok(line)
    }

    fn line(self: &Arc<Self>, number: impl FnOnce(u64) -> u64) -> Result<Line, LlmError> {
        let mut lines = locked(&self.lines);
        let Some(lines) = lines.as_mut() else { return Err(self.ended()) };
        let id = number(lines.last);
        lines.last = id;
        let (sender, news) = mpsc::channel(WAITING);
        lines.open.insert(id, sender);
        Ok(Line { id, news, guest: Some(self.clone()) })
    }

    /// Returns whether the process runs.
    pub(super) fn runs(&self) -> bool {
        self.end.get().is_none() && locked(&self.child).try_wait().is_ok_and(|status| status.is_none())
    }

    /// Returns its process id while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        locked(&self.child).id()
    }

    /// Returns the last lines of its log.
    pub(super) fn log(&self) -> Vec<String> {
        lines(&self.log, LOG_LINES)
    }

    /// Returns how it ended.
    pub(super) fn ended(&self) -> LlmError {
        self.end.get().cloned().unwrap_or_else(|| LlmError::WorkerDied {
            status: "it is not running".into(),
            log_tail: String::new(),
        })
    }

    /// Hands a report to whom it is for. What is left over from a call that was dropped is for nobody.
    fn hand_out(&self, report: Report) {
        let (id, news, last) = match report {
            Report::Progress { id, progress } => (id, News::Progress(progress), false),
            Report::Loaded { result } => (0, News::Loaded(result), true),
            Report::Done { id, result } => (id, News::Done(result), true),
        };
        let mut lines = locked(&self.lines);
        let Some(lines) = lines.as_mut() else { return };
        let line = if last { lines.open.remove(&id) } else { lines.open.get(&id).cloned() };
        // Progress may be dropped, so that no call waits because another's is not taken; the last place is the end's.
        if let Some(line) = line.filter(|line| last || line.capacity() > 1) {
            drop(line.try_send(news));
        }
    }

    /// Records the exit status and the log tail, and fails all pending calls.
    async fn bury(&self, mut log: JoinHandle<()>) {
        let status = self.last_status().await;
        drop(tokio::time::timeout(PATIENCE, &mut log).await);
        let log_tail = lines(&self.log, TAIL_LINES).join("\n");
        let _ = self.end.set(LlmError::WorkerDied { status, log_tail });
        *locked(&self.lines) = None;
    }

    /// Its output is closed or out of step; it gets a moment to end by itself, for a truthful status.
    async fn last_status(&self) -> String {
        let begun = tokio::time::Instant::now();
        loop {
            let status = locked(&self.child).try_wait();
            match status {
                Ok(Some(status)) => return status_text(status),
                Err(error) => return format!("its status is unknown: {error}"),
                Ok(None) if begun.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(5)).await,
                Ok(None) => {
                    drop(locked(&self.child).start_kill());
                    return "it closed its output and was stopped".into();
                }
            }
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // It also ends when its stdin closes, but a task may hold that a little longer.
        drop(locked(&self.child).start_kill());
    }
}

/// Receives the reports of one call. Dropping it before the call's end cancels the call in the worker process, so that it
/// does not work for nobody.
pub(super) struct Line {
    pub(super) id: u64,
    news: mpsc::Receiver<News>,
    guest: Option<Arc<Guest>>,
}

impl Line {
    /// Returns the next report.
    ///
    /// # Errors
    /// How the process ended, when no more will come.
    pub(super) async fn next(&mut self) -> Result<News, LlmError> {
        let Some(guest) = &self.guest else { return Err(LlmError::Cancelled) };
        match self.news.recv().await {
            Some(news) => {
                if matches!(news, News::Loaded(_) | News::Done(_)) {
                    self.guest = None;
                }
                Ok(news)
            }
            None => {
                let error = guest.ended();
                self.guest = None;
                Err(error)
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(guest) = self.guest.take() else { return };
        if let Some(lines) = locked(&guest.lines).as_mut() {
            lines.open.remove(&self.id);
        }
        if self.id > 0 {
            drop(guest.commands.try_send(Command::Cancel { id: self.id }));
        }
    }
}

/// Returns how OpenMP's threads are to wait, as variables of the worker; whoever sets either decides. Other makes than GNU's
/// know the policy alone.
fn waiting(is_set: impl Fn(&str) -> bool) -> &'static [(&'static str, &'static str)] {
    if is_set(WAIT_POLICY) || is_set(SPIN_COUNT) {
        return &[];
    }
    &[(WAIT_POLICY, "passive"), (SPIN_COUNT, SPINS)]
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cannot_start(error: &std::io::Error) -> LlmError {
    LlmError::Unavailable {
        message: format!("the model's process cannot be started: {error}"),
        hint: format!("check the program's own path, or {PROGRAM_VARIABLE} where it is set"),
    }
}

fn lines(log: &Log, most: usize) -> Vec<String> {
    let log = locked(log);
    log.iter().skip(log.len().saturating_sub(most)).cloned().collect()
}

async fn write_commands(mut stdin: ChildStdin, mut queue: mpsc::Receiver<Command>) {
    while let Some(command) = queue.recv().await {
        let Ok(frame) = frames::encode(&command) else { return };
        if stdin.write_all(&frame).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

async fn read_reports(stdout: ChildStdout, guest: std::sync::Weak<Guest>, log: JoinHandle<()>) {
    let mut source = BufReader::new(stdout);
    while let Ok(Some(report)) = frames::read_async(&mut source).await {
        let Some(guest) = guest.upgrade() else { return };
        guest.hand_out(report);
    }
    if let Some(guest) = guest.upgrade() {
        guest.bury(log).await;
    }
}

async fn read_log(stderr: ChildStderr, log: Log) {
    let mut source = BufReader::new(stderr);
    let mut line = Vec::new();
    while matches!(source.read_until(b'\n', &mut line).await, Ok(n) if n > 0) {
        line.truncate(LINE_BYTES);
        let text = String::from_utf8_lossy(&line).trim_end().to_string();
        line.clear();
        let mut log = locked(&log);
        if log.len() == LOG_LINES {
            log.pop_front();
        }
        log.push_back(text);
    }
}

#[cfg(unix)]
fn status_text(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("killed by {}", signal_text(signal)),
        (None, Some(code)) => format!("exit status {code}"),
        (None, None) => status.to_string(),
    }
}

#[cfg(not(unix))]
fn status_text(status: ExitStatus) -> String {
    status.to_string()
}

#[cfg(unix)]
fn signal_text(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT: llama.cpp gave up",
        libc::SIGBUS => "SIGBUS: the model file shrank or its disk failed",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL: this processor lacks an instruction that the program was built for",
        libc::SIGINT => "SIGINT",
        libc::SIGKILL => "SIGKILL: perhaps the system was out of memory",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGTERM => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_says_how_threads_wait_decides() {
        assert_eq!(waiting(|_| false), [("OMP_WAIT_POLICY", "passive"), ("GOMP_SPINCOUNT", SPINS)]);
        for set in [WAIT_POLICY, SPIN_COUNT] {
            assert!(waiting(|name| name == set).is_empty(), "{set}");
        }
    }
}
