//! The answer: its grammar, what it cites, and how that covers the plan.

use std::{collections::BTreeSet, ops::Range};

use plan::{ItemId, Plan};
use problem::{AnswerForm, AnswerVerdict, Family, Outcome, family::RESULT};
use session::{CheckSummary, CoverageRow, Judgement};

/// The most sentences that an answer may have.
pub(crate) const MAX_SENTENCES: usize = 16;

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
pub(crate) fn grammar(plan: &Plan, form: AnswerForm) -> String {
    let id = id_pattern(plan);
    if form == AnswerForm::Code {
        return format!(
            "start: OPEN (LINE | BLANK){{1,{MAX_LINES}}} CLOSE\nOPEN: \"```python\\n\"\nCLOSE: \"```\"\nBLANK: \"\\n\"\n\
             LINE: /[^#`\\n]*[^#`\\s]  # \\[{id}(,? {id}){{0,3}}\\]\\n/\n"
        );
    }
    format!(
        "start: SENTENCE (GAP SENTENCE){{0,{}}}\nGAP: /[ \\n]/\nSENTENCE: /{}/\n",
        MAX_SENTENCES - 1,
        sentence(&id)
    )
}

/// Returns the grammar of an answer that is its result and what it cites, in one line, such as `The answer is 63. [S4]`.
pub(crate) fn short_grammar(plan: &Plan) -> String {
    format!("start: RESULT\nRESULT: /{RESULT}{}/\n", sentence(&id_pattern(plan)))
}

/// Returns the grammar of an answer that states what an evaluator computed, `answer`, and cites, such as
/// `The answer is roast at 0, bread at 3. [S1 S2]`.
pub(crate) fn stated_grammar(plan: &Plan, answer: &str) -> String {
    let id = id_pattern(plan);
    let more = plan.items().len().saturating_sub(1);
    let quoted = serde_json::Value::from(answer.trim_end_matches(['.', '!', '?']));
    format!("start: {quoted} CITED\nCITED: /[.!?]? \\[{id}(,? {id}){{0,{more}}}\\][.!?]?/\n")
}

/// What matches the ids that can be cited.
fn id_pattern(plan: &Plan) -> String {
    let ids: Vec<String> =
        plan.items().iter().filter(|item| !item.muted).map(|item| item.id.to_string()).collect();
    format!("({})", ids.join("|"))
}

/// A sentence and its citation. One terminal: the lexer takes the longest match and never goes back, so a full stop that
/// might belong to a number must not be decided on before what follows it is known.
fn sentence(id: &str) -> String {
    let (any, no_digit) = (r"[^\[\]\n.!?]", r"[^\[\]\n.!?0-9]");
    format!(r"[^\[\]\s.!?]{any}*(\.[0-9]+{no_digit}{any}*)*(\.[0-9]+)?[.!?]? \[{id}(,? {id}){{0,3}}\][.!?]?")
}

/// Where the answers of a run cite: as `grammar` puts citations, and nowhere else. What only looks like one, an index or
/// a list of names in code, is part of the answer.
#[derive(Debug, Clone, Copy)]
pub struct Citing<'a> {
    plan: Option<&'a Plan>,
    form: AnswerForm,
}

impl<'a> Citing<'a> {
    /// Returns how an answer from `plan` cites; `plan` is none for an answer that does not.
    pub fn new(plan: Option<&'a Plan>, form: AnswerForm) -> Self {
        Self { plan, form }
    }

    /// Returns the ids that `text` cites, one set a citation bracket.
    pub fn citations(&self, text: &str) -> Vec<BTreeSet<ItemId>> {
        self.spans(text).into_iter().map(|(_, ids)| ids.into_iter().collect()).collect()
    }

    /// Returns every citation bracket of `text`: its byte range, brackets included, and the ids in it.
    pub fn spans(&self, text: &str) -> Vec<(Range<usize>, Vec<ItemId>)> {
        let Some(plan) = self.plan else { return Vec::new() };
        let there = |id: &ItemId| plan.items().iter().any(|item| item.id == *id && !item.muted);
        citation_spans(text)
            .into_iter()
            .filter(|(span, ids)| ids.iter().all(there) && self.is_in_place(text, span))
            .collect()
    }

    /// Returns whether a bracket stands where a citation does: in code in the comment that ends a line, otherwise after
    /// a sentence, with nothing but its stop before what comes next.
    fn is_in_place(&self, text: &str, span: &Range<usize>) -> bool {
        let (before, after) = (&text[..span.start], &text[span.end..]);
        match self.form {
            AnswerForm::Code => {
                let line = before.rsplit('\n').next().unwrap_or_default();
                let ends = after.lines().next().unwrap_or_default().trim().is_empty();
                ends && line.trim_end().ends_with('#')
            }
            AnswerForm::Sentences => {
                let rest = after.trim_start_matches(['.', '!', '?']);
                // A server that takes no grammar may leave the space out after a stop.
                let follows = |c: char| c.is_whitespace() || ".!?".contains(c);
                before.ends_with(follows) && (rest.is_empty() || rest.starts_with(char::is_whitespace))
            }
        }
    }

    /// Returns `text` without its citations, in code without the comments that hold them.
    pub fn without(&self, text: &str) -> String {
        let mut bare = String::with_capacity(text.len());
        let mut at = 0;
        for (span, _) in self.spans(text) {
            let kept = text[at..span.start].trim_end_matches(' ');
            bare += match self.form {
                AnswerForm::Code => kept.trim_end_matches('#').trim_end_matches(' '),
                AnswerForm::Sentences => kept,
            };
            at = span.end;
        }
        bare + &text[at..]
    }
}

/// Returns every bracket of `text` that holds ids alone: its byte range, brackets included, and the ids in it. For
/// screens, which show what a model wrote; [`Citing`] knows which of them cite.
pub fn citation_spans(text: &str) -> Vec<(Range<usize>, Vec<ItemId>)> {
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

/// Returns what an answer without its citations can be read from: nothing where it was cut at its limit before it stated
/// its result, since whatever number stands last in it is not the answer yet.
pub fn readable(family: &dyn Family, bare: String, truncated: bool) -> String {
    if truncated && !family.answers_although_cut(&bare) { String::new() } else { bare }
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

/// Returns one row per item of the plan: how often it is cited, and whether the checker says it holds.
pub fn coverage(plan: &Plan, cited: &[BTreeSet<ItemId>], check: Option<&CheckSummary>) -> Vec<CoverageRow> {
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
    use plan::parse;

    const PLAN: &str = "C1: a = 1\nS1 <- C1: answer = a\nS2: x = 2\n";

    #[test]
    fn citations_are_read_and_other_brackets_are_not() {
        let plan = parse(PLAN).unwrap();
        let citing = Citing::new(Some(&plan), AnswerForm::Sentences);
        let text = "There are 120. [C1 S1]\nSee [note] and [S2, S1].\nx[] [";
        let cited: Vec<Vec<String>> =
            citing.citations(text).iter().map(|ids| ids.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(cited, [vec!["C1", "S1"], vec!["S1", "S2"]]);
        assert_eq!(citing.without("A. [C1]\nB [x]. [S1]"), "A.\nB [x].");
    }

    #[test]
    fn what_is_no_citation_of_the_run_stays() {
        let plan = parse(PLAN).unwrap();
        let sentences = Citing::new(Some(&plan), AnswerForm::Sentences);
        for text in
            ["xs[S1] is 3.", "It is [S1, S9].", "[S7]", "It is [S1]-like.", "f([S1], 2)", "[S1] first"]
        {
            assert_eq!(sentences.without(text), text);
        }
        let code = Citing::new(Some(&plan), AnswerForm::Code);
        let text = "def f(S1, S2):  # [S1]\n    x = [S1, S2]  # [C1 S2]\n    y = x[S1]\n    return T1[S1], '[S1]'  # see [S1]\n";
        let bare = "def f(S1, S2):\n    x = [S1, S2]\n    y = x[S1]\n    return T1[S1], '[S1]'  # see [S1]\n";
        assert_eq!(code.without(text), bare);
        assert_eq!(code.citations(text).len(), 2);
        for form in [AnswerForm::Sentences, AnswerForm::Code] {
            let uncited = Citing::new(None, form);
            for text in ["return [S1, S2]", "A. [C1]", "x = 1  # [S1]"] {
                assert_eq!((uncited.without(text).as_str(), uncited.citations(text).len()), (text, 0));
            }
        }
    }

    #[test]
    fn what_the_grammar_lets_a_model_write_is_found() {
        let plan = parse(PLAN).unwrap();
        let all = |text: &str, form| Citing::new(Some(&plan), form).citations(text).len();
        for text in [
            "One [C1]. Two. [S1 S2] Three [S2,S1]!",
            "1.5 is [S2]\nso. [C1]\nYes [S1]?",
            "A.[S1] B![S2]\nC?[C1]",
        ] {
            assert_eq!(all(text, AnswerForm::Sentences), 3, "{text}");
        }
        assert_eq!(all("```python\nx = 1  # [S1]\n\ny = 2  # [C1, S2]\n```", AnswerForm::Code), 2);
        let plan = parse("S1 {muted}: a = 1\nS2: b = 2\n").unwrap();
        assert_eq!(Citing::new(Some(&plan), AnswerForm::Sentences).without("One. [S1]"), "One. [S1]");
    }

    #[test]
    fn coverage_has_a_row_for_every_item() {
        let plan = parse(PLAN).unwrap();
        let cited =
            Citing::new(Some(&plan), AnswerForm::Sentences).citations("One. [C1]\nOne again. [C1 S1]");
        let rows = coverage(&plan, &cited, None);
        let cited: Vec<u32> = rows.iter().map(|row| row.cited).collect();
        assert_eq!(cited, [2, 1, 0]);
        assert!(rows.iter().all(|row| row.satisfied.is_none()));
    }
}
