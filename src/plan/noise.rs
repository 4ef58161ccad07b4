//! Noise: seeded corruption of a plan, expressed as an edit.
//!
//! Each item that a kind of noise can corrupt is hit with the probability `strength`, independently of the
//! others, so that the strength is the expected share of items hit. Pinned items are never touched, not even
//! by way of their dependencies, and muted ones are left alone: no prompt shows them.

use std::{fmt, str::FromStr};
use strum::VariantArray;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{
    edit::Edit,
    ids::IdSource,
    item::{Item, ItemId, ItemKind, Origin},
    tree::Plan,
};

/// What stands in place of a masked text.
pub const MASK: &str = "[mask]";

/// A kind of corruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseKind {
    /// Texts become [`MASK`].
    Mask,
    /// Lines change places with each other.
    Shuffle,
    /// Items go.
    Drop,
    /// Items come a second time, under new ids.
    Duplicate,
    /// Texts change places with each other, while ids and dependencies stay.
    SwapText,
    /// A number in the text becomes another, by up to a tenth and at least 1.
    JitterNumbers,
    /// Constraints say the opposite.
    Negate,
    /// Normal noise is mixed into the latents of the plan; items have none.
    Gauss,
}

impl NoiseKind {
    /// All kinds, in the order in which they are listed to users.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns the kind's name in commands, files and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Shuffle => "shuffle",
            Self::Drop => "drop",
            Self::Duplicate => "duplicate",
            Self::SwapText => "swap-text",
            Self::JitterNumbers => "jitter-numbers",
            Self::Negate => "negate",
            Self::Gauss => "gauss",
        }
    }

    /// Returns one line on what it does.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Mask => "hide texts behind a mask",
            Self::Shuffle => "let lines change places",
            Self::Drop => "take items out",
            Self::Duplicate => "say items twice",
            Self::SwapText => "let texts change places",
            Self::JitterNumbers => "change a number by up to a tenth",
            Self::Negate => "turn constraints into their opposite",
            Self::Gauss => "mix noise into latents",
        }
    }

    /// Whether this noise can do anything to `item`.
    fn corrupts(self, item: &Item) -> bool {
        match self {
            Self::Mask => item.text != MASK,
            Self::JitterNumbers => !numbers(&item.text).is_empty(),
            Self::Negate => item.id.kind == ItemKind::Constraint,
            Self::Shuffle | Self::Drop | Self::Duplicate | Self::SwapText => true,
            Self::Gauss => false,
        }
    }
}

impl fmt::Display for NoiseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word names no kind of noise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no kind of noise; the kinds are {names}", names = NoiseKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "))]
pub struct UnknownNoise(String);

impl FromStr for NoiseKind {
    type Err = UnknownNoise;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == word)
            .ok_or_else(|| UnknownNoise(word.to_owned()))
    }
}

/// Which items noise may hit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseScope {
    /// All of them.
    #[default]
    All,
    /// Only these.
    Items(Vec<ItemId>),
}

/// One corruption of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoiseSpec {
    /// What it does.
    pub kind: NoiseKind,
    /// The expected share of the items in reach that are hit, from 0 to 1.
    pub strength: f64,
    /// Decides which ones, and how.
    pub seed: u64,
    /// Which items it may hit.
    #[serde(default)]
    pub scope: NoiseScope,
}

impl NoiseSpec {
    /// Returns noise that may hit the whole plan.
    pub fn new(kind: NoiseKind, strength: f64, seed: u64) -> Self {
        Self { kind, strength, seed, scope: NoiseScope::All }
    }
}

impl fmt::Display for NoiseSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (seed {})", self.kind, self.strength, self.seed)?;
        match &self.scope {
            NoiseScope::All => Ok(()),
            NoiseScope::Items(ids) => {
                let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
                write!(f, " on {}", names.join(" "))
            }
        }
    }
}

/// Noise on a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chaos {
    /// The noise; each injection derives its own seed from this one's.
    pub noise: NoiseSpec,
    /// It comes at the end of every so many iterations.
    pub every: u32,
    /// It comes at most so often.
    pub times: u32,
}

/// Returns the items that `spec` can hit, in printing order.
pub fn reach(plan: &Plan, spec: &NoiseSpec) -> Vec<ItemId> {
    let items = plan.items();
    let pinned_deps: Vec<ItemId> =
        items.iter().filter(|item| item.pinned).flat_map(|item| item.deps.iter().copied()).collect();
    let free = |at: usize, item: &Item| {
        // Taking an item out lifts what is nested below it and loosens what builds on it.
        let holds =
            || pinned_deps.contains(&item.id) || items[plan.subtree(at)].iter().any(|below| below.pinned);
        !(item.pinned || item.muted || spec.kind == NoiseKind::Drop && holds())
    };
    let scoped = |item: &Item| match &spec.scope {
        NoiseScope::All => true,
        NoiseScope::Items(ids) => ids.contains(&item.id),
    };
    let hit = |(at, item): &(usize, &Item)| scoped(item) && spec.kind.corrupts(item) && free(*at, item);
    items.iter().enumerate().filter(hit).map(|(_, item)| item.id).collect()
}

/// Returns the items that `spec` hits, in printing order.
pub fn hits(plan: &Plan, spec: &NoiseSpec) -> Vec<ItemId> {
    draw(plan, spec, &mut ChaCha8Rng::seed_from_u64(spec.seed))
}

fn draw(plan: &Plan, spec: &NoiseSpec, rng: &mut ChaCha8Rng) -> Vec<ItemId> {
    reach(plan, spec).into_iter().filter(|_| rng.random::<f64>() < spec.strength).collect()
}

/// Returns the corruption of `plan` as a batch of edits, to be applied with [`Origin::Noise`]; an empty one when
/// nothing is hit. The same plan and spec always give the same edit, and it always applies.
///
/// `ids` names the copies that duplication makes. A single item that is hit has nothing to change places
/// with, and the last item of a plan is not dropped.
pub fn noise(plan: &Plan, ids: &IdSource, spec: &NoiseSpec) -> Edit {
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    let hit = draw(plan, spec, &mut rng);
    let edits = match spec.kind {
        NoiseKind::Mask => texts(plan, &hit, |_| MASK.to_owned()),
        NoiseKind::Negate => texts(plan, &hit, negated),
        NoiseKind::JitterNumbers => texts(plan, &hit, |text| jittered(text, &mut rng)),
        NoiseKind::SwapText => swapped(plan, &hit, &mut rng),
        NoiseKind::Shuffle => shuffled(plan, &hit, &mut rng),
        NoiseKind::Duplicate => duplicated(plan, &hit, ids.clone()),
        NoiseKind::Gauss => Vec::new(),
        NoiseKind::Drop => {
            let spared = usize::from(hit.len() == plan.len());
            hit[spared.min(hit.len())..].iter().map(|id| Edit::Remove { id: *id }).collect()
        }
    };
    Edit::Batch { edits }
}

fn texts(plan: &Plan, hit: &[ItemId], mut change: impl FnMut(&str) -> String) -> Vec<Edit> {
    let items = hit.iter().filter_map(|id| plan.get(*id));
    items.map(|item| Edit::Replace { id: item.id, text: change(&item.text) }).collect()
}

/// Turns the order of `hit` so that no item stays where it was, in a way that the draw decides.
fn cycle(hit: &[ItemId], rng: &mut ChaCha8Rng) -> Vec<ItemId> {
    let mut order = hit.to_vec();
    // Sattolo's algorithm: one cycle through all of them.
    for at in (1..order.len()).rev() {
        order.swap(at, rng.random_range(0..at));
    }
    order
}

fn swapped(plan: &Plan, hit: &[ItemId], rng: &mut ChaCha8Rng) -> Vec<Edit> {
    let pairs = hit.iter().zip(cycle(hit, rng));
    let texts = pairs.filter_map(|(to, from)| Some((*to, plan.get(*to)?, plan.get(from)?)));
    texts
        .filter(|(_, old, new)| old.text != new.text)
        .map(|(id, _, new)| Edit::Replace { id, text: new.text.clone() })
        .collect()
}

/// The lines that are hit change places; the depths of the places stay as they were, so that the tree's shape
/// does too.
fn shuffled(plan: &Plan, hit: &[ItemId], rng: &mut ChaCha8Rng) -> Vec<Edit> {
    let mut items = plan.items().to_vec();
    for (to, from) in hit.iter().zip(cycle(hit, rng)) {
        if let (Some(place), Some(item)) = (plan.position(*to), plan.get(from)) {
            items[place] = Item { depth: items[place].depth, origin: Origin::Noise, ..item.clone() };
        }
    }
    let (Some(start), Some(end)) =
        (hit.first().and_then(|id| plan.position(*id)), hit.last().and_then(|id| plan.position(*id)))
    else {
        return Vec::new();
    };
    if start == end {
        return Vec::new();
    }
    let items = items[start..=end].to_vec();
    vec![Edit::Restore { start, remove: items.len(), items, patches: Vec::new() }]
}

/// Each copy stands behind the item and all that is nested below it.
fn duplicated(plan: &Plan, hit: &[ItemId], mut ids: IdSource) -> Vec<Edit> {
    let copies = hit.iter().filter_map(|id| {
        let at = plan.position(*id)?;
        let item = &plan.items()[at];
        let copy = Item { id: ids.fresh(item.id.kind), ..item.clone() };
        Some((plan.subtree(at).end, copy))
    });
    let mut copies: Vec<(usize, Item)> = copies.collect();
    // From the end, so that places before stay right; of copies at one place the deeper one comes first.
    copies.sort_by_key(|(position, item)| (std::cmp::Reverse(*position), item.depth));
    copies.into_iter().map(|(position, item)| Edit::Insert { item, position }).collect()
}

/// Comparisons and their opposites; longer signs first.
const OPPOSITES: [(&str, &str); 6] =
    [(" <= ", " > "), (" >= ", " < "), (" != ", " = "), (" < ", " >= "), (" > ", " <= "), (" = ", " != ")];

fn negated(text: &str) -> String {
    if let Some((sign, opposite)) = OPPOSITES.iter().find(|(sign, _)| text.contains(sign)) {
        return text.replacen(sign, opposite, 1);
    }
    text.strip_prefix("not ").map_or_else(|| format!("not {text}"), str::to_owned)
}

/// The places of numbers in `text`: digits, with a point among them at most once, that are no part of a name.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let start = at;
        let mut point = false;
        while digit(at) || (!point && bytes.get(at) == Some(&b'.') && digit(at + 1)) {
            point |= bytes[at] == b'.';
            at += 1;
        }
        let named = text[..start].chars().next_back().is_some_and(word);
        if !named && !text[at..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            found.push(start..at);
        }
    }
    found
}

/// Changes one number of `text`.
fn jittered(text: &str, rng: &mut ChaCha8Rng) -> String {
    let places = numbers(text);
    let Some(place) = (!places.is_empty()).then(|| places[rng.random_range(0..places.len())].clone()) else {
        return text.to_owned();
    };
    let old = &text[place.clone()];
    let digits: String = old.chars().filter(char::is_ascii_digit).collect();
    // Only the end of a very long number moves.
    let tail = digits.len().saturating_sub(15);
    let value: u64 = digits[tail..].parse().unwrap_or(0);
    let by = rng.random_range(1..=(value / 10).max(1));
    let down = value >= by && rng.random::<bool>();
    let moved = if down { value - by } else { value + by };
    let decimals = old.find('.').map(|point| old.len() - point - 1);
    let width = if tail > 0 { digits.len() - tail } else { decimals.map_or(1, |decimals| decimals + 1) };
    let mut new = format!("{}{moved:0width$}", &digits[..tail]);
    if let Some(decimals) = decimals {
        // Counted from the end: the front may have grown or shrunk.
        new.insert(new.len() - decimals, '.');
    }
    format!("{}{new}{}", &text[..place.start], &text[place.end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        parse,
        text::{Style, print},
    };

    const PLAN: &str = "C1: boxes = 20\nC2: pens <= 6.50\nS1 <- C1 C2: total = boxes * x2\n  S2 <- S1: left = 45\nC3: it rains";

    fn noised(kind: NoiseKind, text: &str) -> String {
        let plan = parse(text).expect("a plan");
        let edit = noise(&plan, &IdSource::of(&plan), &NoiseSpec::new(kind, 1.0, 7));
        let (noised, _) = edit.apply(&plan, Origin::Noise).expect("noise applies");
        print(&noised, Style::Full)
    }

    #[test]
    fn each_kind_does_what_it_says() {
        assert_eq!(noised(NoiseKind::Mask, "C1: a\nS1 {pinned}: b"), "C1 {noise}: [mask]\nS1 {pinned}: b");
        assert_eq!(noised(NoiseKind::Drop, PLAN), "C1: boxes = 20");
        assert_eq!(
            noised(NoiseKind::Duplicate, "C1: a\n  S1: b\nC2 {muted}: c"),
            "C1: a\n  S1: b\n  S2 {noise}: b\nC3 {noise}: a\nC2 {muted}: c"
        );
        assert_eq!(noised(NoiseKind::SwapText, "C1: a\nS1 <- C1: b"), "C1 {noise}: b\nS1 {noise} <- C1: a");
        assert_eq!(
            noised(NoiseKind::Shuffle, "C1: a\n  S1 <- C1: b"),
            "S1 {noise} <- C1: b\n  C1 {noise}: a"
        );
        assert_eq!(
            noised(NoiseKind::Negate, "C1: a = 1\nC2: b <= 2\nC3: it rains\nC4: not so\nS1: a = 1"),
            "C1 {noise}: a != 1\nC2 {noise}: b > 2\nC3 {noise}: not it rains\nC4 {noise}: so\nS1: a = 1"
        );
    }

    #[test]
    fn numbers_move_by_up_to_a_tenth_and_names_stay() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..200 {
            let text = jittered("pay 6.50 for x2", &mut rng);
            let value: f64 =
                text.strip_prefix("pay ").and_then(|t| t.strip_suffix(" for x2")).unwrap().parse().unwrap();
            assert!(value != 6.5 && (value - 6.5).abs() <= 0.651, "{text}");
            let ten = jittered("10", &mut rng);
            assert!(["9", "11"].contains(&ten.as_str()), "{ten}");
        }
        assert_eq!(numbers("S1 x2 3a _4 5.6 8."), [12..15, 16..17]);
        assert!(numbers("no number").is_empty());
    }

    #[test]
    fn a_pinned_item_keeps_what_it_builds_on() {
        let plan = parse("C1: a\nC2: b\nG1: c\n  S1 {pinned} <- C1: d").expect("a plan");
        let spec = NoiseSpec::new(NoiseKind::Drop, 1.0, 1);
        assert_eq!(reach(&plan, &spec), ["C2".parse().expect("an id")]);
    }

    #[test]
    fn words_name_kinds() {
        for &kind in NoiseKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).expect("json"), format!("\"{kind}\""));
        }
        let error = "fog".parse::<NoiseKind>().expect_err("no kind").to_string();
        assert!(error.ends_with("swap-text, jitter-numbers, negate, gauss"), "{error}");
    }
}
