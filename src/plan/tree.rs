//! The plan: items in printing order.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::item::{Item, ItemId};

/// A tree of items, kept as the preorder list that the plan language prints.
///
/// An item's children are the items after it with a greater depth, up to the next item that is not
/// deeper. [`Plan::new`] checks the invariants: ids are unique, dependencies exist and form no cycle,
/// and depth grows by at most one from line to line. A copy shares the items.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Item>", into = "Vec<Item>")]
pub struct Plan {
    items: Arc<Vec<Item>>,
}

/// Why a list of items is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two items have the same id.
    #[error("two items are called {0}")]
    RepeatedId(ItemId),
    /// An item builds on something that is not there.
    #[error("{item} depends on {missing}, which is not in the plan")]
    UnknownDependency {
        /// The item that names the missing one.
        item: ItemId,
        /// What it names.
        missing: ItemId,
    },
    /// An item builds on the same thing twice.
    #[error("{item} names {dep} twice among its dependencies")]
    RepeatedDependency {
        /// The item that repeats itself.
        item: ItemId,
        /// What it repeats.
        dep: ItemId,
    },
    /// Numbers count from 1.
    #[error("{0} is no item id: numbers count from 1")]
    BadId(ItemId),
    /// The dependencies of items form a cycle.
    #[error("the dependencies form a cycle: {}", cycle_text(.0))]
    Cycle(Vec<ItemId>),
    /// An item is nested more than one level below the item before it.
    #[error("{0} is nested more than one level below the line before it")]
    DepthJump(ItemId),
    /// An item's text is empty, longer than one line, or has surrounding space or control characters.
    #[error("the text of {0} is empty or not one trimmed line")]
    BadText(ItemId),
}

fn cycle_text(cycle: &[ItemId]) -> String {
    let mut names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
    names.extend(cycle.first().map(ToString::to_string));
    names.join(" -> ")
}

/// A content hash: equal for plans that a model would read as the same text.
///
/// Origin is left out (who wrote a line does not change what it says); ids, order, nesting,
/// dependencies, text and flags are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanHash([u8; 16]);

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for PlanHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PlanHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16)
            .ok()
            .filter(|_| text.len() == 32)
            .map(|value| Self(value.to_be_bytes()))
            .ok_or_else(|| serde::de::Error::custom("a plan hash is 32 hexadecimal digits"))
    }
}

/// Returns the first id that comes a second time. Short lists, as nearly all are, need no set.
fn first_repeat(ids: &[ItemId]) -> Option<ItemId> {
    if ids.len() <= 16 {
        return ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)).map(|(_, id)| *id);
    }
    let mut seen = HashSet::with_capacity(ids.len());
    ids.iter().find(|id| !seen.insert(**id)).copied()
}

impl TryFrom<Vec<Item>> for Plan {
    type Error = PlanError;

    fn try_from(items: Vec<Item>) -> Result<Self, Self::Error> {
        Self::new(items)
    }
}

impl From<Plan> for Vec<Item> {
    fn from(plan: Plan) -> Self {
        Arc::unwrap_or_clone(plan.items)
    }
}

impl Plan {
    /// Makes a plan of items in printing order.
    ///
    /// # Errors
    /// The first broken invariant, in reading order; cycles are looked for last.
    pub fn new(items: Vec<Item>) -> Result<Self, PlanError> {
        let plan = Self { items: Arc::new(items) };
        plan.check()?;
        Ok(plan)
    }

    /// Returns the items in printing order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Returns how many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the item called `id`.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Returns the position of `id` in printing order.
    pub fn position(&self, id: ItemId) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }

    /// Returns the range of positions of the item at `position` and everything nested below it.
    pub fn subtree(&self, position: usize) -> std::ops::Range<usize> {
        let depth = self.items[position].depth;
        let below = self.items[position + 1..].iter().take_while(|item| item.depth > depth).count();
        position..position + 1 + below
    }

    /// Returns the plan without muted items, which is what prompts show.
    ///
    /// Items nested below a muted one move up to its place, and nothing depends on it any more; what
    /// depended on it stays.
    pub fn visible(&self) -> Cow<'_, Self> {
        if self.items.iter().all(|item| !item.muted) {
            return Cow::Borrowed(self);
        }
        let muted: HashSet<ItemId> =
            self.items.iter().filter(|item| item.muted).map(|item| item.id).collect();
        let mut items = Vec::with_capacity(self.items.len() - muted.len());
        // Depths of the muted items that the present one is nested in.
        let mut above: Vec<u8> = Vec::new();
        for item in self.items.iter() {
            while above.last().is_some_and(|&depth| depth >= item.depth) {
                above.pop();
            }
            if item.muted {
                above.push(item.depth);
                continue;
            }
            let mut shown = item.clone();
            // One level less for each of them: there are never more than the item's own depth.
            shown.depth = item.depth.saturating_sub(u8::try_from(above.len()).unwrap_or(u8::MAX));
            shown.deps.retain(|dep| !muted.contains(dep));
            items.push(shown);
        }
        Cow::Owned(Self { items: Arc::new(items) })
    }

    /// Returns the content hash.
    pub fn hash(&self) -> PlanHash {
        let mut hasher = blake3::Hasher::new();
        for item in self.items.iter() {
            hasher.update(format!("{}\t{}\t", item.id, item.depth).as_bytes());
            for dep in &item.deps {
                hasher.update(format!("{dep} ").as_bytes());
            }
            hasher.update(&[b'\t', u8::from(item.pinned), u8::from(item.muted), b'\t']);
            hasher.update(item.text.as_bytes());
            hasher.update(b"\n");
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        PlanHash(short)
    }

    fn check(&self) -> Result<(), PlanError> {
        let mut positions = HashMap::with_capacity(self.items.len());
        let mut deepest = 0;
        for (position, item) in self.items.iter().enumerate() {
            if item.id.number == 0 {
                return Err(PlanError::BadId(item.id));
            }
            if positions.insert(item.id, position).is_some() {
                return Err(PlanError::RepeatedId(item.id));
            }
            if item.depth > deepest {
                return Err(PlanError::DepthJump(item.id));
            }
            deepest = item.depth.saturating_add(1);
            let text = &item.text;
            if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
                return Err(PlanError::BadText(item.id));
            }
        }
        for item in self.items.iter() {
            if let Some(&missing) = item.deps.iter().find(|dep| !positions.contains_key(dep)) {
                return Err(PlanError::UnknownDependency { item: item.id, missing });
            }
            if let Some(dep) = first_repeat(&item.deps) {
                return Err(PlanError::RepeatedDependency { item: item.id, dep });
            }
        }
        match self.find_cycle(&positions) {
            Some(cycle) => Err(PlanError::Cycle(cycle)),
            None => Ok(()),
        }
    }

    /// Depth-first search with an explicit stack, so that a hostile plan cannot overflow ours.
    fn find_cycle(&self, positions: &HashMap<ItemId, usize>) -> Option<Vec<ItemId>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.items.len()];
        for start in 0..self.items.len() {
            if marks[start] != Mark::New {
                continue;
            }
            marks[start] = Mark::Open;
            let mut path = vec![(start, 0)];
            while let Some((at, next)) = path.last_mut() {
                let Some(dep) = self.items[*at].deps.get(*next) else {
                    marks[*at] = Mark::Done;
                    path.pop();
                    continue;
                };
                *next += 1;
                let target = positions[dep];
                match marks[target] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[target] = Mark::Open;
                        path.push((target, 0));
                    }
                    Mark::Open => {
                        let from = path.iter().position(|(at, _)| *at == target)?;
                        return Some(path[from..].iter().map(|(at, _)| self.items[*at].id).collect());
                    }
                }
            }
        }
        None
    }
}
