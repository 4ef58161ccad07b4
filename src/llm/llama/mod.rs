//! llama.cpp in the worker process: one thread owns the context.

mod chat;
mod choose;
mod engine;
mod eval;
mod ffi;
mod filler;
mod generate;
mod grammar;
mod latents;
mod load;
mod prefix_cache;
mod ranker;
mod sampler;
mod slots;
mod text;
mod thinker;
mod unseen;
mod writer;

use super::DeviceInfo;
use super::worker::{CANCEL, ClientGone, ClientLink, WorkerTask};
use super::worker::{LlamaOptions, ModelTask};
use engine::OnProgress;
use model::{LlmError, ModelInfo, Progress, Reply, Request};

/// Loads the model and serves calls until the parent is gone.
pub(crate) fn serve(options: &LlamaOptions, mut link: ClientLink) {
    let mut last = -1;
    let result = load::load(options, |share| {
        // llama.cpp reports some eighty times; each percent once is enough.
        let percent = (share * 100.0) as i32;
        if percent > last {
            last = percent;
            link.progress(0, Progress::Loading { share });
        }
    });
    let loaded = match result {
        Ok(loaded) => loaded,
        Err(error) => return link.loaded(Err(error)),
    };
    match options.task {
        ModelTask::Write => {
            let engine = engine::LlamaEngine::new(&loaded, options);
            work(link, engine.map(|engine| (engine.info.clone(), engine)));
        }
        ModelTask::Rank => {
            let ranker = ranker::Ranker::new(&loaded, options);
            work(link, ranker.map(|ranker| (ranker.info.clone(), ranker)));
        }
        ModelTask::Fill => {
            work(link, filler::Filler::new(&loaded).map(|filler| (filler.info.clone(), filler)))
        }
        ModelTask::Find => {
            work(link, latents::Finder::new(&loaded).map(|finder| (finder.info.clone(), finder)))
        }
    }
}

/// Serves calls. Some take many steps; between two of them others can start.
trait Caller {
    /// Starts a call: does what can be done at once, and the rest in later steps.
    fn start(&mut self, call: CallRequest, link: &mut ClientLink);

    /// Advances the open calls by one step.
    fn step(&mut self, link: &mut ClientLink);

    /// Returns whether no call is open.
    fn is_idle(&self) -> bool;

    /// Forgets what is cached in a stream.
    fn forget(&mut self, stream: usize, link: &mut ClientLink);
}

/// A caller with one stream, whose calls are over once they were started.
trait WholeCalls {
    /// Makes a call.
    fn call(&mut self, request: &Request, progress: OnProgress) -> Result<Reply, LlmError>;

    /// Forgets what is cached.
    fn clear(&mut self);
}

impl<C: WholeCalls> Caller for C {
    fn start(&mut self, call: CallRequest, link: &mut ClientLink) {
        CANCEL.serve([call.id]);
        let result = self.call(&call.request, &mut |progress| link.progress(call.id, progress));
        link.done(call.id, result);
    }

    fn step(&mut self, _: &mut ClientLink) {}

    fn is_idle(&self) -> bool {
        true
    }

    fn forget(&mut self, _: usize, _: &mut ClientLink) {
        self.clear();
    }
}

/// A requested call.
struct CallRequest {
    id: u64,
    stream: usize,
    request: Request,
}

/// Says whether the caller is ready, and has it make calls until the parent is gone.
fn work<C: Caller>(mut link: ClientLink, caller: Result<(ModelInfo, C), LlmError>) {
    let mut caller = match caller {
        Ok((info, caller)) => {
            link.loaded(Ok(info));
            caller
        }
        Err(error) => return link.loaded(Err(error)),
    };
    loop {
        // Nothing is waited for while a call is open.
        let next = if caller.is_idle() { link.wait().map(Some) } else { link.next_if_any() };
        match next {
            Ok(Some(WorkerTask::Call { id, stream, request })) => {
                caller.start(CallRequest { id, stream, request }, &mut link)
            }
            Ok(Some(WorkerTask::Forget(stream))) => caller.forget(stream, &mut link),
            Ok(None) => caller.step(&mut link),
            Err(ClientGone) => return,
        }
    }
}

/// Returns the error for something this backend cannot do.
fn refused(message: impl Into<String>, hint: impl Into<String>) -> LlmError {
    LlmError::Refused { message: message.into(), hint: hint.into() }
}

/// Returns what ggml can compute on.
pub(super) fn devices() -> Vec<DeviceInfo> {
    llama_cpp_2::list_llama_ggml_backend_devices()
        .into_iter()
        .map(|device| DeviceInfo {
            name: device.description.trim().to_owned(),
            offload: load::is_gpu(&device),
            memory: Some(device.memory_total as u64).filter(|bytes| *bytes > 0),
        })
        .collect()
}
