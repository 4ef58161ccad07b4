//! Configuration: defaults < user file < project file < environment < flags. Unknown keys are errors.

use std::{collections::BTreeMap, path::PathBuf};

use figment::{
    Figment,
    error::Kind,
    providers::{Env, Format, Serialized},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use engine::registry;
use llm::server::{Endpoint, GrammarStyle};
use model::GpuLayers;
use probe::nearest;
use session::{GateSettings, Settings, Think};

/// The project's own file, looked for in the working directory.
pub const PROJECT_FILE: &str = "planscope.toml";

/// Which engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// llama.cpp, in a worker process of this program.
    #[default]
    Llama,
    /// A server with OpenAI-compatible endpoints.
    Openai,
    /// Canned replies from a file.
    Scripted,
}

/// The model and how it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LlmConfig {
    /// Which engine.
    pub backend: BackendKind,
    /// A name of the catalog, the path of a GGUF file, or a script's path.
    pub model: String,
    /// The file of a model that fills plan tokens; absent for the weights that come with the program.
    pub planner: Option<PathBuf>,
    /// The base address of the server, for the OpenAI-compatible backend.
    pub url: Option<String>,
    /// The server's name for the model; absent for the first that it lists.
    pub server_model: Option<String>,
    /// Which of the server's endpoints writes text.
    pub endpoint: Endpoint,
    /// How the server takes grammars.
    pub server_grammar: GrammarStyle,
    /// How many layers a GPU holds; the others stay in main memory.
    pub gpu_layers: GpuLayers,
    /// Threads; absent for one a core.
    pub threads: Option<u32>,
    /// Positions of one sequence.
    pub ctx: u32,
    /// Sequences decoded side by side.
    pub sequences: u32,
    /// Runs of an experiment that share the model at the same time, each with as many sequences and a cache of its own.
    #[serde(alias = "lanes")]
    pub streams: u32,
    /// Whether a sequence's logits must not depend on what else is in the batch; absent for no in a run that has the
    /// model to itself, and yes on a CPU elsewhere.
    pub exact: Option<bool>,
    /// Seconds that a server which is loading is waited for, and after which silence is an error.
    pub timeout_s: u64,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            backend: BackendKind::Llama,
            model: "qwen2.5-coder-1.5b".into(),
            planner: None,
            url: None,
            server_model: None,
            endpoint: Endpoint::default(),
            server_grammar: GrammarStyle::default(),
            gpu_layers: GpuLayers::Auto,
            threads: None,
            ctx: 4096,
            sequences: 8,
            streams: 1,
            exact: None,
            timeout_s: 120,
        }
    }
}

/// Which signs the screen may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlyphChoice {
    /// What the locale promises.
    #[default]
    Auto,
    /// Any sign of Unicode.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// The screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UiConfig {
    /// A theme, bundled or the user's own; absent for the one that suits the terminal.
    pub theme: Option<String>,
    /// Whether the mouse is listened to; the terminal's own selection then needs shift.
    pub mouse: bool,
    /// Which signs may be used.
    pub glyphs: GlyphChoice,
    /// A set of keys: gdb or vim.
    pub keys: String,
    /// Keys and the commands that they ask for instead.
    pub bind: BTreeMap<String, String>,
}

impl Default for UiConfig {
    fn default() -> Self {
        Self {
            theme: None,
            mouse: true,
            glyphs: GlyphChoice::Auto,
            keys: "gdb".into(),
            bind: BTreeMap::new(),
        }
    }
}

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The model.
    pub llm: LlmConfig,
    /// How a run refines, scores and answers.
    pub run: Settings,
    /// The screen.
    pub ui: UiConfig,
    /// Where sessions are kept; absent for the user's data directory.
    pub sessions: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let (llm, run, ui) = (LlmConfig::default(), registry::settings(), UiConfig::default());
        Self { llm, run, ui, sessions: None }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file, variable or flag has a wrong key or value.
    #[error("invalid configuration: {0}")]
    Invalid(String),
    /// A `--set` without an equals sign.
    #[error("\"--set {0}\" has no value; write --set key=value, such as --set iterations=8")]
    NoValue(String),
}

/// A file in TOML, as all other TOML here is read; the reader that figment would bring is an older one.
struct Toml;

impl Format for Toml {
    type Error = toml::de::Error;

    const NAME: &'static str = "TOML";

    fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Self::Error> {
        toml::from_str(text)
    }
}

/// Returns the user's configuration file.
pub fn user_file() -> Option<PathBuf> {
    Some(user_dir()?.join("config.toml"))
}

/// Returns the folder of the user's own themes.
pub fn themes_dir() -> Option<PathBuf> {
    Some(user_dir()?.join("themes"))
}

/// Returns the file in which the screen remembers how it was left.
pub fn screen_file() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "planscope")?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).join("screen.toml"))
}

fn user_dir() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "planscope")?.config_dir().to_owned())
}

/// Loads the configuration. `set` are `key=value` pairs from the command line, the last word; a key
/// without a section is one of the run's: `seed=3` is `run.seed=3`.
///
/// # Errors
/// A sentence that names the key and where it stands.
pub fn load(set: &[String]) -> Result<Config, ConfigError> {
    loaded(set, Config::default(), None)
}

/// Loads the configuration of runs that begin with `defaults`, those of a problem's family, where nothing is set.
///
/// # Errors
/// As [`load`].
pub fn load_for(set: &[String], defaults: Settings) -> Result<Config, ConfigError> {
    loaded(set, Config { run: defaults, ..Config::default() }, None)
}

/// Loads the configuration for continuing a recorded session, which may know scorers and proposers that this version
/// does not have: `set` may switch those off.
///
/// # Errors
/// As [`load`].
pub fn load_beside(set: &[String], recorded: &Settings) -> Result<Config, ConfigError> {
    loaded(set, Config::default(), Some(recorded))
}

fn loaded(set: &[String], defaults: Config, recorded: Option<&Settings>) -> Result<Config, ConfigError> {
    let mut figment = Figment::new();
    if let Some(file) = user_file() {
        figment = figment.merge(Toml::file(file));
    }
    figment = figment
        .merge(Toml::file(PROJECT_FILE))
        .merge(sections("PLANSCOPE_LLM__", "llm"))
        .merge(sections("PLANSCOPE_RUN__", "run"))
        .merge(sections("PLANSCOPE_UI__", "ui"))
        .merge(Env::raw().only(&["PLANSCOPE_MODEL"]).map(|_| "llm.model".into()))
        .merge(Env::raw().only(&["PLANSCOPE_SESSIONS"]).map(|_| "sessions".into()));
    extract(figment, set, defaults, recorded)
}

/// Returns the recorded `settings` with the pairs of `set` on top, whatever files and variables say.
///
/// # Errors
/// As [`load`].
pub fn overlay(settings: &Settings, set: &[String]) -> Result<Settings, ConfigError> {
    let defaults = Config { run: settings.clone(), ..Config::default() };
    extract(Figment::new(), set, defaults, Some(settings)).map(|config| config.run)
}

/// Reads the pairs of `set` on top of `figment`, and `defaults` below it.
fn extract(
    mut figment: Figment,
    set: &[String],
    mut defaults: Config,
    recorded: Option<&Settings>,
) -> Result<Config, ConfigError> {
    for pair in set {
        let (key, value) = pair.split_once('=').ok_or_else(|| ConfigError::NoValue(pair.clone()))?;
        figment = figment.merge((full_key(key.trim()), typed(value.trim())));
    }
    if let Ok(think) = figment.extract_inner::<Think>("run.think") {
        defaults.run = engine::defaults::thinking_in(defaults.run, think);
    }
    if let Ok(rule) = figment.extract_inner::<String>("run.gate.rule") {
        // A gate is replaced whole, since its parameters belong to it.
        defaults.run.gate = GateSettings::new(rule, []);
    }
    let figment = figment.join(Serialized::defaults(defaults));
    let config: Config = figment.extract().map_err(|errors| {
        let sentences: Vec<String> = errors.into_iter().map(|error| sentence(&error)).collect();
        ConfigError::Invalid(sentences.join("; "))
    })?;
    if let Some(unknown) = registry::unknown(&config.run, recorded) {
        let key = format!("run.{}", unknown.key);
        let file = file(figment.find_metadata(&key));
        return Err(ConfigError::Invalid(format!("{key}{file}: {unknown}")));
    }
    let run = registry::settled(config.run).map_err(|why| ConfigError::Invalid(format!("run.{why}")))?;
    Ok(Config { run, ..config })
}

/// Says which key is wrong, how, and in which file, where it stands in one.
fn sentence(error: &figment::Error) -> String {
    let file = file(error.metadata.as_ref());
    let Kind::UnknownField(key, known) = &error.kind else {
        return format!("{}{file}: {}", error.path.join("."), error.kind);
    };
    let path = error.path.iter().map(|part| format!("{part}.")).collect::<String>();
    let path = path.strip_suffix(&format!("{key}.")).unwrap_or(&path);
    let near = nearest(key, known.iter().copied());
    let near = near.map_or_else(
        || format!("there are {}", known.join(", ")),
        |near| format!("did you mean {path}{near}?"),
    );
    format!("there is no setting {path}{key}{file}; {near}")
}

/// Names the file from which a value came, where it came from one.
fn file(metadata: Option<&figment::Metadata>) -> String {
    let source = metadata.and_then(|metadata| metadata.source.as_ref());
    let file = source.filter(|source| source.file_path().is_some());
    file.map_or_else(String::new, |file| format!(" in {file}"))
}

/// `PLANSCOPE_RUN__GATE__RULE` is `run.gate.rule`.
fn sections(prefix: &'static str, section: &'static str) -> Env {
    Env::prefixed(prefix).map(move |key| format!("{section}.{}", key.as_str().replace("__", ".")).into())
}

fn full_key(key: &str) -> String {
    let section = key.split('.').next().unwrap_or(key);
    if ["llm", "run", "ui", "sessions"].contains(&section) { key.to_owned() } else { format!("run.{key}") }
}

/// A value as TOML reads it; what TOML does not read is a string.
fn typed(value: &str) -> figment::value::Value {
    let parsed =
        toml::from_str::<toml::Table>(&format!("v = {value}")).ok().and_then(|mut table| table.remove("v"));
    // A date is written as a text everywhere else.
    parsed
        .filter(|value| !value.is_datetime())
        .and_then(|value| figment::value::Value::serialize(value).ok())
        .unwrap_or_else(|| figment::value::Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::{AnswerSettings, Cite, StyleChoice};

    fn with(set: &[&str]) -> Result<Config, ConfigError> {
        load(&set.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_typed_and_reach_their_section() {
        let config = with(&[
            "seed=7",
            "gate.rule=metropolis",
            "gate.start=0.1",
            "llm.gpu_layers=3",
            "ui.theme=light",
            "budget.generated=500",
            "template.date=2026-03-07",
            "template.variables={effort = \"low\"}",
            "thinking.tokens=64",
        ])
        .unwrap();
        assert_eq!(config.run.seed, 7);
        assert_eq!(config.run.gate.to_string(), "metropolis start=0.1 cooling=0.0");
        assert_eq!(config.llm.gpu_layers, GpuLayers::Count(3));
        assert_eq!(config.ui.theme.as_deref(), Some("light"));
        assert_eq!(config.run.budget.generated, Some(500));
        assert_eq!(config.run.template.date, Some(jiff::civil::date(2026, 3, 7)));
        assert_eq!(config.run.template.variables["effort"], "low");
        assert_eq!(config.run.thinking.tokens, 64);
    }

    #[test]
    fn what_is_set_stands_above_the_defaults_of_a_family() {
        let mut defaults = Settings { proposals: 2, iterations: 3, ..registry::settings() };
        defaults.scorers.set("checker", 1.0);
        let set = ["iterations=9", "scorers.structure=0.5"].map(str::to_owned);
        let run = load_for(&set, defaults).unwrap().run;
        assert_eq!((run.proposals, run.iterations), (2, 9));
        assert_eq!((run.scorers.get("checker"), run.scorers.get("structure")), (1.0, 0.5));
    }

    #[test]
    fn what_answers_cite_is_set_by_name_or_by_the_older_flag() {
        let cite = |value: &str| with(&[&format!("cite={value}")]).map(|config| config.run.cite);
        for (value, expected) in [
            ("off", Cite::Off),
            ("false", Cite::Off),
            ("items", Cite::Items),
            ("true", Cite::Items),
            ("values", Cite::Values),
            ("\"values\"", Cite::Values),
        ] {
            assert_eq!(cite(value).unwrap(), expected, "{value}");
        }
        let wrong = cite("numbers").unwrap_err().to_string();
        assert!(wrong.contains("run.cite") && wrong.contains("off, items, values"), "{wrong}");
        let config = with(&["answers.style=short", "answers.values=false"]).unwrap();
        assert_eq!(config.run.answers.style, StyleChoice::Short);
        let evaluated = with(&["answers.style=evaluated"]).unwrap();
        assert_eq!(evaluated.run.answers.style, StyleChoice::Evaluated);
        assert!(with(&["answers.style=long"]).is_err());
        assert_eq!(with(&[]).unwrap().run.answers, AnswerSettings::default());
    }

    #[test]
    fn recorded_settings_stay_but_for_what_is_set() {
        let gate = engine::gate::parse("threshold 0.125").unwrap();
        let recorded = Settings { seed: 42, gate, ..Settings::default() };
        let settings = overlay(&recorded, &["iterations=9".to_owned()]).unwrap();
        assert_eq!(settings, Settings { iterations: 9, ..recorded.clone() });
        assert!(overlay(&recorded, &["iteration=9".to_owned()]).is_err());
        let mut later = recorded.clone();
        later.scorers.set("entailment", 0.5);
        let refused = overlay(&later, &["iterations=9".to_owned()]).unwrap_err().to_string();
        assert!(refused.contains("go without it with --set scorers.entailment=0"), "{refused}");
        assert!(!refused.contains("src"), "no place in the program: {refused}");
        let off = ["scorers.entailment=0".to_owned()];
        assert!(overlay(&later, &off).is_ok() && load_beside(&off, &later).is_ok());
        assert!(load(&off).is_err() && load_beside(&off, &recorded).is_err());
    }

    #[test]
    fn another_gate_brings_its_own_parameters() {
        let tools = || engine::defaults::of(problem::family("tools").unwrap());
        let clear = load_for(&["seed=7".into()], tools()).unwrap().run;
        assert_eq!(clear.gate.to_string(), "clear z=1.64 sideways=3");
        let gate = |pair: &str| load_for(&[pair.into()], tools()).map(|config| config.run.gate.to_string());
        assert_eq!(gate("gate.rule=greedy").unwrap(), "greedy");
        assert_eq!(gate("gate.rule=metropolis").unwrap(), "metropolis start=0.05 cooling=0.0");
        assert_eq!(gate("gate.z=2").unwrap(), "clear z=2.0 sideways=3");
        let why = |pair: &str| gate(pair).unwrap_err().to_string();
        assert!(
            why("gate.rule=gready").contains("run.gate: There is no gate called \"gready\"; did you mean")
        );
        assert!(
            why("gate.margin=1").contains("The gate clear has no parameter \"margin\"; it has z, sideways.")
        );
        assert!(why("gate.z=high").contains("the parameter \"z\" is not a number"), "{}", why("gate.z=high"));
        assert!(why("gate=1").contains("a table with a rule and its parameters"), "{}", why("gate=1"));
        let recorded = overlay(&clear, &["gate.rule=threshold".into()]).unwrap();
        assert_eq!(recorded.gate.to_string(), "threshold margin=0.02");
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_errors() {
        let unknown = with(&["sed=7"]).unwrap_err().to_string();
        assert!(unknown.contains("there is no setting run.sed; did you mean run.seed?"), "{unknown}");
        let scorer = with(&["scorers.self_chek=0"]).unwrap_err().to_string();
        assert!(
            scorer.contains("run.scorers.self_chek: there is no scorer called \"self_chek\""),
            "{scorer}"
        );
        assert!(scorer.contains("did you mean \"self_check\"? (there are structure, checker"), "{scorer}");
        assert!(
            with(&["proposers.reorder=1"])
                .unwrap_err()
                .to_string()
                .contains("no proposer called \"reorder\"")
        );
        assert!(
            with(&["score_noise.gold.sigma=1"]).unwrap_err().to_string().contains("run.score_noise.gold")
        );
        assert!(with(&["scorers.checker=much"]).unwrap_err().to_string().contains("run.scorers.checker"));
        assert!(with(&["scorers.checker=-1"]).unwrap_err().to_string().contains("not below 0"));
        assert!(with(&["iterations=many"]).is_err());
        assert!(matches!(with(&["seed"]), Err(ConfigError::NoValue(_))));
    }
}
