//! Tables and sheets for people: aligned, without lines, safe to look at.

/// A table: headings in capitals, then a line a row, columns two blanks apart.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// Only headings.
    pub(crate) fn new(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned)],
        }
    }

    /// Adds a row. What is empty is shown as `-`, so that columns can be counted.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| {
            if cell.is_empty() {
                "-".to_owned()
            } else {
                safe(&cell)
            }
        }));
    }

    /// The table, or `none` on a line of its own if it has no rows.
    pub(crate) fn or(self, none: &str) -> String {
        if self.rows.len() < 2 {
            return format!("{none}\n");
        }
        let mut widths = [0_usize; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            let line: Vec<String> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            text.push_str(line.join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

/// Names with values, a line each; what is empty is left out.
pub(crate) fn sheet(lines: &[(&str, String)]) -> String {
    let width = lines
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let shown: Vec<String> = lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:<width$}  {}", safe(value)))
        .collect();
    text(&shown)
}

/// Lines, each with its end.
pub(crate) fn text(lines: &[String]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect()
}

/// What is known of a finding besides its sentence, a line each, indented; what is empty is left
/// out.
pub(crate) fn details(
    path: &str,
    value: Option<&str>,
    expected: Option<&str>,
    help: &str,
) -> Vec<String> {
    let all = [
        ("at", path),
        ("found", value.unwrap_or_default()),
        ("expected", expected.unwrap_or_default()),
        ("help", help),
    ];
    all.into_iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(name, what)| format!("    {name}: {}", safe(what)))
        .collect()
}

/// The text with control characters escaped: it may come from a sender, and terminals obey.
pub(crate) fn safe(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() {
                letter.escape_default().to_string()
            } else {
                letter.to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_headings() {
        let mut table = Table::new(["CODE", "NAME", "STANDING"]);
        table.row(["acme".into(), "Ä Motor Company".into(), "active".into()]);
        table.row(["b2".into(), String::new(), "suspended".into()]);
        assert_eq!(
            table.or("none"),
            "CODE  NAME             STANDING\n\
             acme  Ä Motor Company  active\n\
             b2    -                suspended\n"
        );
    }

    #[test]
    fn a_table_without_rows_says_so() {
        assert_eq!(
            Table::new(["CODE"]).or("No accounts yet."),
            "No accounts yet.\n"
        );
    }

    #[test]
    fn what_a_sender_wrote_cannot_steer_the_terminal() {
        let mut table = Table::new(["FILE"]);
        table.row(["a\u{1b}[2Jb\n.xml".into()]);
        assert_eq!(table.or(""), "FILE\na\\u{1b}[2Jb\\n.xml\n");
    }

    #[test]
    fn a_sheet_leaves_out_what_is_empty() {
        let text = sheet(&[
            ("Number", "SUB-1".into()),
            ("VIN", String::new()),
            ("File", "a".into()),
        ]);
        assert_eq!(text, "Number  SUB-1\nFile    a\n");
    }
}
