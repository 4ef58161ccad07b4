//! The columns of the table of results: the one list from which Parquet, CSV and `docs/lab.md` come.

use super::{Meter, Row};

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

/// A column.
pub struct Column {
    /// Its name.
    pub name: &'static str,
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

macro_rules! columns {
    ($($name:ident $doc:literal $get:expr,)*) => {
        /// All columns, in their order.
        pub const COLUMNS: &[Column] =
            &[$(Column { name: stringify!($name), doc: $doc, get: $get },)*];
    };
}

columns! {
    cell "name of the cell: the hash of all that shapes its run" |row| text(&row.cell),
    experiment "name of the experiment" |row| text(&row.experiment),
    problem "the problem" |row| text(&row.problem),
    family "its family" |row| text(&row.family),
    dial "how hard it was made, where it was generated" |row| Field::Text(row.dial.clone()),
    model "the model as it was asked for" |row| text(&row.model),
    seed "the seed" |row| whole(row.seed),
    arm "the arm's name in the experiment" |row| text(&row.arm),
    kind "the arm's name in the registry" |row| text(&row.kind),
    oracle "whether anything that steered the run saw the gold answer" |row| Field::Flag(Some(row.oracle)),
    meter "what the budget is counted in: generated, fresh, flops, wall_s" |row| text(Meter::name(row.meter)),
    budget "the budget on that meter" |row| real(row.budget),
    generated "tokens drawn" |row| whole(row.generated),
    fresh "positions evaluated" |row| whole(row.fresh),
    cached "positions taken from the cache" |row| whole(row.cached),
    calls "requests to the model" |row| whole(row.calls),
    flops "floating-point operations, by the formula of docs/science.md" |row| real(row.flops),
    wall_s "seconds in the model" |row| real(row.wall_s),
    share "spent over budget on the budget's meter" |row| real(row.share),
    right "whether the answer is right; null where nobody can judge, which is not wrong" |row| Field::Flag(row.right),
    judgement "correct, wrong, unreadable, no_gold" |row| Field::Text(row.judgement.clone()),
    answer "the value of the answer" |row| Field::Text(row.answer.clone()),
    answers "answers that were written" |row| whole(row.answers),
    extended "how often a chain of thought was made to go on" |row| whole(row.extended),
    score "total of the plan that was answered from" |row| Field::Real(row.score),
    draft_score "total of the first plan" |row| Field::Real(row.draft_score),
    check_pass "whether an exact checker passes the plan; null where there is none" |row| Field::Flag(row.check_pass),
    check_score "share of the plan's checks that pass" |row| Field::Real(row.check_score),
    plan_errors "errors that the checker finds in the plan" |row| optional(row.plan_errors),
    plan_items "items of the plan" |row| optional(row.plan_items),
    iterations "iterations that came to their end" |row| whole(row.iterations),
    decisions "iterations with something to decide on" |row| whole(row.decisions),
    accepts "iterations in which a proposal was accepted" |row| whole(row.accepts),
    contradiction "the scorer contradiction of the plan, where it has a weight" |row| Field::Real(row.contradiction),
    faults "passive checks of planscope diagnose that find something wrong" |row| whole(row.faults),
    fault_names "their names, with commas between" |row| text(&row.fault_names),
    seconds "seconds from the first to the last event" |row| real(row.seconds),
    session "the recorded session, below the folder of results" |row| text(&row.session),
    failure "why the run failed, as a sentence; null where it did not" |row| Field::Text(row.failure.clone()),
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
