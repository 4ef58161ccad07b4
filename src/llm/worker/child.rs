//! The worker, in the child: a thread reads commands, the main thread owns the model.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::cancel::CANCEL;
use super::frames::{self, WorkerCommand, WorkerReport};
use super::{LlamaOptions, MOST_SEQUENCES};
use model::{LlmError, ModelInfo, Progress, Reply, Request};
use output::note;

/// Work for the model.
pub(crate) enum WorkerTask {
    Call {
        /// Its number.
        id: u64,
        stream: usize,
        /// What is to be done.
        request: Request,
    },
    /// Nothing that is cached in this stream may be used from now on.
    Forget(usize),
}

/// Nobody is left to work for.
pub(crate) struct ClientGone;

/// The worker's way to its client.
pub(crate) struct ClientLink {
    out: File,
    work: Receiver<WorkerTask>,
}

impl ClientLink {
    /// Waits for the next piece of work.
    ///
    /// # Errors
    /// When the client is gone.
    pub(crate) fn wait(&mut self) -> Result<WorkerTask, ClientGone> {
        self.work.recv().map_err(|_| ClientGone)
    }

    /// Returns a piece of work that is already there.
    ///
    /// # Errors
    /// When the client is gone.
    pub(crate) fn next_if_any(&mut self) -> Result<Option<WorkerTask>, ClientGone> {
        match self.work.try_recv() {
            Ok(work) => Ok(Some(work)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(ClientGone),
        }
    }

    fn send(&mut self, report: &WorkerReport) {
        if let Err(error) = frames::write(&mut self.out, report) {
            // Nobody is left to work for; the log may still be read.
            note(format!("worker: the client cannot be reached: {error}"));
            std::process::exit(1);
        }
    }

    /// Reports the progress of a call; call 0 is the loading.
    pub(crate) fn progress(&mut self, id: u64, progress: Progress) {
        self.send(&WorkerReport::Progress { id, progress });
    }

    /// Reports how loading ended.
    pub(crate) fn loaded(&mut self, result: Result<ModelInfo, LlmError>) {
        self.send(&WorkerReport::Loaded { result: result.map_err(Into::into) });
    }

    /// Reports how a call ended.
    pub(crate) fn done(&mut self, id: u64, result: Result<Reply, LlmError>) {
        CANCEL.close(id);
        self.send(&WorkerReport::Done { id, result: result.map_err(Into::into) });
    }
}

/// Runs the worker until its stdin closes, and returns the process's exit status.
pub fn worker_main() -> i32 {
    let out = match take_stdout() {
        Ok(out) => out,
        Err(error) => {
            note(format!("worker: no way to the client: {error}"));
            return 1;
        }
    };
    let mut input = BufReader::new(io::stdin());
    let options = match frames::read::<WorkerCommand>(&mut input) {
        Ok(Some(WorkerCommand::Load { options })) => options,
        Ok(None) => return 0,
        Ok(Some(
            WorkerCommand::Call { .. } | WorkerCommand::Forget { .. } | WorkerCommand::Cancel { .. },
        ))
        | Err(_) => {
            note("this subcommand is the model's process: it is started by the program itself");
            return 2;
        }
    };
    set_environment(&options);
    let (queue, work) = sync_channel(MOST_SEQUENCES);
    std::thread::spawn(move || read_commands(input, &queue));
    serve(&options, ClientLink { out, work });
    0
}

/// Sets what ggml reads from the environment.
fn set_environment(options: &LlamaOptions) {
    // SAFETY: the process has a single thread still.
    unsafe {
        std::env::set_var("GGML_NO_BACKTRACE", "1");
        if options.exact {
            // Products of K-quants would go another way from eight rows on, with other last bits.
            std::env::set_var("GGML_CPU_TILED_MM", "0");
        }
    }
}

#[cfg(feature = "llama")]
fn serve(options: &LlamaOptions, link: ClientLink) {
    super::super::llama::serve(options, link);
}

#[cfg(not(feature = "llama"))]
fn serve(_options: &LlamaOptions, mut link: ClientLink) {
    link.loaded(Err(LlmError::Unavailable {
        message: "this build has no llama.cpp".into(),
        hint: "use a build with the `llama` feature, or a server with --server".into(),
    }));
}

/// Reads commands until the client closes the stream, and then ends the process at once, whatever the model
/// is doing: with the client gone nobody waits for it.
fn read_commands(mut input: impl io::Read, queue: &SyncSender<WorkerTask>) {
    loop {
        let work = match frames::read(&mut input) {
            Ok(Some(WorkerCommand::Call { id, stream, request })) => {
                CANCEL.open(id);
                WorkerTask::Call { id, stream: stream as usize, request }
            }
            Ok(Some(WorkerCommand::Forget { stream })) => WorkerTask::Forget(stream as usize),
            Ok(Some(WorkerCommand::Cancel { id })) => {
                CANCEL.cancel(id);
                continue;
            }
            Ok(Some(WorkerCommand::Load { .. })) => {
                note("worker: a model is already loaded");
                continue;
            }
            Ok(None) => end_process(0),
            Err(error) => {
                note(format!("worker: the client's stream broke: {error}"));
                end_process(1);
            }
        };
        if queue.send(work).is_err() {
            return;
        }
    }
}

fn end_process(status: i32) -> ! {
    // Not `exit`: destructors would run against the model's thread.
    #[cfg(unix)]
    // SAFETY: `_exit` has no preconditions.
    unsafe {
        libc::_exit(status)
    }
    #[cfg(not(unix))]
    std::process::exit(status)
}

/// Moves the real stdout to a private file, and points stdout at stderr, so that nothing that prints can
/// get between the frames.
#[cfg(unix)]
fn take_stdout() -> io::Result<File> {
    use std::os::fd::FromRawFd;
    // SAFETY: duplicates a descriptor of this process; the result is checked before it is owned.
    let private = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    if private < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both descriptors are the process's standard ones.
    if unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `private` is open and nothing else owns it.
    Ok(unsafe { File::from_raw_fd(private) })
}

#[cfg(windows)]
fn take_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    #[expect(clippy::disallowed_methods, reason = "frames go over it, and nothing is printed")]
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}
