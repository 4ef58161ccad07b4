//! Takes what is better by a margin.

use super::{Meeting, Word};

/// `accept = Δ ≥ margin`.
pub(super) fn meet(meeting: &Meeting<'_>, margin: f64) -> Word {
    let accept = meeting.delta() >= margin;
    let word = if accept { "reaches" } else { "stays below" };
    Word::plain(accept, format!("Threshold: {} {word} the margin {margin:+.3}.", meeting.numbers()))
}
