//! What lies over the panes, one file each, and which command opens which.

mod answers;
mod by_hand;
mod calls;
mod compare;
pub mod complete;
mod complete_probe;
mod deps;
mod findings;
mod fork;
mod graph;
mod help;
mod kind;
mod ledger;
mod letter;
mod line;
mod noise;
pub mod overlay;
mod palette;
mod path;
mod probes;
mod prompt;
pub mod question;
mod recovery;
pub mod screen;
mod sessions;
mod shadow;
mod submit;
mod text;
pub mod tour;
mod tree;
mod whole;
mod why;

use self::{
    graph::GraphView,
    help::HelpView,
    ledger::LedgerView,
    noise::NoiseView,
    overlay::{MayOpen, Opened, Overlay},
    palette::Palette,
    path::PathView,
    probes::ProbesView,
    prompt::Prompt,
    recovery::RecoveryView,
    sessions::Wanted,
    shadow::ShadowView,
    text::TextView,
    why::WhyView,
};
use crate::{
    commands::{CommandError, CommandSpec, Hand, OverlayKind, Show},
    core::{model::Model, msg::Effect},
    overlays::screen::Screen,
};

/// Opens something over the panes. What a key opened closes by the same key, as long as it is on top.
///
/// # Errors
/// When it cannot be opened now, in a sentence.
pub fn show(screen: &mut Screen, show: &Show) -> Result<Vec<Effect>, CommandError> {
    let over = screen.overlays.top_kind();
    if let Some(kind) = toggles(show).filter(|kind| over == Some(*kind)) {
        screen.overlays.take(kind);
        return Ok(Vec::new());
    }
    let opened = opened(&mut screen.model, show, over)?;
    Ok(lay(screen, opened))
}

/// Puts what opens over the panes, and returns what is to be done for it.
fn lay(screen: &mut Screen, (overlay, effects): MayOpen) -> Vec<Effect> {
    overlay.into_iter().for_each(|overlay| screen.overlays.open(overlay));
    effects
}

/// Returns what is closed by asking for it once more.
const fn toggles(show: &Show) -> Option<OverlayKind> {
    Some(match show {
        Show::Help => OverlayKind::Help,
        Show::Messages => OverlayKind::Messages,
        Show::Problem => OverlayKind::Problem,
        Show::Ledger => OverlayKind::Ledger,
        Show::Call(None) => OverlayKind::Call,
        Show::Sessions => OverlayKind::Sessions,
        Show::Recovery => OverlayKind::Recovery,
        Show::Answers => OverlayKind::Answers,
        Show::Shadow => OverlayKind::Shadow,
        Show::Findings => OverlayKind::Findings,
        Show::Tree => OverlayKind::Tree,
        Show::Graph => OverlayKind::Graph,
        Show::Path => OverlayKind::Path,
        Show::Probes => OverlayKind::Probes,
        Show::Call(Some(_))
        | Show::SwitchBack
        | Show::Compare(_)
        | Show::AnswerHere
        | Show::Examine(_)
        | Show::Why(_)
        | Show::Fork
        | Show::Inject
        | Show::Prompt
        | Show::Search
        | Show::Palette
        | Show::EditCandidate => return None,
    })
}

/// An overlay for which nothing is to be done.
fn plain(overlay: impl Overlay + 'static) -> Result<MayOpen, CommandError> {
    Ok((Some(Box::new(overlay)), Vec::new()))
}

/// An overlay with what is to be done for it.
fn with((overlay, effects): Opened) -> MayOpen {
    (Some(overlay), effects)
}

fn opened(model: &mut Model, show: &Show, over: Option<OverlayKind>) -> Result<MayOpen, CommandError> {
    match show {
        Show::Help => plain(HelpView::new(over)),
        Show::Messages => plain(TextView::messages()),
        Show::Problem => plain(TextView::problem()),
        Show::Ledger => plain(LedgerView::new(&model.session)),
        Show::Call(call) => calls::open(model, *call).map(with),
        Show::Sessions => sessions::open(&model.background.sessions).map(with),
        Show::SwitchBack => Ok(match sessions::switch_back(model)? {
            Wanted::Now(effects) => (None, effects),
            Wanted::After(question) => (Some(question), Vec::new()),
        }),
        Show::Compare(named) => sessions::compare_with(&model.background.sessions, named).map(with),
        Show::Recovery => plain(RecoveryView::default()),
        Show::AnswerHere => answers::ask(model).map(with),
        Show::Answers => answers::open(model).map(with),
        Show::Shadow => plain(ShadowView::new(model.session.state())),
        Show::Findings => Ok(with(findings::open(model))),
        Show::Examine(check) => findings::ask(model, check).map(with),
        Show::Graph => plain(GraphView::new(model)),
        Show::Path => plain(PathView::new(model.session.state())),
        Show::Tree => Ok(with(tree::open(model))),
        Show::Probes => plain(ProbesView::default()),
        Show::Why(item) => plain(WhyView::new(model, *item)?),
        Show::Fork => plain(fork::question(model)?),
        Show::Inject => plain(NoiseView::new(model)?),
        Show::Prompt => plain(Prompt::command("", model)),
        Show::Search => plain(Prompt::search(model)),
        Show::Palette => plain(Palette::default()),
        Show::EditCandidate => plain(by_hand::candidate(model)?),
    }
}

/// Changes the plan by hand: at once, or by a dialog.
///
/// # Errors
/// When it cannot be changed now, in a sentence.
pub fn hand(screen: &mut Screen, hand: Hand) -> Result<Vec<Effect>, CommandError> {
    let opened = by_hand::act(&mut screen.model, hand)?;
    Ok(lay(screen, opened))
}

/// Asks for what a command needs: on the prompt, or by the next key.
pub fn ask_for(screen: &mut Screen, spec: &'static CommandSpec) -> Vec<Effect> {
    let (overlay, effects) = palette::ask_for(&mut screen.model, spec);
    screen.overlays.open(overlay);
    effects
}
