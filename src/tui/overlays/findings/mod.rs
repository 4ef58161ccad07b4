//! The list of what is wrong with the session.

mod draw;
mod readings;

use ratatui::{buffer::Buffer, layout::Rect};

use super::overlay::{Opened, Outcome, Overlay, motion};
use crate::{
    commands::{Action, CommandError, InOverlay, OverlayKind},
    core::{
        examine,
        findings::{Findings, Row},
        model::Model,
        msg::Effect,
        notices::Level,
    },
    panes::ctx::Ctx,
    widgets::scroll::{Extent, Motion, Scroll},
};
use diagnose::experiment;
use session::Finding;

/// The list. Which check is under its cursor stays known while it is closed ([`Findings::selected`]).
///
/// [`Findings::selected`]: crate::core::findings::Findings::selected
#[derive(Debug, Default)]
pub struct FindingsView {
    /// Of the detail below the list.
    scroll: Scroll,
}

/// Returns the list; the record is looked through for it.
pub fn open(model: &mut Model) -> Opened {
    let effects = examine::look(model);
    (Box::new(FindingsView::default()), effects)
}

/// Asks the model for an experiment, and shows how it comes.
///
/// # Errors
/// When there is no such experiment, or it is running.
pub fn ask(model: &mut Model, check: &str) -> Result<Opened, CommandError> {
    let effects = examine::ask(model, check)?;
    Ok((Box::new(FindingsView::default()), effects))
}

/// What the row under the cursor is for, as far as keys care.
enum Chosen {
    Event(u64),
    Experiment(String),
    Nothing,
}

fn chosen(findings: &Findings) -> Chosen {
    let rows = findings.rows();
    match rows.get(findings.place(&rows)) {
        Some(Row::Found(Finding { at: Some(at), .. }, _)) => Chosen::Event(*at),
        Some(row) if experiment::find(row.check()).is_some() => Chosen::Experiment(row.check().to_owned()),
        Some(_) | None => Chosen::Nothing,
    }
}

/// Goes to the event that shows what was found; asks where nothing was found yet.
fn enter(model: &mut Model) -> Outcome {
    match chosen(&model.background.findings) {
        Chosen::Event(seq) => {
            model.go_to(seq);
            Outcome::Panes
        }
        Chosen::Experiment(check) if model.background.findings.of(&check).is_none() => try_ask(model, &check),
        Chosen::Experiment(check) => {
            if let Some(moment) = model.background.findings.moment_of(&check) {
                model.session.replay.seek(moment);
            }
            Outcome::Panes
        }
        Chosen::Nothing => {
            let text = "This finding is about the whole record, not one event.";
            model.notices.say(Level::Info, text, model.now);
            Outcome::stay()
        }
    }
}

fn again(model: &mut Model) -> Outcome {
    let findings = &model.background.findings;
    let rows = findings.rows();
    let check = rows.get(findings.place(&rows)).map(|row| row.check().to_owned()).unwrap_or_default();
    if experiment::find(&check).is_some() {
        return try_ask(model, &check);
    }
    let text = format!("{check} is read off the record; it follows the moment that is shown by itself.");
    model.notices.say(Level::Info, text, model.now);
    Outcome::stay()
}

fn try_ask(model: &mut Model, check: &str) -> Outcome {
    Outcome::Stay(examine::ask(model, check).unwrap_or_else(|error| {
        model.warn(error.to_string());
        Vec::new()
    }))
}

fn give_up(findings: &Findings) -> Outcome {
    let rows = findings.rows();
    Outcome::Stay(match rows.get(findings.place(&rows)) {
        Some(Row::Asked(asked)) if asked.standing.is_underway() => vec![Effect::GiveUp(asked.check)],
        Some(_) | None => Vec::new(),
    })
}

impl FindingsView {
    fn go(&mut self, findings: &mut Findings, motion: Motion) {
        let rows = findings.rows();
        let last = rows.len().saturating_sub(1);
        let place = match motion {
            Motion::By(step) => findings.place(&rows).saturating_add_signed(step).min(last),
            Motion::Start => 0,
            Motion::End => last,
        };
        let chosen = rows.get(place).map(|row| row.check().to_owned());
        findings.selected = chosen;
        self.scroll = Scroll::default();
    }
}

impl Overlay for FindingsView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Findings
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if matches!(action, Action::PageDown | Action::PageUp)
            && let Some(motion) = motion(action, model.extents.overlay)
        {
            // Rows go one by one, and the detail below them by pages.
            self.scroll.go(motion, model.extents.overlay);
        } else if let Some(motion) = motion(action, model.extents.overlay) {
            self.go(&mut model.background.findings, motion);
        } else if *action == Action::Open {
            return enter(model);
        } else if *action == Action::InOverlay(InOverlay::AskAgain) {
            return again(model);
        } else if *action == Action::InOverlay(InOverlay::GiveUp) {
            return give_up(&model.background.findings);
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        // Who moves while the list is open sees what was wrong by then.
        Outcome::Stay(examine::look(model))
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self.scroll, area, buf)
    }
}
