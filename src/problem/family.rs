//! The interface of a problem family.

use serde::{Deserialize, Serialize};

use super::{
    Problem, answers,
    generate::Generator,
    report::{AnswerVerdict, PlanReport},
    tokens::PlanTokens,
};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// The form that the text of one kind of item takes, for the grammar under which plans are decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ItemPattern {
    pub kind: ItemKind,
    /// A regular expression that the whole text matches: plain classes, groups, alternatives and
    /// bounded repeats only. It never allows leading or trailing space.
    pub regex: String,
}

impl ItemPattern {
    /// Returns a pattern for `kind`.
    pub fn new(kind: ItemKind, regex: impl Into<String>) -> Self {
        Self { kind, regex: regex.into() }
    }
}

/// A worked example for one-shot prompts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The task.
    pub problem: String,
    /// A good plan for it.
    pub plan: Plan,
    /// The answer decoded from that plan, citing its items in brackets.
    pub answer: String,
}

/// How many characters a text of most families may have.
pub(super) const TEXT_CHARS: usize = 100;

/// Everything about a family that goes into prompts and grammars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framing {
    /// The system text.
    pub system: String,
    /// How to write the plan.
    pub how_to_plan: String,
    /// How to write the answer from the plan, with citations.
    pub how_to_answer: String,
    /// One worked example.
    pub example: Example,
    /// The kinds of items that the model may write, each with the form of its text.
    pub patterns: Vec<ItemPattern>,
    /// The form of the last line where the family requires one; the plan ends with it.
    pub last: Option<ItemPattern>,
    /// The form of each line, in order, where the problem says which lines there are; empty where the model chooses. Such
    /// a line keeps the name that it sets.
    pub slots: Vec<ItemPattern>,
    /// How many items the grammar should ask for at least.
    pub min_items: usize,
    /// How many items the grammar should allow at most.
    pub max_items: usize,
    /// How many characters the grammar should allow a text at most.
    pub max_text_chars: usize,
}

impl Framing {
    /// Returns what stands for the result where answers end with *The answer is*, such as NUMBER; `None` in families whose
    /// answers have no such end.
    pub fn result(&self) -> Option<&str> {
        let (_, result) = self.how_to_answer.rsplit_once(RESULT)?;
        Some(result.trim().trim_end_matches('.'))
    }
}

/// What an answer looks like, for the grammar under which it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// Sentences, each followed by what it cites.
    Sentences,
    /// One block of code, each line ended by a comment with what it cites.
    Code,
}

/// What stands before the result in an answer.
pub const RESULT: &str = "The answer is ";

/// A result as an answer ends with it.
pub(crate) fn stated(result: &str) -> String {
    format!("{RESULT}{result}")
}

/// How the texts of plans name results of earlier items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// The regular expression of such a name: the id of an item that has a result.
    pub pattern: &'static str,
    /// What can be called, such as `find_order`: a form without ids names results by the last word.
    pub calls: Vec<&'static str>,
}

/// A problem family: one file, one line in [`super::FAMILIES`].
pub trait Family: Sync {
    /// Returns the name in files, flags and lists.
    fn name(&self) -> &'static str;

    /// Returns one line for lists and help.
    fn doc(&self) -> &'static str;

    /// Returns the kinds of items that plans of this family use.
    fn kinds(&self) -> &'static [ItemKind];

    /// Checks settings, goals and the form of the gold when a problem is loaded.
    ///
    /// # Errors
    /// A sentence for the author of the problem.
    fn check_problem(&self, problem: &Problem) -> Result<(), String>;

    /// Returns what answers look like.
    fn answer_form(&self) -> AnswerForm {
        AnswerForm::Sentences
    }

    /// Returns the strings and patterns that prompts and grammars need. Sees no gold.
    fn framing(&self, problem: &Problem) -> Framing;

    /// Returns the name of the surface, the form in which a model reads and writes plans, that suits the family's plans.
    fn surface(&self) -> &'static str {
        "items"
    }

    /// Returns how to write a plan as bare statements, one a line, without ids: an instruction for the model, and the tools
    /// where there are some. `None` where the kinds of items do not follow from what they say.
    fn statements(&self, _problem: &Problem) -> Option<String> {
        None
    }

    /// Returns whether what an item builds on follows from the items' texts, [`Family::links`].
    fn derives_links(&self) -> bool {
        false
    }

    /// Returns for each of `items`, in the order of a plan, the items above it that its text builds on. Empty lists where
    /// the family's texts do not say.
    fn links(&self, _problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        vec![Vec::new(); items.len()]
    }

    /// Returns how texts name the results of earlier items, where they do.
    fn references(&self) -> Option<References> {
        None
    }

    /// Checks a plan from the problem's public view alone. Muted items are treated as absent.
    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport;

    /// Returns the final answer stated in `text`, or `None` where there is none. `text` is what the model says, without
    /// its thoughts; callers use [`Family::extract_answer`].
    fn read_answer(&self, text: &str) -> Option<String>;

    /// Returns the final answer that a model's reply states, or `None` where there is none. Thoughts before the answer
    /// and questions made up after it are left out.
    fn extract_answer(&self, reply: &str) -> Option<String> {
        answers::spoken(reply).and_then(|text| self.read_answer(text))
    }

    /// Returns whether a reply that was cut at its limit can still be read as an answer. Where the answer is the last
    /// number of a text, or all of it, a cut reply has none unless it marks it.
    fn answers_although_cut(&self, _reply: &str) -> bool {
        true
    }

    /// Returns whether two extracted answers are the same, so that votes are counted by meaning. What cannot be decided
    /// is not the same.
    fn same_answer(&self, one: &str, other: &str) -> bool {
        one == other
    }

    /// Returns the final answer to `problem` that a model's reply states: [`Family::extract_answer`], unless reading it
    /// takes the problem too. Sees no gold.
    fn answer_to(&self, _problem: &Problem, reply: &str) -> Option<String> {
        self.extract_answer(reply)
    }

    /// Returns the value of a plan's steps, [`PlanReport::derived`], in the normal form of [`Family::extract_answer`].
    fn planned_answer(&self, derived: &str) -> String {
        self.extract_answer(&stated(derived)).unwrap_or_else(|| derived.to_owned())
    }

    /// Compares an answer with the gold: the **oracle**.
    ///
    /// `plan` is what the answer was decoded from; an empty plan for answers without one. Families whose
    /// plans act on a world run it, and so judge where it leads. The verdict may be shown to people and
    /// counted by the lab; it never steers refinement except in arms labelled *oracle*.
    fn check_answer(&self, problem: &Problem, plan: &Plan, answer: &str) -> AnswerVerdict;

    /// Compares the value of a plan's steps, [`PlanReport::derived`], with the gold: the **oracle** on the plan, whatever
    /// an answer makes of it.
    fn check_planned(&self, problem: &Problem, plan: &Plan, derived: &str) -> AnswerVerdict {
        self.check_answer(problem, plan, &stated(derived))
    }

    /// Returns whether [`Family::check_plan`] evaluates sound plans to a result, [`PlanReport::derived`].
    fn evaluates_plans(&self) -> bool {
        false
    }

    /// Returns whether [`Family::check_answer`] needs no gold: it holds answers to rules that the problem itself states.
    fn judges_by_rules(&self) -> bool {
        false
    }

    /// Returns the values that `text` mentions, in the normal form of [`Family::extract_answer`].
    ///
    /// The leak meter compares those of a plan with those of the problem.
    fn values(&self, text: &str) -> Vec<String>;

    /// Returns what makes problems of this family from a difficulty and a row, where there is such a thing.
    fn generator(&self) -> Option<&'static dyn Generator> {
        None
    }

    /// Returns how plans of this family are written as tokens, for models that are trained on it; `None` where there is no
    /// such form.
    fn tokens(&self) -> Option<&'static dyn PlanTokens> {
        None
    }

    /// Returns the small changes of `plan` that mean something in this family, such as another value of a setting: the
    /// neighbourhood of a local search. It looks at the problem's public view alone, and not at what would be better; new
    /// items have ids from `ids`. Empty where there is no such thing.
    fn moves(&self, _problem: &Problem, _plan: &Plan, _ids: &IdSource) -> Vec<Edit> {
        Vec::new()
    }

    /// Returns, in a sentence, what a plain solver makes of the problem, from its public view alone: whether it can
    /// be solved at all, and what that took. A control for people; it steers nothing.
    fn control(&self, _problem: &Problem) -> Option<String> {
        None
    }
}

/// Links each item of one kind to the one of that kind before it: what comes next works on what was done.
pub(super) fn in_a_row(kind: ItemKind, items: &[Item]) -> Vec<Vec<ItemId>> {
    let mut before = None;
    let link = |item: &Item| {
        if item.id.kind != kind || item.muted {
            return Vec::new();
        }
        before.replace(item.id).into_iter().collect()
    };
    items.iter().map(link).collect()
}

/// Spells answers that are the same like the first of them, so that they can be counted by their text.
pub fn spelled_alike(family: &dyn Family, mut answers: Vec<Option<String>>) -> Vec<Option<String>> {
    for at in 1..answers.len() {
        let (before, rest) = answers.split_at_mut(at);
        if let Some(answer) = &mut rest[0]
            && let Some(first) = before.iter().flatten().find(|first| family.same_answer(first, answer))
        {
            answer.clone_from(first);
        }
    }
    answers
}

/// Returns the items of `kind` that a move may change, each with its place in the plan.
pub(super) fn movable(plan: &Plan, kind: ItemKind) -> impl Iterator<Item = (usize, &Item)> {
    let items = plan.items().iter().enumerate();
    items.filter(move |(_, item)| item.id.kind == kind && !item.muted && !item.pinned)
}

/// Returns the edit that makes `item` say `text`.
pub(super) fn says(item: &Item, text: impl Into<String>) -> Edit {
    Edit::Replace { id: item.id, text: text.into() }
}

/// Builds an example plan of `(id, dependencies, text)` lines; tests hold that all are well-formed.
pub(super) fn example_plan(lines: &[(&str, &str, &str)]) -> Plan {
    let item = |&(id, deps, text): &(&str, &str, &str)| {
        let mut item = Item::new(id.parse().ok()?, text);
        item.deps = deps.split_whitespace().filter_map(|dep| dep.parse().ok()).collect();
        Some(item)
    };
    lines.iter().map(item).collect::<Option<Vec<_>>>().and_then(|v| Plan::new(v).ok()).unwrap_or_default()
}
