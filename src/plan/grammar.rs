//! Grammars of the plan language for constrained decoding, in llguidance's dialect of Lark.
//!
//! A plan that a model writes under [`PlanGrammar::lark`] always parses: ids count up from one within
//! each kind, dependencies name lines already written (so nothing dangles and there is no cycle),
//! and the numbers of items, levels, dependencies and characters are bounded. A dependency may be named
//! twice, and [`super::parse::parse`] counts it once.
//!
//! What has been written so far is carried in llguidance's 64-bit rule parameter, as small counters: the
//! items, how deep the next line may go, and the items of each kind. So the grammar grows with the number
//! of items, not with the ways to mix their kinds.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    ids::IdSource,
    item::{ItemId, ItemKind},
    text::{ARROW, COLON, INDENT, NO_DEPS},
};

/// Counters are seven bits wide, with some room to spare.
const MOST_ITEMS: usize = 100;
/// The counter of levels is three bits wide.
const MOST_LEVELS: u8 = 7;
const ITEMS: Counter = Counter { start: 0, end: 7 };
const ROOM: Counter = Counter { start: 7, end: 10 };

/// A run of bits in the rule parameter.
#[derive(Clone, Copy)]
struct Counter {
    start: u32,
    end: u32,
}

impl Counter {
    const fn of(kind: ItemKind) -> Self {
        let start = ROOM.end + 7 * kind as u32;
        Self { start, end: start + 7 }
    }

    fn is(self, relation: &str, number: usize) -> String {
        format!("{relation}([{}:{}], {number})", self.start, self.end)
    }

    fn incremented(self) -> String {
        format!("incr([{}:{}])", self.start, self.end)
    }

    const fn mask(self) -> u64 {
        ((1 << self.end) - 1) & !((1 << self.start) - 1)
    }
}

/// The line that every plan must end with, at the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct LastLine {
    pub kind: ItemKind,
    /// What its text looks like, such as `answer = [0-9]+`. No other line's text may look like it, so
    /// that the plan is over when it is written.
    pub pattern: String,
}

/// Which plans may be written.
///
/// Patterns are regular expressions over a whole text, without anchors, look-around or lazy repeats.
/// Whatever they say, a text is one trimmed line of at most `max_text_chars` characters; a pattern that
/// admits none of these makes a grammar that admits no such item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGrammar {
    /// The kinds of items, in the order in which they are offered; all kinds if empty.
    pub kinds: Vec<ItemKind>,
    /// At least this many items, the last line included.
    pub min_items: usize,
    /// At most this many items, the last line included; from 1 to 100.
    pub max_items: usize,
    /// How many levels items may be nested below the top; at most 6.
    pub max_depth: u8,
    /// At most this many dependencies an item.
    pub max_deps: usize,
    /// At most this many characters a text.
    pub max_text_chars: usize,
    /// Texts of these kinds must look like this.
    pub text: BTreeMap<ItemKind, String>,
    /// What the plan must end with.
    pub last: Option<LastLine>,
    /// Ids already used: numbers continue from there.
    pub ids: IdSource,
}

impl Default for PlanGrammar {
    fn default() -> Self {
        Self {
            kinds: vec![ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Step],
            min_items: 1,
            max_items: 16,
            max_depth: 1,
            max_deps: 3,
            max_text_chars: 100,
            text: BTreeMap::new(),
            last: None,
            ids: IdSource::default(),
        }
    }
}

impl PlanGrammar {
    /// Returns the grammar with a pattern for the texts of one kind.
    #[must_use]
    pub fn with_text(mut self, kind: ItemKind, pattern: impl Into<String>) -> Self {
        self.text.insert(kind, pattern.into());
        self
    }

    /// Returns the grammar of whole plans as [`super::text::print`] writes them bare, without a newline
    /// at the end.
    pub fn lark(&self) -> String {
        let most = self.max_items.clamp(1, MOST_ITEMS);
        let levels = self.max_depth.min(MOST_LEVELS - 1);
        let mut rules = Rules::default();
        self.plan_rules(&mut rules, most, levels);
        let mut kinds = self.kinds();
        // The first line has nothing to depend on.
        let most_deps = if most > 1 { self.max_deps } else { 0 };
        let deps = if most_deps > 0 { "deps::_ " } else { "" };
        let items = kinds.iter().map(|kind| {
            let letter = Letter(*kind);
            let next = Counter::of(*kind).incremented();
            (format!("{letter}_id::_ {deps}\"{COLON} \" {} next::{next}", letter.text()), None)
        });
        rules.add("item::_", items);
        if let Some(last) = &self.last {
            let letter = Letter(last.kind);
            rules.add("last::_", [(format!("{letter}_id::_ {deps}\"{COLON} \" LAST_TEXT"), None)]);
            if !kinds.contains(&last.kind) {
                kinds.push(last.kind);
            }
        }
        self.id_rules(&mut rules, &kinds, most, most_deps);
        rules.out + &self.terminals(&kinds)
    }

    /// The order of lines: how they begin, nest and end.
    ///
    /// A rule that only passes its parameter on, changed, is given a condition that always holds: without
    /// one llguidance 1.9 puts the body in the rule's place and loses one of the two changes.
    fn plan_rules(&self, rules: &mut Rules, most: usize, levels: u8) {
        let least = self.min_items.clamp(1, most);
        let ordinary = if self.last.is_some() { most - 1 } else { most };
        let line = (ordinary > 0).then(|| ("line::0x0".to_owned(), None));
        let last = (self.last.is_some() && least <= 1).then(|| ("last::0x0".to_owned(), None));
        rules.add("start", line.into_iter().chain(last));
        let indented = (0..=levels).map(|depth| {
            let indent = INDENT.repeat(depth.into());
            let clear = !ROOM.mask();
            (
                format!("{} at{depth}::bit_and(0x{clear:x})", quoted(&indent)),
                Some(ROOM.is("ge", depth.into())),
            )
        });
        rules.add("line::_", indented);
        for depth in 0..=levels {
            let room = u64::from((depth + 1).min(levels)) << ROOM.start;
            rules.add(
                &format!("at{depth}::_"),
                [(format!("item::bit_or(0x{room:x})"), Some(ROOM.is("eq", 0)))],
            );
        }
        // What comes after a line is decided before that line is counted: where a rule may be empty,
        // llguidance 1.9 looks at the parameter as it was before the change.
        let counted = ITEMS.incremented();
        let more = (format!("\"\\n\" line::{counted}"), Some(ITEMS.is("lt", ordinary.saturating_sub(1))));
        let end = match self.last {
            Some(_) => (format!("\"\\n\" last::{counted}"), Some(ITEMS.is("ge", least.saturating_sub(2)))),
            None => ("\"\"".to_owned(), Some(ITEMS.is("ge", least - 1))),
        };
        rules.add("next::_", [more, end]);
    }

    /// What a line may be called and which lines it may name.
    fn id_rules(&self, rules: &mut Rules, kinds: &[ItemKind], most: usize, most_deps: usize) {
        let id = |kind: ItemKind, n: usize| {
            let number = self.ids.highest(kind).saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
            ItemId::new(kind, number.saturating_add(1))
        };
        for &kind in kinds {
            let counter = Counter::of(kind);
            let names = (0..most).map(|n| (format!("\"{}\"", id(kind, n)), Some(counter.is("eq", n))));
            rules.add(&format!("{}_id::_", Letter(kind)), names);
        }
        if most_deps == 0 {
            return;
        }
        let none = ("\"\"".to_owned(), None);
        let some = (format!("\" {ARROW}\" dep1::_"), Some(ITEMS.is("gt", 0)));
        rules.add("deps::_", [none, some]);
        for count in 1..=most_deps {
            let more = (count < most_deps).then(|| (format!("dep::_ dep{}::_", count + 1), None));
            rules.add(&format!("dep{count}::_"), [("dep::_".to_owned(), None)].into_iter().chain(more));
        }
        let deps = kinds.iter().flat_map(|&kind| {
            (0..most - 1).map(move |n| (format!("\" {}\"", id(kind, n)), Some(Counter::of(kind).is("gt", n))))
        });
        rules.add("dep::_", deps);
    }

    fn terminals(&self, kinds: &[ItemKind]) -> String {
        let mut out = String::new();
        let without_last = if self.last.is_some() { " & ~LAST_PATTERN" } else { "" };
        for kind in kinds {
            let _ = writeln!(out, "{}: {}{without_last}", Letter(*kind).text(), self.text_terminal(*kind));
        }
        if let Some(last) = &self.last {
            let _ = writeln!(out, "LAST_TEXT: {} & LAST_PATTERN", self.any_text());
            let _ = writeln!(out, "LAST_PATTERN: {}", regex(&last.pattern));
        }
        out
    }

    fn text_terminal(&self, kind: ItemKind) -> String {
        match self.text.get(&kind).filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => format!("{} & {}", self.any_text(), regex(pattern)),
            None => self.any_text(),
        }
    }

    /// One trimmed line without control characters.
    fn any_text(&self) -> String {
        match self.max_text_chars {
            0 | 1 => r"/[^\s\p{Cc}]/".to_owned(),
            chars => format!(r"/[^\s\p{{Cc}}]([^\p{{Cc}}]{{0,{}}}[^\s\p{{Cc}}])?/", chars - 2),
        }
    }

    /// Returns the grammar of a new text for an item of `kind`, alone. It may begin with one space, since
    /// that is how models continue after `S1:`.
    pub fn item_text(&self, kind: ItemKind) -> String {
        format!("start: \" \"? TEXT\nTEXT: {}\n", self.text_terminal(kind))
    }

    /// Returns the grammar of one new line at the top level: its kind is the model's choice, its id the
    /// next unused one of that kind, and it may depend on the items of `known`.
    pub fn line(&self, known: &[ItemId]) -> String {
        let kinds = self.kinds();
        let mut rules = Rules::default();
        let starts = kinds.iter().map(|kind| {
            (format!("\"{}\" deps \"{COLON} \" {}", self.ids.peek(*kind), Letter(*kind).text()), None)
        });
        rules.add("start", starts);
        let some = match (self.max_deps, known) {
            (0, _) | (_, []) => None,
            (most, _) => Some((format!("\" {ARROW}\" (\" \" ID){{1,{most}}}"), None)),
        };
        let id = if some.is_some() { format!("ID: {}\n", id_regex(known)) } else { String::new() };
        rules.add("deps", [("\"\"".to_owned(), None)].into_iter().chain(some));
        let texts =
            kinds.iter().map(|kind| format!("{}: {}\n", Letter(*kind).text(), self.text_terminal(*kind)));
        rules.out + &id + &texts.collect::<String>()
    }

    /// Returns the grammar of a list of dependencies from `known`, such as `S1 C2`, or `none`;
    /// [`super::parse::parse_deps`] reads it.
    pub fn deps(&self, known: &[ItemId]) -> String {
        match (self.max_deps, known) {
            (0, _) | (_, []) => format!("start: \"{NO_DEPS}\"\n"),
            (1, _) => format!("start: \"{NO_DEPS}\" | ID\nID: {}\n", id_regex(known)),
            (most, _) => {
                format!("start: \"{NO_DEPS}\" | ID (\" \" ID){{0,{}}}\nID: {}\n", most - 1, id_regex(known))
            }
        }
    }

    /// Returns the grammar of one id out of `known`, or nothing if there is none to choose.
    pub fn id_choice(known: &[ItemId]) -> Option<String> {
        (!known.is_empty()).then(|| format!("start: ID\nID: {}\n", id_regex(known)))
    }

    fn kinds(&self) -> Vec<ItemKind> {
        let mut kinds = if self.kinds.is_empty() { ItemKind::ALL.to_vec() } else { self.kinds.clone() };
        let mut seen = std::collections::HashSet::new();
        kinds.retain(|kind| seen.insert(*kind));
        kinds
    }
}

/// Names rules and terminals after a kind.
struct Letter(ItemKind);

impl Letter {
    fn text(&self) -> String {
        format!("{}_TEXT", self.0.letter())
    }
}

impl std::fmt::Display for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.letter().to_ascii_lowercase())
    }
}

/// Grammar text in the making.
#[derive(Default)]
struct Rules {
    out: String,
}

impl Rules {
    /// Adds a rule: alternatives, each with the condition under which it is open.
    fn add(&mut self, name: &str, alternatives: impl IntoIterator<Item = (String, Option<String>)>) {
        let mut sign = ':';
        self.out.push_str(name);
        for (body, condition) in alternatives {
            let condition = condition.map_or_else(String::new, |condition| format!(" %if {condition}"));
            let gap = if sign == ':' { "" } else { "\n  " };
            let _ = write!(self.out, "{gap}{sign} {body}{condition}");
            sign = '|';
        }
        self.out.push('\n');
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{text}\"") }
}

/// Returns the pattern between slashes, those inside it escaped.
fn regex(pattern: &str) -> String {
    let mut out = String::from("/(");
    let mut escaped = false;
    for c in pattern.chars() {
        if c == '/' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out + ")/"
}

/// Returns one expression for all the ids, with each kind's letter written once.
fn id_regex(ids: &[ItemId]) -> String {
    let mut numbers: BTreeMap<char, Vec<String>> = BTreeMap::new();
    for id in ids {
        numbers.entry(id.kind.letter()).or_default().push(id.number.to_string());
    }
    let kinds: Vec<String> =
        numbers.into_iter().map(|(letter, numbers)| format!("{letter}({})", numbers.join("|"))).collect();
    format!("/{}/", kinds.join("|"))
}
