//! Finds what is code in a line of a plan: names, numbers, operators, tool calls.
//!
//! The colours are the theme's; a syntax definition of our own says only what a piece is.

use std::{
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder};

/// The definition of the plan language.
const PLAN: &str = include_str!("plan.sublime-syntax");
/// Longer texts are not looked into: they are no items.
const LONGEST: usize = 4_000;
/// As many texts are remembered before all are forgotten.
const REMEMBERED: usize = 4_096;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing special.
    Plain,
    /// What an edit does, or the arrow before dependencies.
    Keyword,
    /// The name of an item.
    Item,
    /// A function or tool that is called.
    Function,
    /// A number.
    Number,
    /// Something that connects numbers and names.
    Operator,
    /// Text in quotes.
    Quoted,
}

/// A stretch of a text, in bytes, with what it is.
pub type Piece = (Range<usize>, Class);

/// The syntax definition, made ready, with the texts that it was applied to.
///
/// Making it ready takes some tens of milliseconds, so the screen does that after its first frame and shows
/// plain text until then.
pub struct Highlighter {
    syntaxes: SyntaxSet,
    classes: [(Scope, Class); 6],
    known: Mutex<HashMap<Box<str>, Arc<[Piece]>>>,
}

impl fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Highlighter").finish_non_exhaustive()
    }
}

/// The definition cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the syntax of plans cannot be read, so expressions have no colours: {0}")]
pub struct SyntaxError(String);

impl Highlighter {
    /// Makes the definition ready.
    ///
    /// # Errors
    /// [`SyntaxError`] when it is none.
    pub fn load() -> Result<Self, SyntaxError> {
        let wrong = |error: &dyn fmt::Display| SyntaxError(error.to_string());
        let definition = SyntaxDefinition::load_from_str(PLAN, false, None).map_err(|error| wrong(&error))?;
        let scope = |name: &str| Scope::new(name).map_err(|error| wrong(&format!("{error:?}")));
        let classes = [
            (scope("keyword.operator")?, Class::Operator),
            (scope("keyword")?, Class::Keyword),
            (scope("entity.item")?, Class::Item),
            (scope("entity.function")?, Class::Function),
            (scope("constant.numeric")?, Class::Number),
            (scope("string")?, Class::Quoted),
        ];
        let mut builder = SyntaxSetBuilder::new();
        builder.add(definition);
        let highlighter = Self { syntaxes: builder.build(), classes, known: Mutex::new(HashMap::new()) };
        // Patterns are compiled when they are first used.
        highlighter.pieces("replace S1: total = 1 + call(\"x\")");
        Ok(highlighter)
    }

    /// Returns `text` in pieces, in order and without gaps.
    pub fn pieces(&self, text: &str) -> Arc<[Piece]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pieces) = known.get(text) {
            return pieces.clone();
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let pieces: Arc<[Piece]> = self.look_into(text).into();
        known.insert(text.into(), pieces.clone());
        pieces
    }

    fn look_into(&self, text: &str) -> Vec<Piece> {
        let whole = || vec![(0..text.len(), Class::Plain)];
        let Some(syntax) = self.syntaxes.syntaxes().first().filter(|_| text.len() <= LONGEST) else {
            return whole();
        };
        let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
        let mut pieces: Vec<Piece> = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            // A text that the engine gives up on is shown plain.
            let Ok(changes) = state.parse_line(line, &self.syntaxes) else { return whole() };
            let mut from = 0;
            for (at, change) in changes {
                self.add(&mut pieces, start + from..start + at, &stack);
                if stack.apply(&change).is_err() {
                    return whole();
                }
                from = at;
            }
            self.add(&mut pieces, start + from..start + line.len(), &stack);
            start += line.len();
        }
        pieces
    }

    fn add(&self, pieces: &mut Vec<Piece>, range: Range<usize>, stack: &ScopeStack) {
        if range.is_empty() {
            return;
        }
        let top = stack.as_slice().last().copied();
        let is =
            |(prefix, class): &(Scope, Class)| top.filter(|top| prefix.is_prefix_of(*top)).map(|_| *class);
        let class = self.classes.iter().find_map(is).unwrap_or(Class::Plain);
        match pieces.last_mut() {
            Some((last, same)) if *same == class => last.end = range.end,
            _ => pieces.push((range, class)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static READY: LazyLock<Highlighter> = LazyLock::new(|| Highlighter::load().unwrap());

    fn found(text: &str) -> Vec<(&str, Class)> {
        let pieces = READY.pieces(text);
        let reported = pieces.iter().filter(|(_, class)| *class != Class::Plain);
        reported.map(|(range, class)| (&text[range.clone()], *class)).collect()
    }

    #[test]
    fn expressions_and_calls_are_told_from_words() {
        use Class::{Function, Item, Keyword, Number, Operator, Quoted};
        assert_eq!(
            found("rest = (total - 45) * 3.5"),
            [("=", Operator), ("-", Operator), ("45", Number), ("*", Operator), ("3.5", Number)]
        );
        assert_eq!(
            found("find_order(customer=T1.id, name=\"a \\\" 7\")"),
            [
                ("find_order", Function),
                ("=", Operator),
                ("T1", Item),
                ("=", Operator),
                ("\"a \\\" 7\"", Quoted)
            ]
        );
        assert_eq!(found("a well-known fact of room4: S is no item"), []);
        assert_eq!(
            found("replace S2: x = 1\nmove on"),
            [("replace", Keyword), ("S2", Item), ("=", Operator), ("1", Number)]
        );
    }

    proptest! {
        #[test]
        fn pieces_cover_any_text(text in "[\\PC\n\u{1b}\u{202e}]{0,40}") {
            let pieces = READY.pieces(&text);
            let joined: String = pieces.iter().map(|(range, _)| &text[range.clone()]).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
