//! Schedules as tokens: what each task takes and waits for, and the hour at which it starts.

use super::{ScheduleSettings, Task};
use crate::{
    Problem,
    tokens::{PlanTokens, TokenForm},
};
use denoise::{BLANK, LineForm, Token};

/// Tasks that one task waits for, and kinds of resources, at most.
const PLACES: usize = 2;

pub(super) struct ScheduleTokens;

impl PlanTokens for ScheduleTokens {
    /// Numbers: hours, the numbers of tasks from 1 on, and counts of resources.
    fn vocabulary(&self) -> &'static [&'static str] {
        &[
            "", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
            "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32",
            "33", "34", "35", "36", "37", "38", "39", "40",
        ]
    }

    fn form(&self, problem: &Problem) -> Result<TokenForm, String> {
        let settings: ScheduleSettings = problem.read_settings()?;
        let mut tokens = vec![self.count(settings.deadline)?];
        for resource in
            self.padded(settings.resources.values().map(|count| Ok(*count)), "kinds of resources")?
        {
            tokens.push(resource);
        }
        for task in &settings.tasks {
            tokens.extend(self.task(&settings, task)?);
        }
        let lines = settings.tasks.iter().map(|task| LineForm::step(format!("{} at ", task.name))).collect();
        Ok(TokenForm { problem: tokens, lines })
    }
}

impl ScheduleTokens {
    fn count(&self, count: u32) -> Result<Token, String> {
        let tokens: &dyn PlanTokens = self;
        tokens
            .number(&count.to_string())
            .ok_or_else(|| format!("no token says {count}; the largest number is 40"))
    }

    /// The hours of a task, the tasks before it, and how many it takes of each resource.
    fn task(&self, settings: &ScheduleSettings, task: &Task) -> Result<Vec<Token>, String> {
        let number = |name: &String| {
            let at = settings.task(name).ok_or_else(|| format!("there is no task {name}"))?;
            u32::try_from(at + 1).map_err(|error| error.to_string())
        };
        let mut tokens = vec![self.count(task.hours)?];
        tokens.extend(self.padded(task.after.iter().map(number), "tasks before one")?);
        let uses = settings.resources.keys().map(|kind| Ok(u32::from(task.uses.contains(kind))));
        tokens.extend(self.padded(uses, "kinds of resources")?);
        Ok(tokens)
    }

    fn padded(
        &self,
        counts: impl Iterator<Item = Result<u32, String>>,
        what: &str,
    ) -> Result<[Token; PLACES], String> {
        let mut tokens = [BLANK; PLACES];
        for (at, count) in counts.enumerate() {
            let place = tokens.get_mut(at).ok_or_else(|| format!("the form has room for {PLACES} {what}"))?;
            *place = self.count(count?)?;
        }
        Ok(tokens)
    }
}
