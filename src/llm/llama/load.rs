//! From a file to a loaded model, with every reason to refuse found before llama.cpp can abort.

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::{LlamaBackendDevice, LlamaBackendDeviceType, list_llama_ggml_backend_devices};

use super::{chat, ffi};
use crate::gguf::{self, Header};
use crate::worker::{LlamaOptions, MOST_SEQUENCES, ModelTask};
use model::GpuLayers;
use model::{LlmError, ModelInfo};

/// Tokens evaluated at once. llama.cpp's own default for a physical batch.
pub(super) const BATCH: u32 = 512;
/// Rows of logits one decode call may ask for; more would make its buffers large.
pub(super) const ROWS: u32 = 128;
/// Room for buffers in addition to weights and cache.
const SPARE: u64 = 256 << 20;

/// A model in memory.
pub(super) struct LoadedModel {
    /// The weights.
    pub(super) model: LlamaModel,
    /// What the file says.
    pub(super) header: Header,
    /// What is known, as far as the context does not matter.
    pub(super) info: ModelInfo,
    /// How to set up the context.
    pub(super) context: ffi::ContextOptions,
    /// How its sequences are used.
    pub(super) layout: SequenceLayout,
    /// Whether logits must not depend on what else is evaluated or cached.
    pub(super) exact: bool,
    /// Keeps llama.cpp initialised; dropped after the model.
    _backend: LlamaBackend,
}

/// Loads the model that `options` name.
pub(super) fn load(options: &LlamaOptions, progress: impl FnMut(f32)) -> Result<LoadedModel, LlmError> {
    let header = gguf::read(&options.path)?;
    if options.task == ModelTask::Rank {
        header.check_head().map_err(|why| gguf::no_head(&options.path, &why))?;
    }
    ffi::capture_log();
    let backend = LlamaBackend::init().map_err(|error| LlmError::Unavailable {
        message: format!("llama.cpp cannot be initialised: {error}"),
        hint: "see the log".into(),
    })?;
    let device = gpu_name();
    let gpu_layers = if device.is_some() { layers_on_gpu(options, &header) } else { 0 };
    let ctx = context_length(options, &header);
    let gpu = gpu_layers > 0;
    let layout = SequenceLayout::new(options, gpu)?;
    check_memory(options, &header, ctx, layout.all(), gpu_layers)?;
    let exact = options.exact && !gpu && header.is_quantized();
    let why_not = match gpu_layers {
        0 => "exact mode needs quantized weights; this model runs without it",
        _ => "exact mode needs the CPU; this model runs on a GPU without it",
    };
    let notes = (options.exact && !exact).then(|| why_not.to_owned()).into_iter().collect();
    let model = ffi::load_model(&backend, &options.path, gpu_layers, !exact, progress)
        .ok_or_else(|| load_error(options))?;
    if !ffi::is_causal_decoder(&model) {
        return Err(LlmError::Unavailable {
            message: format!("{} is not a model that writes text from left to right", options.path.display()),
            hint: "use a decoder-only instruct model, such as those of `planscope model list`".into(),
        });
    }
    let threads = options.threads.map_or_else(default_threads, |n| n.clamp(1, 512));
    let info = ModelInfo {
        sha256: options.sha256.clone(),
        gpu_layers: Some(gpu_layers),
        device: Some(device.filter(|_| gpu).unwrap_or_else(cpu_name)),
        threads: Some(threads),
        context: Some(ctx),
        sequences: Some(layout.width),
        exact: Some(exact),
        infill: Some(chat::infill_tokens(&model).is_some()),
        engine: Some(engine_name()),
        notes,
        ..header.info(&options.name)
    };
    let context = ffi::ContextOptions {
        ctx,
        sequences: layout.all(),
        batch: BATCH,
        // llama.cpp takes it that each sequence may have a row.
        rows: ROWS.max(layout.all()),
        threads: threads as i32,
        gpu,
        task: options.task,
    };
    Ok(LoadedModel { model, header, info, context, layout, exact, _backend: backend })
}

/// Returns how many layers go to a GPU, the output matrix counted as one more.
fn layers_on_gpu(options: &LlamaOptions, header: &Header) -> u32 {
    let all = header.shape().layers as u32 + 1;
    match options.gpu_layers {
        GpuLayers::Auto => all,
        GpuLayers::Count(count) => count.min(all),
    }
}

/// Returns the context length in tokens: as the options say, and no more than the model was trained on.
fn context_length(options: &LlamaOptions, header: &Header) -> u32 {
    let trained = header.trained_context().and_then(|n| u32::try_from(n).ok()).unwrap_or(options.ctx);
    if options.ctx == 0 { trained } else { options.ctx.min(trained.max(1)) }.max(64)
}

/// The most sequences of a context in llama.cpp.
const MOST_IN_CONTEXT: u32 = 256;

/// How the context's sequences are used: first the slots of each stream, then the prefix cache, then perhaps as many decode
/// sequences as there are slots.
#[derive(Debug, Clone, Copy)]
pub(super) struct SequenceLayout {
    pub(super) streams: u32,
    /// Slots of each.
    pub(super) width: u32,
    /// Sequences of the prefix cache ([`super::prefix_cache`]) that several streams share: two each.
    pub(super) cached_prefixes: u32,
    /// Whether texts are generated in decode sequences ([`super::writer::TextWriter::sequence`]): if there are several
    /// streams, and each sequence has a cache of its own. In one cache for all no two are neighbours or apart.
    pub(super) decode_apart: bool,
}

impl SequenceLayout {
    fn new(options: &LlamaOptions, gpu: bool) -> Result<Self, LlmError> {
        let (streams, width) = (options.streams.max(1), options.sequences.clamp(1, 64));
        let mut layout = Self { streams, width, cached_prefixes: 0, decode_apart: streams > 1 && !gpu };
        if streams > 1 {
            layout.cached_prefixes =
                streams.saturating_mul(2).min(MOST_IN_CONTEXT.saturating_sub(layout.all()));
        }
        if layout.slots() as usize <= MOST_SEQUENCES {
            return Ok(layout);
        }
        Err(LlmError::Unavailable {
            message: format!(
                "{streams} calls side by side with {width} sequences each are more than {MOST_SEQUENCES} sequences"
            ),
            hint: "use fewer at once, or fewer sequences: --set llm.sequences=4".into(),
        })
    }

    /// The slots of all streams.
    pub(super) const fn slots(self) -> u32 {
        self.streams.saturating_mul(self.width)
    }

    /// All sequences.
    const fn all(self) -> u32 {
        self.cached_prefixes + if self.decode_apart { self.slots().saturating_mul(2) } else { self.slots() }
    }
}

fn load_error(options: &LlamaOptions) -> LlmError {
    let reasons = ffi::complaints(3).join("; ");
    LlmError::Unavailable {
        message: format!("llama.cpp cannot load {}: {reasons}", options.path.display()),
        hint: "the file may be damaged, or made for a newer llama.cpp; try a model of `planscope model list`"
            .into(),
    }
}

/// Whether layers can be moved to a device.
pub(super) fn is_gpu(device: &LlamaBackendDevice) -> bool {
    match device.device_type {
        LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu => true,
        LlamaBackendDeviceType::Cpu
        | LlamaBackendDeviceType::Accelerator
        | LlamaBackendDeviceType::Unknown => false,
    }
}

fn gpu_name() -> Option<String> {
    let gpu = list_llama_ggml_backend_devices().into_iter().find(is_gpu)?;
    Some(format!("{} ({})", gpu.description.trim(), gpu.backend))
}

fn cpu_name() -> String {
    let brand = sysinfo::System::new().ok().and_then(|mut system| {
        system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
        system.cpus().first().map(|cpu| cpu.brand().trim().to_string())
    });
    brand.filter(|brand| !brand.is_empty()).unwrap_or_else(|| "CPU".into())
}

/// Returns the version of the engine, as far as it matters to repeat a run.
fn engine_name() -> String {
    "llama.cpp 0.6.0-dev (llama-cpp-2 0.1.160)".into()
}

/// Returns one thread a physical core, but leaves a core to the screen where there are four or more.
fn default_threads() -> u32 {
    let logical = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cores = sysinfo::System::physical_core_count().unwrap_or(logical).min(logical);
    // Virtual machines often report threads as half as many cores; with so few, all are used.
    let cores = if logical <= 2 { logical } else { cores };
    u32::try_from(if cores >= 4 && cores == logical { cores - 1 } else { cores }).unwrap_or(1).max(1)
}

/// Memory that a model may take.
struct Room {
    /// Bytes that are free now.
    free: u64,
    /// In words, for messages: the machine or the GPU.
    whose: &'static str,
}

impl Room {
    /// Of the machine; `None` where the system does not tell.
    fn of_machine() -> Option<Self> {
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_memory();
        let available = system.available_memory();
        let free = system.cgroup_limits().map_or(available, |limits| available.min(limits.free_memory));
        Some(Self { free, whose: "the machine" })
    }

    /// Of all GPUs together.
    fn of_gpus() -> Option<Self> {
        let gpus = list_llama_ggml_backend_devices().into_iter().filter(is_gpu);
        Some(Self { free: gpus.map(|gpu| gpu.memory_free as u64).sum(), whose: "the GPU" })
    }
}

/// Refuses a model whose weights and cache do not fit into the memory that is available now. Where `layers` of it are on
/// a GPU and others are not, llama.cpp's own error has to do; likewise where the free memory is not known.
fn check_memory(
    options: &LlamaOptions,
    header: &Header,
    ctx: u32,
    sequences: u32,
    layers: u32,
) -> Result<(), LlmError> {
    let room = match layers {
        0 => Room::of_machine(),
        some if some > header.shape().layers as u32 => Room::of_gpus(),
        _ => None,
    };
    let Some(Room { free, whose }) = room.filter(|room| room.free > 0) else { return Ok(()) };
    let cache =
        header.shape().cache_bytes().saturating_mul(u64::from(ctx)).saturating_mul(u64::from(sequences));
    let needed = header.bytes.saturating_add(cache).saturating_add(SPARE);
    if needed > free {
        let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        return Err(LlmError::Unavailable {
            message: format!(
                "{} needs about {:.1} GiB of memory ({:.1} for the weights, {:.1} for {sequences} sequences of {ctx} positions), but {whose} has {:.1} free",
                options.name,
                gib(needed),
                gib(header.bytes),
                gib(cache),
                gib(free)
            ),
            hint: "use a smaller --ctx, fewer sequences (--set llm.sequences=4), fewer runs at once, or a smaller model".into(),
        });
    }
    Ok(())
}
