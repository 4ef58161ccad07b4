//! Lines that were typed before.

/// The most lines remembered.
const REMEMBERED: usize = 200;

/// What is typed on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A command.
    Command,
    /// A text to search for.
    Search,
}

/// Lines that were typed before, oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    commands: Vec<String>,
    searches: Vec<String>,
}

impl History {
    /// Returns the lines of a kind.
    pub fn lines(&self, asks: Asks) -> &[String] {
        match asks {
            Asks::Command => &self.commands,
            Asks::Search => &self.searches,
        }
    }

    /// Adds a line; one that is already there moves to the end.
    pub fn add(&mut self, asks: Asks, line: &str) {
        let lines = match asks {
            Asks::Command => &mut self.commands,
            Asks::Search => &mut self.searches,
        };
        lines.retain(|known| known != line);
        lines.push(line.to_owned());
        if lines.len() > REMEMBERED {
            lines.remove(0);
        }
    }
}
