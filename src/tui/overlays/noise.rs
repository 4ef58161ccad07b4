//! Injecting noise, with a look at what it will do.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};
use strum::VariantArray;

use super::overlay::{Outcome, Overlay, sideways};
use crate::{
    commands::{Action, CommandError, InOverlay, OverlayKind},
    core::{
        hand::{ids, refusal},
        model::Model,
        msg::Effect,
        open_session::OpenSession,
        plan_cursor,
    },
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap,
    },
};
use engine::Command;
use plan::{
    DiffRow, Edit, Item, ItemId, NoiseKind, NoiseScope, NoiseSpec, Origin, Plan, PlanDiff, Style, diff,
    noise, print_item,
};
use session::Think;

/// One step of the strength.
const STEP: f64 = 0.05;
/// Rows of settings above the preview.
const FIELDS: usize = 4;

/// Which items noise may hit, as a person says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
enum Reach {
    Item,
    Subtree,
    All,
}

impl Reach {
    const ALL: &'static [Self] = Self::VARIANTS;
}

/// The noise as it is set by now, and the plan that it leads to.
#[derive(Debug)]
pub struct NoiseView {
    /// The item under the cursor, and all that is nested below it.
    items: Vec<ItemId>,
    kind: NoiseKind,
    /// In steps.
    strength: u32,
    seed: u64,
    reach: Reach,
    field: usize,
    preview: Option<(Plan, PlanDiff)>,
}

impl NoiseView {
    /// Returns noise at the item under the cursor; every injection of a run begins with another seed.
    ///
    /// # Errors
    /// When the plan cannot be changed now, in a sentence.
    pub fn new(model: &Model) -> Result<Self, CommandError> {
        if let Some(why) = refusal(&model.session) {
            return Err(CommandError::NotNow(why.to_owned()));
        }
        let plan = model.session.plan();
        let position = plan_cursor::item(model).and_then(|item| plan?.position(item.id));
        let below = plan
            .zip(position)
            .map_or_else(Vec::new, |(plan, at)| plan.subtree(at).map(|at| plan.items()[at].id).collect());
        let mut view = Self {
            reach: if below.is_empty() { Reach::All } else { Reach::Item },
            items: below,
            kind: match model.session.state().settings.think {
                Think::Edits | Think::Tokens => NoiseKind::Mask,
                Think::Latent => NoiseKind::Gauss,
            },
            strength: (1.0 / STEP) as u32,
            seed: model.session.state().noise.injections.len() as u64 + 1,
            field: 0,
            preview: None,
        };
        view.look(&model.session);
        Ok(view)
    }

    fn spec(&self) -> NoiseSpec {
        let scope = match self.reach {
            Reach::Item => NoiseScope::Items(self.items.iter().take(1).copied().collect()),
            Reach::Subtree => NoiseScope::Items(self.items.clone()),
            Reach::All => NoiseScope::All,
        };
        let strength = f64::from(self.strength) * STEP;
        NoiseSpec { scope, ..NoiseSpec::new(self.kind, strength, self.seed) }
    }

    /// Brings the preview up to date.
    fn look(&mut self, session: &OpenSession) {
        let plan = session.plan();
        let noised = plan.and_then(|plan| {
            let edit: Edit = noise(plan, &ids(session), &self.spec());
            edit.apply(plan, Origin::Noise).ok()
        });
        self.preview = plan.zip(noised).map(|(plan, (noised, _))| (noised.clone(), diff(plan, &noised)));
    }

    /// Gives the selected setting its next or previous value.
    fn turn(&mut self, on: bool) {
        let most = (1.0 / STEP) as u32;
        match self.field {
            0 => self.kind = turned(NoiseKind::ALL, self.kind, on),
            1 => {
                self.strength =
                    if on { (self.strength + 1).min(most) } else { self.strength.saturating_sub(1) }
            }
            2 => self.seed = if on { self.seed.saturating_add(1) } else { self.seed.saturating_sub(1) },
            _ if self.items.is_empty() => {}
            _ => self.reach = turned(Reach::ALL, self.reach, on),
        }
    }

    fn fields(&self, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let reach = match self.reach {
            Reach::Item => self.items.first().map_or_else(String::new, |id| format!("only {id}")),
            Reach::Subtree => self.items.first().map_or_else(String::new, |id| {
                format!(
                    "{id} and what is nested below it ({})",
                    format::plural(self.items.len(), "item", "items")
                )
            }),
            Reach::All => "the whole plan".to_owned(),
        };
        let strength = f64::from(self.strength) * STEP;
        [
            ("kind", self.kind.name().to_owned(), self.kind.doc()),
            ("strength", format!("{strength:.2}"), "the expected share of the items in reach that are hit"),
            ("seed", self.seed.to_string(), "which ones, and how"),
            ("reach", reach, ""),
        ]
        .into_iter()
        .enumerate()
        .map(|(at, (name, value, note))| {
            let here = at == self.field;
            Line::from(vec![
                ctx.span(Role::Accent, if here { "› " } else { "  " }),
                ctx.span(Role::Dim, format!("{name:<10}")),
                ctx.span(if here { Role::Strong } else { Role::Text }, format!("‹ {value} ›  ")),
                ctx.span(Role::Dim, note),
            ])
        })
        .collect()
    }

    fn changes(&self, ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
        let (Some((new, diff)), Some(old)) = (&self.preview, ctx.model.session.plan()) else {
            return Vec::new();
        };
        if diff.is_empty() {
            let in_latents = ctx.model.session.state().settings.think == Think::Latent;
            let why = match self.kind {
                NoiseKind::Gauss if in_latents => {
                    "The latents get noise; the plan stays until the next step."
                }
                NoiseKind::Gauss => "Items have no latents: gauss is for runs with think=latent.",
                NoiseKind::Mask
                | NoiseKind::Shuffle
                | NoiseKind::Drop
                | NoiseKind::Duplicate
                | NoiseKind::SwapText
                | NoiseKind::JitterNumbers
                | NoiseKind::Negate => "Nothing is hit; raise the strength or take another seed.",
            };
            return vec![Line::from(ctx.span(Role::Dim, why))];
        }
        let side = |sign: &str, role: Role, item: &Item| {
            let line = print_item(&Item { depth: 0, ..item.clone() }, Style::Bare);
            wrap(&[ctx.span(role, format!("{sign} {line}"))], columns, 4)
        };
        let mut lines = Vec::new();
        for row in &diff.rows {
            match row {
                DiffRow::Same { .. } => {}
                DiffRow::Changed { old: before, new: after, .. } => {
                    lines.extend(side("−", Role::Removed, &old.items()[*before]));
                    lines.extend(side("+", Role::Added, &new.items()[*after]));
                }
                DiffRow::Moved { new: at, .. } => lines.extend(side("↕", Role::Care, &new.items()[*at])),
                DiffRow::Added { new: at } => lines.extend(side("+", Role::Added, &new.items()[*at])),
                DiffRow::Removed { old: at } => lines.extend(side("−", Role::Removed, &old.items()[*at])),
            }
        }
        lines
    }
}

impl Overlay for NoiseView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Noise
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if matches!(action, Action::Down | Action::InOverlay(InOverlay::NextChoice)) {
            self.field = (self.field + 1) % FIELDS;
        } else if matches!(action, Action::Up | Action::InOverlay(InOverlay::PreviousChoice)) {
            self.field = (self.field + FIELDS - 1) % FIELDS;
        } else if let Some(step) = sideways(action) {
            self.turn(step > 0);
        } else if *action == Action::Open {
            return Outcome::Close(vec![Effect::Send(Command::Noise(self.spec()))]);
        } else {
            return Outcome::Pass;
        }
        self.look(&model.session);
        Outcome::stay()
    }

    /// Draws the settings, and below them what the noise will change.
    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let columns = (area.width - 4).min(92);
        let inside = usize::from(columns) - 4;
        let mut lines = self.fields(ctx);
        lines.push(Line::default());
        lines.extend(self.changes(ctx, inside));
        let rows = (lines.len() as u16).saturating_add(2).min(area.height - 2);
        let inner = ctx.window("Inject noise", (columns, rows), area, buf);
        draw_lines(lines, Some(0), false, inner, buf)
    }
}

fn turned<T: Copy + PartialEq>(all: &[T], now: T, on: bool) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    let step = if on { 1 } else { all.len() - 1 };
    all[(at + step) % all.len()]
}
