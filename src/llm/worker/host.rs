//! The parent's side: starts the guest, sends it work, and outlives it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::{Backend, LlmError, ModelInfo, Progress, Reply, Request};
use super::frames::{self, Command, Report};
use super::{LlamaOptions, PROGRAM_VARIABLE, SUBCOMMAND};

/// Lines of the guest's log that are kept.
const LOG_LINES: usize = 200;
/// Lines of it that an error carries.
const TAIL_LINES: usize = 20;
/// Longer lines are cut.
const LINE_BYTES: usize = 2000;

/// How OpenMP's threads wait for each other; read when the worker starts. Threads that spin are quicker on
/// an idle machine, but one other busy process on the same cores makes them some thirty times slower.
const WAIT_POLICY: &str = "OMP_WAIT_POLICY";

type Log = Arc<Mutex<VecDeque<String>>>;

/// llama.cpp in a worker process.
///
/// The process starts with the first call and is started again after it died. Limitations: calls come one
/// at a time; the process lives on the tokio runtime of the first call.
pub struct LlamaBackend {
    options: LlamaOptions,
    program: Option<OsString>,
    guest: Option<Guest>,
    info: Option<ModelInfo>,
    last_call: u64,
}

struct Guest {
    child: Child,
    commands: mpsc::Sender<Command>,
    reports: mpsc::Receiver<Report>,
    log: Log,
    log_task: tokio::task::JoinHandle<()>,
}

impl LlamaBackend {
    /// Returns a backend that will load the model that `options` name.
    pub fn new(options: LlamaOptions) -> Self {
        let program = std::env::var_os(PROGRAM_VARIABLE);
        Self { options, program, guest: None, info: None, last_call: 0 }
    }

    /// Returns the backend with `program` as the worker in place of this program itself; the variable
    /// [`PROGRAM_VARIABLE`] still wins.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<OsString>) -> Self {
        self.program.get_or_insert_with(|| program.into());
        self
    }

    /// Returns the process id of the worker while one runs.
    pub fn worker_id(&self) -> Option<u32> {
        self.guest.as_ref().and_then(|guest| guest.child.id())
    }

    /// Returns the last lines of the worker's log while one runs.
    pub fn log(&self) -> Vec<String> {
        self.guest.as_ref().map(|guest| lines(&guest.log, LOG_LINES)).unwrap_or_default()
    }

    async fn load(
        &mut self,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<ModelInfo, LlmError> {
        if let (Some(guest), Some(info)) = (&mut self.guest, &self.info) {
            if guest.child.try_wait().is_ok_and(|status| status.is_none()) {
                return Ok(info.clone());
            }
            // It died between two calls: nothing was lost, so it is only started again.
            self.guest = None;
        }
        // Owned here until the model is there: a load that fails or is dropped takes the process with it.
        let mut guest = Guest::start(self.program.clone())?;
        guest.send(Command::Load { options: self.options.clone() }).await;
        loop {
            let report = tokio::select! {
                report = guest.reports.recv() => report,
                () = cancel.cancelled() => return Err(LlmError::Cancelled),
            };
            match report {
                Some(Report::Progress { progress: step, .. }) => drop(progress.try_send(step)),
                Some(Report::Loaded { result }) => {
                    let info = result.map_err(LlmError::from)?;
                    self.info = Some(info.clone());
                    self.guest = Some(guest);
                    return Ok(info);
                }
                Some(Report::Done { .. }) => {}
                None => return Err(guest.obituary().await),
            }
        }
    }
}

#[async_trait::async_trait]
impl Backend for LlamaBackend {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.load(progress, &CancellationToken::new()).await
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        if cancel.is_cancelled() && !matches!(request, Request::Generate { .. }) {
            return Err(LlmError::Cancelled);
        }
        self.load(progress, cancel).await?;
        self.last_call += 1;
        let id = self.last_call;
        let guest = self.guest.as_mut().ok_or_else(no_guest)?;
        guest.send(Command::Call { id, request: request.clone() }).await;
        // If this future is dropped the guest must not go on working for nobody.
        let stop = StopOnDrop { id, commands: guest.commands.clone() };
        let mut asked = false;
        loop {
            let report = tokio::select! {
                report = guest.reports.recv() => report,
                () = cancel.cancelled(), if !asked => {
                    asked = true;
                    guest.send(Command::Cancel { id }).await;
                    continue;
                }
            };
            match report {
                Some(Report::Progress { id: of, progress: step }) if of == id => {
                    drop(progress.try_send(step))
                }
                Some(Report::Done { id: of, result }) if of == id => {
                    stop.disarm();
                    return result.map_err(Into::into);
                }
                // Left over from a call that was dropped.
                Some(Report::Progress { .. } | Report::Done { .. } | Report::Loaded { .. }) => {}
                None => {
                    let mut guest = self.guest.take().ok_or_else(no_guest)?;
                    return Err(guest.obituary().await);
                }
            }
        }
    }

    async fn forget(&mut self) {
        if let Some(guest) = &self.guest {
            guest.send(Command::Forget).await;
        }
    }
}

fn no_guest() -> LlmError {
    LlmError::WorkerDied { status: "it is not running".into(), log_tail: String::new() }
}

/// Cancels a call when it is dropped before its end.
struct StopOnDrop {
    id: u64,
    commands: mpsc::Sender<Command>,
}

impl StopOnDrop {
    fn disarm(mut self) {
        self.id = 0;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if self.id > 0 {
            drop(self.commands.try_send(Command::Cancel { id: self.id }));
        }
    }
}

impl Guest {
    fn start(program: Option<OsString>) -> Result<Self, LlmError> {
        let program = match program {
            Some(program) => program,
            None => std::env::current_exe().map_err(|error| cannot_start(&error))?.into(),
        };
        let mut command = tokio::process::Command::new(program);
        command
            .arg(SUBCOMMAND)
            .env("GGML_NO_BACKTRACE", "1")
            .env(WAIT_POLICY, std::env::var_os(WAIT_POLICY).unwrap_or_else(|| "passive".into()))
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
        let log = Log::default();
        let (commands, command_queue) = mpsc::channel(8);
        let (report_queue, reports) = mpsc::channel(256);
        tokio::spawn(write_commands(stdin, command_queue));
        tokio::spawn(read_reports(stdout, report_queue));
        let log_task = tokio::spawn(read_log(stderr, log.clone()));
        Ok(Self { child, commands, reports, log, log_task })
    }

    /// Sends a command. A guest that is gone shows when its reports end, so nothing is returned.
    async fn send(&self, command: Command) {
        drop(self.commands.send(command).await);
    }

    /// Returns how the guest ended, in words, with the end of its log.
    async fn obituary(&mut self) -> LlmError {
        // Its stdout is closed or out of step; give it a moment to end by itself, for a truthful status.
        let patience = std::time::Duration::from_secs(2);
        let status = match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(Ok(status)) => status_text(status),
            Ok(Err(error)) => format!("its status is unknown: {error}"),
            Err(_) => {
                drop(self.child.kill().await);
                "it closed its output and was stopped".into()
            }
        };
        drop(tokio::time::timeout(patience, &mut self.log_task).await);
        LlmError::WorkerDied { status, log_tail: lines(&self.log, TAIL_LINES).join("\n") }
    }
}

fn cannot_start(error: &std::io::Error) -> LlmError {
    LlmError::Unavailable {
        message: format!("the model's process cannot be started: {error}"),
        hint: format!("check the program's own path, or {PROGRAM_VARIABLE} where it is set"),
    }
}

fn lines(log: &Log, most: usize) -> Vec<String> {
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
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

async fn read_reports(stdout: ChildStdout, queue: mpsc::Sender<Report>) {
    let mut source = BufReader::new(stdout);
    while let Ok(Some(report)) = frames::read_async(&mut source).await {
        if queue.send(report).await.is_err() {
            return;
        }
    }
}

async fn read_log(stderr: ChildStderr, log: Log) {
    let mut source = BufReader::new(stderr);
    let mut line = Vec::new();
    while matches!(source.read_until(b'\n', &mut line).await, Ok(n) if n > 0) {
        line.truncate(LINE_BYTES);
        let text = String::from_utf8_lossy(&line).trim_end().to_string();
        line.clear();
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
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
