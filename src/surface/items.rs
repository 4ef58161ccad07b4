//! The plan language itself: ids, dependencies, one item a line.

use plan::{
    ItemId, ItemKind, LastLine, Plan, PlanGrammar, Style, print_item,
    text::{ARROW, COLON, INDENT},
};
use problem::Framing;

use crate::{
    Inexpressible, KnownPlan, LineSlot, ProblemForm, ReadPlan, ShownLine, ShownPlan, Surface, SurfaceError,
    lines::slashes,
};

/// The surface.
#[derive(Debug, Clone, Copy)]
pub struct Items;

impl Surface for Items {
    fn name(&self) -> &'static str {
        "items"
    }

    fn doc(&self) -> &'static str {
        "the plan language: an id, what the item builds on, and its text"
    }

    fn fault(&self, _: ProblemForm<'_>) -> Option<String> {
        None
    }

    fn has_ids(&self) -> bool {
        true
    }

    fn shown(&self, _: ProblemForm<'_>, plan: &Plan) -> Result<ShownPlan, Inexpressible> {
        let visible = plan.visible();
        let items = visible.items();
        let line = |(at, item): (usize, &plan::Item)| {
            let whole = print_item(item, Style::Bare);
            let before = INDENT.repeat(item.depth.into());
            let text = whole.trim_start().to_owned();
            let after = if at + 1 < items.len() { "\n".to_owned() } else { String::new() };
            ShownLine { item: item.id, before, text, after, binds: None }
        };
        let lines = items.iter().enumerate().map(line).collect();
        Ok(ShownPlan { lines, has_ids: true, ..ShownPlan::default() })
    }

    fn read(
        &self,
        _: ProblemForm<'_>,
        text: &str,
        _: Option<KnownPlan<'_>>,
    ) -> Result<ReadPlan, SurfaceError> {
        let plan = read(text)?;
        let id = |line: &str| plan::parse_item(line.trim()).ok().map(|item| item.id);
        let found = (1..).zip(text.lines()).filter_map(|(number, line)| Some((id(line)?, number)));
        let lines = found.filter(|(id, _)| plan.get(*id).is_some()).collect();
        Ok(ReadPlan { plan, lines })
    }

    fn grammar(&self, form: ProblemForm<'_>, max_items: usize) -> String {
        draft_grammar(form.framing, max_items).lark()
    }

    fn line(&self, form: ProblemForm<'_>, shown: &ShownPlan, slot: LineSlot) -> Option<String> {
        // What is new would need an id, which is not known here.
        let item = slot.old(shown)?.item;
        let known: Vec<String> =
            shown.lines.get(..slot.at())?.iter().map(|line| line.item.to_string()).collect();
        let pattern = form.framing.patterns.iter().find(|pattern| pattern.kind == item.kind);
        let last = form.framing.last.as_ref().filter(|_| slot.closes(shown));
        let text = slashes(&last.or(pattern)?.regex);
        let deps = match known.join("|") {
            none if none.is_empty() => none,
            some => format!("( {ARROW}( ({some})){{1,5}})?"),
        };
        Some(format!("/{item}{deps}{COLON} ({text})/{}", slot.otherwise(shown)))
    }

    fn opening(&self) -> &'static str {
        ""
    }

    fn stop(&self) -> Vec<String> {
        Vec::new()
    }

    fn instruction(&self, form: ProblemForm<'_>) -> (String, String) {
        (form.framing.system.clone(), form.framing.how_to_plan.clone())
    }
}

/// Returns the grammar of a first plan: the family's kinds and forms, at most `max_items` lines.
pub fn draft_grammar(framing: &Framing, max_items: usize) -> PlanGrammar {
    PlanGrammar {
        kinds: framing.patterns.iter().map(|pattern| pattern.kind).collect(),
        min_items: framing.min_items.min(max_items),
        max_items,
        max_text_chars: framing.max_text_chars,
        max_deps: 5,
        max_depth: u8::from(framing.patterns.iter().any(|pattern| pattern.kind == ItemKind::Subgoal)),
        text: framing.patterns.iter().map(|pattern| (pattern.kind, pattern.regex.clone())).collect(),
        last: framing.last.as_ref().map(|last| LastLine { kind: last.kind, pattern: last.regex.clone() }),
        ..PlanGrammar::default()
    }
}

/// Reads a plan. Where no grammar held the model to it, words may stand around its lines, which are passed over.
fn read(text: &str) -> Result<Plan, SurfaceError> {
    let bare = || text.lines().filter(|line| is_item(line)).collect::<Vec<_>>().join("\n");
    let plan = plan::parse(text)
        .or_else(|errors| plan::parse(&bare()).ok().filter(|plan| !plan.is_empty()).ok_or(errors));
    let plan = plan.map_err(|errors| SurfaceError::whole(errors.to_string()))?;
    if plan.is_empty() { Err(SurfaceError::whole("it has no line")) } else { Ok(plan) }
}

/// Returns whether a line begins as an item does: `S2:` or `S2 <-`. What follows may be wrong, which is not passed over.
pub fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let (id, rest) = line.split_at(line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len()));
    let rest = rest.trim_start();
    id.parse::<ItemId>().is_ok() && [COLON, ARROW].iter().any(|sign| rest.starts_with(sign))
}
