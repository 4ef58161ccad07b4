//! What a person can ask for.

use std::path::PathBuf;

use plan::{ItemId, NoiseKind};
use probe::{Definition, Direction, ProbeCommand};
use session::{CallId, GateSettings};

/// What a person can ask for. Plain data, so that it can be queued, compared and tested.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum Action {
    Show(Show),
    Drive(Drive),
    Travel(Travel),
    Noise(Noise),
    Chaos(Option<Chaos>),
    Gate(GateSettings),
    Rescore(u32),
    Adopt(u32),
    Probe(ProbeCommand),
    Find(Definition, Direction),
    FocusNext,
    FocusPrevious,
    Focus(u8),
    Down,
    Up,
    Left,
    Right,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Fold,
    Hand(Hand),
    Undo,
    Redo,
    Rule(Rule),
    NextCandidate,
    PreviousCandidate,
    Zoom,
    Resize(Edge),
    ResetSizes,
    Open,
    ChartCloser,
    ChartWider,
    DiffLayout,
    ShadowLane,
    Item(ItemId),
    SearchFor(String),
    NextHit,
    PreviousHit,
    Copy,
    Mark(char),
    Theme(String),
    Set(String, String),
    Source(PathBuf),
    Screenshot(PathBuf),
    Back,
    Interrupt,
    Suspend,
    Quit,
    InOverlay(InOverlay),
}

/// What opens something over the panes, or closes it again.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum Show {
    Help,
    Messages,
    Problem,
    Ledger,
    Call(Option<CallId>),
    Sessions,
    SwitchBack,
    Compare(String),
    Recovery,
    AnswerHere,
    Answers,
    Shadow,
    Findings,
    Examine(String),
    Graph,
    Path,
    Tree,
    Probes,
    Why(Option<ItemId>),
    Fork,
    Inject,
    Prompt,
    Search,
    Palette,
    EditCandidate,
}

/// What means something only in a list or a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum InOverlay {
    Yes,
    No,
    Toggle,
    AddProbe,
    LetPass,
    DeleteProbe,
    AskAgain,
    GiveUp,
    CompareRow,
    NextChoice,
    PreviousChoice,
    TakeSaved,
    ChooseModel,
}

/// Letting the run continue; in the past, the same steps through the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum Drive {
    PauseOrResume,
    StepPhase,
    NextIteration,
    Until(u32),
    Finish,
    Continue,
    AnswerNow,
}

/// Changing the plan by hand, at the item under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each does")]
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

/// One place a person can move an item to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Before the item that it follows at its level.
    Up,
    /// Behind the next item at its level.
    Down,
    /// A level deeper, below the item that it follows.
    In,
    /// A level up, behind the item that it stood below.
    Out,
}

/// Ruling on candidates before the gate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum Rule {
    Intercept,
    Accept,
    Veto,
}

/// Moving through the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each does")]
pub enum Travel {
    NextPhase,
    PreviousPhase,
    NextIteration,
    PreviousIteration,
    NextEvent,
    PreviousEvent,
    Event(u32),
    Iteration(u32),
    RefinementStart,
    RefinementEnd,
    Start,
    End,
    Back,
    Forward,
    Mark(char),
    Play,
    PlayBack,
}

/// Noise for the incumbent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// What it does to an item.
    pub kind: NoiseKind,
    /// The expected share of items that are hit.
    pub strength: f64,
    /// Decides which ones; absent for one that the moment gives.
    pub seed: Option<u64>,
}

/// Noise on a schedule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chaos {
    /// What is injected each time.
    pub noise: Noise,
    /// It comes after every so many iterations.
    pub every: u32,
    /// It comes at most so often.
    pub times: u32,
}

/// An action, and how often it is to be done.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Asked {
    pub action: Action,
    /// How often; 1 unless a count was given.
    pub count: u32,
}

impl Asked {
    /// Returns `action`, asked for once.
    pub const fn once(action: Action) -> Self {
        Self { action, count: 1 }
    }
}

/// A side of a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// The upper one.
    Top,
    /// The lower one.
    Bottom,
}
