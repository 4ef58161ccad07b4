//! Mask and restore: discrete diffusion over the lines of a plan, without training.
//!
//! Lines are masked at a noise level that falls over the iterations, and the model rewrites them from all the
//! others. It is ReMDM (Wang et al. 2025, "Remasking discrete diffusion models with inference-time scaling") with
//! lines in place of tokens and an autoregressive model in place of the denoiser.

use std::collections::BTreeMap;

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc, Written, free, grammar, numbered};
use crate::seed;
use model::Completion;
use plan::{Edit, Item, ItemId, Plan, Style, parse_item, print};
use session::{Remask, RestoreSettings};
use surface::ReadPlan;

/// Room for one line, in tokens.
const LINE_TOKENS: u32 = 64;
/// What stands in place of a masked text.
const MASK: &str = "[mask]";

/// The proposer's name.
pub const NAME: &str = "restore";

/// The proposer.
pub struct Restore;

impl Proposer for Restore {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: NAME,
            doc: "masks some lines, preferably less probable ones, and has the model rewrite them from the rest",
            cost: "the masked lines written",
            weight: 0.0,
        }
    }

    fn writes_plans(&self) -> bool {
        true
    }

    fn is_independent(&self) -> bool {
        true
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let masked = masked(case, draw);
        let (grammar, shown) = if case.prompter.surface().has_ids() {
            let grammar = grammar::grammar_of_lines(case.framing, case.plan, &masked)?;
            (grammar, with_masks(case.plan, &masked))
        } else {
            (numbered::grammar_of_lines(case, &masked)?, with_hidden_lines(case, &masked)?)
        };
        let prompt = case.prompter.restore(&shown);
        let max_tokens = u32::try_from(masked.len()).unwrap_or(u32::MAX).saturating_mul(LINE_TOKENS);
        let written = Written { critique: None, prompt, grammar, max_tokens, stop: vec!["\n\n".into()] };
        Some(Ask::new(self.doc().name, NAME, draw, How::Written(Box::new(written))))
    }

    fn read(&self, case: &Case<'_>, _: &Ask, reply: &str) -> Result<Edit, String> {
        if !case.prompter.surface().has_ids() {
            return numbered::lines(case, reply);
        }
        let mut edits = Vec::new();
        for line in reply.lines().filter(|line| !line.trim().is_empty()) {
            let line = parse_item(line.trim()).map_err(|error| error.to_string())?;
            let old =
                case.plan.get(line.id).ok_or_else(|| format!("There is no {} in the plan.", line.id))?;
            if line.text != old.text {
                edits.push(Edit::Replace { id: line.id, text: line.text });
            }
            if line.deps != old.deps {
                edits.push(Edit::SetDeps { id: line.id, deps: line.deps });
            }
        }
        Ok(if edits.len() == 1 { edits.remove(0) } else { Edit::Batch { edits } })
    }
}

/// Returns the share σ of lines to be masked in `iteration` of `iterations`, both from 1.
///
/// With the log-linear schedule a line is visible with α = 1 − t, where t falls from 1 by 1/K an iteration. A
/// visible line may be masked again with σ ≤ σ_max = min(1, (1 − α_s)/α_t), s = t − 1/K (Wang et al. 2025, eq. 6).
/// *cap* takes min(η, σ_max), *rescale* η·σ_max, *conf* shares σ_max among the lines by softmax(−p) and so masks η of
/// it, and *loop* keeps σ at η in the middle half of the run and at 0 elsewhere.
pub fn share(settings: &RestoreSettings, iteration: u32, iterations: u32) -> f64 {
    let k = f64::from(iterations.max(1));
    let t = 1.0 - f64::from(iteration.saturating_sub(1)) / k;
    let s = (t - 1.0 / k).max(0.0);
    let (alpha_t, alpha_s) = (1.0 - t, 1.0 - s);
    let most = if alpha_t <= 0.0 { 1.0 } else { ((1.0 - alpha_s) / alpha_t).min(1.0) };
    match settings.strategy {
        Remask::Cap => settings.eta.min(most),
        Remask::Rescale | Remask::Conf => settings.eta * most,
        Remask::Loop => {
            if (0.25..=0.75).contains(&t) {
                settings.eta
            } else {
                0.0
            }
        }
    }
}

/// Draws the lines to be masked: one at least, without replacement; by the *conf* strategy with weights
/// softmax(−p_i), where p_i is the geometric mean of the probabilities of line i's tokens when it was written, and
/// evenly by the others. A line whose probability is not known weighs as one of the mean.
pub(super) fn masked(case: &Case<'_>, draw: Draw) -> Vec<ItemId> {
    let state = case.state;
    let settings = &state.settings;
    let mut left = free(case.plan);
    let share = share(&settings.restore, state.iteration, settings.iterations);
    let count = ((share * left.len() as f64).round() as usize).clamp(1, left.len().max(1));
    let known: Vec<f64> = left.iter().filter_map(|id| state.confidence.get(id).copied()).collect();
    let mean = if known.is_empty() { 0.5 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let weight = |id: &ItemId| match settings.restore.strategy {
        Remask::Conf => (-state.confidence.get(id).copied().unwrap_or(mean)).exp(),
        Remask::Cap | Remask::Rescale | Remask::Loop => 1.0,
    };
    let mut masked = Vec::new();
    for time in 0..count {
        let total: f64 = left.iter().map(weight).sum();
        let mut at = total * seed::draw(draw.seed, "mask", 0, u32::try_from(time).unwrap_or(u32::MAX));
        let place = left.iter().position(|id| {
            at -= weight(id);
            at < 0.0
        });
        let Some(place) = place else { break };
        masked.push(left.remove(place));
    }
    let order = |id: &ItemId| case.plan.position(*id);
    masked.sort_by_key(order);
    masked
}

/// The plan as the model sees it: what a masked line says and builds on is hidden.
fn with_masks(plan: &Plan, masked: &[ItemId]) -> String {
    let hide = |item: &Item| {
        if masked.contains(&item.id) {
            Item { text: MASK.to_owned(), deps: Vec::new(), ..item.clone() }
        } else {
            item.clone()
        }
    };
    let items = plan.items().iter().map(hide).collect();
    Plan::new(items).map_or_else(|_| print(plan, Style::Bare), |plan| print(&plan, Style::Bare))
}

/// The same where lines have numbers.
fn with_hidden_lines(case: &Case<'_>, masked: &[ItemId]) -> Option<String> {
    let mut shown = case.prompter.shown(case.plan).ok()?;
    for line in shown.lines.iter_mut().filter(|line| masked.contains(&line.item)) {
        MASK.clone_into(&mut line.text);
    }
    Some(shown.numbered())
}

/// Returns the geometric mean of the token probabilities of each line that `completion` wrote for items of
/// `plan`: whole lines of the plan language, or the one line of an edit.
pub fn confidence(plan: &Plan, edit: Option<&Edit>, completion: &Completion) -> BTreeMap<ItemId, f64> {
    let lines = by_line(completion);
    match (&lines[..], edit.and_then(said)) {
        ([line], Some(id)) => BTreeMap::from([(id, line.probability)]),
        _ => lines
            .into_iter()
            .filter_map(|line| Some((parse_item(line.text.trim()).ok()?.id, line.probability)))
            .filter(|(id, _)| plan.get(*id).is_some())
            .collect(),
    }
}

/// Returns the one item that an edit gives a text, or is about.
fn said(edit: &Edit) -> Option<ItemId> {
    let Edit::Batch { edits } = edit else {
        return <[ItemId; 1]>::try_from(edit.touches()).ok().map(|[id]| id);
    };
    let has_text =
        |edit: &&Edit| matches!(edit, Edit::Replace { .. } | Edit::Tighten { .. } | Edit::Insert { .. });
    let mut texts = edits.iter().filter(has_text).flat_map(Edit::touches);
    texts.next().filter(|_| texts.next().is_none())
}

/// Returns the same for a plan that was read of the completion, in whatever form it was written.
pub fn draft_confidence(read: &ReadPlan, completion: &Completion) -> BTreeMap<ItemId, f64> {
    let lines: BTreeMap<usize, f64> =
        by_line(completion).into_iter().map(|line| (line.number, line.probability)).collect();
    read.lines.iter().filter_map(|(id, number)| Some((*id, *lines.get(number)?))).collect()
}

/// A line that was written.
struct WrittenLine {
    /// Counted from 1.
    number: usize,
    text: String,
    /// exp of the mean log-probability of its tokens.
    probability: f64,
}

/// The lines that were written; those that are empty, and those with a token whose probability is not known, are left
/// out. A token belongs to the line in which it begins.
fn by_line(completion: &Completion) -> Vec<WrittenLine> {
    let whole: String = completion.tokens.iter().map(|token| token.text.as_str()).collect();
    let mut logprobs: Vec<Vec<Option<f32>>> = vec![Vec::new()];
    for token in &completion.tokens {
        if let Some(line) = logprobs.last_mut() {
            line.push(token.logprob);
        }
        logprobs.extend(token.text.matches('\n').map(|_| Vec::new()));
    }
    let lines = (1..).zip(whole.split('\n')).zip(logprobs);
    lines
        .filter(|((_, text), logprobs)| !text.trim().is_empty() && !logprobs.is_empty())
        .filter_map(|((number, text), logprobs)| {
            let known: Vec<f32> = logprobs.into_iter().collect::<Option<_>>()?;
            let mean = known.iter().copied().map(f64::from).sum::<f64>() / known.len() as f64;
            Some(WrittenLine { number, text: text.trim().to_owned(), probability: mean.exp() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{StopReason, Token};
    use plan::parse;

    fn settings(strategy: Remask) -> RestoreSettings {
        RestoreSettings { strategy, eta: 0.5 }
    }

    fn token(text: &str, p: f32) -> Token {
        Token { id: None, text: text.into(), logprob: Some(p.ln()), mask: None, share: None }
    }

    #[test]
    fn the_noise_falls_over_the_run() {
        let shares = |strategy| -> Vec<f64> { (1..=4).map(|k| share(&settings(strategy), k, 4)).collect() };
        // t = 1, 3/4, 1/2, 1/4: σ_max = 1, min(1, (1/2)/(1/4)) = 1, (1/4)/(1/2) = 1/2, 0.
        assert_eq!(shares(Remask::Rescale), [0.5, 0.5, 0.25, 0.0]);
        assert_eq!(shares(Remask::Cap), [0.5, 0.5, 0.5, 0.0]);
        assert_eq!(shares(Remask::Loop), [0.0, 0.5, 0.5, 0.5]);
    }

    #[test]
    fn masked_lines_hide_what_they_build_on() {
        let plan = parse("C1: a = 1\nS1 <- C1: b = a * 2\n").unwrap();
        assert_eq!(with_masks(&plan, &["S1".parse().unwrap()]), "C1: a = 1\nS1: [mask]");
    }

    #[test]
    fn each_line_has_the_mean_probability_of_its_tokens() {
        let tokens = vec![token("C1: a", 0.5), token(" = 1\n", 0.125), token("S1: b = 2", 0.9)];
        let completion =
            Completion { text: String::new(), tokens, stop: StopReason::EndOfTurn, thinking: None };
        let plan = parse("C1: a = 1\nS1: b = 2\n").unwrap();
        let found = confidence(&plan, None, &completion);
        let of = |id: &str| found[&id.parse::<ItemId>().unwrap()];
        assert!((of("C1") - 0.25).abs() < 1e-6 && (of("S1") - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_draft_in_any_form_has_the_probabilities_of_its_lines() {
        // The second token ends a line and begins the next one with its indentation.
        let tokens = vec![token("    a = 1", 0.5), token("\n    ", 0.5), token("return a\n", 0.125)];
        let completion =
            Completion { text: String::new(), tokens, stop: StopReason::EndOfTurn, thinking: None };
        let settings = session::Settings { surface: "code".into(), ..session::Settings::default() };
        let problem = problem::Problem::new("p", "math", "How many?");
        let prompter = crate::prompt::Prompter::of(&problem, &settings);
        let found = draft_confidence(&prompter.read("    a = 1\n    return a\n").unwrap(), &completion);
        let of = |id: &str| found[&id.parse::<ItemId>().unwrap()];
        assert!((of("C1") - 0.5).abs() < 1e-6 && (of("S1") - 0.125).abs() < 1e-6);
    }
}
