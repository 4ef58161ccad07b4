//! Searching the lines of a pane.

use crate::{
    commands::{CommandError, Pane},
    core::{
        look::Look,
        model::Model,
        msg::Effect,
        notices::Level,
        plan_cursor,
        search::{Direction, Search},
    },
};

/// Begins a search in the focused pane.
pub fn begin(look: &mut Look, text: String) -> Vec<Effect> {
    look.search = Some(Search { text, pane: look.focus, at: None });
    vec![Effect::Search(Direction::Here)]
}

/// Continues a search; in another pane it begins there.
///
/// # Errors
/// When nothing was searched for yet.
pub fn go_on(look: &mut Look, direction: Direction) -> Result<Vec<Effect>, CommandError> {
    let focus = look.focus;
    let nothing = || CommandError::NotNow("Nothing was searched for yet; / begins a search.".to_owned());
    let search = look.search.as_mut().ok_or_else(nothing)?;
    if search.pane != focus {
        search.pane = focus;
        search.at = None;
    }
    Ok(vec![Effect::Search(direction)])
}

/// Scrolls the pane that is searched to where the text is.
pub fn found(model: &mut Model, direction: Direction, lines: &[String]) -> Vec<Effect> {
    let Some(search) = &mut model.look.search else { return Vec::new() };
    let pane = search.pane as usize;
    let extent = model.extents.panes[pane];
    let title = search.pane.title().to_lowercase();
    match search.find(lines, extent.offset, direction) {
        Some(hit) => {
            search.at = Some(hit.line);
            let scroll = hit.line.saturating_sub(extent.page / 4).min(extent.max);
            model.look.scroll[pane] = Some(scroll);
            let in_plan = search.pane == Pane::Plan;
            let text = format!("\"{}\" in the {title}: {} of {}.", search.text, hit.number, hit.count);
            if in_plan {
                plan_cursor::choose_row(model, hit.line);
            }
            model.notices.say(Level::Info, text, model.now);
        }
        None => {
            let text = format!("Nothing in the {title} has \"{}\".", search.text);
            model.fail(&text);
        }
    }
    Vec::new()
}
