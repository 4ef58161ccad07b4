//! The list of probes: breakpoints and what else looks at events.

mod list;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    overlay::{Outcome, Overlay, motion},
    prompt::Prompt,
};
use crate::{
    commands::{Action, InOverlay, OverlayKind},
    core::{model::Model, probing},
    panes::ctx::Ctx,
    widgets::{list::Cursor, scroll::Extent},
};
use probe::{Probe, ProbeCommand, Which};

/// The list.
#[derive(Debug, Default)]
pub struct ProbesView {
    cursor: Cursor,
}

impl ProbesView {
    fn probe<'a>(&self, model: &'a Model) -> Option<&'a Probe> {
        let probes = &model.probing.probes;
        probes.iter().nth(self.cursor.row(probes.iter().len()))
    }
}

fn ask(model: &mut Model, command: ProbeCommand) -> Outcome {
    Outcome::Stay(probing::ask(model, command).unwrap_or_else(|error| {
        model.warn(error.to_string());
        Vec::new()
    }))
}

/// Opens the prompt with the beginning of a line.
fn write(model: &Model, line: &str) -> Outcome {
    Outcome::Open(Box::new(Prompt::command(line, model)), Vec::new())
}

impl Overlay for ProbesView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Probes
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, model.probing.probes.iter().len());
            return Outcome::stay();
        }
        let chosen = self.probe(model).map(|probe| (probe.number, probe.enabled));
        match (action, chosen) {
            (Action::InOverlay(InOverlay::AddProbe), _) => write(model, "break "),
            (Action::Open, Some((number, _))) => {
                let condition = self.probe(model).and_then(|probe| probe.definition.condition());
                let condition = condition.map_or_else(String::new, ToString::to_string);
                write(model, &format!("condition {number} {condition}"))
            }
            (Action::InOverlay(InOverlay::LetPass), Some((number, _))) => {
                write(model, &format!("ignore {number} "))
            }
            (Action::InOverlay(InOverlay::Toggle), Some((number, true))) => {
                ask(model, ProbeCommand::Disable(Which::One(number)))
            }
            (Action::InOverlay(InOverlay::Toggle), Some((number, false))) => {
                ask(model, ProbeCommand::Enable(Which::One(number)))
            }
            (Action::InOverlay(InOverlay::DeleteProbe), Some((number, _))) => {
                ask(model, ProbeCommand::Delete(Which::One(number)))
            }
            (Action::Open | Action::InOverlay(_), None) => Outcome::stay(),
            (_, _) => Outcome::Pass,
        }
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        list::draw(ctx, self.cursor, area, buf)
    }
}
