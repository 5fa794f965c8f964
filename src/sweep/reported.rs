//! Which rows of the papers' tables a run stands beside: it has the row's method and one of its protocols. How large
//! it is (width, faces a batch, frames a clip) and how its faces are cut, augmented and scored may differ: few runs
//! are as large as a paper's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Shelved;
use super::case::dotted;
use crate::config::Preset;
use crate::papers::{self, Paper, Row, Runnable, Table, papers};

const WIDTH: &str = "detector.width";

/// A row of a paper that a run stands beside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reported {
    /// The paper.
    pub paper: &'static Paper,
    /// The table.
    pub table: &'static Table,
    /// The row.
    pub row: &'static Row,
}

impl Reported {
    /// The cell of a column, as printed; `None` where the table has no such column.
    pub fn cell(&self, column: &str) -> Option<&'static str> {
        let at = self.table.columns.iter().position(|c| c == column)?;
        self.row.values.get(at).map(String::as_str)
    }
}

/// Settings that make a run smaller or larger, or say how its faces are cut and scored, and no other method.
const OF_SIZE: [&str; 7] =
    [WIDTH, "detector.batch", "data.frames", "data.crop", "evaluate.level", "augment.stages", "augment.set"];

/// The rows that `run` stands beside, at most one a table: where several would fit, the one of its width. Means over
/// several protocols belong to no single run.
pub fn reported(run: &Shelved) -> Vec<Reported> {
    let preset = nearest(run);
    let usual = dotted(&preset.config());
    let mut all = vec![];
    for paper in papers() {
        for table in &paper.tables {
            let fitting = table.rows.iter().filter_map(|row| {
                let runnable = paper.runnable(table, row)?;
                // A run on data of one's own stands beside no paper.
                let alone = run.config.protocol().is_some_and(|own| runnable.protocols.as_slice() == [own.to_owned()]);
                let fits = alone && has_method(run, &runnable, &usual);
                fits.then(|| (width_fits(run, &runnable, preset), Reported { paper, table, row }))
            });
            all.extend(fitting.max_by_key(|(width, _)| *width).map(|(_, reported)| reported));
        }
    }
    all
}

/// Whether all that makes a method is the row's: what the row does not name is as `usual`.
fn has_method(run: &Shelved, row: &Runnable, usual: &BTreeMap<String, Value>) -> bool {
    // How a method is trained is not which one it is.
    let method = |key: &&str| !OF_SIZE.contains(key) && !row.recipe.contains_key(*key) && !row.small.contains_key(*key);
    papers::method_keys().into_iter().filter(method).all(|key| {
        let named = row.method.get(key).map(|v| serde_json::to_value(v).unwrap_or_default());
        let (wanted, own) = (named.as_ref().or_else(|| usual.get(key)), run.table.get(key));
        match (wanted.and_then(Value::as_f64), own.and_then(Value::as_f64)) {
            // A longer pretraining is the same method, none at all is another.
            (Some(a), Some(b)) if key.ends_with(".iterations") => (a == 0.0) == (b == 0.0),
            // A whole number in the one file may be a broken one in the other.
            (Some(a), Some(b)) => a == b,
            _ => wanted == own,
        }
    })
}

/// How well the run's width is the row's, where the row names one.
fn width_fits(run: &Shelved, row: &Runnable, preset: Preset) -> u8 {
    let width = |row: &Runnable| row.method.get(WIDTH).and_then(toml::Value::as_integer);
    match width(row) {
        None => 1,
        Some(_) if width(&row.at(preset.config().detector.width)) == Some(run.config.detector.width) => 2,
        Some(_) => 0,
    }
}

/// The preset that the fewest of the run's settings differ from.
fn nearest(run: &Shelved) -> Preset {
    let differ = |preset: &Preset| {
        let table = dotted(&preset.config());
        run.table.iter().filter(|(key, value)| table.get(*key) != Some(value)).count()
    };
    Preset::ALL.into_iter().min_by_key(differ).unwrap_or(Preset::Paper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::shelf::tests::shelved;

    fn rows(sets: &[(&str, &str)]) -> Vec<String> {
        let told = |r: Reported| format!("{} {} {}", r.paper.table_name(r.table), r.row.group, r.row.method);
        reported(&shelved("run", sets)).into_iter().map(told).collect()
    }

    #[test]
    fn a_run_stands_beside_the_row_that_says_most_of_it() {
        let oulu = ("data.protocol", "oulu_npu/1");
        assert_eq!(rows(&[oulu]), ["mt_fas/6 1 FAS-DR(MT)"]);
        // The demo's FAS-DR is 4 wide where the paper's is 16: 64 is 16 there.
        assert_eq!(rows(&[oulu, ("detector.width", "16")]), ["mt_fas/6 1 FAS-DR(MT)64"]);
        assert_eq!(rows(&[oulu, ("pretrain.iterations", "0")]), ["mt_fas/6 1 FAS-DR(MT w/o pre)"]);
        let depth = rows(&[oulu, ("detector.supervision", "depth")]);
        assert_eq!(depth, ["mt_fas/1 1 FAS-DR(Depth)", "mt_fas/6 1 FAS-DR(Depth)"]);
        let hfn =
            [("data.protocol", "mico/OMI-C"), ("detector.network", "hfn"), ("detector.supervision", "binary_map")];
        let lbp = rows(&[&hfn[..], &[("meta_pattern.pattern", "color_lbp")]].concat());
        assert_eq!(lbp, ["meta_pattern/I O&M&I to C HFN+ColorLBP"]);
        assert_eq!(rows(&[("data.protocol", "casia_fasd/7")]), Vec::<String>::new());
    }
}
