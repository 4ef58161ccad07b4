//! What can lie over the panes, and which keys hold there.

use super::action::{Action as A, InOverlay as I};

/// What can lie over the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table of keys names each")]
pub enum OverlayKind {
    Help,
    Messages,
    Problem,
    Ledger,
    Sessions,
    Compare,
    Findings,
    Graph,
    Path,
    Tree,
    Probes,
    Call,
    Recovery,
    Shadow,
    Answers,
    Why,
    Question,
    Line,
    Deps,
    Kind,
    Noise,
    Whole,
    Prompt,
    Palette,
    Letter,
    Tour,
    PickProblem,
    PickModel,
    PickCell,
}

/// A key that holds while an overlay is open.
#[derive(Debug)]
pub struct OverlayKey {
    /// What it asks for; none for text that is typed there.
    pub action: Option<A>,
    /// Its keys, which win over other commands' keys; where there are none, those of the command hold. For text that
    /// is typed, what the hint says in place of a key.
    pub keys: &'static [&'static str],
    /// Its word in the footer; empty for none.
    pub hint: &'static str,
}

/// Returns a key of an overlay.
const fn on(action: A, keys: &'static [&'static str], hint: &'static str) -> OverlayKey {
    OverlayKey { action: Some(action), keys, hint }
}

/// Returns the hint for text that is typed.
const fn typed(keys: &'static [&'static str], hint: &'static str) -> OverlayKey {
    OverlayKey { action: None, keys, hint }
}

/// The way to the ends of a list.
const TOP: OverlayKey = on(A::Top, &["home", "g"], "");
const BOTTOM: OverlayKey = on(A::Bottom, &["end", "G"], "");
/// Going over the rows of a list.
const UP: OverlayKey = on(A::Up, &["up"], "choose");
const DOWN: OverlayKey = on(A::Down, &["down"], "choose");
/// The same where letters are typed.
const TYPED_UP: OverlayKey = on(A::Up, &["up", "ctrl-p"], "choose");
const TYPED_DOWN: OverlayKey = on(A::Down, &["down", "ctrl-n"], "choose");
/// Going over rows that are marked or opened.
const MOVE_UP: OverlayKey = on(A::Up, &[], "move");
const MOVE_DOWN: OverlayKey = on(A::Down, &[], "move");
/// The same in the lists before a session is open.
const PICK_UP: OverlayKey = on(A::Up, &["up", "ctrl-p", "shift-tab"], "move");
const PICK_DOWN: OverlayKey = on(A::Down, &["down", "ctrl-n", "tab"], "move");
const PAGE_UP: OverlayKey = on(A::PageUp, &["pageup"], "");
const PAGE_DOWN: OverlayKey = on(A::PageDown, &["pagedown"], "");
/// Going over lines of a text.
const SCROLL_UP: OverlayKey = on(A::Up, &[], "scroll");
const SCROLL_DOWN: OverlayKey = on(A::Down, &[], "scroll");
const CLOSE: OverlayKey = on(A::Back, &[], "close");
/// The keys of a text that is only read.
const TEXT_KEYS: &[OverlayKey] = &[CLOSE, SCROLL_DOWN, SCROLL_UP, on(A::Quit, &[], "quit"), TOP, BOTTOM];

/// What is known of an overlay without opening it.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct OverlaySpec {
    pub kind: OverlayKind,
    /// How documents and messages call it.
    pub title: &'static str,
    /// Its keys, in the order of the footer.
    pub keys: &'static [OverlayKey],
}

/// All overlays, in the order of [`OverlayKind`].
const OVERLAYS: &[OverlaySpec] = &[
    OverlaySpec {
        kind: OverlayKind::Help,
        title: "the help",
        keys: &[
            CLOSE,
            typed(&["type"], "search"),
            on(A::Up, &["up"], "scroll"),
            on(A::Down, &["down"], "scroll"),
        ],
    },
    OverlaySpec { kind: OverlayKind::Messages, title: "the messages", keys: TEXT_KEYS },
    OverlaySpec { kind: OverlayKind::Problem, title: "the problem", keys: TEXT_KEYS },
    OverlaySpec {
        kind: OverlayKind::Ledger,
        title: "the ledger",
        keys: &[on(A::Open, &[], "go there"), TYPED_UP, TYPED_DOWN, typed(&["type"], "filter"), CLOSE],
    },
    OverlaySpec {
        kind: OverlayKind::Sessions,
        title: "the list of sessions",
        keys: &[
            on(A::Open, &[], "open"),
            on(A::InOverlay(I::CompareRow), &["ctrl-o"], "compare"),
            TYPED_UP,
            TYPED_DOWN,
            typed(&["type"], "filter"),
            CLOSE,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Compare,
        title: "two sessions",
        keys: &[
            on(A::Down, &[], "iteration"),
            on(A::Up, &[], "iteration"),
            on(A::Open, &[], "go there at the left"),
            CLOSE,
            on(A::PageUp, &["pageup"], "scroll"),
            on(A::PageDown, &["pagedown"], "scroll"),
            on(A::DiffLayout, &[], "layout"),
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Findings,
        title: "the findings",
        keys: &[
            on(A::Open, &[], "ask, or go there"),
            on(A::InOverlay(I::AskAgain), &["r"], "ask again"),
            on(A::InOverlay(I::GiveUp), &["x"], "cancel"),
            UP,
            DOWN,
            CLOSE,
            on(A::PageDown, &["pagedown"], "more"),
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Graph,
        title: "the graph",
        keys: &[
            on(A::Up, &[], "choose"),
            on(A::Down, &[], "choose"),
            on(A::Left, &["left", "h"], "choose"),
            on(A::Right, &["right", "l"], "choose"),
            on(A::PreviousCandidate, &[], "proposal"),
            on(A::NextCandidate, &[], "proposal"),
            on(A::Open, &[], "show in the plan"),
            CLOSE,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Path,
        title: "the path of the latents",
        keys: &[UP, DOWN, on(A::Open, &[], "go there"), CLOSE, TOP, BOTTOM],
    },
    OverlaySpec {
        kind: OverlayKind::Tree,
        title: "the tree of plans",
        keys: &[
            on(A::Up, &[], "choose"),
            on(A::Down, &[], "choose"),
            on(A::Open, &[], "go there"),
            CLOSE,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Probes,
        title: "the list of probes",
        keys: &[
            on(A::InOverlay(I::AddProbe), &["a"], "add"),
            on(A::Open, &[], "condition"),
            on(A::InOverlay(I::Toggle), &["space"], "turn on or off"),
            on(A::InOverlay(I::LetPass), &["i"], "ignore"),
            on(A::InOverlay(I::DeleteProbe), &["d"], "delete"),
            CLOSE,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Call,
        title: "a call",
        keys: &[
            on(A::PreviousCandidate, &[], "call"),
            on(A::NextCandidate, &[], "call"),
            on(A::Left, &["left", "h"], "sequence"),
            on(A::Right, &["right", "l"], "sequence"),
            SCROLL_DOWN,
            SCROLL_UP,
            on(A::Open, &[], "thoughts"),
            CLOSE,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Recovery,
        title: "the recovery",
        keys: &[UP, DOWN, on(A::Open, &[], "go to the noise"), CLOSE, on(A::Quit, &[], "quit"), TOP, BOTTOM],
    },
    OverlaySpec {
        kind: OverlayKind::Shadow,
        title: "the shadow baseline",
        keys: &[
            UP,
            DOWN,
            on(A::Open, &[], "go to the iteration"),
            CLOSE,
            on(A::ShadowLane, &[], "start it"),
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Answers,
        title: "the answers",
        keys: &[
            on(A::Left, &["left", "h"], "choose"),
            on(A::Right, &["right", "l"], "choose"),
            on(A::Open, &[], "go to its moment"),
            SCROLL_DOWN,
            SCROLL_UP,
            CLOSE,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Why,
        title: "the history of an item",
        keys: &[
            on(A::Open, &[], "go to that moment"),
            MOVE_DOWN,
            MOVE_UP,
            on(A::Back, &["esc", "q", "w"], "close"),
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Question,
        title: "a question",
        keys: &[
            on(A::InOverlay(I::Yes), &["y", "Y"], "yes"),
            on(A::InOverlay(I::No), &["n", "N", "esc", "q"], "no"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Line,
        title: "a line that is typed",
        keys: &[
            on(A::Open, &["enter"], "apply"),
            on(A::Back, &["esc"], "cancel"),
            on(A::InOverlay(I::NextChoice), &["tab"], "next kind"),
            on(A::InOverlay(I::PreviousChoice), &["shift-tab"], ""),
            on(A::Undo, &["ctrl-u"], "undo"),
            on(A::Redo, &["ctrl-r"], "redo"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Deps,
        title: "the dependencies of an item",
        keys: &[
            on(A::InOverlay(I::Toggle), &["space", "x"], "mark"),
            on(A::Open, &[], "apply"),
            on(A::Back, &["esc", "q"], "cancel"),
            MOVE_DOWN,
            MOVE_UP,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Kind,
        title: "the kinds of an item",
        keys: &[typed(&["C G I P T S"], "set the kind"), on(A::Back, &["esc", "q"], "cancel")],
    },
    OverlaySpec {
        kind: OverlayKind::Noise,
        title: "noise",
        keys: &[
            on(A::Open, &[], "inject"),
            on(A::Left, &["h", "left"], "change"),
            on(A::Right, &["l", "right"], "change"),
            on(A::Down, &[], "setting"),
            on(A::Up, &[], "setting"),
            on(A::InOverlay(I::NextChoice), &["tab"], ""),
            on(A::InOverlay(I::PreviousChoice), &["shift-tab"], ""),
            on(A::Back, &["esc", "q"], "cancel"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Whole,
        title: "the whole plan in your editor",
        keys: &[
            on(A::InOverlay(I::TakeSaved), &["r"], "use the saved text"),
            on(A::Open, &["enter", "e"], "reopen"),
            on(A::Back, &["d", "esc"], "discard"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Prompt,
        title: "the prompt",
        keys: &[
            on(A::Open, &["enter"], "run"),
            on(A::InOverlay(I::NextChoice), &["tab"], "complete"),
            on(A::InOverlay(I::PreviousChoice), &["shift-tab"], ""),
            on(A::Up, &["up", "ctrl-p"], "history"),
            on(A::Down, &["down", "ctrl-n"], "history"),
            on(A::Back, &["esc", "ctrl-c"], "cancel"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Palette,
        title: "the palette",
        keys: &[
            on(A::Open, &["enter"], "run"),
            on(A::Up, &["up", "ctrl-p", "shift-tab"], "choose"),
            on(A::Down, &["down", "ctrl-n", "tab"], "choose"),
            typed(&["type"], "filter"),
            on(A::Back, &["esc", "ctrl-c"], "cancel"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::Letter,
        title: "waiting for a letter",
        keys: &[typed(&["a letter or digit"], ""), on(A::Back, &["esc"], "cancel")],
    },
    OverlaySpec {
        kind: OverlayKind::Tour,
        title: "the tour",
        keys: &[
            on(A::Right, &["enter"], "next"),
            on(A::Right, &["right"], "next"),
            on(A::Left, &["left"], "back"),
            on(A::Back, &["esc"], "leave the tour"),
        ],
    },
    OverlaySpec {
        kind: OverlayKind::PickProblem,
        title: "the list of problems",
        keys: &[
            on(A::Open, &["enter"], "open"),
            PICK_UP,
            PICK_DOWN,
            on(A::InOverlay(I::ChooseModel), &["ctrl-o"], "model"),
            on(A::Back, &["esc"], "clear or leave"),
            PAGE_UP,
            PAGE_DOWN,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::PickModel,
        title: "the list of models",
        keys: &[
            on(A::Open, &["enter"], "fetch and use"),
            PICK_UP,
            PICK_DOWN,
            on(A::Back, &["esc"], "back"),
            PAGE_UP,
            PAGE_DOWN,
            TOP,
            BOTTOM,
        ],
    },
    OverlaySpec {
        kind: OverlayKind::PickCell,
        title: "the list of cells",
        keys: &[
            on(A::Open, &["enter"], "open"),
            on(A::InOverlay(I::Toggle), &["tab"], "only where arms differ"),
            on(A::Up, &["up", "ctrl-p"], "move"),
            on(A::Down, &["down", "ctrl-n"], "move"),
            typed(&["type"], "filter"),
            on(A::Back, &["esc"], "leave"),
            PAGE_UP,
            PAGE_DOWN,
            on(A::Top, &["home"], ""),
            on(A::Bottom, &["end"], ""),
        ],
    },
];

impl OverlayKind {
    /// Returns all of them, in the order of `docs/commands.md`.
    pub fn all() -> impl Iterator<Item = Self> {
        OVERLAYS.iter().map(|spec| spec.kind)
    }

    /// Returns its row of the table.
    pub const fn spec(self) -> &'static OverlaySpec {
        &OVERLAYS[self as usize]
    }

    /// Returns its keys, in the order of the footer.
    pub const fn keys(self) -> &'static [OverlayKey] {
        self.spec().keys
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::commands::{all, keymap::Key};

    #[test]
    fn the_keys_of_an_overlay_are_those_of_commands_and_no_key_means_two_things() {
        for kind in OverlayKind::all() {
            let mut seen = HashSet::new();
            for row in kind.keys() {
                let Some(action) = &row.action else { continue };
                let spec = all().find(|spec| spec.action() == Some(action));
                let spec = spec.unwrap_or_else(|| panic!("{kind:?}: {action:?} is no command"));
                assert!(!row.keys.is_empty() || !spec.keys.is_empty(), "{kind:?}: no key for {}", spec.name);
                for key in row.keys {
                    key.parse::<Key>().unwrap();
                    assert!(seen.insert(*key), "{kind:?}: {key} twice");
                }
            }
        }
    }

    #[test]
    fn each_is_at_its_place_in_the_table() {
        for (at, kind) in OverlayKind::all().enumerate() {
            assert_eq!(kind as usize, at, "{kind:?}");
        }
    }

    #[test]
    fn what_means_something_only_in_overlays_has_a_key_in_one() {
        for spec in all() {
            let Some(action @ A::InOverlay(_)) = spec.action() else { continue };
            let mut rows = OverlayKind::all().flat_map(OverlayKind::keys);
            assert!(rows.any(|row| row.action.as_ref() == Some(action)), "{}", spec.name);
        }
    }
}
