//! What a verb prints: one JSON object for programs, or plain text for people.

use std::{fmt, io::Write};

use serde_json::Value;

use super::Trouble;

/// Writes to standard output, in the form that was asked for.
pub(super) struct Printer<'a> {
    json: bool,
    out: &'a mut dyn Write,
}

impl fmt::Debug for Printer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer")
            .field("json", &self.json)
            .finish_non_exhaustive()
    }
}

impl<'a> Printer<'a> {
    pub(super) fn new(json: bool, out: &'a mut dyn Write) -> Self {
        Self { json, out }
    }

    /// Prints the value as one line of JSON, or the text that is made of it.
    pub(super) fn show(&mut self, value: &Value, text: impl FnOnce(&Value) -> String) -> Result<(), Trouble> {
        if self.json {
            self.line(&value.to_string())
        } else {
            self.line(text(value).trim_end())
        }
    }

    /// Prints a line of progress, for people only.
    pub(super) fn progress(&mut self, line: &str) -> Result<(), Trouble> {
        if self.json { Ok(()) } else { self.line(line) }
    }

    fn line(&mut self, line: &str) -> Result<(), Trouble> {
        let written = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        written.map_err(|error| Trouble::new(format!("nothing can be printed: {error}")))
    }
}

/// The text under a key; `-` where there is none.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    match value.get(key) {
        Some(Value::String(text)) if !text.is_empty() => text,
        _ => "-",
    }
}

/// The items of the list under a key.
pub(super) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// A value as a cell of a table.
pub(super) fn cell(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) if parts.is_empty() => "-".to_owned(),
        Some(Value::Array(parts)) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

/// The list under `key` as a table of the named columns; `none` where it is empty.
pub(super) fn table(value: &Value, key: &str, columns: &[&str], none: &str) -> String {
    let rows = items(value, key);
    if rows.is_empty() {
        return none.to_owned();
    }
    let head: Vec<String> = columns
        .iter()
        .map(|column| column.replace('_', " ").to_uppercase())
        .collect();
    let body = rows
        .iter()
        .map(|row| columns.iter().map(|column| cell(row, column)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
    aligned(&lines)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_aligned_and_an_empty_one_says_so() {
        let value = json!({ "rows": [{ "id": "a", "name": "Long name" }, { "id": "longer", "name": null }] });
        assert_eq!(
            table(&value, "rows", &["id", "name"], "none"),
            "ID      NAME\na       Long name\nlonger  -\n"
        );
        assert_eq!(table(&json!({ "rows": [] }), "rows", &["id"], "none yet"), "none yet");
    }

    #[test]
    fn json_is_one_line_and_progress_is_for_people() {
        let mut out = Vec::new();
        let mut printer = Printer::new(true, &mut out);
        printer.progress("half way").unwrap();
        printer
            .show(&json!({ "id": "x" }), |_| panic!("text was not asked for"))
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\"id\":\"x\"}\n");
    }
}
