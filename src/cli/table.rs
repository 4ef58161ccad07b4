//! Plain tables: columns as wide as their widest cell.

use unicode_width::UnicodeWidthStr;

/// Returns the rows as lines with aligned columns. Columns whose header starts with `>` are set flush right.
pub fn render(header: &[&str], rows: &[Vec<String>]) -> String {
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
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
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
}
