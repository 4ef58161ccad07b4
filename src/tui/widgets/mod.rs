//! Widgets that know of nothing but cells and the theme.

pub mod chart;
pub mod hints;
pub mod input;
pub mod line_input;
pub mod scroll;
pub mod table;
pub mod tabs;
pub mod text;
pub mod wrap;
