//! Steps to a plan with the same total, so that a search can leave a plateau.

use super::{Comparison, Decision, Parameter};
use session::same_total;

/// At most so many equal totals in a row are accepted too.
pub(super) const SIDEWAYS: Parameter = Parameter::count("sideways", 0);

/// Returns the decision on an equal total where some in a row are accepted; `None` on any other total, and where none is
/// accepted. A plan that was seen before never comes here, and the same plan as a control is no step.
pub(super) fn step(comparison: &Comparison<'_>, rule: &str) -> Option<Decision> {
    let most = SIDEWAYS.count_of(comparison.gate());
    if most == 0 || comparison.is_control || !same_total(comparison.before, comparison.after) {
        return None;
    }
    let (done, numbers) = (comparison.state.sideways, comparison.numbers());
    Some(if done < most {
        Decision::plain(
            true,
            format!("{rule}: {numbers} is equal, sideways step {} of {most} in a row.", done + 1),
        )
    } else {
        Decision::plain(
            false,
            format!("{rule}: {numbers} is equal, and {most} sideways steps in a row are the most."),
        )
    })
}
