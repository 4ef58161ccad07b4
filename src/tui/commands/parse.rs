//! From a written line to an action.

use super::{
    action::{Asked, Chaos, Noise},
    pane::Pane,
    spec::{CommandSpec, Takes},
    table::all,
};
use engine::gate;
use probe::ProbeError;

/// How alike two names must be for one to be offered in place of the other, from 0 to 1.
const ALIKE: f64 = 0.75;

/// Why a line asks for nothing that can be done. Each is a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum CommandError {
    /// There is nothing on the line.
    #[error("There is no command on this line.")]
    Empty,
    /// No command has that name.
    #[error("There is no command \"{name}\"{}", offer(near))]
    Unknown {
        name: String,
        /// Names like it.
        near: Vec<&'static str>,
    },
    /// Several commands begin like that.
    #[error("\"{name}\" could be {}.", listed(all))]
    Ambiguous {
        /// What was written.
        name: String,
        /// Those that it may mean.
        all: Vec<&'static str>,
    },
    /// Something is missing, too much or of the wrong kind after the name.
    #[error("{why}; write {usage}.")]
    Argument {
        why: String,
        /// How the command is written.
        usage: String,
    },
    /// It cannot be done now.
    #[error("{0}")]
    NotNow(String),
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn offer(near: &[&str]) -> String {
    if near.is_empty() {
        "; ? lists all of them.".to_owned()
    } else {
        format!("; did you mean {}?", listed(near))
    }
}

/// Returns what `line` asks for: a name or its abbreviation, what the command takes, and for some a
/// count, which may also stand before the name.
///
/// # Errors
/// A sentence that says what is wrong and how it is written.
pub fn parse(line: &str) -> Result<Asked, CommandError> {
    let line = line.trim();
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, line) = (&line[..digits], line[digits..].trim_start());
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if name.is_empty() {
        return Err(CommandError::Empty);
    }
    let spec = find(name)?;
    let rest = rest.trim();
    if count.is_empty() {
        return build(spec, rest);
    }
    let asked = build(spec, rest)?;
    if !spec.counted || !rest.is_empty() {
        return Err(wrong(spec, format!("{} takes no count before it", spec.name)));
    }
    Ok(Asked { count: number(spec, count)?, ..asked })
}

/// Returns the command with this name, short name or unambiguous abbreviation.
///
/// # Errors
/// [`CommandError::Unknown`] with the nearest names, or [`CommandError::Ambiguous`] with all that fit.
pub fn find(name: &str) -> Result<&'static CommandSpec, CommandError> {
    let named = |spec: &&CommandSpec| spec.name == name || spec.aliases.contains(&name);
    if let Some(spec) = all().find(named) {
        return Ok(spec);
    }
    let fitting: Vec<&CommandSpec> = all().filter(|spec| abbreviates(name, spec.name)).collect();
    match fitting[..] {
        [spec] => Ok(spec),
        [] => Err(CommandError::Unknown { name: name.to_owned(), near: nearest(name) }),
        _ => Err(CommandError::Ambiguous {
            name: name.to_owned(),
            all: fitting.iter().map(|spec| spec.name).collect(),
        }),
    }
}

/// Returns whether `short` abbreviates `name`: each part between hyphens begins the same, as in `rev-st`.
pub fn abbreviates(short: &str, name: &str) -> bool {
    let mut parts = name.split('-');
    short.split('-').all(|short| parts.next().is_some_and(|part| part.starts_with(short)))
}

fn nearest(name: &str) -> Vec<&'static str> {
    let mut near: Vec<(f64, &str)> = all()
        .map(|spec| (strsim::jaro_winkler(name, spec.name), spec.name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

fn refused(error: &ProbeError) -> CommandError {
    CommandError::NotNow(error.sentence())
}

fn wrong(spec: &CommandSpec, why: impl Into<String>) -> CommandError {
    CommandError::Argument { why: why.into(), usage: spec.usage() }
}

fn number(spec: &CommandSpec, text: &str) -> Result<u32, CommandError> {
    text.parse().map_err(|_| wrong(spec, format!("\"{text}\" is not a whole number")))
}

fn letter(spec: &CommandSpec, text: &str) -> Result<char, CommandError> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_alphanumeric() => Ok(letter),
        _ => Err(wrong(spec, format!("\"{text}\" is not one letter or digit"))),
    }
}

fn build(spec: &CommandSpec, rest: &str) -> Result<Asked, CommandError> {
    let action = match &spec.takes {
        Takes::Nothing(action) => {
            return match rest {
                "" => Ok(Asked::once(action.clone())),
                _ if spec.counted => Ok(Asked { action: action.clone(), count: number(spec, rest)? }),
                _ => Err(wrong(spec, format!("{} takes nothing after it", spec.name))),
            };
        }
        _ if rest.is_empty() => return Err(wrong(spec, format!("{} needs {}", spec.name, spec.syntax))),
        Takes::Number(make) => make(number(spec, rest)?),
        Takes::Letter(make) | Takes::Mark(make) => make(letter(spec, rest)?),
        Takes::Item(make) => {
            make(rest.parse().map_err(|_| wrong(spec, format!("\"{rest}\" names no item, such as C2")))?)
        }
        Takes::Pane(make) => make(pane(spec, rest)?),
        Takes::Theme(make) | Takes::Session(make) | Takes::Check(make) | Takes::Text(make) => {
            make(rest.to_owned())
        }
        Takes::Noise(make) => make(noise(spec, rest)?),
        Takes::Chaos(make) => make(chaos(spec, rest)?),
        Takes::Gate(make) => make(gate::parse(rest).map_err(|error| wrong(spec, error.to_string()))?),
        Takes::Setting(make) => {
            let (key, value) = rest
                .split_once(char::is_whitespace)
                .ok_or_else(|| wrong(spec, format!("\"{rest}\" needs a value")))?;
            make(key.to_owned(), value.trim().to_owned())
        }
        Takes::Probe(make) => make(format!("{} {rest}", spec.name).parse().map_err(|error| refused(&error))?),
        Takes::Find(make) => make(rest.parse().map_err(|error| refused(&error))?),
        Takes::File(make) => make(rest.into()),
    };
    Ok(Asked::once(action))
}

fn chaos(spec: &CommandSpec, text: &str) -> Result<Option<Chaos>, CommandError> {
    if text == "off" {
        return Ok(None);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let [kind, strength, every, times, seed @ ..] = words.as_slice() else {
        return Err(wrong(spec, "chaos needs a noise, after how many iterations it comes, and how often"));
    };
    let noise = noise(spec, &[&[*kind, *strength], seed].concat().join(" "))?;
    Ok(Some(Chaos { noise, every: number(spec, every)?, times: number(spec, times)? }))
}

fn noise(spec: &CommandSpec, text: &str) -> Result<Noise, CommandError> {
    let mut words = text.split_whitespace();
    let (kind, strength, seed) = (words.next(), words.next(), words.next());
    if words.next().is_some() {
        return Err(wrong(spec, "there is a word too much"));
    }
    let kind = kind.unwrap_or_default().parse().map_err(|error| wrong(spec, format!("{error}")))?;
    let strength = strength.ok_or_else(|| wrong(spec, "noise needs a strength"))?;
    let share = strength.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    let strength = share.ok_or_else(|| wrong(spec, format!("\"{strength}\" is not from 0 to 1")))?;
    let whole =
        |seed: &str| seed.parse().map_err(|_| wrong(spec, format!("\"{seed}\" is not a whole number")));
    Ok(Noise { kind, strength, seed: seed.map(whole).transpose()? })
}

/// Returns the number of the pane that `name` is, or begins.
fn pane(spec: &CommandSpec, name: &str) -> Result<u8, CommandError> {
    let begins = |pane: &&Pane| pane.title().to_lowercase().starts_with(&name.to_lowercase());
    Pane::ALL.iter().find(begins).map(|pane| *pane as u8).ok_or_else(|| {
        let titles: Vec<String> = Pane::ALL.iter().map(|pane| pane.title().to_lowercase()).collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        wrong(spec, format!("\"{name}\" is no pane; there are {}", titles.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Action, Drive, Travel};
    use plan::NoiseKind;

    fn one(line: &str) -> Asked {
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    fn error(line: &str) -> String {
        parse(line).expect_err(line).to_string()
    }

    #[test]
    fn names_may_be_short_as_in_gdb() {
        let step = Asked::once(Action::Drive(Drive::StepPhase));
        assert_eq!([one("s"), one("step"), one("ste")], [step.clone(), step.clone(), step]);
        assert_eq!(one("cont").action, Action::Drive(Drive::Continue));
        assert_eq!(one("rev-st").action, Action::Travel(Travel::PreviousPhase));
        assert_eq!(one("r-c").action, Action::Travel(Travel::PlayBack));
    }

    #[test]
    fn a_count_stands_before_or_after() {
        let three = Asked { action: Action::Drive(Drive::NextIteration), count: 3 };
        for line in ["3n", "3 next", "next 3", "  n   3 "] {
            assert_eq!(one(line), three, "{line}");
        }
        assert!(error("3 zoom").contains("takes no count"));
        assert!(error("3 next 3").contains("takes no count"));
        assert!(error("next many").contains("\"many\" is not a whole number; write next [COUNT]."));
    }

    #[test]
    fn what_a_command_takes_is_typed() {
        assert_eq!(one("until 5").action, Action::Drive(Drive::Until(5)));
        assert_eq!(one("goto 120").action, Action::Travel(Travel::Event(120)));
        assert_eq!(one("item C2").action, Action::Item("C2".parse().unwrap()));
        assert_eq!(one("focus ans").action, Action::Focus(4));
        assert_eq!(one("mark x").action, Action::Mark('x'));
        assert_eq!(one("set play-ms 100").action, Action::Set("play-ms".into(), "100".into()));
        let noise = Noise { kind: NoiseKind::SwapText, strength: 0.25, seed: Some(7) };
        assert_eq!(one("noise swap-text 0.25 7").action, Action::Noise(noise));
        assert_eq!(one("noise swap-text .25").action, Action::Noise(Noise { seed: None, ..noise }));
        let chaos = Chaos { noise, every: 2, times: 3 };
        assert_eq!(one("chaos swap-text 0.25 2 3 7").action, Action::Chaos(Some(chaos)));
        assert_eq!(one("chaos off").action, Action::Chaos(None));
        assert_eq!(one("source a b.txt").action, Action::Source("a b.txt".into()));
        for (line, part) in [
            ("until", "until needs ITERATION; write until ITERATION."),
            ("until five", "\"five\" is not a whole number"),
            ("item 5", "\"5\" names no item"),
            ("mark xy", "one letter or digit"),
            ("focus nowhere", "there are plan, proposals"),
            ("set play-ms", "needs a value"),
            ("zoom 1", "zoom takes nothing after it"),
            ("noise fog 0.2", "\"fog\" is no kind of noise; the kinds are mask"),
            ("noise mask", "noise needs a strength; write noise KIND STRENGTH [SEED]."),
            ("noise mask 2", "\"2\" is not from 0 to 1"),
            ("chaos mask 0.5 2", "chaos needs a noise, after how many iterations it comes, and how often"),
            ("chaos mask 0.5 two 3", "\"two\" is not a whole number"),
        ] {
            assert!(error(line).contains(part), "{line}: {}", error(line));
        }
    }

    #[test]
    fn wrong_names_get_the_nearest() {
        assert_eq!(error("untli 5"), "There is no command \"untli\"; did you mean until?");
        assert!(error("re").starts_with("\"re\" could be ") && error("re").contains("reverse-step"));
        assert!(error("xyzzy").contains("lists all"));
        assert_eq!(error("  "), CommandError::Empty.to_string());
        assert_eq!(error("3"), CommandError::Empty.to_string());
    }
}
