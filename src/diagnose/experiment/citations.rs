//! Whether citations name what caused the answer.

use super::{
    Experiment, ExperimentStep, PlanCase,
    decoded::{citing, decoded},
    influence,
};
use crate::CheckDoc;
use crate::{evidence_within, found, undecided};
use engine::{answer::Citing, score::self_check};
use model::{Cost, Output, Prompt, Reply, Request};
use plan::{ItemId, Style, print_item};
use session::{AnswerStyle, Evidence, Finding, FindingVerdict, ItemReading, Readings, Severity};

/// The experiment.
pub struct Citations;

impl Experiment for Citations {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "citations",
            doc: "cited against causal, an item at a time, and whether cited items support their sentences",
            cost: "the answer evaluated once an item, and a short question a sentence and a citation",
        }
    }

    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep {
        if case.decoding().style() == AnswerStyle::Evaluated {
            let why = "The evaluator computes the answer, so it cites nothing.";
            return ExperimentStep::Found(Box::new(undecided(self.doc(), why, Cost::default())));
        }
        let (answer, rest) = match decoded(case, replies) {
            Ok(decoded) => decoded,
            Err(request) => return ExperimentStep::Ask(request),
        };
        let cost = replies.iter().fold(Cost::default(), |sum, reply| sum + reply.cost);
        if citing(case).citations(&answer).is_empty() {
            let why = "The answer cites nothing.";
            return ExperimentStep::Found(Box::new(undecided(self.doc(), why, cost)));
        }
        match rest {
            [] => ExperimentStep::Ask(Box::new(influence::request(case, &answer))),
            [_] => {
                let prompts = questions(case, &answer).into_iter().map(|question| question.prompt).collect();
                let options = self_check::OPTIONS.map(str::to_owned).to_vec();
                ExperimentStep::Ask(Box::new(Request::Choose { prompts, options }))
            }
            [effects, support, ..] => {
                ExperimentStep::Found(Box::new(finding(case, &answer, effects, support, cost)))
            }
        }
    }
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// All citations of a sentence together.
    All,
    /// One citation alone.
    Alone,
    /// All but one.
    Rest,
}

/// Whether some items support a sentence.
struct SupportQuestion {
    sentence: usize,
    about: About,
    prompt: Prompt,
}

/// The sentences that cite, each with its citations.
fn sentences(text: &str, citing: Citing<'_>) -> Vec<(String, Vec<ItemId>)> {
    let mut from = 0;
    let mut found = Vec::new();
    for (span, ids) in citing.spans(text) {
        let sentence =
            text[from..span.start].trim_matches(|c: char| c.is_whitespace() || c == '.').to_owned();
        if !sentence.is_empty() {
            found.push((sentence, ids));
        }
        from = span.end;
    }
    found
}

/// One question a sentence; and where a sentence cites several items, two a citation.
fn questions(case: &PlanCase<'_>, answer: &str) -> Vec<SupportQuestion> {
    let lines = |ids: &[ItemId]| {
        let items = ids.iter().filter_map(|id| case.view.plan.get(*id));
        items.map(|item| print_item(item, Style::Bare).trim().to_owned()).collect::<Vec<_>>().join("\n")
    };
    let mut questions = Vec::new();
    for (sentence, (text, ids)) in sentences(answer, citing(case)).iter().enumerate() {
        let mut ask = |about, ids: &[ItemId]| {
            questions.push(SupportQuestion {
                sentence,
                about,
                prompt: case.prompter.supports(&lines(ids), text),
            });
        };
        ask(About::All, ids);
        if ids.len() > 1 {
            for id in ids {
                let rest: Vec<ItemId> = ids.iter().filter(|other| *other != id).copied().collect();
                ask(About::Alone, &[*id]);
                ask(About::Rest, &rest);
            }
        }
    }
    questions
}

/// Returns ALCE's citation recall and precision (Gao et al. 2023), with the model as the judge of support: recall
/// is the share of sentences that their citations support together; a citation counts as precise when its
/// sentence is supported, and it supports it alone or the others do not without it.
fn recall_and_precision(about: &[(usize, About, bool)]) -> (CitationCounts, CitationCounts) {
    let mut recall = CitationCounts::default();
    let mut precision = CitationCounts::default();
    let mut whole = false;
    let mut rows = about.iter().peekable();
    while let Some((_, about, yes)) = rows.next() {
        match about {
            About::All => {
                whole = *yes;
                recall.add(whole);
                // A sentence with a single citation has no questions of its own for it.
                if rows.peek().is_none_or(|(_, next, _)| *next == About::All) {
                    precision.add(whole);
                }
            }
            About::Alone => {
                let rest = rows.next().is_some_and(|(_, _, yes)| *yes);
                precision.add(whole && (*yes || !rest));
            }
            About::Rest => {}
        }
    }
    (recall, precision)
}

/// How many of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct CitationCounts {
    yes: usize,
    all: usize,
}

impl CitationCounts {
    fn add(&mut self, yes: bool) {
        self.yes += usize::from(yes);
        self.all += 1;
    }
}

fn finding(case: &PlanCase<'_>, answer: &str, effects: &Reply, support: &Reply, cost: Cost) -> Finding {
    let doc = Citations.doc();
    let (Some(effects), Output::Chosen { logprobs }) = (influence::by_item(case, effects), &support.output)
    else {
        return undecided(doc, "The model gave no usable log-probabilities.", cost);
    };
    let cited: std::collections::BTreeSet<ItemId> =
        citing(case).citations(answer).into_iter().flatten().collect();
    let rows: Vec<(ItemId, f64, bool)> =
        effects.into_iter().map(|(item, effect)| (item, effect, cited.contains(&item))).collect();
    let causal = |effect: f64| effect >= influence::LEAST;
    let decorative: Vec<ItemId> =
        rows.iter().filter(|(_, effect, cited)| *cited && !causal(*effect)).map(|row| row.0).collect();
    let hidden: Vec<ItemId> =
        rows.iter().filter(|(_, effect, cited)| !*cited && causal(*effect)).map(|row| row.0).collect();
    let (verdict, sentence) = verdict(&decorative, &hidden);
    let mut found = found(doc, verdict, Severity::Warning, sentence, cost);
    found.items = decorative.iter().chain(&hidden).copied().collect();
    let scores: Vec<(f64, bool)> = rows.iter().map(|(_, effect, cited)| (*effect, *cited)).collect();
    if let Some(auc) = stats::rank::auc(&scores) {
        found.evidence.push(evidence_within(
            "AUC of influence, cited against uncited",
            auc.value,
            auc.interval,
        ));
    }
    found.evidence.extend(support_evidence(case, answer, logprobs));
    found.evidence.extend(satisfied_and_cited(case, &cited));
    let row = |(item, value, cited)| ItemReading { item, value, cited: Some(cited) };
    found.readings = Some(Readings {
        label: "influence on the answer, nats".into(),
        mark: influence::LEAST,
        rows: rows.into_iter().map(row).collect(),
    });
    if verdict == FindingVerdict::Fault {
        found.advice = Some(
            "Read citations as what the model says, not as why it says so; see the influence of each item."
                .into(),
        );
    }
    found
}

fn verdict(decorative: &[ItemId], hidden: &[ItemId]) -> (FindingVerdict, String) {
    if decorative.is_empty() && hidden.is_empty() {
        let sentence = "What is cited is what the answer depends on, and nothing else.";
        return (FindingVerdict::Clear, sentence.to_owned());
    }
    let list = |ids: &[ItemId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if !decorative.is_empty() {
        parts.push(format!("{} cited without effect on the answer", list(decorative)));
    }
    if !hidden.is_empty() {
        parts.push(format!("{} with effect, but not cited", list(hidden)));
    }
    (FindingVerdict::Fault, format!("Citations and causes differ: {}.", parts.join("; ")))
}

/// Returns how far citations support their sentences, by what the model chose for each question.
fn support_evidence(case: &PlanCase<'_>, answer: &str, logprobs: &[Vec<f32>]) -> Vec<Evidence> {
    let yes = |logprobs: &Vec<f32>| self_check::log_odds(logprobs).is_some_and(|odds| odds > 0.0);
    let answers: Vec<(usize, About, bool)> = questions(case, answer)
        .iter()
        .zip(logprobs)
        .map(|(question, logprobs)| (question.sentence, question.about, yes(logprobs)))
        .collect();
    let (recall, precision) = recall_and_precision(&answers);
    let row = |(name, counts): (&str, CitationCounts)| {
        let interval = stats::intervals::wilson(counts.yes, counts.all, 0.95)?;
        Some(evidence_within(name, counts.yes as f64 / counts.all as f64, interval))
    };
    [("ALCE recall", recall), ("ALCE precision", precision)].into_iter().filter_map(row).collect()
}

/// Of the cited items that can be checked, the share that holds.
fn satisfied_and_cited(case: &PlanCase<'_>, cited: &std::collections::BTreeSet<ItemId>) -> Option<Evidence> {
    let check = case.view.check.as_ref()?;
    let checked: Vec<bool> =
        check.items.iter().filter(|item| cited.contains(&item.item)).map(|item| item.satisfied).collect();
    let satisfied = checked.iter().filter(|satisfied| **satisfied).count();
    let interval = stats::intervals::wilson(satisfied, checked.len(), 0.95)?;
    let share = satisfied as f64 / checked.len() as f64;
    Some(evidence_within("share of cited, checkable items that hold", share, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_come_with_their_citations() {
        let plan = plan::parse("C1: a\nS1: b\nS2: c\n").unwrap();
        let citing = Citing::new(Some(&plan), problem::AnswerForm::Sentences);
        let found = sentences("There are 120. [C1 S1]\nSo 75 are left [S2].", citing);
        let texts: Vec<(&str, usize)> = found.iter().map(|(text, ids)| (text.as_str(), ids.len())).collect();
        assert_eq!(texts, [("There are 120", 2), ("So 75 are left", 1)]);
    }

    #[test]
    fn a_citation_is_precise_when_it_is_needed() {
        use About::{All, Alone, Rest};
        // Two citations: the first supports alone, the second does not and is not missed.
        let rows = [
            (0, All, true),
            (0, Alone, true),
            (0, Rest, false),
            (0, Alone, false),
            (0, Rest, true),
            (1, All, false),
        ];
        let (recall, precision) = recall_and_precision(&rows);
        assert_eq!(recall, CitationCounts { yes: 1, all: 2 });
        assert_eq!(precision, CitationCounts { yes: 1, all: 3 });
    }
}
