//! Experiments: arms, budgets, problems and seeds as a grid of ordinary runs.

pub mod arms;
