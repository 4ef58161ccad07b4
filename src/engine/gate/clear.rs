//! Takes what is better by more than the noise of the scores explains.

use super::{Meeting, Word, sideways};
use crate::scatter::{self, DifferenceNoise, PartError};

/// `accept = Δ > z · SE(Δ)`, with SE as [`scatter`] has it. A gain that is not above it, or whose SE is not known yet, is
/// indecisive.
pub(super) fn meet(meeting: &Meeting<'_>, z: f64, most: u32) -> Word {
    let numbers = meeting.numbers();
    if let Some(word) = sideways::step(meeting, "Clear", most) {
        return word;
    }
    if meeting.delta() <= 0.0 {
        return Word::plain(false, format!("Clear: {numbers} is not higher."));
    }
    let noise = match scatter::of_difference(meeting.state, meeting.old, meeting.new) {
        Ok(noise) => noise,
        Err(unknown) => {
            let parts = unknown.join(", ");
            return Word::indecisive(format!(
                "Clear: {numbers}, but how far {parts} scatters is not known yet."
            ));
        }
    };
    let limit = noise.limit(z);
    if noise.0.is_empty() {
        return Word::plain(
            true,
            format!("Clear: {numbers} is higher, and no part of the score scatters (SE 0)."),
        );
    }
    let rule = format!("{limit:.3}, z = {z} at SE {:.3} ({})", noise.error(), sources(&noise));
    if meeting.delta() > limit {
        Word::plain(true, format!("Clear: {numbers} is above {rule}."))
    } else {
        Word::indecisive(format!("Clear: {numbers} is not above {rule}."))
    }
}

/// The parts that scatter, each with what its error is known from.
fn sources(noise: &DifferenceNoise) -> String {
    let source = |part: &PartError| match part.freedom {
        Some(n) => format!("{} measured with {n} degrees of freedom", part.name),
        None => format!("{} by its own error", part.name),
    };
    noise.0.iter().map(source).collect::<Vec<_>>().join(", ")
}
