//! Generated functions: numbers of a list are chosen, changed and gathered; the function is made with its tests.

use std::fmt::Write as _;

use super::{CodeSettings, rules::Rule};
use crate::{
    Gold,
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct CodeGenerator;

/// Tests shown, and hidden ones.
const SHOWN: usize = 3;
const HIDDEN: usize = 6;

const NAMES: [&str; 8] = ["tally", "gather", "measure", "collect", "rate", "weigh", "reckon", "survey"];

/// Which numbers are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CodeChoice {
    Even,
    Odd,
    Above(i64),
    Below(i64),
    Divides(i64),
    Rises,
    Falls,
}

/// What becomes of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CodeChange {
    None,
    Times(i64),
    Plus(i64),
    Square,
}

/// What is made of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    Total,
    Count,
    Largest,
    List,
    LongestRun,
}

#[derive(Debug, Clone)]
struct GeneratedFunction {
    name: &'static str,
    choices: Vec<CodeChoice>,
    change: CodeChange,
    sum: Sum,
}

impl CodeChoice {
    fn holds(self, x: i64, previous: Option<i64>) -> bool {
        match self {
            Self::Even => x % 2 == 0,
            Self::Odd => x % 2 == 1,
            Self::Above(bound) => x > bound,
            Self::Below(bound) => x < bound,
            Self::Divides(by) => x % by == 0,
            Self::Rises => previous.is_some_and(|previous| x > previous),
            Self::Falls => previous.is_some_and(|previous| x < previous),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Even => "are even".to_owned(),
            Self::Odd => "are odd".to_owned(),
            Self::Above(bound) => format!("are greater than {bound}"),
            Self::Below(bound) => format!("are less than {bound}"),
            Self::Divides(by) => format!("can be divided by {by}"),
            Self::Rises => "are greater than the number right before them in the list".to_owned(),
            Self::Falls => "are less than the number right before them in the list".to_owned(),
        }
    }

    fn python(self) -> String {
        match self {
            Self::Even => "x % 2 == 0".to_owned(),
            Self::Odd => "x % 2 == 1".to_owned(),
            Self::Above(bound) => format!("x > {bound}"),
            Self::Below(bound) => format!("x < {bound}"),
            Self::Divides(by) => format!("x % {by} == 0"),
            Self::Rises => "previous is not None and x > previous".to_owned(),
            Self::Falls => "previous is not None and x < previous".to_owned(),
        }
    }

    fn looks_back(self) -> bool {
        matches!(self, Self::Rises | Self::Falls)
    }
}

impl CodeChange {
    fn of(self, x: i64) -> i64 {
        match self {
            Self::None => x,
            Self::Times(by) => x * by,
            Self::Plus(more) => x + more,
            Self::Square => x * x,
        }
    }

    fn words(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Times(by) => format!(", multiplies each by {by}"),
            Self::Plus(more) => format!(", adds {more} to each"),
            Self::Square => ", squares each".to_owned(),
        }
    }

    fn python(self) -> String {
        match self {
            Self::None => "x".to_owned(),
            Self::Times(by) => format!("x * {by}"),
            Self::Plus(more) => format!("x + {more}"),
            Self::Square => "x * x".to_owned(),
        }
    }
}

impl Sum {
    fn words(self) -> &'static str {
        match self {
            Self::Total => "returns the sum of them",
            Self::Count => "returns how many they are",
            Self::Largest => "returns the largest of them, or 0 where there is none",
            Self::List => "returns the list of them, in their order",
            Self::LongestRun => {
                "returns the length of the longest run of such numbers that stand side by side"
            }
        }
    }

    /// Returns the lines below the `if`.
    fn python(self, value: &str) -> Vec<String> {
        match self {
            Self::Total => vec![format!("result += {value}")],
            Self::Count => vec!["result += 1".to_owned()],
            Self::Largest => vec![format!("result = max(result, {value})")],
            Self::List => vec![format!("result.append({value})")],
            Self::LongestRun => vec!["run += 1".to_owned(), "result = max(result, run)".to_owned()],
        }
    }
}

impl GeneratedFunction {
    /// Returns what the function gives for a list, as Python writes it.
    fn value(&self, list: &[i64]) -> String {
        let mut taken = Vec::new();
        let (mut run, mut longest, mut previous) = (0_i64, 0_i64, None);
        for &x in list {
            if self.choices.iter().all(|choice| choice.holds(x, previous)) {
                taken.push(self.change.of(x));
                run += 1;
                longest = longest.max(run);
            } else {
                run = 0;
            }
            previous = Some(x);
        }
        match self.sum {
            Sum::Total => taken.iter().sum::<i64>().to_string(),
            Sum::Count => taken.len().to_string(),
            Sum::Largest => taken.iter().copied().max().unwrap_or(0).to_string(),
            Sum::List => python_list(&taken),
            Sum::LongestRun => longest.to_string(),
        }
    }

    fn test(&self, list: &[i64]) -> String {
        format!("assert {}({}) == {}", self.name, python_list(list), self.value(list))
    }

    fn task(&self) -> String {
        let choices: Vec<String> = self.choices.iter().map(|choice| choice.words()).collect();
        let mut text = format!(
            "Write a Python function {}(numbers) that gets a list of whole numbers. It takes those numbers that {}{}, and {}.",
            self.name,
            choices.join(" and "),
            self.change.words(),
            self.sum.words()
        );
        if self.choices.iter().any(|choice| choice.looks_back()) {
            text += " The first number has none before it, and is not taken.";
        }
        text
    }

    /// Returns the lines of a function that is right, indented.
    fn python(&self) -> Vec<String> {
        let choices: Vec<String> = self.choices.iter().map(|choice| choice.python()).collect();
        let (runs, back) =
            (self.sum == Sum::LongestRun, self.choices.iter().any(|choice| choice.looks_back()));
        let mut lines = vec![
            format!("def {}(numbers):", self.name),
            format!("    result = {}", if self.sum == Sum::List { "[]" } else { "0" }),
        ];
        lines.extend(runs.then(|| "    run = 0".to_owned()));
        lines.extend(back.then(|| "    previous = None".to_owned()));
        lines.push("    for x in numbers:".to_owned());
        lines.push(format!("        if {}:", choices.join(" and ")));
        let below = self.sum.python(&self.change.python());
        lines.extend(below.into_iter().map(|line| format!("            {line}")));
        if runs {
            lines.extend(["        else:".to_owned(), "            run = 0".to_owned()]);
        }
        lines.extend(back.then(|| "        previous = x".to_owned()));
        lines.push("    return result".to_owned());
        lines
    }

    /// Returns whether the lists tell this function from those that lack a choice or the change.
    fn is_told_by(&self, lists: &[Vec<i64>]) -> bool {
        let differs = |other: &Self| lists.iter().any(|list| self.value(list) != other.value(list));
        let without = |at: usize| {
            let mut other = self.clone();
            other.choices.remove(at);
            other
        };
        let unchanged = Self { change: CodeChange::None, ..self.clone() };
        (0..self.choices.len()).all(|at| differs(&without(at)))
            && (self.change == CodeChange::None || differs(&unchanged))
    }
}

fn python_list(list: &[i64]) -> String {
    format!("[{}]", list.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
}

impl Generator for CodeGenerator {
    fn dial(&self) -> [&'static str; 5] {
        [
            "one choice, a sum or a count; 1 rule",
            "one choice and a change; 2 rules",
            "two choices and a change; 3 rules",
            "two choices, one by the number before; 4 rules",
            "two or three choices, also longest runs; 5 rules",
        ]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        loop {
            let function = draw(difficulty, rng);
            let mut lists: Vec<Vec<i64>> = (1..SHOWN + HIDDEN).map(|_| list(rng)).collect();
            // The empty list is hidden: whoever thinks of it plans better.
            lists.push(Vec::new());
            let shown: Vec<String> = lists[..SHOWN].iter().map(|list| function.value(list)).collect();
            if function.is_told_by(&lists[..SHOWN]) && shown.iter().any(|value| *value != shown[0]) {
                return finish(difficulty, &function, &lists);
            }
        }
    }
}

fn draw(difficulty: u8, rng: &mut ProblemRng) -> GeneratedFunction {
    let sums: &[Sum] = match difficulty {
        0 | 1 => &[Sum::Total, Sum::Count],
        2 => &[Sum::Total, Sum::Largest],
        3 | 4 => &[Sum::Total, Sum::Largest, Sum::List],
        5.. => &[Sum::LongestRun, Sum::LongestRun, Sum::List, Sum::Total],
    };
    let sum = sums[rng.below(sums.len())];
    let change = match (difficulty, sum) {
        (0 | 1, _) | (_, Sum::Count | Sum::LongestRun) => CodeChange::None,
        (2.., Sum::Total | Sum::Largest | Sum::List) => match rng.below(3) {
            0 => CodeChange::Times(rng.between(2, 5)),
            1 => CodeChange::Plus(rng.between(1, 9)),
            _ => CodeChange::Square,
        },
    };
    let mut choices = vec![by_itself(rng)];
    if difficulty >= 4 {
        choices.push(if rng.chance(50) { CodeChoice::Rises } else { CodeChoice::Falls });
    }
    if difficulty == 3 || (difficulty >= 5 && rng.chance(50)) {
        choices.push(by_itself(rng));
    }
    GeneratedFunction { name: NAMES[rng.below(NAMES.len())], choices, change, sum }
}

fn by_itself(rng: &mut ProblemRng) -> CodeChoice {
    match rng.below(5) {
        0 => CodeChoice::Even,
        1 => CodeChoice::Odd,
        2 => CodeChoice::Above(rng.between(3, 12)),
        3 => CodeChoice::Below(rng.between(8, 17)),
        _ => CodeChoice::Divides(rng.between(3, 5)),
    }
}

fn list(rng: &mut ProblemRng) -> Vec<i64> {
    (0..rng.between(5, 9)).map(|_| rng.between(0, 20)).collect()
}

fn rules(difficulty: u8) -> Vec<Rule> {
    match difficulty {
        0 | 1 => vec![Rule::Lines(12)],
        2 => vec![Rule::NoImports, Rule::Lines(10)],
        3 => vec![Rule::NoImports, Rule::Pure, Rule::Loops(1)],
        4 => vec![Rule::NoRecursion, Rule::Pure, Rule::Loops(1), Rule::Lines(10)],
        5.. => vec![Rule::NoImports, Rule::NoRecursion, Rule::Pure, Rule::Loops(1), Rule::Lines(14)],
    }
}

fn finish(difficulty: u8, function: &GeneratedFunction, lists: &[Vec<i64>]) -> Generated {
    let tests: Vec<String> = lists.iter().map(|list| function.test(list)).collect();
    let (shown, hidden) = tests.split_at(SHOWN);
    let settings = CodeSettings {
        entry_point: function.name.to_owned(),
        rules: rules(difficulty),
        tests: shown.to_vec(),
    };
    let lines = function.python();
    let mut plan: Vec<(String, String, String)> = Vec::new();
    for (at, rule) in settings.rules.iter().enumerate() {
        plan.push((format!("C{}", at + 1), String::new(), rule.to_string()));
    }
    if difficulty >= 3 {
        plan.push(("I1".to_owned(), String::new(), "result is right for the numbers seen so far".to_owned()));
    }
    let mut answer = "```python\n".to_owned();
    for (at, line) in lines.iter().enumerate() {
        let mut deps = if at == 0 { String::new() } else { format!("S{at}") };
        if difficulty >= 3 && line.trim_start().starts_with("for ") {
            deps += " I1";
        }
        plan.push((format!("S{}", at + 1), deps, line.trim_start().to_owned()));
        // Writing to a string cannot fail.
        let _ = writeln!(answer, "{line}  # [S{}]", at + 1);
    }
    answer += "```";
    let plan: Vec<(&str, &str, &str)> =
        plan.iter().map(|(id, deps, text)| (id.as_str(), deps.as_str(), text.as_str())).collect();
    let problem = settings.problem("", &function.task()).with_gold(Gold::new(None, hidden.to_vec()));
    Generated { problem, solution: example_plan(&plan), answer }
}
