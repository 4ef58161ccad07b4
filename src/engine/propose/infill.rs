//! The model fills one line that is taken out of the plan, by its own fill-in-the-middle tokens.
//!
//! There is no conversation and no instruction: what the model reads is the problem and the plan as a text with a hole, as in the
//! code that it was trained on. A line keeps the name that it defines, so that the lines below stay sound.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, Written, edit_to, restore};
use model::{ModelInfo, Prompt, Raw};
use plan::{Edit, ItemId};
use surface::{Code, KnownPlan, ShownPlan, Surface};

/// The proposer's name.
const NAME: &str = "infill";
/// Room for the rest of a line, in tokens.
const TOKENS: u32 = 48;
/// One line, whatever it says: what comes after the hole holds the model to the form.
const GRAMMAR: &str = "start: /[^\\n]{1,160}/\n";

/// The proposer.
pub struct Infill;

impl Proposer for Infill {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: NAME,
            doc: "takes a line out, rather one that the model was unsure of, and has the model fill the hole between the \
                  others, by tokens that only some models have",
            cost: "one line written",
            weight: 0.0,
        }
    }

    fn missing(&self, model: &ModelInfo) -> Option<String> {
        let name = &model.name;
        (model.infill != Some(true)).then(|| {
            format!(
                "The proposer infill is off: {name} is not known to have tokens that fill a hole in a text."
            )
        })
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let model = case.state.model.as_ref()?;
        if self.missing(model).is_some() {
            return None;
        }
        let (surface, shown) = shown(case)?;
        let item = *draw.one_of("hole", &restore::masked(case, draw))?;
        let hole = Hole::new(&shown, item)?;
        let before = format!("{}{}", about(case, surface), hole.before);
        let prompt = Prompt::raw(Raw::Infill { before, after: hole.after });
        let (grammar, stop) = (GRAMMAR.to_owned(), vec!["\n".into()]);
        let written = Written { critique: None, prompt, grammar, max_tokens: TOKENS, stop };
        Some(Ask::new(NAME, NAME, draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        let cannot = || "The plan cannot be shown with a hole.".to_owned();
        let (surface, shown) = shown(case).ok_or_else(cannot)?;
        let item = *ask.draw.one_of("hole", &restore::masked(case, ask.draw)).ok_or_else(cannot)?;
        let hole = Hole::new(&shown, item).ok_or_else(cannot)?;
        let text = format!("{}{}{}", hole.before, reply.trim(), hole.after);
        let known = KnownPlan { plan: case.plan, ids: &case.state.ids, rewritten: Some((hole.at, item)) };
        let read =
            surface.read(case.prompter.form(), &text, Some(known)).map_err(|error| format!("{error}."))?;
        Ok(edit_to(case, read.plan))
    }
}

/// Returns the plan in the form in which it has a hole: a program where it can be one, since the models that fill holes learned it
/// on code; otherwise the run's own. `None` where a line is muted or cannot be shown.
fn shown(case: &Case<'_>) -> Option<(&'static dyn Surface, ShownPlan)> {
    if case.plan.items().iter().any(|item| item.muted) {
        return None;
    }
    let form = case.prompter.form();
    if Code.fault(form).is_none()
        && let Ok(shown) = Code.shown(form, case.plan)
    {
        return Some((&Code, shown));
    }
    Some((case.prompter.surface(), case.prompter.shown(case.plan).ok()?))
}

/// Returns the problem as it stands before the plan: as comments before a program.
fn about(case: &Case<'_>, surface: &dyn Surface) -> String {
    let text = &case.prompter.problem().text;
    if surface.name() == Code.name() {
        text.lines().map(|line| format!("# {line}\n")).collect()
    } else {
        format!("Problem:\n{text}\n\nPlan:\n")
    }
}

/// A plan with a hole in one line.
struct Hole {
    /// The line, counted from 0.
    at: usize,
    before: String,
    after: String,
}

impl Hole {
    /// Returns the plan without what the line of `item` says; its id and the name that it defines stay.
    fn new(shown: &ShownPlan, item: ItemId) -> Option<Self> {
        let at = shown.lines.iter().position(|line| line.item == item)?;
        let line = &shown.lines[at];
        let head = if shown.has_ids { line.text.find(": ").map_or(0, |colon| colon + 2) } else { 0 };
        let kept = head + defined(&line.text[head..]);
        let before = format!("{}{}{}", shown.before(at), line.before, &line.text[..kept]);
        let whole = shown.text();
        let after = whole.get(before.len() - kept + line.text.len()..)?.to_owned();
        Some(Self { at, before, after })
    }
}

/// Returns the length of `name = ` or `return ` at the start of a line; 0 where there is neither.
fn defined(text: &str) -> usize {
    const RETURN: &str = "return ";
    if text.starts_with(RETURN) {
        return RETURN.len();
    }
    let name = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(0);
    if name > 0 && text[name..].starts_with(" = ") { name + " = ".len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use problem::Problem;
    use surface::Items;
    use surface::ProblemForm;

    fn hole(surface: &dyn Surface, item: &str) -> (String, String) {
        let problem = Problem::new("p", "math", "How many?");
        let framing = problem.family().framing(&problem);
        let plan =
            plan::parse("C1: a = 2\nC2: b = 3\nS1 <- C1 C2: c = a * b\nS2 <- S1: answer = c + 1").unwrap();
        let shown = surface.shown(ProblemForm { problem: &problem, framing: &framing }, &plan).unwrap();
        let hole = Hole::new(&shown, item.parse().unwrap()).unwrap();
        (hole.before, hole.after)
    }

    #[test]
    fn a_hole_leaves_the_id_and_the_name_that_a_line_defines() {
        let (before, after) = hole(&Items, "S1");
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("C1: a = 2\nC2: b = 3\nS1 <- C1 C2: c = ", "\nS2 <- S1: answer = c + 1")
        );
        assert_eq!(hole(&Items, "S2").1, "");
        let (before, after) = hole(&Code, "S1");
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("def solution():\n    a = 2\n    b = 3\n    c = ", "\n    return c + 1\n")
        );
        assert!(hole(&Code, "S2").0.ends_with("    return "));
    }

    #[test]
    fn only_a_name_with_an_equals_sign_is_kept() {
        for (text, kept) in
            [("total = a * b", 8), ("return c", 7), ("find_order(customer=T1.id)", 0), ("a == b", 0), ("", 0)]
        {
            assert_eq!(defined(text), kept, "{text}");
        }
    }
}
