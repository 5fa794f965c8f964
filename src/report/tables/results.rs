//! Error rates on the test part, a row for runs that differ in the seed alone.

use serde_json::Value;

use super::Table;
use super::cell::Cell;
use super::paper::{beside, none_beside};
use crate::eval::Interval;
use crate::report::ReportError;
use crate::report::runs::{Run, Seeds, listed, rule_of, score_notes, seeds_apart, titles};

/// Rates: key of results.json, head, and how `assets/papers` calls the column.
const RATES: [(&str, &str, &str); 7] = [
    ("apcer_max", "APCER worst (%)", "apcer"),
    ("apcer_pooled", "APCER pooled (%)", ""),
    ("bpcer", "BPCER (%)", "bpcer"),
    ("acer_max", "ACER (%)", "acer"),
    ("hter", "HTER (%)", "hter"),
    ("eer", "EER (%)", "eer"),
    ("auc", "AUC (%)", "auc"),
];

/// Runs that differ in the seed alone, with their results.
pub(super) struct Group {
    /// What tells it from the other groups.
    pub title: String,
    /// The runs' results.json.
    pub results: Vec<Value>,
    /// Where the numbers come from: `here, synthetic data`.
    pub source: String,
    /// The data's names.
    pub data: String,
}

impl Group {
    /// The groups, and what must be said of them.
    pub fn all(runs: &[Run]) -> Result<(Vec<Self>, Vec<String>), ReportError> {
        let Seeds { groups, mut notes } = seeds_apart(runs);
        let first: Vec<Run> = groups.iter().map(|g| runs[g[0]].clone()).collect();
        let of = |(members, title): (&Vec<usize>, String)| {
            let results = members.iter().map(|&at| runs[at].results()).collect::<Result<_, _>>()?;
            let run = &runs[members[0]];
            let source = if run.is_synthetic() { "here, synthetic data" } else { "here" }.to_owned();
            Ok(Self { title, results, source, data: run.provenance.data.clone() })
        };
        let all: Vec<Self> = groups.iter().zip(titles(&first)).map(of).collect::<Result<_, ReportError>>()?;
        let counted: Vec<Run> = groups.iter().flatten().map(|&at| runs[at].clone()).collect();
        notes.extend(score_notes(&counted, &all.iter().flat_map(|g| &g.results).collect::<Vec<_>>()));
        Ok((all, notes))
    }

    /// The rates that `get` finds in each run's results.
    pub fn rates(&self, get: impl Fn(&Value) -> &Value, interval: impl Fn(&Value) -> &Value) -> Cell {
        let values: Vec<f64> = self.results.iter().filter_map(|r| get(r).as_f64()).collect();
        let own: Option<Interval> = serde_json::from_value(interval(&self.results[0]).clone()).ok();
        Cell::rates(&values, own)
    }

    /// The rule of the threshold.
    pub fn rule(&self) -> String {
        listed(self.results.iter().map(rule_of))
    }
}

/// How the numbers of ours are to be read.
pub(super) fn spreads_note(groups: &[Group]) -> String {
    let several = groups.iter().any(|g| g.results.len() > 1);
    let one = groups.iter().any(|g| g.results.len() == 1);
    let mut parts = vec![];
    if several {
        parts.push(
            "Several runs: mean over seeds ± standard deviation (n − 1) [95 % interval of the mean, Student's t].",
        );
    }
    if one {
        parts.push("One run: [95 % interval over its test part].");
    }
    parts.join(" ")
}

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    let (groups, notes) = Group::all(runs)?;
    let mut heads = vec![
        ("method", "Method"),
        ("source", "Source"),
        ("data", "Data"),
        ("runs", "Runs"),
        ("threshold", "Threshold"),
    ];
    let keys: Vec<String> = RATES.iter().map(|r| format!("{}_percent", r.0)).collect();
    heads.extend(RATES.iter().zip(&keys).map(|(r, key)| (key.as_str(), r.1)));
    let mut table = Table::new(&heads);
    for group in &groups {
        let mut row = vec![Cell::text(&group.title), Cell::text(&group.source), Cell::text(&group.data)];
        row.push(Cell::number(Some(group.results.len() as f64), 0));
        row.push(Cell::text(group.rule()));
        row.extend(RATES.iter().map(|(key, ..)| group.rates(|r| &r[*key], |r| &r["ci"][*key])));
        table.rows.push(row);
    }
    table.notes.push(spreads_note(&groups));
    table.notes.extend(notes);
    if paper {
        let printed = beside(runs);
        if printed.is_empty() {
            table.notes.push(none_beside(runs));
        }
        let row = |p: &super::paper::Printed| {
            let data = format!("{}, {}", p.table.benchmark, p.row.group);
            let mut row = vec![Cell::text(p.row.title()), Cell::text(p.source()), Cell::text(data)];
            row.extend([Cell::text(""), Cell::text("")]);
            row.extend(RATES.iter().map(|r| p.cell(r.2).map_or_else(Cell::undefined, Cell::printed)));
            row
        };
        table.append(printed.iter().map(row).collect());
        let noted = printed.iter().filter(|p| !p.row.note.is_empty());
        table.notes.extend(noted.map(|p| format!("{}, {}: {}.", p.paper.name, p.row.method, p.row.note)));
    }
    Ok(table)
}
