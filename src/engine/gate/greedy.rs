//! Takes what is better.

use super::{Meeting, Word, sideways};

/// `accept = Δ > 0`, or Δ = 0 at most `most` times in a row.
pub(super) fn meet(meeting: &Meeting<'_>, most: u32) -> Word {
    if let Some(word) = sideways::step(meeting, "Greedy", most) {
        return word;
    }
    let accept = meeting.delta() > 0.0;
    Word::plain(
        accept,
        format!("Greedy: {} is {}.", meeting.numbers(), if accept { "higher" } else { "not higher" }),
    )
}
