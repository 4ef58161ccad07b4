//! `planscope debug`: a run on the screen.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::tz::TimeZone;

use super::{
    Common, linear,
    models::Models,
    run,
    scoring::ScorerFlags,
    screen::{self, ShownSession},
    tour,
};
use crate::failure::Failure;
use crate::{
    app,
    config::{BackendKind, Config},
};
use output::exit::End;
use problem::Problem;
use session::{Blobs, Manifest, Outcome, Settings, default_base};
use tui::{Choices, Pick, PickEntry, Picked, PickerSetup, SessionEntry};

/// How many recorded sessions are offered.
const RECENT: usize = 20;

/// Arguments of `planscope debug`.
#[derive(Debug, Default, Args)]
pub struct DebugArgs {
    /// A bundled problem, a generated one such as countdown:3#17, FILE.toml, FILE.toml#NAME, FILE.jsonl#ROW, or a text
    /// file; without it, choose from a list
    pub problem: Option<String>,
    /// Start paused
    #[arg(long)]
    pub paused: bool,
    /// Run commands from FILE, one per line; starts paused
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Print each moment as a plain paragraph instead of opening the screen; at a terminal, Enter runs the next phase
    #[arg(long, conflicts_with = "script", requires = "problem")]
    pub linear: bool,
    /// Scorers and their weights
    #[command(flatten)]
    pub scoring: ScorerFlags,
}

/// Debugs a problem; lets the person choose one first if none is named, and a model if it is not downloaded yet.
///
/// # Errors
/// When standard output is no terminal, or the problem or model is not available.
pub async fn run(args: &DebugArgs, common: &Common) -> Result<End, Failure> {
    let mut config = common.config()?;
    // Flags that are wrong are refused before a screen is opened, whatever problem is picked.
    args.scoring.apply(&mut config.run)?;
    if let (true, Some(reference)) = (args.linear, &args.problem) {
        return in_lines(args, common, reference).await;
    }
    tui::require_terminal().map_err(|error| {
        Failure::new(error.to_string()).hint("use --linear or planscope run to print lines instead")
    })?;
    let appearance = app::appearance(&config)?;
    let (keymap, script) = (app::keymap(&config)?, app::script(args.script.as_deref())?);
    let setup = PickerSetup { appearance: &appearance, keymap: &keymap };
    // Report all other errors before a screen is opened; a missing model can still be downloaded there.
    app::check_model(&config)?;
    let reference = match &args.problem {
        Some(reference) => reference.clone(),
        None => match pick(&mut config, setup).await? {
            Pick::Taken(Picked::Problem(reference)) => reference,
            Pick::Taken(Picked::Session(session)) => {
                let options =
                    tui::Options { script, ..tui::Options::new(appearance, keymap, Blobs::of(&session)) };
                return screen::show(ShownSession::Record(session), &config, options).await;
            }
            Pick::Taken(Picked::Tour) => return tour::take(&config).await,
            Pick::Taken(Picked::Model) | Pick::Left => return Ok(End::Done),
            Pick::Signal(signal) => return Ok(End::Signal(signal)),
        },
    };
    if let Some(missing) = app::check_model(&config)? {
        match pick_model(&mut config, Some(format!("{missing}.")), setup).await? {
            Pick::Taken(()) => {}
            Pick::Left => return Ok(End::Done),
            Pick::Signal(signal) => return Ok(End::Signal(signal)),
        }
    }
    let problem = problem::load(&reference)?;
    config.run = settings(args, common, &problem)?;
    let opened = app::open(problem, &config)?;
    let options = tui::Options { script, ..tui::Options::new(appearance, keymap, Blobs::of(&opened.dir)) };
    screen::show(ShownSession::Run(Box::new(opened)), &config, options).await
}

/// Debugs a problem without a screen. The run waits for a person only where one can type.
async fn in_lines(args: &DebugArgs, common: &Common, reference: &str) -> Result<End, Failure> {
    let problem = problem::load(reference)?;
    let mut config = common.config_for(&problem)?;
    config.run = settings(args, common, &problem)?;
    config.run.paused = linear::can_step();
    run::refuse_manual(&config.run.gate)?;
    linear::debug(app::open(problem, &config)?).await
}

/// Returns the settings of a run on `problem`.
fn settings(args: &DebugArgs, common: &Common, problem: &Problem) -> Result<Settings, Failure> {
    let mut settings = common.config_for(problem)?.run;
    args.scoring.apply(&mut settings)?;
    settings.paused |= args.paused || args.script.is_some();
    Ok(settings)
}

/// Has the person pick a problem or a session, after another model if they wish.
async fn pick(config: &mut Config, setup: PickerSetup<'_>) -> Result<Pick<Picked>, Failure> {
    let problems = problem::list_bundled().iter().map(entry).collect();
    let base = config.sessions.clone().or_else(default_base);
    let choices = Choices { problems, sessions: recent(base.as_deref()), read_file };
    loop {
        match tui::pick(choices.clone(), &config.llm.model, setup).await? {
            Pick::Taken(Picked::Model) => match pick_model(config, None, setup).await? {
                Pick::Taken(()) | Pick::Left => {}
                Pick::Signal(signal) => return Ok(Pick::Signal(signal)),
            },
            picked @ (Pick::Taken(Picked::Problem(_) | Picked::Session(_) | Picked::Tour)
            | Pick::Left
            | Pick::Signal(_)) => return Ok(picked),
        }
    }
}

/// Has the person pick a model, and takes it into the configuration.
async fn pick_model(
    config: &mut Config,
    why: Option<String>,
    setup: PickerSetup<'_>,
) -> Result<Pick<()>, Failure> {
    let name = match tui::pick_model(&Models::of_this_machine()?, why, setup).await? {
        Pick::Taken(name) => name,
        Pick::Left => return Ok(Pick::Left),
        Pick::Signal(signal) => return Ok(Pick::Signal(signal)),
    };
    config.llm.model = name;
    config.llm.backend = BackendKind::Llama;
    Ok(Pick::Taken(()))
}

fn entry(problem: &Problem) -> PickEntry {
    PickEntry {
        reference: problem.reference().unwrap_or_else(|| problem.id.clone()),
        title: problem.title.clone(),
        family: problem.family.clone(),
        difficulty: problem.difficulty.map_or_else(String::new, |difficulty| "●".repeat(difficulty.into())),
        preview: problem.text.clone(),
    }
}

/// Reads the problems of the file that was typed, if it is one, or makes those of a reference such as `countdown:2`.
fn read_file(path: &str) -> Option<Result<Vec<PickEntry>, String>> {
    let file = path.split_once('#').map_or(path, |(file, _)| file);
    let made = file.split_once(':').is_some_and(|(family, difficulty)| {
        problem::generate::generators().contains(&family) && difficulty.parse::<u8>().is_ok()
    });
    if !made && !Path::new(file).is_file() {
        return None;
    }
    let problems = problem::load_set(path).map(|problems| problems.iter().map(entry).collect());
    Some(problems.map_err(|error| error.to_string()))
}

/// Returns the newest sessions below `base`, newest first. What is no session, or a broken one, is passed over.
fn recent(base: Option<&Path>) -> Vec<SessionEntry> {
    let listed = base.and_then(|base| session::list(base).ok()).unwrap_or_default();
    let known =
        listed.into_iter().rev().filter_map(|entry| Some(session_entry(entry.manifest.ok()?, entry.path)));
    known.take(RECENT).collect()
}

fn session_entry(manifest: Manifest, path: PathBuf) -> SessionEntry {
    let outcome = match manifest.finished.as_ref().map(|finished| &finished.outcome) {
        Some(Outcome::Answered) => "answered",
        Some(Outcome::Interrupted) => "stopped",
        Some(Outcome::Failed { .. }) => "failed",
        None => "cut off",
    };
    let mut preview = format!("with the model {}, seed {}", manifest.model, manifest.seed);
    if let Some(finished) = &manifest.finished {
        preview += &format!("\n{} events, {} tokens written", finished.events, finished.cost.generated);
    }
    SessionEntry {
        path,
        title: manifest.title,
        when: manifest.created.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        outcome: outcome.to_owned(),
        preview,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn recorded_sessions_are_found_and_other_folders_are_not() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions");
        let sessions = recent(Some(&dir));
        let choir = sessions.iter().find(|session| session.path.ends_with("choir")).unwrap();
        assert_eq!(choir.outcome, "answered");
        assert!(choir.preview.contains("qwen2.5-coder-1.5b"), "{}", choir.preview);
        assert!(recent(Some(&dir.join("choir"))).is_empty());
        assert!(recent(None).is_empty());
    }

    #[test]
    fn a_typed_path_lists_the_problems_of_that_file() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = dir.path().join(name);
            fs::write(&file, text).unwrap();
            file
        };
        let text = "How many legs do three cats have?";
        let row = format!("{{\"question\": \"{text}\", \"answer\": \"#### 12\"}}\n");
        let files = [
            (write("mine.txt", text), 1),
            (write("rows.jsonl", &row.repeat(2)), 2),
            (write("two.toml", &["a", "b"].map(|id| problem_table(id, text)).concat()), 2),
        ];
        for (file, count) in files {
            let problems = read_file(&file.to_string_lossy()).unwrap().unwrap();
            assert_eq!(problems.len(), count, "{}", file.display());
            for problem in problems {
                assert!(problem::load(&problem.reference).is_ok(), "{}", problem.reference);
                assert!(problem.preview.contains("three cats"));
            }
        }
        let broken = dir.path().join("broken.toml");
        fs::write(&broken, "nonsense = ").unwrap();
        assert!(read_file(&broken.to_string_lossy()).unwrap().is_err());
        assert!(read_file("pens").is_none() && read_file("countdown:").is_none());
        let made = read_file("countdown:2").unwrap().unwrap();
        assert_eq!((made.len(), made[3].reference.as_str()), (10, "countdown:2#3"));
        assert!(read_file("countdown:9").unwrap().is_err());
    }

    fn problem_table(id: &str, text: &str) -> String {
        format!("[[problem]]\nid = \"{id}\"\nfamily = \"math\"\ntext = \"{text}\"\n")
    }
}
