//! Metropolis for edits of one item of many.

use super::{Meeting, Word};

/// Log-ratios beyond this are as good as certain, and are cut so that nothing overflows.
const CLIP: f64 = 20.0;

/// `accept = min(1, exp(Δ / β) · |z| / |z'|)` with the numbers of items before and after: an item is picked out of
/// |z| on the way there and out of |z'| on the way back (QUEST, Faria et al. 2024, arXiv 2406.00049; QAlign, Faria and
/// Smith 2025, arXiv 2504.03790).
pub(super) fn meet(meeting: &Meeting<'_>, beta: f64) -> Word {
    let (before, after) = meeting.items;
    let ratio = meeting.delta() / beta + (before.max(1) as f64).ln() - (after.max(1) as f64).ln();
    let probability = ratio.clamp(-CLIP, CLIP).exp().min(1.0);
    meeting.chance(&format!("QAlign at β {beta:.3}, {before} → {after} items"), probability)
}
