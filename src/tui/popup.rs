//! What can lie over the panes: help, messages, the problem, a question.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    commands::{Action, COMMANDS, Section, key_label},
    format,
    model::Popup,
    notices::Level,
    panes::{Ctx, Pane},
    theme::Role,
    view::overlay,
    widgets::{
        scroll::{Extent, draw_lines},
        text::pad,
        wrap::{wrap, wrap_text},
    },
};

/// Draws what lies over the panes.
pub fn draw(ctx: &Ctx<'_>, popup: Popup, area: Rect, buf: &mut Buffer) -> Extent {
    let columns = (area.width - 4).min(92);
    let inside = usize::from(columns) - 4;
    let (title, lines) = match popup {
        Popup::Help => ("Help", help(ctx, inside)),
        Popup::Messages => ("Messages", messages(ctx, inside)),
        Popup::Problem => ("Problem", problem(ctx, inside)),
        Popup::ConfirmQuit => ("Quit", question(ctx, inside)),
    };
    let rows = (lines.len() as u16 + 2).min(area.height - 2);
    let inner = overlay(ctx, title, (columns, rows), area, buf);
    draw_lines(lines, Some(ctx.model.look.popup_scroll), false, inner, buf)
}

/// Returns the hints for what lies over the panes.
pub fn hints(popup: Popup) -> Vec<(String, &'static str)> {
    match popup {
        Popup::ConfirmQuit => vec![("y".to_owned(), "stop and quit"), ("n".to_owned(), "go on")],
        Popup::Help | Popup::Messages | Popup::Problem => {
            vec![("esc".to_owned(), "close"), ("j k".to_owned(), "scroll"), ("q".to_owned(), "quit")]
        }
    }
}

fn help(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for section in Section::ALL {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(ctx.span(Role::Accent, section.title())));
        for spec in COMMANDS.iter().filter(|spec| spec.section == section) {
            let (keys, doc) = if let Action::Focus(number) = spec.action {
                if number > 0 {
                    continue;
                }
                // One line tells of all the numbers.
                (format!("1–{}", Pane::COUNT), "focus the pane with this number")
            } else {
                (spec.all_keys().map(|(_, key)| key_label(key)).collect::<Vec<_>>().join(" "), spec.doc)
            };
            let spans = [ctx.span(Role::Key, pad(&keys, 11)), ctx.span(Role::Text, doc)];
            lines.extend(wrap(&spans, columns, 11));
        }
    }
    lines.push(Line::default());
    lines.push(Line::from(ctx.span(Role::Accent, "Signs")));
    for (sign, role, meaning) in [
        ("✓ ✗ ·", Role::Text, "an item holds, does not hold, or cannot be checked"),
        ("▎", Role::Accent, "the last decision changed this item"),
        ("↻2 ✎2 ≈2", Role::Text, "refined, changed by hand or by noise, 2 iterations ago"),
        ("[2] [0]", Role::Text, "the answer cites the item twice, or not at all"),
        ("▸ 3", Role::Accent, "3 items are folded away below"),
        ("✔ ✘", Role::Text, "a candidate, or the best one of an iteration, was accepted, rejected"),
        ("? ∅", Role::Text, "the numbers do not tell; no usable candidate"),
        ("= ≡", Role::Text, "the edit changes nothing; the plan was seen before"),
        ("✎", Role::Human, "you changed the plan in this iteration"),
        ("–", Role::Text, "not evaluated, which is not the same as 0"),
    ] {
        let spans = [ctx.span(role, pad(sign, 11)), ctx.span(Role::Text, meaning)];
        lines.extend(wrap(&spans, columns, 11));
    }
    lines
}

fn messages(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let all = ctx.model.notices.all();
    if all.is_empty() {
        return wrap_text("There are no messages yet.", ctx.style(Role::Dim), columns, 0);
    }
    let mut lines = Vec::new();
    for notice in all.iter().rev() {
        let role = match notice.level {
            Level::Info => Role::Text,
            Level::Warning => Role::Care,
            Level::Error => Role::Bad,
        };
        let spans =
            [ctx.span(Role::Dim, pad(&format::time(notice.at), 13)), ctx.span(role, notice.text.clone())];
        lines.extend(wrap(&spans, columns, 13));
    }
    lines
}

fn problem(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(problem) = &ctx.model.state().problem else {
        return wrap_text("No problem is known at this moment.", ctx.style(Role::Dim), columns, 0);
    };
    let gold = if problem.has_gold {
        "its answer is known, and seen only after the run"
    } else {
        "its answer is not known"
    };
    let mut lines = wrap_text(&problem.title, ctx.style(Role::Strong), columns, 0);
    let about = format!("{} · {} · {gold}", problem.family, problem.reference);
    lines.extend(wrap_text(&about, ctx.style(Role::Dim), columns, 0));
    lines.push(Line::default());
    lines.extend(wrap_text(&problem.text, ctx.style(Role::Text), columns, 0));
    lines
}

fn question(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let spans = [
        ctx.span(Role::Text, "The run goes on. Stop it and quit? What happened so far stays recorded.  "),
        ctx.span(Role::Key, "y"),
        ctx.span(Role::Dim, " stop and quit   "),
        ctx.span(Role::Key, "n"),
        ctx.span(Role::Dim, " go on"),
    ];
    wrap(&spans, columns, 0)
}
