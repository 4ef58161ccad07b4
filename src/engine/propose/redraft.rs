//! The model writes another plan from the start.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, Written};
use crate::{draft, prompt::Prompter};
use plan::{Edit, exchange};
use session::{Settings, State};
use surface::Surface;

/// The proposer's name.
pub const NAME: &str = "redraft";

/// The proposer. Its proposals do not look at the incumbent, so that with the greedy gate the run is best-of-N
/// by its own scorers, and with an end at the first plan that passes it is re-prompting until the checker passes.
pub struct Redraft;

impl Proposer for Redraft {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: NAME,
            doc: "the model writes a whole new plan, which looks at none before: best-of-N, the baseline of refinement",
            cost: "one plan written",
            weight: 0.0,
        }
    }

    fn writes_plans(&self) -> bool {
        true
    }

    fn is_independent(&self) -> bool {
        true
    }

    fn fault(&self, settings: &Settings) -> Option<String> {
        let why = "redrafts need a propose_temperature above 0: at 0 they would all be the same";
        (settings.propose_temperature <= 0.0).then(|| why.to_owned())
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        // What a person pinned or muted would be lost.
        if case.plan.items().iter().any(|item| item.pinned || item.muted) {
            return None;
        }
        let prompter = prompter(case, draw);
        let items = draft::most_items(&case.state.settings, case.framing);
        let written = Written {
            critique: None,
            prompt: prompter.draft(),
            grammar: prompter.draft_grammar(items),
            max_tokens: draft::tokens(items),
            stop: prompter.surface().stop(),
        };
        Some(Ask::new(self.doc().name, NAME, draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, ask: &Ask, reply: &str) -> Result<Edit, String> {
        let prompter = prompter(case, ask.draw);
        // One that was cut ends in a line that is not whole.
        let read = |text: &str| prompter.read_against(text, case.plan, &case.state.ids);
        let read = read(reply).or_else(|why| read(draft::whole_lines(reply)).map_err(|_| why));
        let read = read.map_err(|why| format!("The reply is not a valid plan: {why}."))?;
        Ok(exchange(case.plan, &read.plan))
    }
}

/// Returns the surface of a redraft in a run whose own is `own`. The first draft is in that, and each further one in the next of
/// the list.
pub fn surface(state: &State, own: &'static dyn Surface, draw: Draw) -> &'static dyn Surface {
    let others = &state.settings.redraft_surfaces;
    let turn = (state.iteration as usize + draw.index as usize) % (others.len() + 1);
    turn.checked_sub(1).and_then(|at| surface::find(others.get(at)?)).unwrap_or(own)
}

fn prompter(case: &Case<'_>, draw: Draw) -> Prompter {
    case.prompter.in_surface(surface(case.state, case.prompter.surface(), draw))
}
