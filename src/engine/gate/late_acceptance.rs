//! Takes what would have been good enough some iterations ago.

use super::{Meeting, Word};

/// `accept = s' ≥ s or s' ≥ s_{k−L}`, with the score that stood L iterations ago, or that of the first plan (Burke and
/// Bykov 2017).
pub(super) fn meet(meeting: &Meeting<'_>, length: u32) -> Word {
    let at = meeting.state.iteration.saturating_sub(length);
    let earlier = meeting.state.timeline.get(at as usize).and_then(|point| point.total);
    let bar = earlier.map_or(meeting.before, |earlier| earlier.min(meeting.before));
    let accept = meeting.after >= bar;
    let word = if accept { "reaches" } else { "stays below" };
    let then = earlier.map_or("not known".to_owned(), |earlier| format!("{earlier:.3}"));
    let since = if at == 0 { "of the first plan".to_owned() } else { format!("after iteration {at}") };
    Word::plain(
        accept,
        format!("Late acceptance: {} {word} the lower of that and {then} {since}.", meeting.numbers()),
    )
}
