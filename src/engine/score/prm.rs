//! A process reward model: another model, which was trained to value each step.

use super::{
    Asked, Case, Memory, Reading, Scorer, ScorerDoc, Value, unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use crate::prompt::Prompter;
use model::{Output, RankBy, Request};
use plan::{ItemId, Plan};
use session::{Combine, PrmSettings};

/// The scorer's name.
pub const NAME: &str = "prm";

/// The scorer.
pub struct Prm;

impl Scorer for Prm {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: NAME,
            doc: "how sure a process reward model is of each item, the least of them or their product (prm.model)",
            cost: "the plan's tokens evaluated once by a second model",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("reward")
    }

    fn asks_model(&self) -> bool {
        false
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: true, steps: Some(&Self) })
    }

    fn ask(&self, case: &Case<'_>, _: &Memory) -> Option<Request> {
        let plans = case.asked.iter().map(|asked| &asked.view.plan);
        request(&case.settings.prm, case.prompter, plans)
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(output) = output else { return vec![Err(NO_MODEL.to_owned()); case.asked.len()] };
        let Output::Ranked { probabilities } = output else { return unusable(case) };
        let mut rest = probabilities.iter().copied();
        let read = |asked: &Asked<'_>| {
            let plan = asked.view.plan.visible();
            let ids: Vec<ItemId> = plan.items().iter().map(|item| item.id).collect();
            value(&ids, &rest.by_ref().take(ids.len()).collect::<Vec<_>>(), case.settings.prm.combine)
        };
        case.asked.iter().map(read).collect()
    }
}

impl Steps for Prm {
    fn ask(&self, case: &StepCase<'_>, _: &Memory) -> Option<Request> {
        request(&case.settings.prm, case.prompter, [case.plan].into_iter())
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Ranked { probabilities }) = output else { return verifier::unusable(case) };
        let step = |at: usize| {
            let probability = probabilities.get(at).copied().filter(|probability| probability.is_finite());
            let probability = probability.ok_or("The model gave no usable probability.")?;
            Ok(Value::new(f64::from(probability), ""))
        };
        (0..case.plan.len()).map(step).collect()
    }
}

const NO_MODEL: &str = "No process reward model is named; set prm.model.";

/// Asks about each beginning of each plan, one item longer each time.
fn request<'a>(
    settings: &PrmSettings,
    prompter: &Prompter,
    plans: impl Iterator<Item = &'a Plan>,
) -> Option<Request> {
    settings.model.as_ref()?;
    let prompt = |plan: Plan| match settings.reads {
        RankBy::Head => prompter.reward(&plan),
        RankBy::Signs => prompter.reward_turns(&plan),
    };
    let prompts = plans.flat_map(|plan| verifier::prefixes(&plan.visible())).map(prompt);
    Some(Request::Rank { prompts: prompts.collect(), by: settings.reads })
}

/// Returns min p_i or Π p_i over the items' probabilities of being right (Lightman et al. 2023, arXiv 2305.20050, use the
/// product; Wang et al. 2024, arXiv 2312.08935, the minimum).
fn value(ids: &[ItemId], probabilities: &[f32], combine: Combine) -> Reading {
    if ids.is_empty() {
        return Err("There is no item to value.".into());
    }
    let known: Vec<f64> = probabilities.iter().map(|p| f64::from(*p)).filter(|p| p.is_finite()).collect();
    if known.len() != ids.len() {
        return Err("The model gave no usable probability.".into());
    }
    let least = ids.iter().zip(&known).min_by(|a, b| a.1.total_cmp(b.1));
    let (id, least) = least.ok_or("There is no item to value.")?;
    let detail = format!("Least sure of {id}: {least:.3}.");
    let value = match combine {
        Combine::Min => *least,
        Combine::Product => known.iter().product(),
    };
    Ok(Value::new(value, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Role;
    use plan::parse;
    use problem::Problem;

    #[test]
    fn a_turn_a_step_comes_before_the_rating() {
        let prompter = Prompter::new(&Problem::new("p", "free", "How many?"), true);
        let settings =
            PrmSettings { model: Some("prm".into()), reads: RankBy::Signs, ..PrmSettings::default() };
        let plan = parse("S1: two\nS2: four\n").unwrap();
        let Some(Request::Rank { prompts, by }) = request(&settings, &prompter, [&plan].into_iter()) else {
            panic!("a model is named");
        };
        assert_eq!((prompts.len(), by), (2, RankBy::Signs));
        let said: Vec<(Role, &str)> =
            prompts[1].messages.iter().map(|message| (message.role, message.content.as_str())).collect();
        assert_eq!(said, [(Role::User, "How many? two"), (Role::Assistant, "+"), (Role::User, "four")]);
        assert_eq!(request(&PrmSettings::default(), &prompter, [&plan].into_iter()), None);
    }

    #[test]
    fn the_least_or_the_product_of_the_steps_counts() {
        let ids: Vec<ItemId> = ["S1", "S2", "S3"].map(|id| id.parse().unwrap()).to_vec();
        let of = |combine| value(&ids, &[0.5, 0.25, 1.0], combine).unwrap();
        assert_eq!((of(Combine::Min).value, of(Combine::Product).value), (0.25, 0.125));
        assert_eq!(of(Combine::Min).detail, "Least sure of S2: 0.250.");
        assert!(
            value(&ids, &[0.5], Combine::Min).is_err()
                && value(&ids, &[0.5, f32::NAN, 1.0], Combine::Min).is_err()
        );
        assert!(value(&[], &[], Combine::Product).is_err());
    }
}
