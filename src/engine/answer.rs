//! The answer: its grammar, what it cites, and how that covers the plan.

use std::collections::BTreeSet;

use crate::{
    plan::{ItemId, Plan},
    problem::{AnswerForm, AnswerVerdict, Outcome},
    session::{CheckSummary, CoverageRow, Judgement},
};

/// The most sentences that an answer may have.
const MAX_SENTENCES: usize = 16;

/// The most lines of an answer that is code.
const MAX_LINES: usize = 80;

/// Returns the grammar of an answer in which every sentence is followed by citations of existing items, such
/// as `There are 120 pens at first. [C1 S1]`.
///
/// A sentence may also go without its full stop, and the stop may come after the citation: whatever a model
/// does at the end of a sentence, a citation is the only way on. A stop inside a sentence is one between
/// digits. Muted items cannot be cited: the model does not see them.
///
/// Code is one block, and its lines end with a comment that cites, such as `return total  # [S4]`; only blank lines go
/// without. So it has no other comments, and no `#` or backtick within a line.
pub fn grammar(plan: &Plan, form: AnswerForm) -> String {
    let ids: Vec<String> =
        plan.items().iter().filter(|item| !item.muted).map(|item| item.id.to_string()).collect();
    let id = format!("({})", ids.join("|"));
    if form == AnswerForm::Code {
        return format!(
            "start: OPEN (LINE | BLANK){{1,{MAX_LINES}}} CLOSE\nOPEN: \"```python\\n\"\nCLOSE: \"```\"\nBLANK: \"\\n\"\n\
             LINE: /[^#`\\n]*[^#`\\s]  # \\[{id}(,? {id}){{0,3}}\\]\\n/\n"
        );
    }
    // One terminal: the lexer takes the longest match and never goes back, so a full stop that might belong to
    // a number must not be decided on before what follows it is known.
    let (any, no_digit) = (r"[^\[\]\n.!?]", r"[^\[\]\n.!?0-9]");
    format!(
        "start: SENTENCE (GAP SENTENCE){{0,{}}}\nGAP: /[ \\n]/\n\
         SENTENCE: /[^\\[\\]\\s.!?]{any}*(\\.[0-9]+{no_digit}{any}*)*(\\.[0-9]+)?[.!?]? \\[{id}(,? {id}){{0,3}}\\][.!?]?/\n",
        MAX_SENTENCES - 1
    )
}

/// Returns the ids that `text` cites, one set a citation bracket; what is no list of ids is no citation.
pub fn citations(text: &str) -> Vec<BTreeSet<ItemId>> {
    citation_spans(text).into_iter().map(|(_, ids)| ids.into_iter().collect()).collect()
}

/// Returns every citation bracket of `text`: its byte range, brackets included, and the ids in it.
pub fn citation_spans(text: &str) -> Vec<(std::ops::Range<usize>, Vec<ItemId>)> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('[').map(|offset| at + offset) {
        let Some(close) = text[open..].find(']').map(|offset| open + offset) else { break };
        let inside = text[open + 1..close].split([' ', ',']).filter(|part| !part.is_empty());
        match inside.map(str::parse).collect::<Result<Vec<ItemId>, _>>() {
            Ok(ids) if !ids.is_empty() => {
                spans.push((open..close + 1, ids));
                at = close + 1;
            }
            Ok(_) | Err(_) => at = open + 1,
        }
    }
    spans
}

/// Returns `text` without its citation brackets.
pub fn without_citations(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut at = 0;
    for (span, _) in citation_spans(text) {
        bare += text[at..span.start].trim_end_matches(' ');
        at = span.end;
    }
    bare + &text[at..]
}

/// Returns a verdict in the form in which it is recorded.
pub fn judgement(verdict: AnswerVerdict) -> Judgement {
    match verdict.outcome {
        Outcome::Correct => Judgement::Correct,
        Outcome::Wrong => Judgement::Wrong,
        Outcome::NoGold => Judgement::NoGold,
        Outcome::NotJudged => Judgement::NotJudged { reason: verdict.reason },
        Outcome::Unparsed => Judgement::Unreadable,
    }
}

/// Returns one row an item of the plan: how often it is cited, and whether the checker says it holds.
pub fn coverage(plan: &Plan, text: &str, check: Option<&CheckSummary>) -> Vec<CoverageRow> {
    let cited = citations(text);
    plan.items()
        .iter()
        .filter(|item| !item.muted)
        .map(|item| CoverageRow {
            item: item.id,
            cited: u32::try_from(cited.iter().filter(|ids| ids.contains(&item.id)).count())
                .unwrap_or(u32::MAX),
            satisfied: check
                .and_then(|check| check.items.iter().find(|checked| checked.item == item.id))
                .map(|checked| checked.satisfied),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::parse;

    #[test]
    fn citations_are_read_and_other_brackets_are_not() {
        let text = "There are 120. [C1 S1]\nSee [note] and [S2, S1].\nx[] [";
        let cited: Vec<Vec<String>> =
            citations(text).iter().map(|ids| ids.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(cited, [vec!["C1", "S1"], vec!["S1", "S2"]]);
        assert_eq!(without_citations("A. [C1]\nB [x]. [S1]"), "A.\nB [x].");
    }

    #[test]
    fn coverage_has_a_row_for_every_item() {
        let plan = parse("C1: a = 1\nS1 <- C1: answer = a\nS2: x = 2\n").unwrap();
        let rows = coverage(&plan, "One. [C1]\nOne again. [C1 S1]", None);
        let cited: Vec<u32> = rows.iter().map(|row| row.cited).collect();
        assert_eq!(cited, [2, 1, 0]);
        assert!(rows.iter().all(|row| row.satisfied.is_none()));
    }
}
