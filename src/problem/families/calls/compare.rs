//! Comparing calls with the expected ones, as the checker of the leaderboard does.
//!
//! Calls of one turn are held to types and compared loosely, texts without case, space and some signs. Calls of several turns
//! act on files and accounts, so their values are compared to the letter.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CallsSettings, Expected, FunctionSpec, literal::Literal, parse::Call};

/// Returns the values by parameter, unnamed ones in the order of the description; `None` where they do not fit.
pub(super) fn arguments(function: &FunctionSpec, call: &Call) -> Option<BTreeMap<String, Literal>> {
    let mut args = call.named.clone();
    let mut names = function.names();
    for value in &call.unnamed {
        if args.insert(names.next()?.clone(), value.clone()).is_some() {
            return None;
        }
    }
    Some(args)
}

/// Compares calls with the expected ones: as many, each one met once, in their order where it matters.
///
/// # Errors
/// A clause on what differs, without the expected values.
pub(super) fn compare(settings: &CallsSettings, calls: &[Call], expected: &[Expected]) -> Result<(), String> {
    if calls.len() != expected.len() {
        return Err(format!("{} calls are made where {} are expected", calls.len(), expected.len()));
    }
    let unmet = if settings.ordered {
        calls.iter().zip(expected).position(|(call, wanted)| !meets(settings, call, wanted))
    } else {
        unmatched(calls.len(), |call, wanted| meets(settings, &calls[call], &expected[wanted]))
    };
    match unmet {
        Some(at) => Err(format!("the call of {} is not one that is expected there", calls[at].name)),
        None => Ok(()),
    }
}

/// Gives each of `count` calls an expected one of its own that it meets. Returns the first that none is left for.
fn unmatched(count: usize, meets: impl Fn(usize, usize) -> bool) -> Option<usize> {
    /// Finds one for `call`; whoever has it looks for another.
    fn find(
        call: usize,
        meets: &impl Fn(usize, usize) -> bool,
        taken: &mut [Option<usize>],
        seen: &mut [bool],
    ) -> bool {
        (0..taken.len()).any(|wanted| {
            if seen[wanted] || !meets(call, wanted) {
                return false;
            }
            seen[wanted] = true;
            let free = taken[wanted].is_none_or(|other| find(other, meets, taken, seen));
            if free {
                taken[wanted] = Some(call);
            }
            free
        })
    }
    let mut taken = vec![None; count];
    (0..count).find(|call| !find(*call, &meets, &mut taken, &mut vec![false; count]))
}

fn meets(settings: &CallsSettings, call: &Call, wanted: &Expected) -> bool {
    let function = settings.function(&call.name);
    let args = match function {
        Some(function) => arguments(function, call),
        None => Some(call.named.clone()),
    };
    let Some(args) = args.filter(|_| call.name == wanted.name) else { return false };
    let property = |name: &str| function.and_then(|function| function.parameters.properties.get(name));
    let given = |(name, value): (&String, &Literal)| {
        let takes = function.is_none() || property(name).is_some();
        wanted.args.get(name).filter(|_| takes).is_some_and(|allowed| {
            let allowed = allowed.alternatives();
            if settings.ordered {
                is_among(value, allowed)
            } else {
                is_allowed(value, allowed, property(name))
            }
        })
    };
    let required = function.map_or(&[][..], |function| &function.parameters.required);
    let left_out = |(name, allowed): (&String, &Literal)| args.contains_key(name) || is_optional(allowed);
    args.iter().all(given)
        && wanted.args.iter().all(left_out)
        && (settings.ordered || required.iter().all(|name| args.contains_key(name)))
}

/// Returns whether a parameter with these values may be left out.
fn is_optional(allowed: &Literal) -> bool {
    allowed.alternatives().iter().any(is_empty)
}

fn is_empty(value: &Literal) -> bool {
    matches!(value, Literal::Text(text) if text.is_empty())
}

fn is_among(value: &Literal, allowed: &[Literal]) -> bool {
    allowed.iter().any(|one| value.equals(one))
}

/// The types of Python, as far as values have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CompareKind {
    Null,
    Bool,
    Whole,
    Decimal,
    Text,
    List,
    Tuple,
    Object,
}

impl CompareKind {
    fn of(value: &Literal) -> Self {
        match value {
            Literal::Null => Self::Null,
            Literal::Bool(_) => Self::Bool,
            Literal::Whole(_) => Self::Whole,
            Literal::Decimal(_) => Self::Decimal,
            Literal::Text(_) => Self::Text,
            Literal::List(_) => Self::List,
            Literal::Tuple(_) => Self::Tuple,
            Literal::Object(_) => Self::Object,
        }
    }

    /// Returns what a description calls so; `None` where it says nothing that is known.
    fn described(property: Option<&Value>) -> Option<Self> {
        Some(match property?.get("type")?.as_str()? {
            "string" | "any" => Self::Text,
            "integer" => Self::Whole,
            "float" => Self::Decimal,
            "boolean" => Self::Bool,
            "array" | "tuple" => Self::List,
            "dict" => Self::Object,
            _ => return None,
        })
    }

    /// Returns the kind of the first value that is there.
    fn of_first(allowed: &[Literal]) -> Option<Self> {
        allowed.iter().find(|one| !is_empty(one)).map(Self::of)
    }
}

/// Returns whether a value is of the described type, or else of the type of the expected ones, and one of these.
fn is_allowed(value: &Literal, allowed: &[Literal], property: Option<&Value>) -> bool {
    let Some(kind) = CompareKind::described(property) else {
        return is_among(value, allowed) || is_alike(value, allowed);
    };
    let ty = property.and_then(|property| property.get("type")).and_then(Value::as_str);
    let taken = match (ty, value) {
        (Some("float"), Literal::Whole(_)) => value.as_decimal().unwrap_or_else(|| value.clone()),
        (Some("tuple"), Literal::Tuple(values)) => Literal::List(values.clone()),
        (_, value) => value.clone(),
    };
    let expected = CompareKind::of_first(allowed);
    if CompareKind::of(&taken) != kind {
        return expected == Some(CompareKind::of(&taken)) && is_among(&taken, allowed);
    }
    let inner = (kind == CompareKind::List)
        .then(|| CompareKind::described(property.and_then(|it| it.get("items"))))
        .flatten();
    if inner.is_some_and(|inner| !allowed.iter().any(|one| holds_kind(&taken, one, inner))) {
        return false;
    }
    // Where the expected values are of another type, they stand for variables, and are compared as they are.
    match expected {
        Some(other) if other != kind => is_among(&taken, allowed),
        _ => is_alike(&taken, allowed),
    }
}

/// Returns whether the members of a list are of the described kind, or of that of the expected list.
fn holds_kind(value: &Literal, expected: &Literal, inner: CompareKind) -> bool {
    let (Literal::List(values), Literal::List(expected)) = (value, expected) else { return true };
    values.iter().all(|one| {
        CompareKind::of(one) == inner || CompareKind::of_first(expected) == Some(CompareKind::of(one))
    })
}

/// Returns whether a value is one of those allowed, texts compared loosely: alone, in lists and as members of objects,
/// each of which may have several values.
fn is_alike(value: &Literal, allowed: &[Literal]) -> bool {
    allowed.iter().any(|one| match (value, one) {
        (Literal::List(values), Literal::List(expected)) => {
            let alike = |(value, one): (&Literal, &Literal)| {
                let loosely = matches!(value, Literal::Object(_) | Literal::Text(_));
                if loosely { is_alike(value, std::slice::from_ref(one)) } else { value.equals(one) }
            };
            values.len() == expected.len() && values.iter().zip(expected).all(alike)
        }
        (Literal::Object(members), Literal::Object(expected)) => {
            let given = |(name, value): (&String, &Literal)| {
                expected
                    .get(name)
                    .is_some_and(|allowed| is_alike(value, allowed.alternatives()) || value.equals(allowed))
            };
            members.iter().all(given)
                && expected.iter().all(|(name, allowed)| members.contains_key(name) || is_optional(allowed))
        }
        (Literal::Text(text), Literal::Text(expected)) => loose(text) == loose(expected),
        (value, one) => value.equals(one),
    })
}

/// Returns a text without case, space and the signs that the leaderboard passes over.
fn loose(text: &str) -> String {
    let kept = text.chars().filter(|c| !" ,./-_*^".contains(*c));
    kept.collect::<String>().to_lowercase().replace('\'', "\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::calls::Parameters;

    fn settings(ty: &str, items: &str) -> CallsSettings {
        let parameters = serde_json::json!({
            "properties": {"x": {"type": ty, "items": {"type": items}}, "y": {"type": "string"}},
            "required": ["x"],
        });
        let parameters: Parameters = serde_json::from_value(parameters).unwrap();
        let function = FunctionSpec { name: "f".to_owned(), description: String::new(), parameters };
        CallsSettings { functions: vec![function], ordered: false }
    }

    fn holds(settings: &CallsSettings, calls: &[&str], gold: &[&str]) -> bool {
        let calls: Vec<Call> =
            calls.iter().map(|call| crate::families::calls::Calls::read(call).unwrap()).collect();
        let gold: Vec<Expected> = gold
            .iter()
            .map(|args| Expected::read(&format!("{{\"name\": \"f\", \"args\": {args}}}")).unwrap())
            .collect();
        compare(settings, &calls, &gold).is_ok()
    }

    #[test]
    fn values_are_compared_as_the_leaderboard_does() {
        for (ty, items, gold, right, wrong) in [
            (
                "integer",
                "",
                "[9007199254740993]",
                vec!["9007199254740993"],
                vec!["9007199254740992", "9007199254740993.0", "\"9007199254740993\""],
            ),
            (
                "integer",
                "",
                "[123456789012345678901234567890]",
                vec!["123456789012345678901234567890"],
                vec!["123456789012345678901234567891"],
            ),
            ("float", "", "[5, 2.5]", vec!["5", "5.0", "2.5"], vec!["'5'", "2.4", "True"]),
            ("boolean", "", "[true]", vec!["True"], vec!["1", "False", "'True'"]),
            (
                "string",
                "",
                "[\"New York, NY\"]",
                vec!["'new york ny'", "\"New-York_NY\""],
                vec!["'New York (NY)'", "3"],
            ),
            ("string", "", "[\"Café\"]", vec!["\"Caf\\u00e9\"", "'CAFÉ'"], vec!["'Cafe'", "'Cafu00e9'"]),
            ("string", "", "[\"it's\"]", vec!["'IT\\'S'", "'it\"s'"], vec!["'its'"]),
            (
                "array",
                "integer",
                "[[1, 2]]",
                vec!["[1, 2]"],
                vec!["[2, 1]", "[1.0, 2.0]", "(1, 2)", "['1', '2']", "[1]"],
            ),
            ("array", "float", "[[1, 2]]", vec!["[1, 2]", "[1.0, 2.0]"], vec!["[1.5, 2]"]),
            ("array", "string", "[[\"a b\"], [\"c\"]]", vec!["['A-B']", "['c']"], vec!["['a', 'b']", "'c'"]),
            ("tuple", "integer", "[[1, 2]]", vec!["(1, 2)", "[1, 2]"], vec!["(2, 1)"]),
            (
                "dict",
                "",
                "[{\"k\": [1, 2], \"o\": [\"v\", \"\"]}]",
                vec!["{'k': 2}", "{'k': 1, 'o': 'V'}"],
                vec!["{}", "{'k': 3}", "{'k': 1, 'z': 0}"],
            ),
            (
                "array",
                "dict",
                "[[{\"k\": [1]}]]",
                vec!["[{'k': 1}]"],
                vec!["[{'k': 2}]", "[]", "[{'k': 1}, {'k': 1}]"],
            ),
            ("number", "", "[4]", vec!["4", "4.0"], vec!["5", "'4'"]),
        ] {
            let gold = format!("{{\"x\": {gold}}}");
            for value in right {
                assert!(
                    holds(&settings(ty, items), &[&format!("f(x={value})")], &[&gold]),
                    "{ty} {value} {gold}"
                );
            }
            for value in wrong {
                assert!(
                    !holds(&settings(ty, items), &[&format!("f(x={value})")], &[&gold]),
                    "{ty} {value} {gold}"
                );
            }
        }
    }

    #[test]
    fn what_is_required_is_given_and_what_is_optional_may_be() {
        let settings = settings("integer", "");
        let gold = ["{\"x\": [1, \"\"], \"y\": [\"a\", \"\"]}"];
        assert!(holds(&settings, &["f(x=1)"], &gold) && holds(&settings, &["f(1, y=a)"], &gold));
        assert!(!holds(&settings, &["f(y='a')"], &gold) && !holds(&settings, &["f(x=1, z=2)"], &gold));
        // Some gold has parameters that the function does not take.
        assert!(!holds(&settings, &["f(x=1, z=2)"], &["{\"x\": [1], \"z\": [2, \"\"]}"]));
    }

    #[test]
    fn each_call_gets_an_expected_one_of_its_own() {
        let settings = settings("integer", "");
        let gold = ["{\"x\": [1, 2]}", "{\"x\": [1]}"];
        assert!(
            holds(&settings, &["f(x=1)", "f(x=2)"], &gold) && holds(&settings, &["f(x=2)", "f(x=1)"], &gold)
        );
        assert!(!holds(&settings, &["f(x=2)", "f(x=2)"], &gold) && !holds(&settings, &["f(x=1)"], &gold));
    }

    #[test]
    fn calls_of_several_turns_are_compared_to_the_letter() {
        let settings = CallsSettings { ordered: true, ..settings("string", "") };
        let gold = ["{\"x\": [\"a_b.txt\"]}"];
        assert!(holds(&settings, &["f('a_b.txt')"], &gold));
        assert!(!holds(&settings, &["f('ab.txt')"], &gold) && !holds(&settings, &["f('A_b.txt')"], &gold));
    }
}
