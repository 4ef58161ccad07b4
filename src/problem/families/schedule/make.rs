//! Generated schedules: tasks are drawn, the best of many random orders sets the deadline.

use std::collections::BTreeMap;

use super::{ScheduleSettings, Task};
use crate::{
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct ScheduleGenerator;

const NAMES: [&str; 12] =
    ["dig", "pour", "frame", "roof", "wire", "plaster", "paint", "tile", "fence", "plumb", "sweep", "glaze"];
const RESOURCES: [&str; 4] = ["crane", "mixer", "ladder", "van"];
/// Orders that are tried for the deadline.
const ORDERS: usize = 100;

/// What one step of the dial sets.
struct Dial {
    tasks: usize,
    /// How many there are of each resource.
    resources: &'static [u32],
    /// How often, in a hundred, a task uses a resource.
    used: usize,
    /// Hours between the best end known and the deadline.
    slack: u32,
}

impl Generator for ScheduleGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "3 tasks, no resource, 2 hours of slack",
            "4 tasks, one resource, 1 hour of slack",
            "5 tasks, one resource, 1 hour of slack; starting as early as the order allows does not do",
            "6 tasks, two resources, no slack",
            "8 tasks, two resources, one of them twice, no slack",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let dial = match difficulty {
            0 | 1 => Dial { tasks: 3, resources: &[], used: 0, slack: 2 },
            2 => Dial { tasks: 4, resources: &[1], used: 50, slack: 1 },
            3 => Dial { tasks: 5, resources: &[1], used: 60, slack: 1 },
            4 => Dial { tasks: 6, resources: &[1, 1], used: 50, slack: 0 },
            5.. => Dial { tasks: 8, resources: &[1, 2], used: 60, slack: 0 },
        };
        loop {
            let mut settings = draw(&dial, rng);
            let (end, starts) = best(&settings, ORDERS, rng);
            settings.deadline = end + dial.slack;
            if difficulty < 3 || resources_matter(&settings) {
                return finish(&settings, &starts);
            }
        }
    }
}

fn draw(dial: &Dial, rng: &mut ProblemRng) -> ScheduleSettings {
    let names = rng.sample(&NAMES, dial.tasks);
    let kinds = rng.sample(&RESOURCES, dial.resources.len());
    let resources: BTreeMap<String, u32> =
        kinds.iter().zip(dial.resources).map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    let mut tasks: Vec<Task> = Vec::new();
    for name in names {
        let earlier: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
        let after = if earlier.is_empty() || rng.chance(30) {
            Vec::new()
        } else {
            let most = 1 + usize::from(rng.chance(30));
            rng.sample(&earlier, most)
        };
        let uses = kinds.iter().filter(|_| rng.chance(dial.used)).map(|kind| (*kind).to_owned()).collect();
        tasks.push(Task { name: name.to_owned(), hours: rng.between(1, 4) as u32, after, uses });
    }
    // Only what is used is worth telling of.
    let used = |kind: &String| tasks.iter().any(|task| task.uses.contains(kind));
    let resources = resources.into_iter().filter(|(kind, _)| used(kind)).collect();
    ScheduleSettings { tasks, resources, deadline: 0 }
}

/// Returns whether starting each task as soon as those before it have ended, whatever it needs, is no schedule.
fn resources_matter(settings: &ScheduleSettings) -> bool {
    let free = ScheduleSettings { resources: BTreeMap::new(), ..settings.clone() };
    let starts = serial(&free, &(0..settings.tasks.len()).collect::<Vec<_>>());
    super::check::first_fault(settings, &starts.into_iter().map(Some).collect()).is_some()
}

/// Returns when the best of `orders` random orders ends, and its starts. (Serial schedule generation, Kolisch 1996.)
pub(super) fn best(settings: &ScheduleSettings, orders: usize, rng: &mut ProblemRng) -> (u32, Vec<u32>) {
    let end =
        |starts: &[u32]| settings.tasks.iter().zip(starts).map(|(task, start)| start + task.hours).max();
    let mut order: Vec<usize> = (0..settings.tasks.len()).collect();
    let mut best = serial(settings, &order);
    for _ in 0..orders {
        rng.shuffle(&mut order);
        let starts = serial(settings, &order);
        if end(&starts) < end(&best) {
            best = starts;
        }
    }
    (end(&best).unwrap_or(0), best)
}

/// Places tasks in the order given, each after those that must come before it, as early as they and the resources allow.
/// A resource that is not listed is there without end.
fn serial(settings: &ScheduleSettings, order: &[usize]) -> Vec<u32> {
    let tasks = &settings.tasks;
    let mut starts: Vec<Option<u32>> = vec![None; tasks.len()];
    while starts.contains(&None) {
        // The first of the order whose tasks before it are placed; the tasks are listed without cycles.
        let ready = |at: &&usize| {
            let placed = |name: &String| settings.task(name).is_none_or(|before| starts[before].is_some());
            starts[**at].is_none() && tasks[**at].after.iter().all(placed)
        };
        let Some(&at) = order.iter().find(ready) else { break };
        let ended = tasks[at]
            .after
            .iter()
            .filter_map(|name| settings.task(name))
            .map(|b| starts[b].unwrap_or(0) + tasks[b].hours);
        let mut start = ended.max().unwrap_or(0);
        while !fits(settings, &starts, at, start) {
            start += 1;
        }
        starts[at] = Some(start);
    }
    starts.into_iter().map(|start| start.unwrap_or(0)).collect()
}

fn fits(settings: &ScheduleSettings, starts: &[Option<u32>], at: usize, start: u32) -> bool {
    let task = &settings.tasks[at];
    let holders = |resource: &String, hour: u32| {
        let holds = |(other, begun): (&Task, &Option<u32>)| {
            other.uses.contains(resource)
                && begun.is_some_and(|begun| (begun..begun + other.hours).contains(&hour))
        };
        settings.tasks.iter().zip(starts).filter(|pair| holds(*pair)).count()
    };
    let free = |resource: &String| {
        let most = settings.resources.get(resource).map_or(usize::MAX, |count| *count as usize);
        (start..start + task.hours).all(|hour| holders(resource, hour) < most)
    };
    task.uses.iter().all(free)
}

fn finish(settings: &ScheduleSettings, starts: &[u32]) -> Generated {
    let mut order: Vec<usize> = (0..starts.len()).collect();
    order.sort_by_key(|at| (starts[*at], *at));
    let id = |task: usize| format!("S{}", order.iter().position(|at| *at == task).unwrap_or_default() + 1);
    let lines: Vec<(String, String, String)> = order
        .iter()
        .map(|&at| {
            let task = &settings.tasks[at];
            let deps: Vec<String> =
                task.after.iter().filter_map(|name| settings.task(name)).map(id).collect();
            (id(at), deps.join(" "), format!("{} at {}", task.name, starts[at]))
        })
        .collect();
    let texts: Vec<&str> = lines.iter().map(|(_, _, text)| text.as_str()).collect();
    let answer = format!("The answer is {}.", texts.join(", "));
    let lines: Vec<(&str, &str, &str)> =
        lines.iter().map(|(id, deps, text)| (id.as_str(), deps.as_str(), text.as_str())).collect();
    Generated { problem: settings.problem(""), solution: example_plan(&lines), answer }
}
