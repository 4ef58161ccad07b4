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

use super::frames::{self, WorkerCommand, WorkerFailure, WorkerReport};
use super::{LlamaOptions, MOST_SEQUENCES, PROGRAM_VARIABLE, SUBCOMMAND};
use model::{LlmError, ModelInfo, Progress, Reply, Request};

/// Lines of the worker's log that are kept.
const LOG_LINES: usize = 200;
/// Lines of it that an error carries.
const TAIL_LINES: usize = 20;
/// Longer lines are cut.
const LINE_BYTES: usize = 2000;
/// Reports of a call that may wait to be taken.
const WAITING: usize = 256;
/// How long a worker that closed its output may take to end by itself.
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
pub(super) enum WorkerEvent {
    Progress(Progress),
    /// The model is loaded, or is not.
    Loaded(Result<ModelInfo, WorkerFailure>),
    /// The call ended.
    Done(Result<Reply, WorkerFailure>),
}

/// A worker process that runs, or did. Dropping it ends the process.
pub(super) struct WorkerProcess {
    child: Mutex<Child>,
    commands: mpsc::Sender<WorkerCommand>,
    /// Absent once no more reports will come.
    subscriptions: Mutex<Option<Subscriptions>>,
    log: Log,
    /// How it ended; empty while it runs.
    end: OnceLock<LlmError>,
}

/// The subscriber of each open call. Call 0 is the loading.
#[derive(Debug, Default)]
struct Subscriptions {
    last: u64,
    open: HashMap<u64, mpsc::Sender<WorkerEvent>>,
}

impl WorkerProcess {
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
        let worker = Arc::new(Self {
            child: Mutex::new(child),
            commands,
            subscriptions: Mutex::new(Some(Subscriptions::default())),
            log: Log::default(),
            end: OnceLock::new(),
        });
        tokio::spawn(write_commands(stdin, queue));
        let log = tokio::spawn(read_log(stderr, worker.log.clone()));
        // The reader holds nothing of the worker while it waits, so that dropping the last handle ends the process.
        tokio::spawn(read_reports(stdout, Arc::downgrade(&worker), log));
        Ok(worker)
    }

    /// Sends a command. A worker that is gone shows when its reports end, so nothing is returned.
    pub(super) async fn send(&self, command: WorkerCommand) {
        drop(self.commands.send(command).await);
    }

    /// Has the model loaded.
    ///
    /// # Errors
    /// As [`Self::ended`], when it is already over.
    pub(super) async fn load(self: &Arc<Self>, options: LlamaOptions) -> Result<CallSubscription, LlmError> {
        let subscription = self.subscribe(|_| 0)?;
        self.send(WorkerCommand::Load { options }).await;
        Ok(subscription)
    }

    /// Begins a call.
    ///
    /// # Errors
    /// As [`Self::ended`], when it is already over.
    pub(super) async fn call(
        self: &Arc<Self>,
        stream: u32,
        request: Request,
    ) -> Result<CallSubscription, LlmError> {
        let subscription = self.subscribe(|last| last + 1)?;
        self.send(WorkerCommand::Call { id: subscription.id, stream, request }).await;
        Ok(subscription)
    }

    fn subscribe(self: &Arc<Self>, number: impl FnOnce(u64) -> u64) -> Result<CallSubscription, LlmError> {
        let mut subscriptions = locked(&self.subscriptions);
        let Some(subscriptions) = subscriptions.as_mut() else { return Err(self.ended()) };
        let id = number(subscriptions.last);
        subscriptions.last = id;
        let (sender, events) = mpsc::channel(WAITING);
        subscriptions.open.insert(id, sender);
        Ok(CallSubscription { id, events, worker: Some(self.clone()) })
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

    /// Passes a report to the call that it belongs to. Leftovers of a call that was dropped are ignored.
    fn route(&self, report: WorkerReport) {
        let (id, event, last) = match report {
            WorkerReport::Progress { id, progress } => (id, WorkerEvent::Progress(progress), false),
            WorkerReport::Loaded { result } => (0, WorkerEvent::Loaded(result), true),
            WorkerReport::Done { id, result } => (id, WorkerEvent::Done(result), true),
        };
        let mut subscriptions = locked(&self.subscriptions);
        let Some(subscriptions) = subscriptions.as_mut() else { return };
        let subscriber =
            if last { subscriptions.open.remove(&id) } else { subscriptions.open.get(&id).cloned() };
        // Progress may be dropped, so that no call waits because another's is not taken; the last place is the end's.
        if let Some(subscriber) = subscriber.filter(|subscriber| last || subscriber.capacity() > 1) {
            drop(subscriber.try_send(event));
        }
    }

    /// Records the exit status and the log tail, and fails all pending calls.
    async fn on_exit(&self, mut log: JoinHandle<()>) {
        let status = self.last_status().await;
        drop(tokio::time::timeout(PATIENCE, &mut log).await);
        let log_tail = lines(&self.log, TAIL_LINES).join("\n");
        let _ = self.end.set(LlmError::WorkerDied { status, log_tail });
        *locked(&self.subscriptions) = None;
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

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It also ends when its stdin closes, but a task may hold that a little longer.
        drop(locked(&self.child).start_kill());
    }
}

/// Receives the reports of one call. Dropping it before the call's end cancels the call in the worker process, so that it
/// does not work for nobody.
pub(super) struct CallSubscription {
    pub(super) id: u64,
    events: mpsc::Receiver<WorkerEvent>,
    worker: Option<Arc<WorkerProcess>>,
}

impl CallSubscription {
    /// Returns the next report.
    ///
    /// # Errors
    /// How the process ended, when no more will come.
    pub(super) async fn next(&mut self) -> Result<WorkerEvent, LlmError> {
        let Some(worker) = &self.worker else { return Err(LlmError::Cancelled) };
        match self.events.recv().await {
            Some(event) => {
                if matches!(event, WorkerEvent::Loaded(_) | WorkerEvent::Done(_)) {
                    self.worker = None;
                }
                Ok(event)
            }
            None => {
                let error = worker.ended();
                self.worker = None;
                Err(error)
            }
        }
    }
}

impl Drop for CallSubscription {
    fn drop(&mut self) {
        let Some(worker) = self.worker.take() else { return };
        if let Some(subscriptions) = locked(&worker.subscriptions).as_mut() {
            subscriptions.open.remove(&self.id);
        }
        if self.id > 0 {
            drop(worker.commands.try_send(WorkerCommand::Cancel { id: self.id }));
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

async fn write_commands(mut stdin: ChildStdin, mut queue: mpsc::Receiver<WorkerCommand>) {
    while let Some(command) = queue.recv().await {
        let Ok(frame) = frames::encode(&command) else { return };
        if stdin.write_all(&frame).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

async fn read_reports(stdout: ChildStdout, worker: std::sync::Weak<WorkerProcess>, log: JoinHandle<()>) {
    let mut source = BufReader::new(stdout);
    while let Ok(Some(report)) = frames::read_async(&mut source).await {
        let Some(worker) = worker.upgrade() else { return };
        worker.route(report);
    }
    if let Some(worker) = worker.upgrade() {
        worker.on_exit(log).await;
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
