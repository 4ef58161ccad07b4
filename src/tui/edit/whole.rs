//! The whole plan in the person's own editor.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::dialog::Reply;
use crate::{
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{
        scroll::draw_lines,
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

/// Who leaves an editor sooner than this has hardly read the text.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What may have happened, and what can be done.
const LATE: &str = "Your editor returned at once and the text is unchanged. If its window is still open, save there and \
                    then press r to take what it saved. To have it wait until you close the window, give it that \
                    option, as in VISUAL=\"code --wait\".";

/// A plan that is edited elsewhere, and afterwards what is wrong with it.
#[derive(Debug, Clone)]
pub struct WholeDialog {
    /// The plan that the text was made of.
    base: PlanHash,
    text: String,
    /// When the editor was opened.
    opened: Duration,
    trouble: Option<Trouble>,
}

impl WholeDialog {
    /// Returns a dialog about `plan`, for which the editor opens now.
    pub fn new(plan: &Plan, now: Duration) -> Self {
        Self { base: plan.hash(), text: printed(plan), opened: now, trouble: None }
    }

    /// The editor opens once more.
    pub fn reopened(&mut self, now: Duration) {
        (self.opened, self.trouble) = (now, None);
    }

    /// Returns the text to be edited.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the text back; it closes when nothing was changed. A text with errors is kept, to be opened again.
    pub fn back(&mut self, plan: Option<&Plan>, outcome: Result<String, String>, now: Duration) -> Reply {
        self.text = match outcome {
            Ok(text) => text,
            Err(why) => {
                self.trouble = Some(Trouble::Other(why));
                return Reply::Stay;
            }
        };
        let Some(plan) = plan else { return Reply::Close };
        let moved_on = plan.hash() != self.base;
        match parse(&self.text) {
            Err(errors) => self.trouble = Some(Trouble::Text(errors)),
            Ok(new) if new.hash() == self.base => {
                if !self.may_be_open() && now.saturating_sub(self.opened) >= AT_ONCE {
                    return Reply::Close;
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
            Ok(new) if new.hash() == plan.hash() => return Reply::Close,
            Ok(new) => return Reply::Change(edits_between(plan, &new)),
        }
        Reply::Stay
    }

    /// Takes in a key.
    pub fn on_key(&mut self, key: KeyEvent) -> Reply {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Enter | KeyCode::Char('e') => Reply::OpenEditor(self.text.clone()),
            KeyCode::Char('r') if self.may_be_open() => Reply::ReadSaved,
            KeyCode::Char('d') | KeyCode::Esc => Reply::Close,
            _ => Reply::Stay,
        }
    }

    /// Draws what is wrong, with the lines it is about.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let columns = (area.width - 4).min(92);
        let inside = usize::from(columns) - 4;
        let lines = match &self.trouble {
            None => return,
            Some(Trouble::AtOnce) => wrap_text(LATE, ctx.style(Role::Text), inside, 0),
            Some(Trouble::Other(why)) => wrap_text(why, ctx.style(Role::Text), inside, 0),
            Some(Trouble::Text(errors)) => self.marked(ctx, errors, inside),
        };
        let rows = (lines.len() as u16).saturating_add(2).min(area.height - 2);
        let title = if self.may_be_open() { "The text is unchanged" } else { "Your text is kept" };
        let inner = overlay(ctx, title, (columns, rows), area, buf);
        draw_lines(lines, Some(0), false, inner, buf);
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

    /// Returns the keys that matter.
    pub fn hints(&self) -> Vec<(String, &'static str)> {
        let mut hints = vec![("enter".to_owned(), "open it again"), ("d".to_owned(), "drop it")];
        if self.may_be_open() {
            hints.insert(0, ("r".to_owned(), "take what is saved"));
        }
        hints
    }

    /// Whether the editor may still be open, though its command has ended.
    fn may_be_open(&self) -> bool {
        matches!(self.trouble, Some(Trouble::AtOnce))
    }
}

/// The plan as it is handed to the editor.
fn printed(plan: &Plan) -> String {
    format!("{}\n", print(plan, Style::Full))
}
