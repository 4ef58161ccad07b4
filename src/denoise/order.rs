//! Which masked places are revealed first.

use serde::{Deserialize, Serialize};

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevealOrder {
    /// Each place by a draw of its own, as the reverse process says.
    Origin,
    /// The least entropy first.
    Entropy,
    /// The largest lead of the most probable token over the next one first.
    Margin,
    /// The most probable token first.
    #[default]
    Confidence,
    /// Any.
    Random,
}

impl RevealOrder {
    /// Returns how early a place is revealed, the highest first: `token` is the one that was drawn for it, and `draw` a draw from
    /// 0 to 1.
    pub fn rank(self, probabilities: &[f32], token: u8, draw: f64) -> f64 {
        match self {
            Self::Origin | Self::Random => draw,
            Self::Entropy => {
                let term = |p: &f32| if *p > 0.0 { f64::from(*p) * f64::from(*p).ln() } else { 0.0 };
                probabilities.iter().map(term).sum()
            }
            Self::Margin => {
                let (mut first, mut second) = (0.0_f32, 0.0_f32);
                for p in probabilities {
                    if *p > first {
                        (first, second) = (*p, first);
                    } else if *p > second {
                        second = *p;
                    }
                }
                f64::from(first - second)
            }
            Self::Confidence => probabilities.get(usize::from(token)).copied().unwrap_or(0.0).into(),
        }
    }
}
