//! `planscope doctor`: what of this machine matters, and what is missing.

mod terminal;

use std::process::{Command, Stdio};

use clap::Args;
use serde::Serialize;

use super::table;
use crate::failure::Failure;
use llm::DeviceInfo;
use llm::models::{ModelStore, catalog, format_bytes};
use output::{json_pretty, say};

pub use terminal::{Colours, TerminalFacts};

/// Check what planscope needs on this machine.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print the checks as a JSON object
    #[arg(long)]
    json: bool,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, but less well.
    Warn,
    /// Not there; something will not work.
    Missing,
}

impl CheckState {
    /// Returns the word shown to users.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Missing => "missing",
        }
    }
}

/// One fact about the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MachineCheck {
    /// What it is about, in a word or two.
    pub name: &'static str,
    /// How it came out.
    pub state: CheckState,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty when nothing needs doing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

impl MachineCheck {
    fn new(
        name: &'static str,
        state: CheckState,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { name, state, detail: detail.into(), hint: hint.into() }
    }

    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckState::Ok, detail, "")
    }
}

/// Runs every check and prints the outcome. `devices` is what the model's engine found; `None` where this build has no
/// engine.
///
/// # Errors
/// When something is missing, or the outcome cannot be printed.
pub fn run(args: &DoctorArgs, devices: Option<&[DeviceInfo]>) -> Result<(), Failure> {
    let checks = checks(devices);
    say(&if args.json { json_pretty(&checks)? + "\n" } else { render(&checks) })?;
    if checks.iter().all(|check| check.state != CheckState::Missing) {
        return Ok(());
    }
    Err(Failure::new("Something that planscope needs is missing.").hint("see the hints above"))
}

/// Runs every check.
pub fn checks(devices: Option<&[DeviceInfo]>) -> Vec<MachineCheck> {
    let mut checks = vec![cpu(), cores(), memory(), disk(), model(), offload(devices), pip(), held()];
    checks.extend(terminal::checks(&TerminalFacts::of_this_process()));
    checks
}

/// Returns the checks as a table, the hints below it.
pub fn render(checks: &[MachineCheck]) -> String {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| vec![check.state.name().to_owned(), check.name.to_owned(), check.detail.clone()])
        .collect();
    let mut text = table::render(&["state", "what", "found"], &rows);
    let hinted = checks.iter().filter(|check| !check.hint.is_empty());
    for (index, check) in hinted.enumerate() {
        let gap = if index == 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}{}: {}\n", check.name, check.hint));
    }
    text
}

/// Returns the vector instructions that llama.cpp uses, each with whether this processor has it.
fn cpu_flags() -> Vec<(&'static str, bool)> {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return vec![
        ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
        ("FMA", std::arch::is_x86_feature_detected!("fma")),
        ("F16C", std::arch::is_x86_feature_detected!("f16c")),
        ("AVX512", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(target_arch = "aarch64")]
    return vec![
        ("NEON", std::arch::is_aarch64_feature_detected!("neon")),
        ("DOTPROD", std::arch::is_aarch64_feature_detected!("dotprod")),
    ];
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    return Vec::new();
}

fn cpu() -> MachineCheck {
    let flags = cpu_flags();
    let list = |present: bool| -> Vec<&str> {
        flags.iter().filter(|(_, has)| *has == present).map(|(name, _)| *name).collect()
    };
    let (has, lacks) = (list(true), list(false));
    let mut detail = format!("{}: {}", std::env::consts::ARCH, has.join(" "));
    if !lacks.is_empty() {
        detail.push_str(&format!(" (not {})", lacks.join(" ")));
    }
    // AVX512 and the dot products help; without the others the usual build of llama.cpp dies or crawls.
    if lacks.iter().all(|name| matches!(*name, "AVX512" | "DOTPROD")) {
        return MachineCheck::ok("processor", detail);
    }
    let hint = "build on this machine (its own flags are then used); expect a slow model";
    MachineCheck::new("processor", CheckState::Warn, detail, hint)
}

fn cores() -> MachineCheck {
    let logical = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let detail = match sysinfo::System::physical_core_count() {
        Ok(physical) if physical != logical => format!("{logical} threads on {physical} cores"),
        Ok(_) | Err(_) => format!("{logical}"),
    };
    match logical {
        1 => MachineCheck::new("cores", CheckState::Warn, detail, "the model and the screen share one core"),
        _ => MachineCheck::ok("cores", detail),
    }
}

fn memory() -> MachineCheck {
    let Ok(mut system) = sysinfo::System::new() else {
        return MachineCheck::new("memory", CheckState::Warn, "the system does not report it", "");
    };
    system.refresh_memory();
    let (mut total, mut available) = (system.total_memory(), system.available_memory());
    let mut detail = format!("{} free of {}", format_bytes(available), format_bytes(total));
    if let Some(limits) = system.cgroup_limits().filter(|limits| limits.total_memory < total) {
        (total, available) = (limits.total_memory, limits.free_memory.min(available));
        detail.push_str(&format!(", of which this container may use {}", format_bytes(total)));
    }
    let Ok(catalog) = catalog() else { return MachineCheck::ok("memory", detail) };
    let needs = |name: &str| catalog.get(name).map_or(0, |entry| entry.memory);
    if available >= needs(&catalog.default) {
        return MachineCheck::ok("memory", detail);
    }
    let state = if available >= needs(&catalog.small) { CheckState::Warn } else { CheckState::Missing };
    let hint = format!(
        "{} needs {}; {} needs {}",
        catalog.default,
        format_bytes(needs(&catalog.default)),
        catalog.small,
        format_bytes(needs(&catalog.small))
    );
    MachineCheck::new("memory", state, detail, hint)
}

fn disk() -> MachineCheck {
    let store = match ModelStore::open_default() {
        Ok(store) => store,
        Err(error) => {
            return MachineCheck::new(
                "disk",
                CheckState::Missing,
                error.to_string(),
                error.hint().unwrap_or_default(),
            );
        }
    };
    let dir = store.dir().display();
    let Some(free) = store.free_bytes() else {
        return MachineCheck::ok("disk", format!("unknown space in {dir}"));
    };
    let detail = format!("{} free in {dir}", format_bytes(free));
    let default = catalog().ok().and_then(|catalog| catalog.get(&catalog.default));
    match default.filter(|entry| !store.is_installed(entry) && free < entry.bytes) {
        None => MachineCheck::ok("disk", detail),
        Some(entry) => {
            let hint = format!(
                "{} needs {}; make room, or set PLANSCOPE_CACHE to a folder on another disk",
                entry.name,
                format_bytes(entry.bytes)
            );
            MachineCheck::new("disk", CheckState::Missing, detail, hint)
        }
    }
}

fn model() -> MachineCheck {
    let (Ok(catalog), Ok(store)) = (catalog(), ModelStore::open_default()) else {
        return MachineCheck::new("model", CheckState::Missing, "no catalogue or no folder", "");
    };
    let here: Vec<&str> = catalog
        .models
        .iter()
        .filter(|entry| store.is_installed(entry))
        .map(|entry| entry.name.as_str())
        .collect();
    let fetch = format!("run `planscope model pull {}`", catalog.default);
    match here.as_slice() {
        [] => MachineCheck::new("model", CheckState::Missing, "none downloaded yet", fetch),
        names if names.contains(&catalog.default.as_str()) => MachineCheck::ok("model", names.join(", ")),
        names => {
            let detail = format!("{} (not the default, {})", names.join(", "), catalog.default);
            MachineCheck::new("model", CheckState::Warn, detail, fetch)
        }
    }
}

/// Whether code that a model wrote can be run: the sandbox proves itself for it.
fn held() -> MachineCheck {
    match sandbox::shared() {
        Ok(sandbox) => {
            let python = sandbox.python();
            let layers = sandbox.layers().names().join(", ");
            MachineCheck::ok("sandbox", format!("holds Python {}: {layers}", python.version))
        }
        // Only the family `code` needs it.
        Err(refused) => MachineCheck::new("sandbox", CheckState::Warn, refused.why, refused.hint),
    }
}

fn offload(devices: Option<&[DeviceInfo]>) -> MachineCheck {
    let Some(devices) = devices else {
        let hint = "build with the feature `llama`, or use a server";
        return MachineCheck::new("devices", CheckState::Warn, "this build has no model engine", hint);
    };
    let name = |device: &DeviceInfo| match device.memory {
        Some(bytes) => format!("{} ({})", device.name, format_bytes(bytes)),
        None => device.name.clone(),
    };
    let gpus: Vec<String> = devices.iter().filter(|device| device.offload).map(name).collect();
    if !gpus.is_empty() {
        return MachineCheck::ok("devices", format!("layers can go to {}", gpus.join(", ")));
    }
    let names: Vec<String> = devices.iter().map(name).collect();
    let found = if names.is_empty() { "processor only".to_owned() } else { names.join(", ") };
    let compiled: Vec<&str> = [
        ("cuda", cfg!(feature = "cuda")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("metal", cfg!(feature = "metal")),
        ("rocm", cfg!(feature = "rocm")),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
    .collect();
    match compiled.as_slice() {
        [] => MachineCheck::ok("devices", format!("{found} (no GPU feature in this build)")),
        built => {
            let hint = format!("built for {}, but its driver shows no device", built.join(", "));
            MachineCheck::new("devices", CheckState::Warn, found, hint)
        }
    }
}

fn pip() -> MachineCheck {
    let output = Command::new("python3")
        .args(["-m", "pip", "--version"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success());
    match output {
        Some(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            MachineCheck::ok("pip", text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        }
        None => {
            let hint =
                "only needed to download models from the package mirror, if Hugging Face cannot be reached";
            MachineCheck::new("pip", CheckState::Warn, "python3 -m pip does not run", hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpu(offload: bool) -> DeviceInfo {
        DeviceInfo { name: "Card".into(), offload, memory: Some(24_000_000_000) }
    }

    #[test]
    fn every_check_says_something_and_faults_say_what_to_do() {
        let checks = checks(None);
        let names: Vec<_> = checks.iter().map(|check| check.name).collect();
        for name in ["processor", "cores", "memory", "disk", "model", "devices", "pip", "terminal", "colours"]
        {
            assert!(names.contains(&name), "no check of {name}");
        }
        for check in &checks {
            assert!(!check.detail.is_empty(), "{} found nothing", check.name);
            assert!(
                check.state != CheckState::Missing || !check.hint.is_empty(),
                "{} leaves one alone",
                check.name
            );
        }
    }

    #[test]
    fn devices_are_told_apart() {
        assert_eq!(offload(None).state, CheckState::Warn);
        assert!(offload(Some(&[gpu(true), gpu(false)])).detail.contains("layers can go to Card (24.00 GB)"));
        assert!(!offload(Some(&[gpu(false)])).detail.contains("layers can go"));
    }

    #[test]
    fn the_table_puts_hints_below() {
        let checks = [
            MachineCheck::ok("cores", "2"),
            MachineCheck::new("model", CheckState::Missing, "none is there yet", "run this"),
        ];
        let text = render(&checks);
        assert_eq!(
            text,
            "state    what   found\nok       cores  2\nmissing  model  none is there yet\n\nmodel: run this\n"
        );
    }

    #[test]
    fn json_has_one_object_a_check() {
        let json = serde_json::to_value([MachineCheck::ok("cores", "2")]).expect("writes");
        assert_eq!(json, serde_json::json!([{ "name": "cores", "state": "ok", "detail": "2" }]));
    }
}
