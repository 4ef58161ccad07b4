//! Short questions about an item: which kind it becomes, and whether it may go.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{change, dialog::Reply, hand::ids};
use crate::{
    model::Model,
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{scroll::draw_lines, wrap::wrap},
};
use plan::{Edit, ItemId, ItemKind};

/// Which kind an item becomes.
#[derive(Debug, Clone, Copy)]
pub struct KindDialog {
    /// The item.
    pub of: ItemId,
}

impl KindDialog {
    /// Takes in a key: the letter of a kind.
    pub fn on_key(self, model: &Model, key: KeyEvent) -> Reply {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => Reply::Close,
            KeyCode::Char(letter) => {
                let kind = letter.to_uppercase().next().and_then(ItemKind::from_letter);
                let place = model.plan().and_then(|plan| Some((plan, plan.position(self.of)?)));
                match (kind, place) {
                    (Some(kind), _) if kind == self.of.kind => Reply::Close,
                    (Some(kind), Some((plan, position))) => {
                        Reply::Change(change::rename(plan, position, ids(model).peek(kind)))
                    }
                    (Some(_), None) => Reply::Close,
                    (None, _) => Reply::Stay,
                }
            }
            _ => Reply::Stay,
        }
    }

    /// Draws the kinds over the panes.
    pub fn draw(self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let ids = ids(ctx.model);
        let mut lines: Vec<Line<'static>> = Vec::new();
        for kind in ItemKind::ALL {
            let becomes = if kind == self.of.kind {
                "as it is".to_owned()
            } else {
                format!("becomes {}", ids.peek(kind))
            };
            lines.push(Line::from(vec![
                ctx.span(Role::Key, format!(" {}  ", kind.letter())),
                ratatui::text::Span::styled(format!("{:<11}", kind.name()), ctx.kind_style(kind)),
                ctx.span(Role::Dim, becomes),
            ]));
        }
        let title = format!("Which kind is {}?", self.of);
        let inner = overlay(ctx, &title, (38, lines.len() as u16 + 2), area, buf);
        draw_lines(lines, None, false, inner, buf);
    }

    /// Returns the keys that matter.
    pub fn hints() -> Vec<(String, &'static str)> {
        vec![("C G I P T S".to_owned(), "take that kind"), ("esc".to_owned(), "leave as it was")]
    }
}

/// Whether an item may go though others build on it.
#[derive(Debug, Clone)]
pub struct RemoveDialog {
    /// The item.
    pub of: ItemId,
    /// What builds on it.
    pub dependants: Vec<ItemId>,
}

impl RemoveDialog {
    /// Takes in a key.
    pub fn on_key(&self, key: KeyEvent) -> Reply {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Char('y' | 'Y') => Reply::Change(Edit::Remove { id: self.of }),
            KeyCode::Esc | KeyCode::Char('n' | 'N' | 'q') => Reply::Close,
            _ => Reply::Stay,
        }
    }

    /// Draws the question over the panes.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        const NAMED: usize = 8;
        let mut names: Vec<String> = self.dependants.iter().take(NAMED).map(ToString::to_string).collect();
        if self.dependants.len() > NAMED {
            names.push(format!("and {} more", self.dependants.len() - NAMED));
        }
        let build = if self.dependants.len() == 1 { "builds" } else { "build" };
        let text = format!("{} {build} on {} and will lose that. Remove it?  ", names.join(" "), self.of);
        let spans = [
            ctx.span(Role::Text, text),
            ctx.span(Role::Key, "y"),
            ctx.span(Role::Dim, " remove   "),
            ctx.span(Role::Key, "n"),
            ctx.span(Role::Dim, " keep"),
        ];
        let columns = (area.width - 4).min(60);
        let lines = wrap(&spans, usize::from(columns) - 4, 0);
        let inner =
            overlay(ctx, &format!("Remove {}", self.of), (columns, lines.len() as u16 + 2), area, buf);
        draw_lines(lines, None, false, inner, buf);
    }

    /// Returns the keys that matter.
    pub fn hints() -> Vec<(String, &'static str)> {
        vec![("y".to_owned(), "remove"), ("n".to_owned(), "keep")]
    }
}
