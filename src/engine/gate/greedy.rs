//! Takes what is better.

use super::{Meeting, Word};

/// `accept = Δ > 0`.
pub(super) fn meet(meeting: &Meeting<'_>) -> Word {
    let accept = meeting.delta() > 0.0;
    Word::plain(
        accept,
        format!("Greedy: {} is {}.", meeting.numbers(), if accept { "higher" } else { "not higher" }),
    )
}
