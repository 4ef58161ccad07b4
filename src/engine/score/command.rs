//! The word of a command of the user's own.

use serde_json::{Value as Json, json};

use super::{
    Case, Memory, Reading, Scorer, ScorerDoc, Value, unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use crate::prompt::Prompter;
use model::{Appraisal, Output, Request, ScoringCommand};
use plan::{Item, Plan, Style, print};
use session::Settings;

/// The version of what a command reads.
const VERSION: u32 = 1;

/// The scorer's name.
pub const NAME: &str = "command";

/// The scorer.
pub struct Command;

impl Scorer for Command {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: NAME,
            doc: "what a command of yours says of the plan: cmd:PATH (docs/scorers.md)",
            cost: "one process a plan; no model call",
            weight: 0.0,
            deterministic: false,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("command")
    }

    fn asks_model(&self) -> bool {
        false
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: true, steps: Some(&Self) })
    }

    fn ask(&self, case: &Case<'_>, _: &Memory) -> Option<Request> {
        request(case.prompter, case.settings, case.asked.iter().map(|asked| &asked.view.plan))
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(output) = output else { return vec![Err(NO_COMMAND.to_owned()); case.asked.len()] };
        let Output::Appraised { appraisals } = output else { return unusable(case) };
        let mut appraisals = appraisals.iter();
        case.asked.iter().map(|_| value(appraisals.next())).collect()
    }
}

/// The parts that are called like items are the values of those steps.
impl Steps for Command {
    fn ask(&self, case: &StepCase<'_>, _: &Memory) -> Option<Request> {
        request(case.prompter, case.settings, [case.plan].into_iter())
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Appraised { appraisals }) = output else { return verifier::unusable(case) };
        let step = |item: &Item| match appraisals.first() {
            Some(Appraisal::Value { parts, .. }) => match parts.get(&item.id.to_string()) {
                Some(part) => Ok(Value::new(*part, "")),
                None => Err("The command names no part after this step.".into()),
            },
            Some(Appraisal::Nothing { why }) => Err(why.clone()),
            None => Err(NO_WORD.into()),
        };
        case.plan.items().iter().map(step).collect()
    }
}

const NO_COMMAND: &str = "No command is named; set scorer_command.path, or use --scorer cmd:PATH.";
const NO_WORD: &str = "The command was not asked.";

fn request<'a>(
    prompter: &Prompter,
    settings: &Settings,
    plans: impl Iterator<Item = &'a Plan>,
) -> Option<Request> {
    let path = settings.scorer_command.path.clone()?;
    let command = ScoringCommand { path, timeout_ms: settings.scorer_command.timeout_ms };
    Some(Request::Appraise { command, plans: plans.map(|plan| written(prompter, plan)).collect() })
}

/// Returns what a command reads of a plan and its problem. The problem is its public view, so no gold is in it, and
/// where it was loaded from is left out, since gold may be found there.
fn written(prompter: &Prompter, plan: &Plan) -> Json {
    let problem = prompter.problem();
    let plan = plan.visible();
    let item = |item: &Item| json!({ "id": item.id, "kind": item.id.kind.name(), "depth": item.depth, "deps": item.deps, "text": item.text });
    json!({
        "version": VERSION,
        "problem": {
            "id": problem.id,
            "family": problem.family,
            "text": problem.text,
            "visible_goal": problem.visible_goal,
            "settings": problem.settings,
        },
        "plan": {
            "text": print(&plan, Style::Bare),
            "items": plan.items().iter().map(item).collect::<Vec<_>>(),
        },
    })
}

fn value(appraisal: Option<&Appraisal>) -> Reading {
    match appraisal {
        Some(Appraisal::Value { score, parts, stderr, detail }) => {
            let named: Vec<String> = parts.iter().map(|(name, value)| format!("{name} {value:.2}")).collect();
            let parts = (!named.is_empty()).then(|| format!("Parts: {}.", named.join(", ")));
            let words: Vec<String> = detail.iter().cloned().chain(parts).collect();
            let words =
                if words.is_empty() { "The command's own value.".to_owned() } else { words.join(" ") };
            Ok(Value { value: *score, stderr: *stderr, detail: words })
        }
        Some(Appraisal::Nothing { why }) => Err(why.clone()),
        None => Err(NO_WORD.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;
    use problem::{Gold, Problem};

    #[test]
    fn a_command_reads_plan_and_problem_and_no_gold() {
        let gold = Gold::new(Some("7919".into()), vec!["SELECT 7919".into()]);
        let mut problem = Problem::new("pens", "math", "How many pens?").with_gold(gold);
        problem.source = "/data/gold-7919.jsonl".into();
        let plan = parse("C1: pens = 3\nS1 <- C1: answer = pens * 2\n").unwrap();
        let written = written(&Prompter::new(&problem, true), &plan);
        assert!(!written.to_string().contains("7919"), "{written}");
        assert_eq!(written["problem"]["text"], "How many pens?");
        assert_eq!(written["plan"]["items"][1]["deps"], json!(["C1"]));
        assert_eq!(written["plan"]["items"][1]["kind"], "step");
    }

    #[test]
    fn without_a_command_there_is_no_value() {
        let prompter = Prompter::new(&Problem::new("p", "free", "Text."), true);
        assert_eq!(request(&prompter, &Settings::default(), std::iter::empty()), None);
        assert!(value(None).is_err());
    }
}
