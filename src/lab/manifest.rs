//! What the cells of a shard ran on.

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    cell::{ModelId, Shard},
    error::LabError,
    experiment::Experiment,
    store::Store,
};
use model::{Backend, Generation, LlmError, ModelInfo, Progress, Prompt, Reply, Request, Sampling, Shared};
use session::Settings;

/// Words of the prompt that speed is measured with.
const WORDS: usize = 200;
/// Tokens that are drawn to measure speed.
const TOKENS: u32 = 16;

/// What a shard ran on, for one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct ShardManifest<'a> {
    /// The program and its version.
    program: &'static str,
    experiment: &'a str,
    shard: String,
    begun: Timestamp,
    model: &'a ModelId,
    /// What the backend says of it, the version of llama.cpp included.
    info: ModelInfo,
    machine: MachineInfo,
    /// Groups of cells that were run at the same time.
    side_by_side: usize,
    speed: Speed,
    /// What all arms start from.
    settings: &'a Settings,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct MachineInfo {
    system: Option<String>,
    processor: Option<String>,
    cores: usize,
    memory: Option<u64>,
}

/// Tokens per second, of a short trial before the first cell.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
struct Speed {
    prefill: Option<f64>,
    decode: Option<f64>,
}

/// Loads the model of `streams`, and records it and the machine next to the results.
pub(super) async fn note(
    store: &Store,
    experiment: &Experiment,
    shard: Shard,
    model: &ModelId,
    streams: &mut [Shared],
) -> Result<(), LabError> {
    let side_by_side = streams.len();
    let Some(backend) = streams.first_mut() else { return Ok(()) };
    let (progress, mut reported) = mpsc::channel::<Progress>(64);
    // Nobody looks at it, but a full channel would be tried again and again.
    let drain = tokio::spawn(async move { while reported.recv().await.is_some() {} });
    let info = backend.info(&progress).await?;
    // A script would spend its replies on it.
    let scripted = info.backend == "scripted";
    let speed = if scripted { Speed::default() } else { speed(backend, &progress).await };
    drop(progress);
    let _ = drain.await;
    let manifest = ShardManifest {
        program: concat!("planscope ", env!("CARGO_PKG_VERSION")),
        experiment: &experiment.name,
        shard: shard.to_string(),
        begun: Timestamp::now(),
        model,
        info,
        machine: machine(),
        side_by_side,
        speed,
        settings: &experiment.base,
    };
    let model: String = model.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    store.write(&format!("manifest-{shard}-{}.json", model.trim_matches('-')), &manifest)
}

fn machine() -> MachineInfo {
    let system = sysinfo::System::new_all().ok();
    let processor = system.as_ref().and_then(|system| system.cpus().first());
    MachineInfo {
        system: sysinfo::System::long_os_version().ok(),
        processor: processor.map(|cpu| cpu.brand().trim().to_owned()),
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        memory: system.as_ref().map(sysinfo::System::total_memory),
    }
}

/// Measures speed by one call for the prompt alone and one for more of it; absent where the calls fail. A call goes before,
/// since a GPU sets itself up in its first.
async fn speed(backend: &mut Shared, progress: &mpsc::Sender<Progress>) -> Speed {
    let words: Vec<String> = (0..WORDS).map(|at| format!("w{}", at * 7919 % 1000)).collect();
    let prompt = Prompt::chat("You repeat words.", words.join(" "));
    let _ = call(backend, progress, &Prompt::chat("You repeat words.", "Once."), 1).await;
    let prefill = call(backend, progress, &prompt, 1).await;
    let decode = call(backend, progress, &prompt, TOKENS).await;
    backend.forget().await;
    let rate = |tokens: u64, ms: f64| (tokens > 0 && ms > 0.0).then(|| tokens as f64 / ms * 1e3);
    Speed {
        prefill: prefill.ok().and_then(|reply| rate(reply.cost.fresh, reply.cost.wall_ms)),
        decode: decode.ok().and_then(|reply| rate(reply.cost.generated, reply.cost.wall_ms)),
    }
}

async fn call(
    backend: &mut Shared,
    progress: &mpsc::Sender<Progress>,
    prompt: &Prompt,
    max_tokens: u32,
) -> Result<Reply, LlmError> {
    let generation = Generation {
        prompt: prompt.clone(),
        sampling: Sampling::GREEDY,
        grammar: None,
        max_tokens,
        stop: vec![],
        thinking: 0,
        distinct_from: None,
    };
    let request = Request::Generate { generations: vec![generation] };
    backend.call(&request, progress, &CancellationToken::new()).await
}
