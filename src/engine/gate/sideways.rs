//! Steps to a plan with the same total, so that a search can leave a plateau.

use super::{Meeting, Word};
use session::same_total;

/// Returns what is said of an equal total where at most `most` in a row are accepted; `None` of any other total, and where
/// none is. A plan that was seen before never comes here, and the same plan as a control is no step.
pub(super) fn step(meeting: &Meeting<'_>, rule: &str, most: u32) -> Option<Word> {
    if most == 0 || meeting.is_control || !same_total(meeting.before, meeting.after) {
        return None;
    }
    let (done, numbers) = (meeting.state.sideways, meeting.numbers());
    Some(if done < most {
        Word::plain(
            true,
            format!("{rule}: {numbers} is equal, sideways step {} of {most} in a row.", done + 1),
        )
    } else {
        Word::plain(
            false,
            format!("{rule}: {numbers} is equal, and {most} sideways steps in a row are the most."),
        )
    })
}
