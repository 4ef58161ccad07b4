//! A plan as a surface shows it.

use plan::ItemId;

/// The regular expression of the names of quantities and results.
const ANY_NAME: &str = "[A-Za-z_][A-Za-z0-9_]{0,24}";

/// One item as a surface writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ShownLine {
    pub item: ItemId,
    /// What stands before the statement: indentation, or an empty line too.
    pub before: String,
    /// The statement.
    pub text: String,
    /// What ends it: a newline, after a comma perhaps.
    pub after: String,
    /// The name by which lines below can use it, where it has one; of a line that is still to be written, the regular
    /// expression of names.
    pub binds: Option<String>,
}

/// A plan as a surface shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShownPlan {
    /// What stands before the first line.
    pub head: String,
    /// The items, in the order of the plan.
    pub lines: Vec<ShownLine>,
    /// What stands after the last line.
    pub tail: String,
    /// Whether items are named by their ids.
    pub has_ids: bool,
}

impl ShownPlan {
    /// Returns all of it.
    pub fn text(&self) -> String {
        self.before(self.lines.len()) + &self.tail
    }

    /// Returns what a model writes after the opening of a reply: the lines and the tail, without the head.
    pub fn body(&self) -> String {
        self.text().split_off(self.head.len())
    }

    /// Returns what stands before the line at `at`, counted from 0: the head and the lines above.
    pub fn before(&self, at: usize) -> String {
        let mut text = self.head.clone();
        for line in self.lines.iter().take(at) {
            text += &line.before;
            text += &line.text;
            text += &line.after;
        }
        text
    }

    /// Returns the statements, each with its number where items have no ids.
    pub fn numbered(&self) -> String {
        if self.has_ids {
            return self.text();
        }
        let numbered = self.lines.iter().zip(1..).map(|(line, number)| format!("{number}: {}", line.text));
        numbered.collect::<Vec<_>>().join("\n")
    }

    /// Returns it with another statement at `at`, counted from 0.
    #[must_use]
    pub fn replaced(mut self, at: usize, text: &str) -> Self {
        if let Some(line) = self.lines.get_mut(at) {
            text.clone_into(&mut line.text);
        }
        self
    }

    /// Returns it with a statement after the one at `at`. Like it, it is nobody's: whoever reads the text gives it an id.
    #[must_use]
    pub fn inserted(mut self, at: usize, text: &str) -> Self {
        if let Some(line) = self.lines.get(at) {
            let before = line.before.trim_start_matches('\n').to_owned();
            let line = ShownLine { before, text: text.to_owned(), binds: None, ..line.clone() };
            self.lines.insert(at + 1, line);
        }
        self
    }

    /// Returns it with a statement before the one at `at`, which takes over the empty line before it.
    #[must_use]
    pub fn preceded(mut self, at: usize, text: &str) -> Self {
        if let Some(next) = self.lines.get_mut(at) {
            let line = ShownLine { text: text.to_owned(), binds: None, ..next.clone() };
            next.before = next.before.trim_start_matches('\n').to_owned();
            self.lines.insert(at, line);
        }
        self
    }

    /// Returns it with a statement before the one at `at` that is still to be written: those below it can use whatever name
    /// it has.
    #[must_use]
    pub fn supplied(self, at: usize) -> Self {
        let mut supplied = self.preceded(at, "");
        if let Some(line) = supplied.lines.get_mut(at) {
            line.binds = Some(ANY_NAME.to_owned());
        }
        supplied
    }

    /// Returns it without the statement at `at`. An empty line before it stays before the next one.
    #[must_use]
    pub fn removed(mut self, at: usize) -> Self {
        if at < self.lines.len() {
            let gone = self.lines.remove(at);
            if let Some(next) = self.lines.get_mut(at)
                && gone.before.starts_with('\n')
                && !next.before.starts_with('\n')
            {
                next.before.insert(0, '\n');
            }
        }
        self
    }

    /// Returns it with the statement at `from` after the one at `anchor`.
    #[must_use]
    pub fn moved(self, from: usize, anchor: usize) -> Self {
        let Some(text) = self.lines.get(from).map(|line| line.text.clone()) else { return self };
        if from < anchor {
            self.inserted(anchor, &text).removed(from)
        } else {
            self.removed(from).inserted(anchor, &text)
        }
    }

    /// Returns the number of an item's statement, counted from 1.
    pub fn number(&self, item: ItemId) -> Option<usize> {
        self.lines.iter().position(|line| line.item == item).map(|at| at + 1)
    }

    /// Returns the item whose statement has this number.
    pub fn item(&self, number: usize) -> Option<ItemId> {
        self.lines.get(number.checked_sub(1)?).map(|line| line.item)
    }

    /// Returns how prompts name an item: by its id, or by the number of its line.
    pub fn name(&self, item: ItemId) -> String {
        match self.number(item) {
            Some(number) if !self.has_ids => format!("line {number}"),
            Some(_) | None => item.to_string(),
        }
    }

    /// Returns a message with the ids in it exchanged for the numbers of lines.
    pub fn in_words(&self, message: &str) -> String {
        if self.has_ids {
            return message.to_owned();
        }
        let mut out = String::new();
        for piece in message.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let known = word.parse::<ItemId>().ok().filter(|id| self.number(*id).is_some());
            match known {
                Some(id) => {
                    let name = self.name(id);
                    out += &if out.is_empty() { capital(&name) } else { name };
                    out += &piece[word.len()..];
                }
                None => out += piece,
            }
        }
        out
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
