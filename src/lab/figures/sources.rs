//! Who worked the answers out: the model, or the family's evaluator.

use serde::Serialize;

use crate::columns::ResultRow;

/// Where the values of an arm's answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sources {
    /// Answers with a value.
    pub answers: usize,
    /// Of these, the ones that the evaluator gave: no model wrote them.
    pub evaluator: usize,
    /// Those that a model copied from what the evaluator had computed and the prompt showed.
    pub copied: usize,
    /// Cells in which the evaluator was to answer, and the plan had no result.
    pub missing: usize,
}

impl Sources {
    /// Returns what the rows of an arm say.
    pub(crate) fn of(rows: &[&ResultRow]) -> Self {
        let evaluated = |row: &ResultRow| row.answer.answer_style.as_deref() == Some("evaluated");
        let count = |keep: &dyn Fn(&ResultRow) -> bool| rows.iter().filter(|row| keep(row)).count();
        Self {
            answers: count(&|row| row.answer.answer.is_some()),
            evaluator: count(&|row| row.answer.answer.is_some() && evaluated(row)),
            copied: count(&|row| row.answer.answer_evaluated.is_some() && !evaluated(row)),
            missing: count(&|row| row.answer.answer.is_none() && evaluated(row)),
        }
    }

    /// Returns the same as a sentence about `arm`; `None` where the evaluator computed nothing.
    pub fn sentence(&self, arm: &str) -> Option<String> {
        let Self { answers, evaluator, copied, missing } = *self;
        let mut parts = Vec::new();
        if evaluator > 0 {
            parts.push(format!(
                "the evaluator computed {evaluator} of {answers} answers, and no model wrote them"
            ));
        }
        if copied > 0 {
            parts.push(format!(
                "the model copied {copied} of {answers} answers from what the evaluator computed"
            ));
        }
        if missing > 0 {
            let cells = if missing == 1 { "1 cell".to_owned() } else { format!("{missing} cells") };
            parts.push(format!(
                "the plan had no result in {cells}, which have no answer and count as not right"
            ));
        }
        (!parts.is_empty()).then(|| format!("{arm}: {}.", parts.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn what_the_evaluator_computed_is_told_from_what_the_model_wrote() {
        let style = |n, style: &str, evaluated: Option<&str>, answer: Option<&str>| {
            with(row("program", n, Some(true)), |row| {
                row.answer.answer_style = Some(style.into());
                row.answer.answer_evaluated = evaluated.map(str::to_owned);
                row.answer.answer = answer.map(str::to_owned);
            })
        };
        let rows = [
            style(0, "evaluated", Some("S1"), Some("5")),
            style(1, "evaluated", None, Some("a=1")),
            style(2, "evaluated", None, None),
            style(3, "short", Some("S2"), Some("6")),
            style(4, "explained", None, Some("7")),
        ];
        let sources = Sources::of(&rows.iter().collect::<Vec<_>>());
        assert_eq!(sources, Sources { answers: 4, evaluator: 2, copied: 1, missing: 1 });
        let said = sources.sentence("program").unwrap();
        assert!(said.contains("computed 2 of 4 answers") && said.contains("no result in 1 cell"), "{said}");
        assert_eq!(Sources::of(&[&row("direct", 1, Some(true))]).sentence("direct"), None);
    }
}
