//! The language of list programs, and its interpreter.

use std::fmt;

/// The first words of all operations.
pub const NAMES: [&str; 7] = ["map", "filter", "sort", "reverse", "unique", "take", "drop"];
/// What an operation looks like.
pub const PATTERN: &str = r"(map\(x [-+*] [0-9]{1,3}\)|filter\((x [<>] -?[0-9]{1,3}|even|odd)\)|(take|drop)\([0-9]{1,2}\)|sort|reverse|unique)";
/// No number of a list may grow larger.
const LARGEST: i64 = 1_000_000_000;
/// Operations that are read from one text.
const MOST: usize = 100;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds to each number.
    Add(i64),
    /// Subtracts from each number.
    Sub(i64),
    /// Multiplies each number.
    Mul(i64),
    /// Keeps the greater numbers.
    Greater(i64),
    /// Keeps the lesser numbers.
    Less(i64),
    /// Keeps the even numbers.
    Even,
    /// Keeps the odd numbers.
    Odd,
    /// Brings the numbers into rising order.
    Sort,
    /// Turns the order around.
    Reverse,
    /// Drops what stood before.
    Unique,
    /// Keeps so many at the front.
    Take(usize),
    /// Drops so many at the front.
    Drop(usize),
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(k) => write!(f, "map(x + {k})"),
            Self::Sub(k) => write!(f, "map(x - {k})"),
            Self::Mul(k) => write!(f, "map(x * {k})"),
            Self::Greater(k) => write!(f, "filter(x > {k})"),
            Self::Less(k) => write!(f, "filter(x < {k})"),
            Self::Even => f.write_str("filter(even)"),
            Self::Odd => f.write_str("filter(odd)"),
            Self::Sort | Self::Reverse | Self::Unique => f.write_str(self.name()),
            Self::Take(k) => write!(f, "take({k})"),
            Self::Drop(k) => write!(f, "drop({k})"),
        }
    }
}

impl Op {
    /// Returns its first word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add(_) | Self::Sub(_) | Self::Mul(_) => "map",
            Self::Greater(_) | Self::Less(_) | Self::Even | Self::Odd => "filter",
            Self::Sort => "sort",
            Self::Reverse => "reverse",
            Self::Unique => "unique",
            Self::Take(_) => "take",
            Self::Drop(_) => "drop",
        }
    }

    /// Does the operation.
    ///
    /// # Errors
    /// A clause when a number grows too large.
    pub fn apply(self, list: &[i64]) -> Result<Vec<i64>, String> {
        let each = |change: &dyn Fn(i64) -> Option<i64>| {
            let small = |value: Option<i64>| value.filter(|value| value.abs() <= LARGEST);
            let changed: Option<Vec<i64>> = list.iter().map(|value| small(change(*value))).collect();
            changed.ok_or_else(|| format!("{self} makes a number larger than {LARGEST}"))
        };
        let keep = |holds: &dyn Fn(i64) -> bool| list.iter().copied().filter(|value| holds(*value)).collect();
        Ok(match self {
            Self::Add(k) => each(&|value| value.checked_add(k))?,
            Self::Sub(k) => each(&|value| value.checked_sub(k))?,
            Self::Mul(k) => each(&|value| value.checked_mul(k))?,
            Self::Greater(k) => keep(&|value| value > k),
            Self::Less(k) => keep(&|value| value < k),
            Self::Even => keep(&|value| value % 2 == 0),
            Self::Odd => keep(&|value| value % 2 != 0),
            Self::Sort => {
                let mut sorted = list.to_vec();
                sorted.sort_unstable();
                sorted
            }
            Self::Reverse => list.iter().rev().copied().collect(),
            Self::Unique => {
                let mut seen = std::collections::HashSet::new();
                list.iter().copied().filter(|value| seen.insert(*value)).collect()
            }
            Self::Take(k) => list.iter().take(k).copied().collect(),
            Self::Drop(k) => list.iter().skip(k).copied().collect(),
        })
    }
}

/// Does all operations in order.
///
/// # Errors
/// A clause on the first that cannot be done.
pub fn run(ops: &[Op], list: &[i64]) -> Result<Vec<i64>, String> {
    ops.iter().try_fold(list.to_vec(), |list, op| op.apply(&list))
}

/// Returns a list as people write it.
pub fn show(list: &[i64]) -> String {
    format!("[{}]", list.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
}

/// Returns the operations in `text`, in order, at most a hundred. What is no operation is passed over.
pub fn ops_in(text: &str) -> Vec<Op> {
    let lower = text.to_lowercase();
    let mut ops = Vec::new();
    let mut rest = lower.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let argument = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match op(word, argument.map(|(argument, _)| argument)) {
            Some(op) if ops.len() < MOST => {
                ops.push(op);
                rest = argument
                    .filter(|_| op.name() != word || !after.is_empty())
                    .map_or(after, |(_, after)| after);
            }
            Some(_) => break,
            None => rest = after,
        }
    }
    ops
}

/// Reads one operation from its word and what stands in its parentheses.
fn op(word: &str, argument: Option<&str>) -> Option<Op> {
    let argument = argument.map(|text| text.split_whitespace().collect::<String>());
    let argument = argument.as_deref().unwrap_or_default();
    // lambda x: x + 1 and x => x + 1 say the same.
    let argument =
        argument.strip_prefix("lambdax:").or_else(|| argument.strip_prefix("x=>")).unwrap_or(argument);
    let sign = argument.strip_prefix('x').map(|rest| rest.split_at(rest.len().min(1)));
    match (word, sign) {
        ("map", Some(("+", k))) => k.parse().ok().map(Op::Add),
        ("map", Some(("-", k))) => k.parse().ok().map(Op::Sub),
        ("map", Some(("*", k))) => k.parse().ok().map(Op::Mul),
        ("filter", Some((">", k))) => k.parse().ok().map(Op::Greater),
        ("filter", Some(("<", k))) => k.parse().ok().map(Op::Less),
        ("filter", _) if matches!(argument, "even" | "x%2==0") => Some(Op::Even),
        ("filter", _) if matches!(argument, "odd" | "x%2==1" | "x%2!=0") => Some(Op::Odd),
        ("sort", _) => Some(Op::Sort),
        ("reverse", _) => Some(Op::Reverse),
        ("unique", _) => Some(Op::Unique),
        ("take", _) => argument.parse().ok().map(Op::Take),
        ("drop", _) => argument.parse().ok().map(Op::Drop),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_read_and_written() {
        for text in [
            "map(x + 2)",
            "map(x - 3)",
            "map(x * 4)",
            "filter(x > -5)",
            "filter(x < 6)",
            "filter(even)",
            "filter(odd)",
            "sort",
            "reverse",
            "unique",
            "take(2)",
            "drop(3)",
        ] {
            let ops = ops_in(text);
            assert_eq!(ops.iter().map(Op::to_string).collect::<Vec<_>>(), [text]);
            assert!(regex::Regex::new(&format!("^{PATTERN}$")).unwrap().is_match(text));
            assert!(NAMES.contains(&ops[0].name()));
        }
        let shown = |text: &str| ops_in(text).iter().map(Op::to_string).collect::<Vec<_>>().join("|");
        assert_eq!(shown("Filter(X>3), then sort() and take(2)."), "filter(x > 3)|sort|take(2)");
        assert_eq!(shown("map(lambda x: x * 2); filter(x => x % 2 == 0)"), "map(x * 2)|filter(even)");
        assert_eq!(shown("map(y), filter(x ? 3), take(), take(-1), é(, sorted"), "");
        assert_eq!(ops_in(&"sort ".repeat(100_000)).len(), MOST);
        assert_eq!(ops_in(&"map(".repeat(10_000)), []);
    }

    #[test]
    fn programs_run() {
        let result = |text: &str, list: &[i64]| run(&ops_in(text), list);
        assert_eq!(result("filter(x > 1), map(x * 2), reverse", &[1, 2, 3]), Ok(vec![6, 4]));
        assert_eq!(result("unique, sort, drop(1), take(1)", &[3, 1, 3, 2]), Ok(vec![2]));
        assert_eq!(result("filter(odd), map(x - 5)", &[-3, 4]), Ok(vec![-8]));
        assert!(result(&"map(x * 999), ".repeat(5), &[999]).unwrap_err().contains("larger than"));
    }
}
