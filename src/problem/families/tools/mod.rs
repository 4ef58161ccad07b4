//! Multi-step tool use over a small shop that the program seeds itself.
//!
//! A plan is a list of tool calls, `T2 <- T1: list_orders(customer=T1.id)`; later calls take fields of
//! earlier results. The plan checker types all calls and runs them in a fresh world. Where the problem
//! shows its goal, the checker is exact; a hidden goal is the oracle's.
//!
//! Limitation: a plan cannot branch or loop on results, so problems must be solvable by a straight line.

pub mod api;
pub mod call;
mod check;
pub mod run;
pub mod world;

use serde::Deserialize;

use crate::{
    Problem,
    family::{Example, Family, Framing, ItemPattern, References, TEXT_CHARS, example_plan},
    free, numbers,
    report::{AnswerVerdict, Outcome, PlanReport},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// The family of tool use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tools;

/// The settings of a tools problem. All limits are stated in its text too, for the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ToolsSettings {
    /// The seed of the world.
    pub seed: u64,
    /// How many calls a plan may make.
    pub max_calls: Option<usize>,
    /// Tools that must not be called.
    pub forbid: Vec<String>,
}

impl ToolsSettings {
    /// Reads the settings of `problem`.
    ///
    /// # Errors
    /// A sentence on the first setting that cannot be understood.
    pub fn of(problem: &Problem) -> Result<Self, String> {
        let settings: Self = problem.read_settings()?;
        match settings.forbid.iter().find(|name| api::tool(name).is_none()) {
            Some(name) => Err(format!("the settings forbid {name}, but there is no such tool")),
            None => Ok(settings),
        }
    }
}

impl Family for Tools {
    fn name(&self) -> &'static str {
        "tools"
    }

    fn doc(&self) -> &'static str {
        "multi-step tool use in a small seeded shop: typed calls, run for real in a database in memory"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::ToolCall]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings = ToolsSettings::of(problem)?;
        let db =
            world::seeded(settings.seed).map_err(|error| format!("the world cannot be made: {error}"))?;
        let goal = all_goals(problem);
        let held = goal.iter().map(|one| world::holds(&db, one)).collect::<Result<Vec<_>, _>>()?;
        if !held.is_empty() && held.iter().all(|held| *held) {
            return Err("the goal holds before anything is done".to_owned());
        }
        Ok(())
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let tools: Vec<String> = api::TOOLS.iter().map(api::Tool::signature).collect();
        Framing {
            system: "You plan before you act. You write short, exact plans of tool calls for a shop."
                .to_owned(),
            how_to_plan: format!(
                "The tools:\n{}\nWrite a plan, one item a line. First state what the task demands as constraints, C1, \
                 C2 and so on. Then write the tool calls T1, T2 and so on in the order in which they run: \
                 tool(parameter=value). A value is a \"text\" or number from the task, or a field of an earlier \
                 result such as T1.id; never guess an id. After <- list the calls whose results a call uses. Change \
                 nothing that the task does not ask for.",
                tools.join("\n")
            ),
            how_to_answer:
                "Say in a few short sentences what was done, following the plan. After each sentence cite the items \
                 it comes from in brackets, such as [T2]."
                    .to_owned(),
            example: example(),
            patterns: vec![
                ItemPattern::new(ItemKind::Constraint, r"[A-Za-z][A-Za-z0-9 ,:'$%-]{2,80}[A-Za-z0-9%]"),
                ItemPattern::new(ItemKind::ToolCall, call::pattern(&problem.text)),
            ],
            last: None,
            slots: Vec::new(),
            min_items: 1,
            max_items: 16,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let tools: Vec<String> = api::TOOLS.iter().map(api::Tool::signature).collect();
        Some(format!(
            "The tools:\n{}\nWrite the calls, one a line, in the order in which they run, and name each result: order = \
             find_order(customer=customer.id, product=product.id). A value is a \"text\" or number from the task, or a \
             field of an earlier result; never guess an id. Change nothing that the task does not ask for.",
            tools.join("\n")
        ))
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, _problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        items.iter().map(check::links).collect()
    }

    fn references(&self) -> Option<References> {
        let calls = api::TOOLS.iter().map(|tool| tool.name).collect();
        Some(References { pattern: call::REFERENCE, calls })
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the text with runs of space made one.
    fn read_answer(&self, text: &str) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Runs the plan's calls and asks whether all of the goal holds; a gold answer must also appear in the
    /// words of `answer`. Where the plan has no calls, those written in `answer` are run.
    fn check_answer(&self, problem: &Problem, plan: &Plan, answer: &str) -> AnswerVerdict {
        let gold = problem.oracle().and_then(|gold| gold.answer());
        let goal = all_goals(problem);
        let extracted = self.extract_answer(answer);
        let verdict =
            |outcome, reason: Option<String>| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        if gold.is_none() && goal.is_empty() {
            return verdict(Outcome::NoGold, None);
        }
        let has_calls = plan.items().iter().any(|item| item.id.kind == ItemKind::ToolCall && !item.muted);
        let written = if has_calls { None } else { calls_in(answer) };
        let plan = written.as_ref().unwrap_or(plan);
        if !has_calls && written.is_none() && !goal.is_empty() {
            return verdict(
                Outcome::Unparsed,
                Some("neither the plan nor the answer has a tool call".to_owned()),
            );
        }
        match check::outcome(problem, plan, &goal) {
            Err(reason) => return verdict(Outcome::Wrong, Some(reason)),
            Ok(met) if met < goal.len() => {
                let reason =
                    format!("the calls run, but {} of {} conditions of the goal hold", met, goal.len());
                return verdict(Outcome::Wrong, Some(reason));
            }
            Ok(_) => {}
        }
        let said = gold.is_none_or(|gold| {
            let (gold, words) = (free::words_of(gold), free::words_of(answer));
            gold.is_empty() || words.windows(gold.len()).any(|window| window == gold)
        });
        let reason =
            (!said).then(|| "the goal is reached, but the answer does not say what was asked".to_owned());
        verdict(if said { Outcome::Correct } else { Outcome::Wrong }, reason)
    }

    /// Returns the numbers and the quoted texts.
    fn values(&self, text: &str) -> Vec<String> {
        let quoted = text.split('"').skip(1).step_by(2).map(str::to_lowercase);
        let numbers = numbers::mentions(text);
        numbers.iter().map(|mention| numbers::show(&mention.value)).chain(quoted).collect()
    }
}

/// Returns the shown and the hidden goal.
fn all_goals(problem: &Problem) -> Vec<String> {
    let hidden = problem.oracle().map_or(&[][..], |gold| gold.goal());
    problem.visible_goal.iter().chain(hidden).cloned().collect()
}

/// Returns the calls that an answer without a plan writes, one a line, with or without ids.
fn calls_in(answer: &str) -> Option<Plan> {
    let mut items = Vec::new();
    for line in answer.lines().map(|line| line.trim().trim_matches('`').trim_start_matches(['-', '*', ' '])) {
        let (head, text) = line.split_once(": ").unwrap_or(("", line));
        let id = head.split_whitespace().next().and_then(|id| id.parse::<ItemId>().ok());
        let (id, text) = match id.filter(|id| id.kind == ItemKind::ToolCall) {
            Some(id) => (id, text),
            None => (ItemId::new(ItemKind::ToolCall, items.len() as u32 + 1), line),
        };
        let name = text.split('(').next().unwrap_or_default().trim();
        if api::tool(name).is_some() {
            items.push(Item::new(id, text.trim()));
        }
    }
    if items.is_empty() { None } else { Plan::new(items).ok() }
}

fn example() -> Example {
    Example {
        problem: "Mei Lin no longer wants the blanket she ordered. Cancel that order and tell her so."
            .to_owned(),
        plan: example_plan(&[
            ("C1", "", "only the blanket order of Mei Lin is cancelled"),
            ("C2", "", "Mei Lin gets one message, after the order is cancelled"),
            ("T1", "", "find_customer(name=\"Mei Lin\")"),
            ("T2", "", "find_product(name=\"blanket\")"),
            ("T3", "T1 T2", "find_order(customer=T1.id, product=T2.id)"),
            ("T4", "T3", "cancel_order(order=T3.id)"),
            ("T5", "T1 T4", "send_message(customer=T1.id, text=\"Your order of a blanket is cancelled.\")"),
        ]),
        answer: "Mei Lin's order of a blanket is cancelled. [T4]\nA message informs her. [T5]".to_owned(),
    }
}
