//! The prompts of a run.
//!
//! All of them begin alike (system text, worked example, problem) and put what changes last, so that a
//! model evaluates the common part once a session and the plan once a plan.

use super::answer::Citing;
use model::{Message, Prompt, Role};
use plan::{IdSource, ItemId, Plan, Style, print};
use problem::{AnswerForm, Example, Framing, Problem, family::RESULT};
use session::{CheckSummary, History, RejectedEdit, Settings};
use std::borrow::Cow;
use surface::{Inexpressible, Items, KnownPlan, ProblemForm, ReadPlan, ShownPlan, Surface};

/// How many of the checker's findings and of the recent rejects a prompt names.
const LISTED: usize = 5;

/// What stands where a content-free input has its problem and its plan.
const CONTENT_FREE: &str = "N/A";

/// Ways to ask the model whether a plan is right. The first is the one that scores.
const SELF_CHECK: [&str; 5] = [
    "Is every line of this plan right, and does the plan lead to what the problem asks for?",
    "Does this plan solve the problem, without a mistake in any of its lines?",
    "Check the plan line by line. Is all of it right, and does it answer the question?",
    "Would following this plan to the letter give the right answer to the problem?",
    "Is this plan free of errors, and does it answer the question of the problem?",
];

/// How the reply is asked for: the two answers in both orders.
const REPLY: [&str; 2] = ["Answer with one word, Yes or No.", "Answer with one word, No or Yes."];

/// How many prompts there are that ask whether a plan is right: each wording in each order of the answers, one after
/// the other. Number 0 is the one that scores.
pub(crate) const SELF_CHECK_VARIANTS: u32 = SELF_CHECK.len() as u32 * ORDERS;

/// In how many orders the two answers can be named.
pub const ORDERS: u32 = REPLY.len() as u32;

fn self_check_text(variant: u32) -> String {
    let variant = variant as usize % (SELF_CHECK.len() * REPLY.len());
    format!("{} {}", SELF_CHECK[variant / REPLY.len()], REPLY[variant % REPLY.len()])
}

fn step_check_text(order: u32) -> String {
    let reply = REPLY[order as usize % REPLY.len()];
    format!("Is the last line of this plan right, given the problem and the lines before it? {reply}")
}

const EDIT_FORMS: &str = "Improve the plan with one small edit: fix what is wrong. Write one line in one of these forms:\n\
     replace ID <- IDS: what the item should say\n\
     tighten ID: the same, said more exactly\n\
     insert after ID: NEW <- IDS: what the new item says\n\
     remove ID\n\
     move ID after ID\n\
     depend ID <- IDS";

/// The same where lines have numbers in place of ids.
const NUMBERED_EDIT_FORMS: &str = "Improve the plan with one small edit that corrects what is wrong. Write it in one of these forms:\n\
     replace NUMBER: the line as it should be\n\
     insert after NUMBER: a new line\n\
     remove NUMBER\n\
     move NUMBER after NUMBER";

/// Makes the prompts of one run.
#[derive(Debug, Clone)]
pub struct Prompter {
    framing: Framing,
    form: AnswerForm,
    /// Whether the run's answers cite.
    cite: bool,
    /// How the model reads and writes plans.
    surface: &'static dyn Surface,
    /// The public view.
    problem: Problem,
}

impl Prompter {
    /// Returns the prompter for `problem`, of a run whose answers cite or do not. It keeps the public view and never the
    /// gold answer.
    pub fn new(problem: &Problem, cite: bool) -> Self {
        let family = problem.family();
        Self {
            framing: family.framing(problem),
            form: family.answer_form(),
            cite,
            surface: &Items,
            problem: problem.public_view(),
        }
    }

    /// Returns the prompter of a run with `settings`.
    pub fn of(problem: &Problem, settings: &Settings) -> Self {
        // A session of a later version may have another surface; its plans can still be shown as items.
        let surface = surface::find(&settings.surface).unwrap_or(&Items);
        Self { surface, ..Self::new(problem, settings.cite.is_on()) }
    }

    /// Returns how the model reads and writes plans.
    pub fn surface(&self) -> &'static dyn Surface {
        self.surface
    }

    /// Returns what surfaces need to know of the problem.
    pub fn form(&self) -> ProblemForm<'_> {
        ProblemForm { problem: &self.problem, framing: &self.framing }
    }

    /// Returns the same prompter for another surface.
    #[must_use]
    pub fn in_surface(&self, surface: &'static dyn Surface) -> Self {
        Self { surface, ..self.clone() }
    }

    /// Returns the same prompter for the plan language.
    #[must_use]
    pub fn in_items(&self) -> Self {
        self.in_surface(&Items)
    }

    /// Returns how `plan` is shown to the model, or why the surface cannot show it.
    ///
    /// # Errors
    /// The first item that the surface cannot express.
    pub fn shown(&self, plan: &Plan) -> Result<ShownPlan, Inexpressible> {
        self.surface.shown(self.form(), plan)
    }

    /// Reads a plan that the model wrote.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(&self, text: &str) -> Result<ReadPlan, String> {
        self.surface.read(self.form(), text, None).map_err(|error| error.to_string())
    }

    /// Reads a plan that the model wrote from the start while `plan` stands: where it says the same, items keep their ids.
    /// A plan with ids of its own is taken as it is.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read_against(&self, text: &str, plan: &Plan, ids: &IdSource) -> Result<ReadPlan, String> {
        let known = KnownPlan { plan, ids, rewritten: None };
        self.surface.read(self.form(), text, Some(known)).map_err(|error| error.to_string())
    }

    /// Returns the prompter that can show `plan`: this one, or that of the plan language where the surface cannot express
    /// an item.
    pub fn for_plan(&self, plan: &Plan) -> Cow<'_, Self> {
        match self.shown(plan) {
            Ok(_) => Cow::Borrowed(self),
            Err(_) => Cow::Owned(self.in_items()),
        }
    }

    /// Returns a plan as the model reads it, its lines numbered where they have no ids.
    fn listed(&self, plan: &Plan) -> String {
        self.shown(plan).map_or_else(|_| print(plan, Style::Bare), |shown| shown.numbered())
    }

    /// Returns a plan as the model writes it.
    pub(crate) fn written(&self, plan: &Plan) -> String {
        self.shown(plan).map_or_else(|_| print(plan, Style::Bare), |shown| shown.body())
    }

    /// Asks about a plan in the form in which the model writes plans. Items come with the worked example that they need.
    fn task(&self, problem: &str, plan: Option<&str>, instruction: &str) -> Prompt {
        if self.surface.has_ids() {
            return self.about(problem, plan, instruction);
        }
        let (system, _) = self.surface.instruction(self.form());
        let plan = plan.map_or_else(String::new, |plan| format!("Plan:\n{plan}\n\n"));
        Prompt::chat(system, format!("{problem}\n\n{plan}{instruction}"))
    }

    /// Returns a message about items of a plan as the prompts word it: with line numbers where items have no ids.
    fn in_words(&self, plan: &Plan, message: &str) -> String {
        self.shown(plan).map_or_else(|_| message.to_owned(), |shown| shown.in_words(message))
    }

    /// Returns the grammar of a plan of at most `items` items, written after [`Prompter::draft`].
    pub fn draft_grammar(&self, items: usize) -> String {
        self.surface.grammar(self.form(), items)
    }

    /// Returns the public view of the problem.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the framing of the problem's family.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// Asks for the first plan.
    pub fn draft(&self) -> Prompt {
        self.writing(&self.problem.text)
    }

    /// Asks for a first plan of nothing: what a plan is measured against that the problem makes likely.
    pub fn draft_of_nothing(&self) -> Prompt {
        self.writing(CONTENT_FREE)
    }

    fn writing(&self, problem: &str) -> Prompt {
        if self.surface.has_ids() {
            return self.about(problem, None, &self.framing.how_to_plan);
        }
        let (system, how) = self.surface.instruction(self.form());
        Prompt::chat(system, format!("{problem}\n\n{how}")).with_prefill(self.surface.opening())
    }

    /// Asks for one edit of `plan`; the kind is set by how the reply begins. `remark` stands right before the
    /// instruction, and may be empty.
    pub fn propose(
        &self,
        plan: &Plan,
        check: Option<&CheckSummary>,
        rejected: &History<RejectedEdit>,
        remark: &str,
    ) -> Prompt {
        let me = self.for_plan(plan);
        let mut tail = String::new();
        if let Some(check) = check {
            let list = |line: String, tail: &mut String| *tail += &format!("- {line}\n");
            if !check.findings.is_empty() {
                tail += "A checker found:\n";
                let mut findings: Vec<_> = check.findings.iter().collect();
                findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
                findings
                    .iter()
                    .take(LISTED)
                    .for_each(|finding| list(me.in_words(plan, &finding.message), &mut tail));
                tail += "\n";
            }
        }
        tail += &me.in_words(plan, &tried(rejected));
        tail += remark;
        tail += if me.surface.has_ids() { EDIT_FORMS } else { NUMBERED_EDIT_FORMS };
        me.task(&self.problem.text, Some(&me.listed(plan)), &tail)
    }

    /// Asks for a numbered line again, without the fault that a checker found in it, and, where `lacks` says that it may
    /// need more than there is, for lines before it. `None` where lines have ids.
    pub(crate) fn repair_line(
        &self,
        plan: &Plan,
        rejected: &History<RejectedEdit>,
        fault: &str,
        item: ItemId,
        lacks: bool,
    ) -> Option<Prompt> {
        let shown = self.shown(plan).ok().filter(|shown| !shown.has_ids)?;
        let number = shown.number(item)?;
        let line = &shown.lines.get(number.checked_sub(1)?)?.text;
        let tried = shown.in_words(&tried(rejected));
        let first = if lacks {
            "If it needs something that no line before it gets, first write the line that gets it, as new: LINE. Then write"
        } else {
            "Write"
        };
        let how = format!(
            "{tried}A checker found: {}\nThe line is: {line}\n{first} line {number} again without this fault, as {number}: \
             LINE.",
            shown.in_words(fault)
        );
        Some(self.task(&self.problem.text, Some(&shown.numbered()), &how))
    }

    /// Asks for the line of `item` without the fault that a checker found in it, and, where there are ids for `new` lines,
    /// for lines before it that supply what it lacks.
    pub(crate) fn repair(
        &self,
        plan: &Plan,
        rejected: &History<RejectedEdit>,
        fault: &str,
        item: ItemId,
        new: &[ItemId],
    ) -> Prompt {
        let mut tail = tried(rejected);
        tail += &format!("A checker found: {fault}\n");
        if !new.is_empty() {
            let names: Vec<String> = new.iter().map(ToString::to_string).collect();
            tail += &format!(
                "If {item} needs something that no line before it has, first write the line that gets it, as a new line {}. ",
                names.join(", then ")
            );
        }
        tail += &format!("Then write the whole line {item} again, without this fault.");
        self.about(&self.problem.text, Some(&print(plan, Style::Bare)), &tail)
    }

    /// Asks for the worst fault of `plan`, in a sentence.
    pub fn critique(&self, plan: &Plan) -> Prompt {
        let me = self.for_plan(plan);
        let what = if me.surface.has_ids() { "item" } else { "line" };
        let how = format!(
            "Name the one worst fault of this plan in one short sentence: the {what}, what is wrong, and what it should say \
             by the problem's text."
        );
        me.task(&self.problem.text, Some(&me.listed(plan)), &how)
    }

    /// Asks for the lines of a plan that are hidden.
    pub fn restore(&self, plan: &str) -> Prompt {
        let how = "Some lines of this plan are hidden as [mask]. Write the hidden lines, each on a line of its own, in \
                   their order, so that the plan solves the problem.";
        let with_numbers = if self.surface.has_ids() { "" } else { " Begin each with its number." };
        self.task(&self.problem.text, Some(plan), &format!("{how}{with_numbers}"))
    }

    /// Asks whether `plan` is right, in one of `SELF_CHECK_VARIANTS` ways.
    pub fn self_check(&self, plan: &Plan, variant: u32) -> Prompt {
        let me = self.for_plan(plan);
        me.task(&self.problem.text, Some(me.written(plan).trim_end()), &self_check_text(variant))
    }

    /// Asks the same about nothing, which measures the model's bias towards yes.
    pub(crate) fn content_free(&self, variant: u32) -> Prompt {
        self.task(CONTENT_FREE, Some(CONTENT_FREE), &self_check_text(variant))
    }

    /// Asks whether the last line of `plan` is right, given the lines before it, in one of [`ORDERS`] of the answers.
    pub(crate) fn step_check(&self, plan: &Plan, order: u32) -> Prompt {
        let me = self.for_plan(plan);
        me.task(&self.problem.text, Some(me.written(plan).trim_end()), &step_check_text(order))
    }

    /// Asks the same about nothing, which measures the model's bias towards yes.
    pub(crate) fn step_check_of_nothing(&self, order: u32) -> Prompt {
        self.task(CONTENT_FREE, Some(CONTENT_FREE), &step_check_text(order))
    }

    /// Shows the problem and `plan` as what was written so far, in the way of process reward models: right or not so far?
    pub fn reward(&self, plan: &Plan) -> Prompt {
        Prompt::chat("You solve problems step by step.", self.problem.text.clone())
            .with_prefill(format!("{}\n", print(plan, Style::Bare)))
    }

    /// The same for models that rate in their next token: a turn a step, each but the last rated +.
    pub(crate) fn reward_turns(&self, plan: &Plan) -> Prompt {
        let say = |role, content: String| Message { role, content };
        let mut messages = Vec::new();
        for item in plan.items() {
            let step = if messages.is_empty() {
                format!("{} {}", self.problem.text, item.text)
            } else {
                messages.push(say(Role::Assistant, "+".to_owned()));
                item.text.clone()
            };
            messages.push(say(Role::User, step));
        }
        Prompt { messages, ..Prompt::default() }
    }

    /// Asks whether two statements of a plan contradict each other.
    pub fn contradiction(&self, a: &str, b: &str) -> Prompt {
        Prompt::chat(
            "You compare statements from a plan. Two statements contradict each other when they cannot both hold.",
            format!(
                "Statement A: {a}\nStatement B: {b}\n\nDo statement A and statement B contradict each other? {}",
                REPLY[0]
            ),
        )
    }

    /// The prompter of a run whose answers do not cite.
    #[must_use]
    pub fn uncited(&self) -> Self {
        Self { cite: false, ..self.clone() }
    }

    /// Asks for the answer that `plan` leads to, step by step, without showing what its items come to.
    pub fn answer(&self, plan: &Plan) -> Prompt {
        self.explained(Some(&print(plan, Style::Bare)), false)
    }

    /// Asks for the answer step by step, whatever stands in the plan's place; `None` for no plan. `worked_out` says
    /// that its items end with their values.
    pub(crate) fn explained(&self, plan: Option<&str>, worked_out: bool) -> Prompt {
        let values = if worked_out { "Each item ends with its exact value. " } else { "" };
        self.about(&self.problem.text, plan, &format!("{values}{}", self.how_to_answer()))
    }

    /// Asks for the result alone, in one line, with the items `sources` that it comes from. Without an example, which would
    /// be longer than what there is to say.
    pub(crate) fn short(&self, plan: Option<&str>, sources: &[ItemId]) -> Prompt {
        let result = self.framing.result().unwrap_or("RESULT");
        let ids: Vec<String> = sources.iter().filter(|_| self.cite).map(ToString::to_string).collect();
        let cited = match ids.len() {
            0 => "",
            1 => ", with the item it comes from in brackets",
            _ => ", with the items it comes from in brackets",
        };
        let end = if ids.is_empty() { String::new() } else { format!(". [{}]", ids.join(" ")) };
        let plan = plan.map_or_else(String::new, |plan| format!("Plan:\n{plan}\n\n"));
        Prompt::chat(
            "You answer by the plan.",
            format!(
                "Problem:\n{}\n\n{plan}Write the plan's result in one line{cited}: {RESULT}{result}{end}",
                self.problem.text
            ),
        )
    }

    fn how_to_answer(&self) -> String {
        if self.cite {
            return self.framing.how_to_answer.clone();
        }
        let how = "Write the answer from the plan, step by step, without naming the plan's items.";
        format!("{how} {}", end(self.form))
    }

    /// Has the model state a result at once, without a step in between: what follows is the result. Without the
    /// problem, a text without content stands in its place.
    pub fn forced_result(&self, problem: bool, plan: Option<&str>) -> Prompt {
        let problem = if problem { &self.problem.text } else { CONTENT_FREE };
        self.about(problem, plan, "Say only what the answer is.").with_prefill("The answer is")
    }

    /// Asks whether some items of the plan say what a sentence says.
    pub fn supports(&self, items: &str, sentence: &str) -> Prompt {
        Prompt::chat(
            "You check whether statements support a sentence.",
            format!(
                "Problem:\n{}\n\nStatements:\n{items}\n\nSentence: {sentence}\n\nDoes the sentence follow from the \
                 statements, given the problem? {}",
                self.problem.text, REPLY[0]
            ),
        )
    }

    /// Asks for the answer without any plan: a plain chain of thought, the baseline.
    pub fn direct(&self) -> Prompt {
        Prompt::chat(
            "You solve problems carefully.",
            format!(
                "Problem:\n{}\n\nThink step by step and solve the problem. {}",
                self.problem.text,
                end(self.form)
            ),
        )
    }

    /// Asks whether an answer is right; with `verify_nothing` as what its bias is corrected by.
    pub fn verify(&self, answer: &str) -> Prompt {
        Self::judge(&self.problem.text, answer)
    }

    /// Asks the same about nothing.
    pub(crate) fn verify_nothing(&self) -> Prompt {
        Self::judge(CONTENT_FREE, CONTENT_FREE)
    }

    fn judge(problem: &str, answer: &str) -> Prompt {
        Prompt::chat(
            "You check answers carefully.",
            format!(
                "Problem:\n{problem}\n\nProposed answer:\n{answer}\n\nIs the proposed answer right? {}",
                REPLY[0]
            ),
        )
    }

    /// The conversation that all but the baseline share: an example of planning and answering, then the
    /// problem. Where answers do not cite, neither does that of the example: a model does what it is shown more than what it
    /// reads in instructions.
    fn about(&self, problem: &str, plan: Option<&str>, instruction: &str) -> Prompt {
        let example = &self.framing.example;
        let answer = if self.cite { example.answer.clone() } else { uncited(example, self.form) };
        let say = |role, content: String| Message { role, content };
        let mut task = format!("Problem:\n{problem}\n\n");
        if let Some(plan) = plan {
            task += &format!("Plan:\n{plan}\n\n");
        }
        task += instruction;
        Prompt {
            messages: vec![
                say(Role::System, self.framing.system.clone()),
                say(Role::User, format!("Problem:\n{}\n\n{}", example.problem, self.framing.how_to_plan)),
                say(Role::Assistant, print(&example.plan, Style::Bare)),
                say(Role::User, self.how_to_answer()),
                say(Role::Assistant, answer),
                say(Role::User, task),
            ],
            ..Prompt::default()
        }
    }
}

/// Lists the last edits that were not taken; empty where there are none.
fn tried(rejected: &History<RejectedEdit>) -> String {
    if rejected.is_empty() {
        return String::new();
    }
    let edits = rejected.iter().rev().take(LISTED).map(|edit| format!("- {}\n", edit.summary));
    format!("These edits were tried and did not help:\n{}\n", edits.collect::<String>())
}

/// Returns an example's answer without what it cites.
fn uncited(example: &Example, form: AnswerForm) -> String {
    Citing::new(Some(&example.plan), form).without(&example.answer)
}

/// How an answer ends, so that its value can be read.
fn end(form: AnswerForm) -> &'static str {
    match form {
        AnswerForm::Sentences => "End with one line: The answer is RESULT.",
        AnswerForm::Code => "End with the whole function in one block that begins with ```python.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_is_to_be_cited_no_example_cites() {
        for family in problem::FAMILIES {
            let example = family.framing(&Problem::new("p", family.name(), "Text.")).example;
            let bare = uncited(&example, family.answer_form());
            assert_eq!(crate::answer::citation_spans(&bare), [], "{}", family.name());
            assert!(!bare.contains('#'), "{bare}");
            assert!(
                family.extract_answer(&bare).is_some() || family.extract_answer(&example.answer).is_none()
            );
        }
        let prompter = Prompter::new(&Problem::new("p", "chain", "How many?"), false);
        let whole = |prompt: Prompt| prompt.messages.into_iter().map(|m| m.content).collect::<String>();
        let citing = Prompter::new(&Problem::new("p", "chain", "How many?"), true);
        let plan = Plan::default();
        for prompt in [prompter.draft(), prompter.answer(&plan), citing.uncited().answer(&plan)] {
            let text = whole(prompt);
            assert!(!text.contains("[S1]") && !text.contains("cite"), "{text}");
        }
        assert!(whole(citing.answer(&plan)).contains("[S2]"));
    }
}
