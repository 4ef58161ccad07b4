//! What can lie over the panes: help, messages, the problem, a question.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    answers, calls,
    commands::Action,
    compare, findings, format, help, ledger,
    look::Popup,
    model::Model,
    msg::Effect,
    notices::Level,
    panes::Ctx,
    probes, recovery, sessions, shadow,
    theme::Role,
    view::overlay,
    widgets::{
        scroll::{Extent, draw_lines},
        text::pad,
        wrap::{wrap, wrap_text},
    },
};

/// Does what `action` means for what lies over the panes; none when it means nothing special there.
pub fn act(model: &mut Model, action: &Action) -> Option<Vec<Effect>> {
    match model.look.popup? {
        Popup::Call => calls::act(model, action),
        Popup::Recovery => recovery::act(model, action),
        Popup::Answers => answers::act(model, action),
        Popup::Shadow => shadow::act(model, action),
        Popup::Help
        | Popup::Messages
        | Popup::Problem
        | Popup::ConfirmQuit
        | Popup::Ledger
        | Popup::Probes
        | Popup::Sessions
        | Popup::ConfirmSwitch
        | Popup::Compare
        | Popup::Findings => None,
    }
}

/// Draws what lies over the panes.
pub fn draw(ctx: &Ctx<'_>, popup: Popup, area: Rect, buf: &mut Buffer) -> Extent {
    let columns = (area.width - 4).min(92);
    let inside = usize::from(columns) - 4;
    let (title, lines) = match popup {
        Popup::Help => ("Help", help::lines(ctx, inside)),
        Popup::Messages => ("Messages", messages(ctx, inside)),
        Popup::Problem => ("Problem", problem(ctx, inside)),
        Popup::ConfirmQuit => ("Quit", question(ctx, inside)),
        Popup::Ledger => return ledger::draw(ctx, area, buf),
        Popup::Call => return calls::draw(ctx, area, buf),
        Popup::Probes => return probes::draw(ctx, area, buf),
        Popup::Sessions => return sessions::draw(ctx, area, buf),
        Popup::ConfirmSwitch => return sessions::draw_question(ctx, area, buf),
        Popup::Compare => return compare::draw(ctx, area, buf),
        Popup::Recovery => return recovery::draw(ctx, area, buf),
        Popup::Answers => return answers::draw(ctx, area, buf),
        Popup::Shadow => return shadow::draw(ctx, area, buf),
        Popup::Findings => return findings::draw(ctx, area, buf),
    };
    let rows = (lines.len() as u16 + 2).min(area.height - 2);
    let inner = overlay(ctx, title, (columns, rows), area, buf);
    draw_lines(lines, Some(ctx.model.look.popup_scroll), false, inner, buf)
}

/// Returns the hints for what lies over the panes.
pub fn hints(model: &Model, popup: Popup) -> Vec<(String, &'static str)> {
    match popup {
        Popup::ConfirmQuit => vec![("y".to_owned(), "stop and quit"), ("n".to_owned(), "continue")],
        Popup::Help => {
            vec![("esc".to_owned(), "close"), ("type".to_owned(), "search"), ("↑ ↓".to_owned(), "scroll")]
        }
        Popup::Ledger => ledger::hints(),
        Popup::Call => calls::hints(),
        Popup::Probes => probes::hints(),
        Popup::Sessions => sessions::hints(),
        Popup::ConfirmSwitch => vec![("y".to_owned(), "stop and look"), ("n".to_owned(), "continue")],
        Popup::Compare => compare::hints(),
        Popup::Recovery => recovery::hints(),
        Popup::Answers => answers::hints(),
        Popup::Shadow => shadow::hints(model),
        Popup::Findings => findings::hints(),
        Popup::Messages | Popup::Problem => {
            vec![("esc".to_owned(), "close"), ("j k".to_owned(), "scroll"), ("q".to_owned(), "quit")]
        }
    }
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
    let gold =
        if problem.has_gold { "its answer is judged after the run" } else { "nobody can judge its answer" };
    let mut lines = wrap_text(&problem.title, ctx.style(Role::Strong), columns, 0);
    let about = format!("{} · {} · {gold}", problem.family, problem.reference);
    lines.extend(wrap_text(&about, ctx.style(Role::Dim), columns, 0));
    lines.push(Line::default());
    lines.extend(wrap_text(&problem.text, ctx.style(Role::Text), columns, 0));
    lines
}

fn question(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let spans = [
        ctx.span(Role::Text, "A run is active. Stop it and quit? What happened so far stays recorded.  "),
        ctx.span(Role::Key, "y"),
        ctx.span(Role::Dim, " stop and quit   "),
        ctx.span(Role::Key, "n"),
        ctx.span(Role::Dim, " continue"),
    ];
    wrap(&spans, columns, 0)
}
