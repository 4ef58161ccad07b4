//! Pages of the documentation against the tables and defaults that they list.

mod architecture;
mod commands;
mod settings;
