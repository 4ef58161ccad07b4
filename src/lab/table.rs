//! The table of results as a Parquet file.

use std::{path::Path, sync::Arc};

use parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};

use super::{
    columns::{COLUMNS, ColumnKind, ColumnValue, ResultColumn, ResultRow},
    error::LabError,
    store::write_file,
};

/// Writes `rows` as one Parquet file of one row group, uncompressed; an existing file is replaced whole.
///
/// # Errors
/// When it cannot be written.
pub fn write_table(path: &Path, rows: &[ResultRow]) -> Result<(), LabError> {
    let failed = |error: ParquetError| LabError::Table { path: path.to_owned(), reason: error.to_string() };
    write_file(path, &table(rows).map_err(failed)?)
}

fn table(rows: &[ResultRow]) -> Result<Vec<u8>, ParquetError> {
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema()?, properties)?;
    let mut group = writer.next_row_group()?;
    for column in COLUMNS {
        write_column(&mut group, column, rows)?;
    }
    group.close()?;
    writer.into_inner()
}

fn schema() -> Result<TypePtr, ParquetError> {
    let field = |column: &ResultColumn| {
        let physical = match column.kind {
            ColumnKind::Text => Physical::BYTE_ARRAY,
            ColumnKind::Whole => Physical::INT64,
            ColumnKind::Real => Physical::DOUBLE,
            ColumnKind::Flag => Physical::BOOLEAN,
        };
        let logical = (column.kind == ColumnKind::Text).then_some(LogicalType::String);
        let field = Type::primitive_type_builder(column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(field))
    };
    let fields = COLUMNS.iter().map(field).collect::<Result<Vec<TypePtr>, ParquetError>>()?;
    Ok(Arc::new(Type::group_type_builder("cells").with_fields(fields).build()?))
}

/// Writes a column: its values, and for each row whether there is one.
fn write_column(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    column: &ResultColumn,
    rows: &[ResultRow],
) -> Result<(), ParquetError> {
    let (mut texts, mut wholes, mut reals, mut flags) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut there = Vec::with_capacity(rows.len());
    for row in rows {
        there.push(i16::from(match (column.get)(row) {
            ColumnValue::Text(value) => keep(&mut texts, value.as_deref().map(ByteArray::from)),
            ColumnValue::Whole(value) => keep(&mut wholes, value),
            ColumnValue::Real(value) => keep(&mut reals, value),
            ColumnValue::Flag(value) => keep(&mut flags, value),
        }));
    }
    let mut writer =
        group.next_column()?.ok_or_else(|| ParquetError::General("the schema ends too early".into()))?;
    match column.kind {
        ColumnKind::Text => writer.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None)?,
        ColumnKind::Whole => writer.typed::<Int64Type>().write_batch(&wholes, Some(&there), None)?,
        ColumnKind::Real => writer.typed::<DoubleType>().write_batch(&reals, Some(&there), None)?,
        ColumnKind::Flag => writer.typed::<BoolType>().write_batch(&flags, Some(&there), None)?,
    };
    writer.close()
}

fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let there = value.is_some();
    values.extend(value);
    there
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::testing::row;

    #[test]
    fn a_table_is_read_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("results.parquet");
        let rows = [row("direct", 1, Some(true)), row("refine", 2, None)];
        write_table(&path, &rows).unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let read: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(read.len(), 2);
        assert!(read[0].contains("right: true") && read[1].contains("right: null"), "{read:?}");
        assert!(read[0].contains("arm: \"direct\"") && read[0].contains("generated: 256"), "{read:?}");
        write_table(&path, &[]).unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing unfinished is left");
    }
}
