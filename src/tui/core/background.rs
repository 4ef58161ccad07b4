//! What comes from jobs in the background and from side requests to the model.

use crate::core::{answers::Answers, arrived::Arrived, findings::Findings, sessions::Sessions};

/// What comes from jobs in the background and from side requests to the model, as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct Background {
    /// The sessions around the one that is shown.
    pub sessions: Sessions,
    /// Answers from several moments, and those that were asked for.
    pub answers: Answers,
    /// What is wrong with the session, as far as that is known.
    pub findings: Findings,
    /// What has just come for an overlay.
    pub arrived: Arrived,
}
