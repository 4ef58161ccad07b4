//! What `copy` copies: the text behind the focused pane.

use std::fmt::Write as _;

use crate::{commands::pane::Pane, core::model::Model, format};
use plan::{Edit, Style, print};

/// Returns what is copied in a few words, and the text itself; none where there is nothing yet.
pub fn selected(model: &Model) -> Option<(&'static str, String)> {
    let state = model.session.state();
    match model.look.focus {
        Pane::Plan => state.incumbent.as_ref().map(|view| ("The plan", print(&view.plan, Style::Full))),
        Pane::Proposal => {
            let candidate = &model.candidate()?.candidate;
            Some((
                "The proposal",
                candidate.edit.as_ref().map_or_else(|| candidate.reply.clone(), Edit::summary),
            ))
        }
        Pane::Score => {
            let shown = model.candidate().and_then(|candidate| candidate.view.as_ref());
            let score = shown.or(state.incumbent.as_ref())?.score.as_ref()?;
            let mut text = format!("total\t{}\n", format::score(score.total));
            for part in &score.parts {
                let _ = writeln!(text, "{}\t{}", part.name, format::score(part.value));
            }
            Some(("The score", text))
        }
        Pane::Timeline => {
            let mut text = String::from("iteration\tscore\tbest\n");
            for point in &state.timeline {
                let (total, best) = (format::score(point.total), format::score(point.best));
                let _ = writeln!(text, "{}\t{total}\t{best}", point.iteration);
            }
            (!state.timeline.is_empty()).then_some(("The timeline", text))
        }
        Pane::Answer => state.answer.as_ref().map(|answer| ("The answer", answer.text.clone())),
        Pane::Budget => {
            let cost = state.total_cost();
            let text = format!(
                "calls\t{}\ngenerated\t{}\nfresh\t{}\ncached\t{}\n",
                cost.calls, cost.generated, cost.fresh, cost.cached
            );
            (cost.calls > 0).then_some(("The cost", text))
        }
    }
}
