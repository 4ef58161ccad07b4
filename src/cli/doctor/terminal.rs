//! What the terminal can show, as far as the environment says.

use std::io::IsTerminal;

use super::{CheckState, MachineCheck};

/// The smallest screen on which the debugger's panes fit.
const SMALLEST: (u16, u16) = (80, 24);

/// How many colours a terminal says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// None, or none wanted.
    None,
    /// The sixteen of the user's own palette.
    Sixteen,
    /// A fixed table of 256.
    Indexed,
    /// Any.
    True,
}

impl Colours {
    /// Returns the words shown to users.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sixteen => "16",
            Self::Indexed => "256",
            Self::True => "24 bit",
        }
    }
}

/// Everything that is known of the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalFacts {
    /// Standard input and output are a terminal.
    pub interactive: bool,
    /// Columns and rows.
    pub size: Option<(u16, u16)>,
    /// The variable `TERM`.
    pub term: String,
    /// The variable `COLORTERM`.
    pub colorterm: String,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
    pub locale: String,
    /// Inside tmux or screen.
    pub multiplexer: Option<String>,
    /// Over ssh.
    pub remote: bool,
}

impl TerminalFacts {
    /// Returns the facts of this process.
    pub fn of_this_process() -> Self {
        let var = |name: &str| std::env::var(name).unwrap_or_default();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(var).into_iter().find(|value| !value.is_empty());
        let interactive = std::io::stdin().is_terminal() && output::out_is_terminal();
        let multiplexer = [("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij")]
            .into_iter()
            .find(|(name, _)| std::env::var_os(name).is_some())
            .map(|(_, program)| program.to_owned());
        Self {
            interactive,
            size: interactive.then(|| crossterm::terminal::size().ok()).flatten(),
            term: var("TERM"),
            colorterm: var("COLORTERM"),
            no_color: !var("NO_COLOR").is_empty(),
            locale: locale.unwrap_or_default(),
            multiplexer,
            remote: ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| std::env::var_os(name).is_some()),
        }
    }

    /// Returns how many colours may be used.
    pub fn colours(&self) -> Colours {
        if self.no_color || self.term.is_empty() || self.term == "dumb" {
            Colours::None
        } else if matches!(self.colorterm.as_str(), "truecolor" | "24bit") || self.term.ends_with("-direct") {
            Colours::True
        } else if self.term.contains("256color") {
            Colours::Indexed
        } else {
            Colours::Sixteen
        }
    }

    /// Returns whether the locale says that text is UTF-8.
    pub fn unicode(&self) -> bool {
        let locale = self.locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }
}

/// Returns the checks of a terminal.
pub(super) fn checks(facts: &TerminalFacts) -> Vec<MachineCheck> {
    vec![screen(facts), colours(facts), unicode(facts), surroundings(facts)]
}

fn screen(facts: &TerminalFacts) -> MachineCheck {
    if !facts.interactive {
        let hint = "`planscope debug` needs a terminal; `planscope run` does not";
        return MachineCheck::new(
            "terminal",
            CheckState::Warn,
            "standard input or output is not a terminal",
            hint,
        );
    }
    match facts.size {
        None => MachineCheck::new(
            "terminal",
            CheckState::Warn,
            "its size is unknown",
            "assuming 80 columns by 24 rows",
        ),
        Some((columns, rows)) if columns < SMALLEST.0 || rows < SMALLEST.1 => {
            let hint = format!("the panes fit from {} by {}", SMALLEST.0, SMALLEST.1);
            MachineCheck::new("terminal", CheckState::Warn, format!("{columns} by {rows}"), hint)
        }
        Some((columns, rows)) => MachineCheck::ok("terminal", format!("{columns} by {rows}")),
    }
}

fn colours(facts: &TerminalFacts) -> MachineCheck {
    let term = if facts.term.is_empty() { "unset" } else { &facts.term };
    let detail = format!("{} (TERM {term})", facts.colours().name());
    match facts.colours() {
        Colours::None if facts.no_color => MachineCheck::ok("colours", "none, as NO_COLOR asks"),
        Colours::None => {
            MachineCheck::new("colours", CheckState::Warn, detail, "set TERM, for example to xterm-256color")
        }
        Colours::Sixteen | Colours::Indexed => {
            let hint = "themes are rounded to these; set COLORTERM=truecolor if the terminal can do more";
            MachineCheck::new("colours", CheckState::Ok, detail, hint)
        }
        Colours::True => MachineCheck::ok("colours", detail),
    }
}

fn unicode(facts: &TerminalFacts) -> MachineCheck {
    let locale = if facts.locale.is_empty() { "unset" } else { &facts.locale };
    match facts.unicode() {
        true => MachineCheck::ok("unicode", locale),
        false => MachineCheck::new("unicode", CheckState::Warn, locale, "set LANG, for example to C.UTF-8"),
    }
}

fn surroundings(facts: &TerminalFacts) -> MachineCheck {
    let mut parts = Vec::new();
    parts.extend(facts.multiplexer.as_ref().map(|program| format!("inside {program}")));
    parts.extend(facts.remote.then(|| "over ssh".to_owned()));
    if parts.is_empty() {
        parts.push("directly on the terminal".into());
    }
    // Only the terminal itself could answer, and asking would leave its reply on the screen.
    parts.push("synchronized output unknown".into());
    MachineCheck::ok("surroundings", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(term: &str, colorterm: &str) -> TerminalFacts {
        TerminalFacts { term: term.into(), colorterm: colorterm.into(), ..TerminalFacts::default() }
    }

    #[test]
    fn colours_follow_the_environment() {
        assert_eq!(facts("xterm", "truecolor").colours(), Colours::True);
        assert_eq!(facts("xterm-256color", "").colours(), Colours::Indexed);
        assert_eq!(facts("linux", "").colours(), Colours::Sixteen);
        assert_eq!(facts("dumb", "truecolor").colours(), Colours::None);
        let quiet = TerminalFacts { no_color: true, ..facts("xterm-256color", "truecolor") };
        assert_eq!(quiet.colours(), Colours::None);
        assert_eq!(colours(&quiet).state, CheckState::Ok, "as the user wants");
    }

    #[test]
    fn small_and_absent_screens_are_warned_of() {
        let sized = |size| TerminalFacts { interactive: true, size, ..TerminalFacts::default() };
        assert_eq!(screen(&sized(Some((120, 40)))).state, CheckState::Ok);
        assert_eq!(screen(&sized(Some((60, 40)))).state, CheckState::Warn);
        assert_eq!(screen(&TerminalFacts::default()).state, CheckState::Warn);
    }

    #[test]
    fn utf8_is_read_from_the_locale() {
        let with =
            |locale: &str| TerminalFacts { locale: locale.into(), ..TerminalFacts::default() }.unicode();
        assert!(with("de_DE.UTF-8") && with("C.utf8"));
        assert!(!with("C") && !with(""));
    }
}
