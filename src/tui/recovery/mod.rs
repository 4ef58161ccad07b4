//! How refinement recovers from injected noise: a curve for each injection, and their mean.

mod draw;
mod numbers;

use super::{commands::Action, look::Popup, model::Model, msg::Effect, update::go_to};
pub use draw::draw;

/// Opens the recovery at the mean over all injections, or closes it.
pub fn open(model: &mut Model) {
    let closes = model.look.popup == Some(Popup::Recovery);
    model.look.popup = (!closes).then_some(Popup::Recovery);
    model.look.popup_scroll = 0;
    model.look.row = 0;
}

/// Does what `action` means while the recovery is open; none when it means nothing special there.
pub fn act(model: &mut Model, action: &Action) -> Option<Vec<Effect>> {
    let last = model.state().injections.len();
    let row = model.look.row.min(last);
    if *action == Action::Down {
        model.look.row = (row + 1).min(last);
    } else if *action == Action::Up {
        model.look.row = row.saturating_sub(1);
    } else if *action == Action::Top {
        model.look.row = 0;
    } else if *action == Action::Bottom {
        model.look.row = last;
    } else if matches!(action, Action::Open | Action::Fold) {
        // Enter folds while the plan has the focus.
        go(model, row);
    } else {
        return None;
    }
    Some(Vec::new())
}

/// Goes to the moment after the injection in this row; the first row is their mean and has none.
fn go(model: &mut Model, row: usize) {
    let chosen = row.checked_sub(1).and_then(|at| model.state().injections.get(at));
    if let Some(seq) = chosen.map(|injection| injection.seq) {
        model.look.popup = None;
        go_to(model, seq);
    }
}

/// Returns the keys that matter while the recovery is open.
pub fn hints() -> Vec<(String, &'static str)> {
    vec![
        ("↑ ↓".to_owned(), "choose"),
        ("enter".to_owned(), "go to the noise"),
        ("esc".to_owned(), "close"),
        ("q".to_owned(), "quit"),
    ]
}
