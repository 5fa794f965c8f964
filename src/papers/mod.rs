//! What the papers report: every row of their tables, cell by cell as printed, and which of those rows this program can
//! run. All of it is data in `assets/papers`; nothing of a paper is typed into code. The papers' hyper-parameters are
//! kept elsewhere, with the settings they belong to (`config`). Knows no other module.

mod print;
mod runnable;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use runnable::{Runnable, base_preset, method_keys, width_at};

/// One paper.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Its key in names such as `mt_fas/1`.
    #[serde(skip)]
    pub key: String,
    /// What its method is called.
    pub name: String,
    /// Authors, title, place and year.
    pub citation: String,
    /// Its tables in their order.
    #[serde(rename = "table")]
    pub tables: Vec<Table>,
    /// Values that its figures or text give in digits.
    #[serde(rename = "figure_value", default)]
    pub figure_values: Vec<FigureValue>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// As the paper numbers it: `1` or `I`.
    pub number: String,
    /// The paper's words under or over it.
    pub caption: String,
    /// The data it is about: `OULU-NPU`, `SiW-M`, `MICO`, `MICY`.
    pub benchmark: String,
    /// How the paper lays it out.
    pub layout: Layout,
    /// What the values of a row are: `apcer`, `hter`, …
    pub columns: Vec<String>,
    /// The same as the paper heads them.
    pub heads: Vec<String>,
    /// What a reader should know of the table as a whole.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Its rows as printed; side by side groups one after the other, method by method.
    pub rows: Vec<Row>,
}

/// How a table is laid out on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A method a line, one protocol, which is not printed.
    Plain,
    /// Protocols below each other, a method a line.
    RowGroups,
    /// Protocols side by side, a method a line.
    ColumnGroups,
    /// Protocols side by side, a metric a line.
    MetricRows,
}

/// One method under one protocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The protocol as the paper prints it.
    pub group: String,
    /// The method as the paper prints it.
    pub method: String,
    /// Its number in the paper's list of references, where one is printed.
    pub reference: Option<u32>,
    /// Strings exactly as printed, in the order of [`Table::columns`]: per cent, with a unit where one is printed.
    pub values: Vec<String>,
    /// What contradicts the row, in its own paper or in another.
    #[serde(default)]
    pub note: String,
}

/// A value that a figure or the text about it gives in digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureValue {
    /// Number of the figure.
    pub figure: String,
    /// What was measured.
    pub what: String,
    /// `acer`, `hter` or `auc`.
    pub metric: String,
    /// In per cent, as printed.
    pub value: String,
    /// What a reader should know of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Row {
    /// The method with its reference, as the paper prints it: `CDCN(Depth) [55]`.
    pub fn title(&self) -> String {
        match self.reference {
            Some(number) => format!("{} [{number}]", self.method),
            None => self.method.clone(),
        }
    }
}

impl Table {
    /// The printed protocols, in their order.
    pub fn groups(&self) -> Vec<&str> {
        distinct(self.rows.iter().map(|r| r.group.as_str()))
    }

    /// The printed methods, in their order.
    pub fn methods(&self) -> Vec<&str> {
        distinct(self.rows.iter().map(|r| r.method.as_str()))
    }

    /// The row of `method` under the printed protocol `group`.
    pub fn row(&self, method: &str, group: &str) -> Option<&Row> {
        self.rows.iter().find(|r| r.method == method && r.group == group)
    }
}

fn distinct<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = vec![];
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

impl Paper {
    /// The name of one of its tables, as the command line takes it: `mt_fas/1`.
    pub fn table_name(&self, table: &Table) -> String {
        format!("{}/{}", self.key, table.number)
    }

    /// What stands for `row` of `table` here; `None` for a row that is known from the literature alone.
    pub fn runnable(&self, table: &Table, row: &Row) -> Option<Runnable> {
        runnable::find(self, table, row)
    }
}

const FILES: [(&str, &str); 3] = [
    ("mt_fas", include_str!("../../assets/papers/mt_fas_tables.toml")),
    ("rfmetafas", include_str!("../../assets/papers/rfmetafas_tables.toml")),
    ("meta_pattern", include_str!("../../assets/papers/meta_pattern_tables.toml")),
];

static PAPERS: LazyLock<Vec<Paper>> = LazyLock::new(|| {
    let read = |(key, text): (&str, &str)| {
        #[expect(clippy::expect_used, reason = "an embedded file that a test reads")]
        let paper: Paper = toml::from_str(text).expect("embedded tables");
        Paper { key: key.to_owned(), ..paper }
    };
    FILES.map(read).into()
});

/// The three papers: MT-FAS, RFMetaFAS, Meta Pattern.
pub fn papers() -> &'static [Paper] {
    &PAPERS
}

/// The table called `name`, as `mt_fas/1` or `meta_pattern/IV`, with its paper; the error lists the names there are.
pub fn table(name: &str) -> Result<(&'static Paper, &'static Table), String> {
    let all = || papers().iter().flat_map(|p| p.tables.iter().map(move |t| (p, t)));
    let wanted = name.trim();
    all().find(|(p, t)| p.table_name(t).eq_ignore_ascii_case(wanted)).ok_or_else(|| {
        let names: Vec<String> = all().map(|(p, t)| p.table_name(t)).collect();
        format!("there is no table '{name}'; there are {}", names.join(", "))
    })
}

/// The row that `text` names, as `mt_fas/6 FAS-DR(MT w/o pre)`, if it can be run here. A table with several protocols
/// leaves the protocol open: the settings are those of the method, and those of the protocols that all of them share. The error says what there is instead.
pub fn runnable_row(text: &str) -> Result<Runnable, String> {
    let (name, method) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let (paper, table) = table(name)?;
    let wanted = method.trim();
    let here = |row: &&Row| paper.runnable(table, row).is_some();
    let known = || distinct(table.rows.iter().filter(here).map(|r| r.method.as_str())).join(", ");
    let mut rows = table.rows.iter().filter(|r| r.method.eq_ignore_ascii_case(wanted));
    let Some(row) = rows.next() else {
        return Err(format!("{name} has no row '{wanted}'; rows that can be run are {}", known()));
    };
    let Some(run) = paper.runnable(table, row) else {
        return Err(format!(
            "'{}' is known from the literature alone; rows that can be run are {}",
            row.method,
            known()
        ));
    };
    let others: Vec<Runnable> = rows.filter_map(|row| paper.runnable(table, row)).collect();
    if others.is_empty() {
        return Ok(run);
    }
    // Which protocol is open, but not how its results are judged: the groups of a table share that.
    let shared =
        |(key, value): &(&String, &toml::Value)| others.iter().all(|other| other.protocol.get(*key) == Some(*value));
    let protocol = run.protocol.iter().filter(shared).map(|(k, v)| (k.clone(), v.clone())).collect();
    Ok(Runnable { protocol, protocols: vec![], ..run })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(cell: &str) -> Option<f64> {
        cell.split('±').next()?.parse().ok()
    }

    fn everywhere() -> impl Iterator<Item = (&'static Paper, &'static Table, &'static Row)> {
        papers().iter().flat_map(|p| p.tables.iter().flat_map(move |t| t.rows.iter().map(move |r| (p, t, r))))
    }

    #[test]
    fn all_rows_of_all_tables_are_there_once() {
        let counts: Vec<usize> = papers().iter().flat_map(|p| p.tables.iter().map(|t| t.rows.len())).collect();
        // Methods times protocols, counted in the papers.
        let expected = [11 * 4, 9 * 14, 15 * 4, 7, 7 * 4, 8, 10 * 4, 4 * 4, 3 * 4, 5 * 4, 10 * 4, 6 * 4, 7 * 2];
        assert_eq!(counts, expected);
        for (paper, table, row) in everywhere() {
            let name = format!("{} {} {}", paper.table_name(table), row.method, row.group);
            assert_eq!((row.values.len(), table.heads.len()), (table.columns.len(), table.columns.len()), "{name}");
            let same = table.rows.iter().filter(|r| r.method == row.method && r.group == row.group);
            assert_eq!(same.count(), 1, "{name}");
            for cell in &row.values {
                let known = number(cell).is_some() || ["/", "–", ""].contains(&cell.as_str());
                assert!(known || cell.ends_with(['G', 'H']), "{name}: {cell}");
            }
        }
    }

    #[test]
    fn cells_are_as_printed() {
        let cells = |name: &str, method: &str, group: &str| {
            let (_, table) = table(name).unwrap();
            table.row(method, group).unwrap().values.join(" ")
        };
        assert_eq!(cells("mt_fas/1", "CDCN(MT)", "4"), "0.9±2.0 6.4±4.9 3.7±2.9");
        assert_eq!(cells("mt_fas/2", "FAS-DR(MT)", "Average"), "9.5±9.7 11.6±11.1 10.5±10.3 10.4±10.2");
        assert_eq!(cells("mt_fas/4", "FAS-DR(Depth)", "4"), "6.8±5.2 / / 280G");
        assert_eq!(cells("rfmetafas/1", "Ours", "O&C&M to I"), "17.3 90.48");
        assert_eq!(cells("Meta_Pattern/iii", "HFN+MP (Ours)", "I&C&M to Y"), "17.24 89.76");
        assert!(table("mt_fas/9").unwrap_err().contains("mt_fas/6"));
    }

    #[test]
    fn a_row_is_named_by_table_and_method() {
        let pre = runnable_row("mt_fas/6 FAS-DR(MT w/o pre)").unwrap().sets();
        assert!(
            pre.contains(&"pretrain.iterations=0".to_owned()) && pre.contains(&"data.protocol=oulu_npu/1".to_owned())
        );
        let cdcn = runnable_row("mt_fas/1 cdcn(mt)").unwrap();
        // A table of four protocols leaves it open, but not how its results are judged.
        assert_eq!(cdcn.protocol_sets(), ["evaluate.threshold=dev_eer"]);
        assert!(cdcn.protocols.is_empty());
        let across = runnable_row("rfmetafas/3 Ours (First-order)").unwrap().protocol_sets();
        assert!(across.contains(&"evaluate.threshold=test_eer".to_owned()), "{across:?}");
        assert!(cdcn.method_sets().contains(&"detector.network=cdcn".to_owned()));
        assert!(
            runnable_row("mt_fas/1 STASN")
                .unwrap_err()
                .contains("literature alone; rows that can be run are FAS-DR(Depth), ")
        );
        assert!(
            runnable_row("mt_fas/6").unwrap_err().contains("no row ''; rows that can be run are FAS-DR(MT w/o MTv)")
        );
        assert!(runnable_row("mt_fas/9 x").unwrap_err().contains("there is no table"));
    }

    #[test]
    fn a_row_whose_acer_contradicts_it_bears_a_note_and_no_other_names_a_mean() {
        let mut found = 0;
        for (paper, table, row) in everywhere() {
            let value = |column: &str| {
                let at = table.columns.iter().position(|c| c == column)?;
                number(&row.values[at])
            };
            let (Some(apcer), Some(bpcer), Some(acer)) = (value("apcer"), value("bpcer"), value("acer")) else {
                continue;
            };
            let off = (acer - f64::midpoint(apcer, bpcer)).abs() > 0.1 + 1e-9;
            let told = row.note.contains("is not the mean of APCER and BPCER");
            assert_eq!(off, told, "{} {} {}", paper.table_name(table), row.method, row.group);
            found += usize::from(off);
        }
        assert_eq!(found, 7);
    }

    #[test]
    fn a_row_that_two_papers_print_differently_bears_a_note_in_both() {
        // One method has two names; sources of a protocol are printed in any order.
        let method = |m: &str| m.to_lowercase().replace("binary cnn", "cnn").replace([' ', '-'], "");
        let protocol = |g: &str| {
            let mut letters: Vec<char> = g.chars().filter(char::is_ascii_uppercase).collect();
            let target = letters.pop();
            letters.sort_unstable();
            (letters, target)
        };
        let mut different = vec![];
        for (p, t, row) in everywhere().filter(|(_, t, _)| t.columns == ["hter", "auc"]) {
            for (q, _, other) in everywhere().filter(|(_, u, _)| u.columns == t.columns) {
                let same =
                    method(&row.method) == method(&other.method) && protocol(&row.group) == protocol(&other.group);
                let cells = row.values.iter().zip(&other.values);
                let differs = |(a, b): (&String, &String)| number(a).zip(number(b)).is_some_and(|(a, b)| a != b);
                if p.key != q.key && same && cells.into_iter().any(differs) {
                    assert!(row.note.contains(&q.name), "{}: {}", row.method, row.note);
                    different.push(row.method.as_str());
                }
            }
        }
        assert_eq!(different, ["CNN", "Auxiliary(Depth only)", "Binary CNN", "Auxiliary(Depth Only)"]);
    }
}
