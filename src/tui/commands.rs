//! The one table of what a person can do. Keys, the help screen and the footer all come from it.

use super::layout::Edge;

/// What a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum Action {
    Drive(Drive),
    Travel(Travel),
    FocusNext,
    FocusPrevious,
    Focus(u8),
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    NextCandidate,
    PreviousCandidate,
    Zoom,
    Resize(Edge),
    ResetSizes,
    Problem,
    Messages,
    Help,
    Back,
    Interrupt,
    Suspend,
    Quit,
}

/// Letting the run go on; in the past, the same steps through the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum Drive {
    PauseOrResume,
    StepPhase,
    NextIteration,
    Finish,
    Continue,
    AnswerNow,
}

/// Moving through the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum Travel {
    NextPhase,
    PreviousPhase,
    NextIteration,
    PreviousIteration,
    NextEvent,
    PreviousEvent,
    Start,
    End,
    Play,
    PlayBack,
}

/// Where a command's hint is worth its place in the footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// While the engine runs.
    Live,
    /// While an earlier moment is shown: in replay, or after stepping back.
    Past,
    /// While the proposals have the focus.
    Proposals,
    /// Anywhere, for going on step by step.
    Steps,
    /// Anywhere.
    Anywhere,
    /// Anywhere, whatever else has to give way.
    Always,
    /// Only on the help screen.
    Help,
}

/// The section of the help screen that a command stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Letting the run go on.
    Run,
    /// Going through what was recorded.
    Travel,
    /// Looking around.
    Look,
    /// The program.
    Program,
}

impl Section {
    /// All sections, in the order of the help screen.
    pub const ALL: [Self; 4] = [Self::Run, Self::Travel, Self::Look, Self::Program];

    /// Returns the section's heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Travel => "Back and forth",
            Self::Look => "Look",
            Self::Program => "Program",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct CommandSpec {
    /// What it asks for.
    pub action: Action,
    /// Its name, in the words of debuggers.
    pub name: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// Its keys, the first one being shown in hints.
    pub keys: &'static [&'static str],
    /// Where its hint is shown.
    pub place: Place,
    /// Its word in the footer.
    pub hint: &'static str,
    /// Where it stands on the help screen.
    pub section: Section,
}

const fn command(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    section: Section,
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec { action, name, doc, keys, place, hint, section }
}

use Action as A;
use Drive as D;
use Place as P;
use Section as S;
use Travel as T;

/// Every command.
pub const COMMANDS: &[CommandSpec] = &[
    command(
        A::Drive(D::PauseOrResume),
        "pause",
        &["space"],
        S::Run,
        P::Live,
        "pause",
        "pause before the next phase, or go on; in a replay, play or stop",
    ),
    command(
        A::Drive(D::StepPhase),
        "step",
        &["s"],
        S::Run,
        P::Steps,
        "step",
        "run one phase and stop; in the past, go to the next phase",
    ),
    command(
        A::Drive(D::NextIteration),
        "next",
        &["n"],
        S::Run,
        P::Steps,
        "next iteration",
        "run to the end of the iteration; in the past, go to the next one",
    ),
    command(
        A::Drive(D::Continue),
        "continue",
        &["c"],
        S::Run,
        P::Live,
        "continue",
        "run until you pause; in a replay, play",
    ),
    command(
        A::Drive(D::AnswerNow),
        "answer",
        &["a"],
        S::Run,
        P::Live,
        "answer now",
        "end refinement and write the answer from the best plan",
    ),
    command(
        A::Drive(D::Finish),
        "finish",
        &["f"],
        S::Run,
        P::Past,
        "to the end",
        "run to the end; in the past, go to the newest event",
    ),
    command(
        A::Travel(T::PreviousPhase),
        "reverse-step",
        &["S"],
        S::Travel,
        P::Past,
        "phase back",
        "go back one phase; a live run goes on meanwhile",
    ),
    command(
        A::Travel(T::PreviousIteration),
        "reverse-next",
        &["N"],
        S::Travel,
        P::Past,
        "iteration back",
        "go back one iteration",
    ),
    command(
        A::Travel(T::Start),
        "reverse-finish",
        &["F", "home"],
        S::Travel,
        P::Help,
        "",
        "go to the first event",
    ),
    command(
        A::Travel(T::PlayBack),
        "reverse-continue",
        &["C"],
        S::Travel,
        P::Help,
        "",
        "play backwards; any move stops it",
    ),
    command(
        A::Travel(T::PreviousEvent),
        "previous-event",
        &["left"],
        S::Travel,
        P::Past,
        "event",
        "go one event back",
    ),
    command(
        A::Travel(T::NextEvent),
        "next-event",
        &["right"],
        S::Travel,
        P::Past,
        "event",
        "go one event forwards",
    ),
    command(
        A::FocusNext,
        "focus-next",
        &["tab"],
        S::Look,
        P::Anywhere,
        "pane",
        "move the focus to the next pane",
    ),
    command(
        A::FocusPrevious,
        "focus-previous",
        &["shift-tab"],
        S::Look,
        P::Help,
        "",
        "move the focus to the pane before",
    ),
    command(A::Focus(0), "focus-plan", &["1"], S::Look, P::Help, "", "focus the plan"),
    command(A::Focus(1), "focus-proposals", &["2"], S::Look, P::Help, "", "focus the proposals"),
    command(A::Focus(2), "focus-score", &["3"], S::Look, P::Help, "", "focus the score"),
    command(A::Focus(3), "focus-timeline", &["4"], S::Look, P::Help, "", "focus the timeline"),
    command(A::Focus(4), "focus-answer", &["5"], S::Look, P::Help, "", "focus the answer"),
    command(A::Focus(5), "focus-cost", &["6"], S::Look, P::Help, "", "focus the cost"),
    command(
        A::PreviousCandidate,
        "previous-candidate",
        &["[", "h"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the candidate before",
    ),
    command(
        A::NextCandidate,
        "next-candidate",
        &["]", "l"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the next candidate",
    ),
    command(A::Down, "down", &["j", "down"], S::Look, P::Anywhere, "scroll", "scroll down one line"),
    command(A::Up, "up", &["k", "up"], S::Look, P::Anywhere, "scroll", "scroll up one line"),
    command(
        A::PageDown,
        "page-down",
        &["ctrl-d", "pagedown"],
        S::Look,
        P::Help,
        "",
        "scroll down half a page",
    ),
    command(A::PageUp, "page-up", &["ctrl-u", "pageup"], S::Look, P::Help, "", "scroll up half a page"),
    command(A::Top, "top", &["g"], S::Look, P::Help, "", "go to the top; in the past, to the first event"),
    command(
        A::Bottom,
        "bottom",
        &["G", "end"],
        S::Look,
        P::Help,
        "",
        "go to the bottom; in the past, to the newest event",
    ),
    command(
        A::Zoom,
        "zoom",
        &["z"],
        S::Look,
        P::Anywhere,
        "zoom",
        "give the focused pane the whole screen, or take it back",
    ),
    command(
        A::Resize(Edge::Left),
        "resize-left",
        &["ctrl-left"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border to the left",
    ),
    command(
        A::Resize(Edge::Right),
        "resize-right",
        &["ctrl-right"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border to the right",
    ),
    command(
        A::Resize(Edge::Top),
        "resize-up",
        &["ctrl-up"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border up",
    ),
    command(
        A::Resize(Edge::Bottom),
        "resize-down",
        &["ctrl-down"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border down",
    ),
    command(
        A::ResetSizes,
        "resize-reset",
        &["ctrl-home"],
        S::Look,
        P::Help,
        "",
        "give all panes their first sizes back",
    ),
    command(A::Problem, "problem", &["p"], S::Look, P::Anywhere, "problem", "show the problem's full text"),
    command(A::Messages, "messages", &["M"], S::Program, P::Help, "", "show all messages so far"),
    command(A::Help, "help", &["?"], S::Program, P::Always, "help", "show this help"),
    command(
        A::Back,
        "back",
        &["esc"],
        S::Program,
        P::Help,
        "",
        "close what is open, or return to the newest event",
    ),
    command(
        A::Interrupt,
        "interrupt",
        &["ctrl-c"],
        S::Program,
        P::Help,
        "",
        "pause the run at once; never ends the program",
    ),
    command(A::Suspend, "suspend", &["ctrl-z"], S::Program, P::Help, "", "leave to the shell; fg comes back"),
    command(A::Quit, "quit", &["q"], S::Program, P::Always, "quit", "leave; asks first while a run goes on"),
];

/// Returns the table's row for `action`.
pub fn spec(action: Action) -> Option<&'static CommandSpec> {
    COMMANDS.iter().find(|spec| spec.action == action)
}

/// Returns how a key is written for people.
pub fn key_label(key: &str) -> String {
    match key {
        "left" => "←".to_owned(),
        "right" => "→".to_owned(),
        "up" => "↑".to_owned(),
        "down" => "↓".to_owned(),
        "space" | "tab" | "esc" | "home" | "end" => key.to_owned(),
        "shift-tab" => "⇧tab".to_owned(),
        "pagedown" => "PgDn".to_owned(),
        "pageup" => "PgUp".to_owned(),
        _ => key.strip_prefix("ctrl-").map_or_else(
            || key.to_owned(),
            |held| {
                if held.len() == 1 {
                    format!("^{}", held.to_uppercase())
                } else {
                    format!("^{}", key_label(held))
                }
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_and_no_name_is_given_twice() {
        let (mut keys, mut names) = (HashSet::new(), HashSet::new());
        for spec in COMMANDS {
            assert!(names.insert(spec.name), "{} twice", spec.name);
            for key in spec.keys {
                assert!(keys.insert(key), "{key} twice");
            }
        }
    }

    #[test]
    fn every_row_is_documented_and_every_hint_has_a_word() {
        for spec in COMMANDS {
            assert!(!spec.doc.is_empty() && !spec.keys.is_empty(), "{}", spec.name);
            assert_eq!(spec.place == Place::Help, spec.hint.is_empty(), "{}", spec.name);
        }
    }
}
