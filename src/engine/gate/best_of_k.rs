//! Always goes on from the best proposal.

use super::{Meeting, Word};

/// The best of K proposals takes the incumbent's place, better or not: the comma selection of evolution strategies
/// (Schwefel 1975). The best plan so far is kept apart, as under every gate.
pub(super) fn meet(meeting: &Meeting<'_>) -> Word {
    Word::plain(true, format!("Best of K: {} whatever stood before.", meeting.numbers()))
}
