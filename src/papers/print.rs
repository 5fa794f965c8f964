//! A table in lines of text, laid out as its paper has it, with what can be run here at the end of each line and what
//! contradicts a row below it.

use super::{Layout, Paper, Row, Table};

/// Rules under heads and between groups.
const RULE: char = '─';

/// One line of the table before its columns have a width.
enum Line {
    Cells(Vec<String>),
    Below(String),
    Rule,
}

impl Table {
    /// The table as text: heads, rows with their cells exactly as printed, and beside each method `runnable` or
    /// `literature`. Notes of rows stand below the rows. Ends in a newline.
    pub fn text(&self, paper: &Paper) -> String {
        let mut lines = match self.layout {
            Layout::Plain | Layout::RowGroups => self.rows_below_each_other(paper),
            Layout::ColumnGroups => self.groups_side_by_side(paper),
            Layout::MetricRows => self.metrics_below_each_other(paper),
        };
        lines.push(Line::Rule);
        let left = if self.layout == Layout::Plain || self.layout == Layout::ColumnGroups { 1 } else { 2 };
        aligned(&lines, left)
    }

    fn here(&self, paper: &Paper, row: &Row) -> String {
        if paper.runnable(self, row).is_some() { "runnable" } else { "literature" }.to_owned()
    }

    fn rows_below_each_other(&self, paper: &Paper) -> Vec<Line> {
        let grouped = self.layout == Layout::RowGroups;
        let line = |group: &str, method: String, values: &[String], here: String| {
            let start = if grouped { vec![group.to_owned(), method] } else { vec![method] };
            Line::Cells(start.into_iter().chain(values.iter().cloned()).chain([here]).collect())
        };
        let mut lines = vec![line("Prot.", "Method".to_owned(), &self.heads, String::new())];
        let mut before = None;
        for row in &self.rows {
            let opens = before != Some(&row.group);
            if opens {
                lines.push(Line::Rule);
            }
            before = Some(&row.group);
            let group = if opens { row.group.as_str() } else { "" };
            lines.push(line(group, row.title(), &row.values, self.here(paper, row)));
            lines.extend(note(&row.note));
        }
        lines
    }

    fn groups_side_by_side(&self, paper: &Paper) -> Vec<Line> {
        let groups = self.groups();
        let mut over = vec![String::new()];
        let mut heads = vec!["Method".to_owned()];
        for group in &groups {
            // The group's name stands over the last of its columns, which are flush right.
            over.extend(vec![String::new(); self.heads.len() - 1]);
            over.push((*group).to_owned());
            heads.extend(self.heads.iter().cloned());
        }
        let mut lines = vec![Line::Cells(over), Line::Cells(heads), Line::Rule];
        for method in self.methods() {
            let rows: Vec<&Row> = groups.iter().filter_map(|g| self.row(method, g)).collect();
            let mut cells = vec![rows.first().map_or_else(|| method.to_owned(), |r| r.title())];
            for group in &groups {
                match self.row(method, group) {
                    Some(row) => cells.extend(row.values.iter().cloned()),
                    None => cells.extend(vec![String::new(); self.columns.len()]),
                }
            }
            cells.extend(rows.first().map(|row| self.here(paper, row)));
            lines.push(Line::Cells(cells));
            lines.extend(rows.iter().filter(|r| !r.note.is_empty()).map(|r| noted_under(r)));
        }
        lines
    }

    fn metrics_below_each_other(&self, paper: &Paper) -> Vec<Line> {
        let groups = self.groups();
        let start = ["Method", "Metric(%)"].map(str::to_owned).into_iter();
        let mut lines = vec![Line::Cells(start.chain(groups.iter().map(|g| (*g).to_owned())).collect())];
        for method in self.methods() {
            lines.push(Line::Rule);
            let rows: Vec<&Row> = groups.iter().filter_map(|g| self.row(method, g)).collect();
            for (at, head) in self.heads.iter().enumerate() {
                let title = rows.first().filter(|_| at == 0).map(|r| r.title()).unwrap_or_default();
                let values = rows.iter().map(|r| r.values[at].clone());
                let here = rows.first().filter(|_| at == 0).map(|r| self.here(paper, r));
                lines.push(Line::Cells([title, head.clone()].into_iter().chain(values).chain(here).collect()));
            }
            lines.extend(rows.iter().filter(|r| !r.note.is_empty()).map(|r| noted_under(r)));
        }
        lines
    }
}

fn note(text: &str) -> Option<Line> {
    (!text.is_empty()).then(|| Line::Below(text.to_owned()))
}

fn noted_under(row: &Row) -> Line {
    Line::Below(format!("{}: {}", row.group, row.note))
}

/// Lines with columns of one width each: the first `left` and whatever follows the last number flush left.
fn aligned(lines: &[Line], left: usize) -> String {
    let width = |cell: &String| cell.chars().count();
    let mut widths: Vec<usize> = vec![];
    for line in lines {
        if let Line::Cells(cells) = line {
            widths.resize(widths.len().max(cells.len()), 0);
            for (at, cell) in cells.iter().enumerate() {
                widths[at] = widths[at].max(width(cell));
            }
        }
    }
    // A group's name may be wider than the column it closes, so all columns of numbers share what they need.
    let whole = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
    let last = widths.len().saturating_sub(1);
    let mut out = String::new();
    for line in lines {
        match line {
            Line::Rule => out.extend(std::iter::repeat_n(RULE, whole)),
            Line::Below(text) => {
                out.push_str("    ^ ");
                out.push_str(text);
            }
            Line::Cells(cells) => {
                let mut text = String::new();
                for (at, cell) in cells.iter().enumerate() {
                    let blanks = " ".repeat(widths[at] - width(cell));
                    let gap = if at == 0 { "" } else { "  " };
                    text.push_str(gap);
                    if at < left || at == last {
                        text.push_str(cell);
                        text.push_str(&blanks);
                    } else {
                        text.push_str(&blanks);
                        text.push_str(cell);
                    }
                }
                out.push_str(text.trim_end());
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::papers::{papers, table};

    fn text(name: &str) -> String {
        let (paper, table) = table(name).unwrap();
        table.text(paper)
    }

    /// The first line that starts with `start`, its words.
    fn words(text: &str, start: &str) -> Vec<String> {
        let line = text.lines().find(|l| l.trim_start().starts_with(start)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn every_cell_of_every_table_is_shown_as_printed_and_columns_end_together() {
        for paper in papers() {
            for table in &paper.tables {
                let text = table.text(paper);
                for row in &table.rows {
                    let shown = |c: &String| text.contains(c.as_str());
                    assert!(row.values.iter().all(shown) && text.contains(&row.title()), "{}", paper.table_name(table));
                    assert!(text.contains(&row.note), "{}", row.note);
                }
            }
        }
        let six = text("mt_fas/6");
        let heads = six.lines().next().unwrap();
        let end = heads.find("ACER(%)").unwrap() + "ACER(%)".len() - heads.len();
        assert_eq!(end, 0, "{six}");
        assert!(six.lines().skip(2).take(8).all(|l| l.chars().count() > heads.chars().count()), "{six}");
    }

    #[test]
    fn layouts_are_those_of_the_papers() {
        let one = text("mt_fas/1");
        assert_eq!(words(&one, "CDCN(MT)"), ["CDCN(MT)", "0.0", "0.8", "0.4", "runnable"]);
        assert_eq!(words(&one, "1 "), ["1", "GRADIANT", "[63]", "1.3", "12.5", "6.9", "literature"]);
        let two = text("mt_fas/2");
        assert_eq!(words(&two, "STDN")[..5], ["STDN", "[66]", "APCER", "1.6", "0.0"]);
        assert_eq!(words(&two, "BPCER").len(), 15);
        let three = text("mt_fas/3");
        assert_eq!(words(&three, "MS LBP")[3..7], ["29.76", "78.50", "54.28", "44.98"]);
        assert!(three.contains("^ I&C&M to O: AUC 66.61 here, 77.61 in RFMetaFAS, Table 1"), "{three}");
    }
}
