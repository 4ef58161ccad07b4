//! The table itself: one row a command.

use super::{
    Action as A, CommandSpec, Drive as D, Hand as H, Place as P, Place, Rule as R, Section as S, Section,
    Takes, Travel as T,
};
use crate::{
    session::CallId,
    tui::{edit::change::Shift, layout::Edge, panes::Pane},
};

/// Returns a row that takes nothing.
const fn command(
    action: A,
    name: &'static str,
    keys: &'static [&'static str],
    section: Section,
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec {
        name,
        takes: Takes::Nothing(action),
        syntax: "",
        doc,
        aliases: &[],
        keys,
        vim: None,
        on: [None; 3],
        counted: false,
        place,
        hint,
        section,
    }
}

/// Returns a row that takes something. Its keys, if any, open the prompt with its name.
const fn taking(
    takes: Takes,
    name: &'static str,
    syntax: &'static str,
    keys: &'static [&'static str],
    section: Section,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec {
        name,
        takes,
        syntax,
        doc,
        aliases: &[],
        keys,
        vim: None,
        on: [None; 3],
        counted: false,
        place: P::Help,
        hint: "",
        section,
    }
}

/// Returns a row about the item under the cursor: its keys hold while the plan has the focus.
const fn by_hand(
    hand: H,
    name: &'static str,
    keys: &'static [&'static str],
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    command(A::Hand(hand), name, &[], S::Hand, place, hint, doc).on(Pane::Plan, keys)
}

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
    )
    .aka(&["s"])
    .counted(),
    command(
        A::Drive(D::NextIteration),
        "next",
        &["n"],
        S::Run,
        P::Steps,
        "next iteration",
        "run to the end of the iteration; in the past, go to the next one",
    )
    .vim(&["}"])
    .aka(&["n"])
    .counted(),
    taking(
        Takes::Number(|iteration| A::Drive(D::Until(iteration))),
        "until",
        "ITERATION",
        &[],
        S::Run,
        "run to the end of that iteration; in the past, go there",
    )
    .aka(&["u"]),
    command(
        A::Drive(D::Finish),
        "finish",
        &["f"],
        S::Run,
        P::Steps,
        "finish",
        "run to the end of refinement and stand still before the answer",
    )
    .aka(&["f"]),
    command(
        A::Drive(D::Continue),
        "continue",
        &["c"],
        S::Run,
        P::Live,
        "continue",
        "run until you pause; in a replay, play",
    )
    .aka(&["c"]),
    command(
        A::Drive(D::AnswerNow),
        "answer",
        &["a"],
        S::Run,
        P::Live,
        "answer now",
        "end refinement and write the answer from the best plan",
    ),
    taking(
        Takes::Noise(A::Noise),
        "noise",
        "KIND STRENGTH [SEED]",
        &[],
        S::Run,
        "corrupt the plan that stands; the strength, 0 to 1, is the share of items hit",
    ),
    taking(
        Takes::Number(A::Rescore),
        "rescore",
        "TIMES",
        &["R"],
        S::Run,
        "score the plan that stands again, asked in other words, to see how far scores vary",
    ),
    command(
        A::Interrupt,
        "interrupt",
        &["ctrl-c"],
        S::Run,
        P::Help,
        "",
        "stop the call that is under way and stand still; never ends the program",
    ),
    command(
        A::Travel(T::PreviousPhase),
        "reverse-step",
        &["S"],
        S::Travel,
        P::Past,
        "phase back",
        "go back one phase; a live run goes on meanwhile",
    )
    .aka(&["rs"])
    .counted(),
    command(
        A::Travel(T::PreviousIteration),
        "reverse-next",
        &["N"],
        S::Travel,
        P::Past,
        "iteration back",
        "go back one iteration",
    )
    .vim(&["{"])
    .aka(&["rn"])
    .counted(),
    command(
        A::Travel(T::RefinementStart),
        "reverse-finish",
        &["F"],
        S::Travel,
        P::Help,
        "",
        "go back to where refinement began; from there, to the first event",
    )
    .aka(&["rf"]),
    command(
        A::Travel(T::PlayBack),
        "reverse-continue",
        &["C"],
        S::Travel,
        P::Help,
        "",
        "play backwards; any move stops it",
    )
    .aka(&["rc"]),
    command(
        A::Travel(T::PreviousEvent),
        "previous-event",
        &["left"],
        S::Travel,
        P::Past,
        "event",
        "go one event back",
    )
    .counted(),
    command(
        A::Travel(T::NextEvent),
        "next-event",
        &["right"],
        S::Travel,
        P::Past,
        "event",
        "go one event forwards",
    )
    .counted(),
    taking(
        Takes::Number(|event| A::Travel(T::Event(event))),
        "goto",
        "EVENT",
        &[],
        S::Travel,
        "look at the moment after that event",
    ),
    taking(
        Takes::Number(|iteration| A::Travel(T::Iteration(iteration))),
        "iteration",
        "ITERATION",
        &[],
        S::Travel,
        "look at the end of that iteration; 0 is the draft",
    ),
    command(A::Travel(T::Start), "first", &["home"], S::Travel, P::Help, "", "go to the first event"),
    command(
        A::Travel(T::End),
        "newest",
        &["end"],
        S::Travel,
        P::Help,
        "",
        "go to the newest event; beside a run, return to it",
    ),
    command(
        A::Travel(T::Back),
        "history-back",
        &["["],
        S::Travel,
        P::Help,
        "",
        "return to the moment looked at before",
    )
    .vim(&["ctrl-o", "["])
    .counted(),
    command(A::Travel(T::Forward), "history-forward", &["]"], S::Travel, P::Help, "", "take a return back")
        .counted(),
    taking(
        Takes::Letter(A::Mark),
        "mark",
        "LETTER",
        &["m"],
        S::Travel,
        "set a bookmark at the moment looked at",
    ),
    taking(
        Takes::Mark(|letter| A::Travel(T::Mark(letter))),
        "jump",
        "LETTER",
        &["'"],
        S::Travel,
        "go to a bookmark",
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
    command(
        A::Undo,
        "undo",
        &["z"],
        S::Hand,
        P::Plan,
        "undo",
        "take back the last change of the plan by hand or noise",
    ),
    command(A::Redo, "redo", &["Z"], S::Hand, P::Help, "", "bring back what was taken back last"),
    command(
        A::Inject,
        "inject",
        &["x"],
        S::Hand,
        P::Help,
        "",
        "inject noise into the plan, after a look at what it will change",
    ),
    command(
        A::Rule(R::Intercept),
        "intercept",
        &["i"],
        S::Hand,
        P::Help,
        "",
        "stand still before each decision of the gate for you to rule, or no more",
    ),
    command(
        A::Rule(R::Accept),
        "accept",
        &[],
        S::Hand,
        P::Ruling,
        "accept",
        "accept the candidate that is shown, before the gate decides",
    )
    .on(Pane::Proposal, &["a"]),
    command(
        A::Rule(R::Veto),
        "veto",
        &[],
        S::Hand,
        P::Ruling,
        "veto",
        "keep the candidate that is shown from the gate",
    )
    .on(Pane::Proposal, &["v"]),
    command(
        A::Rule(R::Edit),
        "edit-candidate",
        &[],
        S::Hand,
        P::Ruling,
        "edit",
        "type anew what the candidate makes an item say; it is scored again",
    )
    .on(Pane::Proposal, &["e"]),
    command(
        A::Fork,
        "fork",
        &["B"],
        S::Hand,
        P::Help,
        "",
        "go on from the moment looked at as another session",
    ),
    command(
        A::Why(None),
        "why-here",
        &["w"],
        S::Look,
        P::Plan,
        "why",
        "tell how the item under the cursor came to be what it is",
    ),
    taking(
        Takes::Item(|id| A::Why(Some(id))),
        "why",
        "ITEM",
        &[],
        S::Look,
        "tell how an item came to be what it is",
    ),
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
    taking(Takes::Pane(A::Focus), "focus", "PANE", &[], S::Look, "move the focus to a pane, by its name"),
    command(A::Focus(0), "focus-plan", &["1"], S::Look, P::Help, "", "focus the plan").vim(&["alt-1"]),
    command(A::Focus(1), "focus-proposals", &["2"], S::Look, P::Help, "", "focus the proposals")
        .vim(&["alt-2"]),
    command(A::Focus(2), "focus-score", &["3"], S::Look, P::Help, "", "focus the score").vim(&["alt-3"]),
    command(A::Focus(3), "focus-timeline", &["4"], S::Look, P::Help, "", "focus the timeline")
        .vim(&["alt-4"]),
    command(A::Focus(4), "focus-answer", &["5"], S::Look, P::Help, "", "focus the answer").vim(&["alt-5"]),
    command(A::Focus(5), "focus-cost", &["6"], S::Look, P::Help, "", "focus the cost").vim(&["alt-6"]),
    command(
        A::PreviousCandidate,
        "previous-candidate",
        &["<"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the candidate before",
    )
    .on(Pane::Proposal, &["h"])
    .on(Pane::Timeline, &["h"])
    .on(Pane::Answer, &["h"])
    .counted(),
    command(
        A::NextCandidate,
        "next-candidate",
        &[">"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the next candidate",
    )
    .on(Pane::Proposal, &["l"])
    .on(Pane::Timeline, &["l"])
    .on(Pane::Answer, &["l"])
    .counted(),
    command(
        A::Down,
        "down",
        &["j", "down"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go down one item of the plan, or scroll down one line",
    )
    .counted(),
    command(
        A::Up,
        "up",
        &["k", "up"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go up one item of the plan, or scroll up one line",
    )
    .counted(),
    command(
        A::PageDown,
        "page-down",
        &["ctrl-d", "pagedown"],
        S::Look,
        P::Help,
        "",
        "scroll down half a page",
    )
    .vim(&["ctrl-d", "ctrl-f", "pagedown"])
    .counted(),
    command(A::PageUp, "page-up", &["ctrl-u", "pageup"], S::Look, P::Help, "", "scroll up half a page")
        .vim(&["ctrl-u", "ctrl-b", "pageup"])
        .counted(),
    command(
        A::Top,
        "top",
        &["g"],
        S::Look,
        P::Help,
        "",
        "go to the plan's first item; in another pane to the top, and in the past to the first event",
    ),
    command(
        A::Bottom,
        "bottom",
        &["G"],
        S::Look,
        P::Help,
        "",
        "go to the plan's last item; in another pane to the bottom, and in the past to the newest event",
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
    command(A::Search, "search", &["/"], S::Look, P::Help, "", "search the focused pane"),
    taking(
        Takes::Text(A::SearchFor),
        "find",
        "TEXT",
        &[],
        S::Look,
        "show where the focused pane has this text; capitals matter if there are any",
    ),
    command(A::NextHit, "next-hit", &["*"], S::Look, P::Help, "", "go to where the text comes next")
        .vim(&["n", "*"])
        .counted(),
    command(A::PreviousHit, "previous-hit", &["#"], S::Look, P::Help, "", "go to where the text came before")
        .vim(&["N", "#"])
        .counted(),
    taking(Takes::Item(A::Item), "item", "ITEM", &[], S::Look, "show an item in the plan"),
    command(
        A::Copy,
        "copy",
        &["y"],
        S::Look,
        P::Help,
        "",
        "copy what the focused pane shows to the clipboard, through the terminal",
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
    command(
        A::Open,
        "open",
        &["enter"],
        S::Look,
        P::Charts,
        "go there",
        "on the timeline, go to the iteration under the cursor",
    ),
    command(
        A::ChartCloser,
        "zoom-in",
        &["+"],
        S::Look,
        P::Charts,
        "closer",
        "show fewer iterations in the charts",
    ),
    command(
        A::ChartWider,
        "zoom-out",
        &["-"],
        S::Look,
        P::Charts,
        "wider",
        "show more iterations in the charts",
    ),
    command(
        A::DiffLayout,
        "diff-layout",
        &["|"],
        S::Look,
        P::Proposals,
        "layout",
        "show a candidate's changes side by side, one below the other, or as there is room",
    ),
    command(
        A::Ledger,
        "ledger",
        &["L"],
        S::Look,
        P::Proposals,
        "ledger",
        "list all candidates that were not taken; type to filter, enter goes there",
    ),
    command(
        A::Call(None),
        "raw",
        &["r"],
        S::Look,
        P::Help,
        "",
        "show the exact prompt and reply of the last call to the model; < and > go to others",
    ),
    taking(
        Takes::Number(|call| A::Call(Some(CallId(call)))),
        "call",
        "CALL",
        &[],
        S::Look,
        "show the exact prompt and reply of that call to the model",
    ),
    command(A::Problem, "problem", &["p"], S::Look, P::Anywhere, "problem", "show the problem's full text"),
    command(A::Prompt, "prompt", &[":"], S::Program, P::Anywhere, "command", "type a command"),
    command(
        A::Palette,
        "palette",
        &["ctrl-p"],
        S::Program,
        P::Help,
        "",
        "find a command by some of its letters",
    ),
    command(A::Messages, "messages", &["M"], S::Program, P::Help, "", "show all messages so far"),
    command(A::Help, "help", &["?"], S::Program, P::Always, "help", "show this help; type to search it"),
    command(
        A::Back,
        "back",
        &["esc"],
        S::Program,
        P::Help,
        "",
        "close what is open, or return to the newest event",
    ),
    taking(Takes::Theme(A::Theme), "theme", "NAME", &[], S::Program, "change the colours"),
    taking(
        Takes::Setting(A::Set),
        "set",
        "KEY VALUE",
        &[],
        S::Program,
        "change a setting of the screen until you leave",
    ),
    taking(
        Takes::File(A::Source),
        "source",
        "FILE",
        &[],
        S::Program,
        "do the commands of a file, one a line",
    ),
    taking(
        Takes::File(A::Screenshot),
        "screenshot",
        "FILE.svg",
        &[],
        S::Program,
        "write the screen to a file, as a picture",
    ),
    command(A::Suspend, "suspend", &["ctrl-z"], S::Program, P::Help, "", "leave to the shell; fg comes back"),
    command(A::Quit, "quit", &["q"], S::Program, P::Always, "quit", "leave; asks first while a run goes on")
        .aka(&["q"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::tui::keymap::Profile;

    #[test]
    fn no_name_is_given_twice_and_no_key_within_a_profile() {
        let mut names = HashSet::new();
        for spec in COMMANDS {
            for name in std::iter::once(&spec.name).chain(spec.aliases) {
                assert!(names.insert(*name), "{name} twice");
            }
        }
        for profile in Profile::ALL {
            let mut keys = HashSet::new();
            for spec in COMMANDS {
                for (pane, key) in spec.keys_in(profile) {
                    assert!(keys.insert((pane, key)), "{key} twice in {}", profile.name());
                }
            }
        }
    }

    #[test]
    fn every_row_is_documented_and_can_be_reached() {
        for spec in COMMANDS {
            assert!(!spec.doc.is_empty() && !spec.doc.ends_with('.'), "{}", spec.name);
            assert_eq!(spec.place == Place::Help, spec.hint.is_empty(), "{}", spec.name);
            let plain = matches!(spec.takes, Takes::Nothing(_));
            assert_eq!(plain, spec.syntax.is_empty(), "{}", spec.name);
            assert!(plain || !spec.counted, "{} has an argument already", spec.name);
        }
    }
}
