//! The whole plan in the person's own editor.

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::overlays::{
    overlay::{Outcome, Overlay},
    submit::submit,
};
use crate::{
    commands::{Action, InOverlay, OverlayKey, OverlayKind},
    core::{hand::open_editor, model::Model, msg::Effect, notices::Level},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        text::sanitise,
        wrap::{wrap, wrap_text},
    },
};
use plan::{ParseErrors, Plan, PlanHash, Style, edits_between, parse, print};

/// What is wrong with the text that came back.
#[derive(Debug, Clone)]
enum Trouble {
    /// It is no plan.
    Text(ParseErrors),
    /// The editor returned at once and left it as it was: it may still be open.
    AtOnce,
    /// Something else, as a sentence.
    Other(String),
}

/// Taking what the editor has saved by now.
const TAKE_SAVED: Action = Action::InOverlay(InOverlay::TakeSaved);
/// Who leaves an editor sooner than this has hardly read the text.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What may have happened, and what can be done.
const LATE: &str = "Your editor returned at once and the text is unchanged. If its window is still open, save there and \
                    then press r to take what it saved. To have it wait until you close the window, give it that \
                    option, as in VISUAL=\"code --wait\".";

/// A plan that is edited elsewhere, and afterwards what is wrong with it.
#[derive(Debug)]
pub struct WholeView {
    /// The plan that the text was made of.
    base: PlanHash,
    text: String,
    /// When the editor was opened.
    opened: Duration,
    trouble: Option<Trouble>,
}

impl WholeView {
    /// Returns a dialog about `plan`, for which the editor opens now.
    pub fn new(plan: &Plan, now: Duration) -> Self {
        Self { base: plan.hash(), text: printed(plan), opened: now, trouble: None }
    }

    /// Returns the text to be edited.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the text back; it closes when nothing was changed. A text with errors is kept, to be opened again.
    fn back(&mut self, model: &mut Model, outcome: Result<String, String>) -> Outcome {
        self.text = match outcome {
            Ok(text) => text,
            Err(why) => {
                self.trouble = Some(Trouble::Other(why));
                return Outcome::stay();
            }
        };
        let Some(plan) = model.session.plan() else { return unchanged(model) };
        let moved_on = plan.hash() != self.base;
        match parse(&self.text) {
            Err(errors) => self.trouble = Some(Trouble::Text(errors)),
            Ok(new) if new.hash() == self.base => {
                if !self.may_be_open() && model.now.saturating_sub(self.opened) >= AT_ONCE {
                    return unchanged(model);
                }
                self.trouble = Some(Trouble::AtOnce);
            }
            Ok(_) if moved_on => {
                // The next time round it is an edit of the plan as it stands by now, knowingly.
                self.base = plan.hash();
                let why = "The plan changed while your editor was open. Saving the text once more puts it in \
                           the place of the plan as it is now.";
                self.trouble = Some(Trouble::Other(why.to_owned()));
            }
            Ok(new) if new.hash() == plan.hash() => return unchanged(model),
            Ok(new) => {
                let edit = edits_between(plan, &new);
                return submit(model, edit);
            }
        }
        Outcome::stay()
    }

    fn marked(&self, ctx: &Ctx<'_>, errors: &ParseErrors, columns: usize) -> Vec<Line<'static>> {
        let written: Vec<&str> = self.text.lines().collect();
        let mut lines = Vec::new();
        for error in &errors.errors {
            let line = written.get(error.line - 1).copied().unwrap_or_default();
            let (before, at) =
                line.split_at(line.char_indices().nth(error.column - 1).map_or(line.len(), |(at, _)| at));
            let spans = [
                ctx.span(Role::Dim, format!("{:>4}  ", error.line)),
                ctx.span(Role::Text, sanitise(before).into_owned()),
                ctx.span(
                    Role::RemovedWord,
                    if at.is_empty() { "_".to_owned() } else { sanitise(at).into_owned() },
                ),
            ];
            lines.extend(wrap(&spans, columns, 6));
            let sentence = format!("      {}; {}", error.problem, error.problem.hint());
            lines.extend(wrap_text(&sentence, ctx.style(Role::Care), columns, 6));
        }
        if errors.omitted > 0 {
            lines.push(Line::from(ctx.span(Role::Dim, format!("      and {} more", errors.omitted))));
        }
        lines
    }

    /// Whether the editor may still be open, though its command has ended.
    fn may_be_open(&self) -> bool {
        matches!(self.trouble, Some(Trouble::AtOnce))
    }
}

impl Overlay for WholeView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Whole
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::Open {
            (self.opened, self.trouble) = (model.now, None);
            return Outcome::Stay(open_editor(&model.session, self.text.clone()));
        }
        if *action == TAKE_SAVED && self.may_be_open() {
            return Outcome::Stay(vec![Effect::ReadSaved]);
        }
        Outcome::Pass
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        match model.background.arrived.edited.take() {
            Some(outcome) => self.back(model, outcome),
            None => Outcome::stay(),
        }
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let late = key.action == Some(TAKE_SAVED);
        Some(key.hint).filter(|hint| !hint.is_empty() && (!late || self.may_be_open()))
    }

    /// Draws what is wrong, with the lines it is about.
    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let columns = (area.width - 4).min(92);
        let inside = usize::from(columns) - 4;
        let lines = match &self.trouble {
            None => return Extent::default(),
            Some(Trouble::AtOnce) => wrap_text(LATE, ctx.style(Role::Text), inside, 0),
            Some(Trouble::Other(why)) => wrap_text(why, ctx.style(Role::Text), inside, 0),
            Some(Trouble::Text(errors)) => self.marked(ctx, errors, inside),
        };
        let rows = (lines.len() as u16).saturating_add(2).min(area.height - 2);
        let title = if self.may_be_open() { "The text is unchanged" } else { "Your text is kept" };
        let inner = ctx.window(title, (columns, rows), area, buf);
        draw_lines(lines, Some(0), false, inner, buf)
    }
}

/// The text is as it was.
fn unchanged(model: &mut Model) -> Outcome {
    model.notices.say(Level::Info, "The text came back unchanged; the plan stays.", model.now);
    Outcome::close()
}

/// The plan as it is handed to the editor.
fn printed(plan: &Plan) -> String {
    format!("{}\n", print(plan, Style::Full))
}
