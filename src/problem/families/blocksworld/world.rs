//! The world: which block is on which, what the hand holds, and what an action does.

use std::{collections::BTreeMap, fmt};

use super::{TABLE, is_block};

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Takes a clear block from the table.
    PickUp(String),
    /// Puts the held block on the table.
    PutDown(String),
    /// Puts the held block on a clear one.
    Stack(String, String),
    /// Takes a clear block off the one below it.
    Unstack(String, String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PickUp(x) => write!(f, "pick-up({x})"),
            Self::PutDown(x) => write!(f, "put-down({x})"),
            Self::Stack(x, y) => write!(f, "stack({x}, {y})"),
            Self::Unstack(x, y) => write!(f, "unstack({x}, {y})"),
        }
    }
}

/// Words that stand between the names of blocks when an action is written as a sentence.
const FILLERS: [&str; 10] = ["the", "block", "from", "on", "top", "of", "onto", "off", "blocks", "up"];

/// Returns the actions in `text`, in order: `stack(red, blue)`, `(stack red blue)` or *stack the red block on top of the
/// blue block*, one or several a line. An action without its blocks is left out.
pub fn actions_in(text: &str) -> Vec<Action> {
    let lower = text.to_lowercase().replace("pick up", "pick-up").replace("put down", "put-down");
    let mut actions = Vec::new();
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).peekable();
    while let Some(word) = words.next() {
        let needed = match word {
            "pick-up" | "put-down" => 1,
            "stack" | "unstack" => 2,
            _ => continue,
        };
        let mut blocks = Vec::new();
        while blocks.len() < needed {
            // The next action begins before this one has its blocks.
            let Some(next) = words.next_if(|next| !is_verb(next)) else { break };
            if is_block(next) && !FILLERS.contains(&next) {
                blocks.push(next.to_owned());
            }
        }
        if let Ok([x, y]) = <[String; 2]>::try_from(blocks.clone()) {
            actions.push(if word == "stack" { Action::Stack(x, y) } else { Action::Unstack(x, y) });
        } else if let (1, Ok([x])) = (needed, <[String; 1]>::try_from(blocks)) {
            actions.push(if word == "pick-up" { Action::PickUp(x) } else { Action::PutDown(x) });
        }
    }
    actions
}

fn is_verb(word: &str) -> bool {
    ["pick-up", "put-down", "stack", "unstack"].contains(&word)
}

/// A state of the world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    /// What each block is on; the held one is on nothing and left out.
    below: BTreeMap<String, String>,
    held: Option<String>,
}

impl World {
    /// Makes a world of stacks, each from the table up, with an empty hand.
    pub fn new(stacks: &[Vec<String>]) -> Self {
        let mut below = BTreeMap::new();
        for stack in stacks {
            let under = std::iter::once(TABLE).chain(stack.iter().map(String::as_str));
            below.extend(stack.iter().cloned().zip(under.map(str::to_owned)));
        }
        Self { below, held: None }
    }

    /// Returns what is on `block`.
    fn above(&self, block: &str) -> Option<&str> {
        self.below.iter().find(|(_, under)| *under == block).map(|(above, _)| above.as_str())
    }

    /// Returns what `block` is on: another block or [`TABLE`]; `None` for the held one.
    pub fn under(&self, block: &str) -> Option<&str> {
        self.below.get(block).map(String::as_str)
    }

    fn there(&self, block: &str) -> Result<(), String> {
        let there = self.below.contains_key(block) || self.held.as_deref() == Some(block);
        if there { Ok(()) } else { Err(format!("there is no block {block}")) }
    }

    fn clear(&self, block: &str) -> Result<(), String> {
        if self.held.as_deref() == Some(block) {
            return Err(format!("{block} is in the hand"));
        }
        self.above(block).map_or(Ok(()), |above| Err(format!("{above} is on {block}")))
    }

    fn free_hand(&self) -> Result<(), String> {
        self.held.as_ref().map_or(Ok(()), |held| Err(format!("the hand still holds {held}")))
    }

    fn holds(&self, block: &str) -> Result<(), String> {
        match &self.held {
            Some(held) if held == block => Ok(()),
            Some(held) => Err(format!("the hand holds {held}, not {block}")),
            None => Err(format!("the hand is empty and does not hold {block}")),
        }
    }

    /// Does `action`.
    ///
    /// # Errors
    /// A clause on the first condition that it misses; the world is then as before.
    pub fn act(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::PickUp(x) => {
                self.there(x)?;
                self.free_hand()?;
                self.clear(x)?;
                match self.under(x) {
                    Some(TABLE) => {}
                    Some(under) => return Err(format!("{x} is on {under}, not on the table; unstack it")),
                    None => return Err(format!("{x} is in the hand")),
                }
                self.below.remove(x);
                self.held = Some(x.clone());
            }
            Action::PutDown(x) => {
                self.there(x)?;
                self.holds(x)?;
                self.below.insert(x.clone(), TABLE.to_owned());
                self.held = None;
            }
            Action::Stack(x, y) => {
                self.there(x)?;
                self.there(y)?;
                self.holds(x)?;
                self.clear(y)?;
                self.below.insert(x.clone(), y.clone());
                self.held = None;
            }
            Action::Unstack(x, y) => {
                self.there(x)?;
                self.there(y)?;
                self.free_hand()?;
                match self.under(x) {
                    Some(under) if under == y => {}
                    Some(TABLE) => return Err(format!("{x} is on the table, not on {y}; pick it up")),
                    Some(under) => return Err(format!("{x} is on {under}, not on {y}")),
                    None => return Err(format!("{x} is in the hand")),
                }
                self.clear(x)?;
                self.below.remove(x);
                self.held = Some(x.clone());
            }
        }
        Ok(())
    }

    /// Returns the block in the hand.
    pub fn held(&self) -> Option<&str> {
        self.held.as_deref()
    }

    /// Returns how many blocks there are.
    pub fn size(&self) -> usize {
        self.below.len() + usize::from(self.held.is_some())
    }

    /// Returns the actions that are possible now, each with the world after it.
    pub fn possible(&self) -> Vec<(Action, Self)> {
        let blocks = self.below.keys();
        let actions: Vec<Action> = match &self.held {
            Some(held) => {
                let stack = blocks.map(|block| Action::Stack(held.clone(), block.clone()));
                [Action::PutDown(held.clone())].into_iter().chain(stack).collect()
            }
            None => self
                .below
                .iter()
                .map(|(block, under)| match under.as_str() {
                    TABLE => Action::PickUp(block.clone()),
                    _ => Action::Unstack(block.clone(), under.clone()),
                })
                .collect(),
        };
        let after = |action: Action| {
            let mut world = self.clone();
            world.act(&action).is_ok().then_some((action, world))
        };
        actions.into_iter().filter_map(after).collect()
    }

    /// Returns the goals that do not hold.
    pub fn missed<'g>(&self, goal: &'g [(String, String)]) -> Vec<&'g (String, String)> {
        goal.iter().filter(|(block, under)| self.under(block) != Some(under.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World::new(&[vec!["red".to_owned(), "blue".to_owned()], vec!["green".to_owned()]])
    }

    fn act(world: &mut World, text: &str) -> Result<(), String> {
        actions_in(text).iter().try_for_each(|action| world.act(action))
    }

    #[test]
    fn actions_are_read_from_calls_pddl_and_sentences() {
        let shown = |text: &str| actions_in(text).iter().map(Action::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(shown("stack(a, b) pick-up(c)"), "stack(a, b) pick-up(c)");
        assert_eq!(shown("(unstack b1 b2) (put-down b1)"), "unstack(b1, b2) put-down(b1)");
        assert_eq!(shown("Stack the red block on top of the blue block."), "stack(red, blue)");
        assert_eq!(shown("stack red, pick up blue"), "pick-up(blue)");
        assert_eq!(shown("stack of the"), "");
    }

    #[test]
    fn each_condition_has_its_sentence() {
        let why = |before: &str, text: &str| {
            let mut world = world();
            act(&mut world, before).unwrap();
            act(&mut world, text).unwrap_err()
        };
        assert_eq!(why("", "pick-up(red)"), "blue is on red");
        assert_eq!(why("", "pick-up(blue)"), "blue is on red, not on the table; unstack it");
        assert_eq!(why("", "unstack(green, red)"), "green is on the table, not on red; pick it up");
        assert_eq!(why("", "unstack(blue, green)"), "blue is on red, not on green");
        assert_eq!(why("", "put-down(blue)"), "the hand is empty and does not hold blue");
        assert_eq!(why("unstack(blue, red)", "stack(red, green)"), "the hand holds blue, not red");
        assert_eq!(why("unstack(blue, red)", "pick-up(green)"), "the hand still holds blue");
        assert_eq!(why("unstack(blue, red)", "stack(blue, blue)"), "blue is in the hand");
        assert_eq!(why("pick-up(green)", "stack(green, red)"), "blue is on red");
        assert_eq!(why("", "pick-up(pink)"), "there is no block pink");
    }
}
