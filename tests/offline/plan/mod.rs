//! Plans: their text language, their edits, and the grammars that hold a model to them.

mod grammar;
mod properties;
