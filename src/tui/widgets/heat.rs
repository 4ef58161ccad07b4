//! Colours for probabilities.

use crate::theme::Role;

/// From this probability on a token has the role next to it; below all of them that of [`COLDEST`].
pub const HEAT: [(f32, Role, &str); 4] = [
    (0.9, Role::Heat0, "≥ 90 %"),
    (0.5, Role::Heat1, "≥ 50 %"),
    (0.2, Role::Heat2, "≥ 20 %"),
    (0.05, Role::Heat3, "≥ 5 %"),
];
/// The role below all of [`HEAT`], and the word for it.
pub const COLDEST: (Role, &str) = (Role::Heat4, "below");

/// Returns the role of a probability, 0 to 1.
pub fn role(probability: f32) -> Role {
    HEAT.into_iter().find(|(from, ..)| probability >= *from).map_or(COLDEST.0, |(_, role, _)| role)
}
