//! What the maps of every kind are worth on the test part: a row a kind of map for runs that differ in the seed alone.

use super::Table;
use super::cell::Cell;
use super::results::{Group, spreads_note};
use crate::report::ReportError;
use crate::report::runs::Run;

/// Kinds of map: key of results.json, and what people read.
const KINDS: [(&str, &str); 5] = [
    ("pretrained", "Pretrained teacher"),
    ("teacher", "Teacher"),
    ("momentum_teacher", "Momentum teacher"),
    ("detector", "Detector"),
    ("mean_map", "Mean of the teacher's maps"),
];

/// Numbers: key of results.json, head for programs, head for people. All are per cent of their greatest value.
const NUMBERS: [(&str, &str, &str); 5] = [
    ("auc", "auc_percent", "AUC of means (%)"),
    ("separation", "separation_percent", "Separation (%)"),
    ("spread", "spread_percent", "Spread (%)"),
    ("pixel_auc", "pixel_auc_percent", "Pixel AUC (%)"),
    ("pixel_precision", "pixel_precision_percent", "Pixel precision (%)"),
];

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    if paper {
        return Err(ReportError::wrong("--paper has no rows for maps; take it with results or cost"));
    }
    let (groups, notes) = Group::all(runs)?;
    let heads = [("method", "Method"), ("source", "Source"), ("map", "Map")];
    let mut table = Table::new(&heads);
    table.heads.extend(NUMBERS.iter().map(|(_, key, head)| ((*key).to_owned(), (*head).to_owned())));
    for group in &groups {
        for (kind, name) in KINDS.iter().filter(|(kind, _)| group.results.iter().any(|r| r["maps"][kind].is_object())) {
            let number = |&(key, ..): &(&str, &str, &str)| {
                let own = format!("{key}_ci");
                group.rates(|r| &r["maps"][kind][key], |r| &r["maps"][kind][own.as_str()])
            };
            let mut row = vec![Cell::text(&group.title), Cell::text(&group.source), Cell::text(*name)];
            row.extend(NUMBERS.iter().map(number));
            table.rows.push(row);
        }
    }
    if table.rows.is_empty() {
        let what =
            "no maps judged on its test part: it has neither a meta-teacher nor masks, or an older version scored it";
        return Err(ReportError::lacks(&runs[0].path, what));
    }
    table.notes.push(format!(
        "Separation: mean over attacks less mean over live faces. Spread: mean standard deviation within an attack's map. \
         Pixel AUC and average precision: against the mask of the attack's material, mean over attacks. {}",
        spreads_note(&groups)
    ));
    table.notes.extend(notes);
    Ok(table)
}
