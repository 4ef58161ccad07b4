//! llama.cpp in the guest process: one thread owns the context.

mod chat;
mod choose;
mod engine;
mod eval;
mod ffi;
mod generate;
mod grammar;
mod load;
mod ranker;
mod sampler;
mod slots;
mod text;

use super::worker::LlamaOptions;
pub(crate) use super::worker::{CANCEL, Link, Work};
use super::{DeviceInfo, LlmError, Progress, Reply, Request};

/// Loads the model and serves calls until the host is gone.
pub(crate) fn serve(options: &LlamaOptions, mut link: Link) {
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
    if options.head {
        match ranker::Ranker::new(&loaded, options) {
            Ok(mut ranker) => {
                link.loaded(Ok(ranker.info.clone()));
                work(link, &mut ranker);
            }
            Err(error) => link.loaded(Err(error)),
        }
    } else {
        match engine::Engine::new(&loaded, options) {
            Ok(mut engine) => {
                link.loaded(Ok(engine.info.clone()));
                work(link, &mut engine);
            }
            Err(error) => link.loaded(Err(error)),
        }
    }
}

/// What makes calls.
trait Caller {
    /// Does what `request` asks for.
    fn call(&mut self, request: &Request, progress: engine::OnProgress) -> Result<Reply, LlmError>;

    /// Forgets what is cached.
    fn forget(&mut self);
}

/// Makes calls until the host is gone.
fn work(mut link: Link, caller: &mut dyn Caller) {
    while let Some(work) = link.next() {
        match work {
            Work::Call { id, request } => {
                let result = caller.call(&request, &mut |progress| link.progress(id, progress));
                link.done(id, result);
            }
            Work::Forget => caller.forget(),
        }
    }
}

/// Returns the error for something this backend cannot do.
fn refused(message: impl Into<String>, hint: impl Into<String>) -> LlmError {
    LlmError::Refused { message: message.into(), hint: hint.into() }
}

/// Returns what ggml can compute on.
pub(super) fn devices() -> Vec<DeviceInfo> {
    use llama_cpp_2::{LlamaBackendDeviceType as Kind, list_llama_ggml_backend_devices};
    list_llama_ggml_backend_devices()
        .into_iter()
        .map(|device| DeviceInfo {
            name: device.description.trim().to_owned(),
            offload: match device.device_type {
                Kind::Gpu | Kind::IntegratedGpu => true,
                Kind::Cpu | Kind::Accelerator | Kind::Unknown => false,
            },
            memory: Some(device.memory_total as u64).filter(|bytes| *bytes > 0),
        })
        .collect()
}
