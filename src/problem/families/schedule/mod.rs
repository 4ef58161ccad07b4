//! Scheduling: tasks with durations, an order, shared resources and a deadline.
//!
//! A plan places each task, `S2 <- S1: paint at 3`. The statement decides everything, so the checker is exact and needs
//! no gold.

mod check;
mod make;
mod moves;
mod tokens;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
    tokens::PlanTokens,
};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// The family of schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule;

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name: one word.
    pub name: String,
    /// How long it takes, without a break.
    pub hours: u32,
    /// The tasks that must have ended before it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// The resources that it holds while it runs, one of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
}

/// The settings of a scheduling problem, which say all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSettings {
    /// In an order in which they could be done.
    pub tasks: Vec<Task>,
    /// How many there are of each resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, u32>,
    /// The hour by which all must have ended.
    pub deadline: u32,
}

impl ScheduleSettings {
    /// Returns the problem that these settings say, called `id`.
    pub fn problem(&self, id: &str) -> Problem {
        let hours = |count: u32| if count == 1 { "1 hour".to_owned() } else { format!("{count} hours") };
        let mut text = "Choose the hour at which each task starts, as a whole number from 0. A task runs without a break.\n"
            .to_owned();
        for task in &self.tasks {
            text += &format!("- {} takes {}", task.name, hours(task.hours));
            if !task.after.is_empty() {
                let ended = if task.after.len() == 1 { "has ended" } else { "have ended" };
                text += &format!(", and starts after {} {ended}", task.after.join(" and "));
            }
            if !task.uses.is_empty() {
                text += &format!("; it needs a {}", task.uses.join(" and a "));
            }
            text += ".\n";
        }
        for (resource, count) in &self.resources {
            text += &match count {
                1 => format!("There is only one {resource}, which serves one task at a time.\n"),
                _ => format!("There are only {count} of the {resource}s; each serves one task at a time.\n"),
            };
        }
        let first = self.tasks.first().map_or("a", |task| task.name.as_str());
        text += &format!(
            "Everything must have ended by hour {}. The answer is the list of starts, such as {first} at 0 and so on.",
            self.deadline
        );
        let mut problem = Problem::new(id, "schedule", text).with_settings(self);
        problem.title = format!("{} tasks within {}", self.tasks.len(), hours(self.deadline));
        problem
    }

    fn task(&self, name: &str) -> Option<usize> {
        self.tasks.iter().position(|task| task.name == name)
    }
}

/// Words that stand between a task and its start.
const FILLERS: [&str; 12] =
    ["at", "is", "starts", "start", "hour", "hours", "begins", "the", "task", "and", "h", "from"];

/// Returns the starts that `text` names, in order: a word, then a number, fillers between them.
fn starts_in(text: &str) -> Vec<(String, u32)> {
    let lower = text.to_lowercase();
    let mut name = None;
    let mut starts = Vec::new();
    for word in lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()) {
        if let Ok(number) = word.parse() {
            starts.extend(name.take().map(|name| (name, number)));
        } else if !FILLERS.contains(&word) {
            name = Some(word.to_owned());
        }
    }
    starts
}

/// Later hours than this are not listed one by one.
const LATEST: u32 = 999;

/// Returns a regular expression for the hours at which a task may start: none of them is beyond the deadline, so that a
/// digit too much is no other start.
fn hours(deadline: u32) -> String {
    if deadline > LATEST {
        return "(0|[1-9][0-9]{0,6})".to_owned();
    }
    let all: Vec<String> = (0..=deadline).map(|hour| hour.to_string()).collect();
    format!("({})", all.join("|"))
}

impl Family for Schedule {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn doc(&self) -> &'static str {
        "tasks with durations, an order, shared resources and a deadline; exact checker"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: ScheduleSettings = problem.read_settings()?;
        if !(1..=40).contains(&settings.tasks.len()) {
            return Err("a schedule has 1 to 40 tasks".to_owned());
        }
        for (at, task) in settings.tasks.iter().enumerate() {
            let name = &task.name;
            let fine =
                name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && (1..=20).contains(&name.len());
            if !fine || FILLERS.contains(&name.as_str()) {
                return Err(format!("\"{name}\" is no name of a task; it is one word in lower case"));
            }
            if settings.task(name) != Some(at) {
                return Err(format!("the task {name} is named twice"));
            }
            if !(1..=1000).contains(&task.hours) {
                return Err(format!("the task {name} must take 1 to 1000 hours"));
            }
            // Tasks are listed in an order in which they could be done, so there is no cycle.
            if let Some(later) =
                task.after.iter().find(|other| settings.task(other).is_none_or(|other| other >= at))
            {
                return Err(format!("the task {name} comes after {later}, which is not listed above it"));
            }
            if let Some(missing) =
                task.uses.iter().find(|used| settings.resources.get(*used).is_none_or(|count| *count == 0))
            {
                return Err(format!("the task {name} uses {missing}, of which there is none"));
            }
        }
        Ok(())
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let settings = problem.read_settings::<ScheduleSettings>().ok();
        let hour = settings.as_ref().map_or_else(|| hours(LATEST + 1), |settings| hours(settings.deadline));
        let tasks = settings.map(|settings| settings.tasks).unwrap_or_default();
        let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
        let name =
            if names.is_empty() { "[a-z_]{1,20}".to_owned() } else { format!("({})", names.join("|")) };
        let count = names.len().max(1);
        Framing {
            system: "You plan before you answer. You make exact schedules.".to_owned(),
            how_to_plan: "Write a plan of steps, S1, S2 and so on, one for each task, in the order in which they start: \
                          TASK at HOUR. A task ends at its start plus its hours. It starts no earlier than all tasks before \
                          it have ended, and not while another task holds what it needs. Start every task as early as \
                          that allows. After <- list the steps of the tasks that must have ended before it."
                .to_owned(),
            how_to_answer: "Write one short sentence for each step of the plan, and after each cite it in brackets, such \
                            as [S1]. End with one line that lists all starts: The answer is TASK at HOUR, TASK at HOUR, \
                            and so on."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::Step, format!("{name} at {hour}"))],
            last: None,
            slots: Vec::new(),
            min_items: count,
            max_items: count,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let how = "Write one line for each task, in the order in which they start: TASK at HOUR. A task starts no earlier than \
                   all tasks before it have ended, and not while another task holds what it needs. Start every task as \
                   early as that allows.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        check::links(problem, items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the starts after *the answer is*, otherwise all of the text, as `paint=3 sand=0` by name.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).map(starts_in).filter(|starts| !starts.is_empty());
        let by_name: BTreeMap<String, u32> = stated.unwrap_or_else(|| starts_in(&text)).into_iter().collect();
        let shown: Vec<String> = by_name.iter().map(|(name, start)| format!("{name}={start}")).collect();
        (!shown.is_empty()).then(|| shown.join(" "))
    }

    /// Holds the starts of the answer to the statement. No gold is needed.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<ScheduleSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let Some(found) = extracted.as_deref().map(starts_in) else {
            return verdict(Outcome::Unparsed, None);
        };
        let mut starts = vec![None; settings.tasks.len()];
        for (name, start) in found {
            if let Some(at) = settings.task(&name) {
                starts[at] = Some(start);
            }
        }
        match check::first_fault(&settings, &starts) {
            None => verdict(Outcome::Correct, None),
            Some(why) => verdict(Outcome::Wrong, Some(why)),
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    /// Returns the starts that the text names.
    fn values(&self, text: &str) -> Vec<String> {
        starts_in(text).into_iter().map(|(name, start)| format!("{name}={start}")).collect()
    }

    /// Starts a task an hour earlier or later or when another ends, or exchanges the starts of two.
    fn moves(&self, problem: &Problem, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
        let settings = problem.read_settings::<ScheduleSettings>();
        settings.map(|settings| moves::moves(&settings, plan, ids)).unwrap_or_default()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::ScheduleGenerator)
    }

    fn tokens(&self) -> Option<&'static dyn PlanTokens> {
        Some(&tokens::ScheduleTokens)
    }

    fn control(&self, problem: &Problem) -> Option<String> {
        let settings = problem.read_settings::<ScheduleSettings>().ok()?;
        let (end, _) = make::best(&settings, 2000, &mut crate::rng::ProblemRng::of("schedule control", 0, 0));
        let deadline = settings.deadline;
        Some(if end <= deadline {
            format!(
                "can be done: the best of 2000 random orders ends at hour {end}, and the deadline is {deadline}"
            )
        } else {
            format!(
                "was not solved: the best of 2000 random orders ends at hour {end}, after the deadline {deadline}"
            )
        })
    }
}

fn example() -> Example {
    Example {
        problem: example_settings().problem("example").text,
        plan: example_plan(&[("S1", "", "bake at 0"), ("S2", "S1", "ice at 3"), ("S3", "", "roast at 3")]),
        answer: "The cakes are in the oven until hour 3. [S1]\nThen they are iced until hour 4. [S2]\nThe oven is free at \
                 hour 3, so the roast ends at hour 5. [S3]\nThe answer is bake at 0, ice at 3, roast at 3. [S3]"
            .to_owned(),
    }
}

fn example_settings() -> ScheduleSettings {
    let task = |name: &str, hours, after: &[&str], uses: &[&str]| Task {
        name: name.to_owned(),
        hours,
        after: after.iter().map(|name| (*name).to_owned()).collect(),
        uses: uses.iter().map(|name| (*name).to_owned()).collect(),
    };
    ScheduleSettings {
        tasks: vec![
            task("bake", 3, &[], &["oven"]),
            task("ice", 1, &["bake"], &[]),
            task("roast", 2, &[], &["oven"]),
        ],
        resources: BTreeMap::from([("oven".to_owned(), 1)]),
        deadline: 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_right() {
        let (example, problem) = (example(), example_settings().problem("p"));
        assert_eq!(example.problem, problem.text);
        let report = Schedule.check_plan(&problem, &example.plan);
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        let verdict = Schedule.check_answer(&problem, &example.plan, &example.answer);
        assert_eq!(
            (verdict.outcome, verdict.extracted.as_deref()),
            (Outcome::Correct, Some("bake=0 ice=3 roast=3"))
        );
    }

    #[test]
    fn answers_are_read_as_models_write_them() {
        let problem = example_settings().problem("p");
        let outcome = |text: &str| Schedule.check_answer(&problem, &Plan::default(), text).outcome;
        assert_eq!(outcome("- **bake**: 0\n- ice: starts at hour 3\n- Roast = 3"), Outcome::Correct);
        assert_eq!(outcome("The answer is bake at 0, ice at 3, roast at 0"), Outcome::Wrong);
        assert_eq!(outcome("The answer is bake at 0"), Outcome::Wrong);
        assert_eq!(outcome("The answer is roast at 4294967295, bake at 0, ice at 3"), Outcome::Wrong);
        assert_eq!(outcome("nothing"), Outcome::Unparsed);
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let refused = |change: &dyn Fn(&mut ScheduleSettings)| {
            let mut changed = example_settings();
            change(&mut changed);
            Schedule.check_problem(&changed.problem("p")).unwrap_err()
        };
        assert!(refused(&|s| s.tasks[0].after = vec!["ice".to_owned()]).contains("not listed above"));
        assert!(refused(&|s| s.tasks[0].name = "at".to_owned()).contains("no name"));
        assert!(refused(&|s| s.tasks[2].name = "bake".to_owned()).contains("named twice"));
        assert!(refused(&|s| s.resources.clear()).contains("of which there is none"));
        assert!(refused(&|s| s.tasks[0].hours = 0).contains("1 to 1000 hours"));
    }
}
