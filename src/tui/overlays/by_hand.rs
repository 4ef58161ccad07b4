//! What a key does to the plan: an edit at once, or a dialog.

use super::{
    deps::DepsView,
    kind::KindView,
    line::LineView,
    overlay::{MayOpen, Overlay},
    question::Question,
    whole::WholeView,
};
use crate::{
    commands::{CommandError, Hand},
    core::{change, hand, model::Model, plan_cursor, ruling},
};
use plan::{Edit, Item, ItemId, ItemKind, Plan};

/// The most items that a question names.
const NAMED: usize = 8;

/// Does what a person wants with the plan.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(model: &mut Model, hand: Hand) -> Result<MayOpen, CommandError> {
    match begin(model, hand) {
        Begun::Edit(edit) => Ok((None, hand::change(model, edit)?)),
        Begun::Opens(overlay) => Ok((Some(overlay), Vec::new())),
        Begun::Whole(whole) => {
            let effects = hand::open_editor(&model.session, whole.text().to_owned());
            Ok((Some(Box::new(whole)), effects))
        }
        Begun::Nothing(why) => Err(CommandError::NotNow(why)),
    }
}

/// Opens the line that the shown candidate changes.
///
/// # Errors
/// When no candidate waits for a decision, or it changes more than a line.
pub fn candidate(model: &Model) -> Result<LineView, CommandError> {
    let index = ruling::waiting(model)?;
    LineView::of_candidate(model.session.state(), index as usize).ok_or_else(|| {
        let why = "Only what a candidate makes an item say can be edited; veto it, or edit the plan.";
        CommandError::NotNow(why.to_owned())
    })
}

/// The result of a command on the plan.
enum Begun {
    Edit(Edit),
    Opens(Box<dyn Overlay>),
    Whole(WholeView),
    Nothing(String),
}

impl Begun {
    fn opens(overlay: impl Overlay + 'static) -> Self {
        Self::Opens(Box::new(overlay))
    }
}

fn begin(model: &Model, hand: Hand) -> Begun {
    let Some(plan) = model.session.plan() else {
        return Begun::Nothing("There is no plan yet.".to_owned());
    };
    let here = plan_cursor::item(model).and_then(|item| Some((item, plan.position(item.id)?)));
    match (hand, here) {
        (Hand::Whole, _) => Begun::Whole(WholeView::new(plan, model.now)),
        (Hand::Below | Hand::Above, None) => new_line(model, None, hand),
        (_, None) => Begun::Nothing("The plan has no items; o adds one.".to_owned()),
        (_, Some((item, position))) => with_item(model, plan, item, position, hand),
    }
}

fn with_item(model: &Model, plan: &Plan, item: &Item, position: usize, hand: Hand) -> Begun {
    let id = item.id;
    match hand {
        Hand::Edit => Begun::opens(LineView::of_item(item)),
        Hand::Below | Hand::Above => new_line(model, Some(item), hand),
        Hand::Remove => {
            let dependants = change::dependants(plan, id);
            if dependants.is_empty() {
                return Begun::Edit(Edit::Remove { id });
            }
            Begun::opens(removal(id, &dependants))
        }
        Hand::Shift(shift) => match change::shift(plan, position, shift) {
            Ok(edit) => Begun::Edit(edit),
            Err(why) => Begun::Nothing(format!("{why}.")),
        },
        Hand::Deps => Begun::opens(DepsView::new(plan, position)),
        Hand::Kind => Begun::opens(KindView { of: id }),
        Hand::Pin => Begun::Edit(Edit::Pin { id, on: !item.pinned }),
        Hand::Mute => Begun::Edit(Edit::Mute { id, on: !item.muted }),
        Hand::Whole => Begun::Whole(WholeView::new(plan, model.now)),
    }
}

fn new_line(model: &Model, alongside: Option<&Item>, hand: Hand) -> Begun {
    let kind = alongside.map_or(ItemKind::Step, |item| item.id.kind);
    let line = LineView::of_new(model, alongside.map(|item| item.id), hand == Hand::Below, kind);
    Begun::opens(line)
}

/// Whether an item may go though others build on it.
fn removal(id: ItemId, dependants: &[ItemId]) -> Question {
    let mut names: Vec<String> = dependants.iter().take(NAMED).map(ToString::to_string).collect();
    if dependants.len() > NAMED {
        names.push(format!("and {} more", dependants.len() - NAMED));
    }
    let build = if dependants.len() == 1 { "builds" } else { "build" };
    Question {
        title: format!("Remove {id}"),
        text: format!("{} {build} on {id} and will lose that. Remove it?", names.join(" ")),
        answers: ["remove", "keep"],
        yes: Box::new(move |model| hand::change(model, Edit::Remove { id })),
    }
}
