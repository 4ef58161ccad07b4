//! How the ledger looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::LedgerView;
use crate::{
    commands::OverlayKind,
    core::overview::Reject,
    format,
    panes::{ctx::Ctx, proposal::not_taken_glyph},
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        table::{Column, Table},
        text::{fit_line, pad, pad_left, sanitise},
        wrap::wrap,
    },
};

/// Rows for the reason of the candidate under the cursor, with an empty one above.
const REASON: u16 = 4;

/// Rows that are no candidates: the border, the filter with an empty row below, the reason.
const FRAME: u16 = 2 + 2 + REASON;
/// Rows that the list keeps; where proposers would leave fewer, they are not shown.
const LIST: u16 = 5;

/// Draws the filter, what each proposer has brought, the rows around the cursor, and the reason for the one under it.
pub(super) fn draw(ctx: &Ctx<'_>, ledger: &LedgerView, area: Rect, buf: &mut Buffer) -> Extent {
    let all = u16::try_from(ctx.model.session.overview.rejects.len()).unwrap_or(u16::MAX).max(1);
    let most = area.height.saturating_sub(2);
    let proposers = proposers(ctx, area.width.saturating_sub(4));
    let above = u16::try_from(proposers.len()).unwrap_or(u16::MAX).saturating_add(1);
    let above = if above.saturating_add(FRAME + LIST) <= most && !proposers.is_empty() { above } else { 0 };
    let size = (area.width, all.saturating_add(FRAME + above).min(most));
    let title =
        format!("Not taken: {} of {}", ledger.list.shown().len(), ctx.model.session.overview.rejects.len());
    let inner = ctx.window(&title, size, area, buf);
    ctx.input("filter ", ledger.list.filter(), inner, buf);
    if above > 0 {
        draw_lines(proposers, None, false, Rect { y: inner.y + 2, height: above, ..inner }, buf);
    }
    let rows = inner.height.saturating_sub(2 + above + REASON);
    let list = Rect { y: inner.y + 2 + above, height: rows, ..inner };
    let below = Rect { y: list.bottom() + 1, height: REASON - 1, ..inner };
    let extent = draw_rows(ctx, ledger, list, buf);
    if let Some(reject) = ledger.reject(&ctx.model.session.overview) {
        draw_lines(
            reason(ctx, reject, usize::from(inner.width)),
            None,
            false,
            below.intersection(inner),
            buf,
        );
    }
    extent
}

const COLUMNS: [Column; 8] = [
    Column::words("proposer"),
    Column::numbers("tried"),
    Column::numbers("usable"),
    Column::numbers("improved"),
    Column::numbers("accepted"),
    Column::numbers("tokens").gives_way(1),
    Column::numbers("tokens/improved").gives_way(0),
    Column::numbers("share"),
];

/// A table of what each proposer of the session has brought; none before the first proposal.
fn proposers(ctx: &Ctx<'_>, columns: u16) -> Vec<Line<'static>> {
    let payoffs = ctx.model.session.overview.payoffs();
    if payoffs.total().tried == 0 {
        return Vec::new();
    }
    let mut table = Table::new(COLUMNS);
    for row in payoffs.table(&ctx.model.session.state().settings) {
        let missing = || format::NONE.to_owned();
        let cells = [
            sanitise(&row.proposer).into_owned(),
            row.payoff.tried.to_string(),
            row.payoff.usable.to_string(),
            row.payoff.improved.to_string(),
            row.payoff.accepted.to_string(),
            row.payoff.known_tokens().map_or_else(missing, format::count),
            row.tokens_per_improvement.map_or_else(missing, |tokens| format!("{tokens:.0}")),
            format!("{:.0} %", 100.0 * row.share),
        ];
        table.row(cells.map(|cell| ctx.span(Role::Text, cell)).to_vec());
    }
    table.lines(usize::from(columns), ctx.theme)
}

fn draw_rows(ctx: &Ctx<'_>, ledger: &LedgerView, area: Rect, buf: &mut Buffer) -> Extent {
    let rejects = &ctx.model.session.overview.rejects;
    let shown = ledger.list.shown();
    if shown.is_empty() {
        let why = if rejects.is_empty() {
            "Every candidate so far was taken."
        } else {
            "The filter lets nothing through."
        };
        return ctx.empty(why, area, buf);
    }
    let columns = usize::from(area.width);
    let line = |at: usize, chosen| row(ctx, &rejects[shown[at]], chosen, columns);
    let extent = ledger.list.cursor().draw(shown.len(), area, buf, line);
    ctx.clickable_rows(OverlayKind::Ledger, extent, shown.len(), area);
    extent
}

fn row(ctx: &Ctx<'_>, reject: &Reject, selected: bool, columns: usize) -> Line<'static> {
    let (glyph, role) = not_taken_glyph(reject.why);
    let one_line = |text: &str| sanitise(text).replace('\n', " ");
    let mut spans = vec![
        ctx.span(Role::Accent, if selected { "▸ " } else { "  " }),
        ctx.span(Role::Dim, format!("{} ", pad_left(&reject.iteration.to_string(), 4))),
        ctx.span(role, format!("{glyph} {}", pad(reject.why.name(), 12))),
        ctx.span(Role::Dim, pad_left(&format::change(reject.before, reject.after), 7)),
        Span::raw("  "),
    ];
    if columns >= 76 {
        spans.push(ctx.span(Role::Dim, pad(&one_line(&reject.kind), 10)));
    }
    if columns >= 96 {
        spans.push(ctx.span(Role::Dim, format!("{}  ", pad_left(&format::nats(reject.pressure), 9))));
    }
    let text = ctx.style(if selected { Role::Strong } else { Role::Text });
    spans.extend(ctx.code(&one_line(&reject.summary), text));
    fit_line(Line::from(spans), columns)
}

fn reason(ctx: &Ctx<'_>, reject: &Reject, columns: usize) -> Vec<Line<'static>> {
    let totals = format!("{} → {}", format::score(reject.before), format::score(reject.after));
    let pressure = format!("grammar pressure {}", format::nats(reject.pressure));
    let spans = [
        ctx.span(
            Role::Dim,
            format!(
                "iteration {} · candidate {} · {totals} · {pressure}  ",
                reject.iteration,
                reject.candidate + 1
            ),
        ),
        ctx.span(Role::Text, reject.reason.clone()),
    ];
    wrap(&spans, columns, 2)
}
