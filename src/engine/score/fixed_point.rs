//! Whether a small model that fills plan tokens fills a plan back in as it is.

use super::{Case, Memory, Reading, Scatter, Scorer, ScorerDoc, Value, Verifier};
use crate::seed;
use denoise::{Token, most_probable};
use model::{FillRow, Output, Request};
use plan::Plan;
use problem::tokens::PlanTokens;
use session::Settings;

/// The scorer's name.
const NAME: &str = "fixed_point";
/// Masked copies of each plan.
const COPIES: u32 = 8;

/// The scorer.
pub(super) struct FixedPoint;

impl Scorer for FixedPoint {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: NAME,
            doc: "share of copies, masked in part, that a small model of plan tokens fills back in as they were",
            cost: "one forward pass of the small model per copy, eight a plan",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some(NAME)
    }

    fn asks_model(&self) -> bool {
        false
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Err("It values only plans that can be written as plan tokens, and labelled plans are not.")
    }

    /// All plans are held to the same masks.
    fn scatter(&self) -> Scatter {
        Scatter::Shared
    }

    fn ask(&self, case: &Case<'_>, _: &Memory) -> Option<Request> {
        let tokens = case.family.tokens()?;
        let written =
            case.asked.iter().filter_map(|asked| TokenPlan::of(case, tokens, &asked.view.plan).ok());
        let rows: Vec<FillRow> = written.flat_map(|written| written.copies(case.settings)).collect();
        let vocabulary = tokens.vocabulary().iter().map(|token| (*token).to_owned()).collect();
        (!rows.is_empty()).then(|| Request::Fill {
            family: case.family.name().to_owned(),
            vocabulary,
            rows,
            doubts: false,
        })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(tokens) = case.family.tokens() else {
            let why = format!("Plans of the family {} have no form as tokens.", case.family.name());
            return case.asked.iter().map(|_| Err(why.clone())).collect();
        };
        let all = match output {
            Some(Output::Filled { distributions }) => distributions.as_slice(),
            Some(
                Output::Generated { .. }
                | Output::Scored { .. }
                | Output::Chosen { .. }
                | Output::Contrasted { .. }
                | Output::Ranked { .. }
                | Output::Found { .. }
                | Output::Appraised { .. },
            )
            | None => &[],
        };
        let mut filled = all.chunks(COPIES as usize);
        let reading = |plan: &Plan| {
            let written = TokenPlan::of(case, tokens, plan)?;
            let copies = filled.next().ok_or("The small model did not answer.")?;
            written.value(case.settings, copies)
        };
        case.asked.iter().map(|asked| &asked.view.plan).map(reading).collect()
    }
}

/// A plan as tokens, with those of its problem.
struct TokenPlan {
    problem: Vec<Token>,
    plan: Vec<Token>,
}

impl TokenPlan {
    fn of(case: &Case<'_>, tokens: &dyn PlanTokens, plan: &Plan) -> Result<Self, String> {
        let form = tokens.form(case.prompter.problem());
        let form = form.map_err(|why| format!("This problem cannot be written as tokens: {why}."))?;
        let written = form.tokens(tokens, plan);
        let plan = written.map_err(|why| format!("This plan cannot be written as tokens: {why}."))?;
        Ok(Self { problem: form.problem, plan })
    }

    /// The plan's copies, each with a share of its tokens masked: at least one. The same places are masked in all plans, so that
    /// chance does not decide between two.
    fn copies(&self, settings: &Settings) -> Vec<FillRow> {
        let copy = |copy: u32| {
            let masks = self.masks(settings, copy);
            let plan = self.plan.iter().zip(masks).map(|(token, masked)| (!masked).then_some(*token));
            FillRow { problem: self.problem.clone(), plan: plan.collect() }
        };
        (0..COPIES).map(copy).collect()
    }

    fn masks(&self, settings: &Settings, copy: u32) -> Vec<bool> {
        let draw = |place: usize| seed::draw_at(settings.seed, NAME, copy, place);
        let draws: Vec<f64> = (0..self.plan.len()).map(draw).collect();
        let least = draws.iter().copied().fold(f64::INFINITY, f64::min);
        draws.iter().map(|draw| *draw < settings.renoise || *draw == least).collect()
    }

    /// Returns the share of copies whose masked places all have their own token as the most probable one: the test of a fixed
    /// point with one step in place of many. The standard error is that of a proportion.
    fn value(&self, settings: &Settings, copies: &[Vec<Vec<f32>>]) -> Reading {
        let returns = |(copy, places): (u32, &Vec<Vec<f32>>)| {
            let masks = self.masks(settings, copy);
            let mut masked = self.plan.iter().zip(places).zip(masks).filter(|(_, masked)| *masked);
            masked.all(|((token, distribution), _)| most_probable(distribution) == Some(*token))
        };
        let returned = (0..).zip(copies).filter(|copy| returns(*copy)).count();
        let share = returned as f64 / f64::from(COPIES);
        let detail = format!("{returned} of {COPIES} masked copies are filled back in as they were.");
        let stderr = (share * (1.0 - share) / f64::from(COPIES)).sqrt();
        Ok(Value { value: share, stderr: Some(stderr), detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_the_model_finds_probable_returns() {
        let written = TokenPlan { problem: vec![1], plan: vec![1, 2, 1, 2] };
        let settings = Settings::default();
        let place = |token: usize| {
            let mut all = vec![0.1; 3];
            all[token] = 0.8;
            all
        };
        let as_it_is = vec![vec![place(1), place(2), place(1), place(2)]; COPIES as usize];
        assert_eq!(written.value(&settings, &as_it_is).unwrap().value, 1.0);
        let otherwise = vec![vec![place(2), place(1), place(2), place(1)]; COPIES as usize];
        assert_eq!(written.value(&settings, &otherwise).unwrap().value, 0.0);
        // One doubtful place counts in the copies in which it is masked.
        let one = vec![vec![place(2), place(2), place(1), place(2)]; COPIES as usize];
        let expected = (0..COPIES).filter(|copy| !written.masks(&settings, *copy)[0]).count();
        let reading = written.value(&settings, &one).unwrap();
        assert_eq!(reading.value, expected as f64 / f64::from(COPIES));
        assert!((0..COPIES).all(|copy| written.masks(&settings, copy).contains(&true)));
    }
}
