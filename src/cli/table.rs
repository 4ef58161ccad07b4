//! Plain tables: columns as wide as their widest cell.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use output::pictured_line;

/// Returns the rows as lines with aligned columns; a cell is one line, and safe to print. Columns whose header starts with
/// `>` are set flush right.
pub fn render(header: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<Cow<'_, str>>> =
        rows.iter().map(|row| row.iter().map(|cell| pictured_line(cell)).collect()).collect();
    let names: Vec<&str> = header.iter().map(|name| name.trim_start_matches('>')).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells.chain([names[column].width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (column, cell) in cells.enumerate().take(widths.len()) {
            let pad = " ".repeat(widths[column].saturating_sub(cell.width()));
            let gap = if column == 0 { "" } else { "  " };
            match header[column].starts_with('>') {
                true => line.extend([gap, &pad, cell]),
                false => line.extend([gap, cell, &pad]),
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    };
    let mut text = line(&mut names.iter().copied());
    for row in &rows {
        text.push_str(&line(&mut row.iter().map(|cell| &**cell)));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_align() {
        let rows =
            [vec!["a".into(), "10".into(), "x".into()], vec!["日本".into(), "5".into(), String::new()]];
        let text = super::render(&["name", ">n", "note"], &rows);
        assert_eq!(text, "name   n  note\na     10  x\n日本   5\n");
    }

    #[test]
    fn a_cell_cannot_act_nor_make_rows() {
        let rows = [vec!["a\u{1b}[2J".into(), "x\ny".into()], vec!["b\u{202e}".into(), "z".into()]];
        let text = super::render(&["name", "note"], &rows);
        assert_eq!(text, "name   note\na␛[2J  x y\nb\u{fffd}     z\n");
    }
}
