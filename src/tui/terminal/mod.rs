//! The terminal: taking it over, its events, and which signs and colours it shows.

pub(crate) mod appearance;
pub(crate) mod events;
pub(crate) mod glyphs;
mod modes;
pub(crate) mod screen;
pub(crate) mod signals;
pub(crate) mod svg;
