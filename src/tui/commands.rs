//! The one table of what a person can do. Keys, the help screen and the footer all come from it.

use super::{edit::change::Shift, panes::Pane};

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
    Fold,
    Hand(Hand),
    NextCandidate,
    PreviousCandidate,
    Zoom,
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

/// Changing the plan by hand, at the item under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum Hand {
    Edit,
    Whole,
    Below,
    Above,
    Remove,
    Shift(Shift),
    Deps,
    Kind,
    Pin,
    Mute,
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
    /// While the plan has the focus.
    Plan,
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
    /// Changing the plan by hand.
    Hand,
    /// Looking around.
    Look,
    /// The program.
    Program,
}

impl Section {
    /// All sections, in the order of the help screen.
    pub const ALL: [Self; 5] = [Self::Run, Self::Travel, Self::Hand, Self::Look, Self::Program];

    /// Returns the section's heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Travel => "Back and forth",
            Self::Hand => "The plan, by hand",
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
    /// More keys, which hold while a pane has the focus and win over other commands' keys there.
    pub on: Option<(Pane, &'static [&'static str])>,
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
    CommandSpec { action, name, doc, keys, on: None, place, hint, section }
}

impl CommandSpec {
    /// Gives it more keys while `pane` has the focus.
    #[must_use]
    pub const fn on(self, pane: Pane, keys: &'static [&'static str]) -> Self {
        Self { on: Some((pane, keys)), ..self }
    }

    /// Returns its keys, each with the pane that must have the focus, if any.
    pub fn all_keys(&self) -> impl Iterator<Item = (Option<Pane>, &'static str)> {
        let here =
            self.on.into_iter().flat_map(|(pane, keys)| keys.iter().map(move |key| (Some(pane), *key)));
        self.keys.iter().map(|key| (None, *key)).chain(here)
    }
}

/// A row about the item under the cursor: its keys hold while the plan has the focus.
const fn by_hand(
    hand: Hand,
    name: &'static str,
    keys: &'static [&'static str],
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    command(Action::Hand(hand), name, &[], Section::Hand, place, hint, doc).on(Pane::Plan, keys)
}

use Action as A;
use Drive as D;
use Hand as H;
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
    by_hand(H::Edit, "edit", &["e"], P::Plan, "edit", "type the item's line anew, in its place"),
    by_hand(
        H::Whole,
        "edit-plan",
        &["ctrl-e"],
        P::Help,
        "",
        "edit the whole plan in $VISUAL or $EDITOR; the run pauses",
    ),
    by_hand(
        H::Below,
        "insert-below",
        &["o"],
        P::Plan,
        "insert",
        "type a new item below; tab changes its kind",
    ),
    by_hand(H::Above, "insert-above", &["O"], P::Help, "", "type a new item above"),
    by_hand(H::Remove, "remove", &["d"], P::Plan, "remove", "remove the item; asks if others build on it"),
    by_hand(H::Shift(Shift::Down), "move-down", &["J"], P::Help, "", "move the item down its level"),
    by_hand(H::Shift(Shift::Up), "move-up", &["K"], P::Help, "", "move the item up its level"),
    by_hand(H::Shift(Shift::In), "move-in", &[">"], P::Help, "", "nest the item below the one before it"),
    by_hand(H::Shift(Shift::Out), "move-out", &["<"], P::Help, "", "take the item a level up"),
    by_hand(H::Deps, "depend", &["D"], P::Help, "", "pick what the item builds on"),
    by_hand(H::Kind, "kind", &["T"], P::Help, "", "give the item another kind, and with it a new id"),
    by_hand(H::Pin, "pin", &["P"], P::Plan, "pin", "keep the item from refinement, or release it"),
    by_hand(H::Mute, "mute", &["X"], P::Help, "", "leave the item out of prompts, or show it again"),
    command(A::Fold, "fold", &[], S::Look, P::Help, "", "fold what is nested below the item, or show it")
        .on(Pane::Plan, &["enter"]),
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
    command(
        A::Down,
        "down",
        &["j", "down"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go down one item of the plan, or scroll down one line",
    ),
    command(
        A::Up,
        "up",
        &["k", "up"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go up one item of the plan, or scroll up one line",
    ),
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
    command(
        A::Top,
        "top",
        &["g"],
        S::Look,
        P::Help,
        "",
        "go to the top; in the past, to the first event (in the plan, to the first item)",
    ),
    command(
        A::Bottom,
        "bottom",
        &["G", "end"],
        S::Look,
        P::Help,
        "",
        "go to the bottom; in the past, to the newest event (in the plan, to the last item)",
    ),
    command(
        A::Zoom,
        "zoom",
        &["="],
        S::Look,
        P::Anywhere,
        "zoom",
        "give the focused pane the whole screen, or take it back",
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
        _ => key
            .strip_prefix("ctrl-")
            .map_or_else(|| key.to_owned(), |letter| format!("^{}", letter.to_uppercase())),
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
            for key in spec.all_keys() {
                assert!(keys.insert(key), "{key:?} twice");
            }
        }
    }

    #[test]
    fn every_row_is_documented_and_every_hint_has_a_word() {
        for spec in COMMANDS {
            assert!(!spec.doc.is_empty() && spec.all_keys().next().is_some(), "{}", spec.name);
            assert_eq!(spec.place == Place::Help, spec.hint.is_empty(), "{}", spec.name);
        }
    }
}
