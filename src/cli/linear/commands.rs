//! The lines that a person types in linear mode.

/// What `?` says.
pub const HELP: &str =
    "Enter: next moment. b: back. g N: go to moment N. c: continue to the end. q: quit. ?: help.";

/// A line of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinearCommand {
    /// The next moment; during a run it may have to happen first.
    Next,
    /// The moment before.
    Back,
    /// The moment with this number, from 1.
    GoTo(usize),
    /// All moments that follow, up to the end.
    Continue,
    /// Leave; a run ends.
    Quit,
    /// List the commands.
    Help,
}

/// Reads a line.
///
/// # Errors
/// A sentence, where it is no command.
pub fn parse(line: &str) -> Result<LinearCommand, String> {
    let (name, argument) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    match (name, argument.trim()) {
        ("" | "n", "") => Ok(LinearCommand::Next),
        ("b", "") => Ok(LinearCommand::Back),
        ("c", "") => Ok(LinearCommand::Continue),
        ("q", "") => Ok(LinearCommand::Quit),
        ("?" | "h", "") => Ok(LinearCommand::Help),
        ("g", number) => number
            .parse()
            .map(LinearCommand::GoTo)
            .map_err(|_| "g needs the number of a moment, such as g 3.".to_owned()),
        _ => Err(format!("There is no command \"{}\". {HELP}", line.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_command_or_refused_with_a_hint() {
        use LinearCommand::{Back, Continue, GoTo, Help, Next, Quit};
        let lines =
            [("", Next), (" b ", Back), ("g 12", GoTo(12)), ("c", Continue), ("q", Quit), ("?", Help)];
        for (line, command) in lines {
            assert_eq!(parse(line), Ok(command), "{line:?}");
        }
        assert_eq!(parse("g"), Err("g needs the number of a moment, such as g 3.".to_owned()));
        assert_eq!(parse("g -1"), parse("g x"));
        assert!(parse("b 2").is_err_and(|said| said.contains("Enter: next moment")));
    }
}
