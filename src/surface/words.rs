//! Comments: how surfaces write items that say something in words, and how they are nested.

use plan::{Item, ItemKind};

/// The sign of a comment.
const SIGN: char = '#';

/// Returns the comment that says an item: `# text` for a subgoal, `# invariant: text` for the others.
pub(crate) fn comment(item: &Item) -> String {
    let plain = item.id.kind == ItemKind::Subgoal && labelled(&item.text).is_none();
    if plain {
        format!("{SIGN} {}", item.text)
    } else {
        format!("{SIGN} {}: {}", item.id.kind.name(), item.text)
    }
}

/// Reads a comment: the kind of item and its text. `None` where the line is no comment, and a text that is empty where it
/// says nothing.
pub(crate) fn read_comment(line: &str) -> Option<(ItemKind, String)> {
    let text = line.trim().strip_prefix(SIGN)?.trim_start_matches(SIGN);
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    Some(labelled(text).unwrap_or((ItemKind::Subgoal, text.to_owned())))
}

fn labelled(text: &str) -> Option<(ItemKind, String)> {
    let (label, rest) = text.split_once(": ")?;
    let kind = ItemKind::ALL.iter().copied().find(|kind| kind.name() == label)?;
    Some((kind, rest.trim().to_owned())).filter(|(_, text)| !text.is_empty())
}

/// How lines are nested without indentation: what follows a subgoal belongs to it, up to an empty line or the next one.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    open: bool,
}

impl Sections {
    /// Returns the depth of the next line.
    pub(crate) fn read(&mut self, kind: ItemKind) -> u8 {
        if kind == ItemKind::Subgoal {
            self.open = true;
            return 0;
        }
        u8::from(self.open)
    }

    /// Takes note of an empty line.
    pub(crate) fn gap(&mut self) {
        self.open = false;
    }

    /// Returns whether an empty line stands before `item`.
    ///
    /// # Errors
    /// Why it cannot stand there at its depth.
    pub(crate) fn write(&mut self, item: &Item) -> Result<bool, String> {
        let subgoal = item.id.kind == ItemKind::Subgoal;
        match item.depth {
            0 if subgoal => {
                self.open = true;
                Ok(false)
            }
            0 => Ok(std::mem::take(&mut self.open)),
            1 if self.open && !subgoal => Ok(false),
            _ => Err("only what belongs to a subgoal can be nested, one level deep".to_owned()),
        }
    }
}

/// Returns `rule` from `least` to `most` times, in Lark; nothing where that is never, which llguidance does not read.
pub(crate) fn repeated(rule: &str, least: usize, most: usize) -> String {
    if most == 0 { String::new() } else { format!("({rule}){{{least},{most}}}") }
}
