//! The table of results: the one list from which a row, its record, Parquet, CSV and `docs/lab.md` come.

use serde::{Deserialize, Serialize};

use super::{anytime::AnswerMoment, experiment::Meter, figures::ProposerTotals};

/// A value in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValue {
    /// Text.
    Text(Option<String>),
    /// A whole number.
    Whole(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// Yes or no.
    Flag(Option<bool>),
}

impl ColumnValue {
    /// Returns the value as text; empty where it is absent.
    pub fn text(&self) -> String {
        match self {
            Self::Text(value) => value.clone().unwrap_or_default(),
            Self::Whole(value) => value.map(|value| value.to_string()).unwrap_or_default(),
            Self::Real(value) => value.map(|value| value.to_string()).unwrap_or_default(),
            Self::Flag(value) => value.map(|value| value.to_string()).unwrap_or_default(),
        }
    }
}

/// What a column holds; any may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Real,
    /// Yes or no.
    Flag,
}

impl ColumnKind {
    /// Returns the name of the type in DuckDB.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Whole => "BIGINT",
            Self::Real => "DOUBLE",
            Self::Flag => "BOOLEAN",
        }
    }
}

/// A column.
pub struct ResultColumn {
    /// As in Parquet, CSV and `docs/lab.md`.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// One line.
    pub doc: &'static str,
    /// Reads it.
    pub get: fn(&ResultRow) -> ColumnValue,
}

/// A value of a row as it stands in its column.
trait InColumn {
    /// What the column holds.
    const KIND: ColumnKind;

    fn field(&self) -> ColumnValue;
}

macro_rules! in_column {
    ($($type:ty: $kind:ident, $value:expr;)*) => {
        $(impl InColumn for $type {
            const KIND: ColumnKind = ColumnKind::$kind;

            fn field(&self) -> ColumnValue {
                let value: fn(&$type) -> _ = $value;
                ColumnValue::$kind(value(self))
            }
        })*
    };
}

in_column! {
    String: Text, |text| Some(text.clone());
    Option<String>: Text, Clone::clone;
    u64: Whole, |count| i64::try_from(*count).ok();
    Option<u64>: Whole, |count| count.and_then(|count| i64::try_from(count).ok());
    f64: Real, |number| Some(*number);
    Option<f64>: Real, |number| *number;
    bool: Flag, |flag| Some(*flag);
    Option<bool>: Flag, |flag| *flag;
    Meter: Text, |meter| Some(meter.name().to_owned());
    Vec<ProposerTotals>: Text, |all| proposers(all);
    Option<Vec<AnswerMoment>>: Text, |all| all.as_deref().map(moments);
}

/// Such as `120 wrong, 260 right`.
fn moments(moments: &[AnswerMoment]) -> String {
    let verdict = |right: Option<bool>| match right {
        Some(true) => "right",
        Some(false) => "wrong",
        None => "not judged",
    };
    let one = |moment: &AnswerMoment| format!("{} {}", moment.generated, verdict(moment.right));
    moments.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Such as `edit 12 tried, 8 usable, 2 improved, 1 accepted, 240 tokens`; nothing where nothing was proposed.
fn proposers(proposers: &[ProposerTotals]) -> Option<String> {
    let one = |one: &ProposerTotals| {
        let ProposerTotals { name, tried, usable, improved, accepted, tokens } = one;
        let tokens = tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
        format!(
            "{name} {tried} tried, {usable} usable, {improved} improved, {accepted} accepted, {tokens} tokens"
        )
    };
    (!proposers.is_empty()).then(|| proposers.iter().map(one).collect::<Vec<_>>().join("; "))
}

macro_rules! table {
    ($(
        $(#[$about:meta])*
        $group:ident: $part:ident { $($(#[$how:meta])? $name:ident: $type:ty, $doc:literal;)* }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            pub struct $part {
                $(#[doc = $doc] $(#[$how])? pub $name: $type,)*
            }
        )*

        /// A row of the table of results. What is absent is not known, which is not the same as 0 or wrong.
        ///
        /// Its parts are for the reader of code; records, Parquet and CSV have their fields side by side.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct ResultRow {
            $($(#[$about])* #[serde(flatten)] pub $group: $part,)*
        }

        /// All columns, in their order.
        pub const COLUMNS: &[ResultColumn] = &[$($(ResultColumn {
            name: stringify!($name),
            kind: <$type as InColumn>::KIND,
            doc: $doc,
            get: |row| row.$group.$name.field(),
        },)*)*];
    };
}

table! {
    /// Which cell it is the result of: what was asked of which model, how, and for how much.
    run: RunKey {
        cell: String, "name of the cell: the hash of all that shapes its run";
        experiment: String, "name of the experiment";
        problem: String, "the problem";
        problem_hash: Option<String>,
            "hash of the problem's own name, family and text: the same in all results for it; null in results of \
             older versions";
        family: String, "its family";
        dial: Option<String>, "difficulty, if the problem was generated";
        model: String, "the model as requested";
        seed: u64, "the seed";
        arm: String, "the arm's name in the experiment";
        kind: String, "the arm's name in the registry";
        oracle: bool, "whether anything that steered the run saw the gold answer";
        meter: Meter, "what the budget is counted in: generated, fresh, flops, wall_s";
        budget: f64, "the budget on that meter";
    }
    /// What the run spent.
    spent: RunSpending {
        generated: u64, "tokens drawn, thinking included";
        #[serde(default)]
        thinking: u64, "of these, tokens drawn while the model was thinking";
        fresh: u64, "positions evaluated";
        cached: u64, "positions taken from the cache";
        calls: u64, "requests to the model";
        flops: Option<f64>,
            "floating-point operations, by the formula of docs/science.md; null if the model's shape is unknown";
        wall_s: f64, "seconds in the model";
        share: f64, "share of the budget that was spent";
    }
    /// The answer, and how it compares with the gold one.
    answer: AnswerResult {
        right: Option<bool>, "whether the answer is right; null if it cannot be judged, which does not count as wrong";
        judgement: Option<String>, "correct, wrong, unreadable, no_gold, not_judged";
        gold_hash: Option<String>,
            "hash of what the answer was judged against, which changes when the gold answer is corrected; null in \
             results of older versions";
        answer: Option<String>, "the value of the answer";
        answer_style: Option<String>,
            "short or explained; evaluated if no model wrote it; null without a plan, and in results of older \
             versions";
        answer_evaluated: Option<String>,
            "the item in which the family's evaluator computed that value (the model copied it unless answer_style \
             is evaluated); null otherwise";
        #[serde(default)]
        answer_unsupported: bool, "whether the answer comes from a chain of thought that no plan supports";
        answers: u64, "answers that were written";
        extended: u64, "how many times a chain of thought was extended";
    }
    /// Totals of its plans, and the noise on them.
    scores: ScoreResult {
        score: Option<f64>, "total score of the plan that the answer is based on";
        draft_score: Option<f64>, "total score of the first plan";
        noise_sigma: Option<f64>,
            "standard deviation of the known noise on the total, from the settings; null if nothing scores plans";
        noise_kind: Option<String>, "fresh, frozen, or mixed if scorers differ; null without noise";
        step: Option<f64>, "median change of the total per edit, noise included: the unit in which noise is measured";
        sweep: Option<String>,
            "identifies a noise sweep: equal for cells that differ only in arm name, noise, seed and budget; null if \
             nothing scores plans";
    }
    /// The plan that was answered from, and where a right one was lost.
    plan: PlanResult {
        check_pass: Option<bool>, "whether an exact checker passes the plan; null if there is none";
        check_score: Option<f64>, "share of the plan's checks that pass";
        plan_errors: Option<u64>, "errors that the checker finds in the plan";
        plan_items: Option<u64>, "items of the plan";
        draft_right: Option<bool>, "whether the first plan is right, in the sense of plan_right (oracle)";
        seen_right: Option<bool>,
            "whether any plan that was seen is right, kept or not (oracle); null if none is known to be right and \
             some could not be judged";
        plan_right: Option<bool>,
            "whether the final plan is right, regardless of the answer (oracle): its steps evaluate to the right \
             value; an error that leaves them without a result counts as wrong; null if it cannot be judged";
        loss: Option<String>,
            "where a right answer was lost: drawing, choosing, answering; null if none was lost, or that is unknown";
    }
    /// What changed the plan.
    edits: EditResult {
        edits_accepted: Option<u64>, "accepted edits that changed the plan; null if nothing is refined";
        edits_known: Option<u64>,
            "of these, the ones whose plans before and after are both known to be right or wrong (oracle)";
        edits_worse: Option<u64>, "of these, the ones that made a right plan wrong (oracle)";
        edits_better: Option<u64>, "of these, the ones that made a wrong plan right (oracle)";
        #[serde(default)]
        proposers: Vec<ProposerTotals>,
            "per proposer: proposals, new plans among them, improvements, accepted proposals, tokens";
    }
    /// How the answer deals with the items of its plan; absent where it has none, or was not asked to cite.
    coverage: CoverageResult {
        items_cited: Option<u64>, "items that the answer cites; null if it was not asked to cite, or there is no plan";
        items_checked: Option<u64>,
            "items whose statement the checker could evaluate; null if no answer was written from a plan";
        items_satisfied: Option<u64>, "of these, the ones that hold";
        checked_cited: Option<u64>, "items that are cited and could be evaluated";
        satisfied_cited: Option<u64>, "of these, the ones that hold";
        citations_dangling: Option<u64>, "citations of items that the plan does not have";
    }
    /// How refinement went, and what is wrong with it.
    refinement: RefinementResult {
        iterations: u64, "iterations that were completed";
        decisions: u64, "iterations with something to decide on";
        accepts: u64, "iterations in which a proposal was accepted";
        contradiction: Option<f64>, "the plan's value by the scorer contradiction, if that has a weight";
        faults: u64, "passive checks of planscope diagnose that find something wrong";
        fault_names: String, "their names, separated by commas";
    }
    /// The recorded session, and how the run ended.
    record: RecordResult {
        seconds: f64, "seconds from the first to the last event";
        session: String, "path of the recorded session within the results folder";
        failure: Option<String>, "why the run failed, as a sentence; null if it did not";
        read_from: Option<String>,
            "the cell with a larger budget from whose record this result was read; null if the cell was run itself";
        moments: Option<Vec<AnswerMoment>>,
            "what stopping the run earlier would have given: tokens drawn, and the verdict from there on; null if \
             its record does not say";
    }
}

/// Returns the rows as CSV (RFC 4180), a header first.
pub fn csv(rows: &[ResultRow]) -> String {
    let quote = |text: String| {
        let plain = !text.contains([',', '"', '\n', '\r']);
        if plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    let header = COLUMNS.iter().map(|column| column.name.to_owned()).collect::<Vec<_>>().join(",");
    let line = |row: &ResultRow| {
        COLUMNS.iter().map(|column| quote((column.get)(row).text())).collect::<Vec<_>>().join(",")
    };
    std::iter::once(header).chain(rows.iter().map(line)).map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;

    #[test]
    fn every_column_holds_what_it_says() {
        let row = row("direct", 1, Some(true));
        for column in COLUMNS {
            let kind = match (column.get)(&row) {
                ColumnValue::Text(_) => ColumnKind::Text,
                ColumnValue::Whole(_) => ColumnKind::Whole,
                ColumnValue::Real(_) => ColumnKind::Real,
                ColumnValue::Flag(_) => ColumnKind::Flag,
            };
            assert_eq!(kind, column.kind, "{}", column.name);
        }
        let fields = serde_json::to_value(&row).unwrap().as_object().unwrap().len();
        assert_eq!(COLUMNS.len(), fields, "a column a field");
    }

    #[test]
    fn csv_quotes_what_it_must_and_leaves_out_what_is_absent() {
        let text = csv(&[row("direct", 1, None)]);
        let line = text.lines().nth(1).unwrap();
        assert!(line.contains(r#","a, ""b""","#), "{line}");
        assert!(line.contains(",0.5,,"), "an absent mark is empty: {line}");
    }
}
