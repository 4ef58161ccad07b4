//! What lies over the panes: the trait, and the stack of what is open.

use std::time::Duration;

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    commands::{Action, Asked, CommandError, OverlayKey, OverlayKind, keymap::Keymap},
    core::{model::Model, msg::Effect},
    panes::{ctx::Ctx, plan::typed::TypedLine},
    widgets::{
        scroll::{Extent, Motion},
        text::width,
    },
};

/// Something that lies over the panes: a list, a dialog, a line that is typed.
///
/// Its keys are rows of the table of commands ([`OverlayKind::keys`]), so that it deals with actions, and with
/// keys only where text is typed.
pub trait Overlay: Send {
    /// Returns which one it is.
    fn kind(&self) -> OverlayKind;

    /// Returns whether what it passes on is dropped, so that nothing below it can be used.
    fn is_modal(&self) -> bool {
        false
    }

    /// Does what `action` means here.
    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome;

    /// Takes in a key that is no command here; `None` where it writes nothing.
    fn type_key(&mut self, _model: &mut Model, _key: KeyEvent) -> Option<Outcome> {
        None
    }

    /// Takes in pasted text where something is typed.
    fn paste(&mut self, _model: &mut Model, _text: &str) -> Outcome {
        Outcome::Pass
    }

    /// Chooses the row of its list that was clicked; a second click opens it.
    fn click(&mut self, _model: &mut Model, _row: usize) -> Outcome {
        Outcome::Pass
    }

    /// Looks at what is new, after each message.
    fn follow(&mut self, _model: &mut Model) -> Outcome {
        Outcome::Pass
    }

    /// Takes in why what it asked for last could not be done; returns whether it shows that itself.
    fn refuse(&mut self, _why: &CommandError) -> bool {
        false
    }

    /// Returns the word in the footer for one of its keys; `None` where the key means nothing now.
    fn hint(&self, _model: &Model, key: &OverlayKey) -> Option<&'static str> {
        Some(key.hint).filter(|hint| !hint.is_empty())
    }

    /// Draws it over the screen, which is `area`.
    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent;

    /// Returns the line that it writes in its place in the plan.
    fn typed_line(&self) -> Option<&TypedLine> {
        None
    }

    /// Returns the text that the focused pane is searched for while it is typed.
    fn searches(&self) -> Option<&str> {
        None
    }

    /// Returns when it wants to be drawn again though nothing comes in.
    fn wake(&self, _now: Duration) -> Option<Duration> {
        None
    }
}

/// The result of an action or a key.
pub enum Outcome {
    /// It means nothing here.
    Pass,
    /// The overlay stays, and this is to be done.
    Stay(Vec<Effect>),
    /// It closes.
    Close(Vec<Effect>),
    /// It closes, and so do all lists, so that the panes are seen.
    Panes,
    /// Another overlay opens above it.
    Open(Box<dyn Overlay>, Vec<Effect>),
    /// Another overlay takes its place.
    Replace(Box<dyn Overlay>, Vec<Effect>),
    /// It closes for a command, and comes back where that cannot be done.
    Ask(Asked),
    /// The screen becomes what it was at first, and then these commands are done.
    Restage(Vec<Asked>),
}

impl Outcome {
    /// The overlay stays, and nothing is to be done.
    pub fn stay() -> Self {
        Self::Stay(Vec::new())
    }

    /// It closes, and nothing is to be done.
    pub fn close() -> Self {
        Self::Close(Vec::new())
    }
}

/// An overlay that opens, and what is to be done for it.
pub type Opened = (Box<dyn Overlay>, Vec<Effect>);

/// What opens, if anything, and what is to be done for it.
pub type MayOpen = (Option<Box<dyn Overlay>>, Vec<Effect>);

/// Returns the way through rows or lines that `action` asks for, where `extent` was drawn last.
pub fn motion(action: &Action, extent: Extent) -> Option<Motion> {
    let half = (extent.page / 2).max(1) as isize;
    let motions = [
        (Action::Down, Motion::By(1)),
        (Action::Up, Motion::By(-1)),
        (Action::PageDown, Motion::By(half)),
        (Action::PageUp, Motion::By(-half)),
        (Action::Top, Motion::Start),
        (Action::Bottom, Motion::End),
    ];
    motions.into_iter().find(|(known, _)| known == action).map(|(_, motion)| motion)
}

/// Returns the step that `action` asks for to the left or the right.
pub fn sideways(action: &Action) -> Option<isize> {
    let steps = [(Action::Left, -1), (Action::Right, 1)];
    steps.into_iter().find(|(known, _)| known == action).map(|(_, step)| step)
}

/// A word in the line of hints, with the keys that it stands for and what they ask for.
pub struct Hint {
    /// What the keys do.
    pub word: &'static str,
    /// The keys as they are shown.
    pub keys: Vec<(String, Option<Action>)>,
}

impl Hint {
    /// Returns all keys as one text, and the word.
    pub fn words(&self) -> (String, &'static str) {
        let keys: Vec<&str> = self.keys.iter().map(|(key, _)| key.as_str()).collect();
        (keys.join(" "), self.word)
    }

    /// Returns how many columns it takes.
    pub fn width(&self) -> usize {
        self.keys.iter().map(|(key, _)| width(key) + 1).sum::<usize>() + width(self.word)
    }
}

/// Returns the hints for the keys of an overlay.
pub fn hints_of(overlay: &dyn Overlay, model: &Model) -> Vec<Hint> {
    hints_for(overlay.kind(), &model.setup.keymap, |row| overlay.hint(model, row))
}

/// Returns the hints for those keys of an overlay that have a `word` now.
pub fn hints_for(
    kind: OverlayKind,
    keymap: &Keymap,
    word: impl Fn(&OverlayKey) -> Option<&'static str>,
) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for (row, label) in keymap.labels_of(kind) {
        let Some(word) = word(row) else { continue };
        let key = (label.to_owned(), row.action.clone());
        match hints.last_mut().filter(|hint| hint.word == word) {
            Some(hint) => hint.keys.push(key),
            None => hints.push(Hint { word, keys: vec![key] }),
        }
    }
    hints
}

/// Where an overlay lies among others: what opens later lies above others of its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Lists and texts. Only the one on top is seen.
    List,
    /// The box of the tour.
    Tour,
    /// Dialogs, and what is typed.
    Dialog,
}

/// Returns the layer of an overlay.
const fn layer(kind: OverlayKind) -> Layer {
    match kind {
        OverlayKind::Help
        | OverlayKind::Messages
        | OverlayKind::Problem
        | OverlayKind::Ledger
        | OverlayKind::Sessions
        | OverlayKind::Compare
        | OverlayKind::Findings
        | OverlayKind::Graph
        | OverlayKind::Path
        | OverlayKind::Tree
        | OverlayKind::Probes
        | OverlayKind::Call
        | OverlayKind::Recovery
        | OverlayKind::Shadow
        | OverlayKind::Answers
        | OverlayKind::Why => Layer::List,
        OverlayKind::Tour => Layer::Tour,
        OverlayKind::Question
        | OverlayKind::Line
        | OverlayKind::Deps
        | OverlayKind::Kind
        | OverlayKind::Noise
        | OverlayKind::Whole
        | OverlayKind::Prompt
        | OverlayKind::Palette
        | OverlayKind::Letter
        // These have a screen of their own, before a session is open.
        | OverlayKind::PickProblem
        | OverlayKind::PickModel
        | OverlayKind::PickCell => Layer::Dialog,
    }
}

/// What is open over the panes, the lowest first.
#[derive(Default)]
pub struct Overlays {
    list: Vec<Box<dyn Overlay>>,
}

impl Overlays {
    /// Opens an overlay: above all others of its layer. One of its kind that is open closes.
    pub fn open(&mut self, overlay: Box<dyn Overlay>) {
        self.take(overlay.kind());
        let above = layer(overlay.kind());
        let at = self.list.partition_point(|other| layer(other.kind()) <= above);
        self.list.insert(at, overlay);
    }

    /// Takes the overlay of this kind out, where it is open.
    pub fn take(&mut self, kind: OverlayKind) -> Option<Box<dyn Overlay>> {
        let at = self.list.iter().position(|overlay| overlay.kind() == kind)?;
        Some(self.list.remove(at))
    }

    /// Takes the overlay on top out; the tour stays.
    pub fn take_top(&mut self) -> Option<Box<dyn Overlay>> {
        let at = self.list.iter().rposition(|overlay| overlay.kind() != OverlayKind::Tour)?;
        Some(self.list.remove(at))
    }

    /// Closes all lists.
    pub fn close_lists(&mut self) {
        self.list.retain(|overlay| layer(overlay.kind()) != Layer::List);
    }

    /// Closes everything.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Returns the overlay that keys go to first, apart from the tour.
    pub fn top(&self) -> Option<&dyn Overlay> {
        let shown = self.list.iter().rfind(|overlay| overlay.kind() != OverlayKind::Tour);
        shown.map(|overlay| &**overlay)
    }

    /// Returns which overlay is on top, apart from the tour.
    pub fn top_kind(&self) -> Option<OverlayKind> {
        self.top().map(Overlay::kind)
    }

    /// Returns whether an overlay of this kind is open.
    pub fn is_open(&self, kind: OverlayKind) -> bool {
        self.list.iter().any(|overlay| overlay.kind() == kind)
    }

    /// Returns all that are seen, the lowest first: of the lists only the one on top.
    pub fn shown(&self) -> &[Box<dyn Overlay>] {
        let lists = self.list.partition_point(|overlay| layer(overlay.kind()) == Layer::List);
        &self.list[lists.saturating_sub(1)..]
    }

    /// Returns all that keys can reach, the one on top first. Below a modal one is nothing.
    pub fn reach(&self) -> Vec<OverlayKind> {
        let mut kinds = Vec::new();
        for overlay in self.shown().iter().rev() {
            kinds.push(overlay.kind());
            if overlay.is_modal() {
                break;
            }
        }
        kinds
    }

    /// Returns all, the one on top first.
    pub fn kinds(&self) -> Vec<OverlayKind> {
        self.list.iter().rev().map(|overlay| overlay.kind()).collect()
    }

    /// Returns the overlay of this kind, where it is open.
    pub fn get_mut(&mut self, kind: OverlayKind) -> Option<&mut Box<dyn Overlay>> {
        self.list.iter_mut().find(|overlay| overlay.kind() == kind)
    }

    /// Returns when an overlay that is seen wants to be drawn again though nothing comes in.
    pub fn wake(&self, now: Duration) -> Option<Duration> {
        self.shown().iter().filter_map(|overlay| overlay.wake(now)).min()
    }
}
