//! Scoring the incumbent again, with prompts that ask the same in other words.

use super::Machine;
use crate::{
    engine::{
        prompt,
        score::{self, SelfCheck, self_check},
    },
    llm::{Cost, Prompt, Request},
    session::{Event, PartSpread, Purpose, Rescore, Spread},
};

impl Machine {
    /// Asks the model `times` times, each time with a prompt of its own: at temperature 0 the same prompt would
    /// give the same number, and repeating it would say nothing. For each wording its own bias is asked for
    /// too.
    pub(super) fn begin_rescore(&mut self, times: u32) -> Result<(), String> {
        if self.state.model.is_none() {
            return Err("The model is not ready yet.".into());
        }
        let scored = self.state.incumbent.as_ref().filter(|view| view.score.is_some());
        let incumbent = scored.ok_or("There is no scored plan to score again.")?;
        if self.state.settings.scorers.self_check <= 0.0 {
            return Err("Every scorer of this run gives the same plan the same value; only self_check asks \
                        the model, and its weight is 0."
                .into());
        }
        let most = prompt::SELF_CHECK_VARIANTS - 1;
        if times == 0 || times > most {
            return Err(format!("There are {most} other ways to ask, so score again 1 to {most} times."));
        }
        let ask = |variant| {
            [self.prompter.content_free(variant), self.prompter.self_check(&incumbent.plan, variant)]
        };
        let prompts: Vec<Prompt> = (1..=times).flat_map(ask).collect();
        let options = self_check::OPTIONS.map(str::to_owned).to_vec();
        self.call(Purpose::Rescore, Request::Choose { prompts, options });
        Ok(())
    }

    /// Takes pairs of replies: on nothing, and on the plan.
    pub(super) fn rescored(&mut self, logprobs: &[Vec<f32>]) {
        let Some(incumbent) = &self.state.incumbent else { return };
        let corrected = logprobs.chunks_exact(2).filter_map(|pair| {
            let [content_free, plan] = [&pair[0], &pair[1]].map(|logprobs| self_check::log_odds(logprobs));
            Some(self_check::Corrected { plan: plan?, content_free: content_free? })
        });
        let (mut values, mut totals) = (Vec::new(), Vec::new());
        for value in corrected {
            let asked = Ok(SelfCheck { value, cost: Cost::default() });
            values.push(value.probability());
            totals.extend(score::total(&self.state.settings, incumbent, asked).total);
        }
        let (Some(spread), Some(total)) = (Spread::of(&values), Spread::of(&totals)) else {
            return self.refuse("The model gave no usable probability of yes and no.");
        };
        let part = PartSpread { name: self_check::DOC.name.into(), spread, values };
        let rescore = Rescore { plan: incumbent.plan.hash(), total, parts: vec![part] };
        self.emit(Event::Rescored { rescore });
    }
}
