//! Plans: their text language, their edits, and the grammars that hold a model to them.

mod answers;
mod grammar;
mod properties;
mod surfaces;
