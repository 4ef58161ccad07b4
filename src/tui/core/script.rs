//! Commands that wait for their turn: lines of a script, and the rest of a count.

use std::{collections::VecDeque, sync::Arc};

use crate::commands::{self, Asked, CommandError};

/// A file of commands, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    steps: Vec<Step>,
}

/// A line of a script asks for nothing that can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {error}")]
pub struct ScriptError {
    /// Where it stands.
    pub place: Place,
    /// What is wrong.
    pub error: CommandError,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A command that waits for its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The action.
    pub asked: Asked,
    /// Where it stands; absent for the rest of a count that was given by hand.
    pub place: Option<Place>,
}

impl Script {
    /// Reads a script: one command a line. Empty lines and those that begin with `#` are skipped.
    ///
    /// # Errors
    /// The first line that is no command.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptError> {
        let file: Arc<str> = file.into();
        let mut steps = Vec::new();
        for (at, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = Place { file: Arc::clone(&file), line: at + 1 };
            let asked = commands::parse(line).map_err(|error| ScriptError { place: place.clone(), error })?;
            steps.push(Step { asked, place: Some(place) });
        }
        Ok(Self { steps })
    }

    /// Returns what its lines ask for.
    pub fn asked(self) -> Vec<Asked> {
        self.steps.into_iter().map(|step| step.asked).collect()
    }
}

/// Commands in the order of their turns. One has its turn when the run is paused again after those
/// before it.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    steps: VecDeque<Step>,
    waiting: bool,
    current: Option<Place>,
}

impl Queue {
    /// Puts a script's lines before all others.
    pub fn load(&mut self, script: Script) {
        script.steps.into_iter().rev().for_each(|step| self.steps.push_front(step));
    }

    /// Puts one command before all others.
    pub(crate) fn put_first(&mut self, step: Step) {
        self.steps.push_front(step);
    }

    /// Returns whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Lets the next command wait until the run is paused.
    pub fn wait(&mut self) {
        self.waiting = true;
    }

    /// Returns whether the next command waits until the run is paused.
    pub fn waits(&self) -> bool {
        self.waiting
    }

    /// Takes the next command off.
    pub(crate) fn take_next(&mut self) -> Option<Step> {
        let step = self.steps.pop_front()?;
        self.waiting = false;
        self.current.clone_from(&step.place);
        Some(step)
    }

    /// Returns the line of a script that had its turn last, unless a person did something since.
    pub fn current(&self) -> Option<&Place> {
        self.current.as_ref()
    }

    /// Notes that what comes next is done by hand.
    pub fn by_hand(&mut self) {
        self.current = None;
    }

    /// Drops what is left of a count; lines of a script stay.
    pub(crate) fn end_count(&mut self) {
        self.steps.pop_front_if(|step| step.place.is_none());
    }

    /// Drops everything that waits, and returns the place of what would have been next.
    pub fn clear(&mut self) -> Option<Place> {
        let next = self.steps.pop_front().and_then(|step| step.place);
        *self = Self::default();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Action, Drive};

    #[test]
    fn comments_are_skipped_and_errors_name_their_line() {
        let script = Script::parse("a.txt", "# go\n\n  n 2\nuntil 5\n").unwrap();
        let lines: Vec<usize> =
            script.steps.iter().filter_map(|step| Some(step.place.as_ref()?.line)).collect();
        assert_eq!(lines, [3, 4]);
        let error = Script::parse("a.txt", "next\nnxet\n").unwrap_err().to_string();
        assert!(error.starts_with("a.txt:2: There is no command \"nxet\"; did you mean next"), "{error}");
    }

    #[test]
    fn a_script_within_a_script_comes_first() {
        let mut queue = Queue::default();
        queue.load(Script::parse("outer", "next\nquit").unwrap());
        assert_eq!(queue.take_next().unwrap().asked.action, Action::Drive(Drive::NextIteration));
        queue.wait();
        queue.load(Script::parse("inner", "zoom").unwrap());
        assert!(queue.waits());
        assert_eq!(queue.take_next().unwrap().asked.action, Action::Zoom);
        assert!(!queue.waits());
        assert_eq!(queue.current().unwrap().to_string(), "inner:1");
        assert_eq!(queue.clear().unwrap().to_string(), "outer:2");
        assert!(queue.is_empty() && queue.take_next().is_none());
    }
}
