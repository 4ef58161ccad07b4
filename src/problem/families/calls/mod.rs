//! Calls of functions that the problem describes, as in the Berkeley function-calling leaderboard (Patil et al. 2025).
//!
//! A plan is a list of calls, `T1: area(radius=5)`. Nothing is run: the checker holds calls to the descriptions (names,
//! parameters, types), and the oracle compares them with the expected ones.

mod check;
mod compare;
pub mod literal;
mod parse;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, example_plan},
    report::{AnswerVerdict, Outcome, PlanReport},
};
use literal::Literal;
pub use parse::Call;
use plan::{Item, ItemId, ItemKind, Plan};

/// The family of function calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls;

/// A function that may be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSpec {
    /// Its name, which may have dots.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// What it takes.
    pub parameters: Parameters,
}

/// What a function takes: a part of JSON schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// The parameters by name, in their order, each with `type` and `description`.
    #[serde(default)]
    pub properties: Map<String, Value>,
    /// Those that must be given.
    #[serde(default)]
    pub required: Vec<String>,
}

/// The settings of such a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsSettings {
    /// The functions that may be called.
    pub functions: Vec<FunctionSpec>,
    /// Whether the order of the calls matters.
    #[serde(default)]
    pub ordered: bool,
}

/// A call that is expected: gold.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The function.
    pub name: String,
    /// The values that each parameter may have; an empty text among them means that it may be left out.
    pub args: BTreeMap<String, Literal>,
}

impl Expected {
    /// Reads gold: `{"name": …, "args": {parameter: [values]}}`.
    pub fn read(text: &str) -> Option<Self> {
        let Literal::Object(mut members) = Literal::read(text)? else { return None };
        let (Literal::Text(name), Literal::Object(args)) = (members.remove("name")?, members.remove("args")?)
        else {
            return None;
        };
        members.is_empty().then_some(Self { name, args })
    }
}

/// Shows the call as gold is written.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, args) = (Literal::Text(self.name.clone()), Literal::Object(self.args.clone()));
        write!(f, "{{\"name\":{name},\"args\":{args}}}")
    }
}

impl CallsSettings {
    /// Returns the problem of `task` with these functions, called `id`.
    pub fn problem(&self, id: &str, task: &str) -> Problem {
        let functions: Vec<String> = self.functions.iter().map(FunctionSpec::line).collect();
        let text = format!(
            "{task}\n\nThe functions that can be called:\n{}\n\nThe answer is the list of calls that the task needs, such \
             as f(x=1, name=\"a\"), one a line.",
            functions.join("\n")
        );
        let mut problem = Problem::new(id, "calls", text).with_settings(self);
        problem.title = crate::title_of(task);
        problem
    }

    fn function(&self, name: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|function| function.name == name)
    }
}

impl FunctionSpec {
    /// Returns the parameters in the order in which they are described and taken: those that must be given, in the order in
    /// which the description lists them, then the others by name.
    fn ordered(&self) -> impl Iterator<Item = (&String, bool)> {
        let Parameters { properties, required } = &self.parameters;
        let first = required.iter().filter(|name| properties.contains_key(*name)).map(|name| (name, true));
        first.chain(properties.keys().filter(|name| !required.contains(name)).map(|name| (name, false)))
    }

    /// Returns the names of the parameters in that order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.ordered().map(|(name, _)| name)
    }

    fn line(&self) -> String {
        let reported = |name: &str| {
            let property = &self.parameters.properties[name];
            let text = |key: &str| {
                property.get(key).and_then(Value::as_str).unwrap_or_default().trim().trim_end_matches('.')
            };
            (text("type").to_owned(), short(text("description")))
        };
        let signature: Vec<String> = self
            .ordered()
            .map(|(name, required)| {
                format!("{name}{}: {}", if required { "" } else { "?" }, reported(name).0)
            })
            .collect();
        let notes: Vec<String> =
            self.ordered().map(|(name, _)| format!("{name}: {}", reported(name).1)).collect();
        format!(
            "- {}({}): {} {}.",
            self.name,
            signature.join(", "),
            short(&self.description),
            notes.join("; ")
        )
    }
}

/// Returns a description as one line of bounded length.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= 240 { line } else { line.chars().take(239).chain(['…']).collect() }
}

impl Calls {
    /// Reads one call.
    pub(crate) fn read(text: &str) -> Option<Call> {
        parse::call(text)
    }
}

impl Family for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn doc(&self) -> &'static str {
        "calls of described functions, held to their types; compared with the expected calls"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::ToolCall]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: CallsSettings = problem.read_settings()?;
        if settings.functions.is_empty() {
            return Err("there is no function to call".to_owned());
        }
        if let Some(function) = settings.functions.iter().find(|function| !parse::is_name(&function.name)) {
            return Err(format!(
                "\"{}\" is no name of a function",
                function.name.chars().take(40).collect::<String>()
            ));
        }
        let gold = problem.oracle().map_or(&[][..], |gold| gold.goal());
        match gold.iter().find(|text| Expected::read(text).is_none()) {
            Some(_) => {
                Err("an expected call is written {\"name\": …, \"args\": {parameter: [values]}}".to_owned())
            }
            None => Ok(()),
        }
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let settings = problem.read_settings::<CallsSettings>().ok();
        let names: Vec<String> = settings
            .iter()
            .flat_map(|s| &s.functions)
            .map(|function| regex::escape(&function.name).replace("\\-", "-"))
            .collect();
        let names =
            if names.is_empty() { "[A-Za-z_][A-Za-z0-9_.]{0,60}".to_owned() } else { names.join("|") };
        Framing {
            system: "You plan before you act. You write exact plans of function calls.".to_owned(),
            how_to_plan: "Write a plan of calls, T1, T2 and so on, one a line, in the order in which they are made: \
                          function(parameter=value, parameter=value). Give every parameter its name. Texts stand in \
                          quotation marks; lists in [ ]; True and False are the two truths. Call each function as often as \
                          the task asks for it, with the values of the task, and leave out optional parameters that the \
                          task does not speak of."
                .to_owned(),
            how_to_answer: "Say in one short sentence for each call of the plan what it does, and after each cite the call \
                            in brackets, such as [T1]."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::ToolCall, format!(r"({names})\(({})?\)", parse::arguments_pattern()))],
            last: None,
            slots: Vec::new(),
            min_items: 1,
            max_items: 24,
            max_text_chars: 300,
        }
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let how = "Write the calls, one a line, such as f(x=1, name=\"a\"). Give every parameter its name, and leave out \
                   optional parameters that the task does not speak of.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the calls after *the answer is*, otherwise those of the text, one a line, as they are written.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).map(parse::calls_in).filter(|calls| !calls.is_empty());
        let calls = stated.unwrap_or_else(|| parse::calls_in(&text));
        let shown: Vec<String> = calls.iter().map(Call::to_string).collect();
        (!shown.is_empty()).then(|| shown.join("\n"))
    }

    /// Compares the plan's calls with the expected ones; where the plan has none, those of the answer.
    fn check_answer(&self, problem: &Problem, plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let gold = problem.oracle().map_or(&[][..], |gold| gold.goal());
        let expected: Vec<Expected> = gold.iter().filter_map(|text| Expected::read(text)).collect();
        let Some(settings) = problem.read_settings::<CallsSettings>().ok().filter(|_| !expected.is_empty())
        else {
            return verdict(Outcome::NoGold, None);
        };
        let own = plan.items().iter().filter(|item| item.id.kind == ItemKind::ToolCall && !item.muted);
        let own: Vec<&Item> = own.collect();
        let calls = if own.is_empty() {
            parse::calls_in(answer)
        } else {
            match own
                .iter()
                .map(|item| parse::call(&item.text).ok_or(item.id))
                .collect::<Result<Vec<Call>, ItemId>>()
            {
                Ok(calls) => calls,
                Err(id) => return verdict(Outcome::Wrong, Some(format!("{id} is no call"))),
            }
        };
        if calls.is_empty() {
            return verdict(Outcome::Unparsed, None);
        }
        match compare::compare(&settings, &calls, &expected) {
            Ok(()) => verdict(Outcome::Correct, None),
            Err(why) => verdict(Outcome::Wrong, Some(why)),
        }
    }

    /// Returns the calls that the text names.
    fn values(&self, text: &str) -> Vec<String> {
        parse::calls_in(text).iter().map(Call::to_string).collect()
    }
}

fn example_settings() -> CallsSettings {
    let function = |name: &str, description: &str, parameters: Value| FunctionSpec {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters: serde_json::from_value(parameters).unwrap_or_default(),
    };
    let table = serde_json::json!({
        "properties": {
            "guests": {"type": "integer", "description": "How many guests"},
            "hour": {"type": "integer", "description": "The hour, 0 to 23"},
            "smoking": {"type": "boolean", "description": "Whether they smoke; by default not"},
        },
        "required": ["guests", "hour"],
    });
    let taxi = serde_json::json!({
        "properties": {"place": {"type": "string", "description": "Where it waits"}},
        "required": ["place"],
    });
    CallsSettings {
        functions: vec![
            function("table.book", "Books a table", table),
            function("taxi.order", "Orders a taxi", taxi),
        ],
        ordered: false,
    }
}

fn example() -> Example {
    Example {
        problem: example_settings()
            .problem("example", "Book a table for 4 at 19, and a taxi at the Old Mill.")
            .text,
        plan: example_plan(&[
            ("T1", "", "table.book(guests=4, hour=19)"),
            ("T2", "", "taxi.order(place=\"Old Mill\")"),
        ]),
        answer: "A table for 4 guests is booked for 19 hours. [T1]\nA taxi is ordered to the Old Mill. [T2]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gold;

    fn problem() -> Problem {
        let gold = [
            r#"{"name": "table.book", "args": {"guests": [4], "hour": [19, 7], "smoking": [false, ""]}}"#,
            r#"{"name": "taxi.order", "args": {"place": ["Old Mill", "the old mill"]}}"#,
        ];
        let problem =
            example_settings().problem("p", "Book a table for 4 at 19, and a taxi at the Old Mill.");
        problem.with_gold(Gold::new(None, gold.map(str::to_owned).to_vec()))
    }

    #[test]
    fn the_example_is_right() {
        let example = example();
        assert_eq!(example.problem, problem().text);
        let report = Calls.check_plan(&problem(), &example.plan);
        assert_eq!((report.findings.as_slice(), report.score()), (&[][..], Some(1.0)));
        assert_eq!(Calls.check_answer(&problem(), &example.plan, &example.answer).outcome, Outcome::Correct);
    }

    #[test]
    fn calls_are_compared_in_any_order_and_values_as_people_write_them() {
        let judge = |answer: &str| Calls.check_answer(&problem(), &Plan::default(), answer);
        let good = "taxi.order(place='old mill')\ntable.book(hour=19, guests=4, smoking=False)";
        assert_eq!(judge(good).outcome, Outcome::Correct);
        assert_eq!(
            judge("[table.book(guests=4, hour=7), taxi.order(\"Old Mill\")]").outcome,
            Outcome::Correct
        );
        for (wrong, why) in [
            ("taxi.order(place='old mill')", "1 calls are made where 2 are expected"),
            ("taxi.order(place='old mill')\ntaxi.order(place='old mill')", "expected"),
            ("taxi.order(place='new mill')\ntable.book(guests=4, hour=19)", "taxi.order"),
            ("taxi.order(place='old mill')\ntable.book(guests=4, hour=19, smoking=True)", "table.book"),
            ("taxi.order(place='old mill')\ntable.book(guests=4, hour=19, name=\"x\")", "table.book"),
        ] {
            let verdict = judge(wrong);
            assert_eq!(verdict.outcome, Outcome::Wrong, "{wrong}");
            assert!(verdict.reason.as_deref().unwrap().contains(why), "{verdict:?}");
        }
        assert_eq!(judge("I would book a table.").outcome, Outcome::Unparsed);
        assert_eq!(
            Calls.check_answer(&problem().public_view(), &Plan::default(), good).outcome,
            Outcome::NoGold
        );
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let bad = problem().with_gold(Gold::new(None, vec!["{}".to_owned()]));
        assert!(Calls.check_problem(&bad).unwrap_err().contains("an expected call is written"));
        let none = CallsSettings { functions: Vec::new(), ordered: false }.problem("p", "Do.");
        assert!(Calls.check_problem(&none).unwrap_err().contains("no function"));
    }
}
