//! Generated word chains.

use crate::{
    Gold, Problem,
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct ChainGenerator;

const NAMES: [&str; 20] = [
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kira", "Leo", "Mia", "Nils",
    "Ona", "Paul", "Rita", "Sam", "Tess", "Uli",
];
const THINGS: [&str; 8] = ["marbles", "stamps", "shells", "coins", "cards", "books", "beads", "stickers"];
/// No quantity of a chain is larger.
const LARGEST: i64 = 999;

/// What one step of the dial sets.
struct Dial {
    /// Steps of the chain.
    links: usize,
    /// People whose quantities do not matter.
    distractors: usize,
    /// Whether multiples and halves occur.
    factors: bool,
    /// Whether somebody may have as many as two others together.
    sums: bool,
    /// Whether the sentences are out of order, and some tell of other things.
    shuffled: bool,
}

impl Generator for ChainGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "2 links, + and -, no distractor, in order",
            "3 links, also multiples and halves, 1 distractor, in order",
            "4 links, 2 distractors, sentences out of order",
            "6 links, 3 distractors, also sums of two people, out of order",
            "8 links, 5 distractors, also sums of two people, out of order",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let (links, distractors) = match difficulty {
            0 | 1 => (2, 0),
            2 => (3, 1),
            3 => (4, 2),
            4 => (6, 3),
            5.. => (8, 5),
        };
        let dial = Dial {
            links,
            distractors,
            factors: difficulty > 1,
            sums: difficulty > 3,
            shuffled: difficulty > 2,
        };
        loop {
            if let Some(made) = chain(&dial, rng) {
                return made;
            }
        }
    }
}

/// Somebody and what they have.
struct Person {
    name: &'static str,
    value: i64,
}

/// How a quantity follows from earlier ones; people by their place.
enum Link {
    More(usize, i64),
    Fewer(usize, i64),
    Times(usize, i64),
    Half(usize),
    Together(usize, usize),
}

impl Link {
    /// Draws how the next quantity follows from person `from`.
    fn draw(dial: &Dial, people: &[Person], from: usize, rng: &mut ProblemRng) -> Self {
        let other = rng.below(people.len());
        match rng.below(if dial.sums {
            5
        } else if dial.factors {
            4
        } else {
            2
        }) {
            0 => Self::More(from, rng.between(2, 40)),
            1 => Self::Fewer(from, rng.between(2, 40)),
            2 => Self::Times(from, rng.between(2, 5)),
            3 => Self::Half(from),
            _ if other != from => Self::Together(from, other),
            _ => Self::Times(from, 2),
        }
    }

    /// Returns the quantity; `None` where it is no count of the right size.
    fn value(&self, people: &[Person]) -> Option<i64> {
        let of = |person: &usize| people[*person].value;
        let value = match self {
            Self::More(from, by) => of(from) + by,
            Self::Fewer(from, by) => of(from) - by,
            Self::Times(from, by) => of(from) * by,
            Self::Half(from) if of(from) % 2 == 0 => of(from) / 2,
            Self::Half(_) => return None,
            Self::Together(a, b) => of(a) + of(b),
        };
        (2..=LARGEST).contains(&value).then_some(value)
    }

    fn sentence(&self, name: &str, people: &[Person], things: &str) -> String {
        let of = |person: &usize| people[*person].name;
        match self {
            Self::More(from, by) => format!("{name} has {by} more {things} than {}.", of(from)),
            Self::Fewer(from, by) => format!("{name} has {by} fewer {things} than {}.", of(from)),
            Self::Times(from, 2) => format!("{name} has twice as many {things} as {}.", of(from)),
            Self::Times(from, by) => format!("{name} has {by} times as many {things} as {}.", of(from)),
            Self::Half(from) => format!("{name} has half as many {things} as {}.", of(from)),
            Self::Together(a, b) => {
                format!("{name} has as many {things} as {} and {} together.", of(a), of(b))
            }
        }
    }
}

fn chain(dial: &Dial, rng: &mut ProblemRng) -> Option<Generated> {
    let names = rng.sample(&NAMES, 1 + dial.links + dial.distractors);
    let things = rng.sample(&THINGS, 2);
    let mut people = vec![Person { name: names[0], value: rng.between(3, 30) }];
    let mut sentences = vec![format!("{} has {} {}.", names[0], people[0].value, things[0])];
    let mut solution = Solution::new(&people[0]);
    for &name in &names[1..=dial.links] {
        // Each link starts from the one before, so that all of them matter.
        let link = Link::draw(dial, &people, people.len() - 1, rng);
        let value = link.value(&people)?;
        sentences.push(link.sentence(name, &people, things[0]));
        solution.add(name, &link, &people);
        people.push(Person { name, value });
    }
    let last = people.last()?;
    let question = format!("How many {} does {} have?", things[0], last.name);
    let gold = last.value.to_string();
    for &name in &names[1 + dial.links..] {
        // Somebody who has the same things, or something else altogether.
        if rng.chance(70) {
            let from = rng.below(people.len());
            let link = Link::draw(dial, &people, from, rng);
            link.value(&people)?;
            sentences.push(link.sentence(name, &people, things[0]));
        } else {
            sentences.push(format!("{name} has {} {}.", rng.between(3, 60), things[1]));
        }
    }
    if dial.shuffled {
        rng.shuffle(&mut sentences);
    }
    let text = format!("{} {question}", sentences.join(" "));
    let problem = Problem::new("", "chain", text).with_gold(Gold::new(Some(gold.clone()), Vec::new()));
    Some(Generated { problem, solution: solution.plan(), answer: format!("The answer is {gold}.") })
}

/// The plan that follows the chain, in the making.
struct Solution {
    givens: Vec<String>,
    /// Dependencies and texts of the steps.
    steps: Vec<(String, String)>,
    /// The item that defines each person's quantity.
    ids: Vec<String>,
}

impl Solution {
    fn new(first: &Person) -> Self {
        let name = first.name.to_lowercase();
        Self {
            givens: vec![format!("{name} = {}", first.value)],
            steps: Vec::new(),
            ids: vec!["C1".to_owned()],
        }
    }

    fn add(&mut self, name: &str, link: &Link, people: &[Person]) {
        let name = name.to_lowercase();
        let of = |person: &usize| people[*person].name.to_lowercase();
        let mut deps = Vec::new();
        let mut given = |by: &i64| {
            self.givens.push(format!("by_{name} = {by}"));
            deps.push(format!("C{}", self.givens.len()));
            format!("by_{name}")
        };
        let right = match link {
            Link::More(from, by) => format!("{} + {}", of(from), given(by)),
            Link::Fewer(from, by) => format!("{} - {}", of(from), given(by)),
            Link::Times(from, 2) => format!("{} * 2", of(from)),
            Link::Times(from, by) => format!("{} * {}", of(from), given(by)),
            Link::Half(from) => format!("{} / 2", of(from)),
            Link::Together(a, b) => format!("{} + {}", of(a), of(b)),
        };
        let (Link::More(from, _)
        | Link::Fewer(from, _)
        | Link::Times(from, _)
        | Link::Half(from)
        | Link::Together(from, _)) = link;
        deps.insert(0, self.ids[*from].clone());
        if let Link::Together(_, other) = link {
            deps.push(self.ids[*other].clone());
        }
        self.steps.push((deps.join(" "), format!("{name} = {right}")));
        self.ids.push(format!("S{}", self.steps.len()));
    }

    fn plan(mut self) -> plan::Plan {
        if let Some((_, text)) = self.steps.last_mut()
            && let Some((_, right)) = text.split_once(" = ")
        {
            *text = format!("answer = {right}");
        }
        let ids = |letter: char, count| (1..=count).map(move |number| format!("{letter}{number}"));
        let givens = ids('C', self.givens.len()).zip(&self.givens).map(|(id, text)| (id, "", text));
        let steps =
            ids('S', self.steps.len()).zip(&self.steps).map(|(id, (deps, text))| (id, deps.as_str(), text));
        let all: Vec<(String, &str, &String)> = givens.chain(steps).collect();
        let lines: Vec<(&str, &str, &str)> =
            all.iter().map(|(id, deps, text)| (id.as_str(), *deps, text.as_str())).collect();
        example_plan(&lines)
    }
}
