//! Rows of tables: comma-separated values and Apache Parquet. A row becomes an object, whose members the formats read.

use std::{fs::File, ops::Range, panic};

use parquet::{
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row},
};
use serde_json::{Map, Value};

use super::{
    error::LoadError,
    records::{Record, See},
};

/// Rows that a Parquet file may have.
const MAX_ROWS: i64 = 1_000_000;

/// Reads a table with a header, its columns set apart by `comma`; a row becomes an object of texts, without empty ones.
/// Returns how many rows were passed.
///
/// # Errors
/// Where the table is not well-formed, or what `see` says.
pub(super) fn text(
    path: &str,
    text: &str,
    comma: u8,
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    let syntax =
        |line: usize, message: String| LoadError::Syntax { path: path.to_owned(), line, column: 1, message };
    let explain = |error: csv::Error| {
        syntax(error.position().map_or(1, |position| position.line() as usize), error.to_string())
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(separator(text, comma)).from_reader(text.as_bytes());
    let header = reader.headers().map_err(explain)?.clone();
    let mut names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1] && !pair[0].is_empty()) {
        return Err(syntax(1, format!("two columns are called {}", twice[0])));
    }
    let mut rows = 0;
    for found in reader.records() {
        let found = found.map_err(explain)?;
        if wanted.is_none_or(|wanted| wanted.contains(&rows)) {
            let cells = header.iter().zip(&found).filter(|(_, cell)| !cell.trim().is_empty());
            let fields: Map<String, Value> =
                cells.map(|(name, cell)| (name.trim().to_owned(), cell.into())).collect();
            let line = found.position().map_or(1, |position| position.line() as usize);
            see(&Record { path, row: rows, line, text: &Value::Object(fields).to_string() })?;
        }
        rows += 1;
    }
    Ok(rows)
}

/// What sets columns apart: in some countries a file of comma-separated values has semicolons.
fn separator(text: &str, comma: u8) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    if comma == b',' && !header.contains(',') && header.contains(';') { b';' } else { comma }
}

/// Reads a Parquet file. Returns how many rows there are.
///
/// # Errors
/// When it is damaged, too large, or packed in a way that is not read; or what `see` says.
pub(super) fn parquet(
    path: &str,
    limit: u64,
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > limit {
        return Err(LoadError::TooLarge { place: path.to_owned(), limit: limit >> 10 });
    }
    let mut broken = None;
    // The library takes some of what is written in a file at its word, and panics where that is not so.
    let read = panic::AssertUnwindSafe(|| {
        let reader = SerializedFileReader::new(file)?;
        let rows = reader.metadata().file_metadata().num_rows();
        if rows > MAX_ROWS {
            return Err(ParquetError::General(format!("it has {rows} rows, more than {MAX_ROWS}")));
        }
        for (row, found) in reader.get_row_iter(None)?.enumerate() {
            let found = found?;
            if wanted.is_some_and(|wanted| row >= wanted.end) {
                break;
            }
            if wanted.is_none_or(|wanted| wanted.contains(&row)) {
                let text = Value::Object(object(&found)).to_string();
                if let Err(error) = see(&Record { path, row, line: row + 1, text: &text }) {
                    broken = Some(error);
                    break;
                }
            }
        }
        Ok(usize::try_from(rows).unwrap_or(0))
    });
    let refused = |why: String| LoadError::Refused {
        path: path.to_owned(),
        message: format!(
            "the Parquet file cannot be read: {why}; write its rows as .jsonl, such as with DuckDB or pandas"
        ),
    };
    let rows = match panic::catch_unwind(read) {
        Ok(read) => read.map_err(|error| refused(error.to_string()))?,
        Err(_) => return Err(refused("it is damaged".to_owned())),
    };
    broken.map_or(Ok(rows), Err)
}

fn object(row: &Row) -> Map<String, Value> {
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

/// Returns a field as JSON; what no problem has, such as a date, as text.
fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => (*value).into(),
        Field::Byte(value) => (*value).into(),
        Field::Short(value) => (*value).into(),
        Field::Int(value) => (*value).into(),
        Field::Long(value) => (*value).into(),
        Field::UByte(value) => (*value).into(),
        Field::UShort(value) => (*value).into(),
        Field::UInt(value) => (*value).into(),
        Field::ULong(value) => (*value).into(),
        // By way of its shortest digits: 0.1 as one half of the width is another number as the whole of it.
        Field::Float(value) => value.to_string().parse::<f64>().map_or(Value::Null, Value::from),
        Field::Double(value) => (*value).into(),
        Field::Str(value) => value.as_str().into(),
        Field::Bytes(bytes) => bytes.as_utf8().map_or(Value::Null, Value::from),
        Field::Group(row) => Value::Object(object(row)),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => {
            let entry = |(name, field): &(Field, Field)| {
                let name = if let Field::Str(name) = name { name.clone() } else { name.to_string() };
                (name, value(field))
            };
            Value::Object(map.entries().iter().map(entry).collect())
        }
        Field::Float16(_)
        | Field::Decimal(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_) => field.to_string().into(),
    }
}
