//! The columns of the table of results: the one list from which Parquet, CSV and `docs/lab.md` come.

use super::{anytime::AnswerMoment, experiment::Meter, figures::ProposerTotals, row::Row};

/// A value in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Text.
    Text(Option<String>),
    /// A whole number.
    Whole(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// Yes or no.
    Flag(Option<bool>),
}

impl Field {
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
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Real,
    /// Yes or no.
    Flag,
}

impl Kind {
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
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One line.
    pub doc: &'static str,
    /// Reads it.
    pub get: fn(&Row) -> Field,
}

fn text(value: &str) -> Field {
    Field::Text(Some(value.to_owned()))
}

fn whole(value: u64) -> Field {
    Field::Whole(i64::try_from(value).ok())
}

fn optional(value: Option<u64>) -> Field {
    Field::Whole(value.and_then(|value| i64::try_from(value).ok()))
}

fn real(value: f64) -> Field {
    Field::Real(Some(value))
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

macro_rules! columns {
    ($($name:ident $kind:ident $doc:literal $get:expr,)*) => {
        /// All columns, in their order.
        pub const COLUMNS: &[Column] =
            &[$(Column { name: stringify!($name), kind: Kind::$kind, doc: $doc, get: $get },)*];
    };
}

columns! {
    cell Text "name of the cell: the hash of all that shapes its run" |row| text(&row.cell),
    experiment Text "name of the experiment" |row| text(&row.experiment),
    problem Text "the problem" |row| text(&row.problem),
    problem_hash Text "hash of the problem's own name, family and text: the same in all results for it; null in results of older versions" |row| Field::Text(row.problem_hash.clone()),
    family Text "its family" |row| text(&row.family),
    dial Text "how hard it was made, where it was generated" |row| Field::Text(row.dial.clone()),
    model Text "the model as it was asked for" |row| text(&row.model),
    seed Whole "the seed" |row| whole(row.seed),
    arm Text "the arm's name in the experiment" |row| text(&row.arm),
    kind Text "the arm's name in the registry" |row| text(&row.kind),
    oracle Flag "whether anything that steered the run saw the gold answer" |row| Field::Flag(Some(row.oracle)),
    meter Text "what the budget is counted in: generated, fresh, flops, wall_s" |row| text(Meter::name(row.meter)),
    budget Real "the budget on that meter" |row| real(row.budget),
    generated Whole "tokens drawn, thinking included" |row| whole(row.generated),
    thinking Whole "those of them drawn while the model thought" |row| whole(row.thinking),
    fresh Whole "positions evaluated" |row| whole(row.fresh),
    cached Whole "positions taken from the cache" |row| whole(row.cached),
    calls Whole "requests to the model" |row| whole(row.calls),
    flops Real "floating-point operations, by the formula of docs/science.md; null where the model's shape is not known" |row| Field::Real(row.flops),
    wall_s Real "seconds in the model" |row| real(row.wall_s),
    share Real "spent over budget on the budget's meter" |row| real(row.share),
    right Flag "whether the answer is right; null where nobody can judge, which is not wrong" |row| Field::Flag(row.right),
    judgement Text "correct, wrong, unreadable, no_gold, not_judged" |row| Field::Text(row.judgement.clone()),
    gold_hash Text "hash of what the answer was judged by: another one once the gold answer is corrected; null in results of older versions" |row| Field::Text(row.gold_hash.clone()),
    answer Text "the value of the answer" |row| Field::Text(row.answer.clone()),
    answer_style Text "short or explained, or evaluated: no model wrote it; null without a plan, and in results of older versions" |row| Field::Text(row.answer_style.clone()),
    answer_evaluated Text "the item in which the family's evaluator computed that value, which the model copied unless answer_style is evaluated; null where it did not" |row| Field::Text(row.answer_evaluated.clone()),
    answer_unsupported Flag "whether the answer is that of a chain of thought which no plan supports" |row| Field::Flag(Some(row.answer_unsupported)),
    answers Whole "answers that were written" |row| whole(row.answers),
    extended Whole "how often a chain of thought was made to go on" |row| whole(row.extended),
    score Real "total of the plan that was answered from" |row| Field::Real(row.score),
    draft_score Real "total of the first plan" |row| Field::Real(row.draft_score),
    noise_sigma Real "known noise on the total: its standard deviation by the settings; null where nothing scores plans" |row| Field::Real(row.noise_sigma),
    noise_kind Text "fresh, frozen or, where scorers differ, mixed; null without noise" |row| Field::Text(row.noise_kind.clone()),
    step Real "median change of the total by one edit, noise included: what noise is measured in" |row| Field::Real(row.step),
    sweep Text "the same for cells that differ by arm name, noise, seed and budget alone; null where nothing scores plans" |row| Field::Text(row.sweep.clone()),
    check_pass Flag "whether an exact checker passes the plan; null where there is none" |row| Field::Flag(row.check_pass),
    check_score Real "share of the plan's checks that pass" |row| Field::Real(row.check_score),
    plan_errors Whole "errors that the checker finds in the plan" |row| optional(row.plan_errors),
    plan_items Whole "items of the plan" |row| optional(row.plan_items),
    draft_right Flag "whether the first plan is right, as plan_right has it (oracle)" |row| Field::Flag(row.draft_right),
    seen_right Flag "whether some plan that was seen is right, kept or not (oracle); null where none is known to be and some could not be judged" |row| Field::Flag(row.seen_right),
    plan_right Flag "whether the plan that was kept is right, whatever the answer says (oracle): what its steps come to is, where an error of the plan that leaves them without a result makes it wrong; null where nobody can judge" |row| Field::Flag(row.plan_right),
    loss Text "where a right answer was lost: drawing, choosing, answering; null where none was, or that is not known" |row| Field::Text(row.loss.clone()),
    edits_accepted Whole "accepted edits that changed the plan; null where nothing is refined" |row| optional(row.edits_accepted),
    edits_known Whole "of these, the ones whose plans, before and after, are both known to be right or wrong (oracle)" |row| optional(row.edits_known),
    edits_worse Whole "of these, the ones that made a right plan wrong (oracle)" |row| optional(row.edits_worse),
    edits_better Whole "of these, the ones that made a wrong plan right (oracle)" |row| optional(row.edits_better),
    proposers Text "what each proposer brought: proposals, new plans among them, improvements, accepted ones, tokens" |row| Field::Text(proposers(&row.proposers)),
    items_cited Whole "items that the answer cites; null where it was not asked to cite, or there is no plan" |row| optional(row.items_cited),
    items_checked Whole "items whose statement the checker could evaluate; null where no answer was written from a plan" |row| optional(row.items_checked),
    items_satisfied Whole "of these, the ones that hold" |row| optional(row.items_satisfied),
    checked_cited Whole "items that are cited and could be evaluated" |row| optional(row.checked_cited),
    satisfied_cited Whole "of these, the ones that hold" |row| optional(row.satisfied_cited),
    citations_dangling Whole "citations of items that the plan does not have" |row| optional(row.citations_dangling),
    iterations Whole "iterations that came to their end" |row| whole(row.iterations),
    decisions Whole "iterations with something to decide on" |row| whole(row.decisions),
    accepts Whole "iterations in which a proposal was accepted" |row| whole(row.accepts),
    contradiction Real "the scorer contradiction of the plan, where it has a weight" |row| Field::Real(row.contradiction),
    faults Whole "passive checks of planscope diagnose that find something wrong" |row| whole(row.faults),
    fault_names Text "their names, with commas between" |row| text(&row.fault_names),
    seconds Real "seconds from the first to the last event" |row| real(row.seconds),
    session Text "the recorded session, below the folder of results" |row| text(&row.session),
    failure Text "why the run failed, as a sentence; null where it did not" |row| Field::Text(row.failure.clone()),
    read_from Text "the cell with a larger budget from whose record this result was read; null where it was run itself" |row| Field::Text(row.read_from.clone()),
    moments Text "what stopping the run earlier would have given: tokens drawn, and the verdict from there on; null where its record does not say" |row| Field::Text(row.moments.as_deref().map(moments)),
}

/// Returns the rows as CSV (RFC 4180), a header first.
pub fn csv(rows: &[Row]) -> String {
    let quote = |text: String| {
        let plain = !text.contains([',', '"', '\n', '\r']);
        if plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    let header = COLUMNS.iter().map(|column| column.name.to_owned()).collect::<Vec<_>>().join(",");
    let line = |row: &Row| {
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
                Field::Text(_) => Kind::Text,
                Field::Whole(_) => Kind::Whole,
                Field::Real(_) => Kind::Real,
                Field::Flag(_) => Kind::Flag,
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
