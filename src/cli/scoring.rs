//! Flags that say who scores.

use std::{path::Path, str::FromStr};

use clap::Args;

use crate::failure::Failure;
use engine::{
    registry::Unknown,
    score::{self, command, prm},
};
use session::Settings;

/// What stands before the path of a command.
const COMMAND: &str = "cmd:";

/// Flags of runs that say who scores.
#[derive(Debug, Clone, Default, Args)]
pub struct ScorerFlags {
    /// Weight of a scorer, or cmd:PATH for your own command; can be repeated (see planscope scorer list)
    #[arg(long, value_name = "NAME=WEIGHT|cmd:PATH", help_heading = "Settings")]
    scorer: Vec<ScorerChoice>,
}

#[derive(Debug, Clone, PartialEq)]
enum ScorerChoice {
    Weight(String, f64),
    Command(String),
}

impl FromStr for ScorerChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix(COMMAND) {
            return Ok(Self::Command(path.to_owned()));
        }
        let pair = text.split_once('=').and_then(|(name, weight)| Some((name, weight.parse::<f64>().ok()?)));
        match pair {
            Some((name, weight)) if weight.is_finite() && weight >= 0.0 => {
                Ok(Self::Weight(name.to_owned(), weight))
            }
            _ => Err("write NAME=WEIGHT, such as self_check=0.5, or cmd:PATH".into()),
        }
    }
}

impl ScorerFlags {
    /// Puts the choices on top of `settings`. A command that has no weight yet gets 1.
    ///
    /// # Errors
    /// When there is no such scorer or no such file.
    pub fn apply(&self, settings: &mut Settings) -> Result<(), Failure> {
        for choice in &self.scorer {
            match choice {
                ScorerChoice::Command(path) => set_command(path, settings)?,
                ScorerChoice::Weight(name, weight) => {
                    score::find(name).ok_or_else(|| unknown(name))?;
                    settings.scorers.set(name, *weight);
                }
            }
        }
        let commands = self.scorer.iter().any(|choice| matches!(choice, ScorerChoice::Command(_)));
        if commands && settings.scorers.get(command::NAME) == 0.0 {
            settings.scorers.set(command::NAME, 1.0);
        }
        Ok(())
    }
}

/// Returns the name of the scorer that `text` names, after putting the command of `cmd:PATH` into `settings`.
///
/// # Errors
/// When there is no such scorer or no such file.
pub(super) fn name(text: &str, settings: &mut Settings) -> Result<&'static str, Failure> {
    let name = match text.strip_prefix(COMMAND) {
        Some(path) => {
            set_command(path, settings)?;
            command::NAME
        }
        None => text,
    };
    let scorer = score::find(name).ok_or_else(|| unknown(text))?;
    if name == prm::NAME && settings.prm.model.is_none() {
        return Err(Failure::new("No process reward model is set.").hint("set one with --set prm.model=FILE"));
    }
    if name == command::NAME && settings.scorer_command.path.is_none() {
        return Err(
            Failure::new("No scoring command is set.").hint("write cmd:PATH, or set scorer_command.path")
        );
    }
    Ok(scorer.doc().name)
}

/// A path becomes absolute, so that the session means the same file from anywhere; a bare name that is no file here is
/// looked up as a shell does.
fn set_command(path: &str, settings: &mut Settings) -> Result<(), Failure> {
    let is_path = Path::new(path).components().count() > 1;
    let command = if Path::new(path).is_file() {
        std::path::absolute(path)?.to_string_lossy().into_owned()
    } else if is_path || path.is_empty() {
        return Err(Failure::new(format!("There is no scoring command \"{path}\"."))
            .hint("give the path of an executable file, as in cmd:./score.py (docs/scorers.md)"));
    } else {
        path.to_owned()
    };
    settings.scorer_command.path = Some(command);
    Ok(())
}

fn unknown(name: &str) -> Failure {
    let unknown = Unknown::scorer(name);
    Failure::new(unknown.message()).hint(unknown.hint())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(choices: &[&str]) -> Result<Settings, String> {
        let scorer = choices.iter().map(|text| text.parse()).collect::<Result<_, String>>()?;
        let mut settings = Settings::default();
        ScorerFlags { scorer }.apply(&mut settings).map_err(|failure| failure.message)?;
        Ok(settings)
    }

    #[test]
    fn a_command_gets_a_weight_and_an_absolute_path() {
        let file = tempfile::NamedTempFile::new_in(".").unwrap();
        let name = file.path().file_name().unwrap().to_str().unwrap();
        let settings = applied(&[&format!("cmd:./{name}")]).unwrap();
        assert_eq!(settings.scorers.get("command"), 1.0);
        assert!(Path::new(&settings.scorer_command.path.unwrap()).is_absolute());
        assert_eq!(applied(&["cmd:true", "command=0.25"]).unwrap().scorers.get("command"), 0.25);
        assert_eq!(applied(&["cmd:true"]).unwrap().scorer_command.path.as_deref(), Some("true"));
    }

    #[test]
    fn weights_are_set_and_mistakes_are_told() {
        assert_eq!(applied(&["self_check=0", "pmi=0.5"]).unwrap().scorers.get("pmi"), 0.5);
        assert!(applied(&["gold=1"]).unwrap_err().contains("no scorer called"));
        assert!(applied(&["cmd:./no/such/file"]).unwrap_err().contains("no scoring command"));
        for wrong in ["pmi", "pmi=many", "pmi=-1", "pmi=NaN"] {
            assert!(applied(&[wrong]).unwrap_err().contains("NAME=WEIGHT"), "{wrong}");
        }
        let mut settings = Settings::default();
        assert_eq!(name("self_check", &mut settings).unwrap(), "self_check");
        assert!(name("command", &mut settings).unwrap_err().message.contains("No scoring command"));
        assert_eq!(name("cmd:true", &mut settings).unwrap(), "command");
    }
}
