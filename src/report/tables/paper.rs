//! Which rows of the papers belong beside a run: those of every table that has a row for the run's protocol, under that
//! protocol.

use crate::papers::{Paper, Row, Table, papers};
use crate::report::runs::{Run, listed};

/// A printed row with where it stands.
pub struct Printed {
    pub paper: &'static Paper,
    pub table: &'static Table,
    pub row: &'static Row,
}

impl Printed {
    /// `MT-FAS, Table 1, as printed`.
    pub fn source(&self) -> String {
        format!("{}, Table {}, as printed", self.paper.name, self.table.number)
    }

    /// The cell of `column`, as `assets/papers` calls it.
    pub fn cell(&self, column: &str) -> Option<&'static str> {
        let at = self.table.columns.iter().position(|c| c == column)?;
        self.row.values.get(at).map(String::as_str)
    }
}

/// Rows of all tables about a protocol of `runs`.
pub fn beside(runs: &[Run]) -> Vec<Printed> {
    let mut all = vec![];
    for paper in papers() {
        for table in &paper.tables {
            let is_of = |row: &Row, run: &Run| {
                let own = run.config.protocol();
                paper.runnable(table, row).is_some_and(|r| own.is_some_and(|own| r.protocols.iter().any(|p| p == own)))
            };
            let mut groups: Vec<&str> = vec![];
            for row in &table.rows {
                // A mean over protocols stands beside no single one.
                let single = paper.runnable(table, row).is_some_and(|r| r.protocols.len() == 1);
                if single && runs.iter().any(|run| is_of(row, run)) && !groups.contains(&row.group.as_str()) {
                    groups.push(&row.group);
                }
            }
            let of_groups = table.rows.iter().filter(|row| groups.contains(&row.group.as_str()));
            all.extend(of_groups.map(|row| Printed { paper, table, row }));
        }
    }
    all
}

/// What is said where no table is about the runs' protocols.
pub fn none_beside(runs: &[Run]) -> String {
    let protocols =
        listed(runs.iter().map(|r| r.config.protocol().map_or_else(|| r.provenance.data.clone(), str::to_owned)));
    format!("No table of the papers is about {protocols}.")
}
